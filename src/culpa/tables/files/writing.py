# SPDX-License-Identifier: MIT
"""Writing a frame to a file, in the form that its ending names. Knows no network, and not what the rows mean."""

from collections.abc import Callable, Iterator
from typing import IO, TYPE_CHECKING, Any

from culpa.errors import DataError, FileError, OptionError

if TYPE_CHECKING:
    import polars as pl

__all__ = ["ENDINGS", "csv_pieces", "form_of", "write_frame"]

LINES = 10_000
"""Rows that become one text at a time."""

Writer = Callable[["pl.DataFrame", IO[bytes], Any], object]


def write_csv(frame: "pl.DataFrame", file: IO[bytes], packing: Any) -> None:
    """Texts between commas."""
    frame.write_csv(file, compression=packing)


def write_tsv(frame: "pl.DataFrame", file: IO[bytes], packing: Any) -> None:
    """Texts between tabs."""
    frame.write_csv(file, separator="\t", compression=packing)


def write_jsonl(frame: "pl.DataFrame", file: IO[bytes], packing: Any) -> None:
    """One JSON object a row."""
    frame.write_ndjson(file, compression=packing)


def write_parquet(frame: "pl.DataFrame", file: IO[bytes], packing: Any) -> None:
    """Parquet, which packs its columns itself."""
    del packing
    frame.write_parquet(file)


def write_arrow(frame: "pl.DataFrame", file: IO[bytes], packing: Any) -> None:
    """Arrow's file format, with texts as all its readers know them."""
    import polars as pl

    del packing
    frame.write_ipc(file, compat_level=pl.CompatLevel.oldest())


WRITERS: dict[str, Writer] = {
    ".csv": write_csv,
    ".tsv": write_tsv,
    ".jsonl": write_jsonl,
    ".parquet": write_parquet,
    ".arrow": write_arrow,
    ".feather": write_arrow,
}
"""What writes a frame into an open file, by the ending of its name."""
PACKED = {".gz": "gzip", ".zst": "zstd"}
"""Endings that may follow that of a file of texts."""
TEXTS = (".csv", ".tsv", ".jsonl")
ENDINGS = (*WRITERS, *(form + packed for form in TEXTS for packed in PACKED))
"""The endings that are known, for the reader to choose from."""


def form_of(path: str) -> tuple[str, str]:
    """The form that the name of a file asks for, and how it is packed.

    Raises:
        OptionError: If its ending names none.

    Example:
        >>> form_of("said.csv.gz"), form_of("said.parquet")
        (('.csv', 'gzip'), ('.parquet', 'uncompressed'))
    """
    name, packing = path.lower(), "uncompressed"
    for ending, word in PACKED.items():
        if name.endswith(ending):
            name, packing = name.removesuffix(ending), word
    form = next((form for form in WRITERS if name.endswith(form)), None)
    if form is None or (packing != "uncompressed" and form not in TEXTS):
        raise OptionError(
            f"The ending of {path!r} names no form in which a table can be written; known are {', '.join(ENDINGS)}."
        )
    return form, packing


def write_frame(frame: "pl.DataFrame", file: IO[bytes], path: str) -> None:
    """Write a frame into an open file.

    Args:
        frame: The table.
        file: Where to.
        path: Its name, whose ending says in which form.

    Raises:
        OptionError: If the ending names no form.
        DataError: If a column cannot be written in that form.
        FileError: If the file cannot be written.
    """
    import polars as pl

    form, packing = form_of(path)
    try:
        WRITERS[form](frame, file, packing)
    except pl.exceptions.PolarsError as error:
        if "IO error" in str(error):
            raise FileError(f"{path} cannot be written: {str(error).rpartition(': ')[2]}.") from error
        raise unfit(path, error) from error


def csv_pieces(frame: "pl.DataFrame") -> Iterator[str]:
    """A frame as CSV, some thousand rows at a time.

    Raises:
        DataError: If a column cannot be written so.
    """
    import polars as pl

    for start in range(0, len(frame), LINES):
        try:
            yield frame.slice(start, LINES).write_csv(include_header=start == 0)
        except pl.exceptions.PolarsError as error:
            raise unfit("CSV", error) from error


def unfit(what: str, error: Exception) -> DataError:
    """The error for a table whose columns a form has no place for."""
    why = str(error).splitlines()[0]
    return DataError(f"{what} cannot hold this table: {why}.", hint="-o FILE.parquet holds every type of column.")
