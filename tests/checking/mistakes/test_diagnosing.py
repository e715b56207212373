# SPDX-License-Identifier: MIT
"""Diagnoses: a wrong gradient that nobody knows gets no name, and two mistakes are found beside each other.

What two mistakes are said to be must make exactly the gradient that was given.
"""

from dataclasses import replace

import numpy as np
import pytest

from culpa import Network
from culpa.checking.mistakes import diagnosing
from culpa.checking.mistakes.cases import case_of
from culpa.checking.mistakes.diagnosing import diagnosed
from culpa.checking.mistakes.dictionary import plantable
from culpa.checking.mistakes.layers import cost
from culpa.checking.mistakes.reading import read_claim
from culpa.checking.mistakes.scene import backward
from culpa.checking.mistakes.searching import search
from tests.checking.mistakes.planting import (
    PROBES,
    asked,
    blocks_named,
    each_probe,
    given,
    makes,
    names,
    planted,
    same,
    step_of,
    to_digits,
)

# --- wrong gradients that no mistake explains ---

RELATIVE = (1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0)


def everywhere(random, mine, size):
    return [[part * (1 + size * random.normal(size=part.shape)) for part in layer] for layer in mine]


def in_a_block(random, mine, size):
    k, letter = random.integers(len(mine)), random.integers(2)
    mine[k][letter] = mine[k][letter] + size * np.abs(mine[k][letter]).max() * random.normal(size=mine[k][letter].shape)
    return mine


def in_an_entry(random, mine, size):
    part = mine[random.integers(len(mine))][random.integers(2)]
    part.flat[random.integers(part.size)] += size * np.abs(part).max()
    return mine


def rows_permuted(random, mine, size):
    k = random.integers(len(mine))
    mine[k][0] = np.roll(mine[k][0], random.integers(1, len(mine[k][0])), axis=0)
    return mine


def rows_scaled(random, mine, size):
    k = random.integers(len(mine))
    mine[k][0] = mine[k][0] * random.uniform(0.5, 2, (len(mine[k][0]), 1))
    return mine


def without_signs(random, mine, size):
    k = random.integers(len(mine))
    mine[k][0] = np.abs(mine[k][0])
    return mine


def clipped_by_entry(random, mine, size):
    return [[np.clip(part, *np.quantile(part, [0.2, 0.8])) for part in layer] for layer in mine]


def only_signs(random, mine, size):
    return [[np.sign(part) for part in layer] for layer in mine]


def to_unit_rows(random, mine, size):
    k = random.integers(len(mine))
    mine[k][0] = mine[k][0] / np.linalg.norm(mine[k][0], axis=1, keepdims=True)
    return mine


def centred(random, mine, size):
    k = random.integers(len(mine))
    mine[k][0] = mine[k][0] - mine[k][0].mean()
    return mine


SPOILT = (
    everywhere, in_a_block, in_an_entry, rows_permuted, rows_scaled, without_signs, clipped_by_entry, only_signs,
    to_unit_rows, centred,
)  # fmt: skip


def of_another_network(random, at):
    """The right gradient at other parameters of the same shapes."""
    layers = tuple(
        replace(layer, **{name: random.normal(size=getattr(layer, name).shape) for name in "Wb"})
        for layer in at.network.layers
    )
    return planted(at._replace(network=replace(at.network, layers=layers)))


def at_other_inputs(random, at):
    """The right gradient for inputs that were standardised, or disturbed."""
    X = (at.X - at.X.mean(axis=0)) / at.X.std(axis=0) if random.random() < 0.5 else at.X + 0.1 * random.normal()
    return planted(at._replace(X=X))


def with_dropout(random, at):
    """The right gradient of the network with some of the first layer's weights switched off."""
    first, *others = at.network.layers
    layers = (replace(first, W=first.W * (random.random(first.W.shape) < 0.7)), *others)
    return planted(at._replace(network=replace(at.network, layers=layers)))


def by_other_slopes(random, at):
    """The pass with slopes that belong to no activation: of a multiple of a, or raised to a power."""
    c = random.uniform(1.3, 2.5)
    hidden = [
        replace(
            layer,
            activation=replace(layer.activation, slope=lambda a, g=layer.activation: g.slope(a) * (c + np.sin(a))),
        )
        for layer in at.network.layers[:-1]
    ]
    return planted(at._replace(network=replace(at.network, layers=(*hidden, at.network.layers[-1]))))


def with_layers_swapped(random, at):
    """Two layers of one shape in each other's place."""
    mine = planted(PROBES["square"] if at is None else at)
    j, k = random.choice(len(mine), 2, replace=False)
    mine[j], mine[k] = mine[k], mine[j]
    return mine


OTHERWISE = (of_another_network, at_other_inputs, with_dropout, by_other_slopes)


def wrong_gradients(name):
    """A hundred for each probe, with no mistake of the dictionary in them."""
    at, random = PROBES[name], np.random.default_rng(len(name))
    for number in range(76):
        spoil, size = SPOILT[number % len(SPOILT)], RELATIVE[number % len(RELATIVE)]
        yield spoil.__name__, spoil(random, planted(at), size)
    for make in (*OTHERWISE * 6, *(with_layers_swapped,) * (6 if name == "square" else 0)):
        yield make.__name__, make(random, at)


