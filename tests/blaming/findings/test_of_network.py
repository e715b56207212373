# SPDX-License-Identifier: MIT
"""Findings of the network: each fires at its threshold and not just below it."""

from dataclasses import replace

import numpy as np
import pytest

import culpa
from culpa.checking.verdicts import BlockCheck, Check
from culpa.training.choosing import choose
from tests.blaming.findings import grounds

SAID = ("blame", "digits")
FOUND = grounds.investigation(network=replace(grounds.NETWORK, training=None), choice=choose(1000, 4, 2,
                              classification=True))  # fmt: skip


def layers(**columns):
    """The base with changed columns of its layers, of 12, 8 and 2 units."""
    return replace(grounds.BLAME, layers=grounds.frame(grounds.BLAME.layers, **columns))


def test_a_wrong_gradient_is_told_by_its_blocks():
    blocks = [BlockCheck(name, verdict, 3.0, 1e-9) for name, verdict in (("W_1", "wrong"), ("b_1", "right"))]
    one = grounds.only(grounds.BLAME, replace(FOUND, check=Check(tuple(blocks))), SAID)
    assert "wrong in W_1, by complex steps" in one.sentence
    assert one.evidence == {"W_1": 3.0}
    assert one.command == ("culpa", "check", "--self")
    unseen = [replace_verdict(block, "not testable") for block in blocks]
    assert grounds.kinds(grounds.BLAME, replace(FOUND, check=Check(tuple(unseen)))) == []


def replace_verdict(block, verdict):
    return block._replace(verdict=verdict)


@pytest.mark.parametrize("kind", ["dead", "saturated"])
def test_a_quarter_of_a_layers_units_that_are_idle_is_told(kind):
    one = grounds.only(layers(**{kind: [2, 2, np.nan]}), FOUND, SAID)
    assert one.kind == kind
    assert one.sentence.startswith(f"2 of the 8 units of layer 2 are {kind}: ")
    assert one.evidence == {"layer": 2, kind: 2, "units": 8}
    assert one.command[-2:] == ("--activation", "leaky_relu" if kind == "dead" else "relu")
    assert grounds.kinds(layers(**{kind: [3, 1, np.nan]})) == [kind]
    assert grounds.kinds(layers(**{kind: [2, 1, np.nan]})) == []


def test_a_network_without_hidden_units_has_none_that_are_idle():
    network = culpa.Network.fresh([4, 2], seed=0)
    assert grounds.kinds(culpa.blame(network, grounds.X, grounds.Y, score="none", show_progress=False)) == []


@pytest.mark.parametrize(
    ("growth", "kind", "words", "option"),
    [
        ((0.1, 0.099), "vanishing", "shrinks to 1.0 % on its way from layer 3 to layer 1", ("--activation", "relu")),
        ((0.1, 0.1001), None, "", ()),
        ((1000, 0.1), "exploding", "grows 100 times", ("--learning-rate", "0.0002")),
        ((999, 0.1), None, "", ()),
        ((0.0, 0.0), "vanishing", "shrinks to 0 %", ("--activation", "relu")),
    ],
)
def test_errors_that_fade_or_grow_a_hundred_times_are_told(growth, kind, words, option):
    blame = layers(growth=[*growth, np.nan])
    if kind is None:
        assert grounds.kinds(blame) == []
        return
    one = grounds.only(blame, FOUND, SAID)
    assert one.kind == kind
    assert words in one.sentence
    assert one.command[-2:] == option
    assert one.evidence == {"growth_1": growth[0], "growth_2": growth[1]}


def test_a_layer_that_gets_next_to_nothing_of_the_gradient_is_told_once():
    one = grounds.only(layers(share=[0.6, 0.0009, 0.3991]), FOUND, SAID)
    assert one.sentence.startswith("Layer 2 gets 0.1 % of the squared gradient norm")
    assert one.command == ("culpa", "blame", "digits", "--json")
    assert grounds.kinds(layers(share=[0.6, 0.001, 0.399])) == []
    assert grounds.kinds(layers(share=[0.0009, 0.6, 0.3991], growth=[0.01, 0.1, np.nan])) == ["vanishing"]


@pytest.mark.parametrize(("times", "found"), [(10.0, True), (9.99, False), (1.0, False)])
def test_a_penalty_ten_times_as_strong_as_the_data_is_told_and_no_balance(times, found):
    decay = grounds.BLAME.decay._replace(norm=times * grounds.BLAME.norm, cosine=-1.0)
    assert grounds.kinds(replace(grounds.BLAME, decay=decay, penalty=1e6)) == (["penalty"] if found else [])


def test_a_penalty_without_data_beside_it_pulls_alone_and_none_at_all_pulls_not():
    alone = replace(grounds.BLAME, norm=0.0, decay=grounds.BLAME.decay._replace(norm=1.0))
    one = grounds.only(alone, FOUND, SAID)
    assert "pulls at the weights alone" in one.sentence
    assert one.command[-2:] == ("--l2", "0.0001")
    assert grounds.kinds(replace(alone, decay=grounds.BLAME.decay._replace(norm=0.0))) == []


def test_a_network_that_has_come_to_rest_under_a_strong_penalty_has_no_finding_of_it():
    start = culpa.Network.fresh([4, 5, 2], hidden="tanh", seed=0, l2=0.02, dtype="float64")
    rest = culpa.fit(start, grounds.X, grounds.Y, optimizer="lbfgs", epochs=400, show_progress=False)
    blame = culpa.blame(rest, grounds.X, grounds.Y, score="none", show_progress=False)
    assert blame.decay.cosine < -0.99
    assert "penalty" not in grounds.kinds(blame)
