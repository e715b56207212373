# SPDX-License-Identifier: MIT
"""Baselines on many rows: fewer are drawn, each class among them; the name says so, and weights of 0 draw nothing."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from culpa.blaming import baselines
from culpa.blaming.baselines import baseline_scores, drawn, fit_baselines

MOST = 50


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch):
    monkeypatch.setattr(baselines, "MOST_ROWS", MOST)


def rows(n, *, weights=None):
    """Two classes, of which the second has a single row."""
    X = np.random.default_rng(0).normal(size=(n, 3)).astype("float32")
    return X, np.eye(n, dtype=int)[n // 2], weights


def test_as_many_rows_as_a_baseline_takes_are_taken_as_they_are():
    given = rows(MOST)
    assert drawn(given, classification=True) is given


@pytest.mark.parametrize("seeds", range(3))
def test_a_draw_has_rows_of_every_class_and_none_twice(seeds):
    X, y, _ = rows(1000 + seeds)
    few, labels, weights = drawn((X, y, None), classification=True)
    assert few.shape == (MOST, 3)
    assert labels.sum() == 1
    assert weights is None
    places = [int(np.flatnonzero((row == X).all(axis=1))[0]) for row in few]
    assert len(set(places)) == MOST
    assert (y[places] == labels).all()


def test_rows_that_weigh_nothing_are_not_drawn():
    weights = np.r_[np.zeros(700), np.ones(20)]
    few, _, kept = drawn((*rows(720)[:2], weights), classification=False)
    assert len(few) == 20
    assert (kept == 1).all()


@pytest.mark.parametrize("classification", [True, False])
def test_the_name_says_how_many_rows_there_were_and_the_score_is_that_of_the_draw(classification):
    X = np.random.default_rng(1).normal(size=(400, 3)).astype("float32")
    y = (X[:, 0] > 0).astype(int) if classification else X @ [1.0, 2.0, 0.0]
    found = baseline_scores(fit_baselines((X, y, None), classification=classification), (X, y, None))
    linear, simple = ("logistic", "majority") if classification else ("ridge", "mean")
    assert list(found) == [f"{linear} regression on {MOST} rows", simple]
    few = drawn((X, y, None), classification=classification)
    twin = LogisticRegression(max_iter=300) if classification else Ridge()
    assert found[f"{linear} regression on {MOST} rows"] == twin.fit(*few[:2]).score(X, y)
