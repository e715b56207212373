# SPDX-License-Identifier: MIT
"""Rewriting: the reader's own file with what was decided; every other cell as it was written. The file stays as it is.

A text between separators that stays one is copied, and only the cells that were decided on are written anew, as
`spelling` has it; in another form every cell keeps its text. Texts are written in UTF-8.
"""

import gzip
import warnings
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import numpy as np

from culpa.blaming.deciding.cells import is_delimited
from culpa.blaming.deciding.copying import copied, records_of
from culpa.blaming.deciding.decisions import Decisions
from culpa.blaming.deciding.formulas import like_formula
from culpa.blaming.deciding.spelling import as_type, as_written, decimal_sign, says_the_same
from culpa.errors import CulpaWarning, DataError, OptionError
from culpa.storing import writing_whole
from culpa.tables.files.forms import read_frame
from culpa.tables.files.opening import MARKS, Opened, as_utf8, open_source
from culpa.tables.files.sniffing import Layout, sniff
from culpa.tables.files.writing import form_of, write_frame
from culpa.tables.raw import RawTable
from culpa.tables.reading import BUNDLED, bundled, title, told_of
from culpa.tables.roles import Form

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Corrected", "Own", "corrected_file", "needs_rewritable", "read_own", "write_corrected"]

MARK = "\ufeff"
"""What stands in front of a text and says that it is UTF-8."""


class Own(NamedTuple):
    """A reader's file as it was written.

    Attributes:
        frame: All of its columns; of a text between separators every cell is a text.
        text: Such a text, in UTF-8; None for any other file.
        layout: How it is laid out.
        marked: Whether it begins with a byte-order mark.
    """

    frame: "pl.DataFrame"
    text: Opened | None = None
    layout: Layout | None = None
    marked: bool = False


class Corrected(NamedTuple):
    """A reader's file with what was decided.

    Attributes:
        own: The file as it was written.
        frame: Its rows with other labels in those that were changed, and without those that were dropped.
        target: The name of the target.
        changed: The new cells of a text between separators, by row.
        dropped: The rows that are left out.
    """

    own: Own
    frame: "pl.DataFrame"
    target: str
    changed: dict[int, str]
    dropped: frozenset[int]


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
        marked = opened.head(4).startswith((b"\xef\xbb\xbf", *(mark for mark, _ in MARKS)))
        text, _ = as_utf8(opened, form.encoding)
        return Own(frame, text, sniff(text, form), marked)


def corrected_file(source: str, form: Form, table: RawTable, decisions: Decisions) -> Corrected:
    """The reader's file with what was decided; nothing is written.

    Args:
        source: The file that the table was read from, or the bundled name.
        form: How it is written, as far as the reader says it.
        table: The table as it was, before the decisions.
        decisions: What was decided.

    Raises:
        OptionError: If there are no rows to write.
        DataError: If the file is no longer the one that the table was read from, or has no place for a number.
    """
    import polars as pl

    own = read_own(source, form)
    if len(own.frame) != len(table) + table.lacking or table.target not in own.frame.columns:
        raise changed_meanwhile(table)
    column = own.frame[table.target]
    cells, labels = column[table.rows], decisions.labels
    sign = decimal_sign(own.frame, cells, form, own.layout.sep) if own.layout is not None else "."
    if not says_the_same(cells, table, replace(form, decimal=sign)):
        raise changed_meanwhile(table)
    changed: dict[int, str] = {}
    if own.layout is not None:
        texts = as_written(labels, cells, table, sign)
        changed = dict(zip(decisions.changed.tolist(), texts, strict=True))
        new = pl.Series(column.name, texts, dtype=pl.String)
    elif table.classes is None:
        new = as_type(column, labels)
    else:
        new = pl.Series(column.name, as_written(labels, cells, table, sign), dtype=column.dtype)
    if len(new):
        column = column.scatter(decisions.changed, new)
    stays = np.ones(len(own.frame), np.bool_)
    stays[decisions.dropped] = False
    frame = own.frame.with_columns(column).filter(stays)
    return Corrected(own, frame, table.target, changed, frozenset(decisions.dropped.tolist()))


def changed_meanwhile(table: RawTable) -> DataError:
    """The error for a file that is no longer the one that was read."""
    return DataError(f"{table.name} has changed while it was worked on.", hint="run the command again.")


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
        DataError: If the file is no longer the one that the table was read from, or a form cannot hold it.
        FileError: If it cannot be written.

    Warns:
        CulpaWarning: If a spreadsheet might run some of the texts, which stay as they are.
    """
    needs_rewritable(source, output)
    corrected = corrected_file(source, form, table, decisions)
    ending = form_of(output)[0]
    with writing_whole(output) as file:
        if ending in (".csv", ".tsv"):
            tell_formulas(corrected.frame, title(output))
        if corrected.own.layout is not None and ending in (".csv", ".tsv"):
            write_texts(corrected, corrected.own.layout, file, output)
        else:
            try:
                write_frame(corrected.frame, file, output)
            except DataError as error:
                raise DataError(error.message, hint="--apply FILE.parquet holds every type of column.") from error
    return len(corrected.frame)


def write_texts(corrected: Corrected, layout: Layout, file: IO[bytes], output: str) -> None:
    """Write texts: a copy where the separator stays; tabs go with the ending."""
    ending, packing = form_of(output)
    sep = layout.sep
    if ending == ".tsv":
        sep = "\t"
    elif sep == "\t":
        sep = ";" if any(map(has_decimal_comma, corrected.frame)) else ","  # a comma would make these ambiguous
    copy = copy_of(corrected, layout) if sep == layout.sep and packing != "zstd" else None
    if copy is None:
        write_anew(corrected, layout, file, sep, packing)
        return
    data = (MARK * corrected.own.marked + copy).encode()
    file.write(gzip.compress(data, mtime=0) if packing == "gzip" else data)


def copy_of(corrected: Corrected, layout: Layout) -> str | None:
    """The source's own records, but for what was decided."""
    own, place = corrected.own, layout.names.index(corrected.target)
    if own.text is None:
        return None
    cells = own.frame[corrected.target].to_list()
    return copied(own.text, layout, place, cells, corrected.changed, corrected.dropped)


def write_anew(corrected: Corrected, layout: Layout, file: IO[bytes], sep: str, packing: Any) -> None:
    """Write the cells between other separators, with the names, the mark and the line ends of the source."""
    frame, own, ending = corrected.frame, corrected.own, "\n"
    if own.text is not None:
        first = next(record for record in records_of(own.text, layout) if record.row is not None)
        ending = "\r\n" if first.text.endswith("\r\n") else "\n"
        if layout.header and len(set(first.fields)) == frame.width:
            frame = frame.rename(dict(zip(frame.columns, first.fields, strict=True)))
    frame.write_csv(
        file,
        separator=sep,
        include_header=layout.header,
        include_bom=own.marked,
        line_terminator=ending,
        compression=packing,
    )


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
