# SPDX-License-Identifier: MIT
"""`culpa explain`: where does this number come from? The derivation, for any network or for one with its data."""

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Annotated, Any, NamedTuple, cast

import numpy as np
import typer

from culpa.cli.common import Json, emit_json, encoded, footer, refuse_idle
from culpa.cli.delivering import File, admit_delivery, deliver, in_note, needs_places, printed, repeated, signed
from culpa.cli.tabling import Asked, read, takes_tables
from culpa.engine.activations import ACTIVATIONS
from culpa.engine.losses import LOSSES
from culpa.errors import OptionError
from culpa.explaining.derivation import Explanation, PartName, Step, Words
from culpa.explaining.explaining import explain
from culpa.explaining.full import full_numbers
from culpa.explaining.small import small_example
from culpa.explaining.writing import Show
from culpa.reporting.mathematics.expressions import Equation
from culpa.reporting.mathematics.latex import latex
from culpa.reporting.mathematics.numerals import DIGITS
from culpa.storing import load
from culpa.tables.raw import RawTable
from culpa.tables.reading import read_arrays
from culpa.training.record import fingerprint

__all__ = ["ACTIVATION", "EPILOG", "LOSS", "command", "sizes_of"]

ACTIVATION = f"Of its hidden layers: {', '.join(ACTIVATIONS)}."
LOSS = f"Its loss: {', '.join(LOSSES)}."
"""What the help says of two options, with the names that they take."""

EPILOG = """\b
Examples:
  culpa explain                              for any network, in symbols
  culpa explain --sizes 3,3,2                a small one with round numbers
  culpa explain digits.safetensors digits --weight 2,1,3 --example 17
  culpa explain --sizes 3,3,2 -o page.html
  culpa explain --sizes 3,3,2 -o derivation.tex --notation ng
  culpa explain --symbolic --sizes 3,3 --part weights
      --into note.md --replace gradient-wrt-weight.png
  culpa explain net.safetensors mine.npz --bias 2,1 --mine 0.0213
  culpa explain houses.safetensors houses.csv --id house --example H-0017
      --input "city = Rome"

Layers, units and inputs are counted from 1, as in W_1; examples are called by
their id where --id names its column, else by their row, from 0, without the
header. The form follows the ending of --output: .md, .tex, .html, .txt.

\b
Reading it:
  δ_k        ∂ℓ/∂a_k, the derivative by the pre-activations of layer k
  ℓ, 𝓛       one example's own loss, and that of all examples
  witnesses  the same number by the product of the two factors, by a complex
             step, by a finite difference, and yours (--mine)"""


