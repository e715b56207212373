# SPDX-License-Identifier: MIT
"""What does one gradient step cost? Run `python bench/step.py`, and again with `--threads 2`.

One step is the gradient of a batch's mean loss with respect to all parameters (float32, ReLU, cross-entropy); nobody
updates anything. Every rival's gradient is compared with culpa's before the clock runs.

    bare products     the floor: the matrix products of culpa's own layout and nothing else, in arrays that are there
    culpa, batch in   `Workspace.run`, as in a training, where batches are gathered straight into the workspace
    culpa             `Workspace.gradient(X, y)`, which copies the batch in first
    culpa.gradient    the functional pass with its door, and `flat()`
    textbook NumPy    a tidy implementation that allocates as it goes
    scikit-learn      `MLPClassifier._backprop` in the lists that its `_fit` allocates once; it works out the loss too
    torch, jax        see `rivals/with_torch.py` and `rivals/with_jax.py`; each has bare products of its own

Where a rival's bare products are faster than NumPy's, its BLAS is, which is no fault of culpa's, as a slower one would
be no merit; the closing lines then compare each with its own products, and say so. Of PyTorch's two precisions they
take the faster one. They do not make the script fail.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from machine import Rival, Task, agree, asked, bursts, introduce, keep, module, pin, report, verdict
from rivals import Problem, posed
from threadpoolctl import threadpool_limits

import culpa
from culpa.engine.arrays import product
from culpa.engine.network import flatten
from culpa.engine.workspace import Workspace

SIZES = [([64, 32, 10], 32), ([64, 128, 64, 10], 128), ([784, 256, 128, 10], 128), ([784, 1024, 1024, 10], 512)]
FLOOR, STEP, INSIDE, FUNCTIONAL = "bare products", "culpa", "culpa, batch in", "culpa.gradient(…).flat()"
EAGER, COMPILED = "torch eager", "jax.jit(grad)"
LEAST = [(5, 2), (1.8, 1.05), (1, 0.9), (1, 0.9)]
"""For each size: how many times culpa's time torch eager must take, and jax.jit."""
MOST = [2.4, 1.25, 1.1, 1.1]
"""For each size: how many times the bare products' time culpa may take."""


def ours(problem: Problem) -> dict[str, Rival]:
    """What culpa offers, and its floor."""
    network, X, y = problem
    space = Workspace(network, len(X))
    space.gradient(X, y)  # so that the batch is in

    def read(_: Any) -> list[np.ndarray]:
        return [flatten(space.parameters.network_at(space.parameters.gradient))]

    return {
        FLOOR: Rival(bare_products(problem)),
        INSIDE: Rival(space.run, read),
        STEP: Rival(lambda: space.gradient(X, y), read),
        FUNCTIONAL: Rival(lambda: culpa.gradient(network, X, y).flat(), lambda flat: [flat]),
    }


def bare_products(problem: Problem) -> Task:
    """The products of a workspace, in its arrays, in its order."""
    space = Workspace(problem.network, len(problem.X))
    space.gradient(problem.X, problem.y)
    matrices, slopes = space.parameters.matrices, space.parameters.gradients
    outputs = [*space.h[1:], space.logits]
    calls = [product(W, h, a) for W, h, a in zip(matrices, space.inputs, outputs, strict=True)]
    layers = zip(matrices[1:], space.deltas[1:], space.deltas, strict=False)
    calls += [product(W[:, :-1].T, above, delta) for W, above, delta in layers][::-1]
    calls += [product(delta, h.T, slope) for delta, h, slope in zip(space.deltas, space.inputs, slopes, strict=True)]

    def run() -> None:
        for call in calls:
            call()

    return run


def textbook(problem: Problem) -> dict[str, Rival]:
    """A tidy NumPy implementation, as textbooks and courses have it."""
    weights, biases = problem.parameters[::2], problem.parameters[1::2]

    def run() -> list[np.ndarray]:
        signals = [problem.X]
        for W, b in zip(weights[:-1], biases[:-1], strict=True):
            signals.append(np.maximum(0, signals[-1] @ W.T + b))
        logits = signals[-1] @ weights[-1].T + biases[-1]
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        delta = powers / powers.sum(axis=1, keepdims=True)
        delta[np.arange(len(delta)), problem.y] -= 1
        delta /= len(delta)
        gradients: list[np.ndarray] = []
        for W, h in zip(weights[::-1], signals[::-1], strict=True):
            gradients = [delta.T @ h, delta.sum(axis=0), *gradients]
            delta = (delta @ W) * (h > 0)
        return gradients

    return {"textbook NumPy": Rival(run, lambda parts: [np.concatenate([part.ravel() for part in parts])])}


