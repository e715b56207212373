# SPDX-License-Identifier: MIT
"""Odds of wrong values: against densities written out, and counts of planted ones."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize_scalar

from culpa.blaming.labels.odds import SURE, Odds, as_right, as_wrong, chances, estimated, odds, share_of, shares
from culpa.blaming.labels.residuals import residuals

Table = tuple[np.ndarray, np.ndarray, np.ndarray]


def planted(share: float, seed: int, n: int = 1000, tails: float = 4.0) -> Table:
    """Values with heavy-tailed errors of which a share has changed places, what is proposed, and which are wrong."""
    random = np.random.default_rng(seed)
    proposed = random.normal(size=n)
    y = proposed + 0.15 * random.standard_t(tails, size=n)
    rows = random.permutation(n)[: round(share * n)]
    y[rows] = np.roll(y[rows], 1)
    return y, proposed, np.isin(np.arange(n), rows)


def weighed(y: np.ndarray, proposed: np.ndarray) -> Odds:
    """The odds where all rows count."""
    return odds(y, residuals(y, proposed), np.ones(len(y), bool))


def test_both_densities_are_densities() -> None:
    y, proposed, _ = planted(0.05, 0, 300)
    found = residuals(y, proposed)

    def at(value: float, wrong: bool) -> float:
        one = found._replace(values=np.array([value - proposed[0]]), spread=found.spread[:1])
        log = as_wrong(np.array([value]), one, y) if wrong else as_right(one, 3.0)
        return float(np.exp(log[0]))

    for wrong in (True, False):
        # The tails beyond hold 10⁻⁶ of a t with three degrees of freedom.
        whole = quad(at, -100, 100, args=(wrong,), limit=500, points=[float(proposed[0])])[0]
        assert whole == pytest.approx(1, abs=1e-4)


def test_the_share_is_the_one_that_makes_all_rows_likeliest() -> None:
    ratio = np.concatenate([np.random.default_rng(0).normal(-4, 2, 900), np.random.default_rng(1).normal(5, 2, 100)])

    def unlikely(share: float) -> float:
        return -float(np.log(share * np.exp(ratio) + 1 - share).sum())

    expected = minimize_scalar(unlikely, bounds=(1e-6, 0.5), method="bounded", options={"xatol": 1e-10}).x
    # Sixty rounds come this near.
    assert share_of(ratio) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("share", [0.05, 0.1])
def test_wrong_values_are_counted(share: float) -> None:
    for seed in range(3):
        y, proposed, wrong = planted(share, seed)
        found = estimated(chances(weighed(y, proposed)))
        assert found.low <= wrong.sum() <= found.high


def test_a_clean_table_has_next_to_none_though_its_errors_have_heavy_tails() -> None:
    y, proposed, _ = planted(0.0, 3)
    assert (np.abs(residuals(y, proposed).z) > 3).sum() > 15  # what a count of the far ones would say
    assert estimated(chances(weighed(y, proposed))).likely < 5


def test_the_first_rows_are_as_often_wrong_as_expected() -> None:
    told, true = [], []
    for seed in range(5):
        y, proposed, wrong = planted(0.1, seed)
        found = weighed(y, proposed)
        order = np.argsort(-found.suspicion)
        told.append(shares(chances(found)[order])[[49, 99, 199]])
        true.append([wrong[order[:k]].mean() for k in (50, 100, 200)])
    np.testing.assert_allclose(np.mean(told, axis=0), np.mean(true, axis=0), atol=0.06)


def test_the_expected_shares_add_up_to_the_estimate() -> None:
    y, proposed, _ = planted(0.1, 0)
    each = chances(weighed(y, proposed))
    assert shares(each)[-1] * len(y) == pytest.approx(estimated(each).likely, rel=1e-9)
    assert (np.diff(shares(np.sort(each)[::-1])) <= 1e-12).all()


def test_where_none_is_counted_there_may_be_three_all_the_same() -> None:
    assert estimated(np.zeros(50)) == (0.0, 0.0, 3.0)
    assert estimated(np.zeros(2)).high == 2.0


def test_the_order_of_suspicions_is_that_of_the_odds_and_of_sizes_where_they_are_sure() -> None:
    y, proposed, _ = planted(0.1, 0)
    y[:4] += [40.0, 20.0, 30.0, 25.0]
    found = weighed(y, proposed)
    sure = found.log_ratio + np.log(found.share / (1 - found.share)) > SURE
    assert sure[:4].all()
    doubtful = np.flatnonzero(~sure)
    ranked = found.suspicion[doubtful[np.argsort(found.log_ratio[doubtful])]]
    assert (np.diff(ranked) >= 0).all()
    certain = found.suspicion[sure]
    assert certain[np.argsort(found.far[sure])].tolist() == sorted(set(certain.tolist()))
    assert ranked.max() < certain.min()
    assert certain.max() < 1
