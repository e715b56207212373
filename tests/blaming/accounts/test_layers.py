# SPDX-License-Identifier: MIT
"""The tables of layers and of units against brute force: one parameter, one unit and one example at a time."""

from dataclasses import replace

import numpy as np
import pytest

import culpa
from culpa import Network
from tests.blaming.accounts.brute import blame_of, brute, deltas, mean_weights, unit_slices
from tests.cases import PLAIN, TINY_CASES, each, gradient_of
from tests.oracles.comparing import assert_same

SOME = [*TINY_CASES[::5], PLAIN]
DEEP = PLAIN


def assert_close(mine, oracle, size):
    """Sums that cancel are right to the rounding of their terms."""
    np.testing.assert_allclose(mine, oracle, rtol=1e-11, atol=1e-13 * size)


@each(SOME)
def test_a_layers_part_of_gradient_times_parameter_is_that_of_brute_force(case):
    found, full = blame_of(case), brute(case)
    product = full.mean * full.theta
    expected = [product[part].sum() for part in full.layers]
    assert_close(found.layers["first_order"], expected, np.abs(full.G * full.theta).sum())


@each(SOME)
def test_a_units_norm_and_its_part_are_those_of_its_own_parameters(case):
    found, full = blame_of(case), brute(case)
    places = [unit for layer in unit_slices(case) for unit in layer]
    squares = np.array([np.sum(full.mean[unit] ** 2) for unit in places])
    assert_same(found.units["norm"], np.sqrt(squares))
    assert_same(found.units["share"], squares / squares.sum() if squares.any() else squares)
    expected = [full.mean[unit] @ full.theta[unit] for unit in places]
    assert_close(found.units["first_order"], expected, np.abs(full.G * full.theta).sum())
    widths = [len(layer) for layer in unit_slices(case)]
    assert found.units["layer"].tolist() == np.repeat(np.arange(len(widths)) + 1, widths).tolist()
    assert found.units["unit"].tolist() == [unit + 1 for width in widths for unit in range(width)]


@each(SOME)
def test_a_units_contribution_is_its_output_times_what_the_loss_makes_of_it(case):
    found, g, w = blame_of(case).units, gradient_of(case), mean_weights(case)
    for k, _ in enumerate(case.network.layers[:-1], 1):
        h = g.layers[k].h
        expected = [sum(w[i] * g.hidden(k)[i, j] * h[i, j] for i in range(len(w))) for j in range(h.shape[1])]
        scale = np.abs(g.hidden(k) * h).sum()
        assert_close(found["contribution"][found["layer"] == k], expected, scale)
    assert np.isnan(found["contribution"][found["layer"] == len(case.network.layers)]).all()


@each(SOME)
def test_growth_is_the_ratio_of_the_errors_root_mean_squares(case):
    w = mean_weights(case)
    sizes = [np.sqrt(sum(w[i] * np.sum(delta[i] ** 2) for i in range(len(w)))) for delta in deltas(case)]
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = [*(np.array(sizes[:-1]) / np.array(sizes[1:])), np.nan]
    np.testing.assert_allclose(blame_of(case).layers["growth"], expected, rtol=1e-12)


@pytest.mark.parametrize(("factor", "expected"), [(0.5, [0.25, 0.5, np.nan]), (3.0, [9.0, 3.0, np.nan])])
def test_errors_that_vanish_or_explode_show_in_the_growth(factor, expected):
    """Through W_k = f·1, an error is f times as large."""
    network = Network.from_arrays(
        [np.eye(2), factor**2 * np.eye(2), factor * np.eye(2)], loss="squared_error", hidden="identity"
    )
    X = np.random.default_rng(0).normal(size=(9, 2))
    np.testing.assert_allclose(culpa.blame(network, X, np.ones((9, 2))).layers["growth"], expected)


