# SPDX-License-Identifier: MIT
"""Witnesses: what the record of a training, and a forest beside it, say of class labels.

record                the mean over the record's epochs of each row's loss against its strongest rival
record and forest     ½ (the network's probabilities averaged over these epochs + the forest's out of the bag),
                      ranked by the odds of the strongest other class against the given one; `rounds` weighs them
proposed              the forest's best class other than the given one; without a forest the network's

How many are wrong is counted in the forest's probabilities: they have not seen the row's label. What they are worth a
network tells that has not seen it either, of rows that were held out from it.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.labels.counting import borne_out, counted, doubts_of, expected_shares
from culpa.blaming.labels.forest import forest_probabilities
from culpa.blaming.labels.memory import memory_of
from culpa.blaming.labels.record import final_losses, mean_losses, mean_probabilities, rival_losses
from culpa.blaming.labels.scores import Scores, best_others, rival_odds
from culpa.reporting.progress import Show
from culpa.training.record import Examples

__all__ = [
    "RECORD",
    "RECORD_VALUES",
    "UNCOUNTED",
    "UNCOUNTED_VALUES",
    "beside",
    "forest_beside",
    "proposals",
    "record_alone",
]

Numbers = NDArray[np.float64]
RECORD = "the network's own losses while it learnt"
RECORD_VALUES = "how far off the network itself is, each row beside what is usual around there"
BOTH = "two witnesses of different kinds find more wrong labels than either"
UNCOUNTED = (
    "How many labels are wrong is not told by a record alone: the network has seen every label. A forest can tell."
)
UNCOUNTED_VALUES = (
    "How many values are wrong is not told by a record alone: the network has seen every value. `culpa.investigate` "
    "asks others, which have not."
)
TORN = 1e-6
"""What the second witness's word counts beside the first one's: it only decides between equal ones."""


def record_alone(examples: Examples, y: NDArray[np.intp], unseen: Numbers | None = None) -> Scores:
    """Scores of class labels from the record of a training on these rows.

    Args:
        examples: The record.
        y: The class numbers (n,).
        unseen: Whether a network that has not seen the row gives it its label (n,), 1 or 0; NaN where none is at hand.
    """
    said, rival = mean_probabilities(examples), rival_losses(examples)
    return Scores(
        rival / (1 + rival),
        proposals(said, said, y),
        "record",
        RECORD,
        probabilities=said,
        losses=mean_losses(examples),
        final=final_losses(examples),
        memory=memory_of(examples, unseen=unseen),
    )


def forest_beside(
    examples: Examples,
    X: NDArray[Any],
    y: NDArray[np.intp],
    *,
    unseen: Numbers | None = None,
    weights: Numbers | None = None,
    groups: NDArray[Any] | None = None,
    seed: int = 0,
    trees: int | None = None,
    show_progress: Show = "auto",
) -> Scores:
    """Scores of class labels from the record and from a forest that is grown for it.

    Args:
        examples, y, unseen: As for `record_alone`.
        X: The rows (n, d), encoded.
        weights, groups, seed, trees, show_progress: As for `forest_probabilities`.
    """
    alone = record_alone(examples, y)
    said = np.asarray(alone.probabilities)
    grown = forest_probabilities(
        X, y, said.shape[1], weights=weights, groups=groups, seed=seed, trees=trees, show_progress=show_progress
    )
    return beside(alone, grown, 0.5 * (said + grown), y, examples, unseen=unseen, weights=weights)


def beside(
    alone: Scores,
    grown: Numbers,
    both: Numbers,
    y: NDArray[np.intp],
    examples: Examples,
    *,
    unseen: Numbers | None = None,
    weights: Numbers | None = None,
) -> Scores:
    """What network and forest say together.

    Args:
        alone: The scores of the record alone.
        grown, both: The forest's probabilities out of the bag (n, K), and those by which labels are ranked.
        y: The class numbers (n,).
        examples: The record that tells whether rows are known by heart.
        unseen, weights: As for `forest_beside`.
    """
    suspicion, doubts = rival_odds(both, y), doubts_of(grown, y, weights)
    borne = borne_out(doubts, unseen)
    return alone._replace(
        suspicion=suspicion,
        proposed=proposals(grown, np.asarray(alone.probabilities), y),
        method="record and forest",
        why=BOTH,
        probabilities=both,
        wrong=counted(doubts, borne),
        expected=expected_shares(doubts, np.argsort(-suspicion, kind="stable"), borne),
        memory=memory_of(examples, doubts, unseen, weights),
        doubts=doubts,
        borne=borne,
    )


def proposals(first: Numbers, second: Numbers, y: NDArray[np.intp]) -> NDArray[np.intp]:
    """The best class other than the given one that some row has (n,); where the first witness is torn, the second says.

    Args:
        first, second: Probabilities (n, K).
        y: The class numbers (n,).
    """
    present = np.bincount(y, minlength=first.shape[1]) > 0
    return best_others(np.where(present, first + TORN * second, -1.0), y)
