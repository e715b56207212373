# SPDX-License-Identifier: MIT
"""When a training ends and what it leaves: the best epoch, patience, callbacks, no epochs at all, Ctrl-C."""

from dataclasses import replace

import numpy as np
import pytest

import culpa
from culpa import ACTIVATIONS
from tests.oracles.comparing import assert_same

RANDOM = np.random.default_rng(4)
X, X_NEW = RANDOM.normal(size=(40, 5)), RANDOM.normal(size=(60, 5))
Y, Y_NEW = (np.sign(rows[:, 0] + RANDOM.normal(size=len(rows))) > 0 for rows in (X, X_NEW))
NETWORK = culpa.Network.fresh([5, 16, 2], seed=2, dtype="float64")
WATCHED = {"validation": (X_NEW, Y_NEW.astype(int))}
EPOCHS = 40


def trained(network=NETWORK, **options):
    """A training that learns its noisy labels by heart, so that its best epoch is an early one."""
    return culpa.fit(network, X, Y.astype(int), **{"epochs": EPOCHS, "batch_size": 8, "learning_rate": 0.02, **options})


@pytest.fixture(scope="module")
def watched():
    network = trained(**WATCHED)
    assert 1 < network.training.best_epoch < EPOCHS - 10, "the data ought to make the best epoch an early one"
    return network


def test_the_best_epoch_is_the_one_with_the_least_validation_loss(watched):
    losses = [epoch.validation_loss for epoch in watched.training.history]
    assert [epoch.epoch for epoch in watched.training.history] == list(range(1, EPOCHS + 1))
    assert watched.training.best_epoch == 1 + np.argmin(losses)


def test_the_parameters_are_those_after_the_best_epoch(watched):
    shorter = trained(epochs=watched.training.best_epoch)
    np.testing.assert_array_equal(culpa.flatten(watched), culpa.flatten(shorter))
    assert not np.array_equal(culpa.flatten(watched), culpa.flatten(trained()))


def test_the_parameters_have_the_validation_loss_and_score_that_the_record_claims(watched):
    best = watched.training.history[watched.training.best_epoch - 1]
    assert_same(best.validation_loss, culpa.gradient(watched, X_NEW, Y_NEW.astype(int)).loss)
    right = culpa.predict(watched, X_NEW).argmax(axis=1) == Y_NEW
    assert best.validation_score == pytest.approx(right.mean(), abs=1e-12)


def test_without_validation_the_last_epoch_is_kept():
    network = trained(epochs=7)
    assert network.training.best_epoch == 7
    assert all(np.isnan([epoch.validation_loss, epoch.validation_score]).all() for epoch in network.training.history)


@pytest.mark.parametrize("patience", [1, 3, 10])
def test_patience_ends_the_training_that_many_epochs_after_the_best(watched, patience):
    """The history is the same as without patience up to the first wait that is long enough."""
    losses = [epoch.validation_loss for epoch in watched.training.history]
    ends = [count for count in range(1, EPOCHS + 1) if count - (1 + np.argmin(losses[:count])) >= patience]
    patient = trained(patience=patience, **WATCHED)
    assert len(patient.training.history) == ends[0] == patient.training.best_epoch + patience
    assert patient.training.history == watched.training.history[: ends[0]]
    assert not patient.training.interrupted


def test_callbacks_see_every_epoch_of_the_record():
    seen, again = [], []
    network = trained(epochs=5, callbacks=[seen.append, lambda epoch: again.append(epoch)])
    assert tuple(seen) == tuple(again) == network.training.history
    assert [epoch.epoch for epoch in seen] == [1, 2, 3, 4, 5]


def test_a_callback_that_returns_true_ends_the_training_and_the_others_still_see_that_epoch():
    seen = []
    network = trained(callbacks=[lambda epoch: epoch.epoch == 3, seen.append])
    assert len(network.training.history) == len(seen) == 3
    assert not network.training.interrupted
    np.testing.assert_array_equal(culpa.flatten(network), culpa.flatten(trained(epochs=3)))


def test_callbacks_do_not_disturb_the_training():
    alone, observed = trained(epochs=3), trained(epochs=3, callbacks=[lambda epoch: None, lambda epoch: False])
    np.testing.assert_array_equal(culpa.flatten(alone), culpa.flatten(observed))


def test_an_error_of_a_callback_comes_through_as_it_is():
    with pytest.raises(ZeroDivisionError):
        trained(callbacks=[lambda epoch: 1 / 0])


@pytest.mark.parametrize("options", [{}, WATCHED], ids=["alone", "watched"])
def test_no_epochs_leave_the_parameters_as_they_are(options):
    network = trained(epochs=0, **options)
    np.testing.assert_array_equal(culpa.flatten(network), culpa.flatten(NETWORK))
    assert (network.training.history, network.training.best_epoch, network.training.interrupted) == ((), 0, False)


def ctrl_c_after(count):
    """A callback that does what Ctrl-C does."""

    def callback(epoch):
        if epoch.epoch == count:
            raise KeyboardInterrupt

    return callback


def test_ctrl_c_returns_the_last_finished_epoch():
    network = trained(callbacks=[ctrl_c_after(4)])
    assert network.training.interrupted
    assert (len(network.training.history), network.training.best_epoch) == (4, 4)
    np.testing.assert_array_equal(culpa.flatten(network), culpa.flatten(trained(epochs=4)))


def test_ctrl_c_returns_the_best_epoch_so_far_where_there_is_validation(watched):
    best = watched.training.best_epoch
    network = trained(callbacks=[ctrl_c_after(best + 3)], **WATCHED)
    assert network.training.interrupted
    assert (len(network.training.history), network.training.best_epoch) == (best + 3, best)
    np.testing.assert_array_equal(culpa.flatten(network), culpa.flatten(watched))


def interrupted_in_step(count):
    """The network with a hidden layer during whose `count`-th forward pass Ctrl-C comes."""
    passes = [0]

    def value(a):
        passes[0] += 1
        if passes[0] == count:
            raise KeyboardInterrupt
        return ACTIVATIONS["relu"].value(a)

    # NOTE: a row without an in-place rule of its own runs `value` in every step.
    activation = replace(ACTIVATIONS["relu"], value=value, in_place=None)
    first, last = NETWORK.layers
    return replace(NETWORK, layers=(replace(first, activation=activation), last))


@pytest.mark.parametrize("step", [6, 8, 10])
def test_ctrl_c_in_the_middle_of_an_epoch_goes_back_to_the_end_of_the_one_before(step):
    """An epoch has five steps; the unfinished one leaves no trace."""
    network = trained(interrupted_in_step(step), epochs=4)
    assert network.training.interrupted
    assert (len(network.training.history), network.training.best_epoch) == (1, 1)
    np.testing.assert_array_equal(culpa.flatten(network), culpa.flatten(trained(epochs=1)))


def test_ctrl_c_before_any_epoch_is_finished_still_returns_a_network():
    network = trained(interrupted_in_step(3), epochs=4)
    assert network.training.interrupted
    assert (network.training.history, network.training.best_epoch) == ((), 0)
    assert np.isfinite(culpa.flatten(network)).all()
