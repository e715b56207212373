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
    raised,
    shape_text,
    terms_in,
    tight,
)

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


def picture(expression: Expression, digits: int) -> Box:
    """An expression as a box.

    Args:
        expression: What to draw.
        digits: How many significant digits of a number are shown.
    """
    form = FORMS.get(type(expression))
    if form is None or not tall(expression):
        return text(inline(expression, digits=digits))
    return form(expression, digits)


def pillars(symbols: Expression, numbers: "Expression | None", digits: int) -> list[Pillar]:
    """An expression above its value, cut where their parts correspond.

    Args:
        symbols: What stands above.
        numbers: What stands below; None for nothing.
        digits: How many significant digits of a number are shown.

    Returns:
        From left to right. Each part's value stands under it; without `numbers`, one box alone.
    """
    if numbers is None:
        return [(picture(symbols, digits),)]
    if isinstance(symbols, Matrix) and isinstance(numbers, Matrix) and size(symbols) == size(numbers):
        return [grids((symbols, numbers), digits)]
    if isinstance(symbols, Shaped) and isinstance(numbers, Shaped):
        return [level((picture(symbols, digits), picture(numbers.of, digits)))]
    pieces: list[list[Piece]] = []
    if type(symbols) is type(numbers) and isinstance(symbols, Sum | Product):
        pieces = [pieces_of(part, digits) for part in (symbols, numbers) if isinstance(part, Sum | Product)]
    if not pieces or len(pieces[0]) != len(pieces[1]):
        side: Side = "left" if isinstance(numbers, Sum) else "centre"
        return [level((picture(symbols, digits), picture(numbers, digits)), side)]
    return [pillar for upper, lower in zip(*pieces, strict=True) for pillar in corresponding(upper, lower, digits)]


def pieces_of(part: "Sum | Product", digits: int) -> list[Piece]:
    """The terms of a sum, or the factors of a product, with their signs."""
    return terms_in(part, digits) if isinstance(part, Sum) else factors_in(part, digits, stacked)


def corresponding(upper: Piece, lower: Piece, digits: int) -> list[Pillar]:
    """A term or factor above its value, with the signs before them."""
    signs = [text(SIGNS.get(piece.before, piece.before)) for piece in (upper, lower)]
    if upper.fenced or lower.fenced:
        return [level(signs), level((drawn(upper, digits), drawn(lower, digits)))]
    return [level(signs), *pillars(upper.part, lower.part, digits)]


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


def grids(matrices: Sequence[Matrix], digits: int) -> Pillar:
    """Matrices under one another, column under column."""
    tables = [[column(entries, digits) for entries in zip(*each.cells, strict=True)] for each in matrices]
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


def column(entries: Sequence[Expression], digits: int) -> list[str]:
    """A column's entries, equally wide: numbers at their points, products of them factor by factor."""
    texts = [inline(entry, digits=digits) for entry in entries]
    places = {place: figures(entry, digits) for place, entry in enumerate(entries)}
    numeric = {place: parts for place, parts in places.items() if parts}
    if len({len(parts) for parts in numeric.values()}) == 1:
        aligned = zip(*map(at_point, zip(*numeric.values(), strict=True)), strict=True)
        for place, parts in zip(numeric, aligned, strict=True):
            texts[place] = "·".join(parts)
    width = max(map(cells, texts))
    return [padded(line, width, "centre" if line in DOTS else "left") for line in texts]


DOTS = ("⋯", "⋮", "⋱")


def figures(entry: Expression, digits: int) -> list[str]:
    """A number, or the numbers that are multiplied, as they are written; nothing of anything else."""
    if isinstance(entry, Number):
        return [inline(entry, digits=digits)]
    if (
        not isinstance(entry, Product)
        or entry.sign == "⊙"
        or not all(isinstance(part, Number) for part in entry.factors)
    ):
        return []
    texts = [(inline(piece.part, digits=digits), piece.fenced) for piece in factors_in(entry, digits)]
    return [f"({line})" if brackets else line for line, brackets in texts]


# --- the other forms ---


def placed(part: Expression, above_this: int, digits: int) -> Box:
    """A part in a place that asks for a level, in brackets where it needs them."""
    return drawn(Piece("", part, bracketed(part, above_this, flat=not stacked(part), digits=digits)), digits)


