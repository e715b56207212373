# SPDX-License-Identifier: MIT
"""Properties that hold for any network and any batch, sought out by Hypothesis, and chunks that change nothing.

No oracle here: what is compared are two ways of asking culpa. Each property is shown a planted error as well.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import culpa
from culpa import ACTIVATIONS, LOSSES
from tests.cases import CASES, LARGE, PLAIN, SMALL, Case, draw, each, gradient_of
from tests.oracles.comparing import assert_same


@st.composite
def drawn_cases(draw_from: Any, group: Any = SMALL) -> Case:
    """Cases beyond the registry's own numbers."""
    number = draw_from(st.integers(1000, 10**6))
    activation, loss = draw_from(st.sampled_from(list(ACTIVATIONS))), draw_from(st.sampled_from(list(LOSSES)))
    return draw(number, group, activation, loss)


def scale_of(g: culpa.Gradient) -> float:
    """The size of all examples' contributions: what a sum over examples that cancels is measured by."""
    return float(np.sum(g.contributions())) + float(np.sum(np.abs(g.w * g.losses)))


@given(drawn_cases(), st.randoms(use_true_random=False))
def test_permuting_the_examples_permutes_what_belongs_to_them_and_no_sum(case, random):
    order = list(range(len(case.X)))
    random.shuffle(order)
    weights = None if case.weights is None else case.weights[order]
    g, other = gradient_of(case), gradient_of(case, X=case.X[order], y=case.y[order], weights=weights)
    assert_same(other.flat(), g.flat(), scale=scale_of(g))
    assert_same(other.losses, g.losses[order])
    assert_same(other.norms(), g.norms()[order])
    assert_same(other.gram(), g.gram()[np.ix_(order, order)])
    assert_same(other.hidden(0), g.hidden(0)[order])


@given(drawn_cases())
def test_the_examples_own_gradients_weighted_and_summed_are_the_batchs(case):
    g = gradient_of(case)
    for layer in g.layers:
        total = sum(w * own for w, own in zip(g.w, layer.per_example(), strict=True))
        assert_same(layer.weight, total, scale=scale_of(g))
        assert layer.bias is None or np.linalg.norm(
            layer.bias - (g.w[:, None] * layer.delta).sum(0)
        ) <= 1e-12 * scale_of(g)


@given(drawn_cases())
def test_factor_norms_and_gram_are_those_of_the_multiplied_out_gradients(case):
    g = gradient_of(case)
    n = len(g.w)
    parts = [part for layer in g.layers for part in (layer.per_example().reshape(n, -1), layer.delta * layer.has_bias)]
    G = np.hstack(parts)
    assert_same(g.norms(), np.linalg.norm(G, axis=1))
    assert_same(g.gram(), G @ G.T)
    assert_same(np.sqrt(np.diag(g.gram())), g.norms())


@given(drawn_cases(), st.floats(1e-6, 1e6))
def test_scaling_all_weights_scales_the_sum_and_leaves_the_mean(case, factor):
    s = np.ones(len(case.X)) if case.weights is None else case.weights
    summed, mean = (gradient_of(case, weights=s, reduction=kind) for kind in ("sum", "mean"))
    more, same = (gradient_of(case, weights=factor * s, reduction=kind) for kind in ("sum", "mean"))
    assert_same(more.flat(), factor * summed.flat(), scale=factor * scale_of(summed))
    assert_same(more.loss, factor * summed.loss)
    assert_same(same.flat(), mean.flat(), scale=scale_of(mean))
    assert_same(mean.flat() * s.sum(), summed.flat(), scale=scale_of(summed))


@given(drawn_cases(), st.integers(1, 11))
def test_splitting_a_batch_splits_its_sums(case, at):
    assume(at < len(case.X))
    s = np.ones(len(case.X)) if case.weights is None else case.weights + 1e-3
    whole = gradient_of(case, weights=s, reduction="sum")
    halves = [
        gradient_of(case, X=case.X[part], y=case.y[part], weights=s[part], reduction="sum")
        for part in (slice(0, at), slice(at, None))
    ]
    assert_same(sum(half.flat() for half in halves), whole.flat(), scale=scale_of(whole))
    assert_same(sum(half.loss for half in halves), whole.loss)
    assert_same(np.concatenate([half.norms() for half in halves]), whole.norms())
    assert_same(halves[0].gram(halves[1]), whole.gram()[:at, at:], scale=float(np.linalg.norm(whole.gram())))


