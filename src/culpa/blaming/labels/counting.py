# SPDX-License-Identifier: MIT
"""Counting: how many labels look wrong, and what share of the first k.

A row counts where another class leads the given one by more than .5 in out-of-bag probabilities. A forest's are too
careful, so they are calibrated first: their logarithms are divided by the temperature under which the given labels are
likeliest. In-sample probabilities must not come here: a network that has seen a label says little against it. Where it
has not, as of rows held out from it, it tells what the forest's doubt is worth: where a network suits a table better,
it gives most of the doubted rows their label, and so many fewer are counted.

How sure that is was measured on tables with planted errors, `bench/labels.py`: the true number was between the estimate
divided by DOWN and the estimate times UP in nine of ten of those with 2 to 10 % of wrong labels. Where a fifth is wrong
the count falls far short, for the forest has learnt from them.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.labels.report import Estimate
from culpa.blaming.labels.scores import best_others

__all__ = ["DOWN", "LEAD", "UP", "borne_out", "calibrated", "counted", "doubts_of", "expected_shares", "temperature_of"]

Numbers = NDArray[np.float64]
LEAD = 0.5
"""By how much another class must lead."""
DOWN, UP = 2.9, 1.8
"""The ends of the interval: the estimate divided by the one, and times the other."""
FLOOR = 0.01
"""Added to each probability: that no tree speaks for a class does not make it impossible."""
STEEP = 6.0
"""How fast, with the lead, a row comes to be expected wrong: of the planted tables, a logistic curve so steep."""
ASKED = 20_000
"""The temperature is found on at most so many rows, evenly spaced."""


def doubts_of(probabilities: Numbers, given: NDArray[np.intp], weights: Numbers | None = None) -> Numbers:
    """How far another class leads the given one (n,), from −1 to 1, once the probabilities are calibrated.

    Args:
        probabilities: (n, K) of the classes, out of the bag.
        given: The class numbers (n,).
        weights: Of the rows (n,), or None.
    """
    said = calibrated(probabilities, temperature_of(probabilities, given, weights))
    each = np.arange(len(given))
    lead: Numbers = said[each, best_others(said, given)] - said[each, given]
    return lead


def temperature_of(probabilities: Numbers, given: NDArray[np.intp], weights: Numbers | None = None) -> float:
    """The temperature under which the given labels are likeliest, between 1/20 and 8.

    Source: Guo et al. 2017, "On calibration of modern neural networks", section 4.2.
    """
    from scipy.optimize import minimize_scalar

    few = slice(None, None, -(-len(given) // ASKED))
    p, y = probabilities[few], given[few]
    w = np.ones(len(y)) if weights is None else np.asarray(weights, np.float64)[few]
    each = np.arange(len(y))

    def unlikely(exponent: float) -> float:
        return -float(w @ np.log(calibrated(p, np.exp(-exponent))[each, y]))

    return float(np.exp(-minimize_scalar(unlikely, bounds=(-2.0, 3.0), method="bounded").x))


def calibrated(probabilities: Numbers, temperature: float) -> Numbers:
    """Probabilities (n, K) in proportion to (p + FLOOR)^(1 / temperature).

    Example:
        >>> calibrated(np.array([[0.75, 0.25]]), 0.5).round(2)
        array([[0.9, 0.1]])
    """
    logs = np.log(probabilities + FLOOR) / temperature
    powers = np.exp(logs - logs.max(axis=1, keepdims=True))
    shares: Numbers = np.maximum(powers / powers.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)
    return shares


def borne_out(doubts: Numbers, unseen: Numbers | None) -> float:
    """The share of the clearly doubted rows that a network contradicts too which has not seen them; 1 if none is known.

    Args:
        doubts: Of the rows (n,).
        unseen: Whether a network that has not seen the row gives it its label (n,), 1 or 0; NaN where none is at hand.

    Of g in m rows it is (m − g + 1) / (m + 1), so that a few rows change little.

    Example:
        >>> borne_out(np.array([0.9, 0.9, 0.9, 0.9, -0.9]), np.array([1.0, 1.0, 0.0, np.nan, 1.0]))
        0.5
    """
    if unseen is None:
        return 1.0
    asked = (doubts > LEAD) & np.isfinite(unseen)
    return float((np.count_nonzero(asked) - unseen[asked].sum() + 1) / (np.count_nonzero(asked) + 1))


def counted(doubts: Numbers, borne: float = 1.0) -> Estimate:
    """How many labels look wrong.

    Args:
        doubts: Of the rows (n,).
        borne: The share of the clear ones that is borne out.

    Example:
        >>> counted(np.repeat([0.9, -0.8], [29, 371]))
        Estimate(likely=29.0, low=10.0, high=52.2)
    """
    likely = float(round(borne * np.count_nonzero(doubts > LEAD)))
    return Estimate(likely, likely / DOWN, min(float(len(doubts)), UP * max(likely, 1.0)))


def expected_shares(doubts: Numbers, order: NDArray[Any], borne: float = 1.0) -> Numbers:
    """The share of the first k rows that look wrong, at k − 1; of all rows, as many as `counted` says.

    Args:
        doubts: Of the rows (n,).
        order: The places of the rows that are ranked, the most suspicious first.
        borne: As for `counted`.
    """
    ranked = doubts[order]
    wanted = counted(ranked, borne).likely
    low, high = -3.0, 4.0  # the middle of the curve is moved until it says so many
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if curve(ranked, middle).sum() > wanted else (low, middle)
    running = np.cumsum(curve(ranked, high) if wanted else np.zeros(len(ranked)))
    shares: Numbers = running / np.arange(1, len(ranked) + 1)
    return shares


def curve(doubts: Numbers, middle: float) -> Numbers:
    """How likely a row is wrong, a logistic function of its doubt that is a half in the middle."""
    likely: Numbers = 1.0 / (1.0 + np.exp(-STEEP * (doubts - middle)))
    return likely
