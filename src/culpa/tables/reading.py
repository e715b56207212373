# SPDX-License-Identifier: MIT
"""Reading: a bundled data set by its name, or an `.npz` file with X and y, as a raw table in its own units."""

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from culpa.engine.arrays import as_array, cast
from culpa.errors import DataError, FileError, ShapeError, unknown_name

__all__ = ["BUNDLED", "RawTable", "Task", "raw_table", "read_arrays", "read_raw"]

Task = Literal["classification", "regression"]
BUNDLED = ("digits", "breast_cancer", "wine", "iris", "diabetes")
MOST_CLASSES = 50
"""Whole numbers with more different values than this are taken for numbers, not for classes."""
DROP_ROWS = "drop the rows without a target first."


@dataclass(frozen=True, slots=True, eq=False)
class RawTable:
    """A table as it was found, nothing encoded.

    Args:
        name: What the reader calls it.
        X: The input columns (n, d) in their own units.
        y: The target (n,), labels or numbers; None where the file has none.
        names: The columns' names.
        target: The target's name.
        classes: The class labels in order; None for a target of numbers, or for none.
    """

    name: str
    X: NDArray[Any]
    y: NDArray[Any] | None
    names: tuple[str, ...]
    target: str
    classes: tuple[Any, ...] | None

    @property
    def task(self) -> Task:
        """What there is to learn."""
        return "regression" if self.classes is None else "classification"


def read_raw(source: str, *, task: Task | None = None, needs_target: bool = True) -> RawTable:
    """Read a table by a bundled name, or from an `.npz` file with arrays X and y.

    Args:
        source: The name or the file.
        task: "classification" or "regression", where it is not to be inferred from y.
        needs_target: Whether a file without y is refused.

    Raises:
        FileError: If there is no such name or file, or the file cannot be read.
        DataError, ShapeError: If its arrays cannot be used.

    Example:
        >>> table = read_raw("iris")
        >>> table.X.shape, table.task, table.classes
        ((150, 4), 'classification', ('setosa', 'versicolor', 'virginica'))
    """
    if source in BUNDLED:
        table = bundled(source)
        return table if task is None else raw_table(table.X, table.y, name=source, names=table.names, task=task)
    path = Path(source)
    if path.is_dir():
        raise FileError(f"{source!r} is a folder, not a table.", hint="name a file in it.")
    if path.suffix != ".npz":
        if path.exists():
            raise FileError(
                f"{source} is not an .npz file; so far culpa reads bundled data and .npz files with X and y.",
                hint='numpy.savez("data.npz", X=X, y=y) writes one.',
            )
        known = ", ".join(BUNDLED)
        close = get_close_matches(source.lower(), BUNDLED, n=1)
        hint = f"did you mean {close[0]}?" if close else "culpa blame digits"
        raise FileError(f"{source!r} is neither a file nor bundled data; bundled are {known}.", hint=hint)
    arrays = read_arrays(source, needs_target=needs_target)
    return raw_table(arrays["X"], arrays.get("y"), name=path.name, names=arrays.get("columns"), task=task)


def read_arrays(source: str, *, needs_target: bool = True) -> dict[str, NDArray[Any]]:
    """The arrays of an `.npz` file as they are: X, and y of any shape and kind.

    Raises:
        FileError: If the file cannot be read, or lacks one of them.
    """
    arrays = read_npz(Path(source))
    if "X" not in arrays or (needs_target and "y" not in arrays):
        raise FileError(
            f"{source} must hold the arrays X and y; it holds {', '.join(arrays) or 'none'}.",
            hint='numpy.savez("data.npz", X=X, y=y) writes both.',
        )
    return arrays


def read_npz(path: Path) -> dict[str, NDArray[Any]]:
    """Every array of the file; arrays of Python objects are refused, as loading them would run code."""
    try:
        with path.open("rb") as file:
            loaded = np.load(file, allow_pickle=False)
            if not isinstance(loaded, np.lib.npyio.NpzFile):
                raise FileError(f"{path} holds a single array, not X and y.", hint="numpy.savez writes several.")
            return {name: loaded[name] for name in loaded.files}
    except FileNotFoundError as error:
        raise FileError(f"{path} does not exist.") from error
    except FileError:
        raise
    except Exception as error:  # whatever a damaged file makes go wrong, the reader needs the same word
        if "Object arrays" in str(error):
            raise FileError(
                f"{path} holds arrays of Python objects, which culpa does not load.",
                hint="save numbers and text: numpy.savez(path, X=X.astype(float), y=y.astype(str)).",
            ) from error
        raise FileError(f"{path} cannot be read as an .npz file.", hint="is it whole, and written by NumPy?") from error


