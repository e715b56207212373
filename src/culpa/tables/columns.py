# SPDX-License-Identifier: MIT
"""Columns: how a table becomes X and y, as plain state: names, mean and scale of each column, classes, target scaling.

    X[:, j] = (column_j − mean_j) / scale_j
    y       = the class's number, or (target − target_mean) / target_scale

It is fitted on training rows alone, saved with the network, and turns answers back into the user's names and units.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from culpa.errors import DataError, ShapeError
from culpa.reporting.frames import plain

__all__ = ["Columns"]

Label = str | int | bool


@dataclass(frozen=True, slots=True)
class Columns:
    """How a table becomes X and y.

    Args:
        names: The input columns' names.
        mean: Each column's mean over the training rows, in its own unit.
        scale: Each column's standard deviation there; 1 for a constant column.
        target: The target's name.
        classes: The class labels in the order of their numbers; None for a target of numbers.
        target_mean: The mean of a target of numbers.
        target_scale: Its standard deviation.
    """

    names: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    target: str
    classes: tuple[Label, ...] | None = None
    target_mean: float = 0.0
    target_scale: float = 1.0

    @classmethod
    def fit(
        cls,
        X: NDArray[Any],
        y: NDArray[Any],
        *,
        names: Sequence[str],
        target: str = "target",
        classes: Sequence[Any] | None = None,
    ) -> Self:
        """Learn the encoding from training rows.

        Args:
            X: Columns (n, d) in their own units, finite.
            y: The target (n,): labels if `classes` are given, numbers otherwise.
            names: The columns' names.
            target: The target's name.
            classes: The class labels, in the order in which they are to be numbered.
        """
        mean, scale = location_and_scale(X.astype(np.float64))
        ours = tuple(map(str, names)), tuple(mean.tolist()), tuple(scale.tolist())
        if classes is not None:
            return cls(*ours, target, tuple(plain(np.asarray(classes))))
        middle, spread = location_and_scale(y.astype(np.float64)[:, None])
        return cls(*ours, target, None, float(middle[0]), float(spread[0]))

    def encode(self, X: Any, names: Sequence[str] | None = None) -> NDArray[np.float64]:
        """The inputs X (n, d) of the network, in float64.

        Args:
            X: The columns in their own units, in the order that was learnt from.
            names: Their names; they are then put into that order, and a missing or a strange one is refused.

        Raises:
            ShapeError: If the number of columns is another than in the table that was learnt from.
            DataError: If the names are others.
        """
        X = np.asarray(X)
        if X.ndim != 2 or X.shape[1] != len(self.names):
            raise ShapeError(
                f"The network was trained on {len(self.names)} columns; this table has the shape {X.shape}.",
                hint=f"its columns are {', '.join(self.names[:5])}{', …' if len(self.names) > 5 else ''}.",
            )
        if names is not None and tuple(names) != self.names:
            missing = [name for name in self.names if name not in set(names)]
            if missing:
                raise DataError(
                    f"The network was trained on the column {missing[0]!r}, which this table lacks; it has "
                    f"{', '.join(map(str, names[:5]))}{', …' if len(names) > 5 else ''}.",
                    hint="give the names of the columns as they were, `columns` in an .npz file.",
                )
            X = X[:, [list(names).index(name) for name in self.names]]
        with np.errstate(over="ignore", invalid="ignore"):  # the network's door names what is not finite
            encoded: NDArray[np.float64] = (X - np.array(self.mean)) / np.array(self.scale)
        return encoded

    def encode_target(self, y: NDArray[Any]) -> NDArray[Any]:
        """The targets y of the network: class numbers (n,), or scaled numbers (n,).

        Raises:
            DataError: If a label was not among the classes that were learnt from.
        """
        if self.classes is None:
            if y.dtype.kind not in "biuf":
                raise DataError(f"The network predicts numbers, and row 0 of the target holds {y[0].item()!r}.")
            return (y.astype(np.float64) - self.target_mean) / self.target_scale
        number = {label: index for index, label in enumerate(self.classes)}
        labels = y.tolist()
        for row, label in enumerate(labels):
            if label not in number:
                known = ", ".join(map(str, self.classes[:10])) + (", …" if len(self.classes) > 10 else "")
                raise DataError(
                    f"Row {row} has the class {plain(label)!r}, which the network does not know; it knows {known}."
                )
        return np.array([number[label] for label in labels], dtype=np.intp)

    def decode_target(self, h: NDArray[Any]) -> NDArray[Any]:
        """A target of numbers in its own unit, from what the network says."""
        return h.astype(np.float64) * self.target_scale + self.target_mean

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold."""
        return dict(plain(asdict(self)))

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> Self:
        """The other way."""
        fields: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in state.items()}
        return cls(**fields)


def location_and_scale(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Each column's mean and standard deviation; a constant column has a scale of 1."""
    size = np.abs(values).max(axis=0)
    size[size == 0] = 1.0
    relative = values / size  # first, so that no square can overflow
    spread = relative.std(axis=0)
    # NOTE: the deviation of a constant column is rounding noise, not always 0; dividing by it would blow it up.
    constant = spread <= 1e-12
    return relative.mean(axis=0) * size, np.where(constant, 1.0, spread * size)
