# SPDX-License-Identifier: MIT
"""Which epoch is kept, with every optimiser, and how the rows that choose it are weighed."""

import numpy as np
import pytest

import culpa
from culpa.training.optimizers import OPTIMIZERS
from culpa.training.splitting import split_rows

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(60, 3))
Y = (X[:, 0] > 0).astype(int)
NOISY = np.where(RANDOM.random(60) < 0.3, 1 - Y, Y)
NETWORK = culpa.Network.fresh([3, 4, 2], seed=0, dtype="float64")
WIDE = culpa.Network.fresh([3, 40, 2], seed=0, dtype="float64")
RATES = {"sgd": 0.2, "nesterov": 0.2, "adam": 0.05, "adamw": 0.05, "lbfgs": None}


def learnt_by_heart(optimizer, **options):
    """A training on labels of which a third is wrong, watched by rows whose labels are right."""
    given = {"epochs": 40, "batch_size": 10, "optimizer": optimizer, "learning_rate": RATES[optimizer], **options}
    return culpa.fit(WIDE, X, NOISY, **given)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_best_epoch_is_restored_whatever_the_optimizer(optimizer):
    watched = learnt_by_heart(optimizer, validation=(X, Y))
    training = watched.training
    losses = [epoch.validation_loss for epoch in training.history]
    assert 1 <= training.best_epoch < len(losses) - 5, "the data ought to make the best epoch an early one"
    assert training.best_epoch == 1 + np.argmin(losses)
    shorter, last = learnt_by_heart(optimizer, epochs=training.best_epoch), learnt_by_heart(optimizer)
    np.testing.assert_array_equal(culpa.flatten(watched), culpa.flatten(shorter))
    assert not np.array_equal(culpa.flatten(watched), culpa.flatten(last)), "the last epoch's must show here"
    assert culpa.gradient(watched, X, Y).loss == pytest.approx(min(losses), rel=1e-12)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_patience_ends_the_training_whatever_the_optimizer(optimizer):
    patient = learnt_by_heart(optimizer, validation=(X, Y), patience=4).training
    whole = learnt_by_heart(optimizer, validation=(X, Y)).training
    assert len(patient.history) == patient.best_epoch + 4 < len(whole.history)
    np.testing.assert_array_equal(patient.history, whole.history[: len(patient.history)])


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_callbacks_word_ends_the_training_whatever_the_optimizer(optimizer):
    told = learnt_by_heart(optimizer, callbacks=[lambda epoch: epoch.epoch == 3])
    assert (len(told.training.history), told.training.best_epoch, told.training.interrupted) == (3, 3, False)
    np.testing.assert_array_equal(culpa.flatten(told), culpa.flatten(learnt_by_heart(optimizer, epochs=3)))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_held_out_rows_are_a_stratified_share_whatever_the_optimizer(optimizer):
    held = learnt_by_heart(optimizer, validation=0.25, record=True, epochs=2).training
    out = split_rows(60, 0.25, classes=NOISY)[1]
    assert held.rows == (45, 15)
    np.testing.assert_array_equal(np.flatnonzero(~held.examples.learnt), out)
    assert abs(NOISY[out].mean() - NOISY.mean()) < 1 / 15


def test_of_equal_epochs_the_first_is_kept_and_patience_counts_from_it():
    """A dead network learns nothing: every epoch has the same validation loss."""
    dead = culpa.Network.from_arrays(
        [np.zeros((4, 3)), np.zeros((2, 4))], [np.full(4, -1.0), None], loss="cross_entropy", hidden="relu"
    )
    trained = culpa.fit(dead, X, Y, validation=(X, Y), epochs=9, patience=3, batch_size=60)
    assert len({epoch.validation_loss for epoch in trained.training.history}) == 1
    assert (trained.training.best_epoch, len(trained.training.history)) == (1, 4)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_held_out_rows_choose_the_epoch_by_their_weighted_loss_and_score(seed):
    weights = RANDOM.uniform(0.1, 5.0, 60)
    trained = culpa.fit(NETWORK, X, Y, validation=0.3, weights=weights, epochs=1, seed=seed)
    held = split_rows(60, 0.3, classes=Y, seed=seed)[1]
    share = weights[held] / weights[held].sum()
    losses = np.asarray(culpa.gradient(trained, X[held], Y[held]).losses)
    right = culpa.classes(trained, X[held]) == Y[held]
    epoch = trained.training.history[0]
    assert epoch.validation_loss == pytest.approx(share @ losses, rel=1e-12)
    assert epoch.validation_score == pytest.approx(share @ right, rel=1e-12)
    assert abs(epoch.validation_loss - losses.mean()) > 1e-3, "the weights must matter here"


def test_rows_apart_choose_the_epoch_by_weights_of_their_own():
    """A row that weighs two is a row that stands twice; without the weights the loss is another."""
    weights = np.arange(60) % 3
    repeated = np.repeat(np.arange(60), weights)
    rows = [(X, NOISY, weights), (X[repeated], NOISY[repeated]), (X, NOISY)]
    weighed, standing, plain = (culpa.fit(NETWORK, X, Y, validation=held, epochs=2).training.history for held in rows)
    for one, other, unlike in zip(weighed, standing, plain, strict=True):
        assert one.validation_loss == pytest.approx(other.validation_loss, rel=1e-12)
        assert one.validation_score == pytest.approx(other.validation_score, rel=1e-12)
        assert abs(one.validation_loss - unlike.validation_loss) > 1e-3, "negative control"
