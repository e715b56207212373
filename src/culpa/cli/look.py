# SPDX-License-Identifier: MIT
"""`culpa look DATA`: what is true of a table before anything is trained, and the rows that show it."""

import shlex
from typing import Annotated, Any

import typer

from culpa.cli.common import Data, Json, emit_json, footer, made_line
from culpa.cli.delivering_tables import admit_output, deliver_table
from culpa.cli.tabling import Asked, read, takes_tables
from culpa.engine.arrays import whole_number
from culpa.errors import OptionError
from culpa.reporting.frames import Frame
from culpa.reporting.terminal import console
from culpa.tables.look_terminal import show_look, show_rows
from culpa.tables.looking import Look, held_places, look_at
from culpa.tables.raw import RawTable
from culpa.tables.reading import BUNDLED
from culpa.tables.truths.truth import Truth

__all__ = ["EPILOG", "command", "described", "look_words"]

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
        if show is None:
            raise OptionError("-o writes the rows that --show asks for.", hint="--show size has the first rows.")
        admit_output(output, as_json, data)
    table = read(data, asked, needs_target=asked.roles.target is not None)
    found = look_at(table, held_places(table, seed), show_progress="auto")
    words = look_words(data, asked, table, seed)
    if show is None:
        if as_json:
            emit_json("look", document(found, words))
        else:
            to = console()
            show_look(to, found, words, top)
            to.print()
            to.print(made_line(words[1:], table.checksum))
        return 0
    deliver(found[show], found.evidence(show), words, top, output, as_json)
    return 0


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
        deliver_table(frame, output, f"{len(frame):,} rows written to {output}")


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
        "footer": footer(words[1:], table.checksum),
    }
