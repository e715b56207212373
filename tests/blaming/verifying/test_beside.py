# SPDX-License-Identifier: MIT
"""Plain loss beside culpa's ranking: said to be ahead where it is, and seldom where only luck has it so."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from culpa.blaming.verifying.beside import is_ahead, lead, rows_above

N, K = 100, 12
ROWS = np.arange(K)
TIMES = 40


def scores_of(random, *signals):
    """Scores of two rankings that have the planted rows higher by so much, with noise that they share in part."""
    shared = random.normal(size=N)
    return [np.where(np.arange(N) < K, signal, 0) + shared + random.normal(size=N) for signal in signals]


def test_the_lead_is_the_difference_of_scikit_learns_average_precisions():
    random = np.random.default_rng(0)
    mine, plain = scores_of(random, 1, 2)
    rows = random.permutation(N)[:K]
    truth = np.isin(np.arange(N), rows)
    expected = average_precision_score(truth, plain) - average_precision_score(truth, mine)
    assert lead(rows_above((mine, plain), rows)) == pytest.approx(expected, abs=1e-12)


def test_of_two_rankings_that_are_equally_good_one_is_seldom_said_to_be_ahead():
    """Negative control: the average precision alone would say so every other time."""
    random = np.random.default_rng(1)
    drawn = [rows_above(scores_of(random, 2, 2), ROWS) for _ in range(TIMES)]
    assert sum(lead(above) > 0 for above in drawn) > TIMES / 3
    assert sum(is_ahead([above], seed) for seed, above in enumerate(drawn)) <= 0.05 * TIMES


def test_one_that_is_better_by_far_is_said_to_be_ahead_and_the_other_is_not():
    random = np.random.default_rng(2)
    drawn = [scores_of(random, 0.5, 5) for _ in range(4)]
    assert all(is_ahead([rows_above(both, ROWS)], 0) for both in drawn)
    assert not any(is_ahead([rows_above(both[::-1], ROWS)], 0) for both in drawn)


def test_every_kind_has_to_be_found_better_and_two_rows_or_none_prove_little():
    random = np.random.default_rng(3)
    better, worse = scores_of(random, 0.5, 5), scores_of(random, 5, 0.5)
    assert not is_ahead([rows_above(better, ROWS), rows_above(worse, ROWS)], 0)
    assert not is_ahead([], 0)
    # Both stand near the end in either ranking, a few places less so by plain loss.
    mine, plain = np.arange(1000.0), np.arange(1000.0)
    mine[[3, 50]], plain[[3, 50]] = [40.5, 45.5], [90.5, 95.5]
    above = rows_above((mine, plain), np.array([3, 50]))
    assert lead(above) > 0
    assert not is_ahead([above], 0)
