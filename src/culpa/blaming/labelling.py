# SPDX-License-Identifier: MIT
"""The stage of the main job that makes the label report: what it will cost, more trainings, witnesses, reasons.

It goes over all rows, the held-out ones too, with the encoding that the network has. Who scores, counts and explains
is the label report's own matter (`labels`); here is when, on what, and what is told beforehand.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.costing import label_cost
from culpa.blaming.encoding import Encoded, encoded_rows
from culpa.blaming.labels.outside import admit_probabilities, outside_scores
from culpa.blaming.labels.reasons import reasons_for
from culpa.blaming.labels.record import was_interrupted
from culpa.blaming.labels.report import LabelReport, Reasons
from culpa.blaming.labels.scores import Scores
from culpa.blaming.labels.suspecting import Names, label_report, score_labels
from culpa.blaming.labels.twins import Twins, twins_of
from culpa.engine.network import Network
from culpa.engine.predicting import classes
from culpa.errors import CulpaWarning, DataError
from culpa.reporting.progress import Show
from culpa.tables.columns import Columns
from culpa.tables.raw import RawTable
from culpa.training.choosing import Choice
from culpa.training.tuning import start_of

__all__ = [
    "MOST_ROWS",
    "Asking",
    "Labelled",
    "labelled",
    "needs_columns",
    "needs_probabilities",
    "outside_report",
    "scored_rows",
]

MOST_ROWS = 200_000
"""Of more rows no label report is made unless a score is named."""
REASONS, MOST_REASONS = 20, 100
"""Reasons are made for as many suspects as look wrong, but for so many at least, and at most."""


@dataclass(frozen=True, slots=True)
class Asking:
    """How a label report is wanted.

    Args:
        score: One of SCORES.
        settled: Which rows (n,) the reader has decided on, or None.
        probabilities: Another model's (n, K), or None.
        tell: Takes what is to be said beforehand.
    """

    score: str = "auto"
    settled: NDArray[np.bool_] | None = None
    probabilities: NDArray[np.float64] | None = None
    tell: Callable[[str], None] | None = None


class Labelled(NamedTuple):
    """A label report, or why there is none.

    Attributes:
        report: The report.
        why: Why there is none, in a sentence.
        interrupted: Whether Ctrl-C ended it.
    """

    report: LabelReport | None
    why: str = ""
    interrupted: bool = False


def labelled(
    table: RawTable,
    network: Network,
    choice: Choice,
    held: NDArray[np.intp],
    *,
    asking: Asking,
    seed: int,
    show_progress: Show,
) -> Labelled:
    """Make the label report of all rows, unless nobody asked, they are too many, or Ctrl-C was pressed.

    Args:
        table: The raw table, which is encoded here.
        network: As it was trained; it knows its columns and its best epoch, and gives the reasons.
        choice: How it was trained.
        held: The places of the held-out rows.
        asking: What is wanted.
        seed, show_progress: As everywhere.
    """
    why = refused(table, network, choice, asking)
    if why:
        return Labelled(None, why)
    if asking.score != "none" and asking.tell is not None:
        cost = label_cost(network, planned_for(network, choice), len(table), asking.score)
        if cost.worth_telling:
            asking.tell(cost.sentence)
    try:
        return Labelled(report_of(table, network, choice, held, asking, seed, show_progress))
    except KeyboardInterrupt:
        return Labelled(None, "The label report was interrupted.", interrupted=True)


def refused(table: RawTable, network: Network, choice: Choice, asking: Asking) -> str:
    """Why no label report is made; nothing where one is."""
    if asking.score == "none" and asking.probabilities is None:
        return "No label report was asked for."
    if was_interrupted(network):
        return "The training was interrupted, so that no label report was made."
    if asking.score == "auto" and asking.probabilities is None and len(table) > MOST_ROWS:
        witness = "bags" if table.classes is None else "forest"
        planned = planned_for(network, choice)
        record, beside = (label_cost(network, planned, len(table), score).about for score in ("record", witness))
        if asking.tell is not None:
            asking.tell(
                f"no label report of more than {MOST_ROWS:,} rows unless it is asked for: --score record needs about "
                f"{record}, --score {witness} about {beside}"
            )
        return f"Of more than {MOST_ROWS:,} rows a label report is made only where a score is named."
    return ""


def report_of(
    table: RawTable,
    network: Network,
    choice: Choice,
    held: NDArray[np.intp],
    asking: Asking,
    seed: int,
    show_progress: Show,
) -> LabelReport:
    """The label report of a raw table's rows, by a training of their own and by another model's probabilities."""
    columns, twins = needs_columns(network), twins_of(table)
    numbers = table.y if table.classes is None else None
    names = Names(table.rows, table.ids, np.isin(np.arange(len(table)), held), asking.settled, numbers)
    rows = all_rows(table, columns, show_progress)
    reports: list[tuple[LabelReport, Scores]] = []

    def add(scores: Scores) -> None:
        reports.append((label_report(scores, rows.y, columns, names, rows.weights, twins=twins.contrary), scores))

    if asking.score != "none":
        scores = score_rows(
            table, network, choice, rows, held, score=asking.score, seed=seed, show_progress=show_progress
        )
        add(scores)
    if asking.probabilities is not None:
        add(outside_scores(asking.probabilities, rows.y, labels=table.classes, rows=table.rows))
    (report, scores), *rivals = reports
    return replace(
        report,
        reasons=reasons_of(report, scores, network, table, rows, twins, held, show_progress),
        rival=rivals[0][0] if rivals else None,
    )


def outside_report(
    network: Network, table: RawTable, rows: Encoded, probabilities: NDArray[np.float64], show_progress: Show = "auto"
) -> LabelReport:
    """The label report by another model's probabilities alone, where nothing is trained."""
    twins, scores = twins_of(table), outside_scores(probabilities, rows.y, labels=table.classes, rows=table.rows)
    names = Names(table.rows, table.ids)
    report = label_report(scores, rows.y, network.columns, names, rows.weights, twins=twins.contrary)
    none_held = np.empty(0, np.intp)
    return replace(report, reasons=reasons_of(report, scores, network, table, rows, twins, none_held, show_progress))


