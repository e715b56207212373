# SPDX-License-Identifier: MIT
"""Cells: a list of suspects as texts, whichever program saved it last, and where in the file each of them stands.

Knows CSV with any separator, a byte-order mark and decimal commas, and every other form of table. Not what is decided.
"""

import csv
import io
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from culpa.blaming.deciding.formulas import restored
from culpa.errors import CulpaError, DataError
from culpa.tables.canonical import as_text
from culpa.tables.files.forms import binary_reader, read_frame
from culpa.tables.files.opening import MARKS, Opened, as_utf8, open_source
from culpa.tables.files.sniffing import large_fields, sniff
from culpa.tables.naming import listed
from culpa.tables.reading import title, told_of
from culpa.tables.roles import Form

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Cells", "as_number", "decisions_in", "is_delimited", "read_cells"]

COLUMNS = ("row", "id", "given", "decision", "table")
"""The columns that are read; all others are for the reader."""
WITH_COMMA = re.compile(r"[+-]?\d+,\d+([eE][+-]?\d+)?")
GROUPED = {".": re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+"), ",": re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+")}
"""Numbers whose sign may stand between thousands, by the decimal sign of the file."""


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """What a file holds of a list.

    Args:
        name: What the file is called.
        opened: The file, a text of it in UTF-8, to find a line in it.
        texts: The columns that are read, by name; an empty cell is None.
        typed: The decisions as they stand in the file, with a quote in front of what is like a formula or without.
        delimited: Whether it is a text with lines.
        decimal: The decimal sign of its numbers; None where nothing tells it.
    """

    name: str
    opened: Opened
    texts: Mapping[str, Sequence[str | None]]
    typed: Sequence[str | None]
    delimited: bool
    decimal: str | None

    def __len__(self) -> int:
        return len(self.texts["decision"])

    def text(self, k: int, column: str) -> str | None:
        """What stands in a column of the k-th row of the list; None where nothing does, or there is no such column."""
        return self.texts[column][k] if column in self.texts else None

    def decided(self) -> Iterator[int]:
        """The rows of the list that hold a decision."""
        return (k for k, text in enumerate(self.texts["decision"]) if text is not None)

    def fault(self, k: int, column: str, what: str, hint: str | None = None) -> DataError:
        """The error for a cell; it says in which line, as editors count them, where the file has lines."""
        line = line_of(self.opened, k) if self.delimited else None
        where = f"row {k:,} of the list" if line is None else f"line {line:,}"
        return DataError(f"{self.name}, {where}, column {column!r}: {what}.", hint=hint)


def read_cells(source: str) -> Cells:
    """Read a list of suspects.

    Args:
        source: The file.

    Raises:
        FileError: If it cannot be read.
        DataError: If it lacks the column of decisions, or those that say which rows are meant.
    """
    name = title(source)
    with told_of(name):
        opened = open_source(source)
        if binary_reader(opened.head()) is None:
            opened, _ = as_utf8(opened, encoding_of(opened))
        frame, _ = read_frame(opened, Form(), as_text=True)
        columns = named(frame)
        refuse_twice(frame)
        delimited = is_delimited(opened)
        there = [columns.get(name) for name in COLUMNS]
        if there[3] is None or there[0] is there[1] is None:
            lacking = "decision" if there[3] is None else "row"
            raise DataError(
                f"It has no column {lacking!r}; it has {listed(frame.columns, 12)}.",
                hint="a list has a column of decisions, and the column row or id.",
            )
        texts = {word: list(texts_of(column, delimited)) for word, column in columns.items() if word in COLUMNS}
        typed = list(texts_of(there[3], delimited=False))
        return Cells(name, opened, texts, typed, delimited, decimal_of(frame, opened) if delimited else ".")


def is_delimited(opened: Opened) -> bool:
    """Whether a file is a text between separators, in whichever encoding."""
    if binary_reader(opened.head()) is not None:
        return False
    text, _ = as_utf8(opened, None) if opened.head(4).startswith(tuple(mark for mark, _ in MARKS)) else (opened, ())
    return not text.head().removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")


def encoding_of(opened: Opened) -> str | None:
    """cp1252 for a text that is neither in UTF-8 nor marked as something else: so spreadsheets save what is open."""
    data = opened.whole()
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return None if data.startswith(tuple(mark for mark, _ in MARKS)) else "cp1252"
    return None


def named(frame: "pl.DataFrame") -> "dict[str, pl.Series]":
    """The columns by their names in small letters."""
    return {column.name.strip().casefold(): column for column in frame}


def refuse_twice(frame: "pl.DataFrame") -> None:
    """Refuse two columns of one name that is read: only one of them could count."""
    names = Counter(name.strip().casefold() for name in frame.columns)
    for name in COLUMNS:
        if names[name] > 1:
            both = [repr(own) for own in frame.columns if own.strip().casefold() == name]
            raise DataError(
                f"It has the columns {' and '.join(both)}, and only one can count.", hint="delete the other."
            )


def decisions_in(path: str) -> int:
    """How many decisions a list holds, which are somebody's work; 0 where there is no list."""
    try:
        return sum(1 for _ in read_cells(path).decided()) if os.path.isfile(path) else 0
    except CulpaError:
        return 0  # whatever it is, it is no list


def texts_of(column: "pl.Series", delimited: bool) -> Iterator[str | None]:
    """A column's cells as texts; blank ones are empty."""
    for text in as_text(column).to_list():
        yield None if text is None or not text.strip() else restored(text) if delimited else text


def decimal_of(frame: "pl.DataFrame", opened: Opened) -> str | None:
    """The decimal sign of a list of texts: the columns of estimates tell it, or commas between the columns do."""
    import polars as pl

    known = [column for name, column in named(frame).items() if name in ("suspicion", "loss", "share", "probability")]
    texts = [text.strip() for column in known if column.dtype == pl.String for text in column if text]
    if any(WITH_COMMA.fullmatch(text) for text in texts):
        return ","
    return "." if any("." in text for text in texts) or sniff(opened, Form()).sep == "," else None


def line_of(opened: Opened, k: int) -> int | None:
    """In which line the k-th row of a list begins; None where it ends before."""
    layout = sniff(opened, Form())
    with large_fields(), opened.stream() as stream:
        reader = csv.reader(io.TextIOWrapper(stream, "utf-8-sig", errors="replace", newline=""), delimiter=layout.sep)
        left, begins = k + layout.header, 1
        for fields in reader:
            if fields:
                if left == 0:
                    return begins
                left -= 1
            begins = reader.line_num + 1
    return None


def as_number(text: str, decimal: str | None = ".") -> float | None:
    """A finite number that can be read in one way only; None for anything else.

    Args:
        text: With a point or a comma before the decimals.
        decimal: The sign that the file has; the other one may stand between thousands. None where it is not known.

    Example:
        >>> as_number("2.5"), as_number("2,5"), as_number("1,234"), as_number("1,234", ","), as_number("none")
        (2.5, 2.5, None, 1.234, None)
    """
    plain = text.strip().replace("−", "-")
    signs = GROUPED if decimal is None else decimal
    if any(GROUPED[sign].fullmatch(plain) for sign in signs) or "_" in plain:
        return None
    if WITH_COMMA.fullmatch(plain):
        plain = plain.replace(",", ".")
    try:
        value = float(plain)
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None
