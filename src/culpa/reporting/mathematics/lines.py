# SPDX-License-Identifier: MIT
"""Equations as lines of text that fit a width: broken before "=", then with columns left out, which is said.

    lines(equation)                an equation, or an expression
    paired(symbols, numbers)       the numbers under their symbols
    inline(expression)             on one line, for a sentence

Nothing is wider than `width`, whatever it takes. Knows no derivation.
"""

from collections.abc import Sequence
from dataclasses import replace
from enum import IntEnum

from culpa.reporting.mathematics.boxes import Box, beside, fenced, rows_of, text, wrapped
from culpa.reporting.mathematics.expressions import (
    Dots,
    Equation,
    Expression,
    Matrix,
    Product,
    Shaped,
    Sum,
    mapped,
    walk,
)
from culpa.reporting.mathematics.flat import Piece, inline, written
from culpa.reporting.mathematics.layout import Pillar, drawn, picture, pieces_of, pillars
from culpa.reporting.mathematics.numerals import DIGITS
from culpa.reporting.mathematics.scripts import Style

__all__ = ["LEFT_OUT", "inline", "lines", "paired"]

LEFT_OUT = "(⋯ also stands for columns that did not fit)"
"""Said under an equation whose matrices were made narrower."""
STEP = 2
"""How far "=" is set in below a left side that stands alone."""


def lines(
    expression: "Expression | Equation", *, digits: int = DIGITS, width: int = 80, small: "bool | None" = None
) -> list[str]:
    """An expression or an equation as lines of text.

    Args:
        expression: What to write.
        digits: How many significant digits of a number are shown.
        width: How many cells of a terminal a line may have. An equation that is wider is broken before "=" and
            before "+"; then columns of its matrices are left out, and a line says so.
        small: Whether indices are small letters where they can be; None where all of them can.

    Example:
        >>> from culpa.reporting.mathematics.expressions import Letter, Number
        >>> lines(Equation((Letter("ℓ"), Letter("a") * Letter("b"), Number(0.25))))
        ['ℓ = a b = 0.25']
    """
    chain = expression if isinstance(expression, Equation) else Equation((expression,))
    rows, narrowed = arranged(chain, Style.of(chain, digits=digits, small=small), width)
    return rows + said(narrowed, width)


def paired(
    symbols: Equation, numbers: Equation, *, digits: int = DIGITS, width: int = 80, small: "bool | None" = None
) -> list[str]:
    """An equation in symbols and below it in numbers, each number under its symbol where the width allows it.

    Args:
        symbols: The equation in letters.
        numbers: The same with numbers in the letters' places.
        digits: How many significant digits of a number are shown.
        width: How many cells of a terminal a line may have.
        small: Whether indices are small letters where they can be; None where all of them can.
    """
    style = Style.of(symbols, numbers, digits=digits, small=small)
    if len(symbols.terms) == len(numbers.terms):
        columns: list[Pillar] = []
        for upper, lower in zip(symbols.terms, numbers.terms, strict=True):
            columns += [(text(f" {symbols.sign} "), text(f" {numbers.sign} "))] if columns else []
            columns += pillars(upper, lower, style)
        blocks = [beside(boxes) for boxes in zip(*columns, strict=True)]
        if blocks[0].width <= width:
            return stacked_blocks(blocks)
    plain = mapped(numbers, lambda part: part.of if isinstance(part, Shaped) else None)
    (above, narrow), (below, narrow_too) = (arranged(chain, style, width) for chain in (symbols, plain))
    return [*above, *([""] if max(len(above), len(below)) > 1 else []), *below, *said(narrow or narrow_too, width)]


def said(narrowed: bool, width: int) -> list[str]:
    """What is said where columns were left out."""
    return wrapped(LEFT_OUT, width) if narrowed else []


def stacked_blocks(blocks: Sequence[Box]) -> list[str]:
    """Boxes under one another; an empty line between those that are tall."""
    out: list[str] = []
    for place, block in enumerate(blocks):
        out += [""] if place and max(len(block.rows), len(blocks[place - 1].rows)) > 1 else []
        out += [row.rstrip() for row in block.rows]
    return out


