# SPDX-License-Identifier: MIT
"""The Gradient over all layers: what it answers from factors is what the dense gradients give, on NumPy and PyTorch.

The oracle is dense: each example's gradient from plain loops, then `oracles/dense`. What one layer answers is tested in
`test_factors`.
"""

from dataclasses import replace

import numpy as np
import pytest

import culpa
from culpa.errors import DataError, OptionError, ShapeError
from tests.cases import PLAIN, TINY_CASES, Case, each, gradient_of
from tests.oracles import dense, loops
from tests.oracles.comparing import assert_same

SEVERAL = [case for case in TINY_CASES if len(case.X) > 1]


def scale_of(case: Case) -> float:
    """The size of all per-example gradients together: what an answer that cancels is measured by."""
    return float(np.linalg.norm(loops.per_example(case))) * max(1.0, float(np.abs(gradient_of(case).w).max()))


def neighbour(case: Case) -> Case:
    """The same network on another batch of another size."""
    random = np.random.default_rng(len(case.X))
    rows = random.integers(len(case.X), size=len(case.X) + 2)
    X = random.normal(size=(len(rows), case.X.shape[1]))
    return replace(case, X=X, y=case.y[rows], weights=None)


@each(TINY_CASES)
def test_weighted_per_example_gradients_sum_to_the_batch_gradient(case, arrays):
    g, G = gradient_of(case), loops.per_example(case)
    assert_same(arrays.numpy(arrays.gradient(g).flat()), dense.batch(G, g.w), scale=scale_of(case))


@each(TINY_CASES)
def test_the_total_is_the_objectives_gradient_and_flat_plus_decay(case, arrays):
    g = arrays.gradient(gradient_of(case))
    assert_same(arrays.numpy(g.total()), loops.objective_gradient(case))
    decay = [
        part.ravel() for k, layer in enumerate(g.layers) for part in decay_parts(case, k, arrays.numpy(layer.decay))
    ]
    assert_same(arrays.numpy(g.total()), arrays.numpy(g.flat()) + np.concatenate(decay))


def decay_parts(case: Case, k: int, decay: np.ndarray) -> list[np.ndarray]:
    """A layer's l2·W as stated, and zeros for its biases, which are exempt."""
    layer = case.network.layers[k]
    np.testing.assert_array_equal(decay, case.network.l2 * layer.W)
    return [decay] if layer.b is None else [decay, np.zeros(layer.b.shape)]


@each(TINY_CASES)
def test_norms_and_contributions_are_the_dense_ones(case, arrays):
    g, G = gradient_of(case), loops.per_example(case)
    on = arrays.gradient(g)
    assert_same(arrays.numpy(on.norms()), dense.norms(G))
    assert_same(arrays.numpy(on.contributions()), dense.contributions(G, g.w))


@each(TINY_CASES)
def test_the_gram_matrix_is_the_dense_one_within_a_batch_and_between_two(case, arrays):
    other = neighbour(case)
    G, G_other = loops.per_example(case), loops.per_example(other)
    on, on_other = arrays.gradient(gradient_of(case)), arrays.gradient(gradient_of(other))
    assert_same(arrays.numpy(on.gram()), dense.gram(G, G))
    assert_same(
        arrays.numpy(on.gram(on_other)), dense.gram(G, G_other), scale=np.linalg.norm(G) * np.linalg.norm(G_other)
    )


@each(TINY_CASES)
def test_the_second_moment_is_the_dense_one_in_the_order_of_flatten(case, arrays):
    g, G = gradient_of(case), loops.per_example(case)
    assert_same(arrays.numpy(arrays.gradient(g).second_moment()), dense.second_moment(G, g.w))


@each(TINY_CASES)
def test_dot_is_every_examples_gradient_along_one_direction(case, arrays):
    G = loops.per_example(case)
    direction = np.random.default_rng(1).normal(size=G.shape[1])
    mine = arrays.gradient(gradient_of(case)).dot(arrays.array(direction))
    assert_same(arrays.numpy(mine), G @ direction, scale=float(np.linalg.norm(G) * np.linalg.norm(direction)))


@each(SEVERAL)
def test_clipping_is_clipping_the_dense_gradients_one_by_one(case, arrays):
    g, G = gradient_of(case), loops.per_example(case)
    lengths = np.unique(dense.norms(G))
    # Between two of the lengths, below all and above all: never on a length, where rounding would decide.
    bounds = [*(lengths[1:] + lengths[:-1]) / 2, lengths[0] / 2, lengths[-1] * 2]
    for bound in (float(bound) for bound in bounds if bound > 0 and np.abs(lengths / bound - 1).min() > 1e-9):
        clipped, expected = arrays.gradient(g).clipped(bound), dense.clipped(G, g.w, bound)
        assert_same(arrays.numpy(clipped.flat()), expected.flat, scale=scale_of(case))
        assert clipped.share_clipped == expected.share
        assert (arrays.numpy(clipped.contributions()) <= np.abs(g.w) * bound * (1 + 1e-12)).all()


