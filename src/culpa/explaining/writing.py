# SPDX-License-Identifier: MIT
"""Writing: what the parts of the argument share: letters, numbers if there are any, and what the reader wants to see.

    w.general(left, right)      an equation that holds for any layer: letters alone
    w.line(left, right)         an equation of a given layer: letters, and the numbers below them

A part of the argument is a function of a Writer and gives steps. Knows no part and no format.
"""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from culpa.explaining.derivation import Line
from culpa.explaining.symbols import Axis, Index, Symbols, axis
from culpa.explaining.worth import Bound, Worth, in_numbers
from culpa.reporting.mathematics.expressions import Equation, Expression, Number

__all__ = ["Show", "Writer"]

Show: TypeAlias = Literal["both", "symbols", "numbers"]


@dataclass(frozen=True, slots=True, eq=False)
class Writer:
    """What a part of the argument is written with.

    Args:
        symbols: The letters.
        worth: The numbers; None for the general network.
        show: Symbols, numbers, or both.
        layers: The layers that are spoken of, from 1; None for all.
        code: Whether each step ends with its NumPy statements.
    """

    symbols: Symbols
    worth: Worth | None = None
    show: Show = "both"
    layers: tuple[int, ...] | None = None
    code: bool = False

    @property
    def chosen(self) -> tuple["Index", ...]:
        """The layers that are spoken of: their numbers, or the letter of any layer."""
        if self.worth is None:
            return (self.symbols.k,)
        return tuple(range(1, self.worth.depth + 1)) if self.layers is None else self.layers

    def size(self, k: "Index") -> "Index":
        """The width of a layer: a number, or a letter."""
        return self.worth.network.sizes[k] if self.worth is not None and isinstance(k, int) else self.symbols.d(k)

    def axis(self, k: "Index") -> Axis:
        """Which units of a layer are shown."""
        size = self.size(k)
        keep = self.worth.keep.get(k, ()) if self.worth is not None and isinstance(k, int) else ()
        return axis(size, keep)

    def line(self, *terms: Expression, bound: "Bound | None" = None, sign: Literal["=", "≈"] = "=") -> Line:
        """An equation of a given layer, in letters and in numbers; in the general case in letters alone."""
        symbols = Equation(terms, sign)
        if self.worth is None or self.show == "symbols":
            return Line(symbols)
        numbers: Any = in_numbers(symbols, self.worth, bound)
        if self.show == "both":
            return Line(symbols, numbers)
        first, *others = numbers.terms
        again = () if isinstance(others[-1], Number) else (first,)
        return Line(None, Equation((terms[0], *others, *again), sign))

    def general(self, *terms: Expression) -> tuple[Line, ...]:
        """An equation for any layer; nothing where only numbers are wanted."""
        return () if self.show == "numbers" and self.worth is not None else (Line(Equation(terms)),)
