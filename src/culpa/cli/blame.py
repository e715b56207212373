# SPDX-License-Identifier: MIT
"""`culpa blame DATA`: the main job on the command line."""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Annotated, Any

import numpy as np
import typer

from culpa.blaming.investigating import Investigation, examine_table, investigate_table
from culpa.blaming.terminal import show_investigation
from culpa.blaming.tuning_terminal import show_tuning
from culpa.cli.common import Data, Json, emit_json, footer, keeps_inputs, note, widths
from culpa.cli.look import described, look_before, look_words
from culpa.cli.tabling import Asked, read, takes_tables
from culpa.engine.arrays import number, whole_number
from culpa.errors import OptionError
from culpa.reporting.terminal import command_line, console
from culpa.storing import load, needs_writable, save
from culpa.tables.columns import Columns
from culpa.tables.look_terminal import show_head
from culpa.tables.raw import RawTable, learn_columns
from culpa.tables.reading import BUNDLED
from culpa.tables.roles import Roles
from culpa.training.candidates import SPACE

__all__ = ["EPILOG", "command"]

FIRST = 1000
"""So many rows tell the names and the kinds of columns that were judged before."""

EPILOG = """\b
Examples:
  culpa blame digits
  culpa blame houses.csv --target price --id house
  culpa blame visits.parquet --target ill --positive yes --group patient
  culpa blame houses.csv --target price --save houses.safetensors
  culpa blame new.csv --model houses.safetensors --json > new.json
  zcat houses.csv.gz | culpa blame - --target price --kind zip=category

A quarter of the rows is held out; 15 % of the rest chooses the epoch, and is
listed among the training rows, though the steps never saw it. Columns are
known by their names; what a column holds is judged by its values, unless
--kind says it:
{", ".join(KINDS)}.

\b
DATA is digits, breast_cancer, wine, iris or diabetes; a table as .csv, .tsv,
.parquet, .feather, .arrow or .jsonl, the texts plain, .gz or .zst; - for a
text on standard input; or an .npz with X (rows, columns) of numbers, y
(rows,) of labels or numbers and, maybe, `columns`, the names.

\b
Reading the report:
  ‖∇‖, share     a layer's gradient norm (weights and biases), and its share
                 of the squared norm of the whole gradient
  signal/noise   squared mean over variance of the rows' gradients: how much
                 they agree
  dead           hidden units that no row's error passes through (slope 0)
  saturated      hidden units whose slope is next to 0 for nearly all rows
  row            counted from 0, without the header
  says, p        the network's answer beside the target's value, and its
                 probability
  loss, ‖g‖      of the row alone; a number's loss is in units of the spread
                 of the target
"""


@takes_tables()
def command(
    data: Data,
    hidden: Annotated[str | None, typer.Option(help="Widths of the hidden layers, or none.")] = None,
    activation: Annotated[str | None, typer.Option(help="Activation of the hidden layers.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Epochs at the most; the best one is kept.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Rows a step.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Of Adam.")] = None,
    schedule: Annotated[str | None, typer.Option(help="How it changes: constant, cosine, step.")] = None,
    l2: Annotated[float | None, typer.Option("--l2", help="The penalty's factor.")] = None,
    dropout: Annotated[float | None, typer.Option(help="The share of hidden outputs given up.")] = None,
    patience: Annotated[int | None, typer.Option(help="Epochs without a better one before it stops.")] = None,
    tune: Annotated[float | None, typer.Option(metavar="MINUTES", help="Search for better ones of the above.")] = None,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 0,
    validation: Annotated[str | None, typer.Option(metavar="FILE", help="A table that chooses the epoch.")] = None,
    top: Annotated[int, typer.Option(help="How many training rows to show.")] = 12,
    save_to: Annotated[str | None, typer.Option("--save", metavar="FILE", help="Keep the trained network.")] = None,
    model: Annotated[str | None, typer.Option(metavar="FILE", help="Blame a saved network; train nothing.")] = None,
    as_json: Json = False,
    *,
    asked: Asked,
) -> int:
    """Train on DATA, check the gradient, and say which layers and rows carry the loss."""
    whole_number("top", top)
    said = {"hidden": None if hidden is None else tuple(widths(hidden)), "activation": activation, "epochs": epochs,
            "batch_size": batch_size, "learning_rate": learning_rate, "schedule": schedule, "l2": l2,
            "dropout": dropout, "patience": patience}  # fmt: skip
    recipe = {**{"--" + name.replace("_", "-"): value for name, value in said.items()}, "--hidden": hidden}
    if tune is not None:
        number("--tune", tune, above=0)
    if save_to is not None:
        keeps_inputs(save_to, data, model, validation)
        needs_writable(save_to)
    words = ["blame", data, *asked.words]
    if model is None:
        table = read(data, asked)
        unseen = None if validation is None else read(validation, only_target(asked), first_look(table))
        found = investigate_table(table, said=said, validation=unseen, tune=tune, seed=seed)
        words += repeated({**recipe, **searched(found), "--validation": validation, "--seed": seed})
    else:
        refuse_beside_model(
            {**recipe, "--tune": tune, "--seed": seed or None, "--validation": validation, "--save": save_to}
        )
        network = load(model)
        table = read(data, asked, network.columns)
        found = examine_table(network, table)
        words += ["--model", model]
    if save_to is not None:
        save(found.network, save_to)
        note(f"saved to {save_to}")
    seen, again = look_before(table, found.held_rows), look_words(data, asked, table, seed)
    if as_json:
        serious = [described(truth, again) for truth in seen.serious]
        emit_json("blame", {"look": serious, **document(found, table, top, footer(words, table))})
    else:
        show_head(console(), seen, again)
        told = {name for name, value in said.items() if value is not None}
        known = model is not None or data in BUNDLED or asked.roles.task is not None
        show(found, table, top, words, save_to, told | {"task"} if known else told)
    training = found.network.training
    if model is None and training is not None and training.interrupted:
        note("this is what the interrupted training had reached")
        return 130
    if found.tuning is not None and found.tuning.interrupted:
        note("this is the best of what the interrupted search had finished")
        return 130
    return 1 if any(block.verdict == "wrong" for block in found.check.blocks) else 0


