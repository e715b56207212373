# SPDX-License-Identifier: MIT
"""Five words for shapes, the door where outside arrays become ours, and which array library an array belongs to.

    Signals  (n, d)        one row an example: X, a_k, h_k, δ_k
    Values   (n,)          one number an example: losses, weights, norms
    Matrix   (d_k, d_k₋₁)  a layer's W, or a gradient with respect to it
    Vector   (d_k,)        a layer's b, or a gradient with respect to it
    Flat     (p,)          all parameters in the order W_1 (row by row), b_1, W_2, …

Whatever comes in through the door (arrays, lists, frames, integers, booleans) leaves it with the network's dtype, the
right shape and finite numbers, or not at all. Nothing here knows a network or a loss: the callers say what they need.
"""

from types import ModuleType
from typing import Annotated, Any, Literal, TypeAlias

import array_api_compat
import numpy as np
from numpy.typing import DTypeLike, NDArray

from culpa.errors import DataError, OptionError, ShapeError, unknown_name

__all__ = [
    "Array",
    "Flat",
    "Matrix",
    "Signals",
    "TargetKind",
    "Targets",
    "Values",
    "Vector",
    "admit_inputs",
    "admit_targets",
    "admit_weights",
    "as_rows",
    "library",
]

Array: TypeAlias = Any
"""An array of any library that follows the Python array API standard."""
Signals = Annotated[NDArray[Any], "(n, d)"]
Values = Annotated[NDArray[Any], "(n,)"]
Matrix = Annotated[NDArray[Any], "(d_k, d_k-1)"]
Vector = Annotated[NDArray[Any], "(d_k,)"]
Flat = Annotated[NDArray[Any], "(p,)"]
Targets: TypeAlias = NDArray[Any]
"""Class indices (n,), or rows (n, d_L)."""
TargetKind = Literal["classes", "labels", "numbers", "counts"]


def library(array: Array) -> ModuleType:
    """The array API namespace that an array belongs to, such as NumPy's or PyTorch's."""
    namespace: ModuleType = array_api_compat.array_namespace(array)
    return namespace


def as_array(name: str, value: object) -> NDArray[Any]:
    """View as a NumPy array of numbers; nothing is converted yet, and what cannot be numbers is refused by name."""
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise DataError(
            f"`{name}` cannot be read as an array of numbers: {error}",
            hint="give rows of equal length; a tensor that tracks gradients needs .detach() first.",
        ) from error
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        raise DataError(f"`{name}` has masked entries.", hint="fill them or drop their rows first.")
    if array.dtype.kind not in "biufc":
        raise DataError(
            f"`{name}` must hold numbers; got dtype {array.dtype}.",
            hint="encode text and dates as numbers first; classes can be numbered by np.unique(y, return_inverse=True)."
            if array.dtype.kind in "OSUMm"
            else None,
        )
    return array


def cast(name: str, array: NDArray[Any], dtype: DTypeLike, first_row: int = 0) -> NDArray[Any]:
    """Convert to the network's dtype, without a copy where it has it already, and refuse what is not finite there."""
    if array.dtype.kind == "c" and np.dtype(dtype).kind != "c":
        raise DataError(f"`{name}` must hold real numbers; got dtype {array.dtype}.")
    with np.errstate(over="ignore"):
        converted = array.astype(dtype, copy=False)
    finite = np.isfinite(converted)
    if not finite.all():
        place = tuple(int(i) for i in np.argwhere(~finite)[0])
        where = f"row {place[0] + first_row}" + (f", column {place[1]}" if len(place) > 1 else "")
        count = int((~finite).sum())
        more = f" ({count:,} such entries in all)" if count > 1 else ""
        raise DataError(
            f"`{name}` must be finite as {np.dtype(dtype)}; {where} holds {array[place]}{more}.",
            hint="fill or drop missing values first; rows and columns are counted from 0.",
        )
    return converted


def as_rows(X: object, W: Matrix) -> NDArray[Any]:
    """View `X` as (n, d_0) for a first layer of weights `W` (d_1, d_0); shape and kind are checked, values not yet."""
    array = as_array("X", X)
    columns = W.shape[1]
    if array.ndim != 2:
        hint = None
        if array.ndim == 1:
            hint = "for one example use X[None, :]." if len(array) == columns else "for one column use X[:, None]."
        elif array.ndim > 2 and int(np.prod(array.shape[1:])) == columns:
            hint = "flatten each example with X.reshape(len(X), -1)."
        raise ShapeError(f"`X` must have two dimensions, (n, {columns}); got {array.shape}.", hint=hint)
    if array.shape[0] == 0:
        raise ShapeError(f"`X` must have at least one row; got {array.shape}.")
    if array.shape[1] != columns:
        raise ShapeError(
            f"`X` must have {columns} columns, because the first layer's W is {W.shape}; got {array.shape}.",
            hint="rows are examples; did you mean `X.T`?" if array.shape[0] == columns else None,
        )
    return array


def admit_inputs(X: object, W: Matrix, first_row: int = 0) -> Signals:
    """Let `X` in: (n, d_0), finite, in the dtype of `W` (d_1, d_0); viewed, not copied, where it has that dtype."""
    return cast("X", as_rows(X, W), W.dtype, first_row)


