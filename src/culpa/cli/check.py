# SPDX-License-Identifier: MIT
"""`culpa check MODEL DATA`: is the gradient right there? And `culpa check --self`: is it right anywhere?"""

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
import typer

from culpa.blaming.investigating import checked_rows
from culpa.checking.itself import Pairing, check_itself
from culpa.checking.networks import check
from culpa.checking.terminal import show_check
from culpa.checking.verdicts import Check
from culpa.cli.common import Json, emit_json, encoded, footer, made_line
from culpa.cli.tabling import Asked, read, takes_tables
from culpa.errors import OptionError
from culpa.reporting.terminal import command_line, console, count, folded, table
from culpa.storing import load

__all__ = ["EPILOG", "command"]

EPILOG = """\b
Examples:
  culpa check digits.safetensors digits
  culpa check houses.safetensors houses.csv
  culpa check mine.safetensors mine.npz --seed 1 --json > check.json
  culpa check --self

The gradient that culpa computes is compared with the slope of the objective
itself, along random directions of each block and at single entries.

\b
Reading the table:
  verdict  right, wrong, or not testable where rounding or a kink hides it
  digits   to how many digits both agree, relative to the block's largest
  bar      the relative error that rounding explains; more is wrong

Exit code 1 if a block is wrong, or if nothing is testable."""

UNTESTED = "Nothing could be tested here: no block's gradient stands out of its rounding."


@takes_tables("target", "id", "kind", "task")
def command(
    model: Annotated[str | None, typer.Argument(metavar="MODEL", help="A saved network.", show_default=False)] = None,
    data: Annotated[
        str | None, typer.Argument(metavar="DATA", help="A table, a bundled name, or - for stdin.", show_default=False)
    ] = None,
    itself: Annotated[bool, typer.Option("--self", help="Every activation with every loss, without data.")] = False,
    seed: Annotated[int, typer.Option(help="Of the directions and entries.")] = 0,
    as_json: Json = False,
    *,
    asked: Asked,
) -> int:
    """Check the gradient of a saved network on DATA, or of every row of culpa's own tables."""
    if itself:
        if model is not None:
            raise OptionError(f"--self takes no MODEL and no DATA; got {model}.")
        return check_tables(seed, as_json)
    if model is None or data is None:
        raise OptionError("`culpa check` needs MODEL and DATA.", hint="culpa check --self needs neither.")
    network = load(model)
    raw = read(data, asked, network.columns)
    X, y = encoded(network, raw)
    few = checked_rows(*X.shape)
    found = check(network, X[few], y[few], seed=seed)
    words = ["check", model, data, *asked.words, "--seed", str(seed)]
    if as_json:
        rows = {"rows": len(X[few]), "of_rows": len(X)}
        emit_json("check", {**plain_check(found), **rows, "footer": footer(words, raw.checksum)})
    else:
        to = console()
        some = count(len(X), "row") if len(X[few]) == len(X) else f"{len(X[few]):,} of {len(X):,} rows"
        to.print(folded(f"{model} on {some} of {raw.name}", to.width))
        show_check(to, found)
        show_end(to, found, words, raw.checksum, model, data)
    return 0 if found.ok else 1


def plain_check(found: Check) -> dict[str, Any]:
    """A check as plain values."""
    return {"ok": found.ok, "method": found.method, "blocks": [block._asdict() for block in found.blocks]}


def show_end(to: Any, found: Check, words: list[str], checksum: str, model: str, data: str) -> None:
    """What to do next, and how to get the same again."""
    to.print()
    if not found.ok and not any(block.verdict == "wrong" for block in found.blocks):
        to.print(folded(UNTESTED, to.width))
    if found.ok:
        to.print(command_line("next: ", ["culpa", "blame", data, "--model", model], "who carries the loss"))
    else:
        other = ["culpa", *words[:-1], str(int(words[-1]) + 1)]
        to.print(command_line("next: ", other, "the same in other directions"))
    to.print(made_line(words, checksum))


def check_tables(seed: int, as_json: bool) -> int:
    """The whole table of losses and activations."""
    found = check_itself(seed=seed)
    wrong = [pairing for pairing in found if not pairing.check.ok]
    if as_json:
        rows = [{"loss": one.loss, "activation": one.activation, **plain_check(one.check)} for one in found]
        emit_json("check", {"ok": not wrong, "pairings": rows})
        return 1 if wrong else 0
    to = console()
    worst = min(found, key=lambda one: np.nan_to_num(one.check.digits, nan=-1.0))
    if wrong:
        names = ", ".join(f"{one.activation} with {one.loss}" for one in wrong)
        to.print(folded(f"gradient WRONG for {names}: {len(wrong)} of {len(found)} pairs", to.width))
    else:
        to.print(f"gradient right for all {len(found)} pairs, to {worst.check.digits:.1f} digits or more")
        to.print(f"  the fewest: {worst.activation} with {worst.loss}")
    to.print()
    show_tables(to, found)
    to.print()
    if wrong:
        to.print(command_line("next: ", ["culpa", "info"], "versions, to report this with"))
    else:
        to.print(command_line("next: ", ["culpa", "blame", "digits"], "the main job, on bundled data"))
    to.print(made_line(["check", "--self", "--seed", str(seed)]))
    return 1 if wrong else 0


def show_tables(to: Any, found: Sequence[Pairing]) -> None:
    """A row each, in the order of the tables, the worst block's digits beside the pair."""
    rows = []
    for one in found:
        verdict = "right" if one.check.ok else "WRONG"
        rows.append([one.loss, one.activation, verdict, f"{one.check.digits:.1f}"])
    table(to, ["loss", "activation", "verdict", "digits"], rows, left=["loss", "activation", "verdict"])
