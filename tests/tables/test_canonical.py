# SPDX-License-Identifier: MIT
"""Canonical columns: every type of every library ends in the one type of its kind, or is refused by its row."""

import datetime as dt
import math
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from culpa.errors import DataError
from culpa.tables.canonical import as_kind

NAN = float("nan")
NUMBERS = {
    "whole numbers": (pl.Series("a", [1, None, -3], dtype=pl.Int8), [1.0, None, -3.0]),
    "beyond 2^53": (pl.Series("a", [2**53 + 1, -(2**63)]), [float(2**53), -(2.0**63)]),
    "beyond 64 bits": (pl.Series("a", [2**70], dtype=pl.Int128), [2.0**70]),
    "unsigned": (pl.Series("a", [2**64 - 1], dtype=pl.UInt64), [2.0**64]),
    "fractions with NaN": (pl.Series("a", [0.1, NAN, None]), [0.1, None, None]),
    "single precision": (pl.Series("a", [0.1], dtype=pl.Float32), [float(np.float32(0.1))]),
    "extremes": (pl.Series("a", [5e-324, -1.7976931348623157e308]), [5e-324, -1.7976931348623157e308]),
    "booleans": (pl.Series("a", [True, None, False]), [1.0, None, 0.0]),
    "decimals": (pl.Series("a", [Decimal("0.10"), Decimal("-3.25")]), [0.1, -3.25]),
    "texts": (
        pl.Series("a", [" 1.5", "-2e3 ", "", "nan", "NaN", None, "+7", "007"]),
        [1.5, -2e3, None, None, None, None, 7.0, 7.0],
    ),
    "categories": (pl.Series("a", ["2", "10"], dtype=pl.Categorical), [2.0, 10.0]),
    "a fixed list": (pl.Series("a", ["2", "10"], dtype=pl.Enum(["2", "10"])), [2.0, 10.0]),
    "durations": (pl.Series("a", [dt.timedelta(days=1, milliseconds=5), None]), [86400.005, None]),
    "times": (pl.Series("a", [dt.time(1, 0, 0, 500000)]), [3600.5]),
    "nothing": (pl.Series("a", [None, None]), [None, None]),
}  # fmt: skip
TEXTS = {
    "texts": (pl.Series("a", ["01", " x ", "", "  ", None, "é\n<b>"]), ["01", " x ", None, None, None, "é\n<b>"]),
    "whole numbers": (pl.Series("a", [1, None, 10**17]), ["1", None, str(10**17)]),
    "whole fractions": (pl.Series("a", [1.0, NAN, 1e17, -0.0]), ["1", None, str(10**17), "0"]),
    "fractions": (pl.Series("a", [0.1, 1e-7, 2.5e30]), ["0.1", "1e-7", "2.5e+30"]),
    "single precision": (pl.Series("a", [0.1, 2.0], dtype=pl.Float32), ["0.1", "2"]),
    "decimals": (pl.Series("a", [Decimal("1.50"), Decimal("2.00")]), ["1.5", "2"]),
    "booleans": (pl.Series("a", [True, None, False]), ["true", None, "false"]),
    "days": (pl.Series("a", [dt.date(2020, 1, 31)]), ["2020-01-31"]),
    "moments": (
        pl.Series("a", [dt.datetime(2020, 1, 31), dt.datetime(2020, 1, 31, 5, 0, 1)]),
        ["2020-01-31", "2020-01-31 05:00:01"],
    ),
    "durations": (pl.Series("a", [dt.timedelta(seconds=3)]), ["3"]),
    "categories": (pl.Series("a", ["x", ""], dtype=pl.Categorical), ["x", None]),
}  # fmt: skip
NOON = dt.datetime(2020, 1, 31, 12)
DATES = {
    "days": (pl.Series("a", [dt.date(2020, 1, 31), None]), [dt.datetime(2020, 1, 31), None]),
    "milliseconds": (pl.Series("a", [NOON], dtype=pl.Datetime("ms")), [NOON]),
    "nanoseconds": (pl.Series("a", [NOON], dtype=pl.Datetime("ns")), [NOON]),
    "another time zone": (
        pl.Series("a", [NOON]).dt.replace_time_zone("UTC").dt.convert_time_zone("Asia/Tokyo"),
        [NOON + dt.timedelta(hours=9)],
    ),
    "texts": (pl.Series("a", ["2020-01-31", "", None]), [dt.datetime(2020, 1, 31), None, None]),
    "texts with a time zone": (pl.Series("a", ["2020-01-31T12:00:00+02:00"]), [NOON]),
    "nothing": (pl.Series("a", [None], dtype=pl.String), [None]),
}  # fmt: skip
BOOLEANS = {
    "words": (pl.Series("a", ["yes", "No ", "T", "FALSE", "1", "0", "y", "", None]),
              [True, False, True, False, True, False, True, None, None]),
    "numbers": (pl.Series("a", [1.0, 0.0, NAN]), [True, False, None]),
    "booleans": (pl.Series("a", [True, None]), [True, None]),
}  # fmt: skip
MADE = [
    (kind, dtype, name, *case)
    for kind, dtype, cases in (
        ("number", pl.Float64, NUMBERS), ("category", pl.String, TEXTS), ("date", pl.Datetime("us"), DATES),
        ("yes/no", pl.Boolean, BOOLEANS),
    )
    for name, case in cases.items()
]  # fmt: skip


