# SPDX-License-Identifier: MIT
"""Targets: which rows have one, and whether there are classes or numbers to predict, and which."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from culpa.errors import DataError, OptionError, unknown_name
from culpa.tables.canonical import as_number, as_text
from culpa.tables.columns import Label, numbers_of
from culpa.tables.disguises import numbers_in, refuse_mixed
from culpa.tables.kinds import names_rows
from culpa.tables.naming import listed
from culpa.tables.roles import Task

if TYPE_CHECKING:
    import polars as pl

__all__ = ["MISTAKEN", "Target", "as_labels", "known_rows", "ordered", "read_target", "without_gaps"]

MOST_WHOLE = 50
"""Whole numbers with more different values than this are taken for numbers, not for classes."""
MOST_CLASSES = 1000
"""More classes than this are a mistake more often than a wish."""

MISTAKEN = "is this the right target column?"
AS_NUMBERS = "--task regression takes numbers as numbers."

Target = tuple[NDArray[Any], tuple[Label, ...] | None]


def read_target(column: "pl.Series", task: Task | None = None, positive: str | float | None = None) -> Target:
    """The target (n,) of the rows that have one, and, where it is one of classes, their labels in order.

    Args:
        column: The target's values, gaps among them.
        task: "classification" or "regression"; by default texts, booleans and up to 50 whole numbers are classes.
        positive: The class that is looked for; it comes last.

    Raises:
        OptionError: If the task is unknown, or no class is the positive one.
        DataError: If the target can be neither, or has more classes than make sense.

    Example:
        >>> import polars as pl
        >>> read_target(pl.Series("paid", ["no", "yes", "no"]))[1]
        ('no', 'yes')
    """
    import polars as pl

    if task not in (None, "classification", "regression"):
        raise unknown_name("task", task, ("classification", "regression"))
    rows = known_rows(column)
    known = without_gaps(column, rows)
    if task != "classification" and column.dtype == pl.String:
        refuse_mixed(column, target=True)
    if (task or inferred(known)) == "regression":
        if positive is not None:
            raise OptionError(f"The target {column.name!r} holds numbers, and no positive class {positive!r}.")
        numbers = as_number(column, "mend it, or leave its row out.")[rows]
        if numbers.null_count():
            row = int(rows[int(numbers.is_null().arg_max() or 0)])
            raise DataError(f"Row {row:,} of the target {column.name!r} holds {column[row]!r}, which is no number.")
        return numbers.to_numpy(), None
    labels = as_labels(known)
    found = tuple(np.unique(labels).tolist())
    if len(found) > MOST_CLASSES:
        raise DataError(
            f"The target {column.name!r} has {len(found):,} classes in {len(labels):,} rows; {MOST_CLASSES:,} are the "
            "most that can be told apart.",
            hint=f"{MISTAKEN} {AS_NUMBERS}",
        )
    if len(found) == len(labels) > 2 and labels.dtype.kind == "U":
        raise DataError(
            f"The target {column.name!r} is another text in each of the {len(labels):,} rows: it names them.",
            hint=MISTAKEN,
        )
    return labels, ordered(found, positive, column.name)


def known_rows(target: "pl.Series") -> NDArray[np.intp]:
    """The rows that have a target."""
    import polars as pl

    there = target.is_not_null()
    if target.dtype.is_float():
        there = there & target.is_not_nan()
    if target.dtype == pl.String:
        there = there & (target.str.strip_chars() != "")
    return np.flatnonzero(there.fill_null(False).to_numpy())


def without_gaps(target: "pl.Series", rows: NDArray[np.intp]) -> "pl.Series":
    """A target in the rows that have one; whole numbers that were floats because of the gaps are whole again."""
    if len(rows) == len(target):
        return target
    import polars as pl

    known = target[rows]
    if known.dtype.is_float() and bool(((known == known.round(0)) & (known.abs() < 2.0**63)).all()):
        return known.cast(pl.Int64)
    return known


def inferred(column: "pl.Series") -> Task:
    """What there is to learn, by the values."""
    import polars as pl

    if column.dtype == pl.String and column.n_unique() > MOST_WHOLE:
        numbers = numbers_in(column)
        column = column if numbers is None else numbers
    if column.dtype.is_float() or column.dtype == pl.Duration or column.dtype.is_decimal():
        return "regression"
    if column.dtype.is_integer():
        why = names_rows(column)
        if why is not None:
            raise DataError(f"The target {column.name!r} names the rows: {why}.", hint=f"{MISTAKEN} {AS_NUMBERS}")
        return "regression" if column.n_unique() > MOST_WHOLE else "classification"
    if column.dtype in (pl.Date, pl.Datetime, pl.Time) or column.dtype.is_nested():
        raise DataError(
            f"The target {column.name!r} holds values of the type {column.dtype}, which can be neither classes nor "
            "numbers here.",
            hint=MISTAKEN,
        )
    return "classification"


def as_labels(column: "pl.Series") -> NDArray[Any]:
    """Class labels as booleans, whole numbers or texts."""
    import polars as pl

    if column.dtype == pl.Boolean or column.dtype.is_integer():
        return column.to_numpy()
    texts = as_text(column)
    if column.dtype.is_numeric():
        numbers = texts.cast(pl.Int64, strict=False)
        if numbers.null_count() == 0:
            return numbers.to_numpy()
    return np.array(texts.to_list(), dtype=str)


def ordered(found: tuple[Label, ...], positive: str | float | None, name: str) -> tuple[Label, ...]:
    """The classes in their order, the positive one last."""
    if positive is None:
        return found
    place = numbers_of(found)(positive)
    if place < 0:
        raise OptionError(f"The target {name!r} has no class {positive!r}; it has {listed(found, 10)}.")
    return (*found[:place], *found[place + 1 :], found[place])
