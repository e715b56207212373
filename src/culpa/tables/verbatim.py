# SPDX-License-Identifier: MIT
"""Rows as their owner wrote them, beside the same rows as a trained network takes them. Knows no network itself."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from culpa.tables.assigning import from_frame, raw_table
from culpa.tables.columns import Columns
from culpa.tables.raw import RawTable
from culpa.tables.reading import BUNDLED, bundled, read_arrays, read_raw
from culpa.tables.roles import Form, Roles

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Rows", "read_rows"]


class Rows(NamedTuple):
    """A table whose targets are to be predicted.

    Args:
        raw: Its columns as a network takes them, every row of the file.
        own: All of its columns as they were written; None where the reader has no table of his own.
    """

    raw: RawTable
    own: "pl.DataFrame | None"


def read_rows(source: str, form: Form, columns: Columns | None) -> Rows:
    """Read rows to predict; a target that stands among their columns is not looked at.

    Args:
        source: A file, "-" for standard input, a bundled name, or an `.npz` file with X.
        form: How a file of texts is written.
        columns: Those that the network has learnt.

    Raises:
        FileError, DataError: If the rows cannot be read; says where and what to do.
    """
    if source in BUNDLED:
        frame, target = bundled(source)
        roles = Roles(target=target if columns is None else None)
        return Rows(from_frame(frame, roles, name=source, needs_target=False, columns=columns), None)
    if source.endswith(".npz"):
        arrays = read_arrays(source, needs_target=False)
        return Rows(raw_table(arrays["X"], None, name=Path(source).name, names=arrays.get("columns")), None)
    with kept(source) as path:
        raw = read_raw(path, Roles(), form, needs_target=False, columns=columns)
        own = as_written(path, form)
    return Rows(raw, own)


@contextmanager
def kept(source: str) -> Iterator[str]:
    """A file that can be read twice, which standard input cannot."""
    if source != "-":
        yield source
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "standard input"
        with path.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        yield str(path)


def as_written(path: str, form: Form) -> "pl.DataFrame":
    """The very texts of a file of texts."""
    import polars as pl

    return pl.read_csv(path, separator=form.sep or ",", infer_schema=False)
