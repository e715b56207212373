# SPDX-License-Identifier: MIT
"""The rows that carry most of the loss, in the terminal view; and numbers in the unit of the target."""

import math
from typing import TYPE_CHECKING

from culpa.blaming.telling import cut
from culpa.reporting.frames import Frame
from culpa.reporting.terminal import percent, short, table
from culpa.tables.columns import Columns
from culpa.tables.raw import RawTable

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["amount", "exact", "show_examples"]

LONGEST = 10
"""A number that is written with more signs is rounded."""


def show_examples(to: "Console", examples: Frame, data: RawTable, columns: Columns | None) -> None:
    """The examples that carry most of the loss, in the words and the unit of the target."""
    has_ids = data.ids is not None
    words = "given" in examples.columns
    probable = words and not any(row["probability"] is None for row in examples.rows())
    given = cut(data.target) if probable or columns is not None else "given"
    headers = ["row", *(["id"] if has_ids else []), *([given, "says"] if words else []), *(["p"] if probable else [])]
    if len(set(headers)) < len(headers) or given in ("loss", "‖g‖", "share"):
        given = f"{given} given"
        headers[headers.index("says") - 1] = given
    rows = []
    for row in examples.rows():
        texts = [str(row["row"]), *([str(row["id"])] if has_ids else [])]
        if words and probable:
            texts += [str(row["given"]), str(row["predicted"]), f"{row['probability']:.2f}".removeprefix("0")]
        elif words:
            scale = 0.0 if columns is None else columns.target_scale
            texts += [exact(row["given"], scale), amount(row["predicted"], scale)]
        rows.append([*texts, short(row["loss"]), short(row["norm"]), percent(row["share"])])
    table(to, [*headers, "loss", "‖g‖", "share"], rows, left=["id", given, "says"] if probable else ["id"])


def exact(value: float, spread: float) -> str:
    """A number as it stands in the reader's file, so that it is found there; rounded where it is long.

    Example:
        >>> exact(1809.4, 300.0), exact(1999.0, 300.0), exact(-0.1234567891, 0.5)
        ('1809.4', '1999', '−0.123')
    """
    text = repr(float(value)).removesuffix(".0").replace("-", "−")
    return text if len(text) <= LONGEST else amount(value, spread)


def amount(value: float, spread: float) -> str:
    """A number in the unit of its column: as many decimals as tell a hundredth of the column's spread.

    Example:
        >>> amount(238412.7, 40000.0), amount(-0.123456, 0.5), amount(3.2e-9, 1e-9)
        ('238,413', '−0.123', '3.2e-9')
    """
    if not 1e-5 <= spread < 1e12 or not abs(value) < 1e15:
        return short(value)
    decimals = max(0, 3 - math.ceil(math.log10(spread)))
    return f"{value:,.{decimals}f}".replace("-", "−")
