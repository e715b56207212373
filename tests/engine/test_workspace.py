# SPDX-License-Identifier: MIT
"""The workspace against the functional pass: every row of the tables by both paths, alone and in stacks."""

from dataclasses import replace

import numpy as np
import pytest

import culpa
from culpa.engine.arrays import admit_weights
from culpa.engine.network import unflatten
from culpa.engine.parameters import Parameters
from culpa.engine.targets import admit_targets
from culpa.engine.workspace import Workspace
from tests.cases import CASES, each


def admitted(case, network):
    """What the door makes of a case for a network: X, y, w."""
    n = len(case.X)
    X = case.X.astype(network.dtype)
    y = admit_targets(case.y, n, network.loss.targets, network.sizes[-1], network.dtype)
    return X, y, admit_weights(case.weights, n, case.reduction, network.dtype)


def in_order(parameters, vector, k=0):
    """A vector in the workspace's order, in that of `flatten`."""
    return culpa.flatten(parameters.network_at(vector, k))


def close(mine, other, tolerance):
    return np.linalg.norm(mine - other) <= tolerance * max(1e-3, np.linalg.norm(other))


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-12), ("float32", 2e-5)])
@each(CASES)
def test_the_gradient_and_the_loss_are_those_of_the_functional_pass(case, dtype, tolerance):
    network = case.network.astype(dtype)
    X, y, w = admitted(case, network)
    g = culpa.gradient(network, X, case.y, weights=case.weights, reduction=case.reduction)
    workspace = Workspace(network, len(X), weighted=True)
    for _ in range(2):  # the second pass finds what the first one left
        mine = workspace.gradient(X, y, w)
        assert mine is workspace.parameters.gradient
        assert close(in_order(workspace.parameters, mine), g.flat(), tolerance)
        assert workspace.loss() == pytest.approx(g.loss, rel=tolerance, abs=tolerance)


@each(CASES[::3])
def test_networks_in_a_stack_do_not_see_each_other(case):
    theta = culpa.flatten(case.network)
    others = [unflatten(case.network, theta * factor) for factor in (1.0, -0.5, 0.3)]
    X, y, w = admitted(case, case.network)
    order = np.array([np.roll(np.arange(len(X)), k) for k in range(3)])
    workspace = Workspace(case.network, len(X), parameters=Parameters(others), weighted=True)
    mine = workspace.gradient(X[order], y[order], w[order])
    losses = workspace.loss()
    for k, network in enumerate(others):
        g = culpa.gradient(network, X, case.y, weights=case.weights, reduction=case.reduction)
        assert close(in_order(workspace.parameters, mine[k], k), g.flat(), 1e-12)
        assert losses[k] == pytest.approx(g.loss, rel=1e-12, abs=1e-12)


@each(CASES[::2])
def test_clipping_and_norms_come_from_the_factors(case):
    X, y, w = admitted(case, case.network)
    g = culpa.gradient(case.network, X, case.y, weights=case.weights, reduction=case.reduction)
    bound = float(np.median(g.norms())) or 1.0
    workspace = Workspace(case.network, len(X), weighted=True, max_norm=bound)
    mine = workspace.gradient(X, y, w)
    assert close(in_order(workspace.parameters, mine), g.clipped(bound).flat(), 1e-12)
    np.testing.assert_allclose(workspace.norms[..., 0, :], g.contributions(), rtol=1e-11, atol=1e-15)
    plain = Workspace(case.network, len(X), weighted=True)
    plain.gradient(X, y, w)
    np.testing.assert_allclose(plain.contributions(), g.contributions(), rtol=1e-11, atol=1e-15)


@each(CASES[::5])
def test_a_gathered_batch_is_the_batch(case):
    X, y, w = admitted(case, case.network)
    n = len(X)
    index = np.random.default_rng(0).integers(0, n, 5)
    X1 = np.column_stack([X, np.ones(n)])
    workspace = Workspace(case.network, 5, weighted=True)
    workspace.gather(X1, y, w, index)
    workspace.run()
    g = culpa.gradient(case.network, X[index], y[index], reduction="sum").reweighted(w[index] / 5)
    assert close(in_order(workspace.parameters, workspace.parameters.gradient), g.flat(), 1e-12)
    assert workspace.loss() == pytest.approx(g.loss, rel=1e-12, abs=1e-12)


