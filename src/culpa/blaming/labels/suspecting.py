# SPDX-License-Identifier: MIT
"""Suspecting: train once more on all rows, or twice, ask the witnesses, and make the label report.

classes    the record of that training, a forest beside it, and a second training that heeds both: `rounds`
numbers    networks that have not seen the value averaged with boosting, residual over its local scale: `bags`
"""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.labels.bags import target_scores
from culpa.blaming.labels.counting import counted, expected_shares
from culpa.blaming.labels.odds import estimated, shares
from culpa.blaming.labels.record import final_losses, mean_losses, recorded
from culpa.blaming.labels.report import LabelReport
from culpa.blaming.labels.residuals import judged
from culpa.blaming.labels.rounds import two_rounds
from culpa.blaming.labels.scores import Scores
from culpa.blaming.labels.witnesses import RECORD_VALUES, record_alone
from culpa.engine.network import Network
from culpa.errors import OptionError, unknown_name
from culpa.reporting.frames import Frame
from culpa.reporting.progress import Show
from culpa.tables.columns import Columns
from culpa.training.record import Examples

__all__ = ["SCORES", "Names", "admit_score", "label_report", "recorded_for", "score_labels"]

SCORES = ("auto", "record", "forest", "bags", "none")


class Names(NamedTuple):
    """What the rows are called.

    Attributes:
        rows: Their numbers (n,) in the reader's file.
        ids: Their names (n,), or None.
        held: Whether a row was held out (n,), or None.
        settled: Whether the reader has decided on it (n,), or None.
        given: Their values (n,) of a target of numbers, exactly as the table has them, or None.
    """

    rows: NDArray[np.intp]
    ids: NDArray[Any] | None = None
    held: NDArray[np.bool_] | None = None
    settled: NDArray[np.bool_] | None = None
    given: NDArray[np.float64] | None = None


def admit_score(score: str, classification: bool) -> None:
    """Refuse a score that is none, or not one for such a task.

    Raises:
        OptionError: If it is.
    """
    if score not in SCORES:
        raise unknown_name("score", score, SCORES)
    if score == "forest" and not classification:
        hint = 'score="auto" takes networks and boosting that have not seen the value.'
        raise OptionError("A forest judges classes here, and the target is a number.", hint=hint)
    if score == "bags" and classification:
        hint = 'score="auto" takes the records of two trainings and a forest.'
        raise OptionError("Bags judge numbers here, and the target is a class.", hint=hint)


def score_labels(
    start: Network,
    X: NDArray[Any],
    y: NDArray[Any],
    *,
    options: dict[str, Any],
    planned: int | None = None,
    unseen: NDArray[np.float64] | None = None,
    weights: NDArray[np.float64] | None = None,
    groups: NDArray[Any] | None = None,
    score: str = "auto",
    seed: int = 0,
    trees: int | None = None,
    show_progress: Show = "auto",
) -> Scores:
    """Score all rows of a table.

    Args:
        start: The untrained network.
        X, y: All rows, encoded.
        options: Of `fit`, for the trainings on all rows; its epochs are those that were best for rows held out.
        planned: The epochs that were planned: for classes a training goes through all of them, or halfway there by
            `recorded_for`.
        unseen: Whether a network that has not seen the row gives it its label (n,), 1 or 0; NaN where none is at hand.
        weights, groups: Of the rows (n,), or None.
        score: One of SCORES but "none".
        seed, show_progress: As everywhere.
        trees: Of the forest, instead of as many as the number of rows asks for.

    Raises:
        KeyboardInterrupt: If Ctrl-C ended a training.
    """
    admit_score(score, start.loss.is_classification)
    shared: dict[str, Any] = {"weights": weights, "groups": groups, "seed": seed, "show_progress": show_progress}
    best = options.get("epochs", 1)

    def learn(epochs: int, weights: NDArray[np.float64] | None) -> tuple[Network, Examples]:
        told: dict[str, Any] = {"epochs": epochs, "weights": weights, "seed": seed, "show_progress": show_progress}
        return recorded(start, X, y, **{**options, **told})

    if start.loss.is_classification:
        short = recorded_for(best, planned)
        if score == "record":
            return record_alone(learn(short, weights)[1], y, unseen)
        return two_rounds(learn, X, y, epochs=(short, planned or short), unseen=unseen, trees=trees, **shared)
    _, examples = learn(best, weights)
    numbers = np.asarray(y, np.float64)
    if score == "record":
        proposed = np.asarray(examples.outputs, np.float64)[:, 0]
        found = judged(numbers, proposed, method="record", why=RECORD_VALUES, weights=weights, unseen=False)
    else:
        found = target_scores(start, X, numbers, options=options, **shared)
    return found._replace(losses=mean_losses(examples), final=final_losses(examples))


