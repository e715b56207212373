# SPDX-License-Identifier: MIT
"""Five words for shapes, the door where outside arrays become ours, and which array library an array belongs to.

    Signals  (n, d)        one row an example: X, a_k, h_k, δ_k
    Values   (n,)          one number an example: losses, weights, norms
    Matrix   (d_k, d_k₋₁)  a layer's W, or a gradient with respect to it
    Vector   (d_k,)        a layer's b, or a gradient with respect to it
    Flat     (p,)          all parameters in the order W_1 (row by row), b_1, W_2, …

Whatever comes in through the door (arrays, lists, frames, integers, booleans) leaves it with the network's dtype, the
right shape and finite numbers, or not at all. Targets have a door of their own, `targets`. Knows no network, no loss.
"""

from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Annotated, Any, TypeAlias

import array_api_compat
import numpy as np
from numpy.typing import DTypeLike, NDArray

from culpa.errors import DataError, OptionError, ShapeError, unknown_name

__all__ = [
    "Array",
    "Call",
    "Flat",
    "Matrix",
    "Signals",
    "Values",
    "Vector",
    "admit_inputs",
    "admit_weights",
    "as_array",
    "as_rows",
    "batch_starts",
    "cast",
    "library",
    "literal_weights",
    "number",
    "product",
    "whole_number",
]

Array: TypeAlias = Any
"""An array of any library that follows the Python array API standard."""
Signals = Annotated[NDArray[Any], "(n, d)"]
Values = Annotated[NDArray[Any], "(n,)"]
Matrix = Annotated[NDArray[Any], "(d_k, d_k-1)"]
Vector = Annotated[NDArray[Any], "(d_k,)"]
Flat = Annotated[NDArray[Any], "(p,)"]

Call: TypeAlias = Callable[[], Any]
"""Something to do on arrays that it already has in hand."""

MISSING = "fill or drop missing values first; rows and columns are counted from 0."


def library(array: Array) -> ModuleType:
    """The array API namespace that an array belongs to, such as NumPy's or PyTorch's."""
    namespace: ModuleType = array_api_compat.array_namespace(array)
    return namespace


def product(A: NDArray[Any], B: NDArray[Any], out: NDArray[Any]) -> Call:
    """Write down a product of matrices, to be called again and again as their entries change; of stacks, one by one."""
    # NOTE: the bound `dot` of two matrices starts sooner than `matmul` (`bench/calls.py`), but copies a matrix that
    # leaves out columns of another, and knows no stacks.
    whole = A.ndim == 2 and A.flags.forc and B.flags.forc
    return partial(A.dot, B, out) if whole else partial(np.matmul, A, B, out)


def as_array(name: str, value: object) -> NDArray[Any]:
    """View as a NumPy array of numbers; nothing is converted yet, and what cannot be numbers is refused by name."""
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        raise DataError(f"`{name}` has masked entries.", hint="fill them or drop their rows first.")
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:
        tracked = getattr(value, "requires_grad", False) is True
        hint = "a tensor that tracks gradients needs .detach() first." if tracked else "give rows of equal length."
        reason = str(error).splitlines()[0].rstrip(".")
        raise DataError(f"`{name}` cannot be read as an array of numbers: {reason}.", hint=hint) from error
    if array.dtype.kind == "O" and array.ndim:
        array = unboxed(array)
    if array.dtype.kind not in "biufc":
        kind = f"a {type(value).__name__}" if array.ndim == 0 else f"dtype {array.dtype}"
        hint = "encode text and dates as numbers first; classes can be numbered by np.unique(y, return_inverse=True)."
        raise DataError(
            f"`{name}` must hold numbers; got {kind}.", hint=hint if array.ndim and array.dtype.kind != "V" else None
        )
    return array


def unboxed(array: NDArray[Any]) -> NDArray[Any]:
    """Python numbers in an array of objects, as frames with columns of several kinds give them; a gap becomes NaN."""
    entries = array.ravel().tolist()
    gaps = {kind for kind in map(type, entries) if kind is type(None) or kind.__name__ == "NAType"}
    numbers = {kind for kind in map(type, entries) if issubclass(kind, bool | int | float | np.number | np.bool_)}
    if set(map(type, entries)) != gaps | numbers or not numbers:
        return array
    plain = [np.nan if type(entry) in gaps else entry for entry in entries]
    return np.array(plain).reshape(array.shape)


def cast(
    name: str, array: NDArray[Any], dtype: DTypeLike, *, first_row: int = 0, hint: str = MISSING, entry: str = "row"
) -> NDArray[Any]:
    """Convert to the network's dtype, without a copy where it has it already, and refuse what is not finite there."""
    if array.dtype.kind == "c" and np.dtype(dtype).kind != "c":
        raise DataError(f"`{name}` must hold real numbers; got dtype {array.dtype}.")
    with np.errstate(over="ignore"):
        converted = array.astype(dtype, copy=False)
    finite = np.isfinite(converted)
    if not finite.all():
        place = tuple(int(i) for i in np.argwhere(~finite)[0])
        where = f"{entry} {place[0] + first_row}" + (f", column {place[1]}" if len(place) > 1 else "")
        count = int((~finite).sum())
        more = f" ({count:,} such entries in all)" if count > 1 else ""
        kind = ""
        if np.isfinite(array[place]):
            kind = f" as {np.dtype(dtype)}"
            hint = f"that is beyond what {np.dtype(dtype)} can hold; scale it, or use float64."
        raise DataError(f"`{name}` must be finite{kind}; {where} holds {array[place]}{more}.", hint=hint)
    return converted


def as_rows(X: object, W: Matrix) -> NDArray[Any]:
    """View `X` as (n, d_0) for a first layer of weights `W` (d_1, d_0); shape and kind are checked, values not yet."""
    array = as_array("X", X)
    columns = W.shape[1]
    if array.ndim != 2:
        hint = None
        if array.ndim == 1 and len(array) == columns:
            hint = "for one example use X[None, :]."
        elif array.ndim == 1 and columns == 1:
            hint = "for one column use X[:, None]."
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
    return cast("X", as_rows(X, W), W.dtype, first_row=first_row)


def admit_weights(weights: object | None, n: int, reduction: str, dtype: DTypeLike) -> Values:
    """Let sample weights s in and put the reduction into them: w = s / Σs for the mean, w = s for the sum.

    Raises:
        OptionError: If the reduction is neither "mean" nor "sum".
        ShapeError: If there is not one weight for each example.
        DataError: If a weight is negative or not finite, or all are zero, or the dtype cannot hold them.
    """
    if reduction not in ("mean", "sum"):
        raise unknown_name("reduction", reduction, ("mean", "sum"))
    if weights is None:
        return np.full(n, 1 / n if reduction == "mean" else 1.0, dtype)
    s = literal_weights(weights, n, np.float64)
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
    with np.errstate(over="ignore"):
        w: Values = s.astype(dtype)
    if not np.isfinite(w).all() or not w.any():
        raise DataError(f"`weights` up to {largest:g} cannot be held in {np.dtype(dtype)}.", hint="scale them.")
    return w


def literal_weights(weights: object, n: int, dtype: DTypeLike, name: str = "weights") -> Values:
    """Let weights in as they are, of any sign: (n,), finite."""
    array = as_array(name, weights)
    if array.shape != (n,):
        raise ShapeError(f"`{name}` must be ({n},), one number for each example; got {array.shape}.")
    return cast(name, array, dtype)


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


def batch_starts(n: int, batch_size: int) -> range:
    """Where each chunk of rows starts; the step is the size of a chunk."""
    return range(0, n, whole_number("batch_size", batch_size))
