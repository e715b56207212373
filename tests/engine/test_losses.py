# SPDX-License-Identifier: MIT
"""Each row of the table of losses, against the symbolic formula and a complex step: in the middle and saturated.

Where p − t cancels in floating point, the mathematics decides, not a framework: formulas with hundreds of digits.
"""

from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from culpa import LOSSES, Loss
from tests.oracles import complex_step, formulas
from tests.oracles.comparing import assert_digits

MIDDLE = np.array([[0.3, -1.2, 2.0], [0.0, 0.0, 0.0], [1.5, 1.5, -0.7], [-3.0, -2.5, -8.0], [6.0, -4.0, 1.0]])
SHAPES = np.array([[1.0, -1.0, 0.0], [-1.0, 1.0, 0.5], [1.0, 0.75, -1.0], [-1.0, -0.875, -0.9375], [0.0, 0.5, 1.0]])
"""NOTE: no ties among these, for scaled they would ask for what no float knows: which of two e^1000 is the larger."""
SATURATED = (50.0, 300.0, 1e4)


class Points(NamedTuple):
    """Logits (n, 3), the targets as rows (n, 3), and as the loss may be given them besides (indices)."""

    a: NDArray[Any]
    rows: NDArray[Any]
    targets: NDArray[Any]


def target_rows(loss: Loss) -> list[NDArray[Any]]:
    """Some rows of three targets that the loss can use; none equals a probability that the points have."""
    return [
        np.array(row)
        for row in {
            "classes": [[1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0], [0.125, 0.8125, 0.0625], [0.25, 0, 0.75]],
            "labels": [[0.0, 1, 0.25], [1.0, 0, 0.875], [0.375, 1, 1]],
            "numbers": [[0.3, -1.0, 5.0]],
            "counts": [[0.0, 1.0, 5.0], [2.5, 0.0, 120.0]],
        }[loss.targets]
    ]


def points(loss: Loss, a: NDArray[Any]) -> list[Points]:
    """Every row of targets at all logits; one-hot rows as class indices once more."""
    answer = []
    for row in target_rows(loss):
        rows = np.tile(row, (len(a), 1))
        answer.append(Points(a, rows, rows))
        if loss.targets == "classes" and (row == 1).any():
            answer.append(Points(a, rows, rows.argmax(axis=1)))
    return answer


def saturated(loss: Loss, size: float) -> list[Points]:
    """Logits of that size; a Poisson's rate overflows there, so its logits are negative."""
    shapes = SHAPES if size < 1e3 else SHAPES[:2]  # at 1e4 the oracle computes with 9,400 digits
    return points(loss, -size * np.abs(shapes) if loss.name == "poisson" else size * shapes)


every_loss = pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES.keys())
every_softmax = pytest.mark.parametrize("loss", [row for row in LOSSES.values() if row.targets == "classes"])
every_size = pytest.mark.parametrize("size", SATURATED)


@every_loss
def test_losses_and_deltas_are_those_of_the_symbolic_formula(loss):
    for a, rows, targets in points(loss, MIDDLE):
        value, delta = formulas.loss(loss.name, a, rows)
        assert_digits(loss.losses(a, targets), value, within=1e-13)
        assert_digits(loss.delta(a, targets), delta, within=1e-13)


@every_loss
def test_deltas_are_complex_steps_of_the_losses(loss):
    for a, _, targets in points(loss, MIDDLE):
        assert_digits(loss.delta(a, targets), complex_step.delta(loss, a, targets), within=1e-13)


@every_loss
@every_size
def test_saturated_losses_and_deltas_keep_their_digits(loss, size):
    for a, rows, targets in saturated(loss, size):
        value, delta = formulas.loss(loss.name, a, rows)
        assert_digits(loss.losses(a, targets), value, within=1e-12)
        assert_digits(loss.delta(a, targets), delta, within=1e-12)


@every_loss
@every_size
def test_saturated_deltas_are_complex_steps_of_the_losses(loss, size):
    for a, _, targets in saturated(loss, size):
        # 1e-10: the step goes through squares of residuals, whose own rounding it hands on.
        assert_digits(loss.delta(a, targets), complex_step.delta(loss, a, targets, step=1e-20), within=1e-10)


