# SPDX-License-Identifier: MIT
"""Disguises: texts that are nearly numbers, refused by the first row at fault and with what mends it.

A few words among numbers, digits grouped by thousands, a sign of money, a unit: what one such column would become
otherwise, a name of the rows or a hundred levels, nobody wants, and nobody would notice.
"""

import shlex
from typing import TYPE_CHECKING

from culpa.errors import DataError
from culpa.tables.files.retyping import begin_with_zero, cast_whole
from culpa.tables.naming import kind_option, missing_option, shown

if TYPE_CHECKING:
    import polars as pl

__all__ = ["numbers_in", "refuse_mixed"]

MOSTLY = 0.9
"""A text column with this share of numbers is a number column with something wrong in it."""
HALF = 0.5
"""With this share it is one too, if the others are a few words, and the numbers are many."""
FEW_WORDS = 5
MANY_NUMBERS = 20
"""With fewer different ones, numbers among words may be codes."""
THOUSANDS = (
    (",", r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$"),
    (".", r"^[+-]?\d{1,3}(\.\d{3})+,\d+$"),
    (" ", r"^[+-]?\d{1,3}([ \u00a0\u202f]\d{3})+([.,]\d+)?$"),
    ("'", r"^[+-]?\d{1,3}(['\u2019]\d{3})+([.,]\d+)?$"),
)
"""What groups digits, and numbers that are grouped so."""
DIGITS = r"[+-]?\d(?:[\d.,' \u00a0\u202f\u2019]*\d)?"
WITH_UNIT = rf"^(?:([$€£¥])\s*{DIGITS}|{DIGITS}\s*([%$€£¥]|[A-Za-zµ°²³]{{1,4}}))$"
"""A number with a sign of money in front, or with such a sign or a unit behind."""


def refuse_mixed(column: "pl.Series", *, target: bool = False) -> None:
    """Refuse a column of texts that are numbers but for something that can be told.

    Args:
        column: The texts, with gaps.
        target: Whether it is the target, whose entries no remedy may make missing.

    Raises:
        DataError: By the first row at fault.
    """
    import polars as pl

    texts = column.cast(pl.String).str.strip_chars()
    there = (texts != "").fill_null(False)
    numbers = texts.cast(pl.Float64, strict=False).is_not_null() & there
    count, right = int(there.sum()), int(numbers.sum())
    if right == count:
        return
    refuse_thousands(column.name, texts, count, right)
    wrong = there & ~numbers
    words = texts.filter(wrong).unique(maintain_order=True).to_list()
    few = len(words) <= FEW_WORDS and texts.filter(numbers).n_unique() >= MANY_NUMBERS
    if right >= (HALF if few else MOSTLY) * count:
        remedy = " ".join(map(missing_option, words[:FEW_WORDS]))
        reads = f"{remedy} reads {'it' if len(words) == 1 else 'them'} as missing"
        leave = "mend it, or leave its row out" if target else f"mend it; or {reads}"
        raise DataError(
            f"Row {int(wrong.arg_max() or 0):,} of the column {column.name!r} holds {shown(words[0])}, where "
            f"{right / count:.1%} of the rows hold numbers.",
            hint=f"{leave}; or {kind_option(column.name, 'category')}.",
        )
    refuse_units(column.name, texts, count)


def refuse_thousands(name: str, texts: "pl.Series", count: int, right: int) -> None:
    """Refuse numbers whose digits are grouped."""
    for separator, pattern in THOUSANDS:
        grouped = texts.str.contains(pattern).fill_null(False)
        if grouped.any() and right + int(grouped.sum()) >= MOSTLY * count:
            row = int(grouped.arg_max() or 0)
            sign = '"\'"' if separator == "'" else f"'{separator}'"
            raise DataError(
                f"Row {row:,} of the column {name!r} holds {texts[row]!r}, a number with separators of thousands.",
                hint=f"--thousands {sign} takes them out.",
            )


def refuse_units(name: str, texts: "pl.Series", count: int) -> None:
    """Refuse numbers with one and the same sign or unit."""
    import polars as pl

    frame = texts.to_frame("text").with_columns(
        pl.coalesce(pl.col("text").str.extract(WITH_UNIT, 1), pl.col("text").str.extract(WITH_UNIT, 2)).alias("unit")
    )
    signs = frame["unit"].drop_nulls()
    if len(signs) < MOSTLY * count or frame["text"].n_unique() < MANY_NUMBERS:
        return
    unit, times = signs.value_counts(sort=True, name="times").row(0)
    if times >= MOSTLY * count:
        row = int((frame["unit"] == unit).arg_max() or 0)
        raise DataError(
            f"Row {row:,} of the column {name!r} holds {texts[row]!r}, a number with {unit!r}, as nearly all rows do.",
            hint=f"take {unit!r} out of the column; or {kind_option(name, 'category')}; or --drop {shlex.quote(name)}.",
        )


def numbers_in(texts: "pl.Series") -> "pl.Series | None":
    """The numbers that all of the texts are, as a file of texts would have them; None where one is a code or none.

    Example:
        >>> import polars as pl
        >>> numbers_in(pl.Series(["1", "2.5"])).to_list(), numbers_in(pl.Series(["1", "02"]))
        ([1.0, 2.5], None)
    """
    stripped = texts.str.strip_chars()
    numbers = cast_whole(stripped)
    return None if numbers is None or begin_with_zero(stripped, numbers) else numbers
