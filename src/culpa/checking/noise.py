# SPDX-License-Identifier: MIT
"""How noisy is a computed function? From a few values side by side, so that float32 somewhere inside f is noticed.

    σ² = Σ_i (f(θ + t_i v) − c(t_i))² / 4        c the cubic that fits best, 8 points t_i very near 0

A smooth function is a cubic there, up to its rounding errors. The points are not evenly spaced: even ones would fall in
step with the numbers of a coarser precision and see no noise. Knows no gradient.

Source: after Moré and Wild 2011, "Estimating computational noise", who take a table of differences on even points.
"""

from collections.abc import Callable
from itertools import product
from typing import NamedTuple, TypeAlias

import numpy as np

from culpa.checking.rays import Ray
from culpa.engine.arrays import Flat, Values

__all__ = ["Function", "Noise", "noise_along", "resolution"]

Function: TypeAlias = Callable[[Flat], float]
"""A real function of θ (p,); NaN where it has no value."""

SPACINGS = (4e-7, 4e-5, 4e-3)
"""In units of the ray's reach; the next is tried where a finer one shows steps of a stair instead of noise."""
POINTS = np.array([1.0, 1.87, 3.13, 3.71, 5.19, 6.02, 7.31, 8.0])
CUBIC = np.linalg.qr(np.vander(POINTS, 4))[0]
FLOAT32 = float(np.finfo(np.float32).eps)


class Noise(NamedTuple):
    """Rounding errors, near θ and where the function is larger.

    Attributes:
        size: How large they are near θ.
        share: What share of the function they are there.
    """

    size: float
    share: float

    def of(self, *values: float) -> float:
        """How large they are among values of the function."""
        return max(self.size, self.share * max(map(abs, values)))


def noise_along(f: Function, here: float, theta: Flat, ray: Ray) -> Noise:
    """The size of the rounding errors of f near θ, never less than the resolution of the numbers that it returns.

    Args:
        f: A real function of θ (p,), NaN where it has no value.
        here: Its value at θ.
        theta: The point.
        ray: The direction to look along; only one side of θ is looked at, so that a kink at θ passes for no noise.
    """
    values, steps, largest = np.array([here]), np.zeros(0), 0.0
    for spacing, side in product(SPACINGS, (1, -1)):
        near = np.array([f(theta + side * spacing * ray.reach * t * ray.v) for t in POINTS])
        if not np.isfinite(near).all():
            continue
        values, steps = np.append(values, near), np.append(steps, np.abs(np.diff(near)))
        largest = max(largest, scatter(near))
        if np.count_nonzero(np.diff(near)) > len(POINTS) // 2:
            break
    size = float(np.abs(values).max())
    if not steps.any():
        # NOTE: a function that never changes may be one whose changes are lost in float32, on the way to float64.
        return Noise(FLOAT32 * size, FLOAT32)
    stair = float(steps[steps > 0].min()) if np.count_nonzero(steps) <= len(steps) // 2 else 0.0
    rounding = float(max(largest, stair, resolution(values) * size))
    return Noise(rounding, rounding / size)


def scatter(values: Values) -> float:
    """How far the values are from a cubic."""
    size = float(np.abs(values).max())
    if size == 0:
        return 0.0
    centred = (values - values[0]) / size
    return size * float(np.linalg.norm(centred - CUBIC @ (CUBIC.T @ centred))) / 2


def resolution(values: Values) -> float:
    """The unit roundoff of the numbers: float64's, or a coarser one where fewer digits hold them all exactly.

    Example:
        >>> resolution(np.array([0.1, 0.2])) < 1e-15 < resolution(np.float64(np.float32([0.1, 0.2])))
        True
    """
    with np.errstate(over="ignore"):
        exact = bool((values.astype(np.float32) == values).all())
    if not exact:
        return float(np.finfo(np.float64).eps)
    if (values == values[0]).all():
        return FLOAT32
    mantissas = np.abs(np.frexp(values[values != 0])[0] * 2**24).astype(np.int64)
    lowest_bits = mantissas & -mantissas
    return max(1.0, float(lowest_bits.min())) * FLOAT32