@pytest.mark.parametrize("name", ["cross_entropy", "binary_cross_entropy"])
def test_a_confident_right_answer_keeps_a_delta_that_p_minus_t_would_lose(name):
    a = np.array([[50.0, -50.0]])
    targets = np.array([0]) if name == "cross_entropy" else np.array([[1.0, 0.0]])
    gap = 100 if name == "cross_entropy" else 50
    delta = LOSSES[name].delta(a, targets)
    assert_digits(delta, np.array([[-np.exp(-gap), np.exp(-gap)]]), within=1e-12)
    assert 1 / (1 + np.exp(-50.0)) - 1.0 == 0.0


@every_softmax
def test_index_targets_and_one_hot_rows_give_the_same(loss):
    for size in (1.0, *SATURATED):
        labels = np.array([0, 1, 2, 0, 1])
        by_index, by_row = loss.delta(size * SHAPES, labels), loss.delta(size * SHAPES, np.eye(3)[labels])
        assert_digits(by_index, by_row, within=1e-14)
        losses = loss.losses(size * SHAPES, labels)
        assert_digits(losses, loss.losses(size * SHAPES, np.eye(3)[labels]), within=1e-14)


@every_softmax
def test_softmax_deltas_sum_to_zero_over_the_outputs(loss):
    for a, _, targets in points(loss, MIDDLE):
        delta = loss.delta(a, targets)
        assert np.abs(delta.sum(axis=1)).max() <= 1e-15 * (1 + np.abs(delta).max())


@every_loss
def test_no_loss_is_negative_and_a_perfect_answer_costs_nothing(loss):
    for a, _, targets in points(loss, MIDDLE):
        assert (loss.losses(a, targets) >= 0).all()
    a = np.array([[1e4, -1e4]])
    perfect = {"classes": np.array([0]), "labels": np.array([[1.0, 0.0]]), "numbers": a, "counts": np.ones((1, 2))}
    logits = np.zeros((1, 2)) if loss.targets == "counts" else a
    assert loss.losses(logits, perfect[loss.targets])[0] == 0
    assert np.abs(loss.delta(logits, perfect[loss.targets])).max() == 0


@every_loss
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_losses_and_deltas_keep_shape_and_dtype(loss, dtype):
    for a, _, targets in points(loss, MIDDLE.astype(dtype)):
        given = targets if targets.ndim == 1 else targets.astype(dtype)
        losses, delta = loss.losses(a, given), loss.delta(a, given)
        assert (losses.shape, losses.dtype) == ((5,), dtype)
        assert (delta.shape, delta.dtype) == ((5, 3), dtype)


@every_loss
def test_the_symbolic_formula_refuses_planted_errors(loss):
    a, rows, targets = points(loss, MIDDLE)[0]
    value, delta = formulas.loss(loss.name, a, rows)
    mine = loss.delta(a, targets)
    worst = np.unravel_index(np.abs(mine).argmax(), mine.shape)
    flipped = mine.copy()
    flipped[worst] *= -1
    for planted in (flipped, 2 * mine, mine * (1 + 1e-9), mine[::-1], mine / 3):
        with pytest.raises(AssertionError, match="entry"):
            assert_digits(planted, delta, within=1e-13)
    with pytest.raises(AssertionError, match="entry"):
        assert_digits(loss.losses(a, targets) * (1 + 1e-9), value, within=1e-13)


def test_the_saturated_oracles_refuse_the_frameworks_p_minus_t():
    loss, a, labels = LOSSES["cross_entropy"], 50 * SHAPES, np.array([0, 1, 0, 1, 2])
    e = np.exp(a - a.max(axis=1, keepdims=True))
    cancelled = e / e.sum(axis=1, keepdims=True) - np.eye(3)[labels]
    _, delta = formulas.loss(loss.name, a, np.eye(3)[labels])
    for oracle in (delta, complex_step.delta(loss, a, labels)):
        with pytest.raises(AssertionError, match="entry"):
            assert_digits(cancelled, oracle, within=1e-10)


def test_the_table_of_formulas_has_every_row():
    assert set(formulas.LOSSES) == set(LOSSES)
