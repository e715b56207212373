# SPDX-License-Identifier: MIT
"""Expressions on one line of Unicode text, as they stand in a sentence, in a matrix's cell or in a subscript.

    δ₂,₁ h₁,₃      ∂ℓ/∂W₂,₁,₃      W^[2]ᵀ      Σ_{j=1..d₁} δⱼ      [1, 2; 3, 4]      {1 if a > 0; 0 otherwise}

Subscripts and superscripts are Unicode's where it has a sign for each of their letters, a_L or h_{L−1} where not.
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

__all__ = [
    "Piece",
    "condition_text",
    "factors_in",
    "inline",
    "lowered",
    "raised",
    "shape_text",
    "terms_in",
    "tight",
]

LOWER = dict(zip("0123456789+−=(),aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎,ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True))
"""A comma has no small form, and needs none: no space follows it, as one does between arguments."""
UPPER = dict(
    zip(
        "0123456789+−=(),abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾,ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ",
        strict=True,
    )
)


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


def inline(expression: "Expression | Equation", *, digits: int = DIGITS) -> str:
    """An expression or an equation on one line.

    Args:
        expression: What to write.
        digits: How many significant digits of a number are shown.

    Example:
        >>> from culpa.reporting.mathematics.expressions import Listing
        >>> inline(Letter("δ", Listing((Letter("k"), Letter("i")))) * Letter("h", Number(1)).T)
        'δₖ,ᵢ h₁ᵀ'
    """
    if isinstance(expression, Equation):
        return f" {expression.sign} ".join(inline(term, digits=digits) for term in expression.terms)
    return FORMS[type(expression)](expression, digits)


def placed(part: Expression, level: int, digits: int) -> str:
    """A part in a place that asks for a level, in brackets where it needs them."""
    text = inline(part, digits=digits)
    return f"({text})" if bracketed(part, level, flat=True, digits=digits) else text


def plain(part: Expression, digits: int) -> str:
    """A letter as it is; anything else as an atom."""
    return letter(part, digits) if isinstance(part, Letter) else placed(part, ATOM, digits)


def tight(expression: Expression, digits: int = DIGITS) -> str:
    """Without spaces, as in an index."""
    return inline(expression, digits=digits).replace(" ", "")


def lowered(text: str) -> str:
    """A text as a subscript.

    Example:
        >>> [lowered(text) for text in ("k−1", "L", "L−1")]
        ['ₖ₋₁', '_L', '_{L−1}']
    """
    if set(text) <= set(LOWER):
        return "".join(map(LOWER.__getitem__, text))
    return f"_{text}" if len(text) == 1 else f"_{{{text}}}"


def raised(text: str) -> str:
    """A text as a superscript; one that begins and ends with a bracket needs no others.

    Example:
        >>> [raised(text) for text in ("l+1", "(m)", "[l]", "[l](i)", "q", "α+1")]
        ['ˡ⁺¹', '⁽ᵐ⁾', '^[l]', '^[l](i)', '^q', '^{α+1}']
    """
    if set(text) <= set(UPPER):
        return "".join(map(UPPER.__getitem__, text))
    return f"^{text}" if len(text) == 1 or (text[0] in "[(" and text[-1] in "])") else f"^{{{text}}}"


def shape_text(shape: tuple[Expression, Expression]) -> str:
    """Rows × columns, in small form."""
    return "×".join(tight(size) if not isinstance(size, Sum) else f"({tight(size)})" for size in shape)


def terms_in(total: Sum, digits: int) -> list[Piece]:
    """A sum's terms with the signs before them."""
    first, *others = total.terms
    pieces = [Piece("", first, bracketed(first, SUM, flat=True, digits=digits))]
    for term in others:
        minus, rest = signed(term, digits=digits)
        rest = guarded(rest, digits)
        pieces.append(Piece(" − " if minus else " + ", rest, bracketed(rest, TERM, flat=True, digits=digits)))
    return pieces


def factors_in(product: Product, digits: int, stacked: "Callable[[Expression], bool] | None" = None) -> list[Piece]:
    """A product's factors with the signs between them.

    Args:
        product: The product.
        digits: How many digits are shown.
        stacked: Whether a part is written as one thing over another. A fraction on one line is set off by dots.
    """

    def ratio(part: Expression) -> bool:
        return isinstance(part, Fraction | Partial) and not (stacked is not None and stacked(part))

    pieces: list[Piece] = []
    for place, part in enumerate(product.factors):
        fenced = bracketed(part, FACTOR, flat=ratio(part), digits=digits)
        if unfenced(part, place, len(product.factors), digits) or (ratio(part) and product.sign != "⊙"):
            fenced = False
        sign = ""
        if pieces:
            before = pieces[-1].part
            sign = glue(product.sign, part)
            sign = "" if sign == "·" and (is_matrix(part) or is_matrix(before)) else sign
            sign = " · " if sign == "" and (ratio(part) or ratio(before)) else SPACED.get(sign, sign)
        pieces.append(Piece(sign, part, fenced))
    return pieces


SPACED = {"": " ", "⊙": " ⊙ "}
"""The signs of a product with what stands around them."""


def unfenced(part: Expression, place: int, count: int, digits: int) -> bool:
    """A minus at the beginning and a Σ at the end of a product need no brackets."""
    if isinstance(part, BigSum):
        return place == count - 1
    return isinstance(part, Number) and place == 0 and numeral(part.value, digits).power is None


