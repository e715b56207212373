# SPDX-License-Identifier: MIT
"""Comparing: two networks on the same rows, and between which bounds the difference lies.

    accuracy    D = Σ x_g / Σ s_g, over the rows of a witness g x_g = Σ w_i (right after − right before), s_g = Σ w_i
                u_g = (x_g − D·s_g) / Σ s_g,   D ± z √(Σ u_g²)
                both with two witnesses more, of weight Σ s_g² / Σ s_g, of which one is better and one worse
    R²          D the same ratio, of x_i = w_i (e_i² − e_i′²) and s_i = w_i (y_i − ȳ)²
                v_g = u_g / (1 − s_g / Σ s_g),   D ± t √(Σ v_g²), with the jackknife's v, and m − 1 degrees of freedom

A witness is a row, or a group of them: rows of a group tell the same. m = (Σ w_g)² / Σ w_g² is their effective number,
to which those of weight 0 add nothing. Without weights and groups the first is the interval of Bonett and Price,
p − q ± z √((p + q − (p − q)²)/(n + 2)) with p = (better + 1)/(n + 2) and q = (worse + 1)/(n + 2): the two witnesses
more keep it from having no width where no answer differs. Below two witnesses there is none. Knows no table and no
training.

Source: D. G. Bonett, R. M. Price, J. Educ. Behav. Stat. 37 (2012), pp. 479–488; the effective number: L. Kish, J. Off.
Stat. 8 (1992), pp. 183–200; ratios and groups: W. G. Cochran, Sampling Techniques (3rd ed.), sections 6.3–6.4 and 9A;
the jackknife: R. G. Miller, Biometrika 61 (1974), pp. 1–15.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["LEVEL", "Difference", "accuracy_difference", "r_squared_difference"]

LEVEL = 0.95
"""How often the interval holds the difference."""
FEWEST = 2 - 1e-9
"""So many witnesses a spread needs; two groups of one size are not to fail by rounding."""


class Difference(NamedTuple):
    """How two answers to the same rows compare.

    Attributes:
        metric: "accuracy" or "R²".
        rows: On how many rows.
        before, after: The measure of each.
        low, high: Between these the difference lies; NaN where less than two rows or groups can witness it, or two
            answers in numbers are the same throughout.
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
    w = np.ones(len(before)) if weights is None else np.asarray(weights, np.float64)
    if not w.any():
        return Difference("accuracy", len(before), *[float("nan")] * 4)
    was, now = (float(np.average(right, weights=w)) for right in (before, after))
    x, s = witnessed(groups, w, w * (after.astype(np.float64) - before), w)
    if effective_number(s) < FEWEST:
        return Difference("accuracy", len(before), was, now, float("nan"), float("nan"))
    more = float(s @ s / s.sum())
    ratio, u = expanded(np.append(x, [more, -more]), np.append(s, [more, more]))
    half = quantile() * float(np.sqrt(u @ u))
    return Difference("accuracy", len(before), was, now, max(ratio - half, -1.0), min(ratio + half, 1.0))


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
    w = np.ones(len(truth)) if weights is None else np.asarray(weights, np.float64)
    spread = w * (truth - np.average(truth, weights=w)) ** 2 if w.any() else w
    if not spread.any():
        return Difference("R²", len(truth), *[float("nan")] * 4)
    errors = [w * (truth - said) ** 2 for said in (before, after)]
    was, now = (1 - float(error.sum() / spread.sum()) for error in errors)
    x, s, weighing = witnessed(groups, w, errors[0] - errors[1], spread, w)
    m = effective_number(weighing)
    ratio, u = expanded(x, s)
    rest = 1 - s / s.sum()
    if m < FEWEST or not u.any() or not rest.all():
        return Difference("R²", len(truth), was, now, float("nan"), float("nan"))
    half = quantile(m - 1) * float(np.sqrt(np.sum((u / rest) ** 2)))
    return Difference("R²", len(truth), was, now, ratio - half, ratio + half)


def witnessed(
    groups: NDArray[Any] | None, w: NDArray[np.float64], *values: NDArray[np.float64]
) -> list[NDArray[np.float64]]:
    """Values of the rows that weigh something, summed over each group (m,); without groups as they are."""
    rows = np.flatnonzero(w)
    if groups is None:
        return [entries[rows] for entries in values]
    number = np.unique(np.asarray(groups)[rows], return_inverse=True)[1]
    return [np.bincount(number, entries[rows]).astype(np.float64) for entries in values]


def effective_number(s: NDArray[np.float64]) -> float:
    """How many equal witnesses tell as much as these: (Σ s)² / Σ s²."""
    share = s / s.sum()
    return float(1 / (share @ share))


def expanded(x: NDArray[np.float64], s: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """D = Σ x / Σ s, and what each of them moves it by, to the first order: u = (x − D s) / Σ s."""
    total = float(s.sum())
    ratio = float(x.sum()) / total
    return ratio, (x - ratio * s) / total


def quantile(freedom: float | None = None) -> float:
    """How many standard errors reach from the middle to a bound: of Student's t, or of the normal distribution."""
    from scipy.special import ndtri, stdtrit

    reach = 0.5 + LEVEL / 2
    return float(ndtri(reach) if freedom is None else stdtrit(freedom, reach))
