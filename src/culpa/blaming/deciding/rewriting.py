# SPDX-License-Identifier: MIT
"""Rewriting: the reader's own file with what was decided; every other cell as it was written. The file stays as it is.

A label that is given to a row is spelt as the file spells it, a number with the file's decimal sign. A text between
separators keeps its separator, and goes without a row of names where it had none; it is written in UTF-8.
"""

import warnings
from collections import Counter
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.deciding.decisions import Decisions
from culpa.blaming.deciding.formulas import like_formula
from culpa.errors import CulpaWarning, DataError, OptionError
from culpa.storing import writing_whole
from culpa.tables.files.forms import binary_reader, read_frame
from culpa.tables.files.opening import Opened, as_utf8, open_source
from culpa.tables.files.sniffing import sniff
from culpa.tables.files.writing import form_of, write_frame
from culpa.tables.parting import target_of
from culpa.tables.raw import RawTable
from culpa.tables.reading import BUNDLED, bundled, title, told_of
from culpa.tables.roles import Form

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Own", "corrected_frame", "needs_rewritable", "read_own", "write_corrected"]


class Own(NamedTuple):
    """A reader's file as it was written.

    Attributes:
        frame: All of its columns; of a text between separators every cell is a text.
        sep: What separates its columns, None where nothing does.
        header: Whether it has a row of names.
    """

    frame: "pl.DataFrame"
    sep: str | None = None
    header: bool = True


def needs_rewritable(source: str, output: str) -> None:
    """Refuse what has no rows to write again, and an ending that names no form, before any work begins."""
    if source == "-":
        raise OptionError("--apply needs a file, and standard input can be read but once.", hint="save it to a file.")
    if source.endswith(".npz"):
        raise OptionError(
            f"--apply writes tables, and {title(source)} holds arrays.",
            hint="change y where the list says, and save it: numpy.savez.",
        )
    form_of(output)


def read_own(source: str, form: Form) -> Own:
    """Read a file, or bundled data, as it was written.

    Args:
        source: The file or the bundled name.
        form: How a file of texts is written, as far as the reader says it.
    """
    if source in BUNDLED:
        return Own(bundled(source)[0])
    with told_of(title(source)):
        opened = open_source(source)
        frame, _ = read_frame(opened, form, as_text=True)
        if not is_delimited(opened):
            return Own(frame)
        layout = sniff(as_utf8(opened, form.encoding)[0], form)
        return Own(frame, layout.sep, layout.header)


def is_delimited(opened: Opened) -> bool:
    """Whether a file is a text between separators."""
    head = opened.head()
    return binary_reader(head) is None and not head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")


def corrected_frame(own: Own, table: RawTable, decisions: Decisions) -> "pl.DataFrame":
    """The reader's rows with other labels in those that were changed, and without those that were dropped.

    Args:
        own: The file as it was written.
        table: The same file as a table, whose rows have the numbers that decisions name.
        decisions: What was decided.

    Raises:
        DataError: If the file is no longer the one that the table was read from.
    """
    import polars as pl

    if len(own.frame) != len(table) + table.lacking or table.target not in own.frame.columns:
        raise DataError(f"{table.name} has changed while it was worked on.", hint="run the command again.")
    column = own.frame[table.target]
    if len(decisions.changed):
        cells = written(column, own, table, decisions)
        column = column.scatter(decisions.changed, pl.Series(cells, dtype=column.dtype))
    stays = np.ones(len(own.frame), np.bool_)
    stays[decisions.dropped] = False
    return own.frame.with_columns(column).filter(stays)


def written(column: "pl.Series", own: Own, table: RawTable, decisions: Decisions) -> list[Any]:
    """The changed labels as this file writes them."""
    if table.classes is not None:
        spelt = spellings(column, table)
        return [spelt[label] for label in decisions.labels.tolist()]
    if own.sep is None:
        return list(as_type(column, decisions.labels))
    sign = "," if decimal_comma(column, table) else "."
    digits = fewest_decimals(column, table, sign)
    return [plain_number(value, digits).replace(".", sign) for value in decisions.labels.tolist()]


def spellings(column: "pl.Series", table: RawTable) -> dict[Any, Any]:
    """How the file writes each class: as in most of its rows."""
    found: dict[Any, Counter[Any]] = {}
    for cell, label in zip(column[table.rows].to_list(), target_of(table).tolist(), strict=True):
        found.setdefault(label, Counter())[cell] += 1
    return {label: cells.most_common(1)[0][0] for label, cells in found.items()}


