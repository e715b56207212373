# SPDX-License-Identifier: MIT
"""The corners: huge logits, single examples, outputs, units and layers, dead units, and passes that overflow.

What must come out is finite and right, or a refusal that names the first layer, example and quantity. The right answers
are closed forms or complex steps; frameworks are not asked, for at these logits their p − t has no digits left.
"""

from dataclasses import replace

import numpy as np
import pytest

import culpa
from culpa import ACTIVATIONS, LOSSES, Network
from culpa.errors import NumericalError
from tests.cases import PLAIN, SMALL, Case, draw, gradient_of
from tests.oracles import complex_step, formulas
from tests.oracles.comparing import assert_digits, assert_same, assert_zeros

SIGNS = np.array([[1.0, -1.0, 0.5], [-1.0, 1.0, 0.25], [0.25, 0.5, -1.0], [-0.5, -1.0, -0.25]])
TARGETS = {
    "classes": np.array([0, 0, 2, 1]),
    "labels": np.array([[1, 0, 1], [1, 0, 0], [0, 0, 0], [1, 1, 0]]),
    "numbers": np.array([[1.0, 2.0, 3.0]] * 4),
    "counts": np.array([[0, 3, 1]] * 4),
}


def reading_out(logits: np.ndarray, loss: str) -> Case:
    """A one-layer network whose logits are its inputs."""
    network = Network.from_arrays([np.eye(3)], [np.zeros(3)], loss=loss)
    return replace(PLAIN, network=network, X=logits, y=TARGETS[network.loss.targets], weights=None)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("size", [50.0, 300.0, 1e4])
def test_huge_logits_give_finite_and_right_losses_and_gradients(loss, size):
    logits = -size * np.abs(SIGNS) if loss == "poisson" else size * SIGNS
    case = reading_out(logits, loss)
    g = gradient_of(case)
    rows = np.eye(3)[case.y] if case.y.ndim == 1 else case.y.astype(float)
    losses, delta = formulas.loss(loss, logits[:2], rows[:2])
    assert_digits(g.losses[:2], losses, within=1e-12)
    assert_digits(g.layers[0].delta[:2], delta, within=1e-12)
    assert_digits(
        g.layers[0].delta, complex_step.delta(case.network.loss, logits, complex_step.targets_of(case), 1e-20)
    )
    assert_same(g.layers[0].bias, g.layers[0].delta.mean(axis=0))
    assert np.isfinite(np.concatenate([g.flat(), g.norms(), g.gram().ravel(), g.second_moment()])).all()
    assert np.isfinite(culpa.predict(case.network, logits)).all()


def test_an_infinite_rate_is_refused_by_name():
    logits = np.full((4, 3), 2.0)
    logits[2, 1] = 1e4
    case = reading_out(logits, "poisson")
    with pytest.raises(NumericalError, match=r"h_1 = exp\(a_1\) is inf for example 2, unit 2"):
        gradient_of(case)
    with pytest.raises(NumericalError, match="not finite for 1 rows; the first is row 2"):
        culpa.predict(case.network, logits)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_batch_of_one_is_an_example_like_any_other(loss, activation):
    case = draw(2000, SMALL, activation, loss)
    alone = replace(case, X=case.X[:1], y=case.y[:1], weights=None)
    g, whole = gradient_of(alone), gradient_of(case)
    assert_same(g.total(), complex_step.objective_gradient(alone))
    assert_same(g.norms(), whole.norms()[:1])
    assert_same(g.flat(), gradient_of(alone, reduction="sum").flat())


def test_a_batch_of_one_class_pulls_all_its_probability_to_that_class():
    y = np.full(5, 2)
    g = gradient_of(PLAIN, y=y)
    assert_same(g.total(), complex_step.objective_gradient(replace(PLAIN, y=y)))
    assert (g.layers[-1].delta[:, 2] < 0).all()
    assert (g.layers[-1].delta[:, :2] > 0).all()


