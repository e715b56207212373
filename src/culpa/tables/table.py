# SPDX-License-Identifier: MIT
"""The table as the verbs take it: X and y encoded, with names, and the way back. `read_table` makes one of anything."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from culpa.errors import CulpaWarning, DataError, OptionError
from culpa.tables.canonical import as_number
from culpa.tables.columns import Columns, Label
from culpa.tables.parting import target_of
from culpa.tables.raw import RawTable, learn_columns
from culpa.tables.reading import raw_of
from culpa.tables.roles import Task, said

__all__ = ["Table", "arrays_for", "plain_numbers", "read_table", "target_of"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Table:
    """A table, encoded.

    Args:
        X: The network's inputs (n, d_0).
        y: Class numbers or scaled numbers (n,); None where the table has no target.
        columns: How they came about, and the way back.
        ids: The rows' names (n,), or None.
        weights: The rows' weights (n,), or None.
        groups: The rows' groups (n,), or None.
        rows: The rows' numbers (n,) in the file, from 0.
        raw: The table as it was found, which `investigate` splits before it learns an encoding.
    """

    X: NDArray[Any]
    y: NDArray[Any] | None
    columns: Columns
    ids: NDArray[Any] | None
    weights: NDArray[np.float64] | None
    groups: NDArray[Any] | None
    rows: NDArray[np.intp]
    raw: RawTable

    def __len__(self) -> int:
        return len(self.X)

    def __repr__(self) -> str:
        inputs = f"{len(self.columns.inputs):,} columns as {self.X.shape[1]:,} inputs"
        return f"Table({self.raw.name!r}, {len(self):,} rows, {inputs}, target {self.raw.target!r})"


def read_table(
    source: Any,
    target: str | None = None,
    *,
    id: str | None = None,  # noqa: A002 # the word that the command line has too
    sample_weight: str | None = None,
    group: str | None = None,
    drop: str | Sequence[str] = (),
    kinds: Mapping[str, str] | None = None,
    task: Task | None = None,
    positive: Label | float | None = None,
    columns: Columns | None = None,
    sep: str | None = None,
    decimal: Literal[".", ","] | None = None,
    thousands: str | None = None,
    encoding: str | None = None,
    missing: str | Sequence[str] = (),
    header: bool | None = None,
    dtype: Any = "float32",
) -> Table:
    """Read a table from a file or a data frame, and encode it.

    Args:
        source: A file (CSV, TSV, Parquet, Arrow, JSON lines, .npz), a bundled name, or a frame of any library.
        target: The column to predict.
        id, sample_weight, group: The columns of the rows' names, weights and groups.
        drop, kinds: Columns to leave out; what columns hold, {"zip": "category", "built": "date:%d/%m/%Y"}.
        task, positive: "classification" or "regression", where it is not to be inferred; the class looked for.
        columns: Those of a trained network, `network.columns`: the table is encoded as it was then.
        sep, decimal, thousands, encoding, missing, header: How a file of texts is written, where not recognised.
        dtype: Of X.

    Returns:
        A Table. Without `columns` the encoding is learnt from all of its rows. Rows without a target are set aside,
        with a CulpaWarning.

    Raises:
        FileError, DataError, OptionError: If it cannot be read or used; says where and what to do.

    Example:
        >>> table = read_table({"size": [50.0, None, 71.0], "city": ["Oslo", "Rome", "Rome"], "price": [3.5, 2, 4]},
        ...     target="price")
        >>> table.columns.encoded
        ('size', 'size: missing', 'city = Rome', 'city: other')
    """
    roles, form = said(
        target,
        id=id,
        sample_weight=sample_weight,
        group=group,
        drop=drop,
        kinds=kinds,
        task=task,
        positive=positive,
        sep=sep,
        decimal=decimal,
        thousands=thousands,
        encoding=encoding,
        missing=missing,
        header=header,
    )
    if columns is not None and not isinstance(columns, Columns):
        raise OptionError(f"`columns` must be a network's `columns`; got {type(columns).__name__}.")
    if isinstance(source, Table):
        raise OptionError("This is a Table already.", hint="its `raw` is what it was made of.")
    needed = True if target is not None else None if columns is not None else False
    raw = raw_of(source, roles, form, needs_target=needed, columns=columns)
    if raw.lacking:
        warnings.warn(raw.notes[-1], CulpaWarning, stacklevel=2)
    return encode_table(raw, columns, dtype)


def encode_table(raw: RawTable, columns: Columns | None = None, dtype: Any = "float32") -> Table:
    """A raw table, encoded as `columns` say, or as is learnt from all of its rows."""
    learnt = learn_columns(raw) if columns is None else columns
    y = None if raw.y is None else learnt.encode_target(raw.y, raw.rows)
    X = learnt.encode(raw.frame, dtype=dtype)
    return Table(X, y, learnt, raw.ids, raw.weights, raw.groups, raw.rows, raw)


def arrays_for(raw: RawTable, columns: Columns | None, dtype: Any = np.float64) -> tuple[NDArray[Any], NDArray[Any]]:
    """X and y as a network takes them: encoded as its columns say, or the plain numbers for one that knows none.

    Raises:
        DataError: If there is no target, or a network that knows no columns is given something else than numbers.
    """
    y = target_of(raw)
    if columns is not None:
        return columns.encode(raw.frame, dtype=dtype), columns.encode_target(y, raw.rows)
    return plain_numbers(raw).astype(dtype, copy=False), y


def plain_numbers(raw: RawTable) -> NDArray[np.float64]:
    """The inputs (n, d_0) of a network that knows no columns: every column, as numbers, in the table's order."""
    try:
        numbers = [as_number(raw.frame[name]).to_numpy() for name in raw.frame.columns]
    except DataError as error:
        raise DataError(
            f"The network knows no columns, so that {raw.name} must hold numbers alone: {error.message}",
            hint="culpa blame TABLE --save FILE trains a network that knows its columns.",
        ) from error
    return np.column_stack(numbers)
