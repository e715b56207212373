# SPDX-License-Identifier: MIT
"""Is a network's gradient right? Each block of parameters is held against complex steps of the objective itself.

    ⟨∇_block, v⟩  =  Im objective(θ + i h v) / h        h = 1e−170, v a unit vector of the block

They run through `forward` and the losses alone: nothing of the backward pass is used to judge the backward pass. The
rows of our own tables follow their stated slopes at kinks, so there complex steps decide alone; a network with rows of
the user's own is judged like any function.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from culpa.checking.differences import Slope
from culpa.checking.judging import EPS, Options, Question, judge
from culpa.checking.rays import Block, Ray
from culpa.checking.verdicts import Check
from culpa.engine.activations import ACTIVATIONS
from culpa.engine.arrays import Flat, Signals, Values, admit_inputs, admit_weights
from culpa.engine.forward import forward
from culpa.engine.gradient import Reduction, gradient, needs_real
from culpa.engine.losses import LOSSES, OUTPUTS
from culpa.engine.network import Network, flatten, unflatten
from culpa.engine.streams import stream
from culpa.engine.targets import Targets, admit_targets
from culpa.reporting.progress import Show

__all__ = ["STEP", "check", "is_ours"]

STEP = 1e-170
"""So small that its square is nothing: what a step of second order leaves must not decide the side of a kink."""
REHEARSED = 100
"""Rows on which complex steps through our own tables are tried out: the code is the same for all rows."""


class Problem(NamedTuple):
    """What is differentiated: a network, its rows as the door let them in, and their weights."""

    network: Network
    X: Signals
    y: Targets
    w: Values

    def objective(self, theta: Flat) -> float:
        """Loss and penalty at θ."""
        moved = unflatten(self.network, theta)
        losses = moved.loss.losses(forward(moved, self.X)[-1].a, self.y)
        return float(self.w @ losses) + moved.l2 / 2 * sum(float(np.vdot(layer.W, layer.W)) for layer in moved.layers)


def check(
    network: Network,
    X: object,
    y: object,
    *,
    weights: object | None = None,
    reduction: Reduction = "mean",
    directions: int = 4,
    entries: int = 4,
    budget: int = 128,
    seed: int = 0,
    show_progress: Show = "auto",
) -> Check:
    """Check the gradient of the network's objective, block by block, in float64.

    Args:
        network: The network, at the point where its gradient is to be checked; it is widened to float64.
        X, y: Inputs (n, d_0) and targets, as for `gradient`.
        weights, reduction: As for `gradient`.
        directions, entries: How many random directions and single entries of each block are looked at.
        budget: A network with no more parameters is looked at entry by entry.
        seed, show_progress: Of the directions and entries; "auto" shows a bar on a terminal.

    Returns:
        A Check: `.ok`, and `.blocks` with a verdict, the digits of agreement and the error bar for each.

    Raises:
        ShapeError, DataError, OptionError, NumericalError: As `gradient`.

    Example:
        >>> check(culpa.Network.fresh([3, 4, 2]), np.ones((5, 3)), np.array([0, 1, 0, 1, 1])).ok
        True
    """
    needs_real(network)
    wide = network.astype("float64")
    claimed = gradient(wide, X, y, weights=weights, reduction=reduction).total()
    inputs = admit_inputs(X, wide.layers[0].W)
    targets = admit_targets(y, len(inputs), wide.loss.targets, wide.sizes[-1], wide.dtype)
    w = admit_weights(weights, len(inputs), reduction, wide.dtype)
    problem = Problem(wide, inputs, targets, w)
    options = Options(directions, entries, budget, seed, show_progress)
    few = slice(None, None, max(1, -(-len(inputs) // REHEARSED)) if is_ours(wide) else 1)
    rehearsal = problem._replace(X=inputs[few], y=targets[few], w=w[few])
    return judge(asked(problem, claimed, seed), options, rehearsal=asked(rehearsal, claimed, seed))


def asked(problem: Problem, claimed: Flat, seed: int) -> Question:
    """The question for the judge."""
    network = problem.network
    theta = flatten(network)
    random = stream(seed, "directions")
    stepping = problem._replace(network=network.astype("complex128"))
    shaken = stepping._replace(X=problem.X * (1 + EPS * random.choice([-1.0, 1.0], problem.X.shape)))
    nudged = theta * (1 + EPS * random.choice([-1.0, 1.0], theta.shape))

    def step(ray: Ray) -> Slope:
        slope, size = complex_step(stepping, theta, ray.v)
        beside, _ = complex_step(shaken, nudged, ray.v)
        # Rounding in the sum itself, and what a rounding of every parameter and input by one unit does to it.
        return Slope(slope, 1e4 * EPS * size + 100 * abs(beside - slope))

    def value(point: Flat) -> float:
        try:
            return problem.objective(point)
        except Exception:  # noqa: BLE001 # a row of the user's own need not be defined everywhere
            return float("nan")

    return Question(value, theta, blocks_of(network), claimed, step, vouched=is_ours(network))


def is_ours(network: Network) -> bool:
    """Whether everything in the forward pass stands in our own tables, where it is known to take complex numbers."""
    values = {row.value for row in (*ACTIVATIONS.values(), *OUTPUTS.values())}
    ours = {row.losses for row in LOSSES.values()}
    return network.loss.losses in ours and all(layer.activation.value in values for layer in network.layers)


def blocks_of(network: Network) -> tuple[Block, ...]:
    """Each block's name and its place in the flat vector."""
    names, sizes = [], [0]
    for k, layer in enumerate(network.layers, 1):
        for letter, part in (("W", layer.W), ("b", layer.b)):
            if part is not None:
                names.append(f"{letter}_{k}")
                sizes.append(part.size)
    ends = np.cumsum(sizes).tolist()
    return tuple(Block(name, slice(*span)) for name, span in zip(names, pairwise(ends), strict=True))


def complex_step(problem: Problem, theta: Flat, v: Flat) -> tuple[float, float]:
    """The objective's derivative along v, and the size of what was summed to make it."""
    moved = unflatten(problem.network, theta + 1j * STEP * v)
    losses = moved.loss.losses(forward(moved, problem.X)[-1].a, problem.y)
    if losses.dtype.kind != "c":
        raise TypeError("the losses are real where the parameters are complex")
    slopes = losses.imag / STEP
    decays = [moved.l2 * float(np.vdot(layer.W.real, layer.W.imag)) / STEP for layer in moved.layers]
    # NOTE: the examples' slopes may cancel in the sum; each carries a rounding error of its own, whatever is left.
    size = float(np.abs(problem.w) @ np.abs(slopes)) + sum(map(abs, decays))
    return float(problem.w @ slopes) + sum(decays), size
