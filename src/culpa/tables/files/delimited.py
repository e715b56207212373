# SPDX-License-Identifier: MIT
"""Delimited texts: the columns of a CSV or TSV file. Polars reads them; the csv module is asked where it is lenient.

Polars fills a short row with gaps, takes a blank line for a row, and gives up where a quote stands inside a field. What
it says of a fault names no row. So wherever the last column has a gap or Polars gives up, the csv module reads the
records once more, one at a time, and either names the fault or hands Polars the same records written plainly.
"""

import csv
import io
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from culpa.errors import DataError, FileError
from culpa.tables.files.opening import Opened
from culpa.tables.files.retyping import Found, notes_of, retype
from culpa.tables.files.sniffing import Layout, large_fields, sniff
from culpa.tables.frames import refuse_width
from culpa.tables.roles import Form

if TYPE_CHECKING:
    import polars as pl

__all__ = ["MISSING", "read_delimited"]

MISSING = ("", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "None", "<NA>", "#N/A", "?")
"""The words that stand for a missing value in a file of texts."""
AT_ONCE = 200_000_000
"""So many bytes of a file are held as texts at once, before they become numbers."""
BYTE = re.compile("[\udc80-\udcff]")
"""A byte that is not UTF-8, as Python carries it along."""


def read_delimited(
    opened: Opened, form: Form, *, texts: Collection[str] = (), as_text: bool = False
) -> "tuple[pl.DataFrame, tuple[str, ...]]":
    """Read a delimited text in UTF-8.

    Args:
        opened: The text.
        form: What the reader says of it.
        texts: Columns that stay texts.
        as_text: Whether all do, with the words for missing values as they are.

    Returns:
        The frame, and what was recognised, in sentences.

    Raises:
        FileError: If what separates the columns cannot be recognised.
        DataError: If its rows are not those of a table; names row and column.
    """
    layout = sniff(opened, form)
    refuse_names(layout)
    if layout.sep == "," and form.decimal is None:
        form = replace(form, decimal=".")
    words = () if as_text else (*MISSING, *form.missing)
    if layout.spaced:
        opened, layout = written_plainly(opened, layout)
    stays = None if as_text else frozenset(texts)
    try:
        frame, found = retyped(opened, layout, form, words, stays)
    except LenientError:
        opened, layout = written_plainly(opened, layout)
        try:
            frame, found = retyped(opened, layout, form, words, stays)
        except LenientError as error:
            raise FileError("Its rows cannot be read.", hint="is it a CSV file?") from error
    frame, found = with_commas(frame, found, form, words)
    return frame, (*layout.notes, *notes_of(found))


def with_commas(
    frame: "pl.DataFrame", found: "list[tuple[str, Found | None]]", form: Form, words: Sequence[str]
) -> "tuple[pl.DataFrame, list[tuple[str, Found | None]]]":
    """Commas of two meanings are decimal signs where another column's are; else the reader is asked."""
    commas = {name for name, how in found if how == "either"}
    if not commas:
        return frame, found
    if not any(how == "comma" for _, how in found):
        column = frame[next(name for name in frame.columns if name in commas)]
        row = column.str.contains(",").arg_max() or 0
        raise DataError(
            f"The commas in the column {column.name!r} may be decimal signs or group thousands: row {row:,} holds "
            f"{column[row]!r}.",
            hint="--decimal , if they are decimal signs; --thousands , if they group digits.",
        )
    said = replace(form, decimal=",")
    frame = frame.with_columns([retype(frame[name], said, words)[0] for name in commas])
    return frame, [(name, "comma" if name in commas else how) for name, how in found]


class LenientError(Exception):
    """Polars would read these records otherwise than they are meant, or cannot."""


