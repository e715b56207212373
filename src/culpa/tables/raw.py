# SPDX-License-Identifier: MIT
"""The raw table: a user's columns, each in the one type of its kind, with what they are for. Nothing is encoded yet.

Rows keep their numbers in the user's own file, from 0, even where rows without a target were set aside.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from culpa.errors import DataError
from culpa.tables.columns import Columns, Label, of_rows
from culpa.tables.encoding import learn_column
from culpa.tables.frames import as_series
from culpa.tables.kinds import ENCODED, Judgement
from culpa.tables.roles import Task

if TYPE_CHECKING:
    import polars as pl

__all__ = ["RawTable", "learn_columns"]


@dataclass(frozen=True, slots=True, eq=False)
class RawTable:
    """A table as it was found.

    Args:
        name: What the reader calls it.
        frame: Every column but those with a role of their own; what the network may see in the one type of its kind.
        judged: What each of them holds, and why we think so.
        rows: The rows' numbers (n,) in the reader's file.
        y: The target (n,), labels or numbers; None where there is none.
        target: The target's name.
        classes: The class labels in order; None for a target of numbers, or for none.
        positive: The class that is looked for.
        ids, weights, groups: The rows' names, weights and groups (n,), or None.
        notes: What was done on the way, in sentences.
        lacking: How many rows had no target and were set aside.
        origin: What marks the table that this one was corrected from; None for a table as it was read.
    """

    name: str
    frame: "pl.DataFrame"
    judged: Mapping[str, Judgement]
    rows: NDArray[np.intp]
    y: NDArray[Any] | None
    target: str
    classes: tuple[Label, ...] | None = None
    positive: Label | None = None
    ids: NDArray[Any] | None = None
    weights: NDArray[np.float64] | None = None
    groups: NDArray[Any] | None = None
    notes: tuple[str, ...] = ()
    lacking: int = 0
    origin: str | None = None

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def task(self) -> Task:
        """What there is to learn."""
        return "regression" if self.classes is None else "classification"

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that a network gets to see."""
        return tuple(name for name in self.frame.columns if self.judged[name].kind in ENCODED)

    @property
    def set_aside(self) -> tuple[tuple[str, str], ...]:
        """The other columns, each with the reason."""
        return tuple(
            (name, self.judged[name].why) for name in self.frame.columns if self.judged[name].kind not in ENCODED
        )

    @property
    def checksum(self) -> str:
        """Sixteen hexadecimal digits that change with any entry, name or kind of what is learnt from.

        They are the same from any file or frame, but for numbers and dates that are said to be categories and that a
        file of texts spells in its own way. Ids, groups and what was set aside do not count.
        """
        digest = hashlib.sha256()
        for name in self.names:
            digest.update(f"{name}\x1f{self.judged[name].kind}\x1f".encode())
            digest.update(content(self.frame[name]))
        for word, values in ((self.target, self.y), ("weights", self.weights)):
            if values is not None:
                digest.update(f"{word}\x1f".encode())
                digest.update(content(as_series(word, values)))
        return digest.hexdigest()[:16]


def content(column: "pl.Series") -> bytes:
    """A column's values as bytes: of texts all lengths, then all texts; a gap has a length of its own."""
    import polars as pl

    if column.dtype == pl.String:
        lengths = column.str.len_bytes().cast(pl.Int64).fill_null(-1)
        return bytes(lengths.to_numpy().tobytes() + (column.str.join("").item() or "").encode())
    if column.dtype.is_temporal():
        column = column.cast(pl.Int64)
    return np.ascontiguousarray(column.cast(pl.Float64).fill_null(float("nan")).to_numpy()).tobytes()


def learn_columns(table: RawTable, rows: Sequence[int] | NDArray[np.intp] | None = None) -> Columns:
    """Learn how a table becomes X and y, from its training rows.

    Args:
        table: The raw table.
        rows: Which of its rows are learnt from, from 0; all by default. Rows of weight 0 are not; the target's mean and
            deviation are weighted, as if rows were repeated, and the medians of columns are not.

    Raises:
        DataError: If no column is left that a network could see.
    """
    names = table.names
    if not names:
        why = "; ".join(f"{name}: {reason}" for name, reason in table.set_aside[:5])
        raise DataError(
            f"{table.name} has no column to learn from{': ' + why if why else ''}.",
            hint="--kind COLUMN=number (or category) takes one in all the same.",
        )
    weights = None
    if table.weights is not None:
        rows = np.arange(len(table)) if rows is None else np.asarray(rows)
        rows = rows[table.weights[rows] > 0] if (table.weights[rows] > 0).any() else rows
        weights = table.weights[rows] if table.weights[rows].any() else None
    inputs = tuple(
        learn_column(table.judged[name].kind, of_rows(table.frame[name], rows), table.judged[name].form)
        for name in names
    )
    middle, spread = 0.0, 1.0
    if table.classes is None and table.y is not None:
        middle, spread = mean_and_deviation(table.y if rows is None else table.y[np.asarray(rows)], weights)
    return Columns(inputs, table.target, table.classes, middle, spread, table.positive, table.set_aside)


def mean_and_deviation(y: NDArray[np.float64], weights: NDArray[np.float64] | None) -> tuple[float, float]:
    """Of a target of numbers, weighted; the deviation of a constant one is 1."""
    size = float(np.abs(y).max()) or 1.0
    relative = y / size  # first, so that no square can overflow
    if weights is None:
        mean, deviation = float(relative.mean()), float(relative.std())
    else:
        mean = float(np.average(relative, weights=weights))
        deviation = float(np.sqrt(np.average((relative - mean) ** 2, weights=weights)))
    return mean * size, deviation * size if deviation > 1e-12 else 1.0
