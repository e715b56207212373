# SPDX-License-Identifier: MIT
"""Raw tables of arrays: what kind of target it is, which labels there are, and what cannot be a target."""

import numpy as np
import pytest

import culpa
from culpa.errors import CulpaError, DataError, OptionError, ShapeError
from culpa.tables.reading import raw_table

X = np.random.default_rng(0).normal(size=(60, 2))
AWKWARD = ["a,b", 'say "hi"', "<b>&amp;</b>", "two\nlines", "été", "語", "=1+1", " ", "ﬁ", "e\u0301"]

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
    with pytest.raises(DataError, match="must hold numbers for a regression; row 0 holds 'b'"):
        raw_table(X, ["b", "a"] * 30, task="regression")


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_target_that_is_not_finite_is_named_by_its_row(bad):
    y = X[:, 0].copy()
    y[5] = bad
    with pytest.raises(DataError, match=f"`y` must be finite; row 5 holds {bad}"):
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
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    y = np.array(["b", "a"] * 30)
    frames = [(pandas.DataFrame(X), pandas.Series(y)), (polars.DataFrame(X), polars.Series(y))]
    frames += [(pandas.DataFrame(X), pandas.Series(y, dtype="category")), (pandas.DataFrame(X), pandas.DataFrame(y))]
    for inputs, targets in frames:
        table = raw_table(inputs, targets)
        np.testing.assert_array_equal(table.X, X)
        assert (table.classes, table.y.tolist()) == (("a", "b"), y.tolist())


def test_a_frames_columns_bring_their_names_unless_others_are_given():
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
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
    bad[3, 1] = np.nan
    with pytest.raises(DataError, match="row 3, column 1 holds nan"):
        culpa.investigate(bad, np.arange(60) % 2)
    with pytest.raises(ShapeError, match="a name for each of the 2 columns; got 3"):
        culpa.investigate(X, np.arange(60) % 2, columns=["a", "b", "c"])
