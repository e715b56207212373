# SPDX-License-Identifier: MIT
r"""Each part of an expression in LaTeX, as TeX with amsmath, KaTeX, MathJax and GitHub all take it.

ASCII only; brackets by precedence; a matrix has one row a source line, and `\\` only at a line's end; no \operatorname
(GitHub refuses it) and no colour. Knows no equation, no document and no dollar signs.
"""

from collections.abc import Callable, Sequence
from typing import Any

from culpa.reporting.mathematics.binding import ATOM, FACTOR, POWER, SUM, TERM, bracketed, crowded, glue, signed
from culpa.reporting.mathematics.expressions import (
    Apply,
    BigSum,
    Cases,
    Dots,
    Enclosed,
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
from culpa.reporting.mathematics.extent import is_tall
from culpa.reporting.mathematics.latex_signs import glyph
from culpa.reporting.mathematics.numerals import numeral

__all__ = ["BETWEEN", "SIGNS", "formula", "placed", "within"]

NAMED = ("arccos", "arctan", "cos", "cosh", "det", "exp", "ln", "log", "max", "min", "sin", "sinh", "tan", "tanh")
SIGNS = {"=": "=", "≈": r"\approx", "≠": r"\neq", "<": "<", ">": ">", "≤": r"\leq", "≥": r"\geq"}
BETWEEN = {"": " ", "·": r" \cdot ", "⊙": r" \odot "}
DOTS = {"⋯": r"\cdots", "⋮": r"\vdots", "⋱": r"\ddots"}
END = r" \\"
SPACED = r" \\[1.2em]"
"""A row's end after which the next may hold fractions; without it KaTeX lets them overlap."""
ROOMY = {"□": r"\boxed{\phantom{-0.0000}}"}
"""What is to be filled in has room for a number written by hand."""


def formula(expression: Expression, digits: int) -> str:
    """An expression as a formula."""
    return WRITERS[type(expression)](expression, digits)


def within(environment: str, rows: Sequence[str], argument: str = "", end: str = r" \\[0.6em]") -> str:
    """Rows in an environment, each on a source line of its own."""
    inside = f"{end}\n".join(("{}" if row.startswith("[") else "") + row for row in rows)
    return f"\\begin{{{environment}}}{argument}\n{inside}\n\\end{{{environment}}}"


def placed(expression: Expression, level: int, digits: int) -> str:
    """A part in a place that asks for a level: in brackets if it binds less tightly."""
    written = formula(expression, digits)
    return in_brackets(written, is_tall(expression)) if bracketed(expression, level, digits=digits) else written


def in_brackets(written: str, tall: bool, signs: Sequence[str] = "()") -> str:
    """Between signs that grow with what they hold."""
    left, right = signs
    if tall:
        return f"\\left{left} {written} \\right{right}"
    return f"{left} {written} {right}" if left[0] == "\\" else f"{left}{written}{right}"


def write_number(number: Number, digits: int) -> str:
    r"""Digits, with the power of ten as \times 10^{…}."""
    written = numeral(number.value, digits)
    text = {"∞": r"\infty", "–": r"\text{--}"}.get(written.digits, written.digits)
    power = "" if written.power is None else f" \\times 10^{{{written.power}}}"
    return f"{'-' if written.negative else ''}{text}{power}"


def write_letter(letter: Letter, digits: int, above: str = "") -> str:
    """A glyph with its indices; something more may stand above."""
    if letter.glyph in ROOMY:
        return ROOMY[letter.glyph]
    name = (
        f"\\{letter.glyph}" if letter.upright and letter.glyph in NAMED else glyph(letter.glyph, upright=letter.upright)
    )
    lower, upper = (
        "" if index is None else formula(index, digits).replace(" - ", "-").replace(" + ", "+")
        for index in (letter.lower, letter.upper)
    )
    lower, upper = f"_{{{lower}}}" if lower else "", upper + above
    return f"{name}{lower}{chr(39) * letter.prime}{f'^{{{upper}}}' if upper else ''}"


def write_listing(listing: Listing, digits: int) -> str:
    """Indices side by side."""
    written = [formula(item, digits) for item in listing.items]
    if listing.separator:
        return ",".join(written)
    return "".join(
        f"{item} " if item.rpartition("\\")[2].isalpha() and "\\" in item else item for item in written
    ).strip()


def write_enclosed(enclosed: Enclosed, digits: int) -> str:
    """Between signs."""
    signs = (r"\lvert", r"\rvert") if enclosed.signs == "||" else tuple(enclosed.signs)
    return in_brackets(formula(enclosed.of, digits), is_tall(enclosed.of), signs)


def write_sum(whole: Sum, digits: int) -> str:
    """Terms with plus and minus between them."""
    written = placed(whole.terms[0], SUM, digits)
    for term in whole.terms[1:]:
        minus, size = signed(term, digits=digits)
        written += f" {'-' if minus else '+'} {placed(size, TERM, digits)}"
    return written


def write_product(product: Product, digits: int) -> str:
    """Factors side by side; a sum over an index needs brackets unless it is the last."""
    written = ""
    for at, factor in enumerate(product.factors, 1):
        last = at == len(product.factors)
        text = placed(factor, TERM if last and isinstance(factor, BigSum) else FACTOR, digits)
        between = BETWEEN[glue(product.sign, factor)]
        if between == " ":
            between = spacing(product.factors[at - 2], factor)
        written += text if at == 1 else between + text
    return written


def spacing(*factors: Expression) -> str:
    """What keeps two factors apart: shapes below them, or a name of several letters, like dZ, need space."""
    if all(isinstance(factor, Shaped) for factor in factors):
        return r" \; "
    inside = (factor.of if isinstance(factor, Transpose) else factor for factor in factors)
    return r" \, " if any(isinstance(part, Letter) and len(part.glyph) > 1 for part in inside) else " "


def write_transpose(turned: Transpose, digits: int) -> str:
    """With a sign of its own above, beside an index that is there already."""
    if isinstance(turned.of, Letter) and not crowded(turned.of):
        return write_letter(turned.of, digits, r"\top")
    return f"{placed(turned.of, ATOM, digits)}^{{\\top}}"


def write_apply(apply: Apply, digits: int) -> str:
    """A function with its arguments in brackets."""
    inside = ", ".join(formula(argument, digits) for argument in apply.arguments)
    tall = any(map(is_tall, apply.arguments))
    return f"{placed(apply.function, POWER, digits)}{chr(92) + '!' if tall else ''}{in_brackets(inside, tall)}"


def write_partial(partial: Partial, digits: int) -> str:
    """A fraction of ∂."""
    of, by = (f"\\partial {placed(part, POWER, digits)}" for part in (partial.of, partial.by))
    return f"\\frac{{{of}}}{{{by}}}"


def write_big_sum(total: BigSum, digits: int) -> str:
    """Σ with its limits."""
    index = formula(total.index, digits)
    first = "" if total.first is None else f"={formula(total.first, digits)}"
    last = "" if total.last is None else f"^{{{formula(total.last, digits)}}}"
    return f"\\sum_{{{index}{first}}}{last} {placed(total.body, TERM, digits)}"


def write_cases(cases: Cases, digits: int) -> str:
    """One branch a line."""
    rows = [
        f"{formula(value, digits)} & "
        + (r"\text{otherwise}" if condition is None else rf"\text{{if }} {formula(condition, digits)}")
        for value, condition in cases.branches
    ]
    return within("cases", rows, end=END)


def write_matrix(matrix: Matrix, digits: int) -> str:
    """One row a source line."""
    rows = [" & ".join(formula(cell, digits) for cell in row) for row in matrix.cells]
    tall = any(is_tall(cell) for row in matrix.cells for cell in row)
    return within("bmatrix", rows, end=SPACED if tall else END)


def write_shaped(shaped: Shaped, digits: int) -> str:
    """With its shape below, small."""
    rows, columns = (formula(size, digits) for size in shaped.shape)
    return f"\\underset{{({rows} \\times {columns})}}{{{formula(shaped.of, digits)}}}"


WRITERS: dict[type, Callable[[Any, int], str]] = {
    Number: write_number,
    Letter: write_letter,
    Listing: write_listing,
    Enclosed: write_enclosed,
    Sum: write_sum,
    Negative: lambda negative, digits: f"-{placed(negative.of, TERM, digits)}",
    Product: write_product,
    Fraction: lambda part, digits: f"\\frac{{{formula(part.over, digits)}}}{{{formula(part.under, digits)}}}",
    Power: lambda power, digits: f"{placed(power.base, ATOM, digits)}^{{{formula(power.exponent, digits)}}}",
    Transpose: write_transpose,
    Apply: write_apply,
    Partial: write_partial,
    Nabla: lambda part, digits: f"\\nabla_{{{formula(part.by, digits)}}} {placed(part.of, POWER, digits)}",
    BigSum: write_big_sum,
    Relation: lambda part, digits: f"{formula(part.left, digits)} {SIGNS[part.sign]} {formula(part.right, digits)}",
    Cases: write_cases,
    Dots: lambda dots, _: DOTS[dots.way],
    Matrix: write_matrix,
    Shaped: write_shaped,
}
