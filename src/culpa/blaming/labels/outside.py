# SPDX-License-Identifier: MIT
"""Outside: another model's probabilities of each row's classes, as a ranking of the labels beside ours.

    suspicion    1 − p(given)        proposed    the most probable class other than the given one
    how many     as many as another class leads clearly, once the probabilities are calibrated; see `counting`

So the label quality, 1 − suspicion, is what cleanlab calls self-confidence, and the order is its order.

They must come from models that have not seen the row (by cross-validation, out of bag): probabilities of rows that a
model has learnt from say what it was told. That cannot be seen in them, and is not tested.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.labels.counting import counted, doubts_of, expected_shares
from culpa.blaming.labels.scores import Scores, best_others
from culpa.engine.arrays import as_array
from culpa.errors import DataError, ShapeError
from culpa.reporting.terminal import count as told

__all__ = ["admit_probabilities", "outside_scores"]

ROUNDING = 0.005
"""What a probability written with two digits may miss; a row of K may miss 1 by K times as much."""
MOST_ROUNDING = 0.05
Numbers = NDArray[np.float64]


def outside_scores(
    pred_probs: object, y: object, *, labels: Any = None, rows: NDArray[np.intp] | None = None
) -> Scores:
    """Score labels by the probabilities of any other model.

    Args:
        pred_probs: Out-of-sample probabilities (n, K), a column a class in the order of the classes' numbers.
        y: The given labels as class numbers (n,).
        labels: The classes' labels (K,), for a refusal.
        rows: The rows' numbers (n,) in the reader's file, for a refusal; from 0 on by default.

    Returns:
        Scores, the probabilities of each row made to sum to 1.

    Raises:
        ShapeError: If there is not a row a label and a column a class.
        DataError: If an entry is no probability, or a row of them does not sum to 1 within rounding.

    Example:
        >>> found = outside_scores([[0.9, 0.1], [0.8, 0.2]], [0, 1])
        >>> found.suspicion.round(6), found.proposed
        (array([0.1, 0.8]), array([1, 0]))
    """
    given = np.asarray(y)
    said = admit_probabilities(pred_probs, given, labels, rows)
    suspicion, doubts = 1.0 - said[np.arange(len(said)), given], doubts_of(said, given)
    why = "they were given; they should be of rows that their model has not seen"
    return Scores(
        suspicion,
        best_others(said, given),
        "probabilities",
        why,
        probabilities=said,
        wrong=counted(doubts),
        expected=expected_shares(doubts, np.argsort(-suspicion, kind="stable")),
        doubts=doubts,
    )


def admit_probabilities(
    pred_probs: object, given: NDArray[Any], labels: Any = None, rows: NDArray[np.intp] | None = None
) -> Numbers:
    """Probabilities (n, K) that are some, each row of them made to sum to 1.

    Args:
        pred_probs: What is given.
        given: The class numbers (n,).
        labels, rows: As for `outside_scores`.

    Raises:
        ShapeError, DataError: As `outside_scores`.
    """
    said = as_array("pred_probs", pred_probs)
    if said.dtype.kind not in "biuf":
        raise DataError("`pred_probs` must hold numbers.")
    if given.ndim != 1 or given.dtype.kind not in "iu" or given.min(initial=0) < 0:
        raise DataError(
            "`y` must hold a class number, from 0 on, for each row.", hint="np.unique(y, return_inverse=True)[1]."
        )
    if not len(given):
        raise ShapeError("There are no labels to judge: `y` has no entry.")
    if said.ndim != 2 or len(said) != len(given):
        raise ShapeError(
            f"`pred_probs` must be (n, K), a row for each of the {told(len(given), 'label')} and a column a class; "
            f"got {said.shape}."
        )
    least = 2 if labels is None else len(labels)
    most = int(given.max(initial=0)) + 1
    if said.shape[1] < max(least, most) or (labels is not None and said.shape[1] != len(labels)):
        named = "" if labels is None else f": {', '.join(map(str, labels[:8]))}{', …' if len(labels) > 8 else ''}"
        raise ShapeError(
            f"`pred_probs` must have a column for each of the {max(least, most)} classes{named}; got {said.shape[1]}."
        )
    said = said.astype(np.float64)
    numbers = np.arange(len(said)) if rows is None else rows
    wrong = ~((said >= -1e-9) & (said <= 1 + 1e-6))  # NaN is neither
    if wrong.any():
        i, c = np.argwhere(wrong)[0]
        label = int(c) if labels is None else labels[c]
        raise DataError(
            f"Row {numbers[i]:,} has {said[i, c]:.6g} as the probability of the class {label!r}; "
            "probabilities lie between 0 and 1.",
            hint="are these logits? softmax makes probabilities of them." if np.isfinite(said[i, c]) else None,
        )
    said = np.clip(said, 0.0, None)
    sums = said.sum(axis=1)
    far = np.abs(sums - 1) > min(ROUNDING * said.shape[1], MOST_ROUNDING) + 1e-6  # beside it float32's own
    if far.any():
        i = int(far.argmax())
        raise DataError(
            f"The probabilities of row {numbers[i]:,} sum to {sums[i]:.6g}, and not to 1; so do those of "
            f"{told(int(far.sum()), 'row')} in all.",
            hint="is a class missing among the columns?",
        )
    return said / sums[:, None]
