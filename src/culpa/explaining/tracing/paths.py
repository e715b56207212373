# SPDX-License-Identifier: MIT
"""Paths: the ways on which the loss reaches one unit, and the few of them that carry most.

    ∂ℓ/∂a_{k,i} = Σ over i → i_{k+1} → … → c of   g′_{k,i} W_{k+1,i_{k+1}i} g′_{k+1,i_{k+1}} … W_{L,c i_{L−1}} δ_{L,c}

A dynamic programme goes from the output down and keeps, for every unit, the K paths above it whose products are largest
in size. That is exact: what is not among the K largest above a unit is not among the K largest below it either. No path
is enumerated. Counts, sums and sums of sizes come the same way. Knows arrays, and no network and no words.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import prod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.engine.arrays import Matrix, Vector

__all__ = ["Path", "Paths", "paths_above"]


class Path(NamedTuple):
    """One way from the unit to an output.

    Attributes:
        units: The units that it passes, from 1, the one asked for first and the output last.
        factors: From the unit up: the slope (if it is asked for), a weight, a slope, …, a weight, the output's error.
        contribution: Their product.
    """

    units: tuple[int, ...]
    factors: tuple[float, ...]
    contribution: float


class Paths(NamedTuple):
    """All ways from a unit to the outputs, of which the largest are known one by one.

    Attributes:
        largest: At most as many as were asked for, in falling order of size; none of them is zero.
        ways: How many there are.
        alive: How many of them carry anything; to 15 digits.
        total: The sum of all contributions, which is the derivative.
        flow: The sum of their sizes; more than |total| where they cancel.
    """

    largest: tuple[Path, ...]
    ways: int
    alive: int
    total: float
    flow: float

    @property
    def shown(self) -> float:
        """Which share of the flow the largest paths make; NaN where nothing flows."""
        return sum(abs(path.contribution) for path in self.largest) / self.flow if self.flow else float("nan")


class Above(NamedTuple):
    """The best ways up from each unit of a layer, all (units, K): sizes, which unit comes next, and its rank there."""

    sizes: NDArray[np.float64]
    unit: NDArray[np.intp]
    rank: NDArray[np.intp]


def paths_above(
    weights: Sequence[Matrix], slopes: Sequence[Vector | None], delta_out: Vector, unit: int, *, most: int = 5
) -> Paths:
    """Find the paths from one unit of layer k to the outputs that carry most.

    Args:
        weights: W_{k+1}, …, W_L; none for a unit of the output layer.
        slopes: g_k′, …, g_{L−1}′ for one example, each (d,); None in the first place for the derivative by h_k.
        delta_out: δ_L (d_L,) for that example.
        unit: Which unit of layer k, from 1.
        most: K.

    Returns:
        The Paths; `total` is δ_{k,i}, or ∂ℓ/∂h_{k,i} without the first slope.

    Example:
        >>> found = paths_above([np.array([[2.0], [3.0]])], [None], np.array([1.0, -1.0]), 1)
        >>> [path.contribution for path in found.largest], found.total, found.flow
        ([-3.0, 2.0], -1.0, 5.0)
    """
    errors = np.asarray(delta_out, np.float64)
    known: list[tuple[Matrix, Vector]] = []
    for depth, (W, slope) in enumerate(zip(weights, slopes, strict=True)):
        factor = np.ones(W.shape[1]) if slope is None else slope
        # Of the lowest layer, only the unit itself is asked for.
        known.append((W[:, [unit - 1]], factor[[unit - 1]]) if depth == 0 else (W, factor))
    if not known:
        errors = errors[[unit - 1]]
    above = Above(np.abs(errors)[:, None], np.zeros((len(errors), 1), np.intp), np.zeros((len(errors), 1), np.intp))
    ladder, total, flow, share = [above], errors, np.abs(errors), (errors != 0).astype(np.float64)
    for W, slope in reversed(known):
        ladder.append(best(ladder[-1], W, slope, most))
        total = (total @ W) * slope
        flow = (flow @ np.abs(W)) * np.abs(slope)
        share = (share @ (W != 0)) * (slope != 0) / len(W)
    ladder.reverse()
    ways = (climb(ladder, rank) for rank in range(ladder[0].sizes.shape[1]) if ladder[0].sizes[0, rank] > 0)
    largest = tuple(path_of(way, unit, weights, slopes, delta_out) for way in ways)
    count = prod(len(W) for W in weights)
    # A share, and no count, so that nothing overflows in a deep network; it is exact enough to count what can be read.
    return Paths(largest, count, round(Fraction(float(share[0])) * count), float(total[0]), float(flow[0]))


def best(above: Above, W: Matrix, slope: Vector, most: int) -> Above:
    """The K largest products for each unit below, from those of the units above."""
    sizes = np.abs(W)
    # Only the K units with the largest first path can be next: each of them offers one that is at least as large.
    few = min(most, len(W))
    first = sizes * above.sizes[:, :1]
    unit = np.sort(np.argpartition(-first, few - 1, axis=0)[:few], axis=0).T
    offers = np.take_along_axis(sizes.T, unit, axis=1)[:, :, None] * above.sizes[unit]
    flat = offers.reshape(len(unit), -1)
    order = np.argsort(-flat, axis=1, kind="stable")[:, :most]
    next_unit = np.take_along_axis(unit, order // offers.shape[2], axis=1)
    return Above(np.take_along_axis(flat, order, axis=1) * np.abs(slope)[:, None], next_unit, order % offers.shape[2])


def climb(ladder: Sequence[Above], rank: int) -> list[int]:
    """The units above the lowest one on one of its paths, from 0."""
    units, here = [], 0
    for step in ladder[:-1]:
        here, rank = int(step.unit[here, rank]), int(step.rank[here, rank])
        units.append(here)
    return units


def path_of(
    way: Sequence[int], unit: int, weights: Sequence[Matrix], slopes: Sequence[Vector | None], delta_out: Vector
) -> Path:
    """A path with its factors, from the units above."""
    units = (unit - 1, *way)
    factors: list[float] = []
    for (below, above), W, slope in zip(pairwise(units), weights, slopes, strict=True):
        factors += [] if slope is None else [float(slope[below])]
        factors.append(float(W[above, below]))
    factors.append(float(delta_out[units[-1]]))
    return Path(tuple(index + 1 for index in units), tuple(factors), prod(factors))
