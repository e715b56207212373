# SPDX-License-Identifier: MIT
"""Binding: how tightly the parts of an expression hold together, and so where a printer must put brackets.

    SUM < TERM < PRODUCT < FACTOR < POWER < ATOM
    a + b   Σ_i a_i   W h     a/b, ∂ℓ/∂a, 1.5e−9   Wᵀ, a²   δ, g(a), [l], a matrix

A place in a formula asks for a level, and what binds less tightly stands in brackets there: the terms of a sum after
its first ask for TERM, as does what a minus stands before; factors for FACTOR; the base of a power for ATOM. Knows no
format and prints nothing.
"""

from dataclasses import replace

from culpa.reporting.mathematics.expressions import (
    BigSum,
    Cases,
    Enclosed,
    Expression,
    Fraction,
    Letter,
    Listing,
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
)
from culpa.reporting.mathematics.numerals import DIGITS, numeral

__all__ = [
    "ATOM",
    "FACTOR",
    "LOOSE",
    "POWER",
    "PRODUCT",
    "SUM",
    "TERM",
    "binds",
    "bracketed",
    "crowded",
    "glue",
    "signed",
]

LOOSE, SUM, TERM, PRODUCT, FACTOR, POWER, ATOM = range(7)

LEVELS: dict[type[Expression], int] = {
    Relation: LOOSE,
    Listing: LOOSE,
    Cases: LOOSE,
    Sum: SUM,
    Negative: SUM,
    BigSum: TERM,
    Product: PRODUCT,
    Fraction: FACTOR,
    Partial: FACTOR,
    Nabla: FACTOR,
    Power: POWER,
    Transpose: POWER,
}


def binds(expression: Expression, *, flat: bool = False, digits: int = DIGITS) -> int:
    """How tightly an expression holds together, from LOOSE to ATOM.

    Args:
        expression: What stands in the place.
        flat: Whether fractions are written on one line, a/b, and so hold together no better than a product.
        digits: How many digits are shown; a number with a power of ten is a FACTOR.
    """
    if isinstance(expression, Number):
        written = numeral(expression.value, digits)
        return SUM if written.negative else ATOM if written.power is None else FACTOR
    if isinstance(expression, Letter):
        return POWER if expression.upper is not None or expression.prime else ATOM
    if isinstance(expression, Shaped):
        return binds(expression.of, flat=flat, digits=digits)
    if flat and isinstance(expression, Fraction | Partial):
        return PRODUCT
    return LEVELS.get(type(expression), ATOM)


def bracketed(child: Expression, level: int, *, flat: bool = False, digits: int = DIGITS) -> bool:
    """Whether a part needs brackets in a place that asks for a level.

    Example:
        >>> a, b = Letter("a"), Letter("b")
        >>> bracketed(a + b, FACTOR), bracketed(a / b, FACTOR), bracketed(Number(-2.0), FACTOR)
        (True, False, True)
    """
    return binds(child, flat=flat, digits=digits) < level


def crowded(letter: Letter) -> bool:
    """Whether a T above a letter would run together with what stands there: (w³)ᵀ, but W^[3]ᵀ.

    Example:
        >>> crowded(Letter("w", upper=Number(3))), crowded(Letter("W", upper=Enclosed(Number(3), "[]")))
        (True, False)
    """
    upper = letter.upper
    last = upper.items[-1] if isinstance(upper, Listing) else upper
    return letter.prime or (last is not None and not isinstance(last, Enclosed))


def signed(term: Expression, *, digits: int = DIGITS) -> tuple[bool, Expression]:
    """A term of a sum as what a plus or a minus stands before: whether it is a minus, and the rest.

    Example:
        >>> signed(Negative(Letter("a"))) == (True, Letter("a")), signed(Number(-0.5)) == (True, Number(0.5))
        (True, True)
    """
    if isinstance(term, Negative):
        return True, term.of
    if isinstance(term, Number) and numeral(term.value, digits).negative:
        return True, replace(term, value=-term.value)
    return False, term


def glue(sign: str, right: Expression) -> str:
    """The sign before a factor that is not the first: the product's own, or "·" before a number.

    Example:
        >>> glue("", Letter("a")), glue("", Number(2)), glue("⊙", Letter("a"))
        ('', '·', '⊙')
    """
    return sign or ("·" if starts_with_number(right) else "")


def starts_with_number(expression: Expression) -> bool:
    """Whether the first thing written is a digit, or a number in brackets."""
    if isinstance(expression, Power):
        return starts_with_number(expression.base)
    if isinstance(expression, Product):
        return starts_with_number(expression.factors[0])
    return isinstance(expression, Number)
