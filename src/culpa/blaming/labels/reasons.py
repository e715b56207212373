# SPDX-License-Identifier: MIT
"""Reasons: why the first suspects are suspected, in columns, neighbours and twins. How each is found is not known here.

The network that is asked is the one trained in the first place. It has learnt from most of the suspects, given labels
and all, but stopped at its best epoch, before it knew most of its rows by heart: what it says of a suspect is what the
other rows have taught it, bent towards the given label. So the arguments are rather too small than too large.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.labels.arguments import arguments_for
from culpa.blaming.labels.neighbours import neighbours_for
from culpa.blaming.labels.report import Reasons
from culpa.blaming.labels.scores import Scores
from culpa.blaming.labels.twins import Twins, twins_of
from culpa.engine.network import Network
from culpa.engine.predicting import CHUNK
from culpa.errors import DataError
from culpa.reporting.progress import Show
from culpa.tables.raw import RawTable

__all__ = ["FIRST", "reasons_for"]

FIRST = 20
"""So many suspects get reasons."""


def reasons_for(
    network: Network,
    table: RawTable,
    X: NDArray[Any],
    y: NDArray[Any],
    scores: Scores,
    places: Any = None,
    *,
    twins: Twins | None = None,
    usual: NDArray[np.intp] | None = None,
    batch_size: int = CHUNK,
    show_progress: Show = False,
) -> dict[int, Reasons]:
    """Say why rows are suspected.

    Args:
        network: A network that does not know the rows by heart, with its columns.
        table: The raw table.
        X, y: All of its rows as `network.columns` encodes them, in the table's order.
        scores: What is proposed for each row, and how suspicious it is.
        places: Which rows, from 0; by default the first 20 suspects.
        twins: Which rows are the same; found where it is not given.
        usual: The rows, from 0, of which columns' values are usual; all by default.
        batch_size: How many rows are in memory at a time; the reasons do not depend on it.
        show_progress: "auto" shows a bar on a terminal.

    Returns:
        Reasons by the rows' places.

    Raises:
        DataError: If the network knows no columns.
    """
    if network.columns is None:
        raise DataError("The network knows no columns, in which reasons are told.", hint="`investigate` trains one.")
    order = np.argsort(-scores.suspicion, kind="stable")
    chosen = np.asarray(order[:FIRST] if places is None else places, np.intp)
    if not len(chosen):
        return {}
    y, proposed = np.asarray(y), scores.proposed[chosen]
    found = twins_of(table) if twins is None else twins
    columns = arguments_for(network, table, X, chosen, y[chosen], proposed, usual=usual)
    like = neighbours_for(
        network,
        table,
        X,
        y,
        chosen,
        proposed,
        doubted=order[: doubted(scores, len(chosen))],
        spread=None if scores.spread is None else scores.spread[chosen],
        batch_size=batch_size,
        show_progress=show_progress,
    )
    return {
        place: Reasons(columns[i], *like[i], tuple(table.rows[found.of(place)].tolist()))
        for i, place in enumerate(chosen.tolist())
    }


def doubted(scores: Scores, least: int) -> int:
    """How many of the first rows are no evidence: those that look wrong, and never more than half."""
    likely = 0 if scores.wrong is None else round(scores.wrong.likely)
    return min(max(least, likely), len(scores.suspicion) // 2)
