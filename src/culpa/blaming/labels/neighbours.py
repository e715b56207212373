# SPDX-License-Identifier: MIT
"""Neighbours: the rows that teach the network the same thing, for a suspect's proposed label and for its given one.

    classes    cos(∂ℓ(x, c)/∂θ, ∂ℓ(x_j, y_j)/∂θ)    over the rows with y_j = c;    c = proposed, then given
    numbers    cos(∂ŷ(x)/∂θ, ∂ŷ(x_j)/∂θ)            over the rows whose y_j is close to the proposed or given value

Of numbers the loss's gradient would turn its sign with the residual's, which says nothing of likeness, so that the
answer's own gradient is compared. A value is close within what residuals usually are around the suspect, and within a
third of the way between both values. Rows that are suspected themselves are no evidence and are left out. The
gradients stay factors: chunk by chunk an inner product of every row with every suspect, and nothing larger.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.accounts.sums import rows_at_once
from culpa.blaming.labels.report import Neighbour
from culpa.engine.arrays import batch_starts
from culpa.engine.gradient import Gradient, gradient, pull_back
from culpa.engine.network import Network
from culpa.engine.predicting import CHUNK
from culpa.reporting.progress import Show, progress
from culpa.tables.raw import RawTable

__all__ = ["Like", "neighbours_for"]

MOST = 3
"""So many rows are told."""
Numbers = NDArray[np.float64]


class Like(NamedTuple):
    """The nearest rows of one suspect, the nearest first."""

    proposed: tuple[Neighbour, ...]
    given: tuple[Neighbour, ...]


def neighbours_for(
    network: Network,
    table: RawTable,
    X: NDArray[Any],
    y: NDArray[Any],
    places: NDArray[np.intp],
    proposed: NDArray[Any],
    *,
    doubted: NDArray[np.intp],
    spread: Numbers | None = None,
    batch_size: int = CHUNK,
    show_progress: Show = False,
) -> list[Like]:
    """The rows with the most similar gradients, with the proposed label and with the given one.

    Args:
        network: The one whose gradients are compared.
        table: The raw table, whose numbers, ids and labels are told.
        X, y: All of its rows, encoded.
        places: The suspects (m,), from 0.
        proposed: Their class numbers or scaled values (m,).
        doubted: The rows that are left out.
        spread: What residuals usually are around each suspect (m,), as the network scales them.
        batch_size: How many rows at most are in memory at a time; the result does not depend on it.
        show_progress: "auto" shows a bar on a terminal.

    Returns:
        For each suspect up to three rows of either kind.
    """
    exact = network.astype("float64")
    wanted = np.concatenate([np.asarray(proposed), np.asarray(y)[places]])
    asked = np.concatenate([places, places])
    queries = factors_of(exact, X[asked], wanted)
    reach = reaches(wanted, spread) if not network.loss.is_classification else np.zeros(len(wanted))
    out = np.zeros(len(X), np.bool_)
    out[doubted] = out[places] = True
    similar, found = np.zeros((0, len(wanted))), np.zeros((0, len(wanted)), np.intp)
    starts = batch_starts(len(X), rows_at_once(network.sizes, batch_size))
    with progress("neighbours", len(starts), show=show_progress) as advance:
        for start in starts:
            part = np.flatnonzero(~out[start : start + starts.step]) + start
            if len(part):
                cosines = cosines_with(factors_of(exact, X[part], y[part]), queries)
                far = np.abs(np.asarray(y)[part][:, None] - wanted) > reach
                cosines[far] = -np.inf
                similar, found = nearest(np.vstack([similar, cosines]),
                                         np.vstack([found, np.broadcast_to(part[:, None], cosines.shape)]))  # fmt: skip
            advance()
    told = [tuple(neighbours(table, similar[:, q], found[:, q])) for q in range(len(wanted))]
    return [Like(*both) for both in zip(told[: len(places)], told[len(places) :], strict=True)]


def factors_of(network: Network, X: NDArray[Any], y: NDArray[Any]) -> Gradient:
    """The gradients that are compared, as factors: of the losses, or of the answers where these are numbers."""
    if network.loss.is_classification:
        return gradient(network, X, y)
    return pull_back(network, X, np.ones((len(X), network.sizes[-1])))


def cosines_with(rows: Gradient, queries: Gradient) -> Numbers:
    """The cosines (n, m) of all rows with all queries; 0 where one has no gradient."""
    products = np.asarray(rows.gram(queries))
    lengths = np.asarray(rows.norms())[:, None] * np.asarray(queries.norms())
    found: Numbers = np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
    return np.clip(found, -1.0, 1.0, out=found)


def reaches(wanted: Numbers, spread: Numbers | None) -> Numbers:
    """How far a value may lie from each wanted one (2m,): the spread there, a third of the way between both at most."""
    proposed, given = np.split(wanted, 2)
    third = np.abs(given - proposed) / 3
    usual = third if spread is None else np.fmin(third, spread)
    return np.concatenate([usual, usual])


def nearest(similar: Numbers, found: NDArray[np.intp]) -> tuple[Numbers, NDArray[np.intp]]:
    """The three largest entries of each column, the largest first, equal ones in the data's order."""
    order = np.argsort(-similar, axis=0, kind="stable")[:MOST]
    return np.take_along_axis(similar, order, 0), np.take_along_axis(found, order, 0)


def neighbours(table: RawTable, similar: Numbers, places: Sequence[int] | NDArray[np.intp]) -> Iterator[Neighbour]:
    """Rows in the reader's words; those that were no candidates at all are left out."""
    for cosine, place in zip(similar.tolist(), np.asarray(places).tolist(), strict=True):
        if np.isfinite(cosine):
            row = int(table.rows[place])
            name = row if table.ids is None else table.ids[place].item()
            label = None if table.y is None else np.asarray(table.y)[place : place + 1].tolist()[0]
            yield Neighbour(row, name, label, float(cosine))
