# SPDX-License-Identifier: MIT
r"""The derivation in Markdown, in the flavour of the place that it is pasted into.

    flavour     a display                  within a sentence   for
    github      a fence of ```math         $`…`$               GitHub's files and discussions; GitLab too
    obsidian    $$ on a line of its own    $…$                 Obsidian, and Quartz, which publishes such notes
    plain       $$ on a line of its own    $…$                 Jupyter's cells, and whatever reads CommonMark with $

GitHub reads a formula between dollars as Markdown first, where its backslashes and underscores may be lost; between
those signs it does not. Quartz takes $$ only where it stands alone on its line. Jupyter does not know ```math. Tables
are those of GitHub, which all of them read. What comes from data never becomes markup, nor a formula.

Sources: GitHub Docs, "Writing mathematical expressions"; Quartz, "Features: Latex"; Obsidian Help, "HTML content".
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import get_args

from culpa.errors import unknown_name
from culpa.explaining.derivation import Code, Explanation, Flavour, Listed, Part, Step, Words
from culpa.explaining.forms.naming import isolated, leftward, printable
from culpa.reporting.mathematics.expressions import Equation, Expression, Number
from culpa.reporting.mathematics.latex import displayed, latex

__all__ = ["escaped", "to_markdown"]

MARKUP = re.compile(
    r"[`*\[\]<|~^]"
    r"|(?<![^\W_])_|_(?![^\W_])"  # within a word it is none, and mean_radius stays as it is
    r"|=(?==)|(?<==)=|%(?=%)|(?<=%)%"  # Obsidian's highlights and comments
    r"|&(?=#?\w+;)|#(?!\w)"
    r"|(?P<apart>[#@](?=\w)|:(?=//)|(?<=www)\.|(?<=WWW)\.)"
)
"""What is markup unless a backslash stands before it; tags, names and addresses are made links of even so."""
NUMBER = re.compile(r"[-−±]?[0-9][0-9.,]*(?:e[-−]?[0-9]+)?(?: ?%)?|–|")
AT_START = re.compile(r"(?=[-+>]|[0-9]{1,9}[.)])([0-9]*)(.)")
"""What would make a list or a quotation of a line that begins with it."""
BLANKS = re.compile(r"[\x00-\x20\x7f\x85\u2028\u2029]+")
"""Line breaks, tabs and control characters, which are one blank here."""
PLAIN_TEXT = re.compile(r"(?=.+ )[^\W\d_][\w ,.()/'’–-]*[\w.)]")
"""A title that needs no quotation marks in front matter; a single word might be one of YAML's own."""


def to_markdown(
    explanation: Explanation, *, flavour: Flavour = "github", front_matter: bool | None = None, headings: bool = True
) -> str:
    """Print a derivation as Markdown.

    Args:
        explanation: What to print.
        flavour: Where it is read: "github"; "obsidian", also for Quartz; "plain", also for Jupyter's cells.
        front_matter: Whether the title stands in front matter, and not in a heading; None means for Obsidian only.
        headings: Whether there are headings. Without, there is no title and no front matter, and a bold line stands
            where a heading was: for the middle of a note, whose outline it leaves alone.

    Raises:
        OptionError: If there is no such flavour.
    """
    if flavour not in get_args(Flavour):
        raise unknown_name("flavour", flavour, get_args(Flavour))
    names = leftward(escaped(str(name), flavour) for name in chain(*explanation.names))
    page = Page(flavour, explanation.digits, headings, names)
    title = heading_of(page, explanation.title, flavour == "obsidian" if front_matter is None else front_matter)
    about = escaped(explanation.about, flavour) if headings else ""
    blocks = [block for part in explanation.parts for block in part_blocks(page, part)]
    notes = "\n".join(f"- {escaped(note, flavour)}" for note in explanation.notes)
    footer = " · ".join(f"{escaped(name, flavour)}: {code_span(text)}" for name, text in explanation.footer.items())
    small = f"<small>{footer}</small>" if footer else ""
    return "\n\n".join(block for block in (title, about, *blocks, notes, small) if block) + "\n"


@dataclass(frozen=True, slots=True)
class Page:
    """What every block is written with."""

    flavour: Flavour
    digits: int
    headings: bool
    names: "re.Pattern[str] | None" = None

    def inline(self, formula: "Expression | Equation") -> str:
        """A formula within a sentence, on one line."""
        written = " ".join(latex(formula, digits=self.digits).split())
        return f"$`{written}`$" if self.flavour == "github" else f"${written}$"

    def display(self, symbols: "Equation | None", numbers: "Equation | None") -> str:
        """A formula on lines of its own."""
        opening, closing = ("```math", "```") if self.flavour == "github" else ("$$", "$$")
        return f"{opening}\n{displayed(symbols, numbers, digits=self.digits)}\n{closing}"

    def text(self, thing: "str | Expression | Equation") -> str:
        """A piece of a sentence."""
        return isolated(escaped(thing, self.flavour), self.names) if isinstance(thing, str) else self.inline(thing)

    def heading(self, text: str, level: int) -> str:
        """A heading, or a line that stands out."""
        written = self.text(text).strip()
        if self.headings:
            return f"{'#' * level} {written}"
        return f"**{written}**" if level == 2 else f"*{written}*"


