# SPDX-License-Identifier: MIT
"""MathML: expressions and equations as `<math>` elements, of the MathML Core that today's browsers draw by themselves.

    mathml(equation)                      one <math>, the whole chain
    terms(equation)                       its terms, a <math> each, to be laid out in columns
    mathml(expression, marks=function)    `function(part)` gives attributes of the element that is this part

Every part of the tree is one element and nothing else is in it, so that a page can light it up. Knows no page, no
colours and no explanation.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias
from xml.etree.ElementTree import Element, tostring

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
from culpa.reporting.mathematics.mathml_elements import (
    CLOSE,
    MINUS,
    THIN,
    cleaned,
    element,
    fenced,
    name_of,
    one,
    row,
    scripted,
    sign,
)
from culpa.reporting.mathematics.numerals import DIGITS, numeral

__all__ = ["Marks", "mathml", "terms"]

Marks: TypeAlias = Callable[[Expression], "Mapping[str, str] | None"]
"""Gives the attributes of the element that is a part of the tree; nothing for most."""

APPLIED, TIMES = "\u2061", "\u2062"
"""Signs that are not seen: of a function applied, of a product."""


def mathml(
    expression: Expression | Equation,
    *,
    digits: int = DIGITS,
    marks: Marks | None = None,
    display: bool = False,
    label: str | None = None,
) -> str:
    """An expression or a chain of equal ones as one `<math>` element.

    Args:
        expression: What to write.
        digits: How many significant digits a number is shown with.
        marks: Asked for every part of the tree; its attributes land on the element that is this part. A transposed
            letter is one element that bears the attributes of both, and so is a power of one with an index.
        display: Whether it stands in a line of its own.
        label: How it is read aloud, `aria-label`.

    Example:
        >>> mathml(Letter("W", lower=Letter("k")) * Number(-0.5))  # doctest: +NORMALIZE_WHITESPACE
        '<math><mrow><msub><mi>W</mi><mi>k</mi></msub><mo>·</mo><mrow><mo
         stretchy="false">(</mo><mrow><mo>−</mo><mn>0.5</mn></mrow><mo stretchy="false">)</mo></mrow></mrow></math>'
    """
    return Drawing(digits, marks).page(expression, display, label)


def terms(
    equation: Equation,
    *,
    digits: int = DIGITS,
    marks: Marks | None = None,
    display: bool = False,
) -> list[str]:
    """Each term of a chain as a `<math>` of its own, without the signs between them.

    Args:
        equation: The chain.
        digits, marks, display: As for `mathml`.
    """
    return [Drawing(digits, marks).page(term, display, None) for term in equation.terms]


class Drawing:
    """One formula on its way to MathML: what to ask while its parts are drawn."""

    def __init__(self, digits: int, marks: Marks | None) -> None:
        self.digits, self.marks = digits, marks

    def page(self, expression: Expression | Equation, display: bool, label: str | None) -> str:
        """The whole formula as text."""
        inside = self.chain(expression) if isinstance(expression, Equation) else self(expression)
        attributes = {"display": "block"} if display else {}
        math = element("math", inside, **attributes, **({} if label is None else {"aria-label": cleaned(label)}))
        return tostring(math, encoding="unicode")

    def __call__(self, part: Expression, level: int = binding.LOOSE) -> Element:
        """A part as an element that bears its marks; in brackets where the place asks for a tighter level."""
        drawn = self.marked(part, RULES[type(part)](self, part))
        return fenced("(", drawn, ")") if binding.bracketed(part, level, digits=self.digits) else drawn

    def marked(self, part: Expression, drawn: Element) -> Element:
        """An element with the attributes that `marks` gives its part; classes are joined."""
        for name, value in ((self.marks and self.marks(part)) or {}).items():
            known = f"{drawn.get('class')} " if name == "class" and drawn.get("class") else ""
            drawn.set(name, known + cleaned(value))
        return drawn

    def chain(self, equation: Equation) -> Element:
        """The terms with the signs between them."""
        first, *others = equation.terms
        drawn = [self(first)]
        for term in others:
            drawn += [sign(equation.sign), self(term)]
        return row(*drawn)


def number(draw: Drawing, part: Number) -> Element:
    """A sign, digits, and a power of ten."""
    written = numeral(part.value, draw.digits)
    digits = element("mn", written.digits)
    if written.power is not None:
        power = element("mn", str(abs(written.power)))
        exponent = row(sign(MINUS), power) if written.power < 0 else power
        digits = row(digits, sign("×"), element("msup", element("mn", "10"), exponent))
    if not written.negative:
        return digits
    return row(sign(MINUS), *(digits if digits.tag == "mrow" else [digits]))


def letter(draw: Drawing, part: Letter, *above: Element) -> Element:
    """A glyph with its indices; what stands `above` follows those at the top."""
    tops = [sign("′")] if part.prime else []
    tops += [] if part.upper is None else [draw(part.upper)]
    tops += above
    lower = None if part.lower is None else draw(part.lower)
    return scripted(name_of(part.glyph, part.upright), lower, one(tops) if tops else None)


def listing(draw: Drawing, part: Listing) -> Element:
    """Items with commas, or side by side."""
    drawn: list[Element] = []
    for item in part.items:
        drawn += [sign(part.separator)] if drawn and part.separator else []
        drawn.append(draw(item))
    return row(*drawn)


def enclosed(draw: Drawing, part: Enclosed) -> Element:
    """Something between signs."""
    left, right = part.signs
    inside = draw(part.of)
    if left == "|":
        return row(sign("|", form="prefix"), inside, sign("|", form="postfix"))
    if left == "[" and not isinstance(part.of, Relation):
        # Those of an index, as in W^[3], are part of a name; as operators they would have to be kept from growing.
        return row(element("mi", left), inside, element("mi", right))
    return fenced(left, inside, right)


def total(draw: Drawing, part: Sum) -> Element:
    """Terms with plus and minus between them; a minus belongs to the term that it stands before."""
    drawn = [draw(part.terms[0])]
    for term in part.terms[1:]:
        negative, rest = binding.signed(term, digits=draw.digits)
        if not negative:
            drawn += [sign("+"), draw(rest, binding.TERM)]
            continue
        taken = draw(term) if isinstance(term, Number) else draw.marked(term, opposite(draw, rest))
        taken[0].set("form", "infix")
        drawn.append(taken)
    return row(*drawn)


def opposite(draw: Drawing, rest: Expression) -> Element:
    """A minus and what it stands before."""
    return row(sign(MINUS), draw(rest, binding.TERM))


def product(draw: Drawing, part: Product) -> Element:
    """Factors side by side, with a sign between them where there is one, or where digits would run together."""
    first, *others = part.factors
    drawn = [draw(first, binding.FACTOR)]
    for at, factor in enumerate(others, 1):
        is_open_sum = at == len(others) and isinstance(factor, BigSum)
        following = draw(factor, binding.TERM if is_open_sum else binding.FACTOR)
        glue = binding.glue(part.sign, factor)
        apart = not glue and (drawn[-1].tag == following.tag == "mfrac" or many_letters(part.factors[at - 1 : at + 1]))
        drawn += [element("mspace", width=THIN) if apart else sign(glue or TIMES), following]
    return row(*drawn)


def many_letters(factors: Sequence[Expression]) -> bool:
    """Whether a name of several letters, like dZ or log, is among them."""
    inside = (factor.of if isinstance(factor, Transpose) else factor for factor in factors)
    names = (factor.function if isinstance(factor, Apply) else factor for factor in inside)
    return any(isinstance(name, Letter) and len(name.glyph) > 1 for name in names)


def fraction(draw: Drawing, part: Fraction) -> Element:
    """One thing over another."""
    return element("mfrac", draw(part.over), draw(part.under))


def power(draw: Drawing, part: Power) -> Element:
    """A base and its exponent, which stands above a letter's index."""
    exponent = draw(part.exponent)
    if isinstance(part.base, Letter) and part.base.lower is not None and not binding.bracketed(part.base, binding.ATOM):
        return draw.marked(part.base, letter(draw, part.base, exponent))
    return element("msup", draw(part.base, binding.ATOM), exponent)