@each(SEVERAL)
def test_the_noise_scale_is_that_of_the_dense_covariance(case, arrays):
    plain = replace(case, weights=None)
    G = loops.per_example(case)
    mine, expected = arrays.gradient(gradient_of(plain)).noise_scale(), dense.noise(G)
    square = float(np.mean(np.sum(G**2, axis=1)))
    assert_same(mine.trace, expected.trace, scale=square)
    assert_same(mine.signal, expected.signal, scale=square)
    assert mine.scale == (mine.trace / mine.signal if mine.signal > 0 else float("inf"))
    assert isinstance(mine.scale, float)


@each(TINY_CASES)
def test_reweighting_takes_the_weights_literally(case, arrays):
    g, G = arrays.gradient(gradient_of(case)), loops.per_example(case)
    w = np.random.default_rng(2).normal(size=len(G))
    again = g.reweighted(arrays.array(w))
    assert_same(arrays.numpy(again.flat()), dense.batch(G, w), scale=float(np.linalg.norm(G) * np.linalg.norm(w)))
    assert_same(again.loss, w @ gradient_of(case).losses, scale=np.linalg.norm(w) * np.linalg.norm(g.losses))
    assert_same(arrays.numpy(again.norms()), arrays.numpy(g.norms()))
    assert_same(arrays.numpy(again.contributions()), dense.contributions(G, w))


FORMS = {
    "an index": 1,
    "an index from the end": -1,
    "a list": [4, 0, 2],
    "an array": np.array([3, 3, 1]),
    "a slice": slice(1, 4),
    "a mask": np.array([True, False, False, True, True]),
    "nothing": [],
    "a range": range(1, 3),
    "a tuple": (4, 0),
    "a tuple of one": (2,),
}


@pytest.mark.parametrize("rows", FORMS.values(), ids=FORMS.keys())
def test_taking_some_examples_keeps_their_weights_losses_and_gradients(arrays, rows):
    listed = list(rows) if isinstance(rows, tuple | range) else rows
    expected = np.atleast_1d(np.arange(5)[listed]).astype(int)
    g, G = gradient_of(PLAIN), loops.per_example(PLAIN)
    some = arrays.gradient(g).take(arrays.array(rows) if isinstance(rows, np.ndarray) else rows)
    np.testing.assert_array_equal(arrays.numpy(some.w), g.w[expected])
    np.testing.assert_array_equal(arrays.numpy(some.losses), g.losses[expected])
    assert_same(arrays.numpy(some.norms()), dense.norms(G)[expected])
    assert_same(arrays.numpy(some.flat()), G[expected].T @ g.w[expected])


def test_the_loss_of_tensors_is_the_weighted_sum(arrays):
    g = gradient_of(PLAIN)
    on = arrays.gradient(g)
    assert_same(on.loss, float(g.w @ g.losses))
    assert on.penalty == pytest.approx(g.penalty, rel=1e-14)
    assert isinstance(on.objective, float)
    assert_same(arrays.numpy(on.hidden(0)), g.hidden(0))


def test_dense_answers_refuse_planted_errors_in_the_factored_ones(arrays):
    g, G = arrays.gradient(gradient_of(PLAIN)), loops.per_example(PLAIN)
    w = gradient_of(PLAIN).w
    answers = {
        "norms": (arrays.numpy(g.norms()), dense.norms(G)),
        "gram": (arrays.numpy(g.gram()), dense.gram(G, G)),
        "second moment": (arrays.numpy(g.second_moment()), dense.second_moment(G, w)),
        "clipped": (arrays.numpy(g.clipped(0.5).flat()), dense.clipped(G, w, 0.5).flat),
        "contributions": (arrays.numpy(g.contributions()), dense.contributions(G, w)),
        "noise": (np.array(g.reweighted(arrays.array(np.ones(5))).noise_scale()[1:]), np.array(dense.noise(G)[1:])),
    }
    for mine, theirs in answers.values():
        assert_same(mine, theirs)
        swapped = mine.copy()
        swapped[[0, -1]] = swapped[[-1, 0]]
        for planted in (mine * (1 + 1e-9), swapped, mine**2, -mine):
            with pytest.raises(AssertionError, match="of the norm"):
                assert_same(planted, theirs)


def test_what_does_not_fit_a_gradient_is_refused_by_name(arrays):
    g = arrays.gradient(gradient_of(PLAIN))
    with pytest.raises(ShapeError, match="direction"):
        g.dot(arrays.array(np.ones(3)))
    with pytest.raises(ShapeError, match=r"must be \(5,\)"):
        g.reweighted(arrays.array(np.ones(4)))
    with pytest.raises(DataError, match="equal weights"):
        g.noise_scale()
    with pytest.raises(DataError, match="two examples"):
        g.take(0).noise_scale()
    with pytest.raises(OptionError, match="max_norm"):
        g.clipped(0.0)
    with pytest.raises(OptionError, match="last hidden layer"):
        g.hidden(3)
    small = culpa.Network.fresh([3, 3], dtype="float64")
    with pytest.raises(ShapeError, match="same sizes"):
        g.gram(arrays.gradient(culpa.gradient(small, PLAIN.X, PLAIN.y)))