def retyped(
    opened: Opened, layout: Layout, form: Form, words: Sequence[str], texts: Collection[str] | None
) -> "tuple[pl.DataFrame, list[tuple[str, Found | None]]]":
    """Read some columns at a time as texts and make of them what they say; so the whole never stands there as texts."""
    import polars as pl

    names = layout.names
    step = -(-len(names) // (1 + opened.size // AT_ONCE))
    columns: list[pl.Series] = []
    found: list[tuple[str, Found | None]] = []
    for start in range(0, len(names), step)[::-1]:
        frame = raw_texts(opened, layout, names[start : start + step], words)
        # Polars counts no fields where it reads some columns alone, and fills short rows with gaps.
        in_pieces = step < len(names)
        if not columns and len(names) > 1 and (in_pieces or frame[names[-1]].null_count() > 0):
            needs_even_records(opened, layout)
        waiting = frame.get_columns()
        del frame
        while waiting:
            column, how = waiting.pop(), None
            if texts is not None:
                column, how = retype(column, form, words, stays=column.name in texts)
            refuse_nul(column)
            columns.append(column)
            found.append((column.name, how))
    return pl.DataFrame(columns[::-1]), found[::-1]


def raw_texts(opened: Opened, layout: Layout, names: Sequence[str], words: Sequence[str]) -> "pl.DataFrame":
    """Some columns as texts, with gaps where nothing or a word for it stands."""
    import polars as pl

    if opened.size == 0:
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    source = opened.path or io.BytesIO(opened.data)
    try:
        scan = pl.scan_csv(
            source,
            has_header=layout.header,
            separator=layout.sep,
            infer_schema=False,
            null_values=[*words] or None,
            new_columns=list(layout.names),
            glob=False,
        )
        return scan.select(names).collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise LenientError from error


def needs_even_records(opened: Opened, layout: Layout) -> None:
    """Where Polars would not see it: refuse short and long rows, and leave blank lines to the csv module.

    Separators in quotes separate nothing, so a file with a quote is the csv module's too.
    """
    sep, each = layout.sep.encode(), len(layout.names) - 1
    with opened.stream() as lines:
        even = all(line.count(sep) == each and b'"' not in line for line in lines)
    if not even and any(len(fields) == 0 for _, fields in records(opened, layout)):
        raise LenientError


def written_plainly(opened: Opened, layout: Layout) -> tuple[Opened, Layout]:
    """The same records without a header, blank lines and stray quotes, separated by commas.

    Raises:
        DataError: If one is at fault, by its row.
    """
    plain = io.BytesIO()
    text = io.TextIOWrapper(plain, "utf-8", newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows(fields for _, fields in records(opened, layout) if fields)
    text.flush()
    kept = layout._replace(sep=",", header=False, spaced=False)
    return Opened(None, plain.getvalue()), kept


def records(opened: Opened, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """Each record after the header by its row, from 0; blank lines are empty and count for no row.

    Raises:
        DataError: If one has too many fields or too few, quotes that do not close, or bytes that are not UTF-8.
    """
    width, row, last = len(layout.names), -1 if layout.header else 0, 0
    with large_fields(), opened.stream() as stream:
        text = io.TextIOWrapper(stream, "utf-8-sig", errors="surrogateescape", newline="")
        reader = csv.reader(text, delimiter=layout.sep, strict=True, skipinitialspace=layout.spaced)
        try:
            for fields in reader:
                if (width > 1 or row < 0) and not "".join(fields).strip() and len(fields) <= 1:
                    if row >= 0:
                        yield row, []
                else:
                    refuse_fields(fields or [""], layout, row, last + 1)
                    if row >= 0:
                        yield row, fields or [""]
                    row += 1
                last = reader.line_num
        except csv.Error as error:
            raise quotes_at_fault(error, row, last + 1) from error


def refuse_fields(fields: Sequence[str], layout: Layout, row: int, line: int) -> None:
    """Refuse a record that has not one field a column, or bytes that are not UTF-8."""
    where = f"Row {row:,} (line {line:,})" if row >= 0 else f"The row of names (line {line:,})"
    if len(fields) != len(layout.names):
        count, width = len(fields), len(layout.names)
        what = ("name" if layout.header else "column") + ("s" if width > 1 else "")
        lacks = row == 0 and layout.header and count == width + 1
        first = "does the first column lack its name? else " if lacks else ""
        first = "are there lines above the row of names? else " if width == 1 else first
        raise DataError(
            f"{where} has {count:,} field{'s' if count > 1 else ''}, where there {'are' if width > 1 else 'is'} "
            f"{width:,} {what}.",
            hint=f"{first}mend the row; a field that holds {layout.sep!r} itself must stand in quotes.",
        )
    bad = next((j for j, field in enumerate(fields) if not field.isascii() and BYTE.search(field)), None)
    if bad is not None:
        raise not_utf8(where, f" in the column {layout.names[bad]!r}", fields[bad])


def not_utf8(where: str, column: str, field: str) -> FileError:
    """The error for a byte that is not UTF-8; it stands in the text as half a surrogate."""
    found = BYTE.search(field)
    byte = ord(found.group()) & 0xFF if found else 0
    return FileError(
        f"{where} holds the byte 0x{byte:02X}{column}, in {BYTE.sub('�', field)[:40]!r}, which is not UTF-8.",
        hint="--encoding latin-1 (or cp1252), if it comes from an older program.",
    )


def refuse_names(layout: Layout) -> None:
    """Refuse names with bytes that are not UTF-8, and more of them than a table may have."""
    refuse_width(len(layout.names), "It")
    for j, name in enumerate(layout.names):
        if not name.isascii() and BYTE.search(name):
            raise not_utf8(f"The name of column {j:,}", "", name)


def quotes_at_fault(error: csv.Error, row: int, line: int) -> DataError:
    """The error for quotes that do not close, or close too soon."""
    where = f"Row {row:,} (line {line:,})" if row >= 0 else f"The row of names (line {line:,})"
    if "unexpected end" in str(error):
        return DataError(f"{where} opens a quote that never closes.", hint="close it, or take it out.")
    return DataError(
        f"{where} has text after a closing quote.", hint='inside a quoted text a quote is written twice: "say ""hi""".'
    )


def refuse_nul(column: "pl.Series") -> None:
    """Refuse NUL bytes, which no text holds."""
    import polars as pl

    if column.dtype == pl.String:
        found = column.str.contains("\0", literal=True)
        if found.any():
            raise DataError(
                f"Row {int(found.arg_max() or 0):,} of the column {column.name!r} holds a NUL byte.",
                hint="was the file copied whole?",
            )
