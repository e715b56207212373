# SPDX-License-Identifier: MIT
"""Terminal primitives: numbers as people read them, and tables that fit 80 columns, in colour or not, piped or not."""

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TextIO

import numpy as np

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["console", "count", "folded", "percent", "short", "table"]


def console(file: TextIO | None = None) -> "Console":
    """A Rich console on stdout (or another stream), at most 80 columns wide, that never reads markup in data."""
    from rich.console import Console

    stream = sys.stdout if file is None else file
    probe = Console(file=stream)
    return Console(
        file=stream,
        width=min(probe.width, 80) if probe.is_terminal else 80,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=True,
    )


def short(value: float) -> str:
    """Three significant digits, as short as they go.

    Example:
        >>> [short(number) for number in (0.01324, 12.3456, 1234567.0, 3.2e-7, 0.0, float("nan"))]
        ['.0132', '12.3', '1.23e6', '3.2e-7', '0', '–']
    """
    if np.isnan(value):
        return "–"
    if np.isinf(value):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    if size != 0 and not 1e-4 <= size < 1e5:
        mantissa, exponent = f"{value:.2e}".split("e")
        text = f"{float(mantissa):g}e{int(exponent)}"
    else:
        text = f"{float(f'{value:.3g}'):,.10g}" if size < 1000 else f"{value:,.0f}"
    return text.replace("0.", ".", 1).replace("-", "−", 1) if size < 1 and "e" not in text else text


def percent(share: float) -> str:
    """A share in whole per cent; one digit more where it would read 0.

    Example:
        >>> [percent(share) for share in (0.604, 0.004, 1.0, float("nan"))]
        ['60 %', '0.4 %', '100 %', '–']
    """
    if np.isnan(share):
        return "–"
    return f"{100 * share:.1f} %" if 0 < abs(share) < 0.095 else f"{100 * share:.0f} %"


def count(number: int, singular: str, plural: str | None = None) -> str:
    """A number with its noun.

    Example:
        >>> count(1, "class", "classes"), count(1797, "row")
        ('1 class', '1,797 rows')
    """
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def folded(line: str) -> str:
    """A line broken between words where it is longer than 80 columns; what follows is indented as it is, and two more.

    Example:
        >>> print(folded("  " + "word " * 18))
          word word word word word word word word word word word word word word word
            word word word
    """
    import textwrap

    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return "\n".join(textwrap.wrap(line, 80, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False))


def table(to: "Console", headers: Sequence[str], rows: Iterable[Sequence[str]], left: Sequence[str] = ()) -> None:
    """Print a table: numbers to the right, words (the columns in `left`) to the left; what is too long is cut.

    Args:
        to: The console.
        headers: The columns' names.
        rows: Their entries, as texts.
        left: The columns that hold words.
    """
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in headers:
        words = name in left
        grid.add_column(Text(name), justify="left" if words else "right", no_wrap=True, overflow="ellipsis")
    for row in rows:
        grid.add_row(*(Text(one_line(entry)) for entry in row))
    to.print(grid, soft_wrap=False)


def one_line(text: str) -> str:
    """A text from data on one line, with control characters made visible."""
    return "".join(letter if letter.isprintable() else "·" for letter in text)
