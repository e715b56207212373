# SPDX-License-Identifier: MIT
"""Trials: when a challenger is clearly better than the default, with planted numbers, and what a Tuning shows."""

import json
from statistics import mean, median, stdev

import numpy as np
import pytest

from culpa.training.choosing import Choice
from culpa.training.trials import Trial, Tuning, decided, noises

DEFAULT = Choice(hidden=(8,), epochs=9, batch_size=16, learning_rate=1e-3, l2=1e-3)
LOSSES = [
    [0.50, 0.52, 0.48, 0.51, 0.49],
    [0.40, 0.43, 0.37, 0.41, 0.39],
    [0.10, 0.90, 0.20, 0.80, 0.30],
    [0.49, 0.51, 0.50, 0.49, 0.50],
]
"""The default; one that leads in every fold; one that leads by its mean, and by chance; one like the default."""


def trials_of(losses):
    """Trials with these losses of the folds."""
    return [
        Trial(DEFAULT.but(dropout=k / 10), tuple(row), (0.9,) * len(row), (3,) * len(row), 1.0 + k)
        for k, row in enumerate(losses)
    ]


def by_hand(losses):
    """Mean differences and noises, number by number, with Python's statistics."""
    pairs = [[loss - base for loss, base in zip(row, losses[0], strict=True)] for row in losses]
    spreads = [stdev(pair) for pair in pairs]
    floor = median(spreads[1:])
    k = len(losses[0])
    noise = [0.0] + [max(spread, floor) * (1 / k + 1 / (k - 1)) ** 0.5 for spread in spreads[1:]]
    return [mean(pair) for pair in pairs], noise


def test_differences_and_noises_are_those_worked_out_by_hand():
    difference, noise = noises(np.array(LOSSES))
    own_difference, own_noise = by_hand(LOSSES)
    np.testing.assert_allclose(difference, own_difference, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(noise, own_noise, rtol=1e-12)
    assert noise[1] == noise[3] < noise[2]  # the median of the three is the floor of the others


def test_the_one_that_leads_in_every_fold_is_taken_and_the_one_that_leads_by_chance_is_not():
    trials = trials_of(LOSSES)
    assert decided(trials) == 1
    assert np.mean(LOSSES[2]) < np.mean(LOSSES[0])
    assert decided([trials[0], trials[2], trials[3]]) == 0


def test_of_two_that_are_clearly_better_the_one_with_the_least_loss_is_taken():
    assert decided(trials_of([*LOSSES, [loss - 0.2 for loss in LOSSES[0]]])) == 4


@pytest.mark.parametrize(("lead", "taken"), [(0.9, 0), (1.1, 1)])
def test_a_lead_counts_from_the_noise_on(lead, taken):
    ripple = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    noise = ripple.std(ddof=1) * (1 / 5 + 1 / 4) ** 0.5
    assert decided(trials_of([np.full(5, 9.0), 9.0 - lead * noise + ripple])) == taken


def test_an_equal_challenger_is_not_better():
    assert decided(trials_of([LOSSES[0], LOSSES[0]])) == 0
    assert decided(trials_of(LOSSES[:1])) == decided([]) == 0


def test_a_challenger_that_diverged_is_never_taken_and_one_that_did_not_replaces_a_default_that_did():
    lost = [np.inf] * 5
    assert decided(trials_of([LOSSES[0], lost])) == 0
    assert decided(trials_of([LOSSES[0], lost, LOSSES[1]])) == 2
    assert decided(trials_of([lost, LOSSES[1], LOSSES[0], lost])) == 1
    assert decided(trials_of([lost, lost])) == 0
    difference, noise = noises(np.array([LOSSES[0], lost, LOSSES[1]]))
    assert difference[1] == np.inf
    assert np.isfinite(noise).all()


def test_a_challenger_that_diverged_does_not_move_the_noise_of_the_others():
    with_it, without = (noises(np.array(rows))[1] for rows in ([*LOSSES, [np.inf] * 5], LOSSES))
    np.testing.assert_array_equal(with_it[:4], without)


def test_noise_alone_replaces_the_default_less_often_than_the_least_mean_would():
    """Of twenty challengers as good as the default some lead by chance; few by more than the noise."""
    random = np.random.default_rng(0)
    drawn = [random.normal(size=(21, 5)) for _ in range(400)]
    led = np.mean([rows[1:].mean(axis=1).min() < rows[0].mean() for rows in drawn])
    taken = np.mean([decided(trials_of(rows)) > 0 for rows in drawn])
    assert led > 0.9
    assert taken < 0.5


def test_the_frame_has_the_least_loss_first_and_the_json_every_fold():
    trials = (*trials_of(LOSSES), Trial(DEFAULT.but(hidden=(4, 2)), (np.inf,) * 5, (np.nan,) * 5, (), 0.5, "too fast"))
    tuning = Tuning(trials[1].choice, 1, trials, 5, 2.0, 9.0)
    frame = tuning.frame
    assert frame["candidate"].tolist() == [1, 2, 3, 0, 4]
    assert frame["hidden"].tolist() == [(8,), (8,), (8,), (8,), (4, 2)]
    assert frame["chosen"].tolist() == [True, False, False, False, False]
    np.testing.assert_allclose(frame["loss"][:4], [mean(LOSSES[k]) for k in (1, 2, 3, 0)], rtol=1e-12)
    state = tuning.to_dict()
    assert json.loads(json.dumps(state, allow_nan=False))["trials"][0]["losses"] == LOSSES[1]
    assert state["trials"][-1] | {"loss": None, "losses": [None] * 5, "epoch": None} == state["trials"][-1]
    assert (state["best"]["dropout"], state["chosen"], state["interrupted"]) == (0.1, 1, False)
    assert repr(tuning) == "Tuning(5 candidates in 9 s: candidate 1 is clearly better)"


def test_a_search_that_finished_nothing_has_an_empty_table():
    tuning = Tuning(DEFAULT, 0, (), 5, 2.0, 0.1, interrupted=True)
    assert tuning.to_dict()["trials"] == []
    assert repr(tuning) == "Tuning(0 candidates in 0.1 s, interrupted: the default stands)"
