# SPDX-License-Identifier: MIT
"""What a tree of a formula is worth: an evaluator that shares nothing with the library but the tree itself.

    evaluate(expression, Environment(letters={"a": 0.5}))               a number
    evaluate(equation.terms[0], Environment(quantity=…, derivative=…, bound={"k": 2, "i": 1}))
    assert_true(equation, environment)                                  all its terms are the same

Matrices are arrays (rows, columns), and a vector has one column or one row. What dots leave out is NaN, and whatever
is computed with it is NaN too: two values are compared where both are known, and `assert_true` says at how many
places that was. A matrix or a shape that lies about its size is refused. With SymPy's numbers and functions in the
environment, the same walk gives SymPy's expressions.
"""

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import combinations
from typing import Any

import numpy as np
from scipy.special import erf

from culpa.reporting.mathematics import expressions as tree
from culpa.reporting.mathematics.expressions import Equation, Expression

UNKNOWN = math.nan


def logistic(a):
    return 1 / (1 + np.exp(-a))


def normal(a):
    return (1 + erf(a / math.sqrt(2))) / 2


def positive(a):
    return np.real(a) > 0


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": np.exp,
    "log": np.log,
    "tanh": np.tanh,
    "cosh": np.cosh,
    "erf": erf,
    "max": lambda *numbers: reduce(lambda x, y: np.where(np.real(x) >= np.real(y), x, y), numbers),
    "min": lambda *numbers: reduce(lambda x, y: np.where(np.real(x) <= np.real(y), x, y), numbers),
    "||": lambda a: np.where(np.real(a) < 0, -a, a),
    "σ": logistic,
    "Φ": normal,
    "φ": lambda a: np.exp(-a * a / 2) / math.sqrt(2 * math.pi),
    "identity": lambda a: a,
    "logistic": logistic,
    "relu": lambda a: np.where(positive(a), a, 0),
    "leaky relu": lambda a: np.where(positive(a), a, a / 100),
    "elu": lambda a: np.where(positive(a), a, np.exp(np.where(positive(a), 0, a)) - 1),
    "gelu": lambda a: a * normal(a),
    "silu": lambda a: a * logistic(a),
    "softplus": lambda a: np.log(1 + np.exp(a)),
    "softmax": lambda a: np.exp(a) / np.exp(a).sum(),
}


def first_that_holds(branches: Sequence[tuple[Any, Any]]) -> Any:
    """The value of the first branch whose condition holds; entry by entry, if conditions are arrays."""
    conditions = [np.asarray(condition) for _, condition in branches]
    if all(condition.ndim == 0 for condition in conditions):
        return next(value for value, condition in branches if condition)
    return np.select(conditions, [value for value, _ in branches])


@dataclass(frozen=True)
class Environment:
    """What letters, functions and derivatives are worth.

    Args:
        letters: By glyph, or by the letter itself: a number, a matrix, or (by glyph) what its subscripts lead into.
        quantity: From what a letter means, its indices turned to integers, to a number, a matrix or a function.
        derivative: From what is derived and by what, likewise.
        bound: The indices' numbers, from 1.
        functions: By name, beside those above.
        spans: The last value of an index, for sums that do not say it.
        number: What a number in the tree becomes.
        choose: How one of several cases is chosen.
    """

    letters: Mapping[Any, Any] = field(default_factory=dict)
    quantity: Callable[[Any], Any] | None = None
    derivative: Callable[[Any, Any], Any] | None = None
    bound: Mapping[str, Any] = field(default_factory=dict)
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    spans: Mapping[str, int] = field(default_factory=dict)
    number: Callable[[Any], Any] = lambda value: value
    choose: Callable[[Sequence[tuple[Any, Any]]], Any] = first_that_holds

    def function(self, name: str) -> Callable[..., Any]:
        """A function by its name."""
        return self.functions[name] if name in self.functions else FUNCTIONS[name]

    def where(self, **bound: Any) -> "Environment":
        """The same with other indices' numbers."""
        return replace(self, bound={**self.bound, **bound})


def evaluate(expression: Expression, environment: Environment) -> Any:
    """The value of an expression: a number, or an array (rows, columns)."""
    with np.errstate(all="ignore"):  # NaN stands for what is not known, and log 0 is looked after by `times`.
        return RULES[type(expression)](expression, environment)


