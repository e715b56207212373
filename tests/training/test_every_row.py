# SPDX-License-Identifier: MIT
"""Every activation with every loss learns, in both dtypes, beside a loop on the functional gradient."""

from dataclasses import replace

import numpy as np
import pytest

import culpa
from culpa import ACTIVATIONS, LOSSES
from culpa.training.optimizers import OPTIMIZERS
from tests.oracles.comparing import MISTAKEN, assert_same
from tests.training.by_hand import trained

RANDOM = np.random.default_rng(12)
N, RATE = 40, 0.01
X = RANDOM.normal(size=(N, 3))
SIGNAL = X[:, :1] - X[:, 1:2] + 0.3 * RANDOM.normal(size=(N, 2))
TARGETS = {
    "classes": (SIGNAL[:, 0] > 0).astype(int),
    "labels": (SIGNAL > 0).astype(int),
    "numbers": SIGNAL,
    "counts": np.round(np.exp(0.5 * SIGNAL)),
}
STYLES = {
    "with biases": {"bias": True},
    "without biases": {"bias": False},
    "with a penalty": {"l2": 0.1},
}


def network_for(activation, loss, dtype="float64", **options):
    return culpa.Network.fresh([3, 6, 5, 2], hidden=activation, loss=loss, seed=2, dtype=dtype, **options)


def fit(network, **options):
    return culpa.fit(network, X, TARGETS[network.loss.targets], **options)


def objective(network):
    return culpa.gradient(network.astype("float64"), X, TARGETS[network.loss.targets]).objective


def theta_of(network, **options):
    given = {"epochs": 3, "batch_size": 12, "optimizer": "sgd", "learning_rate": RATE, "momentum": 0.9, **options}
    return culpa.flatten(fit(network, **given)).astype(float)


def by_hand(network):
    return trained(network, X, TARGETS[network.loss.targets], batch_size=12, rate=lambda step: RATE)


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_training_is_a_loop_on_the_functional_gradient(activation, loss, style):
    network = network_for(activation, loss, **style)
    assert_same(theta_of(network) - culpa.flatten(network), by_hand(network) - culpa.flatten(network))


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_training_in_float32_is_the_one_in_float64_to_its_digits(activation, loss):
    narrow = network_for(activation, loss, "float32")
    wide = narrow.astype("float64")
    # NOTE: 1e-4 of the way, because twelve steps round at 6e-8 of the parameters, and a step is a small part of them.
    assert_same(theta_of(narrow) - culpa.flatten(wide), theta_of(wide) - culpa.flatten(wide), within=1e-4)


def as_it_is(network):
    """The network with rows that have no in-place rule, as a user's own rows have none."""
    hidden = [replace(layer, activation=replace(layer.activation, in_place=None)) for layer in network.layers[:-1]]
    return replace(network, layers=(*hidden, network.layers[-1]), loss=replace(network.loss, in_place=None))


@pytest.mark.parametrize("loss", LOSSES)
def test_rows_without_a_rule_of_their_own_train_as_they_are(loss):
    network = network_for("silu", loss, l2=0.1)
    assert_same(theta_of(as_it_is(network)) - culpa.flatten(network), by_hand(network) - culpa.flatten(network))


