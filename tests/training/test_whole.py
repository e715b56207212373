# SPDX-License-Identifier: MIT
"""L-BFGS on all rows: the optimum of convex problems, the way there beside SciPy's own, and what stops it."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression, Ridge

import culpa
from culpa import ACTIVATIONS
from culpa.errors import OptionError
from culpa.training.recipe import recipe_for
from culpa.training.rows import admit_rows
from culpa.training.whole import CHUNK, Objective
from tests.oracles.comparing import assert_same

WINE, KINDS = load_wine(return_X_y=True)
WINE = (WINE - WINE.mean(axis=0)) / WINE.std(axis=0)
RANDOM = np.random.default_rng(2)
S = RANDOM.gamma(1.0, size=len(WINE)) * (RANDOM.random(len(WINE)) < 0.9)
SOFTMAX = culpa.Network.fresh([13, 3], l2=0.01, seed=0, dtype="float64")
DEEP = culpa.Network.fresh([13, 8, 5, 3], hidden="tanh", l2=0.01, seed=0, dtype="float64")


def fit(network=SOFTMAX, X=WINE, y=KINDS, **options):
    return culpa.fit(network, X, y, optimizer="lbfgs", **{"epochs": 500, **options})


@pytest.mark.parametrize("weights", [None, S], ids=["equal weights", "weights"])
def test_softmax_regression_reaches_the_optimum_that_scikit_learn_finds(weights):
    """Half of scikit-learn's penalty over C Σs is our l2; Newton's method there goes on to the last digit."""
    s = np.ones(len(WINE)) if weights is None else weights
    rival = LogisticRegression(C=1 / (0.01 * s.sum()), solver="newton-cg", tol=1e-13, max_iter=1000)
    rival.fit(WINE, KINDS, sample_weight=s)
    best = culpa.gradient(
        culpa.Network.from_arrays([rival.coef_], [rival.intercept_], l2=0.01), WINE, KINDS, weights=weights
    )
    assert np.linalg.norm(best.total()) < 1e-12
    mine = fit(weights=weights)
    assert culpa.gradient(mine, WINE, KINDS, weights=weights).objective - best.objective < 1e-11
    # NOTE: 1e-5, because L-BFGS stops where the objective is right to 1e-12, and its root is 1e-6.
    assert_same(mine.layers[0].W, rival.coef_, within=1e-5)
    stopped_early = fit(weights=weights, epochs=10)
    assert culpa.gradient(stopped_early, WINE, KINDS, weights=weights).objective - best.objective > 1e-6


def test_linear_regression_reaches_the_optimum_of_the_normal_equations():
    y = WINE[:, 0] ** 2 + KINDS
    network = culpa.Network.fresh([13, 1], loss="squared_error", l2=0.1, seed=0, dtype="float64")
    rival = Ridge(alpha=0.1 * len(WINE)).fit(WINE, y)
    mine = fit(network, y=y)
    exact = culpa.Network.from_arrays([rival.coef_[None]], [[rival.intercept_]], loss="squared_error", l2=0.1)
    assert culpa.gradient(mine, WINE, y).objective - culpa.gradient(exact, WINE, y).objective < 1e-11


def by_hand(network, X, y, epochs, weights=None):
    """SciPy on the functional gradient of all rows: the objective and its gradient's norm after each iteration."""
    seen = []

    def function(flat):
        g = culpa.gradient(culpa.unflatten(network, flat), X, y, weights=weights)
        return g.objective, g.total()

    def callback(intermediate_result):
        g = culpa.gradient(culpa.unflatten(network, intermediate_result.x), X, y, weights=weights)
        seen.append((g.loss, np.linalg.norm(g.total())))

    options = {"maxiter": epochs, "ftol": 1e-12, "gtol": 1e-7}
    start = culpa.flatten(network)
    found = minimize(function, start, jac=True, method="L-BFGS-B", callback=callback, options=options)
    return found.x, seen


