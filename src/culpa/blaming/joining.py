# SPDX-License-Identifier: MIT
"""Joining: the label report that rows have without another training, and what it says of each example.

The training's record is of the rows that it was given, in their order: it is taken where its fingerprint of X, y and
weights is theirs, and left alone otherwise. Trains no network; how rows are scored is told in `labels`.
"""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.labels.outside import outside_scores
from culpa.blaming.labels.record import final_losses, mean_losses
from culpa.blaming.labels.report import LabelReport
from culpa.blaming.labels.residuals import judged
from culpa.blaming.labels.scores import Scores
from culpa.blaming.labels.suspecting import SCORES, Names, label_report
from culpa.blaming.labels.witnesses import RECORD_VALUES, forest_beside, record_alone
from culpa.engine.network import Network
from culpa.errors import OptionError, unknown_name
from culpa.reporting.frames import Frame
from culpa.reporting.progress import Show
from culpa.training.record import Examples, fingerprint
from culpa.training.rows import admit_rows

__all__ = ["Asked", "Given", "free_report", "joined", "needs_free", "needs_report"]

RECORD_IT = "culpa.fit(…, record=True)"


class Given(NamedTuple):
    """The rows whose labels are asked about.

    Attributes:
        X: Inputs (n, d_0).
        y: The targets as they were given.
        targets: The same as the door let them in.
        weights: Sample weights (n,), or None.
        names: What the rows are called.
    """

    X: NDArray[Any]
    y: NDArray[Any]
    targets: NDArray[Any]
    weights: NDArray[np.float64] | None
    names: Names


class Asked(NamedTuple):
    """What is asked about them.

    Attributes:
        score: "auto", "record", "forest" or "none".
        pred_probs: Another model's probabilities (n, K), or None.
        show_progress: "auto" shows a bar on a terminal.
    """

    score: str = "auto"
    pred_probs: object | None = None
    show_progress: Show = "auto"


def needs_free(network: Network, score: str) -> None:
    """Refuse a score that is none, or that takes a training of its own.

    Raises:
        OptionError: If it is.
    """
    if score not in SCORES:
        raise unknown_name("score", score, SCORES)
    if score == "bags":
        raise OptionError(
            "`score` must need no training here, and bags are ten networks.", hint="`culpa.investigate` trains them."
        )
    if score == "forest" and not network.loss.is_classification:
        raise OptionError("A forest judges classes here, and the network predicts numbers.", hint='score="record".')


def needs_report(labels: object) -> None:
    """Refuse what is no label report."""
    if labels is not None and not isinstance(labels, LabelReport):
        hint = "`Blame.labels` and `Investigation.labels` are some; probabilities go to `pred_probs`."
        raise OptionError(f"`labels` must be a label report; got a {type(labels).__name__}.", hint=hint)


def free_report(network: Network, given: Given, asked: Asked) -> tuple[LabelReport | None, str]:
    """The report from the training's record or from another model's probabilities; where there is none, why.

    Raises:
        OptionError: If a score was named that these rows cannot have; "auto" takes what there is.
    """
    needs_free(network, asked.score)
    y = one_label_each(network, given)
    if isinstance(y, str):
        if asked.pred_probs is not None:
            raise OptionError("`pred_probs` needs rows of one class each.", hint=y)
        return None, unless_named(asked.score, y)
    told: dict[str, Any] = {"columns": network.columns, "names": given.names, "weights": given.weights}
    other: LabelReport | None = None
    if asked.pred_probs is not None:
        if not network.loss.is_classification:
            raise OptionError("`pred_probs` are probabilities of classes, and the network predicts numbers.")
        columns, classes = network.columns, max(2, network.sizes[-1])
        named = range(classes) if columns is None or columns.classes is None else columns.classes
        found = outside_scores(asked.pred_probs, y, labels=list(named), rows=given.names.rows)
        other = label_report(found, y, **told)
    examples = None if asked.score == "none" else record_of(network, given)
    if not isinstance(examples, Examples):
        return other, "No label report was asked for." if examples is None else unless_named(asked.score, examples)
    scores = record_scores(network, examples, given._replace(y=y), asked)
    return replace(label_report(scores, y, **told), rival=other), ""


def unless_named(score: str, why: str) -> str:
    """Why there is no score, unless one was asked for by its name: then it is refused."""
    if score in ("record", "forest"):
        raise OptionError(f'score="{score}" cannot be had here. {why}', hint='"auto" takes what there is.')
    return why


def one_label_each(network: Network, given: Given) -> NDArray[Any] | str:
    """The class numbers or values (n,) of rows that have one each; where they have not, what they have."""
    kind, targets = network.loss.targets, given.targets
    if kind == "classes":
        return targets if targets.ndim == 1 else "The targets are probabilities: no row has one label to be wrong."
    if targets.shape[1] > 1:
        what = "labels" if kind == "labels" else "numbers"
        return f"Each row has {targets.shape[1]} {what}: only one label, or one number, a row is judged."
    if kind != "labels":
        return given.y.reshape(len(targets)).astype(np.float64)
    if not np.isin(targets, (0, 1)).all():
        return "The targets are probabilities: no row has one label to be wrong."
    return targets[:, 0].astype(np.intp)


def record_of(network: Network, given: Given) -> Examples | str:
    """What the training recorded of these very rows; else why it is not theirs."""
    training = network.training
    examples = None if training is None else training.examples
    if training is None or examples is None or examples.losses is None or examples.outputs is None:
        return f"The network's training recorded nothing of each row; {RECORD_IT} does."
    other = f"The training's record is of other rows, or of these in another order; {RECORD_IT} on these makes one."
    if len(examples.outputs) != len(given.X):
        return other
    rows = admit_rows(network, given.X, given.targets, given.weights)
    return examples if fingerprint(rows.X, rows.y, rows.weights) == training.data else other


def record_scores(network: Network, examples: Examples, given: Given, asked: Asked) -> Scores:
    """Scores from a record that is there, and for classes from a forest beside it where one is asked for."""
    if network.loss.is_classification:
        if asked.score != "forest":
            return record_alone(examples, given.y)
        return forest_beside(examples, given.X, given.y, weights=given.weights, show_progress=asked.show_progress)
    proposed = np.asarray(examples.outputs, np.float64)[:, 0]
    found = judged(given.y, proposed, method="record", why=RECORD_VALUES, weights=given.weights, unseen=False)
    return found._replace(losses=mean_losses(examples), final=final_losses(examples))


def joined(examples: Frame, labels: LabelReport) -> Frame:
    """The examples with their suspicion, by the number of the row; NaN for a row that the report does not have."""
    known, rows = np.asarray(labels.rows["row"]), np.asarray(examples["row"])
    order = np.argsort(known, kind="stable")
    places = order[np.minimum(np.searchsorted(known, rows, sorter=order), len(known) - 1)]
    suspicion = np.where(known[places] == rows, labels.rows["suspicion"][places], np.nan)
    return Frame({**examples.columns, "suspicion": suspicion})
