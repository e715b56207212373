# SPDX-License-Identifier: MIT
"""Parting: which rows of a table a network learns from, and which nothing sees. Draws nothing itself."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.errors import DataError
from culpa.tables.raw import RawTable
from culpa.tables.targets import MISTAKEN
from culpa.training.splitting import split_rows

__all__ = ["FEWEST_ROWS", "HELD_OUT", "split_table", "target_of"]

HELD_OUT = 0.25
"""The share of the rows that is held out."""
FEWEST_ROWS = 3
"""One to learn from, one to choose the epoch, one to be held out."""


def split_table(table: RawTable, seed: int = 0) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The places of the rows that are learnt from, and of those that nothing sees.

    Args:
        table: The raw table, with its target.
        seed: The same seed gives the same split, whoever asks.

    Raises:
        DataError: If the table cannot be split: too few rows, classes or groups, or one target for all.
    """
    y = target_of(table)
    if len(y) < FEWEST_ROWS:
        raise DataError(
            f"{table.name} must have {FEWEST_ROWS} rows or more, because one is held out and one chooses the epoch; "
            f"got {len(y)}."
        )
    if (y == y[0]).all():
        raise DataError(
            f"All {len(y):,} rows of {table.name} have the same {table.target}, {y[0]}: there is nothing to learn.",
            hint=MISTAKEN,
        )
    classes = y if table.classes else None
    return split_rows(len(table), HELD_OUT, classes=classes, groups=table.groups, seed=seed)


def target_of(table: RawTable) -> NDArray[Any]:
    """The table's target, which a loss cannot do without."""
    if table.y is None:
        raise DataError(f"{table.name} has no target {table.target!r}, and without one there is no loss.")
    return table.y