def test_dropout_scales_what_it_leaves_and_the_gradient_is_that_of_what_is_left():
    network = culpa.Network.fresh([4, 30, 20, 3], hidden=["tanh", "relu"], seed=0, dtype="float64")
    random = np.random.default_rng(0)
    X, y = random.normal(size=(6, 4)), random.integers(0, 3, 6)
    workspace = Workspace(network, 6, dropout=(0.5, 0.25), random=random)
    mine = in_order(workspace.parameters, workspace.gradient(X, y))
    # The masks show in what layer 2 and layer 3 took in.
    h = X
    masks = []
    for layer, held in zip(network.layers[:-1], workspace.h[1:], strict=True):
        g = layer.activation.value(h @ layer.W.T + layer.b)
        with np.errstate(invalid="ignore", divide="ignore"):
            masks.append(np.where(g == 0, 0, held.T / g))
        h = held.T.copy()
    assert set(np.unique(masks[0].round(9))) == {0, 2}
    assert set(np.unique(masks[1].round(9))) == {0, round(4 / 3, 9)}

    def loss_at(theta):
        h = X.astype(complex)
        at = unflatten(network.astype("complex128"), theta)
        for layer, mask in zip(at.layers[:-1], masks, strict=True):
            h = layer.activation.value(h @ layer.W.T + layer.b) * mask
        last = at.layers[-1]
        return network.loss.losses(h @ last.W.T + last.b, y).mean()

    theta = culpa.flatten(network)
    step = 1e-100
    oracle = [loss_at(theta + 1j * step * unit).imag / step for unit in np.eye(len(theta))]
    assert close(mine, np.array(oracle), 1e-12)
    assert workspace.loss() == pytest.approx(loss_at(theta).real, rel=1e-12)
    before = [h.copy() for h in workspace.h[1:]]
    workspace.run()
    assert not np.array_equal(before[0], workspace.h[1])  # each pass draws anew


def test_a_row_of_the_users_own_runs_as_it_is():
    cube = culpa.Activation("cube", lambda a: a**3, lambda a: 3 * a * a)
    half = replace(culpa.LOSSES["squared_error"], name="mine", in_place=None)
    network = culpa.Network.fresh([3, 4, 2], hidden=cube, loss=half, seed=0, dtype="float64")
    random = np.random.default_rng(0)
    X, y = random.normal(size=(5, 3)), random.normal(size=(5, 2))
    workspace = Workspace(network, 5)
    mine = in_order(workspace.parameters, workspace.gradient(X, y))
    assert close(mine, culpa.gradient(network, X, y).flat(), 1e-12)


def test_rows_without_a_rule_of_their_own_are_held_to_those_with_one():
    random = np.random.default_rng(0)
    a = np.concatenate([random.normal(0, 3, 200), [0.0, -0.0, 40.0, -40.0]]).reshape(4, -1)
    for row in culpa.ACTIVATIONS.values():
        assert row.in_place is not None
        results = []
        for own in (row, replace(row, in_place=None)):
            h, delta = a.copy(), np.ones_like(a)
            rule = own.rule(h, delta)
            rule.value()
            rule.pull()
            results.append((h, delta))
        for mine, other in zip(*results, strict=True):
            np.testing.assert_allclose(mine, other, rtol=0, atol=4e-15 * max(1, np.abs(other).max()))


@pytest.mark.parametrize("loss", ["cross_entropy", "binary_cross_entropy", "squared_error", "huber"])
@pytest.mark.parametrize("size", [50.0, 300.0, 1e4])
def test_extreme_logits_stay_finite(loss, size):
    network = culpa.Network.from_arrays([np.eye(2) * size], loss=loss)
    X = np.array([[1.0, -1.0], [-1.0, 1.0]])
    y = np.array([0, 0]) if loss == "cross_entropy" else np.array([[1.0, 0.0], [1.0, 0.0]])
    workspace = Workspace(network, 2)
    g = culpa.gradient(network, X, y)
    assert close(workspace.gradient(X, y), g.flat(), 1e-12)
    assert workspace.loss() == pytest.approx(g.loss, rel=1e-12)


def test_nan_is_kept():
    network = culpa.Network.fresh([2, 3, 2], seed=0)
    workspace = Workspace(network, 1)
    workspace.gradient(np.full((1, 2), np.nan, np.float32), np.array([0]))
    assert np.isnan(workspace.loss())


@pytest.mark.parametrize("stacked", [False, True])
def test_many_classes_need_no_table_of_their_columns(stacked):
    network = culpa.Network.fresh([3, 4, 300], seed=0, dtype="float64")
    random = np.random.default_rng(0)
    X, y = random.normal(size=(7, 3)), random.integers(0, 300, 7)
    g = culpa.gradient(network, X, y)
    if not stacked:
        workspace = Workspace(network, 7)
        workspace.gradient(X, np.zeros(7, int))
        assert close(in_order(workspace.parameters, workspace.gradient(X, y)), g.flat(), 1e-12)
        return
    workspace = Workspace(network, 7, parameters=Parameters([network, network]))
    mine = workspace.gradient(np.array([X, X]), np.array([y, y[::-1]]))
    assert close(in_order(workspace.parameters, mine[0]), g.flat(), 1e-12)
    assert close(in_order(workspace.parameters, mine[1]), culpa.gradient(network, X, y[::-1]).flat(), 1e-12)
