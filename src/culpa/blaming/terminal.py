# SPDX-License-Identifier: MIT
"""The terminal view of an Investigation: the sentence that matters first, then few columns, then what to do next."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from culpa.blaming.investigating import Investigation
from culpa.reporting.terminal import count, folded, one_line, percent, short, table
from culpa.tables.raw import RawTable

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["show_investigation"]

LONGEST_NAME = 20
"""A longer name of a file is cut, so that the first line stays one."""


def show_investigation(to: "Console", found: Investigation, data: RawTable, top: int) -> None:
    """Print what the main job found, in 80 columns.

    Args:
        to: Where.
        found: What `investigate` returned.
        data: The table that it was asked about.
        top: How many of the examples to show.
    """
    for line in (*heading(found, data), "", *scores(found), gradient_line(found), ""):
        to.print(folded(line, to.width))
    table(
        to,
        ["layer", "", "‖∇‖", "share", "signal/noise", "dead", "saturated"],
        (layer_row(row) for row in found.blame.layers.rows()),
        left=["layer", ""],
    )
    to.print()
    heaviest = found.blame.heaviest(top)
    whose = "rows" if len(found.held_rows) == 0 else "training rows"
    total = len(found.blame.examples)
    to.print(f"{len(heaviest):,} of {total:,} {whose} carry {percent(float(heaviest['share'].sum()))} of the loss")
    show_examples(to, heaviest, has_ids=(heaviest["id"] != heaviest["row"]).any())
    if len(found.held_rows):
        held = count(len(found.held_rows), "held-out row")
        to.print(folded(f"({held} not listed; after --save FILE, --model FILE lists all)", to.width))


def heading(found: Investigation, data: RawTable) -> Iterator[str]:
    """What was looked at, and with what."""
    kinds = f"{len(data.classes)} classes" if data.classes else "a target of numbers"
    name = one_line(data.name)
    shape = f"{count(len(data), 'row')}, {count(len(data.names), 'column')}"
    parts = f"{name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + '…'}: {shape}, {kinds}"
    if len(found.held_rows):
        parts += f"; {len(found.train_rows):,} to train, {len(found.held_rows):,} held out"
    yield parts
    network = found.network
    hidden = "/".join(dict.fromkeys(layer.activation.name for layer in network.layers[:-1])) or "no hidden layer"
    line = f"network {'-'.join(map(str, network.sizes))}, {hidden}, {network.loss.name.replace('_', '-')}"
    training = network.training
    if training is not None:
        best = f"best epoch {training.best_epoch} of {len(training.history)}" if training.history else "not trained"
        stopped = ", interrupted" if training.interrupted else ""
        line += f"; {best}{stopped}, {training.seconds:.1f} s, seed {training.seed}"
    yield line


def scores(found: Investigation) -> Iterator[str]:
    """How often it is right, beside those who try less."""
    where = "held out" if len(found.held_rows) else "all rows"
    others = ", ".join(f"{name} {measure(found, value)}" for name, value in found.baselines.items())
    right = " right" if found.metric == "accuracy" else ""
    label = "" if right else "R² "
    yield f"  {where:<12}{label}{measure(found, found.score)}{right}{'     ' if others else ''}{others}"
    best, name = max(((value, name) for name, value in found.baselines.items()), default=(float("-inf"), ""))
    if best >= found.score:
        yield f"  {'':<12}the network does not beat the {name} here"
    training = found.network.training
    if len(found.held_rows) and training is not None and training.best_epoch == training.recipe.epochs > 0:
        yield f"  {'':<12}the last epoch was the best: more may help, --epochs {2 * training.recipe.epochs}"


def measure(found: Investigation, value: float) -> str:
    """An accuracy in per cent, an R² as it is; a dash where there is nothing to measure."""
    if np.isnan(value):
        return "–"
    return f"{100 * value:.1f} %" if found.metric == "accuracy" else f"{value:.2f}".replace("-", "−")


def gradient_line(found: Investigation) -> str:
    """What the check says, in one line."""
    blocks = found.check.blocks
    wrong = [block.name for block in blocks if block.verdict == "wrong"]
    unseen = [block.name for block in blocks if block.verdict == "not testable"]
    if wrong:
        return f"  gradient    WRONG in {', '.join(wrong)}, by {found.check.method}"
    if not found.check.ok:
        return "  gradient    not testable at this point: it is zero to rounding"
    rest = f"; {', '.join(unseen)} not testable here" if unseen else ""
    which = f"each of {len(blocks)} blocks" if not unseen else f"{len(blocks) - len(unseen)} blocks"
    return f"  gradient    right to {int(found.check.digits)} digits, {which}, by {found.check.method}{rest}"


def layer_row(row: dict[str, Any]) -> list[str]:
    """One layer's entries as texts."""
    units = ["–" if row[name] is None else f"{row[name]:.0f}" for name in ("dead", "saturated")]
    ratio = "–" if row["signal_to_noise"] is None else short(row["signal_to_noise"])
    arrow = f"{row['inputs']} → {row['units']}"
    return [f"W_{row['layer']} b_{row['layer']}", arrow, short(row["norm"]), percent(row["share"]), ratio, *units]


def show_examples(to: "Console", examples: Any, has_ids: bool) -> None:
    """The examples that carry most of the loss."""
    headers = ["row", *(["id"] if has_ids else [])]
    words = "given" in examples.columns
    probable = words and examples.rows and not any(row["probability"] is None for row in examples.rows())
    headers += (["given", "says", "p"] if probable else ["given", "says"]) if words else []
    rows = []
    for row in examples.rows():
        texts = [str(row["row"]), *([str(row["id"])] if has_ids else [])]
        if words and probable:
            texts += [str(row["given"]), str(row["predicted"]), f"{row['probability']:.2f}".removeprefix("0")]
        elif words:
            texts += [short(row["given"]), short(row["predicted"])]
        rows.append([*texts, short(row["loss"]), short(row["norm"]), percent(row["share"])])
    table(to, [*headers, "loss", "‖g‖", "share"], rows, left=["id", "given", "says"] if probable else ["id"])
