# SPDX-License-Identifier: MIT
"""The identities of the note, each under its own name: the output layer, the hidden layers, then the parameters.

Every left-hand side comes from an oracle (plain loops over single parameters, or complex steps), every right-hand side
from culpa's signals δ and h. For one example there are no sums, and each entry of a gradient is a single product.
"""

from dataclasses import replace

import numpy as np
import pytest

import culpa
from culpa.engine.forward import forward
from tests.cases import CASES, PLAIN, TINY_CASES, Case, each, gradient_of
from tests.oracles import complex_step, dense, loops
from tests.oracles.comparing import assert_same, assert_zeros

FEW = [case for case in CASES if case.group != "large"]


def first_alone(case: Case) -> Case:
    """The case's first example as a batch of one."""
    return replace(case, X=case.X[:1], y=case.y[:1], weights=None)


@each(FEW)
def test_the_output_layers_delta_is_the_derivative_of_the_loss_by_its_pre_activation(case):
    a = forward(case.network, case.X)[-1].a
    answer = complex_step.delta(case.network.loss, a, complex_step.targets_of(case))
    assert_same(gradient_of(case).layers[-1].delta, answer)


@each(FEW)
def test_a_hidden_layer_answers_by_the_weights_above_and_its_slope(case):
    g, steps = gradient_of(case), forward(case.network, case.X)
    for k, (below, above) in enumerate(zip(g.layers[:-1], g.layers[1:], strict=True)):
        slope = complex_step.slope(steps[k].layer.activation, steps[k].a)
        assert_same(below.delta, (above.delta @ case.network.layers[k + 1].W) * slope)
        assert_zeros(below.delta, slope * np.ones_like(below.delta))


@each(FEW)
def test_hidden_is_the_derivative_by_the_outputs_of_a_layer_and_at_zero_by_the_input(case):
    g = gradient_of(case)
    for k in range(len(g.layers)):
        assert_same(g.hidden(k), complex_step.hidden(case, k))
    np.testing.assert_array_equal(g.hidden(0), g.layers[0].delta @ case.network.layers[0].W)


@each(TINY_CASES)
def test_for_one_example_every_entry_is_the_units_delta_times_the_inputs_signal(case):
    one = first_alone(case)
    g, G = gradient_of(one, reduction="sum"), loops.per_example(one)
    scale = float(np.linalg.norm(G))
    for layer, twin in zip(g.layers, dense.layers(case.network, G), strict=True):
        for (a, j), entry in np.ndenumerate(twin.weight[0]):
            assert_same(layer.delta[0, a] * layer.h[0, j], entry, scale=scale)
            assert layer.entry(a, j) == layer.delta[0, a] * layer.h[0, j]


@each(TINY_CASES)
def test_for_one_example_the_weight_matrixs_gradient_is_one_outer_product(case):
    one = first_alone(case)
    g, G = gradient_of(one, reduction="sum"), loops.per_example(one)
    for layer, twin in zip(g.layers, dense.layers(case.network, G), strict=True):
        outer = np.outer(layer.delta[0], layer.h[0])
        assert_same(outer, twin.weight[0], scale=float(np.linalg.norm(G)))
        np.testing.assert_array_equal(layer.per_example()[0], outer)
        np.testing.assert_array_equal(layer.weight, outer)
        assert (np.linalg.svd(twin.weight[0], compute_uv=False)[1:] <= 1e-12 * np.linalg.norm(G)).all()


@each(TINY_CASES)
def test_for_one_example_the_biass_gradient_is_delta_itself(case):
    one = first_alone(case)
    g, G = gradient_of(one, reduction="sum"), loops.per_example(one)
    for layer, twin in zip(g.layers, dense.layers(case.network, G), strict=True):
        assert (layer.bias is None) == (twin.bias is None)
        if twin.bias is not None:
            np.testing.assert_array_equal(layer.bias, layer.delta[0])
            assert_same(layer.bias, twin.bias[0], scale=float(np.linalg.norm(G)))


