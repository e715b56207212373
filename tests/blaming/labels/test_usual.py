# SPDX-License-Identifier: MIT
"""What is usual of a column is one thing: the table of columns puts in what the arguments of suspects put in."""

import numpy as np
import polars as pl
import pytest

import culpa
from culpa.blaming.accounts import columns
from culpa.blaming.labels import usual

DRAW = np.random.default_rng(5)
SIZE = DRAW.normal(size=60).round(2)
TOWN = DRAW.choice(["Oslo", "Rome"], 60)
WRONG = np.where(np.arange(60) % 9 == 0, -1, 1)
FRAME = pl.DataFrame({"size": SIZE, "town": TOWN, "kind": np.where(WRONG * SIZE > 0, "large", "small")})


def investigated():
    table = culpa.read_table(FRAME, target="kind")
    return culpa.investigate(table, score="record", epochs=30, show_progress=False)


def typical(found):
    """What the arguments of all suspects call usual, by column."""
    arguments = [one for reasons in found.labels.reasons.values() for one in reasons.columns]
    return {(one.column, one.typical) for one in arguments}


@pytest.mark.parametrize("most", [5_000, 7])
def test_the_table_of_columns_and_the_suspects_reasons_know_one_usual_value(most, monkeypatch):
    for module in (usual, columns):
        monkeypatch.setattr(module, "MOST_ROWS", most)
    found = investigated()
    told = dict(zip(found.blame.columns["column"], found.blame.columns["replaced"], strict=True))
    assert "size" in {name for name, _ in typical(found)}
    assert typical(found) <= set(told.items())


def test_it_is_that_of_the_rows_which_the_accounts_are_of():
    """Negative control: of all rows, the held-out ones with them, the median is another."""
    found = investigated()
    learnt = sorted(SIZE[found.train_rows])
    middle = learnt[(len(learnt) - 1) // 2]
    assert dict(typical(found))["size"] == f"{middle:g}"
    assert middle != sorted(SIZE)[29]


def test_of_an_even_number_of_values_it_is_one_that_the_table_has():
    X = np.array([[1.0], [4.0], [2.0], [9.0]])
    span = usual.Span(usual.Column("size", "number"), slice(0, 1))
    assert usual.typical_rows([span], X, np.arange(4)) == [2]
    assert usual.typical_rows([span], X, np.array([1, 3])) == [1]
