# SPDX-License-Identifier: MIT
"""Writing: what the parts of the argument share: letters, numbers if there are any, and what the reader wants to see.

    w.general(left, right)      an equation that holds for any layer: letters alone
    w.line(left, right)         an equation of a given layer: letters, and the numbers below them

A part of the argument is a function of a Writer and gives steps. Knows no part and no format.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal, TypeAlias

from culpa.engine.activations import Activation
from culpa.errors import OptionError
from culpa.explaining.derivation import Code, Line, Words
from culpa.explaining.formulas.activation_formulas import ActivationFormula, activation_formula
from culpa.explaining.formulas.statements import Doing, outline_of, statements
from culpa.explaining.holding import holds
from culpa.explaining.symbols import Axis, Index, Symbols, axis
from culpa.explaining.worth import Bound, Worth, in_numbers
from culpa.reporting.mathematics.expressions import Apply, Equation, Expression, Letter, Number, Shaped, walk
from culpa.reporting.mathematics.numerals import DIGITS

__all__ = ["Show", "Writer", "called", "numbers_of", "sentence"]

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
        digits: How many significant digits are shown.
        names: The inputs' names and the outputs', where they have any.
    """

    symbols: Symbols
    worth: Worth | None = None
    show: Show = "both"
    layers: tuple[int, ...] | None = None
    code: bool = False
    digits: int = DIGITS
    names: tuple[Sequence[str], Sequence[str]] = ((), ())

    @property
    def numbers(self) -> Worth | None:
        """The numbers that the reader sees; None where symbols alone are wanted, whose numbers may be a stand-in."""
        return None if self.show == "symbols" else self.worth

    def input(self, j: int) -> str:
        """An input by its number, with the name that it has."""
        return called(self.names[0], j)

    def output(self, c: int) -> str:
        """An output by its number, with the name that it has."""
        return called(self.names[1], c)

    @property
    def given(self) -> tuple[int, ...]:
        """The layers of the given network that are spoken of; none in the general case."""
        if self.worth is None:
            return ()
        return tuple(range(1, self.worth.depth + 1)) if self.layers is None else self.layers

    @property
    def chosen(self) -> tuple[Index, ...]:
        """The layers that are spoken of: their numbers, or the letter of any layer."""
        return (self.symbols.k,) if self.worth is None else self.given

    def activations(self) -> Iterator[tuple[int, Activation, ActivationFormula]]:
        """Each activation of the hidden layers that has a formula, with the first layer that has it."""
        seen: list[Activation] = []
        for k, layer in enumerate([] if self.worth is None else self.worth.network.layers[:-1], 1):
            formula = activation_formula(layer.activation)
            if formula is not None and layer.activation not in seen:
                seen.append(layer.activation)
                yield k, layer.activation, formula

    def definitions(self, formula: ActivationFormula, *used: Expression | None) -> tuple[Line, ...]:
        """What the names of an activation's formulas mean, where they are used."""
        said = [one for one in formula.definitions if functions_in(one.terms[0]) & functions_in(used)]
        return tuple(line for one in said for line in self.general(*one.terms))

    def size(self, k: Index) -> Index:
        """The width of a layer: a number, or a letter."""
        return self.worth.network.sizes[k] if self.worth is not None and isinstance(k, int) else self.symbols.d(k)

    @property
    def count(self) -> Index:
        """The number of examples: a number, or its letter."""
        return self.symbols.n if self.worth is None or self.show == "symbols" else len(self.worth.X)

    def has_bias(self, k: Index) -> bool:
        """Whether a layer has biases; the general one has."""
        return not (self.worth is not None and isinstance(k, int) and self.worth.network.layers[k - 1].b is None)

    @property
    def biased(self) -> tuple[Index, ...]:
        """The layers that are spoken of and have biases."""
        return tuple(k for k in self.chosen if self.has_bias(k))

    def name(self, k: Index) -> str:
        """A layer in the key of a step."""
        return str(k) if isinstance(k, int) else "k"

    def called(self, k: Index) -> str:
        """A layer in a heading, by the notation's own number or letter."""
        layer = self.symbols.layer(k)
        return str(layer.value) if isinstance(layer, Number) else self.symbols.notation.layer

    def known_as(self, part: str) -> Words:
        """What the notation's source calls the equation of a part, as a sentence."""
        name = self.symbols.notation.equations.get(part)
        return () if name is None else (f" This is {name}.",)

    def heading(self, k: Index) -> str:
        """A layer as the heading of a step."""
        return f"Layer {self.called(k)}" if isinstance(k, int) else "For a layer"

    def axis(self, k: Index) -> Axis:
        """Which units of a layer are shown."""
        size = self.size(k)
        keep = self.worth.keep.get(k, ()) if self.worth is not None and isinstance(k, int) else ()
        return axis(size, keep)

    def line(self, *terms: Expression, bound: "Bound | None" = None, sign: Literal["=", "≈"] = "=") -> Line:
        """An equation of a given layer, in letters and in numbers; in the general case in letters alone.

        Where the numbers on its right have too few digits left to make the one on its left, only that one is given.
        """
        symbols = Equation(terms, sign)
        if self.worth is None or self.show == "symbols":
            return Line(symbols)
        numbers: Any = in_numbers(symbols, self.worth, bound)
        if not holds(numbers, self.digits):
            value = numbers.terms[0].of if isinstance(numbers.terms[0], Shaped) else numbers.terms[0]
            return Line(Equation((*(terms if self.show == "both" else terms[:1]), value), sign))
        if self.show == "both":
            return Line(symbols, numbers)
        first, *others = (term for term, _ in groupby(numbers.terms))
        again = () if others and isinstance(others[-1], Number) else (first,)
        return Line(None, Equation((terms[0], *others, *again), sign))

    def statements(self, doing: Doing, *layers: Index) -> Code | None:
        """A step's NumPy statements in this notation, if they are wanted and there are any."""
        outline = None if self.worth is None else outline_of(self.worth.network)
        example = 0 if self.worth is None else self.worth.example
        numbers = [k if isinstance(k, int) else None for k in layers or (None,)]
        found = [statements(self.symbols.notation, outline, doing, k, example=example) for k in numbers]
        lines = tuple(line for one in found for line in one)
        return Code(lines) if lines and self.code else None

    def general(self, *terms: Expression) -> tuple[Line, ...]:
        """An equation for any layer; nothing where only numbers are wanted."""
        return () if self.show == "numbers" and self.worth is not None else (Line(Equation(terms)),)


def called(names: Sequence[str], number: int) -> str:
    """A unit by its number, with the name that it has."""
    name = names[number - 1].strip() if number <= len(names) else ""
    return f"{number} ({name})" if name else str(number)


def functions_in(formula: object) -> set[str]:
    """The names of the functions that a formula applies."""
    applied = (part.function for part in walk(formula) if isinstance(part, Apply))
    return {function.glyph for function in applied if isinstance(function, Letter)}


def numbers_of(w: Writer) -> Worth:
    """The numbers, without which one thing alone cannot be asked for."""
    if w.worth is None:
        raise OptionError("One thing alone can be asked of a given network only; there are no numbers here.")
    return w.worth


def sentence(text: str, *formulas: Expression) -> Words:
    """A sentence with a formula in the place of each {}.

    Example:
        >>> sentence("It is {}.", Number(1))
        ('It is ', Number(value=1, means=None), '.')
    """
    first, *others = text.split("{}")
    parts: list[str | Expression] = [first]
    for formula, after in zip(formulas, others, strict=True):
        parts += [formula, after]
    return tuple(part for part in parts if part != "")
