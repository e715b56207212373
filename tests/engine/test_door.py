# SPDX-License-Identifier: MIT
"""The door is kind: each bad X, y or weights is refused in one sentence, with a hint where one fits.

Each refusal is tested by its whole text, for a message is part of what users get. Bad options and questions are in
`house/test_refusals.py`, good data of every kind in `house/test_welcome.py`.
"""

import re

import numpy as np
import pytest

import culpa
from culpa.errors import CulpaError

CLASSES = culpa.Network.fresh([4, 3, 2], seed=0, dtype="float64")
NUMBER = culpa.Network.fresh([4, 3, 1], seed=0, loss="squared_error", dtype="float64")
NUMBERS = culpa.Network.fresh([4, 3, 2], seed=0, loss="squared_error", dtype="float64")
LABEL = culpa.Network.fresh([4, 3, 1], seed=0, loss="binary_cross_entropy", dtype="float64")
LABELS = culpa.Network.fresh([4, 3, 3], seed=0, loss="binary_cross_entropy", dtype="float64")
COUNT = culpa.Network.fresh([4, 3, 1], seed=0, loss="poisson", dtype="float64")
COLUMN = culpa.Network.fresh([1, 2], seed=0)
X = np.random.default_rng(0).integers(0, 2, (6, 4)).astype(np.float64)  # exact in every dtype, bool included
Y = np.array([0, 1, 0, 1, 1, 0])
HALVES = np.full((6, 2), 0.5)

WIDTH = "ShapeError: `X` must have 4 columns, because the first layer's W is (3, 4); got "
AXES = "ShapeError: `X` must have two dimensions, (n, 4); got "
ROWS = "ShapeError: `y` must hold one target for each of the 6 rows of `X`; got "
CLASS = "DataError: `y` must hold classes 0 to 1, because the network has 2 outputs; row "
SOFT = "DataError: `y` must have rows of probabilities that sum to 1; row "
FINITE_X, FINITE_Y = (f"DataError: `{name}` must be finite; row " for name in "Xy")
NUMBERS_X, NUMBERS_Y = (f"DataError: `{name}` must hold numbers; got dtype " for name in "Xy")

MISSING = " Hint: fill or drop missing values first; rows and columns are counted from 0."
HEADER = " Hint: was a header row read as data?"
ENCODE = " Hint: encode text and dates as numbers first; classes can be numbered by np.unique(y, return_inverse=True)."
SEVERAL = " Hint: for several labels at once use the loss 'binary_cross_entropy'."
SOFTMAX = " Hint: for one class of several use a softmax loss such as 'cross_entropy', or one-hot rows np.eye(k)[y]."


def put(array, place, value):
    """A copy with one other entry."""
    copy = np.array(array, dtype=np.result_type(array, type(value)))
    copy[place] = value
    return copy


def refusal(call, *arguments, **options):
    """What a call is refused with, as a user reads it: one sentence, at most one hint."""
    with pytest.raises(CulpaError) as caught:
        call(*arguments, **options)
    assert re.fullmatch(r"[^\n]+\.( Hint: [^\n]+[.?])?", str(caught.value))
    return f"{type(caught.value).__name__}: {caught.value}"


BAD_X = {
    "a column too few": (X[:, :3], f"{WIDTH}(6, 3)."),
    "transposed": (X.T, f"{WIDTH}(4, 6). Hint: rows are examples; did you mean `X.T`?"),
    "no rows": (X[:0], "ShapeError: `X` must have at least one row; got (0, 4)."),
    "one number": (3.0, f"{AXES}()."),
    "one example": (X[0], f"{AXES}(4,). Hint: for one example use X[None, :]."),
    "images": (X.reshape(6, 2, 2), f"{AXES}(6, 2, 2). Hint: flatten each example with X.reshape(len(X), -1)."),
    "images that do not fit": (np.ones((6, 2, 3)), f"{AXES}(6, 2, 3)."),
    "NaN": (put(X, (2, 3), np.nan), f"{FINITE_X}2, column 3 holds nan.{MISSING}"),
    "an infinity": (put(X, (0, 1), -np.inf), f"{FINITE_X}0, column 1 holds -inf.{MISSING}"),
    "all NaN": (X * np.nan, f"{FINITE_X}0, column 0 holds nan (24 such entries in all).{MISSING}"),
    "objects": (np.array([["a", 2, 3, None]] * 6), f"{NUMBERS_X}object.{ENCODE}"),
    "strings": (X.astype("U3"), f"{NUMBERS_X}<U3.{ENCODE}"),
    "a path": ("data.csv", "DataError: `X` must hold numbers; got a str."),
    "dates": (np.full((6, 4), np.datetime64("2020-01-01")), f"{NUMBERS_X}datetime64[D].{ENCODE}"),
    "durations": (np.full((6, 4), np.timedelta64(1, "D")), f"{NUMBERS_X}timedelta64[D].{ENCODE}"),
    "records": (np.zeros(6, dtype=[("a", float)]), f"{NUMBERS_X}[('a', '<f8')]."),
    "complex": (X + 0j, "DataError: `X` must hold real numbers; got dtype complex128."),
    "masked": (
        np.ma.masked_greater(X, 0.5),
        "DataError: `X` has masked entries. Hint: fill them or drop their rows first.",
    ),
}