def first_off(mine, right):
    """The first block that is off, from the output down: δ_k where both of a layer's are."""
    for k, ((dW, db), (V, c)) in reversed(list(enumerate(zip(mine, right, strict=True), 1))):
        off = [not same([[one]], [[other]]) for one, other in ((dW, V), (db, c))]
        if any(off):
            return f"{'δ' if all(off) else 'W' if off[0] else 'b'}_{k}"
    return None


@each_probe(PROBES)
def test_a_wrong_gradient_that_no_mistake_makes_gets_no_name_but_its_first_guilty_block(name):
    at, scene = PROBES[name], PROBES[name].scene
    right, said = planted(at), []
    for how, mine in wrong_gradients(name):
        guilty = first_off(mine, right)
        found = diagnosed(scene, read_claim(mine, at.network, scene.n))
        said.append((how, found.verdict, found.guilty, found.explanations, found.objective))
        assert said[-1] == (how, "right" if guilty is None else "unknown", guilty, (), None)
        assert {block.ruling for block in found.blocks} <= {"right", "wrong"}
    assert sum(verdict == "unknown" for _, verdict, *_ in said) >= 95


AT_THE_EDGE = {
    "float64": (3e-9, lambda mine: mine),
    "float32": (1e-4, lambda mine: [[part.astype("float32") for part in layer] for layer in mine]),
    "four digits": (3e-4, lambda mine: to_digits(mine, 4)),
}


@pytest.mark.parametrize(("size", "written"), AT_THE_EDGE.values(), ids=AT_THE_EDGE)
def test_noise_that_can_just_be_seen_gets_no_name_either(size, written):
    said = []
    for at in PROBES.values():
        scene, random = at.scene, np.random.default_rng(0)
        for spoil in (in_an_entry, in_a_block) * 6:
            mine = written(spoil(random, planted(at), size))
            said.append(diagnosed(scene, read_claim(mine, at.network, scene.n)).verdict)
    assert set(said) <= {"unknown", "right"}
    assert said.count("unknown") > 20


def test_a_known_mistake_among_them_would_have_been_named():
    at = PROBES["tanh"]
    mine = planted(at)
    mine[0][0] = -mine[0][0]
    assert asked(at, mine).verdict == "mistake"
    assert first_off(mine, planted(at)) == "W_1"


def test_of_an_unknown_gradient_the_worst_entries_are_shown():
    at = PROBES["tanh"]
    right, mine = planted(at), planted(at)
    mine[1][0][2, 3] += 5
    mine[1][0][0, 1] -= 7
    found = asked(at, mine)
    assert [entry.name for entry in found.evidence[:2]] == ["W_2[1, 2]", "W_2[3, 4]"]
    assert found.evidence[0].yours == mine[1][0][0, 1]
    assert found.evidence[0].right == pytest.approx(right[1][0][0, 1], rel=1e-12)
    assert len(found.evidence) == 5


# --- two mistakes ---


def pairs(name, count):
    """Mistakes at two different lines of the pass, drawn at random."""
    at, random = PROBES[name], np.random.default_rng(7)
    steps = [step for step in plantable(at.scene) if step.slip.part not in ("total", "block factor")]
    while count:
        one, other = (steps[i] for i in random.choice(len(steps), 2, replace=False))
        mine = planted(at, one, other)
        alone = planted(at, one), planted(at, other)
        if (one.slip.part, one.k) != (other.slip.part, other.k) and not any(same(mine, part) for part in alone):
            count -= 1
            yield (one, other), mine


@each_probe(PROBES)
def test_two_mistakes_are_explained_exactly_and_nearly_always_found(name):
    at, scene = PROBES[name], PROBES[name].scene
    found = 0
    for steps, mine in pairs(name, 40):
        ways = search(case_of(scene, read_claim(mine, at.network, scene.n)))
        assert [way for way in ways if not makes(scene, way, mine)] == []
        wanted = {(step.slip.kind, step.slip.part, step.k) for step in steps}
        told = [{(step.slip.kind, step.slip.part, step.k) for step in way} for way in ways]
        found += bool(ways) and (wanted in told or cost(ways[0]) <= cost(steps))
    assert found >= 0.95 * 40


def test_an_explanation_of_another_gradient_is_not_taken_for_this_one():
    scene = PROBES["tanh"].scene
    (one, first), (other, second) = list(pairs("tanh", 2))
    assert makes(scene, one, first)
    assert not makes(scene, one, second)
    assert not makes(scene, other[:1], second)


# --- what follows from a mistake ---


def rulings(found):
    return {block.name: block.ruling for block in found.blocks}


def test_one_slip_at_the_output_does_not_read_as_six():
    at = PROBES["tanh"]
    found = asked(at, planted(at, step_of(at, "target left out", 3)))
    given_that = dict.fromkeys(["b_2", "W_2", "b_1", "W_1"], "right given the mistake above")
    assert rulings(found) == {"b_3": "mistake", "W_3": "mistake", **given_that}
    assert (found.guilty, len(found.mistakes)) == ("δ_3", 1)


