# SPDX-License-Identifier: MIT
"""Reading: a bundled data set by its name, an `.npz` file with X and y, or a table in a file, as a raw table."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from culpa.errors import DataError, FileError, OptionError, ShapeError
from culpa.tables.assigning import from_frame, needs_numbers, target_series
from culpa.tables.columns import Columns
from culpa.tables.files.forms import read_frame, without_words
from culpa.tables.files.opening import Opened, open_source
from culpa.tables.frames import as_frame
from culpa.tables.naming import fresh
from culpa.tables.raw import RawTable
from culpa.tables.roles import Form, Roles, needs_no_form

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "BUNDLED",
    "bundled",
    "needs_file",
    "of_arrays",
    "of_opened",
    "raw_of",
    "read_arrays",
    "read_raw",
    "title",
    "told_of",
]

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
        needs_no_form(form, f"the bundled {source}")
        frame, target = bundled(source)
        return from_frame(frame, of_numbers(frame, target, roles, columns), name=source, columns=columns)
    if source.endswith(".npz"):
        needs_no_form(form, "arrays")
        return of_arrays(source, roles, needs_target=needs_target or None, columns=columns)
    needs_file(source)
    with told_of(title(source)):
        return of_opened(open_source(source), title(source), roles, form, needs_target=needs_target, columns=columns)


def raw_of(source: Any, roles: Roles, form: Form, **how: Any) -> RawTable:
    """The raw table of a file, a bundled name, or a frame of any library; the rest as `read_raw` takes it."""
    if isinstance(source, str | Path):
        return read_raw(str(source), roles, form, **how)
    needs_no_form(form, "a data frame", but=("missing",))
    return from_frame(without_words(as_frame(source), form), roles, name="data", **how)


def of_opened(
    opened: Opened, name: str, roles: Roles, form: Form, *, needs_target: bool | None, columns: Columns | None
) -> RawTable:
    """The raw table of a file that is open."""
    kinds = roles.kinds if columns is None else columns.kinds
    texts = {column for column, kind in kinds.items() if not kind.startswith("number")}
    texts |= {*roles.drop, *([roles.id] if roles.id else [])}
    frame, notes = read_frame(opened, form, texts=texts)
    try:
        table = from_frame(frame, roles, name=name, needs_target=needs_target, columns=columns)
    except OptionError as error:
        of_names = [note for note in notes if "header" in note]
        if not of_names or error.hint:
            raise
        raise OptionError(error.message, hint=of_names[0]) from error
    return replace(table, notes=(*notes, *table.notes))


def of_arrays(source: str, roles: Roles, *, needs_target: bool | None, columns: Columns | None) -> RawTable:
    """The raw table of an `.npz` file: the columns of X, and y as a column more, called target."""
    arrays = read_arrays(source, needs_target=bool(needs_target))
    name, names = Path(source).name, arrays.get("columns")
    with told_of(name):
        frame = as_frame(needs_numbers(arrays["X"]), [*np.ravel(names)] if names is not None else None)
        target = fresh("target", frame.columns) if columns is None else columns.target
        if "y" in arrays and needs_target is not False:
            frame = frame.with_columns(target_series(arrays["y"], len(frame), target))
        return from_frame(
            frame,
            of_numbers(frame, target if target in frame.columns else None, roles, columns),
            name=name,
            needs_target=needs_target,
            columns=columns,
        )


def of_numbers(frame: "pl.DataFrame", target: str | None, roles: Roles, columns: Columns | None) -> Roles:
    """The roles for data whose columns hold numbers alone, and whose target is known."""
    chosen = roles.target or target
    known = dict.fromkeys((name for name in frame.columns if name not in (target, chosen)), "number")
    return replace(roles, target=chosen, kinds={**(known if columns is None else {}), **roles.kinds})


def title(source: str) -> str:
    """What a file is called in a sentence."""
    return "standard input" if source == "-" else Path(source).name or source


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
    except (DataError, FileError, ShapeError) as error:
        if error.message.startswith(name):
            raise
        word = error.message.split(" ")[0]
        told = error.message[0].lower() + error.message[1:] if word.isalpha() and word.istitle() else error.message
        told = f"{name}: {told}"
        raise type(error)(told, hint=error.hint) from error


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
