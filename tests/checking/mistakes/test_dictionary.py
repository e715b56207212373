# SPDX-License-Identifier: MIT
"""The dictionary: every mistake that can be planted is named, by kind and by the block that it spoils.

Planted twice: by the table's own programs, wherever they change a gradient, and by a backward pass written by hand as
a course teaches it (`textbook`). A diagnosis may list other explanations too, where they are the same formula.
"""

import re

import numpy as np
import pytest

from culpa.checking.mistakes.diagnosing import diagnosed
from culpa.checking.mistakes.diagnosis import mistake_of
from culpa.checking.mistakes.dictionary import MISTAKES, plantable
from culpa.checking.mistakes.fitting import EDGE
from culpa.checking.mistakes.reading import read_claim
from culpa.checking.mistakes.scene import Step, backward
from tests.checking.mistakes.planting import (
    OTHERS,
    PROBES,
    blocks_named,
    each_probe,
    given,
    names,
    planted,
    same,
    to_digits,
)
from tests.checking.mistakes.textbook import SCALES, Bug, Course, bugs

ALL = {**PROBES, **OTHERS, "wide": given((45, 50, 42, 5), ["tanh", "relu"], n=12)}
STEPS = {name: plantable(at.scene) for name, at in PROBES.items()}
# What is special about the others is their loss and their slopes.
STEPS |= {name: [s for s in plantable(at.scene) if s.slip.part in ("output", "slope")] for name, at in OTHERS.items()}


def diagnosis(at, mine):
    """What is found, without what could not have been seen."""
    scene = at.scene
    return diagnosed(scene, read_claim(mine, at.network, scene.n))


def missed(name, steps, as_given=lambda mine: mine):
    """The slips that no explanation names, among those that are not another objective's right gradient."""
    mistaken = [step for step in steps if step.slip.kind != "not zeroed"]
    return [step for step in mistaken if not names(diagnosis(ALL[name], as_given(planted(ALL[name], step))), step)]


@each_probe(STEPS)
def test_every_mistake_of_the_table_is_named_with_its_layer(name):
    assert missed(name, STEPS[name]) == []


def test_of_mistakes_rounded_to_four_digits_99_in_100_are_named():
    # Every third one, to save time; which ones these are differs from layer to layer and from probe to probe.
    planted = {name: STEPS[name][::3] for name in PROBES}
    lost = [(name, step) for name in PROBES for step in missed(name, planted[name], lambda mine: to_digits(mine, 4))]
    assert len(lost) <= 0.01 * sum(map(len, planted.values())), lost


def in_float32(mine):
    """The same in single precision."""
    return [[part.astype("float32") for part in layer] for layer in mine]


@each_probe(PROBES)
def test_in_float32_they_are_named_as_well(name):
    assert missed(name, STEPS[name][1::8], in_float32) == []


@pytest.mark.parametrize("as_given", [list, in_float32, lambda mine: to_digits(mine, 4)], ids=["64", "32", "rounded"])
def test_blocks_so_large_that_a_corner_is_looked_at_first_make_no_difference(as_given):
    at = ALL["wide"]
    assert min(map(max, (part.shape for layer in planted(at)[:2] for part in layer))) > EDGE
    assert missed("wide", plantable(at.scene)[5::40], as_given) == []


@each_probe(PROBES)
def test_a_whole_gradient_twice_as_large_is_the_right_one_of_another_objective(name):
    (step,) = (step for step in STEPS[name] if step.slip.kind == "not zeroed")
    found = diagnosis(PROBES[name], planted(PROBES[name], step))
    assert (found.verdict, "when two calls add up" in found.objective) == ("another objective", True)


def test_every_row_of_the_table_changes_a_gradient_somewhere():
    shown = {(step.slip.part, step.slip.kind) for steps in STEPS.values() for step in steps}
    assert shown == {(slip.part, slip.kind) for slip in MISTAKES}


def test_a_row_is_told_from_all_others_by_its_kind_and_its_block():
    rows = [(slip.kind, mistake_of(Step(slip, 1, 1.0), PROBES["tanh"].scene).block) for slip in MISTAKES]
    assert len(set(rows)) == len(rows)


@each_probe(STEPS)
def test_every_sentence_and_line_is_filled_in_and_every_line_says_what_it_changes(name):
    scene = ALL[name].scene
    told = [mistake_of(step, scene) for step in STEPS[name]]
    words = [text for mistake in told for text in (mistake.sentence, mistake.line, mistake.code)]
    assert [text for text in words if re.search(r"[{}]|None", text) or text != text.strip()] == []
    assert {text[-1] for text in (mistake.sentence for mistake in told)} <= {".", ")"}


def test_the_pass_without_slips_is_the_one_that_is_written_by_hand():
    for at in PROBES.values():
        for mine, theirs in zip(planted(at), by_hand(at), strict=True):
            for block, other in zip(mine, theirs, strict=True):
                np.testing.assert_allclose(block, other, rtol=1e-12, atol=1e-15)


CONSTANTS = [
    ("W already updated", "δ_2", "η", 0.0625),
    ("stray factor", "δ_1", "factor", 0.7311),
    ("stray factor", "W_3", "factor", -1.25),
    ("stray factor", "b_2", "factor", 3.14),
    ("another decay", "W_2", "λ", 0.0271),
    ("decay on biases", "b_3", "λ", 0.0815),
    ("one example missing", "δ_3", "example", 6),
    ("= in place of +=", "δ_3", "example", 0),
    ("from one example only", "W_2", "example", 8),
    ("from one example only", "b_1", "example", 0),
    ("g′ of another activation", "δ_2", "activation", "softplus"),
    ("g′ of another activation, in h", "δ_1", "activation", "logistic"),
    ("labels shifted", "δ_3", "shift", -1),
]


