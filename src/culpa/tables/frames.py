# SPDX-License-Identifier: MIT
"""Frames: NumPy, pandas, Polars and Arrow tables, dictionaries and lists of rows, all as a Polars frame.

What a library calls a category becomes text, whatever its entries were; what Polars has no type for becomes text too.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from culpa.engine.arrays import as_array
from culpa.errors import DataError, ShapeError

if TYPE_CHECKING:
    import polars as pl

__all__ = ["as_frame", "as_series", "is_array", "refuse_width"]

MOST_COLUMNS = 20_000
"""A table with more is refused: a dense first layer is no answer to it, and often it lies on its side."""

TABLES = "a table is a data frame, a dictionary of columns, a list of rows, or an array (n, d)."


def as_frame(table: Any, names: Sequence[str] | None = None) -> "pl.DataFrame":
    """Any table as a Polars frame.

    Args:
        table: A frame of pandas, Polars or Arrow, a dictionary of columns, a list of rows, or an array (n, d).
        names: The names of an array's columns; x0, x1, … by default.

    Raises:
        ShapeError: If it is not (rows, columns), or there is not one name a column.
        DataError: If it is no table, or two columns have one name.

    Example:
        >>> as_frame({"age": [31, None], "city": ["Oslo", "Rome"]}).shape
        (2, 2)
    """
    import narwhals.stable.v2 as nw
    import polars as pl

    if isinstance(table, pl.LazyFrame):
        table = table.collect()
    if isinstance(table, pl.DataFrame):
        return table.with_columns(*changed) if (changed := simplified_columns(table)) else table
    if isinstance(table, np.ndarray) and table.dtype.names:
        table = {name: table[name] for name in table.dtype.names}
    if isinstance(table, list) and table and all(isinstance(row, Mapping) for row in table):
        named = dict.fromkeys(name for row in table for name in row)
        table = {name: [row.get(name) for row in table] for name in named}
    if isinstance(table, Mapping):
        return joined(map(str, table), table.values())
    if is_array(table):
        return from_array(as_array("X", table), names)
    if hasattr(
        table, "columns"
    ):  # as narwhals refuses repeated names, and names that are no texts, in words of its own
        names_of = getattr(table, "column_names", table.columns)
        if not isinstance(names_of, Iterable):
            raise DataError(f"This is no table; got {type(table).__name__}.", hint=TABLES)
        needs_other_names(names_of)
    try:
        native = nw.from_native(table, eager_only=True)
    except TypeError:
        return from_array(as_array("X", table), names)
    return joined(map(str, native.columns), native.iter_columns())


def is_array(table: Any) -> bool:
    """Whether a table is an array, or a list that would be one: its columns have no names of their own."""
    named_rows = isinstance(table, list | tuple) and bool(table) and isinstance(table[0], Mapping)
    return isinstance(table, np.ndarray | list | tuple) and not named_rows


def needs_other_names(names: Any) -> None:
    """Refuse two columns of one name; 1 and "1" are one."""
    texts = [str(name) for name in names]
    if len(set(texts)) < len(texts):
        seen: set[str] = set()
        twice = next(name for name in texts if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise DataError(f"Two columns are called {twice!r}.", hint="give each a name of its own.")


def joined(names: Any, columns: Any) -> "pl.DataFrame":
    """Columns of any library, side by side."""
    import polars as pl

    series = [as_series(name, column) for name, column in zip(names, columns, strict=True)]
    needs_other_names(column.name for column in series)
    lengths = {len(column): column.name for column in series}
    if len(lengths) > 1:
        (one, first), (other, second) = list(lengths.items())[:2]
        raise ShapeError(f"The columns of a table are of one length; {first!r} has {one:,} rows, {second!r} {other:,}.")
    return pl.DataFrame({column.name: column for column in series})  # a list would rename a column without a name


def from_array(values: NDArray[Any], names: Sequence[str] | None) -> "pl.DataFrame":
    """An array (n, d), a column each."""
    if values.ndim != 2 or 0 in values.shape:
        hint = "flatten images with X.reshape(len(X), -1)." if values.ndim > 2 else None
        raise ShapeError(f"`X` must be (rows, columns) with at least one of each; got {values.shape}.", hint=hint)
    names = [f"x{j}" for j in range(values.shape[1])] if names is None else [str(entry) for entry in np.ravel(names)]
    if len(names) != values.shape[1]:
        raise ShapeError(f"There must be a name for each of the {values.shape[1]} columns; got {len(names)}.")
    return joined(names, values.T)


def as_series(name: str, column: Any) -> "pl.Series":
    """One column of any library as a Polars series.

    Raises:
        DataError: If it is no column.

    Example:
        >>> as_series("age", [31, float("nan"), None]).to_list()
        [31, None, None]
    """
    import narwhals.stable.v2 as nw
    import polars as pl

    if isinstance(column, pl.Series):
        return simplified(column.alias(name))
    try:
        return from_library(name, column if isinstance(column, nw.Series) else nw.from_native(column, series_only=True))
    except TypeError:
        pass
    if hasattr(column, "to_pylist"):  # an array of Arrow's, which narwhals takes in chunks alone
        return simplified(pl.Series(name, column))
    if isinstance(column, np.ndarray) and column.dtype.kind in "biufUMm" and not isinstance(column, np.ma.MaskedArray):
        return pl.Series(name, known_to_polars(column))
    if isinstance(column, str | bytes) or not hasattr(column, "__iter__"):
        raise DataError(f"The column {name!r} must hold an entry a row; got {column!r}.", hint=TABLES)
    return from_entries(name, column.tolist() if isinstance(column, np.ndarray) else list(column))


def known_to_polars(column: NDArray[Any]) -> NDArray[Any]:
    """An array of a type that Polars has too: long and half floats it has not, nor most units of time."""
    kind = column.dtype.kind
    if kind == "f" and column.dtype.itemsize not in (4, 8):
        return column.astype(np.float64)
    return column.astype(f"{kind}8[us]") if kind in "Mm" else column


def from_library(name: str, column: Any) -> "pl.Series":
    """A column that narwhals knows; Polars takes it over by Arrow, or by its entries where Arrow is not installed."""
    import narwhals.stable.v2 as nw
    import polars as pl

    native = column.to_native()
    if isinstance(native, pl.Series):
        return simplified(native.alias(name))
    try:
        made = simplified(column.to_polars().alias(name))
    except Exception:  # noqa: BLE001 # objects of any kind, or a library that is missing for the short way
        made = from_entries(name, column.to_list())
    categories = column.dtype in (nw.Categorical, nw.Enum) and not made.dtype.is_nested()
    return made.cast(pl.String) if categories else made


def from_entries(name: str, entries: list[Any]) -> "pl.Series":
    """Python objects; entries of several kinds become texts, all but numbers among themselves."""
    import polars as pl

    plain = [None if is_gap(entry) else entry.item() if isinstance(entry, np.generic) else entry for entry in entries]
    if len({type(entry) for entry in plain if entry is not None} - {int, float, bool}) > 1:
        plain = [None if entry is None else str(entry) for entry in plain]
    try:
        return simplified(pl.Series(name, plain, strict=False))
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
        return pl.Series(name, [None if entry is None else str(entry) for entry in plain], dtype=pl.String)


def simplified_columns(frame: "pl.DataFrame") -> "list[pl.Series]":
    """The columns of a Polars frame that have a simpler form."""
    return [made for column in frame if (made := simplified(column)) is not column]


def simplified(column: "pl.Series") -> "pl.Series":
    """A Polars column without categories, objects and the types of other libraries, which all become texts."""
    import polars as pl

    kind = column.dtype
    if kind in (pl.Categorical, pl.Enum):
        return column.cast(pl.String)
    if kind == pl.Object or type(kind).__name__ == "Extension":
        return pl.Series(column.name, [None if is_gap(entry) else str(entry) for entry in column], dtype=pl.String)
    return column


def is_gap(entry: object) -> bool:
    """Whether an entry of a list says that there is none; the text "nan" is a text."""
    if isinstance(entry, float | np.floating | np.datetime64 | np.timedelta64 | Decimal):
        return bool(entry != entry)  # as nothing but NaN and its like does
    return type(entry).__name__ in ("NoneType", "NAType", "NaTType")


def refuse_width(width: int, name: str) -> None:
    """Refuse a table with more columns than a network is made for."""
    if width > MOST_COLUMNS:
        raise DataError(
            f"{name} has {width:,} columns; a table may have {MOST_COLUMNS:,}.",
            hint="does it lie on its side? rows are examples.",
        )
