# SPDX-License-Identifier: MIT
"""Columns: how a table becomes X and y, as plain state, and how answers become the user's words and units again.

    X  = the inputs of each column side by side, in the table's order; see `encoding`
    y  = the class's number, or (target − target_mean) / target_scale

It is learnt from training rows alone, saved with the network, and knows columns by their names, never by their places.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from culpa.engine.arrays import as_array
from culpa.errors import CulpaWarning, DataError, OptionError, ShapeError
from culpa.reporting.frames import plain
from culpa.reporting.progress import Show, progress
from culpa.reporting.terminal import count, digits
from culpa.tables.canonical import as_kind
from culpa.tables.column import Column, Source
from culpa.tables.encoding import ENCODERS, flattening, level_codes, unstandardised
from culpa.tables.frames import as_frame, is_array
from culpa.tables.naming import fresh, listed

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Columns", "Label", "label_text", "numbers_of", "of_rows", "surprises"]

Label = str | int | bool


@dataclass(frozen=True, slots=True)
class Columns:
    """How a table becomes X and y.

    Args:
        inputs: The columns that the network sees, in the table's order.
        target: The target's name.
        classes: The class labels in the order of their numbers; None for a target of numbers.
        target_mean, target_scale: The mean and the deviation of a target of numbers.
        positive: The class that is looked for, where the reader said so.
        set_aside: The columns that the network does not see, each with the reason.
        sources: Where each input of the network comes from, in the order of X; it follows from `inputs`.
    """

    inputs: tuple[Column, ...]
    target: str
    classes: tuple[Label, ...] | None = None
    target_mean: float = 0.0
    target_scale: float = 1.0
    positive: Label | None = None
    set_aside: tuple[tuple[str, str], ...] = ()
    sources: tuple[Source, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Once, as whoever names inputs asks for each of them.
        object.__setattr__(self, "sources", tuple(named_apart(self.inputs)))

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(column.name for column in self.inputs)

    @property
    def encoded(self) -> tuple[str, ...]:
        """A name for each input of the network, in the order of X."""
        return tuple(source.name for source in self.sources)

    @property
    def width(self) -> int:
        """How many inputs the network has."""
        return len(self.sources)

    @property
    def kinds(self) -> dict[str, str]:
        """Each column's kind, as `read_table` takes it."""
        return {
            column.name: column.kind if column.form is None else f"{column.kind}:{column.form}"
            for column in self.inputs
        }

    def decode_effect(self, j: int) -> Source:
        """Say which column of the table an input of the network belongs to, and which level or part of it.

        Args:
            j: The input, from 0, as a column of X.

        Raises:
            OptionError: If there is no such input.
        """
        if not isinstance(j, int | np.integer) or isinstance(j, bool) or not 0 <= j < len(self.sources):
            raise OptionError(f"`j` must be an input from 0 to {len(self.sources) - 1}; got {j!r}.")
        return self.sources[j]

    def decode_number(self, j: int, value: float) -> tuple[float, float] | None:
        """An input that is a number in the unit of its column, and the size of which twelve digits are right.

        None for any other input.
        """
        source = self.decode_effect(j)
        if source.kind != "number" or source.part:
            return None
        column = next(column for column in self.inputs if column.name == source.column)
        raw = float(unstandardised(column, np.array([value]))[0])
        return raw, max(abs(raw), abs(column.center), flattening(column, raw))

    def encode(
        self,
        table: Any,
        *,
        dtype: Any = np.float64,
        rows: NDArray[np.intp] | None = None,
        out: NDArray[Any] | None = None,
        show_progress: Show = False,
        warn: bool = True,
    ) -> NDArray[Any]:
        """The inputs X (n, d_0) of the network; columns are found by their names, and others are left alone.

        Args:
            table: A data frame, a dictionary of columns, or an array (n, d) of numbers in the order that was learnt.
            dtype: Of X, "float32" or "float64".
            rows: Which of the table's rows, from 0; all by default.
            out: An array to fill instead of a new one, whatever its dtype.
            show_progress: "auto" shows a bar on a terminal.
            warn: Whether what no training row had is told.

        Raises:
            DataError: If a column is missing, or an entry cannot be read as what the column holds.
            ShapeError: If an array has another number of columns.

        Warns:
            CulpaWarning: If there are categories, or missing values, that no training row had.
        """
        frame = self.found_in(table)
        rows = None if rows is None else needs_rows(rows, len(frame))
        shape = (len(frame) if rows is None else len(rows), self.width)
        X = np.empty(shape, dtype=needs_dtype(dtype)) if out is None else out
        if X.shape != shape:
            raise ShapeError(f"`out` must have the shape {shape}; got {X.shape}.")
        with progress("encoding", len(self.inputs), show=show_progress) as advance:
            for column, place, values in self.canonical(frame, X, rows):
                write(column, values, place)
                for sentence in surprises(column, values) if warn else ():
                    warnings.warn(sentence, CulpaWarning, stacklevel=2)
                advance()
        return X

    def decode(self, X: NDArray[Any]) -> "pl.DataFrame":
        """The table (n, columns) that inputs X (n, d_0) of the network stand for, each column in its own unit.

        Rare and unknown categories come back as "other", or as missing where no input was theirs.
        """
        import polars as pl

        X = np.asarray(X)
        if X.ndim != 2 or X.shape[1] != self.width:
            raise ShapeError(f"`X` must have {self.width} columns, the network's inputs; got {X.shape}.")
        series, j = [], 0
        for column in self.inputs:
            width = width_of(column)
            series.append(read(column, X[:, j : j + width].astype(np.float64)))
            j += width
        return pl.DataFrame({values.name: values for values in series})

    def canonical(
        self, frame: "pl.DataFrame", X: NDArray[Any], rows: NDArray[np.intp] | None
    ) -> Iterator[tuple[Column, NDArray[Any], "pl.Series"]]:
        """Each column with its place in X and its values in the one type of its kind."""
        j = 0
        for column in self.inputs:
            width = width_of(column)
            yield (
                column,
                X[:, j : j + width],
                as_kind(of_rows(frame[column.name], rows), column.kind, column.form, learnt=True),
            )
            j += width

    def found_in(self, table: Any) -> "pl.DataFrame":
        """The table as a frame that has every column; an array's columns go by their places."""
        if is_array(table):
            array = as_array("X", table)
            if array.ndim != 2 or array.shape[1] != len(self.inputs):
                raise ShapeError(
                    f"The network takes {count(len(self.inputs), 'column')}; this table has the shape {array.shape}.",
                    hint=f"its columns are {listed(self.names)}.",
                )
            return as_frame(array, self.names)
        frame = as_frame(table)
        there = set(frame.columns)
        missing = [name for name in self.names if name not in there]
        if missing:
            which = f"column{'s' * (len(missing) > 1)} {listed(list(map(repr, missing)))}"
            raise DataError(
                f"The table lacks the {which}, which the network takes; it has {listed(frame.columns, 12)}.",
                hint="columns are found by their names: rename or add it.",
            )
        return frame

    def encode_target(self, y: NDArray[Any], numbers: NDArray[np.intp] | None = None) -> NDArray[Any]:
        """The targets y of the network: class numbers (n,), or scaled numbers (n,).

        Args:
            y: Labels, or numbers in their own unit.
            numbers: The rows' numbers in the reader's file, for a refusal; from 0 on by default.

        Raises:
            DataError: If a label was not among the classes that were learnt from.
        """
        y = np.asarray(y)
        if self.classes is None:
            if y.dtype.kind not in "biuf":
                raise DataError(f"The network predicts numbers, and the target holds {plain(y[0])!r}.")
            return (y.astype(np.float64) - self.target_mean) / self.target_scale
        labels, index = np.unique(list(map(label_text, y.tolist())) if y.dtype == object else y, return_inverse=True)
        number = numbers_of(self.classes)
        encoded = np.array([number(label) for label in labels.tolist()], dtype=np.intp)[index.ravel()]
        if (encoded < 0).any():
            first = int(np.argmax(encoded < 0))
            row = first if numbers is None else int(numbers[first])
            raise DataError(
                f"Row {row:,} has the class {plain(y[first])!r}, which the network does not know; it knows "
                f"{listed(self.classes, 10)}."
            )
        return encoded

    def decode_target(self, h: NDArray[Any]) -> NDArray[Any]:
        """A target of numbers in its own unit, from what the network says."""
        return h.astype(np.float64) * self.target_scale + self.target_mean

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold."""
        state = {entry.name: getattr(self, entry.name) for entry in fields(self) if entry.init}
        return dict(plain({**state, "inputs": [asdict(column) for column in self.inputs]}))

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> Self:
        """The other way; also from the first format, which knew columns of numbers alone."""
        entries = {name: untupled(value) for name, value in state.items()}
        if "names" in entries:
            learnt = zip(entries.pop("names"), entries.pop("mean"), entries.pop("scale"), strict=True)
            entries["inputs"] = tuple(Column(name, "number", mean, scale) for name, mean, scale in learnt)
        else:
            entries["inputs"] = tuple(
                Column(**{name: untupled(value) for name, value in column.items()}) for column in state["inputs"]
            )
        return cls(**entries)


def needs_rows(rows: Any, n: int) -> NDArray[np.intp]:
    """Row numbers from 0, all of which are there."""
    numbers = np.asarray(rows)
    if (
        numbers.ndim != 1
        or numbers.dtype.kind not in "iu"
        or (len(numbers) and not 0 <= numbers.min() <= numbers.max() < n)
    ):
        raise OptionError(f"`rows` must hold row numbers from 0 to {n - 1:,}.", hint="of a mask, np.flatnonzero(mask).")
    return numbers


def needs_dtype(dtype: Any) -> np.dtype[Any]:
    """The type of X: single or double precision."""
    try:
        found = np.dtype(dtype)
    except TypeError:
        found = np.dtype(object)
    if found not in (np.float32, np.float64):
        raise OptionError(f'`dtype` must be "float32" or "float64"; got {dtype!r}.')
    return found


def of_rows(column: "pl.Series", rows: Sequence[int] | NDArray[np.intp] | None) -> "pl.Series":
    """Some of a column's rows, or all; a column at a time, so that no second table is ever in memory."""
    return column if rows is None else column[np.asarray(rows)]


