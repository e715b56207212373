# SPDX-License-Identifier: MIT
"""Decisions: what a person has decided on each suspect, read from the list and held to the table that it was made of.

    keep           the label is right, and the row is never listed again
    drop           the row leaves the table
    anything else  the right label, or the right number
    label:keep     the label that is itself called keep; so for drop, and for one that begins with label:

Changes no table; `cells` knows how a list is written.
"""

import math
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.deciding.cells import Cells, as_number, read_cells
from culpa.blaming.deciding.marking import mark_of
from culpa.errors import CulpaWarning, DataError
from culpa.reporting.terminal import count, one_line
from culpa.tables.columns import Label, label_text, numbers_of
from culpa.tables.naming import listed, shown
from culpa.tables.parting import target_of
from culpa.tables.raw import RawTable

__all__ = ["DROP", "KEEP", "LITERAL", "Decisions", "read_decisions"]

KEEP, DROP = "keep", "drop"
LITERAL = "label:"
"""What stands behind it is a label, whatever it is called."""
WHOLE = re.compile(r"[+-]?\d+")
FEWEST_SHOWN = 6
LARGEST = math.sqrt(np.finfo(np.float32).max)
"""Of a number that is further off, in spreads of the target, the squared error is more than a float32 holds."""
AS_SHOWN = 1e-5
"""Spreadsheets save what they show, in narrow columns six digits of a number."""
OF_ITS_TABLE = "A list belongs to the table that it was made of."


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Decisions:
    """What was decided, by the rows' numbers in the reader's file, in their order.

    Args:
        kept: Rows whose label is right.
        dropped: Rows that leave the table.
        changed: Rows that get another label.
        labels: The labels (n,) of these.
    """

    kept: NDArray[np.intp]
    dropped: NDArray[np.intp]
    changed: NDArray[np.intp]
    labels: NDArray[Any]

    def __len__(self) -> int:
        return len(self.kept) + len(self.dropped) + len(self.changed)

    def __repr__(self) -> str:
        return f"Decisions({self.sentence})"

    @property
    def rows(self) -> NDArray[np.intp]:
        """All rows that were decided on."""
        return np.sort(np.concatenate([self.kept, self.dropped, self.changed]))

    @property
    def sentence(self) -> str:
        """What was decided, in numbers: "1 kept, 0 dropped, 2 corrected"."""
        return f"{len(self.kept):,} kept, {len(self.dropped):,} dropped, {len(self.changed):,} corrected"


class Known(NamedTuple):
    """What decisions are held to.

    Attributes:
        table: The table that the lists were made of.
        y: Its target.
        places: The places of its rows, by their numbers in the reader's file.
        named: The rows' numbers by their ids.
        numbered: Gives the rows' numbers by what their ids are as numbers; None where several are alike.
        number: Gives the number of a class by its label, −1 for an unknown one.
        folded: The classes by their names in small letters; None where two are alike.
        middle, spread: The mean and the deviation of a target of numbers; NaN for classes.
    """

    table: RawTable
    y: NDArray[Any]
    places: Mapping[int, int]
    named: Mapping[str, int]
    numbered: Callable[[], Mapping[float, int | None]]
    number: Callable[[object], int]
    folded: Mapping[str, Label | None]
    middle: float
    spread: float


Meant = tuple[str, Label | float | None]
"""keep, drop or label, and which."""


def read_decisions(paths: str | Sequence[str], table: RawTable) -> Decisions:
    """Read what was decided on the rows of a table.

    Args:
        paths: A list of suspects with its column `decision` filled in, or several of the same table; saved again by a
            spreadsheet or by anything else that writes CSV or Parquet. Rows without a decision are skipped.
        table: The table that the lists were made of.

    Raises:
        FileError: If a file cannot be read.
        DataError: If nothing was decided, a row is not in the table, has another label there than in the list, or is
            decided on in two ways, or a label is none of the table's; names file, line and column.
    """
    known = known_of(table)
    decided: dict[int, Meant] = {}
    for source in [paths] if isinstance(paths, str) else paths:
        cells = read_cells(source)
        places = list(cells.decided())
        if not places:
            raise DataError(
                f"{cells.name} holds no decision: its column 'decision' is empty in all {count(len(cells), 'row')}.",
                hint="write keep, drop or the right label into it.",
            )
        needs_table(cells, places, known)
        tell_words(cells, places, known)
        for k in places:
            row = row_of(cells, k, known)
            needs_given(cells, k, row, known)
            meant = meaning_of(cells, k, row, known)
            before = decided.setdefault(row, meant)
            if before != meant:
                first, now = (word if label is None else shown(label) for word, label in (before, meant))
                what = f"row {row:,} was decided on before, in another way: {first} there and {now} here"
                raise cells.fault(k, "decision", what)
    return as_decisions(decided, known.y)