@pytest.mark.parametrize("loss", ["cross_entropy", "softmax_squared_error"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_soft_rows_may_sum_to_one_as_exactly_as_their_dtype_allows(loss, dtype):
    """Rows in float32 under a network in float64 are learnt from as if they summed to 1."""
    network = network_for("tanh", loss)
    soft = np.random.default_rng(0).dirichlet(np.ones(2), N).astype(dtype).astype("float64")
    options = {"epochs": 3, "batch_size": 12, "optimizer": "sgd", "learning_rate": RATE}
    mine = culpa.flatten(culpa.fit(network, X, soft, **options))
    soft = soft / soft.sum(axis=1, keepdims=True)
    assert_same(mine, trained(network, X, soft, batch_size=12, rate=lambda step: RATE))


@pytest.mark.parametrize("mistaken", MISTAKEN.values(), ids=MISTAKEN)
def test_a_training_on_a_mistaken_gradient_is_refused(mistaken):
    """A row whose own slope or delta is wrong, used as it is."""
    network = network_for("tanh", "squared_error")
    wrong = as_it_is(mistaken(network))
    with pytest.raises(AssertionError, match="of the norm"):
        assert_same(theta_of(wrong), by_hand(network))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_objective_goes_down(activation, loss, dtype):
    network = network_for(activation, loss, dtype, l2=1e-3)
    learnt = fit(network, epochs=30, batch_size=10, learning_rate=0.01)
    assert learnt.dtype == dtype
    assert objective(learnt) < 0.9 * objective(network)
    assert learnt.training.history[-1].loss < 0.9 * learnt.training.history[0].loss


def test_it_does_not_go_down_where_the_steps_lead_up():
    """Negative control: the loss's delta has the other sign."""
    network = network_for("tanh", "squared_error")
    upside_down = replace(network.loss, delta=lambda a, t: t - a, in_place=None)
    learnt = fit(replace(network, loss=upside_down), epochs=5, batch_size=10, learning_rate=0.01)
    assert not objective(replace(learnt, loss=network.loss)) < objective(network)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_learns_every_loss(optimizer, loss):
    network = network_for("tanh", loss)
    rate = {"sgd": 0.02, "nesterov": 0.02, "lbfgs": None}.get(optimizer, 0.01)
    learnt = fit(network, epochs=30, batch_size=10, optimizer=optimizer, learning_rate=rate)
    assert objective(learnt) < 0.9 * objective(network)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("style", ["none", "first", "last"])
def test_biases_may_be_missing_in_some_layers(style, optimizer):
    fresh = network_for("tanh", "cross_entropy")
    missing = {"none": (0, 1, 2), "first": (0,), "last": (2,)}[style]
    layers = [replace(layer, b=None) if k in missing else layer for k, layer in enumerate(fresh.layers)]
    network = replace(fresh, layers=tuple(layers))
    learnt = fit(network, epochs=20, optimizer=optimizer, learning_rate=None if optimizer == "lbfgs" else 0.05)
    assert [layer.b is None for layer in learnt.layers] == [layer.b is None for layer in network.layers]
    assert objective(learnt) < 0.9 * objective(network)
    if optimizer == "sgd":
        assert_same(theta_of(network), by_hand(network))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_penalty_shrinks_weights_and_leaves_biases_to_the_data(optimizer):
    """With no signal in X, the best weights are 0, and the best biases the classes' shares."""
    inputs, y = np.zeros((N, 3)), np.repeat([0, 1], [30, 10])
    network = culpa.Network.fresh([3, 2], l2=1.0, seed=2, dtype="float64")
    rate = {"sgd": 0.1, "nesterov": 0.1, "lbfgs": None}.get(optimizer, 0.05)
    learnt = culpa.fit(network, inputs, y, epochs=400, batch_size=N, optimizer=optimizer, learning_rate=rate)
    (layer,) = learnt.layers
    # NOTE: 1e-3, because Adam's steps do not come to rest.
    np.testing.assert_allclose(layer.W, 0, atol=1e-3)
    np.testing.assert_allclose(np.diff(layer.b), np.log(10 / 30), atol=1e-3)


def test_adamws_decay_shrinks_weights_and_leaves_biases_alone():
    """Where no gradient moves anything: (1 − η λ) for each of the steps, to the digit."""
    fresh = culpa.Network.fresh([3, 4, 2], loss="squared_error", seed=2, dtype="float64")
    first, last = fresh.layers
    dead = replace(fresh, layers=(replace(first, b=np.full(4, -9.0)), last))
    options = {"epochs": 5, "batch_size": 10, "optimizer": "adamw", "learning_rate": 0.01, "weight_decay": 0.5}
    learnt = culpa.fit(dead, np.zeros((N, 3)), np.zeros((N, 2)), **options)
    for mine, before in zip(learnt.layers, dead.layers, strict=True):
        np.testing.assert_allclose(mine.W, before.W * (1 - 0.005) ** 20, rtol=1e-12)
        np.testing.assert_array_equal(mine.b, before.b)
