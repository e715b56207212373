# SPDX-License-Identifier: MIT
"""One layer's outer products: everything that a block answers, on NumPy arrays and on PyTorch tensors.

The oracle is dense: each example's own gradient by plain loops over single parameters (`oracles/loops`), then whatever
is asked, computed from those (`oracles/dense`). The factors' formulas never see these, nor they the factors.
"""

from typing import Any, NamedTuple

import numpy as np
import pytest

from culpa.engine.factors import OuterProduct
from culpa.errors import OptionError
from tests.cases import PLAIN, TINY_CASES, Case, each, gradient_of
from tests.oracles import dense, loops
from tests.oracles.comparing import assert_same


class Pair(NamedTuple):
    """A layer's block on some array library, its dense twin, the weights w, and the scale of the whole gradient."""

    block: OuterProduct
    twin: dense.Parts
    w: np.ndarray
    scale: float


def pairs(case: Case, arrays: Any) -> list[Pair]:
    """Every layer of a case, as factors and dense."""
    g, G = gradient_of(case), loops.per_example(case)
    twins = dense.layers(case.network, G)
    scale = float(np.linalg.norm(G)) * max(1.0, float(np.abs(g.w).max()))
    blocks = arrays.gradient(g).layers
    return [Pair(block, twin, g.w, scale) for block, twin in zip(blocks, twins, strict=True)]


def joined(twin: dense.Parts) -> np.ndarray:
    """A layer's weights and biases as one vector an example."""
    flat = twin.weight.reshape(len(twin.weight), -1)
    return flat if twin.bias is None else np.hstack([flat, twin.bias])


@each(TINY_CASES)
def test_weight_and_bias_are_the_weighted_sums_over_examples(case, arrays):
    for block, twin, w, scale in pairs(case, arrays):
        assert_same(arrays.numpy(block.weight), np.einsum("i,iab->ab", w, twin.weight), scale=scale)
        assert block.shape == twin.weight.shape[1:]
        assert block.has_bias == (twin.bias is not None)
        assert (block.bias is None) == (twin.bias is None)
        assert twin.bias is None or np.linalg.norm(arrays.numpy(block.bias) - w @ twin.bias) <= 1e-12 * scale


@each(TINY_CASES)
def test_entry_is_one_number_of_the_weight_matrix(case, arrays):
    for block, twin, w, scale in pairs(case, arrays):
        rows, columns = block.shape
        for i, j in ((0, 0), (rows - 1, 0), (0, columns - 1), (-1, -1)):
            entry = block.entry(i, j)
            assert isinstance(entry, float)
            assert_same(entry, w @ twin.weight[:, i, j], scale=scale)


@each(TINY_CASES)
def test_per_example_gives_the_gradients_of_the_examples_asked_for(case, arrays):
    for block, twin, _, scale in pairs(case, arrays):
        assert_same(arrays.numpy(block.per_example()), twin.weight, scale=scale)
        assert_same(arrays.numpy(block.per_example(rows=0)), twin.weight[:1], scale=scale)
        assert_same(arrays.numpy(block.per_example(rows=[-1, 0])), twin.weight[[-1, 0]], scale=scale)


@each(TINY_CASES)
def test_factor_norms_are_dense_norms(case, arrays):
    for block, twin, _, scale in pairs(case, arrays):
        assert_same(arrays.numpy(block.squared_norms()), dense.norms(joined(twin)) ** 2, scale=scale**2)


@each(TINY_CASES)
def test_factor_gram_matrices_are_dense_gram_matrices(case, arrays):
    for block, twin, _, scale in pairs(case, arrays):
        G = joined(twin)
        assert_same(arrays.numpy(block.gram()), dense.gram(G, G), scale=scale**2)
        assert_same(arrays.numpy(block.gram(block.take([0]))), dense.gram(G, G[:1]), scale=scale**2)


@each(TINY_CASES)
def test_second_moments_are_weighted_sums_of_squares(case, arrays):
    for block, twin, w, scale in pairs(case, arrays):
        weight, bias = block.second_moment()
        assert_same(arrays.numpy(weight), np.einsum("i,iab->ab", w, twin.weight**2), scale=scale**2)
        assert (bias is None) == (twin.bias is None)
        assert bias is None or np.linalg.norm(arrays.numpy(bias) - w @ twin.bias**2) <= 1e-12 * scale**2


