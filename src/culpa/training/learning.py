# SPDX-License-Identifier: MIT
"""Learning: how batches move parameters. One network, or several of equal sizes in a stack, each with its own rows.

Works on arrays that are allocated once; a step is gather, pass, optimiser. Knows no epoch's end, no validation.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.engine.factors import row_norms
from culpa.engine.gradient import admitted_gradient
from culpa.engine.network import Network
from culpa.engine.parameters import Parameters
from culpa.engine.workspace import Workspace
from culpa.errors import CulpaError, NumericalError
from culpa.training.optimizers import BETA_2, optimizer_named
from culpa.training.recipe import Recipe
from culpa.training.rows import Rows
from culpa.training.schedules import SCHEDULES, Schedule

__all__ = ["Learner", "Tally", "diverged", "ordinary_loss"]


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
        constant = schedule is SCHEDULES["constant"] and not recipe.warmup
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
        noise = []
        size, rate = self.recipe.batch_size, 0.0
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # what is not finite is looked for by name
            for number, start in enumerate(self.starts, 1):
                index = order[..., start : start + size]
                space = self.workspace(index.shape[-1])
                space.gather(self.rows.X1, self.rows.y, self.rows.weights, index)
                space.run()
                batch_loss = space.loss()
                if not self.is_finite(batch_loss):
                    batch_loss = self.second_look(batch_loss, index, count, number)
                loss = loss + batch_loss * index.shape[-1]
                norm = self.gather_total()
                squares = squares + norm * norm
                if self.recipe.noise_scale and space.n > 1:
                    noise.append(self.noise_of(space))
                if self.recipe.clip_norm is not None:
                    self.clip(norm, self.recipe.clip_norm)
                rate = self.rate() if self.fixed_rate is None else self.fixed_rate
                self.move(rate)
                self.steps_done += 1
            if not np.isfinite(self.parameters.theta).all():
                self.second_look(np.full(self.parameters.stack, np.nan), index, count, number)
            self.refuse_lost_squares(squares, count)
        trace, signal = np.mean(noise, axis=0) if noise else (np.nan, np.nan)
        return Tally(loss / self.n, (squares / len(self.starts)) ** 0.5, rate, float(trace), float(signal))

    def rate(self) -> float:
        """Η of this step."""
        warmup = self.recipe.warmup * len(self.starts)
        return self.schedule.rate(self.recipe.learning_rate or 0.0, self.steps_done, self.steps, warmup)

    def gather_total(self) -> Any:
        """Add the penalty's part to the data's, and give the norm of both: a number, or one (K,) for each network."""
        if self.parameters.decay is not None:
            np.multiply(self.parameters.theta, self.parameters.decay, self.total)
            np.add(self.total, self.parameters.gradient, self.total)
        return row_norms(self.total).astype(np.float64) if self.parameters.stack else norm_of(self.total)

    def clip(self, norm: Any, max_norm: float) -> None:
        """Scale each network's gradient, of these norms, down to a norm of at most C."""
        if np.any(norm > max_norm):
            scale = np.where(norm > max_norm, max_norm / np.asarray(norm), 1.0).astype(self.total.dtype)
            np.multiply(self.total, scale[..., None], self.total)

    def noise_of(self, space: Workspace) -> tuple[float, float]:
        """The trace and the signal of one batch of two rows or more, as `Gradient.noise_scale` has them.

        Source: McCandlish, Kaplan, Amodei et al. 2018, appendix A.1.
        """
        n = space.n
        mean_square = float((space.contributions().astype(np.float64) ** 2).sum()) * n  # they hold ‖g_i‖/n
        norm = norm_of(self.parameters.gradient)
        square_mean = norm * norm
        return n * (mean_square - square_mean) / (n - 1), (n * square_mean - mean_square) / (n - 1)

    def refuse_lost_squares(self, squares: Any, count: int) -> None:
        """Refuse gradients whose squares Adam cannot add up in this dtype: it would stand still and say nothing."""
        bound = float(np.finfo(self.total.dtype).max) * (1 - BETA_2)
        if optimizer_named(self.recipe.optimizer).adds_squares and np.any(
            np.asarray(squares) > bound * len(self.starts)
        ):
            raise diverged(
                f"The training diverged in epoch {count}: squares of the gradient overflow {self.total.dtype}.",
                self.recipe,
            )

    def second_look(self, loss: Any, index: NDArray[np.intp], count: int, number: int) -> Any:
        """Look again, with the ordinary pass, where a batch's loss is not finite.

        Its in-place twin takes 0·∞ for a logit beyond the dtype that plays no part; then the ordinary loss counts.

        Raises:
            NumericalError: Otherwise; names the step, and the layer where the parameters or the pass show it.
        """
        which, batches = self.parameters, index.reshape(len(self.parameters.networks), -1)
        losses = np.atleast_1d(np.asarray(loss, np.float64)).copy()
        for k in np.flatnonzero(~np.isfinite(losses)).tolist():
            found = ordinary_loss(which, k, self.rows, batches[k])
            if isinstance(found, float) and self.recipe.dropout:
                found = "a loss under dropout is not finite."
            if isinstance(found, str):
                network = f" of network {k}" if which.stack else ""
                raise diverged(f"The training{network} diverged in epoch {count}, step {number}: {found}", self.recipe)
            losses[k] = found
        return losses if which.stack else float(losses[0])


def ordinary_loss(which: Parameters, k: int, rows: Rows, batch: NDArray[np.intp]) -> float | str:
    """The batch's mean loss by the ordinary pass, or what is not finite in the parameters or in that pass."""
    theta = which.rows(which.theta)[k]
    for number, matrix in enumerate(which.views(theta), 1):
        if not np.isfinite(matrix).all():
            worst = matrix[~np.isfinite(matrix)][0]
            return f"the weights W_{number}, b_{number} of layer {number} are no longer finite; one is {worst}."
    w = np.full(len(batch), 1 / len(batch), theta.dtype)
    if rows.weights is not None:
        w = rows.weights[batch].astype(theta.dtype) / len(batch)
    try:
        return admitted_gradient(which.network_at(theta, k), rows.X[batch], rows.y[batch], w, rows=batch).loss
    except CulpaError as error:
        return error.message


def norm_of(vector: NDArray[Any]) -> float:
    """The Euclidean norm; nearly always one product, since every step asks for it."""
    square = float(vector.dot(vector))
    return square**0.5 if 1e-30 < square < 1e30 else float(row_norms(vector[None])[0])


def every_finite(values: NDArray[Any]) -> bool:
    """Whether all numbers of a stack are finite."""
    return bool(np.isfinite(values).all())


def diverged(message: str, recipe: Recipe) -> NumericalError:
    """The error for a training that left the numbers behind, with what to try."""
    rate = recipe.learning_rate
    other = "use another optimizer." if rate is None else f"lower the learning rate, which was {rate:g}."
    return NumericalError(message, hint=f"standardise the inputs, or {other}")
