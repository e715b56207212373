# SPDX-License-Identifier: MIT
"""The derivation in plain text, for a terminal and for whatever a terminal's output is piped into.

    1.2  Layer 2

    With the formula for one weight in each cell:

        ∇_W₂ ℓ  =  δ₂,₁     h₁,₃
        0.0617  = −0.1234 · 0.5

Headings are numbered, sentences are broken at the width, equations are set in: symbols above, numbers below them. No
line is wider than asked for, and none ends in blanks. Knows no terminal: no colour, no cursor.
"""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from culpa.explaining.derivation import Code, Explanation, Line, Listed, Part, Step, Words
from culpa.explaining.forms.naming import printable
from culpa.reporting.mathematics.boxes import Side, at_point, cells, padded, wrapped
from culpa.reporting.mathematics.expressions import Equation, Expression, Number
from culpa.reporting.mathematics.lines import inline, lines, paired
from culpa.reporting.mathematics.scripts import Style

__all__ = ["to_text"]

INDENT = 4
"""How far equations, tables and code are set in."""
NARROWEST = 20
"""No text is broken to less than this; a terminal of fewer columns breaks it itself."""
GLUE = "\ue000"
"""Stands for a blank within a short formula, where no line is broken; a letter that no text has."""
SHORT = 24
"""A formula in a sentence is kept on one line up to this width."""


def to_text(explanation: Explanation, *, width: int = 80) -> str:
    """Print a derivation as plain text.

    Args:
        explanation: What to print.
        width: How many cells of a terminal a line may have; 20 at least.

    Returns:
        Lines of Unicode, the last one ended too.
    """
    width = max(width, NARROWEST)
    page = Page(explanation.digits, width)
    blocks = [page.heading(explanation.title, "═"), page.paragraph((explanation.about,))]
    for number, part in enumerate(explanation.parts, 1):
        page = Page(explanation.digits, width, Style.of(*formulas(part)).small)
        several = len(explanation.parts) > 1
        blocks.append(page.heading(f"{number}  {part.heading}" if several else part.heading, "─"))
        count = 0
        for step in part.steps:
            count += bool(step.heading)
            name = f"{number}.{count}  {step.heading}" if several else f"{count}  {step.heading}"
            blocks += page.step(step, name if step.heading else "")
    blocks += [page.paragraph((note,)) for note in explanation.notes]
    blocks.append(page.footer(explanation))
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


