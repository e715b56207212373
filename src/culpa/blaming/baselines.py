# SPDX-License-Identifier: MIT
"""Baselines: what simple predictors by scikit-learn reach on the same split, as a measure for the network."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["baseline_scores"]

Rows = tuple[NDArray[Any], NDArray[Any], NDArray[np.float64] | None]
"""Inputs, targets and weights."""


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

    models: dict[str, Any]
    if classification:
        models = {"logistic regression": LogisticRegression(max_iter=300), "majority": DummyClassifier()}
    else:
        models = {"ridge regression": Ridge(), "mean": DummyRegressor()}
    X, y, weights = train
    with warnings.catch_warnings():
        # A baseline that stopped after 300 steps is a baseline still.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return {
            name: float(model.fit(X, y, sample_weight=weights).score(held[0], held[1], sample_weight=held[2]))
            if len(held[0]) > 1
            else float("nan")
            for name, model in models.items()
        }
