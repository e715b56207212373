# SPDX-License-Identifier: MIT
"""Trees of formulas as SymPy's expressions, to be differentiated by it."""

from collections.abc import Mapping
from typing import Any

import sympy

from culpa.reporting.mathematics.expressions import Expression
from tests.explaining.evaluating import Environment, evaluate

FUNCTIONS: dict[str, Any] = {
    "exp": sympy.exp,
    "log": sympy.log,
    "tanh": sympy.tanh,
    "cosh": sympy.cosh,
    "erf": sympy.erf,
    "max": sympy.Max,
    "min": sympy.Min,
    "||": sympy.Abs,
    "σ": lambda a: 1 / (1 + sympy.exp(-a)),
    "Φ": lambda a: (1 + sympy.erf(a / sympy.sqrt(2))) / 2,
    "φ": lambda a: sympy.exp(-(a**2) / 2) / sympy.sqrt(2 * sympy.pi),
}


def in_sympy(expression: Expression, letters: Mapping[str, Any], bound: Mapping[str, int] | None = None) -> sympy.Expr:
    """A scalar expression, its letters' values given as SymPy's: symbols, or object arrays of them."""
    environment = Environment(
        letters={**letters, "π": sympy.pi},
        bound=bound or {},
        functions=FUNCTIONS,
        number=sympy.Rational,
        choose=lambda branches: sympy.Piecewise(*branches),
    )
    return sympy.sympify(evaluate(expression, environment))
