# SPDX-License-Identifier: MIT
r"""Expressions in LaTeX, as TeX with amsmath, KaTeX, MathJax and GitHub all take it.

    latex(equation)                     one line of formula: \delta_{k} = …
    displayed(symbols, numbers)         an equation in letters and the same in numbers below it, its terms in columns

ASCII only; brackets by precedence; a matrix has one row a source line, and `\\` only at a line's end; no \operatorname
(GitHub refuses it) and no colour. Knows no document and no dollar signs.
"""

from collections.abc import Callable, Sequence
from typing import Any

from culpa.reporting.mathematics.binding import ATOM, FACTOR, POWER, SUM, TERM, bracketed, glue, signed
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
from culpa.reporting.mathematics.extent import is_tall, width
from culpa.reporting.mathematics.latex_signs import glyph
from culpa.reporting.mathematics.numerals import DIGITS, numeral

__all__ = ["ROOM", "displayed", "latex"]

ROOM = 42.0
"""How wide a line may be, in em, before it is broken at its signs of equality."""
GAP = 1.2
"""The width of a sign of equality with its space."""
NAMED = ("arccos", "arctan", "cos", "cosh", "det", "exp", "ln", "log", "max", "min", "sin", "sinh", "tan", "tanh")
SIGNS = {"=": "=", "≈": r"\approx", "≠": r"\neq", "<": "<", ">": ">", "≤": r"\leq", "≥": r"\geq"}
BETWEEN = {"": " ", "·": r" \cdot ", "⊙": r" \odot "}
DOTS = {"⋯": r"\cdots", "⋮": r"\vdots", "⋱": r"\ddots"}
END = r" \\"
SPACED = r" \\[1.2em]"
"""A row's end after which the next may hold fractions; without it KaTeX lets them overlap."""


def latex(expression: "Expression | Equation", *, digits: int = DIGITS) -> str:
    r"""Write an expression or an equation as one formula.

    Args:
        expression: What to write.
        digits: How many significant digits a number has that is no whole one.

    Example:
        >>> latex(Equation((Letter("δ", Letter("k")) * Letter("h").T, Number(-1.5e-9))))
        '\\delta_{k} h^{\\top} = -1.5 \\times 10^{-9}'
    """
    if isinstance(expression, Equation):
        return f" {SIGNS[expression.sign]} ".join(latex(term, digits=digits) for term in expression.terms)
    return WRITERS[type(expression)](expression, digits)


def displayed(
    symbols: "Equation | None", numbers: "Equation | None" = None, *, digits: int = DIGITS, room: float = ROOM
) -> str:
    """Write an equation in letters, and the same in numbers below it, for a display.

    Args:
        symbols: In letters.
        numbers: In numbers; its terms stand under those of the letters where the line has room for them.
        digits: How many significant digits a number has that is no whole one.
        room: How wide a line may be, in em. What is wider has one term a line; a term itself is never broken.
    """
    chains = [chain for chain in (symbols, numbers) if chain is not None]
    widths = [[width(term, digits) for term in chain.terms] for chain in chains]
    columns = [max(column) for column in zip(*widths, strict=False)]
    fits = sum(columns) + GAP * (len(columns) - 1) <= room
    if fits and len(chains) == 1:
        return latex(chains[0], digits=digits)
    if fits and len({len(chain.terms) for chain in chains}) == 1:
        return within("alignedat", [in_columns(chain, digits) for chain in chains], f"{{{len(columns) - 1}}}")
    return within("aligned", stacked(chains, digits, beside=sum(widths[0][:2]) + GAP <= room))


def in_columns(chain: Equation, digits: int) -> str:
    """A chain of equal terms, with marks between which they are aligned."""
    terms = [latex(term, digits=digits) for term in chain.terms]
    return f"{terms[0]} &" + " &&".join(f"{SIGNS[chain.sign]} {term}" for term in terms[1:])


def stacked(chains: Sequence[Equation], digits: int, beside: bool) -> list[str]:
    """One term a line; the numbers end with what the left side is worth, unless they have just said it."""
    rows: list[str] = []
    for chain in chains:
        first, *others = (latex(term, digits=digits) for term in chain.terms)
        if rows:
            rows += [f"&{SIGNS[chain.sign]} {term}" for term in (*others, *([first] if first != others[-1] else []))]
        else:
            rows += [f"{first} &{SIGNS[chain.sign]} {others.pop(0)}" if beside else f"& {first}"]
            rows += [f"&{SIGNS[chain.sign]} {term}" for term in others]
    return rows


def within(environment: str, rows: Sequence[str], argument: str = "", end: str = r" \\[0.6em]") -> str:
    """Rows in an environment, each on a source line of its own."""
    inside = f"{end}\n".join(("{}" if row.startswith("[") else "") + row for row in rows)
    return f"\\begin{{{environment}}}{argument}\n{inside}\n\\end{{{environment}}}"


