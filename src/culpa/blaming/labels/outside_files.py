# SPDX-License-Identifier: MIT
"""Files of another model's probabilities: a table of any form with a column a class, brought into the table's order.

    .npy       an array (n, K), its rows in the table's order, its columns in that of the classes
    columns    p(CLASS), as `culpa predict` writes them, or the classes' own names
    rows       found by the id, where both have it, under its own name or as `id`; by a column `row` of numbers from 0;
               else in the table's order

What a probability is, `outside` says; it is asked here too, so that a file is refused before anything is trained.
"""

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.labels.outside import admit_probabilities
from culpa.errors import CulpaError, CulpaWarning, DataError, FileError
from culpa.reporting.terminal import count
from culpa.tables.canonical import as_number, as_text
from culpa.tables.columns import label_text
from culpa.tables.columns import numbers_of as numbers_of_classes
from culpa.tables.files.forms import read_frame
from culpa.tables.files.opening import Opened, open_source
from culpa.tables.naming import listed
from culpa.tables.parting import target_of
from culpa.tables.raw import RawTable
from culpa.tables.reading import needs_file, title, told_of
from culpa.tables.roles import Form

if TYPE_CHECKING:
    import polars as pl

__all__ = ["read_probabilities"]

ARRAY = b"\x93NUMPY"
"""The first bytes of an array that NumPy has saved."""
ERRORS = 3
"""So many standard errors above chance an order of the rows by luck comes once in 700 times."""


def read_probabilities(source: str, table: RawTable, *, id: str | None = None) -> NDArray[np.float64]:  # noqa: A002 # as --id
    """Read another model's probabilities of a table's rows.

    Args:
        source: A file (CSV, TSV, Parquet, Arrow, JSON lines, or .npy), or "-" for standard input.
        table: The table, with classes.
        id: The name of the column of ids, where the table has one; the file may have it too.

    Returns:
        (n, K): the rows in the table's order, the columns in that of its classes.

    Raises:
        FileError: If the file cannot be read.
        DataError: If it lacks a class or a row, or an entry is no probability; says which.
    """
    needs_file(source)
    name = title(source)
    if table.classes is None:
        raise DataError(f"{name} has probabilities of classes, and the target {table.target!r} holds numbers.")
    with told_of(name):
        opened = open_source(source)
        if opened.head().startswith(ARRAY):
            said = array_rows(opened, table)
        else:
            frame, _ = read_frame(opened, Form(), texts=[] if id is None else [id, "id"])
            columns = class_columns(frame, table)
            places = row_places(frame, table, id)
            said = np.column_stack([numbers_of(frame[column])[places] for column in columns])
        admitted = admit_probabilities(said, np.zeros(len(table), np.intp), table.classes, table.rows)
    doubtful(name, admitted, table)
    return admitted


def array_rows(opened: Opened, table: RawTable) -> NDArray[Any]:
    """The rows of an array of NumPy that are the table's: it may have those without a target too, or not."""
    try:
        with opened.stream() as stream:
            said = np.asarray(np.load(stream, allow_pickle=False))
    except (ValueError, EOFError, OSError) as error:
        raise FileError(
            "It is an array of NumPy that cannot be read: it is cut off, or holds Python's objects.",
            hint="numpy.save writes an array (n, K) of numbers.",
        ) from error
    return said[table.rows] if table.lacking and said.shape[:1] == (len(table) + table.lacking,) else said


