# SPDX-License-Identifier: MIT
"""Bad options and questions are refused in one sentence, by value: names, sizes, parameters, rows, bounds, seeds.

Bad X, y and weights are in `engine/test_door.py`.
"""

import re

import numpy as np
import pytest

import culpa
from culpa import Network
from culpa.errors import CulpaError

NETWORK = Network.fresh([4, 3, 2], seed=0, dtype="float64")
COMPLEX = NETWORK.astype("complex128")
X = np.arange(24.0).reshape(6, 4) / 24
Y = np.array([0, 1, 0, 1, 1, 0])
G = culpa.gradient(NETWORK, X, Y)
ONE = culpa.gradient(NETWORK, X[:1], Y[:1])
UNEQUAL = culpa.gradient(NETWORK, X, Y, weights=[1, 2, 3, 4, 5, 6])
OTHER = culpa.gradient(Network.fresh([4, 3, 1], loss="squared_error", dtype="float64"), X, Y)
WITHOUT_BIAS = culpa.gradient(Network.fresh([4, 3, 2], bias=False, dtype="float64"), X, Y)
WITHOUT_LOSS = culpa.pull_back(NETWORK, X, np.ones((6, 2)))
THETA = culpa.flatten(NETWORK)

ACTIVATIONS = "known are identity, logistic, tanh, relu, leaky_relu, elu, gelu, silu, softplus."
LOSSES = (
    "known are cross_entropy, binary_cross_entropy, squared_error, huber, poisson, logistic_squared_error, "
    "softmax_squared_error."
)
DTYPES = "known are float32, float64, complex128."
SIZE = "OptionError: `sizes` must be a whole number, 1 or more; got "
SIZES = "OptionError: `sizes` must name at least the columns of X and the outputs; got "
REGRESSION = " Hint: a softmax regression of 64 columns into 10 classes is [64, 10]."
SEED = "OptionError: `seed` must be a whole number, 0 or more; got "
L2 = "OptionError: `l2` must be a finite number, 0 or more; got "
BOUND = "OptionError: `max_norm` must be a finite number above 0; got "
BATCH = "OptionError: `batch_size` must be a whole number, 1 or more; got "
ENTRY = "OptionError: `i` and `j` must lie within W's shape (3, 4), from 0; got "
PICK = "OptionError: `rows` must lie within the 6 examples, from 0; got "
HIDDEN = "OptionError: `k` must be a whole number from 0 (the input) to 1 (the last hidden layer); got "
LAST = " Hint: the last layer's function comes with the loss."
MATRIX = "ShapeError: `weights[0]` must be a matrix (d_1, d_0) without empty sides; got "
SAME = "ShapeError: Both gradients must belong to networks of the same sizes; got "
REAL = 'OptionError: A gradient needs a real network; this one is complex128. Hint: use astype("float64").'
DIVERGED = " Hint: did the training that made it diverge?"


def refusal(call):
    """What a call is refused with, as a user reads it: one sentence, at most one hint."""
    with pytest.raises(CulpaError) as caught:
        call()
    assert re.fullmatch(r"[^\n]+\.( Hint: [^\n]+[.?])?", str(caught.value))
    return f"{type(caught.value).__name__}: {caught.value}"


def fresh(sizes=(4, 3, 2), **options):
    return lambda: Network.fresh(sizes, **options)


def arrays(weights, biases=None, **options):
    return lambda: Network.from_arrays(weights, biases, **options)


