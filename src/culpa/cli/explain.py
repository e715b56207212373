# SPDX-License-Identifier: MIT
"""`culpa explain`: where does this number come from? The derivation, for any network or for one with its data."""

import shlex
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, cast, get_args

import typer

from culpa.cli.common import Json, emit_json, encoded, keeps_inputs, learnt_task, note, versions
from culpa.errors import FileError, OptionError, unknown_name
from culpa.explaining.derivation import Explanation, Flavour, PartName, Step, Words
from culpa.explaining.explaining import explain
from culpa.explaining.full import full_numbers
from culpa.explaining.notes import into_note
from culpa.explaining.small import small_example
from culpa.explaining.writing import Show
from culpa.reporting.mathematics.expressions import Equation
from culpa.reporting.mathematics.latex import latex
from culpa.reporting.mathematics.numerals import DIGITS
from culpa.storing import load, needs_writable, write_whole
from culpa.tables.reading import read_raw
from culpa.training.record import fingerprint

__all__ = ["EPILOG", "Form", "command", "form_of"]

Form = Literal["text", "markdown", "latex", "html"]
ENDINGS: dict[str, Form] = {".txt": "text", ".md": "markdown", ".tex": "latex", ".html": "html", ".htm": "html"}

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

Layers, units and inputs are counted from 1, as in W_1; examples by their row,
from 0. The form follows the ending of --output: .md, .tex, .html, .txt.

