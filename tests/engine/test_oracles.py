# SPDX-License-Identifier: MIT
"""The negative controls: every oracle is shown planted errors and must refuse each of them.

First the finished gradient is spoilt, then the backward pass itself, through a mistaken row of a table, and last the
answers about single examples. Before each, the unspoilt answer is shown to pass, so that a refusal means something.
"""

from typing import Any

import numpy as np
import pytest

import culpa
from tests.cases import CASES, PLAIN, Case, each, gradient_of
from tests.oracles import complex_step, dense, loops
from tests.oracles.comparing import MISTAKEN, PLANTED, assert_digits, assert_same, assert_zeros

W = complex_step.weights_of(PLAIN)


def oracle_gradient(name: str) -> Any:
    """The plain case's objective gradient by the named oracle."""
    if name == "autograd":
        pytest.importorskip("torch", reason="autograd as an oracle needs PyTorch")
        from tests.oracles import autograd

        return autograd.objective_gradient(PLAIN)
    if name == "dense":
        decay = gradient_of(PLAIN).total() - gradient_of(PLAIN).flat()
        return dense.batch(loops.per_example(PLAIN), W) + decay
    return {"complex step": complex_step, "loops": loops}[name].objective_gradient(PLAIN)


every_oracle = pytest.mark.parametrize("oracle", ["autograd", "complex step", "loops", "dense"])


@every_oracle
@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED.keys())
def test_every_oracle_refuses_every_planted_error(oracle, planted):
    mine, answer = gradient_of(PLAIN).total(), oracle_gradient(oracle)
    assert_same(mine, answer)
    with pytest.raises(AssertionError):
        assert_same(planted(PLAIN.network, mine), answer)


@every_oracle
@pytest.mark.parametrize("mistaken", MISTAKEN.values(), ids=MISTAKEN.keys())
def test_every_oracle_refuses_every_mistaken_backward_pass(oracle, mistaken):
    wrong = gradient_of(PLAIN, network=mistaken(PLAIN.network))
    assert_same(wrong.losses, gradient_of(PLAIN).losses)
    with pytest.raises(AssertionError, match="of the norm"):
        assert_same(wrong.total(), oracle_gradient(oracle))


@every_oracle
def test_every_oracle_refuses_a_gradient_of_another_objective(oracle):
    answer = oracle_gradient(oracle)
    others = [
        gradient_of(PLAIN, reduction="sum").total(),
        gradient_of(PLAIN, weights=None).total(),
        gradient_of(PLAIN).flat(),
        gradient_of(PLAIN).total() + culpa.flatten(PLAIN.network) * 0.1 * is_bias(PLAIN.network),
    ]
    for other in others:
        with pytest.raises(AssertionError, match="of the norm"):
            assert_same(other, answer)


def is_bias(network: culpa.Network) -> np.ndarray:
    """1 for each bias in the order of `flatten`, 0 for each weight."""
    layers = network.layers
    return np.concatenate([np.full(part.size, part.ndim == 1) for layer in layers for part in (layer.W, layer.b)])


@pytest.mark.parametrize("name", [name for name in PLANTED if name != "one entry missing"])
def test_a_step_along_each_block_refuses_every_planted_error(name):
    mine = gradient_of(PLAIN).total()
    wrong = PLANTED[name](PLAIN.network, mine)
    assert_same(*along_blocks(PLAIN, mine), scale=float(np.linalg.norm(mine)))
    with pytest.raises(AssertionError):
        assert_same(*along_blocks(PLAIN, wrong), scale=float(np.linalg.norm(mine)))


@each(case for case in CASES[::9] if gradient_of(case).total().any())
def test_a_step_along_each_block_refuses_a_wrong_sign_in_any_case(case):
    mine = gradient_of(case).total()
    wrong = mine.copy()
    wrong[np.abs(mine).argmax()] *= -1
    with pytest.raises(AssertionError, match="of the norm"):
        assert_same(*along_blocks(case, wrong), scale=float(np.linalg.norm(mine)))


def along_blocks(case: Case, gradient: np.ndarray) -> tuple[list[float], list[float]]:
    """A gradient along one direction in each block, and the complex step's answers."""
    directions = [v for _, v in complex_step.directions(case.network, seed=1)]
    return [float(gradient @ v) for v in directions], [complex_step.objective_along(case, v) for v in directions]


@pytest.mark.parametrize("oracle", ["autograd", "complex step", "loops"])
def test_every_oracle_refuses_the_per_example_gradients_of_other_examples(oracle):
    if oracle == "autograd":
        pytest.importorskip("torch", reason="autograd as an oracle needs PyTorch")
        from tests.oracles import autograd

        G = autograd.per_example(PLAIN)
    else:
        G = {"complex step": complex_step, "loops": loops}[oracle].per_example(PLAIN)
    mine = per_example(gradient_of(PLAIN))
    assert_same(mine, G)
    for planted in (mine[::-1], mine / len(mine), W[:, None] * mine, mine * (1 + 1e-9), np.abs(mine)):
        with pytest.raises(AssertionError, match="of the norm"):
            assert_same(planted, G)


def per_example(g: culpa.Gradient) -> np.ndarray:
    """Each example's own gradient (n, p), laid out as `flatten` does."""
    n = len(g.w)
    parts = [(layer.per_example().reshape(n, -1), layer.delta) for layer in g.layers]
    return np.hstack([part for pair in parts for part in pair])


def test_the_comparison_refuses_what_is_no_number_or_has_another_shape():
    one = np.ones(3)
    for wrong in (np.array([1.0, np.nan, 1.0]), np.array([1.0, np.inf, 1.0]), np.ones((3, 1)), np.ones(2), 1.0):
        for refuse in (assert_same, assert_zeros, assert_digits):
            with pytest.raises(AssertionError):
                refuse(wrong, one)
            with pytest.raises(AssertionError):
                refuse(one, wrong)


def test_a_zero_oracle_is_met_by_zero_alone():
    zero = np.zeros(3)
    assert_same(zero, zero)
    assert_zeros(zero, zero)
    for planted in (1e-300, -5e-324):
        with pytest.raises(AssertionError, match="ought to be 0"):
            assert_zeros(np.array([0.0, planted, 0.0]), zero)
    with pytest.raises(AssertionError, match="of the norm"):
        assert_same(np.array([0.0, 1e-150, 0.0]), zero)


def test_digits_are_asked_of_every_entry_and_not_of_the_norm():
    oracle = np.array([1.0, 1e-200])
    assert_same(np.array([1.0, 0.0]), oracle)
    with pytest.raises(AssertionError, match=r"entry \(1,\)"):
        assert_digits(np.array([1.0, 0.0]), oracle)
    with pytest.raises(AssertionError, match=r"entry \(1,\)"):
        assert_digits(np.array([1.0, -1e-200]), oracle)
