# SPDX-License-Identifier: MIT
"""`culpa blame DATA`: the main job on the command line."""

import sys
from collections.abc import Collection, Mapping
from dataclasses import asdict
from itertools import chain
from typing import Annotated, Any

import typer

from culpa.blaming.apart import first_look
from culpa.blaming.investigating import Investigation, examine_table, investigate_table
from culpa.blaming.labels.suspecting import SCORES
from culpa.blaming.telling import option
from culpa.blaming.terminal import show_investigation
from culpa.blaming.tuning_terminal import show_tuning
from culpa.cli.common import Data, Json, emit_json, footer, keeps_inputs, made_line, note, refuse_idle, widths
from culpa.cli.look import described, look_words
from culpa.cli.tabling import Asked, read, takes_tables
from culpa.engine.arrays import number, whole_number
from culpa.errors import OptionError, unknown_name
from culpa.reporting.terminal import command_line, console
from culpa.storing import load, needs_writable, save
from culpa.tables.kinds import KINDS
from culpa.tables.look_terminal import show_head
from culpa.tables.looking import Look, held_places, look_at
from culpa.tables.raw import RawTable
from culpa.tables.reading import BUNDLED
from culpa.tables.roles import Roles
from culpa.training.candidates import SPACE

__all__ = ["EPILOG", "command"]

TOP = 12
"""How many rows are listed unless --top says it."""

EPILOG = f"""\b
Examples:
  culpa blame digits
  culpa blame houses.csv --target price --id house
  culpa blame visits.parquet --target ill --positive yes --group patient
  culpa blame houses.csv --target price --save houses.safetensors
  culpa blame new.csv --model houses.safetensors --json > new.json
  zcat houses.csv.gz | culpa blame - --target price --kind zip=category

A quarter of the rows is held out. Of the rest 15 % say how many epochs are
best; then all of the rest is learnt from for so many. Columns are known by
their names; what a column holds is judged by its values, unless --kind says
it:
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
    refit: Annotated[bool | None, typer.Option("--refit/--no-refit", help="Then learn from all its rows.")] = None,
    tune: Annotated[float | None, typer.Option(metavar="MINUTES", help="Search for better ones of the above.")] = None,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 0,
    validation: Annotated[str | None, typer.Option(metavar="FILE", help="A table that chooses the epoch.")] = None,
    score: Annotated[str, typer.Option(help="How labels are ranked: auto, record, forest, bags or none.")] = "auto",
    top: Annotated[int, typer.Option(help="How many training rows to show.")] = TOP,
    save_to: Annotated[str | None, typer.Option("--save", metavar="FILE", help="Keep the trained network.")] = None,
    model: Annotated[str | None, typer.Option(metavar="FILE", help="Blame a saved network; train nothing.")] = None,
    as_json: Json = False,
    *,
    asked: Asked,
) -> int:
    """Train on DATA, check the gradient, and say which layers and rows carry the loss."""
    whole_number("top", top)
    if score not in SCORES:
        raise unknown_name("--score", score, SCORES)
    said = {"hidden": None if hidden is None else tuple(widths(hidden)), "activation": activation, "epochs": epochs,
            "batch_size": batch_size, "learning_rate": learning_rate, "schedule": schedule, "l2": l2,
            "dropout": dropout, "patience": patience, "refit": refit}  # fmt: skip
    said = {name: value for name, value in said.items() if value is not None}
    if tune is not None:
        number("--tune", tune, above=0)
    if save_to is not None:
        keeps_inputs(save_to, data, model, validation)
        needs_writable(save_to)
    network = None
    if model is not None:
        training = {"--tune": tune, "--seed": seed or None, "--validation": validation, "--save": save_to}
        group = {"--group": asked.roles.group}
        refuse_idle({**option_words(said), **training, **group}, "cannot stand beside --model: nothing is trained then")
        network = load(model)
    table = read(data, asked, None if network is None else network.columns)
    unseen = None if validation is None else read_apart(validation, asked, table)
    seen, again = look_before(table, None if model else seed), look_words(data, asked, table, seed)
    if not as_json:
        show_head(console(), seen, again)
        sys.stdout.flush()
    if network is None:
        found = investigate_table(table, said=said, validation=unseen, tune=tune, score=score, seed=seed)
    else:
        found = examine_table(network, table)
    if save_to is not None:
        save(found.network, save_to)
        note(f"saved to {save_to}")
    recipe = option_words(
        {
            **said,
            **searched(found),
            "validation": validation,
            "score": None if score == "auto" else score,
            "seed": None if model else seed,
        }
    )
    beside = {} if model is None else {"--model": ("--model", model)}
    words = ["blame", data, *asked.words, *chain.from_iterable({**recipe, **beside}.values())]
    if as_json:
        serious = [described(truth, again) for truth in seen.serious]
        end = footer([*words, *top_words(top)], table.checksum)
        emit_json("blame", {"look": serious, **document(found, table, top), "footer": end})
    else:
        told = {*said, *(["task"] if model or data in BUNDLED or asked.roles.task is not None else [])}
        show(found, table, top, told)
        show_end(found, table, words, asked, top, save_to)
    return exit_code(found, trained=model is None)


def read_apart(source: str, asked: Asked, table: RawTable) -> RawTable:
    """The table that chooses the epoch: what its columns hold is known by then; what is no input may lack there."""
    roles = Roles(target=asked.roles.target, sample_weight=asked.roles.sample_weight)
    try:
        return read(source, asked._replace(roles=roles), first_look(table))
    except OptionError as error:
        raise OptionError(f"{source}: {error.message}", hint=error.hint) from error


def look_before(table: RawTable, seed: int | None) -> Look:
    """What is true of a table that is split with this seed, or, without one, not at all."""
    held = None if seed is None else held_places(table, seed)
    return look_at(table, held, show_progress="auto")


def searched(found: Investigation) -> dict[str, object]:
    """The entries of the choice that a search has found, for a training without one; none where the default stands."""
    if found.tuning is None or found.tuning.chosen == 0:
        return {}
    return {name: getattr(found.tuning.best, name) for name in SPACE}


def option_words(values: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """Values as the command line takes them, by the options' names."""
    words = [option(name, value) for name, value in values.items() if value is not None]
    return {word[0]: word for word in words}


