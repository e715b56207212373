# SPDX-License-Identifier: MIT
"""Columns: which of the reader's columns the loss leans on, by its gradient and by putting one value in for all.

    gradient   √(Σ_i w_i Σ_{j in column} (∂ℓ_i/∂x_ij)²) = √(Σ_j (W_1ᵀ C W_1)_jj), C = Σ_i w_i δ_{1,i} δ_{1,i}ᵀ
    share      gradient² / Σ over all columns
    increase   Σ_i w_i (ℓ_i with the column's usual value in row i − ℓ_i)

The usual value is told in `usual`; the arguments of a label report put in the same one. It changes a_1 by a product of
a few inputs, (x′ − x) W_1ᵀ over them alone: the first layer is multiplied out once, whatever the number of
columns. At most 64 columns are replaced, those leaned on most, and on at most 5,000 rows, evenly spaced.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.accounts.sums import LayerSums, rows_at_once
from culpa.blaming.labels.arguments import in_words
from culpa.blaming.labels.usual import MOST_ROWS, column_inputs, spaced, typical_place
from culpa.engine.arrays import batch_starts
from culpa.engine.network import Network
from culpa.engine.targets import Targets
from culpa.reporting.frames import Frame
from culpa.reporting.progress import Advance
from culpa.tables.column import Column

__all__ = [
    "MOST_COLUMNS",
    "Input",
    "Spaced",
    "columns_frame",
    "inputs_by_column",
    "spaced_rows",
    "unmeasured",
]

MOST_COLUMNS = 64


class Input(NamedTuple):
    """A column of the reader's, as inputs of the network.

    Attributes:
        column: What it is called, what it holds, and whether the last of its inputs says that the value is missing.
        places: Its inputs, as columns of X.
    """

    column: Column
    places: NDArray[np.intp]


def inputs_by_column(network: Network) -> tuple[Input, ...]:
    """The reader's columns in their order; without names each input is one, counted from 0 as in a table of numbers."""
    columns, width = network.columns, network.sizes[0]
    if not knows_columns(network):
        return tuple(Input(Column(f"x{j}", "number"), np.array([j])) for j in range(width))
    every = np.arange(width)
    return tuple(Input(span.column, every[span.inputs]) for span in column_inputs(columns))


def knows_columns(network: Network) -> bool:
    """Whether a network has columns, and of its own inputs."""
    return network.columns is not None and network.columns.width == network.sizes[0]


class Spaced(NamedTuple):
    """Rows on which columns are replaced.

    Attributes:
        X: All rows' inputs (n, d_0).
        rows: The places of these (m,).
        targets: Of these.
        w: Their weights (m,), with a sum of 1.
    """

    X: NDArray[Any]
    rows: NDArray[np.intp]
    targets: Targets
    w: NDArray[np.float64]

    def inputs(self, places: NDArray[np.intp]) -> NDArray[np.float64]:
        """Some inputs of these rows, in float64 whatever they were given as."""
        found: NDArray[np.float64] = self.X[np.ix_(self.rows, places)].astype(np.float64)
        return found


def spaced_rows(X: NDArray[Any], targets: Targets, w: NDArray[np.float64]) -> Spaced:
    """At most MOST_ROWS of the rows that weigh something."""
    rows = spaced(np.flatnonzero(w > 0), MOST_ROWS)
    return Spaced(X, rows, targets[rows], w[rows] / w[rows].sum())


def columns_frame(network: Network, inputs: Sequence[Input], first: LayerSums, few: Spaced, advance: Advance) -> Frame:
    """A row a column, the most leaned on first."""
    by_input = input_squares(first)
    squares = np.array([by_input[one.places].sum() for one in inputs])
    order = np.argsort(-squares, kind="stable")
    measured = [inputs[place] for place in order[:MOST_COLUMNS]]
    usual = [usual_inputs(one.column, few.inputs(one.places)) for one in measured]
    before, *after = replaced_losses(network, few, list(zip(measured, usual, strict=True)), advance)
    rest = np.full(len(inputs) - len(measured), np.nan)
    return Frame(
        {
            "column": np.array([inputs[place].column.name for place in order]),
            "inputs": np.array([len(inputs[place].places) for place in order]),
            "gradient": np.sqrt(squares[order]),
            "share": squares[order] / squares.sum() if squares.any() else squares,
            "replaced": np.array([*told(network, measured, usual), *[""] * len(rest)]),
            "loss_replaced": np.append(after, rest),
            "increase": np.append(np.array(after) - before, rest),
        }
    )


