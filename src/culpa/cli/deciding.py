# SPDX-License-Identifier: MIT
"""The loop on the command line: --suspects writes a list to work through, --decisions reads it, --apply corrects.

What `culpa blame` calls for these options. Knows no training: `investigate_decided` is called where others are.
"""

import os
import shlex
import warnings
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

from culpa.blaming.deciding.applying import apply_decisions
from culpa.blaming.deciding.cells import decisions_in
from culpa.blaming.deciding.comparing import Difference
from culpa.blaming.deciding.decisions import Decisions, read_decisions
from culpa.blaming.deciding.retraining import Decided, sentences
from culpa.blaming.deciding.rewriting import needs_rewritable, write_corrected
from culpa.blaming.deciding.suspects_file import write_suspects
from culpa.blaming.labels.report import LabelReport
from culpa.cli.common import keeps_inputs, note
from culpa.errors import CulpaWarning, OptionError
from culpa.reporting.terminal import command_line, count, folded
from culpa.storing import needs_writable
from culpa.tables.files.writing import form_of
from culpa.tables.raw import RawTable
from culpa.tables.roles import Form

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["Files", "admit_files", "decided_document", "decided_on", "deliver_suspects", "next_line", "show_decided"]

WIDTH = 14
"""How wide the words are in front of the sentences, as in the report."""


class Files(NamedTuple):
    """What the options name.

    Attributes:
        suspects: Where the list of suspects is written to.
        decisions: The lists that were worked through.
        apply: Where the corrected table is written to.
    """

    suspects: str | None = None
    decisions: tuple[str, ...] = ()
    apply: str | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the command line that say what was decided; what is written is not said again."""
        return tuple(word for path in self.decisions for word in ("--decisions", path))


def admit_files(files: Files, data: str, *inputs: str | None, training: bool = True) -> None:
    """Refuse, before any work begins, what cannot be read or written, and what would write over what was read.

    Args:
        files: What the options name.
        data: The table.
        inputs: What else is read, such as --model and --validation.
        training: Whether a network is trained, which decisions and lists need.
    """
    if not training and (files.suspects or files.decisions or files.apply):
        option = "--suspects" if files.suspects else "--decisions" if files.decisions else "--apply"
        raise OptionError(f"{option} cannot stand beside --model: labels are ranked by a training on the table.")
    if files.apply is not None and not files.decisions:
        raise OptionError(
            "--apply writes the table with what was decided, and nothing was.",
            hint="--decisions FILE names the list that was worked through.",
        )
    if files.apply is not None:
        needs_rewritable(data, files.apply)
    written = {name: path for name, path in (("--suspects", files.suspects), ("--apply", files.apply)) if path}
    for path in written.values():
        keeps_inputs(path, data, *files.decisions, *inputs)
        form_of(path)
        needs_writable(path)
    if files.suspects is not None:
        needs_undecided(files.suspects)
    for (one, first), (other, second) in combinations(written.items(), 2):
        if os.path.realpath(first) == os.path.realpath(second):
            raise OptionError(f"{one} and {other} would both be written to {first}.", hint="name two files.")


def needs_undecided(path: str) -> None:
    """Refuse to write over a list with decisions: they are somebody's work."""
    found = decisions_in(path)
    if found:
        raise OptionError(
            f"{path} holds {count(found, 'decision')}, which would be written over.",
            hint=f"--decisions {shlex.quote(path)} reads them; a new list needs another name.",
        )


def decided_on(files: Files, source: str, form: Form, table: RawTable) -> Decisions | None:
    """What was decided on the rows of a table; the corrected one is written at once, before hours go into training.

    Args:
        files: What the options name.
        source: The table's file, or its bundled name.
        form: How it is written, as far as the reader says it.
        table: The table as it was read.

    Returns:
        The decisions; None without --decisions.
    """
    if not files.decisions:
        return None
    decisions = read_decisions(files.decisions, table)
    apply_decisions(table, decisions)  # refuses those that leave nothing to learn, before anything is written
    if files.apply is not None:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", CulpaWarning)
            kept = write_corrected(source, form, table, decisions, files.apply)
        for warning in caught:
            note(f"warning: {warning.message}")
        note(f"{files.apply}: {count(kept, 'row')}, {decisions.sentence}; {source} is as it was")
        if form.encoding is not None:
            note(f"{files.apply} is written in UTF-8; it needs no --encoding")
    return decisions


def deliver_suspects(
    files: Files, report: LabelReport | None, table: RawTable, *, top: int | None = None, interrupted: bool = False
) -> None:
    """Write the list of suspects, where it is asked for, and say so on stderr.

    Args:
        files: What the options name.
        report: The label report whose suspects are listed.
        table: The table as it was read.
        top: How many, where the reader says it.
        interrupted: Whether Ctrl-C is why there is no report.
    """
    if files.suspects is not None:
        if report is None and interrupted:
            note(f"{files.suspects} was not written: the report was interrupted before its labels were ranked")
            return
        if report is None:
            raise OptionError(
                "--suspects lists the rows of a label report, and none was made.",
                hint="--score record is the quickest.",
            )
        listed = write_suspects(report, files.suspects, count=top, table=table)
        what = "value" if report.task == "regression" else "label"
        note(f"{files.suspects}: {count(listed, 'suspect')}, the likeliest wrong {what} first")


def show_decided(to: "Console", decided: Decided) -> None:
    """What the decisions have led to, under the report's first lines."""
    to.print()
    for word, sentence in sentences(decided):
        lines = folded(f"{'':{WIDTH}}{sentence}").split("\n")
        to.print(f"  {word:{WIDTH - 2}}{lines[0].strip()}")
        for line in lines[1:]:
            to.print(f"{'':{WIDTH}}{line.strip()}")


def decided_document(decided: Decided) -> dict[str, Any]:
    """The same as plain values."""
    decisions = decided.decisions
    return {
        "kept": decisions.kept,
        "dropped": decisions.dropped,
        "corrected": [
            {"row": row, "label": label}
            for row, label in zip(decisions.changed.tolist(), decisions.labels.tolist(), strict=True)
        ],
        "held_out": {"corrected": decided.held_changed, "dropped": decided.held_dropped},
        "before_as_given": decided.before.score,
        "comparison": difference_document(decided.difference),
    }


def difference_document(found: Difference) -> dict[str, Any]:
    """A difference with its interval."""
    return {**found._asdict(), "difference": found.difference, "clear": found.clear, "level": 0.95}


def next_line(files: Files, words: list[str]) -> str:
    """The command that reads the list once it is worked through.

    Args:
        files: What the options name.
        words: The command behind `culpa` as it would be said again.
    """
    more = [*words, "--decisions", str(files.suspects)]
    return command_line("next: ", ["culpa", *more], "once its column decision says keep, drop, or what is right")
