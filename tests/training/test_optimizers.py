# SPDX-License-Identifier: MIT
"""The optimisers, fifty steps in float64 beside PyTorch's own: by themselves on given gradients, and inside `fit`.

A wrong rule (a forgotten correction, an ε in the wrong place, a velocity that contains η) must be refused.
"""

import numpy as np
import pytest

import culpa
from culpa.training.optimizers import OPTIMIZERS, optimizer_named
from tests.oracles.comparing import assert_same

torch = pytest.importorskip("torch", reason="the oracle is torch.optim")

STEPS = 50
RULES = [("sgd", 0.05, 0.0), ("sgd", 0.05, 0.9), ("sgd", 3e-4, 0.99), ("adam", 1e-3, 0.0), ("adam", 0.1, 0.0)]


@pytest.fixture(autouse=True)
def one_thread():
    """PyTorch on one thread: its arrays are tiny here, and several threads only wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def gradients():
    """Fifty gradients of sizes from 1e-12 to 1e6: some exactly zero, one entry never anything else."""
    random = np.random.default_rng(3)
    made = random.normal(size=(STEPS, 40)) * 10.0 ** random.uniform(-12, 6, 40)
    made[random.random(made.shape) < 0.1] = 0
    made[:, 0] = 0
    return made


def oracle(name, parameters, learning_rate, momentum):
    """PyTorch's rule over a list of tensors."""
    if name == "sgd":
        return torch.optim.SGD(parameters, lr=learning_rate, momentum=momentum)
    return torch.optim.Adam(parameters, lr=learning_rate)


def ours(start, learning_rate, momentum):
    """Where a rule has moved θ from 0 after each step."""
    theta = np.zeros(40)
    step = start(theta, learning_rate, momentum)
    for gradient in gradients():
        step(theta, gradient)
        yield theta.copy()


def theirs(name, learning_rate, momentum):
    """Where PyTorch's has."""
    theta = torch.zeros(40, dtype=torch.float64, requires_grad=True)
    rule = oracle(name, [theta], learning_rate, momentum)
    for gradient in gradients():
        theta.grad = torch.from_numpy(gradient)
        rule.step()
        yield theta.detach().numpy().copy()


def assert_same_way(mine, its):
    """Each entry within 1e-12 of the farthest that it ever went: the entries' sizes lie 18 orders apart."""
    mine, its = np.array(list(mine)), np.array(list(its))
    assert mine.shape == its.shape == (STEPS, 40)
    assert (np.abs(mine - its) <= 1e-12 * np.abs(its).max(axis=0)).all()


@pytest.mark.parametrize(("name", "learning_rate", "momentum"), RULES)
def test_every_step_is_the_one_that_pytorch_takes(name, learning_rate, momentum):
    rule = OPTIMIZERS[name].start
    assert_same_way(ours(rule, learning_rate, momentum), theirs(name, learning_rate, momentum))


def adam_with(first=0.9, second=0.999, inside=0.0, outside=1e-8, corrected=True):
    """Adam with one thing changed."""

    def start(theta, learning_rate, _):
        state = np.zeros((2, len(theta)))
        count = [0]

        def step(theta, gradient):
            count[0] += 1
            state[0] = first * state[0] + (1 - first) * gradient
            state[1] = second * state[1] + (1 - second) * gradient**2
            ones = (1 - first ** count[0], 1 - second ** count[0]) if corrected else (1, 1)
            theta -= learning_rate * (state[0] / ones[0]) / (np.sqrt(state[1] / ones[1] + inside) + outside)

        return step

    return start


def nesterov(theta, learning_rate, momentum):
    """Nesterov's look-ahead in place of the heavy ball."""
    velocity = np.zeros_like(theta)

    def step(theta, gradient):
        velocity[:] = momentum * velocity + gradient
        theta -= learning_rate * (gradient + momentum * velocity)

    return step


