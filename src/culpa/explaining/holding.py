# SPDX-License-Identifier: MIT
"""Holding: does an equation between numbers still hold as it is printed, with the digits that are shown?

    0.0003377 = −log(0.9997)        does not: rounded to 4 digits the right side is 0.0003

An output that is next to its target has no digits left in their difference. The engine computes such numbers in other
ways, and an equation that the reader could not follow is not printed. What dots stand for is NaN, and holds.
"""

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.reporting.mathematics.expressions import (
    Apply,
    Equation,
    Expression,
    Fraction,
    Letter,
    Matrix,
    Negative,
    Number,
    Power,
    Product,
    Shaped,
    Sum,
    Transpose,
)
from culpa.reporting.mathematics.numerals import numeral

__all__ = ["holds"]

CLOSE = 0.02
"""Sides that are printed may differ by so much of the larger one."""
FUNCTIONS: dict[str, Callable[..., Any]] = {"log": np.log, "max": np.maximum, "min": np.minimum}


def holds(equation: Equation, digits: int) -> bool:
    """Whether all terms of an equation between numbers are the same, computed from the digits that are shown.

    Example:
        >>> from culpa.reporting.mathematics.expressions import operator
        >>> log = operator("log")
        >>> [holds(Equation((Number(loss), -log(p))), 4) for loss, p in ((0.3567, 0.7), (0.0003377, 0.99966))]
        [True, False]
    """
    with np.errstate(all="ignore"):
        first, *others = (np.asarray(value(term, digits), float) for term in equation.terms)
        return all(close(*np.broadcast_arrays(first, other)) for other in others)


def close(left: NDArray[np.float64], right: NDArray[np.float64]) -> bool:
    """Whether two values agree where both are known."""
    known = ~(np.isnan(left) | np.isnan(right))
    size = max(np.abs(left[known]).max(initial=0), np.abs(right[known]).max(initial=0))
    return bool(np.isfinite(size) and (np.abs(left[known] - right[known]) <= CLOSE * size).all())


def value(expression: Expression, digits: int) -> Any:
    """What an expression of printed numbers comes to; NaN where that cannot be told."""
    if isinstance(expression, Number):
        return float(numeral(expression.value, digits).plain) if np.isfinite(expression.value) else np.nan
    rule = RULES.get(type(expression))
    return np.nan if rule is None else rule(expression, lambda part: value(part, digits))


def product(of: Product, inside: Callable[[Expression], Any]) -> Any:
    """Matrices are multiplied as such, but for ⊙; 0 log 0 is 0."""

    def times(left: Any, right: Any) -> Any:
        if np.ndim(left) and np.ndim(right):
            return left * right if of.sign == "⊙" else left @ right
        nothing = not np.ndim(left) and not np.ndim(right) and 0 in (left, right)
        return 0.0 if nothing else left * right

    return reduce(times, map(inside, of.factors))


def applied(of: Apply, inside: Callable[[Expression], Any]) -> Any:
    """A function that is known here, or NaN."""
    known = FUNCTIONS.get(of.function.glyph) if isinstance(of.function, Letter) else None
    return np.nan if known is None else known(*map(inside, of.arguments))


RULES: dict[type[Expression], Callable[..., Any]] = {
    Sum: lambda of, inside: reduce(lambda x, y: x + y, map(inside, of.terms)),
    Negative: lambda of, inside: -inside(of.of),
    Product: product,
    Fraction: lambda of, inside: inside(of.over) / inside(of.under),
    Power: lambda of, inside: inside(of.base) ** inside(of.exponent),
    Transpose: lambda of, inside: np.transpose(inside(of.of)),
    Shaped: lambda of, inside: inside(of.of),
    Matrix: lambda of, inside: np.array([[inside(cell) for cell in row] for row in of.cells], float),
    Apply: applied,
}
