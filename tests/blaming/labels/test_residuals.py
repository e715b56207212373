# SPDX-License-Identifier: MIT
"""Residuals beside their local scale: against brute force, in any unit, and whether the interval holds what it says."""

import numpy as np
import pytest
from numpy.typing import NDArray

from culpa.blaming.labels.residuals import judged, local_scale, residuals

Numbers = NDArray[np.float64]


def uneven(n: int, seed: int = 0) -> tuple[Numbers, Numbers]:
    """Values whose errors grow with what is said of them, and what is said."""
    random = np.random.default_rng(seed)
    proposed = random.uniform(0, 10, n)
    return proposed + random.normal(size=n) * (0.1 + 0.4 * proposed), proposed


def scored(y: Numbers, proposed: Numbers, **more: Numbers) -> Numbers:
    """The suspicion of each row."""
    return judged(y, proposed, method="somebody", why="a test", **more).suspicion


def test_the_local_scale_is_the_median_of_the_nearest_twentieth_and_a_quarter_of_all() -> None:
    y, proposed = uneven(200)
    sizes, order = np.abs(y - proposed), np.argsort(proposed)
    expected = np.empty(200)
    for place, row in enumerate(order):
        start = min(max(place - 5, 0), 190)
        expected[row] = np.median(sizes[order[start : start + 10]]) + 0.25 * np.median(sizes)
    np.testing.assert_allclose(local_scale(proposed, y - proposed, np.ones(200, bool)), expected, rtol=1e-12)


def test_a_long_table_has_the_scale_of_a_median_at_every_place_nearly() -> None:
    y, proposed = uneven(4000)
    found, order = local_scale(proposed, y - proposed, np.ones(4000, bool)), np.argsort(proposed)
    sizes = np.abs(y - proposed)[order]
    each = [np.median(sizes[min(max(place - 100, 0), 3800) :][:200]) for place in range(4000)]
    expected = np.array(each) + 0.25 * np.median(sizes)
    # Between the 512 places where the median is taken lie seven others, over which it moves by a few rows of 200.
    assert np.abs(found[order] / expected - 1).max() < 0.1


def test_half_of_all_rows_lie_within_the_median_of_a_normal_deviation() -> None:
    found = residuals(*uneven(501))
    assert np.median(np.abs(found.z)) == pytest.approx(0.6744897501960817, rel=1e-12)
    np.testing.assert_allclose(found.z * found.spread, found.values, rtol=1e-12)


def test_other_units_change_no_suspicion() -> None:
    y, proposed = uneven(300)
    expected = scored(y, proposed)
    for scale, shift in ((1e-7, 0.0), (1e5, 0.0), (3.0, -40.0)):
        np.testing.assert_allclose(scored(y * scale + shift, proposed * scale + shift), expected, rtol=1e-6)


def test_a_wrong_value_among_calm_ones_comes_before_the_errors_of_wild_ones() -> None:
    y, proposed = uneven(400)
    calm = int(np.argmin(np.abs(proposed - 0.5)))
    y[calm] = proposed[calm] + 5.0
    assert np.argmax(scored(y, proposed)) == calm
    assert np.argmax(np.abs(y - proposed)) != calm  # the plain residual is larger elsewhere


def test_two_absurd_values_are_the_most_suspicious_and_not_rounded_to_one() -> None:
    y, proposed = uneven(400)
    y[:2] = [1e9, -1e12]
    found = scored(y, proposed)
    assert found.max() < 1
    assert found.min() >= 0
    assert np.argsort(-found)[:2].tolist() == [1, 0]
    assert found[1] > found[0] > 0.999


def test_the_interval_holds_nine_of_ten_new_values() -> None:
    inside = []
    for seed in range(20):
        y, proposed = uneven(400, seed)
        found = judged(y, proposed, method="somebody", why="a test")
        random = np.random.default_rng(1000 + seed)
        other = proposed + random.normal(size=400) * (0.1 + 0.4 * proposed)
        assert found.low is not None
        assert found.high is not None
        inside.append(np.mean((found.low <= other) & (other <= found.high)))
    # Twenty tables of 400 rows know the share to about .003, and the local scale has seen one set of errors.
    assert np.mean(inside) == pytest.approx(0.9, abs=0.02)
    calm = proposed < 1
    assert np.mean(found.high[calm] - found.low[calm]) < 0.4 * np.mean(found.high - found.low)


def test_no_interval_goes_beyond_what_was_ever_given() -> None:
    y, proposed = uneven(300)
    y = np.maximum(y, 0.0)
    found = judged(y, proposed, method="somebody", why="a test")
    assert found.low is not None
    assert found.high is not None
    assert found.low.min() == 0
    assert found.high.max() == max(y.max(), proposed.max())
    assert ((found.low <= proposed) & (proposed <= found.high)).all()


def test_rows_without_weight_are_scored_and_say_nothing_of_what_is_usual() -> None:
    y, proposed = uneven(300)
    w = np.ones(300)
    w[::3] = 0
    y[::3] += 50.0
    found, without = scored(y, proposed, weights=w), scored(y[w > 0], proposed[w > 0])
    np.testing.assert_allclose(found[w > 0], without, rtol=1e-12)
    assert (found[::3] > 0.9).all()
    assert not np.allclose(scored(y, proposed)[w > 0], without)  # were they counted, all would change


def test_values_that_are_met_exactly_leave_a_scale_for_the_others() -> None:
    y = np.zeros(100)
    y[::10] = np.arange(1.0, 11.0)
    found = judged(y, np.zeros(100), method="somebody", why="a test")
    assert np.isfinite(found.suspicion).all()
    assert found.spread is not None
    assert np.isfinite(found.spread).all()
    assert (found.suspicion[::10] > found.suspicion[1]).all()
    nothing = judged(np.zeros(9), np.zeros(9), method="somebody", why="a test")
    assert np.ptp(nothing.suspicion) == 0
    assert nothing.wrong is not None
    assert nothing.wrong.likely < 1
