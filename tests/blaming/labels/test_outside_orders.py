# SPDX-License-Identifier: MIT
"""Probabilities in an order of their own: a warning where chance does as well, none where a model is just poor."""

import itertools
import warnings

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

import culpa
from culpa.blaming.labels.outside_files import doubtful, read_probabilities
from culpa.errors import CulpaWarning, DataError, FileError, ShapeError

X, Y = load_iris(return_X_y=True)
IRIS = culpa.read_table({"a": X[:, 0], "species": Y.astype(str)}, "species").raw
GOOD = cross_val_predict(LogisticRegression(max_iter=500), X, Y, method="predict_proba", cv=5)
SEEDS = 150


def table_of(y):
    """A table of these classes."""
    return culpa.read_table({"a": np.arange(len(y)) * 1.5, "kind": np.asarray(y).astype(str)}, "kind").raw


def warns(said, table):
    """Whether the order of these is doubted."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        doubtful("pp.npy", said, table)
    return bool(told)


def test_shuffled_rows_and_exchanged_columns_are_doubted_and_the_right_ones_are_not():
    assert not warns(GOOD, IRIS)
    doubted = [warns(GOOD[np.random.default_rng(seed).permutation(150)], IRIS) for seed in range(SEEDS)]
    assert sum(doubted) >= SEEDS - 2  # three standard errors are passed by luck once in 700 times
    assert all(warns(GOOD[:, order], IRIS) for order in ([1, 2, 0], [2, 0, 1], [1, 0, 2], [0, 2, 1]))


@pytest.mark.parametrize("hard", [False, True])
def test_a_poor_but_honest_model_is_not_doubted(hard):
    """It sees little of the truth: of three classes it has half right, where a third would be chance."""
    for seed in range(SEEDS):
        random = np.random.default_rng(seed)
        y = random.integers(0, 3, 400)
        scores = 0.8 * np.eye(3)[y] + random.normal(size=(400, 3))
        said = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        said = np.eye(3)[said.argmax(axis=1)] if hard else said
        assert not warns(said, table_of(y))


def test_a_model_that_always_says_the_commonest_class_is_heard_by_its_probabilities():
    for seed in range(20):
        random = np.random.default_rng(seed)
        y = (random.random(400) < 0.1).astype(int)
        rare = 0.1 + 0.1 * y + 0.05 * random.random(400)
        said = np.column_stack([1 - rare, rare])
        assert not warns(said, table_of(y))
        assert warns(said[random.permutation(400)], table_of(y)) or seed == 0
    assert not warns(np.tile([0.9, 0.1], (400, 1)), table_of(y)), "rows that are all the same have no order"


def test_the_share_and_the_spread_by_chance_are_those_of_all_orders():
    """Brute force over all 720 orders of six rows, for answers from drawn to right."""
    said, y = np.random.default_rng(5).dirichlet(np.ones(2), 6), np.array([0, 1, 1, 0, 1, 1])
    table, given, orders = table_of(y), np.eye(2)[y], np.array(list(itertools.permutations(range(6))))
    answers = []
    for t in np.linspace(0, 1, 100):
        mixed = (1 - t) * said + t * given
        means = mixed[orders, y].mean(axis=1)
        answers += [warns(mixed, table)]
        assert answers[-1] == (mixed[np.arange(6), y].mean() < means.mean() + 3 * means.std())
    assert answers[0]
    # Of six rows four have one class: 15 orders are all that differ, and even the right one is no surprise.
    assert all(answers)


def saved(folder, array, **how):
    """A file that NumPy has saved."""
    path = folder / "pp.npy"
    np.save(path, array, **how)
    return str(path)


def test_an_array_has_the_rows_of_the_table_and_the_columns_of_its_classes(tmp_path):
    path = saved(tmp_path, GOOD.astype("float32"))
    np.testing.assert_allclose(read_probabilities(path, IRIS), GOOD, rtol=0, atol=1e-6)  # as float32 holds them
    with pytest.warns(CulpaWarning, match=r"pp\.npy: .*mixed up"):
        read_probabilities(saved(tmp_path, GOOD[::-1]), IRIS)


def test_an_array_may_have_the_rows_that_have_no_target_or_not(tmp_path):
    with pytest.warns(CulpaWarning, match="2 of 150 rows"):
        gaps = culpa.read_table({"a": X[:, 0], "species": [None, None, *Y[2:].astype(str)]}, "species").raw
    for array in (GOOD, GOOD[2:]):
        np.testing.assert_allclose(read_probabilities(saved(tmp_path, array), gaps), GOOD[2:], rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("array", "error", "message"),
    [
        (GOOD[:100], ShapeError, r"pp\.npy: .*each of the 150 labels.*\(100, 3\)"),
        (GOOD[:, :2], ShapeError, r"pp\.npy: "),
        (GOOD[:, 0], ShapeError, r"pp\.npy: .*\(150,\)"),
        (GOOD * 2, DataError, r"pp\.npy: .*row 0 "),
        (GOOD.astype(object), FileError, r"pp\.npy: .*cut off, or holds Python's objects.*numpy\.save"),
        (GOOD.astype(str), DataError, r"pp\.npy: .*must hold numbers"),
    ],
    ids=["rows", "columns", "one", "size", "objects", "texts"],
)
def test_an_array_that_does_not_fit_is_refused_by_its_file(tmp_path, array, error, message):
    with pytest.raises(error, match=message):
        read_probabilities(saved(tmp_path, array), IRIS)


def test_an_array_that_was_cut_off_is_refused(tmp_path):
    path = tmp_path / "pp.npy"
    np.save(path, GOOD)
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(FileError, match="cut off"):
        read_probabilities(str(path), IRIS)
