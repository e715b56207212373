# SPDX-License-Identifier: MIT
"""Where a rule changes its mind: thresholds, tolerances, the ends of a dtype, the spread of fresh weights."""

import math

import numpy as np
import pytest

import culpa
from culpa import LOSSES, Network
from culpa.engine.arrays import admit_weights
from culpa.errors import DataError
from tests.oracles import complex_step


@pytest.mark.parametrize("r", [1 - 5e-5, 1.0, 1 + 5e-5, -1 - 5e-5])
def test_huber_turns_from_a_parabola_into_a_line_at_one_exactly(r):
    expected = 0.5 * r * r if abs(r) <= 1 else abs(r) - 0.5
    assert LOSSES["huber"].losses(np.array([[r]]), np.array([[0.0]]))[0] == pytest.approx(expected, rel=1e-15)
    assert LOSSES["huber"].delta(np.array([[r]]), np.array([[0.0]]))[0, 0] == np.clip(r, -1, 1)


@pytest.mark.parametrize("t", [0.0, 0.25, 0.5, 1.0, 1.5, 7.0])
def test_half_the_poisson_deviance_counts_rates_below_one_too(t):
    expected = (t * math.log(t / 2) if t else 0.0) - t + 2
    assert LOSSES["poisson"].losses(np.array([[math.log(2)]]), np.array([[t]]))[0] == pytest.approx(expected, rel=1e-14)


def test_soft_rows_that_sum_to_one_only_nearly_have_the_gradient_of_their_own_loss():
    """Rows of six printed digits; the delta is p Σt − t, and p − t would be wrong in the sixth digit."""
    network = Network.fresh([3, 4], seed=1, dtype="float64")
    X = np.random.default_rng(0).normal(size=(5, 3))
    t = np.full((5, 4), 0.25) + 1.2e-6
    theta = culpa.flatten(network)
    for entry in (0, 7, 15):
        moved = theta.astype(complex)
        moved[entry] += 1j * 1e-170
        losses = complex_step.losses(culpa.unflatten(network.astype("complex128"), moved), X, t)
        slope = losses.imag.mean() / 1e-170
        assert culpa.gradient(network, X, t).flat()[entry] == pytest.approx(slope, rel=1e-11)


@pytest.mark.parametrize(("off", "accepted"), [(5e-6, True), (-5e-6, True), (5e-5, False), (-5e-5, False)])
def test_soft_rows_may_be_off_by_the_rounding_of_six_digits_and_no_more(off, accepted):
    network, X = Network.fresh([1, 2], dtype="float64"), np.ones((1, 1))
    rows = [[0.5, 0.5 + off]]
    if accepted:
        assert np.isfinite(culpa.gradient(network, X, rows).loss)
    else:
        with pytest.raises(DataError, match="sum to 1; row 0 sums to"):
            culpa.gradient(network, X, rows)


@pytest.mark.parametrize(("dtype", "size"), [("float32", 1e-15), ("float32", 1e-18), ("float64", 1e-160)])
def test_a_gradient_whose_square_is_nothing_has_a_norm(dtype, size):
    network = Network.from_arrays([np.full((1, 1), 1, dtype)], [np.zeros(1, dtype)], loss="squared_error")
    g = culpa.gradient(network, np.full((1, 1), size, dtype), np.zeros(1, dtype))
    np.testing.assert_allclose(g.norms(), [float(np.array(size, dtype))], rtol=4 * np.finfo(dtype).eps)


def test_rows_of_very_different_size_all_have_their_norms():
    network = Network.from_arrays([np.ones((1, 2))], [np.zeros(1)], loss="squared_error")
    X = np.array([[3.0, 4.0], [3e-170, 4e-170], [3e80, 4e80], [0.0, 0.0]])
    expected = [7 * math.sqrt(26), 7e-170, 7e80 * 5e80, 0.0]
    np.testing.assert_allclose(culpa.gradient(network, X, np.zeros(4)).norms(), expected, rtol=1e-15)


def test_the_penalty_of_a_float32_network_is_summed_in_float64():
    network = Network.fresh([300, 400, 2], seed=0, l2=0.37)
    X, y = np.ones((2, 300)), [0, 1]
    exact = 0.5 * 0.37 * math.fsum(float(w) ** 2 for layer in network.layers for w in layer.W.ravel())
    assert culpa.gradient(network, X, y).penalty == pytest.approx(exact, rel=1e-13)


def test_weights_whose_sum_overflows_still_have_a_mean():
    np.testing.assert_allclose(admit_weights([1e308, 1e308, 5e307], 3, "mean", np.float64), [0.4, 0.4, 0.2], rtol=1e-15)


def test_fresh_weights_have_the_spread_that_their_names_promise():
    fan_in, fan_out = 300, 500
    he = Network.fresh([fan_in, fan_out, 2], hidden="relu", seed=0, dtype="float64").layers[0].W
    assert he.std() == pytest.approx(
        math.sqrt(2 / fan_in), rel=0.02
    )  # 150,000 draws: a spread of .0018, ten times less
    assert abs(he).max() > 3 * math.sqrt(2 / fan_in)
    glorot = Network.fresh([fan_in, fan_out, 2], hidden="tanh", seed=0, dtype="float64").layers[0].W
    bound = math.sqrt(6 / (fan_in + fan_out))
    assert 0.999 * bound < abs(glorot).max() <= bound
    assert glorot.std() == pytest.approx(bound / math.sqrt(3), rel=0.01)


def test_the_last_layer_is_glorots_under_auto_and_he_only_where_asked():
    sizes = [200, 400, 300]
    bound = math.sqrt(6 / 700)
    assert abs(Network.fresh(sizes, hidden="relu", dtype="float64").layers[1].W).max() <= bound
    assert abs(Network.fresh(sizes, hidden="relu", init="he", dtype="float64").layers[1].W).max() > bound


@pytest.mark.parametrize("n", [6, 7, 9, 45, 101])
def test_an_accuracy_is_a_count_and_all_right_is_exactly_one(n):
    network = Network.from_arrays([[[1.0], [0.0]]], loss="cross_entropy")
    y = np.zeros(n, int)
    assert culpa.score(network, np.ones((n, 1)), y) == 1.0
    y[0] = 1
    assert culpa.score(network, np.ones((n, 1)), y) == (n - 1) / n


def test_new_weights_are_not_said_to_have_been_clipped():
    g = culpa.gradient(Network.fresh([2, 2]), np.ones((3, 2)), [0, 1, 0]).clipped(1e-9)
    assert g.share_clipped == 1
    assert g.reweighted(np.ones(3)).share_clipped is None
