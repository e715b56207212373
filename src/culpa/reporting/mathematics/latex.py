# SPDX-License-Identifier: MIT
r"""Formulas in LaTeX: in one line; or for a page, in letters and in numbers below, broken where a line is too narrow.

    ∇_W ℓ = δ hᵀ             one line each, the terms of both in the same columns, if there is room;
    [3 × 3] = [3 × 1] [1 × 3]

    ∇_W ℓ = δ hᵀ             else one term a line, and a long sum on several;
          = [3 × 1] [1 × 3]
          = [3 × 3]

Decides by an estimate of widths. Knows no document; what is too wide in spite of it all is handed to `fit`.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from culpa.reporting.mathematics.binding import FACTOR, SUM, TERM, signed
from culpa.reporting.mathematics.expressions import Equation, Expression, Product, Sum
from culpa.reporting.mathematics.extent import is_tall, width
from culpa.reporting.mathematics.latex_terms import BETWEEN, SIGNS, formula, placed, within
from culpa.reporting.mathematics.numerals import DIGITS

__all__ = ["ROOM", "displayed", "latex"]

ROOM = 42.0
"""How wide a line may be, in em."""
SURE = 0.8
"""What is estimated at less than this share of the room fits in any font."""
GAP = 1.2
"""The width of a sign of equality with its space."""
Fit: TypeAlias = Callable[[str, float], str]
"""Makes a formula no wider than the line less so many em."""


def latex(expression: "Expression | Equation", *, digits: int = DIGITS) -> str:
    r"""Write an expression or an equation as one formula.

    Args:
        expression: What to write.
        digits: How many significant digits a number has that is no whole one.

    Example:
        >>> from culpa.reporting.mathematics.expressions import Letter, Number
        >>> latex(Equation((Letter("δ") * Letter("h").T, Number(-1.5e-9))))
        '\\delta h^{\\top} = -1.5 \\times 10^{-9}'
    """
    if isinstance(expression, Equation):
        return f" {SIGNS[expression.sign]} ".join(formula(term, digits) for term in expression.terms)
    return formula(expression, digits)


def displayed(
    symbols: "Equation | None",
    numbers: "Equation | None" = None,
    *,
    digits: int = DIGITS,
    room: float = ROOM,
    fit: "Fit | None" = None,
) -> str:
    r"""Write an equation in letters, and the same in numbers below it, for a display.

    Args:
        symbols: In letters.
        numbers: In numbers; its terms stand under those of the letters where the line has room for them.
        digits: How many significant digits a number has that is no whole one.
        room: How wide a line may be, in em. What is wider has one term a line, and a sum is broken at its signs.
        fit: What to do with what may still be too wide; None leaves it so.

    Example:
        >>> from culpa.reporting.mathematics.expressions import Letter, Number
        >>> symbols = Equation((Letter("a"), Letter("b") * Letter("c")))
        >>> print(displayed(symbols, Equation((Number(6), Number(2) * Number(3)))))
        \begin{alignedat}{1}
        a &= b c \\[0.6em]
        6 &= 2 \cdot 3
        \end{alignedat}
    """
    chains = [chain for chain in (symbols, numbers) if chain is not None]
    if not chains:
        return ""
    widths = [[width(term, digits) for term in chain.terms] for chain in chains]
    columns = [max(column) for column in zip(*widths, strict=False)]
    total = sum(columns) + GAP * (len(columns) - 1)
    if total > room or len({len(chain.terms) for chain in chains}) > 1:
        return within("aligned", list(stacked(chains, digits, room, fit)))
    if len(chains) == 1:
        written = latex(chains[0], digits=digits)
    else:
        written = within("alignedat", [in_columns(chain, digits) for chain in chains], f"{{{len(columns) - 1}}}")
    return fit(written, 0.0) if fit is not None and total > SURE * room else written


def in_columns(chain: Equation, digits: int) -> str:
    """A chain of equal terms, with marks between which they are aligned."""
    terms = [formula(term, digits) for term in chain.terms]
    return f"{terms[0]} &" + " &&".join(f"{SIGNS[chain.sign]} {term}" for term in terms[1:])


def stacked(chains: Sequence[Equation], digits: int, room: float, fit: "Fit | None") -> Iterator[str]:
    """One term a line; the numbers end with what the left side is worth, unless they have just said it."""
    first, second, *_ = chains[0].terms
    left = width(first, digits) + GAP
    beside = left + min(width(second, digits), room / 2) <= room
    left = left if beside else GAP
    start = formula(first, digits)
    if not beside:
        yield f"& {start}"
        start = ""
    for at, chain in enumerate(chains):
        terms = chain.terms[1:]
        again = at > 0 and formula(terms[-1], digits) != formula(chain.terms[0], digits)
        for term in (*terms, *([chain.terms[0]] if again else [])):
            for number, (piece, size) in enumerate(pieces(term, digits, room - left)):
                narrow = fit(piece, left) if fit is not None and left + size > SURE * room else piece
                yield f"&\\quad {{}} {narrow}" if number else f"{start} &{SIGNS[chain.sign]} {narrow}".strip()
                start = ""


def pieces(term: Expression, digits: int, room: float) -> Iterator[tuple[str, float]]:
    """A term as the lines that it takes, each with its width: what is too wide is broken before its signs."""
    if width(term, digits) <= room:
        yield formula(term, digits), width(term, digits)
        return
    line, size = "", 0.0
    for written, more in chunks(term, digits):
        if line and size + more > room:
            yield line, size
            line, size = written, more
        else:
            line, size = f"{line} {written}".strip(), size + more
    yield line, size


def chunks(term: Expression, digits: int) -> Iterator[tuple[str, float]]:
    """What a term may be broken into: terms, factors, or the terms of a sum that is the last factor."""
    if isinstance(term, Sum):
        yield placed(term.terms[0], SUM, digits), width(term.terms[0], digits)
        for part in term.terms[1:]:
            minus, rest = signed(part, digits=digits)
            yield f"{'-' if minus else '+'} {placed(rest, TERM, digits)}", width(rest, digits) + GAP
    elif isinstance(term, Product) and isinstance(term.factors[-1], Sum) and len(term.factors[-1].terms) > 1:
        before = Product(term.factors[:-1], term.sign)
        inside = [*chunks(term.factors[-1], digits)]
        # \left and \right must stand on one line, so brackets of a given size hold the sum.
        size = "Bigg" if is_tall(term.factors[-1]) else "big"
        opening = f"{formula(before, digits)}{BETWEEN[term.sign]}\\{size}l("
        first, last = f"{opening} {inside[0][0]}", f"{inside[-1][0]} \\{size}r)"
        yield first, width(before, digits) + 1.0 + inside[0][1]
        yield from inside[1:-1]
        yield last, inside[-1][1] + 1.0
    elif isinstance(term, Product):
        for at, factor in enumerate(term.factors):
            sign = BETWEEN[term.sign or "·"].lstrip()
            yield f"{sign * (at > 0)}{placed(factor, FACTOR, digits)}", width(factor, digits) + GAP * (at > 0)
    else:
        yield formula(term, digits), width(term, digits)