def test_a_block_that_a_mistake_leaves_as_it_was_is_right():
    at = PROBES["tanh"]
    found = asked(at, planted(at, step_of(at, "labels shifted", 3)))
    assert (rulings(found)["b_3"], rulings(found)["W_3"]) == ("right", "mistake")


def test_what_stands_above_a_mistake_is_right_and_what_stands_below_is_right_given_it():
    at = PROBES["mixed"]
    found = asked(at, planted(at, step_of(at, "g′ missing", 2)))
    assert rulings(found) == {
        "b_4": "right", "W_4": "right", "b_3": "right", "W_3": "right", "b_2": "mistake", "W_2": "mistake",
        "b_1": "right given the mistake above", "W_1": "right given the mistake above",
    }  # fmt: skip


def test_a_block_of_its_own_spoils_no_other():
    at = PROBES["tanh"]
    found = asked(at, planted(at, step_of(at, "wrong axis", 2)))
    assert rulings(found) == {**dict.fromkeys(["b_3", "W_3", "W_2", "b_1", "W_1"], "right"), "b_2": "mistake"}


def test_the_first_guilty_block_is_the_error_where_both_of_a_layers_blocks_are_off():
    found = asked(PROBES["tanh"], [tuple(-part for part in layer) for layer in planted(PROBES["tanh"])])
    assert {block.ruling for block in found.blocks[:2]} == {"mistake"}
    assert (found.verdict, found.guilty) == ("mistake", "δ_3")


def test_one_mistake_repeated_in_every_layer_is_found_in_each():
    at = PROBES["mixed"]
    steps = [step_of(at, "factor 2", k, "bias factor")._replace(choice=2.0) for k in range(1, 5)]
    found = asked(at, planted(at, *steps))
    assert [mistake.block for mistake in found.mistakes] == ["b_4", "b_3", "b_2", "b_1"]
    assert names(found, *steps)


def test_a_mistake_in_the_middle_of_nothing_known_does_not_stop_the_blocks_above_from_being_right():
    at = PROBES["mixed"]
    mine = planted(at)
    mine[1][0] = mine[1][0] + np.random.default_rng(0).normal(size=mine[1][0].shape)
    found = asked(at, mine)
    assert (found.verdict, found.guilty) == ("unknown", "W_2")
    assert [name for name, ruling in rulings(found).items() if ruling == "wrong"] == ["W_2"]


# --- asking ---


def test_the_sum_may_be_what_is_meant():
    at = PROBES["tanh"]
    scene = diagnosing.scene_for(at.network, at.X, at.y, "sum")
    mine = [list(layer) for layer in backward(scene)]
    assert asked(at, mine, reduction="sum").verdict == "right"
    assert asked(at, mine).objective.startswith("summed over the 9 examples")
    assert asked(at, planted(at), reduction="sum").verdict == "another objective"


def test_nothing_that_is_given_is_changed_and_the_same_is_found_again():
    at = PROBES["mixed"]
    mine = planted(at, step_of(at, "g′ missing", 2), step_of(at, "wrong axis", 3))
    before = [part.copy() for layer in mine for part in layer], at.X.copy(), at.y.copy()
    for part in (at.X, at.y, *(part for layer in mine for part in layer)):
        part.flags.writeable = False
    first, second = asked(at, mine), asked(at, mine)
    np.testing.assert_equal(([part for layer in mine for part in layer], at.X, at.y), before)
    assert str(first) == str(second)
    assert [first.hint(step) for step in (1, 2, 3)] == [second.hint(step) for step in (1, 2, 3)]


def test_a_network_without_biases_and_one_layer_alone_are_diagnosed():
    at = given((4, 6, 5, 3))
    bare = at._replace(network=Network.from_arrays([x.W for x in at.network.layers], hidden="tanh", l2=0.1))
    found = asked(bare, [dW for dW, _ in planted(bare, step_of(bare, "g′ missing", 1))])
    assert [block.name for block in found.blocks] == ["W_3", "W_2", "W_1"]
    assert {("g′ missing", "δ_1")} in map(blocks_named, found.explanations)
    alone = given((5, 3))
    found = asked(alone, planted(alone, step_of(alone, "target left out", 1)))
    assert blocks_named(found.mistakes) == {("target left out", "δ_1")}


def test_users_own_activations_and_losses_are_diagnosed_too():
    at = PROBES["tanh"]
    hidden = [
        replace(layer, activation=replace(layer.activation, name="mine")) if layer.activation.name == "tanh" else layer
        for layer in at.network.layers
    ]
    loss = replace(at.network.loss, name="ours")
    at = at._replace(network=replace(at.network, layers=tuple(hidden), loss=loss))
    assert asked(at, planted(at)).verdict == "right"
    assert {("g′ missing", "δ_2")} in map(
        blocks_named, asked(at, planted(at, step_of(at, "g′ missing", 2))).explanations
    )