def untupled(value: Any) -> Any:
    """A list of JSON as the tuple that it was, lists in it too."""
    return tuple(map(untupled, value)) if isinstance(value, list) else value


def width_of(column: Column) -> int:
    """How many inputs a column has."""
    return len(ENCODERS[column.kind].parts(column)) + column.missing


def sources_of(column: Column) -> Iterator[Source]:
    """Where the inputs of one column come from."""
    for part in ENCODERS[column.kind].parts(column):
        level = part.removeprefix("= ")
        name = (
            column.name if not part else f"{column.name} {part}" if part.startswith("= ") else f"{column.name}: {part}"
        )
        yield Source(column.name, column.kind, level, name)
    if column.missing:
        yield Source(column.name, column.kind, "missing", f"{column.name}: missing")


def named_apart(columns: Sequence[Column]) -> Iterator[Source]:
    """Where the inputs of all columns come from, each by another name."""
    taken: set[str] = set()
    for column in columns:
        for source in sources_of(column):
            name = fresh(source.name, taken)
            taken.add(name)
            yield source if name == source.name else replace(source, name=name)


def write(column: Column, values: "pl.Series", out: NDArray[Any]) -> None:
    """Fill a column's inputs (n, width) with its canonical values."""
    own = out.shape[1] - column.missing
    ENCODERS[column.kind].write(column, values, out[:, :own])
    if column.missing:
        out[:, own] = values.is_null().to_numpy()


