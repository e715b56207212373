# SPDX-License-Identifier: MIT
"""Applying: decisions change a copy of a table. Nothing is read or written here, and the table stays as it is."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.deciding.decisions import Decisions
from culpa.blaming.deciding.marking import mark_of
from culpa.errors import DataError
from culpa.tables.parting import FEWEST_ROWS, target_of
from culpa.tables.raw import RawTable

__all__ = ["apply_decisions", "cut_probabilities", "places_of", "remaining"]


def places_of(table: RawTable, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """The places in a table of rows by their numbers in the reader's file.

    Raises:
        DataError: If a row is not there.
    """
    order = np.argsort(table.rows, kind="stable")
    found: NDArray[np.intp] = order[np.minimum(np.searchsorted(table.rows, rows, sorter=order), len(order) - 1)]
    missing = table.rows[found] != rows
    if missing.any():
        raise DataError(f"{table.name} has no row {rows[missing][0]:,}.")
    return found


def remaining(table: RawTable, decisions: Decisions) -> NDArray[np.bool_]:
    """Which places (n,) of a table are not dropped."""
    stays = np.ones(len(table), np.bool_)
    stays[places_of(table, decisions.dropped)] = False
    return stays


def apply_decisions(table: RawTable, decisions: Decisions) -> RawTable:
    """A copy of a table with what was decided: rows are dropped, labels changed, and classes without a row are gone.

    The rows keep their numbers in the reader's file, and the columns what they were judged to hold.

    Args:
        table: The table that was decided on.
        decisions: What was decided.

    Raises:
        DataError: If a row is not there, too few rows are left, or all of these have one label.
    """
    y = target_of(table).copy()
    if len(decisions.changed):
        y = y.astype(np.result_type(y, decisions.labels))
        y[places_of(table, decisions.changed)] = decisions.labels
    stays = remaining(table, decisions)
    y = y[stays]
    if len(y) < FEWEST_ROWS or (y == y[0]).all():
        left = f"{len(y):,} rows" if len(y) < FEWEST_ROWS else f"one {table.target}, {y[0]}, in all rows"
        raise DataError(f"The decisions leave {left} of {table.name}: there is nothing to learn.")
    there = set(y.tolist())
    classes = None if table.classes is None else tuple(label for label in table.classes if label in there)
    ids, weights, groups = (
        None if entry is None else entry[stays] for entry in (table.ids, table.weights, table.groups)
    )
    return replace(
        table,
        frame=table.frame.filter(stays) if table.frame.width else table.frame,
        rows=table.rows[stays],
        y=y,
        classes=classes,
        positive=table.positive if table.positive in there else None,
        ids=ids,
        weights=weights,
        groups=groups,
        origin=mark_of(table),
    )


def cut_probabilities(
    probabilities: NDArray[np.float64], table: RawTable, corrected: RawTable, decisions: Decisions
) -> NDArray[np.float64]:
    """Another model's probabilities (n, K) for the rows and the classes that are left, each row's sum being 1 again.

    A row that is given to classes alone which are gone says nothing, and all that are left are alike likely in it.

    Args:
        probabilities: Those of the table, its classes in order.
        table: The table that was decided on.
        corrected: What the decisions made of it.
        decisions: What was decided.
    """
    kept = probabilities[remaining(table, decisions)]
    if table.classes is None or corrected.classes is None or corrected.classes == table.classes:
        return kept
    kept = kept[:, [table.classes.index(label) for label in corrected.classes]]
    total = kept.sum(axis=1, keepdims=True)
    return np.where(total > 0, kept / np.where(total > 0, total, 1), 1 / kept.shape[1])
