# SPDX-License-Identifier: MIT
"""Two rounds: the network learns once more, and each label weighs as little as both witnesses have believed it.

    1. The network learns all rows, with the record on, and the forest grows. If it has learnt rows by heart, it learns
       them again for half as many epochs at most.
    2. It learns once more. A row weighs (p_given + EVEN) / (p_other + EVEN), at most 1, of what both said at first.

What labels are ranked by is the mean of both networks' probabilities beside the forest's; `trusting` says how much each
counts. Counted are labels in the forest's alone.

Source: Reed et al. 2015, "Training deep neural networks on noisy labels with bootstrapping", section 3, for labels that
    are learnt as far as one's own predictions bear them out.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.labels.forest import forest_probabilities
from culpa.blaming.labels.memory import HALF
from culpa.blaming.labels.record import final_losses, last_probabilities, mean_probabilities
from culpa.blaming.labels.scores import Scores, evened
from culpa.blaming.labels.trusting import share_by_heart, times_of, trust_in, weighed
from culpa.blaming.labels.witnesses import beside, record_alone
from culpa.engine.network import Network
from culpa.reporting.progress import Show
from culpa.training.record import Examples

__all__ = ["beliefs", "two_rounds"]

Numbers = NDArray[np.float64]
Learn = Callable[[int, Numbers | None], tuple[Network, Examples]]
"""Trains for so many epochs with such weights of the rows (n,), the record on."""


def two_rounds(
    learn: Learn,
    X: NDArray[Any],
    y: NDArray[np.intp],
    *,
    epochs: tuple[int, int],
    unseen: Numbers | None = None,
    weights: Numbers | None = None,
    groups: NDArray[Any] | None = None,
    seed: int = 0,
    trees: int | None = None,
    show_progress: Show = "auto",
) -> Scores:
    """Scores of class labels from two trainings with a record, and a forest.

    Args:
        learn: Trains the network.
        X, y: The rows (n, d), encoded, and their class numbers (n,).
        epochs: Of a shorter training, for a network that learns rows by heart, and of one as it was planned.
        unseen: Whether a network that has not seen the row gives it its label (n,), 1 or 0; NaN where none is at hand.
        weights, groups, seed, trees, show_progress: As for `forest_probabilities`.
    """
    short, asked = epochs
    if unseen is None:
        asked = short
    network, planned = learn(asked, weights)
    last = last_probabilities(network, X)
    grown = forest_probabilities(
        X, y, last.shape[1], weights=weights, groups=groups, seed=seed, trees=trees, show_progress=show_progress
    )
    right = grown.argmax(axis=1) == y
    by_heart = share_by_heart(~right, last.argmax(axis=1) == y, unseen, weights)
    trust, examples = trust_in(by_heart, right, unseen), planned
    if by_heart > HALF and 2 * short <= asked:
        asked, trust = short, 0.0
        _, examples = learn(asked, weights)
    first = told_by(last, examples, trust)
    believed = beliefs(weighed(first, grown, trust), y)
    network, again = learn(asked, believed if weights is None else weights * believed)
    second = told_by(last_probabilities(network, X), again, trust)
    alone = record_alone(examples, y)._replace(final=final_losses(planned))
    both = weighed(0.5 * (first + second), grown, trust)
    found = beside(alone, grown, both, y, planned, unseen=unseen, weights=weights)
    return found._replace(why=f"{found.why}; {in_words(trust)}")


def in_words(trust: float) -> str:
    """What trust comes to.

    Example:
        >>> in_words(0.0), in_words(0.5)
        ('here both count alike', "here the network's word counts 5.0 times the forest's")
    """
    times = f"{times_of(trust):.1f}"
    return "here both count alike" if times == "1.0" else f"here the network's word counts {times} times the forest's"


def told_by(last: Numbers, examples: Examples, trust: float) -> Numbers:
    """A network's probabilities (n, K): its last ones as far as it is trusted, else their mean over the training."""
    return trust * last + (1 - trust) * mean_probabilities(examples)


def beliefs(probabilities: Numbers, given: NDArray[np.intp]) -> Numbers:
    """How far the given classes are believed (n,): 1 where none is more probable, and never 0.

    Example:
        >>> beliefs(np.array([[0.7, 0.3], [0.95, 0.05]]), np.array([0, 1])).round(2)
        array([1. , 0.1])
    """
    own, other = evened(probabilities, given)
    found: Numbers = np.minimum(1.0, own / other)
    return found
