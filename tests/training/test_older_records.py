# SPDX-License-Identifier: MIT
"""Records from before an option was there still open: what they lack has the value that changes nothing."""

import json
from dataclasses import fields, replace

import numpy as np
import pytest

import culpa
from culpa.training.record import Epoch, Recipe, Training

RANDOM = np.random.default_rng(2)
X, Y = RANDOM.normal(size=(30, 3)), RANDOM.integers(0, 2, 30)
NETWORK = culpa.Network.fresh([3, 5, 4, 2], seed=0)
FIRST = ("epochs", "batch_size", "optimizer", "learning_rate", "momentum", "patience", "weighted")
"""The options that every recipe had from the beginning."""
LATER = [field.name for field in fields(Recipe) if field.name not in FIRST]
FIRST_COLUMNS = ("epoch", "loss", "validation_loss", "validation_score", "gradient_norm")


def through_json(training):
    return json.loads(json.dumps(training.to_dict(), allow_nan=False))


def fit(**options):
    return culpa.fit(NETWORK, X, Y, epochs=2, **options).training


EVERYTHING = {
    "optimizer": "adamw",
    "weight_decay": 0.1,
    "schedule": "cosine",
    "warmup": 1,
    "dropout": [0.1, 0.2],
    "label_smoothing": 0.1,
    "clip_norm": 1.0,
    "noise_scale": True,
    "record": "log",
    "checkpoints": True,
}


@pytest.mark.parametrize("options", [{}, EVERYTHING, {"clip_examples": 2.0}, {"optimizer": "lbfgs"}], ids=str)
def test_a_recipe_with_all_its_options_comes_back_as_it_was(options):
    training = fit(**options)
    again = Training.from_dict(through_json(training))
    assert again.recipe == training.recipe
    np.testing.assert_array_equal(np.array(again.history), np.array(training.history))
    assert replace(again, history=()) == replace(training, history=(), examples=None)
    for name, value in options.items():
        mine = getattr(again.recipe, name)
        assert mine == (tuple(value) if isinstance(value, list) else value)


def test_the_arrays_of_the_examples_are_not_in_the_document():
    training = fit(record=True)
    assert training.examples is not None
    assert "examples" not in training.to_dict()
    assert Training.from_dict(through_json(training)).examples is None
    assert Training.from_dict(through_json(training), training.examples).examples is training.examples


def test_a_record_without_any_of_the_later_options_opens():
    state = through_json(fit())
    state["recipe"] = {name: state["recipe"][name] for name in FIRST}
    state["history"] = {name: state["history"][name] for name in FIRST_COLUMNS}
    again = Training.from_dict(state)
    assert again.recipe == fit().recipe
    np.testing.assert_array_equal(np.array(again.history)[:, :5], np.array(fit().history)[:, :5])
    assert np.isnan(np.array(again.history)[:, 5:]).all()
    assert np.isnan([epoch.noise_scale for epoch in again.history]).all()


@pytest.mark.parametrize("name", LATER)
def test_a_record_without_one_of_the_later_options_opens(name):
    state = through_json(fit(**EVERYTHING))
    del state["recipe"][name]
    again = Training.from_dict(state).recipe
    default = next(field.default for field in fields(Recipe) if field.name == name)
    assert getattr(again, name) == default
    assert replace(again, **{name: getattr(fit(**EVERYTHING).recipe, name)}) == fit(**EVERYTHING).recipe


@pytest.mark.parametrize("name", Epoch._fields[5:])
def test_a_history_without_one_of_the_later_columns_opens(name):
    state = through_json(fit(**EVERYTHING))
    del state["history"][name]
    assert np.isnan([getattr(epoch, name) for epoch in Training.from_dict(state).history]).all()


@pytest.mark.parametrize("name", FIRST)
def test_a_record_without_one_of_the_first_options_is_refused(name):
    """Negative control: what was always there must be there."""
    state = through_json(fit())
    del state["recipe"][name]
    with pytest.raises(TypeError):
        Training.from_dict(state)


def test_an_option_that_nobody_knows_is_refused():
    state = through_json(fit())
    with pytest.raises(TypeError):
        Training.from_dict({**state, "recipe": {**state["recipe"], "mood": "good"}})
