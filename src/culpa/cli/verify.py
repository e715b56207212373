# SPDX-License-Identifier: MIT
"""`culpa verify DATA`: how many wrong labels the label report finds of those that are planted in a copy."""

from typing import Annotated, Any

import typer

from culpa.blaming.verifying.terminal import WARNING, headline, show_verification
from culpa.blaming.verifying.verification import Verification
from culpa.blaming.verifying.verifying import SHARE, verify_table
from culpa.cli.common import Data, Json, emit_json, footer, made_line, note
from culpa.cli.tabling import Asked, read, takes_tables
from culpa.errors import OptionError
from culpa.reporting.terminal import command_line, console
from culpa.tables.raw import RawTable

__all__ = ["EPILOG", "command"]

EPILOG = """\b
Examples:
  culpa verify digits
  culpa verify houses.csv --target price --plant 5%
  culpa verify visits.csv --target ill --group patient
  culpa verify iris --kind-of-error boundary --seed 1 --score record

Errors are planted in a copy in memory; no file is touched. Each kind is
planted apart, and the table is learnt from again each time, split and all, as
blame does it. Ctrl-C ends it with the kinds that are finished.

\b
Kinds of error:
  uniform           any row gets any other class
  class-dependent   each class goes over to one other; of two, only one does
  boundary          rows where a forest finds two classes close get the other
                    one: any of the closest, five times as many as are wrong
  swap              of numbers: rows exchange their values in pairs

\b
Reading the table:
  first 36   how many planted ones are among the first 36 rows
  AP         average precision: 1 if all planted ones stand before all others
  AUROC      how often a planted row stands before one that is not; .5 by
             chance

It ends with 1 if a kind is found no better than by chance.
"""


@takes_tables()
def command(
    data: Data,
    plant: Annotated[str, typer.Option(metavar="SHARE", help="Of the rows, such as 2% or 0.02.")] = f"{SHARE:.0%}",
    kinds: Annotated[
        list[str] | None, typer.Option("--kind-of-error", metavar="KIND", help="One of those below. Repeatable.")
    ] = None,
    score: Annotated[str, typer.Option(help="How labels are ranked: auto, record, forest, bags.")] = "auto",
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 0,
    as_json: Json = False,
    *,
    asked: Asked,
) -> int:
    """Plant wrong labels in a copy of DATA, and say how many of them blame would show first."""
    share = share_of(plant)
    table = read(data, asked)
    found = verify_table(table, share=share, kinds=kinds, score=score, seed=seed)
    scored = [] if score == "auto" else ["--score", score]
    kinds_again = [word for kind in kinds or () for word in ("--kind-of-error", kind)]
    words = ["verify", data, *asked.words, "--plant", f"{100 * share:g}%", *kinds_again, *scored, "--seed", str(seed)]
    if as_json:
        emit_json("verify", {**document(found, table), "footer": footer(words, table.checksum)})
    else:
        to = console()
        show_verification(to, found)
        to.print()
        again = ["culpa", "blame", data, *asked.words, *scored]
        to.print(command_line("next: ", again, "which rows look wrong in the table as it is"))
        to.print(made_line(words, table.checksum))
    if found.interrupted:
        note(f"this is what was finished of {len(found.kinds)} kinds of error")
        return 130
    return 0 if found.ok else 1


def share_of(text: str) -> float:
    """A share from "2%", "2 %" or "0.02".

    Example:
        >>> share_of("2%"), share_of("2.5 %"), share_of("0.02")
        (0.02, 0.025, 0.02)
    """
    digits = text.strip().removesuffix("%")
    try:
        value = float(digits)
    except ValueError:
        value = float("nan")
    share = value / 100 if digits != text.strip() else value
    if not 0 < share <= 0.5:
        hint = f"did you mean {value:g}%?" if share == value and 0.5 < value <= 50 else None
        raise OptionError(
            f"--plant must be a share of the rows, at most a half, such as 2% or 0.02; got {text}.", hint=hint
        )
    return share


def document(found: Verification, table: RawTable) -> dict[str, Any]:
    """Everything as plain values."""
    data = {"name": table.name, "rows": len(table), "target": table.target, "notes": list(table.notes)}
    return {"data": data, "sentence": headline(found), "warning": WARNING, **found.to_dict()}