@pytest.mark.parametrize("weights", [None, S], ids=["equal weights", "weights"])
@pytest.mark.parametrize("activation", ["tanh", "softplus"])
def test_the_way_is_the_one_that_scipy_takes_on_the_functional_gradient(activation, weights):
    network = culpa.Network.fresh([13, 8, 5, 3], hidden=activation, l2=0.01, seed=0, dtype="float64")
    theta, seen = by_hand(network, WINE, KINDS, 12, weights)
    mine = fit(network, epochs=12, weights=weights)
    history = [(epoch.loss, epoch.gradient_norm) for epoch in mine.training.history]
    # NOTE: 1e-9, because every line search magnifies the last bits of the one before.
    assert_same(history, seen, within=1e-9)
    assert_same(culpa.flatten(mine), theta, within=1e-9)
    assert len(history) == 12
    for wrong in (S + 1, 1 + 1e-6 * S):
        with pytest.raises(AssertionError):
            assert_same(culpa.flatten(mine), by_hand(network, WINE, KINDS, 12, wrong)[0], within=1e-9)


@pytest.mark.parametrize("n", [CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 500])
@pytest.mark.parametrize("weighted", [False, True], ids=["equal weights", "weights"])
def test_rows_are_gone_through_in_chunks_that_add_up(n, weighted):
    random = np.random.default_rng(n)
    X, y = random.normal(size=(n, 4)), random.integers(0, 3, n)
    weights = random.gamma(1.0, size=n) if weighted else None
    network = culpa.Network.fresh([4, 5, 3], hidden="tanh", l2=0.1, seed=1, dtype="float64")
    rows, kept = admit_rows(network, X, y, weights), np.arange(n)
    objective = Objective(network, rows, kept, recipe_for(network, n, optimizer="lbfgs"))
    value, gradient = objective(objective.parameters.theta.copy())
    exact = culpa.gradient(network, X, y, weights=weights)
    assert_same(value, exact.objective)
    assert_same(culpa.flatten(objective.parameters.network_at(gradient)), exact.total())
    if n > CHUNK:
        without = culpa.gradient(network, X[:CHUNK], y[:CHUNK], weights=None if weights is None else weights[:CHUNK])
        with pytest.raises(AssertionError):
            assert_same(value, without.objective)


def test_many_rows_end_where_scipy_ends():
    random = np.random.default_rng(0)
    X = random.normal(size=(2 * CHUNK + 500, 3))
    y = (X[:, 0] + random.normal(size=len(X)) > 0).astype(int)
    network = culpa.Network.fresh([3, 4, 2], hidden="tanh", seed=1, dtype="float64")
    # NOTE: 1e-9, because every line search magnifies the last bits of the one before.
    assert_same(culpa.flatten(fit(network, X, y, epochs=4)), by_hand(network, X, y, 4)[0], within=1e-9)


@pytest.mark.parametrize("weights", [None, S], ids=["equal weights", "weights"])
def test_a_network_in_float32_is_searched_for_in_float64_and_stays_in_float32(weights):
    """The weights come in float32 then, and the search works in float64."""
    narrow, X = DEEP.astype("float32"), WINE.astype("float32")
    s = None if weights is None else (weights > 0).astype(int)
    mine = fit(narrow, X, epochs=20, weights=s)
    wide = fit(narrow.astype("float64"), X.astype("float64"), epochs=20, weights=s)
    assert mine.dtype == np.float32
    # NOTE: 1e-6, because the answer is rounded to float32 after the search, and a weight before it.
    assert_same(culpa.flatten(mine), culpa.flatten(wide), within=1e-6)
    assert [epoch.epoch for epoch in mine.training.history] == list(range(1, 21))


def test_numbers_in_float32_are_learnt_from_too():
    network = culpa.Network.fresh([13, 6, 2], hidden="tanh", loss="squared_error", seed=0)
    mine = fit(network, y=WINE[:, :2], epochs=100)
    assert mine.dtype == np.float32
    assert culpa.score(mine, WINE, WINE[:, :2]) > 0.99


def test_an_epoch_is_an_iteration_and_fewer_where_the_minimum_is_reached():
    training = fit().training
    assert len(training.history) < 500
    assert training.best_epoch == len(training.history)
    assert not training.interrupted
    assert training.history[-1].gradient_norm < 1e-5
    assert np.isnan([epoch.learning_rate for epoch in training.history]).all()
    objective = [culpa.gradient(fit(epochs=k), WINE, KINDS).objective for k in range(8)]
    assert (np.diff(objective) < 0).all()
    assert training.recipe.learning_rate is None
    assert (training.recipe.optimizer, training.recipe.batch_size) == ("lbfgs", len(WINE))


