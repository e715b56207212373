# SPDX-License-Identifier: MIT
"""Counting: careful probabilities are calibrated, planted labels are counted, and in-sample ones are no witness."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier

from culpa.blaming.labels.counting import borne_out, calibrated, counted, doubts_of, expected_shares, temperature_of
from culpa.blaming.labels.forest import forest_probabilities
from culpa.blaming.verifying.planting import plant

Table = tuple[NDArray[np.float64], NDArray[np.intp]]


def clouds(n: int = 400, seed: int = 0) -> Table:
    """Four clouds of points that hardly touch."""
    random = np.random.default_rng(seed)
    y = random.integers(4, size=n)
    return random.normal(size=(n, 3)) + 4 * np.eye(4, 3)[y], y


def drawn(temperature: float, n: int = 4000) -> Table:
    """Probabilities that are too careful by a temperature, and labels drawn from the true ones."""
    random = np.random.default_rng(0)
    true = random.dirichlet([2.0] * 3, size=n)
    labels = (random.random((n, 1)) > true.cumsum(axis=1)).sum(axis=1)
    careful = true**temperature
    return careful / careful.sum(axis=1, keepdims=True), labels


@pytest.mark.parametrize("careful", [0.4, 0.7, 1.0])
def test_the_temperature_is_found_under_which_the_labels_were_drawn(careful: float) -> None:
    p, y = drawn(careful)
    assert temperature_of(p, y) == pytest.approx(careful, abs=0.08)
    assert temperature_of(p, np.roll(y, 1)) > 2  # labels of other rows: the less is said, the better


def test_the_temperature_is_where_no_neighbour_is_likelier_also_with_weights() -> None:
    p, y = drawn(0.6, n=300)
    w = np.random.default_rng(1).random(300)
    best = temperature_of(p, y, w)

    def unlikely(t: float) -> float:
        return float(sum(-w[i] * np.log(calibrated(p[i : i + 1], t)[0, y[i]]) for i in range(300)))

    assert unlikely(best) <= min(unlikely(0.98 * best), unlikely(1.02 * best))
    assert temperature_of(p, y) != pytest.approx(best, rel=1e-6)


def test_a_doubt_is_the_lead_of_the_strongest_other_class() -> None:
    p, y = drawn(0.7, n=50)
    said = calibrated(p, temperature_of(p, y))
    for row, doubt in enumerate(doubts_of(p, y)):
        assert doubt == pytest.approx(max(said[row, k] for k in range(3) if k != y[row]) - said[row, y[row]])


@pytest.mark.parametrize("share", [0.05, 0.1])
def test_planted_labels_are_counted_out_of_the_bag_and_never_in_sample(share: float) -> None:
    X, y = clouds()
    planted = plant(y, share, "uniform", seed=1)
    unseen = forest_probabilities(X, planted.y, 4, trees=60)
    likely, low, high = counted(doubts_of(unseen, planted.y))
    assert low < len(planted.rows) < high
    assert likely == pytest.approx(len(planted.rows), rel=0.5)
    seen = RandomForestClassifier(30, random_state=0).fit(X, planted.y).predict_proba(X)
    assert counted(doubts_of(seen, planted.y)).high < len(planted.rows)


def test_the_expected_shares_add_up_to_the_count_and_fall_with_the_doubt() -> None:
    doubts = np.random.default_rng(0).uniform(-1, 1, size=500)
    order = np.argsort(-doubts)
    shares = expected_shares(doubts, order)
    assert shares[-1] * 500 == pytest.approx(counted(doubts).likely, abs=1e-6)
    assert (np.diff(shares) <= 1e-12).all()
    assert not (np.diff(expected_shares(doubts, order[::-1])) <= 0).all()
    some = order[:100]  # as many as are ranked, the others being settled
    assert expected_shares(doubts, some)[-1] * 100 == pytest.approx(counted(doubts[some]).likely, abs=1e-6)


def test_where_nothing_is_doubted_nothing_is_expected() -> None:
    doubts = np.full(30, -0.9)
    assert counted(doubts).likely == 0
    assert not expected_shares(doubts, np.arange(30)).any()


def test_the_expected_share_among_the_first_is_near_the_true_one_in_a_planted_table() -> None:
    X, y = clouds(seed=3)
    planted = plant(y, 0.1, "uniform", seed=2)
    doubts = doubts_of(forest_probabilities(X, planted.y, 4, trees=60), planted.y)
    order = np.argsort(-doubts, kind="stable")
    wrong = np.isin(order, planted.rows)
    for k in (20, 40, 80):
        assert expected_shares(doubts, order)[k - 1] == pytest.approx(wrong[:k].mean(), abs=0.25)
        assert expected_shares(doubts, order)[k - 1] != pytest.approx(wrong[::-1][:k].mean(), abs=0.25)


def test_of_the_doubted_rows_as_many_count_as_a_network_bears_out_that_has_not_seen_them() -> None:
    doubts = np.repeat([0.9, -0.9], [40, 160])
    unseen = np.full(200, np.nan)
    unseen[:9] = 1.0
    unseen[40:90] = 1.0  # that rows nobody doubts get their label says nothing
    assert borne_out(doubts, None) == borne_out(doubts, np.full(200, np.nan)) == 1
    assert borne_out(doubts, unseen) == 0.1
    assert counted(doubts, 0.1).likely == 4
    shares = expected_shares(doubts, np.argsort(-doubts, kind="stable"), 0.1)
    assert shares[-1] * 200 == pytest.approx(4, abs=1e-6)