\b
Reading it:
  δ_k        ∂ℓ/∂a_k, the derivative by the pre-activations of layer k
  ℓ, 𝓛       one example's own loss, and that of all examples
  witnesses  the same number by the product of the two factors, by a complex
             step, by a finite difference, and yours (--mine)"""


def command(
    model: Annotated[str | None, typer.Argument(metavar="MODEL", help="A saved network.", show_default=False)] = None,
    data: Annotated[
        str | None, typer.Argument(metavar="DATA", help="A bundled name or an .npz file.", show_default=False)
    ] = None,
    sizes: Annotated[str | None, typer.Option(help="A small network with round numbers, such as 3,3,2.")] = None,
    activation: Annotated[str, typer.Option(help="Of its hidden layers.")] = "logistic",
    loss: Annotated[str | None, typer.Option(help="Its loss.", show_default="by the outputs")] = None,
    seed: Annotated[int, typer.Option(help="Of its numbers.")] = 1,
    symbolic: Annotated[bool, typer.Option("--symbolic", help="Symbols alone.")] = False,
    numeric: Annotated[bool, typer.Option("--numeric", help="Numbers alone.")] = False,
    part: Annotated[str | None, typer.Option(help="forward, output, hidden, weights, bias or batch.")] = None,
    layer: Annotated[int | None, typer.Option(help="Only this layer.")] = None,
    example: Annotated[int | None, typer.Option(help="Which row of the data.", show_default="0")] = None,
    weight: Annotated[str | None, typer.Option(metavar="K,I,J", help="Layer, to unit, from unit.")] = None,
    bias: Annotated[str | None, typer.Option(metavar="K,I", help="Layer, unit.")] = None,
    unit: Annotated[str | None, typer.Option(metavar="K,I", help="Hidden layer, unit.")] = None,
    column: Annotated[str | None, typer.Option("--input", metavar="J", help="An input, from 1.")] = None,
    mine: Annotated[str | None, typer.Option(help="Your own number for it.")] = None,
    notation: Annotated[str, typer.Option(help="note, ng, cs231n or nielsen.")] = "note",
    code: Annotated[bool, typer.Option("--code", help="End steps with their NumPy lines.")] = False,
    digits: Annotated[int, typer.Option(help="Significant digits.")] = 4,
    form: Annotated[str | None, typer.Option("--to", help="text, markdown, latex or html.")] = None,
    flavour: Annotated[str, typer.Option(help="Of Markdown: github, obsidian or plain.")] = "github",
    fragment: Annotated[bool, typer.Option("--fragment", help="Without what makes it a document.")] = False,
    output: Annotated[str | None, typer.Option("--output", "-o", metavar="FILE", help="Where to.")] = None,
    full: Annotated[str | None, typer.Option(metavar="FILE", help="All numbers as CSV.")] = None,
    into: Annotated[str | None, typer.Option(metavar="NOTE", help="Put it into this note.")] = None,
    replaced: Annotated[str | None, typer.Option("--replace", metavar="IMAGE", help="... for this image.")] = None,
    mark: Annotated[str | None, typer.Option(metavar="NAME", help="... in a block kept up to date.")] = None,
    as_json: Json = False,
) -> int:
    """Derive a gradient, or one number of it, in symbols and in numbers."""
    found = source(model, data, sizes, activation, loss, seed)
    show = shown(symbolic, numeric, found)
    asked: dict[str, Any] = {"weight": weight, "bias": bias, "unit": unit, "input": column}
    options = {"--part": part, "--layer": layer, "--example": example, "--notation": notation, "--digits": digits,
               **{f"--{name}": place for name, place in asked.items()}, "--mine": mine,
               "--code": code, "--symbolic": symbolic, "--numeric": numeric}  # fmt: skip
    words = ["explain", *found.words, *repeated(options)]
    chosen = form_of(form, output, into)
    for path in (output, full, into):
        if path is not None:
            keeps_inputs(path, model, data)
            needs_writable(path)
    made = explain(
        *found.given,
        example=example or 0,
        part=cast("PartName | None", part),
        layer=layer,
        **asked,
        mine=mine,
        notation=notation,
        show=show,
        code=code,
        digits=digits,
    )
    made = replace(made, footer=end_of(words, found.data))
    if full is not None:
        write_full(made, full)
    if as_json:
        emit_json("explain", document(made))
        return 0
    if into is not None:
        put_into(into, made, flavour, replaced, mark)
        return 0
    deliver(printed(made, chosen, flavour, fragment), output)
    return 0


class Found(NamedTuple):
    """What is to be explained.

    Attributes:
        words: The words of the command line that say so.
        given: The network, X and y; fewer where there are none.
        data: The table, for its checksum.
    """

    words: list[str]
    given: tuple[Any, ...]
    data: tuple[Any, ...] = ()


def source(
    model: str | None, data: str | None, sizes: str | None, activation: str, loss: str | None, seed: int
) -> Found:
    """The network and its data: a saved one, a small one, or none."""
    if sizes is not None:
        if model is not None:
            raise OptionError(f"--sizes makes a network of its own; got MODEL {model} as well.")
        small = small_example(sizes_of(sizes), activation=activation, loss=loss, seed=seed)
        words = ["--sizes", sizes, "--activation", activation, *([] if loss is None else ["--loss", loss])]
        return Found([*words, "--seed", str(seed)], tuple(small), small[1:])
    if model is None:
        return Found([], ())
    network = load(model)
    if data is None:
        return Found([model], (network,))
    raw = read_raw(data, task=learnt_task(network))
    return Found([model, data], (network, *encoded(network, raw)), (raw.X, raw.y))


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


def repeated(options: Mapping[str, object]) -> Iterator[str]:
    """The options that were given, to say them again."""
    usual = {"--notation": "note", "--digits": DIGITS}
    for name, value in options.items():
        if value is True:
            yield name
        elif value is not None and value is not False and usual.get(name) != value:
            yield from (name, str(value))


def form_of(form: str | None, output: str | None, into: str | None) -> Form:
    """The form that is asked for: by its name, else by the ending of the file, else text."""
    if form is not None:
        if form not in get_args(Form):
            raise unknown_name("form", form, get_args(Form))
        return cast("Form", form)
    if into is not None:
        return "markdown"
    return "text" if output is None else ENDINGS.get(Path(output).suffix.lower(), "text")


def end_of(words: list[str], data: tuple[Any, ...]) -> dict[str, str]:
    """What it takes to get the same again."""
    found = {"made": "culpa " + shlex.join(words), "versions": versions()}
    return {**found, "data": fingerprint(*data)} if data else found


def printed(made: Explanation, form: Form, flavour: str, fragment: bool) -> str:
    """The explanation in a form."""
    if form == "markdown":
        return made.to_markdown(flavour=flavoured(flavour), front_matter=False if fragment else None)
    if form == "latex":
        return made.to_latex(fragment=fragment)
    if form == "html":
        return made.to_html()
    return made.to_text()


def flavoured(name: str) -> Flavour:
    """A flavour of Markdown by its name."""
    if name not in get_args(Flavour):
        raise unknown_name("flavour", name, get_args(Flavour))
    return cast("Flavour", name)


def deliver(text: str, output: str | None) -> None:
    """To stdout, or to a file that appears whole."""
    whole = text.rstrip("\n") + "\n"
    if output is None:
        sys.stdout.write(whole)
    else:
        write_whole(output, whole.encode())
        note(f"written to {output}")


def put_into(path: str, made: Explanation, flavour: str, replaced: str | None, mark: str | None) -> None:
    """Into somebody's note, of which nothing else changes."""
    try:
        before = Path(path).read_bytes()
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.") from error
    text = made.to_markdown(flavour=flavoured(flavour), front_matter=False, headings=False)
    placed = into_note(before, text, replace=replaced, mark=mark)
    if placed.changed:
        write_whole(path, placed.content)
    note(f"{path}: {placed.sentence}")


def write_full(made: Explanation, path: str) -> None:
    """All numbers, whole, as a table."""
    if made.worth is None:
        raise OptionError("--full needs numbers.", hint="give MODEL and DATA, or --sizes 3,3,2.")
    table = full_numbers(made.worth).to_polars()
    write_whole(path, table.write_csv().encode())
    note(f"{len(table):,} numbers written to {path}")


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
            "notes": made.notes, "footer": made.footer}  # fmt: skip