@takes_tables("target", "id", "kind", "task")
def command(
    model: Annotated[str | None, typer.Argument(metavar="MODEL", help="A saved network.", show_default=False)] = None,
    data: Annotated[
        str | None, typer.Argument(metavar="DATA", help="A table, a bundled name, or - for stdin.", show_default=False)
    ] = None,
    sizes: Annotated[str | None, typer.Option(help="A small network with round numbers, such as 3,3,2.")] = None,
    activation: Annotated[str | None, typer.Option(help=ACTIVATION, show_default="logistic")] = None,
    loss: Annotated[str | None, typer.Option(help=LOSS, show_default="by the outputs")] = None,
    seed: Annotated[int | None, typer.Option(help="Of its numbers.", show_default="1")] = None,
    symbolic: Annotated[bool, typer.Option("--symbolic", help="Symbols alone.")] = False,
    numeric: Annotated[bool, typer.Option("--numeric", help="Numbers alone.")] = False,
    part: Annotated[str | None, typer.Option(help="forward, output, hidden, weights, bias or batch.")] = None,
    layer: Annotated[int | None, typer.Option(help="Only this layer.")] = None,
    example: Annotated[
        str | None, typer.Option(metavar="ID", help="Which row of the data: its id, or its number.", show_default="0")
    ] = None,
    weight: Annotated[str | None, typer.Option(metavar="K,I,J", help="Layer, to unit, from unit.")] = None,
    bias: Annotated[str | None, typer.Option(metavar="K,I", help="Layer, unit.")] = None,
    unit: Annotated[str | None, typer.Option(metavar="K,I", help="Hidden layer, unit.")] = None,
    column: Annotated[
        str | None, typer.Option("--input", metavar="J", help="An input, from 1, or its or its column's name.")
    ] = None,
    mine: Annotated[str | None, typer.Option(help="Your own number for it.")] = None,
    notation: Annotated[str, typer.Option(help="note, ng, cs231n or nielsen.")] = "note",
    code: Annotated[bool, typer.Option("--code", help="End steps with their NumPy lines.")] = False,
    digits: Annotated[int, typer.Option(help="Significant digits.")] = DIGITS,
    form: Annotated[str | None, typer.Option("--to", help="text, markdown, latex or html.")] = None,
    flavour: Annotated[
        str | None, typer.Option(help="github, obsidian or plain.", show_default="github; obsidian in a note")
    ] = None,
    fragment: Annotated[bool, typer.Option("--fragment", help="Without what makes it a document.")] = False,
    output: Annotated[str | None, typer.Option("--output", "-o", metavar="FILE", help="Where to.")] = None,
    full: Annotated[str | None, typer.Option(metavar="FILE", help="All numbers as CSV.")] = None,
    into: Annotated[str | None, typer.Option(metavar="NOTE", help="Put it into this note.")] = None,
    replaced: Annotated[str | None, typer.Option("--replace", metavar="IMAGE", help="... for this image.")] = None,
    mark: Annotated[str | None, typer.Option(metavar="NAME", help="... in a block kept up to date.")] = None,
    as_json: Json = False,
    *,
    asked: Asked,
) -> int:
    """Derive a gradient, or one number of it, in symbols and in numbers."""
    if into is None:
        refuse_idle({"--replace": replaced, "--mark": mark}, "needs --into NOTE")
    else:
        refuse_idle({"--output": output, "--json": as_json}, "cannot stand beside --into")
    if as_json:
        refuse_idle({"--output": output, "--to": form, "--flavour": flavour}, "cannot stand beside --json")
    how = admit_delivery(form, flavour, fragment, output, into=into)
    needs_places({"--output": output, "--full": full, "--into": into}, model, data)
    found = source(model, data, sizes, {"--activation": activation, "--loss": loss, "--seed": seed}, asked, example)
    if len(found.given) < 3:
        refuse_idle({"--example": example}, "needs MODEL and DATA, or --sizes")
    places: dict[str, Any] = {"weight": weight, "bias": bias, "unit": unit, "input": column}
    options = {"--part": part, "--layer": layer, "--example": example, "--notation": notation, "--digits": digits,
               **{f"--{name}": place for name, place in places.items()}, "--mine": mine,
               "--code": code, "--symbolic": symbolic, "--numeric": numeric}  # fmt: skip
    words = ["explain", *found.words, *repeated(options, {"--notation": "note", "--digits": DIGITS})]
    made = explain(
        *found.given,
        example=found.row,
        ids=found.ids,
        part=cast("PartName | None", part),
        layer=layer,
        **places,
        mine=mine,
        notation=notation,
        show=shown(symbolic, numeric, found),
        code=code,
        digits=digits,
    )
    made = replace(made, footer=signed([*words, *how.said], found.data))
    files = [] if full is None else [all_numbers(made, full)]
    if into is not None:
        placed = in_note(into, made, how, replaced, mark)
        deliver([*files, *([] if placed is None else [placed])])
    elif as_json:
        deliver(files)
        emit_json("explain", {**document(made), "footer": footer([*words, "--json"], found.data)})
    elif output is not None:
        deliver([*files, File(output, printed(made, how).encode(), f"written to {output}")])
    else:
        deliver(files, printed(made, how))
    return 0


class Found(NamedTuple):
    """What is to be explained.

    Attributes:
        words: The words of the command line that say so.
        given: The network, X and y; fewer where there are none.
        data: The checksum of the table.
        row: The row that is explained, from 0, of those that are given.
        ids: What the rows are called, where it is not by their places.
    """

    words: list[str]
    given: tuple[Any, ...]
    data: str | None = None
    row: int = 0
    ids: list[Any] | None = None


def source(
    model: str | None,
    data: str | None,
    sizes: str | None,
    options: Mapping[str, Any],
    asked: Asked,
    example: str | None,
) -> Found:
    """The network and its data: a saved one, a small one, or none."""
    if sizes is not None:
        if model is not None:
            raise OptionError(f"--sizes makes a network of its own; got MODEL {model} as well.")
        usual: dict[str, Any] = {"--activation": "logistic", "--loss": None, "--seed": 1}
        said = {name: usual[name] if value is None else value for name, value in options.items()}
        small = small_example(
            sizes_of(sizes), activation=said["--activation"], loss=said["--loss"], seed=said["--seed"]
        )
        words = ["--sizes", sizes, *repeated(said, {})]
        return Found(words, tuple(small), fingerprint(*small[1:]), row_number(example))
    refuse_idle(options, "is of the small network that --sizes makes")
    if model is None:
        return Found([], ())
    network = load(model)
    if data is None:
        return Found([model], (network,))
    if network.columns is None and data.endswith(".npz"):
        # A network that knows no columns takes targets of any shape that its loss has, which no table holds.
        arrays = read_arrays(data)
        checksum = fingerprint(arrays["X"], arrays["y"])
        return Found([model, data], (network, arrays["X"], arrays["y"]), checksum, row_number(example))
    raw = read(data, asked, network.columns)
    row = row_of(raw, example)
    moved = len(raw) > 0 and raw.rows[-1] != len(raw) - 1
    ids = list(map(str, raw.ids)) if raw.ids is not None else raw.rows.tolist() if moved else None
    return Found([model, data, *asked.words], (network, *encoded(network, raw)), raw.checksum, row, ids)


