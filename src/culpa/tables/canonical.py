# SPDX-License-Identifier: MIT
"""Canonical columns: one type a kind, so that the same table is the same whatever file or frame it came in.

number     Float64, finite; null where it is missing
yes/no     Boolean
category   String: 1 and 1.0 are "1", true is "true", a moment at midnight is its day; blank is missing
date       Datetime in microseconds, as a clock on the wall shows it; the time zone plays no part
"""

from typing import TYPE_CHECKING

from culpa.errors import DataError
from culpa.tables.kinds import PAIRS, Kind, date_form, without_blanks
from culpa.tables.naming import kind_option, missing_option, shown

if TYPE_CHECKING:
    import polars as pl

__all__ = ["as_days", "as_kind", "as_number", "as_text", "divided"]

OFFSET = r"\s*(Z|[+-]\d{2}(:?\d{2})?)$"
"""How far a clock is from that of UTC, at the end of a moment."""
MEND = "mend it, or leave its row out."


def as_kind(column: "pl.Series", kind: Kind, form: str | None = None, *, learnt: bool = False) -> "pl.Series":
    """A column in the one type of its kind; what is set aside stays as it is.

    Args:
        column: Its values as they were found.
        kind: What it is to hold.
        form: How its dates are written, for a column of texts; recognised where it is not said.
        learnt: Whether that was learnt from other rows, so that dates in another recognised form are dates too.

    Raises:
        DataError: If an entry cannot be read so; names the row and the column.

    Example:
        >>> import polars as pl
        >>> as_kind(pl.Series("age", ["31", None, "4.5"]), "number").to_list()
        [31.0, None, 4.5]
    """
    if kind == "number":
        return as_number(column)
    if kind == "yes/no":
        return as_boolean(column)
    if kind == "category":
        return as_text(column)
    return as_date(column, form, learnt=learnt) if kind == "date" else column


def as_number(column: "pl.Series", hint: str | None = None) -> "pl.Series":
    """Finite numbers, durations in seconds; NaN is missing, in a column of texts too."""
    import polars as pl

    kind = column.dtype
    if kind == pl.Duration:
        return divided(column.dt.total_microseconds(), 1e6)
    if kind == pl.Time:
        return divided(column.cast(pl.Int64), 1e9)
    if kind in (pl.String, pl.Categorical, pl.Enum):
        texts = without_blanks(column.cast(pl.String)).str.strip_chars()
        numbers = texts.cast(pl.Float64, strict=False)
        refuse(column, numbers.is_null() & texts.is_not_null(), "where numbers stand", hint)
    elif kind.is_numeric() or kind in (pl.Boolean, pl.Null):
        numbers = column.cast(pl.Float64)
    else:
        raise DataError(f"The column {column.name!r} is to hold numbers; it holds values of the type {kind}.")
    if numbers.is_finite().all():
        return numbers  # soon, as wide tables have thousands of such columns
    refuse(column, numbers.is_infinite().fill_null(False), "which is not finite", MEND)
    return numbers.fill_nan(None)


def divided(column: "pl.Series", by: float) -> "pl.Series":
    """Whole numbers by a number, rightly rounded; Polars multiplies by the reciprocal, which is not."""
    import polars as pl

    return pl.Series(column.name, column.to_numpy() / by).fill_nan(None)


def as_boolean(column: "pl.Series") -> "pl.Series":
    """Yes or no."""
    import polars as pl

    if column.dtype in (pl.Boolean, pl.Null):
        return column.cast(pl.Boolean)
    texts = as_text(column).str.strip_chars().str.to_lowercase()
    yes = texts.is_in(["1", *(pair[1] for pair in PAIRS)])
    no = texts.is_in(["0", *(pair[0] for pair in PAIRS)])
    refuse(column, texts.is_not_null() & ~(yes | no).fill_null(True), "where yes or no stands")
    return yes


def as_text(column: "pl.Series") -> "pl.Series":
    """Texts as they are; other types as they are usually written, the same whichever type they came in."""
    import polars as pl

    kind = column.dtype
    if kind.is_float() or kind.is_decimal():
        numbers = (column.cast(pl.Float64) if kind.is_decimal() else column).fill_nan(None)
        whole = (numbers == numbers.round(0)) & (numbers.abs() < 2.0**63)
        return numbers.cast(pl.Int64, strict=False).cast(pl.String).zip_with(whole, numbers.cast(pl.String))
    if kind in (pl.Date, pl.Datetime):
        return as_date(column, None).dt.to_string("%Y-%m-%d %H:%M:%S%.f").str.strip_suffix(" 00:00:00")
    if kind == pl.Duration:
        return as_text(as_number(column))
    if kind.is_nested() or kind in (pl.Binary, pl.Object):
        raise DataError(f"The column {column.name!r} is to hold texts; it holds values of the type {kind}.")
    return without_blanks(column.cast(pl.String))


def as_date(column: "pl.Series", form: str | None, *, learnt: bool = False) -> "pl.Series":
    """Moments as a clock on the wall shows them; the time zone plays no part."""
    import polars as pl

    moments = column
    if column.dtype not in (pl.Date, pl.Datetime):
        texts = as_text(column)
        form = form or date_form(texts) or ""
        if not form:
            refuse(
                texts, texts.is_not_null(), "in no recognised form of dates", kind_option(column.name, "date:%d/%m/%Y")
            )
        moments = moments_from(texts, form)
        if learnt and moments.null_count() > texts.null_count():
            moments = in_any_form(texts, moments)
        refuse(texts, moments.is_null() & texts.is_not_null(), f"where dates are written as {form}")
    if getattr(moments.dtype, "time_zone", None):
        moments = moments.dt.replace_time_zone(None)
    return moments.cast(pl.Datetime("us"))


def as_days(column: "pl.Series") -> "pl.Series":
    """Moments of which none has a time of day as days; any other column as it is."""
    import polars as pl

    whole = column.dtype == pl.Datetime and (column == column.dt.truncate("1d")).all()
    return column.cast(pl.Date) if whole else column


def in_any_form(texts: "pl.Series", moments: "pl.Series") -> "pl.Series":
    """Moments in the one recognised form of all the texts; as they were where there is none, or two differ."""
    try:
        form = date_form(texts)
    except DataError:
        return moments
    return moments if form is None else moments_from(texts, form)


def moments_from(texts: "pl.Series", form: str) -> "pl.Series":
    """Moments that are written in a form; null where they are not."""
    import polars as pl

    if texts.null_count() == len(texts):
        return texts.cast(pl.Datetime("us"), strict=False)
    if form.endswith(("%#z", "%z")):
        texts, form = texts.str.replace(OFFSET, ""), form.removesuffix("%#z").removesuffix("%z").rstrip()
    try:
        return texts.str.to_datetime(form, strict=False, time_unit="us")
    except pl.exceptions.PolarsError as error:
        raise DataError(
            f"The column {texts.name!r} is to hold dates written as {form!r}, which is no form of dates.",
            hint="such as %Y-%m-%d, %d.%m.%Y, %m/%d/%Y %H:%M.",
        ) from error


def refuse(column: "pl.Series", wrong: "pl.Series", why: str, hint: str | None = None) -> None:
    """Refuse the first wrong entry, by its row."""
    if wrong.any():
        row = int(wrong.arg_max() or 0)
        missing = f"mend it, or {missing_option(column[row])} reads it as missing."
        raise DataError(
            f"Row {row:,} of the column {column.name!r} holds {shown(column[row])}, {why}.", hint=hint or missing
        )
