# SPDX-License-Identifier: MIT
"""Blame's numbers against brute force: every example's gradient written out in full by loops over single parameters."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import culpa
from culpa import Network
from culpa.blaming import accounting
from culpa.blaming.accounting import first_pass as passed
from culpa.blaming.accounts import sums
from culpa.errors import DataError, OptionError, ShapeError
from tests.cases import PLAIN, TINY_CASES, each
from tests.oracles import dense, loops
from tests.oracles.comparing import assert_same

RANDOM = np.random.default_rng(1)
X = RANDOM.normal(size=(40, 3))
Y = RANDOM.integers(0, 2, 40)
NETWORK = Network.fresh([3, 6, 5, 2], seed=3, l2=0.1, dtype="float64")


def blame_of(case, **options):
    return culpa.blame(case.network, case.X, case.y, **{"weights": case.weights, **options})


def mean_weights(case):
    """What weights in a mean: blame knows no sums."""
    s = np.ones(len(case.X)) if case.weights is None else case.weights
    return s / s.sum()


def example_losses(case):
    """Each example's loss from plain loops."""
    matrices = [layer.W.tolist() for layer in case.network.layers]
    vectors = [None if layer.b is None else layer.b.tolist() for layer in case.network.layers]
    return np.array([loss.real for loss in loops.example_losses(case, matrices, vectors)])


def layer_gradients(case):
    """For each layer, every example's gradient in one row: weights and, where there are any, biases."""
    parts = dense.layers(case.network, loops.per_example(case))
    n = len(case.X)
    return [np.concatenate([p.reshape(n, -1) for p in (W, b) if p is not None], axis=1) for W, b in parts]


@each([*TINY_CASES, PLAIN])
def test_the_examples_losses_norms_and_shares_are_those_of_brute_force(case):
    examples = blame_of(case).examples
    losses, w = example_losses(case), mean_weights(case)
    # NOTE: 1e-15 absolute beside 1e-12, because the loops' log of a number near 1 has only absolute digits.
    np.testing.assert_allclose(examples["loss"], losses, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(examples["norm"], dense.norms(loops.per_example(case)), rtol=1e-11, atol=1e-300)
    np.testing.assert_allclose(examples["share"], w * losses / (w @ losses), rtol=1e-12, atol=1e-15)
    assert examples["row"].tolist() == examples["id"].tolist() == list(range(len(losses)))


@each([*TINY_CASES, PLAIN])
def test_the_layers_norms_shares_and_ratios_are_those_of_brute_force(case):
    blame, w = blame_of(case), mean_weights(case)
    per_layer = layer_gradients(case)
    means = [w @ G for G in per_layer]
    squares = np.array([mean @ mean for mean in means])
    assert_same(blame.layers["norm"], np.sqrt(squares))
    assert_same(blame.norm, np.sqrt(squares.sum()))
    assert_same(blame.layers["share"], squares / squares.sum() if squares.sum() else 0 * squares)
    for G, mean, ratio in zip(per_layer, means, blame.layers["signal_to_noise"], strict=True):
        noise = w @ np.sum((G - mean) ** 2, axis=1)
        if noise > 1e-6 * (mean @ mean):  # otherwise it is a difference of nearly equal numbers
            assert ratio == pytest.approx(mean @ mean / noise, rel=1e-8)


@each([*TINY_CASES, PLAIN])
def test_the_loss_the_penalty_and_the_widths_are_what_they_are_called(case):
    blame = blame_of(case)
    assert blame.loss == pytest.approx(mean_weights(case) @ example_losses(case), rel=1e-12, abs=1e-15)
    penalty = case.network.l2 / 2 * sum(np.sum(layer.W**2) for layer in case.network.layers)
    assert blame.penalty == pytest.approx(penalty, rel=1e-12)
    assert blame.layers["layer"].tolist() == list(range(1, len(case.network.layers) + 1))
    assert (*blame.layers["inputs"][:1], *blame.layers["units"]) == case.network.sizes


def test_brute_force_refuses_planted_errors():
    """Negative control: the norm of the mean is no mean of the norms, and the share of no weights is another."""
    blame, w = blame_of(PLAIN), mean_weights(PLAIN)
    losses = example_losses(PLAIN)
    wrong = [np.sqrt(w @ np.sum(G**2, axis=1)) for G in layer_gradients(PLAIN)]
    for mine, oracle in ((blame.layers["norm"], wrong), (blame.examples["share"], losses / losses.sum())):
        with pytest.raises(AssertionError):
            assert_same(mine, np.array(oracle))


@pytest.mark.parametrize(("dtype", "within"), [("float64", 1e-12), ("float32", 1e-6)])
def test_shares_add_up_to_one(dtype, within):
    blame = culpa.blame(NETWORK.astype(dtype), X, Y, weights=RANDOM.gamma(1.0, size=40))
    assert blame.examples["share"].sum() == pytest.approx(1, abs=within)
    assert blame.layers["share"].sum() == pytest.approx(1, abs=within)


def assert_same_blame(found, expected, within=1e-12):
    """Every number of every table, to the rounding of the largest in its column; words and counts exactly."""
    for name in ("layers", "units", "weights", "columns", "examples"):
        mine, other = getattr(found, name), getattr(expected, name)
        for column, values in other.columns.items():
            if values.dtype.kind != "f":
                np.testing.assert_array_equal(mine[column], values, f"{name}.{column}")
                continue
            scale = np.nanmax(np.abs(values), initial=0.0) if not np.isnan(values).all() else 0.0
            np.testing.assert_allclose(
                mine[column], values, 1e3 * within, 1e2 * within * scale, err_msg=f"{name}.{column}"
            )
    for name in ("loss", "penalty", "norm", "first_order", "decay"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name), rel=10 * within)


