# SPDX-License-Identifier: MIT
"""Memory: has a network learnt its rows by heart? Then its own last losses say little about their labels.

Asked are rows whose label it had reason not to learn: those that the forest clearly contradicts, out of the bag; where
no forest was grown, those that the network itself still had wrong halfway through the record. It knows rows by heart if
it gives so many more of them their label in the end than a network does which has not seen them, that the difference is
more than half of all. Of fewer than ten such rows, or five that are held out, nothing is said, and nothing where none
is: who gives a doubted row its label may be right. Counts of rows alone: the loss may have any unit.
"""

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.labels.counting import LEAD
from culpa.blaming.labels.report import Memory
from culpa.training.record import Examples

__all__ = ["FEWEST", "HALF", "memory_of"]

FEWEST, FEWEST_UNSEEN = 10, 5
"""Rows below which nothing is said: in all, and of those that a network has not seen."""
HALF = 0.5
"""The difference of both shares from which on rows are known by heart."""


def memory_of(
    examples: Examples,
    doubts: NDArray[np.float64] | None = None,
    unseen: NDArray[np.float64] | None = None,
    weights: NDArray[np.float64] | None = None,
) -> Memory | None:
    """Whether a network has learnt its rows by heart; None where too few rows tell.

    Args:
        examples: The record of its training, with margins.
        doubts: How far another class leads the given one (n,) out of the bag, or None.
        unseen: Whether a network that has not seen the row gives it its label (n,), 1 or 0; NaN where none is at hand.
        weights: Of the rows (n,), or None; those of weight 0 were not learnt, and are not asked.
    """
    if unseen is None or examples.margins is None or not len(examples.margins):
        return None
    if doubts is None:
        asked = examples.margins[len(examples.margins) // 2] < 0
        who = "that it had wrong halfway through the record"
    else:
        asked, who = doubts > LEAD, "whose label a forest that has not seen them clearly contradicts"
    if weights is not None:
        asked = asked & (weights > 0)
    apart = asked & np.isfinite(unseen)
    several, few = int(asked.sum()), int(apart.sum())
    if several < FEWEST or few < FEWEST_UNSEEN:
        return None
    fitted, right = int((asked & (examples.margins[-1] > 0)).sum()), int(unseen[apart].sum())
    memorised = bool(fitted / several - right / few > HALF)
    verdict = "The network has learnt rows by heart" if memorised else "The network has not learnt its rows by heart"
    return Memory(
        memorised,
        f"{verdict}: of the {several:,} rows {who}, it gives {fitted:,} their label in the end; of the {few:,} of them "
        f"that were held out at first it gave {right:,} theirs.",
        {"asked": several, "given": fitted, "asked unseen": few, "given unseen": right},
    )