def recorded_for(best: int, planned: int | None) -> int:
    """How many epochs the recorded training goes through: halfway, by factors, from the best to the planned number.

    A shorter one knows too little of the labels, a longer one has learnt wrong ones too; docs/labels.md says how much.

    Example:
        >>> recorded_for(4, 100), recorded_for(30, None)
        (20, 30)
    """
    least = max(1, best)
    return least if planned is None else max(1, round((least * planned) ** 0.5))


def label_report(
    scores: Scores,
    y: NDArray[Any],
    columns: Columns | None,
    names: Names,
    weights: NDArray[np.float64] | None = None,
    *,
    twins: NDArray[np.intp] | None = None,
) -> LabelReport:
    """Scores in the reader's words and units; `twins` are how many identical rows of each have another label."""
    n = len(names.rows)
    w = np.ones(n) if weights is None else weights
    losses = np.full(n, np.nan) if scores.losses is None else scores.losses
    frame: dict[str, NDArray[Any]] = {"row": names.rows, "id": names.rows if names.ids is None else names.ids}
    each = np.arange(n)
    if scores.probabilities is not None:
        p = scores.probabilities
        labels = np.asarray(range(p.shape[1]) if columns is None or columns.classes is None else columns.classes)
        frame |= {"given": labels[y], "proposed": labels[scores.proposed]}
        frame |= {"probability": p[each, scores.proposed], "given_probability": p[each, y]}
        frame["margin"] = frame["probability"] - frame["given_probability"]
    else:
        frame |= of_numbers(scores, y, columns, names.given)
    frame |= {"suspicion": scores.suspicion, "loss": losses, "share": w * losses / (w @ losses)}
    frame["held_out"] = np.zeros(n, bool) if names.held is None else names.held
    frame["twins"] = np.zeros(n, np.intp) if twins is None else twins
    task = "regression" if scores.probabilities is None else "classification"
    report = LabelReport(
        Frame(frame),
        scores.method,
        scores.why,
        task,
        scores.wrong,
        scores.expected,
        scores.memory,
        settled=names.settled,
    )
    if names.settled is not None and scores.chances is not None:
        ranked = scores.chances[report.order]
        return replace(report, wrong=estimated(ranked), expected=shares(ranked))
    if names.settled is None or scores.doubts is None:
        return report
    wrong = counted(scores.doubts[~names.settled], scores.borne)  # what was decided is no longer in doubt
    return replace(report, wrong=wrong, expected=expected_shares(scores.doubts, report.order, scores.borne))


def of_numbers(
    scores: Scores, y: NDArray[Any], columns: Columns | None, given: NDArray[np.float64] | None
) -> dict[str, NDArray[Any]]:
    """A report's columns for a target of numbers, in its own unit; `given` as it is, where it is at hand."""
    decode = (lambda h: h) if columns is None else columns.decode_target
    # There and back through the scaling a number may come out another one in its last digit.
    values = decode(np.asarray(y)) if given is None else np.asarray(given, np.float64)
    frame = {"given": values, "proposed": decode(scores.proposed)}
    for name, ends in (("low", scores.low), ("high", scores.high)):
        if ends is not None:
            frame[name] = decode(ends)
    if scores.residual is not None:
        frame["residual"] = values - frame["proposed"]
    if scores.spread is not None:
        frame["spread"] = scores.spread * (1.0 if columns is None else columns.target_scale)
    return frame