def scikit_learn(problem: Problem) -> dict[str, Rival]:
    """`MLPClassifier._backprop` without a penalty, called as its `_fit_stochastic` does."""
    from sklearn.neural_network import MLPClassifier

    network, X, y = problem
    model = MLPClassifier(tuple(network.sizes[1:-1]), alpha=0.0, batch_size=len(X))
    model.partial_fit(X, y, classes=np.arange(network.sizes[-1]))
    model.coefs_, model.intercepts_ = [W.T.copy() for W in problem.parameters[::2]], problem.parameters[1::2]
    targets = model._label_binarizer.transform(y).astype(bool)
    activations, deltas = [X] + [None] * len(model.coefs_), [None] * len(model.coefs_)
    slopes, offsets = [np.empty_like(W) for W in model.coefs_], [np.empty_like(b) for b in model.intercepts_]

    def read(result: Any) -> list[np.ndarray]:
        _, slopes, offsets = result
        return [np.concatenate([part for W, b in zip(slopes, offsets, strict=True) for part in (W.T.ravel(), b)])]

    task = partial(model._backprop, X, targets, None, activations, deltas, slopes, offsets)
    return {"scikit-learn _backprop": Rival(task, read)}


def in_numpy(problem: Problem, threads: int) -> dict[str, Rival]:
    """All that runs on NumPy's BLAS; with two threads the step on one of them too, which is what `fit` would choose."""
    rivals = {**ours(problem), **textbook(problem), **scikit_learn(problem)}
    if threads > 1:
        rivals = {f"{INSIDE}, on one thread": rivals[INSIDE], **rivals}
        limits = {name: 1 if name.endswith("one thread") else threads for name in rivals}
        hold = partial(threadpool_limits, user_api="blas")
        rivals = {name: rival._replace(before=partial(hold, limits[name])) for name, rival in rivals.items()}
    return rivals


def rivals_of(problem: Problem, threads: int) -> dict[str, Rival]:
    """Everyone that this machine has, their gradients compared."""
    rivals = in_numpy(problem, threads)
    for name in ("rivals.with_torch", "rivals.with_jax"):
        if framework := module(name):
            rivals |= framework.step(problem)
    agree(rivals, [culpa.gradient(*problem).flat()])
    return rivals


def compare(title: str, times: Mapping[str, float], rival: str, products: str, least: float) -> None:
    """Hold one rival's time to culpa's; each to its own bare products where the rival's are faster."""
    if rival not in times:
        return
    faster = times[FLOOR] / times[products]
    own = max(1.0, faster)
    aside = f"batch in {own * times[rival] / times[INSIDE]:.2f}"
    if faster > 1:
        aside += f"; each against its own bare products, of which the rival's are {faster:.2f} times as fast"
    verdict(f"{title}: {rival} / culpa", own * times[rival] / times[STEP], least, aside=aside)


def close(results: Mapping[str, Mapping[str, float]]) -> None:
    """One line for each thing that was to be shown on one thread."""
    print("\nOne step, with the batch handed over")
    for (title, times), (eager, compiled), most in zip(results.items(), LEAST, MOST, strict=True):
        medium = f"{EAGER}, medium"
        setting = ", medium" if times.get(medium, np.inf) < times.get(EAGER, np.inf) else ""
        compare(title, times, EAGER + setting, f"torch's bare products{setting}", eager)
        compare(title, times, COMPILED, "jax's bare products", compiled)
        floor = times[FLOOR]
        aside = f"batch in {times[INSIDE] / floor:.2f}"
        verdict(f"{title}: culpa / bare products", times[STEP] / floor, most, least=False, aside=aside)
    print("\nThe functional pass at the two larger sizes")
    for title, times in list(results.items())[-2:]:
        aside = f"batch in {times[FUNCTIONAL] / times[INSIDE]:.2f}"
        verdict(f"{title}: functional / workspace", times[FUNCTIONAL] / times[STEP], 1.3, least=False, aside=aside)


def main() -> None:
    """Measure, print, and keep the figures."""
    options = asked(__doc__, seconds=15.0)
    pin(options.threads)
    results = {}
    for sizes, n in SIZES:
        problem = posed(sizes, n)
        rivals = rivals_of(problem, options.threads)
        if not results:
            introduce(options)
        results[problem.title] = times = bursts(rivals, seconds=options.seconds, threads=options.threads)
        report(problem.title, times, FLOOR, STEP)
    if options.threads == 1:
        close(results)
    print(f"\nkept in {keep('step', options, results)}")


if __name__ == "__main__":
    main()
