# SPDX-License-Identifier: MIT
"""Frames: NumPy, pandas, Polars and Arrow tables, dictionaries and lists of rows, all as a Polars frame."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from culpa.engine.arrays import as_array
from culpa.errors import DataError, ShapeError

if TYPE_CHECKING:
    import polars as pl

__all__ = ["as_frame", "as_series"]


def as_frame(table: Any, names: Sequence[str] | None = None) -> "pl.DataFrame":
    """Any table as a Polars frame.

    Args:
        table: A frame of pandas, Polars or Arrow, a dictionary of columns, or an array (n, d).
        names: The names of an array's columns; x0, x1, … by default.

    Raises:
        ShapeError: If it is not (rows, columns), or there is not one name a column.
        DataError: If it is no table, or two columns have one name.
    """
    import narwhals.stable.v2 as nw
    import polars as pl

    if isinstance(table, pl.DataFrame):
        return table
    if isinstance(table, pl.LazyFrame):
        return table.collect()
    if isinstance(table, Mapping):
        return pl.DataFrame([as_series(str(name), column) for name, column in table.items()])
    try:
        native = nw.from_native(table, eager_only=True)
    except TypeError:
        return from_array(as_array("X", table), names)
    repeated = sorted({str(name) for name in native.columns if list(native.columns).count(name) > 1})
    if repeated:
        raise DataError(f"Two columns are called {repeated[0]!r}.", hint="give each a name of its own.")
    return pl.DataFrame([as_series(str(name), native[name]) for name in native.columns])


def from_array(values: Any, names: Sequence[str] | None) -> "pl.DataFrame":
    """An array (n, d), a column each."""
    import polars as pl

    if values.ndim != 2 or 0 in values.shape:
        hint = "flatten images with X.reshape(len(X), -1)." if values.ndim > 2 else None
        raise ShapeError(f"`X` must be (rows, columns) with at least one of each; got {values.shape}.", hint=hint)
    names = [f"x{j}" for j in range(values.shape[1])] if names is None else [str(entry) for entry in np.ravel(names)]
    if len(names) != values.shape[1]:
        raise ShapeError(f"There must be a name for each of the {values.shape[1]} columns; got {len(names)}.")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise DataError(f"Two columns are called {twice!r}.", hint="give each a name of its own.")
    return pl.DataFrame([as_series(name, values[:, j]) for j, name in enumerate(names)])


def as_series(name: str, column: Any) -> "pl.Series":
    """One column of any library as a Polars series; categories become texts, and mixed entries too."""
    import polars as pl

    if isinstance(column, pl.Series):
        return column.alias(name)
    if hasattr(column, "to_native"):  # of narwhals
        native = column.to_native()
        if isinstance(native, pl.Series):
            return native.alias(name)
        try:
            return column.to_polars().alias(name)
        except Exception:  # noqa: BLE001 # objects of any kind, or a library that is missing for the short way
            column = column.to_list()
    elif isinstance(column, np.ndarray):
        if column.dtype.kind == "f" and column.dtype.itemsize not in (4, 8):
            column = column.astype(np.float64)
        if column.dtype.kind in "biufU":
            return pl.Series(name, column)
        column = column.tolist()
    entries = [None if is_gap(entry) else entry for entry in column]
    if len({type(entry) for entry in entries if entry is not None} - {int, float, bool}) > 1:
        entries = [None if entry is None else str(entry) for entry in entries]
    try:
        return pl.Series(name, entries, strict=False)
    except (TypeError, ValueError, pl.exceptions.PolarsError):
        return pl.Series(name, [None if entry is None else str(entry) for entry in entries])


def is_gap(entry: object) -> bool:
    """Whether an entry of a list says that there is none."""
    return entry is None or (isinstance(entry, float) and np.isnan(entry)) or str(entry) in ("nan", "NaT", "<NA>")
