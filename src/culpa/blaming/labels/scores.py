# SPDX-License-Identifier: MIT
"""Scores: how suspicious each label or target value is, and what is proposed instead, whoever finds it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.labels.report import Estimate, Memory

__all__ = ["EVEN", "Scores", "best_others", "evened", "rival_odds"]

EVEN = 0.05
"""Added to both probabilities, so that the odds of two unlikely classes stay near even."""


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
        final: (n,) the loss after the last epoch: what a trained network alone says of a row. Of two trainings of which
            one is shorter, by the longer one.
        wrong, expected, memory: As in LabelReport.
        doubts: (n,) by how much another class leads the given one where the row was not seen; from −1 to 1.
        borne: The share of the clear doubts that a network bears out which has not seen the row.
        chances: (n,) how probable it is that a number is wrong.
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
    doubts: NDArray[np.float64] | None = None
    borne: float = 1.0
    chances: NDArray[np.float64] | None = None


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


def evened(
    probabilities: NDArray[np.float64], given: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The probabilities of the given classes (n,), and of the strongest other ones, EVEN added to both."""
    each = np.arange(len(given))
    return probabilities[each, given] + EVEN, probabilities[each, best_others(probabilities, given)] + EVEN


def rival_odds(probabilities: NDArray[np.float64], given: NDArray[np.intp]) -> NDArray[np.float64]:
    """How suspicious the given classes are (n,), from 0 to 1: the odds of the strongest other class against them.

    log((p_other + EVEN) / (p_given + EVEN)), scaled: a half where both are alike. Of two classes it ranks as
    1 − p_given does; of many it lies between that and the margin. docs/labels.md says what each finds.

    Example:
        >>> rival_odds(np.array([[0.7, 0.2, 0.1], [0.2, 0.2, 0.6], [0.0, 0.0, 1.0]]), np.array([0, 1, 0])).round(2)
        array([0.32, 0.66, 1.  ])
    """
    own, other = evened(probabilities, given)
    odds = np.log(other / own) / np.log((1 + EVEN) / EVEN)
    found: NDArray[np.float64] = np.clip(0.5 * (1 + odds), 0.0, 1.0)
    return found
