# SPDX-License-Identifier: MIT
"""Raw tables of arrays: what kind of target it is, which labels there are, and what cannot be a target."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import culpa
from culpa.errors import CulpaError, DataError, OptionError, ShapeError
from culpa.tables.assigning import raw_table
from culpa.tables.raw import learn_columns

X = np.random.default_rng(0).normal(size=(60, 2))
AWKWARD = ["a,b", 'say "hi"', "<b>&amp;</b>", "two\nlines", "été", "語", "=1+1", "x ", "ﬁ", "e\u0301"]

CLASSES = {
    "words": (np.array(AWKWARD)[np.arange(60) % 10], tuple(sorted(AWKWARD))),
    "yes and no": (np.arange(60) % 2 == 0, (False, True)),
    "whole numbers": (np.arange(60) % 3 - 1, (-1, 0, 1)),
    "fifty whole numbers": (np.arange(60) % 50, tuple(range(50))),
    "small whole numbers": ((np.arange(60) % 4).astype("uint8"), (0, 1, 2, 3)),
    "a list": ((["b", "a"] * 30), ("a", "b")),
    "words as objects": (np.array(["b", "a"] * 30, object), ("a", "b")),
    "one column": ((np.arange(60) % 2)[:, None], (0, 1)),
    "one class": (np.zeros(60, int), (0,)),
}
NUMBERS = {
    "fractions": X[:, 0],
    "whole floats": (np.arange(60) % 3).astype(float),
    "fifty-one whole numbers": np.arange(60) % 51,
    "large whole numbers": np.arange(60) * 10**15,
    "one column": X[:, :1],
    "single precision": X[:, 0].astype("float32"),
    "a list": X[:, 0].tolist(),
}


@pytest.mark.parametrize(("y", "labels"), CLASSES.values(), ids=CLASSES)
def test_these_are_classes(y, labels):
    table = raw_table(X, y)
    assert table.task == "classification"
    assert table.classes == labels
    assert all(type(mine) is type(its) for mine, its in zip(table.classes, labels, strict=True))
    assert table.y.shape == (60,)
    assert table.y.tolist() == np.asarray(y).ravel().tolist()


@pytest.mark.parametrize("y", NUMBERS.values(), ids=NUMBERS)
def test_these_are_numbers(y):
    table = raw_table(X, y)
    assert (table.task, table.classes, table.y.dtype, table.y.shape) == ("regression", None, np.float64, (60,))
    np.testing.assert_array_equal(table.y, np.ravel(y))


def test_the_task_may_be_said():
    assert raw_table(X, np.arange(60) % 3, task="regression").classes is None
    assert len(raw_table(X, np.arange(60), task="classification").classes) == 60
    assert raw_table(X, np.arange(60) % 2 == 0, task="regression").y.tolist()[:2] == [1.0, 0.0]
    with pytest.raises(OptionError, match="did you mean 'regression'"):
        raw_table(X, X[:, 0], task="regresion")
    with pytest.raises(DataError, match="Row 0 of the column 'target' holds 'b', where numbers stand"):
        raw_table(X, ["b", "a"] * 30, task="regression")


@pytest.mark.parametrize(
    ("bad", "words"),
    [(np.nan, "`y` must not have gaps; row 5 has none"), (np.inf, "Row 5 .* holds inf, which is not finite")],
)
def test_a_target_that_is_not_finite_is_named_by_its_row(bad, words):
    y = X[:, 0].copy()
    y[5] = bad
    with pytest.raises(DataError, match=words):
        raw_table(X, y)


@pytest.mark.parametrize("missing", [None, np.nan], ids=["None", "NaN"])
@pytest.mark.parametrize("other", ["a", 1, 0.5])
def test_a_missing_target_among_objects_is_refused_and_does_not_become_a_class(missing, other):
    y = np.array([other] * 59 + [missing], object)
    with pytest.raises(DataError, match="row 59"):
        raw_table(X, y)


@pytest.mark.parametrize("y", [np.arange(59), np.arange(60)[None], X, 3, [], np.zeros((60, 1, 1))])
def test_a_target_of_another_shape_is_refused(y):
    with pytest.raises(ShapeError, match="one target for each of the 60 rows"):
        raw_table(X, y)


RAGGED = [[1.0, 2.0], [3.0]]


@pytest.mark.parametrize("call", [lambda: raw_table(RAGGED, [0, 1]), lambda: raw_table(X[:2], RAGGED)], ids=["X", "y"])
def test_rows_of_unequal_length_are_refused_in_words(call):
    with pytest.raises(CulpaError):
        call()


def test_bytes_are_read_as_text_or_refused():
    """JSON and CSV know no bytes, so neither may a class label be any."""
    y = np.array([b"a", b"b"] * 30)
    try:
        labels = raw_table(X, y).classes
    except DataError:
        return
    assert labels == ("a", "b")


def test_masked_entries_are_refused():
    with pytest.raises(CulpaError, match="mask"):
        raw_table(np.ma.array(X, mask=X > 1), np.arange(60) % 2)


def test_frames_are_read_like_arrays():
    pandas, polars = pytest.importorskip("pandas"), pl
    y = np.array(["b", "a"] * 30)
    frames = [(pandas.DataFrame(X), pandas.Series(y)), (polars.DataFrame(X), polars.Series(y))]
    frames += [(pandas.DataFrame(X), pandas.Series(y, dtype="category")), (pandas.DataFrame(X), pandas.DataFrame(y))]
    for inputs, targets in frames:
        table = raw_table(inputs, targets)
        np.testing.assert_array_equal(table.frame.to_numpy(), X)
        assert (table.classes, table.y.tolist()) == (("a", "b"), y.tolist())


def test_a_frames_columns_bring_their_names_unless_others_are_given():
    pandas, polars = pytest.importorskip("pandas"), pl
    y = np.arange(60) % 2
    for frame in (pandas.DataFrame(X, columns=["b,1", "é"]), polars.DataFrame(X, schema=["b,1", "é"])):
        assert raw_table(frame, y).names == ("b,1", "é")
        assert raw_table(frame, y, names=["c", "d"]).names == ("c", "d")


def test_nothing_that_is_given_is_changed():
    inputs, y = X.copy(), np.arange(60) % 3
    inputs.flags.writeable = y.flags.writeable = False
    table = raw_table(inputs, y, name="mine", names=["a", "b"], target="t")
    assert (table.name, table.names, table.target) == ("mine", ("a", "b"), "t")
    np.testing.assert_array_equal(inputs, X)


def test_investigate_reads_its_arrays_in_the_same_way():
    """By the same refusals: there is one door for tables."""
    bad = X.copy()
    bad[3, 1] = np.inf
    with pytest.raises(DataError, match="Row 3 of the column 'x1' holds inf, which is not finite"):
        culpa.investigate(bad, np.arange(60) % 2)
    with pytest.raises(ShapeError, match="a name for each of the 2 columns; got 3"):
        culpa.investigate(X, np.arange(60) % 2, columns=["a", "b", "c"])


def test_a_gap_in_an_array_is_a_missing_value():
    gappy = X.copy()
    gappy[3, 1] = np.nan
    assert raw_table(gappy, np.arange(60) % 2).frame["x1"].null_count() == 1


def test_the_checksum_is_the_same_from_any_frame_and_another_for_any_change():
    pandas = pytest.importorskip("pandas")
    data = {"a": [1.5, None, 3.0] * 4, "b": ["x", "y", None] * 4, "c": ["xy", "", "z"] * 4}
    y = ["no", "yes"] * 6
    frame = pl.DataFrame(data)
    first = raw_table(frame, y)
    assert {raw_table(other, y).checksum for other in (data, pandas.DataFrame(data), frame.to_arrow())} == {
        first.checksum
    }
    others = [
        raw_table(frame, y[::-1]),
        raw_table(frame, y, target="other"),
        raw_table(frame.with_columns(b=pl.col("b").reverse()), y),
        raw_table(frame.with_columns(b=pl.Series(["xy", None, None] * 4), c=pl.Series(["x", "y", "z"] * 4)), y),
        raw_table(frame.with_columns(a=pl.col("a") + 1e-15), y),
        raw_table(frame.rename({"a": "A"}), y),
        raw_table(frame, y, kinds={"b": "category", "a": "category"}),
        replace(first, weights=np.ones(12)),
    ]
    assert len({first.checksum, *(other.checksum for other in others)}) == 1 + len(others)


def test_the_encoding_is_learnt_from_the_rows_that_are_named_alone():
    table = raw_table(np.arange(20.0)[:, None] ** 2, np.arange(20.0) ** 3)
    rows = np.array([1, 5, 7, 12, 13])
    columns = learn_columns(table, rows)
    assert columns.inputs[0].center == 49
    assert columns.target_mean == pytest.approx((rows**3).mean(), rel=1e-14)
    assert columns.target_scale == pytest.approx((rows**3).std(), rel=1e-14)
    with pytest.raises(AssertionError):
        assert columns == learn_columns(table)


def test_a_table_with_nothing_to_learn_from_says_why():
    frame = pl.DataFrame({"all": [1] * 12, "none": [None] * 12, "row": range(12)})
    with pytest.raises(DataError, match="data has no column to learn from: all: every row holds 1; none: it holds no"):
        learn_columns(raw_table(frame, [0, 1] * 6))
