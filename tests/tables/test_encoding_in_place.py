# SPDX-License-Identifier: MIT
"""Some rows of a table, encoded into an array that is there already: the same X as of a table of those rows alone."""

import numpy as np
import polars as pl
import pytest

from culpa.errors import CulpaWarning
from culpa.tables.assigning import raw_table
from culpa.tables.raw import learn_columns

TABLE = pl.DataFrame(
    {
        "size": [50.0, None, 71.0, 20.0, 33.0, 41.5] * 4,
        "city": ["Oslo", "Rome", "Rome", "Oslo", None, "Bonn"] * 4,
        "paid": ["yes", "no", "no", "yes", "no", None] * 4,
    }
)
ROWS = np.array([3, 17, 4, 4])


def learnt():
    return learn_columns(raw_table(TABLE, np.arange(24) % 2))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_rows_are_those_of_a_table_of_these_rows(dtype):
    columns = learnt()
    expected = columns.encode(TABLE[ROWS], dtype=dtype)
    np.testing.assert_array_equal(columns.encode(TABLE, rows=ROWS, dtype=dtype), expected)
    assert (columns.encode(TABLE, rows=ROWS + 1, dtype=dtype) != expected).any()


def test_an_array_that_is_given_is_filled_whatever_it_held():
    columns = learnt()
    given = np.full((4, columns.width + 1), 7.0)
    assert columns.encode(TABLE, rows=ROWS, out=given[:, :-1]) is not None
    np.testing.assert_array_equal(given[:, :-1], columns.encode(TABLE[ROWS]))
    assert (given[:, -1] == 7).all()


def test_columns_learnt_from_some_rows_are_those_of_a_table_of_these_rows():
    half = np.arange(0, 24, 2)
    table = raw_table(TABLE, np.arange(24) // 12)
    alone = raw_table(TABLE[half], np.arange(24)[half] // 12)
    assert learn_columns(table, half) == learn_columns(alone)


def test_only_the_rows_that_are_encoded_can_surprise():
    columns = learnt()
    other = TABLE.with_columns(pl.Series("city", ["Kyiv", *["Oslo"] * 23]))
    columns.encode(other, rows=np.arange(1, 24))
    with pytest.warns(CulpaWarning, match="1 row with a new category"):
        columns.encode(other, rows=np.array([0]))
