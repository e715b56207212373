# SPDX-License-Identifier: MIT
"""Rows as their owner wrote them, beside the same rows as a trained network takes them. Knows no network itself."""

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from culpa.tables.assigning import from_frame
from culpa.tables.columns import Columns
from culpa.tables.files.forms import read_frame
from culpa.tables.files.opening import open_source
from culpa.tables.raw import RawTable
from culpa.tables.reading import BUNDLED, bundled, needs_file, of_arrays, of_opened, title, told_of
from culpa.tables.roles import Form, Roles, needs_no_form

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Verbatim", "read_rows"]


class Verbatim(NamedTuple):
    """A table whose targets are to be predicted.

    Args:
        raw: Its columns as a network takes them, every row of the file.
        own: All of its columns as they were written; None where the reader has no table of his own.
    """

    raw: RawTable
    own: "pl.DataFrame | None"


def read_rows(source: str, form: Form, columns: Columns | None) -> Verbatim:
    """Read rows to predict; a target that stands among their columns is not looked at.

    Args:
        source: A file, "-" for standard input, a bundled name, or an `.npz` file with X.
        form: How a file of texts is written.
        columns: Those that the network has learnt.

    Raises:
        FileError, DataError: If the rows cannot be read; says where and what to do.
    """
    if source in BUNDLED:
        needs_no_form(form, f"the bundled {source}")
        frame, target = bundled(source)
        roles = Roles(target=target if columns is None else None)
        return Verbatim(from_frame(frame, roles, name=source, needs_target=False, columns=columns), None)
    if source.endswith(".npz"):
        needs_no_form(form, "arrays")
        return Verbatim(of_arrays(source, Roles(), needs_target=False, columns=columns), None)
    needs_file(source)
    name = title(source)
    with told_of(name):
        opened = open_source(source)
        own, _ = read_frame(opened, replace(form, missing=()), as_text=True)
        unseen: tuple[str, ...] = ()
        if columns is not None:
            columns.found_in(own)
            known = {*columns.names}
            unseen = tuple(column for column in own.columns if column not in known)
        raw = of_opened(opened, name, Roles(drop=unseen), form, needs_target=False, columns=columns)
    return Verbatim(raw, own)
