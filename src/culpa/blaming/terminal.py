# SPDX-License-Identifier: MIT
"""The terminal view of an Investigation: the sentence that matters first, then few columns, then what to do next."""

import math
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from culpa.blaming.investigating import Investigation
from culpa.blaming.measures import Detection, Distance
from culpa.blaming.telling import FIXED, choice_line, cut, first_line, kinds_lines, task_line
from culpa.engine.network import Network
from culpa.reporting.frames import Frame
from culpa.reporting.terminal import count, folded, percent, short, table
from culpa.tables.columns import Columns
from culpa.tables.raw import RawTable

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["show_investigation"]


def show_investigation(
    to: "Console", found: Investigation, data: RawTable, top: int, said: Collection[str] = ()
) -> None:
    """Print what the main job found, in 80 columns.

    Args:
        to: Where.
        found: What `investigate` returned.
        data: The table that it was asked about.
        top: How many of the examples to show.
        said: What the reader said and need not be told: "task", and entries of the Choice.
    """
    for line in (*heading(found, data, said), "", *scores(found), gradient_line(found), ""):
        to.print(folded(line, to.width).replace(FIXED, " "))
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
    show_examples(to, heaviest, data, found.network.columns)
    if len(found.held_rows):
        held = count(len(found.held_rows), "held-out row")
        to.print(folded(f"({held} not listed; after --save FILE, --model FILE lists all)", to.width))


def heading(found: Investigation, data: RawTable, said: Collection[str]) -> Iterator[str]:
    """What was looked at, and with what."""
    yield first_line(data, len(found.train_rows), len(found.held_rows))
    network = found.network
    yield from kinds_lines(data, network.sizes[0])
    if "task" not in said:
        yield task_line(data)
    yield network_line(network)
    chosen = "" if found.choice is None else choice_line(found.choice, said)
    if chosen:
        yield chosen


def network_line(network: Network) -> str:
    """The network's shape, and how its training went."""
    hidden = "/".join(dict.fromkeys(layer.activation.name for layer in network.layers[:-1])) or "no hidden layer"
    line = f"network {'-'.join(map(str, network.sizes))}, {hidden}, {network.loss.name.replace('_', '-')}"
    training = network.training
    if training is not None:
        best = f"best epoch {training.best_epoch} of {len(training.history)}" if training.history else "not trained"
        stopped = ", interrupted" if training.interrupted else ""
        line += f"; {best}{stopped}, {training.seconds:.1f} s, seed {training.seed}"
    return line


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
    yield from beside_lines(found)
    training = found.network.training
    if len(found.held_rows) and training is not None and training.best_epoch == training.recipe.epochs > 0:
        yield f"  {'':<12}the last epoch was the best: more may help, --epochs {2 * training.recipe.epochs}"


def beside_lines(found: Investigation) -> Iterator[str]:
    """How well the class that is looked for is found, or how far off the answers are, on the rows of the score."""
    beside, columns = found.beside, found.network.columns
    if isinstance(beside, Detection):
        label = f"‘{cut(beside.label)}’"
        weighed = " by weight" if beside.weighted else ""
        if beside.there:
            hits = f"{beside.found:,} of the {count(beside.there, 'row')} that are {label} are found"
            yield f"  {'recall':<12}{100 * beside.recall:.1f} %{weighed}: {hits}"
        if beside.called:
            hits = f"{beside.found:,} of the {count(beside.called, 'row')} called {label} are"
            yield f"  {'precision':<12}{100 * beside.precision:.1f} %{weighed}: {hits}"
        elif beside.there:
            yield f"  {'precision':<12}no row is called {label}"
    if isinstance(beside, Distance) and columns is not None and not np.isnan(beside.median):
        scale = columns.target_scale
        middle, root = (amount(value, scale) for value in beside)
        yield f"  {'off by':<12}{middle} (median), {root} (root mean square), in units of {cut(columns.target)}"


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


def show_examples(to: "Console", examples: Frame, data: RawTable, columns: Columns | None) -> None:
    """The examples that carry most of the loss, in the words and the unit of the target."""
    has_ids = data.ids is not None
    words = "given" in examples.columns
    probable = words and not any(row["probability"] is None for row in examples.rows())
    given = cut(data.target) if probable or columns is not None else "given"
    headers = ["row", *(["id"] if has_ids else []), *([given, "says"] if words else []), *(["p"] if probable else [])]
    if len(set(headers)) < len(headers) or given in ("loss", "‖g‖", "share"):
        given = f"{given} given"
        headers[headers.index("says") - 1] = given
    rows = []
    for row in examples.rows():
        texts = [str(row["row"]), *([str(row["id"])] if has_ids else [])]
        if words and probable:
            texts += [str(row["given"]), str(row["predicted"]), f"{row['probability']:.2f}".removeprefix("0")]
        elif words:
            scale = 0.0 if columns is None else columns.target_scale
            texts += [amount(row["given"], scale), amount(row["predicted"], scale)]
        rows.append([*texts, short(row["loss"]), short(row["norm"]), percent(row["share"])])
    table(to, [*headers, "loss", "‖g‖", "share"], rows, left=["id", given, "says"] if probable else ["id"])


def amount(value: float, spread: float) -> str:
    """A number in the unit of its column: as many decimals as tell a hundredth of the column's spread.

    Example:
        >>> amount(238412.7, 40000.0), amount(-0.123456, 0.5), amount(3.2e-9, 1e-9)
        ('238,413', '−0.123', '3.2e-9')
    """
    if not 1e-5 <= spread < 1e12 or not abs(value) < 1e15:
        return short(value)
    decimals = max(0, 3 - math.ceil(math.log10(spread)))
    return f"{value:,.{decimals}f}".replace("-", "−")
