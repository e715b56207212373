# SPDX-License-Identifier: MIT
"""The door of `investigate`: what it is given becomes a raw table and entries of a Choice, or is refused."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from culpa.blaming.labels.suspecting import admit_score
from culpa.engine.network import listed
from culpa.errors import DataError, OptionError, ShapeError
from culpa.tables.assigning import raw_table
from culpa.tables.belongings import admit_ids
from culpa.tables.frames import as_series
from culpa.tables.raw import RawTable
from culpa.tables.table import Table

__all__ = ["admit_choice", "admit_table", "needs_score"]

OF_TABLES = {
    "groups": "group",
    "group": "group",
    "weights": "sample_weight",
    "sample_weight": "sample_weight",
    "id": "id",
    "kinds": "kinds",
    "drop": "drop",
    "positive": "positive",
}
"""What is said of a table, as somebody may call it here, and as `read_table` calls it."""


def admit_table(X: Any, y: Any, *, ids: Sequence[Any] | None, **said: Any) -> RawTable:
    """The raw table of a Table, or of inputs and targets apart."""
    if isinstance(X, Table):
        for name, value in {"y": y, "ids": ids, **said}.items():
            if value is not None:
                raise OptionError(f"A Table has its own `{name}`.", hint="give it to read_table.")
        return X.raw
    if isinstance(X, str):
        raise OptionError(f"`X` must be a Table, a frame or an array; got {X!r}.", hint="read_table reads files.")
    needs_one_order(X, y)
    names = said.pop("columns")
    table = raw_table(X, y, names=names, **said)
    if ids is None:
        return table
    if len(ids) != len(table):
        raise ShapeError(f"`ids` must hold one entry for each of the {len(table):,} rows; got {len(ids):,}.")
    return replace(table, ids=admit_ids(as_series("ids", ids)))


def needs_one_order(X: Any, y: Any) -> None:
    """Refuse inputs and targets of pandas whose rows are called otherwise, as they would be paired by their places."""
    one: Any = getattr(X, "index", None)
    other: Any = getattr(y, "index", None)
    if not (hasattr(one, "equals") and hasattr(other, "equals")) or len(one) != len(other) or one.equals(other):
        return
    if one.isin(other).all() or not (counts(one) or counts(other)):
        raise DataError(
            "`X` and `y` have different indexes, and rows are paired by their places.",
            hint="y.loc[X.index] puts them in one order; with reset_index(drop=True) on both the places count.",
        )


def counts(index: Any) -> bool:
    """Whether an index of pandas only counts the rows, so that it says nothing of them."""
    return type(index).__name__ == "RangeIndex" and (index.start, index.step) == (0, 1)


def admit_choice(hidden: Sequence[int] | None, **said: Any) -> dict[str, Any]:
    """What is said of the network and its training."""
    for name in said:
        if name in OF_TABLES:
            word = OF_TABLES[name]
            raise OptionError(f"`{name}` is said of a table.", hint=f"investigate(read_table(frame, target, {word}=…))")
    return {"hidden": None if hidden is None else tuple(listed("hidden", hidden)), **said}


def needs_score(score: str, *, classification: bool) -> None:
    """Refuse a score that nobody knows, or that is of no use for what is learnt; "none" is of use for anything."""
    if score != "none":
        admit_score(score, classification)