def letter(of: tree.Letter, environment: Environment) -> Any:
    if of in environment.letters:
        return environment.letters[of]
    plain = of.lower is None and of.upper is None and not of.prime
    if plain and of.glyph in environment.bound:
        return environment.bound[of.glyph]
    if of.means is not None and environment.quantity is not None:
        return environment.quantity(settled(of.means, environment))
    if of.glyph in environment.letters and of.upper is None and not of.prime:
        value = environment.letters[of.glyph]
        return value if of.lower is None else value[tuple(index - 1 for index in whole(of.lower, environment))]
    if plain and of.glyph in ("e", "π"):
        return environment.function("exp")(1) if of.glyph == "e" else environment.letters.get("π", math.pi)
    raise KeyError(f"nothing is said of {of}")


def whole(index: Expression, environment: Environment) -> tuple[int, ...]:
    """Subscripts as integers."""
    items = index.items if isinstance(index, tree.Listing) else (index,)
    return tuple(integer(evaluate(item, environment)) for item in items)


def integer(value: Any) -> int:
    if int(value) != value:
        raise AssertionError(f"an index must be a whole number; got {value}")
    return int(value)


def settled(means: Any, environment: Environment) -> Any:
    """What a letter means, with integers for its indices."""
    if isinstance(means, Expression):
        return integer(evaluate(means, environment))
    if isinstance(means, tuple):
        inside = [settled(entry, environment) for entry in means]
        return type(means)(*inside) if hasattr(means, "_fields") else tuple(inside)
    return means


def meaning(of: Expression, environment: Environment) -> Hashable:
    """What is derived, or by what: what the letter means, or the expression itself."""
    means = of.means if isinstance(of, tree.Letter | tree.Matrix) else None
    return of if means is None else settled(means, environment)


def derived(of: "tree.Partial | tree.Nabla", environment: Environment) -> Any:
    return environment.derivative(meaning(of.of, environment), meaning(of.by, environment))


def is_array(value: Any) -> bool:
    return getattr(value, "ndim", 0) > 0


def plus(left: Any, right: Any) -> Any:
    """A sum; a row is added to every row of a matrix and a column to every column, and nothing else is stretched."""
    shapes = [np.shape(value) for value in (left, right) if is_array(value) or not is_unknown(value)]
    if len(set(shapes)) > 1:
        small, large = sorted(shapes, key=math.prod)
        if small not in ((1, *large[1:]), (*large[:1], 1)):
            raise AssertionError(f"{left} and {right} cannot be added")
    return left + right


def is_unknown(value: Any) -> bool:
    """Whether dots stand for it."""
    return isinstance(value, float) and math.isnan(value)


def times(left: Any, right: Any, sign: str) -> Any:
    """A product; 0 log 0 is 0."""
    if is_array(left) and is_array(right):
        if sign != "⊙":
            return left @ right
        if left.shape not in (right.shape, (len(right), 1)):  # a column weighs the rows of a matrix
            raise AssertionError(f"{left.shape} and {right.shape} cannot be multiplied entry by entry")
        return left * right
    return 0 if is_nothing_of_infinity(left, right) else left * right


def is_nothing_of_infinity(left: Any, right: Any) -> bool:
    """Whether one is the number 0 and the other infinite, as in 0 log 0."""
    if not all(isinstance(value, int | float | complex | np.number) for value in (left, right)):
        return False
    return (left == 0 and bool(np.isinf(right))) or (right == 0 and bool(np.isinf(left)))


def known(of: tree.Number, environment: Environment) -> Any:
    if np.isnan(of.value):
        raise AssertionError("a number in the tree is none")
    return environment.number(of.value)


def power(of: tree.Power, environment: Environment) -> Any:
    exponent = evaluate(of.exponent, environment)
    if of.base == tree.Letter("e"):
        return environment.function("exp")(exponent)
    return evaluate(of.base, environment) ** exponent


def applied(of: tree.Apply, environment: Environment) -> Any:
    name, arguments = of.function, [evaluate(argument, environment) for argument in of.arguments]
    if name.means is not None and environment.quantity is not None:
        return environment.quantity(settled(name.means, environment))(*arguments)
    return environment.function(name.glyph)(*arguments)


def total(of: tree.BigSum, environment: Environment) -> Any:
    first = 1 if of.first is None else integer(evaluate(of.first, environment))
    last = environment.spans[of.index.glyph] if of.last is None else integer(evaluate(of.last, environment))
    terms = [evaluate(of.body, environment.where(**{of.index.glyph: m})) for m in range(first, last + 1)]
    return reduce(plus, terms) if terms else 0


def holds(of: tree.Relation, environment: Environment) -> Any:
    left, right = (evaluate(side, environment) for side in (of.left, of.right))
    left, right = (side.real if isinstance(side, complex | np.generic | np.ndarray) else side for side in (left, right))
    return RELATIONS[of.sign](left, right)


