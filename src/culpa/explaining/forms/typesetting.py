# SPDX-License-Identifier: MIT
"""Typesetting: equations of the derivation as HTML, a grid with symbols in one row and numbers below them.

    ∇_{W_2} ℓ   =      δ_2          h_1ᵀ            a column for each term, and for each factor where a matrix stands
    [matrix]    =    [matrix]     [matrix]

Each formula is MathML. What stands for a quantity bears its key (`data-cell`), so that a page can light it up.
Knows no step and no page.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from itertools import zip_longest
from typing import NamedTuple

from culpa.explaining.derivation import Line
from culpa.explaining.forms.keys import key
from culpa.explaining.forms.naming import isolated, printable
from culpa.explaining.symbols import Quantity
from culpa.explaining.worth import derivative
from culpa.reporting.mathematics import binding
from culpa.reporting.mathematics.expressions import (
    Equation,
    Expression,
    Letter,
    Matrix,
    Nabla,
    Number,
    Partial,
    Product,
    Shaped,
    Sum,
    mapped,
    walk,
)
from culpa.reporting.mathematics.mathml import mathml
from culpa.reporting.mathematics.numerals import numeral
from culpa.reporting.mathematics.speech import spoken

__all__ = ["Typesetter", "meaning"]

SLOPES = ("δ", "dh", "dW", "db", "∇W", "∇b", "wδ")
"""Roles whose sign is shown by a colour too: which way the loss goes."""


POINT = 0.5
"""The width of a decimal point, in digits."""


class Piece(NamedTuple):
    """What stands in one column, and the sign before it."""

    sign: str
    body: Expression


@dataclass(slots=True)
class Typesetter:
    """Writes formulas, and remembers what stands in them.

    Args:
        digits: How many significant digits are shown.
        example: The example that is explained, from 1; None where there are no numbers.
        names: The names from data that are written from the right to the left.
        present: The quantities written so far, by their keys.
    """

    digits: int
    example: int | None = None
    names: "re.Pattern[str] | None" = None
    present: dict[str, Quantity] = field(default_factory=dict)

    def name(self, quantity: Quantity) -> str:
        """The key of an entry; "" for what is whole."""
        return key(quantity, self.example) if quantity.entry else ""

    def text(self, text: str) -> str:
        """Words within a sentence, whatever names from data are among them."""
        return isolated(escape(printable(text)), self.names, "<bdi>", "</bdi>")

    def inline(self, formula: "Expression | Equation") -> str:
        """A formula within a sentence."""
        return mathml(formula, digits=self.digits, marks=self.attributes, label=spoken(formula, digits=self.digits))

    def line(self, line: Line) -> str:
        """An equation on lines of its own, in a box that scrolls if it is too wide."""
        rows = [equation for equation in (line.symbols, line.numbers) if equation is not None]
        if not rows:
            return ""
        columns = list(self.columns(rows))
        kinds = ["symbols" if equation is line.symbols else "numbers" for equation in rows]
        cells = "".join(
            f'<span class="{kind}{column.place}">{column.html[place]}</span>'
            for place, kind in enumerate(kinds)
            for column in columns
        )
        label = "; ".join(spoken(equation, digits=self.digits) for equation in rows)
        return (
            f'<div class="line" role="group" aria-label="{escape(label)}">'
            f'<div class="chain" style="--columns:{len(columns)}">{cells}</div></div>'
        )

    def columns(self, rows: "list[Equation]") -> "Iterator[Column]":
        """The columns of one or two equations of as many terms, one above the other."""
        shown = [rows[0], *(mapped(equation, bare) for equation in rows[1:])]
        rooms = {id(cell): room for equation in shown for cell, room in rooms_of(equation, self.digits)}
        for place, terms in enumerate(zip_longest(*(equation.terms for equation in shown))):
            if place:
                yield Column("", [f"<b>{escape(equation.sign)}</b>" for equation in rows])
            split = [pieces(term, self.digits) for term in terms]
            if len({len(parts) for parts in split}) > 1 or not any(holds_matrix(term) for term in terms):
                split = [[Piece("", term)] for term in terms]
            for beside in zip(*split, strict=True):
                if any(piece.sign for piece in beside):
                    yield Column("", [f"<b>{piece.sign}</b>" if piece.sign else "" for piece in beside])
                # Above many factors in one column their symbol would stand far from the first of them.
                many = any(isinstance(piece.body, Sum | Product) for piece in beside)
                yield Column(" first" if many else "", [self.display(piece.body, rooms) for piece in beside])

    def display(self, term: Expression, rooms: "Mapping[int, float]") -> str:
        """A term or a factor in its column."""

        def marks(part: Expression) -> dict[str, str]:
            found = self.attributes(part)
            if id(part) in rooms:
                found["style"] = f"--room:{rooms[id(part)]:g}ch"
            return found

        return mathml(term, digits=self.digits, marks=marks, display=True)

    def attributes(self, part: Expression) -> dict[str, str]:
        """The attributes of the element that stands for a quantity: its key, the sign of a slope, a blank's room."""
        quantity = meaning(part)
        found: dict[str, str] = {"class": "blank"} if isinstance(part, Letter) and part.glyph == "□" else {}
        if quantity is None:
            return found
        name = self.name(quantity)
        if name:
            self.present.setdefault(name, quantity)
            found["data-cell"] = name
        if isinstance(part, Number) and quantity.role in SLOPES and part.value:
            found["class"] = "falls" if numeral(part.value, self.digits).negative else "rises"
        return found