MAKING = {
    "a misspelt activation": (
        fresh(hidden="rleu"),
        f"OptionError: Unknown activation 'rleu'; {ACTIVATIONS} Hint: did you mean 'relu'?",
    ),
    "a strange activation": (fresh(hidden="zzz"), f"OptionError: Unknown activation 'zzz'; {ACTIVATIONS}"),
    "an activation that is a number": (fresh(hidden=[3]), f"OptionError: Unknown activation 3; {ACTIVATIONS}"),
    "a misspelt loss": (
        fresh(loss="crossentropy"),
        f"OptionError: Unknown loss 'crossentropy'; {LOSSES} Hint: did you mean 'cross_entropy'?",
    ),
    "no loss": (fresh(loss=None), f"OptionError: Unknown loss None; {LOSSES}"),
    "a misspelt init": (
        fresh(init="glorott"),
        "OptionError: Unknown init 'glorott'; known are auto, he, glorot. Hint: did you mean 'glorot'?",
    ),
    "a misspelt dtype": (
        fresh(dtype="flaot32"),
        f"OptionError: Unknown dtype 'flaot32'; {DTYPES} Hint: did you mean 'float32'?",
    ),
    "an integer dtype": (fresh(dtype="int64"), f"OptionError: Unknown dtype 'int64'; {DTYPES}"),
    "a negative size": (fresh([4, -3, 2]), f"{SIZE}-3."),
    "a size of zero": (fresh([4, 0, 2]), f"{SIZE}0."),
    "half a unit": (fresh([4, 2.5, 2]), f"{SIZE}2.5."),
    "sizes in words": (fresh("432"), "OptionError: `sizes` must be a list; got '432'."),
    "one size": (fresh([4]), f"{SIZES}[4].{REGRESSION}"),
    "no sizes": (fresh([]), f"{SIZES}[].{REGRESSION}"),
    "too many activations": (
        fresh([4, 3, 3, 2], hidden=["relu"] * 3),
        f"OptionError: `hidden` must be one name, or one for each of the 2 hidden layers; got 3.{LAST}",
    ),
    "a negative l2": (fresh(l2=-1), f"{L2}-1."),
    "an l2 of NaN": (fresh(l2=np.nan), f"{L2}nan."),
    "a negative seed": (fresh(seed=-1), f"{SEED}-1."),
    "a fractional seed": (fresh(seed=1.5), f"{SEED}1.5."),
    "no arrays": (arrays([]), "OptionError: `weights` must hold at least one array."),
    "a flat matrix": (arrays([np.ones(3)]), f"{MATRIX}(3,)."),
    "an empty matrix": (arrays([np.ones((0, 3))]), f"{MATRIX}(0, 3)."),
    "transposed matrices": (
        arrays([np.ones((4, 3)), np.ones((3, 2))]),
        "ShapeError: `weights[1]` must have 4 columns, because `weights[0]` is (4, 3); got (3, 2). "
        "Hint: a row is a unit; did you mean W.T for each?",
    ),
    "a bias that does not fit": (
        arrays([np.ones((3, 4))], [np.ones(4)]),
        "ShapeError: `biases[0]` must be (3,), because `weights[0]` is (3, 4); got (4,).",
    ),
    "too few biases": (
        arrays([np.eye(2), np.eye(2)], [np.ones(2)]),
        "ShapeError: `biases` must hold one entry for each of the 2 layers; got 1.",
    ),
    "NaN in a weight": (
        arrays([[[1, np.nan]]]),
        f"DataError: `weights[0]` must be finite; row 0, column 1 holds nan.{DIVERGED}",
    ),
    "complex weights for a real network": (
        arrays([np.ones((3, 4)) + 1j], dtype="float64"),
        "DataError: `weights[0]` must hold real numbers; got dtype complex128.",
    ),
    "theta too short": (
        lambda: culpa.unflatten(NETWORK, np.ones(3)),
        "ShapeError: `theta` must be (23,), one entry a parameter; got (3,).",
    ),
    "theta in a row": (
        lambda: culpa.unflatten(NETWORK, THETA[None]),
        "ShapeError: `theta` must be (23,), one entry a parameter; got (1, 23).",
    ),
    "NaN in theta": (
        lambda: culpa.unflatten(NETWORK, THETA * np.nan),
        f"DataError: `theta` must be finite; entry 0 holds nan (23 such entries in all).{DIVERGED}",
    ),
}

