# SPDX-License-Identifier: MIT
"""`culpa look DATA`: what is true of a table before anything is trained, and the rows that show it."""

import shlex
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from culpa.cli.answering import begins_like_a_formula
from culpa.cli.common import Data, Json, emit_json, footer, keeps_inputs, note
from culpa.cli.tabling import Asked, read, takes_tables
from culpa.engine.arrays import whole_number
from culpa.errors import OptionError
from culpa.reporting.frames import Frame
from culpa.reporting.terminal import command_line, console
from culpa.storing import needs_writable, writing_whole
from culpa.tables.look_terminal import show_look, show_rows
from culpa.tables.looking import Look, held_places, look_at
from culpa.tables.raw import RawTable
from culpa.tables.reading import BUNDLED
from culpa.tables.truths.truth import Truth
from culpa.tables.writing import form_of, write_frame

__all__ = ["EPILOG", "command", "described", "look_before", "look_words"]

EPILOG = """\b
Examples:
  culpa look iris
  culpa look houses.csv --target price
  culpa look houses.csv --target price --show contradictions
  culpa look houses.csv --target price --show extremes -o extremes.csv

Without --target nothing is said of targets. A line with ! in front makes a
network wrong, or look better than it is. Rows are counted from 0. Inputs are
the same where the columns that a network sees are; ids do not count.

\b
Reading the list of columns:
  values     smallest … median … largest number; of other kinds the most
             frequent value, of dates the first
  missing    the share of rows without a value
  inputs     how many inputs of the network the column becomes
"""
MOST_ROWS = 100
"""Rows of each truth that a document lists."""


@takes_tables()
def command(
    data: Data,
    show: Annotated[str | None, typer.Option(metavar="WORD", help="Show the rows of one truth.")] = None,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="Write these rows, all columns.")
    ] = None,
    top: Annotated[int, typer.Option(help="How many columns or rows to list.")] = 20,
    seed: Annotated[int, typer.Option(help="Of the split, as that of blame.")] = 0,
    as_json: Json = False,
    *,
    asked: Asked,
) -> int:
    """Say what is true of DATA before anything is trained."""
    whole_number("top", top)
    if output is not None:
        needs_output(output, show, as_json)
        keeps_inputs(output, data)
        needs_writable(output)
    table = read(data, asked, needs_target=asked.roles.target is not None)
    found = look_at(table, held_places(table, seed), show_progress="auto")
    words = look_words(data, asked, table, seed)
    if show is None:
        if as_json:
            emit_json("look", document(found, words))
        else:
            to = console()
            show_look(to, found, words, top)
            end = footer(words[1:], table)
            to.print()
            to.print(command_line("made: ", words, f"{end['versions']}; data {end['data']}"))
        return 0
    deliver(found[show], found.evidence(show), words, top, output, as_json)
    return 0


def look_before(table: RawTable, held_rows: NDArray[np.intp]) -> Look:
    """What is true of a table of which these rows, by their numbers, were held out; none where nothing was split."""
    return look_at(table, np.searchsorted(table.rows, held_rows) if len(held_rows) else None)


def needs_output(output: str, show: str | None, as_json: bool) -> None:
    """Refuse a file where no rows are shown."""
    if show is None:
        raise OptionError("-o writes the rows that --show asks for.", hint="--show size has the first rows.")
    if as_json:
        raise OptionError("--json prints a document, and -o writes a table.", hint="one of them at a time.")
    form_of(output)


def look_words(data: str, asked: Asked, table: RawTable, seed: int = 0) -> list[str]:
    """The command that looks at a table again; a target that a network brought along is named."""
    words = ["culpa", "look", data, *asked.words]
    brings_its_own = data in BUNDLED or data.endswith(".npz")
    if asked.roles.target is None and table.y is not None and not brings_its_own:
        words += ["--target", table.target]
    return [*words, *(["--seed", str(seed)] if seed else [])]


def deliver(truth: Truth, evidence: Frame, words: list[str], top: int, output: str | None, as_json: bool) -> None:
    """The rows of one truth on stdout or in a file."""
    if as_json:
        shown = {**described(truth, words), "evidence": list(evidence.rows())}
        emit_json("look", {"truths": [shown]})
    elif output is None:
        show_rows(console(), truth, evidence, [*words, "--show", truth.key], top)
    else:
        frame = evidence.to_polars()
        if form_of(output)[0] in (".csv", ".tsv") and begins_like_a_formula(frame):
            note("warning: some texts begin like a formula; import this file as text, do not just open it in a "
                 "spreadsheet")  # fmt: skip
        with writing_whole(output) as file:
            write_frame(frame, file, output)
        note(f"{len(frame):,} rows written to {output}")


def described(truth: Truth, words: list[str]) -> dict[str, Any]:
    """A truth as plain values; of very many rows the first."""
    return {
        "key": truth.key,
        "sentence": truth.sentence,
        "serious": truth.serious,
        "columns": list(truth.columns),
        "n_rows": len(truth.rows),
        "rows": truth.rows[:MOST_ROWS],
        "show": shlex.join([*words, "--show", truth.key]),
    }


def document(found: Look, words: list[str]) -> dict[str, Any]:
    """Everything as plain values."""
    table = found.table
    return {
        "data": {
            "name": table.name,
            "rows": len(table),
            "columns": list(table.frame.columns),
            "target": table.target if table.y is not None else None,
            "task": table.task if table.y is not None else None,
            "classes": None if table.classes is None else list(table.classes),
        },
        "truths": [described(truth, words) for truth in found.truths],
        "columns": list(found.columns.rows()),
        "footer": footer(words[1:], table),
    }
