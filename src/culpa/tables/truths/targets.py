# SPDX-License-Identifier: MIT
"""Truths about the target: classes of too few rows, one class that outweighs all others, numbers that lie askew."""

from collections.abc import Iterator

import numpy as np

from culpa.reporting.terminal import count, digits, percent
from culpa.tables.raw import RawTable
from culpa.tables.truths.truth import Truth, called, several

__all__ = ["about_target"]

FEWEST = 10
"""A class of fewer rows than this is hardly learnt, and hardly measured."""
SIDES = 5
"""A class of fewer rows than this is hardly on every side: to learn from, to choose the epoch, to be held out."""
OUTWEIGHS = 0.8
"""One class with this share of the rows is told of."""
RULES = 0.9
"""With this share, accuracy says little."""
SKEWED = 3.0
"""The third standardised moment of numbers that lie askew."""
TAIL = 20
"""How many of the largest targets are shown."""


def about_target(table: RawTable) -> Iterator[Truth]:
    """What is to be said of the target, where there is one."""
    if table.y is None:
        return
    if len(table.y) and (table.y == table.y[0]).all():
        sentence = f"every row has the same {called(table.target)}, {called(table.y[0])}: there is nothing to learn"
        yield Truth("target", sentence, table.rows[:0], (table.target,), serious=True)
    elif table.classes is not None:
        yield from small_classes(table)
    else:
        yield from askew(table)


def small_classes(table: RawTable) -> Iterator[Truth]:
    """Classes of few rows, and one of very many."""
    y = np.asarray(table.y)
    labels, index, sizes = np.unique(y, return_inverse=True, return_counts=True)
    order = np.argsort(sizes, kind="stable")
    few = [k for k in order.tolist() if sizes[k] < FEWEST]
    if few:
        listed = several([f"{called(labels[k])} ({sizes[k]:,})" for k in few])
        alone = int((sizes == 1).sum())
        have = "has" if len(few) == 1 else "have"
        sentence = f"{count(len(few), 'class', 'classes')} {have} fewer than {FEWEST} rows: {listed}"
        if alone:
            sentence += "; of a single row nothing can be held out" if len(few) == 1 else f"; {alone:,} of a single row"
        at = np.flatnonzero(np.isin(index, few))
        at = at[np.argsort(sizes[index[at]], kind="stable")]
        too_few = bool(sizes[few[0]] < SIDES)
        yield Truth("classes", sentence, table.rows[at], (table.target,), serious=too_few)
    largest = int(order[-1])
    share = float(sizes[largest] / len(y))
    if share >= OUTWEIGHS:
        sentence = (
            f"{percent(share)} of the rows are {called(labels[largest])}: whoever always says so is right that often, "
            f"and knows none of the other {len(y) - sizes[largest]:,}"
        )
        rows = table.rows[np.flatnonzero(index != largest)]
        yield Truth("imbalance", sentence, rows, (table.target,), serious=share >= RULES)


def askew(table: RawTable) -> Iterator[Truth]:
    """A target whose largest values rule its squared errors."""
    y = np.asarray(table.y, np.float64)
    size = float(np.abs(y).max()) or 1.0
    z = y / size - float((y / size).mean())
    deviation = float(np.sqrt((z**2).mean()))
    skew = float((z**3).mean() / deviation**3) if deviation > 1e-12 else 0.0
    if abs(skew) < SKEWED:
        return
    end = "largest" if skew > 0 else "smallest"
    order = np.argsort(-y if skew > 0 else y, kind="stable")
    part = np.abs(z[order[: max(1, len(y) // 100)]]) ** 2
    remedy = "; its logarithm may be easier to learn" if skew > 0 and y.min() > 0 else ""
    sentence = (
        f"the {end} 1 % of {called(table.target)} make {percent(float(part.sum() / (z**2).sum()))} of its squared "
        f"spread (median {digits(float(np.median(y)))}, {end} {digits(float(y[order[0]]))}){remedy}"
    )
    yield Truth("skew", sentence, table.rows[order[:TAIL]], (table.target,))
