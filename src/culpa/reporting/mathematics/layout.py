# SPDX-License-Identifier: MIT
"""Expressions in two dimensions: an expression as a box of text, and an expression above its value, part above part.

    picture(expression)          one box
    pillars(symbols, numbers)    a list of pairs of boxes, equally wide: δ₁ over −0.5, the space over "·", h₁ over 0.1

Only what needs it is tall: matrices, cases, sums with limits, fractions with something in them, shapes under factors.
Knows no line of a given width: `lines` breaks and narrows.
"""

from collections.abc import Callable, Sequence
from typing import Any

from culpa.reporting.mathematics.binding import ATOM, PRODUCT, TERM, bracketed
from culpa.reporting.mathematics.boxes import Box, Side, above, at_point, beside, cells, fenced, padded, text
from culpa.reporting.mathematics.expressions import (
    Apply,
    BigSum,
    Cases,
    Enclosed,
    Expression,
    Fraction,
    Letter,
    Listing,
    Matrix,
    Nabla,
    Negative,
    Number,
    Power,
    Product,
    Relation,
    Shaped,
    Sum,
    Transpose,
    walk,
)
from culpa.reporting.mathematics.flat import (
    Piece,
    condition_text,
    factors_in,
    guarded,
    inline,
    shape_text,
    terms_in,
    tight,
    written,
)
from culpa.reporting.mathematics.scripts import Style, raised

__all__ = ["Pillar", "drawn", "picture", "pieces_of", "pillars"]

Pillar = tuple[Box, ...]
"""Boxes that stand under one another, equally wide: of the symbols, of the numbers; or one alone."""


def stacked(part: Expression) -> bool:
    """Whether it is a fraction written as one thing over another: it is not when both are short."""
    if not isinstance(part, Fraction):
        return False
    return tall(part.over) or tall(part.under) or bool(set(" (") & set(inline(part.over) + inline(part.under)))


def tall(expression: Expression) -> bool:
    """Whether something in it takes more than one line."""
    return any(
        isinstance(part, Matrix | Cases | Shaped)
        or (isinstance(part, BigSum) and part.last is not None)
        or stacked(part)
        for part in walk(expression)
    )


def picture(expression: Expression, style: Style) -> Box:
    """An expression as a box.

    Args:
        expression: What to draw.
        style: How it is written.
    """
    form = FORMS.get(type(expression))
    if form is None or not tall(expression):
        return text(written(expression, style))
    return form(expression, style)


def pillars(symbols: Expression, numbers: "Expression | None", style: Style) -> list[Pillar]:
    """An expression above its value, cut where their parts correspond.

    Args:
        symbols: What stands above.
        numbers: What stands below; None for nothing.
        style: How it is written.

    Returns:
        From left to right. Each part's value stands under it; without `numbers`, one box alone.
    """
    if numbers is None:
        return [(picture(symbols, style),)]
    if isinstance(symbols, Matrix) and isinstance(numbers, Matrix) and size(symbols) == size(numbers):
        return [grids((symbols, numbers), style)]
    if isinstance(symbols, Shaped) and isinstance(numbers, Shaped):
        return [level((picture(symbols, style), picture(numbers.of, style)))]
    pieces: list[list[Piece]] = []
    if type(symbols) is type(numbers) and isinstance(symbols, Sum | Product):
        pieces = [pieces_of(part, style) for part in (symbols, numbers) if isinstance(part, Sum | Product)]
    if not pieces or len(pieces[0]) != len(pieces[1]):
        side: Side = "left" if isinstance(numbers, Sum) else "centre"
        return [level((picture(symbols, style), picture(numbers, style)), side)]
    return [pillar for upper, lower in zip(*pieces, strict=True) for pillar in corresponding(upper, lower, style)]


def pieces_of(part: "Sum | Product", style: Style) -> list[Piece]:
    """The terms of a sum, or the factors of a product, with their signs."""
    return terms_in(part, style) if isinstance(part, Sum) else factors_in(part, style, stacked)


