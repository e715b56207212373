# SPDX-License-Identifier: MIT
"""Delivering a table: to a file in the form that its ending names, whole or not at all. Knows none of its columns."""

from typing import TYPE_CHECKING

from culpa.blaming.deciding.formulas import like_formula
from culpa.cli.common import keeps_inputs, note
from culpa.errors import OptionError
from culpa.storing import needs_writable, writing_whole
from culpa.tables.files.writing import form_of, write_frame

if TYPE_CHECKING:
    import polars as pl

__all__ = ["admit_output", "deliver_table", "warn_of_formulas"]

OF_TEXTS = (".csv", ".tsv")


def admit_output(output: str, as_json: bool, *inputs: str) -> None:
    """Refuse a file that cannot be written, one of no known form, one that was read, and a document beside it."""
    if as_json:
        raise OptionError("--json prints a document, and -o writes a table.", hint="one of them at a time.")
    keeps_inputs(output, *inputs)
    needs_writable(output)
    form_of(output)


def deliver_table(frame: "pl.DataFrame", output: str, remark: str) -> None:
    """Write a whole table, and say so."""
    if form_of(output)[0] in OF_TEXTS:
        warn_of_formulas(frame)
    with writing_whole(output) as file:
        write_frame(frame, file, output)
    note(remark)


def warn_of_formulas(frame: "pl.DataFrame") -> None:
    """Say where a spreadsheet might run a name or an entry of a table of texts; a number with a sign is none."""
    import polars as pl

    texts = [pl.Series(frame.columns), *(column for column in frame if column.dtype == pl.String)]
    if any(like_formula(text) for column in texts for text in column.drop_nulls().unique()):
        note("warning: some texts begin like a formula; import this file as text, do not just open it in a spreadsheet")