def drawn(piece: Piece, digits: int) -> Box:
    """A piece without the sign before it; a shape stands outside the brackets."""
    if not piece.fenced:
        return picture(piece.part, digits)
    if isinstance(piece.part, Shaped):
        return under(drawn(piece._replace(part=piece.part.of), digits), piece.part)
    return fenced(picture(piece.part, digits), "(", ")")


def joined(pieces: Sequence[Piece], digits: int) -> Box:
    """Terms or factors with their signs."""
    return beside([box for piece in pieces for box in (text(piece.before), drawn(piece, digits))])


def under(box: Box, node: Shaped) -> Box:
    """A box with a shape under it."""
    return above((box, text(shape_text(node.shape))))


def topped(box: Box, sign: str) -> Box:
    """A box with a sign at its upper right corner."""
    return beside((box, Box((sign, *[" " * cells(sign)] * (len(box.rows) - 1)), box.base)))


def fraction(node: Fraction, digits: int) -> Box:
    """One over the other."""
    if not stacked(node):
        return text(inline(node, digits=digits))
    over, below = picture(node.over, digits), picture(node.under, digits)
    return above((over, text("─" * max(over.width, below.width)), below), on=1)


def big_sum(node: BigSum, digits: int) -> Box:
    """Σ with its limits."""
    if node.last is None:
        index = inline(BigSum(node.index, None, None, Letter("")), digits=digits).rstrip()
        sign = text(index)
    else:
        first = "" if node.first is None else f"={tight(node.first, digits)}"
        sign = above((text(tight(node.last, digits)), text("Σ"), text(tight(node.index, digits) + first)), on=1)
    return beside((sign, text(" "), placed(guarded(node.body, digits), PRODUCT, digits)))


def cases(node: Cases, digits: int) -> Box:
    """Values and their conditions behind a brace; an even number of lines has an empty one in the middle."""
    values = level([picture(value, digits) for value, _ in node.branches], "left")
    conditions = [text(condition_text(condition, digits)) for _, condition in node.branches]
    lines = [beside((value, text("   "), condition)) for value, condition in zip(values, conditions, strict=False)]
    half = len(lines) // 2
    if len(lines) > 1 and sum(len(line.rows) for line in lines) % 2 == 0:
        lines.insert(half if len(lines) % 2 == 0 else len(lines), text(""))
    stack = above(lines, side="left")
    return fenced(Box(stack.rows, len(stack.rows) // 2), "{", "")


def apply(node: Apply, digits: int) -> Box:
    """A function of tall things."""
    name = node.function if isinstance(node.function, Letter) else Enclosed(node.function)
    if len(node.arguments) == 1 and isinstance(node.arguments[0], Matrix):
        return beside((picture(name, digits), text(" "), picture(node.arguments[0], digits)))
    return beside((picture(name, digits), fenced(listing(Listing(node.arguments), digits), "(", ")")))


def listing(node: Listing, digits: int) -> Box:
    """Side by side."""
    boxes: list[Box] = []
    for item in node.items:
        boxes += [text(", ")] if boxes and node.separator else []
        boxes.append(picture(item, digits))
    return beside(boxes)


def enclosed(node: Enclosed, digits: int) -> Box:
    """Between signs as tall as what is in them."""
    return fenced(picture(node.of, digits), *node.signs)


def nabla(node: Nabla, digits: int) -> Box:
    """A gradient of something tall."""
    sign = inline(Nabla(node.by, Letter("")), digits=digits)
    return beside((text(sign), placed(node.of, ATOM, digits)))


FORMS: dict[type[Expression], Callable[[Any, int], Box]] = {
    Sum: lambda node, digits: joined(terms_in(node, digits), digits),
    Product: lambda node, digits: joined(factors_in(node, digits, stacked), digits),
    Negative: lambda node, digits: beside((text("−"), placed(guarded(node.of, digits), TERM, digits))),
    Fraction: fraction,
    Power: lambda node, digits: topped(placed(node.base, ATOM, digits), raised(tight(node.exponent, digits))),
    Transpose: lambda node, digits: topped(placed(node.of, ATOM, digits), "ᵀ"),
    Apply: apply,
    Listing: listing,
    Enclosed: enclosed,
    Nabla: nabla,
    BigSum: big_sum,
    Relation: lambda node, digits: beside(
        (picture(node.left, digits), text(f" {node.sign} "), picture(node.right, digits))
    ),
    Cases: cases,
    Matrix: lambda node, digits: grids([node], digits)[0],
    Shaped: lambda node, digits: under(picture(node.of, digits), node),
}