@pytest.mark.parametrize("batch_size", [1, 2, 7, 39, 40, 1000])
def test_the_size_of_the_chunks_changes_nothing_beyond_rounding(batch_size):
    assert_same_blame(culpa.blame(NETWORK, X, Y, batch_size=batch_size), culpa.blame(NETWORK, X, Y))


def test_wide_layers_make_chunks_of_fewer_rows_and_no_other_numbers(monkeypatch):
    expected = culpa.blame(NETWORK, X, Y)
    sizes = []
    monkeypatch.setattr(sums, "CELLS", 6 * 7)
    monkeypatch.setattr(
        accounting, "first_pass", lambda chunk, *rest: sizes.append(len(chunk[2].w)) or passed(chunk, *rest)
    )
    assert_same_blame(culpa.blame(NETWORK, X, Y), expected)
    assert sizes == [7, 7, 7, 7, 7, 5]
    assert [sums.rows_at_once((3, 100), size) for size in (8192, 2)] == [1, 1]


def test_the_order_of_the_rows_changes_nothing_but_the_order_of_the_answers():
    order = np.random.default_rng(0).permutation(40)
    weights = RANDOM.gamma(1.0, size=40)
    expected = culpa.blame(NETWORK, X, Y, weights=weights)
    found = culpa.blame(NETWORK, X[order], Y[order], weights=weights[order], rows=order)
    back = found.examples.take(np.argsort(order))
    assert_same_blame(replace(found, examples=back), expected)


def test_a_row_that_weighs_nothing_has_no_share_and_counts_for_no_layer():
    weights = np.ones(40)
    weights[[3, 4]] = 0
    blame = culpa.blame(NETWORK, X, Y, weights=weights)
    kept = np.setdiff1d(np.arange(40), [3, 4])
    alone = culpa.blame(NETWORK, X[kept], Y[kept])
    assert blame.examples["share"][[3, 4]].tolist() == [0, 0]
    np.testing.assert_allclose(blame.examples["share"][kept], alone.examples["share"], rtol=1e-12)
    np.testing.assert_allclose(blame.layers["norm"], alone.layers["norm"], rtol=1e-12)


@given(times=st.lists(st.integers(0, 3), min_size=40, max_size=40).filter(any))
@settings(max_examples=15, deadline=None)
def test_a_row_that_is_there_several_times_is_one_of_several_times_the_weight(times):
    """For every account but t, which counts rows as witnesses."""
    rows = np.repeat(np.arange(40), times)
    found, expected = culpa.blame(NETWORK, X[rows], Y[rows]), culpa.blame(NETWORK, X, Y, weights=times)
    for frame in ("layers", "units"):
        for name, values in getattr(expected, frame).columns.items():
            np.testing.assert_allclose(getattr(found, frame)[name], values, rtol=1e-9, atol=1e-13, err_msg=name)
    np.testing.assert_allclose(np.sort(found.columns["gradient"]), np.sort(expected.columns["gradient"]), rtol=1e-9)
    for name in ("share", "gradient_share", "first_order"):
        together = np.bincount(rows, found.examples[name], minlength=40)
        np.testing.assert_allclose(together, expected.examples[name], rtol=1e-9, atol=1e-13, err_msg=name)
    for name in ("loss", "norm", "first_order"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name), rel=1e-10)


def test_one_example_has_no_noise():
    blame = culpa.blame(NETWORK, X[:1], Y[:1])
    assert all(np.isinf(ratio) or ratio > 1e12 for ratio in blame.layers["signal_to_noise"])
    assert blame.examples["share"].tolist() == [1]


def test_where_there_is_no_loss_nobody_has_a_share():
    network = Network.from_arrays([np.eye(2)], loss="squared_error")
    blame = culpa.blame(network, np.eye(2), np.eye(2))
    assert (blame.loss, blame.norm) == (0, 0)
    assert blame.examples["share"].tolist() == [0, 0]
    assert blame.layers["share"].tolist() == [0]
    assert np.isnan(blame.layers["signal_to_noise"]).all()


def test_the_heaviest_are_the_largest_shares_in_order_and_ties_stay_in_the_datas_order():
    blame = culpa.blame(NETWORK, X, Y)
    assert blame.heaviest(5)["row"].tolist() == np.argsort(-blame.examples["share"])[:5].tolist()
    assert len(blame.heaviest(1000)) == 40
    same = culpa.blame(NETWORK, X[[0] * 4], Y[[0] * 4])
    assert same.heaviest(3)["row"].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ({"ids": ["a"]}, ShapeError, "`ids` must hold one entry for each of the 40 rows; got 1."),
        ({"rows": range(41)}, ShapeError, "`rows` must hold one entry for each of the 40 rows; got 41."),
        ({"batch_size": 0}, OptionError, "`batch_size` must be a whole number, 1 or more; got 0."),
        ({"weights": np.zeros(40)}, DataError, "`weights` must not all be zero."),
    ],
    ids=["ids", "rows", "chunks", "weights"],
)
def test_what_cannot_be_used_is_refused(options, kind, words):
    with pytest.raises(kind) as caught:
        culpa.blame(NETWORK, X, Y, **options)
    assert caught.value.message == words
