# SPDX-License-Identifier: MIT
"""Bags: nobody judges what he has seen, and wrong values come first."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import culpa
from culpa.blaming.labels import bags
from culpa.blaming.labels.bags import boosting_answers, dealt, network_answers, target_scores
from culpa.blaming.labels.scores import Scores
from culpa.errors import DataError, UnfinishedError

OPTIONS = {"batch_size": 16, "learning_rate": 0.01, "schedule": "cosine", "patience": None, "epochs": 3}


@pytest.fixture(autouse=True)
def few_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small tables need no more."""
    monkeypatch.setattr(bags, "EPOCHS", 25)


def rows(n: int, seed: int = 0) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Inputs, and targets that follow from them but for a little."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, 3))
    return X, np.sin(2 * X[:, 0]) + X[:, 1] + 0.1 * random.normal(size=n)


def scores(X: Any, y: Any, **more: Any) -> Scores:
    """What a small network's bags and boosting say."""
    start = culpa.Network.fresh([X.shape[1], 8, 1], loss="squared_error")
    return target_scores(start, X, y, options=OPTIONS, jobs=1, show_progress=False, **more)


def test_what_is_proposed_for_a_row_does_not_depend_on_its_own_value() -> None:
    X, y = rows(60)
    changed = y.copy()
    changed[7] += 100.0
    before, after = scores(X, y).proposed, scores(X, changed).proposed
    assert after[7] == before[7]
    assert (after != before).sum() > 20  # those that learnt from it


def test_what_is_proposed_for_a_group_does_not_depend_on_its_values() -> None:
    X, y = rows(60)
    groups = np.array([f"house {k // 4}" for k in range(60)])
    changed = y.copy()
    changed[8:12] += 100.0
    before, after = scores(X, y, groups=groups).proposed, scores(X, changed, groups=groups).proposed
    np.testing.assert_array_equal(after[8:12], before[8:12])
    alone = scores(X, y).proposed[8:12], scores(X, changed).proposed[8:12]
    assert not np.array_equal(*alone)  # by rows, one of a group sees the others


def test_rows_without_weight_are_judged_and_never_learnt_from() -> None:
    X, y = rows(60)
    w = np.linspace(1, 2, 60)
    w[:6] = 0
    changed = y.copy()
    changed[:6] += 100.0
    before, after = scores(X, y, weights=w), scores(X, changed, weights=w)
    np.testing.assert_array_equal(after.proposed, before.proposed)
    np.testing.assert_array_equal(after.suspicion[6:], before.suspicion[6:])
    assert (after.suspicion[:6] > 0.9).all()


def test_an_answer_is_the_mean_over_the_dealings_in_each_of_which_somebody_has_not_seen_the_row() -> None:
    X, y = rows(60)
    start = culpa.Network.fresh([3, 8, 1], loss="squared_error")
    dealings = [dealt(60, None, None, seed) for seed in (1, 2, 3)]
    seeds = list(range(15))
    apart = [
        network_answers(start, X, y, [one], seeds[5 * k : 5 * k + 5], options=OPTIONS, jobs=1)
        for k, one in enumerate(dealings)
    ]
    together = network_answers(start, X, y, dealings, seeds, options=OPTIONS, jobs=1)
    np.testing.assert_allclose(together, np.mean(apart, axis=0), rtol=1e-5)  # they answer in float32
    apart = [boosting_answers(X, y, [one]) for one in dealings]
    np.testing.assert_allclose(boosting_answers(X, y, dealings), np.mean(apart, axis=0), rtol=1e-12)
    assert not np.allclose(apart[0], apart[1])


def test_every_row_is_left_out_once_in_a_dealing() -> None:
    for n, weights, groups in (
        (23, None, None),
        (3, None, None),
        (23, (np.arange(23) % 2).astype(float), None),
        (23, None, np.arange(23) // 10),
    ):
        folds = dealt(n, weights, groups, seed=1)
        np.testing.assert_array_equal(np.sort(np.concatenate(folds)), np.arange(n))
        assert all(0 < len(bags.others(fold, n, weights)) < n for fold in folds)


def test_exchanged_values_come_first() -> None:
    X, y = rows(200)
    wrong = np.array([3, 50, 111, 180])
    y[wrong] += np.array([4.0, -4.0, 4.0, -4.0])
    found = scores(X, y)
    assert set(np.argsort(-found.suspicion)[:4].tolist()) == set(wrong.tolist())
    assert found.wrong is not None
    assert found.wrong.likely > 1
    assert found.residual is not None
    assert (np.sign(found.residual[wrong]) == [1, -1, 1, -1]).all()
    assert found.method == "bags and boosting"
    assert found.losses is None


def test_the_same_seed_says_the_same_and_another_one_something_else() -> None:
    X, y = rows(40)
    first = scores(X, y, seed=3).proposed
    np.testing.assert_array_equal(scores(X, y, seed=3).proposed, first)
    assert not np.array_equal(scores(X, y, seed=4).proposed, first)


@pytest.mark.parametrize("n", [2, 3, 10])
def test_tiny_tables_get_an_answer(n: int) -> None:
    X, y = rows(n)
    found = scores(X, y)
    assert np.isfinite(found.suspicion).all()
    assert found.spread is not None
    assert np.isfinite(found.spread).all()


def test_one_row_or_one_group_is_refused() -> None:
    X, y = rows(20)
    with pytest.raises(DataError, match="two rows or more"):
        scores(X[:1], y[:1])
    with pytest.raises(DataError, match="two groups or more"):
        scores(X, y, groups=np.repeat("a", 20))
    with pytest.raises(DataError, match="two rows or more"):
        scores(X, y, weights=np.eye(20)[4])


def test_the_network_in_the_bag_is_the_readers_with_hubers_loss() -> None:
    start = culpa.Network.fresh([3, 7, 5, 1], hidden=["tanh", "relu"], loss="squared_error", l2=0.02, dtype="float64")
    found = bags.fresh_like(start, 5)
    assert (found.sizes, found.l2, found.dtype, found.loss.name) == (start.sizes, 0.02, start.dtype, "huber")
    assert [layer.activation for layer in found.layers] == [layer.activation for layer in start.layers]


def test_control_c_among_the_networks_is_control_c(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise UnfinishedError("Interrupted.", {}) from KeyboardInterrupt()

    monkeypatch.setattr(bags, "fit_many", interrupted)
    with pytest.raises(KeyboardInterrupt):
        scores(*rows(20))


def test_a_training_that_diverges_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def diverged(*_: Any, **__: Any) -> None:
        raise UnfinishedError("Network 3 failed.", {})

    monkeypatch.setattr(bags, "fit_many", diverged)
    with pytest.raises(UnfinishedError, match="Network 3"):
        scores(*rows(20))