@pytest.mark.parametrize("loss", ["cross_entropy", "softmax_squared_error"])
def test_a_softmax_over_one_output_is_certain_and_has_no_gradient(loss):
    network = Network.fresh([3, 4, 1], loss=loss, dtype="float64", l2=0.1)
    g = culpa.gradient(network, PLAIN.X, np.zeros(5, int))
    assert (culpa.predict(network, PLAIN.X) == 1).all()
    assert (g.losses == 0).all()
    assert_zeros(g.flat(), np.zeros(network.n_parameters))
    assert_zeros(g.norms(), np.zeros(5))
    assert g.total().any()


@pytest.mark.parametrize("loss", [name for name, row in LOSSES.items() if row.targets != "classes"])
@pytest.mark.parametrize("y_shape", [(4,), (4, 1)])
def test_one_output_takes_flat_targets_and_columns_alike(loss, y_shape):
    random = np.random.default_rng(0)
    network = Network.from_arrays([random.normal(size=(2, 3)), random.normal(size=(1, 2))], hidden="tanh", loss=loss)
    case = replace(PLAIN, network=network, X=random.normal(size=(4, 3)), y=np.array([0, 1, 1, 0]), weights=None)
    g = gradient_of(case, y=case.y.reshape(y_shape))
    assert_same(g.total(), complex_step.objective_gradient(case))
    assert g.losses.shape == (4,)


@pytest.mark.parametrize("loss", LOSSES)
def test_layers_of_width_one_carry_the_gradient_through(loss):
    random = np.random.default_rng(1)
    matrices = [random.uniform(0.5, 1.5, shape) for shape in ((1, 1), (1, 1), (1, 1), (1, 1), (3, 1))]
    network = Network.from_arrays(matrices, hidden=["tanh", "relu", "gelu", "softplus"], loss=loss)
    case = replace(
        PLAIN, network=network, X=random.uniform(0.5, 1, (4, 1)), y=TARGETS[network.loss.targets], weights=None
    )
    assert_same(gradient_of(case).total(), complex_step.objective_gradient(case))


def test_a_network_of_one_layer_has_the_closed_form_of_softmax_regression():
    random = np.random.default_rng(2)
    W, b, X = random.normal(size=(3, 4)), random.normal(size=3), random.normal(size=(6, 4))
    y, s = np.array([0, 1, 2, 2, 1, 0]), random.uniform(0.1, 2, 6)
    g = culpa.gradient(Network.from_arrays([W], [b], loss="cross_entropy"), X, y, weights=s)
    e = np.exp(X @ W.T + b)
    error = e / e.sum(axis=1, keepdims=True) - np.eye(3)[y]
    assert_same(g.layers[0].weight, error.T @ np.diag(s / s.sum()) @ X)
    assert_same(g.layers[0].bias, (s / s.sum()) @ error)
    assert_same(g.norms(), np.sqrt(np.sum(error**2, axis=1) * (np.sum(X**2, axis=1) + 1)))
    with pytest.raises(AssertionError, match="of the norm"):
        assert_same(g.layers[0].weight, -error.T @ np.diag(s / s.sum()) @ X)


def test_when_all_relus_are_dead_nothing_reaches_the_layers_below():
    random = np.random.default_rng(3)
    matrices = [random.normal(size=shape) for shape in ((4, 3), (4, 4), (2, 4))]
    biases = [np.zeros(4), np.full(4, -1e3), np.array([0.5, -0.5])]
    network = Network.from_arrays(matrices, biases, hidden="relu", loss="cross_entropy")
    g = culpa.gradient(network, PLAIN.X, np.array([0, 1, 0, 1, 1]))
    for layer in g.layers[:2]:
        assert_zeros(layer.delta, np.zeros((5, 4)))
        assert_zeros(layer.bias, np.zeros(4))
        assert_zeros(layer.weight, np.zeros(layer.shape))
    assert_zeros(g.layers[2].weight, np.zeros((2, 4)))
    assert g.layers[2].bias.all()
    assert_same(g.norms(), np.linalg.norm(g.layers[2].delta, axis=1))