def raw_table(
    X: Any,
    y: Any,
    *,
    name: str = "data",
    names: Any = None,
    target: str | None = None,
    task: Task | None = None,
) -> RawTable:
    """Make a raw table of arrays: finite numbers in X, and a target whose kind is inferred unless `task` says it.

    A data frame brings its columns' names along, and a series that of the target.

    Raises:
        ShapeError: If X is not (n, d), y not (n,), or there are not as many names as columns.
        DataError: If X is not finite numbers, or y is neither labels nor finite numbers.
    """
    if names is None and hasattr(X, "columns"):
        names = list(X.columns)
    if target is None:
        target = str(getattr(y, "name", None) or "target")
    values = as_array("X", X)
    if values.ndim != 2 or 0 in values.shape:
        hint = "flatten images with X.reshape(len(X), -1)." if values.ndim > 2 else None
        raise ShapeError(f"`X` must be (rows, columns) with at least one of each; got {values.shape}.", hint=hint)
    values = cast("X", values, values.dtype if values.dtype.kind == "f" else np.float64)
    columns = [f"x{j}" for j in range(values.shape[1])] if names is None else [str(entry) for entry in np.ravel(names)]
    if len(columns) != values.shape[1]:
        raise ShapeError(f"There must be a name for each of the {values.shape[1]} columns; got {len(columns)}.")
    if y is None:
        return RawTable(name, values, None, tuple(columns), target, None)
    goal, classes = read_target(y, len(values), task)
    return RawTable(name, values, goal, tuple(columns), target, classes)


def read_target(y: Any, n: int, task: Task | None) -> tuple[NDArray[Any], tuple[Any, ...] | None]:
    """The target (n,) and, where it is one of classes, their labels in order."""
    if task not in (None, "classification", "regression"):
        raise unknown_name("task", task, ("classification", "regression"))
    given = as_labels(y)
    if given.ndim == 2 and given.shape[1] == 1:
        given = given[:, 0]
    if given.shape != (n,):
        raise ShapeError(f"`y` must hold one target for each of the {n:,} rows of `X`; got the shape {given.shape}.")
    if given.dtype.kind == "f":
        cast("y", given, given.dtype, hint=DROP_ROWS)
    labels = np.unique(given)
    if task is None:
        numbers = given.dtype.kind == "f" or (given.dtype.kind in "iu" and len(labels) > MOST_CLASSES)
        task = "regression" if numbers else "classification"
    if task == "classification":
        return given, tuple(labels.tolist())
    if given.dtype.kind == "U":
        raise DataError(f"`y` must hold numbers for a regression; row 0 holds {given[0].item()!r}.")
    return given.astype(np.float64), None


def as_labels(y: Any) -> NDArray[Any]:
    """A target as numbers, booleans or text; a gap in it is refused by its row."""
    if isinstance(y, np.ma.MaskedArray) and np.ma.is_masked(y):
        raise DataError("`y` has masked entries.", hint=DROP_ROWS)
    try:
        array = np.asarray(y)
    except ValueError as error:
        raise DataError("`y` must hold one target a row; its rows are of unequal length.") from error
    if array.dtype.kind == "S":
        array = np.char.decode(array, "utf-8", "replace")
    if array.dtype.kind == "O":
        entries = array.ravel().tolist()
        gaps = [row for row, entry in enumerate(entries) if entry is None or str(entry) in ("nan", "<NA>", "NaT")]
        if gaps:
            raise DataError(f"`y` must not have gaps; row {gaps[0]} has none.", hint=DROP_ROWS)
        if {type(entry) for entry in entries} <= {bool, int, float}:
            return np.array(entries).reshape(array.shape)
        array = np.array([str(entry) for entry in entries]).reshape(array.shape)
    if array.dtype.kind not in "biufU":
        raise DataError(f"`y` must hold labels or numbers; got dtype {array.dtype}.")
    return array


def bundled(name: str) -> RawTable:
    """One of the real data sets that come with scikit-learn, with its column and class names."""
    from sklearn import datasets

    if name == "diabetes":
        data = datasets.load_diabetes(scaled=False)
        return RawTable(name, data.data, data.target, tuple(data.feature_names), "progression", None)
    data = getattr(datasets, f"load_{name}")()
    classes = tuple(label.item() for label in np.asarray(data.target_names))
    y = np.asarray(data.target_names)[data.target]
    names = tuple(map(str, data.feature_names))
    target = {"digits": "digit", "breast_cancer": "diagnosis", "wine": "cultivar", "iris": "species"}[name]
    return RawTable(name, data.data, y, names, target, classes)