def placed(expression: Expression, level: int, digits: int) -> str:
    """A part in a place that asks for a level: in brackets if it binds less tightly."""
    written = latex(expression, digits=digits)
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
    name = (
        f"\\{letter.glyph}" if letter.upright and letter.glyph in NAMED else glyph(letter.glyph, upright=letter.upright)
    )
    lower, upper = (
        "" if index is None else latex(index, digits=digits).replace(" - ", "-").replace(" + ", "+")
        for index in (letter.lower, letter.upper)
    )
    lower, upper = f"_{{{lower}}}" if lower else "", upper + above
    return f"{name}{lower}{chr(39) * letter.prime}{f'^{{{upper}}}' if upper else ''}"


def write_listing(listing: Listing, digits: int) -> str:
    """Indices side by side."""
    written = [latex(item, digits=digits) for item in listing.items]
    if listing.separator:
        return ",".join(written)
    return "".join(
        f"{item} " if item.rpartition("\\")[2].isalpha() and "\\" in item else item for item in written
    ).strip()


def write_enclosed(enclosed: Enclosed, digits: int) -> str:
    """Between signs."""
    signs = (r"\lvert", r"\rvert") if enclosed.signs == "||" else tuple(enclosed.signs)
    return in_brackets(latex(enclosed.of, digits=digits), is_tall(enclosed.of), signs)


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
        if between == " " and many_letters(factor, product.factors[at - 2]):
            between = r" \, "
        written += text if at == 1 else between + text
    return written


def many_letters(*factors: Expression) -> bool:
    """Whether a name of several letters, like dZ, stands beside another letter."""
    inside = (factor.of if isinstance(factor, Transpose) else factor for factor in factors)
    return any(isinstance(part, Letter) and len(part.glyph) > 1 for part in inside)


def write_transpose(turned: Transpose, digits: int) -> str:
    """With a sign of its own above, beside an index that is there already."""
    if isinstance(turned.of, Letter) and not turned.of.prime:
        return write_letter(turned.of, digits, r"\top")
    return f"{placed(turned.of, ATOM, digits)}^{{\\top}}"


def write_apply(apply: Apply, digits: int) -> str:
    """A function with its arguments in brackets."""
    inside = ", ".join(latex(argument, digits=digits) for argument in apply.arguments)
    tall = any(map(is_tall, apply.arguments))
    return f"{placed(apply.function, POWER, digits)}{chr(92) + '!' if tall else ''}{in_brackets(inside, tall)}"


def write_partial(partial: Partial, digits: int) -> str:
    """A fraction of ∂."""
    of, by = (f"\\partial {placed(part, POWER, digits)}" for part in (partial.of, partial.by))
    return f"\\frac{{{of}}}{{{by}}}"


def write_big_sum(total: BigSum, digits: int) -> str:
    """Σ with its limits."""
    index = latex(total.index, digits=digits)
    first = "" if total.first is None else f"={latex(total.first, digits=digits)}"
    last = "" if total.last is None else f"^{{{latex(total.last, digits=digits)}}}"
    return f"\\sum_{{{index}{first}}}{last} {placed(total.body, TERM, digits)}"


def write_cases(cases: Cases, digits: int) -> str:
    """One branch a line."""
    rows = [
        f"{latex(value, digits=digits)} & "
        + (r"\text{otherwise}" if condition is None else rf"\text{{if }} {latex(condition, digits=digits)}")
        for value, condition in cases.branches
    ]
    return within("cases", rows, end=END)


def write_matrix(matrix: Matrix, digits: int) -> str:
    """One row a source line."""
    rows = [" & ".join(latex(cell, digits=digits) for cell in row) for row in matrix.cells]
    tall = any(is_tall(cell) for row in matrix.cells for cell in row)
    return within("bmatrix", rows, end=SPACED if tall else END)


def write_shaped(shaped: Shaped, digits: int) -> str:
    """With its shape below, small."""
    rows, columns = (latex(size, digits=digits) for size in shaped.shape)
    return f"\\underset{{({rows} \\times {columns})}}{{{latex(shaped.of, digits=digits)}}}"


WRITERS: dict[type, Callable[[Any, int], str]] = {
    Number: write_number,
    Letter: write_letter,
    Listing: write_listing,
    Enclosed: write_enclosed,
    Sum: write_sum,
    Negative: lambda negative, digits: f"-{placed(negative.of, TERM, digits)}",
    Product: write_product,
    Fraction: lambda part, digits: f"\\frac{{{latex(part.over, digits=digits)}}}{{{latex(part.under, digits=digits)}}}",
    Power: lambda power, digits: f"{placed(power.base, ATOM, digits)}^{{{latex(power.exponent, digits=digits)}}}",
    Transpose: write_transpose,
    Apply: write_apply,
    Partial: write_partial,
    Nabla: lambda part, digits: f"\\nabla_{{{latex(part.by, digits=digits)}}} {placed(part.of, POWER, digits)}",
    BigSum: write_big_sum,
    Relation: lambda part, digits: (
        f"{latex(part.left, digits=digits)} {SIGNS[part.sign]} {latex(part.right, digits=digits)}"
    ),
    Cases: write_cases,
    Dots: lambda dots, _: DOTS[dots.way],
    Matrix: write_matrix,
    Shaped: write_shaped,
}
