# SPDX-License-Identifier: MIT
"""The forest: a witness of another kind, which says of each row what the trees say that have not seen it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.reporting.progress import Show, progress

__all__ = ["forest_probabilities"]

TREES = 300
LEAF = 2
"""Rows a leaf at least."""


def forest_probabilities(
    X: NDArray[Any],
    y: NDArray[np.intp],
    classes: int,
    *,
    weights: NDArray[np.float64] | None = None,
    groups: NDArray[Any] | None = None,
    seed: int = 0,
    show_progress: Show = False,
) -> NDArray[np.float64]:
    """Out-of-bag class probabilities (n, K) of a random forest."""
    from sklearn.ensemble import RandomForestClassifier

    with progress("forest", None, show=show_progress):
        forest = RandomForestClassifier(TREES, min_samples_leaf=LEAF, oob_score=True, random_state=seed, n_jobs=2)
        forest.fit(X, y, sample_weight=weights)
    found = np.zeros((len(y), classes))
    found[:, forest.classes_] = np.nan_to_num(forest.oob_decision_function_)
    return found
