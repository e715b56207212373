# SPDX-License-Identifier: MIT
"""Twins against every pair of rows compared entry by entry."""

import numpy as np
import pytest

import culpa
from culpa.blaming.labels.twins import twins_of
from culpa.errors import DataError

SMALL = np.random.default_rng(3)
COLUMNS = {
    "size": SMALL.choice([1.0, 2.5, None], 60).tolist(),
    "town": SMALL.choice(["Oslo", "Rome"], 60).tolist(),
    "sunny": SMALL.choice([True, False], 60).tolist(),
}
LABELS = SMALL.choice(["a", "b", "c"], 60).tolist()


def raw(columns, target, **options):
    """The raw table of these columns, with one more for the target."""
    return culpa.read_table({**columns, "target": target}, target="target", **options).raw


def pairs(columns, target):
    """For each row the places of those that are the same but for the target, from a loop over all pairs."""
    rows = list(zip(*columns.values(), strict=True))
    return [
        [j for j in range(len(rows)) if rows[j] == rows[i] and target[j] != target[i]] for i in range(len(rows))
    ]  # fmt: skip


@pytest.mark.parametrize(("target", "task"), [(LABELS, "classification"), (SMALL.normal(size=60), "regression")])
def test_the_twins_are_those_of_a_loop_over_all_pairs(target, task):
    twins, found = twins_of(raw(COLUMNS, target, task=task)), pairs(COLUMNS, target)
    assert [twins.of(i).tolist() for i in range(60)] == found
    assert twins.contrary.tolist() == [len(others) for others in found]
    assert max(twins.contrary) > 1


def test_the_same_rows_with_the_same_label_are_no_twins():
    assert twins_of(raw({"x": [1.0, 1.0, 2.0]}, ["a", "a", "b"])).contrary.tolist() == [0, 0, 0]


def test_one_digit_less_makes_two_rows_others():
    alike = {"x": [0.1 + 0.2, 0.1 + 0.2, 5.0]}
    assert twins_of(raw(alike, ["a", "b", "b"])).contrary.tolist() == [1, 1, 0]
    assert twins_of(raw({"x": [0.1 + 0.2, 0.3, 5.0]}, ["a", "b", "b"])).contrary.tolist() == [0, 0, 0]


def test_ids_do_not_count_and_rows_without_any_value_are_like_no_other():
    columns = {"x": [1.0, 1.0, None, None], "name": ["p", "q", "r", "s"]}
    assert twins_of(raw(columns, ["a", "b", "a", "b"], id="name")).contrary.tolist() == [1, 1, 0, 0]


def test_a_table_without_a_target_has_no_twins():
    with pytest.raises(DataError, match="target"):
        twins_of(culpa.read_table({"x": [1.0, 2.0]}).raw)
