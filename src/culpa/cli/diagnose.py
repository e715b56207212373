# SPDX-License-Identifier: MIT
"""`culpa diagnose MINE`: whose mistake is it, and where? A function in a Python file, or a gradient in an .npz."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from culpa.checking.mistakes.diagnosing import diagnose
from culpa.checking.mistakes.diagnosis import Diagnosis
from culpa.checking.mistakes.files import Reading, diagnose_file
from culpa.cli.common import Json, emit_json, encoded, footer, refuse_idle, versions
from culpa.cli.tabling import Asked, read, takes_tables
from culpa.engine.arrays import number
from culpa.errors import OptionError
from culpa.reporting.terminal import command_line, console, folded
from culpa.storing import load

__all__ = ["EPILOG", "command"]

EPILOG = """\b
Examples:
  culpa diagnose mine.py
  culpa diagnose mine.py --hint 1
  culpa diagnose mine.py --activation tanh --loss squared_error
  culpa diagnose gradient.npz network.safetensors data.csv

\b
MINE.py has a function
  gradient(weights, biases, X, y[, l2])
weights[k] is (units, inputs) of layer k, biases[k] is (units,), the rows of X
are examples; y holds class indices, one-hot rows or numbers. Where it stops
with that, weights as (inputs, units) and examples in columns are tried. It
returns a list of (dW, db), or a dict with dW1, db1, …, of the mean over the
examples. It is called on small random networks, in a process of its own with a
time limit and a memory limit: that stops crashes and endless loops, not malice.

\b
MINE.npz has arrays dW1, db1, dW2, …: the gradient of MODEL's objective on DATA.

