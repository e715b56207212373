# SPDX-License-Identifier: MIT
"""Learning: how batches move parameters. One network, or several of equal sizes in a stack, each with its own rows.

Works on arrays that are allocated once; a step is gather, pass, optimiser. Knows no epoch's end, no validation.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.engine.gradient import admitted_gradient
from culpa.engine.network import Network
from culpa.engine.parameters import Parameters
from culpa.engine.workspace import Workspace
from culpa.errors import CulpaError, NumericalError
from culpa.training.optimizers import optimizer_named
from culpa.training.recipe import Recipe
from culpa.training.rows import Rows
from culpa.training.schedules import Schedule

__all__ = ["Learner", "Tally", "diverged"]


class Tally(NamedTuple):
    """What one epoch came to; a number each, or one (K,) for each network of a stack.

    Attributes:
        loss: The mean loss of the rows, each before its batch's step.
        gradient_norm: The root mean square of the batches' gradient norms.
        learning_rate: η of the last step.
        noise_trace, noise_signal: The noise scale's parts, a mean over batches; NaN unless asked for.
    """

    loss: Any
    gradient_norm: Any
    learning_rate: float
    noise_trace: float = float("nan")
    noise_signal: float = float("nan")


class Learner:
    """Parameters that learn from batches of rows.

    Args:
        networks: Where to start; several share a stack.
        rows: All rows, with the targets and weights that are learnt from.
        n: How many of them an epoch has, the same for each network.
        recipe: What was asked for.
        schedule: How η changes.
        random: Where dropout's chance comes from.

    Attributes:
        parameters: They move in place.
    """

    parameters: Parameters

    def __init__(
        self,
        networks: tuple[Network, ...],
        rows: Rows,
        n: int,
        recipe: Recipe,
        schedule: Schedule,
        random: np.random.Generator | None = None,
    ) -> None:
        self.parameters = Parameters(networks)
        self.rows, self.n, self.recipe, self.schedule, self.random = rows, n, recipe, schedule, random
        self.starts = range(0, n, recipe.batch_size)
        self.steps_done, self.steps = 0, recipe.epochs * len(self.starts)
        self.spaces: dict[int, Workspace] = {}
        theta, gradient, decay = self.parameters.theta, self.parameters.gradient, self.parameters.decay
        self.total = gradient if decay is None else np.empty_like(gradient)
        self.is_finite = every_finite if self.parameters.stack else math.isfinite
        constant = recipe.schedule == "constant" and not recipe.warmup
        self.fixed_rate = recipe.learning_rate if constant else None
        shrinking = recipe.weight_decay * self.parameters.is_weight().astype(theta.dtype)
        rule = optimizer_named(recipe.optimizer)
        self.move = rule.start(theta, self.total, recipe.momentum, np.broadcast_to(shrinking, theta.shape))

    def workspace(self, n: int) -> Workspace:
        """The arrays for a batch of n; an epoch's last one may be smaller than the others."""
        if n not in self.spaces:
            self.spaces[n] = Workspace(
                self.parameters.network,
                n,
                parameters=self.parameters,
                weighted=self.rows.weights is not None,
                dropout=self.recipe.dropout,
                random=self.random,
                max_norm=self.recipe.clip_examples,
            )
        return self.spaces[n]

    def epoch(self, order: NDArray[np.intp], count: int = 1) -> Tally:
        """One pass over the rows in the given order (*stack, n), a step a batch.

        Args:
            order: Row numbers.
            count: The epoch's number, for the error.

        Raises:
            NumericalError: If a loss or a parameter stops being finite; names the step and the layer.
        """
        loss: Any = 0.0
        squares: Any = 0.0
        noise = np.zeros(2)
        size, rate = self.recipe.batch_size, 0.0
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # what is not finite is looked for by name
            for number, start in enumerate(self.starts, 1):
                index = order[..., start : start + size]
                space = self.workspace(index.shape[-1])
                space.gather(self.rows.X1, self.rows.y, self.rows.weights, index)
                space.run()
                batch_loss = space.loss()
                if not self.is_finite(batch_loss):
                    raise self.divergence(index, count, number)
                loss = loss + batch_loss * index.shape[-1]
                squares = squares + self.gather_total()
                if self.recipe.noise_scale:
                    noise += self.noise_of(space)
                if self.recipe.clip_norm is not None:
                    self.clip(self.recipe.clip_norm)
                rate = self.rate() if self.fixed_rate is None else self.fixed_rate
                self.move(rate)
                self.steps_done += 1
            if not np.isfinite(self.parameters.theta).all():
                raise self.divergence(index, count, number)
        trace, signal = noise / len(self.starts) if self.recipe.noise_scale else (np.nan, np.nan)
        return Tally(loss / self.n, (squares / len(self.starts)) ** 0.5, rate, float(trace), float(signal))

    def rate(self) -> float:
        """Η of this step."""
        warmup = self.recipe.warmup * len(self.starts)
        return self.schedule.rate(self.recipe.learning_rate or 0.0, self.steps_done, self.steps, warmup)

    def gather_total(self) -> Any:
        """Add the penalty's part to the data's, and give the squared norm of both."""
        if self.parameters.decay is not None:
            np.multiply(self.parameters.theta, self.parameters.decay, self.total)
            np.add(self.total, self.parameters.gradient, self.total)
        if self.parameters.stack:
            return np.vecdot(self.total, self.total)
        return float(self.total.dot(self.total))

    def clip(self, max_norm: float) -> None:
        """Scale each network's gradient down to a norm of at most C."""
        norms = np.linalg.norm(self.total, axis=-1, keepdims=True)
        np.multiply(self.total, np.fmin(1, max_norm / norms).astype(self.total.dtype), self.total)

    def noise_of(self, space: Workspace) -> NDArray[Any]:
        """The trace and the signal of one batch, as `Gradient.noise_scale` has them; of a single row, nothing is known.

        Source: McCandlish, Kaplan, Amodei et al. 2018, appendix A.1.
        """
        n = space.n
        if n < 2:
            return np.zeros(2)
        mean_square = float(space.squared_norms().sum(dtype=np.float64)) * n  # they hold (‖g_i‖/n)²
        flat = self.parameters.gradient
        square_mean = float(flat.dot(flat))
        return np.array([n * (mean_square - square_mean), n * square_mean - mean_square]) / (n - 1)

    def divergence(self, index: NDArray[np.intp], count: int, number: int) -> CulpaError:
        """The error for the step whose batch is `index`: the ordinary pass finds the layer."""
        which, batches = self.parameters, index.reshape(len(self.parameters.networks), -1)
        for k, (theta, batch) in enumerate(zip(which.rows(which.theta), batches, strict=True)):
            why = self.why(theta, batch, k)
            if why:
                break
        network = f" of network {k}" if which.stack else ""
        return diverged(f"The training{network} diverged in epoch {count}, step {number}: {why}", self.recipe)

    def why(self, theta: NDArray[Any], batch: NDArray[np.intp], k: int) -> str:
        """What is not finite in the parameters, or in the pass over the batch."""
        for number, matrix in enumerate(self.parameters.views(theta), 1):
            if not np.isfinite(matrix).all():
                worst = matrix[~np.isfinite(matrix)][0]
                return f"the weights W_{number}, b_{number} of layer {number} are no longer finite; one is {worst}."
        w = np.full(len(batch), 1 / len(batch), theta.dtype)
        network = self.parameters.network_at(theta, k)
        try:
            admitted_gradient(network, self.rows.X[batch], self.rows.y[batch], w)
        except CulpaError as error:
            return error.message
        return ""


def every_finite(values: NDArray[Any]) -> bool:
    """Whether all numbers of a stack are finite."""
    return bool(np.isfinite(values).all())


def diverged(message: str, recipe: Recipe) -> NumericalError:
    """The error for a training that left the numbers behind, with what to try."""
    hint = "standardise the inputs, or lower the learning rate"
    rate = f", which was {recipe.learning_rate:g}." if recipe.learning_rate else "."
    return NumericalError(message, hint=hint + rate)
