# SPDX-License-Identifier: MIT
"""The oracle that knows calculus: each row of the two tables as a textbook formula, differentiated by SymPy.

The formulas are the naive ones, 1/(1 + e⁻ˣ) and log p, without care for overflow or cancellation. They are evaluated
with hundreds or thousands of digits, which is care enough: what a float64 can hold comes out with all its digits.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import mpmath
import numpy as np
import sympy
from numpy.typing import NDArray
from sympy import Abs, Expr, Piecewise, Rational, Symbol, erf, exp, log, sqrt, symbols, tanh

DIGITS = 400
"""Enough for what is cancelled down to 1e-308; e^(−2|a|) beside 1 needs 0.87 |a| more."""
x = Symbol("x", real=True)

ACTIVATIONS: dict[str, Expr] = {
    "identity": x,
    "logistic": 1 / (1 + exp(-x)),
    "tanh": tanh(x),
    "relu": Piecewise((x, x > 0), (0, True)),
    "leaky_relu": Piecewise((x, x > 0), (x / 100, True)),
    "elu": Piecewise((x, x > 0), (exp(x) - 1, True)),
    "gelu": x * (1 + erf(x / sqrt(2))) / 2,
    "silu": x / (1 + exp(-x)),
    "softplus": log(1 + exp(x)),
}


def cross_entropy(a: Sequence[Expr], t: Sequence[Expr]) -> Expr:
    """−Σ t log p."""
    return -sum(t_c * log(p) for t_c, p in zip(t, softmax(a), strict=True))


def softmax(a: Sequence[Expr]) -> list[Expr]:
    """e^(a_c) / Σ e^(a_j)."""
    return [exp(z) / sum(map(exp, a)) for z in a]


def sigmoid(z: Expr) -> Expr:
    """1 / (1 + e⁻ᶻ)."""
    return 1 / (1 + exp(-z))


def binary(z: Expr, t: Expr) -> Expr:
    """−t log p − (1−t) log(1−p)."""
    return -t * log(sigmoid(z)) - (1 - t) * log(1 - sigmoid(z))


def huber(z: Expr, t: Expr) -> Expr:
    """½r² up to 1, |r| − ½ beyond."""
    return Piecewise(((z - t) ** 2 / 2, Abs(z - t) <= 1), (Abs(z - t) - Rational(1, 2), True))


def poisson(z: Expr, t: Expr) -> Expr:
    """Half the deviance; t log t is 0 at 0."""
    return Piecewise((t * log(t), t > 0), (0, True)) - t * z - t + exp(z)


def summed(one: Callable[[Expr, Expr], Expr]) -> Callable[[Sequence[Expr], Sequence[Expr]], Expr]:
    """The same formula for every output, summed."""
    return lambda a, t: sum(one(z, t_c) for z, t_c in zip(a, t, strict=True))


LOSSES: dict[str, Callable[[Sequence[Expr], Sequence[Expr]], Expr]] = {
    "cross_entropy": cross_entropy,
    "binary_cross_entropy": summed(binary),
    "squared_error": summed(lambda z, t: (z - t) ** 2 / 2),
    "huber": summed(huber),
    "poisson": summed(poisson),
    "logistic_squared_error": summed(lambda z, t: (sigmoid(z) - t) ** 2 / 2),
    "softmax_squared_error": lambda a, t: sum((p - t_c) ** 2 for p, t_c in zip(softmax(a), t, strict=True)) / 2,
}


def numbers(expressions: Sequence[Expr], names: Sequence[Symbol], points: NDArray[Any]) -> NDArray[Any]:
    """The expressions (m) at each row of points (n, …), computed with many digits and rounded once: (n, m)."""
    function = sympy.lambdify(names, list(expressions), "mpmath", cse=True)
    answers = []
    for row in points.tolist():
        with mpmath.workdps(DIGITS + int(0.9 * max(map(abs, row)))):
            answers.append([float(number) for number in function(*map(mpmath.mpf, row))])
    return np.array(answers)


def activation(name: str, a: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """g(a) and g′(a), each (n,)."""
    g = ACTIVATIONS[name]
    value, slope = numbers([g, sympy.diff(g, x)], [x], a[:, None]).T
    return value, slope


@cache
def loss_formulas(name: str, outputs: int) -> tuple[tuple[Symbol, ...], tuple[Expr, ...]]:
    """The symbols a_1 … t_1 …, and the loss with its derivatives by each a_c."""
    a = symbols(f"a1:{outputs + 1}", real=True)
    t = symbols(f"t1:{outputs + 1}", real=True)
    loss = LOSSES[name](a, t)
    return (*a, *t), (loss, *(sympy.diff(loss, z) for z in a))


def loss(name: str, a: NDArray[Any], rows: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """ℓ (n,) and ∂ℓ/∂a (n, d_L), for logits a and target rows (n, d_L)."""
    names, expressions = loss_formulas(name, a.shape[1])
    answers = numbers(expressions, names, np.hstack([a, rows]))
    return answers[:, 0], answers[:, 1:]
