# SPDX-License-Identifier: MIT
"""The derivation as a tree: an Explanation has parts, a part has steps, a step a sentence, equations and their numbers.

    Explanation > Part (forward, output, hidden, weights, bias, batch) > Step > Line: symbols above, numbers below

Everything that is printed stands in this tree, and every number in it is the engine's; the printers (`to_text`,
`to_markdown`, `to_latex`, `to_html`) only write it down. How a tree is built is not known here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from culpa.errors import unknown_name
from culpa.reporting.mathematics.expressions import Equation, Expression
from culpa.reporting.mathematics.numerals import DIGITS

if TYPE_CHECKING:
    from culpa.explaining.notations import Notation
    from culpa.explaining.symbols import Quantity
    from culpa.explaining.worth import Worth

__all__ = ["PARTS", "Code", "Explanation", "Flavour", "Line", "Listed", "Part", "PartName", "Step", "Words"]

PartName = Literal["forward", "output", "hidden", "weights", "bias", "batch"]
PARTS: tuple[PartName, ...] = get_args(PartName)
"""The parts of the argument, in its order."""
Flavour = Literal["github", "obsidian", "plain"]
Words: TypeAlias = tuple["str | Expression | Equation", ...]
"""A sentence with formulas in it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One equation, in symbols and in numbers, term above term; one of the two may be missing.

    Args:
        symbols: The equation in letters.
        numbers: The same with the letters' values in their places; as many terms.
    """

    symbols: Equation | None = None
    numbers: Equation | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """NumPy statements, one a line, that compute what the step says."""

    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A small table: names of its columns, and rows of texts or formulas."""

    headers: tuple["str | Expression", ...]
    rows: tuple[tuple["str | Expression", ...], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the argument.

    Args:
        key: A name for it that does not change with the numbers, such as "weights-2-matrix".
        heading: A few words, or "" to go on under the last one.
        words: What is done, and why.
        lines: The equations.
        listed: A table below them.
        code: The same in NumPy.
    """

    key: str
    heading: str
    words: Words = ()
    lines: tuple[Line, ...] = ()
    listed: Listed | None = None
    code: Code | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the argument: forward, output, hidden, weights, bias, batch; or the answer to one question."""

    name: str
    heading: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Explanation:
    """A derivation, ready to be printed.

    Args:
        title: What is explained.
        parts: The argument, in its order.
        notation: Whose letters it is written in.
        worth: The network with its numbers; None for the general case.
        about: What it holds for, in a sentence.
        example: Which example the numbers are of, as the reader calls it.
        notes: What the reader should know beside it, such as what was left out.
        footer: What it takes to get the same again, by name.
        digits: How many significant digits are shown.
        names: The inputs' names, and the outputs', where they have any.
        focus: What it is about, if it is about one thing.
    """

    title: str
    parts: tuple[Part, ...]
    notation: "Notation"
    worth: "Worth | None" = None
    about: str = ""
    example: str = ""
    notes: tuple[str, ...] = ()
    footer: Mapping[str, str] = field(default_factory=dict)
    digits: int = DIGITS
    names: tuple[Sequence[str], Sequence[str]] = ((), ())
    focus: "Quantity | None" = None

    def part(self, name: str) -> Part:
        """One part of it by its name.

        Raises:
            OptionError: If it has no such part.
        """
        for part in self.parts:
            if part.name == name:
                return part
        raise unknown_name("part", name, [part.name for part in self.parts])

    def to_text(self, *, width: int = 80) -> str:
        """For a terminal: Unicode, at most `width` columns; says what it left out."""
        from culpa.explaining.forms.to_text import to_text

        return to_text(self, width=width)

    def to_markdown(
        self, *, flavour: Flavour = "github", front_matter: bool | None = None, headings: bool = True
    ) -> str:
        """For GitHub, Obsidian (and Quartz), or plain, for Jupyter; without headings for the middle of a note."""
        from culpa.explaining.forms.to_markdown import to_markdown

        return to_markdown(self, flavour=flavour, front_matter=front_matter, headings=headings)

    def to_latex(self, *, fragment: bool = False) -> str:
        r"""A LaTeX document that compiles, or what stands between \begin{document} and \end{document}."""
        from culpa.explaining.forms.to_latex import to_latex

        return to_latex(self, fragment=fragment)

    def to_html(self) -> str:
        """One page that needs nothing but a browser: no network, no other file."""
        from culpa.explaining.forms.to_html import to_html

        return to_html(self)

    def to_fragment(self) -> str:
        """A piece of HTML for a notebook or another page: no script, and styles that change nothing outside it."""
        from culpa.explaining.forms.to_html import to_fragment

        return to_fragment(self)

    def _repr_html_(self) -> str:
        return self.to_fragment()

    def _repr_latex_(self) -> str:
        return self.to_latex(fragment=True)

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        steps = sum(len(part.steps) for part in self.parts)
        return f"Explanation({self.title}: {', '.join(part.name for part in self.parts)}; {steps} steps)"
