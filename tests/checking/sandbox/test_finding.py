# SPDX-License-Identifier: MIT
"""Finding: which function of a file is its gradient, and by which way it takes the penalty's factor."""

import functools

import numpy as np
import pytest

from culpa.checking.sandbox.finding import NotFound, find


def defined(code):
    """The names of a file of these lines."""
    names = {"__name__": "mine", "functools": functools, "np": np}
    exec(code, names)
    return names


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("def backward(w, b, X, y): ...\ndef gradient(w, b, X, y): ...", "gradient"),
        ("def backprop(w, b, X, y): ...\ndef other(w, b, X, y): ...", "backprop"),
        ("def my_own(w, b, X, y): ...\ndef relu(a): ...\ndef loss(X, y): ...", "my_own"),
        ("def _inner(w, b, X, y, l2=0): ...\nfrom numpy import gradient", "_inner"),
        ("gradient = lambda w, b, X, y: None", "gradient"),
        ("def f(k, w, b, X, y): ...\ngrad = functools.partial(f, 1)", "grad"),
        ("class Net:\n    def back(self, w, b, X, y): ...\nbackward = Net().back", "backward"),
        ("class Net:\n    def __call__(self, w, b, X, y): ...\ngradient = Net()", "gradient"),
        ("gradient = functools.lru_cache(lambda w, b, X, y: None)", "gradient"),
        ("def gradient(*arrays): ...", "gradient"),
        ("def gradient(w, b, X, y, **options): ...", "gradient"),
    ],
)
def test_a_gradient_is_found_by_its_name_or_because_nothing_else_fits(code, name):
    found = find(defined(code), "mine")
    assert (found.name, found.takes_l2) == (name, name == "_inner")


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ("w, b, X, y", None),
        ("w, b, X, y, strength", 5),
        ("w, b, X, y, strength=0.0", 5),
        ("w, b, X, y, strength=None", 5),
        ("w, b, X, y, l2, /", 5),
        ("w, b, X, y, lambda_=0", 5),
        ("w, b, X, y, activation='relu'", None),
        ("w, b, X, y, verbose=False", None),
        ("w, b, X, y, activation='relu', Lambd=0.0", "Lambd"),
        ("w, b, X, y, *, weight_decay", "weight_decay"),
        ("w, b, X, y, *rest, reg=0", "reg"),
        ("*arrays, lmbda=0", "lmbda"),
        ("w, b, X, y, *, epsilon=0.1", None),
    ],
)
def test_the_penaltys_factor_is_taken_by_place_or_by_name(parameters, expected):
    names = defined(f"def gradient({parameters}):\n    return locals()")
    found = find(names, "mine")
    assert found.takes_l2 is (expected is not None)
    got = found(1, 2, 3, 4, *([0.5] if found.takes_l2 else []))
    if isinstance(expected, str):
        assert got[expected] == 0.5
        assert found.keyword == expected
    elif expected == 5:
        assert list(got.values())[4] == 0.5


def test_a_name_given_is_taken_whoever_defined_it():
    assert find(defined("from numpy import interp, gradient"), "mine", "interp").function is np.interp


@pytest.mark.parametrize(
    ("code", "wanted", "said"),
    [
        ("def f(a): ...\nclass B: ...", None, "has no function that could be the gradient; it defines f, B"),
        ("from numpy import gradient", None, "has no function that could be the gradient; it defines no function"),
        (
            "def f(a, b, c, d): ...\ndef g(a, b, c, d): ...",
            None,
            "more than one function that could be the gradient: f, g",
        ),
        ("def f(a): ...", "mine", "has no function `mine`; it defines f"),
        ("mine = 3", "mine", "has no function `mine`; it defines no function"),
        ("def gradient(X, y): ...", None, "`gradient(X, y)`, which cannot be called as a gradient is: too many"),
        ("def gradient(a, b, c, d, e, f): ...", None, "cannot be called as a gradient is: missing a required argument"),
        ("def gradient(a, b, c, d, *, eta): ...", None, "missing a required"),
        ("\n".join(f"def f{i}(): ..." for i in range(15)), None, "f10, f11, and 3 more"),
    ],
)
def test_what_cannot_be_the_gradient_is_refused_with_what_is_there(code, wanted, said):
    with pytest.raises(NotFound) as caught:
        find(defined(code), "mine", wanted)
    assert said in caught.value.message
    assert caught.value.hint.endswith(".")