@each(TINY_CASES)
def test_dot_is_each_examples_gradient_along_a_direction(case, arrays):
    random = np.random.default_rng(0)
    for block, twin, _, scale in pairs(case, arrays):
        V, v = random.normal(size=block.shape), random.normal(size=block.shape[0])
        along = np.array([np.sum(g * V) for g in twin.weight])
        both = along if twin.bias is None else along + np.array([np.sum(g * v) for g in twin.bias])
        length = scale * np.sqrt(np.sum(V**2) + np.sum(v**2))
        assert_same(arrays.numpy(block.dot(arrays.array(V))), along, scale=length)
        assert_same(arrays.numpy(block.dot(arrays.array(V), arrays.array(v))), both, scale=length)


@each(TINY_CASES)
def test_kronecker_factors_are_weighted_sums_of_outer_products(case, arrays):
    for block, twin in zip(arrays.gradient(gradient_of(case)).layers, gradient_of(case).layers, strict=True):
        expected = dense.kronecker(twin.delta, twin.h, twin.w, twin.has_bias)
        mine = block.kronecker()
        assert_same(arrays.numpy(mine.inputs), expected.inputs)
        assert_same(arrays.numpy(mine.outputs), expected.outputs)
        assert mine.inputs.shape[0] == block.shape[1] + block.has_bias


@each(TINY_CASES)
def test_for_one_example_the_kronecker_factors_multiply_to_the_gradients_outer_product(case, arrays):
    for block, twin in zip(arrays.gradient(gradient_of(case)).layers, pairs(case, arrays), strict=True):
        one = block.take(0).reweighted(arrays.array(np.ones(1)))
        inputs, outputs = map(arrays.numpy, one.kronecker())
        g = joined(twin.twin)[0]
        weight = g[: block.shape[0] * block.shape[1]].reshape(block.shape)
        columns = [weight] if twin.twin.bias is None else [weight, twin.twin.bias[0][:, None]]
        tall = np.hstack(columns).ravel()
        assert_same(np.kron(outputs, inputs), np.outer(tall, tall), scale=twin.scale**2)


@each(TINY_CASES[::3])
def test_reweighting_and_taking_share_the_factors(case, arrays):
    g = arrays.gradient(gradient_of(case))
    w = arrays.array(np.linspace(-1, 2, len(case.X)))
    for block in g.layers:
        other = block.reweighted(w)
        assert other.delta is block.delta
        assert other.h is block.h
        assert other.w is w
        some = block.take(slice(0, 1))
        np.testing.assert_array_equal(arrays.numpy(some.w), arrays.numpy(block.w)[:1])
        np.testing.assert_array_equal(arrays.numpy(some.delta), arrays.numpy(block.delta)[:1])


def test_the_dense_twin_refuses_factors_with_the_bias_forgotten_or_counted_twice(arrays):
    for block, twin, _, _ in pairs(PLAIN, arrays):
        G = joined(twin)
        norms, gram = dense.norms(G) ** 2, dense.gram(G, G)
        assert_same(arrays.numpy(block.squared_norms()), norms)
        for planted in (
            OuterProduct(block.delta, block.h, block.w, block.W, has_bias=False),
            OuterProduct(block.delta, arrays.array(arrays.numpy(block.h) * (1 + 1e-9)), block.w, block.W),
            OuterProduct(arrays.array(arrays.numpy(block.delta)[::-1]), block.h, block.w, block.W),
        ):
            with pytest.raises(AssertionError, match="of the norm"):
                assert_same(arrays.numpy(planted.squared_norms()), norms)
            with pytest.raises(AssertionError, match="of the norm"):
                assert_same(arrays.numpy(planted.gram()), gram)


@pytest.mark.parametrize("place", [(4, 0), (0, 3), (-5, 0), (0, -4)])
def test_an_entry_outside_of_the_matrix_is_refused(arrays, place):
    block = arrays.gradient(gradient_of(PLAIN)).layers[0]
    with pytest.raises(OptionError, match=r"must lie within W's shape \(4, 3\)"):
        block.entry(*place)


def test_rows_that_are_not_there_are_refused(arrays):
    block = arrays.gradient(gradient_of(PLAIN)).layers[0]
    with pytest.raises(OptionError, match="lie within the 5 examples"):
        block.take([0, 5])
