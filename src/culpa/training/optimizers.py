# SPDX-License-Identifier: MIT
"""Optimisers: a table of rules that move the flat vector of all parameters, θ (p,), along its gradient.

    sgd         m ← μ m + ∇;   θ ← θ − η m
    nesterov    m ← μ m + ∇;   θ ← θ − η (∇ + μ m)
    adam        m ← β₁ m + (1−β₁) ∇;   v ← β₂ v + (1−β₂) ∇²;   θ ← θ − η m̂ / (√v̂ + ε)
                with m̂ = m / (1−β₁ᵗ), v̂ = v / (1−β₂ᵗ), β₁ = .9, β₂ = .999, ε = 1e−8
    adamw       θ ← θ − η λ θ for the weights (biases are exempt), then as adam
    lbfgs       SciPy's L-BFGS-B on all rows at once; an epoch is one of its iterations

A rule changes θ and its own state in place: both belong to the one training that runs. The vectors are worked through
in blocks that stay in the processor's cache. Several networks' vectors, laid end to end, are one. Knows no network.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.errors import unknown_name

__all__ = ["OPTIMIZERS", "Optimizer", "Step", "optimizer_named"]

Step = Callable[[float], None]
"""Takes η and moves θ, by the gradient that is in its array by then."""

BLOCK = 1 << 16
"""Entries that are worked through at a time; four float32 vectors of them are a megabyte."""
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8


@dataclass(frozen=True, slots=True)
class Optimizer:
    """One row of the table.

    Args:
        name: How users call it.
        learning_rate: η, where the user names none; None where the rule finds its own.
        start: (θ, ∇, μ, λ) -> a step that moves θ; λ (p,) is the weight decay of each entry.
        has_momentum: Whether μ plays a part.
        has_decay: Whether λ does.
        adds_squares: Whether it adds up squares of the gradient, which overflow long before the gradient does.
        at_once: Whether the rule works on all rows at once, and so takes no steps by batches.
    """

    name: str
    learning_rate: float | None
    start: Callable[[NDArray[Any], NDArray[Any], float, NDArray[Any]], Step]
    has_momentum: bool = False
    has_decay: bool = False
    adds_squares: bool = False
    at_once: bool = False


def blocks(*vectors: NDArray[Any]) -> list[tuple[NDArray[Any], ...]]:
    """The same stretch of every vector, stretch by stretch, as views."""

    def stretches() -> Iterator[tuple[NDArray[Any], ...]]:
        flat = [vector.reshape(-1) for vector in vectors]
        for start in range(0, flat[0].size, BLOCK):
            yield tuple(vector[start : start + BLOCK] for vector in flat)

    return list(stretches())


def axpy_for(theta: NDArray[Any]) -> Callable[..., Any]:
    """BLAS's y ← y + a x, in place: one pass over the vectors where NumPy takes two."""
    from scipy.linalg.blas import get_blas_funcs

    axpy: Callable[..., Any] = get_blas_funcs("axpy", dtype=theta.dtype)
    return axpy


def sgd(theta: NDArray[Any], gradient: NDArray[Any], momentum: float, _: NDArray[Any]) -> Step:
    """Stochastic gradient descent with (heavy-ball) momentum μ.

    Source: Sutskever, Martens, Dahl and Hinton 2013, eq. 1–2, with η outside the velocity as in PyTorch.
    """
    velocity, mu, axpy = np.zeros_like(theta), np.array(momentum, theta.dtype), axpy_for(theta)
    parts = blocks(theta, gradient, velocity)

    def step(learning_rate: float) -> None:
        for x, g, v in parts:
            np.multiply(v, mu, v)
            np.add(v, g, v)
            axpy(v, x, a=-learning_rate)

    return step


def nesterov(theta: NDArray[Any], gradient: NDArray[Any], momentum: float, _: NDArray[Any]) -> Step:
    """Stochastic gradient descent with Nesterov's momentum μ, written at the point that looks ahead.

    Source: Sutskever, Martens, Dahl and Hinton 2013, eq. 3–4; Bengio et al. 2013, eq. 7, as in PyTorch.
    """
    velocity, mu, axpy = np.zeros_like(theta), np.array(momentum, theta.dtype), axpy_for(theta)
    parts = blocks(theta, gradient, velocity)

    def step(learning_rate: float) -> None:
        for x, g, v in parts:
            np.multiply(v, mu, v)
            np.add(v, g, v)
            axpy(v, x, a=-learning_rate * momentum)
            axpy(g, x, a=-learning_rate)

    return step


def adam(theta: NDArray[Any], gradient: NDArray[Any], _: float, __: NDArray[Any]) -> Step:
    """Adam; momentum is its β₁ = .9 and not an argument.

    The sums m/(1−β₁) and v/(1−β₂) are kept in place of the means, and the corrections for the start go into the rate
    and ε: the same numbers with fewer operations.

    Source: Kingma and Ba 2015, algorithm 1, and the end of its section 2.
    """
    dtype = theta.dtype
    first, second = np.zeros_like(theta), np.zeros_like(theta)
    beta_1, beta_2 = np.array(BETA_1, dtype), np.array(BETA_2, dtype)
    epsilon, scratch, axpy = np.zeros((), dtype), np.empty(BLOCK, dtype), axpy_for(theta)
    parts = blocks(theta, gradient, first, second)
    steps = 0

    def step(learning_rate: float) -> None:
        nonlocal steps
        steps += 1
        root = ((1 - BETA_2) / (1 - BETA_2**steps)) ** 0.5  # √v̂ is the root of the sum times this
        rate = learning_rate * (1 - BETA_1) / (1 - BETA_1**steps) / root
        epsilon.fill(EPSILON / root)
        for x, g, m, v in parts:
            move = scratch[: x.size]
            np.multiply(m, beta_1, m)
            np.add(m, g, m)
            np.multiply(g, g, move)
            np.multiply(v, beta_2, v)
            np.add(v, move, v)
            np.sqrt(v, move)
            np.add(move, epsilon, move)
            np.divide(m, move, move)
            axpy(move, x, a=-rate)

    return step


def adamw(theta: NDArray[Any], gradient: NDArray[Any], _: float, decay: NDArray[Any]) -> Step:
    """Adam with the weights shrunk by η λ before each step, apart from the gradient and its moments.

    Source: Loshchilov and Hutter 2019, algorithm 2; biases are exempt here, as from the penalty.
    """
    move = adam(theta, gradient, 0.0, decay)
    shrink, one = np.empty_like(theta), np.array(1, theta.dtype)

    def step(learning_rate: float) -> None:
        np.multiply(decay, -learning_rate, shrink)
        np.add(shrink, one, shrink)
        np.multiply(theta, shrink, theta)
        move(learning_rate)

    return step


def no_steps(*_: object) -> Step:
    """L-BFGS has a loop of its own."""
    raise TypeError("L-BFGS works on all rows at once and takes no steps by batches: see `whole`")


OPTIMIZERS: dict[str, Optimizer] = {
    row.name: row
    for row in (
        Optimizer("sgd", 0.01, sgd, has_momentum=True),
        Optimizer("nesterov", 0.01, nesterov, has_momentum=True),
        Optimizer("adam", 1e-3, adam, adds_squares=True),
        Optimizer("adamw", 1e-3, adamw, has_decay=True, adds_squares=True),
        Optimizer("lbfgs", None, no_steps, at_once=True),
    )
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
