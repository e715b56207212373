# SPDX-License-Identifier: MIT
"""Reading: a bundled data set by its name, an `.npz` file with X and y, or a table in a file, as a raw table."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.errors import DataError, FileError
from culpa.tables.assigning import from_frame, raw_table
from culpa.tables.columns import Columns
from culpa.tables.files import read_frame
from culpa.tables.raw import RawTable
from culpa.tables.roles import Form, Roles

__all__ = ["BUNDLED", "bundled", "needs_file", "read_arrays", "read_raw", "told_of"]

BUNDLED = ("digits", "breast_cancer", "wine", "iris", "diabetes")


def read_raw(
    source: str,
    roles: Roles | None = None,
    form: Form | None = None,
    *,
    needs_target: bool | None = True,
    columns: Columns | None = None,
) -> RawTable:
    """Read a table by a bundled name, from an `.npz` file with arrays X and y, or from a file of any other form.

    Args:
        source: The name, the file, or "-" for standard input.
        roles: What the columns are for.
        form: How a file of texts is written.
        needs_target: Whether a table without its target is refused.
        columns: Those that a network has learnt, for their kinds and the target.

    Raises:
        FileError: If there is no such name or file, or the file cannot be read.
        DataError, ShapeError, OptionError: If what is in it cannot be used.

    Example:
        >>> table = read_raw("iris")
        >>> table.frame.shape, table.task, table.classes
        ((150, 4), 'classification', ('setosa', 'versicolor', 'virginica'))
    """
    roles, form = roles or Roles(), form or Form()
    if source in BUNDLED:
        frame, target = bundled(source)
        return from_frame(frame, with_numbers(roles, frame, target), name=source, columns=columns)
    path = Path(source)
    if path.suffix == ".npz":
        arrays = read_arrays(source, needs_target=bool(needs_target))
        return raw_table(
            arrays["X"], arrays.get("y"), name=path.name, names=arrays.get("columns"), task=task_of(roles, columns)
        )
    needs_file(source)
    texts = [
        name
        for name, kind in ({**columns.kinds} if columns is not None else dict(roles.kinds)).items()
        if not kind.startswith("number")
    ]
    name = "standard input" if source == "-" else path.name or source
    with told_of(name):
        frame, notes = read_frame(source, form, texts=[*texts, *roles.drop, *([roles.id] if roles.id else [])])
        table = from_frame(frame, roles, name=name, needs_target=needs_target, columns=columns)
    return replace(table, notes=(*notes, *table.notes))


def needs_file(source: str) -> None:
    """Refuse the name of a file that is not there."""
    if source != "-" and not Path(source).exists():
        close = get_close_matches(source.lower(), BUNDLED, n=1)
        hint = f"did you mean {close[0]}?" if close else "culpa blame digits"
        known = ", ".join(BUNDLED)
        raise FileError(f"{source!r} is neither a file nor bundled data; bundled are {known}.", hint=hint)


@contextmanager
def told_of(name: str) -> Iterator[None]:
    """Put the name of the file in front of an error that does not tell it."""
    try:
        yield
    except (DataError, FileError) as error:
        if error.message.startswith(name):
            raise
        start, rest = error.message[:2], error.message[2:]
        told = f"{name}: {start.lower() if start.istitle() else start}{rest}"
        raise type(error)(told, hint=error.hint) from error


def task_of(roles: Roles, columns: Columns | None) -> Any:
    """What there is to learn, as the reader or a network says."""
    if roles.task is not None or columns is None:
        return roles.task
    return "regression" if columns.classes is None else "classification"


def with_numbers(roles: Roles, frame: Any, target: str) -> Roles:
    """The roles for data that holds nothing but numbers, and whose target is known."""
    chosen = roles.target or target
    kinds = {**dict.fromkeys((name for name in frame.columns if name != target), "number"), **roles.kinds}
    return replace(roles, target=chosen, kinds=kinds)


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


def bundled(name: str) -> tuple[Any, str]:
    """One of the real data sets that come with scikit-learn, with its column and class names, and its target."""
    import polars as pl
    from sklearn import datasets

    data = datasets.load_diabetes(scaled=False) if name == "diabetes" else getattr(datasets, f"load_{name}")()
    target = {
        "digits": "digit", "breast_cancer": "diagnosis", "wine": "cultivar", "iris": "species",
        "diabetes": "progression",
    }[name]  # fmt: skip
    y = data.target if name == "diabetes" else np.asarray(data.target_names)[data.target]
    columns = [pl.Series(str(title), data.data[:, j]) for j, title in enumerate(data.feature_names)]
    return pl.DataFrame([*columns, pl.Series(target, y)]), target
