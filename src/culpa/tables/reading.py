# SPDX-License-Identifier: MIT
"""Reading: a bundled data set by its name, or an `.npz` file with X and y, as a raw table in its own units."""

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from culpa.errors import DataError, FileError, ShapeError, unknown_name

__all__ = ["BUNDLED", "RawTable", "Task", "raw_table", "read_raw"]

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


def read_raw(source: str, *, needs_target: bool = True) -> RawTable:
    """Read a table by a bundled name, or from an `.npz` file with arrays X and y.

    Args:
        source: The name or the file.
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
        return bundled(source)
    path = Path(source)
    if path.suffix != ".npz":
        if path.exists():
            raise FileError(
                f"{source} is not an .npz file; so far culpa reads bundled data and .npz files with X and y.",
                hint='numpy.savez("data.npz", X=X, y=y) writes one.',
            )
        known = ", ".join(BUNDLED)
        raise FileError(f"{source} is neither a file nor bundled data; bundled are {known}.", hint="culpa blame digits")
    arrays = read_npz(path)
    if "X" not in arrays or (needs_target and "y" not in arrays):
        raise FileError(
            f"{source} must hold the arrays X and y; it holds {', '.join(arrays) or 'none'}.",
            hint='numpy.savez("data.npz", X=X, y=y) writes both.',
        )
    names = [str(name) for name in arrays["columns"]] if "columns" in arrays else None
    return raw_table(arrays["X"], arrays.get("y"), name=path.name, names=names)


def read_npz(path: Path) -> dict[str, NDArray[Any]]:
    """Every array of the file; arrays of Python objects are refused, as they would run code."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except FileNotFoundError as error:
        raise FileError(f"{path} does not exist.") from error
    except ValueError as error:
        raise FileError(
            f"{path} holds arrays of Python objects, which culpa does not load.",
            hint="save X as numbers and y as numbers or text: numpy.savez(path, X=X.astype(float), y=y.astype(str)).",
        ) from error
    except (OSError, zipfile.BadZipFile, EOFError, KeyError) as error:
        raise FileError(f"{path} cannot be read as an .npz file: {error}.") from error


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
    values = np.asarray(X)
    if values.ndim != 2 or 0 in values.shape:
        hint = "flatten images with X.reshape(len(X), -1)." if values.ndim > 2 else None
        raise ShapeError(f"`X` must be (rows, columns) with at least one of each; got {values.shape}.", hint=hint)
    if values.dtype.kind not in "biuf":
        raise DataError(
            f"`X` must hold numbers; got dtype {values.dtype}.",
            hint="encode text and dates as numbers first, for example one column of 0 and 1 for each category.",
        )
    wrong = np.argwhere(~np.isfinite(values))
    if len(wrong):
        row, column = (int(i) for i in wrong[0])
        more = f" ({len(wrong):,} such entries in all)" if len(wrong) > 1 else ""
        raise DataError(
            f"`X` must be finite; row {row}, column {column} holds {values[row, column]}{more}.",
            hint="fill or drop missing values first; rows and columns are counted from 0.",
        )
    columns = tuple(f"x{j}" for j in range(values.shape[1])) if names is None else tuple(map(str, names))
    if len(columns) != values.shape[1]:
        raise ShapeError(f"There must be a name for each of the {values.shape[1]} columns; got {len(columns)}.")
    if y is None:
        return RawTable(name, values, None, columns, target, None)
    goal, classes = read_target(np.asarray(y), len(values), task)
    return RawTable(name, values, goal, columns, target, classes)


def read_target(y: NDArray[Any], n: int, task: Task | None) -> tuple[NDArray[Any], tuple[Any, ...] | None]:
    """The target (n,) and, where it is one of classes, their labels in order."""
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.shape != (n,):
        raise ShapeError(f"`y` must hold one target for each of the {n:,} rows of `X`; got the shape {y.shape}.")
    if task not in (None, "classification", "regression"):
        raise unknown_name("task", task, ("classification", "regression"))
    if y.dtype.kind == "O":
        labels = y.tolist()
        missing = [row for row, label in enumerate(labels) if label is None or label != label]
        if missing:
            raise DataError(f"`y` must not have gaps; row {missing[0]} has none.", hint=DROP_ROWS)
        y = np.array([str(label) for label in labels])
    if y.dtype.kind == "f" and not np.isfinite(y).all():
        row = int(np.flatnonzero(~np.isfinite(y))[0])
        raise DataError(f"`y` must be finite; row {row} holds {y[row]}.", hint=DROP_ROWS)
    if y.dtype.kind not in "biufUS":
        raise DataError(f"`y` must hold labels or numbers; got dtype {y.dtype}.")
    labels = np.unique(y)
    if task is None:
        numbers = y.dtype.kind == "f" or (y.dtype.kind in "iu" and len(labels) > MOST_CLASSES)
        task = "regression" if numbers else "classification"
    if task == "regression":
        if y.dtype.kind not in "biuf":
            raise DataError(f"`y` must hold numbers for a regression; row 0 holds {y[0]!r}.")
        return y.astype(np.float64), None
    return y, tuple(labels.tolist())


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