@pytest.mark.parametrize("digits", [None, 4])
@pytest.mark.parametrize(("kind", "block", "name", "value"), CONSTANTS)
def test_an_unknown_constant_comes_back(kind, block, name, value, digits):
    at = PROBES["tanh"]
    step = step_named(at.scene, kind, block)._replace(choice=value)
    mine = planted(at, step)
    found = diagnosis(at, mine if digits is None else to_digits(mine, digits))
    (recovered,) = (way[0].constants[name] for way in found.explanations if blocks_named(way) == {(kind, block)})
    # Rounded entries give a constant to about as many digits as they have themselves.
    assert recovered == (value if not isinstance(value, float) else pytest.approx(value, rel=2e-3 if digits else 1e-7))


@pytest.mark.parametrize(("kind", "block"), [("W of another layer", "δ_1"), ("another layer's output", "W_2")])
def test_the_layer_that_was_taken_instead_comes_back(kind, block):
    at = PROBES["square"]
    step = step_named(at.scene, kind, block)
    ways = diagnosis(at, planted(at, step)).explanations
    assert step.choice in [way[0].constants["layer"] for way in ways if blocks_named(way) == {(kind, block)}]


def test_a_mix_of_the_examples_comes_with_its_coefficients():
    at = given((6, 9, 5))
    c = np.linspace(-0.3, 0.8, at.scene.n) ** 2
    step = step_named(at.scene, "mix of examples", "δ_2")._replace(choice=tuple(c))
    found = diagnosis(at, planted(at, step))
    assert [mistake.kind for mistake in found.mistakes] == ["mix of examples"]
    np.testing.assert_allclose(found.mistakes[0].constants["weights"], c, rtol=1e-6, atol=1e-9)


def step_named(scene, kind, block):
    """The table's row, in its first variant that shows."""
    return next(step for step in plantable(scene) if step.slip.kind == kind and mistake_of(step, scene).block == block)


# --- the same written by hand ---


def by_hand(at, *bugs):
    """What the textbook's pass gives with these mistakes in it."""
    layers = at.network.layers
    course = Course([layer.activation.name for layer in layers[:-1]], at.network.loss.name, *bugs)
    with np.errstate(all="raise"):
        return course.gradient([layer.W for layer in layers], [layer.b for layer in layers], at.X, at.y, at.network.l2)


def bugs_of(at):
    """What can be got wrong by hand in a network, and changes its gradient."""
    hidden = [layer.activation.name for layer in at.network.layers[:-1]]
    found = bugs(hidden, at.network.sizes, at.network.loss.name)
    return [bug for bug in found if not same(by_hand(at, bug), by_hand(at))]


LOSSES_TOO = {*SCALES, "logits in place of probabilities"} - {"sign"}
"""Made at the output, these are the gradient of a loss that is so many times as large, or is the squared error."""


@each_probe(PROBES)
def test_every_mistake_that_is_made_by_hand_is_named_with_its_block(name):
    at = PROBES[name]
    found = {bug: diagnosis(at, by_hand(at, bug)) for bug in bugs_of(at)}
    lost = [bug for bug, diagnosis in found.items() if {bug} not in map(blocks_named, diagnosis.explanations)]
    assert lost == []
    objectives = {bug for bug, diagnosis in found.items() if diagnosis.verdict == "another objective"}
    assert objectives == {bug for bug in found if bug.block == f"δ_{at.scene.depth}" and bug.kind in LOSSES_TOO}
    assert {diagnosis.verdict for diagnosis in found.values()} == {"mistake", "another objective"}


def test_many_kinds_are_made_by_hand():
    made = {name: {bug.kind for bug in bugs_of(at)} for name, at in PROBES.items()}
    assert min(map(len, made.values())) >= 30
    assert len(set.union(*made.values())) >= 45
    assert set.union(*made.values()) < {slip.kind for slip in MISTAKES}


def test_a_mistake_under_another_name_or_in_another_place_is_not_taken_for_it():
    at = PROBES["square"]
    found = diagnosis(at, by_hand(at, Bug("W not transposed", "δ_1")))
    told = list(map(blocks_named, found.explanations))
    assert {("W not transposed", "δ_1")} in told
    for bug in bugs_of(at):
        assert (bug == ("W not transposed", "δ_1")) == ({bug} in told)
    (step,) = (step for step in STEPS["square"] if step.slip.kind == "W not transposed" and step.k == 2)
    assert not names(found, step)


def test_a_square_gradient_that_is_transposed_as_a_whole_is_named():
    at = PROBES["square"]
    mine = planted(at)
    mine[1][0] = mine[1][0].T
    assert {("dW transposed", "W_2")} in map(blocks_named, diagnosis(at, mine).explanations)


def test_a_slip_shows_where_it_is_made_and_below_and_not_above():
    at = PROBES["mixed"]
    right = backward(at.scene)
    for step in STEPS["mixed"]:
        for k, (mine, theirs) in enumerate(zip(planted(at, step), right, strict=True), 1):
            assert k <= step.k or same([mine], [theirs])
