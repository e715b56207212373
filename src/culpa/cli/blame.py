# SPDX-License-Identifier: MIT
"""`culpa blame DATA`: the main job on the command line."""

from typing import Annotated, Any

import typer

from culpa.blaming.investigating import Investigation, examine_table, investigate_table
from culpa.blaming.terminal import show_investigation
from culpa.cli.common import Data, Json, emit_json, footer, note, widths
from culpa.engine.arrays import whole_number
from culpa.errors import OptionError
from culpa.reporting.terminal import command_line, console
from culpa.storing import load, needs_writable, save
from culpa.tables.reading import RawTable, read_raw

__all__ = ["EPILOG", "command"]

EPILOG = """\b
Examples:
  culpa blame digits
  culpa blame breast_cancer --hidden 32 --activation tanh --top 20
  culpa blame mine.npz --save mine.safetensors --json > mine.json
  culpa blame mine.npz --model mine.safetensors

A quarter of the rows is held out; 15 % of the rest chooses the epoch. An .npz
file holds X (rows, columns) of numbers and y (rows,) of labels or numbers; it
may hold `columns`, the names."""


def command(
    data: Data,
    hidden: Annotated[str, typer.Option(help="Widths of the hidden layers, or none.")] = "64,32",
    activation: Annotated[str, typer.Option(help="Activation of the hidden layers.")] = "relu",
    epochs: Annotated[int, typer.Option(help="Epochs at the most; the best one is kept.")] = 100,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 0,
    top: Annotated[int, typer.Option(help="How many training rows to show.")] = 12,
    save_to: Annotated[str | None, typer.Option("--save", metavar="FILE", help="Keep the trained network.")] = None,
    model: Annotated[str | None, typer.Option(metavar="FILE", help="Blame a saved network; train nothing.")] = None,
    as_json: Json = False,
) -> int:
    """Train on DATA, check the gradient, and say which layers and rows carry the loss."""
    whole_number("top", top)
    if model is not None and save_to is not None:
        raise OptionError("--save keeps a network that was just trained; with --model there is none.")
    if save_to is not None:
        needs_writable(save_to)
    table = read_raw(data)
    words = spoken(data, hidden, activation, epochs, seed, model)
    if model is not None:
        found = examine_table(load(model), table)
    else:
        found = investigate_table(table, hidden=widths(hidden), activation=activation, epochs=epochs, seed=seed)
    if save_to is not None:
        save(found.network, save_to)
        note(f"saved to {save_to}")
    if as_json:
        emit_json("blame", document(found, table, top, footer(words, table)))
    else:
        show(found, table, top, words)
    training = found.network.training
    if model is None and training is not None and training.interrupted:
        note("this is what the interrupted training had reached")
        return 130
    return 0 if found.check.ok or all(block.verdict != "wrong" for block in found.check.blocks) else 1


def spoken(data: str, hidden: str, activation: str, epochs: int, seed: int, model: str | None) -> list[str]:
    """The command's words, those that matter for the result."""
    words = ["blame", data]
    if model is not None:
        return [*words, "--model", model]
    defaults = {"--hidden": "64,32", "--activation": "relu", "--epochs": "100"}
    given = {"--hidden": hidden, "--activation": activation, "--epochs": str(epochs)}
    words += [word for name, value in given.items() if value != defaults[name] for word in (name, value)]
    return [*words, "--seed", str(seed)]


def show(found: Investigation, table: RawTable, top: int, words: list[str]) -> None:
    """The report on stdout."""
    to = console()
    show_investigation(to, found, table, top)
    end = footer(words, table)
    to.print()
    if top < len(found.train_rows):
        more = ["culpa", *words, "--top", str(min(5 * top, len(found.train_rows)))]
        to.print(command_line("next: ", more, "more of these rows"))
    elif found.network.training is not None and "--model" not in words:
        to.print(command_line("next: ", ["culpa", *words, "--save", "network.safetensors"], "keep this network"))
    to.print(command_line("made: ", ["culpa", *words], f"{end['versions']}; data {end['data']}"))


def document(found: Investigation, table: RawTable, top: int, end: dict[str, str]) -> dict[str, Any]:
    """The same as plain values."""
    network, training = found.network, found.network.training
    return {
        "data": {
            "name": table.name,
            "rows": len(table.X),
            "columns": list(table.names),
            "target": table.target,
            "task": table.task,
            "classes": None if table.classes is None else list(table.classes),
            "train_rows": len(found.train_rows),
            "held_out_rows": len(found.held_rows),
        },
        "network": {
            "sizes": network.sizes,
            "hidden": [layer.activation.name for layer in network.layers[:-1]],
            "loss": network.loss.name,
            "l2": network.l2,
            "parameters": network.n_parameters,
        },
        "training": None if training is None else training.to_dict(),
        "score": {"metric": found.metric, "network": found.score, "baselines": found.baselines},
        "check": {"ok": found.check.ok, "blocks": [block._asdict() for block in found.check.blocks]},
        "blame": {"loss": found.blame.loss, "penalty": found.blame.penalty, "norm": found.blame.norm},
        "layers": list(found.blame.layers.rows()),
        "examples": list(found.blame.heaviest(top).rows()),
        "footer": end,
    }