def top_words(top: int) -> list[str]:
    """The option that says how many rows are listed, where it is not as usual."""
    return [] if top == TOP else ["--top", str(top)]


def exit_code(found: Investigation, *, trained: bool) -> int:
    """0; 1 for a wrong gradient; 130 where Ctrl-C ended the training or the search, which is told on stderr."""
    training = found.network.training
    if trained and training is not None and training.interrupted:
        note("this is what the interrupted training had reached")
        return 130
    if found.tuning is not None and found.tuning.interrupted:
        note("this is the best of what the interrupted search had finished")
        return 130
    return 1 if any(block.verdict == "wrong" for block in found.check.blocks) else 0


def show(found: Investigation, table: RawTable, top: int, told: Collection[str]) -> None:
    """The report on stdout."""
    to = console()
    show_investigation(to, found, table, top, told)
    if found.tuning is not None:
        to.print()
        show_tuning(to, found.tuning, metric=found.metric)


def show_end(
    found: Investigation, table: RawTable, words: list[str], asked: Asked, top: int, saved: str | None
) -> None:
    """What to do next, and how to get the same again."""
    to, rows = console(), len(found.train_rows)
    to.print()
    if saved is not None:
        more = ["culpa", "blame", words[1], *asked.beside_model, "--model", saved]
        to.print(command_line("next: ", [*more, *more_rows(top, len(table))], "all rows, the held-out ones too"))
    elif top < rows:
        to.print(command_line("next: ", ["culpa", *words, *more_rows(top, rows)], "more of these rows"))
    known = "" if found.tuning is None else "the same without a search; "
    to.print(made_line([*words, *top_words(top)], table.checksum, known))


def more_rows(top: int, rows: int) -> list[str]:
    """The option that lists five times as many."""
    return ["--top", str(min(5 * top, rows))]


def document(found: Investigation, table: RawTable, top: int) -> dict[str, Any]:
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
    }
