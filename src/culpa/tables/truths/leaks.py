# SPDX-License-Identifier: MIT
"""Leaks: columns that give the target away, each alone, measured on rows that the guess was not learnt from.

Guesses are those of a decision tree, of lines between neighbours, and the usual target of a column's level, the best of
them. They are fitted only for columns that pass a cheap test: neighbours in the column's order must have like targets.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from culpa.tables.raw import RawTable
from culpa.tables.truths.truth import Truth, called, several

if TYPE_CHECKING:
    import polars as pl

__all__ = ["about_leaks"]

Numbers = NDArray[np.float64]
Guesser = Callable[[Numbers, Numbers, Numbers, bool], Numbers]
SAMPLE = 2000
"""Rows that are guessed for, drawn at random."""
FEWEST = 20
"""With fewer rows a guess may be right by chance."""
SURE = 0.99
"""The accuracy or R² of a guess from one column that gives the target away."""
ABOVE = 0.9
"""The share of the majority's errors that such a guess must mend."""
LIKELY = 0.9
"""What neighbours must have in common before a guess is worth making."""
ROWS_A_VALUE = 4
"""Rows that a value must have on average, before rows of one value say something of each other."""
DEEP = 6
SINGLE = 1e37
FOLDS = 3
MOST_GUESSED = 60


def about_leaks(table: RawTable) -> Iterator[Truth]:
    """The columns that give the target away alone, one truth for all of them."""
    if table.y is None or not table.names or len(table) < FEWEST or (table.y == table.y[0]).all():
        return
    random = np.random.default_rng(0)
    at = np.sort(random.permutation(len(table))[:SAMPLE])
    frame = table.frame.select(table.names)[at]
    y = targets(table, at)
    if (y == y[0]).all():
        return  # So rare is every other target that a sample has none.
    classes = table.classes is not None
    folds = random.permutation(len(at)) % FOLDS
    found: list[tuple[float, str]] = []
    guessed = 0
    for name in frame.columns:
        x = ordered(frame[name])
        if guessed < MOST_GUESSED and worth_a_guess(x, y, classes):
            guessed += 1
            ordinal = table.judged[name].kind in ("number", "date")
            guessers = [by_level, *([by_tree] if ordinal else []), *([by_line] if ordinal and not classes else [])]
            right = max(guess(guesser, bounded(x), y, folds, classes) for guesser in guessers)
            if gives_away(right, y, classes):
                found.append((right, name))
    if found:
        found.sort(key=lambda entry: -entry[0])
        names = tuple(name for _, name in found)
        yield Truth("leaks", told(names, table.target, found[0][0], classes), table.rows[:0], names, serious=True)


def told(names: tuple[str, ...], target: str, right: float, classes: bool) -> str:
    """The sentence on columns that give the target away, the surest first."""
    how = f"are right on {100 * right:.1f} %" if classes else f"have an R² of {right:.3f} on those"
    others = f"; so {'do' if len(names) > 2 else 'does'} {several(names[1:], most=3)}" if len(names) > 1 else ""
    return (
        f"{called(names[0])} alone gives {called(target)} away: guesses from it {how} of the rows that they were not "
        f"learnt from{others}. Is it known before {called(target)} is?"
    )


def targets(table: RawTable, at: NDArray[np.intp]) -> Numbers:
    """The target as numbers (m,): of classes the numbers they have in order."""
    y = np.asarray(table.y)[at]
    if table.classes is not None:
        return np.unique(y, return_inverse=True)[1].astype(np.float64)
    size = float(np.abs(y).max()) or 1.0
    return np.asarray(y / size, np.float64)


def ordered(column: "pl.Series") -> Numbers:
    """A column as numbers in its order (m,); NaN where a value is missing."""
    import polars as pl

    if column.dtype == pl.Float64:
        return column.to_numpy()
    numbers: Numbers = column.rank("dense").cast(pl.Float64).to_numpy()
    return numbers


