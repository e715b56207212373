# SPDX-License-Identifier: MIT
"""Frames: columns of any library as Polars has them, gaps and all, and what is no table."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from culpa.errors import CulpaError
from culpa.tables.frames import as_frame, as_series, is_array

NAN = float("nan")
SERIES = {
    "a list": ([1, None, NAN], pl.Int64, [1, None, None]),
    "texts": (["nan", None, "b"], pl.String, ["nan", None, "b"]),
    "several kinds": ([1, "a", None], pl.String, ["1", "a", None]),
    "NumPy's numbers among objects": (np.array([np.int64(1), np.float32(2.5)], object), pl.Float64, [1.0, 2.5]),
    "half precision": (np.array([1.5], "f2"), pl.Float64, [1.5]),
    "long numbers": (np.array([1.5], "longdouble"), pl.Float64, [1.5]),
    "masked": (np.ma.array([1.0, 2.0], mask=[0, 1]), pl.Float64, [1.0, None]),
    "days": (np.array(["2020-01-31", "NaT"], "M8[D]"), pl.Datetime("us"), [dt.datetime(2020, 1, 31), None]),
    "nanoseconds": (np.array(["2020-01-31"], "M8[ns]"), pl.Datetime("us"), [dt.datetime(2020, 1, 31)]),
    "durations": (np.array([90], "m8[s]"), pl.Duration("us"), [dt.timedelta(seconds=90)]),
    "pandas numbers": (pd.Series([1.5, None]), pl.Float64, [1.5, None]),
    "pandas whole numbers": (pd.Series([1, None], dtype="Int64"), pl.Int64, [1, None]),
    "pandas texts": (pd.Series(["a", None]), pl.String, ["a", None]),
    "pandas objects": (pd.Series([True, None], dtype=object), pl.Boolean, [True, None]),
    "pandas categories": (pd.Series(["a", None], dtype="category"), pl.String, ["a", None]),
    "pandas categories of numbers": (pd.Series([2, None, 1], dtype="category"), pl.String, ["2", None, "1"]),
    "pandas months": (pd.Series(pd.period_range("2020-01", periods=1, freq="M")), pl.String, None),
    "Arrow": (pa.chunked_array([[1, 2], [None]]), pl.Int64, [1, 2, None]),
    "an array of Arrow's": (pa.array(["a", None]), pl.String, ["a", None]),
    "a dictionary of Arrow's": (pa.chunked_array([pa.array(["a", None]).dictionary_encode()]), pl.String, ["a", None]),
    "Polars categories": (pl.Series(["a", None], dtype=pl.Categorical), pl.String, ["a", None]),
    "Polars objects": (pl.Series([object], dtype=pl.Object), pl.String, ["<class 'object'>"]),
    "decimals": ([Decimal("1.5"), Decimal("NaN")], pl.Decimal, [Decimal("1.5"), None]),
    "beyond 64 bits": ([2**70, 1], pl.Int128, [2**70, 1]),
    "lists": ([[1], [2, 3]], pl.List(pl.Int64), [[1], [2, 3]]),
}  # fmt: skip


@pytest.mark.parametrize(("given", "dtype", "expected"), SERIES.values(), ids=SERIES)
def test_a_column_of_any_library_becomes_polarss(given, dtype, expected):
    found = as_series("a", given)
    assert (found.name, found.dtype) == ("a", dtype)
    assert expected is None or found.to_list() == expected


FRAMES = {
    "a dictionary": {"a": [1, 2], "b": ["x", None]},
    "rows": [{"a": 1, "b": "x"}, {"a": 2}],
    "records": np.array([(1, "x"), (2, "")], dtype=[("a", "i8"), ("b", "U1")]),
    "pandas": pd.DataFrame({"a": [1, 2], "b": ["x", None]}),
    "Arrow": pa.table({"a": [1, 2], "b": ["x", None]}),
    "lazy": pl.LazyFrame({"a": [1, 2], "b": ["x", None]}),
}


@pytest.mark.parametrize("given", FRAMES.values(), ids=FRAMES)
def test_a_table_of_any_library_becomes_polarss(given):
    found = as_frame(given)
    assert found["a"].to_list() == [1, 2]
    assert found["b"].fill_null("").to_list() == ["x", ""]


def test_an_array_has_its_columns_numbered_or_named():
    assert as_frame(np.eye(2)).columns == ["x0", "x1"]
    assert as_frame([[1, 2], [3, 4]], ["a", ""]).columns == ["a", ""]
    assert as_frame(np.eye(2)[:, :1], ["é"])["é"].to_list() == [1, 0]
    assert [is_array(table) for table in (np.eye(2), [[1]], [{"a": 1}], {"a": [1]}, pd.DataFrame())] == [
        True, True, False, False, False,
    ]  # fmt: skip


def test_a_frame_without_categories_is_taken_as_it_is():
    frame = pl.DataFrame({"a": [1]})
    assert as_frame(frame) is frame


BAD = {
    "two columns of one name": (pd.DataFrame(np.eye(2), columns=["a", "a"]), "Two columns are called 'a'"),
    "1 and its text": (pd.DataFrame(np.eye(2), columns=[1, "1"]), "Two columns are called '1'"),
    "two columns of Arrow's": (pa.table([[1], [2]], names=["a", "a"]), "Two columns are called 'a'"),
    "columns of several lengths": ({"a": [1, 2], "b": [1]}, "'a' has 2 rows, 'b' 1"),
    "a number as a column": ({"a": 3}, "The column 'a' must hold an entry a row; got 3"),
    "a text as a column": ({"a": "xyz"}, "The column 'a' must hold an entry a row; got 'xyz'"),
    "nothing": (None, "got a NoneType"),
    "images": (np.ones((2, 2, 2)), "flatten images"),
    "no rows": (np.ones((0, 2)), "at least one of each"),
}


@pytest.mark.parametrize(("given", "words"), BAD.values(), ids=BAD)
def test_what_is_no_table_is_refused_in_words(given, words):
    with pytest.raises(CulpaError) as caught:
        as_frame(given)
    assert words in str(caught.value)
