# SPDX-License-Identifier: MIT
"""The optimisers, fifty steps beside PyTorch's own: by themselves on given gradients, and inside `fit`.

In float64 and float32, on fewer parameters than one block holds and on more than two. A wrong rule (a forgotten
correction, an ε in the wrong place, a velocity that contains η, a decay that goes through the moments) must be refused.
"""

from typing import NamedTuple

import numpy as np
import pytest

import culpa
from culpa.training.optimizers import BLOCK, OPTIMIZERS, optimizer_named
from tests.oracles.comparing import assert_same

torch = pytest.importorskip("torch", reason="the oracle is torch.optim")

STEPS = 50
FEW, MANY = 40, 2 * BLOCK + 40


class Setting(NamedTuple):
    """A row of the table with the numbers that it is given."""

    name: str
    learning_rate: float
    momentum: float = 0.0
    decay: float = 0.0


RULES = [
    Setting("sgd", 0.05),
    Setting("sgd", 0.05, momentum=0.9),
    Setting("sgd", 3e-4, momentum=0.99),
    Setting("nesterov", 0.05, momentum=0.9),
    Setting("nesterov", 3e-4, momentum=0.99),
    Setting("adam", 1e-3),
    Setting("adam", 0.1),
    Setting("adamw", 1e-3, decay=0.01),
    Setting("adamw", 0.1, decay=0.5),
    Setting("adamw", 0.1),
]


@pytest.fixture(autouse=True)
def one_thread():
    """PyTorch on one thread: its arrays are tiny here, and several threads only wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def gradients(p, dtype):
    """Fifty gradients of sizes from 1e-12 to 1e6: some exactly zero, one entry never anything else."""
    random = np.random.default_rng(3)
    sizes = 10.0 ** random.uniform(-12, 6, p)
    for _ in range(STEPS):
        made = random.normal(size=p) * sizes
        made[random.random(p) < 0.1] = 0
        made[0] = 0
        yield made.astype(dtype)


def start_of(setting, p, dtype):
    """Where θ starts: at 0, so that the smallest moves show; but a decay needs something to shrink."""
    return np.random.default_rng(4).normal(size=p).astype(dtype) if setting.decay else np.zeros(p, dtype)


def oracle(setting, weights, biases):
    """PyTorch's rule over tensors of which some decay and some do not."""
    name, rate, momentum, decay = setting
    if name in ("sgd", "nesterov"):
        return torch.optim.SGD([*weights, *biases], lr=rate, momentum=momentum, nesterov=name == "nesterov")
    if name == "adamw":
        groups = [{"params": weights, "weight_decay": decay}, {"params": biases, "weight_decay": 0.0}]
        return torch.optim.AdamW(groups, lr=rate)
    return torch.optim.Adam([*weights, *biases], lr=rate)


