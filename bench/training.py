# SPDX-License-Identifier: MIT
"""What does training to the same loss cost? Run `python bench/training.py`; `--threads 2` compares wall-clock time.

Two problems, each with one hidden layer of ReLU, cross-entropy, batches of 200, Adam with η = .001, float32: digits,
64-100-10, and 20,000 made-up rows, 784-256-10. Everybody starts from the same weights (scikit-learn, which lets nobody
in, from its own draw of the same distribution) and must reach the same training loss after the same number of epochs,
or nothing is timed. A training counts as a whole, with all that a user pays but compilation, and is divided by its
epochs.

- culpa: `culpa.fit`, defaults otherwise; with `--threads 2` also told to use two, where "auto" would use one.
- scikit-learn: `MLPClassifier` on float32 rows without penalty, and without the checks that would end it early.
- PyTorch: a plain eager loop, as its tutorial has it, on tensors in memory, where a loader would only cost time. Adam
  is `fused` or `foreach`; products of matrices also at precision "medium", which allows bfloat16 and another library.
- JAX: one jitted function an epoch, its state donated, `lax.scan` over the batches, and a last step for the remainder.
"""

import json
import sys
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from machine import Rival, asked, bursts, introduce, keep, module, pin, report, verdict
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier

import culpa
from culpa.training.threads import Threads

BATCH, RATE = 200, 1e-3
SEEDS = 3
"""Trainings whose mean loss is compared."""
FEW_PER_CENT = 0.06

Array = np.ndarray[Any, Any]
Weights = list[tuple[Array, Array]]
"""Each layer's W (d_k, d_k-1) and b (d_k,)."""


class Problem(NamedTuple):
    """Rows to learn from, for so many epochs, with a network of these sizes."""

    name: str
    sizes: Sequence[int]
    X: Array
    y: Array
    epochs: int

    def start(self, seed: int) -> Weights:
        """Glorot and Bengio's uniform draw, for biases too, as scikit-learn has it."""
        random = np.random.default_rng(seed)
        pairs = zip(self.sizes[:-1], self.sizes[1:], strict=True)
        drawn = [random.uniform(-1, 1, (above, below + 1)) * (6 / (below + above)) ** 0.5 for below, above in pairs]
        return [(both[:, :-1].astype(np.float32), both[:, -1].astype(np.float32)) for both in drawn]


def digits() -> Problem:
    """Handwritten digits, standardised."""
    X, y = load_digits(return_X_y=True)
    X = (X - X.mean(axis=0)) / np.maximum(X.std(axis=0), 1e-6)
    return Problem("digits, 64-100-10", (64, 100, 10), X.astype(np.float32), y, 60)


def made_up() -> Problem:
    """Ten classes, each with a mean of its own and noise."""
    random = np.random.default_rng(0)
    means, y = 0.05 * random.normal(size=(10, 784)), random.integers(0, 10, 20_000)
    X = means[y] + random.normal(size=(len(y), 784))
    return Problem("made up, 784-256-10", (784, 256, 10), X.astype(np.float32), y, 6)


def network_of(weights: Weights) -> culpa.Network:
    """The weights as a network."""
    return culpa.Network.from_arrays([W for W, _ in weights], [b for _, b in weights], loss="cross_entropy")


def with_culpa(problem: Problem, seed: int, threads: Threads = "auto") -> Weights:
    """Train with culpa."""
    trained = culpa.fit(
        network_of(problem.start(seed)),
        problem.X,
        problem.y,
        epochs=problem.epochs,
        batch_size=BATCH,
        learning_rate=RATE,
        seed=seed,
        threads=threads,
        show_progress=False,
    )
    return [(layer.W, layer.b) for layer in trained.layers]


def with_sklearn(problem: Problem, seed: int) -> Weights:
    """Train with scikit-learn."""
    model = MLPClassifier(
        problem.sizes[1:-1],
        alpha=0.0,
        batch_size=BATCH,
        learning_rate_init=RATE,
        max_iter=problem.epochs,
        tol=0.0,
        n_iter_no_change=problem.epochs,
        random_state=seed,
    )
    with warnings.catch_warnings(action="ignore"):  # it warns that it has not converged: the epochs are counted
        model.fit(problem.X, problem.y)
    assert model.n_iter_ == problem.epochs
    return [(W.T, b) for W, b in zip(model.coefs_, model.intercepts_, strict=True)]


def with_torch(torch: Any, how: dict[str, bool], problem: Problem, seed: int) -> Weights:
    """Train with PyTorch; `how` is Adam's."""
    torch.manual_seed(seed)
    X, y = torch.from_numpy(problem.X), torch.from_numpy(problem.y)
    layers = [torch.nn.Linear(below, above) for below, above in zip(problem.sizes, problem.sizes[1:], strict=False)]
    with torch.no_grad():
        for layer, (W, b) in zip(layers, problem.start(seed), strict=True):
            layer.weight.copy_(torch.from_numpy(W))
            layer.bias.copy_(torch.from_numpy(b))
    model = torch.nn.Sequential(layers[0], torch.nn.ReLU(), layers[1])
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE, **how)
    loss_of = torch.nn.CrossEntropyLoss()
    for _ in range(problem.epochs):
        for index in torch.randperm(len(X)).split(BATCH):
            optimizer.zero_grad()
            loss_of(model(X[index]), y[index]).backward()
            optimizer.step()
    return [(layer.weight.detach().numpy(), layer.bias.detach().numpy()) for layer in layers]