@dataclass(frozen=True, slots=True)
class Page:
    """What every block is written with.

    Args:
        digits: How many significant digits are shown.
        width: How many cells a line may have.
        small: Whether indices of several parts are small letters; throughout a part, or not at all.
    """

    digits: int
    width: int
    small: bool = True

    def heading(self, text: str, rule: str = "") -> list[str]:
        """A heading, with a rule under it."""
        rows = wrapped(printable(text), self.width, "   ")
        return [*rows, rule * max(map(cells, rows))] if rule and rows else rows

    def step(self, step: Step, heading: str) -> Iterator[list[str]]:
        """A step as blocks: its heading, what is done, the equations, a table, the code."""
        yield self.heading(heading)
        yield self.paragraph(step.words)
        yield from map(self.equation, step.lines)
        if step.listed is not None:
            yield self.set_in(self.table(step.listed))
        if step.code is not None:
            yield from self.code(step.code)

    def paragraph(self, words: Words) -> list[str]:
        """A sentence with its formulas; a short formula is not broken."""
        text = "".join(printable(thing) if isinstance(thing, str) else self.formula(thing) for thing in words)
        return [row.replace(GLUE, " ") for row in wrapped(text, self.width)]

    def formula(self, thing: "Expression | Equation") -> str:
        """A formula within a sentence."""
        text = inline(thing, digits=self.digits, small=self.small)
        return text.replace(" ", GLUE) if cells(text) <= SHORT else text

    def equation(self, line: Line) -> list[str]:
        """An equation in symbols, in numbers, or in numbers under their symbols."""
        room = self.width - INDENT
        if line.symbols is not None and line.numbers is not None:
            return self.set_in(paired(line.symbols, line.numbers, digits=self.digits, width=room, small=self.small))
        one = line.symbols or line.numbers
        return [] if one is None else self.set_in(lines(one, digits=self.digits, width=room, small=self.small))

    def set_in(self, rows: Sequence[str]) -> list[str]:
        """Lines, set in; empty ones stay so."""
        return [" " * INDENT + row if row else "" for row in rows]

    def table(self, listed: Listed) -> list[str]:
        """Columns side by side; where they are too wide, each row as lines of its own, as nothing is cut."""
        headers = [self.cell(header) for header in listed.headers]
        columns = [self.column([row[at] for row in listed.rows]) for at in range(len(headers))]
        room = self.width - INDENT
        widths = [max(map(cells, (header, *texts))) for header, texts in zip(headers, columns, strict=True)]
        if sum(widths) + 2 * (len(widths) - 1) > room:
            records = [self.record(headers, record, room) for record in zip(*columns, strict=True)]
            return [row for place, record in enumerate(records) for row in ([""] if place else []) + record]
        sides: list[Side] = ["right" if numeric(listed, at) else "left" for at in range(len(headers))]
        return [
            "  ".join(padded(text, width, side) for text, width, side in zip(row, widths, sides, strict=True)).rstrip()
            for row in (headers, *zip(*columns, strict=True))
        ]

    def record(self, headers: Sequence[str], record: Sequence[str], room: int) -> list[str]:
        """One row of a table, a line for each of its columns."""
        names = max(map(cells, headers))
        out = []
        for header, text in zip(headers, record, strict=True):
            if text.strip():
                out += wrapped(f"{header.replace(' ', GLUE)}{GLUE * (names - cells(header) + 2)}{text}", room, "    ")
        return [row.replace(GLUE, " ").rstrip() for row in out]

    def column(self, entries: Sequence["str | Expression"]) -> list[str]:
        """A column's texts; numbers have their points under one another."""
        texts = [self.cell(entry) for entry in entries]
        places = [place for place, entry in enumerate(entries) if isinstance(entry, Number)]
        for place, text in zip(places, at_point([texts[place] for place in places]), strict=True):
            texts[place] = text
        return texts

    def cell(self, entry: "str | Expression") -> str:
        """What stands in a cell."""
        return (
            printable(entry).strip() if isinstance(entry, str) else inline(entry, digits=self.digits, small=self.small)
        )

    def code(self, code: Code) -> Iterator[list[str]]:
        """NumPy statements."""
        yield ["In NumPy:"]
        yield self.set_in([row for statement in code.statements for row in self.statement(statement)])

    def statement(self, statement: str) -> list[str]:
        """A statement as it is; one that is too wide is broken after a comma or before an operator, in its brackets."""
        if cells(statement) <= self.width - INDENT:
            return [statement]
        plain = statement.lstrip()
        margin = " " * (len(statement) - len(plain))
        return [margin + row for row in wrapped(plain, self.width - INDENT - len(margin), "    ")]

    def footer(self, explanation: Explanation) -> list[str]:
        """What it takes to get the same again: a command to copy, and with what it was run."""
        made, *others = explanation.footer.items() or [("", "")]
        if not made[1]:
            return []
        command = wrapped_command(f"{made[0]}: ", made[1], self.width)
        indent = " " * (len(made[0]) + 2)
        rest = "; ".join(text if name == "versions" else f"{name} {text}" for name, text in others)
        room = self.width - len(indent)
        return [*command, *(indent + row for row in wrapped(rest, room))]


def wrapped_command(label: str, command: str, width: int) -> list[str]:
    r"""A command to copy; where it is too wide, lines that a shell reads as one, with \ at their ends.

    Example:
        >>> wrapped_command("made: ", "culpa explain digits --example 17", 28)
        ['made: culpa explain digits \\', '        --example 17']
    """
    if cells(label + command) <= width:
        return [label + command]
    rows, here = [], label.rstrip()
    for word in shlex.split(command):
        quoted = shlex.quote(word)
        if cells(f"{here} {quoted}") > width - 2 and here.strip() != label.strip():
            rows.append(f"{here} \\")
            here = " " * (len(label) + 1)
        here = f"{here} {quoted}"
    return [*rows, here]


def formulas(part: Part) -> Iterator["Expression | Equation"]:
    """Every formula in a part."""
    for step in part.steps:
        cells_of = [*step.listed.headers, *(cell for row in step.listed.rows for cell in row)] if step.listed else []
        parts = [*step.words, *cells_of, *(each for line in step.lines for each in (line.symbols, line.numbers))]
        yield from (each for each in parts if isinstance(each, Expression | Equation))


def numeric(listed: Listed, at: int) -> bool:
    """Whether a column holds numbers alone."""
    return bool(listed.rows) and all(isinstance(row[at], Number) for row in listed.rows)