def read(column: Column, X: NDArray[np.float64]) -> "pl.Series":
    """A column's values from its inputs."""
    own = X.shape[1] - column.missing
    values = ENCODERS[column.kind].read(column, X[:, :own])
    if column.missing:
        import polars as pl

        values = values.set(pl.Series(X[:, own] > 0.5), None)
    return values


def surprises(column: Column, values: "pl.Series") -> Iterator[str]:
    """What no training row had, in sentences."""
    if values.null_count() and not column.missing:
        stands = {"number": f"its median {digits(column.center)} stands", "date": "their median stands"}.get(
            column.kind, "neither yes nor no stands" if column.kind == "yes/no" else "no category stands"
        )
        rows = count(values.null_count(), "row")
        yield f"{rows} without a value in {column.name!r}, where no training row lacked one: {stands} in for it."
    if column.kind == "category":
        unknown = (level_codes(column, values) < 0) & values.is_not_null().to_numpy()
        if unknown.any() and not column.other:
            new = values.filter(unknown).unique(maintain_order=True).to_list()
            rows = count(int(unknown.sum()), "row")
            yield f"{rows} with a new category in {column.name!r} ({listed(new)}): counted as none of the known ones."


def label_text(label: object) -> str:
    """A class label as text, the same for 1, 1.0 and "1", so that a class is known again from another file."""
    if isinstance(label, bool | np.bool_):
        return "true" if label else "false"
    if isinstance(label, float | np.floating) and float(label).is_integer():
        return str(int(label))
    return str(label)


def numbers_of(classes: Sequence[Label]) -> Callable[[object], int]:
    """What gives the number of a class by its label, −1 for an unknown one; 1, True and "True" are one label."""
    words = {"true": "1", "false": "0"}

    def alike(label: object) -> str:
        text = label_text(label)
        return words.get(text.lower(), text)

    name = alike if len(set(map(alike, classes))) == len(classes) else label_text
    number = {name(label): index for index, label in enumerate(classes)}
    return lambda label: number.get(name(label), -1)
