# SPDX-License-Identifier: MIT
"""Splitting: which rows are held out. Stratified by class where there are classes; its own random stream."""

from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.engine.streams import stream
from culpa.errors import DataError, OptionError

__all__ = ["split_rows"]

Rows = NDArray[np.intp]


def split_rows(n: int, fraction: float, *, classes: NDArray[Any] | None = None, seed: int = 0) -> tuple[Rows, Rows]:
    """Split `n` rows into those to keep and those to hold out.

    Args:
        n: How many rows there are.
        fraction: The share held out, above 0 and below 1; at least one row stays on either side.
        classes: Each row's class (n,); then every class is held out in proportion, and a class of a single row is kept.
        seed: The same seed gives the same split, whatever else is drawn.

    Returns:
        Two sorted arrays of row numbers: kept, held out.

    Raises:
        OptionError: If the fraction is not between 0 and 1.
        DataError: If there are fewer than two rows, or all belong to one class.

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
    held = random.permutation(n)[:count] if classes is None else stratified(classes, count, random)
    kept = np.setdiff1d(np.arange(n), held)
    return kept, np.sort(held)


def stratified(classes: NDArray[Any], count: int, random: np.random.RandomState) -> Rows:
    """Choose `count` rows to hold out, each class in proportion."""
    from sklearn.model_selection import train_test_split

    _, index, sizes = np.unique(classes, return_inverse=True, return_counts=True)
    if len(sizes) < 2:
        raise DataError(
            f"Splitting needs two classes or more; all {len(classes):,} rows have the class {classes[0].item()!r}.",
            hint="is this the right target column?",
        )
    several = np.flatnonzero(sizes[index] > 1)
    strata = index[several]
    n_strata = len(np.unique(strata))
    if n_strata == 0 or count < n_strata or len(several) - count < n_strata:
        # So few rows that not every class can be on both sides: chance decides, and spares the classes of one row.
        return random.permutation(several if len(several) > count else len(classes))[:count]
    held: Rows = train_test_split(several, test_size=count, stratify=strata, random_state=random)[1]
    return held
