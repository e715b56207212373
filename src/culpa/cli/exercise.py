# SPDX-License-Identifier: MIT
"""`culpa exercise`: a small network to work through by hand, and its answer key."""

from dataclasses import replace
from typing import Annotated

import typer

from culpa.cli.common import keeps_inputs, versions
from culpa.cli.explain import deliver, form_of, printed, repeated, sizes_of
from culpa.explaining.derivation import Explanation
from culpa.explaining.exercising import exercise
from culpa.reporting.mathematics.numerals import DIGITS
from culpa.storing import needs_writable

__all__ = ["EPILOG", "command"]

EPILOG = """\b
Examples:
  culpa exercise --seed 7
  culpa exercise --seed 7 --key
  culpa exercise --seed 7 --sizes 2,3,2 -o sheet.tex --answers key.tex
  culpa exercise --seed 7 --bug -o find-the-mistake.html
  culpa exercise --activation tanh --notation ng --to markdown

The same seed gives the same exercise. With --bug the sheet is a worked
solution with one mistake in it, and the key says which."""


def command(
    seed: Annotated[int, typer.Option(help="Which exercise.")] = 0,
    sizes: Annotated[str, typer.Option(help="Widths of all layers, each at most 6.")] = "2,3,2",
    activation: Annotated[str, typer.Option(help="Of the hidden layers.")] = "logistic",
    loss: Annotated[str | None, typer.Option(help="The loss.", show_default="by the outputs")] = None,
    bug: Annotated[bool, typer.Option("--bug", help="Find the mistake in a worked solution.")] = False,
    key: Annotated[bool, typer.Option("--key", help="Print the answer key, not the sheet.")] = False,
    notation: Annotated[str, typer.Option(help="note, ng, cs231n or nielsen.")] = "note",
    digits: Annotated[int, typer.Option(help="Significant digits.")] = DIGITS,
    form: Annotated[str | None, typer.Option("--to", help="text, markdown, latex or html.")] = None,
    flavour: Annotated[str, typer.Option(help="Of Markdown: github, obsidian or plain.")] = "github",
    fragment: Annotated[bool, typer.Option("--fragment", help="Without what makes it a document.")] = False,
    output: Annotated[str | None, typer.Option("--output", "-o", metavar="FILE", help="Where to.")] = None,
    answers: Annotated[str | None, typer.Option(metavar="FILE", help="Write the answer key there.")] = None,
) -> int:
    """Print a problem sheet in backpropagation; apart from it, its answer key."""
    for path in (output, answers):
        if path is not None:
            needs_writable(path)
    if output is not None and answers is not None:
        keeps_inputs(answers, output)
    made = exercise(
        sizes_of(sizes), activation=activation, loss=loss, seed=seed, bug=bug, notation=notation, digits=digits
    )
    options = {"--sizes": sizes, "--activation": activation, "--loss": loss, "--bug": bug, "--notation": notation}
    words = " ".join(["culpa exercise --seed", str(seed), *repeated({**options, "--digits": digits})])

    def write(sheet: Explanation, path: str | None, which: str) -> None:
        ended = replace(sheet, footer={"made": words + which, "versions": versions()})
        deliver(printed(ended, form_of(form, path, None), flavour, fragment), path)

    if answers is not None:
        write(made.key, answers, " --key")
    write(made.key if key else made.sheet, output, " --key" if key else "")
    return 0
