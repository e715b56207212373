# SPDX-License-Identifier: MIT
"""The same table from any file and any frame gives the same X to the bit; what a file of texts cannot know is said."""

import datetime as dt
import importlib
import sys

import numpy as np
import pandas as pd
import polars as pl
import pytest

from culpa.tables.table import read_table

N = 24
TABLE = pl.DataFrame(
    {
        'size, "in" m²': [50.25, None, 71.1, 0.1, -1e-7, 12345678.5] * 4,
        "rooms": [3, 2, None, 4, 4, 1] * 4,
        "<b>city</b>": ["Oslo", "Rome, Italy", 'say "hi"', None, "Köln", "Rome, Italy"] * 4,
        "paid": [True, False, None, False, True, True] * 4,
        "built": [dt.date(2019, 12, 30), dt.date(2020, 2, 29), None, dt.date(2021, 6, 30), dt.date(2000, 1, 1), None]
        * 4,
        "seen": [dt.datetime(2020, 1, 1, 5, 30, 7), None, dt.datetime(2020, 5, 1), dt.datetime(1999, 1, 1, 1)] * 6,
        "ort": ["été\n2 lines", "x", "y"] * 8,
        "price": [float(i * i) + 0.5 for i in range(N)],
    }
)
OBJECTS = ("rooms", "<b>city</b>", "paid", "built", "ort")


def written(folder, ending):
    path = folder / f"table.{ending}"
    {
        "csv": lambda: TABLE.write_csv(path),
        "parquet": lambda: TABLE.write_parquet(path),
        "feather": lambda: TABLE.write_ipc(path, compat_level=pl.CompatLevel.oldest()),
        "jsonl": lambda: TABLE.write_ndjson(path),
    }[ending]()
    return str(path)


def as_objects():
    """A pandas frame as one gets it from Python objects."""
    return pd.DataFrame({name: pd.Series(TABLE[name].to_list(), dtype=object) for name in TABLE.columns})


FRAMES = {
    "a dictionary": lambda: TABLE.to_dict(as_series=False),
    "rows": TABLE.to_dicts,
    "a lazy frame": TABLE.lazy,
    "Arrow": TABLE.to_arrow,
    "pandas": TABLE.to_pandas,
    "pandas with Arrow's types": lambda: TABLE.to_pandas(use_pyarrow_extension_array=True),
    "pandas with its own nullable types": lambda: as_objects().convert_dtypes(),
    "pandas with objects": as_objects,
    "pandas with categories": lambda: TABLE.to_pandas().astype({"<b>city</b>": "category", "ort": "category"}),
    "Polars with categories": lambda: TABLE.with_columns(pl.col("ort", "<b>city</b>").cast(pl.Categorical)),
    "narrow types": lambda: TABLE.with_columns(pl.col("rooms").cast(pl.Int8), pl.col("seen").cast(pl.Datetime("ms"))),
    "decimals": lambda: TABLE.with_columns(pl.col("price").cast(pl.Decimal(20, 2))),
    "columns in another order": lambda: TABLE.select(reversed(TABLE.columns)),
}


def assert_same(found, expected):
    """The same inputs, targets and names, to the bit."""
    order = [found.columns.encoded.index(name) for name in expected.columns.encoded]
    assert len(order) == len(found.columns.encoded)
    assert np.ascontiguousarray(found.X[:, order]).tobytes() == expected.X.tobytes()
    assert found.y.tobytes() == expected.y.tobytes()


@pytest.fixture(scope="module")
def expected():
    return read_table(TABLE, "price", dtype="float64")


@pytest.mark.parametrize("make", FRAMES.values(), ids=FRAMES)
def test_every_frame_gives_the_same_inputs_to_the_bit(expected, make):
    found = read_table(make(), "price", dtype="float64")
    assert_same(found, expected)
    assert found.columns.kinds == expected.columns.kinds


@pytest.mark.parametrize("ending", ["csv", "parquet", "feather", "jsonl"])
def test_every_file_gives_the_same_inputs_to_the_bit(tmp_path, expected, ending):
    found = read_table(written(tmp_path, ending), "price", dtype="float64")
    assert_same(found, expected)
    assert {name: kind.partition(":")[0] for name, kind in found.columns.kinds.items()} == expected.columns.kinds


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_what_was_learnt_from_one_form_encodes_every_other(tmp_path, expected, ending):
    path = written(tmp_path, ending)
    learnt = read_table(path, "price").columns
    for source in (path, TABLE, TABLE.to_pandas(), as_objects()):
        found = read_table(source, columns=learnt, dtype="float64")
        assert_same(found, expected)


def test_a_frame_without_pyarrow_is_read_all_the_same(expected, monkeypatch):
    frames = [as_objects(), TABLE.to_pandas().astype({"ort": "category"})]
    frames[1]["seen"] = frames[1]["seen"].astype("datetime64[s]")
    hidden = [name for name in sys.modules if name.split(".")[0] == "pyarrow"]
    for name in [*hidden, "pyarrow"]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError):
        importlib.import_module("pyarrow")
    monkeypatch.setattr("polars._dependencies._PYARROW_AVAILABLE", False)
    for frame in frames:
        assert_same(read_table(frame, "price", dtype="float64"), expected)


def test_leading_zeros_are_kept_where_the_kind_is_said_or_the_file_knows_texts(tmp_path):
    codes = pl.DataFrame({"zip": ["01234", "00501", "1234"] * 4, "y": ["no", "yes", "no"] * 4})
    codes.write_csv(tmp_path / "z.csv")
    codes.write_parquet(tmp_path / "z.parquet")
    csv, parquet = (str(tmp_path / f"z.{ending}") for ending in ("csv", "parquet"))
    assert read_table(csv, "y").columns.kinds == {"zip": "number"}
    assert read_table(parquet, "y").columns.kinds == {"zip": "category"}
    said = [read_table(path, "y", kinds={"zip": "category"}, dtype="float64") for path in (csv, parquet)]
    assert said[0].columns.inputs[0].levels == ("00501", "01234", "1234")
    assert_same(*said)


@pytest.mark.parametrize("row", [0, N - 1])
def test_one_bit_of_difference_would_be_noticed(expected, row):
    """Negative control of the comparison."""
    other = TABLE.with_columns(pl.when(pl.int_range(N) == row).then(9.0).otherwise("rooms").alias("rooms"))
    with pytest.raises(AssertionError):
        assert_same(read_table(other, "price", columns=expected.columns, dtype="float64"), expected)