def chain(weights: list[float], loss: str = "squared_error", hidden: str = "identity") -> Network:
    """One unit a layer, no biases."""
    return Network.from_arrays([[[weight]] for weight in weights], hidden=hidden, loss=loss)


OVERFLOWS = {
    "the first layer": (chain([1e200, 1.0]), [1.0, 1e200, 1.0], "the pre-activation a_1 is inf for example 1, unit 1"),
    "a hidden layer": (chain([1.0, 1e200, 1.0]), [1.0, 1.0, 1e200], "the pre-activation a_2 is inf for example 2"),
    "a difference": (
        Network.from_arrays([[[1e300], [1e300]], [[1e10, -1e10]]], hidden="identity", loss="squared_error"),
        [1.0, 1e10, 1.0],
        "the pre-activation a_1 is inf for example 1",
    ),
    "the loss": (chain([1.0]), [0.0, 1.0, 1e200], "the loss is inf for example 2"),
    "an error on its way back": (chain([1e-150, 1e250]), [1e-50, 1.0, 1e-50], "the error δ_1 is inf for example 1"),
}


@pytest.mark.parametrize(("network", "column", "message"), OVERFLOWS.values(), ids=OVERFLOWS.keys())
def test_an_overflow_is_refused_with_the_first_layer_and_example(network, column, message):
    with pytest.raises(NumericalError, match=message):
        culpa.gradient(network, np.array(column)[:, None], np.zeros(3))


SWALLOWED = {
    "relu": chain([1e200, -1.0, 1.0], hidden="relu"),
    "softplus": chain([1e200, 1.0, 1.0], hidden="softplus"),
    "gelu": chain([1e200, -1.0, 1.0], hidden="gelu"),
    "tanh after relu": Network.from_arrays(
        [[[1e200]], [[1.0]], [[1.0]]], hidden=["relu", "tanh"], loss="squared_error"
    ),
}


@pytest.mark.parametrize("network", SWALLOWED.values(), ids=SWALLOWED.keys())
def test_an_infinite_signal_that_a_later_layer_swallows_is_refused_too(network):
    # h_1 is inf and would stay a factor: 0 · inf in ∇W_2 is NaN, although the losses and δ_1 are finite.
    with pytest.raises(NumericalError, match="a_1 is inf for example 1"):
        culpa.gradient(network, np.array([[1.0], [1e200]]), np.zeros(2))


@pytest.mark.parametrize(("dtype", "size"), [("float32", 1e12), ("float64", 1e80)])
def test_a_gradient_that_the_dtype_holds_has_a_norm_and_can_be_clipped(dtype, size):
    network = Network.from_arrays([np.ones((1, 1), dtype)], loss="squared_error")
    g = culpa.gradient(network, np.full((1, 1), size, dtype), np.zeros(1, dtype))
    # Squared norms of 1e48 and 1e320 overflow, the norms do not; an infinite one would clip the gradient to 0.
    exact = float(np.array(size, dtype)) ** 2
    assert np.isfinite(g.flat()).all()
    np.testing.assert_allclose(g.norms(), [exact], rtol=4 * np.finfo(dtype).eps)
    assert_same(g.clipped(1.0).flat(), np.array([1.0]), within=4 * np.finfo(dtype).eps)


def test_relu_keeps_a_nan_so_that_no_pass_hides_one():
    assert np.isnan(ACTIVATIONS["relu"].value(np.array([np.nan])))[0]
    network = Network.from_arrays([[[1e300], [1e300]], [[1e10, -1e10]], [[1.0]]], hidden="relu", loss="squared_error")
    with pytest.raises(NumericalError, match="a_1"):
        culpa.gradient(network, [[1e10]], [0.0])
