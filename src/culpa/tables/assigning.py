# SPDX-License-Identifier: MIT
"""Assigning: a frame becomes a raw table; each column gets its role, is judged, and takes the one type of its kind."""

import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from culpa.engine.arrays import as_array
from culpa.errors import DataError, OptionError, ShapeError
from culpa.tables.belongings import admit_groups, admit_ids, admit_weights
from culpa.tables.canonical import as_kind
from culpa.tables.columns import Columns, Label
from culpa.tables.frames import as_frame, as_series, is_array, refuse_width
from culpa.tables.kinds import Judgement, judge
from culpa.tables.naming import listed, needs_names
from culpa.tables.raw import RawTable
from culpa.tables.roles import Roles, Task
from culpa.tables.targets import as_labels, known_rows, ordered, read_target, without_gaps

if TYPE_CHECKING:
    import polars as pl

__all__ = ["from_frame", "needs_numbers", "raw_table", "target_series"]

NO_TARGET = "drop the rows without a target first."


def from_frame(
    frame: "pl.DataFrame",
    roles: Roles,
    *,
    name: str,
    needs_target: bool | None = True,
    columns: Columns | None = None,
) -> RawTable:
    """Make a raw table of a frame.

    Args:
        frame: The whole table, its columns of any type.
        roles: What its columns are for.
        name: What the reader calls it.
        needs_target: Whether a table without the target is refused; None takes it where it is, False leaves it alone.
        columns: Those that a network has learnt, for its kinds and its target; nothing is judged then.

    Raises:
        OptionError: If a column that was named is not there.
        DataError: If the table cannot be used; says where and what to do.
    """
    frame = as_frame(frame)
    refuse_unusable(frame, name)
    roles = with_target(roles, frame, name, needs_target, columns)
    needs_roles(frame, roles if needs_target is not False else replace(roles, target=None), columns)
    if columns is not None:
        columns.found_in(frame)
    target = roles.target if needs_target is not False else None
    rows = np.arange(len(frame)) if target is None else known_rows(frame[target])
    all_there = len(rows) == len(frame)
    judged, inputs = judged_columns(frame, roles, columns)
    belongings = (
        None if column is None else admit(frame[column])
        for column, admit in ((roles.id, admit_ids), (roles.sample_weight, admit_weights), (roles.group, admit_groups))
    )
    ids, weights, groups = (entry if entry is None or all_there else entry[rows] for entry in belongings)
    made = RawTable(
        name=name,
        frame=inputs if all_there or not inputs.width else inputs[rows],
        judged=judged,
        rows=rows,
        y=None,
        target=roles.target or (columns.target if columns is not None else "target"),
        ids=ids,
        weights=weights,
        groups=groups,
    )
    if target is None:
        return made
    notes = () if all_there else (lacking(frame, rows, target, name),)
    return replace(with_goal(made, frame[target], roles, columns), notes=notes, lacking=len(frame) - len(rows))


def refuse_unusable(frame: "pl.DataFrame", name: str) -> None:
    """Refuse a table with nothing in it, or with more columns than a network is made for."""
    if len(frame) == 0 or frame.width == 0:
        what = "names but no rows" if frame.width else "nothing in it"
        raise DataError(f"{name} has {what}.", hint="a table has a row of names and rows of values.")
    refuse_width(frame.width, name)


def with_target(roles: Roles, frame: "pl.DataFrame", name: str, needed: bool | None, columns: Columns | None) -> Roles:
    """The roles with the target that is meant; none where it need not be there and is not."""
    target = roles.target or (None if columns is None else columns.target)
    if needed and target is None:
        raise OptionError(
            f"{name} has the columns {listed(frame.columns, 12)}; which one is to be predicted?",
            hint=f"--target {shlex.quote(frame.columns[-1])}, for instance.",
        )
    if needed and roles.target is None and target not in frame.columns:
        raise DataError(f"{name} lacks the target {target!r} that the network has learnt.", hint="--target names it.")
    there = target if needed or target in frame.columns else None
    return with_task(replace(roles, target=there))


def with_task(roles: Roles) -> Roles:
    """The roles with the task that the target's kind says."""
    kind = None if roles.target is None else roles.kinds.get(roles.target)
    if kind is None:
        return roles
    tasks: dict[str, Task] = {"number": "regression", "category": "classification", "yes/no": "classification"}
    task = tasks.get(kind)
    if task is None or roles.task not in (None, task):
        said = f"--kind of the target {roles.target!r} is {kind}"
        beside = "" if roles.task is None else f", and --task is {roles.task}"
        raise OptionError(f"{said}{beside}.", hint="--task says whether it holds classes or numbers.")
    return replace(roles, task=task)


def needs_roles(frame: "pl.DataFrame", roles: Roles, columns: Columns | None) -> None:
    """Refuse the name of a column that is not there, one column in two roles, and what a network says itself."""
    said = {"--target": roles.target, "--id": roles.id, "--sample-weight": roles.sample_weight, "--group": roles.group}
    named = {option: column for option, column in said.items() if column is not None}
    for option, column in named.items():
        needs_names([column], frame.columns, option)
    needs_names(roles.drop, frame.columns, "--drop")
    if columns is None:
        needs_names(roles.kinds, frame.columns, "--kind")
    elif roles.kinds:
        raise OptionError("--kind cannot be said where the network has learnt what its columns hold.")
    elif taken := [name for name in roles.drop if name in columns.names]:
        raise OptionError(f"--drop {taken[0]!r} cannot leave out what the network takes.")
    others = {*roles.drop, *(column for option, column in named.items() if option != "--target")}
    if roles.target in others:
        raise OptionError(f"The column {roles.target!r} cannot be the target and something else as well.")


