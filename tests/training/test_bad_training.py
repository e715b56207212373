# SPDX-License-Identifier: MIT
"""Trainings that diverge say where; trainings that cannot begin say why, in one sentence and by value.

Bad X, y and weights are in `engine/test_door.py`; `fit` lets them in by the same door.
"""

import re

import numpy as np
import pytest

import culpa
from culpa import Network
from culpa.errors import CulpaError, DataError, NumericalError, OptionError, ShapeError
from culpa.training.splitting import split_rows

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(60, 4))
Y = (X[:, 0] > 0).astype(int)
NUMBERS = X @ np.array([1.0, 2.0, 3.0, 4.0])
CLASSES = Network.fresh([4, 8, 2], seed=0)
REGRESSION = Network.fresh([4, 8, 1], loss="squared_error", seed=0)


def fit(network=CLASSES, inputs=X, y=Y, **options):
    return culpa.fit(network, inputs, y, **{"epochs": 1, **options})


def outcome(*given, **options):
    """The network, or the error of culpa's that came in its place."""
    try:
        return fit(*given, **options)
    except CulpaError as error:
        return error


@pytest.mark.parametrize("rate", [1e6, 1e30, 1e38, 1e300])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_training_that_diverges_names_epoch_and_step_and_gives_a_hint(rate, dtype):
    """Warnings are errors here, so NumPy must not grumble about the overflow before culpa has named it."""
    with pytest.raises(NumericalError) as caught:
        fit(REGRESSION.astype(dtype), y=NUMBERS, epochs=30, optimizer="sgd", learning_rate=rate)
    assert re.match(r"The training diverged in epoch \d+, (step \d+|validation): ", caught.value.message)
    assert caught.value.hint == f"standardise the inputs, or lower the learning rate, which was {rate:g}."


def test_the_epoch_and_the_step_are_the_first_ones_that_overflow():
    """Each of four steps an epoch makes the parameters some 1e31 times larger; beyond 1e154 their square overflows."""
    network = Network.from_arrays([[[1.0, 1.0, 1.0, 1.0]]], loss="squared_error")
    with pytest.raises(NumericalError, match=r"epoch 2, step 2: .*float64"):
        fit(network, y=NUMBERS, epochs=3, batch_size=15, optimizer="sgd", learning_rate=1e31, momentum=0)


@pytest.mark.parametrize("rate", [1e6, 1e20, 1e38])
def test_adam_that_diverges_raises_no_warnings_of_numpys(rate):
    """It may survive, since its steps are bounded; but nothing other than culpa's own error comes out."""
    found = outcome(REGRESSION, y=NUMBERS, epochs=30, batch_size=16, learning_rate=rate)
    if isinstance(found, Network):
        assert np.isfinite(culpa.flatten(found)).all()
    else:
        assert isinstance(found, NumericalError)
        assert "diverged" in str(found)


@pytest.mark.parametrize("validation", [None, (X, NUMBERS)], ids=["alone", "watched"])
def test_an_overflow_in_the_very_last_step_is_a_divergence_too(validation):
    """The one step of the one epoch makes the parameters infinite, and no step comes after it to notice."""
    with pytest.raises(NumericalError, match="diverged in epoch 1"):
        fit(REGRESSION, y=1e4 * NUMBERS, optimizer="sgd", learning_rate=3e38, validation=validation)


def test_a_bad_row_of_the_users_is_not_called_a_divergence():
    bad = X.copy()
    bad[3, 1] = np.nan
    with pytest.raises(DataError, match="row 3, column 1 holds nan"):
        fit(inputs=bad)
    with pytest.raises(DataError, match="row 3, column 1 holds nan"):
        fit(validation=(bad, Y))


def test_held_out_rows_that_all_weigh_nothing_are_not_called_a_divergence():
    weights = np.ones(60)
    weights[split_rows(60, 0.2, classes=Y)[1]] = 0
    with pytest.raises(DataError, match="weights"):
        fit(validation=0.2, weights=weights)


