# SPDX-License-Identifier: MIT
"""Columns: which of the reader's columns the loss leans on, by its gradient and by putting one value in for all.

    gradient   √(Σ_i w_i Σ_{j in column} (∂ℓ_i/∂x_ij)²) = √(Σ_j (W_1ᵀ C W_1)_jj), C = Σ_i w_i δ_{1,i} δ_{1,i}ᵀ
    share      gradient² / Σ over all columns
    increase   Σ_i w_i (ℓ_i with the column's usual value in row i − ℓ_i)

The usual value is the median of a number, and of anything else what is most frequent. It changes a_1 by a product of a
few inputs, (x′ − x) W_1ᵀ over them alone: the first layer is multiplied out once, whatever the number of columns. At
most 64 columns are replaced, those leaned on most, and on at most 5,000 rows, evenly spaced.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.accounts.sums import LayerSums, rows_at_once
from culpa.engine.arrays import batch_starts
from culpa.engine.network import Network
from culpa.engine.targets import Targets
from culpa.reporting.frames import Frame
from culpa.reporting.progress import Advance

__all__ = ["MOST_COLUMNS", "MOST_ROWS", "Input", "columns_frame", "inputs_by_column", "spaced", "usual_inputs"]

MOST_COLUMNS = 64
MOST_ROWS = 5_000


class Input(NamedTuple):
    """A column of the reader's, as inputs of the network.

    Attributes:
        name: What it is called.
        kind: What it holds: "number", "category", "yes/no" or "date".
        places: Its inputs, as columns of X.
        flag: Whether the last of them says that the value is missing.
    """

    name: str
    kind: str
    places: NDArray[np.intp]
    flag: bool = False


def inputs_by_column(network: Network) -> tuple[Input, ...]:
    """The reader's columns in their order; without names each input is one, counted from 0 as in a table of numbers."""
    columns, width = network.columns, network.sizes[0]
    if columns is None or columns.width != width:
        return tuple(Input(f"x{j}", "number", np.array([j])) for j in range(width))
    found, start = [], 0
    owners = [source.column for source in columns.sources]
    for column in columns.inputs:
        end = start
        while end < width and owners[end] == column.name:
            end += 1
        found.append(Input(column.name, column.kind, np.arange(start, end), column.missing))
        start = end
    return tuple(found)


def columns_frame(
    network: Network, first: LayerSums, X: NDArray[Any], targets: Targets, w: NDArray[np.float64], advance: Advance
) -> Frame:
    """A row a column, the most leaned on first."""
    inputs = inputs_by_column(network)
    squares = np.maximum(input_squares(first), 0.0)
    squares = np.array([squares[column.places].sum() for column in inputs])
    order = np.argsort(-squares, kind="stable")
    measured = [inputs[place] for place in order[:MOST_COLUMNS]]
    rows = spaced(np.flatnonzero(w > 0), MOST_ROWS)
    usual = [usual_inputs(column, X[np.ix_(rows, column.places)]) for column in measured]
    losses = list(replaced_losses(network, X, targets, w, rows, list(zip(measured, usual, strict=True)), advance))
    unmeasured = len(inputs) - len(measured)
    after, before = np.array(losses[1:]), losses[0]
    return Frame(
        {
            "column": np.array([inputs[place].name for place in order]),
            "inputs": np.array([len(inputs[place].places) for place in order]),
            "gradient": np.sqrt(squares[order]),
            "share": squares[order] / squares.sum() if squares.any() else squares,
            "replaced": np.array([*told(network, measured, usual), *[""] * unmeasured]),
            "loss_replaced": np.append(after, np.full(unmeasured, np.nan)),
            "increase": np.append(after - before, np.full(unmeasured, np.nan)),
        }
    )


def input_squares(first: LayerSums) -> NDArray[np.float64]:
    """Σ_i w_i (∂ℓ_i/∂x_ij)² (d_0,), from C alone."""
    W = first.layer.W.astype(np.float64)
    found: NDArray[np.float64] = np.vecdot((first.outer @ W).T, W.T)
    return found


def spaced(rows: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    """At most so many of the rows, evenly spaced.

    Example:
        >>> spaced(np.arange(10), 4)
        array([0, 2, 5, 7])
    """
    if len(rows) <= most:
        return rows
    return rows[np.arange(most) * len(rows) // most]


def usual_inputs(column: Input, X: NDArray[Any]) -> NDArray[Any]:
    """The inputs that stand in for a column: the median, or what is most frequent; of a date, those of its median."""
    own = X[:, :-1] if column.flag else X
    if column.flag:
        missing = X[:, -1] > 0.5
        if 2 * missing.sum() > len(X):
            return X[int(missing.argmax())]
        own = own[~missing]
    if column.kind == "number":
        value = np.median(own, axis=0)
    elif column.kind == "date" and own.shape[1]:
        value = own[np.argsort(own[:, 0], kind="stable")[(len(own) - 1) // 2]]
    else:
        patterns, first, counts = np.unique(own, axis=0, return_index=True, return_counts=True)
        value = patterns[np.lexsort((first, -counts))[0]]
    return np.append(value, np.zeros(int(column.flag), value.dtype))


def replaced_losses(
    network: Network,
    X: NDArray[Any],
    targets: Targets,
    w: NDArray[np.float64],
    rows: NDArray[np.intp],
    replacements: Sequence[tuple[Input, NDArray[Any]]],
    advance: Advance,
) -> Iterator[float]:
    """The mean loss of some rows as they are, and then with one column after another replaced."""
    first, *others = network.layers
    size = rows_at_once(network.sizes, len(rows))
    a = np.concatenate(
        [
            forward_first(network, X[rows[start : start + size]].astype(network.dtype, copy=False))
            for start in batch_starts(len(rows), size)
        ]
    )
    truth, p = targets[rows], w[rows] / w[rows].sum()

    def loss(a: NDArray[Any]) -> float:
        h = a
        with np.errstate(over="ignore", invalid="ignore"):
            for below, layer in zip(network.layers, others, strict=False):
                h = below.activation.value(h) @ layer.W.T
                if layer.b is not None:
                    h += layer.b
            return float(p @ network.loss.losses(h, truth).astype(np.float64))

    yield loss(a)
    for column, usual in replacements:
        moved = (usual - X[np.ix_(rows, column.places)]).astype(network.dtype)
        yield loss(a + moved @ first.W[:, column.places].T)
        advance(column.name)


def forward_first(network: Network, X: NDArray[Any]) -> NDArray[Any]:
    """a_1 = W_1 x + b_1."""
    layer = network.layers[0]
    return X @ layer.W.T + (0 if layer.b is None else layer.b)


def told(network: Network, measured: Sequence[Input], usual: Sequence[NDArray[Any]]) -> Iterator[str]:
    """What stands in, in the reader's words."""
    columns = network.columns
    if columns is None or columns.width != network.sizes[0]:
        yield from (f"{float(values[0]):.6g}" for values in usual)
        return
    row = np.zeros((1, columns.width))
    for column, values in zip(measured, usual, strict=True):
        row[0, column.places] = values
    decoded = columns.decode(row)
    for column in measured:
        value = decoded[column.name][0]
        yield "missing" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
