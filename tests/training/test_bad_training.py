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
    "an unknown optimizer": (
        {"optimizer": "rmsprop"},
        OptionError,
        "Unknown optimizer 'rmsprop'; known are sgd, nesterov, adam, adamw, lbfgs.",
    ),
    "a misspelt optimizer": ({"optimizer": "adm"}, OptionError, "did you mean 'adam'?"),
    "an optimizer of none": ({"optimizer": None}, OptionError, "Unknown optimizer None"),
    "an optimizer in a list": ({"optimizer": ["adam"]}, OptionError, "optimizer"),
    "a negative rate": ({"learning_rate": -0.1}, OptionError, "`learning_rate` must be a finite number above 0"),
    "a rate of zero": ({"learning_rate": 0}, OptionError, "`learning_rate` must be a finite number above 0; got 0."),
    "a rate of NaN": ({"learning_rate": np.nan}, OptionError, "`learning_rate` must be a finite number above 0"),
    "a worded rate": ({"learning_rate": "fast"}, OptionError, "`learning_rate` must be"),
    "a negative momentum": ({"optimizer": "sgd", "momentum": -0.1}, OptionError, "`momentum` must be"),
    "Nesterov's negative momentum": ({"optimizer": "nesterov", "momentum": -1}, OptionError, "`momentum` must be"),
    "a decay that grows": ({"optimizer": "adamw", "weight_decay": -1}, OptionError, "`weight_decay` must be a finite"),
    "an unknown schedule": ({"schedule": "cosin"}, OptionError, "Unknown schedule 'cosin'; known are constant, cosine"),
    "a bare function as schedule": ({"schedule": abs}, OptionError, "Unknown schedule"),
    "half an epoch of warm-up": ({"warmup": 0.5}, OptionError, "`warmup` must be a whole number, 0 or more; got 0.5."),
    "a warm-up of less than none": ({"warmup": -1}, OptionError, "`warmup` must be a whole number, 0 or more; got -1."),
    "nothing left by dropout": ({"dropout": 1.0}, OptionError, "`dropout` must be a share from 0 to below 1; got 1.0."),
    "nothing left in one layer": ({"dropout": [1]}, OptionError, "`dropout` must be a share from 0 to below 1; got 1."),
    "a negative dropout": ({"dropout": -0.1}, OptionError, "`dropout` must be a finite number, 0 or more; got -0.1."),
    "a dropout of NaN": ({"dropout": np.nan}, OptionError, "`dropout` must be a finite number"),
    "a dropout in words": (
        {"dropout": "half"},
        OptionError,
        "`dropout` must be a finite number, 0 or more; got 'half'.",
    ),
    "two dropouts for one layer": ({"dropout": [0.1, 0.2]}, OptionError, "one for each of 1 hidden layers; got 2."),
    "smoothing of everything": ({"label_smoothing": 1}, OptionError, "`label_smoothing` must be a share from 0 to"),
    "a negative smoothing": ({"label_smoothing": -0.1}, OptionError, "`label_smoothing` must be a finite number, 0 or"),
    "a norm of zero": ({"clip_norm": 0}, OptionError, "`clip_norm` must be a finite number above 0; got 0."),
    "an infinite norm": ({"clip_norm": np.inf}, OptionError, "`clip_norm` must be a finite number above 0"),
    "examples cut to zero": (
        {"clip_examples": 0},
        OptionError,
        "`clip_examples` must be a finite number above 0; got 0.",
    ),
    "the noise of weights": (
        {"noise_scale": True, "weights": 1 + Y},
        OptionError,
        "`noise_scale` needs equal weights.",
    ),
    "the noise of clipped examples": (
        {"noise_scale": True, "clip_examples": 1.0},
        OptionError,
        "`noise_scale` and `clip_examples` exclude each other",
    ),
    "the noise of class weights": (
        {"noise_scale": True, "class_weight": "balanced"},
        OptionError,
        "`noise_scale` needs equal weights.",
    ),
    "an unknown record": ({"record": "all"}, OptionError, "Unknown record 'all'; known are log, epochs."),
    "a number as record": ({"record": 3}, OptionError, "Unknown record 3; known are log, epochs."),
    "an unknown class weight": (
        {"class_weight": "equal"},
        OptionError,
        "Unknown class_weight 'equal'; known are balanc",
    ),
    "a weight too many": ({"class_weight": [1, 2, 3]}, ShapeError, "one weight for each of 2 classes; got 3."),
    "a negative class weight": ({"class_weight": [1, -2]}, OptionError, "`class_weight` must be a finite number, 0 or"),
    "no class of any weight": ({"class_weight": [0, 0]}, DataError, "must not all be zero"),
    "a class that is not there": ({"class_weight": {2: 1.0}}, OptionError, "must name classes 0 to 1; got 2."),
    "a class of NumPy's that is not there": (
        {"class_weight": {np.int64(2): 1.0}},
        OptionError,
        "must name classes 0 to 1; got 2.",
    ),
    "a class by name": ({"class_weight": {"a": 1.0}}, OptionError, "must name classes 0 to 1; got 'a'."),
    "one class weight": ({"class_weight": 3}, OptionError, "`class_weight` must be a list; got 3."),
    "half an epoch": ({"epochs": 0.5}, OptionError, "`epochs` must be a whole number, 0 or more; got 0.5."),
    "minus one epoch": ({"epochs": -1}, OptionError, "`epochs` must be a whole number, 0 or more; got -1."),
    "a batch of nothing": ({"batch_size": 0}, OptionError, "`batch_size` must be a whole number, 1 or more; got 0."),
    "a seed below zero": ({"seed": -1}, OptionError, "`seed` must be a whole number, 0 or more; got -1."),
    "patience alone": ({"patience": 3}, OptionError, "`patience` needs `validation`"),
    "patience of zero": ({"patience": 0, "validation": 0.2}, OptionError, "`patience` must be a whole number, 1"),
    "too few ids": ({"ids": list("abc")}, ShapeError, "`ids` must hold one entry for each of the 60 rows; got 3."),
    "ids that are one thing": ({"ids": 60}, OptionError, "`ids` must be a list; got 60."),
    "groups without a split": ({"groups": Y}, OptionError, "`groups` needs a fraction to hold out."),
    "groups with rows apart": (
        {"groups": Y, "validation": (X, Y)},
        OptionError,
        "`groups` needs a fraction to hold out.",
    ),
    "too few groups": (
        {"groups": Y[:5], "validation": 0.2},
        ShapeError,
        "`groups` must hold one entry for each of the 60",
    ),
    "groups in two columns": (
        {"groups": np.c_[Y, Y], "validation": 0.2},
        ShapeError,
        "for each of the 60 rows; got (60, 2)",
    ),
    "one group for all": (
        {"groups": 3, "validation": 0.2},
        ShapeError,
        "`groups` must hold one entry for each of the 60",
    ),
    "one group": ({"groups": 0 * Y, "validation": 0.2}, DataError, "all 60 rows belong to 0."),
    "one group in words": ({"groups": ["a"] * 60, "validation": 0.2}, DataError, "all 60 rows belong to 'a'."),
    "groups of one class": (
        {"groups": np.arange(60) % 5, "validation": 0.2, "y": 0 * Y},
        DataError,
        "two classes or more",
    ),
    "a fraction of zero": ({"validation": 0}, OptionError, "between 0 and 1; got 0."),
    "a fraction of one": ({"validation": 1.0}, OptionError, "between 0 and 1; got 1.0."),
    "a fraction of NaN": ({"validation": np.nan}, OptionError, "between 0 and 1; got nan."),
    "a fraction in words": ({"validation": "0.2"}, CulpaError, "alidation|fraction"),
    "validation of four": ({"validation": (X, Y, Y, Y)}, CulpaError, "validation"),
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


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"label_smoothing": 0.1}, "`label_smoothing` needs classes or labels; the loss is squared_error."),
        ({"class_weight": "balanced"}, "`class_weight` needs one certain class for each row."),
    ],
    ids=["smoothing", "class weights"],
)
def test_what_needs_classes_is_refused_for_numbers(options, words):
    with pytest.raises(OptionError, match=words):
        fit(REGRESSION, y=NUMBERS, **options)


def test_class_weights_are_refused_where_a_row_has_no_certain_class():
    soft = np.column_stack([0.25 + Y / 2, 0.75 - Y / 2])
    labels = Network.fresh([4, 3, 2], loss="binary_cross_entropy")
    for network, y in ((CLASSES, soft), (labels, np.column_stack([Y, Y])), (labels, soft)):
        with pytest.raises(OptionError, match="`class_weight` needs one certain class for each row"):
            fit(network, y=y, class_weight=[1.0, 2.0])


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
