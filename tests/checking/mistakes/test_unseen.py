# SPDX-License-Identifier: MIT
"""What data cannot show is said, and where they show little a name is still never false."""

from dataclasses import replace

import numpy as np
import pytest

from culpa import Network
from culpa.checking.mistakes.cases import case_of
from culpa.checking.mistakes.dictionary import plantable
from culpa.checking.mistakes.reading import read_claim
from culpa.checking.mistakes.searching import search
from tests.checking.mistakes.planting import (
    PROBES,
    asked,
    given,
    makes,
    planted,
    step_of,
)


def at_zero(at, letters="Wb"):
    """The same network with all its weights, or biases, at zero."""
    layers = tuple(
        replace(layer, **{letter: np.zeros_like(getattr(layer, letter)) for letter in letters})
        for layer in at.network.layers
    )
    return at._replace(network=replace(at.network, layers=layers))


def with_nothing_on(at):
    """The same network with every hidden unit off for every example."""
    *hidden, last = at.network.layers
    layers = (*(replace(layer, b=layer.b - 100) for layer in hidden), last)
    return at._replace(network=replace(at.network, layers=layers))


PLAIN, RELU = PROBES["tanh"], PROBES["relu"]
BLIND = {
    "one example": (
        PLAIN._replace(X=PLAIN.X[:1], y=PLAIN.y[:1]),
        "what goes wrong over the examples, as there is only one (factors of n, a sum left out)",
        [],
    ),
    "no penalty": (given((4, 6, 5, 3), l2=0.0), "what goes wrong with the weight decay, as l2 is 0", []),
    "no weights": (at_zero(PLAIN, "W"), None, ["g′ missing", "g′ twice", "∂ℓ/∂h in place of δ", "another decay"]),
    "no biases to speak of": (at_zero(PLAIN, "b"), None, ["decay on biases"]),
    "all units off": (with_nothing_on(RELU), None, ["g in place of g′", "dW in place of W", "W summed out"]),
    "no unit at its kink": (RELU, None, ["mask ≥ 0"]),
    "inputs at zero": (PLAIN._replace(X=0 * PLAIN.X), None, []),
}


@pytest.mark.parametrize(("at", "reason", "kinds"), BLIND.values(), ids=BLIND)
def test_data_say_which_mistakes_they_cannot_show(at, reason, kinds):
    found = asked(at, planted(at))
    assert found.verdict == "right"
    assert (found.unseen[:1] == (reason,)) == (reason is not None)
    assert set(kinds) <= set(found.unseen)


@pytest.mark.parametrize(
    "at",
    [pytest.param(at, id=name) for name, (at, *_) in BLIND.items()],
)
def test_where_data_show_little_a_name_is_still_never_false(at):
    scene = at.scene
    for step in plantable(scene)[::3]:
        mine = planted(at, step)
        ways = search(case_of(scene, read_claim(mine, at.network, scene.n)))
        assert [way for way in ways if not makes(scene, way, mine)] == []


def test_data_that_show_everything_hide_nothing_but_what_is_the_same_formula():
    assert asked(PLAIN, planted(PLAIN)).unseen == ()
    assert asked(RELU, planted(RELU)).unseen == ("g′ twice", "g′ at h in place of a", "mask ≥ 0")


def test_what_cannot_be_seen_is_not_there_where_it_can():
    few, many = (set(asked(at, planted(at)).unseen) for at in (at_zero(PLAIN, "W"), PLAIN))
    assert len(few) > 10
    assert few & many == set()


def test_mistakes_of_biases_are_not_missed_where_there_are_none():
    bare = PLAIN._replace(network=Network.from_arrays([x.W for x in PLAIN.network.layers], hidden="tanh", l2=0.1))
    assert asked(bare, [dW for dW, _ in planted(bare)]).unseen == ()


def test_only_the_first_rows_of_many_are_asked_what_they_hide_and_all_are_diagnosed():
    random = np.random.default_rng(3)
    at = PLAIN._replace(X=random.normal(size=(300, 4)), y=random.integers(0, 3, 300))
    found = asked(at, planted(at, step_of(at, "one example missing", 3)._replace(choice=271)))
    assert [dict(mistake.constants) for mistake in found.mistakes] == [{"example": 271}]
