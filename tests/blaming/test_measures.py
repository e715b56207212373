# SPDX-License-Identifier: MIT
"""Measures beside the score, against scikit-learn's and against rows that are repeated as often as they weigh."""

import math

import numpy as np
import pytest
from sklearn.metrics import precision_score, recall_score, root_mean_squared_error

from culpa.blaming.measures import detection, distance
from culpa.blaming.telling import as_word, choice_line, cut
from culpa.blaming.terminal import amount
from culpa.training.choosing import choose

RANDOM = np.random.default_rng(4)
THERE, CALLED = RANDOM.random(40) < 0.4, RANDOM.random(40) < 0.5
W = RANDOM.integers(0, 4, 40).astype(float)
OFF = RANDOM.gamma(2.0, 3.0, 40)


def test_recall_and_precision_are_scikit_learns_with_weights_and_without():
    for w in (np.ones(40), W):
        found = detection("yes", THERE, CALLED, w)
        assert found.recall == pytest.approx(recall_score(THERE, CALLED, sample_weight=w), rel=1e-12)
        assert found.precision == pytest.approx(precision_score(THERE, CALLED, sample_weight=w), rel=1e-12)
        assert found.recall != pytest.approx(found.precision), "negative control: they are not one number"
        assert (found.there, found.called, found.found) == (THERE.sum(), CALLED.sum(), (THERE & CALLED).sum())


def test_a_share_of_nothing_is_no_number():
    nothing = np.zeros(40, bool)
    assert math.isnan(detection("yes", nothing, CALLED, W).recall)
    assert math.isnan(detection("yes", THERE, nothing, W).precision)
    assert math.isnan(distance(OFF, np.zeros(40)).median)


def test_distances_are_those_of_numpy_and_scikit_learn():
    for count in (40, 39):
        found = distance(OFF[:count], np.ones(count))
        assert found.median == pytest.approx(np.median(OFF[:count]), rel=1e-12)
        assert found.root_mean_square == pytest.approx(root_mean_squared_error(OFF[:count], np.zeros(count)), rel=1e-12)


def test_a_weight_is_a_row_that_stands_so_often():
    repeated = np.repeat(OFF, W.astype(int))
    found = distance(OFF, W)
    assert found.median == pytest.approx(np.median(repeated), rel=1e-12)
    assert found.root_mean_square == pytest.approx(np.sqrt(np.mean(repeated**2)), rel=1e-12)
    assert found.median != pytest.approx(np.median(OFF)), "negative control"


@pytest.mark.parametrize(
    ("value", "spread", "text"),
    [(238412.7, 4e4, "238,413"), (-0.12345, 0.5, "−0.123"), (12.0, 3.0, "12.00"), (5.0, 0.0, "5.00")],
)
def test_amounts_have_the_decimals_that_their_spread_asks_for(value, spread, text):
    assert amount(value, spread).rstrip("0") == text.rstrip("0")


def test_a_choice_is_told_in_words_that_read_back_to_the_same_numbers():
    assert [as_word(value) for value in ((64, 32), (), 0.1, 1 / 3, 25)] == ["64,32", "none", "0.1", repr(1 / 3), "25"]
    line = choice_line(choose(1000, 10, 2, classification=True), {"hidden"}).replace("\u00a0", " ")
    assert "--hidden" not in line
    assert "--epochs " in line
    assert "None" not in line


def test_a_long_name_is_cut_and_stays_on_one_line():
    assert cut("a\nb") == "a·b"
    assert len(cut("x" * 300)) == 20
