# SPDX-License-Identifier: MIT
"""What a label report will cost, before it is made: seconds, from those of the first training and the table's size.

    training   seconds of the first one, by the rows that each of them goes through in all its epochs; for classes two
               trainings of as many epochs as were planned, or one such and two shorter ones
    a tree     .05 µs · n log₂ n · √d of the table's d columns: a few are sorted at each of its levels
    networks   as the training, in bags of four fifths of the rows
    boosting   2 ms an iteration, and 8 ns for each row and input in it

Trees and networks are made on all cores; boosting's folds mostly wait for each other. An estimate is right within a
factor of two or so; bench/blame.py prints it beside what it took.
"""

from typing import NamedTuple

import numpy as np

from culpa.blaming.labels.bags import FOLDS, dealings_for, epochs_for
from culpa.blaming.labels.forest import BAG, tree_count
from culpa.blaming.labels.suspecting import recorded_for
from culpa.engine.network import Network
from culpa.reporting.terminal import count
from culpa.training.threads import core_count

__all__ = ["Cost", "label_cost"]

TREE = 0.05e-6
"""Seconds of a core for each row, level and looked-at column of a tree."""
ITERATIONS, ROUND, BIN = 100, 2e-3, 8e-9
"""Of boosting: how many, and seconds of a core for each of them, and for each row and column in it."""
WORTH_TELLING = 2.0
"""Seconds from which on it is told beforehand."""


class Cost(NamedTuple):
    """What a label report costs.

    Attributes:
        record: Seconds of a training on all rows, by whose record alone they can be ranked.
        more: Seconds of what is asked besides.
        what: What is asked in all.
    """

    record: float
    more: float
    what: str

    @property
    def seconds(self) -> float:
        """In all."""
        return self.record + self.more

    @property
    def worth_telling(self) -> bool:
        """Whether somebody waits for it."""
        return self.seconds > WORTH_TELLING

    @property
    def about(self) -> str:
        """In words: "40 s", "3 min"."""
        return in_words(self.seconds)

    @property
    def sentence(self) -> str:
        """What is told beforehand."""
        told = f"about {self.about} for the label report: {self.what}"
        if not self.more:
            return told
        return f"{told}; --score record needs about {in_words(self.record)}, --score none nothing"


def label_cost(network: Network, planned: int, n: int, score: str) -> Cost:
    """Seconds of a label report on n rows, by a network whose training was planned for so many epochs."""
    each, best = step_seconds(network), 1 if network.training is None else network.training.best_epoch
    one = "a training on all rows"
    if network.loss.is_classification:
        alone = each * n * recorded_for(best, planned)
        if score == "record":
            return Cost(alone, 0.0, one)
        trees, drawn = tree_count(n), min(n, BAG)
        forest = trees * TREE * drawn * np.log2(max(drawn, 2)) * np.sqrt(column_count(network)) / core_count()
        return Cost(
            alone, 2 * each * n * planned - alone + forest, f"two trainings on all rows, {count(trees, 'tree')}"
        )
    alone = each * n * best
    if score == "record":
        return Cost(alone, 0.0, one)
    learnt = n * (1 - 1 / FOLDS)
    asked = FOLDS * dealings_for(n)
    networks = asked * learnt * epochs_for(n) * each
    boosting = asked * ITERATIONS * (ROUND + BIN * learnt * network.sizes[0])
    what = f"{one}, {asked} networks and as many boostings"
    return Cost(alone, networks / core_count() + boosting, what)


def column_count(network: Network) -> int:
    """How many columns the reader's table has; the many inputs of a category are mostly 0, and cost a tree little."""
    columns = network.columns
    return network.sizes[0] if columns is None else max(1, len(columns.inputs))


def step_seconds(network: Network) -> float:
    """Seconds of the first training for each row and epoch."""
    training = network.training
    if training is None or not training.history:
        return 0.0
    learnt, chose = training.rows
    steps = len(training.history) * learnt
    if training.recipe.refit:
        steps += training.best_epoch * (learnt + chose)
    return training.seconds / steps


def in_words(seconds: float) -> str:
    """Seconds with two digits, minutes from ninety on.

    Example:
        >>> in_words(0.31), in_words(43.2), in_words(200.0)
        ('1 s', '43 s', '3 min')
    """
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{max(1.0, seconds):.0f} s"
