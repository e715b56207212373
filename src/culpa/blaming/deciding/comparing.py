# SPDX-License-Identifier: MIT
"""Comparing: two networks on the same rows, and between which bounds the difference lies.

accuracy    d = (c − b)/n, of n rows c right after alone and b right before alone; with p = (c+1)/(n+2) and
            q = (b+1)/(n+2) the interval is p − q ± z √((p + q − (p − q)²)/(n+2))
R²          d = Σ w_i (e_i² − e_i′²) / Σ w_i (y_i − ȳ)², a ratio D of sums; its error is that of the sum of
            u_i = (numerator_i − D·denominator_i)/Σ denominator, with Student's t

With weights accuracy is such a ratio too, and with groups the u are summed in each of them first: rows of a group are
no independent witnesses. Knows no table and no training.

Source: D. G. Bonett, R. M. Price, J. Educ. Behav. Stat. 37 (2012), pp. 479–488; W. G. Cochran, Sampling Techniques
(3rd ed.), sections 6.3–6.4 for ratios and 9A for groups.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["LEVEL", "Difference", "accuracy_difference", "r_squared_difference"]

LEVEL = 0.95
"""How often the interval holds the difference."""


class Difference(NamedTuple):
    """How two answers to the same rows compare.

    Attributes:
        metric: "accuracy" or "R²".
        rows: On how many rows.
        before, after: The measure of each.
        low, high: Between these the difference lies; NaN where one group or one row leaves nothing to tell it by.
    """

    metric: str
    rows: int
    before: float
    after: float
    low: float
    high: float

    @property
    def difference(self) -> float:
        """After less before."""
        return self.after - self.before

    @property
    def clear(self) -> bool:
        """Whether the interval leaves 0 out."""
        return bool(self.low > 0 or self.high < 0)


def accuracy_difference(
    before: NDArray[np.bool_],
    after: NDArray[np.bool_],
    *,
    weights: NDArray[np.float64] | None = None,
    groups: NDArray[Any] | None = None,
) -> Difference:
    """Compare two networks by the rows that each has right.

    Args:
        before, after: Whether each row (n,) is right.
        weights, groups: Of the rows (n,), or None.

    Example:
        >>> before, after = np.arange(100) < 90, np.arange(100) < 96
        >>> found = accuracy_difference(before, after)
        >>> round(found.difference, 3), round(found.low, 3), round(found.high, 3), found.clear
        (0.06, 0.006, 0.112, True)
    """
    n = len(before)
    w = np.ones(n) if weights is None else weights
    was, now = (float(np.average(right, weights=w)) for right in (before, after))
    if weights is not None or groups is not None:
        low, high = ratio_bounds(w * (after.astype(np.float64) - before), w, groups)
        return Difference("accuracy", n, was, now, low, high)
    p, q = ((int((one & ~other).sum()) + 1) / (n + 2) for one, other in ((after, before), (before, after)))
    half = quantile() * float(np.sqrt((p + q - (p - q) ** 2) / (n + 2)))
    return Difference("accuracy", n, was, now, max(p - q - half, -1.0), min(p - q + half, 1.0))


def r_squared_difference(
    truth: NDArray[np.float64],
    before: NDArray[np.float64],
    after: NDArray[np.float64],
    *,
    weights: NDArray[np.float64] | None = None,
    groups: NDArray[Any] | None = None,
) -> Difference:
    """Compare two networks by how much of a target of numbers each explains.

    Args:
        truth: The numbers (n,).
        before, after: What each says.
        weights, groups: Of the rows (n,), or None.
    """
    w = np.ones(len(truth)) if weights is None else weights
    spread = w * (truth - np.average(truth, weights=w)) ** 2
    errors = [w * (truth - said) ** 2 for said in (before, after)]
    if not spread.sum():
        return Difference("R²", len(truth), *[float("nan")] * 4)
    was, now = (1 - float(error.sum() / spread.sum()) for error in errors)
    low, high = ratio_bounds(errors[0] - errors[1], spread, groups)
    return Difference("R²", len(truth), was, now, low, high)


def ratio_bounds(
    numerator: NDArray[np.float64], denominator: NDArray[np.float64], groups: NDArray[Any] | None
) -> tuple[float, float]:
    """The bounds of Σ numerator / Σ denominator, by the first term of its expansion."""
    total = float(denominator.sum())
    ratio = float(numerator.sum()) / total
    u = (numerator - ratio * denominator) / total
    if groups is not None:
        u = np.bincount(np.unique(groups, return_inverse=True)[1], u).astype(np.float64)
    m = len(u)
    if m < 2:
        return float("nan"), float("nan")
    half = quantile(m - 1) * float(np.sqrt(m / (m - 1) * (u @ u)))
    return ratio - half, ratio + half


def quantile(freedom: int | None = None) -> float:
    """How many standard errors reach from the middle to a bound: of Student's t, or of the normal distribution."""
    from scipy.special import ndtri, stdtrit

    reach = 0.5 + LEVEL / 2
    return float(ndtri(reach) if freedom is None else stdtrit(freedom, reach))