def row_number(example: str | None) -> int:
    """A row's number, from 0."""
    text = "0" if example is None else example.strip()
    if not (text.removeprefix("-").isascii() and text.removeprefix("-").isdigit()):
        raise OptionError(f"--example must be the number of a row, from 0; got {example!r}.")
    return int(text)


def row_of(table: RawTable, example: str | None) -> int:
    """The place of a row among those that have a target, by its id, or by its number in the file.

    Raises:
        OptionError: If there is no such row, or it has no target.
    """
    if example is None:
        return 0
    if table.ids is not None:
        names = list(map(str, table.ids))
        if example not in names:
            close = get_close_matches(example, names, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"such as {names[0]!r}, the first one."
            raise OptionError(f"No row of {table.name} with a target has the id {example!r}.", hint=hint)
        return names.index(example)
    number = row_number(example)
    place = int(np.searchsorted(table.rows, number))
    if not 0 <= number <= table.rows[-1]:
        raise OptionError(f"--example must be a row of {table.name}, 0 to {table.rows[-1]:,}; got {number}.",
                          hint="--id COLUMN has rows called by their ids.")  # fmt: skip
    if table.rows[place] != number:
        raise OptionError(f"Row {number:,} of {table.name} has no {table.target}, and without one there is no loss.")
    return place


def sizes_of(text: str) -> list[int]:
    """The widths of all layers from "3,3,2"."""
    try:
        sizes = [int(word) for word in text.split(",")]
    except ValueError:
        sizes = []
    if len(sizes) < 2 or min(sizes) < 1:
        raise OptionError(f"--sizes must be two widths or more, such as 3,3,2; got {text!r}.")
    return sizes


def shown(symbolic: bool, numeric: bool, found: Found) -> Show:
    """Symbols, numbers or both; without data there are no numbers."""
    if symbolic and numeric:
        raise OptionError("--symbolic and --numeric cannot stand together.", hint="leave both out to see both.")
    if numeric and len(found.given) < 3:
        raise OptionError("--numeric needs numbers.", hint="give MODEL and DATA, or --sizes 3,3,2.")
    return "symbols" if symbolic or len(found.given) == 1 else "numbers" if numeric else "both"


def all_numbers(made: Explanation, path: str) -> File:
    """All numbers, whole, as a table."""
    if made.worth is None:
        raise OptionError("--full needs numbers.", hint="give MODEL and DATA, or --sizes 3,3,2.")
    table = full_numbers(made.worth).to_polars()
    return File(path, table.write_csv().encode(), f"{len(table):,} numbers written to {path}")


def document(made: Explanation) -> dict[str, Any]:
    """The same as plain values, formulas in LaTeX."""

    def text(words: Words) -> str:
        return "".join(part if isinstance(part, str) else f"${latex(part, digits=made.digits)}$" for part in words)

    def formula(equation: Equation | None) -> str | None:
        return None if equation is None else latex(equation, digits=17)

    def plain_step(step: Step) -> dict[str, Any]:
        lines = [{"symbols": formula(line.symbols), "numbers": formula(line.numbers)} for line in step.lines]
        listed = None if step.listed is None else {
            "headers": [text((head,)) for head in step.listed.headers],
            "rows": [[text((cell,)) for cell in row] for row in step.listed.rows],
        }  # fmt: skip
        code = None if step.code is None else list(step.code.statements)
        return {"key": step.key, "heading": step.heading, "text": text(step.words), "lines": lines,
                "table": listed, "code": code}  # fmt: skip

    parts = [{"name": part.name, "heading": part.heading, "steps": list(map(plain_step, part.steps))}
             for part in made.parts]  # fmt: skip
    return {"title": made.title, "notation": made.notation.name, "example": made.example, "parts": parts,
            "notes": made.notes}  # fmt: skip
