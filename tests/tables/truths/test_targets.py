# SPDX-License-Identifier: MIT
"""Truths about the target: small classes, one class that outweighs all others, and numbers that lie askew."""

import numpy as np
import pytest
from scipy.stats import skew

import culpa

RANDOM = np.random.default_rng(0)


def truths(y):
    """All that is said of a table with this target, by its word."""
    found = culpa.look({"x": RANDOM.normal(size=len(y)), "y": y}, "y")
    return {truth.key: truth for truth in found.truths}


def test_classes_of_few_rows_are_told_of_the_smallest_first():
    y = ["a"] * 40 + ["b"] * 30 + ["c"] * 9 + ["d"]
    found = truths(y)["classes"]
    assert found.sentence == "2 classes have fewer than 10 rows: d (1), c (9); 1 of a single row"
    assert found.rows.tolist() == [79, *range(70, 79)]
    assert found.serious
    assert "classes" not in truths(["a"] * 40 + ["b"] * 10)


@pytest.mark.parametrize(("share", "told", "serious"), [(70, False, False), (85, True, False), (95, True, True)])
def test_a_class_that_outweighs_all_others_is_told_of_and_serious_where_it_rules(share, told, serious):
    found = truths(["no"] * (2 * share) + ["yes"] * (200 - 2 * share))
    assert ("imbalance" in found) == told
    if told:
        assert found["imbalance"].sentence.startswith(f"{share} % of the rows are no: ")
        assert found["imbalance"].rows.tolist() == list(range(2 * share, 200))
        assert found["imbalance"].serious == serious


def test_a_target_of_one_value_is_told_of_though_nothing_could_be_trained():
    assert truths(["a"] * 30)["target"].serious
    assert truths([2.5] * 30)["target"].sentence == "every row has the same y, 2.5: there is nothing to learn"
    assert "target" not in truths([2.5] * 29 + [2.0])


def test_numbers_that_lie_askew_are_told_of_with_the_largest_rows():
    y = np.exp(2 * RANDOM.normal(size=500))
    found = truths(y)["skew"]
    z = (y - y.mean()) ** 2
    largest = np.argsort(-y)
    assert skew(y) > 3
    assert f"{100 * z[largest[:5]].sum() / z.sum():.0f} % of its squared spread" in found.sentence
    assert found.sentence.endswith("its logarithm may be easier to learn")
    assert found.rows.tolist() == largest[:20].tolist()


@pytest.mark.parametrize("y", [RANDOM.normal(size=500), RANDOM.exponential(size=100) * 0 + RANDOM.random(100)])
def test_numbers_that_do_not_are_not(y):
    assert abs(skew(y)) < 3
    assert "skew" not in truths(y)


def test_numbers_that_lie_askew_downwards_are_offered_no_logarithm():
    y = -np.exp(2 * RANDOM.normal(size=500))
    found = truths(y)["skew"]
    assert found.sentence.startswith("the smallest 1 % of y")
    assert "logarithm" not in found.sentence
    assert found.rows[0] == y.argmin()


def test_large_numbers_are_written_with_the_digits_that_they_have_in_the_file():
    y = np.arange(286_050.0, 286_251.0)
    y[7] = 4_776_000.0
    assert "(median 286151, largest 4776000)" in truths(y)["skew"].sentence
