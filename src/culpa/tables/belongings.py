# SPDX-License-Identifier: MIT
"""What belongs to a row beside its columns: whether it has a target, its id, its weight, its group."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from culpa.errors import DataError
from culpa.tables.canonical import as_number

if TYPE_CHECKING:
    import polars as pl

__all__ = ["admit_groups", "admit_ids", "admit_weights", "known_rows", "whole_again"]


def known_rows(target: "pl.Series") -> NDArray[np.intp]:
    """The rows that have a target."""
    import polars as pl

    there = target.is_not_null()
    if target.dtype.is_float():
        there = there & target.is_not_nan()
    if target.dtype == pl.String:
        there = there & (target.str.strip_chars() != "")
    return np.flatnonzero(there.fill_null(False).to_numpy())


def whole_again(target: "pl.Series") -> "pl.Series":
    """Whole numbers that were floats because of a gap, which some libraries have no other place for."""
    import polars as pl

    if target.dtype.is_float() and bool((target == target.round(0)).all()):
        return target.cast(pl.Int64)
    return target


def admit_ids(column: "pl.Series") -> NDArray[Any]:
    """Ids (n,), each another one."""
    if column.null_count():
        raise DataError(f"Row {int(column.is_null().arg_max() or 0):,} has no id in the column {column.name!r}.")
    repeated = column.is_duplicated()
    if repeated.any():
        first = column[int(repeated.arg_max() or 0)]
        rows = np.flatnonzero((column == first).to_numpy())
        raise DataError(
            f"The ids in {column.name!r} are not unique: rows {rows[0]:,} and {rows[1]:,} are both {first!r}.",
            hint="name another column, or none.",
        )
    return np.asarray(column.to_list())


def admit_weights(column: "pl.Series") -> NDArray[np.float64]:
    """Weights (n,): numbers ≥ 0, not all 0."""
    numbers = as_number(column)
    wrong = numbers.is_null() | (numbers < 0)
    if wrong.any():
        row = int(wrong.arg_max() or 0)
        raise DataError(f"Row {row:,} of the weights {column.name!r} holds {column[row]!r}; weights are numbers ≥ 0.")
    if not numbers.sum():
        raise DataError(f"All weights in {column.name!r} are 0.")
    return numbers.to_numpy()


def admit_groups(column: "pl.Series") -> NDArray[Any]:
    """Groups (n,) as they are; a row without one is refused."""
    if column.null_count():
        raise DataError(f"Row {int(column.is_null().arg_max() or 0):,} has no group in the column {column.name!r}.")
    return np.asarray(column.to_list())