def admit_targets(y: object, n: int, kind: TargetKind, outputs: int, dtype: DTypeLike) -> Targets:
    """Let `y` in for `n` examples: class indices (n,), or rows (n, outputs) in `dtype`.

    Args:
        y: The user's targets.
        n: How many rows X has.
        kind: What the loss can use; see `losses.Loss`.
        outputs: d_L.
        dtype: The network's.

    Raises:
        ShapeError: If there is not one target for each row, or a row has the wrong number of entries.
        DataError: If the values are not of the kind that the loss needs.
    """
    if kind not in ("classes", "labels", "numbers", "counts"):
        raise unknown_name("kind of target", kind, ("classes", "labels", "numbers", "counts"))
    array = as_array("y", y)
    if array.ndim == 0 or len(array) != n:
        held = "a single number" if array.ndim == 0 else f"{len(array):,}"
        hint = "was a header row read as data?" if array.ndim and abs(len(array) - n) == 1 else None
        if array.ndim == 2 and array.shape[1] == n:
            hint = "rows are examples; did you mean `y.T`?"
        raise ShapeError(f"`y` must hold one target for each of the {n:,} rows of `X`; got {held}.", hint=hint)
    if kind == "classes":
        return admit_classes(array, outputs, dtype)
    rows = array[:, None] if array.ndim == 1 else array
    if rows.ndim != 2 or rows.shape[1] != outputs:
        raise ShapeError(
            f"`y` must be ({n}, {outputs}), one column an output; got {array.shape}.",
            hint="for one class of several use a softmax loss such as 'cross_entropy', or one-hot rows np.eye(k)[y]."
            if kind == "labels" and array.ndim == 1
            else None,
        )
    rows = cast("y", rows, dtype)
    low, high = rows.real.min(), rows.real.max()
    if kind == "labels" and not (low >= 0 and high <= 1):
        raise DataError(
            f"`y` must lie in [0, 1] for this loss; it holds values from {low:g} to {high:g}.",
            hint="for labels -1 and 1 use (y + 1) / 2; for numbers use the loss 'squared_error'.",
        )
    if kind == "counts" and low < 0:
        raise DataError(f"`y` must not be negative for this loss; the least value is {low:g}.")
    return rows


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
    sums = rows.sum(axis=1, dtype=np.result_type(rows.dtype, np.float64))
    # NOTE: 1e-5 lets rows through that were rounded to float32 or printed with six digits, and no real mistake.
    wrong = np.flatnonzero((np.abs(sums - 1) > 1e-5) | (rows < 0).any(axis=1))
    if len(wrong):
        row = int(wrong[0])
        raise DataError(
            f"`y` must have rows of probabilities that sum to 1; row {row} sums to {sums[row]:g} "
            f"and its least entry is {rows[row].min():g}.",
            hint="for several labels at once use the loss 'binary_cross_entropy'.",
        )
    if ((rows == 0) | (rows == 1)).all():
        return rows.argmax(axis=1)
    return rows


def admit_weights(weights: object | None, n: int, reduction: str, dtype: DTypeLike) -> Values:
    """Let sample weights s in and put the reduction into them: w = s / Σs for the mean, w = s for the sum.

    Raises:
        OptionError: If the reduction is neither "mean" nor "sum".
        ShapeError: If there is not one weight for each example.
        DataError: If a weight is negative or not finite, or all are zero.
    """
    if reduction not in ("mean", "sum"):
        raise unknown_name("reduction", reduction, ("mean", "sum"))
    s = np.ones(n) if weights is None else literal_weights(weights, n, np.float64)
    if (s < 0).any():
        row = int(np.flatnonzero(s < 0)[0])
        raise DataError(
            f"`weights` must not be negative; row {row} holds {s[row]:g}.",
            hint="for signed weights use gradient(...).reweighted(w), which takes them literally.",
        )
    largest = s.max()
    if largest == 0:
        raise DataError("`weights` must not all be zero.")
    if reduction == "mean":
        s = s / largest  # first, so that the sum cannot overflow
        s = s / s.sum()
    return s.astype(dtype)


def literal_weights(weights: object, n: int, dtype: DTypeLike) -> Values:
    """Let weights in as they are, of any sign: (n,), finite."""
    array = as_array("weights", weights)
    if array.shape != (n,):
        raise ShapeError(f"`weights` must be ({n},), one number for each example; got {array.shape}.")
    return cast("weights", array, dtype)


def whole_number(name: str, value: object, least: int = 1) -> int:
    """Let a count in: a whole number, at least `least`.

    Example:
        >>> whole_number("epochs", 3)
        3
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise OptionError(f"`{name}` must be a whole number, {least} or more; got {value!r}.")
    return int(value)


def number(name: str, value: object, *, above: float | None = None, least: float | None = None) -> float:
    """Let one finite number in, above or at least a bound.

    Example:
        >>> number("l2", 1e-3, least=0)
        0.001
    """
    try:
        result = float(value)  # type: ignore[arg-type] # anything that float() takes will do; the rest is refused below
    except (TypeError, ValueError):
        result = np.nan
    good = np.isfinite(result) and (above is None or result > above) and (least is None or result >= least)
    if not good:
        bound = f" above {above:g}" if above is not None else f", {least:g} or more" if least is not None else ""
        raise OptionError(f"`{name}` must be a finite number{bound}; got {value!r}.")
    return result


def batch_starts(n: int, batch_size: int | None) -> range:
    """Where each chunk of rows starts; one chunk where no size is given."""
    return range(0, n, n if batch_size is None else whole_number("batch_size", batch_size))
