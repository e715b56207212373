# SPDX-License-Identifier: MIT
"""The terminal view of an Investigation: the sentence that matters first, then few columns, then what to do next."""

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from culpa.blaming.examples_terminal import amount, show_examples
from culpa.blaming.findings.finding import Command, Finding
from culpa.blaming.investigating import Investigation
from culpa.blaming.labels_terminal import show_labels
from culpa.blaming.measures import Detection, Distance
from culpa.blaming.telling import FIXED, choice_line, cut, first_line, kinds_lines, task_line
from culpa.engine.network import Network
from culpa.reporting.terminal import command_line, count, folded, percent, short, table
from culpa.tables.raw import RawTable

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["amount", "measure", "show_accounts", "show_findings", "show_opening"]

COLUMNS, FINDINGS = 4, 3
"""So many of each are shown; the document and the page have all."""


def show_opening(to: "Console", found: Investigation, data: RawTable, said: Collection[str] = ()) -> None:
    """Print what was looked at, with what, and how good that is.

    Args:
        to: Where.
        found: What `investigate` returned.
        data: The table that it was asked about.
        said: What the reader said and need not be told: "task", and entries of the Choice.
    """
    for line in (*heading(found, data, said), "", *scores(found), gradient_line(found)):
        to.print(folded(line, to.width).replace(FIXED, " "))


def show_accounts(to: "Console", found: Investigation, data: RawTable, top: int) -> None:
    """Print the accounts: layers, columns, and the suspects, or the rows that carry most where there are none.

    Args:
        to: Where.
        found: What `investigate` returned.
        data: The table that it was asked about.
        top: How many of the rows to show.
    """
    table(
        to,
        ["layer", "", "‖∇‖", "share", "signal/noise", "dead", "saturated"],
        (layer_row(row) for row in found.blame.layers.rows()),
        left=["layer", ""],
    )
    to.print()
    show_columns(to, found)
    if found.labels is not None:
        show_labels(to, found.labels, data, top, found.network.columns)
    else:
        show_heaviest(to, found, data, top)
    show_findings(to, found.blame.findings)


def show_columns(to: "Console", found: Investigation) -> None:
    """The columns that the loss leans on most, and the loss with each of them replaced."""
    columns = found.blame.columns
    if len(columns) < 2:
        return
    total, few = len(columns), columns.take(np.arange(min(COLUMNS, len(columns))))
    which = f"{len(few)} of {total:,} columns most" if total > len(few) else f"{total} columns"
    whose = f" of the {count(len(found.train_rows), 'training row')}" if len(found.held_rows) else ""
    to.print(folded(f"the loss{whose}, {short(found.blame.loss)}, leans on {which}", to.width))
    rows = (
        [
            cut(row["column"], 40),
            percent(nan(row["share"])),
            cut(row["replaced"] or "–"),
            without(row),
        ]
        for row in few.rows()
    )
    table(to, ["column", "share", "all set to", "loss then"], rows, left=["column", "all set to"])
    to.print()


def without(row: dict[str, Any]) -> str:
    """The loss without what a column says; a word beside it where it is smaller, which nobody would expect."""
    return short(nan(row["loss_replaced"])) + (" (less)" if nan(row["increase"]) < 0 else "")


def nan(value: float | None) -> float:
    """A number of a frame's row, where NaN has become None."""
    return float("nan") if value is None else value


def show_heaviest(to: "Console", found: Investigation, data: RawTable, top: int) -> None:
    """The rows that carry most of the loss, and why no labels are ranked."""
    heaviest = found.heaviest(top)
    whose = "rows" if len(found.held_rows) == 0 else "training rows"
    total = len(found.blame.examples)
    to.print(f"{len(heaviest):,} of {total:,} {whose} carry {percent(float(heaviest['share'].sum()))} of the loss")
    settled = np.empty(0, np.intp) if found.settled_rows is None else found.settled_rows
    decided = int(np.isin(found.blame.examples["row"], settled).sum())
    if decided:
        to.print(folded(f"{count(decided, 'row')} that you have decided on {are(decided)} not listed", to.width))
    show_examples(to, heaviest, data, found.network.columns)
    if len(found.held_rows):
        held = count(len(found.held_rows), "held-out row")
        to.print(folded(f"({held} not listed; after --save FILE, --model FILE lists all)", to.width))
    why = found.blame.missing.get("suspects")
    if why:
        to.print(folded(f"({why[0].lower()}{why[1:].rstrip('.')})", to.width))


def are(number: int) -> str:
    """The verb behind so many."""
    return "is" if number == 1 else "are"


def show_findings(to: "Console", findings: Sequence[Finding]) -> None:
    """The findings that matter most, each with the command that comes next; how many labels are wrong was said."""
    told = [finding for finding in findings if finding.kind != "labels"][:FINDINGS]
    if told:
        to.print()
    offered: list[Command] = []
    for finding in told:
        to.print(hanging(f"• {finding.sentence}", to.width))
        words = finding.command
        if not words or words in offered:
            continue  # once is enough
        offered.append(words)
        if isinstance(words, str):
            to.print(hanging(f"  {words}", to.width))
        else:
            to.print(command_line("  next: ", words, "").rstrip())


def hanging(line: str, width: int) -> str:
    """A line broken between words, its first two columns standing out."""
    return line[:2] + folded(f"• {line[2:]}", width)[2:]


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
    yield from beside_lines(found)


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
    if not blocks:
        return "  gradient    not checked: it was interrupted"
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