BAD_Y = {
    "one short": (CLASSES, Y[:5], f"{ROWS}5.{HEADER}"),
    "one long": (CLASSES, np.append(Y, 1), f"{ROWS}7.{HEADER}"),
    "much too short": (CLASSES, Y[:2], f"{ROWS}2."),
    "one number": (CLASSES, 1, f"{ROWS}a single number."),
    "transposed": (LABELS, np.ones((3, 6)), f"{ROWS}3. Hint: rows are examples; did you mean `y.T`?"),
    "one-hot rows too wide": (
        CLASSES,
        np.eye(3)[Y],
        "ShapeError: `y` must be class indices (6,) or rows of 2 probabilities, because the network has 2 outputs; "
        "got (6, 3).",
    ),
    "a column too many": (NUMBER, np.ones((6, 2)), "ShapeError: `y` must be (6, 1), one column an output; got (6, 2)."),
    "one column for two": (NUMBERS, np.ones(6), "ShapeError: `y` must be (6, 2), one column an output; got (6,)."),
    "classes for labels": (LABELS, Y, f"ShapeError: `y` must be (6, 3), one column an output; got (6,).{SOFTMAX}"),
    "a negative class": (CLASSES, put(Y, 2, -1), f"{CLASS}2 holds -1."),
    "a class too large": (CLASSES, put(Y, 3, 7), f"{CLASS}3 holds 7."),
    "a class too large for intp": (CLASSES, np.full(6, 2**64 - 1, np.uint64), f"{CLASS}0 holds {2**64 - 1}."),
    "classes from 1": (CLASSES, Y + 1, f"{CLASS}1 holds 2. Hint: classes are counted from 0: use y - 1."),
    "float classes": (
        CLASSES,
        Y * 1.0,
        "DataError: `y` must hold class indices as integers; got dtype float64. "
        "Hint: use y.astype(int) if these are classes, or a regression loss if they are numbers.",
    ),
    "classes by name": (CLASSES, np.array(list("ababba")), f"{NUMBERS_Y}<U1.{ENCODE}"),
    "masked": (
        CLASSES,
        np.ma.masked_equal(Y, 1),
        "DataError: `y` has masked entries. Hint: fill them or drop their rows first.",
    ),
    "complex": (NUMBER, Y + 0j, "DataError: `y` must hold real numbers; got dtype complex128."),
    "NaN": (NUMBER, put(Y, 2, np.nan), f"{FINITE_Y}2, column 0 holds nan.{MISSING}"),
    "an infinity": (NUMBERS, put(HALVES, (5, 1), np.inf), f"{FINITE_Y}5, column 1 holds inf.{MISSING}"),
    "NaN in soft rows": (CLASSES, put(HALVES, (1, 1), np.nan), f"{FINITE_Y}1, column 1 holds nan.{MISSING}"),
    "soft rows above 1": (
        CLASSES,
        put(HALVES, (1, 1), 0.7),
        f"{SOFT}1 sums to 1.2.{SEVERAL}",
    ),
    "a negative share": (
        CLASSES,
        [[1.5, -0.5]] * 6,
        "DataError: `y` must hold probabilities; row 0, column 1 holds -0.5.",
    ),
    "labels -1 and 1": (
        LABEL,
        2 * Y - 1,
        "DataError: `y` must lie in [0, 1] for this loss; it holds values from -1 to 1. "
        "Hint: for labels -1 and 1 use (y + 1) / 2; for numbers use the loss 'squared_error'.",
    ),
    "a negative count": (
        COUNT,
        put(Y, 2, -3),
        "DataError: `y` must not be negative for this loss; the least value is -3.",
    ),
}

BAD_WEIGHTS = {
    "a negative one": (
        [1, 1, -1, 1, 1, 1],
        "DataError: `weights` must not be negative; row 2 holds -1. "
        "Hint: for signed weights use gradient(...).reweighted(w), which takes them literally.",
    ),
    "all zero": (np.zeros(6), "DataError: `weights` must not all be zero."),
    "one too few": (np.ones(5), "ShapeError: `weights` must be (6,), one number for each example; got (5,)."),
    "a column": (np.ones((6, 1)), "ShapeError: `weights` must be (6,), one number for each example; got (6, 1)."),
    "one for all": (2, "ShapeError: `weights` must be (6,), one number for each example; got ()."),
    "NaN": ([1, 1, np.nan, 1, 1, 1], f"DataError: `weights` must be finite; row 2 holds nan.{MISSING}"),
    "a word": ("balanced", "DataError: `weights` must hold numbers; got a str."),
}