def ours(start, setting, p=FEW, dtype="float64"):
    """Where a rule has moved θ after each step; the second half of it does not decay."""
    theta, gradient = start_of(setting, p, dtype), np.zeros(p, dtype)
    decay = np.where(np.arange(p) < p // 2, setting.decay, 0).astype(dtype)
    step = start(theta, gradient, setting.momentum, decay)
    for given in gradients(p, dtype):
        gradient[:] = given
        step(setting.learning_rate)
        yield theta.copy()


def theirs(setting, p=FEW, dtype="float64"):
    """Where PyTorch's has."""
    halves = [torch.tensor(half, requires_grad=True) for half in np.split(start_of(setting, p, dtype), [p // 2])]
    rule = oracle(setting, halves[:1], halves[1:])
    for given in gradients(p, dtype):
        for half, part in zip(halves, np.split(given, [p // 2]), strict=True):
            half.grad = torch.from_numpy(part)
        rule.step()
        yield np.concatenate([half.detach().numpy() for half in halves])


def assert_same_way(mine, its, within=1e-12):
    """Each entry within 1e-12 of the farthest that it ever went: the entries' sizes lie 18 orders apart."""
    count, farthest, worst = 0, 0.0, 0.0
    for one, other in zip(mine, its, strict=True):
        assert one.shape == other.shape
        assert np.isfinite(one).all()
        count += 1
        farthest, worst = np.maximum(farthest, np.abs(other)), np.maximum(worst, np.abs(one - other))
    assert count == STEPS
    assert (worst <= within * farthest).all()


@pytest.mark.parametrize("p", [FEW, BLOCK, MANY])
@pytest.mark.parametrize("setting", RULES, ids=str)
def test_every_step_is_the_one_that_pytorch_takes(setting, p):
    assert_same_way(ours(OPTIMIZERS[setting.name].start, setting, p), theirs(setting, p))


@pytest.mark.parametrize("setting", RULES, ids=str)
def test_every_step_is_the_one_that_pytorch_takes_in_float32(setting):
    """Held to 1e-5, because fifty steps round fifty times at 6e-8 on either side, and a momentum adds them up."""
    mine = list(ours(OPTIMIZERS[setting.name].start, setting, MANY, "float32"))
    assert mine[0].dtype == np.float32
    assert_same_way(mine, theirs(setting, MANY, "float32"), within=1e-5)


def test_a_last_block_that_is_forgotten_is_refused():
    setting = RULES[1]

    def forgetful(theta, gradient, momentum, decay):
        whole = BLOCK * (len(theta) // BLOCK)
        return OPTIMIZERS["sgd"].start(theta[:whole], gradient[:whole], momentum, decay[:whole])

    with pytest.raises(AssertionError):
        assert_same_way(ours(forgetful, setting, MANY), theirs(setting, MANY))


def adam_with(first=0.9, second=0.999, inside=0.0, outside=1e-8, corrected=True, decoupled=True):
    """Adam with decay, and with one thing changed."""

    def start(theta, gradient, _, decay):
        state = np.zeros((2, len(theta)))
        count = [0]

        def step(learning_rate):
            count[0] += 1
            if decoupled:
                theta[:] = theta - learning_rate * decay * theta
            along = gradient if decoupled else gradient + decay * theta
            state[0] = first * state[0] + (1 - first) * along
            state[1] = second * state[1] + (1 - second) * along**2
            ones = (1 - first ** count[0], 1 - second ** count[0]) if corrected else (1, 1)
            theta[:] -= learning_rate * (state[0] / ones[0]) / (np.sqrt(state[1] / ones[1] + inside) + outside)

        return step

    return start


def velocity_with_rate(theta, gradient, momentum, _):
    """A heavy ball whose velocity contains η; the same as ours only where η never changes."""
    velocity = np.zeros_like(theta)

    def step(learning_rate):
        velocity[:] = momentum * velocity + learning_rate * gradient
        theta[:] -= velocity

    return step


ADAM, ADAMW = Setting("adam", 0.01), Setting("adamw", 0.01, decay=0.1)
WRONG = {
    "Adam without correction": (ADAM, adam_with(corrected=False)),
    "Adam with ε inside the root": (ADAM, adam_with(inside=1e-8, outside=0.0)),
    "Adam with another ε": (ADAM, adam_with(outside=1.01e-8)),
    "Adam with another β₂": (ADAM, adam_with(second=0.9990001)),
    "AdamW with the decay in its gradient": (ADAMW, adam_with(decoupled=False)),
    "AdamW without decay": (ADAMW, OPTIMIZERS["adam"].start),
    "AdamW with biases that decay": (
        ADAMW,
        lambda x, g, m, d: OPTIMIZERS["adamw"].start(x, g, m, np.full_like(d, 0.1)),
    ),
    "Nesterov's momentum for the heavy ball": (Setting("sgd", 0.01, 0.9), OPTIMIZERS["nesterov"].start),
    "the heavy ball for Nesterov's momentum": (Setting("nesterov", 0.01, 0.9), OPTIMIZERS["sgd"].start),
    "the other rule": (Setting("sgd", 0.01, 0.9), OPTIMIZERS["adam"].start),
}


@pytest.mark.parametrize(("setting", "start"), WRONG.values(), ids=WRONG)
def test_a_wrong_rule_is_refused(setting, start):
    with pytest.raises(AssertionError):
        assert_same_way(ours(start, setting), theirs(setting))


@pytest.mark.parametrize("setting", [ADAM, ADAMW], ids=str)
def test_the_same_rule_written_a_second_time_is_accepted(setting):
    """So that what the wrong ones are refused for is what is wrong with them."""
    assert_same_way(ours(adam_with(), setting), theirs(setting))


@pytest.mark.parametrize("name", ["sgd", "nesterov", "adam", "adamw"])
def test_a_rate_that_changes_from_step_to_step_is_taken_as_pytorch_takes_it(name):
    setting = Setting(name, 0.1, 0.9 if name in ("sgd", "nesterov") else 0.0, 0.1 if name == "adamw" else 0.0)
    rates = np.random.default_rng(5).uniform(0, 0.1, STEPS)
    theta, gradient, decay = start_of(setting, FEW, "float64"), np.zeros(FEW), np.full(FEW, setting.decay)
    step = OPTIMIZERS[name].start(theta, gradient, setting.momentum, decay)
    second = start_of(setting, FEW, "float64"), np.zeros(FEW)
    ball = velocity_with_rate(*second, setting.momentum, decay)
    tensor = torch.tensor(start_of(setting, FEW, "float64"), requires_grad=True)
    rule = oracle(setting, [tensor], [])
    for given, rate in zip(gradients(FEW, "float64"), rates, strict=True):
        gradient[:] = second[1][:] = given
        tensor.grad, rule.param_groups[0]["lr"] = torch.from_numpy(given), float(rate)
        step(rate)
        ball(rate)
        rule.step()
    np.testing.assert_allclose(theta, tensor.detach().numpy(), rtol=1e-12, atol=0)
    assert not np.allclose(second[0], theta, rtol=1e-3), "a velocity that contains η must show here"


@pytest.mark.parametrize("name", [name for name, rule in OPTIMIZERS.items() if not rule.at_once])
def test_two_trainings_do_not_share_a_state(name):
    rule, setting = OPTIMIZERS[name], Setting(name, 0.01, 0.9)
    alone = list(ours(rule.start, setting))
    for one, other, expected in zip(ours(rule.start, setting), ours(rule.start, setting), alone, strict=True):
        np.testing.assert_array_equal(one, expected)
        np.testing.assert_array_equal(other, expected)


def test_lbfgs_takes_no_steps_by_batches():
    rule = OPTIMIZERS["lbfgs"]
    assert rule.at_once
    with pytest.raises(TypeError, match="all rows at once"):
        rule.start(np.zeros(3), np.zeros(3), 0.0, np.zeros(3))


def trained_by_pytorch(network, X, y, s, setting):
    """The same network, objective and rule in PyTorch: softmax over two tanh layers, weighted mean and penalty."""
    parameters = [torch.tensor(part, requires_grad=True) for layer in network.layers for part in (layer.W, layer.b)]
    rule = oracle(setting, parameters[::2], parameters[1::2])
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


def fitted(network, X, y, s, setting):
    """And by `fit`."""
    name, rate, momentum, decay = setting
    own = {"momentum": momentum} if OPTIMIZERS[name].has_momentum else {}
    own |= {"weight_decay": decay} if OPTIMIZERS[name].has_decay else {}
    options = {"optimizer": name, "learning_rate": rate, **own}
    return culpa.flatten(culpa.fit(network, X, y, epochs=STEPS, batch_size=30, weights=s, **options))


RANDOM = np.random.default_rng(0)
X, Y, S = RANDOM.normal(size=(30, 3)), RANDOM.integers(0, 3, 30), RANDOM.gamma(1.0, size=30)
NETWORK = culpa.Network.fresh([3, 5, 4, 3], hidden="tanh", l2=0.05, seed=1, dtype="float64")


def moved(parameters):
    """How far a training went."""
    return parameters - culpa.flatten(NETWORK)


@pytest.mark.parametrize("setting", [RULES[k] for k in (0, 1, 3, 5, 7, 8)], ids=str)
def test_fifty_full_batches_of_fit_end_where_pytorch_ends(setting):
    its = moved(trained_by_pytorch(NETWORK, X, Y, S, setting))
    assert np.linalg.norm(its) > 0.04
    assert_same(moved(fitted(NETWORK, X, Y, S, setting)), its)


@pytest.mark.parametrize("wrong", [{"momentum": 0.9 + 1e-9}, {"decay": 0.1 + 1e-7}], ids=str)
def test_a_fit_with_another_number_is_refused(wrong):
    setting = Setting("nesterov", 0.05, momentum=0.9) if "momentum" in wrong else Setting("adamw", 0.05, decay=0.1)
    with pytest.raises(AssertionError, match="of the norm"):
        assert_same(
            moved(fitted(NETWORK, X, Y, S, setting._replace(**wrong))),
            moved(trained_by_pytorch(NETWORK, X, Y, S, setting)),
        )


RATES = [("adam", 1e-3), ("adamw", 1e-3), ("sgd", 1e-2), ("nesterov", 1e-2)]


@pytest.mark.parametrize(("name", "rate"), RATES)
def test_without_a_learning_rate_the_rows_own_is_taken_and_recorded(name, rate):
    mine, named = (culpa.fit(NETWORK, X, Y, epochs=2, optimizer=name, learning_rate=eta) for eta in (None, rate))
    np.testing.assert_array_equal(culpa.flatten(mine), culpa.flatten(named))
    assert mine.training.recipe.learning_rate == optimizer_named(name).learning_rate == rate
