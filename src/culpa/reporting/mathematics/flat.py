# SPDX-License-Identifier: MIT
"""Expressions on one line of Unicode text, as they stand in a sentence, in a matrix's cell or in a subscript.

    δ₂,₁ h₁,₃      ∂ℓ/∂W₂,₁,₃      W^[2]ᵀ      Σ_{j=1..d₁} δⱼ      [1, 2; 3, 4]      {1 if a > 0; 0 otherwise}

Knows no layout in two dimensions: `layout` asks here for all that stays on a line.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

from culpa.reporting.mathematics.binding import ATOM, FACTOR, POWER, PRODUCT, SUM, TERM, bracketed, glue, signed
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
from culpa.reporting.mathematics.scripts import Style, lowered, raised

__all__ = [
    "Piece",
    "condition_text",
    "factors_in",
    "inline",
    "shape_text",
    "terms_in",
    "tight",
    "written",
]


class Piece(NamedTuple):
    """A term of a sum or a factor of a product, as it is written.

    Attributes:
        before: The sign before it, with its spaces.
        part: What it is.
        fenced: Whether it stands in brackets.
    """

    before: str
    part: Expression
    fenced: bool


def inline(expression: "Expression | Equation", *, digits: int = DIGITS, small: "bool | None" = None) -> str:
    """An expression or an equation on one line.

    Args:
        expression: What to write.
        digits: How many significant digits of a number are shown.
        small: Whether indices are small letters where they can be; None where all of them can.

    Example:
        >>> inline(Letter("δ", Listing((Letter("k"), Letter("i")))) * Letter("h", Number(1)).T)
        'δₖ,ᵢ h₁ᵀ'
    """
    return written(expression, Style.of(expression, digits=digits, small=small))


def written(expression: "Expression | Equation", style: Style) -> str:
    """An expression or an equation on one line, in a style."""
    if isinstance(expression, Equation):
        return f" {expression.sign} ".join(written(term, style) for term in expression.terms)
    return FORMS[type(expression)](expression, style)


def placed(part: Expression, level: int, style: Style) -> str:
    """A part in a place that asks for a level, in brackets where it needs them."""
    text = written(part, style)
    return f"({text})" if bracketed(part, level, flat=True, digits=style.digits) else text


def plain(part: Expression, style: Style) -> str:
    """A letter as it is; anything else as an atom."""
    return letter(part, style) if isinstance(part, Letter) else placed(part, ATOM, style)


def tight(expression: Expression, style: Style) -> str:
    """Without spaces, as in an index."""
    return written(expression, style).replace(" ", "")


def shape_text(shape: tuple[Expression, Expression], style: Style) -> str:
    """Rows × columns, in small form."""
    return "×".join(tight(size, style) if not isinstance(size, Sum) else f"({tight(size, style)})" for size in shape)


def terms_in(total: Sum, style: Style) -> list[Piece]:
    """A sum's terms with the signs before them."""
    first, *others = total.terms
    pieces = [Piece("", first, bracketed(first, SUM, flat=True, digits=style.digits))]
    for term in others:
        minus, rest = signed(term, digits=style.digits)
        rest = guarded(rest, style)
        pieces.append(Piece(" − " if minus else " + ", rest, bracketed(rest, TERM, flat=True, digits=style.digits)))
    return pieces


def factors_in(product: Product, style: Style, stacked: "Callable[[Expression], bool] | None" = None) -> list[Piece]:
    """A product's factors with the signs between them.

    Args:
        product: The product.
        style: How it is written.
        stacked: Whether a part is written as one thing over another. A fraction on one line is set off by dots.
    """

    def ratio(part: Expression) -> bool:
        return isinstance(part, Fraction | Partial) and not (stacked is not None and stacked(part))

    pieces: list[Piece] = []
    for place, part in enumerate(product.factors):
        fenced = bracketed(part, FACTOR, flat=ratio(part), digits=style.digits)
        if unfenced(part, place, len(product.factors), style) or (ratio(part) and product.sign != "⊙"):
            fenced = False
        sign = ""
        if pieces:
            before = pieces[-1].part
            sign = glue(product.sign, part)
            sign = "" if sign == "·" and (is_matrix(part) or is_matrix(before)) else sign
            apart = isinstance(part, Shaped) or isinstance(before, Shaped)
            sign = "  " if sign == "" and apart else sign
            sign = " · " if sign in ("", "·") and (ratio(part) or ratio(before)) else SPACED.get(sign, sign)
        pieces.append(Piece(sign, part, fenced))
    return pieces


SPACED = {"": " ", "⊙": " ⊙ "}
"""The signs of a product with what stands around them."""


def unfenced(part: Expression, place: int, count: int, style: Style) -> bool:
    """A minus at the beginning and a Σ at the end of a product need no brackets."""
    if isinstance(part, BigSum):
        return place == count - 1
    return isinstance(part, Number) and place == 0 and numeral(part.value, style.digits).power is None


def is_matrix(part: Expression) -> bool:
    """Whether it is a matrix whose entries are written, beside which no dot is needed."""
    return is_matrix(part.of) if isinstance(part, Shaped | Transpose) else isinstance(part, Matrix)


