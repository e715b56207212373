# SPDX-License-Identifier: MIT
"""Recording: what the network makes of each example at the end of some epochs, taken down while it learns.

"log" takes ten epochs, spaced evenly in the logarithm of the planned number: most happens early. Each costs a forward
pass over all rows and nothing more. How such a record is read, the labels' suspicion for one, is not known here.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.engine.arrays import Flat, Signals, Values
from culpa.engine.network import Network, flatten
from culpa.engine.predicting import assess
from culpa.engine.targets import Targets
from culpa.training.recipe import Recipe
from culpa.training.record import Examples
from culpa.training.rows import Rows

__all__ = ["Recorder", "margins", "recorded_epochs"]

TAKEN = 10
"""How many epochs "log" takes."""


def recorded_epochs(record: str, epochs: int) -> set[int]:
    """Which epochs are taken, of so many.

    Example:
        >>> sorted(recorded_epochs("log", 100))
        [1, 2, 3, 5, 8, 13, 22, 36, 60, 100]
    """
    if record == "epochs" or epochs < 1:
        return set(range(1, epochs + 1))
    return set(np.geomspace(1, epochs, TAKEN).round().astype(int).tolist())


def margins(network: Network, logits: Signals, targets: Targets) -> Values | None:
    """By how much the given class leads: its logit less the largest other one.

    Args:
        network: Whose loss says what the targets are.
        logits: a_L (n, d_L).
        targets: As the door has let them in; of soft rows, the most probable class counts as given.

    Returns:
        (n,), negative where another class leads; for one label ±a, for several the least; None without classes.

    Source: Pleiss et al. 2020, "Identifying mislabeled data using the area under the margin ranking", eq. 1.
    """
    if network.loss.targets == "labels":
        return np.where(targets >= 0.5, logits, -logits).min(axis=1)
    if network.loss.targets != "classes":
        return None
    if logits.shape[1] == 1:
        return np.zeros(len(logits), logits.dtype)
    given = targets if targets.ndim == 1 else targets.argmax(axis=1)
    columns, each = logits.T.copy(), np.arange(len(logits))  # in columns, because a maximum down a column is faster
    of_given = columns[given, each]
    columns[given, each] = -np.inf
    return of_given - columns.max(axis=0)


class Recorder:
    """Takes down what a recipe asks for.

    Args:
        recipe: With `record`, `checkpoints` or both.
        rows: All rows given to `fit`.
        kept: Which of them are learnt from.
    """

    def __init__(self, recipe: Recipe, rows: Rows, kept: NDArray[np.intp]) -> None:
        self.recipe, self.rows = recipe, rows
        self.wanted: set[int] = set()
        if recipe.record or recipe.checkpoints:
            self.wanted = recorded_epochs(recipe.record or "log", recipe.epochs)
        self.learnt = np.zeros(len(rows.X1), bool)
        self.learnt[kept] = True
        self.pages: list[Page] = []
        self.outputs: Signals | None = None

    def wants(self, epoch: int) -> bool:
        """Whether this epoch is one of those to take."""
        return epoch in self.wanted

    def note(self, epoch: int, network: Network) -> None:
        """Take down an epoch's end."""
        parameters = flatten(network) if self.recipe.checkpoints else None
        page, mean = Page(epoch, None, None, parameters), None
        if self.recipe.record:
            found = assess(network, self.rows.X, self.rows.y)
            page = Page(epoch, found.losses, margins(network, found.logits, self.rows.y), parameters)
            before = found.outputs if self.outputs is None else self.outputs
            mean = before + (found.outputs - before) / (len(self.pages) + 1)
        self.pages, self.outputs = [*self.pages, page], mean  # all at once, so that Ctrl-C leaves no half page

    def examples(self) -> Examples | None:
        """What was taken down; None where nothing was asked for."""
        if not self.wanted:
            return None
        epochs, losses, margin, parameters = zip(*self.pages, strict=True) if self.pages else ((), (), (), ())
        return Examples(
            np.array(epochs, np.intp), stacked(losses), stacked(margin), self.outputs, self.learnt, stacked(parameters)
        )


class Page(NamedTuple):
    """What is taken down at one epoch's end."""

    epoch: int
    losses: Values | None
    margins: Values | None
    parameters: Flat | None


def stacked(rows: Sequence[NDArray[Any] | None]) -> NDArray[Any] | None:
    """One array of what each page has; None where they have nothing."""
    present = [row for row in rows if row is not None]
    return np.array(present) if present else None