def arranged(chain: Equation, style: Style, width: int) -> tuple[list[str], bool]:
    """A chain as lines, and whether columns were left out.

    All on one line; else broken before "=", which stands under the first one, or is set in a little where the left
    side is long; else with products broken too; else with columns left out; else as plain text.
    """
    head = picture(chain.terms[0], style).width
    indents = [indent for indent in (head + 1, STEP) if indent <= max(STEP, width // 2)]
    for effort in Effort:
        for indent in indents if effort == Effort.BREAK_SUMS else sorted(indents):
            rooms = [width] + [width - indent - 2] * (len(chain.terms) - 1)
            fitted = [fit(term, style, room, effort) for term, room in zip(chain.terms, rooms, strict=True)]
            found = [each for each in fitted if each is not None]
            if len(found) == len(fitted):
                boxes = [box for box, _ in found]
                return stacked_blocks(bands(boxes, chain.sign, indent, width)), any(narrow for _, narrow in found)
    out: list[str] = []
    for place, term in enumerate(chain.terms):
        out += folded_term(term, chain.sign if place else "", style, width)
    return out, False


class Effort(IntEnum):
    """What may be done to a term to make it fit."""

    BREAK_SUMS = 0
    BREAK_PRODUCTS = 1
    LEAVE_OUT = 2


def bands(boxes: Sequence[Box], sign: str, indent: int, width: int) -> list[Box]:
    """Terms in bands, as many in each as fit; all but the first begin with the sign, set in."""
    sign_box = text(f" {sign} ")
    if sum(box.width for box in boxes) + 3 * (len(boxes) - 1) <= width:
        indent = boxes[0].width + 1
    found = [[boxes[0]]]
    used = boxes[0].width if indent == boxes[0].width + 1 else width
    for box in boxes[1:]:
        if used + 3 + box.width <= width:
            found[-1] += [sign_box, box]
            used += 3 + box.width
        else:
            found.append([text(" " * indent + f"{sign} "), box])
            used = indent + 2 + box.width
    return [beside(band) for band in found]


def fit(term: Expression, style: Style, room: int, effort: Effort) -> "tuple[Box, bool] | None":
    """A term that is no wider than `room`, and whether columns were left out of it; None where it cannot be made so."""
    widest = max((len(part.columns) for part in walk(term) if isinstance(part, Matrix)), default=0)
    breakable = Sum if effort == Effort.BREAK_SUMS else Sum | Product
    for most in (widest, *(range(widest - 1, 0, -1) if effort == Effort.LEAVE_OUT else ())):
        here = narrowed(term, most)
        box = picture(here, style)
        if box.width > room and isinstance(here, Sum | Product) and isinstance(here, breakable):
            box = flowed(here, style, room)
        if box.width <= room:
            return box, most < widest
    return None


def flowed(term: "Sum | Product", style: Style, room: int) -> Box:
    """A sum or a product broken before its signs; a dot stands for a product's where it has none."""
    rows: list[list[Box]] = [[]]
    for piece in pieces_of(term, style):
        used = sum(box.width for box in rows[-1])
        boxes = [text(piece.before), held(piece, style, room - used - len(piece.before))]
        if rows[-1] and used + sum(box.width for box in boxes) > room:
            sign = piece.before.lstrip() or "· "
            rows.append([])
            boxes = [text(sign), held(piece, style, room - len(sign))]
        rows[-1] += boxes
    found = [beside(row) for row in rows]
    return rows_of(stacked_blocks(found), found[0].base)


def held(piece: Piece, style: Style, room: int) -> Box:
    """A term or a factor; a sum in brackets is broken within them."""
    box = drawn(piece, style)
    if box.width > room and piece.fenced and isinstance(piece.part, Sum):
        return fenced(flowed(piece.part, style, room - 2), "(", ")")
    return box


def narrowed(expression: Expression, most: int) -> Expression:
    """With at most so many columns in each matrix, and dots for the others."""

    def cut(part: Expression) -> "Expression | None":
        return narrow_matrix(part, most) if isinstance(part, Matrix) and len(part.columns) > most else None

    found: Expression = mapped(expression, cut)
    return found


def narrow_matrix(matrix: Matrix, most: int) -> Matrix:
    """The first columns and the last; of a matrix with columns among dots, those, as somebody asked for them."""
    dots = [place for place, name in enumerate(matrix.columns) if name is None]
    kept: list[int | None] = [*range(most - 1), None, len(matrix.columns) - 1] if most > 1 else [0, None]
    if len(dots) > 1 and 0 < dots[-1] - dots[0] - 1 <= most:
        kept = [None, *range(dots[0] + 1, dots[-1]), None]
    rows = tuple(
        tuple(Dots("⋱" if name is None else "⋯") if place is None else row[place] for place in kept)
        for row, name in zip(matrix.cells, matrix.rows, strict=True)
    )
    columns = tuple(None if place is None else matrix.columns[place] for place in kept)
    return replace(matrix, cells=rows, columns=columns)


def folded_term(term: Expression, sign: str, style: Style, width: int) -> list[str]:
    """A term that fits in no other way: on one line, and that broken between words."""
    start = f"{sign} " if sign else ""
    found = fit(term, style, width - len(start), Effort.LEAVE_OUT)
    if found is None:
        return wrapped(start + written(term, style), width, "  ")
    return [row.rstrip() for row in beside((text(start), found[0])).rows]
