# SPDX-License-Identifier: MIT
"""What do many small trainings cost? Run `python bench/many.py`; `--threads 2` compares one process with two.

A hundred networks 64-64-32-10 (ReLU, cross-entropy, float32) learn digits for 30 epochs, each from its own start and on
its own half of the rows, by SGD with momentum .9 in batches of 32. On one pinned core, CPU time for each network:

- `culpa.fit_many(jobs=1)`, and `culpa.fit` called a hundred times.
- NumPy by hand, one network after the other: every array allocated once, a batch in columns, the bias as one more
  column of W, all parameters in one vector, bound `dot` with `out`; no history, no check.
- `torch.bmm` and `baddbmm` over all networks at once, and over 50 at a time: the backward pass by hand, every result
  in an array allocated once, the slope of ReLU and the momentum each in one call with its neighbour, softmax down
  columns.

With `--threads 2` on two cores that nothing else wants: the time on the clock of jobs=1, of jobs=2, and of the first
call with jobs=2, which starts the processes.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from machine import Rival, asked, bursts, introduce, keep, module, pin, report, verdict
from sklearn.datasets import load_digits

import culpa

SIZES = (64, 64, 32, 10)
COUNT, EPOCHS, BATCH, RATE, MOMENTUM = 100, 30, 32, 0.05, 0.9
SAME = 0.01
"""By how much the mean accuracies may differ."""

Array = np.ndarray[Any, Any]


class Task(NamedTuple):
    """Rows, and for each network where it starts and which rows it learns from."""

    X: Array
    y: Array
    networks: list[culpa.Network]
    rows: list[Array]

    def orders(self, k: int) -> Iterator[Array]:
        """Network k's rows, shuffled anew for each epoch."""
        random = np.random.default_rng(k)
        for _ in range(EPOCHS):
            yield self.rows[k][random.permutation(len(self.rows[k]))]