REFUSED = {
    "an unknown optimizer": ({"optimizer": "adamw"}, OptionError, "Unknown optimizer 'adamw'; known are sgd, adam."),
    "a misspelt optimizer": ({"optimizer": "adm"}, OptionError, "did you mean 'adam'?"),
    "an optimizer of none": ({"optimizer": None}, OptionError, "Unknown optimizer None"),
    "an optimizer in a list": ({"optimizer": ["adam"]}, OptionError, "optimizer"),
    "a negative rate": ({"learning_rate": -0.1}, OptionError, "`learning_rate` must be a finite number above 0"),
    "a rate of zero": ({"learning_rate": 0}, OptionError, "`learning_rate` must be a finite number above 0; got 0."),
    "a rate of NaN": ({"learning_rate": np.nan}, OptionError, "`learning_rate` must be a finite number above 0"),
    "a worded rate": ({"learning_rate": "fast"}, OptionError, "`learning_rate` must be"),
    "a negative momentum": ({"optimizer": "sgd", "momentum": -0.1}, OptionError, "`momentum` must be"),
    "half an epoch": ({"epochs": 0.5}, OptionError, "`epochs` must be a whole number, 0 or more; got 0.5."),
    "minus one epoch": ({"epochs": -1}, OptionError, "`epochs` must be a whole number, 0 or more; got -1."),
    "a batch of nothing": ({"batch_size": 0}, OptionError, "`batch_size` must be a whole number, 1 or more; got 0."),
    "a seed below zero": ({"seed": -1}, OptionError, "`seed` must be a whole number, 0 or more; got -1."),
    "patience alone": ({"patience": 3}, OptionError, "`patience` needs `validation`"),
    "patience of zero": ({"patience": 0, "validation": 0.2}, OptionError, "`patience` must be a whole number, 1"),
    "too few ids": ({"ids": list("abc")}, ShapeError, "`ids` must hold one entry for each of the 60 rows; got 3."),
    "ids that are one thing": ({"ids": 60}, OptionError, "`ids` must be a list; got 60."),
    "a fraction of zero": ({"validation": 0}, OptionError, "between 0 and 1; got 0."),
    "a fraction of one": ({"validation": 1.0}, OptionError, "between 0 and 1; got 1.0."),
    "a fraction of NaN": ({"validation": np.nan}, OptionError, "between 0 and 1; got nan."),
    "a fraction in words": ({"validation": "0.2"}, CulpaError, "alidation|fraction"),
    "validation of three": ({"validation": (X, Y, Y)}, CulpaError, "validation"),
    "validation of other columns": ({"validation": (X[:, :3], Y)}, ShapeError, "4 columns"),
    "one class to split": ({"y": 0 * Y, "validation": 0.2}, DataError, "two classes or more"),
    "one callback without a list": ({"callbacks": print}, CulpaError, "callbacks"),
}


@pytest.mark.parametrize(("options", "kind", "words"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_used_is_refused_in_one_sentence(options, kind, words):
    with pytest.raises(kind, match=re.escape(words) if "|" not in words else words) as caught:
        fit(**options)
    assert "\n" not in str(caught.value)
    assert "np." not in str(caught.value), "a NumPy repr is no word for a reader"


def test_one_label_in_one_column_cannot_be_split_either():
    network = Network.fresh([4, 3, 1], loss="binary_cross_entropy")
    with pytest.raises(DataError, match="two classes or more") as caught:
        fit(network, y=np.zeros(60), validation=0.2)
    assert "np." not in str(caught.value)


def test_one_class_is_good_enough_where_nothing_is_split():
    assert fit(y=0 * Y).training.best_epoch == 1


def test_a_complex_network_is_refused_with_the_remedy():
    with pytest.raises(OptionError, match='astype\\("float64"\\)'):
        fit(CLASSES.astype("complex128"))


def test_a_list_of_two_is_as_good_as_a_pair_or_refused_in_words():
    """X and y for validation came in a list: either is fine, a TypeError is not."""
    found = outcome(validation=[X, Y])
    assert "validation" in str(found) if isinstance(found, CulpaError) else found.training.rows == (60, 60)