@given(drawn_cases(), st.integers(1, 12))
def test_an_example_given_twice_counts_as_one_of_twice_the_weight(case, times):
    row = times % len(case.X)
    s = np.ones(len(case.X))
    s[row] = 2
    rows = [*range(len(case.X)), row]
    doubled = gradient_of(case, X=case.X[rows], y=case.y[rows], weights=None, reduction="mean")
    heavier = gradient_of(case, weights=s, reduction="mean")
    assert_same(doubled.flat(), heavier.flat(), scale=scale_of(heavier))
    assert_same(doubled.loss, heavier.loss)


@given(drawn_cases(), st.floats(1e-3, 10))
def test_clipping_bounds_every_contribution_and_a_large_bound_does_nothing(case, bound):
    g = gradient_of(case)
    clipped, loose = g.clipped(bound), g.clipped(2 * float(g.norms().max()) + 1)
    assert (clipped.contributions() <= g.w * bound * (1 + 1e-12)).all()
    assert clipped.share_clipped == np.mean(g.norms() > bound)
    np.testing.assert_array_equal(loose.flat(), g.flat())
    assert loose.share_clipped == 0


@given(drawn_cases(LARGE), st.integers(1, 45))
def test_chunks_of_any_size_add_up_to_the_whole(case, batch_size):
    assert_chunks_add_up(case, batch_size)


@each(CASES[::4])
@pytest.mark.parametrize("batch_size", [1, 3, 10**6])
def test_the_chunks_of_the_registrys_cases_add_up_to_the_whole(case, batch_size):
    assert_chunks_add_up(case, batch_size)


def assert_chunks_add_up(case: Case, batch_size: int) -> None:
    """Flats and losses add up, norms and signals concatenate, and the weights are the whole's."""
    whole = gradient_of(case)
    parts = list(
        culpa.gradients(
            case.network, case.X, case.y, batch_size=batch_size, weights=case.weights, reduction=case.reduction
        )
    )
    assert len(parts) == -(-len(case.X) // batch_size)
    np.testing.assert_array_equal(np.concatenate([part.w for part in parts]), whole.w)
    assert_same(sum(part.flat() for part in parts), whole.flat(), scale=scale_of(whole))
    assert_same(sum(part.loss for part in parts), whole.loss)
    assert_same(sum(part.second_moment() for part in parts), whole.second_moment())
    assert_same(np.concatenate([part.norms() for part in parts]), whole.norms())
    assert_same(np.concatenate([part.losses for part in parts]), whole.losses)
    assert_same(np.concatenate([part.hidden(0) for part in parts]), whole.hidden(0))
    assert {part.penalty for part in parts} == {whole.penalty}


def test_the_properties_refuse_a_mean_that_is_taken_chunk_by_chunk():
    chunks = [replace(PLAIN, X=PLAIN.X[part], y=PLAIN.y[part], weights=None) for part in (slice(0, 2), slice(2, 5))]
    whole, wrong = gradient_of(PLAIN, weights=None), sum(gradient_of(chunk).flat() for chunk in chunks)
    for planted in (wrong, wrong / 2, whole.flat() * (1 + 1e-9)):
        with pytest.raises(AssertionError, match="of the norm"):
            assert_same(planted, whole.flat(), scale=scale_of(whole))


def test_the_properties_refuse_examples_in_another_order():
    g, order = gradient_of(PLAIN), [1, 0, 2, 3, 4]
    unpermuted_weights = gradient_of(PLAIN, X=PLAIN.X[order], y=PLAIN.y[order])
    with pytest.raises(AssertionError, match="of the norm"):
        assert_same(unpermuted_weights.flat(), g.flat(), scale=scale_of(g))
    with pytest.raises(AssertionError, match="of the norm"):
        assert_same(unpermuted_weights.norms(), g.norms())
