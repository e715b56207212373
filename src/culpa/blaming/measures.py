# SPDX-License-Identifier: MIT
"""Measures beside the score, in the reader's own words: how well one class is found, how far off a number is.

    recall      Σ w_i [y_i = c, ŷ_i = c] / Σ w_i [y_i = c]
    precision   Σ w_i [y_i = c, ŷ_i = c] / Σ w_i [ŷ_i = c]
    off by      the weighted median of |ŷ_i − y_i|, and (Σ w_i (ŷ_i − y_i)² / Σ w_i)^½, in the target's unit

Knows nothing of splits: it measures the rows that it is given.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.tables.columns import Columns, Label

__all__ = ["Detection", "Distance", "measures"]


class Detection(NamedTuple):
    """How well the rows of one class are found.

    Attributes:
        label: The class that is looked for.
        there: How many rows have it.
        called: How many rows the network says have it.
        found: How many of these do.
        recall: The share of the rows there that are found, by weight; NaN where none is there.
        precision: The share of the rows called that are right, by weight; NaN where none is called.
        weighted: Whether there are weights.
    """

    label: Label
    there: int
    called: int
    found: int
    recall: float
    precision: float
    weighted: bool = False


class Distance(NamedTuple):
    """How far off the answers are, in the target's unit.

    Attributes:
        median: Half of the rows, by weight, are off by no more.
        root_mean_square: The root of the weighted mean square; large errors weigh more.
    """

    median: float
    root_mean_square: float


def measures(
    columns: Columns | None, said: NDArray[Any], y: NDArray[Any], weights: NDArray[np.float64] | None
) -> Detection | Distance | None:
    """Measure answers beyond their score.

    Args:
        columns: They say what the classes, the one looked for and the unit are.
        said: What the network says of each row (n, d_L).
        y: Encoded targets (n,).
        weights: The rows' weights (n,), or None.

    Returns:
        A Detection for two classes, or where one was said to be looked for; a Distance for a target of numbers; None
        for several classes alike, and where there are no columns.
    """
    if columns is None:
        return None
    w = np.ones(len(y)) if weights is None else weights
    if columns.classes is None:
        return distance(np.abs(said[:, 0].astype(np.float64) - y) * columns.target_scale, w)
    label = columns.classes[-1] if columns.positive is None and len(columns.classes) == 2 else columns.positive
    if label is None:
        return None
    number = columns.classes.index(label)
    called = said.argmax(axis=1) == number
    return detection(label, y == number, called, w)._replace(weighted=weights is not None)


def detection(label: Label, there: NDArray[Any], called: NDArray[Any], w: NDArray[np.float64]) -> Detection:
    """The counts and the two shares."""
    both = there & called
    recall, precision = (float(w[both].sum() / w[rows].sum()) if w[rows].sum() else np.nan for rows in (there, called))
    return Detection(label, int(there.sum()), int(called.sum()), int(both.sum()), recall, precision)


def distance(off: NDArray[np.float64], w: NDArray[np.float64]) -> Distance:
    """The middle and the root mean square of the distances."""
    if not w.sum():
        return Distance(np.nan, np.nan)
    order = np.argsort(off)
    reached = np.cumsum(w[order])
    # Two rows share the middle where the weights before it are exactly half, as in the plain median.
    low, high = (order[int(np.searchsorted(reached, reached[-1] / 2, side))] for side in ("left", "right"))
    return Distance(float((off[low] + off[high]) / 2), float(np.sqrt((w @ off**2) / w.sum())))
