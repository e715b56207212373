# SPDX-License-Identifier: MIT
"""What `explain` refuses, by the whole sentence that the reader sees."""

import numpy as np
import pytest

import culpa
from culpa.explaining.small import small_example

NETWORK, X, Y = small_example([3, 4, 2], seed=1)
BARE = culpa.Network.from_arrays([layer.W for layer in NETWORK.layers], hidden="logistic")
HOLED = np.where(np.arange(9).reshape(3, 3) == 5, np.nan, X)
WHOLE = "must be a whole number, 1 or more; got"
KNOWN = "known are forward, output, hidden, weights, bias, batch."
PLACE = "`weight` must be 3 whole numbers from 1: layer, to unit, from unit; got {}. Hint: write it like 2,1,3."
NUMBER = "`mine` must be a number; got {}. Hint: write it like 0.0213 or 2.13e-2."

OPTIONS = {
    "an unknown part": ({"part": "weight"}, f"Unknown part 'weight'; {KNOWN} Hint: did you mean 'weights'?"),
    "an unknown part among known": ({"part": ["bias", "x"]}, f"Unknown part 'x'; {KNOWN}"),
    "a part that is no name": ({"part": 5}, f"Unknown part 5; {KNOWN}"),
    "no parts": ({"part": []}, f"`part` must name at least one part; {KNOWN}"),
    "layer 0": ({"layer": 0}, f"`layer` {WHOLE} 0."),
    "a negative layer": ({"layer": -1}, f"`layer` {WHOLE} -1."),
    "half a layer": ({"layer": 1.5}, f"`layer` {WHOLE} 1.5."),
    "a layer too high": ({"layer": 3}, "`layer` must be from 1 to 2; got 3. Hint: layers are counted from 1."),
    "two things": (
        {"weight": (1, 1, 1), "bias": (1, 1)},
        "One thing at a time can be explained; got `weight` and `bias`.",
    ),
    "three things": (
        {"bias": (1, 1), "unit": (1, 1), "input": 1},
        "One thing at a time can be explained; got `bias` and `unit` and `input`.",
    ),
    "a thing and a layer": (
        {"weight": (1, 1, 1), "layer": 1},
        "`layer` cannot stand beside `weight`, which is explained alone.",
    ),
    "a thing and a part": (
        {"input": 1, "part": "bias"},
        "`part` cannot stand beside `input`, which is explained alone.",
    ),
    "a number for nothing": (
        {"mine": 0.1},
        "`mine` is a number for one thing. Hint: say which: weight=(2, 1, 3), mine=0.0213.",
    ),
    "a number in words": ({"bias": (1, 1), "mine": "much"}, NUMBER.format("'much'")),
    "a number that is none": ({"bias": (1, 1), "mine": float("nan")}, NUMBER.format("nan")),
    "a truth for a number": ({"bias": (1, 1), "mine": True}, NUMBER.format("True")),
    "a weight of two numbers": ({"weight": (1, 1)}, PLACE.format("(1, 1)")),
    "a weight from 0": ({"weight": "1,0,1"}, PLACE.format("'1,0,1'")),
    "a weight of a layer too high": (
        {"weight": (3, 1, 1)},
        "`weight` must name a layer from 1 to 2; got 3,1,1. Hint: they count from 1, as in W_1, in every notation.",
    ),
    "a weight turned around": (
        {"weight": (1, 2, 4)},
        "W_1 is (4, 3): to units 1 to 4, from units 1 to 3; got `weight` 1,2,4. "
        "Hint: the order is layer, to, from; did you mean 1,4,2?",
    ),
    "a bias too far": ({"bias": (2, 3)}, "Layer 2 has units 1 to 2; got `bias` 2,3."),
    "an output for a hidden unit": (
        {"unit": (2, 1)},
        "`unit` must be a hidden unit, of layer 1; got 2,1. Hint: an output's error is that of its bias: --bias 2,1",
    ),
    "an input too far": ({"input": 4}, "`input` must be a column from 1 to 3, which is what W_1 takes; got 4."),
    "an example too far": ({"example": 3}, "`example` must be a row of `X`, 0 to 2; got 3."),
    "a negative example": ({"example": -1}, "`example` must be a row of `X`, 0 to 2; got -1."),
    "a truth for an example": ({"example": True}, "`example` must be a row of `X`, 0 to 2; got True."),
    "no digits": ({"digits": 0}, f"`digits` {WHOLE} 0."),
    "negative digits": ({"digits": -2}, f"`digits` {WHOLE} -2."),
    "half a digit": ({"digits": 2.5}, f"`digits` {WHOLE} 2.5."),
    "an unknown notation": (
        {"notation": "nielson"},
        "Unknown notation 'nielson'; known are note, ng, cs231n, nielsen. Hint: did you mean 'nielsen'?",
    ),
    "no notation": ({"notation": None}, "Unknown notation None; known are note, ng, cs231n, nielsen."),
    "an unknown way to show": ({"show": "all"}, "Unknown show 'all'; known are both, symbols, numbers."),
}


