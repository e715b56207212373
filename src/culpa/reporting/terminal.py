# SPDX-License-Identifier: MIT
"""Terminal primitives: numbers as people read them, and tables that fit 80 columns, in colour or not, piped or not."""

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal, TextIO

import numpy as np

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["command_line", "console", "count", "digits", "folded", "one_line", "percent", "short", "table"]

SHORTEST = 6
"""A column of words is never cut below this many columns of the terminal."""
LONGEST, DIGITS = 10, 6
"""A number with a fraction that is longer is written with so many digits, and no fewer than it has before the point."""


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
    size = abs(value)
    if np.isinf(size):
        text = "∞"
    elif size != 0 and not 1e-4 <= size < 1e5:
        mantissa, exponent = f"{size:.2e}".split("e")
        text = f"{float(mantissa):g}e{int(exponent)}"
    elif size < 999.5:
        text = f"{size:#.3g}".rstrip(".").removeprefix("0") if size else "0"
    else:
        text = f"{size:,.0f}"
    return "−" + text if value < 0 else text


def digits(value: float) -> str:
    """A number of the reader's own, digit by digit as it is written; with six of them where it has many more.

    Example:
        >>> [digits(number) for number in (4776000.0, 0.257, 2 / 3, 1234567.12345678, -1e15, 3.25e-7)]
        ['4776000', '0.257', '0.666667', '1234567', '-1e+15', '3.25e-07']
    """
    size = abs(value)
    if size != 0 and not 1e-5 <= size < 1e15:
        return f"{value:.6g}"
    exact = np.format_float_positional(value + 0.0, trim="-")  # which leaves no negative nought
    if len(exact) <= LONGEST or "." not in exact:
        return exact
    whole = len(f"{size:.0f}")
    return np.format_float_positional(value, precision=max(DIGITS, whole), fractional=False, trim="-")


def percent(share: float) -> str:
    """A share in whole per cent; one digit more where it would read 0.

    Example:
        >>> [percent(share) for share in (0.604, 0.004, 1.0, float("nan"))]
        ['60 %', '0.4 %', '100 %', '–']
    """
    if np.isnan(share):
        return "–"
    size = 100 * abs(share)
    text = f"{size:.1f}" if size < 9.95 else f"{size:.0f}"
    if size == 0 or 99.5 <= size < 100 or size < 0.05:
        text = "0" if size == 0 else ">99" if size > 1 else "<0.1"
    return f"{'−' if share < 0 and size else ''}{text} %"


def count(number: int, singular: str, plural: str | None = None) -> str:
    """A number with its noun.

    Example:
        >>> count(1, "class", "classes"), count(1797, "row")
        ('1 class', '1,797 rows')
    """
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def folded(line: str, width: int = 80) -> str:
    """A line broken between words where it is longer than `width` columns; the rest is indented by two more.

    Example:
        >>> print(folded("  " + "word " * 18))
          word word word word word word word word word word word word word word word
            word word word
    """
    import textwrap

    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return "\n".join(
        textwrap.wrap(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    )


def command_line(label: str, words: Sequence[str], remark: str) -> str:
    """A command to copy, with a remark behind it, or below it where 80 columns do not hold both.

    Example:
        >>> print(command_line("next: ", ["culpa", "blame", "digits"], "look again"))
        next: culpa blame digits   look again
    """
    lines = continued(label, words)
    if len(lines) == 1 and len(lines[0]) + len(remark) <= 77:
        return f"{lines[0]}   {remark}"
    return "\n".join([*lines, " " * len(label) + remark])


def continued(label: str, words: Sequence[str], width: int = 80) -> list[str]:
    """A command on as many lines as it takes, each but the last with the backslash that a shell goes on after."""
    import shlex

    lines, indent = [label.rstrip()], " " * (len(label) + 2)
    for word in map(one_line, with_values([shlex.quote(word) for word in words])):
        # A line keeps two columns for the backslash; the first word stays beside the label.
        if len(lines[-1]) + len(word) + 3 <= width or lines[-1].strip() in ("", label.strip()):
            lines[-1] += (" " if lines[-1].strip() else "") + word
        else:
            lines[-1] += " \\"
            lines.append(indent + word)
    return lines


def with_values(words: Sequence[str]) -> list[str]:
    """Words with each option and its value as one."""
    joined: list[str] = []
    for word in words:
        after_option = bool(joined) and joined[-1].startswith("--") and " " not in joined[-1]
        if after_option and not word.startswith("-"):
            joined[-1] += f" {word}"
        else:
            joined.append(word)
    return joined


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

    cells = [[one_line(entry) for entry in row] for row in rows]
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name, width in zip(headers, column_widths(to.width, headers, cells, left), strict=True):
        justify: Literal["left", "right"] = "left" if name in left else "right"
        grid.add_column(Text(name), justify=justify, width=width, no_wrap=True, overflow="ellipsis")
    for row in cells:
        grid.add_row(*map(Text, row))
    for line in to.render_lines(grid, pad=False):
        text = Text.assemble(*((part.text, part.style or "") for part in line))
        text.rstrip()  # a cell is filled up with blanks, which nobody needs behind the last one
        to.print(text)


def column_widths(total: int, headers: Sequence[str], cells: list[list[str]], left: Sequence[str]) -> list[int]:
    """How wide each column is: numbers as wide as they are, words cut, the widest first, until all fit in `total`."""
    from rich.cells import cell_len

    widths = [max(map(cell_len, column)) for column in zip(headers, *cells, strict=True)]
    words = [index for index, name in enumerate(headers) if name in left]
    while sum(widths) + 2 * (len(widths) - 1) > total and any(widths[index] > SHORTEST for index in words):
        widths[max(words, key=widths.__getitem__)] -= 1
    return widths


def one_line(text: str) -> str:
    """A text from data on one line, with control characters made visible."""
    return "".join(letter if letter.isprintable() else "·" for letter in text)