def transpose(draw: Drawing, part: Transpose) -> Element:
    """Something with a T; above a letter's own indices, since it would stand beside them otherwise."""
    turned = element("mi", "⊤", mathvariant="normal")
    if isinstance(part.of, Letter) and not binding.crowded(part.of):
        return draw.marked(part.of, letter(draw, part.of, turned))
    return element("msup", draw(part.of, binding.ATOM), turned)


def applied(draw: Drawing, part: Apply) -> Element:
    """A function and its arguments in brackets."""
    arguments = part.arguments
    inside = draw(arguments[0]) if len(arguments) == 1 else listing(draw, Listing(arguments))
    return row(draw(part.function, binding.POWER), sign(APPLIED), fenced("(", inside, ")"))


def partial(draw: Drawing, part: Partial) -> Element:
    """∂ of something over ∂ of something."""
    over, under = (row(element("mi", "∂"), draw(thing, binding.POWER)) for thing in (part.of, part.by))
    return element("mfrac", over, under)


def nabla(draw: Drawing, part: Nabla) -> Element:
    """∇ with its variable below it, and what it is of."""
    sloped = element("msub", element("mi", "∇", mathvariant="normal"), draw(part.by))
    apart = [element("mspace", width=THIN)] if many_letters([part.of]) else []
    return row(sloped, *apart, draw(part.of, binding.POWER))