def judged_columns(
    frame: "pl.DataFrame", roles: Roles, columns: Columns | None
) -> "tuple[Mapping[str, Judgement], pl.DataFrame]":
    """What every column without another role holds, and all of them, each in the one type of its kind."""
    import polars as pl

    used = {roles.target, roles.id, roles.sample_weight, roles.group, *roles.drop}
    given = roles.kinds if columns is None else columns.kinds
    judged: dict[str, Judgement] = {}
    inputs: dict[str, pl.Series] = {}
    for name in frame.columns:
        if name in used if columns is None else name not in given:
            continue
        judged[name] = judge(frame[name], given.get(name))
        inputs[name] = as_kind(frame[name], judged[name].kind, judged[name].form, learnt=columns is not None)
    return judged, pl.DataFrame(inputs)


def with_goal(table: RawTable, goal: "pl.Series", roles: Roles, columns: Columns | None) -> RawTable:
    """The table with its target, gaps among it; what a network has learnt says whether there are classes."""
    if len(table) == 0:
        raise DataError(f"The target {goal.name!r} has no value in any row of {table.name}.")
    classes: tuple[Label, ...] | None
    if columns is None or roles.task is not None:
        y, classes = read_target(goal, roles.task, roles.positive)
    elif columns.classes is None:
        y, classes = read_target(goal, "regression")
    else:
        y, classes = as_labels(without_gaps(goal, table.rows)), columns.classes
    positive = None
    if classes is not None and roles.positive is not None:
        positive = ordered(classes, roles.positive, goal.name)[-1]
    return replace(table, y=y, classes=classes, positive=positive)


def lacking(frame: "pl.DataFrame", rows: NDArray[np.intp], target: str, name: str) -> str:
    """The sentence on rows that have no target."""
    gaps = np.setdiff1d(np.arange(len(frame)), rows)
    return (
        f"{name}: {len(gaps):,} of {len(frame):,} rows have no {target} and are set aside; the first is row {gaps[0]:,}"
    )


def raw_table(
    X: Any,
    y: Any,
    *,
    name: str = "data",
    names: Any = None,
    target: str | None = None,
    task: Task | None = None,
    kinds: Mapping[str, str] | None = None,
) -> RawTable:
    """Make a raw table of inputs and targets apart: arrays, or frames and series of any library.

    An array's columns hold numbers; a frame's are judged, and bring their names along, as a series does for the target.

    Raises:
        ShapeError: If X is not (n, d), y not (n,), or there are not as many names as columns.
        DataError: If an entry cannot be used.
    """
    plain_array = is_array(X)
    if plain_array:
        X = needs_numbers(X)
    frame = as_frame(X, names)
    if names is not None and not plain_array:
        if len(names) != frame.width:
            raise ShapeError(f"There must be a name for each of the {frame.width} columns; got {len(names)}.")
        frame.columns = list(map(str, names))
    if kinds is None and plain_array:
        kinds = dict.fromkeys(frame.columns, "number")
    goal = None if y is None else target_series(y, len(frame), target)
    said = Roles(kinds=kinds or {}, task=task)
    table = from_frame(frame, said, name=name, needs_target=False)
    return table if goal is None else with_goal(replace(table, target=goal.name), goal, said, None)


def needs_numbers(X: Any) -> NDArray[Any]:
    """An array of numbers, whatever it was."""
    array = as_array("X", X)
    if array.dtype.kind not in "biufO":
        raise DataError(
            f"`X` must hold numbers; got dtype {array.dtype}.", hint="a data frame may hold texts, dates and gaps."
        )
    return array


def target_series(y: Any, n: int, name: str | None) -> "pl.Series":
    """The target as a series (n,) without gaps."""
    called = str(name or getattr(y, "name", None) or "target")
    if hasattr(y, "columns"):
        frame = as_frame(y)
        called = str(name or frame.columns[0])
        column, shape = frame.to_series(0), frame.shape if frame.width > 1 else (len(frame),)
    elif hasattr(y, "name") or hasattr(y, "to_pylist"):
        column = as_series(called, y)
        shape = (len(column),)
    else:
        array = target_array(y)
        column, shape = as_series(called, array if array.ndim == 1 else []), array.shape
    if shape != (n,):
        raise ShapeError(f"`y` must hold one target for each of the {n:,} rows of `X`; got the shape {shape}.")
    kept = known_rows(column)
    if len(kept) < n:
        row = int(np.setdiff1d(np.arange(n), kept)[0])
        raise DataError(f"`y` must not have gaps; row {row:,} has none.", hint=NO_TARGET)
    return column.alias(called)


def target_array(y: Any) -> NDArray[Any]:
    """A target of numbers or texts as an array; a single column loses its second axis."""
    if isinstance(y, np.ma.MaskedArray) and np.ma.is_masked(y):
        raise DataError("`y` has masked entries.", hint=NO_TARGET)
    try:
        array = np.asarray(y)
    except (TypeError, ValueError, RuntimeError) as error:
        raise DataError("`y` must hold one target a row; its rows are of unequal length.") from error
    if array.dtype.kind == "S":
        array = np.char.decode(array, "utf-8", "replace")
    if array.dtype.kind not in "biufUO":
        raise DataError(f"`y` must hold labels or numbers; got dtype {array.dtype}.")
    return array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array
