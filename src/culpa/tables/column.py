# SPDX-License-Identifier: MIT
"""A column of the user's table as plain state: what it takes to turn it into inputs of a network, and back."""

from dataclasses import dataclass

from culpa.tables.kinds import Kind

__all__ = ["Column", "Source"]


@dataclass(frozen=True, slots=True)
class Column:
    """How one column becomes inputs.

    Args:
        name: The column's name.
        kind: "number", "category", "yes/no" or "date".
        center: The median of the training rows, in the column's own unit; of dates in days since 1970.
        scale: Their spread, in the same unit; 1 where there is none.
        bound: What no standardised number exceeds; None where nothing is bounded.
        levels: The texts that have an input each.
        other: Whether all other texts share an input.
        missing: Whether a missing value has an input of its own.
        parts: Which parts of a date are inputs: time, season, weekday, hour.
        form: How its dates are written; None where they were typed.
    """

    name: str
    kind: Kind
    center: float = 0.0
    scale: float = 1.0
    bound: float | None = None
    levels: tuple[str, ...] = ()
    other: bool = False
    missing: bool = False
    parts: tuple[str, ...] = ()
    form: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where an input of the network comes from.

    Args:
        column: The name of the user's column.
        kind: What that column holds.
        part: The level of a category, the part of a date, "other" or "missing"; empty for a value itself.
        name: All of it in one text.
    """

    column: str
    kind: Kind
    part: str
    name: str
