# SPDX-License-Identifier: MIT
"""Findings of the training: simple predictors that are as good or better, and a last epoch that was the best."""

from dataclasses import replace

import numpy as np
import pytest

from culpa.blaming.findings.collecting import findings_of
from culpa.blaming.findings.of_training import variance
from culpa.blaming.labels.report import Estimate
from tests.blaming.findings import grounds

UNTRAINED = grounds.investigation(network=replace(grounds.NETWORK, training=None))


def scored(score, best, rows=400, **changes):
    """An investigation with these scores on so many held-out rows."""
    return replace(UNTRAINED, score=score, baselines={"majority": 0.1, "logistic regression": best},
                   held_rows=np.arange(rows), **changes)  # fmt: skip


@pytest.mark.parametrize(
    ("score", "best", "kind"),
    [(0.9, 0.9, "baseline"), (0.9, 0.899, None), (0.9, 0.93, "baseline"), (0.9, 0.94, "beaten"), (0.5, 0.9, "beaten")],
)
def test_a_predictor_that_is_better_beyond_two_standard_errors_is_told_apart(score, best, kind):
    error = np.sqrt((score * (1 - score) + best * (1 - best)) / 400)
    assert (best - score > 2 * error) == (kind == "beaten")
    assert grounds.kinds(grounds.BLAME, scored(score, best)) == ([] if kind is None else [kind])


def test_the_same_difference_on_fewer_rows_proves_less():
    assert grounds.kinds(grounds.BLAME, scored(0.9, 0.94, rows=40)) == ["baseline"]


def test_the_sentence_has_both_scores_and_the_command_a_search():
    one = grounds.only(grounds.BLAME, scored(0.9, 0.94), ("blame", "digits", "--tune", "1"))
    assert (
        one.sentence == "The network is worse than the logistic regression on the held-out rows: 90.0 % beside 94.0 %."
    )
    assert one.evidence["logistic regression"] == 0.94
    assert one.evidence["rows"] == 400
    assert one.command == ("culpa", "blame", "digits", "--tune", "5")


def test_a_tie_is_told_as_one_and_no_defeat():
    assert grounds.only(grounds.BLAME, scored(0.9671, 0.9673)).sentence == (
        "The network is no better than the logistic regression on the held-out rows: 96.7 % beside 96.7 %."
    )
    assert "does not beat" in grounds.only(grounds.BLAME, scored(0.9671, 0.9682)).sentence
    many = grounds.only(grounds.BLAME, scored(0.5, 0.5004, rows=100_000_000))
    assert (many.kind, "no better than" in many.sentence) == ("baseline", True), "it looks the same, however clear"


def test_the_error_of_a_share_and_of_r_squared_are_those_of_drawing_rows_again():
    draw = np.random.default_rng(0)
    right = (draw.random((4000, 300)) < 0.8).mean(axis=1)
    assert variance(0.8, right=True) / 300 == pytest.approx(right.var(), rel=0.1)
    x, noise = draw.normal(size=(2, 4000, 300))
    squares = [np.corrcoef(a, a + b)[0, 1] ** 2 for a, b in zip(x, noise, strict=True)]
    assert variance(0.5, right=False) / 300 == pytest.approx(np.var(squares), rel=0.1)
    assert variance(-2.0, right=False) == 0.0


def test_without_baselines_or_a_score_nothing_is_compared():
    assert grounds.kinds(grounds.BLAME, replace(UNTRAINED, baselines={}, score=0.1)) == []
    assert grounds.kinds(grounds.BLAME, scored(float("nan"), 0.5)) == []
    assert grounds.kinds(grounds.BLAME, scored(0.2, float("nan"))) == []
    assert grounds.only(grounds.BLAME, scored(0.05, float("nan"))).evidence["majority"] == 0.1


@pytest.mark.parametrize(
    ("best_epoch", "held", "interrupted", "found"),
    [(12, 30, False, True), (11, 30, False, False), (12, 0, False, False), (12, 30, True, False)],
)
def test_a_last_epoch_that_was_the_best_is_told(best_epoch, held, interrupted, found):
    training = replace(grounds.NETWORK.training, best_epoch=best_epoch, interrupted=interrupted)
    base = grounds.investigation(network=replace(grounds.NETWORK, training=training), held_rows=np.arange(held))
    if not found:
        assert grounds.kinds(grounds.BLAME, base) == []
        return
    one = grounds.only(grounds.BLAME, base, ("blame", "digits", "--epochs", "12"))
    assert one.sentence == "The last of 12 epochs was the best: more may help."
    assert one.command == ("culpa", "blame", "digits", "--epochs", "24")


def test_wrong_rows_are_to_be_decided_on_before_another_network_is_sought():
    weak = grounds.investigation(score=0.5, baselines={"ridge regression": 0.9})
    report = grounds.labels(wrong=Estimate(9, 4, 20))
    alone, beside = (
        next(one for one in findings_of(made, investigation=weak) if one.kind == "beaten")
        for made in (grounds.BLAME, replace(grounds.BLAME, labels=report))
    )
    assert "tune=" in alone.command
    assert beside.remedy.startswith("Wrong rows may be why")
    assert "suspects" in beside.command