Exit code 0 if it is right, 1 if not, 2 if it cannot be run or read."""

IDLE = "cannot stand here: MODEL says what the network is"


@takes_tables("target", "kind")
def command(
    mine: Annotated[str, typer.Argument(metavar="MINE", help="A .py or an .npz file.", show_default=False)],
    model: Annotated[str | None, typer.Argument(metavar="MODEL", help="A saved network.", show_default=False)] = None,
    data: Annotated[
        str | None, typer.Argument(metavar="DATA", help="A table, a bundled name, or - for stdin.", show_default=False)
    ] = None,
    hint: Annotated[
        int | None,
        typer.Option(help="Only a hint: 1 where, 2 what, 3 the corrected line.", min=1, max=3, show_default=False),
    ] = None,
    function: Annotated[str | None, typer.Option(help="Its name.", show_default="gradient, or the only one")] = None,
    activation: Annotated[str | None, typer.Option(help="Of the hidden layers.", show_default="tried")] = None,
    loss: Annotated[str | None, typer.Option(help="As for culpa.Network.", show_default="tried")] = None,
    hidden_layers: Annotated[int | None, typer.Option(help="How many.", show_default="tried")] = None,
    seconds: Annotated[float, typer.Option(help="Time limit for the function.")] = 20.0,
    evidence: Annotated[bool, typer.Option("--evidence", help="Show the entries that are off by most.")] = False,
    as_json: Json = False,
    *,
    asked: Asked,
) -> int:
    """Find the mistake in a gradient, or in the function that computes it."""
    number("seconds", seconds, above=0)
    options = {"--function": function, "--activation": activation, "--loss": loss}
    options["--hidden-layers"] = None if hidden_layers is None else str(hidden_layers)
    words = ["diagnose", *(word for word in (mine, model, data) if word is not None), *asked.words]
    words += [word for name, value in options.items() if value is not None for word in (name, value)]
    reading: Reading | None = None
    if asked.words and data is None:
        raise OptionError(f"{asked.words[0]} says how DATA is read, and there is none.")
    if mine.endswith(".npz"):
        refuse_idle(options, IDLE)
        found = of_arrays(mine, model, data, asked)
    else:
        if data is not None:
            raise OptionError("DATA plays no part for a function: it is called on probes.", hint="leave DATA out.")
        network = None if model is None else load(model)
        if network is not None:
            refuse_idle({name: value for name, value in options.items() if name != "--function"}, IDLE)
        found, reading = diagnose_file(
            mine,
            network=network,
            function=function,
            activation=activation,
            loss=loss,
            hidden_layers=hidden_layers,
            seconds=seconds,
        )
    if as_json:
        emit_json("diagnose", document(found, reading, words))
    elif hint is not None:
        show_hint(found, reading, hint, words)
    else:
        show(found, reading, words, evidence)
    return 0 if found.verdict == "right" else 1


def of_arrays(mine: str, model: str | None, data: str | None, asked: Asked) -> Diagnosis:
    """The diagnosis of a gradient in an .npz, for a saved network on some data."""
    if model is None or data is None:
        raise OptionError(
            f"The gradient in {mine} needs the network and the data that it belongs to.",
            hint=f"culpa diagnose {mine} MODEL DATA",
        )
    network = load(model)
    return diagnose(network, *encoded(network, read(data, asked, network.columns)), mine)


def kind_of(reading: Reading) -> str:
    """What a function was taken to compute, in one line."""
    network = reading.network
    hidden = list(dict.fromkeys(layer.activation.name for layer in network.layers[:-1]))
    count = len(network.layers) - 1
    layers = f"{count} hidden layer{'s' * (count != 1)}{' of ' + '/'.join(hidden) if hidden else ''}"
    outputs = ", one output" if network.sizes[-1] == 1 else ""
    return f"{layers}, {network.loss.name}{outputs}{', one-hot targets' if reading.one_hot else ''}"


def show(found: Diagnosis, reading: Reading | None, words: list[str], evidence: bool) -> None:
    """The report on stdout."""
    to = console()
    show_reading(reading, words, found)
    to.print(str(found))
    if evidence and found.evidence:
        to.print()
        show_evidence(found)
    to.print()
    if found.verdict != "right" and not evidence:
        to.print(command_line("next: ", ["culpa", *words, "--evidence"], "the entries that are off by most"))
    to.print(command_line("made: ", ["culpa", *words], f"{versions()}; {words[1]} {checksum(words[1])}"))


def show_reading(reading: Reading | None, words: list[str], found: Diagnosis) -> None:
    """What a function was taken to compute, and how to have it read otherwise."""
    if reading is None:
        return
    to = console()
    to.print(folded(f"{reading.function}() in {os.path.basename(words[1])}, read as: {kind_of(reading)}"))
    if len(words) == 2 and found.verdict != "right":
        to.print("(--activation, --loss and --hidden-layers have it read otherwise)")
    to.print()


def show_evidence(found: Diagnosis) -> None:
    """The entries that are off by most, yours beside the right ones."""
    from culpa.reporting.terminal import table

    rows = [(entry.name, f"{entry.yours:.6g}", f"{entry.right:.6g}", ratio(entry)) for entry in found.evidence]
    table(console(), ("entry", "yours", "right", "yours ÷ right"), rows, left=("entry",))


def ratio(entry: Any) -> str:
    """How many times the right entry it is."""
    return f"{entry.yours / entry.right:.6g}" if entry.right else "–"


def show_hint(found: Diagnosis, reading: Reading | None, step: int, words: list[str]) -> None:
    """One step of help, and how to get the next."""
    to = console()
    show_reading(reading, words, found)
    to.print(found.hint(step))  # type: ignore[arg-type] # the option holds it to 1, 2, 3
    if found.verdict != "right" and step < 3:
        to.print()
        to.print(command_line("next: ", ["culpa", *words, "--hint", str(step + 1)], "a further hint"))


def checksum(path: str) -> str:
    """The file's, so that a report can be told from that of another version."""
    from hashlib import sha256

    return sha256(Path(path).read_bytes()).hexdigest()[:16]


def document(found: Diagnosis, reading: Reading | None, words: list[str]) -> dict[str, Any]:
    """The same as plain values."""
    return {
        "read_as": None
        if reading is None
        else {
            "function": reading.function,
            "layers": len(reading.network.layers),
            "hidden": [layer.activation.name for layer in reading.network.layers[:-1]],
            "loss": reading.network.loss.name,
            "one_hot": reading.one_hot,
        },
        "verdict": found.verdict,
        "objective": found.objective,
        "guilty": found.guilty,
        "mistakes": [mistake._asdict() for mistake in found.mistakes],
        "explanations": [[mistake._asdict() for mistake in way] for way in found.explanations],
        "blocks": [block._asdict() for block in found.blocks],
        "evidence": [entry._asdict() for entry in found.evidence],
        "unseen": list(found.unseen),
        "notes": list(found.notes),
        "footer": footer(words, checksum(words[1])),
    }
