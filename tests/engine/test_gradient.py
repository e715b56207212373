# SPDX-License-Identifier: MIT
"""The batch gradient, on every case of the registry, against two oracles that need no framework.

Complex steps go through culpa's own forward pass; the loops share no line with it. Autograd has `test_autograd`.
"""

import numpy as np
import pytest

from culpa import ACTIVATIONS, LOSSES
from culpa.engine.forward import forward
from tests.cases import CASES, each, gradient_of
from tests.oracles import complex_step, loops
from tests.oracles.comparing import assert_same, assert_zeros

STEPPED = [case for case in CASES if case.network.n_parameters <= 400]
LOOPED = [case for case in CASES if len(case.X) * case.network.n_parameters**2 <= 60_000]


@each(CASES)
def test_every_block_agrees_with_a_complex_step_along_a_random_direction(case):
    total = gradient_of(case).total()
    for name, v in complex_step.directions(case.network, seed=1):
        error = abs(total @ v - complex_step.objective_along(case, v))
        assert error <= 1e-12 * np.linalg.norm(total), f"{name} is off by {error:.3g}"


@each(STEPPED)
def test_every_entry_agrees_with_its_own_complex_step(case):
    total, oracle = gradient_of(case).total(), complex_step.objective_gradient(case)
    assert_same(total, oracle)
    assert_zeros(total, oracle)


@each(LOOPED)
def test_every_entry_agrees_with_plain_loops_on_complex_numbers(case):
    g = gradient_of(case)
    assert_same(g.flat(), loops.loss_gradient(case))
    assert_same(g.total(), loops.objective_gradient(case))
    assert_zeros(g.flat(), loops.loss_gradient(case))


@each(CASES)
def test_what_the_backward_pass_shows_of_the_loss_is_what_the_forward_pass_gives(case):
    g = gradient_of(case)
    oracle = complex_step.losses(case.network.astype("complex128"), case.X, complex_step.targets_of(case))
    # NOTE: 1e-15 absolute beside 1e-12, because NumPy's complex log1p has only absolute digits near zero.
    np.testing.assert_allclose(g.losses, oracle.real, rtol=1e-12, atol=1e-15)
    assert_same(g.loss, complex_step.weights_of(case) @ g.losses)
    assert_same(g.penalty, case.network.l2 / 2 * sum(np.sum(layer.W**2) for layer in case.network.layers))
    assert g.objective == g.loss + g.penalty


@each(CASES)
def test_what_no_example_reaches_has_a_gradient_of_exactly_zero(case):
    g = gradient_of(case)
    counted = g.w != 0
    silent_columns = (case.X[counted] == 0).all(axis=0)
    assert (g.layers[0].weight[:, silent_columns] == 0).all()
    for layer, above, step in zip(g.layers[:-1], g.layers[1:], forward(case.network, case.X)[:-1], strict=True):
        if step.layer.activation.name == "relu":
            dead = (step.a[counted] <= 0).all(axis=0)
            assert (layer.weight[dead] == 0).all()
            assert layer.bias is None or (layer.bias[dead] == 0).all()
            assert (above.weight[:, dead] == 0).all()


@each(CASES[::7])
def test_a_gradient_changes_nothing_that_it_was_given(case):
    X, y = case.X.copy(), case.y.copy()
    X.flags.writeable = y.flags.writeable = False
    g = gradient_of(case, X=X, y=y)
    kept = [(layer.delta.copy(), layer.h.copy()) for layer in g.layers]
    answers = (g.flat, g.total, g.norms, g.gram, g.second_moment, g.contributions, lambda: g.clipped(0.1).flat())
    assert all(np.isfinite(answer()).all() for answer in answers)
    for layer, (delta, h) in zip(g.layers, kept, strict=True):
        np.testing.assert_array_equal(layer.delta, delta)
        np.testing.assert_array_equal(layer.h, h)
    assert g.layers[0].h is X


def test_the_registry_has_every_pair_of_activation_and_loss():
    seen = {(layer.activation.name, case.network.loss.name) for case in CASES for layer in case.network.layers[:-1]}
    assert seen == {(activation, loss) for activation in ACTIVATIONS for loss in LOSSES}


def test_the_registry_has_the_breadth_that_it_promises():
    assert len(CASES) >= 210
    assert len({case.id for case in CASES}) == len(CASES)
    assert {len(case.network.layers) for case in CASES} == {1, 2, 3, 4, 5, 6}
    widths = [width for case in CASES for width in case.network.sizes]
    assert (min(widths), max(widths)) == (1, 50)
    assert (min(len(case.X) for case in CASES), max(len(case.X) for case in CASES)) == (1, 40)
    biased = [{layer.b is None for layer in case.network.layers} for case in CASES]
    assert all(kind in biased for kind in ({True}, {False}, {True, False}))
    assert {case.weights is None for case in CASES} == {True, False}
    assert {case.reduction for case in CASES} == {"mean", "sum"}
    assert {case.network.l2 > 0 for case in CASES} == {True, False}


@pytest.mark.parametrize(
    ("loss", "kinds"),
    [
        ("cross_entropy", {"indices", "onehot", "soft"}),
        ("softmax_squared_error", {"indices", "onehot", "soft"}),
        ("binary_cross_entropy", {"hard", "softlabels"}),
        ("logistic_squared_error", {"hard", "softlabels"}),
    ],
)
def test_the_registry_has_every_kind_of_target(loss, kinds):
    cases = [case for case in CASES if case.network.loss.name == loss]
    assert {case.id.split("-")[-1] for case in cases} == kinds
    if loss == "binary_cross_entropy":
        assert {case.network.sizes[-1] == 1 for case in cases} == {True, False}


def test_the_registry_has_counts_of_zero_and_both_sides_of_hubers_threshold():
    counts = [case.y for case in CASES if case.network.loss.name == "poisson"]
    assert all((y == 0).any() for y in counts)
    assert any((y > 0).any() for y in counts)
    deltas = [np.abs(gradient_of(case).layers[-1].delta) for case in CASES if case.network.loss.name == "huber"]
    assert any((delta == 1).any() for delta in deltas)
    assert any((delta < 1).any() for delta in deltas)


def test_enough_cases_go_through_the_slow_oracles():
    assert len(STEPPED) >= 150
    assert len(LOOPED) >= 100
