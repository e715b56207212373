# SPDX-License-Identifier: MIT
"""What belongs to a row beside its columns: its id, its weight, its group."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from culpa.errors import DataError
from culpa.tables.canonical import as_number, as_text

if TYPE_CHECKING:
    import polars as pl

__all__ = ["admit_groups", "admit_ids", "admit_weights"]


def admit_ids(column: "pl.Series") -> NDArray[Any]:
    """Ids (n,), each another one: whole numbers or texts."""
    ids = named(column, "id")
    repeated = ids.is_duplicated()
    if repeated.any():
        first = ids[int(repeated.arg_max() or 0)]
        rows = np.flatnonzero((ids == first).to_numpy())
        raise DataError(
            f"The ids in {column.name!r} are not unique: rows {rows[0]:,} and {rows[1]:,} are both {first!r}.",
            hint="name another column, or none.",
        )
    return as_array(ids)


def admit_groups(column: "pl.Series") -> NDArray[Any]:
    """Groups (n,): whole numbers or texts; a row without one is refused."""
    return as_array(named(column, "group"))


def admit_weights(column: "pl.Series") -> NDArray[np.float64]:
    """Weights (n,): numbers ≥ 0, not all 0."""
    numbers = as_number(column)
    wrong = numbers.is_null() | (numbers < 0)
    if wrong.any():
        row = int(wrong.arg_max() or 0)
        raise DataError(f"Row {row:,} of the weights {column.name!r} holds {column[row]!r}; weights are numbers ≥ 0.")
    if not (numbers > 0).any():
        raise DataError(f"All weights in {column.name!r} are 0.")
    return numbers.to_numpy()


def named(column: "pl.Series", what: str) -> "pl.Series":
    """Names as whole numbers or as texts, the same from any file; a row without one is refused."""
    names = column if column.dtype.is_integer() else as_text(column)
    if names.null_count():
        raise DataError(f"Row {int(names.is_null().arg_max() or 0):,} has no {what} in the column {column.name!r}.")
    return names


def as_array(names: "pl.Series") -> NDArray[Any]:
    """Names as an array of numbers or of texts, not of objects."""
    return names.to_numpy() if names.dtype.is_integer() else np.array(names.to_list(), dtype=str)
