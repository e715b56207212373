# SPDX-License-Identifier: MIT
"""Rows apart: a second table that chooses the epoch, read as the first one was, and which of its rows are no others."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.errors import DataError, OptionError
from culpa.tables.assigning import from_frame
from culpa.tables.columns import Columns
from culpa.tables.frames import as_frame
from culpa.tables.parting import target_of
from culpa.tables.raw import RawTable, learn_columns
from culpa.tables.reading import read_raw
from culpa.tables.roles import Roles
from culpa.tables.table import Table

__all__ = ["first_look", "rows_apart", "seen_before"]

FIRST = 1000
"""So many rows tell the names and the kinds of columns that were judged before."""


def first_look(table: RawTable) -> Columns:
    """The columns as their first rows have them: their names and kinds, which another table is read by."""
    return learn_columns(table, np.arange(min(FIRST, len(table))))


def rows_apart(source: Any, table: RawTable) -> RawTable:
    """Another table with the same target, its columns taken for what they are in this one.

    Raises:
        OptionError: If it is no table.
        DataError: If a Table was judged otherwise when it was read.
    """
    if isinstance(source, float | int | tuple | np.ndarray):
        raise OptionError(
            f"`validation` must be a Table, a file or a frame with the target in it; got a {type(source).__name__}.",
            hint="without it, 15 % of the training rows choose the epoch.",
        )
    if not isinstance(source, Table):
        known, roles = first_look(table), Roles(target=table.target)
        if isinstance(source, str | Path):
            return read_raw(str(source), roles, columns=known)
        return from_frame(as_frame(source), roles, name="`validation`", columns=known)
    other = source.raw
    for name in table.names:
        kinds = [one.judged[name].kind for one in (table, other) if name in one.judged]
        if len({*kinds}) > 1:
            raise DataError(
                f"The column {name!r} holds one thing in `X`, {kinds[0]}, and another in `validation`, {kinds[1]}.",
                hint="read_table(…, columns=table.columns) reads the one as the other.",
            )
    return other


def seen_before(
    table: RawTable, apart: RawTable, columns: Columns, train: NDArray[np.intp], held: NDArray[np.intp]
) -> Iterator[str]:
    """Which held-out rows, or training rows, are among those that chose the epoch, in sentences."""
    own, other = marks(table, columns), marks(apart, columns)
    seen, learnt = int(np.isin(own[held], other).sum()), int(np.isin(other, own[train]).sum())
    if seen:
        yield (
            f"{seen:,} of the {len(held):,} held-out rows are in {apart.name} too, which chooses the epoch: "
            "the held-out score flatters"
        )
    if learnt:
        yield (
            f"{learnt:,} of the {len(other):,} rows of {apart.name}, which chooses the epoch, are training rows too: "
            "the epoch that knows them by heart looks best"
        )


def marks(table: RawTable, columns: Columns) -> NDArray[np.uint64]:
    """A number for each row, the same for rows of the same inputs and target."""
    import polars as pl

    parts = [table.frame[name].alias(str(place)) for place, name in enumerate(columns.names)]
    target = pl.Series("target", columns.encode_target(target_of(table)).astype(np.float64))
    return pl.DataFrame([*parts, target]).hash_rows().to_numpy()
