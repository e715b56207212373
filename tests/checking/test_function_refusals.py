# SPDX-License-Identifier: MIT
"""`check_function` refuses what cannot be asked, and says what it is and whose: the function's or the gradient's."""

import numpy as np
import pytest

from culpa import check_function
from culpa.errors import CulpaError, DataError, OptionError, ShapeError

THETA = np.random.default_rng(3).normal(size=6)


def ask(x):
    return np.sum(x)


REFUSED = {
    "randomness": (lambda x: np.sum(x) + np.random.default_rng().normal(), np.ones_like, DataError, "fix the seed"),
    "random gradient": (ask, lambda x: x + np.random.default_rng().normal(), DataError, "fix the seed"),
    "NaN": (lambda x: float("nan"), np.ones_like, DataError, "must be finite at the point given; it gives nan"),
    "infinity": (lambda x: np.inf, np.ones_like, DataError, "must be finite"),
    "no return": (lambda x: None, np.ones_like, DataError, "gives None.*return"),
    "several numbers": (lambda x: x**2, np.ones_like, ShapeError, r"gives an array \(6,\).*check_vjp"),
    "complex": (lambda x: 1j, np.ones_like, DataError, "real number"),
    "text": (lambda x: "one", np.ones_like, DataError, "must hold numbers"),
    "raising": (lambda x: x[9], np.ones_like, DataError, "`f` raises IndexError at the point given: index 9"),
    "raising gradient": (ask, lambda x: x[9], DataError, "`gradient` raises IndexError"),
    "NaN in the gradient": (ask, lambda x: x * np.nan, DataError, "NaN"),
    "another shape": (ask, lambda x: x[:5], ShapeError, "must have its shape"),
    "nothing": (ask, lambda x: None, DataError, "None"),
    "no gradient at all": (ask, None, DataError, "None"),
}


@pytest.mark.parametrize(("f", "gradient", "error", "text"), REFUSED.values(), ids=REFUSED)
def test_is_refused_with_what_and_whose_it_is(f, gradient, error, text):
    with pytest.raises(error, match=text) as caught:
        check_function(f, gradient, THETA)
    assert isinstance(caught.value, CulpaError)


def test_the_original_error_is_kept_as_the_cause():
    with pytest.raises(DataError) as caught:
        check_function(lambda x: x[9], np.ones_like, THETA)
    assert isinstance(caught.value.__cause__, IndexError)


def test_an_interruption_passes_through_wherever_it_comes():
    for when in (0, 5, 30):
        calls = []

        def f(x, when=when, calls=calls):
            calls.append(1)
            if len(calls) > when:
                raise KeyboardInterrupt
            return float(np.sum(x**2))

        with pytest.raises(KeyboardInterrupt):
            check_function(f, lambda x: 2 * x, THETA)


@pytest.mark.parametrize("options", [{"directions": 0}, {"entries": -1}, {"budget": 1.5}, {"seed": -1}])
def test_options_that_mean_nothing_are_refused(options):
    with pytest.raises(OptionError):
        check_function(ask, np.ones_like, THETA, **options)
