# SPDX-License-Identifier: MIT
"""`culpa predict MODEL TABLE`: a table's own rows, and behind them what a saved network says of each."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from culpa.cli.answering import answer, beside, said_of
from culpa.cli.common import Data, emit_json, footer, note
from culpa.cli.delivering_tables import admit_output, deliver_table, warn_of_formulas
from culpa.cli.tabling import Asked, takes_tables
from culpa.errors import OptionError
from culpa.reporting.progress import Show
from culpa.storing import load
from culpa.tables.belongings import admit_ids
from culpa.tables.files.writing import csv_pieces
from culpa.tables.naming import needs_names
from culpa.tables.verbatim import Verbatim, read_rows

if TYPE_CHECKING:
    import polars as pl

__all__ = ["EPILOG", "command"]

EPILOG = """\b
Examples:
  culpa predict houses.safetensors new.csv -o said.csv
  culpa predict houses.safetensors new.parquet -o said.parquet
  cat new.csv | culpa predict houses.safetensors - | head

The rows come back as they were written, with all of their columns, and with
`prediction` behind them: a class, with the probability p(CLASS) of each; or a
number in the unit of the target. Columns are found by their names. The target
need not be there, and is not looked at.

\b
-o takes .csv and .tsv, .jsonl (each also with .gz or .zst behind it),
.parquet, .arrow and .feather; without -o there is CSV on stdout."""


@takes_tables("id")
def command(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A saved network.", show_default=False)],
    data: Data,
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FILE", help="Where to; stdout by default.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of CSV.")] = False,
    *,
    asked: Asked,
) -> int:
    """Write the rows of DATA with what a saved network predicts for each."""
    if output is not None:
        admit_output(output, as_json, model, data)
    network = load(model)
    rows = read_rows(data, asked.form, network.columns)
    for sentence in rows.raw.notes:
        note(sentence)
    ids = None if asked.roles.id is None else ids_of(rows, asked.roles.id)
    show: Show = "auto" if output is not None or as_json or not sys.stdout.isatty() else False
    said = answer(network, said_of(network, rows.raw, show=show))
    if as_json:
        columns = {"row": rows.raw.rows, **said.to_dict(as_series=False)}
        end = footer(["predict", model, data, *asked.words, "--json"], rows.raw.checksum)
        emit_json("predict", {"model": model, "data": data, "ids": ids, "columns": columns, "footer": end})
        return 0
    deliver(beside(numbered(rows) if rows.own is None else rows.own, said), output)
    return 0


def ids_of(rows: Verbatim, name: str) -> Any:
    """The rows' ids, each another one, as they were written."""
    if rows.own is None:
        raise OptionError(f"--id names a column, and {rows.raw.name} is no table with columns of its own.")
    needs_names([name], rows.own.columns, "--id")
    return admit_ids(rows.own[name])


def numbered(rows: Verbatim) -> "pl.DataFrame":
    """The rows' numbers, for data that is nobody's own table."""
    import polars as pl

    return pl.DataFrame({"row": rows.raw.rows})


def deliver(frame: "pl.DataFrame", output: str | None) -> None:
    """Write the whole answer to a file or to stdout."""
    if output is None:
        warn_of_formulas(frame)
        sys.stdout.writelines(csv_pieces(frame))
    else:
        deliver_table(frame, output, f"{len(frame):,} rows with predictions written to {output}")
