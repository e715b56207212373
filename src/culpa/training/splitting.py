# SPDX-License-Identifier: MIT
"""Splitting: which rows are held out. Stratified by class, groups kept whole; a random stream of its own."""

from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.engine.streams import stream
from culpa.errors import DataError, OptionError, ShapeError

__all__ = ["fold_rows", "split_rows"]

Rows = NDArray[np.intp]
DRAWS = 50
"""Splits by whole groups that are drawn, of which the best is taken."""
ONE_CLASS = "is this the right target column?"


def split_rows(
    n: int, fraction: float, *, classes: NDArray[Any] | None = None, groups: Any = None, seed: int = 0
) -> tuple[Rows, Rows]:
    """Split `n` rows into those to keep and those to hold out.

    Args:
        n: How many rows there are.
        fraction: The share held out, above 0 and below 1; at least one row stays on either side.
        classes: Each row's class (n,); then every class is held out in proportion, and a class of a single row is kept.
        groups: Each row's group (n,), such as a patient or a day, all of whose rows stay on one side; the fraction
            and the classes' shares are then met as well as whole groups allow.
        seed: The same seed gives the same split, whatever else is drawn.

    Returns:
        Two sorted arrays of row numbers: kept, held out.

    Raises:
        OptionError: If the fraction is not between 0 and 1.
        ShapeError: If there is not one group for each row.
        DataError: If there are fewer than two rows or groups, or all rows belong to one class.

    Example:
        >>> kept, held = split_rows(8, 0.25, classes=np.array([0, 0, 0, 0, 1, 1, 1, 1]))
        >>> len(kept), [int(row) // 4 for row in held]
        (6, [0, 1])
    """
    if isinstance(fraction, bool | str) or not isinstance(fraction, float | np.floating) or not 0 < fraction < 1:
        raise OptionError(f"The fraction held out must lie between 0 and 1; got {fraction!r}.")
    if n < 2:
        raise DataError(f"Splitting needs two rows or more; got {n}.")
    random = np.random.RandomState(stream(seed, "splitting").integers(2**32))
    count = min(ceil(n * fraction), n - 1)
    if groups is not None:
        held = whole_groups(n, fraction, groups, classes, random)
    else:
        held = random.permutation(n)[:count] if classes is None else stratified(classes, count, random)
    kept = np.setdiff1d(np.arange(n), held)
    return kept, np.sort(held)


def fold_rows(
    n: int, folds: int, *, classes: NDArray[Any] | None = None, groups: Any = None, seed: int = 0
) -> list[Rows]:
    """Deal `n` rows out to folds of nearly equal size, each to be held out once.

    Args:
        n, folds: How many rows there are, and how many folds, at most as many as rows and groups.
        classes: Each row's class (n,); every class is then dealt out evenly.
        groups: Each row's group (n,), all of whose rows go to one fold, as evenly as whole groups allow.
        seed: The same seed gives the same folds, whatever else is drawn.

    Returns:
        For each fold a sorted array of row numbers; every row is in one of them.

    Example:
        >>> [fold.tolist() for fold in fold_rows(4, 2, classes=np.array([0, 0, 1, 1]))]
        [[1, 3], [0, 2]]
    """
    random = np.random.RandomState(stream(seed, "folds").integers(2**32))
    strata = np.zeros(n, np.intp) if classes is None else np.unique(classes, return_inverse=True)[1]
    if groups is None:
        order = random.permutation(n)
        order = order[np.argsort(strata[order], kind="stable")]
        return [np.sort(order[fold::folds]) for fold in range(folds)]
    index = group_numbers(n, groups)
    counts = np.zeros((index.max() + 1, strata.max() + 1))
    np.add.at(counts, (index, strata), 1)
    order = random.permutation(len(counts))
    totals, where = np.zeros((folds, counts.shape[1])), np.zeros(len(counts), np.intp)
    for group in order[np.argsort(-counts[order].sum(axis=1), kind="stable")]:
        # The largest first, each to where the folds' shares of all classes stay nearest to each other.
        uneven = ((totals + counts[group]) ** 2 - totals**2) @ (1 / counts.sum(axis=0))
        where[group] = int(np.argmin(uneven))
        totals[where[group]] += counts[group]
    return [np.flatnonzero(where[index] == fold) for fold in range(folds)]


def group_numbers(n: int, groups: Any) -> Rows:
    """Each row's group as a number from 0."""
    names = np.asarray(groups)
    if names.ndim != 1 or len(names) != n:
        raise ShapeError(f"`groups` must hold one entry for each of the {n:,} rows; got {names.shape}.")
    return np.unique(names.astype(str) if names.dtype.kind == "O" else names, return_inverse=True)[1]


def stratified(classes: NDArray[Any], count: int, random: np.random.RandomState) -> Rows:
    """Choose `count` rows to hold out, each class in proportion."""
    from sklearn.model_selection import train_test_split

    _, index, sizes = np.unique(classes, return_inverse=True, return_counts=True)
    if len(sizes) < 2:
        raise DataError(
            f"Splitting needs two classes or more; all {len(classes):,} rows have the class {classes[0].item()!r}.",
            hint=ONE_CLASS,
        )
    several = np.flatnonzero(sizes[index] > 1)
    strata = index[several]
    n_strata = len(np.unique(strata))
    if n_strata == 0 or count < n_strata or len(several) - count < n_strata:
        # So few rows that not every class can be on both sides: chance decides, and spares the classes of one row.
        return random.permutation(several if len(several) > count else len(classes))[:count]
    held: Rows = train_test_split(several, test_size=count, stratify=strata, random_state=random)[1]
    return held


def whole_groups(
    n: int, fraction: float, groups: Any, classes: NDArray[Any] | None, random: np.random.RandomState
) -> Rows:
    """Choose groups to hold out: of many draws, the one whose rows and classes come nearest to the fraction."""
    from sklearn.model_selection import GroupShuffleSplit

    index = group_numbers(n, groups)
    count = int(index.max()) + 1
    if count == 1:
        only = np.asarray(groups).tolist()[0]
        raise DataError(f"Splitting needs two groups or more; all {n:,} rows belong to {only!r}.")
    strata = np.zeros(n, np.intp) if classes is None else np.unique(classes, return_inverse=True)[1]
    if classes is not None and strata.max() == 0:
        raise DataError(f"Splitting needs two classes or more; all {n:,} rows have one.", hint=ONE_CLASS)
    wanted = fraction * np.bincount(strata)

    def distance(held: Rows) -> float:
        return float(np.abs(np.bincount(strata[held], minlength=len(wanted)) - wanted).sum())

    out = min(ceil(fraction * count), count - 1)
    draws = GroupShuffleSplit(DRAWS, test_size=out, random_state=random).split(index, groups=index)
    return min((held for _, held in draws), key=distance)
