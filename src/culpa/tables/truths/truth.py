# SPDX-License-Identifier: MIT
"""A truth: one sentence about a table, with the rows and columns that show it. Finds nothing itself."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Truth", "called", "many", "several"]

LONGEST = 30
"""A longer name is cut."""
FEW = 5
"""So many rows are a handful, whatever the size of the table."""


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """One sentence about a table, with its evidence.

    Args:
        key: The word by which its rows are asked for.
        sentence: What is the case.
        rows: The numbers of the rows that show it, in the reader's file; empty where no row does.
        columns: The columns that it is about.
        serious: Whether a network trained on the table would be wrong, or would look better than it is.
    """

    key: str
    sentence: str
    rows: NDArray[np.intp]
    columns: tuple[str, ...] = ()
    serious: bool = False

    def __str__(self) -> str:
        return self.sentence


def many(count: int, of: int) -> bool:
    """Whether so many rows are more than a handful: 5 at least, and one in a hundred."""
    return count >= max(FEW, of / 100)


def called(name: object) -> str:
    """A name or a value from data, cut where it is long."""
    text = str(name)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def several(names: Sequence[object], most: int = 4) -> str:
    """A few names, and how many there are beside them.

    Example:
        >>> several(["a", "b", "c"], most=2)
        'a, b and 1 more'
    """
    shown = ", ".join(map(called, names[:most]))
    return shown if len(names) <= most else f"{shown} and {len(names) - most:,} more"