def is_matrix(part: Expression) -> bool:
    """Whether it is a matrix whose entries are written, beside which no dot is needed."""
    return is_matrix(part.of) if isinstance(part, Shaped | Transpose) else isinstance(part, Matrix)


def guarded(part: Expression, digits: int) -> Expression:
    """A product whose first factor is negative, after a sign: that factor in brackets."""
    if isinstance(part, Product) and bracketed(part.factors[0], FACTOR, digits=digits):
        first = part.factors[0]
        if isinstance(first, Number):
            return replace(part, factors=(Enclosed(first), *part.factors[1:]))
    return part


def joined(pieces: list[Piece], digits: int) -> str:
    """Terms or factors on one line."""
    texts = ((piece, inline(piece.part, digits=digits)) for piece in pieces)
    return "".join(f"{piece.before}({text})" if piece.fenced else piece.before + text for piece, text in texts)


def number(node: Number, digits: int) -> str:
    """−0.02134, 1.5e-9."""
    written = numeral(node.value, digits)
    return f"{'−' if written.negative else ''}{written._replace(negative=False).plain}"


def letter(node: Letter, digits: int) -> str:
    """The glyph, a layer's mark above, the index below, an example's mark above, the prime."""
    upper = "" if node.upper is None else raised(tight(node.upper, digits))
    lower = "" if node.lower is None else lowered(tight(node.lower, digits))
    marks = lower + upper if isinstance(node.upper, Enclosed) and node.upper.signs == "()" else upper + lower
    return f"{node.glyph}{marks}{'′' if node.prime else ''}"


def negative(node: Negative, digits: int) -> str:
    """−a."""
    return "−" + placed(guarded(node.of, digits), TERM, digits)


def fraction(node: Fraction, digits: int) -> str:
    """a/b."""
    over = f"({inline(node.over, digits=digits)})" if isinstance(node.over, Fraction | Partial) else ""
    return f"{over or placed(node.over, PRODUCT, digits)}/{placed(node.under, POWER, digits)}"


def transpose(node: Transpose, digits: int) -> str:
    """Wᵀ; W^[2]ᵀ and h⁽ᵐ⁾ᵀ, where a bracket closes the index, but (wˡ)ᵀ."""
    name = letter(node.of, digits) if isinstance(node.of, Letter) else ""
    return (name if name.endswith(("]", ")", "⁾")) else placed(node.of, ATOM, digits)) + "ᵀ"


def nabla(node: Nabla, digits: int) -> str:
    """∇_W ℓ."""
    by = tight(node.by, digits)
    lower = f"_{by}" if isinstance(node.by, Letter) and node.by.upper is None else f"_{{{by}}}"
    return f"∇{lower} {placed(node.of, POWER, digits)}"


def big_sum(node: BigSum, digits: int) -> str:
    """Σ_{j=1..d} a."""
    first, last = ("" if end is None else tight(end, digits) for end in (node.first, node.last))
    index = tight(node.index, digits)
    limits = lowered(f"{index}={first}..{last}" if first or last else index)
    return f"Σ{limits} {placed(guarded(node.body, digits), PRODUCT, digits)}"


def cases(node: Cases, digits: int) -> str:
    """{1 if a > 0; 0 otherwise}."""
    texts = (
        f"{inline(value, digits=digits)} {condition_text(condition, digits)}" for value, condition in node.branches
    )
    return f"{{{'; '.join(texts)}}}"


def condition_text(condition: "Relation | None", digits: int) -> str:
    """When a case holds."""
    return "otherwise" if condition is None else f"if {inline(condition, digits=digits)}"


def matrix(node: Matrix, digits: int) -> str:
    """[1, 2; 3, 4]."""
    return f"[{'; '.join(', '.join(inline(cell, digits=digits) for cell in row) for row in node.cells)}]"


def apply(node: Apply, digits: int) -> str:
    """tanh(a)."""
    return f"{plain(node.function, digits)}({', '.join(inline(part, digits=digits) for part in node.arguments)})"


def listing(node: Listing, digits: int) -> str:
    """k, i, j."""
    return (", " if node.separator else "").join(inline(item, digits=digits) for item in node.items)


FORMS: dict[type[Expression], Callable[[Any, int], str]] = {
    Number: number,
    Letter: letter,
    Listing: listing,
    Enclosed: lambda node, digits: f"{node.signs[0]}{inline(node.of, digits=digits)}{node.signs[1]}",
    Sum: lambda node, digits: joined(terms_in(node, digits), digits),
    Negative: negative,
    Product: lambda node, digits: joined(factors_in(node, digits), digits),
    Fraction: fraction,
    Power: lambda node, digits: placed(node.base, ATOM, digits) + raised(tight(node.exponent, digits)),
    Transpose: transpose,
    Apply: apply,
    Partial: lambda node, digits: f"∂{plain(node.of, digits)}/∂{plain(node.by, digits)}",
    Nabla: nabla,
    BigSum: big_sum,
    Relation: lambda node, digits: (
        f"{inline(node.left, digits=digits)} {node.sign} {inline(node.right, digits=digits)}"
    ),
    Cases: cases,
    Dots: lambda node, _: node.way,
    Matrix: matrix,
    Shaped: lambda node, digits: f"{inline(node.of, digits=digits)} ({shape_text(node.shape)})",
}
