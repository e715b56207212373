# SPDX-License-Identifier: MIT
"""Files: CSV, TSV, Parquet, Arrow and JSON lines, compressed or not, or standard input, as a Polars frame.

What a file is, its first bytes say and never its ending. Knows no roles and no kinds.
"""

import io
import json
import re
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from culpa.errors import CulpaError, DataError, FileError
from culpa.tables.files.delimited import read_delimited
from culpa.tables.files.opening import Opened, as_utf8, open_source
from culpa.tables.files.retyping import needs_signs
from culpa.tables.files.sniffing import is_number
from culpa.tables.roles import Form, needs_no_form

if TYPE_CHECKING:
    import polars as pl

__all__ = ["read_frame", "without_words"]

JSON_ARRAY = re.compile(rb"\[\s*\{")
AS_CSV = "save the table as CSV or Parquet."
NO_TABLES = (
    (b"PK\x03\x04", "a zip archive, as those of Excel and OpenDocument are", AS_CSV),
    (b"\xd0\xcf\x11\xe0", "an old workbook of Excel", AS_CSV),
    (b"\x93NUMPY", "an array of NumPy", 'numpy.savez("data.npz", X=X, y=y) writes one that can be read.'),
    (b"FEA1", "Feather in its first version", "write it anew: pandas.DataFrame.to_feather writes the second."),
    (b"BZh", "compressed with bzip2", "decompress it; gzip and zstd are read as they are."),
    (b"\xfd7zXZ", "compressed with xz", "decompress it; gzip and zstd are read as they are."),
    (b"\x89PNG", "a picture", AS_CSV),
    (b"\xff\xd8\xff", "a picture", AS_CSV),
    (b"GIF8", "a picture", AS_CSV),
    (b"%PDF", "a PDF document", AS_CSV),
    (b"SQLite format 3", "a database of SQLite", AS_CSV),
    (b"\x89HDF", "an HDF5 file", AS_CSV),
    (b"\x80\x04", "a pickle, which culpa does not load, as that would run code", AS_CSV),
    (b"\x80\x05", "a pickle, which culpa does not load, as that would run code", AS_CSV),
    (b"<!DOCTYPE", "a web page", AS_CSV),
    (b"<html", "a web page", AS_CSV),
)
"""First bytes of files that hold no table that is read here, what they are, and what to do."""


def read_frame(
    source: str | Opened, form: Form, *, texts: Collection[str] = (), as_text: bool = False
) -> "tuple[pl.DataFrame, tuple[str, ...]]":
    """Read a file as it is.

    Args:
        source: The file, "-" for standard input, or what was opened before, which can be read twice.
        form: How a file of texts is written.
        texts: Columns of a file of texts that are not to be taken for numbers, so that 01234 keeps its 0.
        as_text: Whether all columns of a delimited file stay texts, words for missing values too.

    Returns:
        The frame, and what was recognised, in sentences.

    Raises:
        FileError: If it cannot be read.
        DataError: If its rows are not those of a table.
        OptionError: If it cannot be written as is said.
    """
    form = needs_signs(form)
    opened = source if isinstance(source, Opened) else open_source(source)
    head = opened.head()
    reader = binary_reader(head)
    if reader is not None:
        needs_no_form(form, f"{form_name(reader)} file", but=("missing",))
        return without_words(unspoilt(reader, opened), form), ()
    refuse_no_table(head)
    opened, notes = as_utf8(opened, form.encoding)
    start = opened.head().removeprefix(b"\xef\xbb\xbf").lstrip()
    if JSON_ARRAY.match(start):
        raise FileError("It is a JSON array; JSON lines hold one object a line.", hint="jq -c '.[]' writes them so.")
    if start[:1] == b"{":
        needs_no_form(form, "JSON lines", but=("missing", "encoding"))
        return without_words(read_json_lines(opened), form), notes
    frame, more = read_delimited(opened, form, texts=texts, as_text=as_text)
    return frame, (*notes, *more)


