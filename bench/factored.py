# SPDX-License-Identifier: MIT
"""What do per-example quantities cost beside one plain gradient? Run `python bench/factored.py`.

Rivals: the same pass with every example's gradient written out, and `torch.func.vmap(grad)` where PyTorch is installed.
One thread, one core, float32, ReLU, cross-entropy. `--json FILE` keeps the figures.
"""

import argparse
import json
from collections.abc import Callable
from typing import Any

import numpy as np
from machine import Task, bursts, describe, pin, report

import culpa

SIZES = [([64, 128, 64, 10], 128), ([784, 256, 128, 10], 128)]


def ours(network: culpa.Network, X: np.ndarray, y: np.ndarray) -> dict[str, Task]:
    """What culpa reads from the factors, each with the pass itself."""

    def after(ask: Callable[[culpa.Gradient], Any]) -> Task:
        return lambda: ask(culpa.gradient(network, X, y))

    return {
        "plain gradient": after(lambda g: g.flat()),
        "gradient + norms": after(lambda g: (g.flat(), g.norms())),
        "clipped sum": after(lambda g: g.clipped(1.0).flat()),
        "norms alone": after(lambda g: g.norms()),
        "Gram matrix": after(lambda g: g.gram()),
        "second moment": after(lambda g: g.second_moment()),
        "norms, written out": after(lambda g: written_out(g)),
    }


def written_out(g: culpa.Gradient) -> np.ndarray:
    """Norms from every example's gradient in full, as one would without the factors."""
    squares = sum((block.per_example() ** 2).sum(axis=(1, 2)) + (block.delta**2).sum(axis=1) for block in g.layers)
    return np.sqrt(squares)


def torch_norms(network: culpa.Network, X: np.ndarray, y: np.ndarray) -> dict[str, Task]:
    """Norms by `vmap(grad)`, as PyTorch's tutorial on per-sample gradients has it."""
    try:
        import torch
        from torch.func import grad, vmap
    except ImportError:
        return {}
    torch.set_num_threads(1)
    parameters = [(torch.tensor(layer.W), torch.tensor(layer.b)) for layer in network.layers]
    inputs, targets = torch.tensor(X), torch.tensor(y)

    def loss(parameters: Any, x: Any, target: Any) -> Any:
        for W, b in parameters[:-1]:
            x = torch.relu(W @ x + b)
        W, b = parameters[-1]
        return torch.nn.functional.cross_entropy(W @ x + b, target)

    per_example = vmap(grad(loss), in_dims=(None, 0, 0))

    def norms() -> Any:
        parts = [part for pair in per_example(parameters, inputs, targets) for part in pair]
        return sum((part.flatten(1) ** 2).sum(dim=1) for part in parts).sqrt()

    return {"torch.func.vmap(grad) norms": norms}


def main() -> None:
    """Measure, print, and keep the figures if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", help="keep the figures in this file")
    parser.add_argument("--seconds", type=float, default=8.0, help="for each size")
    options = parser.parse_args()
    pin()
    machine = describe()
    print(", ".join(f"{name} {value}" for name, value in machine.items()))
    kept = []
    for sizes, n in SIZES:
        random = np.random.default_rng(0)
        network = culpa.Network.fresh(sizes, seed=0)
        X = random.normal(size=(n, sizes[0])).astype(np.float32)
        y = random.integers(0, sizes[-1], n)
        rivals = {**ours(network, X, y), **torch_norms(network, X, y)}
        times = bursts(rivals, options.seconds)
        name = f"{'-'.join(map(str, sizes))}, {n} rows"
        report(name, times, "plain gradient")
        kept.append({"network": name, "microseconds": {rival: 1e6 * time for rival, time in times.items()}})
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"machine": machine, "results": kept}, file, indent=1)


if __name__ == "__main__":
    main()
