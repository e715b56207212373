# SPDX-License-Identifier: MIT
"""Suspecting: train once more on all rows, ask the witnesses, and make the label report.

classes    ½ (the record's mean probabilities + a forest's out-of-bag ones), score 1 − p(given)
numbers    out-of-bag networks averaged with boosting, residual over its local scale
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.labels.bags import target_scores
from culpa.blaming.labels.forest import forest_probabilities
from culpa.blaming.labels.record import final_losses, mean_losses, mean_probabilities, recorded, was_interrupted
from culpa.blaming.labels.report import LabelReport
from culpa.blaming.labels.residuals import judged
from culpa.blaming.labels.scores import Scores, best_others
from culpa.engine.network import Network
from culpa.errors import unknown_name
from culpa.reporting.frames import Frame
from culpa.reporting.progress import Show
from culpa.tables.columns import Columns

__all__ = ["SCORES", "Names", "label_report", "score_labels"]

SCORES = ("auto", "record", "forest", "bags", "none")


class Names(NamedTuple):
    """What the rows are called.

    Attributes:
        rows: Their numbers (n,) in the reader's file.
        ids: Their names (n,), or None.
        held: Whether a row was held out (n,), or None.
        settled: Whether the reader has decided on it (n,), or None.
    """

    rows: NDArray[np.intp]
    ids: NDArray[Any] | None = None
    held: NDArray[np.bool_] | None = None
    settled: NDArray[np.bool_] | None = None


def score_labels(
    start: Network,
    X: NDArray[Any],
    y: NDArray[Any],
    *,
    options: dict[str, Any],
    weights: NDArray[np.float64] | None = None,
    groups: NDArray[Any] | None = None,
    score: str = "auto",
    seed: int = 0,
    show_progress: Show = "auto",
) -> Scores:
    """Score all rows of a table.

    Args:
        start: The untrained network.
        X, y: All rows, encoded.
        options: Of `fit`, for the training on all rows.
        weights, groups: Of the rows (n,), or None.
        score: One of SCORES.
        seed, show_progress: As everywhere.
    """
    if score not in SCORES:
        raise unknown_name("score", score, SCORES)
    network, examples = recorded(start, X, y, **options, weights=weights, seed=seed, show_progress=show_progress)
    losses = mean_losses(examples)
    plain: dict[str, Any] = {"losses": losses, "final": final_losses(examples), "interrupted": was_interrupted(network)}
    if not start.loss.is_classification:
        numbers = np.asarray(y, np.float64)
        if score == "record":
            proposed = np.asarray(examples.outputs, np.float64)[:, 0]
            found = judged(numbers, proposed, method="record", why="it is free", weights=weights, unseen=False)
        else:
            found = target_scores(
                start,
                X,
                numbers,
                options=options,
                weights=weights,
                groups=groups,
                seed=seed,
                show_progress=show_progress,
            )
        return found._replace(**plain)
    said = mean_probabilities(examples)
    method, why = "record", "it costs nothing"
    if score != "record":
        grown = forest_probabilities(
            X, y, said.shape[1], weights=weights, groups=groups, seed=seed, show_progress=show_progress
        )
        said = 0.5 * (said + grown)
        method, why = "record and forest", "two witnesses of different kinds find more"
    suspicion = 1 - said[np.arange(len(y)), y]
    return Scores(suspicion, best_others(said, y), method, why, probabilities=said, **plain)


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
        decode = (lambda h: h) if columns is None else columns.decode_target
        scale = 1.0 if columns is None else columns.target_scale
        frame |= {"given": decode(np.asarray(y)), "proposed": decode(scores.proposed)}
        for name, values in (("low", scores.low), ("high", scores.high)):
            if values is not None:
                frame[name] = decode(values)
        for name, values in (("residual", scores.residual), ("spread", scores.spread)):
            if values is not None:
                frame[name] = values * scale
    frame |= {"suspicion": scores.suspicion, "loss": losses, "share": w * losses / (w @ losses)}
    frame["held_out"] = np.zeros(n, bool) if names.held is None else names.held
    frame["twins"] = np.zeros(n, np.intp) if twins is None else twins
    task = "regression" if scores.probabilities is None else "classification"
    return LabelReport(
        Frame(frame),
        scores.method,
        scores.why,
        task,
        scores.wrong,
        scores.expected,
        scores.memory,
        settled=names.settled,
    )
