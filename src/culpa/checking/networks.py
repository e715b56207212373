# SPDX-License-Identifier: MIT
"""Is the gradient right? Each block of parameters is held against complex steps along random directions.

    ⟨∇_block, v⟩  =  Im objective(θ + i h v) / h        h = 1e−170, v a random unit vector of the block

A complex step has no cancellation, so in float64 it agrees with a right gradient to some 14 digits. It runs through
`forward` and the losses alone: nothing of the backward pass is used to judge the backward pass.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from culpa.checking.verdicts import BlockCheck, Check
from culpa.engine.arrays import Flat, Signals, Values, admit_inputs, admit_weights, whole_number
from culpa.engine.forward import forward
from culpa.engine.gradient import Reduction, gradient, needs_real
from culpa.engine.network import Network, flatten, unflatten
from culpa.engine.streams import stream
from culpa.engine.targets import Targets, admit_targets

__all__ = ["check"]

STEP = 1e-170
"""So small that its square is nothing: what a step of second order leaves must not decide the side of a kink."""
EPS = float(np.finfo(np.float64).eps)
UNSEEN = 1e-120
"""A derivative below this vanishes in the step itself: its imaginary part leaves the range of float64."""
COARSE = 1e-3
"""An error bar above this share of the derivative could hide a real mistake: what lies within is not called right."""


class Problem(NamedTuple):
    """What is differentiated: a complex network, its rows as the door let them in, and their weights."""

    network: Network
    X: Signals
    y: Targets
    w: Values


def check(
    network: Network,
    X: object,
    y: object,
    *,
    weights: object | None = None,
    reduction: Reduction = "mean",
    directions: int = 4,
    seed: int = 0,
) -> Check:
    """Check the gradient of the network's objective, block by block, in float64.

    Args:
        network: The network, at the point where its gradient is to be checked; it is widened to float64.
        X: Inputs (n, d_0).
        y: Targets, as for `gradient`.
        weights: Sample weights (n,).
        reduction: As for `gradient`.
        directions: How many random directions for each block; a block with no more entries is tested entry by entry.
        seed: Of the directions.

    Returns:
        A Check: `.ok`, and `.blocks` with a verdict, the digits of agreement and the error bar for each.

    Raises:
        ShapeError, DataError, OptionError, NumericalError: As `gradient`.

    Example:
        >>> check(culpa.Network.fresh([3, 4, 2]), np.ones((5, 3)), np.array([0, 1, 0, 1, 1])).ok
        True

    Source: Martins, Sturdza and Alonso 2003, "The complex-step derivative approximation", eq. 7.
    """
    needs_real(network)
    wide = network.astype("float64")
    claimed = gradient(wide, X, y, weights=weights, reduction=reduction).total()
    inputs = admit_inputs(X, wide.layers[0].W)
    targets = admit_targets(y, len(inputs), wide.loss.targets, wide.sizes[-1], wide.dtype)
    w = admit_weights(weights, len(inputs), reduction, wide.dtype)
    problem = Problem(wide.astype("complex128"), inputs, targets, w)
    random = stream(seed, "directions")
    shaken = problem._replace(X=inputs * (1 + EPS * random.choice([-1.0, 1.0], inputs.shape)))
    count = whole_number("directions", directions)
    theta = flatten(wide)
    nudged = theta * (1 + EPS * random.choice([-1.0, 1.0], theta.shape))
    blocks = []
    for name, part in block_slices(wide):
        seen, said, floor = [], [], 0.0
        for v in block_directions(random, part, count, len(theta)):
            slope, size = complex_step(problem, theta, v)
            beside, _ = complex_step(shaken, nudged, v)
            # Rounding in the sum itself, and what a rounding of every parameter and input by one unit does to it.
            floor = max(floor, 1e4 * EPS * size + 100 * abs(beside - slope))
            seen.append(slope)
            said.append(float(claimed @ v))
        blocks.append(verdict(name, np.array(seen), np.array(said), floor))
    return Check(tuple(blocks))


def block_slices(network: Network) -> Iterator[tuple[str, slice]]:
    """Each block's name and its place in the flat vector."""
    names, sizes = [], [0]
    for k, layer in enumerate(network.layers, 1):
        for letter, part in (("W", layer.W), ("b", layer.b)):
            if part is not None:
                names.append(f"{letter}_{k}")
                sizes.append(part.size)
    for name, (start, end) in zip(names, pairwise(np.cumsum(sizes)), strict=True):
        yield name, slice(int(start), int(end))


def block_directions(random: np.random.Generator, part: slice, count: int, p: int) -> Iterator[Flat]:
    """Unit vectors (p,) within one block: every axis of a small block, random ones of a large."""
    size = part.stop - part.start
    axes = np.eye(size) if size <= count else random.normal(size=(count, size))
    for axis in axes:
        v = np.zeros(p)
        v[part] = axis / np.linalg.norm(axis)
        yield v


def complex_step(problem: Problem, theta: Flat, v: Flat) -> tuple[float, float]:
    """The objective's derivative along v, and the size of what was summed to make it."""
    moved = unflatten(problem.network, theta + 1j * STEP * v)
    slopes = moved.loss.losses(forward(moved, problem.X)[-1].a, problem.y).imag / STEP
    decays = [moved.l2 * float(np.vdot(layer.W.real, layer.W.imag)) / STEP for layer in moved.layers]
    # NOTE: the examples' slopes may cancel in the sum; each carries a rounding error of its own, whatever is left.
    size = float(np.abs(problem.w) @ np.abs(slopes)) + sum(map(abs, decays))
    return float(problem.w @ slopes) + sum(decays), size


def verdict(name: str, seen: Values, said: Values, floor: float) -> BlockCheck:
    """Compare what complex steps saw with what the gradient said, in units of the largest derivative of the block."""
    scale = float(np.abs(seen).max())
    error = float(np.abs(seen - said).max())
    if max(scale, error) < UNSEEN or (scale * COARSE <= floor and error <= floor):
        return BlockCheck(name, "not testable", float("nan"), float("inf") if scale == 0 else floor / scale)
    if scale == 0:
        return BlockCheck(name, "wrong", 0.0, 0.0)
    digits = -np.log10(max(error / scale, EPS / 2))
    return BlockCheck(name, "right" if error <= floor else "wrong", max(float(digits), 0.0), floor / scale)