@pytest.mark.parametrize(("kind", "dtype", "name", "column", "expected"), MADE, ids=[f"{m[0]} of {m[2]}" for m in MADE])
def test_every_type_becomes_the_one_of_its_kind(kind, dtype, name, column, expected):
    made = as_kind(column, kind)
    assert (made.dtype, made.name, made.to_list()) == (dtype, "a", expected)
    assert as_kind(made, kind).equals(made, null_equal=True), "a canonical column stays as it is"


BAD = {
    "a word among numbers": (pl.Series("a", ["1", None, "x y"]), "number", "Row 2 .* holds 'x y', where numbers"),
    "infinity": (pl.Series("a", [1.0, math.inf]), "number", "Row 1 .* holds inf, which is not finite"),
    "a text of infinity": (pl.Series("a", ["1e999"]), "number", "Row 0 .* holds '1e999', which is not finite"),
    "days as numbers": (pl.Series("a", [NOON]), "number", "to hold numbers; it holds values of the type Datetime"),
    "lists as numbers": (pl.Series("a", [[1]]), "number", "to hold numbers"),
    "lists as texts": (pl.Series("a", [[1]]), "category", "to hold texts"),
    "bytes as texts": (pl.Series("a", [b"\xff"]), "category", "to hold texts"),
    "a third word": (pl.Series("a", ["yes", "perhaps"]), "yes/no", "Row 1 .* holds 'perhaps', where yes or no stands"),
    "two": (pl.Series("a", [0, 1, 2]), "yes/no", "Row 2 .* holds 2, where yes or no stands"),
    "no date": (pl.Series("a", ["2020-01-31", "soon"]), "date", "Row 0 .* in no recognised form of dates"),
    "a number as a date": (pl.Series("a", [3]), "date", "Row 0 .* in no recognised form of dates"),
}  # fmt: skip


@pytest.mark.parametrize(("column", "kind", "words"), BAD.values(), ids=BAD)
def test_what_cannot_be_read_so_is_refused_by_its_row_and_column(column, kind, words):
    with pytest.raises(DataError, match=words) as caught:
        as_kind(column, kind)
    assert "'a'" in str(caught.value)


def test_dates_follow_the_form_that_is_said():
    column = pl.Series("a", ["01/02/2020", None])
    assert as_kind(column, "date", "%d/%m/%Y")[0] == dt.datetime(2020, 2, 1)
    assert as_kind(column, "date", "%m/%d/%Y")[0] == dt.datetime(2020, 1, 2)
    with pytest.raises(DataError, match=r"Row 0 .* holds '01/02/2020', where dates are written as %Y"):
        as_kind(column, "date", "%Y-%m-%d")
    with pytest.raises(DataError, match="where dates are written as %Q"):
        as_kind(column, "date", "%Q")


@pytest.mark.parametrize("kind", ["text", "id", "constant"])
def test_what_is_set_aside_stays_as_it_is(kind):
    column = pl.Series("a", [[1], None])
    assert as_kind(column, kind) is column


def test_a_whole_fraction_is_the_level_of_the_whole_number():
    """Negative control: Polars's own cast says 1.0."""
    assert pl.Series([1.0]).cast(pl.String)[0] == "1.0"
    assert as_kind(pl.Series([1.0]), "category")[0] == as_kind(pl.Series([1]), "category")[0] == "1"
