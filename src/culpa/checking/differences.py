# SPDX-License-Identifier: MIT
"""The slope of a function along a ray, from its values alone: central differences, extrapolated, with an error bar.

    D(h) = (f(θ+hv) − f(θ−hv)) / 2h             =  f′ + c h² + …         the slope
    G(h) = (f(θ+hv) − 2f(θ) + f(θ−hv)) / h      =  J + c h + …           the jump of the slope at a kink

Both are taken at h, h/4, h/16, … and extrapolated to h = 0 in a tableau each. An entry's total error is what it changed
from its parents, plus the noise of f over h; the entry of least total error counts. For a smooth function the one-sided
slopes agree and J = 0; where they do not, θ lies at a kink, or nearer to one than the steps.

Source: Ridders 1982, "Accurate computation of F′(x) and F′(x)F″(x)"; the noise is Moré and Wild's.
"""

from typing import NamedTuple

import numpy as np

from culpa.checking.noise import Function, Noise, resolution
from culpa.checking.rays import Ray
from culpa.engine.arrays import Flat

__all__ = ["Slope", "difference"]

FIRST = 0.1
"""The first step, in units of the ray's reach."""
RATIO = 4.0
LEVELS = 20
FEWEST = 4
"""Levels before the ladder may stop: two that agree by chance must not decide."""
SAFETY = 3.0
"""An error was never more than a third of its bar over tens of thousands of random functions; the tests try more."""
FARTHER = 16.0
"""Where all steps drown in noise, the ladder begins again, so many times farther away."""
GROWTHS = 6
VISIBLE = 100.0
"""A change of f of so many times its noise is seen: farther steps would only overlook what is near."""
FAINT = 1e-3


class Slope(NamedTuple):
    """A derivative along a ray.

    Attributes:
        value: The slope; NaN where f has no values beside θ.
        bar: The largest error that its making explains, half a jump included.
        jump: How far the one-sided slopes are apart, where that is seen; 0 where the function looks smooth.
    """

    value: float
    bar: float
    jump: float = 0.0


class Estimate(NamedTuple):
    """An extrapolated number and its total error."""

    value: float
    error: float


class Tableau:
    """Neville's extrapolation to h = 0 of values at h, h/4, h/16, …, whose error has given powers of h."""

    def __init__(self, first: int) -> None:
        self.powers = [first + 2 * j for j in range(LEVELS)]
        self.row: list[float] = []
        self.best = Estimate(np.nan, np.inf)

    def add(self, value: float, noise: float) -> None:
        """One more level, with the noise of its value; its best entry takes over if it is surer or contradicts."""
        row, best = [value], Estimate(value, np.inf)
        for above, power in zip(self.row, self.powers, strict=False):
            beside = row[-1]
            entry = beside + (beside - above) / (RATIO**power - 1)
            row.append(entry)
            if power == self.powers[0]:
                best = Estimate(beside, abs(beside - above) + noise)
            best = min(best, Estimate(entry, max(abs(entry - beside), abs(entry - above)) + noise), key=error_of)
        contradicts = abs(best.value - self.best.value) > SAFETY * (best.error + self.best.error)
        if best.error < self.best.error or contradicts:
            self.best = best
        self.row = row


def error_of(estimate: Estimate) -> float:
    """Its total error."""
    return estimate.error


def difference(f: Function, here: float, theta: Flat, ray: Ray, noise: Noise) -> Slope:
    """Take the slope of f along a ray.

    Args:
        f: A real function of θ (p,), NaN where it has no value.
        here: Its value at θ.
        theta: The point.
        ray: The direction, and how far is far.
        noise: The rounding errors of f.
    """
    found, seen = ladder(f, here, theta, ray, noise)
    for growth in range(1, GROWTHS):
        if not 0 < seen <= VISIBLE * noise.size or found.bar <= FAINT * abs(found.value):
            break
        farther, seen = ladder(f, here, theta, ray._replace(reach=ray.reach * FARTHER**growth), noise)
        if farther.bar < found.bar and abs(farther.value - found.value) <= found.bar:
            found = farther
    return found


def ladder(f: Function, here: float, theta: Flat, ray: Ray, noise: Noise) -> tuple[Slope, float]:
    """Go down the ladder of steps until noise outweighs the best estimate so far; also, how much f changed on it."""
    centre, gap, seen = Tableau(2), Tableau(1), 0.0
    for level in range(LEVELS):
        h = FIRST * ray.reach / RATIO**level
        up, down = f(theta + h * ray.v), f(theta - h * ray.v)
        if not (np.isfinite(up) and np.isfinite(down)):
            centre, gap = Tableau(2), Tableau(1)
            continue
        seen = max(seen, abs(up - here), abs(down - here))
        rough = max(noise.of(up, down), resolution(np.array([up, down, here])) * max(abs(up), abs(down)))
        total = centre.best.error + gap.best.error / 2
        if level >= FEWEST and rough / h > total:
            break
        centre.add((up - down) / (2 * h), rough / h)
        gap.add(((up - here) - (here - down)) / h, 2 * rough / h)
    jump, doubt = abs(gap.best.value), SAFETY * gap.best.error
    bar = SAFETY * centre.best.error + (jump + doubt) / 2
    return Slope(centre.best.value, bar, jump if jump > doubt else 0.0), seen
