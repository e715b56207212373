# SPDX-License-Identifier: MIT
"""Other writers: what was learnt from one file takes the same table as another library writes it."""

import datetime as dt
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest

from culpa.errors import DataError
from culpa.tables.encoding import spelt
from culpa.tables.table import read_table

N = 40
MOMENTS = [dt.datetime(2001, 6, 30, 15, 47, i % 60) + dt.timedelta(days=i) for i in range(N)]
FRAME = pl.DataFrame(
    {
        "z": [float(i % 3) if i % 7 else None for i in range(N)],
        "b": [i % 2 == 0 for i in range(N)],
        "f": [1e-7 * (i % 4) for i in range(N)],
        "d": [dt.date(2020, 1, 1 + i % 5) for i in range(N)],
        "moment": MOMENTS,
        "y": [0, 1] * (N // 2),
    }
)
KINDS = {"z": "category", "b": "category", "f": "category", "d": "category", "moment": "date"}


@pytest.fixture
def files(tmp_path):
    FRAME.write_csv(tmp_path / "polars.csv")
    FRAME.write_parquet(tmp_path / "polars.parquet")
    FRAME.write_ndjson(tmp_path / "polars.jsonl")
    FRAME.to_pandas().to_csv(tmp_path / "pandas.csv", index=False)
    return sorted(tmp_path.iterdir())


def test_levels_and_dates_are_known_again_in_every_form(files):
    for learnt in files:
        table = read_table(learnt, "y", kinds=KINDS)
        for other in [*files, FRAME, FRAME.to_pandas()]:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                again = read_table(other, columns=table.columns)
            np.testing.assert_array_equal(again.X, table.X, err_msg=f"{learnt.name} {other}")


@pytest.mark.parametrize(("text", "is_not"), [("007", "7"), ("1_0", "10"), ("no", "false"), ("1.5", "1")])
def test_what_is_written_otherwise_on_purpose_is_something_else(text, is_not):
    assert spelt(text) != spelt(is_not)


def test_dates_in_a_form_of_two_meanings_are_refused_beside_another_learnt_form():
    columns = read_table({"d": ["2020-01-05", "2020-03-04"] * 8, "y": [0, 1] * 8}, "y").columns
    assert columns.inputs[0].form == "%Y-%m-%d"
    with pytest.raises(DataError, match=r"holds '01/05/2020', where dates are written as %Y-%m-%d"):
        columns.encode({"d": ["01/05/2020", "03/04/2020"]})
    np.testing.assert_array_equal(columns.encode({"d": ["31.12.2020"]}), columns.encode({"d": ["2020-12-31"]}))


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Sydney", "UTC"])
def test_the_time_zone_plays_no_part(zone, tmp_path):
    days = pd.Series(pd.date_range("2020-01-01", periods=200, freq="D"))
    plain = pd.DataFrame({"d": days, "y": [0, 1] * 100})
    zoned = plain.assign(d=days.dt.tz_localize(zone))
    table = read_table(plain, "y")
    assert "d: hour (sine)" not in table.columns.encoded
    zoned.to_csv(tmp_path / "z.csv", index=False)
    for other in (zoned, tmp_path / "z.csv"):
        np.testing.assert_array_equal(read_table(other, "y").X, table.X)
    assert table.columns.decode(table.X.astype(np.float64))["d"].dtype == pl.Date


def test_the_first_and_the_last_day_come_back():
    days = [dt.date(1, 1, 1), dt.date(9999, 12, 31), dt.date(3939, 1, 1), *[dt.date(2020, 1, 1)] * 9]
    table = read_table({"d": days}, dtype="float64")
    table.columns.encode({"d": days})
    spread = read_table({"d": [dt.date(1, 1, 1), dt.date(9999, 12, 31), dt.date(3939, 1, 1)] * 4}, dtype="float64")
    assert spread.columns.decode(spread.X)["d"].to_list()[:3] == days[:3]
