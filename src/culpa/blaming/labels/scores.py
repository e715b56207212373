# SPDX-License-Identifier: MIT
"""Scores: how suspicious each label or target value is, and what is proposed instead, whoever finds it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.labels.report import Estimate, Memory

__all__ = ["Scores", "best_others"]


class Scores(NamedTuple):
    """What a scorer says of n rows; entries are None where it knows nothing of the kind.

    Attributes:
        suspicion: (n,) from 0 to 1, the larger the likelier wrong.
        proposed: (n,) the class number, or the value as the network scales it.
        method, why: By what, and why by that, in a few words.
        probabilities: (n, K) of the classes, from which the suspicion comes.
        low, high: (n,) the interval of a proposed value.
        residual, spread: (n,) given less proposed value, and what it usually is around there.
        losses: (n,) in the training's record, the mean over its epochs.
        final: (n,) the loss after the last epoch: what a trained network alone says of a row.
        wrong, expected, memory: As in LabelReport.
        interrupted: Whether Ctrl-C ended the training early, so that all this is of fewer epochs.
    """

    suspicion: NDArray[np.float64]
    proposed: NDArray[np.float64] | NDArray[np.intp]
    method: str
    why: str
    probabilities: NDArray[np.float64] | None = None
    low: NDArray[np.float64] | None = None
    high: NDArray[np.float64] | None = None
    residual: NDArray[np.float64] | None = None
    spread: NDArray[np.float64] | None = None
    losses: NDArray[np.float64] | None = None
    final: NDArray[np.float64] | None = None
    wrong: Estimate | None = None
    expected: NDArray[np.float64] | None = None
    memory: Memory | None = None
    interrupted: bool = False


def best_others(probabilities: NDArray[np.float64], given: NDArray[np.intp]) -> NDArray[np.intp]:
    """The most probable class other than the given one (n,), of K ≥ 2.

    Example:
        >>> best_others(np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]]), np.array([0, 0]))
        array([1, 2])
    """
    others = probabilities.copy()
    others[np.arange(len(given)), given] = -np.inf
    found: NDArray[np.intp] = others.argmax(axis=1)
    return found
