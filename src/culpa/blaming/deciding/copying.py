# SPDX-License-Identifier: MIT
"""Copying: a text between separators once more, byte for byte but for some cells of one column and some records.

Knows no table: records are counted from 0, behind the row of names, and blank lines count for none.
"""

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from culpa.tables.files.opening import Opened
from culpa.tables.files.sniffing import Layout, large_fields

__all__ = ["Record", "copied", "records_of"]


class Record(NamedTuple):
    """A record of a text.

    Attributes:
        fields: What any reader of CSV finds in it.
        text: The record as it stands there, with the end of its line.
        row: Which one it is; −1 for the row of names, None for a blank line.
    """

    fields: list[str]
    text: str
    row: int | None


def records_of(text: Opened, layout: Layout) -> Iterator[Record]:
    """Every record of a text in UTF-8 as it is written; a byte-order mark is none of it."""
    taken: list[str] = []
    row, width = -1 if layout.header else 0, len(layout.names)
    with large_fields(), text.stream() as stream, io.TextIOWrapper(stream, "utf-8-sig", newline="") as lines:
        for fields in csv.reader(
            remembered(lines, taken), delimiter=layout.sep, strict=True, skipinitialspace=layout.spaced
        ):
            whole = "".join(taken)
            taken.clear()
            if (width > 1 or row < 0) and len(fields) <= 1 and not "".join(fields).strip():
                yield Record(fields, whole, None)
            else:
                yield Record(fields or [""], whole, row)
                row += 1


def remembered(lines: Iterable[str], taken: list[str]) -> Iterator[str]:
    """The same lines, each of them kept as it is taken."""
    for line in lines:
        taken.append(line)
        yield line


def copied(
    text: Opened,
    layout: Layout,
    column: int,
    cells: Sequence[str | None],
    changed: Mapping[int, str],
    dropped: Collection[int],
) -> str | None:
    """A text with other cells in one column and without some records; all else is the same to the byte.

    Args:
        text: The text, in UTF-8.
        layout: How it is laid out.
        column: The place of the column.
        cells: What its cells are known to hold.
        changed: The new texts of some cells, by record.
        dropped: The records that are left out.

    Returns:
        The copy; None if the records are not those of these cells, as where quotes are lenient.
    """
    parts, found = [], 0
    try:
        for fields, whole, row in records_of(text, layout):
            if row is None:
                parts.append(whole)
                continue
            if row >= 0:
                found += 1
                if row >= len(cells) or len(fields) <= column or fields[column] != (cells[row] or ""):
                    return None
                if row in dropped:
                    continue
            parts.append(with_cell(whole, layout, column, changed[row]) if row in changed else whole)
    except (csv.Error, UnicodeDecodeError):
        return None
    return "".join(parts) if found == len(cells) else None


def with_cell(record: str, layout: Layout, column: int, cell: str) -> str:
    """A record with another text in one cell; in quotes where it had them, or needs them."""
    ending = record[len(record.rstrip("\r\n")) :]
    body = record[: len(record) - len(ending)]
    blanks = " *" if layout.spaced else ""
    field = re.compile(rf'{blanks}("(?:[^"]|"")*"|[^{re.escape(layout.sep)}]*)')
    begins = ends = -1
    for _ in range(column + 1):
        match = field.match(body, ends + 1)
        begins, ends = match.span(1) if match else (len(body), len(body))
    quoted = body[begins : begins + 1] == '"' or any(sign in cell for sign in (layout.sep, '"', "\r", "\n"))
    quoted = quoted or (layout.spaced and cell.startswith(" "))
    written = '"' + cell.replace('"', '""') + '"' if quoted else cell
    return body[:begins] + written + body[ends:] + ending
