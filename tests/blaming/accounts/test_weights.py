# SPDX-License-Identifier: MIT
"""The table of single weights: every entry against brute force, t against SciPy's, and the heaviest in order."""

import numpy as np
import pytest
from scipy.stats import ttest_1samp

import culpa
from culpa import Network
from culpa.errors import OptionError
from tests.blaming.accounts.brute import blame_of, brute, unit_slices
from tests.cases import CASES, PLAIN, TINY_CASES, each
from tests.oracles.comparing import assert_same

RANDOM = np.random.default_rng(4)
X = RANDOM.normal(size=(50, 4))
Y = RANDOM.integers(0, 2, 50)
NETWORK = Network.fresh([4, 5, 2], hidden="tanh", seed=3, dtype="float64")
LIKE = [case for case in CASES if case.group == "small"][::4]


@each([*TINY_CASES[::5], PLAIN])
def test_every_weight_is_that_of_brute_force(case):
    found, full = blame_of(case).weights, brute(case)
    places = [place for layer in unit_slices(case) for unit in layer for place in unit]
    assert_same(found["gradient"], full.mean[places])
    assert_same(found["value"], full.theta[places])
    total = full.mean @ full.mean
    assert_same(found["share"], full.mean[places] ** 2 / total if total else 0 * full.mean)
    assert_same(found["first_order"], full.mean[places] * full.theta[places])


@each([*TINY_CASES[::5], PLAIN])
def test_a_weight_is_named_by_layer_unit_and_input_and_the_bias_is_input_0(case):
    found = blame_of(case).weights
    for layer, unit, entry, value in zip(*(found[name] for name in ("layer", "unit", "input", "value")), strict=True):
        mine = case.network.layers[layer - 1]
        assert value == (mine.b[unit - 1] if entry == 0 else mine.W[unit - 1, entry - 1])
    assert len(found) == case.network.n_parameters


def test_with_equal_weights_t_is_students():
    found = culpa.blame(NETWORK, X, Y)
    g = culpa.gradient(NETWORK, X, Y)
    each_one = [
        np.concatenate([block.delta[:, :, None], block.per_example()], axis=2).reshape(50, -1) for block in g.layers
    ]
    expected = ttest_1samp(np.concatenate(each_one, axis=1), 0.0).statistic
    np.testing.assert_allclose(found.weights["t"], expected, rtol=1e-9)


@each([case for case in LIKE if case.weights is not None])
def test_with_other_weights_the_rows_count_for_one_over_their_sum_of_squares(case):
    full = brute(case)
    effective = 1 / np.sum(full.w**2)
    spread = np.array([full.w @ (column - mean) ** 2 for column, mean in zip(full.G.T, full.mean, strict=True)])
    clear = spread > 1e-12 * np.max(full.G**2, axis=0)
    clear &= spread > 0
    places = np.array([place for layer in unit_slices(case) for unit in layer for place in unit])
    t = blame_of(case).weights["t"]
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = full.mean / np.sqrt(spread * effective / (effective - 1) / effective)
    if effective > 1 + 1e-6:
        np.testing.assert_allclose(t[clear[places]], expected[places][clear[places]], rtol=1e-7)


def test_doubling_every_weight_changes_no_t_and_doubling_every_row_does():
    weights = RANDOM.gamma(1.0, size=50)
    t = culpa.blame(NETWORK, X, Y, weights=weights).weights["t"]
    np.testing.assert_allclose(culpa.blame(NETWORK, X, Y, weights=2 * weights).weights["t"], t, rtol=1e-9)
    twice = culpa.blame(NETWORK, np.vstack([X, X]), np.append(Y, Y)).weights["t"]
    once = culpa.blame(NETWORK, X, Y).weights["t"]
    np.testing.assert_allclose(twice, once * np.sqrt(99 / 49), rtol=1e-9)


def test_t_tells_a_slope_that_all_rows_agree_on_from_noise():
    """Negative control too: of targets without any rule, hardly a weight is significant; of a rule, its own is."""
    linear = Network.from_arrays([np.zeros((1, 4))], loss="squared_error")
    rows = RANDOM.normal(size=(2000, 4))
    noise = RANDOM.normal(size=2000)
    nothing = culpa.blame(linear, rows, noise).weights["t"]
    rule = culpa.blame(linear, rows, noise + 0.5 * rows[:, 2]).weights["t"]
    assert np.abs(nothing).max() < 4
    assert np.abs(rule).argmax() == 2
    assert rule[2] < -10, "the loss falls as this weight grows"


def test_without_spread_t_is_infinite_and_without_gradient_there_is_none():
    network = Network.from_arrays([np.ones((1, 2))], loss="squared_error")
    t = culpa.blame(network, np.array([[1.0, 0.0]] * 3), np.zeros(3)).weights["t"]
    assert t[0] == np.inf
    assert np.isnan(t[1])
    found = culpa.blame(network, np.array([[1.0, 0.0]] * 3), np.zeros(3))
    assert found.weights.to_polars()["t"].to_list() == [np.inf, None], "infinite is not unknown"
    assert found.layers.to_polars()["signal_to_noise"].to_list() == found.layers["signal_to_noise"].tolist() == [np.inf]
    assert found.to_dict()["layers"]["signal_to_noise"] == [None], "JSON has neither"
    assert np.isnan(culpa.blame(network, np.ones((1, 2)), np.zeros(1)).weights["t"]).all(), "one row has no spread"


@pytest.mark.parametrize("count", [1, 5, 36, 37, 1000])
@pytest.mark.parametrize("bias", [True, False])
def test_the_heaviest_are_those_of_the_whole_table_in_order(count, bias):
    network = Network.fresh([4, 5, 2], seed=3, dtype="float64", bias=bias)
    found = culpa.blame(network, X, Y)
    whole = found.weights
    order = np.argsort(-np.abs(whole["gradient"]), kind="stable")[:count]
    few = found.heaviest_weights(count)
    assert list(few.columns) == list(whole.columns)
    for name in whole.columns:
        np.testing.assert_array_equal(few[name], whole[name][order])


def test_a_number_of_weights_that_is_none_is_refused():
    with pytest.raises(OptionError, match="`count` must be a whole number, 1 or more; got 0"):
        culpa.blame(NETWORK, X, Y).heaviest_weights(0)


def test_brute_force_refuses_planted_errors():
    """Negative control: a bias behind its weights, and a t by the second moment instead of the variance."""
    found, full = blame_of(PLAIN).weights, brute(PLAIN)
    for wrong in (full.mean, full.mean[::-1]):
        with pytest.raises(AssertionError):
            assert_same(found["gradient"], wrong)
    places = [place for layer in unit_slices(PLAIN) for unit in layer for place in unit]
    plain = full.mean / np.sqrt((full.w @ full.G**2) / (1 / np.sum(full.w**2) - 1))
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(found["t"], plain[places], rtol=1e-3)
