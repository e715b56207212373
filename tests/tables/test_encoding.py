# SPDX-License-Identifier: MIT
"""Encoding: what is learnt of awkward columns, beside NumPy; levels, parts of dates, and what it costs in memory."""

import datetime as dt
import tracemalloc

import numpy as np
import polars as pl
import pytest

from culpa.tables.column import Column
from culpa.tables.columns import Columns, read, write
from culpa.tables.encoding import ENCODERS, flattening, learn_column, standardised, unstandardised
from culpa.tables.kinds import ENCODED, MOST_LEVELS

RANDOM = np.random.default_rng(4)
NUMBERS = {
    "normal": RANDOM.normal(size=101),
    "askew": RANDOM.lognormal(size=100) * 1e6,
    "tiny": RANDOM.normal(size=30) * 1e-300,
    "years": np.linspace(2000, 2004, 50),
    "small differences of large numbers": 1e9 + np.arange(10.0),
    "one sentinel": np.r_[np.arange(20.0), 1e14],
    "half zeros": np.r_[np.zeros(50), RANDOM.gamma(2, size=20)],
}


def learnt(values, kind="number"):
    return learn_column(kind, pl.Series("a", values))


def encoded(column, values):
    series = pl.Series("a", values, dtype=pl.String if column.kind == "category" else None)
    out = np.full((len(series), len(ENCODERS[column.kind].parts(column)) + column.missing), np.nan)
    write(column, series, out)
    return out


@pytest.mark.parametrize("values", NUMBERS.values(), ids=NUMBERS)
def test_center_and_scale_are_numpys_quartiles(values):
    column = learnt(values)
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    expected = (high - low) / 1.349 if high > low else values.std()
    np.testing.assert_allclose([column.center, column.scale], [middle, expected], rtol=1e-12)
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(column.scale, expected * (1 + 1e-9), rtol=1e-12)


@pytest.mark.parametrize(
    "values",
    [[1.7e308, -1.7e308, 1e308, -1e308], [1.7e308] * 3, [5e-324, 0.0, 1e-323], [5e-324], [0.0], [0.1] * 50, [-1e15] * 7,
     [1e300, 1.0, 2.0, 3.0], []],
    ids=str,
)  # fmt: skip
def test_no_numbers_make_a_scale_that_nothing_can_be_divided_by(values):
    column = learnt(np.array(values, float))
    assert np.isfinite(column.center)
    assert 0 < column.scale < np.inf
    again = np.array([*values, 1.7e308, -1.7e308, 0.0, 5e-324])
    z = standardised(column, again)
    assert np.isfinite(z).all()
    assert np.abs(z).max() <= 3
    assert np.isfinite(unstandardised(column, z)).all()
    assert np.isfinite(unstandardised(column, np.array([3.0, -3.0, 1e9]))).all()
    assert np.isfinite(flattening(column, 1.7e308))


def test_a_missing_number_is_the_median_and_a_flag():
    column = learnt([1.0, None, 3.0])
    np.testing.assert_array_equal(encoded(column, [None, 2.0]), [[0, 1], [0, 0]])
    alone = learn_column("number", pl.Series("a", [None, None], dtype=pl.Float64))
    assert (alone.center, alone.scale, alone.missing) == (0.0, 1.0, True)
    np.testing.assert_array_equal(encoded(alone, [0.0, None]), [[0, 0], [0, 1]])


@pytest.mark.parametrize(("n", "rarest"), [(10, 2), (599, 2), (600, 3), (2000, 10), (10_000, 10)])
def test_a_level_is_rare_below_a_count_that_grows_with_the_rows(n, rarest):
    """Two, or a two-hundredth of the rows, and never more than ten."""
    for count, kept in ((rarest, True), (rarest - 1, False)):
        column = learnt(["x"] * count + ["y"] * (n - count), "category")
        assert ("x" in column.levels) == kept
        assert column.other != kept


