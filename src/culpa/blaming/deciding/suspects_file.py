# SPDX-License-Identifier: MIT
"""The list to work through: suspects in a file, the likeliest wrong label first, with a column for the decisions.

A spreadsheet opens it and saves it; `decisions` reads it again. Texts that a spreadsheet would run are made harmless in
texts between commas or tabs; other forms hold every text as it is. Knows no command line.
"""

import os
from collections.abc import Collection, Iterator
from itertools import count as count_from
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.deciding.cells import decisions_in
from culpa.blaming.deciding.formulas import harmless
from culpa.blaming.deciding.marking import mark_of
from culpa.blaming.labels.report import LabelReport, Reasons
from culpa.engine.arrays import whole_number
from culpa.reporting.frames import plain
from culpa.storing import writing_whole
from culpa.tables.columns import label_text
from culpa.tables.files.writing import form_of, write_frame
from culpa.tables.raw import RawTable

if TYPE_CHECKING:
    import polars as pl

__all__ = ["FEWEST", "OF_TEXTS", "free_name", "how_many", "suspects_frame", "write_suspects"]

FEWEST = 20
"""A list of fewer suspects is hardly worth the name, however few labels look wrong."""
OF_TEXTS = (".csv", ".tsv")
"""The forms that a spreadsheet opens."""
DIGITS = 6
"""Significant digits of what was estimated; more of them would say nothing, and are long to look at."""
FIRST = ("row", "id", "given", "proposed")
LAST = ("suspicion", "margin", "residual", "spread", "loss", "share", "held_out", "twins")
BETWEEN = ("probability", "given_probability", "low", "high")


def free_name(taken: Collection[str], ending: str = "csv") -> str:
    """What the next list may be called: nothing that is named already, and no list that holds decisions.

    Args:
        taken: The words of a command line, or names of files.
        ending: The form of the list.
    """
    names = (f"suspects_{k}.{ending}" if k > 1 else f"suspects.{ending}" for k in count_from(1))
    return next(name for name in names if name not in taken and not decisions_in(name))


def how_many(report: LabelReport) -> int:
    """How many suspects a list holds by default: twice as many as look wrong, 20 at the least."""
    likely = 0 if report.wrong is None else round(2 * report.wrong.likely)
    return min(max(FEWEST, likely), len(report.order))


def suspects_frame(report: LabelReport, count: int | None = None, table: RawTable | None = None) -> "pl.DataFrame":
    """The list as a frame, the likeliest wrong label first, with an empty column `decision` behind the proposed label.

    Args:
        report: The label report.
        count: How many rows; by default twice as many as look wrong, 20 at the least.
        table: The table whose rows they are; its mark stands in the last column, so that no other one is changed.
    """
    import polars as pl

    count = how_many(report) if count is None else whole_number("count", count, least=1)
    places = report.order[:count]
    picked = report.rows.take(places)
    series = [as_series(name, picked[name]) for name in (*FIRST, *BETWEEN, *LAST) if name in picked.columns]
    empty = pl.Series("decision", [None] * len(places), dtype=pl.String)
    why = pl.Series("why", [why_of(report.reasons.get(int(place))) for place in places], dtype=pl.String)
    mark = pl.Series("table", [None if table is None else mark_of(table)] * len(places), dtype=pl.String)
    known = sum(name in picked.columns for name in FIRST)
    return pl.DataFrame([*series[:known], empty, *series[known:], why, mark])


def as_series(name: str, values: NDArray[Any]) -> "pl.Series":
    """A column of the list; what was estimated is rounded, what was given never."""
    import polars as pl

    if values.dtype.kind == "f" and name != "given":
        values = rounded(values)
    return pl.Series(name, plain(values), strict=False)


def rounded(values: NDArray[Any]) -> NDArray[np.float64]:
    """Numbers to as many digits as say something."""
    return np.array([float(f"{value:.{DIGITS}g}") for value in values.tolist()])


def why_of(reasons: Reasons | None) -> str:
    """Why a row is suspected, in one line: an identical row, the columns that argue, or the row most like it."""
    return "" if reasons is None else " | ".join(arguments_of(reasons))


def arguments_of(reasons: Reasons) -> Iterator[str]:
    """What each column holds, beside what was put in its place; and what speaks before that, and in its stead."""
    if reasons.twins:
        yield f"the same inputs as row {reasons.twins[0]}"
    for argument in reasons.columns:
        yield f"{argument.column}: {argument.value} (typically {argument.typical})"
    if reasons.like_proposed and not reasons.columns and not reasons.twins:
        alike = reasons.like_proposed[0]
        yield f"row {alike.row}, most alike, has {label_text(alike.label)}"


def write_suspects(
    report: LabelReport, path: str | os.PathLike[str], *, count: int | None = None, table: RawTable | None = None
) -> int:
    """Write the list to work through; the file appears whole or not at all.

    Args:
        report: The label report.
        path: Where to; its ending says in which form, such as .csv or .parquet.
        count: How many rows; by default twice as many as look wrong, 20 at the least.
        table: The table whose rows they are.

    Returns:
        How many rows were written.

    Raises:
        OptionError: If the ending names no form.
        FileError: If the file cannot be written.
    """
    name = os.fspath(path)
    form, packing = form_of(name)
    frame = suspects_frame(report, count, table)
    with writing_whole(name) as file:
        if form in OF_TEXTS:
            frame = without_formulas(frame)
            # Excel takes a text for one of its own country's encoding, unless a mark in front says UTF-8.
            marked = any(not text.isascii() for text in texts_of(frame))
            between = "," if form == ".csv" else "\t"
            # The stubs of Polars want a literal for the compression, and `form_of` gives one of theirs.
            frame.write_csv(file, separator=between, include_bom=marked, compression=packing)  # type: ignore[call-overload]
        else:
            write_frame(frame, file, name)
    return len(frame)


def without_formulas(frame: "pl.DataFrame") -> "pl.DataFrame":
    """The list with every text made harmless."""
    import polars as pl

    texts = [column for column in frame if column.dtype == pl.String]
    return frame.with_columns(
        pl.Series(column.name, [text if text is None else harmless(text) for text in column], dtype=pl.String)
        for column in texts
    )


def texts_of(frame: "pl.DataFrame") -> Iterator[str]:
    """All texts of a frame."""
    import polars as pl

    return (text for column in frame if column.dtype == pl.String for text in column if text is not None)
