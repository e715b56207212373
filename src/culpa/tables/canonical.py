# SPDX-License-Identifier: MIT
"""Canonical columns: one type a kind, so that the same table is the same whatever file or frame it came in.

number     Float64, finite; null where it is missing
yes/no     Boolean
category   String: 1 and 1.0 are "1", true is "true"; blank is missing
date       Datetime in microseconds
"""

from typing import TYPE_CHECKING, Any

from culpa.errors import DataError
from culpa.tables.kinds import PAIRS, Kind, shown

if TYPE_CHECKING:
    import polars as pl

__all__ = ["as_kind", "as_text"]


def as_kind(column: "pl.Series", kind: Kind, form: str | None = None) -> "pl.Series":
    """A column in the one type of its kind; what is set aside stays as it is.

    Args:
        column: Its values as they were found.
        kind: What it is to hold.
        form: How its dates are written, for a column of texts.

    Raises:
        DataError: If an entry cannot be read so; names the row and the column.

    Example:
        >>> import polars as pl
        >>> as_kind(pl.Series("age", ["31", None, "4.5"]), "number").to_list()
        [31.0, None, 4.5]
    """
    made = {"number": as_number, "yes/no": as_boolean, "category": as_text, "date": as_date}.get(kind)
    if made is None:
        return column
    return made(column, form) if made is as_date else made(column)  # type: ignore[operator]


def as_number(column: "pl.Series") -> "pl.Series":
    """Finite numbers; NaN is missing."""
    import polars as pl

    kind = column.dtype
    if kind == pl.Duration:
        column = column.dt.total_microseconds() / 1e6
    elif kind == pl.Time:
        column = column.cast(pl.Int64) / 1e9
    elif not kind.is_numeric() and kind not in (pl.Boolean, pl.String, pl.Categorical, pl.Enum, pl.Null):
        raise DataError(f"The column {column.name!r} is to hold numbers; its type is {kind}.")
    texts = kind in (pl.String, pl.Categorical, pl.Enum)
    source = blank_is_missing(column.cast(pl.String)).str.strip_chars() if texts else column
    numbers = source.cast(pl.Float64, strict=False).fill_nan(None)
    refuse(source, numbers.is_null() & source.is_not_null() & ~is_nan(source), "where numbers stand")
    refuse(source, numbers.is_infinite().fill_null(False), "which is not finite")
    return numbers


def as_boolean(column: "pl.Series") -> "pl.Series":
    """Yes or no."""
    import polars as pl

    if column.dtype in (pl.Boolean, pl.Null):
        return column.cast(pl.Boolean)
    texts = as_text(column).str.to_lowercase()
    yes = texts.is_in(["1", *(pair[1] for pair in PAIRS)])
    no = texts.is_in(["0", *(pair[0] for pair in PAIRS)])
    refuse(column, texts.is_not_null() & ~(yes | no).fill_null(True), "where yes or no stands")
    return yes


def as_text(column: "pl.Series") -> "pl.Series":
    """Texts; whole numbers without a point, so that 1 and 1.0 are the same level. Blank is missing."""
    import polars as pl

    if column.dtype.is_float():
        column = column.fill_nan(None)
        whole = (column == column.round(0)) & (column.abs() < 1e15)
        texts = column.cast(pl.String)
        plain = column.cast(pl.Int64, strict=False).cast(pl.String)
        return plain.zip_with(whole.fill_null(False), texts)
    return blank_is_missing(column.cast(pl.String))


def as_date(column: "pl.Series", form: str | None) -> "pl.Series":
    """Moments, without a time zone."""
    import polars as pl

    if column.dtype in (pl.Date, pl.Datetime):
        if getattr(column.dtype, "time_zone", None):
            column = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        return column.cast(pl.Datetime("us"))
    texts = as_text(column)
    if form is None:
        refuse(texts, texts.is_not_null(), "in no recognised form of dates")
        return texts.cast(pl.Datetime("us"), strict=False)
    try:
        moments = texts.str.to_datetime(form, strict=False, time_unit="us")
    except pl.exceptions.PolarsError as error:
        raise DataError(
            f"The column {column.name!r} is to hold dates written as {form!r}, which is no form of dates.",
            hint="such as %Y-%m-%d, %d.%m.%Y, %m/%d/%Y %H:%M.",
        ) from error
    if getattr(moments.dtype, "time_zone", None):
        moments = moments.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    refuse(texts, moments.is_null() & texts.is_not_null(), f"where dates are written as {form}")
    return moments


def blank_is_missing(texts: "pl.Series") -> "pl.Series":
    """A text of blanks alone says nothing; a file of texts cannot tell it from a gap."""
    return texts.set(texts.str.strip_chars() == "", None)


def is_nan(column: "pl.Series") -> Any:
    """Where a column of numbers holds NaN, or a text that says so."""
    import polars as pl

    if column.dtype.is_float():
        return column.is_nan().fill_null(False)
    if column.dtype == pl.String:
        return (column.str.to_lowercase() == "nan").fill_null(False)
    return pl.Series([False]).new_from_index(0, len(column))


def refuse(column: "pl.Series", wrong: "pl.Series", where: str) -> None:
    """Refuse the first wrong entry, by its row."""
    if wrong.any():
        row = int(wrong.arg_max() or 0)
        raise DataError(
            f"Row {row:,} of the column {column.name!r} holds {shown(column[row])}, {where}.",
            hint="mend it, or leave the column out with --drop.",
        )