def unmeasured(columns: int, rows: int) -> dict[str, str]:
    """What the table of columns has less of, in words."""
    words = []
    if columns > MOST_COLUMNS:
        words.append(f"of {columns:,} columns the {MOST_COLUMNS} that are leaned on most were replaced")
    if rows > MOST_ROWS:
        words.append(f"{'they' if words else 'columns'} were replaced on {MOST_ROWS:,} of {rows:,} rows, evenly spaced")
    sentence = "; ".join(words)
    return {"columns": f"{sentence[0].upper()}{sentence[1:]}."} if words else {}


def input_squares(first: LayerSums) -> NDArray[np.float64]:
    """Σ_i w_i (∂ℓ_i/∂x_ij)² (d_0,), from C alone."""
    W = first.layer.W.astype(np.float64)
    # NOTE: a sum of squares, though written as a product; rounding must not make it negative.
    return np.maximum(np.vecdot((first.outer @ W).T, W.T), 0.0)


def usual_inputs(column: Column, X: NDArray[np.float64]) -> NDArray[np.float64]:
    """The inputs of a column's typical row."""
    inputs: NDArray[np.float64] = X[typical_place(column, X)]
    return inputs


def replaced_losses(
    network: Network, few: Spaced, replacements: Sequence[tuple[Input, NDArray[Any]]], advance: Advance
) -> Iterator[float]:
    """The mean loss of some rows as they are, and then with one column after another replaced."""
    W, a = network.layers[0].W, first_activations(network, few)
    yield loss_from(network, a, few)
    for one, usual in replacements:
        moved = (usual - few.inputs(one.places)).astype(network.dtype)
        yield loss_from(network, a + moved @ W[:, one.places].T, few)
        advance(one.column.name)


def first_activations(network: Network, few: Spaced) -> NDArray[Any]:
    """a_1 = W_1 x + b_1 (m, d_1), a few rows at a time where they are wide."""
    layer, size = network.layers[0], rows_at_once(network.sizes, len(few.rows))
    a = np.empty((len(few.rows), len(layer.W)), network.dtype)
    for start in batch_starts(len(a), size):
        part = slice(start, start + size)
        a[part] = few.X[few.rows[part]].astype(network.dtype, copy=False) @ layer.W.T
    return a if layer.b is None else a + layer.b


def loss_from(network: Network, a: NDArray[Any], few: Spaced) -> float:
    """The mean loss of rows whose a_1 is known; inf or NaN where it overflows."""
    with np.errstate(over="ignore", invalid="ignore"):
        for below, layer in pairwise(network.layers):
            a = below.activation.value(a) @ layer.W.T
            if layer.b is not None:
                a += layer.b
        return float(few.w @ network.loss.losses(a, few.targets).astype(np.float64))


def told(network: Network, measured: Sequence[Input], usual: Sequence[NDArray[np.float64]]) -> Iterator[str]:
    """What stands in, in the reader's words."""
    if not knows_columns(network):
        yield from (
            in_words(float(f"{values[0]:.7g}"), one.column) for one, values in zip(measured, usual, strict=True)
        )
        return
    row = np.zeros((1, network.sizes[0]))
    for one, values in zip(measured, usual, strict=True):
        row[0, one.places] = values
    decoded = network.columns.decode(row)
    for column, _ in measured:
        value = decoded[column.name][0]
        yield in_words(known_digits(value, column) if isinstance(value, float) else value, column)


def known_digits(value: float, column: Column) -> float:
    """The number with the fewest digits that is the same input of a network in float32, and so the table's own."""
    known = 2 * float(np.finfo(np.float32).eps) * max(abs(value - column.center), column.scale)
    rounded = (round(value, places) for places in range(16))
    return next((number for number in rounded if abs(number - value) <= known), value)