def said(error, *arguments, **options):
    """The whole sentence with which something is refused."""
    with pytest.raises(error) as raised:
        culpa.explain(*arguments, **options)
    return str(raised.value)


@pytest.mark.parametrize(("options", "text"), OPTIONS.values(), ids=OPTIONS)
def test_an_option_that_cannot_be_is_refused_in_a_sentence(options, text):
    assert said(culpa.OptionError, NETWORK, X, Y, **options) == text


DATA = 'An explanation in numbers needs {}. Hint: or ask for show="symbols".'
ARGUMENTS = {
    "X without y": ((NETWORK, X), {}, DATA.format("`y`")),
    "y without X": ((NETWORK, None, Y), {}, DATA.format("`X`")),
    "a network without data": ((NETWORK,), {}, DATA.format("`X` and `y`")),
    "numbers without data": ((NETWORK,), {"show": "numbers"}, DATA.format("`X` and `y`")),
    "one thing without data": (
        (NETWORK,),
        {"weight": (1, 1, 1), "show": "symbols"},
        "An explanation in numbers needs `X` and `y`.",
    ),
    "data without a network": (
        (None, X, Y),
        {},
        "`X` and `y` need a network. Hint: explain(network, X, y), or explain() in symbols.",
    ),
    "one thing without a network": ((), {"weight": (1, 1, 1)}, "`weight` needs a network with data."),
    "a layer without a network": (
        (),
        {"layer": 1},
        "`layer` needs a network; got 1. Hint: layers are counted from 1.",
    ),
    "arguments the wrong way round": ((X, NETWORK, Y), {}, "`network` must be a culpa.Network; got a ndarray."),
    "the same for one layer": ((X, NETWORK, Y), {"layer": 1}, "`network` must be a culpa.Network; got a ndarray."),
    "the same for one thing": (
        ("net", X, Y),
        {"weight": (1, 1, 1)},
        "`network` must be a culpa.Network; got a str.",
    ),
    "a complex network": (
        (NETWORK.astype("complex128"), X, Y),
        {},
        'A gradient needs a real network; this one is complex128. Hint: use astype("float64").',
    ),
    "a complex network in symbols": (
        (NETWORK.astype("complex128"),),
        {"show": "symbols"},
        'A gradient needs a real network; this one is complex128. Hint: use astype("float64").',
    ),
    "a bias where there is none": (
        (BARE, X, Y),
        {"bias": (1, 2)},
        "Layer 1 has no biases; got `bias` 1,2. Hint: ask for a weight: --weight 1,1,1.",
    ),
}


@pytest.mark.parametrize(("arguments", "options", "text"), ARGUMENTS.values(), ids=ARGUMENTS)
def test_what_does_not_go_together_is_refused_in_a_sentence(arguments, options, text):
    assert said(culpa.OptionError, *arguments, **options) == text


BAD = {
    "NaN": (
        culpa.DataError,
        (HOLED, Y),
        "`X` must be finite; row 1, column 2 holds nan. "
        "Hint: fill or drop missing values first; rows and columns are counted from 0.",
    ),
    "one row too few in y": (
        culpa.ShapeError,
        (X, Y[:2]),
        "`y` must hold one target for each of the 3 rows of `X`; got 2. Hint: was a header row read as data?",
    ),
    "a single row": (
        culpa.ShapeError,
        (X[0], Y),
        "`X` must have two dimensions, (n, 3); got (3,). Hint: for one example use X[None, :].",
    ),
    "no rows": (culpa.ShapeError, (X[:0], Y[:0]), "`X` must have at least one row; got (0, 3)."),
    "one column too few": (
        culpa.ShapeError,
        (X[:, :2], Y),
        "`X` must have 3 columns, because the first layer's W is (4, 3); got (3, 2). "
        "Hint: rows are examples; did you mean `X.T`?",
    ),
    "a text": (culpa.DataError, ("hello", Y), "`X` must hold numbers; got a str."),
    "complex inputs": (culpa.DataError, (X + 1j, Y), "`X` must hold real numbers; got dtype complex128."),
}


@pytest.mark.parametrize(("error", "data", "text"), BAD.values(), ids=BAD)
@pytest.mark.parametrize("options", [{}, {"weight": (1, 1, 1)}, {"show": "symbols"}], ids=str)
def test_data_that_do_not_fit_are_refused_as_everywhere(error, data, text, options):
    assert said(error, NETWORK, *data, **options) == text


def test_an_overflow_is_refused_by_name_and_not_printed():
    large = culpa.Network.from_arrays([np.full((2, 3), 1e200), np.full((2, 2), 1e200)], hidden="identity")
    assert "overflow" in said(culpa.NumericalError, large, X, Y).lower()