def big_sum(draw: Drawing, part: BigSum) -> Element:
    """Σ with its index and its ends."""
    below, body = draw(part.index), draw(part.body, binding.TERM)
    if part.first is not None:
        below = row(below, sign("=", **CLOSE), draw(part.first))
    if part.last is None:
        return row(element("munder", sign("∑"), below), body)
    return row(element("munderover", sign("∑"), below, draw(part.last)), body)


def relation(draw: Drawing, part: Relation) -> Element:
    """A condition."""
    return row(draw(part.left), sign(part.sign), draw(part.right))


def cases(draw: Drawing, part: Cases) -> Element:
    """A brace before the values and when each holds."""
    lines = []
    for value, condition in part.branches:
        when = (
            element("mtext", "otherwise") if condition is None else row(element("mtext", "if\u00a0"), draw(condition))
        )
        sides = (element("mtd", thing, style="text-align: left") for thing in (draw(value), when))
        lines.append(element("mtr", *sides))
    return row(sign("{", form="prefix"), element("mtable", *lines, columnalign="left"))


def matrix(draw: Drawing, part: Matrix) -> Element:
    """A table between brackets; rows of fractions keep a distance."""
    cells = [[draw(cell) for cell in line] for line in part.cells]
    tall = any(inside.tag == "mfrac" for line in cells for cell in line for inside in cell.iter())
    apart = {"style": "padding: 0.4em"} if tall else {}
    lines = (element("mtr", *(element("mtd", cell, **apart) for cell in line)) for line in cells)
    return row(sign("["), element("mtable", *lines, displaystyle="true"), sign("]"))


def shaped(draw: Drawing, part: Shaped) -> Element:
    """Something with its shape under it."""
    rows, columns = part.shape
    left, right = sign("(", stretchy="false", lspace=THIN), sign(")", stretchy="false", rspace=THIN)
    shape = row(left, draw(rows), sign("×"), draw(columns), right)
    shape.set("class", "shape")
    return element("munder", draw(part.of), shape)


RULES: dict[type[Expression], Callable[[Drawing, Any], Element]] = {
    Number: number,
    Letter: letter,
    Listing: listing,
    Enclosed: enclosed,
    Sum: total,
    Negative: lambda draw, part: opposite(draw, part.of),
    Product: product,
    Fraction: fraction,
    Power: power,
    Transpose: transpose,
    Apply: applied,
    Partial: partial,
    Nabla: nabla,
    BigSum: big_sum,
    Relation: relation,
    Cases: cases,
    Dots: lambda _, part: element("mi", part.way),
    Matrix: matrix,
    Shaped: shaped,
}