def test_at_a_minimum_there_is_nothing_left_to_do():
    """The search ends before its first iteration; the network comes back as it was."""
    at_zero = culpa.Network.from_arrays([np.zeros((1, 13))], loss="squared_error")
    again = fit(at_zero, y=np.zeros(len(WINE)))
    np.testing.assert_array_equal(culpa.flatten(again), culpa.flatten(at_zero))
    assert (again.training.history, again.training.best_epoch) == ((), 0)


@pytest.mark.parametrize("validation", [None, 0.25])
def test_no_epochs_leave_the_parameters_as_they_are(validation):
    network = fit(DEEP, epochs=0, validation=validation, record=True)
    np.testing.assert_array_equal(culpa.flatten(network), culpa.flatten(DEEP))
    assert (network.training.history, network.training.best_epoch, network.training.examples) == ((), 0, None)


REFUSED = {
    "learning_rate": 0.1,
    "schedule": "cosine",
    "warmup": 1,
    "dropout": 0.2,
    "clip_norm": 1.0,
    "clip_examples": 1.0,
    "noise_scale": True,
}


@pytest.mark.parametrize(("name", "value"), REFUSED.items(), ids=REFUSED)
def test_what_belongs_to_small_steps_is_refused_by_name(name, value):
    with pytest.raises(OptionError, match=f"`{name}` means nothing for the optimizer lbfgs") as caught:
        fit(epochs=1, **{name: value})
    assert caught.value.hint
    usual = {"learning_rate": None, "schedule": "constant", "warmup": 0, "dropout": 0, "noise_scale": False}
    assert fit(epochs=1, **{name: usual.get(name)}).training.best_epoch == 1


@pytest.mark.parametrize("seed", [-1, "a", 0.5])
def test_a_seed_that_is_none_is_refused_though_nothing_is_drawn(seed):
    """Although nothing here is random."""
    with pytest.raises(OptionError, match="`seed` must be a whole number"):
        fit(epochs=1, seed=seed)


def interrupted_in_pass(count=0):
    """The network with a hidden layer during whose `count`-th forward pass Ctrl-C comes; 0 for never."""
    passes = [0]

    def value(a):
        passes[0] += 1
        if passes[0] == count:
            raise KeyboardInterrupt
        return np.tanh(a)

    first, *others = DEEP.layers
    activation = replace(ACTIVATIONS["tanh"], value=value, in_place=None)
    return replace(DEEP, layers=(replace(first, activation=activation), *others))


@pytest.mark.parametrize("count", [4, 7, 12])
def test_ctrl_c_in_the_middle_of_an_iteration_goes_back_to_the_end_of_the_one_before(count):
    network = fit(interrupted_in_pass(count))
    done = len(network.training.history)
    assert network.training.interrupted
    assert 0 < done < count
    assert network.training.best_epoch == done
    shorter = fit(interrupted_in_pass(), epochs=done)
    np.testing.assert_array_equal(culpa.flatten(network), culpa.flatten(shorter))


def test_ctrl_c_before_the_first_iteration_is_over_leaves_the_network_where_it_was():
    """And not a point that a line search tried, which may be worse."""
    network = fit(interrupted_in_pass(2))
    assert network.training.interrupted
    assert (network.training.history, network.training.best_epoch) == ((), 0)
    np.testing.assert_array_equal(culpa.flatten(network), culpa.flatten(DEEP))


def test_ctrl_c_in_a_callback_keeps_the_best_epoch_so_far():
    def stop(epoch):
        if epoch.epoch == 5:
            raise KeyboardInterrupt

    network = fit(DEEP, callbacks=[stop], validation=(WINE[::7], KINDS[::7]))
    assert network.training.interrupted
    assert len(network.training.history) == 5
    shorter = fit(DEEP, epochs=network.training.best_epoch)
    np.testing.assert_array_equal(culpa.flatten(network), culpa.flatten(shorter))


def test_the_callbacks_see_every_iteration_of_the_record():
    seen = []
    network = fit(epochs=6, callbacks=[seen.append])
    assert tuple(seen) == network.training.history


def test_an_error_of_a_callback_comes_through_as_it_is():
    with pytest.raises(ZeroDivisionError):
        fit(callbacks=[lambda epoch: 1 / 0])


def test_the_same_call_gives_the_same_bits():
    np.testing.assert_array_equal(culpa.flatten(fit(DEEP, epochs=20)), culpa.flatten(fit(DEEP, epochs=20)))