WRONG = {
    "Adam without correction": ("adam", adam_with(corrected=False)),
    "Adam with ε inside the root": ("adam", adam_with(inside=1e-8, outside=0.0)),
    "Adam with another ε": ("adam", adam_with(outside=1.01e-8)),
    "Adam with another β₂": ("adam", adam_with(second=0.9990001)),
    "Nesterov's momentum": ("sgd", nesterov),
    "the other rule": ("sgd", OPTIMIZERS["adam"].start),
}


@pytest.mark.parametrize(("name", "start"), WRONG.values(), ids=WRONG)
def test_a_wrong_rule_is_refused(name, start):
    with pytest.raises(AssertionError):
        assert_same_way(ours(start, 0.01, 0.9), theirs(name, 0.01, 0.9))


def test_the_same_rule_written_a_second_time_is_accepted():
    """So that what the wrong ones are refused for is what is wrong with them."""
    assert_same_way(ours(adam_with(), 0.01, 0.9), theirs("adam", 0.01, 0.9))


def test_two_trainings_do_not_share_a_state():
    for rule in OPTIMIZERS.values():
        alone = list(ours(rule.start, 0.01, 0.9))
        for one, other, expected in zip(ours(rule.start, 0.01, 0.9), ours(rule.start, 0.01, 0.9), alone, strict=True):
            np.testing.assert_array_equal(one, expected)
            np.testing.assert_array_equal(other, expected)


def trained_by_pytorch(network, X, y, s, name, learning_rate, momentum):
    """The same network, objective and rule in PyTorch: softmax over two tanh layers, weighted mean and penalty."""
    parameters = [torch.tensor(part, requires_grad=True) for layer in network.layers for part in (layer.W, layer.b)]
    rule = oracle(name, parameters, learning_rate, momentum)
    inputs, targets, weights = torch.from_numpy(X), torch.from_numpy(y), torch.from_numpy(s / s.sum())
    for _ in range(STEPS):
        h = inputs
        for W, b in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
            h = torch.tanh(h @ W.T + b)
        losses = torch.nn.functional.cross_entropy(h @ parameters[-2].T + parameters[-1], targets, reduction="none")
        objective = weights @ losses + network.l2 / 2 * sum((W**2).sum() for W in parameters[::2])
        rule.zero_grad()
        objective.backward()
        rule.step()
    return np.concatenate([part.detach().numpy().ravel() for part in parameters])


@pytest.mark.parametrize(("name", "learning_rate", "momentum"), [RULES[0], RULES[1], RULES[3]])
def test_fifty_full_batches_of_fit_end_where_pytorch_ends(name, learning_rate, momentum):
    random = np.random.default_rng(0)
    X, y, s = random.normal(size=(30, 3)), random.integers(0, 3, 30), random.gamma(1.0, size=30)
    network = culpa.Network.fresh([3, 5, 4, 3], hidden="tanh", l2=0.05, seed=1, dtype="float64")
    options = {"optimizer": name, "learning_rate": learning_rate, "momentum": momentum}
    fitted = culpa.fit(network, X, y, epochs=STEPS, batch_size=30, weights=s, **options)
    moved = trained_by_pytorch(network, X, y, s, name, learning_rate, momentum) - culpa.flatten(network)
    assert np.linalg.norm(moved) > 0.04
    assert_same(culpa.flatten(fitted) - culpa.flatten(network), moved)


@pytest.mark.parametrize(("name", "rate"), [("adam", 1e-3), ("sgd", 1e-2)])
def test_without_a_learning_rate_the_rows_own_is_taken_and_recorded(name, rate):
    X, y = np.random.default_rng(0).normal(size=(20, 2)), np.arange(20) % 2
    network = culpa.Network.fresh([2, 3, 2], seed=0)
    mine, named = (culpa.fit(network, X, y, epochs=2, optimizer=name, learning_rate=eta) for eta in (None, rate))
    np.testing.assert_array_equal(culpa.flatten(mine), culpa.flatten(named))
    assert mine.training.recipe.learning_rate == optimizer_named(name).learning_rate == rate
