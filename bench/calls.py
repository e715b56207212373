# SPDX-License-Identifier: MIT
"""Why are the calls of a step written as they are? Run `python bench/calls.py`.

Each pair does the same on the same arrays, the workspace's way first: what a comment in `engine` or `training` says of
the speed of such calls is printed here. One thread, one core, float32. The first two pairs are whole steps at 64-32-10
with 32 rows, with one rule of the workspace replaced by the plain way.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from machine import Rival, asked, bursts, describe, keep, pin, report
from scipy.linalg.blas import saxpy

import culpa
from culpa.engine import in_place
from culpa.engine.workspace import Workspace

SIZES, ROWS, UNITS, PARAMETERS = [64, 32, 10], 32, 128, 6_570
Pair = dict[str, Callable[[], object]]


def plain_relu(h: np.ndarray, delta: np.ndarray) -> in_place.Rule:
    """The rule with a mask of truth values."""
    zeros, zero, mask = np.zeros(h.shape, h.dtype), np.array(0, h.dtype), np.empty(h.shape, bool)

    def pull() -> None:
        np.greater(h, zero, mask)
        np.multiply(delta, mask, delta)

    return in_place.Rule(partial(np.maximum, h, zeros, out=h), pull)


def step(hidden: culpa.Activation, few: int) -> Callable[[], object]:
    """One step with a batch in; `few` is up to how many classes a row is spread by a product."""
    random = np.random.default_rng(0)
    before, in_place.FEW = in_place.FEW, few
    space = Workspace(culpa.Network.fresh(SIZES, hidden=hidden, seed=0), ROWS)
    in_place.FEW = before
    space.gradient(random.normal(size=(ROWS, SIZES[0])).astype(np.float32), random.integers(0, SIZES[-1], ROWS))
    return space.run


def pairs() -> dict[str, Pair]:
    """What is done -> the ways to do it."""
    random = np.random.default_rng(0)
    h, W, x = (random.normal(size=shape).astype(np.float32) for shape in ((UNITS, UNITS), (32, 65), (65, ROWS)))
    zeros, out = np.zeros_like(h), np.empty((32, ROWS), np.float32)
    theta, velocity, scratch = (random.normal(size=PARAMETERS).astype(np.float32) for _ in range(3))
    small, relu = np.array(1e-9, np.float32), culpa.ACTIVATIONS["relu"]

    def in_two() -> None:
        np.multiply(velocity, small, scratch)
        np.subtract(theta, scratch, theta)

    kept = step(relu, in_place.FEW)
    return {
        "a step: δ where h > 0": {"by bits": kept, "by truth values": step(replace(relu, in_place=plain_relu), 32)},
        "a step: softmax's rows": {"spread by a product": kept, "broadcast": step(relu, 0)},
        "max(0, a), 128 × 128": {
            "an array of zeros": partial(np.maximum, h, zeros, out=h.copy()),
            "a scalar": partial(np.maximum, h, np.float32(0), out=h.copy()),
        },
        "a product, 32 × 65 × 32": {"dot": partial(W.dot, x, out), "matmul": partial(np.matmul, W, x, out)},
        "θ − η v, 6,570 entries": {"axpy": partial(saxpy, velocity, theta, a=-1e-9), "NumPy": in_two},
    }


def main() -> None:
    """Measure, print and keep the figures."""
    options = asked(__doc__, 2.0)
    pin(options.threads)
    print("\n".join(f"{name}: {value}" for name, value in describe().items()))
    results = {}
    for title, ways in pairs().items():
        times = bursts({name: Rival(run) for name, run in ways.items()}, seconds=options.seconds)
        results[title] = times
        report(title, times, next(iter(times)))
    print(f"kept in {keep('calls', options, results).name}")


if __name__ == "__main__":
    main()
