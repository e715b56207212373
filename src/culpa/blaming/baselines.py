# SPDX-License-Identifier: MIT
"""Baselines: what simple predictors by scikit-learn reach on the same split, as a measure for the network.

A linear model of some hundred inputs has learnt what it can long before 100,000 rows. It is fitted to so many at the
most, drawn from the training rows, and is then called so; all held-out rows measure it.
"""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.engine.streams import stream

__all__ = ["baseline_scores"]

Rows = tuple[NDArray[Any], NDArray[Any], NDArray[np.float64] | None]
"""Inputs, targets and weights."""
MOST_ROWS = 100_000
"""A linear model on more rows takes longer than the network, and copies them."""


def baseline_scores(train: Rows, held: Rows, *, classification: bool) -> dict[str, float]:
    """Accuracy or R² of a linear model, and of the majority class or the mean.

    Args:
        train: What they learn from: X (n, d), y (n,), weights (n,) or None.
        held: What they are measured on.
        classification: Whether the targets are classes.
    """
    from sklearn.dummy import DummyClassifier, DummyRegressor
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression, Ridge

    fewer = drawn(train, classification=classification)
    some = "" if fewer is train else f" on {len(fewer[0]):,} rows"
    models: dict[str, tuple[Any, Rows]]
    if classification:
        models = {
            f"logistic regression{some}": (LogisticRegression(max_iter=300), fewer),
            "majority": (DummyClassifier(), train),
        }
    else:
        models = {f"ridge regression{some}": (Ridge(), fewer), "mean": (DummyRegressor(), train)}
    with warnings.catch_warnings():
        # A baseline that stopped after 300 steps is a baseline still.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return {
            name: float(model.fit(X, y, sample_weight=weights).score(held[0], held[1], sample_weight=held[2]))
            if len(held[0]) > 1
            else float("nan")
            for name, (model, (X, y, weights)) in models.items()
        }


def drawn(rows: Rows, *, classification: bool) -> Rows:
    """The rows themselves, or as many of them as a linear model needs, one of each class among them."""
    X, y, weights = rows
    if len(X) <= MOST_ROWS:
        return rows
    counting = np.arange(len(X)) if weights is None else np.flatnonzero(weights > 0)
    first = np.unique(y[counting], return_index=True)[1] if classification else np.zeros(0, np.intp)
    others = stream(0, "baselines").permutation(np.delete(counting, first))[: MOST_ROWS - len(first)]
    picked = np.sort(np.concatenate([counting[first], others]))
    return X[picked], y[picked], None if weights is None else weights[picked]