def heading_of(page: Page, title: str, front_matter: bool) -> str:
    """The title, said once: in front matter, in a heading, or not at all."""
    if not page.headings:
        return ""
    if not front_matter:
        return page.heading(title, 1)
    in_one_line = BLANKS.sub(" ", title).strip()
    safe = PLAIN_TEXT.fullmatch(in_one_line) is not None
    return f"---\ntitle: {in_one_line if safe else json.dumps(in_one_line, ensure_ascii=False)}\n---"


def part_blocks(page: Page, part: Part) -> Iterator[str]:
    """A part's heading and its steps."""
    if part.heading:
        yield page.heading(part.heading, 2)
    for step in part.steps:
        yield from step_blocks(page, step)


def step_blocks(page: Page, step: Step) -> Iterator[str]:
    """A step: what is done, the equations, a table, the code."""
    if step.heading:
        yield page.heading(step.heading, 3)
    yield paragraph(page, step.words)
    for line in step.lines:
        if line.symbols is not None or line.numbers is not None:
            yield page.display(line.symbols, line.numbers)
    if step.listed is not None:
        yield table(page, step.listed)
    if step.code is not None:
        yield fenced(step.code)


def paragraph(page: Page, words: Words) -> str:
    """A sentence with its formulas."""
    text = "".join(map(page.text, words)).strip()
    return AT_START.sub(r"\1\\\2", text, count=1) if AT_START.match(text) else text


def table(page: Page, listed: Listed) -> str:
    """A table; columns of numbers stand at the right."""
    rows = [[cell(page, thing) for thing in row] for row in (listed.headers, *listed.rows)]
    columns = range(max(map(len, rows)))
    rows = [[*row, *[""] * (len(columns) - len(row))] for row in rows]
    widths = [max(3, *(len(row[at]) for row in rows)) for at in columns]
    right = [all(is_number(row[at]) for row in listed.rows if len(row) > at) and bool(listed.rows) for at in columns]
    rule = ["-" * (width - 1) + (":" if turned else "-") for width, turned in zip(widths, right, strict=True)]
    lines = [rows[0], rule, *rows[1:]]
    padded = [
        [
            text.rjust(width) if turned else text.ljust(width)
            for text, width, turned in zip(row, widths, right, strict=True)
        ]
        for row in lines
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in padded)


def is_number(thing: "str | Expression") -> bool:
    """Whether a cell holds a number, in whichever form, or none at all."""
    return NUMBER.fullmatch(thing) is not None if isinstance(thing, str) else isinstance(thing, Number)


def cell(page: Page, thing: "str | Expression") -> str:
    """A cell, in which an upright line would end it, even in a formula."""
    if isinstance(thing, str):
        return page.text(thing).strip()
    return page.inline(thing).replace(r"\|", r"\Vert ").replace("|", r"\vert ")


def fenced(code: Code) -> str:
    """NumPy statements between fences that are longer than any within."""
    text = "\n".join(code.statements)
    ticks = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", text)), 3)
    return f"{ticks}python\n{text}\n{ticks}"


def code_span(text: str) -> str:
    """Verbatim within a line."""
    in_one_line = printable(BLANKS.sub(" ", text)).strip()
    ticks = "`" * (1 + max((len(run) for run in re.findall("`+", in_one_line)), default=0))
    room = " " if in_one_line.startswith("`") or in_one_line.endswith("`") else ""
    return f"{ticks}{room}{in_one_line}{room}{ticks}" if in_one_line else ""


def escaped(text: str, flavour: Flavour) -> str:
    r"""Text that is to be read as it is: no emphasis, link, tag, table, comment or formula comes of it.

    Args:
        text: From data, or ours.
        flavour: How a dollar is kept from beginning a formula, and a backslash in Jupyter.

    Example:
        >>> escaped("mean_radius *$1* <b>", "obsidian")
        'mean_radius \\*\\$1\\* \\<b>'
    """
    dollar = {"github": "<span>$</span>", "obsidian": r"\$", "plain": r"<span>\$</span>"}[flavour]
    backslash = r"<span>\\</span>" if flavour == "plain" else r"\\"

    def protected(sign: re.Match[str]) -> str:
        return f"<span>{sign[0]}</span>" if sign["apart"] else f"\\{sign[0]}"

    pieces = re.split(r"([$\\])", printable(BLANKS.sub(" ", text)))
    return "".join({"$": dollar, "\\": backslash}.get(piece) or MARKUP.sub(protected, piece) for piece in pieces)
