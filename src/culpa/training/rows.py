# SPDX-License-Identifier: MIT
"""The rows of a training: what the door makes of the user's, which of them are learnt from, and what each weighs."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from culpa.engine.arrays import Signals, Values, admit_inputs, admit_weights, as_rows, batch_starts, number
from culpa.engine.network import Network, listed
from culpa.engine.targets import Targets, admit_targets
from culpa.errors import DataError, OptionError, ShapeError, unknown_name
from culpa.training.recipe import ClassWeight
from culpa.training.splitting import split_rows

__all__ = ["Rows", "Validation", "admit_rows", "beside_ones", "learnable", "split"]

Validation = float | tuple[Any, Any] | tuple[Any, Any, Any]
"""A fraction of the rows, or rows apart: X and y, and maybe their weights."""
CHUNK = 1 << 16
"""Rows that are converted at a time."""


class Rows(NamedTuple):
    """Rows that the door has let in.

    Attributes:
        X1: The inputs with a last column of ones (n, d_0 + 1), in the network's dtype.
        y: Their targets.
        weights: (n,), with a mean of 1; None where all are equal.
    """

    X1: Signals
    y: Targets
    weights: Values | None

    @property
    def X(self) -> Signals:
        """The inputs (n, d_0), a view."""
        return self.X1[:, :-1]

    def take(self, index: NDArray[np.intp]) -> "Rows":
        """Some of the rows, copied; their weights stay as they are."""
        return Rows(self.X1[index], self.y[index], None if self.weights is None else self.weights[index])


def admit_rows(network: Network, X: object, y: object, weights: object | None = None) -> Rows:
    """Let the user's rows in: checked and converted once, for all the steps to come."""
    given = as_rows(X, network.layers[0].W)
    whole = whole_of(given, network.dtype)
    X1 = np.ones((given.shape[0], given.shape[1] + 1), network.dtype) if whole is None else whole
    for start in batch_starts(len(given), CHUNK):
        part = slice(start, start + CHUNK)
        admitted = admit_inputs(given[part], network.layers[0].W, first_row=start)
        if whole is None:
            X1[part, :-1] = admitted
    targets = admit_targets(y, len(X1), network.loss.targets, network.sizes[-1], network.dtype)
    if network.loss.targets == "classes" and targets.ndim == 2:
        targets = targets / targets.sum(axis=1, keepdims=True)  # a step takes for 1 what the door takes for 1 nearly
    w = admit_weights(weights, len(X1), "mean", np.float64) * len(X1)
    return Rows(X1, targets, None if weights is None or (w == w[0]).all() else w)


def beside_ones(n: int, d: int, dtype: DTypeLike = "float32") -> Signals:
    """An array (n, d) to fill, with a column of ones behind it: `fit` takes such rows as they lie, without a copy.

    Example:
        >>> beside_ones(5, 2).shape
        (5, 2)
    """
    X1 = np.empty((n, d + 1), dtype)
    X1[:, -1] = 1
    return X1[:, :-1]


def whole_of(X: NDArray[Any], dtype: DTypeLike) -> Signals | None:
    """The array of which X is all but the last column, one of ones; None where it is nothing of the kind."""
    whole = X.base
    if not isinstance(whole, np.ndarray) or whole.dtype != dtype or whole.shape != (len(X), X.shape[1] + 1):
        return None
    same = X.dtype == whole.dtype and X.strides == whole.strides and X.ctypes.data == whole.ctypes.data
    return whole if same and whole.flags.forc and bool((whole[:, -1] == 1).all()) else None


