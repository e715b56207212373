# SPDX-License-Identifier: MIT
"""The forest: nobody judges what he has seen, groups stay whole, and the number of cores changes nothing."""

import threading
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier, ExtraTreeClassifier

from culpa.blaming.labels import forest
from culpa.blaming.labels.forest import bag_counts, forest_probabilities, grown, tree_count
from culpa.engine.streams import stream

Table = tuple[NDArray[np.float32], NDArray[np.intp]]


def rows(n: int = 120, seed: int = 0) -> Table:
    """Inputs, and three classes that follow from them but for a little."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, 4)).astype(np.float32)
    return X, np.digitize(X[:, 0] + 0.3 * random.normal(size=n), [-0.5, 0.5])


def by_hand(X: Any, y: Any, w: Any, trees: int, seed: int) -> NDArray[np.float64]:
    """The same tree by tree and row by row."""
    said: list[list[NDArray[np.float64]]] = [[] for _ in y]
    for place, one in enumerate(stream(seed, "forest").integers(2**31, size=trees).tolist()):
        bag = bag_counts(len(y), None, 10**6, one)
        tree = DecisionTreeClassifier(min_samples_leaf=2, max_features="sqrt", random_state=one)
        if place % 2:
            tree = ExtraTreeClassifier(min_samples_leaf=1, max_features="sqrt", random_state=one)
        tree.fit(X, y, sample_weight=bag * w)
        for row in np.flatnonzero(bag * w == 0):
            said[row].append(tree.predict_proba(X[row : row + 1])[0])
    frequencies = np.array([w[y == label].sum() for label in range(3)]) / w.sum()
    return np.array([np.mean(each, axis=0) if each else frequencies for each in said])


@pytest.mark.parametrize("trees", [1, 7])
def test_rows_are_judged_by_the_trees_that_have_not_seen_them_and_else_by_the_frequencies(trees: int) -> None:
    X, y = rows()
    w = np.random.default_rng(1).integers(0, 3, size=len(y)).astype(float)
    found = forest_probabilities(X, y, 3, weights=w, trees=trees, seed=5)
    np.testing.assert_allclose(found, by_hand(X, y, w, trees, 5), atol=1e-12)
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(found, by_hand(X, y, np.ones(len(y)), trees, 5), atol=1e-12)


def test_what_is_said_of_a_row_does_not_depend_on_its_own_label() -> None:
    X, y = rows()
    changed = y.copy()
    changed[7] = (y[7] + 1) % 3
    before, after = (forest_probabilities(X, each, 3, trees=20) for each in (y, changed))
    np.testing.assert_array_equal(before[7], after[7])
    assert (before != after).any(axis=1).sum() > 20  # those whose trees have seen it


def test_the_number_of_cores_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for cores in (1, 3):
        monkeypatch.setattr(forest, "core_count", lambda cores=cores: cores)
        found.append(forest_probabilities(*rows(), 3, trees=11))
    np.testing.assert_array_equal(*found)
    assert (forest_probabilities(*rows(), 3, trees=11, seed=1) != found[0]).any()


def test_a_group_is_in_a_bag_or_out_of_it_as_a_whole() -> None:
    groups = np.repeat(np.arange(40), 3)
    counts = bag_counts(120, groups, 10**6, 3).reshape(40, 3)
    assert (counts == counts[:, :1]).all()
    assert not (bag_counts(120, None, 10**6, 3).reshape(40, 3) == counts).all()


def test_groups_that_know_their_own_label_leak_it_only_where_they_are_torn() -> None:
    random = np.random.default_rng(0)
    groups = np.repeat(np.arange(30), 6)
    X = random.normal(size=(30, 3))[groups] + 1e-3 * random.normal(size=(180, 3))
    y = random.integers(2, size=30)[groups]
    right = [
        (forest_probabilities(X, y, 2, trees=40, groups=given).argmax(axis=1) == y).mean() for given in (groups, None)
    ]
    assert right[0] < 0.75
    assert right[1] > 0.95


def test_a_row_without_weight_is_not_told_its_groups_label_either():
    random = np.random.default_rng(0)
    groups = np.repeat(np.arange(40), 6)
    X = random.normal(size=(40, 3))[groups] + 1e-3 * random.normal(size=(240, 3))
    y = random.integers(2, size=40)[groups]
    w = np.where(np.arange(240) % 3, 1.0, 0.0)
    found = forest_probabilities(X, y, 2, trees=60, weights=w, groups=groups)
    own = found[np.arange(240), y]
    assert abs(own[w == 0].mean() - own[w > 0].mean()) < 0.05
    told = forest_probabilities(X, y, 2, trees=60, weights=w)
    assert told[np.arange(240), y][w == 0].mean() > 0.9


def test_very_many_classes_are_no_reason_to_warn_once_a_tree():
    X, _ = rows()
    assert forest_probabilities(X, np.arange(120), 120, trees=4).shape == (120, 120)


def test_classes_that_no_row_has_get_nothing_and_rows_without_weight_teach_nothing() -> None:
    X, y = rows()
    found = forest_probabilities(X, 2 * y, 1000, trees=9)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert found.shape == (120, 1000)
    assert not found[:, 1::2].any()
    w = np.ones(120)
    w[:20] = 0
    twisted = np.where(w > 0, y, (y + 1) % 3)
    np.testing.assert_array_equal(*(forest_probabilities(X, each, 3, trees=9, weights=w) for each in (y, twisted)))


def test_of_many_rows_a_tree_draws_some_and_the_fewer_trees_leave_a_row_out_as_often() -> None:
    assert bag_counts(1000, None, 100, 0).sum() == 100
    assert bag_counts(1000, np.arange(1000) // 10, 100, 0).sum() == 100
    assert tree_count(1000, 10**6) == 300
    out = [tree_count(1000, bag) * (1 - 1 / 1000) ** min(bag, 1000) for bag in (10, 100, 500, 5000)]
    np.testing.assert_allclose(out, 300 * np.exp(-1), rtol=0.02)


def test_only_a_few_trees_are_grown_ahead_and_an_interruption_leaves_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forest, "core_count", lambda: 2)
    asked, threads = [], threading.active_count()
    votes = grown(asked.append, 50)
    next(votes)
    assert len(asked) <= 4
    votes.close()

    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(forest, "vote", interrupted)
    with pytest.raises(KeyboardInterrupt):
        forest_probabilities(*rows(), 3, trees=8)
    assert threading.active_count() == threads
