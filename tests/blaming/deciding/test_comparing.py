# SPDX-License-Identifier: MIT
"""The interval of a difference: its coverage counted out over all cases, and against resampled rows."""

from math import comb

import numpy as np
import pytest

from culpa.blaming.deciding.comparing import accuracy_difference, r_squared_difference

N = 60
RANDOM = np.random.default_rng(4)


def interval(n, better, worse):
    """The interval for n rows of which so many are right in one answer alone."""
    before, after = np.ones(n, bool), np.ones(n, bool)
    before[:better] = False
    after[better : better + worse] = False
    found = accuracy_difference(before, after)
    return found.low, found.high


def wald(n, better, worse):
    """The plain interval, without rows added: it has no width where all answers agree."""
    d = (better - worse) / n
    half = 1.959964 * np.sqrt((better + worse) / n - d * d) / np.sqrt(n)
    return d - half, d + half


def coverage(bounds, n, p, q):
    """How often an interval holds p − q, over every number of rows that can be better and worse."""
    held = 0.0
    for better in range(n + 1):
        for worse in range(n + 1 - better):
            chance = (
                comb(n, better) * comb(n - better, worse) * p**better * q**worse * (1 - p - q) ** (n - better - worse)
            )
            low, high = bounds(n, better, worse)
            held += chance * (low <= p - q <= high)
    return held


@pytest.mark.parametrize(("p", "q"), [(0.05, 0.05), (0.1, 0.02), (0.03, 0.0), (0.2, 0.1)])
def test_the_interval_of_few_rows_holds_the_difference_as_often_as_it_says(p, q):
    assert 0.935 <= coverage(interval, 40, p, q) <= 1.0


def test_an_interval_that_is_too_short_would_be_noticed():
    """Negative control: the textbook's interval misses by far where one answer is hardly ever better."""
    assert coverage(wald, 40, 0.03, 0.0) < 0.8


def test_accuracies_are_those_of_the_rows_and_the_bounds_lie_about_their_difference():
    before, after = RANDOM.random(N) < 0.7, RANDOM.random(N) < 0.9
    found = accuracy_difference(before, after)
    assert (found.before, found.after) == (before.mean(), after.mean())
    assert found.low < found.difference < found.high
    swapped = accuracy_difference(after, before)
    np.testing.assert_allclose([swapped.low, swapped.high], [-found.high, -found.low], rtol=1e-12)


@pytest.mark.parametrize(("better", "clear"), [(0, False), (2, False), (8, True)])
def test_a_difference_is_clear_where_the_interval_leaves_nought_out(better, clear):
    before = np.arange(100) >= better
    assert accuracy_difference(before, np.ones(100, bool)).clear is clear


def resampled(truth, before, after, w, times=4000):
    """The deviation of the difference of R² over tables drawn from the rows."""
    found = []
    for _ in range(times):
        rows = RANDOM.integers(0, len(truth), len(truth))
        y, s = truth[rows], w[rows]
        spread = s @ (y - np.average(y, weights=s)) ** 2
        found.append((s @ (y - before[rows]) ** 2 - s @ (y - after[rows]) ** 2) / spread)
    return np.std(found)


@pytest.mark.parametrize("weighted", [False, True])
def test_the_interval_of_r_squared_is_as_wide_as_resampled_rows_spread(weighted):
    truth = RANDOM.normal(size=400)
    before, after = (truth + RANDOM.normal(size=400) * noise for noise in (0.6, 0.4))
    w = RANDOM.random(400) + 0.5 if weighted else np.ones(400)
    found = r_squared_difference(truth, before, after, weights=w if weighted else None)
    half = (found.high - found.low) / 2
    np.testing.assert_allclose(half, 1.966 * resampled(truth, before, after, w), rtol=0.1)  # two estimates of one error
    mean = np.average(truth, weights=w)
    plain = [1 - w @ (truth - said) ** 2 / (w @ (truth - mean) ** 2) for said in (before, after)]
    np.testing.assert_allclose([found.before, found.after], plain, rtol=1e-12)
    np.testing.assert_allclose((found.low + found.high) / 2, found.difference, rtol=1e-9)


def test_rows_of_a_group_are_one_witness():
    truth = RANDOM.normal(size=N)
    before, after = truth + RANDOM.normal(size=N), truth + RANDOM.normal(size=N) / 2
    single = r_squared_difference(truth, before, after)
    twice = [np.repeat(values, 2) for values in (truth, before, after)]
    grouped = r_squared_difference(*twice, groups=np.repeat(np.arange(N), 2))
    np.testing.assert_allclose([grouped.low, grouped.high], [single.low, single.high], rtol=1e-12)
    apart = r_squared_difference(*twice)
    assert apart.high - apart.low < 0.75 * (single.high - single.low), "negative control: repeated rows are no news"


def test_weights_that_count_rows_give_the_measures_of_repeated_rows():
    before, after, times = RANDOM.random(N) < 0.7, RANDOM.random(N) < 0.8, RANDOM.integers(1, 4, N)
    weighted = accuracy_difference(before, after, weights=times.astype(float))
    repeated = accuracy_difference(np.repeat(before, times), np.repeat(after, times))
    np.testing.assert_allclose([weighted.before, weighted.after], [repeated.before, repeated.after], rtol=1e-12)


def test_one_group_and_one_value_leave_nothing_to_tell_it_by():
    before, after = RANDOM.random(N) < 0.5, RANDOM.random(N) < 0.6
    found = accuracy_difference(before, after, groups=np.zeros(N))
    assert np.isnan([found.low, found.high]).all()
    assert not found.clear
    constant = r_squared_difference(np.ones(5), np.zeros(5), np.ones(5))
    assert np.isnan([constant.before, constant.after, constant.low]).all()