def reasons_of(
    report: LabelReport,
    scores: Scores,
    network: Network,
    table: RawTable,
    rows: Encoded,
    twins: Twins,
    held: NDArray[np.intp],
    show_progress: Show,
) -> dict[int, Reasons]:
    """Why the first of a report's rows are suspected; usual is what the rows have that the accounts are of."""
    learnt = np.ones(len(table), np.bool_) if rows.weights is None else rows.weights > 0
    learnt[held] = False
    return reasons_for(
        network,
        table,
        rows.X,
        rows.y,
        scores,
        report.order[: reasons_made(report)],
        twins=twins,
        usual=np.flatnonzero(learnt),
        show_progress=show_progress,
    )


def reasons_made(report: LabelReport) -> int:
    """For how many suspects reasons are made: as many as look wrong, and some in any case."""
    likely = 0 if report.wrong is None else round(report.wrong.likely)
    return min(max(likely, REASONS), MOST_REASONS)


class ScoredRows(NamedTuple):
    """All rows of a table, scored.

    Attributes:
        scores: Of the labels.
        rows: As they were encoded.
    """

    scores: Scores
    rows: Encoded


def scored_rows(
    table: RawTable,
    network: Network,
    choice: Choice,
    held: NDArray[np.intp],
    *,
    score: str,
    seed: int,
    show_progress: Show = False,
) -> ScoredRows:
    """Encode all rows and score their labels, by a training of their own."""
    rows = all_rows(table, needs_columns(network), show_progress)
    scores = score_rows(table, network, choice, rows, held, score=score, seed=seed, show_progress=show_progress)
    return ScoredRows(scores, rows)


def all_rows(table: RawTable, columns: Columns, show_progress: Show) -> Encoded:
    """All rows, encoded by what the training rows have taught; what the held-out ones have new has been told."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CulpaWarning)
        return encoded_rows(table, columns, None, show_progress)


def score_rows(
    table: RawTable,
    network: Network,
    choice: Choice,
    rows: Encoded,
    held: NDArray[np.intp],
    *,
    score: str,
    seed: int,
    show_progress: Show,
) -> Scores:
    """The scores of all rows' labels: trainings as long as the first one was, or was best, and witnesses."""
    best = 1 if network.training is None else network.training.best_epoch
    several = len(table.classes) if table.classes else None
    return score_labels(
        start_of(choice, network.sizes[0], several, seed),
        rows.X,
        rows.y,
        options={**choice.training(), "epochs": best, "patience": None, "refit": False},
        planned=planned_for(network, choice),
        unseen=unseen_right(network, rows, held),
        weights=rows.weights,
        groups=table.groups,
        score=score,
        seed=seed,
        show_progress=show_progress,
    )


def planned_for(network: Network, choice: Choice) -> int:
    """The epochs of a training as long as the first one was: `patience` may have ended it."""
    return choice.epochs if network.training is None else max(1, len(network.training.history))


def unseen_right(network: Network, rows: Encoded, held: NDArray[np.intp]) -> NDArray[np.float64] | None:
    """Whether a network gives each row its label that it has not seen (n,), 1 or 0; NaN for those that it has."""
    if not network.loss.is_classification or not len(held):
        return None
    found = np.full(len(rows.y), np.nan)
    found[held] = classes(network, rows.X[held]) == np.asarray(rows.y)[held]
    return found


def needs_columns(network: Network) -> Columns:
    """The columns of a network that was trained on a table."""
    if network.columns is None:
        raise DataError("The network knows no columns.", hint="`investigate` trains one that does.")
    return network.columns


def needs_probabilities(probabilities: Any, table: RawTable) -> NDArray[np.float64]:
    """Another model's probabilities (n, K) of a table's rows, before hours go into anything else."""
    if table.classes is None:
        raise DataError("`pred_probs` are of classes, and the target holds numbers.")
    given = np.zeros(len(table), np.intp)  # how many there are is all that matters here
    return admit_probabilities(probabilities, given, labels=table.classes, rows=table.rows)