def enclosed(of: tree.Enclosed, environment: Environment) -> Any:
    value = evaluate(of.of, environment)
    if isinstance(of.of, tree.Relation):
        return int(value)
    return environment.function("||")(value) if of.signs == "||" else value


def cases(of: tree.Cases, environment: Environment) -> Any:
    return environment.choose(
        [
            (evaluate(value, environment), True if condition is None else evaluate(condition, environment))
            for value, condition in of.branches
        ]
    )


def matrix(of: tree.Matrix, environment: Environment) -> Any:
    """The whole matrix, NaN where nothing is shown."""
    shape = tuple(integer(evaluate(size, environment)) for size in of.shape)
    places = [
        [None if index is None else integer(evaluate(index, environment)) - 1 for index in side]
        for side in (of.rows, of.columns)
    ]
    for side, size in zip(places, shape, strict=True):
        if None not in side and side != list(range(size)):
            raise AssertionError(f"a matrix of {shape} shows {side} and leaves out nothing")
    values: dict[tuple[int, int], Any] = {}
    for i, row in zip(places[0], of.cells, strict=True):
        for j, cell in zip(places[1], row, strict=True):
            if (i is None or j is None) != isinstance(cell, tree.Dots):
                raise AssertionError("dots stand where a row or column is left out, and only there")
            if i is not None and j is not None:
                values[i, j] = evaluate(cell, environment)
    filled = np.full(shape, UNKNOWN, np.result_type(float, *map(np.asarray, values.values())))
    for place, value in values.items():
        filled[place] = value
    return filled


def shaped(of: tree.Shaped, environment: Environment) -> Any:
    value = evaluate(of.of, environment)
    stated = tuple(integer(evaluate(size, environment)) for size in of.shape)
    if (np.shape(value) or (1, 1)) != stated:
        raise AssertionError(f"the shape {stated} is written under {np.shape(value)}")
    return value


RELATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "=": lambda x, y: x == y,
    "≠": lambda x, y: x != y,
    "<": lambda x, y: x < y,
    ">": lambda x, y: x > y,
    "≤": lambda x, y: x <= y,
    "≥": lambda x, y: x >= y,
}
RULES: dict[type, Callable[[Any, Environment], Any]] = {
    tree.Number: known,
    tree.Letter: letter,
    tree.Enclosed: enclosed,
    tree.Sum: lambda of, environment: reduce(plus, (evaluate(term, environment) for term in of.terms)),
    tree.Negative: lambda of, environment: -evaluate(of.of, environment),
    tree.Product: lambda of, environment: reduce(
        lambda x, y: times(x, y, of.sign), (evaluate(factor, environment) for factor in of.factors)
    ),
    tree.Fraction: lambda of, environment: over(evaluate(of.over, environment), evaluate(of.under, environment)),
    tree.Power: power,
    tree.Transpose: lambda of, environment: evaluate(of.of, environment).T,
    tree.Apply: applied,
    tree.Partial: derived,
    tree.Nabla: derived,
    tree.BigSum: total,
    tree.Relation: holds,
    tree.Cases: cases,
    tree.Dots: lambda of, environment: UNKNOWN,
    tree.Matrix: matrix,
    tree.Shaped: shaped,
}


def over(value: Any, under: Any) -> Any:
    """A fraction; what stands below is a number."""
    if is_array(under):
        raise AssertionError("nothing is divided by a matrix")
    return value / under


def compared(left: Any, right: Any, tolerance: float = 1e-12) -> int:
    """At how many places two values were compared, and found the same relative to their size.

    Raises:
        AssertionError: If they differ, or have different shapes.
    """
    left, right = np.asarray(left), np.asarray(right)
    if left.shape != right.shape:
        raise AssertionError(f"a value of shape {left.shape} is said to equal one of {right.shape}")
    both = ~(np.isnan(left) | np.isnan(right))
    size = max(np.abs(left[both]).max(initial=0), np.abs(right[both]).max(initial=0))
    apart = np.abs(left[both] - right[both]).max(initial=0)
    if not apart <= tolerance * size:
        raise AssertionError(f"{left} is said to equal {right}")
    return int(both.sum())


def assert_true(equation: Equation, environment: Environment, tolerance: float = 1e-12) -> int:
    """All terms of an equation are the same, as far as they are known; at how many places that was seen."""
    values = [evaluate(term, environment) for term in equation.terms]
    return sum(compared(left, right, tolerance) for left, right in combinations(values, 2))
