# SPDX-License-Identifier: MIT
"""Learning from all rows at once: SciPy's L-BFGS on the objective, for smooth problems with few parameters.

Works in float64 whatever the network's dtype, since its line search compares nearly equal numbers. An iteration is an
epoch; what is done at its end is the course's business.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.engine.arrays import Flat
from culpa.engine.network import Network
from culpa.engine.parameters import Parameters
from culpa.engine.workspace import Workspace
from culpa.errors import NumericalError
from culpa.training.course import Course
from culpa.training.learning import Tally, diverged, ordinary_loss
from culpa.training.recipe import Recipe
from culpa.training.rows import Rows

__all__ = ["Objective", "minimise"]

CHUNK = 8192
"""Rows that are in memory at a time."""


class Objective:
    """Loss + penalty over the rows that are learnt from, and its gradient, as a function of θ.

    Args:
        network: In float64.
        rows: All rows, with the targets and weights that are learnt from.
        kept: Which of them those are.
        recipe: What was asked for, for the words of an error.
    """

    def __init__(self, network: Network, rows: Rows, kept: NDArray[np.intp], recipe: Recipe) -> None:
        self.parameters = Parameters([network])
        weights = None if rows.weights is None else rows.weights.astype(np.float64)
        self.rows = Rows(rows.X1.astype(np.float64), rows.y, weights)
        self.epoch = 1
        self.recipe, self.n = recipe, len(kept)
        self.chunks = [kept[start : start + CHUNK] for start in range(0, len(kept), CHUNK)]
        self.spaces = {
            n: Workspace(network, n, parameters=self.parameters, weighted=weights is not None)
            for n in {len(chunk) for chunk in self.chunks}
        }
        self.at: Flat | None = None
        self.loss = np.nan
        self.total = np.zeros_like(self.parameters.theta)

    def __call__(self, theta: Flat) -> tuple[float, Flat]:
        """The objective and its gradient at `theta`."""
        self.parameters.theta[:] = theta
        self.at, self.loss = theta.copy(), 0.0
        self.total = np.zeros_like(theta)
        with np.errstate(over="ignore", invalid="ignore"):
            for chunk in self.chunks:
                space = self.spaces[len(chunk)]
                space.gather(self.rows.X1, self.rows.y, self.rows.weights, chunk)
                space.run()
                loss = space.loss()
                if not np.isfinite(loss):
                    loss = self.second_look(chunk)
                self.loss += loss * len(chunk) / self.n
                self.total += self.parameters.gradient * (len(chunk) / self.n)
        penalty = 0.0
        if self.parameters.decay is not None:
            penalty = 0.5 * float(self.parameters.decay @ theta**2)
            self.total += self.parameters.decay * theta
        if not (np.isfinite(self.loss + penalty) and np.isfinite(self.total).all()):
            raise self.overflow("the penalty or a gradient is not finite.")
        return self.loss + penalty, self.total

    def second_look(self, chunk: NDArray[np.intp]) -> float:
        """The loss by the ordinary pass, where that is finite; otherwise it names the layer."""
        found = ordinary_loss(self.parameters, 0, self.rows, chunk)
        if isinstance(found, str):
            raise self.overflow(found)
        return found

    def overflow(self, why: str) -> NumericalError:
        """The error for a point where there is no objective."""
        return diverged(f"The training diverged in epoch {self.epoch}: {why}", self.recipe)


def minimise(objective: Objective, course: Course) -> None:
    """Go on until the planned number of iterations, a minimum, or the course's word.

    Source: Liu and Nocedal 1989; Byrd, Lu, Nocedal and Zhu 1995.
    """
    from scipy.optimize import minimize

    epochs = objective.recipe.epochs
    if epochs:
        minimize(
            objective,
            objective.parameters.theta.copy(),
            jac=True,
            method="L-BFGS-B",
            callback=epoch_ending(objective, course),
            options={"maxiter": epochs, "maxfun": 100 * epochs, "ftol": 1e-12, "gtol": 1e-7},
        )


def epoch_ending(objective: Objective, course: Course) -> Callable[[Any], None]:
    """What SciPy calls after each iteration."""

    # NOTE: SciPy passes the value along with θ only to a parameter of this name.
    def iteration(intermediate_result: Any) -> None:
        theta = intermediate_result.x
        if objective.at is None or not np.array_equal(theta, objective.at):
            objective(theta)
        objective.parameters.theta[:] = theta
        objective.epoch += 1
        if course.finish(Tally(objective.loss, float(np.linalg.norm(objective.total)), float("nan"))):
            raise StopIteration

    return iteration
