# SPDX-License-Identifier: MIT
"""Beside: whether plain loss has the planted rows higher than culpa's ranking by more than luck.

    AP      mean of j / (j + above_(j)) over the planted rows, the one with the fewest other rows above it first
    lead    mean over the kinds of AP(plain loss) − AP(culpa)
    luck    the same after a coin has been thrown for each planted row, whether its two places are exchanged: were
            neither ranking the better one, either would be as likely
    p       (1 + how often luck is at least the lead) / (1 + how many throws)

The rows that are not planted stay where they are, so that luck is a little too rarely as good: p must not exceed .01,
which keeps what is said wrongly to about one case in twenty. Seven planted rows are the fewest that can reach it.
Knows places in rankings, and neither what ranked nor what was planted.

Source: M. D. Smucker, J. Allan, B. Carterette, CIKM 2007, pp. 623–632, the randomization test; here a row is the unit.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from culpa.engine.streams import stream

__all__ = ["Above", "is_ahead", "rows_above"]

THROWS, LUCK = 999, 0.01
"""So often is a coin thrown for each row, and no more often than this may luck be as good."""
Above = NDArray[np.intp]
"""Of the planted rows (2, k): how many others stand no lower, by culpa's ranking and by plain loss."""


def rows_above(scores: Sequence[NDArray[np.float64]], rows: NDArray[np.intp]) -> Above:
    """How many rows that are not planted stand no lower than each planted one, for each score.

    Args:
        scores: By culpa (n,), and plain loss (n,), the largest first.
        rows: The places of the planted rows in the data (k,).
    """
    others = np.setdiff1d(np.arange(len(scores[0])), rows)
    return np.array([len(others) - np.searchsorted(np.sort(score[others]), score[rows]) for score in scores])


def is_ahead(kinds: Sequence[Above], seed: int) -> bool:
    """Whether plain loss does better for every kind of error, and for all of them by more than luck.

    Args:
        kinds: What stands above the rows of each kind's planting.
        seed: Of the throws.
    """
    found = [lead(above) for above in kinds]
    if not found or min(found) <= 0:
        return False
    random, least = stream(seed, "exchanging"), float(np.mean(found)) - 1e-12
    luck = [np.mean([lead(exchanged(above, random)) for above in kinds]) for _ in range(THROWS)]
    return (1 + int((np.array(luck) >= least).sum())) / (1 + THROWS) <= LUCK


def lead(above: Above) -> float:
    """By how much the average precision of plain loss is the larger one."""
    j = np.arange(1.0, above.shape[1] + 1)
    mine, plain = (j / (j + np.sort(above))).mean(axis=1)
    return float(plain - mine)


def exchanged(above: Above, random: np.random.Generator) -> Above:
    """The same with the two places of about half of the rows exchanged."""
    return np.where(random.random(above.shape[1]) < 0.5, above, above[::-1])
