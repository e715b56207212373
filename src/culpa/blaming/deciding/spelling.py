# SPDX-License-Identifier: MIT
"""Spelling: labels and numbers as a file writes them, and whether its cells still say what was read. Writes nothing."""

from collections import Counter
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from culpa.errors import DataError
from culpa.tables.canonical import as_number
from culpa.tables.files.delimited import MISSING
from culpa.tables.files.retyping import needs_signs, retype
from culpa.tables.parting import target_of
from culpa.tables.raw import RawTable
from culpa.tables.roles import Form
from culpa.tables.targets import as_labels

if TYPE_CHECKING:
    import polars as pl

__all__ = ["as_type", "as_written", "decimal_sign", "plain_number", "says_the_same"]

Decimal = Literal[".", ","]
CLOSE = 1e-6
"""Numbers of 32 bits are no closer to those that are typed."""


def says_the_same(cells: "pl.Series", table: RawTable, form: Form) -> bool:
    """Whether the target's cells in the rows of a table say what the table was read as.

    Args:
        cells: The cells (n,), of a text between separators as texts.
        table: The table as it was read.
        form: How the file is written, with the decimal sign that it has.
    """
    import polars as pl

    known = [cells]
    try:
        if cells.dtype == pl.String:
            known.insert(0, retype(cells, form, ())[0])
        return any(equal(column, table) for column in known)
    except DataError:
        return False


def equal(column: "pl.Series", table: RawTable) -> bool:
    """Whether a column, read as the target of a table is, holds the same."""
    try:
        found = as_number(column).to_numpy() if table.classes is None else as_labels(column)
    except DataError:
        return False
    y = target_of(table)
    return found.dtype.kind == y.dtype.kind and bool(np.array_equal(found, y))


def as_written(labels: NDArray[Any], cells: "pl.Series", table: RawTable, sign: str) -> list[str]:
    """Labels as a text between separators writes them: classes as in most of its rows, numbers with its sign.

    Args:
        labels: The labels (k,).
        cells: The target's cells (n,) in the rows of the table.
        table: The table as it was read.
        sign: The decimal sign.
    """
    if table.classes is not None:
        spelt = spellings(cells, table)
        return [spelt[label] for label in labels.tolist()]
    digits = min(len(cell.strip().partition(sign)[2]) for cell in cells.to_list())
    return [plain_number(value, digits).replace(".", sign) for value in labels.tolist()]


def spellings(cells: "pl.Series", table: RawTable) -> dict[Any, Any]:
    """How the file writes each class: as in most of its rows."""
    found: dict[Any, Counter[Any]] = {}
    for cell, label in zip(cells.to_list(), target_of(table).tolist(), strict=True):
        found.setdefault(label, Counter())[cell] += 1
    return {label: cells.most_common(1)[0][0] for label, cells in found.items()}


def decimal_sign(frame: "pl.DataFrame", target: "pl.Series", form: Form, sep: str) -> Decimal:
    """The decimal sign of a text between separators, as whoever has read it took it.

    Args:
        frame: Its cells as texts.
        target: The target's cells in the rows that have one.
        form: What the reader says of it.
        sep: What separates its columns.
    """
    import polars as pl

    said: Decimal | None = needs_signs(form).decimal
    if said is not None or sep == ",":
        return said or "."
    if retype(target, form, ())[1] == "comma":
        return ","
    if target.str.contains(".", literal=True).any():
        return "."
    words = (*MISSING, *form.missing)
    texts = (column for column in frame if column.dtype == pl.String)
    # A column that is no number is of no use here, whatever is wrong in it.
    return "," if any(has_comma(column, form, words) for column in texts) else "."


def has_comma(column: "pl.Series", form: Form, words: tuple[str, ...]) -> bool:
    """Whether a column holds numbers with decimal commas."""
    try:
        return retype(column, form, words)[1] == "comma"
    except DataError:
        return False


def as_type(column: "pl.Series", labels: NDArray[Any]) -> "pl.Series":
    """Numbers in the type of a column that holds the target.

    Raises:
        DataError: If one of them is none of that type.
    """
    import polars as pl

    made = pl.Series(column.name, labels).cast(column.dtype, strict=False)
    back = made.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    tolerance = CLOSE if column.dtype == pl.Float32 else 0.0
    wrong = ~(np.abs(back - labels) <= tolerance * np.abs(labels))
    if wrong.any():
        first = labels[wrong][0]
        if column.dtype.is_integer() and first != np.round(first):
            raise DataError(f"The target {column.name!r} holds whole numbers, and {first:g} is none.")
        raise DataError(
            f"The target {column.name!r} is of the type {column.dtype}, which has no place for {first:.15g}.",
            hint="save the table with a wider type of column first.",
        )
    return made


def plain_number(value: float, digits: int = 0) -> str:
    """A number as briefly as it can be written, with so many decimals at the least.

    Example:
        >>> plain_number(3600.0), plain_number(3600.0, 1), plain_number(0.125, 1), plain_number(1e15)
        ('3600', '3600.0', '0.125', '1000000000000000')
    """
    if value.is_integer() and abs(value) < 2**63:
        return str(int(value)) + ("." + "0" * digits if digits else "")
    if "e" in repr(value):
        return repr(value)
    whole, _, decimals = repr(value).partition(".")
    return f"{whole}.{decimals.ljust(digits, '0')}"
