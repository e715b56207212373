# SPDX-License-Identifier: MIT
"""Memory: has a network learnt its rows by heart? Then its own last losses say little about their labels.

Asked are rows whose label it had reason not to learn: those that the forest clearly contradicts, out of the bag; where
no forest was grown, those that the network itself still had wrong halfway through the record. If by the end it gives
more than half of them their label, it has learnt rows by heart; of fewer than ten such rows nothing is said. Counts of
rows alone: the loss may have any unit.
"""

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.labels.counting import LEAD
from culpa.blaming.labels.report import Memory
from culpa.training.record import Examples

__all__ = ["FEWEST", "memory_of"]

FEWEST = 10
"""Rows below which nothing is said."""


def memory_of(examples: Examples, doubts: NDArray[np.float64] | None = None) -> Memory | None:
    """Whether a network has learnt its rows by heart; None where too few rows tell.

    Args:
        examples: The record of its training, with margins.
        doubts: How far another class leads the given one (n,) out of the bag, or None.
    """
    if examples.margins is None or not len(examples.margins):
        return None
    last = examples.margins[-1] > 0
    if doubts is None:
        asked = examples.margins[len(examples.margins) // 2] < 0
        who = "that it had wrong halfway through the record"
    else:
        asked, who = doubts > LEAD, "whose label a forest that has not seen them clearly contradicts"
    several = np.count_nonzero(asked)
    if several < FEWEST:
        return None
    fitted = np.count_nonzero(last & asked)
    memorised = bool(2 * fitted > several)
    verdict = (
        "The network has learnt rows by heart: of" if memorised else "The network has not learnt its rows by heart: of"
    )
    return Memory(memorised, f"{verdict} the {several:,} rows {who}, it gives {fitted:,} their label in the end.")
