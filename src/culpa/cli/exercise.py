# SPDX-License-Identifier: MIT
"""`culpa exercise`: a small network to work through by hand, and its answer key."""

from dataclasses import replace
from typing import Annotated

import typer

from culpa.cli.delivering import Delivery, File, admit_delivery, deliver, needs_places, printed, repeated, signed
from culpa.cli.explain import ACTIVATION, LOSS, sizes_of
from culpa.errors import OptionError
from culpa.explaining.derivation import Explanation
from culpa.explaining.exercising import exercise
from culpa.explaining.planting import number_of
from culpa.reporting.mathematics.numerals import DIGITS

__all__ = ["EPILOG", "command"]

EPILOG = """\b
Examples:
  culpa exercise --seed 7
  culpa exercise --seed 7 --key
  culpa exercise --seed 7 --sizes 2,3,2 -o sheet.tex --answers key.tex
  culpa exercise --seed 7 --bug -o find-the-mistake.html
  culpa exercise --mistake "g' missing" --answers key.md
  culpa exercise --activation tanh --notation ng --to markdown

Five variants of a sheet, each with its key:

\b
  for s in 1 2 3 4 5; do
    culpa exercise --seed $s -o sheet-$s.tex --answers key-$s.tex
  done

\b
The same seed gives the same exercise. With --bug the sheet is a worked
solution with one mistake in it, and the key says which. --mistake chooses
it, and lists the names if there is none of that name; the sheet's footer
gives it by a number, which tells a student nothing."""


def command(
    seed: Annotated[int, typer.Option(help="Which exercise.")] = 0,
    sizes: Annotated[str, typer.Option(help="Widths of all layers, each at most 6.")] = "2,3,2",
    activation: Annotated[str, typer.Option(help=ACTIVATION)] = "logistic",
    loss: Annotated[str | None, typer.Option(help=LOSS, show_default="by the outputs")] = None,
    bug: Annotated[bool, typer.Option("--bug", help="Find the mistake in a worked solution.")] = False,
    mistake: Annotated[
        str | None, typer.Option(metavar="KIND", help="With this mistake, as `culpa diagnose` calls it.")
    ] = None,
    key: Annotated[bool, typer.Option("--key", help="Print the answer key, not the sheet.")] = False,
    notation: Annotated[str, typer.Option(help="note, ng, cs231n or nielsen.")] = "note",
    digits: Annotated[int, typer.Option(help="Significant digits.")] = DIGITS,
    form: Annotated[str | None, typer.Option("--to", help="text, markdown, latex or html.")] = None,
    flavour: Annotated[str | None, typer.Option(help="github, obsidian or plain.", show_default="github")] = None,
    fragment: Annotated[bool, typer.Option("--fragment", help="Without what makes it a document.")] = False,
    output: Annotated[str | None, typer.Option("--output", "-o", metavar="FILE", help="Where to.")] = None,
    answers: Annotated[str | None, typer.Option(metavar="FILE", help="Write the answer key there.")] = None,
) -> int:
    """Print a problem sheet in backpropagation; apart from it, its answer key."""
    if key and answers is not None:
        raise OptionError("--key prints the answer key, and --answers writes it.", hint="choose one of them.")
    how = admit_delivery(form, flavour, fragment, output)
    needs_places({"--output": output, "--answers": answers})
    apart = how if answers is None or form is not None else admit_delivery(None, flavour, fragment, answers)
    made = exercise(
        sizes_of(sizes),
        activation=activation,
        loss=loss,
        seed=seed,
        bug=bug,
        mistake=mistake,
        notation=notation,
        digits=digits,
    )
    options = {"--seed": seed, "--sizes": sizes, "--activation": activation, "--loss": loss, "--bug": bug,
               "--mistake": None if mistake is None else number_of(mistake),
               "--notation": notation, "--digits": digits}  # fmt: skip
    words = ["exercise", *repeated(options, {"--notation": "note", "--digits": DIGITS})]

    def text(sheet: Explanation, form: Delivery, *which: str) -> str:
        return printed(replace(sheet, footer=signed([*words, *which, *form.said])), form)

    files = [] if answers is None else [File(answers, text(made.key, apart, "--key").encode(), f"the key: {answers}")]
    whole = text(made.key, how, "--key") if key else text(made.sheet, how)
    if output is None:
        deliver(files, whole)
    else:
        deliver([File(output, whole.encode(), f"written to {output}"), *files])
    return 0