def split(
    network: Network, rows: Rows, validation: Validation | None, groups: object | None, seed: int
) -> tuple[NDArray[np.intp], Rows | None]:
    """The numbers of the rows to learn from, and the rows that choose the epoch, if any."""
    everything = np.arange(len(rows.X1))
    held, fraction = None, None
    if isinstance(validation, tuple | list):
        if len(validation) not in (2, 3):
            raise OptionError(
                f"`validation` must be a fraction, or a pair (X, y), maybe with weights; got {len(validation)} things."
            )
        held = admit_rows(network, *validation)
    elif validation is None or isinstance(validation, float | int):
        fraction = validation
    else:
        kind = type(validation).__name__
        raise OptionError(f"`validation` must be a fraction between 0 and 1, or a pair (X, y); got a {kind}.")
    if fraction is None:
        if groups is not None:
            raise OptionError("`groups` needs a fraction to hold out.", hint="for example validation=0.15.")
        return everything, held
    strata = classes_of(network, rows.y)
    kept, out = split_rows(len(everything), fraction, classes=strata, groups=groups, seed=seed)
    held = rows.take(out)
    if rows.weights is not None and not (rows.weights[kept].any() and rows.weights[out].any()):
        raise DataError("`weights` must not all be zero on either side of the split.")
    return kept, held


def classes_of(network: Network, y: Targets) -> NDArray[Any] | None:
    """Each row's class (n,), where a row has one."""
    if network.loss.targets == "classes":
        return y if y.ndim == 1 else y.argmax(axis=1)
    if network.loss.targets == "labels" and y.shape[1] == 1:
        return (y[:, 0] >= 0.5).astype(np.intp)
    return None


def learnable(
    network: Network, rows: Rows, kept: NDArray[np.intp], class_weight: ClassWeight | None, smoothing: float
) -> Rows:
    """The rows as a training sees them: class weights counted in, a mean weight of 1 over those kept, smooth targets.

    Smoothing spreads a share ε of each target over all classes, (1 − ε) t + ε/d_L; for labels, (1 − ε) t + ε/2.

    Source: Szegedy et al. 2016, section 7.
    """
    weights = rows.weights
    if class_weight is not None:
        factors = class_factors(network, rows.y, kept, class_weight)
        weights = factors if weights is None else weights * factors
    if weights is not None:
        mean = weights[kept].mean()
        if not mean > 0:
            raise DataError("`class_weight` and `weights` must not all be zero where they meet.")
        weights = weights / mean
    y = rows.y
    if smoothing:
        outputs = network.sizes[-1]
        by_class = network.loss.targets == "classes"
        certain = np.eye(outputs, dtype=network.dtype)[y] if y.ndim == 1 else y
        y = ((1 - smoothing) * certain + smoothing / (outputs if by_class else 2)).astype(network.dtype)
    return Rows(rows.X1, y, None if weights is None else weights.astype(network.dtype))


def class_factors(network: Network, y: Targets, kept: NDArray[np.intp], class_weight: ClassWeight) -> Values:
    """What each row's weight is multiplied by (n,), from its class."""
    classes = classes_of(network, y)
    if classes is None or (y.ndim == 2 and not ((y == 0) | (y == 1)).all()):
        raise OptionError("`class_weight` needs one certain class for each row.", hint="use `weights` instead.")
    count = max(2, network.sizes[-1])
    if isinstance(class_weight, str):
        if class_weight != "balanced":
            raise unknown_name("class_weight", class_weight, ("balanced",))
        present = np.bincount(classes[kept], minlength=count)
        table = len(kept) / (np.count_nonzero(present) * np.maximum(present, 1))
    elif isinstance(class_weight, Mapping):
        strange = [c for c in class_weight if isinstance(c, bool) or c not in range(count)]
        if strange:
            raise OptionError(
                f"`class_weight` must name classes 0 to {count - 1}; got {np.array(strange[:1]).tolist()[0]!r}."
            )
        table = np.array([number("class_weight", class_weight.get(c, 1.0), least=0) for c in range(count)])
    else:
        table = np.array([number("class_weight", w, least=0) for w in listed("class_weight", class_weight)])
        if len(table) != count:
            raise ShapeError(f"`class_weight` must have one weight for each of {count} classes; got {len(table)}.")
    return table[classes]