@each(TINY_CASES)
def test_a_layers_inputs_are_the_layer_belows_outputs_and_the_first_ones_are_the_data(case):
    g, steps = gradient_of(case), forward(case.network, case.X)
    np.testing.assert_array_equal(g.layers[0].h, case.X)
    for layer, step in zip(g.layers[1:], steps[:-1], strict=True):
        np.testing.assert_array_equal(layer.h, step.h)


@each(CASES)
def test_the_parameters_go_flat_and_back_in_the_order_that_the_note_counts_them(case):
    network = case.network
    theta = culpa.flatten(network)
    listed = [
        number for layer in network.layers for part in (layer.W, layer.b) if part is not None for number in part.flat
    ]
    assert theta.tolist() == listed
    assert theta.shape == (network.n_parameters,) == gradient_of(case).flat().shape
    again = culpa.unflatten(network, theta)
    for layer, other in zip(network.layers, again.layers, strict=True):
        np.testing.assert_array_equal(layer.W, other.W)
        assert (layer.b is None) == (other.b is None)
        assert layer.b is None or (layer.b == other.b).all()
        assert layer.activation is other.activation
    assert (again.loss, again.l2) == (network.loss, network.l2)


@each(CASES)
def test_flat_and_total_lie_in_the_order_of_flatten(case):
    g = gradient_of(case)
    parts = [part for layer in g.layers for part in (layer.weight, layer.bias) if part is not None]
    np.testing.assert_array_equal(g.flat(), np.concatenate([part.ravel() for part in parts]))
    decay = culpa.unflatten(case.network, g.total() - g.flat())
    for layer, theirs, mine in zip(case.network.layers, decay.layers, g.layers, strict=True):
        np.testing.assert_array_equal(mine.decay, case.network.l2 * layer.W)
        # 1e-15 of the whole: a difference of two sums, each rounded once.
        assert np.abs(theirs.W - mine.decay).max() <= 1e-15 * (1 + np.abs(g.total()).max())
        assert theirs.b is None or (theirs.b == 0).all()


@each(TINY_CASES)
def test_the_objective_is_the_loss_and_half_l2_of_all_squared_weights(case):
    g = gradient_of(case)
    squares = sum(float(weight) ** 2 for layer in case.network.layers for weight in layer.W.flat)
    assert_same(g.penalty, case.network.l2 / 2 * squares)
    assert_same(g.loss, sum(w * loss for w, loss in zip(g.w.tolist(), g.losses.tolist(), strict=True)))
    assert g.objective == g.loss + g.penalty
    assert (g.penalty == 0) == (case.network.l2 == 0)


@each(TINY_CASES)
def test_a_loss_that_stands_on_softmax_pulls_back_like_any_rows_of_derivatives(case):
    g = gradient_of(case)
    pulled = culpa.pull_back(case.network, case.X, g.layers[-1].delta, weights=case.weights, reduction=case.reduction)
    np.testing.assert_array_equal(pulled.flat(), g.flat())
    np.testing.assert_array_equal(pulled.norms(), g.norms())


def test_the_oracles_refuse_identities_with_the_layers_or_sides_confused():
    g, one = gradient_of(PLAIN), first_alone(PLAIN)
    single, G = gradient_of(one, reduction="sum"), loops.per_example(one)
    twin = dense.layers(PLAIN.network, G)[1].weight[0]
    layer, above = single.layers[1], single.layers[2]
    assert_same(np.outer(layer.delta[0], layer.h[0]), twin)
    for planted in (
        np.outer(layer.h[0], layer.delta[0]),
        np.outer(layer.delta[0], single.layers[2].h[0]),
        np.outer(layer.delta[0] / 2, layer.h[0]),
        np.outer(above.delta[0] @ PLAIN.network.layers[2].W, layer.h[0]),
        np.outer(np.roll(layer.delta[0], 1), layer.h[0]),
    ):
        with pytest.raises(AssertionError):
            assert_same(planted, twin)
    for k in range(3):
        for planted in (g.hidden(k) * g.w[:, None], -g.hidden(k), g.hidden(k)[:, ::-1]):
            with pytest.raises(AssertionError, match="of the norm"):
                assert_same(planted, complex_step.hidden(PLAIN, k))
