# SPDX-License-Identifier: MIT
"""The door for targets: whatever the user calls y becomes class indices (n,) or rows (n, d_L), or is refused by name.

    classes   integers 0 … d_L−1 (n,), one-hot rows, or soft rows (n, d_L), each ≥ 0 and summing to 1
    labels    numbers in [0, 1]: one column, or several independent ones
    numbers   any finite numbers
    counts    numbers ≥ 0

y (n,) means (n, 1) for one output and is never broadcast. Knows no loss: a loss's row names the kind that it can use.
"""

from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import DTypeLike, NDArray

from culpa.engine.arrays import as_array, cast
from culpa.errors import DataError, ShapeError, unknown_name

__all__ = ["TargetKind", "Targets", "admit_targets"]

Targets: TypeAlias = NDArray[Any]
"""Class indices (n,), or rows (n, d_L)."""
TargetKind = Literal["classes", "labels", "numbers", "counts"]


def admit_targets(y: object, n: int, kind: TargetKind, outputs: int, dtype: DTypeLike, name: str = "y") -> Targets:
    """Let `y` in for `n` examples: class indices (n,), or rows (n, outputs) in `dtype`.

    Args:
        y: The user's targets.
        n: How many rows X has.
        kind: What the loss can use; see `losses.Loss`.
        outputs: d_L.
        dtype: The network's.
        name: What the caller's user calls them.

    Raises:
        ShapeError: If there is not one target for each row, or a row has the wrong number of entries.
        DataError: If the values are not of the kind that the loss needs.
    """
    if kind not in get_args(TargetKind):
        raise unknown_name("kind of target", kind, get_args(TargetKind))
    array = as_array(name, y)
    if array.ndim == 0 or len(array) != n:
        held = "a single number" if array.ndim == 0 else f"{len(array):,}"
        hint = "was a header row read as data?" if array.ndim and abs(len(array) - n) == 1 else None
        if array.ndim == 2 and array.shape[1] == n:
            hint = f"rows are examples; did you mean `{name}.T`?"
        raise ShapeError(f"`{name}` must hold one target for each of the {n:,} rows of `X`; got {held}.", hint=hint)
    if kind == "classes":
        return admit_classes(array, outputs, dtype)
    rows = array[:, None] if array.ndim == 1 else array
    if rows.ndim != 2 or rows.shape[1] != outputs:
        raise ShapeError(
            f"`{name}` must be ({n}, {outputs}), one column an output; got {array.shape}.",
            hint="for one class of several use a softmax loss such as 'cross_entropy', or one-hot rows np.eye(k)[y]."
            if kind == "labels" and array.ndim == 1
            else None,
        )
    rows = cast(name, rows, dtype)
    low, high = float(rows.real.min()), float(rows.real.max())
    if kind == "labels" and not (low >= 0 and high <= 1):
        raise DataError(
            f"`{name}` must lie in [0, 1] for this loss; it holds values from {plain(low)} to {plain(high)}.",
            hint="for labels -1 and 1 use (y + 1) / 2; for numbers use the loss 'squared_error'.",
        )
    if kind == "counts" and low < 0:
        raise DataError(f"`{name}` must not be negative for this loss; the least value is {plain(low)}.")
    return rows


def plain(value: float) -> str:
    """All digits of a number, and no more: 1 and not 1.0, and 1.000000000001 is not rounded to 1."""
    return repr(value).removesuffix(".0")


def admit_classes(y: NDArray[Any], outputs: int, dtype: DTypeLike) -> Targets:
    """Let class indices, one-hot rows or soft targets in; one-hot rows become indices, so that both give the same."""
    if y.ndim == 2 and y.shape[1] == outputs:
        return admit_probabilities(y, dtype)
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim != 1:
        raise ShapeError(
            f"`y` must be class indices ({len(y)},) or rows of {outputs} probabilities, "
            f"because the network has {outputs} outputs; got {y.shape}."
        )
    if y.dtype.kind == "f":
        cast("y", y, y.dtype, hint="drop the rows without a class first.")
    if y.dtype.kind not in "biu":
        raise DataError(
            f"`y` must hold class indices as integers; got dtype {y.dtype}.",
            hint="use y.astype(int) if these are classes, or a regression loss if they are numbers.",
        )
    indices: NDArray[np.intp] = y.astype(np.intp)
    wrong = np.flatnonzero((indices < 0) | (indices >= outputs))
    if len(wrong):
        row = int(wrong[0])
        raise DataError(
            f"`y` must hold classes 0 to {outputs - 1}, because the network has {outputs} outputs; "
            f"row {row} holds {y[row]}.",
            hint="classes are counted from 0: use y - 1." if y.min() == 1 and y.max() == outputs else None,
        )
    return indices


def admit_probabilities(y: NDArray[Any], dtype: DTypeLike) -> Targets:
    """Let rows of class probabilities in: each ≥ 0 and summing to 1."""
    rows = cast("y", y, dtype)
    negative = np.argwhere(rows < 0)
    if len(negative):
        row, column = (int(i) for i in negative[0])
        raise DataError(f"`y` must hold probabilities; row {row}, column {column} holds {rows[row, column]}.")
    sums = rows.sum(axis=1, dtype=np.float64)
    # NOTE: 1e-5 lets rows through that were rounded to float32 or printed with six digits, and no real mistake.
    wrong = np.flatnonzero(np.abs(sums - 1) > 1e-5)
    if len(wrong):
        row = int(wrong[0])
        raise DataError(
            f"`y` must have rows of probabilities that sum to 1; row {row} sums to {sums[row]:.6g}.",
            hint="for several labels at once use the loss 'binary_cross_entropy'.",
        )
    if ((rows == 0) | (rows == 1)).all():
        return rows.argmax(axis=1)
    return rows
