# SPDX-License-Identifier: MIT
"""Verifying: plant errors in a copy of a table, make the label report as `culpa blame` does, and count what it found.

The errors are in the copy before anything is learnt: split, encoding, the training that finds the best number of
epochs, the training on all rows and the witnesses see the planted labels and nothing else. What the label report does
not need (check, baselines, blame) is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.admitting import admit_table
from culpa.blaming.encoding import encoded_rows
from culpa.blaming.labelling import needs_columns, scored_rows
from culpa.blaming.labels.forest import forest_probabilities
from culpa.blaming.labels.record import was_interrupted
from culpa.blaming.labels.report import LabelReport
from culpa.blaming.labels.scores import Scores
from culpa.blaming.labels.suspecting import Names, admit_score, label_report
from culpa.blaming.teaching import taught
from culpa.blaming.verifying.beside import is_ahead, rows_above
from culpa.blaming.verifying.planting import CLASS_KINDS, NUMBER_KINDS, plant, planted_count
from culpa.blaming.verifying.verification import PLAIN, Trial, Verification, by_chance, ranked
from culpa.errors import DataError, OptionError, unknown_name
from culpa.reporting.frames import Frame
from culpa.reporting.progress import Advance, Show, progress
from culpa.tables.columns import Columns
from culpa.tables.parting import split_table, target_of
from culpa.tables.raw import RawTable
from culpa.tables.roles import Task

__all__ = ["SHARE", "verify", "verify_table"]

SHARE = 0.02
"""Of the rows that are planted unless somebody says it."""


def verify(
    X: Any,
    y: Any = None,
    *,
    share: float = SHARE,
    kinds: str | Sequence[str] | None = None,
    ids: Sequence[Any] | None = None,
    columns: Sequence[str] | None = None,
    target: str | None = None,
    task: Task | None = None,
    score: str = "auto",
    seed: int = 0,
    show_progress: Show = "auto",
) -> Verification:
    """Plant wrong labels in a copy of a table, and say how many of them the label report finds.

    Args:
        X, y, ids, columns, target, task: As for `investigate`.
        share: Of the rows, for each kind apart; at least one row, at most half of them.
        kinds: One or several: "uniform", "class-dependent", "boundary" for classes, "swap" for numbers; all by default.
        score: How labels are ranked, as for `investigate`.
        seed, show_progress: Of everything random; "auto" shows a bar on a terminal.

    Returns:
        A Verification. Real mistakes are harder to find than planted ones.

    Raises:
        ShapeError, DataError, OptionError: If something given cannot be used.

    Example:
        >>> X = np.random.default_rng(0).normal(size=(120, 2))
        >>> verify(X, X[:, 0] > 0, share=0.05, kinds=["uniform"], score="record")
        Verification(record: 6 of 6 uniform)
    """
    table = admit_table(X, y, ids=ids, columns=columns, target=target, task=task)
    return verify_table(table, share=share, kinds=kinds, score=score, seed=seed, show_progress=show_progress)


def verify_table(
    table: RawTable,
    *,
    share: float = SHARE,
    kinds: str | Sequence[str] | None = None,
    score: str = "auto",
    seed: int = 0,
    said: Mapping[str, Any] | None = None,
    show_progress: Show = "auto",
) -> Verification:
    """As `verify`, for a raw table; `said` are the entries of its Choice that are not chosen.

    Ctrl-C ends it with the kinds that are finished; before the first of them it is an interruption as any other.
    """
    asked = admitted_kinds(table, kinds)
    admit_score(score, table.classes is not None)
    if score == "none":
        raise OptionError("Without a score no row is ranked, and nothing can be found.", hint='leave "none" out.')
    planted_count(len(table), share)  # a share that cannot be is refused before any work begins
    trials: list[Trial] = []
    with progress("verifying", 2 * (len(asked) + 1), show=show_progress) as advance:
        way = Way(score, seed, dict(said or {}), advance)
        before = run(table, way, "as it is")
        try:
            for kind in asked:
                trials += [trial(table, before, kind, share, way)]
        except KeyboardInterrupt:
            if not trials:
                raise
    return Verification(
        table.name,
        len(table),
        table.task,
        share,
        seed,
        before.report.method,
        asked,
        tuple(trials),
        before.report.wrong,
        interrupted=len(trials) < len(asked),
        plain_ahead=is_ahead([one.above for one in trials if one.above is not None], seed),
    )


def admitted_kinds(table: RawTable, kinds: str | Sequence[str] | None) -> tuple[str, ...]:
    """The kinds of error for a table: those asked for, or all that it can have."""
    known = CLASS_KINDS if table.classes else NUMBER_KINDS
    asked = (kinds,) if isinstance(kinds, str) else tuple(kinds or known)
    for kind in asked:
        if kind not in known and kind in (*CLASS_KINDS, *NUMBER_KINDS):
            held = "classes" if table.classes else "numbers"
            raise OptionError(f"{table.target} holds {held}, for which the kinds are {', '.join(known)}; got {kind!r}.")
        if kind not in known:
            raise unknown_name("kind of error", kind, known)
    return tuple(dict.fromkeys(asked))


class Way(NamedTuple):
    """How every report is made.

    Attributes:
        score, seed, said: As given.
        advance: The bar's.
    """

    score: str
    seed: int
    said: dict[str, Any]
    advance: Advance


class Run(NamedTuple):
    """The label report of one table.

    Attributes:
        columns: How its inputs were encoded.
        scores: Of all rows.
        report: The same in the reader's words.
    """

    columns: Columns
    scores: Scores
    report: LabelReport


def run(table: RawTable, way: Way, note: str) -> Run:
    """Make the label report of a table, from the split on.

    Raises:
        KeyboardInterrupt: If Ctrl-C ended a training: what it had reached is no report.
    """
    way.advance(note, by=0)
    train, held = split_table(table, way.seed)
    network, choice, _, _ = taught(table, train, said=way.said, seed=way.seed, show_progress=False)
    if was_interrupted(network):
        raise KeyboardInterrupt
    way.advance(note)
    scores, rows = scored_rows(table, network, choice, held, score=way.score, seed=way.seed)
    way.advance(note)
    columns = needs_columns(network)
    report = label_report(scores, rows.y, columns, Names(table.rows, table.ids), rows.weights)
    return Run(columns, scores, report)


def trial(table: RawTable, before: Run, kind: str, share: float, way: Way) -> Trial:
    """Plant one kind of error, make the report, and see where the planted rows stand in it."""
    wrong, rows = planted_table(table, before, kind, share, way.seed)
    found = run(wrong, way, kind)
    report, final = found.report, found.scores.final
    suspicion = report.rows["suspicion"]
    place = np.empty(len(table), np.intp)
    place[report.order] = np.arange(1, len(table) + 1)
    known = table.classes is not None  # labels as reports spell them; numbers as they were, not scaled and back
    seen = {
        "row": table.rows[rows],
        "id": report.rows["id"][rows],
        "was": (before.report.rows["given"] if known else target_of(table))[rows],
        "planted": (report.rows["given"] if known else target_of(wrong))[rows],
        "proposed": report.rows["proposed"][rows],
        "place": place[rows],
        "suspicion": suspicion[rows],
    }
    if final is None:
        raise DataError("The training recorded no loss of each row, and there is nothing to compare with.")
    rankings = (ranked(report.method, suspicion, rows), ranked(PLAIN, final, rows), by_chance(len(table), len(rows)))
    above = rows_above((suspicion, final), rows)
    return Trial(kind, Frame(seen), rankings, len(table), report.wrong, above)


def planted_table(
    table: RawTable, before: Run, kind: str, share: float, seed: int
) -> tuple[RawTable, NDArray[np.intp]]:
    """A copy of a table with errors of one kind in its target, and the places of the rows that have one.

    The boundary is where a forest is undecided that was grown on the labels as they are, out of the bag. That favours
    no ranking, or plain loss: the forest is a part of culpa's own score.
    """
    y = target_of(table)
    if table.classes is None:
        planted = plant(y, share, kind, seed=seed, weights=table.weights)
        return replace(table, y=planted.y), planted.rows
    X, given, weights = encoded_rows(table, before.columns)
    said = None
    if kind == "boundary":
        said = forest_probabilities(X, given, len(table.classes), weights=weights, groups=table.groups, seed=seed)
    planted = plant(given, share, kind, seed=seed, probabilities=said, weights=weights)
    numbers, first = np.unique(given, return_index=True)
    labels = y.copy()
    labels[planted.rows] = y[first[np.searchsorted(numbers, planted.y[planted.rows])]]
    return replace(table, y=labels), planted.rows
