# SPDX-License-Identifier: MIT
"""Clipping: of the batch's gradient, beside PyTorch's; of each example's own, beside `Gradient.clipped`."""

import numpy as np
import pytest

import culpa
from culpa.engine.streams import stream
from tests.oracles.comparing import assert_same
from tests.training.by_hand import trained, training

RANDOM = np.random.default_rng(7)
N = 48
X, Y = RANDOM.normal(size=(N, 3)), RANDOM.integers(0, 3, N)
S = RANDOM.gamma(1.0, size=N) * (RANDOM.random(N) < 0.7)
NETWORK = culpa.Network.fresh([3, 6, 3], hidden="tanh", l2=0.05, seed=1, dtype="float64")
NORMS = culpa.gradient(NETWORK, X, Y).norms()
MIDDLE = float(np.median(NORMS))
"""A bound that about half of the examples keep."""
BETWEEN = 0.45
"""A bound that some batches keep."""


def fit(network=NETWORK, **options):
    given = {"epochs": 3, "batch_size": 10, "optimizer": "sgd", "learning_rate": 0.1, **options}
    return culpa.fit(network, X, Y, **given)


def theta_of(**options):
    return culpa.flatten(fit(**options))


def to_norm(bound):
    """A vector scaled down to a norm of at most the bound."""
    return lambda total: total * min(1.0, bound / np.linalg.norm(total))


def test_the_bounds_here_are_met_by_some_and_exceeded_by_others():
    """So that what follows tests both sides of them."""
    norms = [norm for after in training(NETWORK, X, Y) for norm in after.norms]
    assert min(norms) < BETWEEN < max(norms)
    assert NORMS.min() < MIDDLE < NORMS.max()
    assert (S == 0).any()


@pytest.mark.parametrize("weights", [None, S], ids=["equal weights", "weights with zeros"])
@pytest.mark.parametrize("bound", [1e-3, BETWEEN, 1e3])
def test_a_batchs_gradient_is_scaled_to_the_norm_penalty_included(bound, weights):
    by_hand = trained(NETWORK, X, Y, of_batch=to_norm(bound), weights=weights)
    assert_same(theta_of(clip_norm=bound, weights=weights), by_hand)