def known_of(table: RawTable) -> Known:
    """What the decisions on a table are held to."""
    ids = [] if table.ids is None else table.ids.tolist()
    named = {label_text(name): int(row) for name, row in zip(ids, table.rows, strict=False)}
    folded: dict[str, Label | None] = {}
    for label in table.classes or ():
        text = label_text(label).strip().casefold()
        folded[text] = None if text in folded else label
    y = target_of(table)
    middle, spread = (math.nan, math.nan) if table.classes is not None else (float(y.mean()), float(y.std()))
    return Known(
        table,
        y,
        {int(row): place for place, row in enumerate(table.rows)},
        named,
        cache(lambda: by_numbers(named)),
        numbers_of(table.classes or ()),
        folded,
        middle,
        spread,
    )


def by_numbers(named: Mapping[str, int]) -> Mapping[float, int | None]:
    """The rows' numbers by what their ids are as numbers; None where several are alike."""
    found: dict[float, int | None] = {}
    for name, row in named.items():
        value = as_number(name)
        if value is not None:
            found[value] = None if value in found else row
    return found


def needs_table(cells: Cells, places: Sequence[int], known: Known) -> None:
    """Refuse a list of another table; say so where a list does not tell of which it is."""
    mark = mark_of(known.table)
    for k in places:
        text = cells.text(k, "table")
        if text is not None and text.strip().casefold() != mark:
            raise cells.fault(
                k,
                "table",
                f"the list was made of another table, or {known.table.name} has other rows or labels now",
                "were the decisions applied already? Without the column table the rows count as they are numbered.",
            )
    named = known.table.ids is not None
    if any(
        cells.text(k, "table") is cells.text(k, "given") is None and not (named and cells.text(k, "id")) for k in places
    ):
        warnings.warn(
            f"{cells.name} does not say which table it was made of: its rows are those of {known.table.name} as it is "
            "now.",
            CulpaWarning,
            stacklevel=3,
        )


def tell_words(cells: Cells, places: Sequence[int], known: Known) -> None:
    """Say how keep and drop are taken where classes are called so."""
    said = [(cells.text(k, "decision") or "").strip().casefold() for k in places]
    words = [word for word in (KEEP, DROP) if word in known.folded and word in said]
    if words:
        told = " and ".join(f"{word} in {count(said.count(word), 'row')}" for word in words)
        warnings.warn(
            f"{cells.name} says {told}, which is no class there; the class {words[0]} is written {LITERAL}{words[0]}.",
            CulpaWarning,
            stacklevel=3,
        )


def as_decisions(decided: Mapping[int, Meant], y: NDArray[Any]) -> Decisions:
    """The decisions as arrays, in the order of the rows."""
    rows = sorted(decided)
    kept, dropped, changed = (
        np.array([row for row in rows if decided[row][0] == word], np.intp) for word in (KEEP, DROP, "label")
    )
    labels = [decided[int(row)][1] for row in changed]
    return Decisions(kept, dropped, changed, np.array(labels, str if y.dtype.kind == "U" else y.dtype))


def row_of(cells: Cells, k: int, known: Known) -> int:
    """The number in the reader's file of the row that is decided on."""
    table, text, name = known.table, cells.text(k, "row"), cells.text(k, "id")
    if text is None:
        if name is None or table.ids is None:
            raise cells.fault(k, "row", "the number of the row is not there")
        found = by_name(name, cells, known)
        if found is None:
            raise cells.fault(k, "id", f"{table.name} has no row called {shown(name)}", OF_ITS_TABLE)
        return found
    value = as_number(text, cells.decimal)
    if value is None or not value.is_integer():
        raise cells.fault(k, "row", f"{shown(text)} is no row's number")
    row = int(value)
    if row not in known.places:
        what = f"{table.name} has no row {row:,}, or it has no {table.target}"
        raise cells.fault(k, "row", what, f"rows are counted from 0. {OF_ITS_TABLE}")
    if table.ids is not None and name is not None and by_name(name, cells, known) != row:
        here = table.ids[known.places[row]].item()
        what = f"row {row:,} is called {shown(name)} there and {shown(here)} in {table.name}"
        raise cells.fault(k, "id", what, f"{OF_ITS_TABLE} Without the column id, the numbers of the rows count alone.")
    return row