ASKING = {
    "a misspelt reduction": (
        lambda: culpa.gradient(NETWORK, X, Y, reduction="meen"),
        "OptionError: Unknown reduction 'meen'; known are mean, sum. Hint: did you mean 'mean'?",
    ),
    "a complex network": (lambda: culpa.gradient(COMPLEX, X, Y), REAL),
    "a complex network in chunks": (lambda: culpa.gradients(COMPLEX, X, Y), REAL),
    "a complex network pulled back": (lambda: culpa.pull_back(COMPLEX, X, X[:, :2]), REAL),
    "chunks of zero": (lambda: culpa.gradients(NETWORK, X, Y, batch_size=0), f"{BATCH}0."),
    "chunks of a half": (lambda: culpa.predict(NETWORK, X, batch_size=0.5), f"{BATCH}0.5."),
    "classes of numbers": (
        lambda: culpa.classes(Network.fresh([4, 1], loss="huber"), X),
        "OptionError: A network with the loss huber has no classes. Hint: use predict.",
    ),
    "noise from one": (ONE.noise_scale, "DataError: The noise scale needs two examples or more; got one."),
    "noise from unequal": (
        UNEQUAL.noise_scale,
        "DataError: The noise scale needs equal weights. Hint: use gradient(...) without `weights`, or reweighted().",
    ),
    "a row beyond": (lambda: G.layers[0].entry(3, 0), f"{ENTRY}(3, 0)."),
    "a column before": (lambda: G.layers[0].entry(0, -5), f"{ENTRY}(0, -5)."),
    "an example beyond": (lambda: G.take(6), f"{PICK}6."),
    "examples beyond": (lambda: G.take([0, -7]), f"{PICK}-7."),
    "per-example beyond": (
        lambda: G.layers[1].per_example(9),
        f"{PICK}9.",
    ),
    "beyond the hidden layers": (lambda: G.hidden(2), f"{HIDDEN}2."),
    "before the input": (lambda: G.hidden(-1), f"{HIDDEN}-1."),
    "a fractional layer": (lambda: G.hidden(0.5), f"{HIDDEN}0.5."),
    "a Gram matrix of different widths": (
        lambda: G.gram(OTHER),
        f"{SAME}4-3-2 and 4-3-1.",
    ),
    "a Gram matrix of different biases": (
        lambda: G.gram(WITHOUT_BIAS),
        f"{SAME}4-3-2 and 4-3-2 without biases.",
    ),
    "a bound of zero": (lambda: G.clipped(0), f"{BOUND}0."),
    "a negative bound": (lambda: G.clipped(-1.0), f"{BOUND}-1.0."),
    "a bound of NaN": (lambda: G.clipped(np.nan), f"{BOUND}nan."),
    "a bound for each example": (lambda: G.clipped(np.ones(2)), f"{BOUND}array([1., 1.])."),
    "a direction too short": (
        lambda: G.dot(np.ones(3)),
        "ShapeError: `direction` must be (23,), one entry a parameter; got (3,).",
    ),
    "a loss that was never there": (
        lambda: WITHOUT_LOSS.loss,
        "DataError: This gradient was pulled back from output derivatives alone: it has no losses.",
    ),
}


@pytest.mark.parametrize(("call", "expected"), MAKING.values(), ids=MAKING)
def test_a_network_that_cannot_be_made_is_refused_in_one_sentence(call, expected):
    assert refusal(call) == expected


@pytest.mark.parametrize(("call", "expected"), ASKING.values(), ids=ASKING)
def test_a_question_that_has_no_answer_is_refused_in_one_sentence(call, expected):
    assert refusal(call) == expected


WRONG_KIND = {
    "no activation": fresh(hidden=None),
    "a nested activation": fresh(hidden=[["relu"]]),
    "a list of losses": fresh(loss=["huber"]),
    "one size alone": fresh(4),
    "one number for all arrays": arrays(3),
    "half an entry": lambda: G.layers[0].entry(0.5, 0),
    "a worded entry": lambda: G.layers[0].entry("a", 0),
    "no rows": lambda: G.take(None),
    "rows in a matrix": lambda: G.take([[0, 1], [1, 2]]),
}


@pytest.mark.parametrize("call", WRONG_KIND.values(), ids=WRONG_KIND)
def test_a_thing_of_the_wrong_kind_is_refused_as_kindly_as_a_wrong_value(call):
    assert refusal(call).startswith(("OptionError: ", "ShapeError: ", "DataError: "))


def test_the_hint_to_transpose_weights_is_given_only_where_transposing_helps():
    assert "W.T" not in refusal(arrays([np.ones((3, 4)), np.ones((3, 2))]))


@pytest.mark.parametrize("dtype", [">f4", "<f8", ">f8"])
def test_a_dtype_of_either_byte_order_is_taken_as_the_machines_own(dtype):
    assert Network.fresh([4, 2], dtype=dtype).dtype == np.dtype(dtype).newbyteorder("=")


@pytest.mark.parametrize("k", [np.int64(0), np.int32(1)])
def test_a_hidden_layer_may_be_asked_for_by_a_numpy_integer(k):
    np.testing.assert_array_equal(G.hidden(k), G.hidden(int(k)))


def test_reweighted_calls_its_argument_by_its_name():
    assert "`w`" in refusal(lambda: G.reweighted(np.ones(5)))


def test_a_complex_network_becomes_real_again_as_its_hint_says():
    np.testing.assert_array_equal(culpa.flatten(COMPLEX.astype("float64")), THETA, strict=True)


def test_weights_that_a_narrower_dtype_cannot_hold_are_refused():
    network = Network.from_arrays([[[1e300]]], loss="squared_error")
    assert "float32" in refusal(lambda: network.astype("float32"))


def test_clipping_no_example_at_all_clips_none():
    assert G.take([]).clipped(1.0).share_clipped == 0
