# SPDX-License-Identifier: MIT
"""The record of a training: its history recomputed, its way through JSON and back, the fingerprint of the data."""

import json
import re
from dataclasses import FrozenInstanceError, asdict, replace
from importlib.metadata import version

import numpy as np
import pytest

import culpa
from culpa.engine.streams import stream
from culpa.training.record import Epoch, Recipe, Training, fingerprint

RANDOM = np.random.default_rng(2)
X, Y, S = RANDOM.normal(size=(30, 3)), RANDOM.integers(0, 2, 30), RANDOM.gamma(1.0, size=30)
NETWORK = culpa.Network.fresh([3, 5, 2], l2=0.1, seed=0, dtype="float64")
OPTIONS = {"epochs": 3, "batch_size": 8, "optimizer": "sgd", "learning_rate": 0.5, "momentum": 0.0, "seed": 9}


def fit(**options):
    return culpa.fit(NETWORK, X, Y, **{**OPTIONS, **options})


@pytest.mark.parametrize("weights", [None, S], ids=["equal weights", "weights"])
def test_the_history_says_what_a_loop_of_ones_own_sees(weights):
    """Losses of the batches before their steps, without the penalty; norms of the objective's gradient, with it."""
    s = np.ones(30) if weights is None else S / S.mean()
    theta, random = culpa.flatten(NETWORK), stream(9, "shuffling")
    for epoch in fit(weights=weights).training.history:
        order = random.permutation(30)
        losses, norms = [], []
        for rows in (order[start : start + 8] for start in range(0, 30, 8)):
            g = culpa.gradient(culpa.unflatten(NETWORK, theta), X[rows], Y[rows])
            total = g.reweighted(s[rows] / len(rows)).total()
            losses.append(s[rows] @ g.losses)
            norms.append(np.linalg.norm(total))
            theta = theta - 0.5 * total
        assert epoch.loss == pytest.approx(sum(losses) / 30, rel=1e-12)
        assert epoch.gradient_norm == pytest.approx(np.sqrt(np.mean(np.square(norms))), rel=1e-12)
        assert np.isnan([epoch.validation_loss, epoch.validation_score]).all()
    assert epoch.epoch == 3
    assert epoch.gradient_norm != pytest.approx(np.mean(norms), rel=1e-6), "a root mean square is no mean"


def test_the_recipe_holds_what_was_asked_for_with_the_defaults_filled_in():
    assert fit().training.recipe == Recipe(3, 8, "sgd", 0.5, 0.0, None, False)
    adam = culpa.fit(NETWORK, X, Y, epochs=1, batch_size=1000, validation=0.2, patience=4, weights=S)
    assert adam.training.recipe == Recipe(1, 24, "adam", 0.001, 0.0, 4, True, validation=0.2)


def test_the_recipe_says_what_was_held_out_and_how_classes_were_weighed():
    groups = np.arange(len(X)) // 5
    recipe = culpa.fit(
        NETWORK, X, Y, epochs=1, validation=0.3, groups=groups, class_weight={0: 2, 1: 3.5}
    ).training.recipe
    assert (recipe.validation, recipe.grouped, recipe.class_weight) == (0.3, True, [[0, 2.0], [1, 3.5]])
    recipe = culpa.fit(NETWORK, X, Y, epochs=1, validation=(X, Y), class_weight="balanced").training.recipe
    assert (recipe.validation, recipe.grouped, recipe.class_weight) == (None, False, "balanced")
    assert Recipe(**json.loads(json.dumps(asdict(recipe)))) == replace(recipe, dropout=[])


def test_the_record_says_who_learnt_what_with_which_versions():
    training = fit(ids=[f"row {i}" for i in range(30)], validation=0.2).training
    assert (training.seed, training.rows, training.interrupted) == (9, (24, 6), False)
    assert training.ids == tuple(f"row {i}" for i in range(30))
    assert training.versions == {"culpa": version("culpa"), "numpy": np.__version__}
    assert training.seconds > 0
    assert fit().training.ids is None


