# SPDX-License-Identifier: MIT
"""Targets: classes or numbers, which rows have one, and what cannot be learnt."""

import datetime as dt
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from culpa.errors import CulpaError, DataError, OptionError
from culpa.tables.assigning import from_frame
from culpa.tables.raw import learn_columns
from culpa.tables.roles import Roles
from culpa.tables.targets import known_rows, read_target

NAN = float("nan")
READ = {
    "texts": (["b", "a", "b"], ("a", "b"), ["b", "a", "b"]),
    "texts with gaps": (["b", None, " ", "a", ""], ("a", "b"), ["b", "a"]),
    "booleans": ([True, None, False], (False, True), [True, False]),
    "whole numbers": ([3, 1, None, 1], (1, 3), [3, 1, 1]),
    "whole numbers that gaps made fractions": ([1.0, NAN, 0.0], (0, 1), [1, 0]),
    "whole fractions": ([1.0, 0.0, 1.0], None, [1.0, 0.0, 1.0]),
    "fractions with gaps": ([1.5, NAN, None, 2.0], None, [1.5, 2.0]),
    "decimals": ([Decimal("1.50"), Decimal("2.25")], None, [1.5, 2.25]),
    "durations": ([dt.timedelta(seconds=90), dt.timedelta(seconds=30)], None, [90.0, 30.0]),
    "fifty whole numbers": ([*range(0, 100, 2)] * 2, tuple(range(0, 100, 2)), [*range(0, 100, 2)] * 2),
    "fifty-one whole numbers": ([*range(0, 102, 2)] * 2, None, [float(i) for i in range(0, 102, 2)] * 2),
    "awkward texts": (['<b>, "x"', "é\n", "=1+1"] * 2, ('<b>, "x"', "=1+1", "é\n"), ['<b>, "x"', "é\n", "=1+1"] * 2),
}


@pytest.mark.parametrize(("entries", "classes", "y"), READ.values(), ids=READ)
def test_a_target_is_read_in_the_rows_that_have_one(entries, classes, y):
    column = pl.Series("y", entries, strict=False)
    found, labels = read_target(column)
    assert labels == classes
    assert [type(label) for label in labels or ()] == [type(label) for label in classes or ()]
    assert found.tolist() == y
    assert len(known_rows(column)) == len(y)


def test_the_task_may_be_said():
    assert read_target(pl.Series("y", [1, 2, 1]), "regression")[1] is None
    assert read_target(pl.Series("y", [1.0, 2.0, 1.0]), "classification")[1] == (1, 2)
    assert read_target(pl.Series("y", [1.5, 2.0, 1.5]), "classification")[1] == ("1.5", "2")
    assert read_target(pl.Series("y", ["1.5", "2", " 3"]), "regression")[0].tolist() == [1.5, 2, 3]
    assert read_target(pl.Series("row", range(60)), "regression")[1] is None
    with pytest.raises(OptionError, match="did you mean 'regression'"):
        read_target(pl.Series("y", [1]), "regresion")


REFUSED = {
    "10,000 classes": (list(range(5000)) * 2, "classification", "has 5,000 classes in 10,000 rows; 1,000 are the most"),
    "names of the rows": ([f"house {i}" for i in range(30)], None, "is another text in each of the 30 rows"),
    "a count of the rows": (list(range(1, 61)), None, "names the rows: it counts the rows, from 1 to 60"),
    "days": ([dt.date(2020, 1, 1)] * 3, None, "type Date, which can be neither classes nor numbers"),
    "lists": ([[1], [2]], None, "can be neither classes nor numbers"),
    "a word among numbers": (["1"] * 20 + ["x"], None, "Row 20 of the column 'y' holds 'x', where 95.2% of the rows"),
    "a word as a number": (["1", None, "x"], "regression", "Row 2 of the column 'y' holds 'x', where numbers stand"),
    "a text of NaN": (["1", " ", "nan"], "regression", "Row 2 of the target 'y' holds 'nan', which is no number"),
    "infinity": ([1.5, None, float("inf")], None, "Row 2 of the column 'y' holds inf, which is not finite"),
}


@pytest.mark.parametrize(("entries", "task", "words"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_learnt_is_refused_in_words_with_rows_of_the_file(entries, task, words):
    with pytest.raises(DataError) as caught:
        read_target(pl.Series("y", entries, strict=False), task)
    assert words in str(caught.value)


def test_an_id_by_its_name_is_no_target():
    with pytest.raises(DataError, match=r"The target 'house_id' names the rows.*--task regression"):
        read_target(pl.Series("house_id", [i * i for i in range(60)]))


@pytest.mark.parametrize("positive", ["1", "true"])
def test_the_positive_class_comes_last(positive):
    column = pl.Series("y", [0, 1, 2]) if positive == "1" else pl.Series("y", [True, False, True])
    classes = read_target(column, positive=positive)[1]
    assert str(classes[-1]).lower() == positive
    with pytest.raises(OptionError, match="has no class 'x'; it has"):
        read_target(column, positive="x")
    with pytest.raises(OptionError, match="holds numbers, and no positive class '1'"):
        read_target(pl.Series("y", [0.5, 1.5]), positive="1")


@pytest.mark.parametrize("entries", [[1.5, NAN, None, 2.0], ["b", "", None, "a"]])
def test_rows_without_a_target_are_set_aside_and_the_others_keep_their_numbers(entries):
    frame = pl.DataFrame({"x": [5.0, 6.0, 7.0, 8.0], "y": pl.Series(entries, strict=False)})
    table = from_frame(frame, Roles(target="y"), name="houses.csv")
    assert table.rows.tolist() == [0, 3]
    assert table.frame["x"].to_list() == [5, 8]
    assert table.y.tolist() == [entries[0], entries[3]]
    assert table.notes == ("houses.csv: 2 of 4 rows have no y and are set aside; the first is row 1",)


def test_a_target_without_any_value_is_refused_even_where_nothing_else_is_left():
    for frame in (
        pl.DataFrame({"x": [1.0], "y": [None]}),
        pl.DataFrame({"y": pl.Series([None, None], dtype=pl.String)}),
    ):
        with pytest.raises(DataError, match="The target 'y' has no value in any row of data"):
            from_frame(frame, Roles(target="y"), name="data")


def test_a_target_alone_is_no_table_to_learn_from():
    table = from_frame(pl.DataFrame({"y": ["a", None, "b"]}), Roles(target="y"), name="data")
    assert np.array_equal(table.rows, [0, 2])
    with pytest.raises(CulpaError, match="no column to learn from"):
        learn_columns(table)