def doubtful(name: str, probabilities: NDArray[np.float64], table: RawTable) -> None:
    """Warn where the given classes are no more probable than they would be with the rows in any other order.

    Over all orders of the given classes y the mean probability of the given one, Σ_i p_{i, y_i} / n, has

        mean        Σ_c p̄_c s_c, with p̄_c the mean probability of a class and s_c its share of the rows
        variance    Σ_i Σ_c s_c (p_ic − p̄_c − Σ_d s_d (p_id − p̄_d))² / (n (n − 1))

    For probabilities 0 and 1 that is how often the class said is the given one. Rows that are all the same tell nothing
    of their order, and pass.

    Source: W. Hoeffding, Ann. Math. Stat. 22 (1951), pp. 558–566, theorem 2.
    """
    number = numbers_of_classes(table.classes or ())
    given = np.array([number(label) for label in target_of(table).tolist()], np.intp)
    n = len(given)
    share = np.bincount(given, minlength=probabilities.shape[1]) / n
    found = float(probabilities[np.arange(n), given].mean())
    chance = float(probabilities.mean(axis=0) @ share)
    apart = probabilities - probabilities.mean(axis=0)
    apart -= (apart @ share)[:, None]
    error = float(np.sqrt(((apart**2) @ share).sum() / (n * max(n - 1, 1))))
    if found < chance + ERRORS * error - 1e-12:  # what rounding leaves of rows that are all the same
        warnings.warn(
            f"{name}: it gives the given classes a probability of {100 * found:.1f} % on average, and with its rows in "
            f"any other order that would be about {100 * chance:.1f} %: are its columns, or its rows, mixed up?",
            CulpaWarning,
            stacklevel=3,
        )


def class_columns(frame: "pl.DataFrame", table: RawTable) -> list[str]:
    """The column of each class, in the order of the classes; p(CLASS) goes before CLASS alone."""
    found, missing = [], []
    for label in table.classes or ():
        text = label_text(label)
        names = [name for name in (f"p({text})", text) if name in frame.columns]
        found += names[:1]
        missing += [] if names else [text]
    if missing:
        plural = "class" if len(missing) == 1 else "classes"
        raise DataError(
            f"It has no probability of the {plural} {listed(missing, 8)}; its columns are {listed(frame.columns, 12)}.",
            hint=f"a class's column is called p({missing[0]}), or {missing[0]} alone.",
        )
    return found


def row_places(frame: "pl.DataFrame", table: RawTable, name: str | None) -> NDArray[np.intp]:
    """Where in the file each row of the table stands (n,)."""
    named = next((one for one in (name, "id") if one in frame.columns), None)
    if table.ids is not None and named is not None:
        own, theirs = [str(entry) for entry in table.ids.tolist()], as_text(frame[named]).to_list()
        return matched(theirs, own, f"the id column {named!r}")
    if "row" in frame.columns and "row" not in table.frame.columns:
        theirs = [None if entry is None else int(entry) for entry in as_number(frame["row"]).to_list()]
        return matched(theirs, table.rows.tolist(), "the column 'row'")
    if len(frame) == len(table) + table.lacking:
        return table.rows
    if len(frame) == len(table):
        return np.arange(len(table))
    raise DataError(
        f"It has {count(len(frame), 'row')}, and {table.name} {len(table):,}.",
        hint="a column `row` says which row of the table each is about, counted from 0; with --id, the ids do.",
    )


def matched(theirs: Sequence[object], own: Sequence[object], where: str) -> NDArray[np.intp]:
    """Where each own name stands among theirs."""
    places: dict[object, int] = {}
    for place, entry in enumerate(theirs):
        if entry in places and entry is not None:
            raise DataError(f"Rows {places[entry]:,} and {place:,} both have {entry!r} in {where}.")
        places[entry] = place
    lacking = [entry for entry in own if entry not in places]
    if lacking:
        raise DataError(
            f"It lacks {count(len(lacking), 'row')} of the table's, the first is {lacking[0]!r} in {where}."
        )
    return np.array([places[entry] for entry in own], np.intp)


def numbers_of(column: "pl.Series") -> NDArray[np.float64]:
    """A column's probabilities; a gap is refused by its row."""
    try:
        numbers = as_number(column)
    except CulpaError as error:
        raise DataError(error.message, hint="it is to hold the probabilities of a class.") from error
    if numbers.null_count():
        row = int(numbers.is_null().arg_max() or 0)
        raise DataError(f"Row {row:,} has no number in the column {column.name!r}.")
    return numbers.to_numpy()