def with_jax(jax: Any, epoch: Callable[..., Any], problem: Problem, seed: int) -> Weights:
    """Train with JAX; `epoch` is the compiled function."""
    numpy, random = jax.numpy, np.random.default_rng(seed)
    X, y = numpy.asarray(problem.X), numpy.asarray(problem.y)
    theta = [(numpy.array(W.T), numpy.array(b)) for W, b in problem.start(seed)]
    state = (theta, *(jax.tree.map(numpy.zeros_like, theta) for _ in range(2)), numpy.zeros(()))
    for _ in range(problem.epochs):
        # NOTE: NumPy shuffles, because jax.random would sort for it.
        state, _ = epoch(state, random.permutation(len(X)), X, y)
    return [(np.asarray(W).T, np.asarray(b)) for W, b in state[0]]


def compiled_epoch(jax: Any) -> Callable[..., Any]:
    """One epoch of Adam: (state, order, X, y) -> state, losses."""
    numpy = jax.numpy

    def loss_of(theta: Any, x: Any, y: Any) -> Any:
        for W, b in theta[:-1]:
            x = jax.nn.relu(x @ W + b)
        W, b = theta[-1]
        said = jax.nn.log_softmax(x @ W + b)
        return -numpy.take_along_axis(said, y[:, None], axis=1).mean()

    def adam(state: Any, gradient: Any) -> Any:
        theta, first, second, count = state
        count = count + 1
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradient)
        rate, growth = RATE / (1 - 0.9**count), 1 / (1 - 0.999**count)
        moved = jax.tree.map(lambda x, m, v: x - rate * m / (numpy.sqrt(v * growth) + 1e-8), theta, first, second)
        return moved, first, second, count

    def epoch(state: Any, order: Any, X: Any, y: Any) -> Any:
        def step(state: Any, index: Any) -> Any:
            loss, gradient = jax.value_and_grad(loss_of)(state[0], X[index], y[index])
            return adam(state, gradient), loss

        full = len(order) // BATCH * BATCH
        state, losses = jax.lax.scan(step, state, order[:full].reshape(-1, BATCH))
        return step(state, order[full:]) if full < len(order) else (state, losses)

    return jax.jit(epoch, donate_argnums=0)


def everybody(problem: Problem, threads: int) -> dict[str, Rival]:
    """Culpa and the rivals that are installed; each trains from the seed that it is given, 0 unless told."""

    def rival(train: Callable[[Problem, int], Weights], before: Callable[[], None] = lambda: None) -> Rival:
        return Rival(lambda seed=0: train(problem, seed), before=before)

    rivals = {"culpa.fit": rival(with_culpa), "scikit-learn MLPClassifier": rival(with_sklearn)}
    if threads > 1:
        rivals["culpa.fit, threads=2"] = rival(partial(with_culpa, threads=threads))
    if torch := module("torch"):
        torch.set_num_threads(threads)
        exact = partial(torch.set_float32_matmul_precision, "highest")
        medium = partial(torch.set_float32_matmul_precision, "medium")
        rivals |= {
            "PyTorch eager, foreach": rival(partial(with_torch, torch, {"foreach": True}), exact),
            "PyTorch eager, fused": rival(partial(with_torch, torch, {"fused": True}), exact),
            "PyTorch eager, fused, medium": rival(partial(with_torch, torch, {"fused": True}), medium),
        }
    if jax := module("jax"):
        rivals["JAX lax.scan"] = rival(partial(with_jax, jax, compiled_epoch(jax)))
    return rivals


def losses_reached(problem: Problem, rivals: dict[str, Rival]) -> dict[str, float]:
    """Each one's mean training loss over a few seeds; ends the script where they are not the same."""
    losses = {}
    for name, rival in rivals.items():
        rival.before()
        trained = [network_of(rival.run(seed)) for seed in range(SEEDS)]
        found = [sum(g.loss for g in culpa.gradients(network, problem.X, problem.y)) for network in trained]
        losses[name] = float(np.mean(found))
        print(f"  loss {losses[name]:.5f} (± {np.std(found) / SEEDS**0.5:.5f}) after {problem.epochs} epochs  {name}")
    if max(losses.values()) > (1 + FEW_PER_CENT) * min(losses.values()):
        sys.exit("The losses reached are not the same; nothing was timed.")
    return losses


def main() -> None:
    """Train, compare the losses, measure, print, keep."""
    options = asked(__doc__, seconds=30)
    pin(options.threads)
    for framework in ("torch", "jax"):
        module(framework)
    introduce(options)
    problems = {"digits": digits(), "made up": made_up()}
    ratios, results, reached = {}, {}, {}
    for key, problem in problems.items():
        print(f"\n{problem.name}, {len(problem.X):,} rows, batches of {BATCH}", flush=True)
        rivals = everybody(problem, options.threads)
        reached[problem.name] = losses_reached(problem, rivals)
        whole = bursts(rivals, seconds=options.seconds, threads=options.threads)
        times = {name: seconds / problem.epochs for name, seconds in whole.items()}
        title = f"{problem.name}, an epoch"
        report(title, times, "culpa.fit")
        results[title] = times
        ratios |= {(key, name): seconds / times["culpa.fit"] for name, seconds in times.items()}
    if options.threads == 1:  # the claims are about one thread
        print()
        verdict("digits, scikit-learn to culpa", ratios["digits", "scikit-learn MLPClassifier"], 3)
        verdict("digits, JAX's lax.scan to culpa", ratios.get(("digits", "JAX lax.scan"), np.nan), 1)
        verdict("made up, scikit-learn to culpa", ratios["made up", "scikit-learn MLPClassifier"], 1.15)
    path = keep("training", options, results)
    document = json.loads(path.read_text(encoding="utf-8")) | {"losses": reached}
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"kept in {path.name}")


if __name__ == "__main__":
    main()
