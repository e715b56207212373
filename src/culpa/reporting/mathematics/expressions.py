# SPDX-License-Identifier: MIT
"""Expressions: formulas, numbers and matrices as a small neutral tree, which every printer reads and none evaluates.

    a, b = Letter("a"), Letter("b")
    1 / (1 + exp(-a))            a fraction; + − · / ** are those of Python, with brackets where a printer needs them
    delta * h.T                  a product of matrices; `hadamard(x, y)` multiplies entry by entry
    Matrix(cells, (1, None, 64), (1, 2), shape)     None marks what is left out, and is printed as dots

What a letter stands for is written beside it (`means`), for whoever puts numbers in its place; printers only hand it
on. Knows no network.
"""

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, TypeAlias

__all__ = [
    "Apply",
    "BigSum",
    "Cases",
    "Dots",
    "Enclosed",
    "Equation",
    "Expression",
    "Fraction",
    "Letter",
    "Like",
    "Listing",
    "Matrix",
    "Nabla",
    "Negative",
    "Number",
    "Partial",
    "Power",
    "Product",
    "Relation",
    "Shaped",
    "Sum",
    "Transpose",
    "hadamard",
    "lift",
    "mapped",
    "operator",
    "walk",
]


class Expression:
    """What can stand in a formula; its arithmetic builds trees and computes nothing."""

    __slots__ = ()

    def __add__(self, other: "Like") -> "Sum":
        return Sum((*terms_of(self), *terms_of(lift(other))))

    def __radd__(self, other: "Like") -> "Sum":
        return lift(other) + self

    def __sub__(self, other: "Like") -> "Sum":
        return Sum((*terms_of(self), Negative(lift(other))))

    def __rsub__(self, other: "Like") -> "Sum":
        return lift(other) - self

    def __neg__(self) -> "Negative":
        return Negative(self)

    def __mul__(self, other: "Like") -> "Product":
        return Product((*factors_of(self), *factors_of(lift(other))))

    def __rmul__(self, other: "Like") -> "Product":
        return lift(other) * self

    def __truediv__(self, other: "Like") -> "Fraction":
        return Fraction(self, lift(other))

    def __rtruediv__(self, other: "Like") -> "Fraction":
        return Fraction(lift(other), self)

    def __pow__(self, other: "Like") -> "Power":
        return Power(self, lift(other))

    @property
    def T(self) -> "Transpose":
        """The transpose."""
        return Transpose(self)


Like: TypeAlias = Expression | float | str
"""What can be made an expression of: a number, or the glyph of a letter."""


@dataclass(frozen=True, slots=True)
class Number(Expression):
    """A number; how many of its digits are shown is the printers' business, and an `int` is shown whole.

    Args:
        value: The number, with all its digits.
        means: What it is the value of.
    """

    value: float
    means: Hashable = None


@dataclass(frozen=True, slots=True)
class Letter(Expression):
    """A symbol: one glyph, its indices below and above.

    Args:
        glyph: In Unicode, such as δ or W; several letters (dZ) are one name.
        lower: Its subscript.
        upper: Its superscript, which is an index and no power.
        prime: Whether it is marked as a derivative, g′.
        upright: Whether it is a name, like tanh, and not a variable.
        said: How it is read aloud, where its glyph does not say it: "delta".
        means: What it stands for.
    """

    glyph: str
    lower: Expression | None = None
    upper: Expression | None = None
    prime: bool = False
    upright: bool = False
    said: str = ""
    means: Hashable = None


@dataclass(frozen=True, slots=True)
class Listing(Expression):
    """Several things side by side, as in an index: k, i, j; with "" as the separator, [l](i)."""

    items: tuple[Expression, ...]
    separator: Literal[",", ""] = ","


@dataclass(frozen=True, slots=True)
class Enclosed(Expression):
    """Something between signs: [l], (i), |r|; as [c = j] it is 1 where that holds, and 0 where not."""

    of: "Expression | Relation"
    signs: Literal["[]", "()", "||"] = "()"


@dataclass(frozen=True, slots=True)
class Sum(Expression):
    """Terms added up; a `Negative` one is taken away."""

    terms: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Negative(Expression):
    """The opposite of something."""

    of: Expression


@dataclass(frozen=True, slots=True)
class Product(Expression):
    """Factors side by side; "·" and "×" between numbers, "⊙" where matrices are multiplied entry by entry."""

    factors: tuple[Expression, ...]
    sign: Literal["", "·", "⊙"] = ""


@dataclass(frozen=True, slots=True)
class Fraction(Expression):
    """One thing over another."""

    over: Expression
    under: Expression


@dataclass(frozen=True, slots=True)
class Power(Expression):
    """A base and its exponent."""

    base: Expression
    exponent: Expression


@dataclass(frozen=True, slots=True)
class Transpose(Expression):
    """A matrix or a vector, transposed."""

    of: Expression


