# SPDX-License-Identifier: MIT
"""Extreme values are those that a loop over numpy's quantiles finds; placeholders are told from values."""

import numpy as np
import pytest

import culpa
from culpa.tables.truths.numbers import EXTREME

RANDOM = np.random.default_rng(0)


def by_hand(column):
    """How far each value is from the median, in spreads; of the other values where one value fills half of them."""
    known = np.array([value for value in column if not np.isnan(value)])
    low, middle, high = np.percentile(known, [25, 50, 75])
    usual = None
    if high == low:
        usual, known = middle, known[known != middle]
        low, middle, high = np.percentile(known, [25, 50, 75])
    return np.array(
        [0 if np.isnan(value) or value == usual else abs(value - middle) / ((high - low) / 1.349) for value in column]
    )


COLUMNS = {
    "normal": RANDOM.normal(size=300),
    "heavy": RANDOM.standard_cauchy(size=300),
    "mostly zero": np.where(RANDOM.random(300) < 0.6, 0.0, RANDOM.standard_cauchy(size=300)),
    "with gaps": np.where(RANDOM.random(300) < 0.3, np.nan, RANDOM.standard_cauchy(size=300)),
    "huge": 1e200 * RANDOM.standard_cauchy(size=300),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_extreme_values_are_those_that_a_loop_finds_the_farthest_first(name):
    z = by_hand(COLUMNS[name])
    expected = [row for row in np.argsort(-z, kind="stable").tolist() if z[row] > EXTREME]
    truths = {truth.key: truth for truth in culpa.look({name: COLUMNS[name], "word": ["a", "b"] * 150}).truths}
    assert (truths["extremes"].rows.tolist() if expected else []) == expected
    assert ("extremes" in truths) == bool(expected) == (name != "normal")


def test_the_farthest_value_is_told_with_its_row_and_a_slip_of_the_point_is_serious():
    x = RANDOM.normal(50, 5, size=200)
    x[77] = 50e6
    found = culpa.look({"x": x, "y": RANDOM.normal(size=200)}, "y")["extremes"]
    assert "the 50000000 of x in row 77," in found.sentence
    assert (found.rows.tolist(), found.columns, found.serious) == ([77], ("x",), True)
    x[77] = 150
    assert not culpa.look({"x": x, "y": RANDOM.normal(size=200)}, "y")["extremes"].serious


def test_the_target_is_looked_at_too():
    y = RANDOM.normal(size=200)
    y[5] = -400
    assert culpa.look({"x": RANDOM.normal(size=200), "y": y}, "y")["extremes"].columns == ("y",)


@pytest.mark.parametrize("value", [-999, 9999, -9])
def test_a_number_that_stands_for_none_is_told_of(value):
    x = RANDOM.normal(20, 1, size=200)
    x[[3, 30, 60]] = value
    found = culpa.look({"x": x, "word": ["a", "b"] * 100})["placeholders"]
    assert found.rows.tolist() == [3, 30, 60]
    assert found.sentence == (
        f"numbers that look like missing values: {value} in 3 rows of x; --missing{'=' if value < 0 else ' '}{value} "
        "reads them so"
    )


@pytest.mark.parametrize("planted", [[-998] * 3, [-999, -999], [19.99] * 3])
def test_other_numbers_and_rare_ones_are_no_placeholders(planted):
    x = RANDOM.normal(20, 1, size=200)
    x[: len(planted)] = planted
    assert "placeholders" not in {truth.key for truth in culpa.look({"x": x, "word": ["a", "b"] * 100}).truths}