def corresponding(upper: Piece, lower: Piece, style: Style) -> list[Pillar]:
    """A term or factor above its value, with the signs before them."""
    signs = [text(SIGNS.get(piece.before, piece.before)) for piece in (upper, lower)]
    if upper.fenced or lower.fenced:
        side: Side = "left" if isinstance(lower.part, Sum) else "centre"
        return [level(signs), level((drawn(upper, style), drawn(lower, style)), side)]
    return [level(signs), *pillars(upper.part, lower.part, style)]


SIGNS = {"·": " · "}
"""Under a symbol there is room around a dot."""


def level(boxes: Sequence[Box], side: Side = "centre") -> Pillar:
    """Boxes made equally wide."""
    width = max(box.width for box in boxes)
    return tuple(Box(tuple(padded(row, width, side) for row in box.rows), box.base) for box in boxes)


def size(grid: Matrix) -> tuple[int, int]:
    """How many rows and columns are shown."""
    return len(grid.cells), len(grid.cells[0])


# --- matrices ---


def grids(matrices: Sequence[Matrix], style: Style) -> Pillar:
    """Matrices under one another, column under column."""
    tables = [[column(entries, style) for entries in zip(*each.cells, strict=True)] for each in matrices]
    wide = any(" " in entry.strip() for table in tables for entries in table for entry in entries)
    widths = [max(cells(entries[0]) for entries in under) for under in zip(*tables, strict=True)]
    boxes = []
    for table in tables:
        even = [
            [padded(entry, width, "centre") for entry in entries] for entries, width in zip(table, widths, strict=True)
        ]
        rows = tuple(("   " if wide else "  ").join(row) for row in zip(*even, strict=True))
        boxes.append(fenced(Box(rows, (len(rows) - 1) // 2), "[", "]"))
    return tuple(boxes)


def column(entries: Sequence[Expression], style: Style) -> list[str]:
    """A column's entries, equally wide: numbers at their points, products of them at their dots."""
    texts = [written(entry, style) for entry in entries]
    places = {place: figures(entry, style) for place, entry in enumerate(entries)}
    numeric = {place: parts for place, parts in places.items() if parts}
    if len({len(parts) for parts in numeric.values()}) == 1:
        factors = list(zip(*numeric.values(), strict=True))
        alone = len(factors) == 1
        even = [at_point(each) if alone else close(each, last=each is not factors[0]) for each in factors]
        for place, parts in zip(numeric, zip(*even, strict=True), strict=True):
            texts[place] = "·".join(parts)
    width = max(map(cells, texts))
    return [padded(line, width, "centre" if line in DOTS else "left") for line in texts]


def close(texts: Sequence[str], *, last: bool) -> list[str]:
    """Factors made equally wide, close to the dot between them."""
    width = max(map(cells, texts))
    return [padded(line, width, "left" if last else "right") for line in texts]


DOTS = ("⋯", "⋮", "⋱")


def figures(entry: Expression, style: Style) -> list[str]:
    """A number, or the numbers that are multiplied, as they are written; nothing of anything else."""
    if isinstance(entry, Number):
        return [written(entry, style)]
    if (
        not isinstance(entry, Product)
        or entry.sign == "⊙"
        or not all(isinstance(part, Number) for part in entry.factors)
    ):
        return []
    texts = [(written(piece.part, style), piece.fenced) for piece in factors_in(entry, style)]
    return [f"({line})" if brackets else line for line, brackets in texts]


# --- the other forms ---


def placed(part: Expression, above_this: int, style: Style) -> Box:
    """A part in a place that asks for a level, in brackets where it needs them."""
    return drawn(Piece("", part, bracketed(part, above_this, flat=not stacked(part), digits=style.digits)), style)


def drawn(piece: Piece, style: Style) -> Box:
    """A piece without the sign before it; a shape stands outside the brackets."""
    if not piece.fenced:
        return picture(piece.part, style)
    if isinstance(piece.part, Shaped):
        return under(drawn(piece._replace(part=piece.part.of), style), piece.part, style)
    return fenced(picture(piece.part, style), "(", ")")


def joined(pieces: Sequence[Piece], style: Style) -> Box:
    """Terms or factors with their signs."""
    return beside([box for piece in pieces for box in (text(piece.before), drawn(piece, style))])


def under(box: Box, node: Shaped, style: Style) -> Box:
    """A box with a shape under it."""
    return above((box, text(shape_text(node.shape, style))))


def topped(box: Box, sign: str) -> Box:
    """A box with a sign at its upper right corner."""
    return beside((box, Box((sign, *[" " * cells(sign)] * (len(box.rows) - 1)), box.base)))


def fraction(node: Fraction, style: Style) -> Box:
    """One over the other."""
    if not stacked(node):
        return text(written(node, style))
    over, below = picture(node.over, style), picture(node.under, style)
    return above((over, text("─" * max(over.width, below.width)), below), on=1)


def big_sum(node: BigSum, style: Style) -> Box:
    """Σ with its limits."""
    if node.last is None:
        index = written(BigSum(node.index, None, None, Letter("")), style).rstrip()
        sign = text(index)
    else:
        first = "" if node.first is None else f"={tight(node.first, style)}"
        sign = above((text(tight(node.last, style)), text("Σ"), text(tight(node.index, style) + first)), on=1)
    return beside((sign, text(" "), placed(guarded(node.body, style), PRODUCT, style)))


def cases(node: Cases, style: Style) -> Box:
    """Values and their conditions behind a brace; an even number of lines has an empty one in the middle."""
    values = level([picture(value, style) for value, _ in node.branches], "left")
    conditions = [text(condition_text(condition, style)) for _, condition in node.branches]
    lines = [beside((value, text("   "), condition)) for value, condition in zip(values, conditions, strict=False)]
    half = len(lines) // 2
    if len(lines) > 1 and sum(len(line.rows) for line in lines) % 2 == 0:
        lines.insert(half if len(lines) % 2 == 0 else len(lines), text(""))
    stack = above(lines, side="left")
    return fenced(Box(stack.rows, len(stack.rows) // 2), "{", "")


def apply(node: Apply, style: Style) -> Box:
    """A function of tall things."""
    name = node.function if isinstance(node.function, Letter) else Enclosed(node.function)
    if len(node.arguments) == 1 and isinstance(node.arguments[0], Matrix):
        return beside((picture(name, style), text(" "), picture(node.arguments[0], style)))
    return beside((picture(name, style), fenced(listing(Listing(node.arguments), style), "(", ")")))


def listing(node: Listing, style: Style) -> Box:
    """Side by side."""
    boxes: list[Box] = []
    for item in node.items:
        boxes += [text(", ")] if boxes and node.separator else []
        boxes.append(picture(item, style))
    return beside(boxes)


def enclosed(node: Enclosed, style: Style) -> Box:
    """Between signs as tall as what is in them."""
    return fenced(picture(node.of, style), *node.signs)


def nabla(node: Nabla, style: Style) -> Box:
    """A gradient of something tall."""
    sign = written(Nabla(node.by, Letter("")), style)
    return beside((text(sign), placed(node.of, ATOM, style)))


FORMS: dict[type[Expression], Callable[[Any, Style], Box]] = {
    Sum: lambda node, style: joined(terms_in(node, style), style),
    Product: lambda node, style: joined(factors_in(node, style, stacked), style),
    Negative: lambda node, style: beside((text("−"), placed(guarded(node.of, style), TERM, style))),
    Fraction: fraction,
    Power: lambda node, style: topped(placed(node.base, ATOM, style), raised(tight(node.exponent, style))),
    Transpose: lambda node, style: topped(placed(node.of, ATOM, style), "ᵀ"),
    Apply: apply,
    Listing: listing,
    Enclosed: enclosed,
    Nabla: nabla,
    BigSum: big_sum,
    Relation: lambda node, style: beside(
        (picture(node.left, style), text(f" {node.sign} "), picture(node.right, style))
    ),
    Cases: cases,
    Matrix: lambda node, style: grids([node], style)[0],
    Shaped: lambda node, style: under(picture(node.of, style), node, style),
}
