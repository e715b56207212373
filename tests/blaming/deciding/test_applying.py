# SPDX-License-Identifier: MIT
"""Decisions change a copy: against the same change made by hand before the table is read."""

import numpy as np
import pytest

import culpa
from culpa.blaming.deciding.applying import apply_decisions, cut_probabilities
from culpa.blaming.deciding.decisions import Decisions
from culpa.errors import DataError

N = 40
RANDOM = np.random.default_rng(2)
COLUMNS = {
    "x": RANDOM.normal(size=N).round(3).tolist(),
    "town": RANDOM.choice(["Oslo", "Rome", "Bonn"], N).tolist(),
    "name": [f"n{k}" for k in range(N)],
    "w": RANDOM.integers(1, 4, N).tolist(),
    "g": (np.arange(N) // 4).tolist(),
}
TARGETS = {
    "texts": RANDOM.choice(["a", "b", "c"], N).tolist(),
    "whole": RANDOM.choice([0, 1, 2], N).tolist(),
    "truths": RANDOM.choice([True, False], N).tolist(),
    "numbers": RANDOM.normal(size=N).tolist(),
}
NEW = {"texts": ["c", "a"], "whole": [2, 0], "truths": [True, False], "numbers": [5.5, -3.25]}


def table_of(columns, **options):
    """The raw table of these columns."""
    return culpa.read_table(columns, target="y", id="name", sample_weight="w", group="g", **options).raw


def decisions(kept=(), dropped=(), changed=(), labels=()):
    """Decisions on rows by their numbers."""
    return Decisions(*(np.array(rows, np.intp) for rows in (kept, dropped, changed)), np.array(labels))


@pytest.mark.parametrize("kind", TARGETS)
def test_the_copy_is_the_table_that_was_changed_by_hand(kind):
    y = TARGETS[kind]
    table = table_of({**COLUMNS, "y": y})
    made = apply_decisions(table, decisions([1], [3, 17], [5, 39], NEW[kind]))
    by_hand = {**COLUMNS, "y": [{5: NEW[kind][0], 39: NEW[kind][1]}.get(k, y[k]) for k in range(N)]}
    by_hand = {name: [v for k, v in enumerate(values) if k not in (3, 17)] for name, values in by_hand.items()}
    expected = table_of(by_hand)
    assert made.checksum == expected.checksum
    assert made.classes == expected.classes
    for name in ("y", "ids", "weights", "groups"):
        np.testing.assert_array_equal(getattr(made, name), getattr(expected, name), strict=True)
    assert made.rows.tolist() == [k for k in range(N) if k not in (3, 17)], "the numbers of the reader's own file"


def test_the_table_itself_stays_as_it_is():
    table = table_of({**COLUMNS, "y": TARGETS["texts"]})
    before = table.checksum
    made = apply_decisions(table, decisions([], [0], [1], ["a" if TARGETS["texts"][1] != "a" else "b"]))
    assert table.checksum == before != made.checksum, "negative control: the copy is another table"
    assert len(table) == N


def test_kept_rows_change_nothing():
    table = table_of({**COLUMNS, "y": TARGETS["texts"]})
    assert apply_decisions(table, decisions(kept=[0, 5])).checksum == table.checksum


def test_a_class_without_a_row_is_gone_and_the_order_of_the_others_stays():
    y = ["b"] * 20 + ["a"] * 19 + ["rare"]
    table = table_of({**COLUMNS, "y": y}, positive="a")
    assert table.classes == ("b", "rare", "a")
    made = apply_decisions(table, decisions(changed=[39], labels=["b"]))
    assert (made.classes, made.positive) == (("b", "a"), "a")
    rare = table_of({**COLUMNS, "y": y}, positive="rare")
    assert apply_decisions(rare, decisions(dropped=[39])).positive is None


def test_numbers_beyond_the_labels_of_the_table_are_not_cut():
    whole = table_of({**COLUMNS, "y": list(range(N))}, task="regression")
    made = apply_decisions(whole, decisions(changed=[2], labels=[2.5]))
    assert made.y[2] == 2.5
    texts = table_of({**COLUMNS, "y": ["a", "much longer"] * 20})
    assert apply_decisions(texts, decisions(changed=[0], labels=["much longer"])).y[0] == "much longer"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (decisions(dropped=range(38)), "leave 2 rows of data: there is nothing to learn"),
        (decisions(dropped=range(20)), "leave one y, b, in all rows of data"),
        (decisions(changed=range(20), labels=["b"] * 20), "leave one y, b, in all rows of data"),
        (decisions(dropped=[99]), "data has no row 99"),
    ],
)
def test_decisions_that_leave_nothing_to_learn_are_refused(given, message):
    table = table_of({**COLUMNS, "y": ["a"] * 20 + ["b"] * 20})
    with pytest.raises(DataError, match=message):
        apply_decisions(table, given)


def test_probabilities_are_cut_to_what_is_left_and_sum_to_one_again():
    labels = ["a", "b", "typo", "a", "b", "a"]
    table = culpa.read_table({"x": [1.5, 2, 3, 4, 5, 6], "y": labels}, target="y").raw
    made = Decisions(np.arange(0), np.array([1]), np.array([2]), np.array(["b"]))
    given = np.array([[0.6, 0.2, 0.2], [1, 0, 0], [0, 0, 1], [0.5, 0.5, 0], [0.1, 0.3, 0.6], [0, 1, 0]])
    found = cut_probabilities(given, table, apply_decisions(table, made), made)
    np.testing.assert_allclose(found, [[0.75, 0.25], [0.5, 0.5], [0.5, 0.5], [0.25, 0.75], [0, 1]], atol=1e-15)
    kept = Decisions(np.array([0]), np.array([1]), np.arange(0), np.array([], str))
    np.testing.assert_array_equal(
        cut_probabilities(given, table, apply_decisions(table, kept), kept), given[[0, *range(2, 6)]]
    )
