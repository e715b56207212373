# SPDX-License-Identifier: MIT
"""The terminal view of a Look: the serious sentences first, each with the command that shows its rows; then columns."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from culpa.reporting.frames import Frame
from culpa.reporting.terminal import command_line, count, digits, one_line, percent, short, table
from culpa.tables.looking import Look
from culpa.tables.summary import summary
from culpa.tables.truths.truth import Truth

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["show_head", "show_look", "show_rows"]

HEAD = 5
"""How many sentences stand before the report of another command."""
WIDEST = 20
"""A longer entry or name is cut."""


def show_head(to: "Console", look: Look, words: Sequence[str]) -> None:
    """Print the few serious sentences that belong before any training; nothing where there are none.

    Args:
        to: Where.
        look: What is true of the table.
        words: The command that shows more, without `--show`: culpa, look, houses.csv, --target, price.
    """
    serious = look.serious
    if not serious:
        return
    for truth in serious[:HEAD]:
        print_truth(to, truth, words)
    more = len([truth for truth in look.truths if truth.key not in ("size", "kinds")]) - len(serious[:HEAD])
    to.print(command_line("look: ", words, f"shows {more:,} more about the table" if more else "shows the table"))
    to.print()


def show_look(to: "Console", look: Look, words: Sequence[str], top: int) -> None:
    """Print every truth, and the most interesting columns, in 80 columns.

    Args:
        to: Where.
        look: What is true of the table.
        words: The command that was given, without `--show`.
        top: How many columns to list.
    """
    to.print(marked(to, "", look["size"].sentence))
    to.print(marked(to, "", look["kinds"].sentence))
    to.print()
    rest = [truth for truth in look.truths if truth.key not in ("size", "kinds")]
    for truth in rest:
        print_truth(to, truth, words)
    if rest:
        to.print()
    names = look.table.frame.columns
    first = np.sort(by_interest(look, names)[:top])
    if len(first):
        show_columns(to, summary(look.table, [names[k] for k in first], show_progress="auto"))
    if len(names) > top:
        everything = [*words, "--top", str(len(names))]
        to.print()
        to.print(command_line("next: ", everything, f"{len(names) - top:,} more columns"))


def print_truth(to: "Console", truth: Truth, words: Sequence[str]) -> None:
    """One sentence, and the command that shows its rows."""
    mark = "! " if truth.serious else "  "
    to.print(marked(to, mark, truth.sentence), style="bold" if truth.serious else "")
    to.print(command_line("    show: ", [*words, "--show", truth.key], "").rstrip())


def marked(to: "Console", mark: str, sentence: str) -> str:
    """A sentence behind its mark, broken between words by the room that they take: 語 takes two columns."""
    from rich.text import Text

    lines = Text(one_line(sentence)).wrap(to, to.width - 2 - len(mark))
    return mark + "\n    ".join(line.plain.rstrip() for line in lines)


def by_interest(look: Look, names: Sequence[str]) -> NDArray[np.intp]:
    """The columns' places, the most interesting first: those of serious truths, of other truths, then all others."""
    weight = np.zeros(len(names))
    place = {name: k for k, name in enumerate(names)}
    for truth in look.truths:
        for rank, name in enumerate(truth.columns):
            if name in place:
                weight[place[name]] += (100 if truth.serious else 1) + 1 / (1 + rank)
    return np.argsort(-weight, kind="stable")


def show_columns(to: "Console", columns: Frame) -> None:
    """A line a column."""
    rows = [
        [
            cut(row["column"]),
            row["kind"],
            values_of(row),
            f"{row['distinct']:,}",
            percent(row["missing"] / max(1, row["missing"] + row["values"])) if row["missing"] else "",
            f"{row['inputs']:,}" if row["inputs"] else "–",
        ]
        for row in columns
    ]
    table(to, ["column", "kind", "values", "distinct", "missing", "inputs"], rows, left=["column", "kind"])


def values_of(row: dict[str, Any]) -> str:
    """The smallest, median and largest number, or the most frequent value."""
    if row["median"] is None:
        return cut(row["frequent"])
    return " … ".join(written(row[name]) for name in ("smallest", "median", "largest"))


def written(number: float) -> str:
    """A whole number as it is, where it is short; any other with three digits."""
    return f"{number:,.0f}".replace("-", "−") if abs(number) < 1e5 and number == round(number) else short(number)


def show_rows(to: "Console", truth: Truth, evidence: Frame, words: Sequence[str], top: int) -> None:
    """Print the rows that show a truth, as many of their columns as 80 columns of a terminal hold.

    Args:
        to: Where.
        truth: The truth.
        evidence: Its rows, the columns to show first in front.
        words: The command that was given, `--show` included.
        top: How many rows to show.
    """
    to.print(marked(to, "! " if truth.serious else "  ", truth.sentence))
    to.print()
    some = evidence.take(np.arange(min(top, len(evidence))))
    numeric = [name for name, column in some.columns.items() if column.dtype.kind in "fiu"]
    texts = {name: [name, *map(cell, some[name].tolist())] for name in some.columns}
    shown = fitting(texts, to.width)
    cells = zip(*(texts[name][1:] for name in shown), strict=True)
    table(to, [cut(name) for name in shown], cells, left=[cut(name) for name in shown if name not in numeric])
    parts = []
    if len(evidence) > len(some):
        parts.append(count(len(evidence) - len(some), "more row"))
    if len(texts) > len(shown):
        parts.append(count(len(texts) - len(shown), "more column"))
    if parts:
        to.print()
        to.print(command_line("next: ", [*words, "--output", "rows.csv"], " and ".join(parts)))


def fitting(texts: dict[str, list[str]], width: int) -> list[str]:
    """The names of the first columns that fit side by side; one at least."""
    from rich.cells import cell_len

    shown: list[str] = []
    used = -2
    for name, entries in texts.items():
        used += 2 + max(cell_len(cut(entry)) for entry in entries)
        if used > width and shown:
            break
        shown.append(name)
    return shown


def cell(entry: Any) -> str:
    """An entry as text: a number digit by digit, yes and no, a dash where there is none."""
    if entry is None or (isinstance(entry, float) and np.isnan(entry)):
        return "–"
    if isinstance(entry, bool):
        return "yes" if entry else "no"
    return digits(entry) if isinstance(entry, float) else cut(entry)


def cut(entry: Any) -> str:
    """A text on one line, cut where it is long."""
    text = one_line(str(entry))
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"
