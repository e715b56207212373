# SPDX-License-Identifier: MIT
"""Witnesses: planted labels come first by the record and by the forest beside it, and shuffled ones come nowhere."""

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

import culpa
from culpa.blaming.labels.forest import forest_probabilities
from culpa.blaming.labels.record import mean_probabilities, recorded, rival_losses
from culpa.blaming.labels.scores import EVEN, rival_odds
from culpa.blaming.labels.witnesses import forest_beside, proposals, record_alone
from culpa.blaming.verifying.planting import plant
from culpa.errors import DataError
from culpa.training.record import Examples

K = 3
QUICK: dict[str, Any] = {"learning_rate": 0.01, "batch_size": 16, "show_progress": False}


def clouds(n: int = 240) -> tuple[Any, Any]:
    """Three clouds of points that touch."""
    random = np.random.default_rng(0)
    y = random.integers(K, size=n)
    return random.normal(size=(n, 4)) + 3 * np.eye(K, 4)[y], y


@pytest.fixture(scope="module")
def told() -> tuple[Any, Any, Any, Examples]:
    """Rows, their true and their planted labels, and the record of a training on the planted ones."""
    X, y = clouds()
    planted = plant(y, 0.1, "uniform", seed=4).y
    start = culpa.Network.fresh([4, 16, K], loss="cross_entropy", l2=1e-3)
    return X, y, planted, recorded(start, X, planted, **QUICK, epochs=20)[1]


def test_both_witnesses_put_planted_labels_first_and_propose_the_true_ones(
    told: tuple[Any, Any, Any, Examples],
) -> None:
    X, y, planted, examples = told
    both, alone = forest_beside(examples, X, planted, trees=40, show_progress=False), record_alone(examples, planted)
    for found in (both, alone):
        assert roc_auc_score(planted != y, found.suspicion) > 0.93
        assert (found.proposed == y)[planted != y].mean() > 0.9
        assert (found.proposed != planted).all()
        assert ((found.suspicion >= 0) & (found.suspicion <= 1)).all()
    shuffled = forest_beside(examples, X, np.random.default_rng(0).permutation(planted), trees=10, show_progress=False)
    assert roc_auc_score(planted != y, shuffled.suspicion) < 0.7


def test_both_are_the_mean_of_the_record_and_the_forest_and_only_the_forest_counts_and_proposes(
    told: tuple[Any, Any, Any, Examples],
) -> None:
    X, _, planted, examples = told
    both, alone = forest_beside(examples, X, planted, trees=5, show_progress=False), record_alone(examples, planted)
    grown = forest_probabilities(X, planted, K, trees=5)
    np.testing.assert_allclose(both.probabilities, (mean_probabilities(examples) + grown) / 2)
    np.testing.assert_array_equal(both.proposed, proposals(grown, mean_probabilities(examples), planted))
    assert both.wrong is not None
    assert both.expected is not None
    assert both.expected[-1] * len(planted) == pytest.approx(both.wrong.likely, abs=1e-6)
    assert (alone.wrong, alone.expected, alone.doubts) == (None, None, None)


def test_the_record_ranks_by_the_loss_against_the_strongest_rival(told: tuple[Any, Any, Any, Examples]) -> None:
    _, _, planted, examples = told
    margins = np.asarray(examples.margins, float)
    by_hand = [np.mean([np.log(1 + np.exp(-margin)) for margin in column]) for column in margins.T]
    np.testing.assert_allclose(rival_losses(examples), by_hand, rtol=1e-9)
    order = np.argsort(record_alone(examples, planted).suspicion)
    assert (np.diff(np.array(by_hand)[order]) >= 0).all()
    with pytest.raises(DataError, match="margins"):
        rival_losses(Examples(examples.epochs, examples.losses))


def test_the_odds_rank_two_classes_as_one_minus_p_does_and_are_a_half_where_both_are_alike() -> None:
    p = np.random.default_rng(0).random(50)
    two, given = np.column_stack([p, 1 - p]), np.zeros(50, int)
    np.testing.assert_array_equal(np.argsort(rival_odds(two, given)), np.argsort(1 - p))
    np.testing.assert_allclose(
        rival_odds(np.array([[0.4, 0.4, 0.2], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]), given[:3]), [0.5, 1, 0]
    )
    three = np.random.default_rng(1).dirichlet([1] * 3, size=40)
    by_hand = [np.log((max(row[1:]) + EVEN) / (row[0] + EVEN)) for row in three]
    np.testing.assert_array_equal(np.argsort(rival_odds(three, given[:40])), np.argsort(by_hand))
    assert (np.argsort(rival_odds(three, given[:40])) != np.argsort(1 - three[:, 0])).any()


def test_a_class_that_no_row_has_is_never_in_the_way(told: tuple[Any, Any, Any, Examples]) -> None:
    X, _, planted, _ = told
    start = culpa.Network.fresh([4, 8, 5], loss="cross_entropy")
    _, examples = recorded(start, X, planted + 1, **QUICK, epochs=5)
    found = forest_beside(examples, X, planted + 1, trees=5, show_progress=False)
    assert set(found.proposed.tolist()) == {1, 2, 3}
    assert np.isfinite(found.suspicion).all()


def test_where_the_first_witness_is_torn_the_second_says_and_never_a_class_that_nobody_has() -> None:
    first = np.array([[1.0, 0.0, 0.0, 0.0], [0.8, 0.0, 0.2, 0.0], [0.5, 0.0, 0.0, 0.5]])
    second = np.array([[0.1, 0.5, 0.1, 0.3]] * 3)
    np.testing.assert_array_equal(proposals(first, second, np.array([0, 0, 3])), [3, 3, 0])  # nobody has 1 or 2
    np.testing.assert_array_equal(proposals(first, second, np.array([0, 2, 1])), [1, 0, 0])  # nobody has 3