class Column(NamedTuple):
    """One column of an equation: where its cells stand in it, and these as HTML, from the top."""

    place: str
    html: list[str]


def meaning(part: Expression) -> "Quantity | None":
    """What a part of a formula stands for: said beside a letter, or known from its form."""
    if isinstance(part, Letter | Number | Matrix):
        return part.means if isinstance(part.means, Quantity) else None
    if isinstance(part, Partial | Nabla):
        try:
            return derivative(part)
        except (KeyError, AttributeError):
            return None
    if isinstance(part, Product) and len(part.factors) == 2:
        roles = {found.role: found for found in map(meaning, part.factors) if found is not None and found.entry}
        if set(roles) == {"δ", "h"} and not any(isinstance(factor, Matrix) for factor in part.factors):
            delta, h = roles["δ"], roles["h"]
            return delta._replace(role="dW", entry=(*delta.entry, *h.entry), turned=False)
    return None


def rooms_of(equation: Equation, digits: int) -> "Iterator[tuple[Expression, float]]":
    """The numbers in matrices that need room right of them, in digits, so that the points of a column form a line."""
    for part in walk(equation):
        if isinstance(part, Matrix):
            for column in zip(*part.cells, strict=True):
                lengths = [decimals(cell, digits) for cell in column]
                for cell, length in zip(column, lengths, strict=True):
                    if 0 <= length < max(lengths):
                        yield cell, max(lengths) - length


def decimals(cell: Expression, digits: int) -> float:
    """The room that a number takes from its point on, in digits; −1 for what has no point in line with others."""
    if not isinstance(cell, Number):
        return -1
    written = numeral(cell.value, digits)
    if written.power is not None or not written.digits[0].isdigit():
        return -1
    _, point, after = written.digits.partition(".")
    return len(after) + POINT * bool(point)


def bare(part: Expression) -> "Expression | None":
    """Without the shape below it, which stands in the row above already."""
    return mapped(part.of, bare) if isinstance(part, Shaped) else None


def holds_matrix(term: Expression) -> bool:
    """Whether a matrix is written out in a term."""
    return any(isinstance(part, Matrix) for part in walk(term))


def pieces(term: Expression, digits: int) -> "list[Piece]":
    """The factors and summands of a term, one a column; the term itself where brackets would be torn apart."""
    if isinstance(term, Sum):
        found = pieces(term.terms[0], digits)
        for other in term.terms[1:]:
            negative, rest = binding.signed(other, digits=digits)
            first, *others = pieces(rest, digits)
            if binding.bracketed(rest, binding.TERM, digits=digits) or isinstance(rest, Number):
                return [Piece("", term)]
            found += [Piece("−" if negative else "+", first.body), *others]
        return found
    if isinstance(term, Product):
        if any(binding.bracketed(factor, binding.FACTOR, digits=digits) for factor in term.factors):
            return [Piece("", term)]
        later = (Piece(glue(term.sign, factor), factor) for factor in term.factors[1:])
        return [Piece("", term.factors[0]), *later]
    return [Piece("", term)]


def glue(sign: str, factor: Expression) -> str:
    """The sign before a factor; matrices stand side by side without one."""
    return sign.replace("·", "") if holds_matrix(factor) else binding.glue(sign, factor)
