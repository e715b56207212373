# SPDX-License-Identifier: MIT
"""culpa's check of itself: every pair of its tables, and a planted error in one row is found in that row alone."""

from dataclasses import replace

import numpy as np
import pytest

from culpa import ACTIVATIONS, LOSSES
from culpa.checking.itself import check_itself, small_network
from culpa.engine import activations


@pytest.fixture(scope="module")
def pairings():
    return check_itself(show_progress=False)


def test_every_pair_of_the_tables_is_there_once_and_right(pairings):
    assert [(one.loss, one.activation) for one in pairings] == [(loss, act) for loss in LOSSES for act in ACTIVATIONS]
    assert {block.verdict for one in pairings for block in one.check.blocks} == {"right"}
    assert {one.check.method for one in pairings} == {"complex steps"}
    # Entries that are a million times smaller than others are counted in their own unit, and have fewer digits.
    assert min(one.check.digits for one in pairings) > 11


def test_the_networks_have_biases_a_penalty_and_no_two_equal_sizes():
    network, X, y = small_network("cross_entropy", "relu", 3)
    assert len(set(network.sizes)) == len(network.sizes)
    assert network.l2 > 0
    assert all(layer.b is not None and layer.b.all() for layer in network.layers)
    assert (X.shape, y.shape) == ((9, 3), (9,))
    other = small_network("cross_entropy", "relu", 4)[1]
    assert not np.array_equal(X, other)


def test_a_planted_error_in_one_row_is_found_there_and_nowhere_else(monkeypatch):
    wrong = replace(ACTIVATIONS["tanh"], slope=lambda a: 1 - np.tanh(a))
    monkeypatch.setitem(activations.ACTIVATIONS, "tanh", wrong)
    found = {one.activation for one in check_itself(show_progress=False) if not one.check.ok}
    assert found == {"tanh"}
