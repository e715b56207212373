# SPDX-License-Identifier: MIT
"""Optimisers: a table of rules that move the flat vector of all parameters, θ (p,), along its gradient.

    sgd     m ← μ m + ∇;   θ ← θ − η m
    adam    m ← β₁ m + (1−β₁) ∇;   v ← β₂ v + (1−β₂) ∇²;   θ ← θ − η m̂ / (√v̂ + ε)
            with m̂ = m / (1−β₁ᵗ), v̂ = v / (1−β₂ᵗ), β₁ = .9, β₂ = .999, ε = 1e−8

A rule changes θ and its own state in place: both belong to the one training that runs. Knows no network.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from culpa.engine.arrays import Flat
from culpa.errors import unknown_name

__all__ = ["OPTIMIZERS", "Optimizer", "optimizer_named"]

Step = Callable[[Flat, Flat], None]


@dataclass(frozen=True, slots=True)
class Optimizer:
    """One row of the table.

    Args:
        name: How users call it.
        learning_rate: η, where the user names none.
        start: (θ, η, μ) -> a step that takes (θ, ∇) and moves θ.
        has_momentum: Whether μ plays a part.
    """

    name: str
    learning_rate: float
    start: Callable[[Flat, float, float], Step]
    has_momentum: bool = False


def sgd(theta: Flat, learning_rate: float, momentum: float) -> Step:
    """Stochastic gradient descent with (heavy-ball) momentum μ.

    Source: Sutskever, Martens, Dahl and Hinton 2013, eq. 1–2, with η outside the velocity as in PyTorch.
    """
    velocity = np.zeros_like(theta)

    def step(theta: Flat, gradient: Flat) -> None:
        velocity[:] = momentum * velocity + gradient
        theta -= learning_rate * velocity

    return step


def adam(theta: Flat, learning_rate: float, _: float) -> Step:
    """Adam; momentum is its β₁ = .9 and not an argument.

    Source: Kingma and Ba 2015, algorithm 1.
    """
    first, second = np.zeros_like(theta), np.zeros_like(theta)
    steps = 0

    def step(theta: Flat, gradient: Flat) -> None:
        nonlocal steps
        steps += 1
        first[:] = 0.9 * first + 0.1 * gradient
        second[:] = 0.999 * second + 0.001 * gradient**2
        unbiased = np.sqrt(second / (1 - 0.999**steps)) + 1e-8
        theta -= learning_rate / (1 - 0.9**steps) * first / unbiased

    return step


OPTIMIZERS: dict[str, Optimizer] = {
    row.name: row for row in (Optimizer("sgd", 0.01, sgd, has_momentum=True), Optimizer("adam", 1e-3, adam))
}


def optimizer_named(name: str) -> Optimizer:
    """Look up a row by its name.

    Example:
        >>> optimizer_named("adam").learning_rate
        0.001
    """
    if not isinstance(name, str) or name not in OPTIMIZERS:
        raise unknown_name("optimizer", name, OPTIMIZERS)
    return OPTIMIZERS[name]
