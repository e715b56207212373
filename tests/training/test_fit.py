# SPDX-License-Identifier: MIT
"""What `fit` computes: the steps of a hand-written loop, unbiased weights, streams that do not disturb each other.

That the steps themselves are right is in `test_optimizers`; when the training stops, in `test_stopping`.
"""

import threading
from dataclasses import replace

import numpy as np
import pytest

import culpa
from culpa.engine.streams import stream
from culpa.training.splitting import split_rows
from tests.oracles.comparing import assert_same

N = 48
RANDOM = np.random.default_rng(7)
X = RANDOM.normal(size=(N, 3))
Y = RANDOM.integers(0, 3, N)
S = RANDOM.gamma(1.0, size=N)
NETWORK = culpa.Network.fresh([3, 6, 3], hidden="tanh", l2=0.02, seed=1, dtype="float64")
SGD = {"optimizer": "sgd", "learning_rate": 0.1}


def theta_of(**options):
    """The parameters after a training on these rows."""
    given = {"X": X, "y": Y, "epochs": 3, "batch_size": 10, **options}
    return culpa.flatten(culpa.fit(NETWORK, **given))


def by_hand(epochs, batch_size, seed=0, momentum=0.9, weights=None):
    """Mini-batches of shuffled rows, a heavy-ball step each, written out."""
    s = np.ones(N) if weights is None else weights / weights.mean()
    theta, velocity, random = culpa.flatten(NETWORK), 0.0, stream(seed, "shuffling")
    for _ in range(epochs):
        order = random.permutation(N)
        for start in range(0, N, batch_size):
            batch = order[start : start + batch_size]
            now = culpa.unflatten(NETWORK, theta)
            g = culpa.gradient(now, X[batch], Y[batch]).reweighted(s[batch] / len(batch))
            velocity = momentum * velocity + g.total()
            theta = theta - 0.1 * velocity
    return theta


@pytest.mark.parametrize("batch_size", [N, 1000, 16, 10, 1], ids=lambda size: f"batches of {size}")
def test_fit_is_a_loop_that_anybody_can_write(batch_size):
    """Batches of 10 leave a last one of 8 in each epoch; more rows than there are make one batch."""
    assert_same(theta_of(batch_size=batch_size, **SGD), by_hand(3, batch_size))


def test_a_loop_with_another_momentum_or_another_order_is_refused():
    for wrong in (by_hand(3, 10, momentum=0.9 + 1e-9), by_hand(3, 10, seed=1)):
        with pytest.raises(AssertionError, match="of the norm"):
            assert_same(theta_of(**SGD), wrong)


def test_weights_enter_every_batch_with_a_mean_of_one_over_all_rows():
    assert_same(theta_of(weights=S, **SGD), by_hand(3, 10, weights=S))


def test_weights_scaled_by_a_constant_change_nothing():
    np.testing.assert_array_equal(theta_of(weights=S), theta_of(weights=2.0**20 * S))
    assert_same(theta_of(weights=S, **SGD), theta_of(weights=1e-3 * S, **SGD))
    assert not np.allclose(theta_of(weights=S), theta_of(weights=S**2))


@pytest.mark.parametrize("options", [SGD, {"optimizer": "adam"}], ids=["sgd", "adam"])
def test_whole_weights_in_one_batch_are_the_same_as_repeated_rows(options):
    count = np.random.default_rng(0).integers(0, 4, N)
    rows = np.repeat(np.arange(N), count)
    weighted = theta_of(weights=count, batch_size=N, epochs=10, **options)
    assert_same(weighted, theta_of(X=X[rows], y=Y[rows], batch_size=len(rows), epochs=10, **options))


def test_batches_are_on_average_the_weighted_means_gradient():
    """In one epoch of equal batches; the steps are so short that the point hardly moves between them."""
    eta = 1e-7
    moved = theta_of(weights=S, batch_size=8, epochs=1, momentum=0, optimizer="sgd", learning_rate=eta)
    average = (culpa.flatten(NETWORK) - moved) / eta / (N / 8)
    # NOTE: 1e-6, because six steps of 1e-7 change the gradient by about that much.
    assert_same(average, culpa.gradient(NETWORK, X, Y, weights=S).total(), within=1e-6)