def bounded(x: Numbers) -> Numbers:
    """Numbers that single precision holds, as the trees of scikit-learn need; larger ones as their places in order."""
    if not np.nanmax(np.abs(x), initial=0) > SINGLE:
        return x
    places: Numbers = np.unique(x, return_inverse=True)[1].astype(np.float64)
    return np.where(np.isnan(x), np.nan, places)


def worth_a_guess(x: Numbers, y: Numbers, classes: bool) -> bool:
    """Whether neighbours in the order of a column have like targets, or the rows of each of its few values have."""
    order = np.lexsort((y, x))
    x, after = np.nan_to_num(x, nan=np.inf)[order], y[order]
    whole = (after - after.mean()) @ (after - after.mean())
    unlike = (after[1:] != after[:-1]) if classes else (after[1:] - after[:-1]) ** 2
    most = (1 - LIKELY) * len(y) + len(np.unique(y)) if classes else 2 * (1 - LIKELY) * whole
    apart = x[1:] != x[:-1]
    few_values = int(apart.sum()) < len(x) // ROWS_A_VALUE
    return bool(unlike.sum() <= most or (few_values and unlike[~apart].sum() <= most))


def guess(guesser: Guesser, x: Numbers, y: Numbers, folds: NDArray[np.intp], classes: bool) -> float:
    """The accuracy or R² of guesses from one column, each row's learnt from the other folds."""
    said = np.empty(len(y))
    for fold in range(FOLDS):
        known, unknown = folds != fold, folds == fold
        said[unknown] = guesser(x[known], y[known], x[unknown], classes)
    if classes:
        return float((said == y).mean())
    return 1 - float(((said - y) ** 2).sum() / ((y - y.mean()) ** 2).sum())


def by_tree(x: Numbers, y: Numbers, asked: Numbers, classes: bool) -> Numbers:
    """What a shallow tree says."""
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    # Steps must be many and small to follow a line; classes need few.
    kind = DecisionTreeClassifier(max_depth=DEEP, random_state=0) if classes else DecisionTreeRegressor(random_state=0)
    tree: Any = kind
    said: Numbers = tree.fit(x[:, None], y).predict(asked[:, None])
    return said


def by_line(x: Numbers, y: Numbers, asked: Numbers, classes: bool) -> Numbers:
    """The straight line between the two neighbours, which follows any smooth curve; the mean where nothing stands."""
    del classes
    there = ~np.isnan(x)
    if not there.any():
        return np.full(len(asked), y.mean())
    every, index = np.unique(x[there], return_inverse=True)
    means = np.bincount(index, y[there]) / np.bincount(index)
    return np.where(np.isnan(asked), y[~there].mean() if not there.all() else y.mean(), np.interp(asked, every, means))


def by_level(x: Numbers, y: Numbers, asked: Numbers, classes: bool) -> Numbers:
    """The usual target of a level; of all rows for one that is new. A missing value is a level too."""
    usual = majority if classes else np.mean
    x, asked = np.nan_to_num(x, nan=-1.0), np.nan_to_num(asked, nan=-1.0)
    every, index = np.unique(x, return_inverse=True)
    order = np.argsort(index, kind="stable")
    parts = np.split(y[order], np.cumsum(np.bincount(index))[:-1])
    best = np.array([usual(part) for part in parts])
    place = np.minimum(np.searchsorted(every, asked), len(every) - 1)
    return np.where(every[place] == asked, best[place], usual(y))


def majority(y: Numbers) -> float:
    """The most frequent entry."""
    labels, sizes = np.unique(y, return_counts=True)
    return float(labels[sizes.argmax()])


def gives_away(right: float, y: Numbers, classes: bool) -> bool:
    """Whether a guess is so good that its column must know the target."""
    if not classes:
        return right >= SURE
    most = float((y == majority(y)).mean())
    return right >= SURE and right - most >= ABOVE * (1 - most)