WRONG = {
    "another bound": to_norm(BETWEEN * (1 + 1e-9)),
    "every batch scaled": lambda total: total * BETWEEN / np.linalg.norm(total),
    "entry by entry": lambda total: np.clip(total, -BETWEEN, BETWEEN),
    "not at all": lambda total: total,
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_another_clipping_of_batches_is_refused(wrong):
    with pytest.raises(AssertionError, match="of the norm"):
        assert_same(theta_of(clip_norm=BETWEEN), trained(NETWORK, X, Y, of_batch=wrong))


def trained_by_pytorch(bound, make):
    """Three epochs of the same batches in PyTorch, with its own clipping and its own rule."""
    torch = pytest.importorskip("torch", reason="the oracle is torch.nn.utils")
    parameters = [torch.tensor(part, requires_grad=True) for layer in NETWORK.layers for part in (layer.W, layer.b)]
    W_1, b_1, W_2, b_2 = parameters
    rule, random = make(torch.optim, parameters), stream(0, "shuffling")
    for _ in range(3):
        order = random.permutation(N)
        for rows in (order[start : start + 10] for start in range(0, N, 10)):
            logits = torch.tanh(torch.from_numpy(X[rows]) @ W_1.T + b_1) @ W_2.T + b_2
            loss = torch.nn.functional.cross_entropy(logits, torch.from_numpy(Y[rows]))
            rule.zero_grad()
            (loss + NETWORK.l2 / 2 * ((W_1**2).sum() + (W_2**2).sum())).backward()
            # NOTE: PyTorch divides by ‖∇‖ + 1e-6, so it is given a bound that this turns into ours.
            norm = torch.nn.utils.clip_grad_norm_(parameters, float("inf")).item()
            torch.nn.utils.clip_grad_norm_(parameters, bound * (norm + 1e-6) / norm)
            rule.step()
    return np.concatenate([part.detach().numpy().ravel() for part in parameters])


@pytest.mark.parametrize("bound", [1e-3, BETWEEN])
@pytest.mark.parametrize("name", ["sgd", "nesterov", "adam"])
def test_a_training_ends_where_pytorchs_ends_with_its_clip_grad_norm(name, bound):
    rules = {
        "sgd": lambda of, parameters: of.SGD(parameters, lr=0.1, momentum=0.9),
        "nesterov": lambda of, parameters: of.SGD(parameters, lr=0.1, momentum=0.9, nesterov=True),
        "adam": lambda of, parameters: of.Adam(parameters, lr=0.1),
    }
    its = trained_by_pytorch(bound, rules[name])
    assert_same(theta_of(clip_norm=bound, optimizer=name), its)
    with pytest.raises(AssertionError, match="of the norm"):
        assert_same(theta_of(clip_norm=bound * 1.0001, optimizer=name), its)


@pytest.mark.parametrize("weights", [None, S], ids=["equal weights", "weights with zeros"])
@pytest.mark.parametrize("bound", [1e-3, MIDDLE, 1e3])
def test_each_examples_gradient_is_cut_down_as_clipped_does_it(bound, weights):
    """Before the weights, and without the penalty."""
    by_hand = trained(NETWORK, X, Y, of_examples=lambda g: g.clipped(bound), weights=weights)
    assert_same(theta_of(clip_examples=bound, weights=weights), by_hand)


def clipped_as_weighted(g):
    """The bound on w_i ‖g_i‖ in place of ‖g_i‖."""
    n = len(g.w)
    return g.reweighted(g.w * np.minimum(1, MIDDLE / (n * g.w * g.norms() + 1e-300)))


WRONG_EXAMPLES = {
    "another bound": lambda g: g.clipped(MIDDLE * (1 + 1e-9)),
    "weights within the bound": clipped_as_weighted,
    "layer by layer": lambda g: g.reweighted(g.w * np.minimum(1, MIDDLE / g.layers[0].norms())),
    "every example scaled": lambda g: g.reweighted(g.w * MIDDLE / g.norms()),
    "not at all": lambda g: g,
}


@pytest.mark.parametrize("wrong", WRONG_EXAMPLES.values(), ids=WRONG_EXAMPLES)
def test_another_clipping_of_examples_is_refused(wrong):
    with pytest.raises(AssertionError, match="of the norm"):
        assert_same(theta_of(clip_examples=MIDDLE, weights=S), trained(NETWORK, X, Y, of_examples=wrong, weights=S))


def test_both_at_once_cut_the_examples_first():
    mine = theta_of(clip_examples=MIDDLE, clip_norm=0.2)
    by_hand = trained(NETWORK, X, Y, of_examples=lambda g: g.clipped(MIDDLE), of_batch=to_norm(0.2))
    assert_same(mine, by_hand)
    assert not np.allclose(mine, theta_of(clip_norm=0.2), rtol=1e-3)


@pytest.mark.parametrize("option", ["clip_norm", "clip_examples"])
def test_a_bound_that_nothing_reaches_changes_no_bit(option):
    np.testing.assert_array_equal(theta_of(**{option: 1e6}), theta_of())


@pytest.mark.parametrize("option", ["clip_norm", "clip_examples"])
def test_a_gradient_of_zero_stays_zero(option):
    """All units are dead and the last layer has no bias: nothing moves, and nothing is divided by zero."""
    dead = culpa.Network.from_arrays([np.zeros((4, 3)), np.zeros((3, 4))], [np.full(4, -1.0), None], hidden="relu")
    trained_network = fit(dead, **{option: 1.0})
    np.testing.assert_array_equal(culpa.flatten(trained_network), culpa.flatten(dead))
    assert trained_network.training.history[-1].gradient_norm == 0


@pytest.mark.parametrize("option", ["clip_norm", "clip_examples"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_step_is_never_longer_than_the_rate_times_the_bound(option, dtype):
    network = NETWORK.astype(dtype)
    plain = culpa.Network(network.layers, network.loss)
    options = {"epochs": 1, "batch_size": N, "momentum": 0.0, "learning_rate": 1.0}
    for bound in (1e-6, 1e-2, 0.1):
        moved = np.linalg.norm(culpa.flatten(fit(plain, **{option: bound}, **options)) - culpa.flatten(plain))
        assert 0 < moved <= bound * (1 + 1e-5) + 1e-7


@pytest.mark.parametrize("option", ["clip_norm", "clip_examples"])
def test_a_norm_beyond_the_square_root_of_float32_is_cut_down_like_any_other(option):
    """A squared norm that is infinite does not make the gradient zero: its length is the bound."""
    network = culpa.Network.from_arrays([np.zeros((1, 3), np.float32)], loss="squared_error")
    inputs, y = np.full((4, 3), 1e12), np.full(4, 1e10)
    options = {"epochs": 1, "batch_size": 4, "optimizer": "sgd", "momentum": 0.0, "learning_rate": 1.0, option: 1.0}
    exact = culpa.gradient(network, inputs, y).clipped(1.0).flat()
    assert np.linalg.norm(exact) == pytest.approx(1, rel=1e-5)
    assert_same(-culpa.flatten(culpa.fit(network, inputs, y, **options)), exact, within=1e-5)  # NOTE: float32
