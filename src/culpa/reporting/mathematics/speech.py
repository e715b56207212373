# SPDX-License-Identifier: MIT
"""Speech: expressions and equations in English words, for those who hear a page instead of seeing it.

    ∂ℓ/∂W_{2,1,3} = δ_{2,1} h_{1,3}
    the partial derivative of the loss with respect to W 2, 1, 3 equals delta 2, 1 times h 1, 3

Indices follow their letter; commas and colons are pauses. Large matrices are named by their size, small ones read row
by row. Knows no page.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from culpa.reporting.mathematics import binding
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
)
from culpa.reporting.mathematics.numerals import DIGITS, numeral

__all__ = ["spoken"]

MOST, LONGEST = 12, 400
"""A matrix of at most so many entries and letters is read out."""
RELATIONS = {
    "=": "equals",
    "≈": "is about",
    "≠": "is not",
    "<": "is less than",
    ">": "is greater than",
    "≤": "is at most",
    "≥": "is at least",
}
TIMES = {"": "times", "·": "times", "⊙": "times, entry by entry,"}
POWERS = {2: "squared", 3: "cubed"}
ACCENTS = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0307": "dot"}
NAMES = {"λ": "lambda", "Λ": "capital lambda", "ϕ": "phi", "ϵ": "epsilon", "ℓ": "script l", "𝓛": "script L"}
THINGS = ("loss", "objective", "cost")
"""Letters that are read as a thing, with an article."""


def spoken(expression: Expression | Equation, *, digits: int = DIGITS) -> str:
    """An expression or a chain of equal ones in words.

    Args:
        expression: What to read out.
        digits: How many significant digits a number is read with.

    Example:
        >>> spoken(Letter("δ", lower=Letter("k")) * Letter("h").T + Number(-0.5))
        'delta k times h transposed minus 0.5'
    """
    if isinstance(expression, Equation):
        words = f" {RELATIONS[expression.sign]} ".join(say(term, digits) for term in expression.terms)
    else:
        words = say(expression, digits)
    return re.sub("([,;:])[,;]+", r"\1", words).rstrip(",;")


def say(part: Expression, digits: int) -> str:
    """A part in words, which may end in a pause."""
    words: str = RULES[type(part)](part, digits)
    return words


def within(part: Expression, level: int, digits: int) -> str:
    """A part in a place that asks for a level, its brackets read out; what says where it ends needs none."""
    ends = isinstance(part, Fraction | Matrix) or (isinstance(part, Number) and level <= binding.FACTOR)
    return say(part, digits) if ends or not binding.bracketed(part, level, digits=digits) else bracket(part, digits)


def bracket(part: Expression, digits: int) -> str:
    """A part with its brackets."""
    return f"open bracket {say(part, digits)} close bracket"


def number(part: Number, digits: int) -> str:
    """Minus, digits, and a power of ten."""
    written = numeral(part.value, digits)
    words = {"∞": "infinity", "–": "not a number"}.get(written.digits, written.digits)
    if written.power is not None:
        words += f" times 10 to the {'minus ' if written.power < 0 else ''}{abs(written.power)}"
    return f"minus {words}" if written.negative else words


def letter(part: Letter, digits: int) -> str:
    """A name, its indices, and what stands above it."""
    words = part.said or (part.glyph if part.upright and len(part.glyph) > 1 else glyph_words(part.glyph))
    words = f"the {words}" if words.startswith(THINGS) else words
    words += " prime" if part.prime else ""
    words += "" if part.lower is None else f" {index(part.lower, digits)}"
    return words if part.upper is None else f"{words} superscript {index(part.upper, digits)}"


def glyph_words(glyph: str) -> str:
    """What a glyph is called: δ is delta, Δ capital delta, ŷ y hat; dZ is read letter by letter."""
    if len(glyph) > 1:
        return " ".join(map(glyph_words, glyph))
    parts = unicodedata.normalize("NFD", glyph)
    if len(parts) == 2 and parts[1] in ACCENTS:
        return f"{glyph_words(parts[0])} {ACCENTS[parts[1]]}"
    name = unicodedata.name(glyph, "")
    if glyph in NAMES or not name.startswith("GREEK"):
        return NAMES.get(glyph, glyph)
    return ("capital " if "CAPITAL" in name else "") + name.split()[-1].lower()


def index(part: Expression, digits: int) -> str:
    """An index: without the signs around it, a sum in one breath, and an index of its own called one."""
    if isinstance(part, Listing):
        return f"{part.separator} ".join(index(item, digits) for item in part.items)
    if isinstance(part, Enclosed) and isinstance(part.of, Expression) and not isinstance(part.of, Relation):
        return index(part.of, digits)
    if isinstance(part, Letter) and part.lower is not None:
        return f"{say(replace(part, lower=None), digits)} sub {index(part.lower, digits)}"
    words = say(part, digits)
    return words.replace(" ", "-") if isinstance(part, Sum) else words


def enclosed(part: Enclosed, digits: int) -> str:
    """An absolute value, a condition that is 1 or 0, or brackets."""
    if part.signs == "||":
        return f"the absolute value of {argument(part.of, digits)}"
    return f"the indicator that {say(part.of, digits)}," if isinstance(part.of, Relation) else bracket(part.of, digits)


def total(part: Sum, digits: int) -> str:
    """Terms with plus and minus."""
    words = say(part.terms[0], digits)
    for term in part.terms[1:]:
        negative, rest = binding.signed(term, digits=digits)
        words += f" {'minus' if negative else 'plus'} {within(rest, binding.TERM, digits)}"
    return words


def product(part: Product, digits: int) -> str:
    """Factors."""
    *others, last = part.factors
    level = binding.TERM if isinstance(last, BigSum) else binding.FACTOR
    words = [*(within(factor, binding.FACTOR, digits) for factor in others), within(last, level, digits)]
    return f" {TIMES[part.sign]} ".join(words)


def fraction(part: Fraction, digits: int) -> str:
    """One thing over another; where either is more than a letter or a number, it is said where both end."""
    over, under = say(part.over, digits), say(part.under, digits)
    plain = all(isinstance(side, Letter | Number) for side in (part.over, part.under))
    return f"{over} over {under}" if plain else f"the fraction {over}, over {under}, end of fraction,"


def power(part: Power, digits: int) -> str:
    """A base and its exponent."""
    is_open = isinstance(part.base, Apply)
    base = bracket(part.base, digits) if is_open else within(part.base, binding.POWER, digits)
    exponent = part.exponent
    if isinstance(exponent, Number) and exponent.value in POWERS:
        return f"{base} {POWERS[int(exponent.value)]}"
    return f"{base} to the power of {argument(exponent, digits)}"


def applied(part: Apply, digits: int) -> str:
    """A function of its arguments."""
    return f"{say(part.function, digits)} of {' and '.join(argument(each, digits) for each in part.arguments)}"


def argument(part: Expression, digits: int) -> str:
    """What a function is of: in brackets, if a listener could not tell where it ends."""
    inner = part.of if isinstance(part, Negative) else part
    return bracket(part, digits) if isinstance(inner, Sum | Product | BigSum) else say(part, digits)


def big_sum(part: BigSum, digits: int) -> str:
    """The sum over an index."""
    first, last = ("" if end is None else say(end, digits) for end in (part.first, part.last))
    ends = f"{f' from {first}' if first else ''}{f' to {last}' if last else ''}"
    return f"the sum over {say(part.index, digits)}{ends} of {within(part.body, binding.TERM, digits)},"


def cases(part: Cases, digits: int) -> str:
    """Values and when each holds."""
    branches = (
        f"{say(value, digits)} {'otherwise' if when is None else f'if {say(when, digits)}'}"
        for value, when in part.branches
    )
    return "; ".join(branches)


def matrix(part: Matrix, digits: int) -> str:
    """A small one entry by entry; of another its size, and of a long one its ends."""
    height, width = (index(size, digits) for size in part.shape)
    name = f"a {height} by {width} matrix"
    if None in (*part.rows, *part.columns) or sum(map(len, part.cells)) > MOST:
        return name
    shown = [[say(cell, digits) for cell in line] for line in part.cells]
    if sum(len(cell) for line in shown for cell in line) > LONGEST:
        return f"{name}, from {shown[0][0]} to {shown[-1][-1]};"
    if (height == "1") != (width == "1"):
        kind, size = ("column", height) if width == "1" else ("row", width)
        return f"a {kind} of {size}: {', '.join(cell for line in shown for cell in line)};"
    rows = "; ".join(f"row {at}: {', '.join(line)}" for at, line in enumerate(shown, 1))
    return f"a matrix with {counted(height, 'row')} and {counted(width, 'column')}: {rows};"


def counted(size: str, thing: str) -> str:
    """How many of a thing."""
    return f"{size} {thing}{'' if size == '1' else 's'}"


def shaped(part: Shaped, digits: int) -> str:
    """Something and its shape, which a matrix says itself."""
    if isinstance(part.of, Matrix):
        return say(part.of, digits)
    rows, columns = (index(size, digits) for size in part.shape)
    return f"{say(part.of, digits)}, of shape {rows} by {columns},"


RULES: dict[type[Expression], Callable[[Any, int], str]] = {
    Number: number,
    Letter: letter,
    Listing: index,
    Enclosed: enclosed,
    Sum: total,
    Negative: lambda part, digits: f"minus {within(part.of, binding.TERM, digits)}",
    Product: product,
    Fraction: fraction,
    Power: power,
    Transpose: lambda part, digits: f"{within(part.of, binding.POWER, digits)} transposed",
    Apply: applied,
    Partial: lambda part, digits: (
        f"the partial derivative of {within(part.of, binding.POWER, digits)}"
        f" with respect to {within(part.by, binding.POWER, digits)}"
    ),
    Nabla: lambda part, digits: (
        f"the gradient of {within(part.of, binding.POWER, digits)}"
        f" with respect to {within(part.by, binding.POWER, digits)}"
    ),
    BigSum: big_sum,
    Relation: lambda part, digits: f"{say(part.left, digits)} {RELATIONS[part.sign]} {say(part.right, digits)}",
    Cases: cases,
    Dots: lambda *_: "dots",
    Matrix: matrix,
    Shaped: shaped,
}