def test_the_most_frequent_of_many_levels_are_kept_and_the_rest_share_an_input():
    entries = [f"w{i:03}" for i in range(80) for _ in range(2 + (i % 40 == 0) * 30)]
    column = learnt(entries, "category")
    assert len(column.levels) == MOST_LEVELS
    assert column.other
    assert {"w000", "w040"} < set(column.levels)
    assert column.levels == tuple(sorted(column.levels))
    X = encoded(column, ["w000", "w079", "never seen", None])
    assert X.sum(axis=1).tolist() == [1, 1, 1, 0]
    assert X[1, -1] == X[2, -1] == 1
    assert read(column, X).to_list() == ["w000", "other", "other", None]


def test_a_category_of_rare_levels_alone_and_one_without_any_are_encoded_still():
    rare = learnt(["a", "b", "c"], "category")
    assert (rare.levels, rare.other) == ((), True)
    assert encoded(rare, ["a", None]).tolist() == [[1], [0]]
    nothing = learn_column("category", pl.Series("a", [None], dtype=pl.String))
    assert encoded(nothing, ["a", None]).tolist() == [[0], [1]]
    assert read(nothing, encoded(nothing, ["a", None])).to_list() == [None, None]


@pytest.mark.parametrize("name", ["count", "level", "proportion", ""])
def test_a_column_may_be_called_as_polars_calls_its_own(name):
    column = learn_column("category", pl.Series(name, ["x", "y"] * 3))
    assert column.levels == ("x", "y")


def test_the_parts_of_dates_follow_their_cycles():
    """The angle of each cycle from Python's calendar."""
    moments = [dt.datetime(2020, 1, 6) + dt.timedelta(hours=37 * i) for i in range(100)]
    column = learn_column("date", pl.Series("a", moments))
    assert column.parts == ("time", "season", "weekday", "hour")
    X = encoded(column, moments)
    weekday = np.array([2 * np.pi * (at.weekday() + at.hour / 24) / 7 for at in moments])
    np.testing.assert_allclose(X[:, 3:5], np.c_[np.sin(weekday), np.cos(weekday)], atol=1e-9)
    hour = np.array([2 * np.pi * at.hour / 24 for at in moments])
    np.testing.assert_allclose(X[:, 5:7], np.c_[np.sin(hour), np.cos(hour)], atol=1e-9)
    year = np.array([2 * np.pi * (at - dt.datetime(1970, 1, 1)).total_seconds() / 86400 / 365.2425 for at in moments])
    np.testing.assert_allclose(X[:, 1:3], np.c_[np.sin(year), np.cos(year)], atol=1e-9)
    assert read(column, X).to_list() == moments


@pytest.mark.parametrize(
    ("moments", "parts"),
    [
        ([dt.datetime(2020, 1, 6)], ("time",)),
        ([dt.datetime(2020, 1, 6), dt.datetime(2020, 1, 13)], ("time",)),
        ([dt.datetime(2020, 1, 6), dt.datetime(2020, 1, 7)], ("time", "weekday")),
        ([dt.datetime(2020, 1, 6), dt.datetime(2020, 3, 6)], ("time", "weekday")),
        ([dt.datetime(2020, 1, 6), dt.datetime(2020, 3, 9)], ("time", "season")),
        ([dt.datetime(2020, 1, 6), dt.datetime(2020, 3, 7)], ("time", "season", "weekday")),
        ([dt.datetime(2020, 1, 6, 5)], ("time", "hour")),
        ([dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31)], ("time", "season", "weekday")),
    ],
)
def test_a_date_has_the_parts_that_its_values_go_through(moments, parts):
    column = learn_column("date", pl.Series("a", moments))
    assert column.parts == parts
    assert np.isfinite(encoded(column, [*moments, None])).all()
    assert read(column, np.full((2, encoded(column, moments).shape[1]), 3.0)).dt.year().is_between(-1, 9999).all()


def test_every_kind_that_is_encoded_has_an_encoder():
    assert set(ENCODERS) == set(ENCODED)


def test_encoding_holds_little_beside_its_result():
    """A column's copies come and go: far less than a second table in float64."""
    n, d = 20_000, 20
    frame = pl.DataFrame({f"x{j}": RANDOM.normal(size=n) for j in range(d)})
    columns = Columns(tuple(Column(f"x{j}", "number", 0.0, 1.0, 3.0) for j in range(d)), "y")
    columns.encode(frame[:10])
    tracemalloc.start()
    X = columns.encode(frame, dtype=np.float32)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert X.nbytes <= peak < X.nbytes + 6 * n * 8