def digits() -> Task:
    """Standardised digits, a hundred starts and a hundred halves."""
    X, y = load_digits(return_X_y=True)
    X = ((X - X.mean(axis=0)) / np.maximum(X.std(axis=0), 1e-6)).astype(np.float32)
    random = np.random.default_rng(0)
    networks = [culpa.Network.fresh(SIZES, seed=seed) for seed in range(COUNT)]
    return Task(X, y, networks, [np.sort(random.permutation(len(X))[: len(X) // 2]) for _ in range(COUNT)])


OPTIONS: dict[str, Any] = {
    "epochs": EPOCHS,
    "batch_size": BATCH,
    "optimizer": "sgd",
    "momentum": MOMENTUM,
    "learning_rate": RATE,
    "show_progress": False,
}


def many(task: Task, jobs: int) -> list[culpa.Network]:
    """All of them by `fit_many`."""
    return culpa.fit_many(task.networks, task.X, task.y, rows=task.rows, seeds=range(COUNT), jobs=jobs, **OPTIONS)


def one_by_one(task: Task) -> list[culpa.Network]:
    """All of them by `fit`, one after the other."""
    each = enumerate(zip(task.networks, task.rows, strict=True))
    return [culpa.fit(start, task.X[rows], task.y[rows], seed=k, **OPTIONS) for k, (start, rows) in each]


def views(theta: Any) -> list[Any]:
    """Each layer's [W b] in a vector of all parameters (…, p)."""
    shapes = [(above, below + 1) for below, above in pairwise(SIZES)]
    ends = np.cumsum([0, *(above * columns for above, columns in shapes)])
    parts = [theta[..., start:end] for start, end in pairwise(ends)]
    return [part.reshape(*theta.shape[:-1], *shape) for part, shape in zip(parts, shapes, strict=True)]


def flat(network: culpa.Network) -> Array:
    """The parameters in this order."""
    return np.concatenate([np.column_stack([layer.W, layer.b]).ravel() for layer in network.layers])


def by_hand(task: Task) -> list[culpa.Network]:
    """All of them in plain NumPy, one after the other."""
    X1, one_hot = np.column_stack([task.X, np.ones(len(task.X), np.float32)]), np.eye(10, dtype=np.float32)
    theta, gradient, velocity, scratch = (np.zeros(len(flat(task.networks[0])), np.float32) for _ in range(4))
    mu, rate = np.float32(MOMENTUM), np.float32(RATE)
    half = len(task.rows[0])
    passes = {n: written_pass(views(theta), views(gradient), n) for n in {BATCH, half % BATCH or BATCH}}
    trained = []
    for k, network in enumerate(task.networks):
        theta[:], velocity[:] = flat(network), 0
        for order in task.orders(k):
            for start in range(0, half, BATCH):
                index = order[start : start + BATCH]
                x, t, run = passes[len(index)]
                X1.take(index, 0, out=x, mode="clip")
                one_hot.take(task.y.take(index), 1, out=t, mode="clip")
                run()
                np.multiply(velocity, mu, velocity)
                np.add(velocity, gradient, velocity)
                np.multiply(velocity, rate, scratch)
                np.subtract(theta, scratch, theta)
        trained.append(network_of(theta))
    return trained


def written_pass(W: list[Array], G: list[Array], n: int) -> tuple[Array, Array, Callable[[], None]]:
    """Where a batch of n and its targets go, and a function that fills the gradient G."""
    (W1, W2, W3), (G1, G2, G3), (_, d1, d2, d3) = W, G, SIZES
    x, t = np.ones((n, SIZES[0] + 1), np.float32), np.empty((d3, n), np.float32)
    ones = [np.ones((d + 1, n), np.float32) for d in (d1, d2)]
    h1, h2 = (array[:-1] for array in ones)
    delta1, delta2, delta3, a3 = (np.empty((d, n), np.float32) for d in (d1, d2, d3, d3))
    zero1, zero2, mask1, mask2 = (
        np.zeros_like(h1),
        np.zeros_like(h2),
        np.empty(h1.shape, bool),
        np.empty(h2.shape, bool),
    )
    largest, total, row = np.empty(n, np.float32), np.empty(n, np.float32), np.ones(d3, np.float32)
    share, zero = np.float32(1 / n), np.float32(0)
    forward1, forward2, forward3 = partial(W1.dot, x.T, h1), partial(W2.dot, ones[0], h2), partial(W3.dot, ones[1], a3)
    back2, back1 = partial(W3[:, :-1].T.dot, delta3, delta2), partial(W2[:, :-1].T.dot, delta2, delta1)
    products = partial(delta1.dot, x, G1), partial(delta2.dot, ones[0].T, G2), partial(delta3.dot, ones[1].T, G3)

    def run() -> None:
        forward1()
        np.maximum(h1, zero1, out=h1)
        forward2()
        np.maximum(h2, zero2, out=h2)
        forward3()
        np.maximum.reduce(a3, 0, None, largest)
        np.subtract(a3, largest, a3)
        np.exp(a3, a3)
        row.dot(a3, total)
        np.divide(a3, total, delta3)
        np.subtract(delta3, t, delta3)
        np.multiply(delta3, share, delta3)
        back2()
        np.greater(h2, zero, mask2)
        np.multiply(delta2, mask2, delta2)
        back1()
        np.greater(h1, zero, mask1)
        np.multiply(delta1, mask1, delta1)
        for product in products:
            product()

    return x, t, run


def network_of(theta: Array) -> culpa.Network:
    """The vector as a network, copied."""
    matrices = views(theta)
    return culpa.Network.from_arrays([W[:, :-1] for W in matrices], [W[:, -1] for W in matrices], loss="cross_entropy")


def together(torch: Any, task: Task, width: int) -> list[culpa.Network]:
    """All of them in batched products of PyTorch, so many at a time."""
    trained = []
    with torch.inference_mode():
        for first in range(0, COUNT, width):
            W, b = stack_of(torch, task, range(first, min(first + width, COUNT)))
            for k in range(len(W[0])):
                weights, biases = [part[k].numpy().T for part in W], [part[k, 0].numpy() for part in b]
                trained.append(culpa.Network.from_arrays(weights, biases, loss="cross_entropy"))
    return trained


def stack_of(torch: Any, task: Task, numbers: Sequence[int]) -> tuple[list[Any], list[Any]]:
    """Train some of the networks as one stack; gives each layer's W (K, d_k-1, d_k) and b (K, 1, d_k)."""
    layers = list(zip(*(task.networks[k].layers for k in numbers), strict=True))
    W = [torch.from_numpy(np.stack([layer.W.T for layer in each])).contiguous() for each in layers]
    b = [torch.from_numpy(np.stack([layer.b[None] for layer in each])) for each in layers]
    velocities = [(torch.zeros_like(of_W), torch.zeros_like(of_b)) for of_W, of_b in zip(W, b, strict=True)]
    X, T = torch.from_numpy(task.X), torch.eye(10)[torch.from_numpy(task.y)]
    passes: dict[int, Any] = {}
    for orders in zip(*(task.orders(k) for k in numbers), strict=True):
        for index in torch.from_numpy(np.stack(orders)).split(BATCH, dim=1):
            n = index.shape[1]
            if n not in passes:
                passes[n] = stacked_pass(torch, W, b, n)
            x, t, run, factors = passes[n]
            torch.index_select(X, 0, index.reshape(-1), out=x)
            torch.index_select(T, 0, index.reshape(-1), out=t)
            run()
            for (h, delta), (of_W, of_b), matrix, bias in zip(factors, velocities, W, b, strict=True):
                of_W.baddbmm_(h.transpose(1, 2), delta, beta=MOMENTUM)
                of_b.mul_(MOMENTUM).add_(delta.sum(1, keepdim=True))
                matrix.add_(of_W, alpha=-RATE)
                bias.add_(of_b, alpha=-RATE)
    return W, b


def stacked_pass(torch: Any, W: list[Any], b: list[Any], n: int) -> tuple[Any, Any, Callable[[], None], list[Any]]:
    """Where batches of n and their targets go, the pass, and what it leaves: each layer's h_k-1 and delta_k."""
    (W1, W2, W3), (b1, b2, b3), K = W, b, len(W[0])
    x, h1, h2, a3 = (torch.empty(K, n, d) for d in SIZES)
    delta1, delta2, delta3 = (torch.empty(K, n, d) for d in SIZES[1:])
    t = torch.empty_like(a3)
    slope = torch.ops.aten.threshold_backward.grad_input

    def run() -> None:
        torch.baddbmm(b1, x, W1, out=h1).relu_()
        torch.baddbmm(b2, h1, W2, out=h2).relu_()
        torch.baddbmm(b3, h2, W3, out=a3)
        said = torch.softmax(a3.transpose(1, 2).contiguous(), dim=1).transpose(1, 2)
        torch.sub(said, t, out=delta3).mul_(1 / n)
        torch.bmm(delta3, W3.transpose(1, 2), out=delta2)
        slope(delta2, h2, 0, grad_input=delta2)
        torch.bmm(delta2, W2.transpose(1, 2), out=delta1)
        slope(delta1, h1, 0, grad_input=delta1)

    return x.view(-1, SIZES[0]), t.view(-1, SIZES[-1]), run, [(x, delta1), (h1, delta2), (h2, delta3)]


def accuracy(task: Task, networks: Sequence[culpa.Network]) -> float:
    """The mean over the networks of the share of all rows that each gets right."""
    return float(np.mean([culpa.score(network, task.X, task.y) for network in networks]))


def compared(task: Task, rivals: dict[str, Rival]) -> None:
    """Print everybody's mean accuracy; end the script where they are not about the same."""
    found = {name: accuracy(task, rival.run()) for name, rival in rivals.items()}
    for name, share in found.items():
        print(f"  {share:.2%} of all rows right  {name}", flush=True)
    if max(found.values()) - min(found.values()) > SAME:
        sys.exit("The networks are not equally good; nothing was timed.")


def on_one_core(task: Task, seconds: float) -> dict[str, float]:
    """CPU seconds for each network, in turns on one pinned core."""
    rivals = {
        "fit_many, jobs=1": Rival(partial(many, task, 1)),
        "fit, one after the other": Rival(partial(one_by_one, task)),
        "NumPy by hand": Rival(partial(by_hand, task)),
    }
    if torch := module("torch"):
        torch.set_num_threads(1)
        rivals |= {f"torch.bmm, {width} at once": Rival(partial(together, torch, task, width)) for width in (COUNT, 50)}
    compared(task, rivals)
    times = {name: whole / COUNT for name, whole in bursts(rivals, seconds=seconds).items()}
    report("one network of a hundred, 30 epochs, CPU time", times, "fit_many, jobs=1")
    for name in ("NumPy by hand", f"torch.bmm, {COUNT} at once"):
        verdict(f"{name} to fit_many", times.get(name, np.nan) / times["fit_many, jobs=1"], 1)
    return times


def on_two(task: Task, seconds: float) -> dict[str, float]:
    """Seconds on the clock for each network, with one process and with two."""
    begun = perf_counter()
    many(task, 2)
    first = perf_counter() - begun
    rivals = {f"fit_many, jobs={jobs}": Rival(partial(many, task, jobs)) for jobs in (1, 2)}
    compared(task, rivals)
    whole = bursts(rivals, seconds=seconds, threads=2) | {"fit_many, jobs=2, the first call": first}
    times = {name: each / COUNT for name, each in whole.items()}
    report("one network of a hundred, 30 epochs, on the clock", times, "fit_many, jobs=2")
    verdict("jobs=1 to jobs=2", times["fit_many, jobs=1"] / times["fit_many, jobs=2"], 1.7)
    return times


def main() -> None:
    """Train, compare, measure, print, keep."""
    options = asked(__doc__, seconds=60)
    pin(options.threads)
    introduce(options)
    measure = on_one_core if options.threads == 1 else on_two
    times = measure(digits(), options.seconds)
    print(f"kept in {keep('many', options, {'a network of a hundred': times}).name}")


if __name__ == "__main__":
    main()
