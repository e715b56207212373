# SPDX-License-Identifier: MIT
"""Retyping: a column of texts as the numbers or booleans that all of them say, or as the texts they are.

Judges by all rows, never by the first alone. Knows no dates: whoever judges kinds reads them in the texts.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from culpa.errors import DataError, OptionError
from culpa.tables.naming import kind_option, listed, missing_option
from culpa.tables.roles import Form

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Found", "begin_with_zero", "cast_whole", "needs_signs", "notes_of", "retype"]

Found = Literal["comma", "either", "zeros"]
"""What a reader should hear of: decimal commas, commas that may be either sign, and numbers that begin with 0."""
BOOLEANS = ("True", "False", "true", "false", "TRUE", "FALSE")
MOSTLY = 0.9
"""A column with this share of numbers is a column of numbers with something wrong in it."""
WITH_COMMA = r"^[+-]?(\d+(,\d*)?|,\d+)([eE][+-]?\d+)?$"
GROUPED = r"^[+-]?\d{1,3}(\.\d{3})+(,\d+)?$"
MAY_BE_THOUSANDS = r"^[+-]?([1-9]\d{0,2},\d{3}|\d+)$"


def needs_signs(form: Form) -> Form:
    """The form with signs that can be; where points group digits, a comma is the decimal sign.

    Raises:
        OptionError: If the one is neither a point nor a comma, or the other is no single character, or the same.
    """
    if form.decimal not in (None, ".", ","):
        raise OptionError(f"--decimal must be '.' or ','; got {form.decimal!r}.")
    if form.thousands is not None and (len(form.thousands) != 1 or form.thousands.isalnum() or form.thousands in "+-"):
        raise OptionError(
            f"--thousands must be one character that is no letter, digit or sign; got {form.thousands!r}."
        )
    if form.thousands is not None and form.thousands == form.decimal:
        raise OptionError(f"--thousands and --decimal cannot both be {form.decimal!r}.")
    return replace(form, decimal=",") if form.thousands == "." else form


def retype(
    column: "pl.Series", form: Form, words: Sequence[str], *, stays: bool = False
) -> "tuple[pl.Series, Found | None]":
    """Make of a column of texts what all of them say.

    Args:
        column: The texts (n,), with gaps.
        form: The signs that the reader says.
        words: Those that stand for a missing value.
        stays: Whether texts remain texts, so that 01234 keeps its 0.

    Returns:
        The column, and what the reader should hear of.

    Raises:
        DataError: If a decimal sign was said and the numbers have the other.

    Example:
        >>> import polars as pl
        >>> retype(pl.Series(["1", " 2.5"]), Form(), ())[0].to_list()
        [1.0, 2.5]
    """
    import polars as pl

    quick = None if stays or form.decimal == "," else cast_whole(column)
    if quick is not None:
        return quick, begin_with_zero(column, quick)
    stripped = column.str.strip_chars()
    texts = column.set(stripped.is_in(["", *words]).fill_null(False), None)
    if stays or texts.null_count() == len(texts):
        return texts, None
    numbers, found = read_numbers(texts.str.strip_chars(), form)
    if numbers is not None:
        return numbers, found
    if found == "either":
        return texts, found
    if texts.drop_nulls().is_in(BOOLEANS).all():
        return (texts.str.to_lowercase() == "true").cast(pl.Boolean), None
    return texts, None


def read_numbers(texts: "pl.Series", form: Form) -> "tuple[pl.Series | None, Found | None]":
    """The numbers that all of the texts say, or None."""
    if form.decimal == ",":
        refuse_points(texts, form)
    plain = None if form.decimal == "," else cast_whole(texts)
    if plain is not None:
        return plain, begin_with_zero(texts, plain)
    decimal = form.decimal or "."
    if form.thousands is not None:
        grouped = without_thousands(texts, form.thousands, decimal)
        if grouped is not None:
            return cast_whole(grouped.str.replace(",", ".", literal=True) if decimal == "," else grouped), None
    if form.decimal == "." or not texts.str.contains(",", literal=True).any():
        return None, None
    if not texts.str.contains(WITH_COMMA).all():
        refuse_mostly(texts, form)
        return None, None
    if form.decimal is None and texts.str.contains(MAY_BE_THOUSANDS).all():
        return None, "either"
    return cast_whole(texts.str.replace(",", ".", literal=True)), "comma" if form.decimal is None else None


def cast_whole(texts: "pl.Series") -> "pl.Series | None":
    """The column as whole numbers or as numbers, or None; whole ones beyond 64 bits stay texts, so no digit is lost."""
    import polars as pl

    known = texts.drop_nulls()
    if len(known) == 0 or known.head(100).cast(pl.Float64, strict=False).null_count() > 0:
        return None
    whole = texts.cast(pl.Int64, strict=False)
    if whole.null_count() == texts.null_count():
        return whole
    numbers = texts.cast(pl.Float64, strict=False)
    if numbers.null_count() > texts.null_count():
        return None
    beyond = bool((numbers.abs() >= 2.0**63).any())
    return None if beyond and known.str.contains(r"^[+-]?\d+$").all() else numbers


def begin_with_zero(texts: "pl.Series", numbers: "pl.Series") -> Found | None:
    """Whether whole numbers are written with zeros in front, as codes are."""
    return "zeros" if numbers.dtype.is_integer() and texts.str.contains(r"^[+-]?0\d").any() else None


def without_thousands(texts: "pl.Series", sign: str, decimal: str) -> "pl.Series | None":
    """The texts without the sign that groups digits by three, or None where it groups them otherwise."""
    signs = "[ \u00a0\u202f]" if sign == " " else f"[{'’' if sign == chr(39) else ''}\\x{{{ord(sign):x}}}]"
    point = f"\\x{{{ord(decimal):x}}}"
    grouped = rf"^[+-]?(\d+|\d{{1,3}}({signs}\d{{3}})+)({point}\d*)?([eE][+-]?\d+)?$"
    if not texts.str.contains(grouped).all():
        return None
    return texts.str.replace_all(signs, "")


def refuse_mostly(texts: "pl.Series", form: Form) -> None:
    """Refuse numbers with a decimal comma where a few have points between their thousands, or are no numbers."""
    known = texts.drop_nulls()
    grouped, plain = known.str.contains(GROUPED), known.str.contains(WITH_COMMA)
    if not plain.any() and not known.str.contains(r"\.\d{3},").any():
        return
    wrong = texts.str.contains(WITH_COMMA).not_().fill_null(False)
    row = int(wrong.arg_max() or 0)
    if form.thousands is None and (grouped | plain).all():
        raise DataError(
            f"Row {row:,} of the column {texts.name!r} holds {texts[row]!r}, a number with points between its "
            "thousands.",
            hint="--decimal , --thousands . reads it.",
        )
    if known.str.contains(",", literal=True).any() and MOSTLY <= int(plain.sum()) / len(known) < 1:
        raise DataError(
            f"Row {row:,} of the column {texts.name!r} holds {texts[row]!r}, where most rows hold numbers with a "
            "decimal comma.",
            hint=f"mend it; or {missing_option(texts[row])} reads it as missing; or "
            f"{kind_option(texts.name, 'category')}.",
        )


def refuse_points(texts: "pl.Series", form: Form) -> None:
    """Refuse numbers with a point where the reader says that a comma is the decimal sign."""
    plain = cast_whole(texts)
    if plain is None:
        return
    pointed = texts.str.contains(".", literal=True).fill_null(False)
    if form.thousands == ".":
        pointed = pointed & ~texts.str.contains(GROUPED).fill_null(False)
    if pointed.any():
        row = int(pointed.arg_max() or 0)
        raise DataError(
            f"Row {row:,} of the column {texts.name!r} holds {texts[row]!r}, with a point, where the decimal "
            "sign is to be a comma.",
            hint=f"--thousands . if it groups digits; {kind_option(texts.name, 'category')} if it is no number; "
            "without both options each column is read by its own sign.",
        )


def notes_of(found: Sequence[tuple[str, Found | None]]) -> tuple[str, ...]:
    """What was found in which columns, in sentences."""
    notes = []
    commas = [name for name, how in found if how == "comma"]
    if commas:
        notes.append(f"A comma is the decimal sign in {listed(commas)} (--decimal).")
    zeros = [name for name, how in found if how == "zeros"]
    if zeros:
        notes.append(
            f"Numbers in {listed(zeros)} begin with 0, which is lost; {kind_option(zeros[0], 'category')} keeps them "
            "as they are."
        )
    return tuple(notes)
