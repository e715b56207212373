# SPDX-License-Identifier: MIT
"""The measures of a ranking: against scikit-learn, against sums by hand, and against what random orders do."""

from itertools import combinations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from culpa.blaming.labels.report import Estimate
from culpa.blaming.verifying.verification import PLAIN, Trial, Verification, by_chance, ranked
from culpa.reporting.frames import Frame


def planted_frame(k, right=0):
    """So many planted rows, of which the first few are proposed as what they were."""
    proposed = np.where(np.arange(k) < right, 0, 2)
    columns = {"row": np.arange(k), "was": np.zeros(k, int), "planted": np.ones(k, int), "proposed": proposed}
    return Frame(columns)


def trial_of(scores, rows, *, kind="uniform", right=0, wrong=None):
    """A trial with these scores of all rows."""
    losses = ranked(PLAIN, -np.asarray(scores), rows)
    rankings = (ranked("mine", scores, rows), losses, by_chance(len(scores), len(rows)))
    return Trial(kind, planted_frame(len(rows), right), rankings, len(scores), wrong)


def test_a_ranking_is_measured_by_hand():
    """From the top: planted, not, planted, not, not, planted."""
    found = ranked("mine", np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4]), np.array([0, 2, 5]))
    assert (found.first, found.twice) == (2, 3)
    assert found.average_precision == pytest.approx((1 / 1 + 2 / 3 + 3 / 6) / 3, abs=1e-12)
    assert found.auroc == pytest.approx((3 + 2 + 0) / 9, abs=1e-12)


def test_the_measures_are_scikit_learns_and_ignore_the_scale():
    random = np.random.default_rng(0)
    scores, rows = random.random(200), random.choice(200, 20, replace=False)
    truth = np.isin(np.arange(200), rows)
    for told in (scores, np.log(scores)):
        found = ranked("mine", told, rows)
        assert found.average_precision == pytest.approx(average_precision_score(truth, told), abs=1e-12)
        assert found.auroc == pytest.approx(roc_auc_score(truth, told), abs=1e-12)


@pytest.mark.parametrize(("n", "k"), [(7, 3), (9, 1), (5, 4), (2, 1)])
def test_a_random_order_has_what_the_mean_over_all_orders_has(n, k):
    scores = -np.arange(n, dtype=float)
    every = [ranked("", scores, np.array(rows))[1:] for rows in combinations(range(n), k)]
    np.testing.assert_allclose(by_chance(n, k)[1:], np.mean(every, axis=0), rtol=1e-12)


def test_a_random_order_of_everything_planted_finds_everything():
    found = by_chance(8, 8)
    assert found[1:4] == (8, 8, pytest.approx(1, abs=1e-12))


def test_random_scores_do_not_look_good_and_planted_rows_on_top_do():
    """Negative control: of random orders about one in twenty is taken for a find, and the reverse order never is."""
    random = np.random.default_rng(2)
    trials = [trial_of(random.random(300), np.arange(15)) for _ in range(60)]
    assert sum(trial.finds for trial in trials) <= 8
    assert np.mean([trial.ranking.average_precision for trial in trials]) < 0.1
    assert trial_of(-np.arange(300.0), np.arange(15)).finds
    assert not trial_of(np.arange(300.0), np.arange(15)).finds


def test_so_few_planted_rows_that_even_the_best_order_proves_nothing_are_no_failure():
    one = trial_of(-np.arange(6.0), np.array([0]))
    assert one.ranking.auroc == 1
    assert (one.finds, one.fails) == (False, False)
    assert trial_of(np.arange(99.0), np.arange(5)).fails


def test_it_is_fine_where_every_kind_was_finished_and_found():
    good, bad = trial_of(-np.arange(99.0), np.arange(5)), trial_of(np.arange(99.0), np.arange(5), kind="boundary")

    def of(*trials, **more):
        return Verification("t", 99, "classification", 0.05, 0, "record", ("uniform", "boundary"), trials, **more)

    assert of(good, good).ok
    assert not of(good, bad).ok
    assert not of(good, good, interrupted=True).ok
    assert repr(of(good, bad)) == "Verification(record: 5 of 5 uniform; 0 of 5 boundary)"


def test_the_frame_and_the_document_hold_the_same():
    trial = trial_of(-np.arange(99.0), np.array([0, 1, 2, 3, 50]), right=4, wrong=Estimate(7, 5, 9))
    found = Verification("t", 99, "classification", 0.05, 3, "record", ("uniform",), (trial,), Estimate(2, 1, 3))
    frame, state = found.frame, found.to_dict()
    assert frame["by"].tolist() == ["mine", "plain loss", "random order"]
    assert frame["planted"].tolist() == [5, 5, 5]
    assert frame["first"].tolist()[:2] == [4, 0]
    one = state["trials"][0]
    for column in ("first", "twice", "average_precision", "auroc"):
        assert frame[column].tolist() == [ranking[column] for ranking in one["rankings"]]
    assert (one["planted"], one["set_right"], one["finds"]) == (5, 4, True)
    assert (state["before"]["likely"], one["wrong"]["high"]) == (2, 9)
    assert [row["row"] for row in one["rows"]] == list(range(5))