def as_type(column: "pl.Series", numbers: NDArray[np.float64]) -> "pl.Series":
    """Numbers in the type of the file's own; a column of whole numbers takes no other."""
    import polars as pl

    if column.dtype.is_integer() and (numbers != np.round(numbers)).any():
        first = numbers[numbers != np.round(numbers)][0]
        raise DataError(f"The target {column.name!r} holds whole numbers, and {first:g} is none.")
    return pl.Series(column.name, numbers).cast(column.dtype)


def decimal_comma(column: "pl.Series", table: RawTable) -> bool:
    """Whether the file writes decimal commas: its first cell with a comma is the row's number if it is read so."""
    for cell, value in zip(column[table.rows].to_list(), target_of(table).tolist(), strict=True):
        if "," in cell:
            try:
                return float(cell.strip().replace(".", "").replace(",", ".")) == value
            except ValueError:
                return False
    return False


def fewest_decimals(column: "pl.Series", table: RawTable, sign: str) -> int:
    """How many decimals every number of the file has at the least; 3750.0 has one."""
    return min(len(cell.strip().partition(sign)[2]) for cell in column[table.rows].to_list())


def plain_number(value: float, digits: int = 0) -> str:
    """A number as briefly as it can be written, with so many decimals at the least.

    Example:
        >>> plain_number(3600.0), plain_number(3600.0, 1), plain_number(0.125, 1)
        ('3600', '3600.0', '0.125')
    """
    if abs(value) >= 1e15 or "e" in repr(value):
        return repr(value)
    whole, _, decimals = repr(value).partition(".")
    decimals = decimals.rstrip("0").ljust(digits, "0")
    return f"{whole}.{decimals}" if decimals else whole


def write_corrected(source: str, form: Form, table: RawTable, decisions: Decisions, output: str) -> int:
    """Write the reader's file with what was decided to another file, whole or not at all.

    Args:
        source: The file that the table was read from, or the bundled name.
        form: How it is written, as far as the reader says it.
        table: The table as it was, before the decisions.
        decisions: What was decided.
        output: Where to; the ending says in which form.

    Returns:
        How many rows were written.

    Raises:
        OptionError: If there are no rows to write, or the ending names no form.
        DataError: If the file is no longer the one that the table was read from.
        FileError: If it cannot be written.

    Warns:
        CulpaWarning: If a spreadsheet might run some of the texts, which stay as they are.
    """
    needs_rewritable(source, output)
    own = read_own(source, form)
    frame = corrected_frame(own, table, decisions)
    ending, packing = form_of(output)
    with writing_whole(output) as file:
        if ending in (".csv", ".tsv"):
            tell_formulas(frame, title(output))
            write_texts(frame, file, own, ending, packing)
        else:
            write_frame(frame, file, output)
    return len(frame)


def write_texts(frame: "pl.DataFrame", file: IO[bytes], own: Own, ending: str, packing: Any) -> None:
    """Write texts between the separators of the source, but for tabs, which go with the ending."""
    sep = own.sep or ","
    if ending == ".tsv":
        sep = "\t"
    elif sep == "\t":
        sep = ";" if any(map(has_decimal_comma, frame)) else ","  # a comma would make the decimal ones ambiguous
    frame.write_csv(file, separator=sep, include_header=own.header, compression=packing)


def has_decimal_comma(column: "pl.Series") -> bool:
    """Whether a column of texts holds a number with a comma."""
    import polars as pl

    return column.dtype == pl.String and bool(column.str.contains(r"^\s*[+-]?\d+,\d+\s*$").any())


def tell_formulas(frame: "pl.DataFrame", name: str) -> None:
    """Warn of texts that a spreadsheet might run: these are the reader's data, and stay as they are."""
    import polars as pl

    texts = [pl.Series(frame.columns), *(column for column in frame if column.dtype == pl.String)]
    found = sum(like_formula(text) for column in texts for text in column.drop_nulls().to_list())
    if found:
        which = "one text that begins" if found == 1 else f"{found:,} texts that begin"
        sentence = f"{name} holds {which} like a formula, as the table does; import it as text into a spreadsheet."
        warnings.warn(sentence, CulpaWarning, stacklevel=3)