def by_name(name: str, cells: Cells, known: Known) -> int | None:
    """The number of the row with an id; 007 and 7 are one where a spreadsheet has made them one."""
    for written in (name, name.strip()):
        if written in known.named:
            return known.named[written]
    value = as_number(name, cells.decimal)
    return None if value is None else known.numbered().get(value)


def needs_given(cells: Cells, k: int, row: int, known: Known) -> None:
    """Refuse a row that has another label in the table than in the list."""
    text, here = cells.text(k, "given"), known.y[known.places[row]]
    if text is None:
        return
    if known.table.classes is None:
        # Where the sign is not known, the value itself tells which reading is meant.
        values = [as_number(text, sign) for sign in (cells.decimal or ".,")]
        same = any(value is not None and abs(value - here) <= AS_SHOWN * max(abs(value), abs(here)) for value in values)
    else:
        same = class_place(text, known) == known.number(here) or text.strip() == label_text(here.item()).strip()
    if not same:
        raise cells.fault(
            k,
            "given",
            f"row {row:,} has {shown(text)} there and {shown(here.item())} in {known.table.name}",
            f"were the decisions applied already, or has a spreadsheet rewritten the label? {OF_ITS_TABLE} Without the "
            "column given the labels are not compared.",
        )


def meaning_of(cells: Cells, k: int, row: int, known: Known) -> Meant:
    """What a decision says; the label that is there already is kept."""
    text, here = cells.text(k, "decision") or "", known.y[known.places[row]]
    word = text.strip().casefold()
    if word in (KEEP, DROP):
        return word, None
    if known.table.classes is None:
        value = number_meant(cells, k, text, known)
        return (KEEP, None) if value == here or cut(text, value, here) else ("label", value)
    label = class_of(without_word(text), known)
    if label is None:
        label = class_of(without_word(cells.typed[k] or ""), known)  # typed by hand, with a quote of its own
    if label is None:
        what = f"{shown(text)} is neither keep nor drop nor a class of {known.table.target}"
        raise cells.fault(
            k,
            "decision",
            f"{what}; known are {listed([one_line(label_text(label)) for label in known.table.classes], 12)}",
            "a class that is new must stand in the table itself first.",
        )
    return (KEEP, None) if known.number(label) == known.number(here) else ("label", label)


def number_meant(cells: Cells, k: int, text: str, known: Known) -> float:
    """The number that a decision says."""
    value = as_number(text, cells.decimal)
    if value is None:
        hint = "no sign between thousands: 1234.5, or 1234,5."
        if cells.decimal is None and any(as_number(text, sign) is not None for sign in ".,"):
            hint = "thousands, or decimals? 1234, or 1.2340 with one digit more."
        raise cells.fault(k, "decision", f"{shown(text)} is neither keep nor drop nor a number", hint)
    if WHOLE.fullmatch(text.strip()) and int(text) != int(value):
        raise cells.fault(k, "decision", f"{shown(text)} has more digits than are kept: it would become {int(value)}")
    if abs(value - known.middle) > LARGEST * known.spread:
        what = f"{shown(text)} is too far from all that {known.table.target} is to be computed with"
        raise cells.fault(k, "decision", what, f"its mean is {known.middle:.6g}: is that a digit too many?")
    return value


def cut(text: str, value: float, here: float) -> bool:
    """Whether a decision is the number that is there, with as few digits as a narrow column shows."""
    digits = len(re.sub(r"[eE].*|\D", "", text).lstrip("0"))
    return digits >= FEWEST_SHOWN and float(f"{here:.{digits}g}") == value


def without_word(text: str) -> str:
    """A label without the word in front that says that it is one."""
    told = text.lstrip()
    return told[len(LITERAL) :] if told[: len(LITERAL)].casefold() == LITERAL else text


def class_of(text: str, known: Known) -> Label | None:
    """The class that a text means, be it in other capitals, if only one is like it."""
    place = class_place(text, known)
    return (known.table.classes or ())[place] if place >= 0 else known.folded.get(text.strip().casefold())


def class_place(text: str, known: Known) -> int:
    """The number of the class that a text means: as it stands, without blanks around it, as a whole number; or −1."""
    value = as_number(text)
    whole = [int(value)] if value is not None and value.is_integer() else []
    return next((place for written in (text, text.strip(), *whole) if (place := known.number(written)) >= 0), -1)
