# SPDX-License-Identifier: MIT
"""Baselines: what simple predictors by scikit-learn reach on the same split, as a measure for the network.

A linear model of some hundred inputs has learnt what it can long before 50,000 rows. It is fitted to so many at the
most, drawn from the training rows, and is then called so; all held-out rows measure it.
"""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.engine.streams import stream
from culpa.reporting.progress import Show, progress
from culpa.training.threads import blas_threads

__all__ = ["baseline_scores", "fit_baselines", "in_peace"]

Rows = tuple[NDArray[Any], NDArray[Any], NDArray[np.float64] | None]
"""Inputs, targets and weights."""
MOST_ROWS = 50_000
"""A linear model on more rows takes longer than the network, and copies them."""


def fit_baselines(train: Rows, *, classification: bool, show_progress: Show = False) -> dict[str, Any]:
    """A linear model, and the majority class or the mean, each fitted, by name.

    Args:
        train: What they learn from: X (n, d), y (n,), weights (n,) or None.
        classification: Whether the targets are classes.
        show_progress: "auto" shows a bar on a terminal.
    """
    from sklearn.dummy import DummyClassifier, DummyRegressor
    from sklearn.linear_model import LogisticRegression, Ridge

    fewer = drawn(train, classification=classification)
    some = "" if fewer is train else f" on {len(fewer[0]):,} rows"
    linear, simple = (
        (("logistic", LogisticRegression(max_iter=300)), ("majority", DummyClassifier()))
        if classification
        else (("ridge", Ridge()), ("mean", DummyRegressor()))
    )
    models: dict[str, Any] = {f"{linear[0]} regression{some}": linear[1], simple[0]: simple[1]}
    # Its products are small: a second thread would mostly wait for the first.
    with in_peace(), blas_threads(1), progress("baselines", None, show=show_progress):
        for model, (X, y, weights) in zip(models.values(), (fewer, train), strict=True):
            model.fit(X, y, sample_weight=weights)
    return models


def baseline_scores(models: Mapping[str, Any], held: Rows) -> dict[str, float]:
    """Accuracy or R² of each fitted model on rows that it has not seen; NaN for a single row."""
    X, y, weights = held
    with in_peace():
        return {
            name: float(model.score(X, y, sample_weight=weights)) if len(X) > 1 else float("nan")
            for name, model in models.items()
        }


@contextmanager
def in_peace() -> Iterator[None]:
    """Without two warnings: a baseline that stopped after 300 steps is one still, as is one of very many classes."""
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.filterwarnings("ignore", "The number of unique classes", UserWarning)
        yield


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
