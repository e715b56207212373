# SPDX-License-Identifier: MIT
"""What `culpa blame` prints on a terminal: the report, what to do next, and how to get the same again."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, NamedTuple

from culpa.blaming.deciding.retraining import Decided
from culpa.blaming.deciding.suspects_file import free_name
from culpa.blaming.findings.case import LISTED
from culpa.blaming.investigating import Investigation
from culpa.blaming.labels.record import was_interrupted
from culpa.blaming.telling import option
from culpa.blaming.terminal import show_accounts, show_opening
from culpa.blaming.tuning_terminal import show_tuning
from culpa.cli.common import made_line, note
from culpa.cli.deciding import Files, next_line, show_decided
from culpa.reporting.terminal import command_line
from culpa.tables.raw import RawTable
from culpa.training.candidates import SPACE

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["TOP", "Told", "cut_short", "exit_code", "option_words", "searched", "show_report", "top_words"]

TOP = LISTED
"""How many rows are listed unless --top says it."""
PAGE = "report.html"
"""What the next command calls the page."""


class Told(NamedTuple):
    """What was said on the command line.

    Attributes:
        words: The command behind `culpa` that finds the same.
        beside_model: Those words that a saved network does not know by itself.
        known: What the reader said and need not be told.
        top: How many rows are listed, where the reader says it.
        saved: Where the network was kept.
        html: Where the page is written to.
        files: The lists of the loop.
        checksum: Of the table as it was read.
    """

    words: tuple[str, ...]
    beside_model: tuple[str, ...]
    known: Collection[str]
    top: int | None
    saved: str | None
    html: str | None
    files: Files
    checksum: str


def show_report(to: "Console", found: Investigation, table: RawTable, told: Told, decided: Decided | None) -> None:
    """The report, what to do next, and how to get the same again."""
    show_opening(to, found, table, told.known)
    if decided is not None:
        show_decided(to, decided)
    to.print()
    show_accounts(to, found, table, told.top or TOP)
    if found.tuning is not None:
        to.print()
        show_tuning(to, found.tuning, metric=found.metric)
    to.print()
    for words, remark in next_commands(found, table, told):
        to.print(command_line("next: ", ["culpa", *words], remark))
    if told.files.suspects is not None and found.labels is not None:
        to.print(next_line(told.files, list(told.words)))
    known = "" if found.tuning is None else "the same without a search; "
    to.print(made_line([*told.words, *top_words(told.top)], told.checksum, known))


def next_commands(found: Investigation, table: RawTable, told: Told) -> "list[tuple[list[str], str]]":
    """What a reader would ask next."""
    words, top = list(told.words), told.top or TOP
    if found.labels is not None:
        more = [
            *([] if told.files.suspects else ["--suspects", free_name(told.words)]),
            *([] if told.html else ["--html", PAGE]),
        ]
        remark = {0: "", 2: "a list to decide on" if told.html else "the whole report as a page"}
        return [([*words, *more], remark.get(len(more), "a list to decide on, and a page"))] if more else []
    if told.saved is not None:
        more = ["blame", words[1], *told.beside_model, "--model", told.saved]
        return [([*more, *more_rows(top, len(table))], "all rows, the held-out ones too")]
    if cut_short(found):
        return []  # more of its rows would take all that was interrupted, from the start
    rows = len(found.train_rows)
    return [([*words, *more_rows(top, rows)], "more of these rows")] if top < rows else []


def searched(found: Investigation) -> dict[str, object]:
    """The entries of the choice that a search has found, for a training without one; none where the default stands."""
    if found.tuning is None or found.tuning.chosen == 0:
        return {}
    return {name: getattr(found.tuning.best, name) for name in SPACE}


def option_words(values: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """Values as the command line takes them, by the options' names."""
    words = [option(name, value) for name, value in values.items() if value is not None]
    return {word[0]: word for word in words}


def top_words(top: int | None) -> list[str]:
    """The option that says how many rows are listed, where it is not as usual."""
    return [] if top in (None, TOP) else ["--top", str(top)]


def more_rows(top: int, rows: int) -> list[str]:
    """The option that lists five times as many."""
    return ["--top", str(min(5 * top, rows))]


def cut_short(found: Investigation) -> bool:
    """Whether Ctrl-C ended the training or the label report."""
    return was_interrupted(found.network) or found.interrupted


def exit_code(found: Investigation, *, trained: bool) -> int:
    """0; 1 for a wrong gradient; 130 where Ctrl-C ended a training, the search or the label report, which is told."""
    if trained and was_interrupted(found.network):
        note("this is what the interrupted training had reached")
        return 130
    if found.tuning is not None and found.tuning.interrupted:
        note("this is the best of what the interrupted search had finished")
        return 130
    if found.interrupted and not found.check.blocks:
        note("the check of the gradient was interrupted, and no label report was begun; all else is as it would be")
        return 130
    if found.interrupted:
        note("the label report was interrupted; all else is as it would have been")
        return 130
    return 1 if any(block.verdict == "wrong" for block in found.check.blocks) else 0
