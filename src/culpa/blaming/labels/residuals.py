# SPDX-License-Identifier: MIT
"""Residuals: how far a target value lies from what is proposed for it, beside what is usual around there.

    r_i = y_i − ŷ_i
    s_i = median |r| over the 5 % of the rows that are nearest in ŷ + ¼ median |r| over all
    z_i = r_i / s_i, in units in which half of all |z| lie below .6745, as of a normal deviation

Where values are large, errors often are: without s_i a ranking would begin with the largest values, right or wrong.
What z_i says of a value, `odds` knows; who proposes ŷ is not known here.
"""

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.labels.odds import Residuals, chances, estimated, odds, shares
from culpa.blaming.labels.scores import Scores

__all__ = ["judged", "local_scale", "residuals"]

Numbers = NDArray[np.float64]
NEARBY = 0.05
"""The share of the rows that are nearest in prediction."""
FEWEST = 5
"""Of so few rows a median is taken at the least."""
EVERYWHERE = 0.25
"""How much of the median over all rows stands beside it, so that a calm corner raises no alarm."""
NORMAL = 0.6744897501960817
"""The median of |z| where z is normal."""
CENTRES = 512
"""A running median is taken at so many places at the most, and lies on straight lines between them."""
COVERED = 0.9
"""The share of the rows whose given value the interval around the proposed one holds."""


def residuals(y: Numbers, proposed: Numbers, counting: NDArray[np.bool_] | None = None) -> Residuals:
    """Residuals beside their local scale.

    Args:
        y, proposed: What is given, and what is proposed by somebody who has not seen it (n,).
        counting: Which rows say what is usual (n,), such as those of some weight; by default all.
    """
    values = np.asarray(y, np.float64) - proposed
    usual = np.ones(len(values), bool) if counting is None else counting
    scale = local_scale(proposed, values, usual)
    # Where most values are met exactly the scale itself must do.
    spread = scale * (float(np.median(np.abs(values[usual]) / scale[usual])) / NORMAL or 1.0)
    return Residuals(values, spread, values / spread)


def local_scale(proposed: Numbers, values: Numbers, counting: NDArray[np.bool_]) -> Numbers:
    """The scale of the residuals around each row (n,): a running median of their sizes in the order of the predictions.

    Example:
        >>> local_scale(np.arange(100.0), np.repeat([1.0, -3.0], 50), np.ones(100, bool))[[0, 99]]
        array([1.5, 3.5])
    """
    at, sizes = proposed[counting], np.abs(values[counting])
    order = np.argsort(at, kind="stable")
    at, sizes = at[order], sizes[order]
    width = min(len(at), max(FEWEST, round(NEARBY * len(at))))
    centres = np.unique(np.linspace(0, len(at) - 1, min(len(at), CENTRES)).round().astype(np.intp))
    starts = np.clip(centres - width // 2, 0, len(at) - width)
    medians = np.array([np.median(sizes[start : start + width]) for start in starts])
    # Where more than half of the values are met exactly, a median knows nothing of the others: their mean does.
    everywhere = max(float(np.median(sizes)), float(sizes.mean()) / 8, float(np.finfo(np.float32).eps) * spread_of(at))
    found: Numbers = np.interp(proposed, at[centres], medians) + EVERYWHERE * everywhere
    return found


def spread_of(values: Numbers) -> float:
    """The greatest size, and 1 where that is nothing: what rounding is measured by."""
    return float(np.abs(values).max()) or 1.0


def judged(
    y: Numbers, proposed: Numbers, *, method: str, why: str, weights: Numbers | None = None, unseen: bool = True
) -> Scores:
    """Score rows by how much likelier their values are as wrong ones than as right ones, by `odds`.

    Args:
        y, proposed: What is given, and what is proposed instead (n,).
        method, why: As in Scores.
        weights: Of the rows (n,); those of weight 0 are scored and say nothing of what is usual.
        unseen: Whether who proposes has not seen the values: only then can it be told how many are wrong.
    """
    y, counting = np.asarray(y, np.float64), np.ones(len(y), bool) if weights is None else np.asarray(weights) > 0
    found = residuals(y, proposed, counting)
    doubts, reach = odds(y, found, counting), reaches(proposed, found, counting)
    each = chances(doubts) if unseen else None
    order = np.argsort(-doubts.suspicion, kind="stable")
    # An interval ends where the given values do: below a price of nothing there is none.
    return Scores(
        doubts.suspicion,
        proposed,
        method,
        why,
        low=np.minimum(proposed, np.maximum(proposed - reach, y[counting].min())),
        high=np.maximum(proposed, np.minimum(proposed + reach, y[counting].max())),
        residual=found.values,
        spread=found.spread,
        wrong=None if each is None else estimated(each[counting]),
        expected=None if each is None else shares(each[order]),
        chances=each,
    )


def reaches(proposed: Numbers, found: Residuals, counting: NDArray[np.bool_]) -> Numbers:
    """How far on either side of what is proposed nine of ten values lie, (n,).

    A row's own residual is part of its local scale, and would seem smaller beside it than a new row's: here every
    second row in the order of the predictions is measured by the scale of the others.

    Source: Lei et al. 2018, "Distribution-free predictive inference for regression", section 5.2, for the local scale.
    """
    half = np.zeros(len(proposed), bool)
    half[np.flatnonzero(counting)[np.argsort(proposed[counting], kind="stable")][::2]] = True
    scales = found.spread
    if counting.sum() > 1:
        ours, theirs = (local_scale(proposed, found.values, counting & side) for side in (~half, half))
        scales = np.where(half, ours, theirs)
    size = (np.abs(found.values) / scales)[counting]
    # The median ratio of both scales brings the quantile into the unit of the spread.
    unit = float(np.median((scales / found.spread)[counting]))
    return float(np.quantile(size, min(1.0, COVERED * (1 + 1 / len(size))), method="higher")) * unit * found.spread