def guarded(part: Expression, style: Style) -> Expression:
    """A product whose first factor is negative, after a sign: that factor in brackets."""
    if isinstance(part, Product) and bracketed(part.factors[0], FACTOR, digits=style.digits):
        first = part.factors[0]
        if isinstance(first, Number):
            return replace(part, factors=(Enclosed(first), *part.factors[1:]))
    return part


def joined(pieces: list[Piece], style: Style) -> str:
    """Terms or factors on one line."""
    texts = ((piece, written(piece.part, style)) for piece in pieces)
    return "".join(f"{piece.before}({text})" if piece.fenced else piece.before + text for piece, text in texts)


def number(node: Number, style: Style) -> str:
    """−0.02134, 1.5e-9."""
    found = numeral(node.value, style.digits)
    return f"{'−' if found.negative else ''}{found._replace(negative=False).plain}"


def letter(node: Letter, style: Style) -> str:
    """The glyph, a layer's mark above, the index below, an example's mark above, the prime."""
    upper = "" if node.upper is None else raised(tight(node.upper, style))
    several = isinstance(node.lower, Listing)
    lower = "" if node.lower is None else lowered(tight(node.lower, style), small=style.small or not several)
    marks = lower + upper if isinstance(node.upper, Enclosed) and node.upper.signs == "()" else upper + lower
    return f"{node.glyph}{marks}{'′' if node.prime else ''}"


def negative(node: Negative, style: Style) -> str:
    """−a."""
    return "−" + placed(guarded(node.of, style), TERM, style)


def fraction(node: Fraction, style: Style) -> str:
    """a/b."""
    over = f"({written(node.over, style)})" if isinstance(node.over, Fraction | Partial) else ""
    return f"{over or placed(node.over, PRODUCT, style)}/{placed(node.under, POWER, style)}"


def transpose(node: Transpose, style: Style) -> str:
    """Wᵀ; W^[2]ᵀ and h⁽ᵐ⁾ᵀ, where a bracket closes the index, but (wˡ)ᵀ."""
    name = letter(node.of, style) if isinstance(node.of, Letter) else ""
    return (name if name.endswith(("]", ")", "⁾")) else placed(node.of, ATOM, style)) + "ᵀ"


def nabla(node: Nabla, style: Style) -> str:
    """∇_W ℓ."""
    by = tight(node.by, style)
    lower = f"_{by}" if isinstance(node.by, Letter) and node.by.upper is None else f"_{{{by}}}"
    return f"∇{lower} {placed(node.of, POWER, style)}"


def big_sum(node: BigSum, style: Style) -> str:
    """Σ_{j=1..d} a."""
    first, last = ("" if end is None else tight(end, style) for end in (node.first, node.last))
    index = tight(node.index, style)
    limits = lowered(f"{index}={first}..{last}" if first or last else index)
    return f"Σ{limits} {placed(guarded(node.body, style), PRODUCT, style)}"


def cases(node: Cases, style: Style) -> str:
    """{1 if a > 0; 0 otherwise}."""
    texts = (f"{written(value, style)} {condition_text(condition, style)}" for value, condition in node.branches)
    return f"{{{'; '.join(texts)}}}"


def condition_text(condition: "Relation | None", style: Style) -> str:
    """When a case holds."""
    return "otherwise" if condition is None else f"if {written(condition, style)}"


def matrix(node: Matrix, style: Style) -> str:
    """[1, 2; 3, 4]."""
    return f"[{'; '.join(', '.join(written(cell, style) for cell in row) for row in node.cells)}]"


def apply(node: Apply, style: Style) -> str:
    """tanh(a)."""
    return f"{plain(node.function, style)}({', '.join(written(part, style) for part in node.arguments)})"


def listing(node: Listing, style: Style) -> str:
    """k, i, j; side by side, [l](i) and ij, but not where an item has an index of its own."""
    own = any(isinstance(item, Letter) and (item.lower or item.upper) for item in node.items)
    return (", " if node.separator or own else "").join(written(item, style) for item in node.items)


FORMS: dict[type[Expression], Callable[[Any, Style], str]] = {
    Number: number,
    Letter: letter,
    Listing: listing,
    Enclosed: lambda node, style: f"{node.signs[0]}{written(node.of, style)}{node.signs[1]}",
    Sum: lambda node, style: joined(terms_in(node, style), style),
    Negative: negative,
    Product: lambda node, style: joined(factors_in(node, style), style),
    Fraction: fraction,
    Power: lambda node, style: placed(node.base, ATOM, style) + raised(tight(node.exponent, style)),
    Transpose: transpose,
    Apply: apply,
    Partial: lambda node, style: f"∂{plain(node.of, style)}/∂{plain(node.by, style)}",
    Nabla: nabla,
    BigSum: big_sum,
    Relation: lambda node, style: f"{written(node.left, style)} {node.sign} {written(node.right, style)}",
    Cases: cases,
    Dots: lambda node, _: node.way,
    Matrix: matrix,
    Shaped: lambda node, style: f"{written(node.of, style)} ({shape_text(node.shape, style)})",
}
