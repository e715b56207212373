# SPDX-License-Identifier: MIT
"""Answering: what a network says of a table, as columns in the reader's words, beside the columns of his own."""

import warnings
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from culpa.engine.network import Network
from culpa.engine.predicting import predict
from culpa.errors import CulpaWarning
from culpa.reporting.progress import Show, progress
from culpa.tables.canonical import as_kind
from culpa.tables.columns import Columns, label_text, surprises
from culpa.tables.raw import RawTable
from culpa.tables.table import plain_numbers

if TYPE_CHECKING:
    import polars as pl

__all__ = ["answer", "beside", "said_of"]

ROWS = 65_536
"""Rows that are encoded at a time; a multiple of what `predict` takes at a time, so that it makes the same products."""


def said_of(network: Network, table: RawTable, *, show: Show = "auto") -> NDArray[Any]:
    """What a network says of every row (n, d_L), encoded piece by piece.

    Args:
        network: Any network.
        table: The rows.
        show: Whether a bar on stderr shows how far it is.

    Raises:
        DataError: If a column is missing, or there are none that the network knows and some that hold no numbers.

    Warns:
        CulpaWarning: Once for each column with categories, or missing values, that no training row had.
    """
    columns, frame = network.columns, table.frame
    if columns is None:
        return predict(network, plain_numbers(table))
    frame = columns.found_in(frame)
    for sentence in unseen(columns, frame):
        warnings.warn(sentence, CulpaWarning, stacklevel=2)
    said = np.empty((len(table), network.sizes[-1]), network.dtype)
    with progress("predicting", len(table), show=show) as advance:
        for start in range(0, len(table), ROWS):
            piece = frame.slice(start, ROWS)
            X = columns.encode(piece, dtype=network.dtype, warn=False)  # said above, once for all pieces
            said[start : start + ROWS] = predict(network, X, first_row=start)
            advance(by=len(piece))
    return said


def unseen(columns: Columns, frame: "pl.DataFrame") -> Iterator[str]:
    """What no training row had, in sentences, for the whole table."""
    for column in columns.inputs:
        yield from surprises(column, as_kind(frame[column.name], column.kind, column.form))


def answer(network: Network, said: NDArray[Any]) -> "pl.DataFrame":
    """The columns of the answer: `prediction`, and for classes the probability of each, in the network's order."""
    import polars as pl

    columns, several = network.columns, said.shape[1] > 1
    labels = None if columns is None else columns.classes
    if network.loss.targets == "classes":
        labels = tuple(range(said.shape[1])) if labels is None else labels
        best = pl.Series("prediction", list(labels)).gather(said.argmax(axis=1))
        shares = [pl.Series(f"p({label})", said[:, c]) for c, label in enumerate(map(label_text, labels))]
        return pl.DataFrame([best, *shares])
    if columns is not None and labels is None:
        said = columns.decode_target(said)
    return pl.DataFrame(
        [pl.Series(f"prediction_{c + 1}" if several else "prediction", said[:, c]) for c in range(said.shape[1])]
    )


def beside(own: "pl.DataFrame", added: "pl.DataFrame") -> "pl.DataFrame":
    """The reader's columns as they are, and the added ones after them; a name that is taken gets a number."""
    taken = {*own.columns}
    names = {}
    for name in added.columns:
        names[name] = free_name(name, taken)
        taken.add(names[name])
    return own.hstack(added.rename(names))


def free_name(name: str, taken: Iterable[str]) -> str:
    """The name, or with a number behind it: "prediction (2)"."""
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    return free
