# SPDX-License-Identifier: MIT
"""How wide and how tall an expression stands in print: an estimate in em, by which lines are broken.

Knows no format and no font: a letter is half an em, an index a third, and a matrix as wide as its columns.
"""

from culpa.reporting.mathematics.binding import ATOM, FACTOR, POWER, bracketed, glue
from culpa.reporting.mathematics.expressions import (
    Apply,
    BigSum,
    Cases,
    Dots,
    Enclosed,
    Equation,
    Expression,
    Fraction,
    Letter,
    Listing,
    Matrix,
    Nabla,
    Negative,
    Number,
    Partial,
    Power,
    Product,
    Relation,
    Shaped,
    Sum,
    Transpose,
    walk,
)
from culpa.reporting.mathematics.numerals import DIGITS, numeral

__all__ = ["is_tall", "width"]

SMALL = 0.7
"""An index beside a letter."""
BETWEEN = 1.0
"""Between two columns of a matrix."""
SIGN = 1.2
"""A sign with space around it."""
TALL = (Fraction, Partial, Matrix, Cases, BigSum, Shaped)
ROOMY = {"□": 4.2}
"""A box to write a number into."""


def is_tall(expression: Expression) -> bool:
    """Whether it is higher than a line of letters, so that brackets must grow and rows need space."""
    return any(
        isinstance(part, TALL) or (isinstance(part, Letter) and part.glyph in ROOMY) for part in walk(expression)
    )


def width(expression: "Expression | Equation", digits: int = DIGITS) -> float:
    """About how wide it is, in em.

    Example:
        >>> width(Letter("a")), round(width(Letter("a") + Letter("b")), 1)
        (0.6, 2.4)
    """
    match expression:
        case Number(value):
            written = numeral(value, digits)
            return 0.5 * len(written.plain) + (1.2 if written.power is not None else 0.3 * written.negative)
        case Letter(glyph, lower, upper, prime):
            scripts = max(width(part, digits) if part is not None else 0.0 for part in (lower, upper))
            return ROOMY.get(glyph, 0.6 * len(glyph)) + SMALL * scripts + 0.3 * prime
        case Matrix(cells):
            columns = zip(*cells, strict=True)
            return sum(max(width(cell, digits) for cell in column) + BETWEEN for column in columns) + 0.4
        case Fraction(over, under) | Partial(over, under):
            return max(width(over, digits), width(under, digits)) + (0.9 if isinstance(expression, Partial) else 0.3)
        case Shaped(of, (rows, columns)):
            return max(width(of, digits), SMALL * (width(rows, digits) + width(columns, digits) + 2))
        case Cases(branches):
            return 1.5 + max(width(value, digits) + (width(c, digits) + 2 if c else 5) for value, c in branches)
        case Equation(terms):
            return sum(width(term, digits) for term in terms) + SIGN * (len(terms) - 1)
    return joined(expression, digits)


def joined(expression: Expression, digits: int) -> float:
    """The width of what stands side by side."""

    def of(part: Expression, level: int = 0) -> float:
        return width(part, digits) + 0.8 * bracketed(part, level, digits=digits)

    match expression:
        case Listing(parts):
            return sum(map(of, parts)) + 0.3 * (len(parts) - 1)
        case Sum(terms):
            return sum(of(term, 0) for term in terms) + SIGN * (len(terms) - 1)
        case Product(factors, sign):
            gaps = sum(SIGN - 0.2 if glue(sign, factor) else 0.2 for factor in factors[1:])
            return sum(of(factor, FACTOR) for factor in factors) + gaps
        case Power(base, exponent):
            return of(base, ATOM) + SMALL * of(exponent)
        case Apply(function, arguments):
            return of(function, POWER) + 0.8 + sum(map(of, arguments)) + 0.4 * (len(arguments) - 1)
        case BigSum(index, _, _, body):
            return 1.5 + SMALL * of(index) + of(body)
        case Nabla(by, of_what):
            return 0.9 + SMALL * of(by) + of(of_what, POWER)
        case Relation(left, _, right):
            return of(left) + SIGN + of(right)
        case Enclosed(inner) | Negative(inner):
            return 0.8 + (width(inner, digits))
        case Transpose(inner):
            return of(inner, POWER) + 0.5
        case Dots():
            return 1.2
    return 1.0
