# SPDX-License-Identifier: MIT
"""What a page is made of, and how its sections write words, numbers and tables; everything from data is escaped here.

Knows no section.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np

from culpa.blaming.account import Blame
from culpa.blaming.deciding.retraining import Decided
from culpa.blaming.examples_terminal import amount, exact
from culpa.blaming.investigating import Investigation
from culpa.blaming.labels.report import LabelReport
from culpa.blaming.page.thumbnails import Thumbnails
from culpa.reporting.terminal import one_line, percent
from culpa.tables.columns import Columns, label_text
from culpa.tables.raw import RawTable

__all__ = ["FIRST", "FIXED", "Shown", "bar", "grid", "label", "number", "section", "share", "text"]

LONGEST = 60
"""A text from data is cut where it is longer."""
FIXED = "\u00a0"
"""A blank at which no line is broken."""
FIRST = 20
"""Of so many suspects it is said how many look wrong."""


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What a page shows.

    Args:
        title: What the reader calls the data.
        blame: The accounts.
        found: The whole investigation; None where there are accounts alone.
        table: The table that was asked about; None where it is not at hand.
        images: The rows as pictures, where they are pictures.
        words: The command behind `culpa`; empty where none was given.
        footer: What it takes to get the same again, by name.
        top: How many suspects are listed.
        decided: What decisions have led to; None where there were none.
    """

    title: str
    blame: Blame
    found: Investigation | None = None
    table: RawTable | None = None
    images: Thumbnails | None = None
    words: Sequence[str] = ()
    footer: Mapping[str, str] = field(default_factory=dict)
    top: int = 200
    decided: Decided | None = None

    @property
    def labels(self) -> LabelReport | None:
        """Which labels look wrong, from whoever was asked."""
        return self.blame.labels if self.found is None else self.found.labels

    @property
    def columns(self) -> Columns | None:
        """How the table became inputs, where it is known."""
        return None if self.found is None else self.found.network.columns

    @property
    def target(self) -> str:
        """What is predicted, in the reader's words."""
        return "target" if self.columns is None else self.columns.target

    def missing(self, *names: str) -> str:
        """Why something is not there, or less of it, as a paragraph; nothing where nothing is amiss."""
        why = next((self.blame.missing[name] for name in names if name in self.blame.missing), "")
        return f"<p>{escape(why)}</p>" if why else ""

    def label(self, value: object) -> str:
        """A label or a value of the target as HTML, in the reader's words and unit."""
        return text(label(value, 0.0 if self.columns is None else self.columns.target_scale), 32)

    def distance(self, value: float) -> str:
        """A distance between values of the target as HTML, in their unit; a dash where there is none."""
        return "–" if np.isnan(value) else self.label(float(value))

    def given(self, value: object) -> str:
        """The same of what a row is given as: a number stands as the reader's file has it."""
        if not isinstance(value, float | np.floating):
            return self.label(value)
        return text(exact(float(value), 0.0 if self.columns is None else self.columns.target_scale), 32)


def text(value: object, longest: int = LONGEST) -> str:
    """A text from data as HTML: on one line, cut where it is long, and nothing that a browser obeys.

    Example:
        >>> text("<script>")
        '&lt;script&gt;'
    """
    line = one_line(str(value))
    return escape(line if len(line) <= longest else line[: longest - 1] + "…")


def label(value: object, spread: float = 0.0) -> str:
    """A label, or a value of the target by what it usually spreads, as plain text.

    Example:
        >>> label(True), label(3), label(238412.7, 40000.0)
        ('true', '3', '238,413')
    """
    return amount(float(value), spread) if isinstance(value, float | np.floating) else label_text(value)


def number(value: float | None, digits: int = 3) -> str:
    """A number as HTML, with so many significant digits, zeros among them; a dash where there is none.

    Example:
        >>> number(0.0123), number(0.61), number(123456), number(-1.5e-9), number(None)
        ('0.0123', '0.610', '123,456', '−1.50\u202f×\u202f10<sup>−9</sup>', '–')
    """
    if value is None or np.isnan(value):
        return "–"
    sign, size = "−" if value < 0 else "", abs(value)
    if isinstance(value, int | np.integer) or size == 0:
        return f"{sign}{size:,.0f}"
    if np.isinf(size):
        return f"{sign}∞"
    if 1e-4 <= size < 1e6:
        return sign + (f"{size:#.{digits}g}".rstrip(".") if size < 10**digits - 0.5 else f"{size:,.0f}")
    mantissa, power = f"{size:.{digits - 1}e}".split("e")
    return f"{sign}{mantissa}\u202f×\u202f10<sup>{int(power)}</sup>".replace("-", "−")


def share(value: float | None) -> str:
    """A share in per cent, on one line."""
    return "–" if value is None else escape(percent(value)).replace(" ", FIXED)


def section(name: str, heading: str, *parts: str) -> str:
    """A section of the page with its heading; nothing where it has nothing to say."""
    inside = "\n".join(filter(None, parts))
    return f'<section id="{name}">\n<h2>{heading}</h2>\n{inside}\n</section>\n' if inside else ""


def grid(name: str, headers: Sequence[str], rows: Iterable[Sequence[str]], left: Sequence[int] = (0,)) -> str:
    """A small table in a box that scrolls.

    Args:
        name: What it is, for those who do not see it.
        headers: The columns' names, as HTML.
        rows: Their cells, as HTML; a cell that is a whole `<td>` stands as it is.
        left: The places of the columns that hold words.
    """
    kinds = ["" if place in left else ' class="number"' for place in range(len(headers))]
    head = "".join(f'<th scope="col"{kind}>{header}</th>' for header, kind in zip(headers, kinds, strict=True))
    body = "".join(
        "<tr>"
        + "".join(
            cell if cell.startswith("<td") else f"<td{kind}>{cell}</td>" for cell, kind in zip(row, kinds, strict=True)
        )
        + "</tr>\n"
        for row in rows
    )
    caption = f'<caption class="unseen">{name}</caption>'
    return (
        f'<div class="wide" role="group" aria-label="{name}"><table>{caption}<thead><tr>{head}</tr></thead>\n'
        f"<tbody>{body}</tbody></table></div>"
    )


def bar(part: float | None, words: str, kind: str = "") -> str:
    """A cell with a bar behind its number, as long as `part` of the cell."""
    size = 0.0 if part is None or not np.isfinite(part) else min(1.0, max(0.0, part))
    return f'<td class="number bar {kind}" style="--part:{size:.3f}"><span>{words}</span></td>'