@dataclass(frozen=True, slots=True)
class Apply(Expression):
    """A function of something: tanh a, g(a), max(0, a)."""

    function: Expression
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Partial(Expression):
    """A partial derivative, ∂ of / ∂ by; of a vector or matrix, laid out like `by`."""

    of: Expression
    by: Expression


@dataclass(frozen=True, slots=True)
class Nabla(Expression):
    """A gradient, ∇ with what it is taken by below it."""

    by: Expression
    of: Expression


@dataclass(frozen=True, slots=True)
class BigSum(Expression):
    """Σ over an index; without `last`, over all its values."""

    index: Expression
    first: Expression | None
    last: Expression | None
    body: Expression


@dataclass(frozen=True, slots=True)
class Relation(Expression):
    """A condition: a > 0, c = j."""

    left: Expression
    sign: Literal["=", "≠", "<", ">", "≤", "≥"]
    right: Expression


@dataclass(frozen=True, slots=True)
class Cases(Expression):
    """One of several, the first whose condition holds; None holds otherwise."""

    branches: tuple[tuple[Expression, Relation | None], ...]


@dataclass(frozen=True, slots=True)
class Dots(Expression):
    """What is left out of a matrix: along a row, down a column, or both ways."""

    way: Literal["⋯", "⋮", "⋱"]


@dataclass(frozen=True, slots=True)
class Matrix(Expression):
    """A matrix, of which some rows and columns may be left out; a vector has one column, or one row.

    Args:
        cells: The rows that are shown; `Dots` stand where something is left out.
        rows, columns: Which row and column each is, counted from 1; None for dots.
        shape: The whole matrix's rows and columns.
        means: What it stands for.
    """

    cells: tuple[tuple[Expression, ...], ...]
    rows: tuple[Expression | None, ...]
    columns: tuple[Expression | None, ...]
    shape: tuple[Expression, Expression]
    means: Hashable = None


@dataclass(frozen=True, slots=True)
class Shaped(Expression):
    """Something with its shape under it: (d_k × d_{k−1})."""

    of: Expression
    shape: tuple[Expression, Expression]


@dataclass(frozen=True, slots=True)
class Equation:
    """A chain of expressions that are all equal: left = middle = right.

    Args:
        terms: From left to right; two or more.
        sign: Between them.
    """

    terms: tuple[Expression, ...]
    sign: Literal["=", "≈"] = "="


def lift(thing: Like) -> Expression:
    """A number or a glyph as an expression; an expression as it is."""
    if isinstance(thing, Expression):
        return thing
    return Letter(thing) if isinstance(thing, str) else Number(thing)


def operator(name: str, said: str = "") -> Callable[..., Apply]:
    """A function with a name of its own, to be applied as in Python.

    Example:
        >>> tanh = operator("tanh")
        >>> tanh("a").function.glyph, tanh("a").arguments
        ('tanh', (Letter(glyph='a', lower=None, upper=None, prime=False, upright=False, said='', means=None),))
    """
    return lambda *arguments: Apply(Letter(name, upright=True, said=said), tuple(map(lift, arguments)))


def hadamard(left: Expression, right: Expression) -> Product:
    """Entry by entry."""
    return Product((left, right), "⊙")


def terms_of(expression: Expression) -> tuple[Expression, ...]:
    """The terms of a sum; anything else is its own."""
    return expression.terms if isinstance(expression, Sum) else (expression,)


def factors_of(expression: Expression) -> tuple[Expression, ...]:
    """The factors of a plain product; anything else is its own."""
    return expression.factors if isinstance(expression, Product) and not expression.sign else (expression,)


def mapped(expression: Any, function: Callable[[Expression], Expression | None]) -> Any:
    """The same tree with some of its parts replaced, from the outside in.

    Args:
        expression: An expression, or a tuple of them, as they stand in a field.
        function: What to put in a part's place; None goes on inside it. What comes in its place is not looked into.
    """
    if isinstance(expression, tuple):
        return tuple(mapped(entry, function) for entry in expression)
    if isinstance(expression, Equation):
        return replace(expression, terms=mapped(expression.terms, function))
    if not isinstance(expression, Expression):
        return expression
    other = function(expression)
    if other is not None:
        return other
    inside = {
        field.name: mapped(value, function)
        for field in fields(expression)  # type: ignore[arg-type] # every expression is a dataclass
        if isinstance(value := getattr(expression, field.name), Expression | tuple) and field.name != "means"
    }
    return replace(expression, **inside) if inside else expression  # type: ignore[type-var] # likewise


def walk(expression: Any) -> Iterator[Expression]:
    """Every part of an expression or equation, itself first."""
    if isinstance(expression, tuple):
        for entry in expression:
            yield from walk(entry)
    elif isinstance(expression, Equation):
        yield from walk(expression.terms)
    elif isinstance(expression, Expression):
        yield expression
        for field in fields(expression):  # type: ignore[arg-type] # every expression is a dataclass
            if field.name != "means":
                yield from walk(getattr(expression, field.name))
