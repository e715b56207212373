# SPDX-License-Identifier: MIT
"""Rows as their owner wrote them, beside the same rows as a trained network takes them. Knows no network itself."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from culpa.tables.assigning import from_frame, raw_table
from culpa.tables.columns import Columns
from culpa.tables.files import read_frame
from culpa.tables.opening import open_source
from culpa.tables.raw import RawTable
from culpa.tables.reading import BUNDLED, bundled, needs_file, read_arrays, read_raw, told_of
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
    needs_file(source)
    with kept(source) as path:
        with told_of(Path(path).name):
            own, _ = read_frame(path, replace(form, missing=()), as_text=True)
            if columns is not None:
                columns.found_in(own)
        unseen = () if columns is None else tuple(name for name in own.columns if name not in columns.kinds)
        return Rows(read_raw(path, Roles(drop=unseen), form, needs_target=False, columns=columns), own)


@contextmanager
def kept(source: str) -> Iterator[str]:
    """A file that can be read twice, which standard input cannot."""
    if source != "-":
        yield source
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "standard input"
        with told_of(path.name):
            path.write_bytes(open_source(source).whole())
        yield str(path)