def only_target(asked: Asked) -> Asked:
    """What was said of a table, for another file whose columns are known by then; what is no input may lack there."""
    roles = Roles(target=asked.roles.target)
    return asked._replace(roles=roles)


def first_look(table: RawTable) -> Columns:
    """The columns as their first rows have them: their names and kinds, which another file is read by."""
    return learn_columns(table, np.arange(min(FIRST, len(table))))


def searched(found: Investigation) -> dict[str, str]:
    """The options that say what a search has found, for a training without one; none where the default stands."""
    if found.tuning is None or found.tuning.chosen == 0:
        return {}
    best = found.tuning.best
    values = {name: getattr(best, name) for name in SPACE}
    values["hidden"] = ",".join(map(str, best.hidden)) or "none"
    return {"--" + name.replace("_", "-"): str(value) for name, value in values.items()}


def repeated(options: Mapping[str, Any]) -> list[str]:
    """The words that say the options again."""
    return [word for name, value in options.items() if value is not None for word in (name, str(value))]


def refuse_beside_model(recipe: Mapping[str, Any]) -> None:
    """Refuse options for a training where none is made, rather than ignore them."""
    idle = [name for name, value in recipe.items() if value is not None]
    if idle:
        raise OptionError(f"{', '.join(idle)} cannot stand beside --model: nothing is trained then.")


def show(
    found: Investigation, table: RawTable, top: int, words: list[str], saved: str | None, told: Collection[str]
) -> None:
    """The report on stdout."""
    to = console()
    show_investigation(to, found, table, top, told)
    if found.tuning is not None:
        to.print()
        show_tuning(to, found.tuning, metric=found.metric)
    end = footer(words, table)
    rows = len(found.train_rows)
    to.print()
    if saved is not None:
        more = ["culpa", "blame", words[1], "--model", saved, "--top", str(min(5 * top, len(table)))]
        to.print(command_line("next: ", more, "all rows, the held-out ones too"))
    elif top < rows:
        more = ["culpa", *words, "--top", str(min(5 * top, rows))]
        to.print(command_line("next: ", more, "more of these rows"))
    known = "" if found.tuning is None else "the same without a search; "
    to.print(command_line("made: ", ["culpa", *words], f"{known}{end['versions']}; data {end['data']}"))


def document(found: Investigation, table: RawTable, top: int, end: dict[str, str]) -> dict[str, Any]:
    """The same as plain values."""
    network, training = found.network, found.network.training
    return {
        "data": {
            "name": table.name,
            "rows": len(table),
            "columns": list(table.names),
            "kinds": {name: table.judged[name].kind for name in table.names},
            "why": {name: table.judged[name].why for name in table.names},
            "set_aside": dict(table.set_aside),
            "inputs": None if network.columns is None else list(network.columns.encoded),
            "target": table.target,
            "task": table.task,
            "classes": None if table.classes is None else list(table.classes),
            "train_rows": len(found.train_rows),
            "held_out_rows": len(found.held_rows),
            "ids": table.ids is not None,
            "notes": list(table.notes),
        },
        "choice": None if found.choice is None else asdict(found.choice),
        "tuning": None if found.tuning is None else found.tuning.to_dict(),
        "network": {
            "sizes": network.sizes,
            "hidden": [layer.activation.name for layer in network.layers[:-1]],
            "loss": network.loss.name,
            "l2": network.l2,
            "parameters": network.n_parameters,
        },
        "training": None if training is None else training.to_dict(),
        "score": {
            "metric": found.metric,
            "network": found.score,
            "baselines": found.baselines,
            "beside": None if found.beside is None else found.beside._asdict(),
        },
        "check": {"ok": found.check.ok, "blocks": [block._asdict() for block in found.check.blocks]},
        "blame": {"loss": found.blame.loss, "penalty": found.blame.penalty, "norm": found.blame.norm},
        "layers": list(found.blame.layers.rows()),
        "examples": list(found.blame.heaviest(top).rows()),
        "footer": end,
    }
