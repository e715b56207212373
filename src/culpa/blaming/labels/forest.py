# SPDX-License-Identifier: MIT
"""The forest: a witness of another kind, which says of each row what the trees say that have not seen it.

Of every second tree the thresholds are the best ones, of the others they are drawn at random: those are the smoother
trees, and err elsewhere. A few are grown at a time, on all cores, and only the sums are kept of what they say of the
rows left out of their bags: no tree outlives its turn. Rows of one group are in a bag together, or out of it together.
Knows nothing of the network, and not what its probabilities are used for.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.baselines import in_peace
from culpa.engine.streams import stream
from culpa.reporting.progress import Show, progress
from culpa.training.threads import core_count

__all__ = ["BAG", "LEAF", "TREES", "bag_counts", "forest_probabilities", "tree_count"]

TREES = 300
LEAF = 2
"""Rows a leaf at least, where thresholds are the best ones; a drawn one says so little that one row is enough."""
BAG = 50_000
"""Rows that a tree draws at the most."""


class Vote(NamedTuple):
    """What one tree says: the rows it has not seen, the leaf of each, and the leaves' class probabilities."""

    rows: NDArray[np.intp]
    leaves: NDArray[np.intp]
    values: NDArray[np.float64]
    classes: NDArray[np.intp]


def forest_probabilities(
    X: NDArray[Any],
    y: NDArray[np.intp],
    classes: int,
    *,
    weights: NDArray[np.float64] | None = None,
    groups: NDArray[Any] | None = None,
    seed: int = 0,
    trees: int | None = None,
    bag: int = BAG,
    show_progress: Show = False,
) -> NDArray[np.float64]:
    """Say of each row what a random forest's trees say that have not seen it.

    Args:
        X, y: All rows (n, d), encoded, and their class numbers (n,); not every class need be there.
        classes: How many classes there are, K.
        weights, groups: Of the rows (n,); a row of weight 0 is judged and not learnt from.
        seed: The same gives the same numbers, on any number of cores.
        trees, bag: How many trees, by default `tree_count`, and how many rows each one draws at the most.
        show_progress: Whether there is a bar.

    Returns:
        (n, K); a row that was in every bag gets the classes' frequencies.

    Source: Breiman 2001, "Random forests", section 3.1, for the rows out of the bag; Geurts et al. 2006, "Extremely
        randomized trees", section 2.1, for drawn thresholds.
    """
    n, w = len(y), np.ones(len(y)) if weights is None else np.asarray(weights, np.float64)
    inputs, targets = np.ascontiguousarray(X, np.float32), np.asarray(y, np.intp)
    numbers = None if groups is None else np.unique(groups, return_inverse=True)[1].ravel()
    total = tree_count(n, bag) if trees is None else trees
    sums, votes = np.zeros((n, classes)), np.zeros(n)
    seeds = stream(seed, "forest").integers(2**31, size=total).tolist()

    def grow(one: int) -> Vote:
        heavy = w * bag_counts(n, numbers, bag, seeds[one])
        return vote(inputs, targets, heavy, numbers, seeds[one], drawn=one % 2 == 1)

    with progress("forest", total, show=show_progress) as advance, in_peace():
        for found in grown(grow, total):
            votes[found.rows] += 1
            sums[found.rows[:, None], found.classes] += found.values[found.leaves]
            advance()
    frequencies = np.bincount(targets, weights=w, minlength=classes) / w.sum()
    return np.where(votes[:, None] > 0, sums / np.maximum(votes, 1.0)[:, None], frequencies)


def tree_count(n: int, bag: int = BAG) -> int:
    """So many trees that a row is left out by as many of them as where each one draws n of n rows.

    Example:
        >>> tree_count(2_000), tree_count(200_000)
        (300, 142)
    """
    left_out = np.exp(-min(n, bag) / n)
    return int(np.ceil(TREES * np.exp(-1.0) / left_out))


def bag_counts(n: int, groups: NDArray[np.intp] | None, bag: int, seed: int) -> NDArray[np.intp]:
    """How often each row is in a tree's bag (n,): rows are drawn with replacement, or whole groups are.

    Args:
        n: Rows.
        groups: The number of each row's group, from 0, or None.
        bag: Rows that are drawn at the most; of groups, the same share of them.
        seed: The tree's own.
    """
    random, units = np.random.default_rng(seed), n if groups is None else int(groups.max()) + 1
    drawn = max(1, round(units * min(1.0, bag / n)))
    counts = np.bincount(random.integers(units, size=drawn), minlength=units)
    found: NDArray[np.intp] = counts if groups is None else counts[groups]
    return found


def vote(
    X: NDArray[Any],
    y: NDArray[np.intp],
    heavy: NDArray[np.float64],
    groups: NDArray[np.intp] | None,
    seed: int,
    *,
    drawn: bool = False,
) -> Vote:
    """Grow one tree on its bag, and ask it for the rows of which, and of whose group, nothing is in there.

    Args:
        X, y: All rows.
        heavy: What each weighs in the bag (n,), 0 for those that are not in there.
        groups: The number of each row's group, from 0, or None.
        seed: The tree's own.
        drawn: Whether thresholds are drawn, and not the best ones.
    """
    from sklearn.tree import DecisionTreeClassifier, ExtraTreeClassifier

    out = np.flatnonzero((heavy if groups is None else np.bincount(groups, heavy)[groups]) == 0)
    kind, leaf = (ExtraTreeClassifier, 1) if drawn else (DecisionTreeClassifier, LEAF)
    tree = kind(min_samples_leaf=leaf, max_features="sqrt", random_state=seed)
    if not len(out) or not heavy.any():
        return Vote(out[:0], out[:0], np.zeros((0, 1)), np.zeros(1, np.intp))
    tree.fit(X, y, sample_weight=heavy, check_input=False)
    return Vote(out, tree.apply(X[out], check_input=False), tree.tree_.value[:, 0, :], tree.classes_)


def grown(grow: Callable[[int], Vote], total: int) -> Iterator[Vote]:
    """The votes of all trees in their order, a few at a time on all cores; Ctrl-C waits for no others."""
    cores = core_count()
    pool = ThreadPoolExecutor(cores)
    try:
        for start in range(0, total, 2 * cores):
            yield from pool.map(grow, range(start, min(total, start + 2 * cores)))
    finally:
        pool.shutdown(cancel_futures=True)