@pytest.mark.parametrize(("bad", "expected"), BAD_X.values(), ids=BAD_X)
def test_a_bad_X_is_refused_in_one_sentence_by_every_verb(bad, expected):
    assert refusal(culpa.gradient, CLASSES, bad, Y) == expected
    assert refusal(culpa.predict, CLASSES, bad) == expected
    assert refusal(lambda: list(culpa.gradients(CLASSES, bad, Y))) == expected
    assert refusal(culpa.pull_back, CLASSES, bad, HALVES) == expected


@pytest.mark.parametrize(("network", "bad", "expected"), BAD_Y.values(), ids=BAD_Y)
def test_a_bad_y_is_refused_in_one_sentence_by_every_verb(network, bad, expected):
    for verb in (culpa.gradient, culpa.gradients, culpa.score):
        assert refusal(verb, network, X, bad) == expected


@pytest.mark.parametrize(("bad", "expected"), BAD_WEIGHTS.values(), ids=BAD_WEIGHTS)
def test_bad_weights_are_refused_in_one_sentence_by_every_verb(bad, expected):
    for verb in (culpa.gradient, culpa.gradients, culpa.score):
        assert refusal(verb, CLASSES, X, Y, weights=bad) == expected


def test_a_row_is_counted_from_the_users_first_row_also_in_a_later_chunk():
    bad = put(X, (4, 1), np.nan)
    chunks = culpa.gradients(CLASSES, bad, Y, batch_size=2)
    assert [len(next(chunks).losses), len(next(chunks).losses)] == [2, 2]
    assert refusal(next, chunks) == f"{FINITE_X}4, column 1 holds nan.{MISSING}"
    assert refusal(culpa.predict, CLASSES, bad, batch_size=2) == f"{FINITE_X}4, column 1 holds nan.{MISSING}"


def test_a_number_that_the_networks_dtype_cannot_hold_is_refused_by_its_place():
    narrow = CLASSES.astype("float32")
    assert "`X` must be finite as float32; row 0, column 1 holds 1e+300." in refusal(
        culpa.gradient, narrow, put(X, (0, 1), 1e300), Y
    )
    assert "`y` must be finite as float32; row 2, column 0 holds 1e+300." in refusal(
        culpa.gradient, NUMBER.astype("float32"), X, put(Y, 2, 1e300)
    )


def test_ragged_lists_are_refused():
    text = refusal(culpa.gradient, CLASSES, [[1, 2, 3, 4], [1, 2]], Y[:2])
    assert text.startswith("DataError: `X` cannot be read as an array of numbers: ")
    assert "Hint: give rows of equal length" in text


def test_a_tensor_that_tracks_gradients_is_refused_and_detach_is_named():
    torch = pytest.importorskip("torch")
    text = refusal(culpa.gradient, CLASSES, torch.tensor(X, requires_grad=True), Y)
    assert text.startswith("DataError: `X` cannot be read as an array of numbers: ")
    assert "a tensor that tracks gradients needs .detach() first." in text


def test_a_tensor_of_a_dtype_that_numpy_lacks_is_refused_in_a_whole_sentence():
    torch = pytest.importorskip("torch")
    assert "BFloat16" in refusal(culpa.gradient, CLASSES, torch.tensor(X, dtype=torch.bfloat16), Y)


def test_the_hint_for_a_flat_X_is_given_only_where_following_it_helps():
    assert refusal(culpa.gradient, COLUMN, X[:, 0], Y).endswith("got (6,). Hint: for one column use X[:, None].")
    assert refusal(culpa.gradient, CLASSES, X[:, 0], Y) == f"{AXES}(6,)."


@pytest.mark.parametrize("missing", [np.array([0, 1, np.nan, 1, 1, 0]), [0, 1, float("nan"), 1, 1, 0]])
def test_a_missing_class_is_named_by_its_row_and_not_cast_to_an_integer(missing):
    text = refusal(culpa.gradient, CLASSES, X, missing)
    assert "row 2" in text
    assert "astype(int)" not in text


def test_pull_back_calls_its_argument_by_its_name():
    assert "`delta_out`" in refusal(culpa.pull_back, CLASSES, X, X)
    assert "`delta_out`" in refusal(culpa.pull_back, CLASSES, X, put(HALVES, (1, 1), np.nan))


@pytest.mark.parametrize("weight", [1e300, 1e-300])
def test_weights_that_the_networks_dtype_cannot_hold_are_refused(weight):
    narrow = CLASSES.astype("float32")
    assert "`weights`" in refusal(culpa.gradient, narrow, X, Y, weights=np.full(6, weight), reduction="sum")
