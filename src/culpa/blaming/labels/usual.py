# SPDX-License-Identifier: MIT
"""Usual values: the one that stands in for a column, wherever a column is replaced.

Of a number or a date it is the median, of an even number of values the lower one of the middle two: a value that the
table has. Of anything else it is what is most frequent; where most values are missing, it is a missing one. It is of
the rows that the accounts are of, at most 5,000 of them, evenly spaced. Knows no network.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.tables.column import Column
from culpa.tables.columns import Columns

__all__ = ["MOST_ROWS", "Span", "column_inputs", "spaced", "typical_place", "typical_rows"]

MOST_ROWS = 5_000


class Span(NamedTuple):
    """A column with the inputs that are its own."""

    column: Column
    inputs: slice


def column_inputs(columns: Columns) -> Iterator[Span]:
    """Each column that has inputs, with their places in X."""
    start = 0
    names = [source.column for source in columns.sources]
    for column in columns.inputs:
        stop = start
        while stop < len(names) and names[stop] == column.name:
            stop += 1
        if stop > start:
            yield Span(column, slice(start, stop))
        start = stop


def typical_place(column: Column, inputs: NDArray[Any]) -> int:
    """The row that stands for a column: the one with its median, or the first with its most frequent value.

    Args:
        column: Which one.
        inputs: Its inputs (n, width).

    Example:
        >>> typical_place(Column("size", "number"), np.array([[9.0], [1.0], [2.0], [3.0]]))
        2
    """
    missing = inputs[:, -1] > 0.5 if column.missing else np.zeros(len(inputs), np.bool_)
    if 2 * int(missing.sum()) > len(inputs):
        return int(missing.argmax())
    known = np.flatnonzero(~missing)
    if column.kind in ("number", "date"):
        middle = (len(known) - 1) // 2
        return int(known[np.argpartition(inputs[known, 0], middle)[middle]])
    if column.kind == "yes/no":
        codes = inputs[:, 0] > 0.5
        codes = np.where(missing, 2, codes)
    else:  # the last code is that of a row that is no level at all
        codes = np.where(inputs.any(axis=1), inputs.argmax(axis=1), inputs.shape[1])
    return int((codes == np.bincount(codes).argmax()).argmax())


def typical_rows(spans: Sequence[Span], X: NDArray[Any], rows: NDArray[np.intp]) -> list[int]:
    """The places in X (n, d_0) of the rows that stand for each column, of at most MOST_ROWS of some rows."""
    few = spaced(rows, MOST_ROWS)
    return [int(few[typical_place(span.column, X[few, span.inputs])]) for span in spans]


def spaced(rows: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    """At most so many of the rows, evenly spaced.

    Example:
        >>> spaced(np.arange(10), 4)
        array([0, 2, 5, 7])
    """
    if len(rows) <= most:
        return rows
    return rows[np.arange(most) * len(rows) // most]
