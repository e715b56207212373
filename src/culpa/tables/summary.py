# SPDX-License-Identifier: MIT
"""The summary of a raw table: a row for each of its columns, in the table's order. Judges nothing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from culpa.reporting.frames import Frame
from culpa.reporting.progress import Show, progress
from culpa.tables.canonical import as_days
from culpa.tables.encoding import ENCODERS, learn_column
from culpa.tables.kinds import ENCODED
from culpa.tables.raw import RawTable

if TYPE_CHECKING:
    import polars as pl

__all__ = ["summary"]


def summary(table: RawTable, names: Sequence[str] | None = None, *, show_progress: Show = False) -> Frame:
    """Summarise every column that has no role of its own, or some.

    Args:
        table: The raw table.
        names: Which; all by default.
        show_progress: "auto" shows a bar on a terminal.

    Returns:
        A row a column: its `column`, `kind` and `why` it is that; how many rows hold a `value` and how many are
        `missing`; how many `distinct` values there are; the `smallest`, `median` and `largest` number; the most
        `frequent` value of what is no number, or the first date; and how many `inputs` a network gets of it.
    """
    entries = []
    names = table.frame.columns if names is None else names
    with progress("looking", max(1, len(names)), show=show_progress) as advance:
        for name in names:
            entries.append(one(table, name))
            advance()
    kinds: dict[str, Any] = {
        "column": str, "kind": str, "why": str, "values": np.int64, "missing": np.int64, "distinct": np.int64,
        "smallest": np.float64, "median": np.float64, "largest": np.float64, "frequent": str, "inputs": np.int64,
    }  # fmt: skip
    return Frame({key: np.array([entry[key] for entry in entries], dtype=kind) for key, kind in kinds.items()})


def one(table: RawTable, name: str) -> dict[str, Any]:
    """One column's entries."""
    values, judged = table.frame[name], table.judged[name]
    known = values.drop_nulls()
    numbers = known if values.dtype.is_numeric() else None
    inputs = 0
    if judged.kind in ENCODED:
        learnt = learn_column(judged.kind, values, judged.form)
        inputs = len(ENCODERS[judged.kind].parts(learnt)) + learnt.missing
    nested = values.dtype.is_nested() or str(values.dtype) == "Object"
    return {
        "column": name,
        "kind": judged.kind,
        "why": judged.why,
        "values": len(known),
        "missing": values.null_count(),
        "distinct": 0 if nested else known.n_unique(),
        "smallest": number(numbers, "min"),
        "median": number(numbers, "median"),
        "largest": number(numbers, "max"),
        "frequent": "" if nested or numbers is not None or not len(known) else frequent(known),
        "inputs": inputs,
    }


def number(known: "pl.Series | None", which: str) -> float:
    """The smallest, median or largest number; NaN where there is none."""
    found = None if known is None else getattr(known, which)()
    return float("nan") if found is None else float(found)


def frequent(known: "pl.Series") -> str:
    """The first date; of other values the most frequent, the first in order among equals."""
    if known.dtype.is_temporal():
        return str(as_days(known).min())
    counts = known.alias("value").value_counts(name="count").sort(["count", "value"], descending=[True, False])
    value = counts["value"][0]
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
