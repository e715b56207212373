# SPDX-License-Identifier: MIT
"""Rows of a raw table as a network learns from them. Knows no network and no split."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.reporting.progress import Show
from culpa.tables.columns import Columns
from culpa.tables.parting import target_of
from culpa.tables.raw import RawTable
from culpa.tables.reading import told_of
from culpa.training.rows import beside_ones

__all__ = ["Encoded", "encoded_apart", "encoded_rows"]


class Encoded(NamedTuple):
    """Rows as a network learns from them.

    Attributes:
        X: Inputs (n, d_0).
        y: Class numbers or scaled numbers (n,).
        weights: (n,), or None.
    """

    X: NDArray[Any]
    y: NDArray[Any]
    weights: NDArray[np.float64] | None


def encoded_rows(
    table: RawTable, columns: Columns, rows: NDArray[np.intp] | None = None, show_progress: Show = False
) -> Encoded:
    """Inputs, targets and weights of some rows, or of all."""
    picked = slice(None) if rows is None else rows
    weights = None if table.weights is None else table.weights[picked]
    X = beside_ones(len(table) if rows is None else len(rows), columns.width)
    columns.encode(table.frame, rows=rows, out=X, show_progress=show_progress)
    return Encoded(X, columns.encode_target(target_of(table)[picked]), weights)


def encoded_apart(apart: RawTable, columns: Columns) -> Encoded:
    """All rows of another table, whose name an error tells."""
    with told_of(apart.name):
        return encoded_rows(apart, columns)