def test_the_same_seed_gives_the_same_bits_and_another_seed_others():
    first, again, other = (theta_of(seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_rows_that_only_watch_do_not_disturb_the_shuffling():
    """The losses of all epochs are the same to the bit with and without validation rows apart."""
    alone = culpa.fit(NETWORK, X, Y, epochs=4, batch_size=10)
    watched = culpa.fit(NETWORK, X, Y, epochs=4, batch_size=10, validation=(X[:9], Y[:9]))
    assert [epoch.loss for epoch in alone.training.history] == [epoch.loss for epoch in watched.training.history]
    assert not np.isnan(watched.training.history[0].validation_loss)


def test_holding_a_fraction_out_is_training_on_the_kept_rows_with_the_held_ones_apart():
    kept, held = split_rows(N, 0.25, classes=Y, seed=5)
    options = {"epochs": 4, "batch_size": 10, "seed": 5}
    fraction = culpa.fit(NETWORK, X, Y, validation=0.25, **options)
    apart = culpa.fit(NETWORK, X[kept], Y[kept], validation=(X[held], Y[held]), **options)
    assert fraction.training.rows == apart.training.rows == (36, 12)
    np.testing.assert_allclose(fraction.training.history, apart.training.history, rtol=1e-12)
    assert_same(culpa.flatten(fraction), culpa.flatten(apart))


def test_held_out_weights_do_not_scale_the_loss_that_is_learnt_from():
    """The weights of the kept rows have a mean of 1, whatever the held-out rows weigh."""
    kept, held = split_rows(N, 0.25, classes=Y, seed=5)
    s = S.copy()
    s[held] *= 100
    options = {"epochs": 1, "batch_size": N, "seed": 5, **SGD}
    fraction = culpa.fit(NETWORK, X, Y, weights=s, validation=0.25, **options)
    apart = culpa.fit(NETWORK, X[kept], Y[kept], weights=s[kept], **options)
    assert_same(culpa.flatten(fraction), culpa.flatten(apart))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_given_network_and_arrays_stay_as_they_are(dtype):
    network = NETWORK.astype(dtype)
    arrays = [X.astype(dtype), Y.copy(), S.copy()]
    before = [culpa.flatten(network), *(array.copy() for array in arrays)]
    for array in arrays:
        array.flags.writeable = False
    fitted = culpa.fit(network, *arrays[:2], weights=arrays[2], epochs=2, validation=0.25)
    for old, new in zip(before, [culpa.flatten(network), *arrays], strict=True):
        np.testing.assert_array_equal(old, new, strict=True)
    assert network.training is None
    assert fitted.dtype == dtype
    assert not np.array_equal(culpa.flatten(fitted), before[0])


def test_everything_but_the_parameters_and_the_record_is_passed_on():
    columns = object()
    fitted = culpa.fit(replace(NETWORK, columns=columns, training="an older one"), X, Y, epochs=1)
    assert fitted.columns is columns
    assert (fitted.loss, fitted.l2, fitted.sizes) == (NETWORK.loss, NETWORK.l2, NETWORK.sizes)
    assert isinstance(fitted.training, culpa.Training)


def test_trainings_in_two_threads_at_once_give_the_same_bits_as_alone():
    seeds = (11, 12)
    alone = {seed: theta_of(epochs=60, seed=seed) for seed in seeds}
    found, together = {}, threading.Barrier(len(seeds))

    def job(seed):
        together.wait()
        found[seed] = theta_of(epochs=60, seed=seed)

    threads = [threading.Thread(target=job, args=(seed,)) for seed in seeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed in seeds:
        np.testing.assert_array_equal(found[seed], alone[seed])
    assert not np.array_equal(found[11], found[12])