def binary_reader(head: bytes) -> Callable[..., Any] | None:
    """What of Polars reads a file that begins so; None for a text."""
    import polars as pl

    if head.startswith(b"PAR1"):
        return pl.read_parquet
    if head.startswith(b"ARROW1"):
        return pl.read_ipc
    return pl.read_ipc_stream if head.startswith(b"\xff\xff\xff\xff") else None


def form_name(reader: Callable[..., Any]) -> str:
    """What a reader of Polars reads, with its article."""
    return "a Parquet" if reader.__name__ == "read_parquet" else "an Arrow"


def unspoilt(reader: Callable[..., Any], opened: Opened) -> "pl.DataFrame":
    """What Polars reads; whatever a damaged file makes go wrong, its panics too, is the same word to the reader."""
    import polars as pl

    try:
        with opened.stream() as stream:
            frame: pl.DataFrame = reader(stream)
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except pl.exceptions.DuplicateError as error:
        name = re.search(r"'(.+?)'", str(error))
        which = f"Two columns are called {name.group(1)!r}." if name else "Two columns have one name."
        raise DataError(which, hint="give each a name of its own.") from error
    except BaseException as error:  # a panic of Polars is no Exception
        raise FileError(
            f"It is {form_name(reader)} file that is damaged or cut off.", hint="write or copy it once more."
        ) from error
    frame.columns = [name.strip() or f"column_{j + 1}" for j, name in enumerate(frame.columns)]
    return frame


def refuse_no_table(head: bytes) -> None:
    """Refuse what is known to be something else."""
    for mark, what, hint in NO_TABLES:
        if head.startswith(mark):
            raise FileError(f"It is {what}.", hint=hint)
    if b'{"' in head[8:20] and b"\0" in head[:8]:
        raise FileError("It looks like a saved network.", hint="culpa predict MODEL DATA, in this order.")


def without_words(frame: "pl.DataFrame", form: Form) -> "pl.DataFrame":
    """A frame of typed columns, with gaps for the words that the reader says; the usual ones are values there.

    A word that is a number stands for a missing value among numbers too.
    """
    import polars as pl

    numbers = [float(word) for word in form.missing if is_number(word)]
    gaps: list[pl.Series] = []
    for column in frame if form.missing else ():
        words = form.missing if column.dtype == pl.String else numbers if column.dtype.is_numeric() else ()
        gap = (column.cast(pl.Float64) if words is numbers else column).is_in([*words]) if words else None
        if gap is not None and gap.any():
            gaps.append(column.set(gap.fill_null(False), None))
    return frame.with_columns(gaps)


def read_json_lines(opened: Opened) -> "pl.DataFrame":
    """One JSON object a line; a key that is lacking is a gap."""
    import polars as pl

    data = opened.whole().removeprefix(b"\xef\xbb\xbf")
    for lines in (data, None):
        try:
            return pl.read_ndjson(io.BytesIO(lines or strict_lines(data)), infer_schema_length=None)
        except (pl.exceptions.PolarsError, OSError, ValueError) as error:
            if isinstance(error, CulpaError):
                raise
            found = error
    raise FileError("It cannot be read as JSON lines.", hint="one object a line, with plain values.") from found


def strict_lines(data: bytes) -> bytes:
    """The same lines with null for NaN, which JSON does not know but Python writes.

    Raises:
        FileError: If a line is no JSON object, by its row.
    """
    made: list[str] = []
    for number, line in enumerate(data.splitlines(), start=1):
        if line.strip():
            where = f"Row {len(made):,} (line {number:,})"
            try:
                found = json.loads(line.decode(), parse_constant=constant)
            except ValueError as error:
                raise FileError(f"{where} is not one whole JSON object.", hint="JSON lines hold one a line.") from error
            if not isinstance(found, dict):
                raise FileError(f"{where} is no JSON object.", hint="JSON lines hold one a line.")
            made.append(json.dumps(found))
    return "\n".join(made).encode()


def constant(word: str) -> float | None:
    """NaN is a gap; infinity is written as a number that is too large, and refused where numbers are."""
    return None if word == "NaN" else float(word.replace("Infinity", "inf"))
