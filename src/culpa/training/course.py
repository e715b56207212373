# SPDX-License-Identifier: MIT
"""The course of a training: what is done at the end of each epoch, whichever way the epoch came about.

Look at the validation rows, keep the best parameters, take down what is recorded, ask the callbacks, know when to stop.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.engine.gradient import gradients
from culpa.engine.network import Network
from culpa.engine.parameters import Parameters
from culpa.engine.predicting import assess, scored
from culpa.errors import CulpaError
from culpa.reporting.progress import Advance
from culpa.training.learning import Tally, diverged
from culpa.training.recipe import Recipe
from culpa.training.record import Epoch
from culpa.training.recording import Recorder
from culpa.training.rows import Rows

__all__ = ["Callback", "Course"]

Callback = Callable[[Epoch], bool | None]


class Course:
    """Where a running training stands; the one thing here that changes.

    Args:
        parameters: They move; the course looks.
        recipe: What was asked for.
        held: The rows that choose the epoch, if any.
        recorder: Who takes down what is asked of each example.
        callbacks: Functions of each finished Epoch; one that returns True ends the training.
        advance: The progress bar's.

    Attributes:
        best: The parameters worth keeping: those with the least validation loss, or simply those of the last epoch
            that is finished; at first, the start.
        best_epoch: Their epoch; 0 before the first one is over.
        history: The epochs that are finished.
        interrupted: Whether Ctrl-C ended it.
    """

    best: NDArray[Any]
    best_epoch: int
    history: list[Epoch]
    interrupted: bool

    def __init__(
        self,
        parameters: Parameters,
        recipe: Recipe,
        held: Rows | None,
        recorder: Recorder,
        callbacks: Sequence[Callback],
        advance: Advance,
    ) -> None:
        self.parameters, self.recipe, self.held, self.recorder = parameters, recipe, held, recorder
        self.callbacks, self.advance = callbacks, advance
        self.best, self.best_epoch = parameters.theta.copy(), 0
        self.history = []
        self.interrupted = False

    def finish(self, tally: Tally) -> bool:
        """End an epoch; says whether the training is over."""
        count = len(self.history) + 1
        recording = self.recorder.wants(count)
        now = self.parameters.network_at(self.parameters.theta) if self.held is not None or recording else None
        validation = (np.nan, np.nan)
        if self.held is not None and now is not None:
            validation = self.look(now, self.held, count)
        epoch = Epoch(count, float(tally.loss), *validation, float(tally.gradient_norm), *tally[2:])
        if self.improves(epoch):
            self.best_epoch = count
            self.best[:] = self.parameters.theta
        self.history.append(epoch)
        if recording and now is not None:
            self.recorder.note(count, now)
        self.advance(f"loss {epoch.loss:.4g}" + (f", validation {epoch.validation_loss:.4g}" if self.held else ""))
        answers = [callback(epoch) for callback in self.callbacks]
        told_to_stop = any(answer is True or (isinstance(answer, np.bool_) and answer) for answer in answers)
        return told_to_stop or count - self.best_epoch >= (self.recipe.patience or np.inf)

    def look(self, network: Network, held: Rows, count: int) -> tuple[float, float]:
        """The validation rows' weighted mean loss and score."""
        found = assess(network, held.X, held.y)
        w = np.full(len(held.X), 1 / len(held.X)) if held.weights is None else held.weights / held.weights.sum()
        loss = float(w @ found.losses)
        if not np.isfinite(loss) or not np.isfinite(found.outputs).all():
            try:
                sum(g.loss for g in gradients(network, held.X, held.y))  # this names the layer
            except CulpaError as error:
                raise diverged(
                    f"The training diverged in epoch {count}, validation: {error.message}", self.recipe
                ) from error
        return loss, scored(network, found.outputs, held.y, None if held.weights is None else w)

    def improves(self, epoch: Epoch) -> bool:
        """Whether an epoch's parameters are worth keeping: the least validation loss so far, or there is none."""
        best = self.best_epoch
        return best == 0 or not epoch.validation_loss >= self.history[best - 1].validation_loss