@each(SOME)
def test_the_penalty_has_a_row_of_its_own(case):
    found, full, l2 = blame_of(case), brute(case), case.network.l2
    penalised = np.concatenate(
        [
            part.ravel() * keep
            for layer in case.network.layers
            for part, keep in ((layer.W, 1), (layer.b, 0))
            if part is not None
        ]
    )
    pull = l2 * penalised
    assert_same(found.decay.norm, np.linalg.norm(pull))
    assert found.decay.first_order == pytest.approx(pull @ full.theta, rel=1e-12)
    assert found.decay.first_order == pytest.approx(2 * found.penalty, rel=1e-12)
    for k, part in enumerate(full.layers):
        assert found.layers["decay"][k] == pytest.approx(np.linalg.norm(pull[part]), rel=1e-12)
        whole = np.linalg.norm(pull[part]) * np.linalg.norm(full.mean[part])
        if whole > 0:
            assert found.layers["decay_cosine"][k] == pytest.approx(pull[part] @ full.mean[part] / whole, abs=1e-11)
    whole = np.linalg.norm(pull) * np.linalg.norm(full.mean)
    if whole > 0:
        assert found.decay.cosine == pytest.approx(pull @ full.mean / whole, abs=1e-11)
    else:
        assert np.isnan(found.decay.cosine)


def test_the_update_is_measured_by_the_learning_rate_of_the_training():
    X, y = PLAIN.X, PLAIN.y
    plain = culpa.blame(PLAIN.network, X, y).layers
    g = culpa.gradient(PLAIN.network, X, y)
    expected = [
        np.linalg.norm(block.weight) / np.linalg.norm(layer.W)
        for block, layer in zip(g.layers, PLAIN.network.layers, strict=True)
    ]
    np.testing.assert_allclose(plain["update_to_weight"], expected, rtol=1e-12)
    trained = culpa.fit(PLAIN.network, X, y, epochs=1, learning_rate=0.025, show_progress=False)
    again = culpa.blame(trained, X, y).layers["update_to_weight"]
    without = culpa.blame(replace(trained, training=None), X, y).layers["update_to_weight"]
    np.testing.assert_allclose(again, 0.025 * without, rtol=1e-12)
    found = culpa.fit(PLAIN.network, X, y, epochs=1, optimizer="lbfgs", show_progress=False)
    alone = culpa.blame(replace(found, training=None), X, y).layers["update_to_weight"]
    np.testing.assert_array_equal(culpa.blame(found, X, y).layers["update_to_weight"], alone)


def test_slopes_are_means_of_the_sizes_by_weight_over_the_steepest_one():
    w = mean_weights(PLAIN)
    W, b = PLAIN.network.layers[0].W, PLAIN.network.layers[0].b
    a = PLAIN.X @ W.T + b
    units = blame_of(PLAIN).units
    np.testing.assert_allclose(units["slope"][units["layer"] == 1], w @ (1 / np.cosh(a) ** 2), rtol=1e-12)
    assert np.isnan(units["slope"][units["layer"] == 3]).all()


def test_a_row_that_weighs_nothing_wakes_no_unit():
    network = Network.from_arrays([[[1.0]], [[1.0]]], [[0.0], None], loss="squared_error")
    X, y = np.array([[-1.0], [-2.0], [3.0]]), np.zeros(3)
    assert culpa.blame(network, X, y).units["dead"].tolist() == [False, False]
    assert culpa.blame(network, X, y, weights=[1, 1, 0]).units["dead"].tolist() == [True, False]


def test_brute_force_refuses_planted_errors():
    """Negative control: units mixed up, the penalty's pull counted in, and biases that decay."""
    found, full = blame_of(PLAIN), brute(PLAIN)
    units = found.units["first_order"].copy()
    units[[0, 1]] = units[[1, 0]]
    pull = PLAIN.network.l2 * full.theta
    for mine, oracle in (
        (units, [full.mean[unit] @ full.theta[unit] for layer in unit_slices(PLAIN) for unit in layer]),
        (found.layers["first_order"], [((full.mean + pull) * full.theta)[part].sum() for part in full.layers]),
        (found.layers["decay"], [np.linalg.norm(pull[part]) for part in full.layers]),
    ):
        with pytest.raises(AssertionError):
            assert_close(mine, oracle, 1.0)