def test_the_record_knows_the_data_that_it_was_made_from():
    same, again = fit().training.data, fit(seed=1).training.data
    assert same == again
    others = {fit(weights=S).training.data, culpa.fit(NETWORK, X + 1e-9, Y, epochs=0).training.data}
    others |= {culpa.fit(NETWORK, X, 1 - Y, epochs=0).training.data}
    assert len({same, *others}) == 4


@pytest.mark.parametrize(
    "options",
    [{}, {"validation": 0.2, "patience": 2}, {"epochs": 0}, {"ids": list(range(30))}, {"ids": ["é,\n"] * 30}],
    ids=["plain", "validated", "no epochs", "numbers as ids", "words as ids"],
)
def test_a_record_comes_back_from_json_as_it_was(options):
    training = fit(**options).training
    text = json.dumps(training.to_dict(), allow_nan=False)
    again = Training.from_dict(json.loads(text))
    assert again.to_dict() == training.to_dict()
    np.testing.assert_array_equal(np.array(again.history), np.array(training.history))
    assert replace(again, history=()) == replace(training, history=())
    assert all(isinstance(epoch, Epoch) and isinstance(epoch.epoch, int) for epoch in again.history)


def test_nan_is_null_in_json_and_nan_again_afterwards():
    state = json.loads(json.dumps(fit().training.to_dict(), allow_nan=False))
    assert state["history"]["validation_loss"] == [None] * 3
    assert np.isnan([epoch.validation_loss for epoch in Training.from_dict(state).history]).all()


def test_ids_of_numpys_become_plain_ones():
    for ids in (np.arange(30), np.array([f"r{i}" for i in range(30)])):
        training = fit(ids=ids, epochs=0).training
        assert Training.from_dict(json.loads(json.dumps(training.to_dict()))).ids == tuple(ids.tolist())


def test_a_record_is_frozen():
    training = fit(epochs=0).training
    with pytest.raises(FrozenInstanceError):
        training.seed = 1


def test_a_damaged_record_is_noticed():
    """Negative control of the round trip: one entry, one name, one column."""
    training = fit().training
    state = training.to_dict()
    assert Training.from_dict({**state, "seed": 10}) != training
    with pytest.raises((TypeError, KeyError)):
        Training.from_dict({**state, "mood": "good"})
    with pytest.raises((TypeError, ValueError)):
        Training.from_dict({**state, "history": {**state["history"], "loss": [1.0]}})


BASE = np.arange(6.0).reshape(2, 3)
CHANGED = {
    "one entry by one bit": np.nextafter(BASE, 9),
    "the shape": BASE.reshape(3, 2),
    "the number of dimensions": BASE.ravel(),
    "the precision": BASE.astype("float32"),
    "the kind": BASE.astype("int64"),
    "the order": BASE[::-1].copy(),
    "the sign of zero": np.copysign(BASE, [[-1, 1, 1], [1, 1, 1]]),
    "a NaN": np.where(BASE == 2, np.nan, BASE),
}


@pytest.mark.parametrize("other", CHANGED.values(), ids=CHANGED)
def test_the_fingerprint_changes_with(other):
    assert fingerprint(other) != fingerprint(BASE)


def test_the_fingerprint_is_sixteen_digits_that_do_not_depend_on_the_layout():
    wide = np.zeros((4, 6))
    wide[::2, ::2] = BASE
    assert re.fullmatch("[0-9a-f]{16}", fingerprint(BASE))
    assert fingerprint(BASE) == fingerprint(np.asfortranarray(BASE)) == fingerprint(wide[::2, ::2])


def test_the_fingerprint_tells_several_arrays_apart():
    left, right = BASE[:1], BASE[1:]
    assert len({fingerprint(left, right), fingerprint(right, left), fingerprint(BASE), fingerprint(left)}) == 4


def test_the_fingerprint_reads_text_and_python_objects():
    assert len({fingerprint(np.array(words)) for words in (["a", "b"], ["ab", ""], ["a", "c"])}) == 3
    assert fingerprint(np.array(["a", 1], object)) != fingerprint(np.array(["a", 2], object))
