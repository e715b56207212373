# SPDX-License-Identifier: MIT
"""Arguments: which columns of a suspected row speak for the proposed label or value and against the given one.

    classes    m = log p(proposed)/p(given)            numbers    m = ± what is predicted, towards the proposed value
    effect     m(row) − m(row with the column replaced by its usual value), where it is large enough to say something

All inputs of a column are replaced at once, by those of its usual value: what that is is told in `usual`. What is
measured is one network's answer: of columns that say the same thing each may count for little. Of a replaced column
only a_1 changes, by (x′ − x) W_1ᵀ over its inputs, so that wide tables cost no more passes through their first layer.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.labels.report import Argument
from culpa.blaming.labels.usual import Span, column_inputs, typical_rows
from culpa.engine.forward import forward
from culpa.engine.network import Network
from culpa.reporting.terminal import digits
from culpa.tables.column import Column
from culpa.tables.columns import Columns
from culpa.tables.raw import RawTable

__all__ = ["arguments_for", "in_words"]

MOST = 3
"""So many columns are told."""
LEAST = 0.1
"""An effect below this share of the strongest is no argument."""
NATS, WAY = 0.1, 0.05
"""Nor is one that changes the odds by less than a tenth, or a number by less than this share of what is in dispute."""
MISSING = "missing"
Numbers = NDArray[np.float64]


def arguments_for(
    network: Network,
    table: RawTable,
    X: NDArray[Any],
    places: NDArray[np.intp],
    given: NDArray[Any],
    proposed: NDArray[Any],
    *,
    usual: NDArray[np.intp] | None = None,
) -> list[tuple[Argument, ...]]:
    """The columns that argue most for what is proposed, the strongest first.

    Args:
        network: The one that is asked, with its columns.
        table: The raw table, whose own values are told.
        X: All of its rows, encoded (n, d_0).
        places: The suspected rows (m,), from 0.
        given, proposed: Their class numbers or scaled values (m,).
        usual: The rows, from 0, of which values are usual; all by default.

    Returns:
        For each suspect up to three Arguments: the effect in nats, of a number in the unit of the target. None where
        every column holds what is usual, or the network makes nothing of them.
    """
    columns, exact = network.columns, network.astype("float64")
    rows = np.asarray(X[places], np.float64)
    first = exact.layers[0]
    a = rows @ first.W.T + (0.0 if first.b is None else first.b)
    spans = list(column_inputs(columns))
    typical = typical_rows(spans, X, np.arange(len(X)) if usual is None else usual)
    now = leaning(exact, a, columns, given, proposed)
    effects = np.empty((len(spans), len(places)))
    for j, (span, place) in enumerate(zip(spans, typical, strict=True)):
        step = np.asarray(X[place, span.inputs], np.float64) - rows[:, span.inputs]
        effects[j] = now - leaning(exact, a + step @ first.W[:, span.inputs].T, columns, given, proposed)
    floors = np.full(len(places), NATS)
    if not network.loss.is_classification:
        floors = WAY * np.abs(np.asarray(proposed) - np.asarray(given)) * columns.target_scale
    return [tuple(strongest(table, spans, typical, *row)) for row in zip(places, effects.T, floors, strict=True)]


def strongest(
    table: RawTable, spans: list[Span], typical: list[int], place: np.intp, effects: Numbers, floor: float
) -> Iterator[Argument]:
    """The three largest effects of one row that are large enough, also beside the first."""
    for j in np.argsort(-effects, kind="stable")[:MOST]:
        if effects[j] <= max(floor, LEAST * effects.max()):
            return
        column = spans[j].column
        values = table.frame[column.name]
        stand_in = in_words(values[typical[j]], column)
        known = column.kind != "category" or not column.other or stand_in in (*column.levels, MISSING)
        yield Argument(column.name, in_words(values[int(place)], column), stand_in if known else "other",
                       float(effects[j]))  # fmt: skip


def leaning(network: Network, a: Numbers, columns: Columns, given: NDArray[Any], proposed: NDArray[Any]) -> Numbers:
    """How far the network leans towards what is proposed (m,), from the first layer's sums a_1 (m, d_1)."""
    last = a
    if len(network.layers) > 1:
        rest = replace(network, layers=network.layers[1:])
        last = forward(rest, network.layers[0].activation.value(a))[-1].a
    if not network.loss.is_classification:
        said: Numbers = network.loss.output.value(last)[:, 0]
        return said * columns.target_scale * np.where(proposed < given, -1.0, 1.0)
    if last.shape[1] == 1:  # one output is the second class's
        last = np.hstack([np.zeros_like(last), last])
    each = np.arange(len(last))
    lean: Numbers = last[each, proposed] - last[each, given]
    return lean


def in_words(value: Any, column: Column | None) -> str:
    """A value of a column, known or not, as its owner would write it, with six digits where it has many more.

    Example:
        >>> [in_words(value, Column("price", "number")) for value in (1500.0, 12.25, 2 / 3, None)]
        ['1500', '12.25', '0.666667', 'missing']
    """
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return digits(value)
    if hasattr(value, "strftime"):
        if column is not None and column.form is not None and "%" in column.form:
            return str(value.strftime(column.form))
        return str(value).removesuffix(" 00:00:00")
    return str(value)
