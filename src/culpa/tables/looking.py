# SPDX-License-Identifier: MIT
"""Looking: what is true of a table before anything is trained, each truth a sentence with the rows that show it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from culpa.errors import DataError, OptionError
from culpa.reporting.frames import Frame
from culpa.reporting.progress import Show, progress
from culpa.tables.canonical import as_days
from culpa.tables.naming import fresh
from culpa.tables.parting import split_table
from culpa.tables.raw import RawTable
from culpa.tables.reading import raw_of
from culpa.tables.roles import said
from culpa.tables.summary import summary
from culpa.tables.table import Table
from culpa.tables.truths.columns import about_columns
from culpa.tables.truths.leaks import about_leaks
from culpa.tables.truths.numbers import about_numbers
from culpa.tables.truths.rows import about_rows
from culpa.tables.truths.targets import about_target
from culpa.tables.truths.truth import Truth

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Look", "held_places", "look", "look_at"]

SHOWN = 10
"""Rows that show a truth about columns."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Look:
    """What is true of a table.

    Args:
        table: The raw table that was looked at.
        truths: What is to be said of it, the serious truths first.

    Example:
        >>> found = look({"size": [1, 2, 3, 4] * 3, "sold": ["no", "yes", "yes", "no"] * 3}, target="sold")
        >>> print(found["duplicates"])
        8 of 12 rows repeat earlier ones, target and all
    """

    table: RawTable
    truths: tuple[Truth, ...]

    @property
    def serious(self) -> tuple[Truth, ...]:
        """The truths that make a network wrong, or look better than it is."""
        return tuple(truth for truth in self.truths if truth.serious)

    @property
    def columns(self) -> Frame:
        """A row for each column: kind, values present and missing, smallest, median and largest, inputs."""
        return summary(self.table)

    def __getitem__(self, key: str) -> Truth:
        for truth in self.truths:
            if truth.key == key:
                return truth
        known = ", ".join(truth.key for truth in self.truths)
        raise OptionError(f"{self.table.name} has nothing to show of {key!r}; it has {known}.")

    def evidence(self, key: str) -> Frame:
        """The rows that show a truth, or the first rows where none do: row, id, target, its columns, all others.

        Args:
            key: The truth's word, such as "contradictions".

        Raises:
            OptionError: If nothing is to be said of it; it lists what is.
        """
        return Frame(dict(evidence(self.table, self[key])))

    def __repr__(self) -> str:
        return f"Look({self.table.name!r}, {len(self.truths)} truths, {len(self.serious)} of them serious)"

    def __str__(self) -> str:
        return "\n".join(f"{'! ' if truth.serious else '  '}{truth.sentence}" for truth in self.truths)


def look(
    source: Any, target: str | None = None, *, seed: int = 0, show_progress: Show = "auto", **reading: Any
) -> Look:
    """Say what is true of a table before anything is trained.

    Args:
        source: A file, a bundled name, a frame of any library, or a Table.
        target: The column to predict; without it nothing is said of targets.
        seed: Of the split whose two sides should have no row in common; as that of `culpa blame`.
        show_progress: "auto" shows a bar on a terminal.
        reading: As `read_table` takes it: `id`, `group`, `drop`, `kinds`, `sep`, …

    Returns:
        A Look: its truths, a summary of its columns, and the rows that show each truth.

    Raises:
        FileError, DataError, OptionError: If the table cannot be read; says where and what to do.

    Example:
        >>> found = look("iris")
        >>> print(found["duplicates"])
        1 of 150 rows repeats an earlier one, target and all
        >>> found["duplicates"].rows.tolist(), found.serious
        ([101, 142], ())
    """
    raw = looked_at(source, target, reading)
    return look_at(raw, held_places(raw, seed), show_progress=show_progress)


def looked_at(source: Any, target: str | None, reading: dict[str, Any]) -> RawTable:
    """The raw table of whatever was given."""
    if isinstance(source, Table):
        given = [*(["target"] if target is not None else []), *reading]
        if given:
            raise OptionError(f"A Table has its own `{given[0]}`.", hint="give it to read_table.")
        return source.raw
    return raw_of(source, *said(target, **reading), needs_target=target is not None)


def look_at(raw: RawTable, held: NDArray[np.intp] | None = None, *, show_progress: Show = False) -> Look:
    """Say what is true of a raw table.

    Args:
        raw: The table.
        held: The places in it of the rows that are held out; None where nothing is split.
        show_progress: "auto" shows a bar on a terminal.
    """
    parts: tuple[Callable[[], Iterator[Truth]], ...] = (
        lambda: about_columns(raw),
        lambda: about_leaks(raw),
        lambda: about_target(raw),
        lambda: about_rows(raw, held),
        lambda: about_numbers(raw),
    )
    truths: list[Truth] = []
    with progress("looking", len(parts), show=show_progress) as advance:
        for part in parts:
            truths += part()
            advance()
    return Look(raw, tuple(sorted(truths, key=lambda truth: not truth.serious)))


def held_places(raw: RawTable, seed: int = 0) -> NDArray[np.intp] | None:
    """The places of the rows that `blame` would hold out with this seed; None where the table cannot be split."""
    try:
        return split_table(raw, seed)[1]
    except DataError:
        return None


def evidence(table: RawTable, truth: Truth) -> Iterator[tuple[str, NDArray[Any]]]:
    """The columns of the rows that show a truth; the same name does not come twice."""
    rows = truth.rows if len(truth.rows) else table.rows[:SHOWN]
    places = np.searchsorted(table.rows, rows)
    taken = {"row"}
    yield "row", rows
    there = dict.fromkeys(table.frame.columns)
    first = [name for name in truth.columns if name in there]
    beside = (("id", table.ids), (table.target, table.y))
    behind = (("weight", table.weights), ("group", table.groups))
    parts = [
        *((name, entries[places]) for name, entries in beside if entries is not None),
        *((name, entries_of(table.frame[name], places)) for name in dict.fromkeys([*first, *there])),
        *((name, entries[places]) for name, entries in behind if entries is not None),
    ]
    for name, entries in parts:
        title = fresh(name, taken)
        taken.add(title)
        yield title, entries


def entries_of(column: "pl.Series", places: NDArray[np.intp]) -> NDArray[Any]:
    """Some entries: numbers as numbers, all others as texts, None where there is none; of a moment at midnight the day.

    Whether a column holds days or moments is a matter of all its rows.
    """
    values = as_days(column)[places]
    if values.dtype.is_float():
        return values.fill_null(float("nan")).to_numpy()
    plain = values.dtype.is_integer() or str(values.dtype) in ("String", "Boolean")
    entries = [entry if entry is None or plain else str(entry) for entry in values.to_list()]
    made = np.empty(len(entries), dtype=object)
    made[:] = entries
    return made
