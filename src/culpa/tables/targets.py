# SPDX-License-Identifier: MIT
"""Targets: whether there are classes or numbers to predict, and which. A gap is the caller's to settle."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from culpa.errors import DataError, OptionError, unknown_name
from culpa.tables.canonical import as_number, as_text
from culpa.tables.columns import Label, label_text
from culpa.tables.kinds import refuse_mixed
from culpa.tables.roles import Task

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Target", "as_labels", "read_target"]

MOST_WHOLE = 50
"""Whole numbers with more different values than this are taken for numbers, not for classes."""
MOST_CLASSES = 1000
"""More classes than this are a mistake more often than a wish."""

Target = tuple[NDArray[Any], tuple[Label, ...] | None]


def read_target(column: "pl.Series", task: Task | None = None, positive: str | None = None) -> Target:
    """The target (n,) without gaps, and, where it is one of classes, their labels in order.

    Args:
        column: The target's values, none missing.
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
    if task not in (None, "classification", "regression"):
        raise unknown_name("task", task, ("classification", "regression"))
    if (task or inferred(column)) == "regression":
        if positive is not None:
            raise OptionError(f"The target {column.name!r} holds numbers, and no positive class {positive!r}.")
        return as_number(column).to_numpy(), None
    labels = as_labels(column)
    found = tuple(np.unique(labels).tolist())
    if len(found) > MOST_CLASSES:
        raise DataError(
            f"The target {column.name!r} has {len(found):,} classes in {len(labels):,} rows, of which "
            f"{MOST_CLASSES:,} can be told apart.",
            hint="is this the right target column? --task regression takes numbers as numbers.",
        )
    if len(found) == len(labels) > 2 and column.dtype.is_integer() is False:
        raise DataError(
            f"The target {column.name!r} is another text in each of the {len(labels):,} rows: it names them.",
            hint="is this the right target column?",
        )
    return labels, ordered(found, positive, column.name)


def inferred(column: "pl.Series") -> Task:
    """What there is to learn, by the values."""
    import polars as pl

    if column.dtype.is_float() or column.dtype == pl.Duration or column.dtype.is_decimal():
        return "regression"
    if column.dtype.is_integer():
        return "regression" if column.n_unique() > MOST_WHOLE else "classification"
    if column.dtype in (pl.Date, pl.Datetime, pl.Time) or column.dtype.is_nested():
        raise DataError(
            f"The target {column.name!r} holds values of the type {column.dtype}, which can be neither classes nor "
            "numbers here.",
            hint="is this the right target column?",
        )
    if column.dtype == pl.String:
        numbers = column.str.strip_chars().cast(pl.Float64, strict=False).is_not_null()
        refuse_mixed(column, int(numbers.sum()) / len(column))
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


def ordered(found: tuple[Label, ...], positive: str | None, name: str) -> tuple[Label, ...]:
    """The classes in their order, the positive one last."""
    if positive is None:
        return found
    those = [label for label in found if label_text(label) == label_text(positive)]
    if not those:
        raise OptionError(
            f"The target {name!r} has no class {positive!r}; it has {', '.join(map(str, found[:10]))}"
            f"{', …' if len(found) > 10 else ''}."
        )
    return (*(label for label in found if label != those[0]), those[0])
