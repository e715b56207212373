# SPDX-License-Identifier: MIT
"""Tuning: every fold's loss is that of a network that has not seen the fold; time only says how many are tried."""

import numpy as np
import pytest

import culpa
from culpa import Network
from culpa.errors import DataError, OptionError, UnfinishedError
from culpa.training import tuning as module
from culpa.training.candidates import SPACE, candidates
from culpa.training.choosing import Choice
from culpa.training.splitting import fold_rows
from culpa.training.tuning import tune
from tests.oracles.comparing import assert_same

RANDOM = np.random.default_rng(5)
N = 90
X = RANDOM.normal(size=(N, 3)).astype(np.float32)
LABELS = (X[:, 0] + RANDOM.normal(size=N) > 0).astype(np.intp)
NUMBERS = (X @ [1.0, -1.0, 0.5] + RANDOM.normal(size=N)).astype(np.float32)
WEIGHTS = RANDOM.gamma(2.0, size=N)
GROUPS = RANDOM.integers(12, size=N)
QUICK = Choice(hidden=(4,), epochs=4, batch_size=16, learning_rate=0.02, l2=1e-3, patience=2, refit=False)


def quick(y=LABELS, **options):
    """A small search without a bar."""
    classes = None if y.dtype.kind == "f" else 2
    return tune(
        options.pop("choice", QUICK),
        X,
        y,
        **{"minutes": 9, "classes": classes, "most": 3, "show_progress": False} | options,
    )


def by_hand(choice, y, k, held, *, weights=None, groups=None, seed=0, leaked=0):
    """One fold's loss and score: a network of its own from `fit`, and its outputs by the textbook."""
    rest = np.setdiff1d(np.arange(N), held[leaked:])
    numbers = y.dtype.kind == "f"
    start = Network.fresh(
        [3, *choice.hidden, 1 if numbers else 2],
        hidden=choice.activation,
        loss="squared_error" if numbers else "cross_entropy",
        seed=seed + k,
        l2=choice.l2,
    )
    own = {name: None if array is None else array[rest] for name, array in (("weights", weights), ("groups", groups))}
    network = culpa.fit(
        start, X[rest], y[rest], **own, **choice.training(), validation=0.15, seed=seed + k, show_progress=False
    )
    said = culpa.predict(network, X[held]).astype(np.float64)
    w = np.ones(len(held)) if weights is None else weights[held]
    if not numbers:
        loss = np.average(-np.log(said[np.arange(len(held)), y[held]]), weights=w)
        return loss, np.average(said.argmax(axis=1) == y[held], weights=w), network
    squares = (said[:, 0] - y[held]) ** 2
    around = (y[held] - np.average(y[held], weights=w)) ** 2
    return np.average(squares / 2, weights=w), 1 - (w @ squares) / (w @ around), network


@pytest.mark.parametrize("y", [LABELS, NUMBERS], ids=["classes", "numbers"])
@pytest.mark.parametrize(
    "belongings", [{}, {"weights": WEIGHTS, "groups": GROUPS}], ids=["plain", "weights and groups"]
)
def test_each_folds_loss_is_that_of_its_own_fit_without_the_fold(y, belongings):
    found = quick(y, seed=2, **belongings)
    classes = None if y.dtype.kind == "f" else y
    folds = fold_rows(N, 5, classes=classes, groups=belongings.get("groups"), seed=2)
    for trial in found.trials:
        for k, held in enumerate(folds):
            loss, score, network = by_hand(trial.choice, y, k, held, seed=2, **belongings)
            # In float32 the loss is summed in another order here.
            assert_same(np.array([trial.losses[k]]), np.array([loss]), within=1e-6)
            assert_same(np.array([trial.scores[k]]), np.array([score]), within=1e-6)
            assert trial.epochs[k] == network.training.best_epoch


def test_a_fold_that_its_network_had_seen_would_be_noticed():
    """Negative control of the one above: with one row of the fold among those learnt from, the loss is another."""
    losses = quick(most=1).trials[0].losses
    held = fold_rows(N, 5, classes=LABELS, seed=0)[0]
    honest, seen = (by_hand(QUICK, LABELS, 0, held, leaked=leaked)[0] for leaked in (0, 1))
    assert abs(honest - losses[0]) < 1e-6 < 1e-4 < abs(seen - losses[0])


def test_the_candidates_are_the_same_whatever_the_time_and_the_default_is_the_first():
    found = quick(most=4)
    assert [trial.choice for trial in found.trials] == candidates(QUICK)[:4]
    again = quick(most=2)
    assert [trial.losses for trial in again.trials] == [trial.losses for trial in found.trials[:2]]


class Clock:
    """Seconds that pass with every look, the same on every machine."""

    def __init__(self, tick):
        self.now, self.tick = 0.0, tick

    def __call__(self):
        self.now += self.tick
        return self.now


def test_time_decides_only_how_many_are_finished():
    short, long = (quick(minutes=minutes, most=None, clock=Clock(1.0)) for minutes in (0.2, 0.4))
    assert 1 < len(short.trials) < len(long.trials)
    assert [trial.choice for trial in short.trials] == [trial.choice for trial in long.trials[: len(short.trials)]]
    assert long.seconds <= 24 + 4  # four looks at the clock belong to each candidate
    assert short.minutes == 0.2


def test_the_default_is_tried_however_short_the_time():
    found = quick(minutes=1e-9, most=None)
    assert [trial.choice for trial in found.trials] == [QUICK]
    assert (found.best, found.chosen) == (QUICK, 0)


def test_a_default_with_a_crushing_penalty_loses():
    choice = QUICK.but(l2=50.0, epochs=12)
    found = quick(NUMBERS, choice=choice, fixed=["hidden", "activation", "learning_rate", "dropout"], most=4)
    assert found.chosen > 0
    assert found.best.l2 < 1
    assert found.best == found.trials[found.chosen].choice


def test_a_default_that_is_as_good_as_any_stands():
    choice = QUICK.but(epochs=25, patience=25)
    found = quick(NUMBERS, choice=choice, fixed=["hidden", "activation", "learning_rate", "dropout"], most=None)
    assert (found.chosen, found.best) == (0, choice)
    assert {trial.choice.l2 for trial in found.trials} == set(SPACE["l2"])
    assert np.ptp([trial.loss for trial in found.trials]) > 0


def test_ctrl_c_keeps_what_is_finished(monkeypatch):
    done, real = [], module.fit_many

    def interrupted(*given, **options):
        if len(done) == 2:
            raise UnfinishedError("Interrupted after 1 of 5 networks.") from KeyboardInterrupt()
        done.append(1)
        return real(*given, **options)

    monkeypatch.setattr(module, "fit_many", interrupted)
    found = quick(most=5)
    assert (len(found.trials), found.interrupted) == (2, True)
    assert found.trials[0].losses == quick_losses(monkeypatch, real)


def quick_losses(monkeypatch, real):
    """The default's losses in a search that nothing interrupts."""
    monkeypatch.setattr(module, "fit_many", real)
    found = quick(most=1)
    assert not found.interrupted
    return found.trials[0].losses


def test_ctrl_c_before_anything_is_finished_leaves_the_default(monkeypatch):
    def interrupted(*given, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "fit_many", interrupted)
    found = quick()
    assert (found.best, found.trials, found.interrupted) == (QUICK, (), True)


def test_a_process_that_was_killed_ends_the_search_with_its_error(monkeypatch):
    def killed(*given, **options):
        raise UnfinishedError("A process was killed after 1 of 5 networks.") from ChildProcessError()

    monkeypatch.setattr(module, "fit_many", killed)
    with pytest.raises(UnfinishedError, match="killed"):
        quick()


def test_a_candidate_that_diverges_is_told_and_not_taken():
    found = quick(
        NUMBERS, choice=QUICK.but(learning_rate=1e30, epochs=2), fixed=["hidden", "activation", "l2", "dropout"], most=2
    )
    lost, other = found.trials
    assert set(lost.losses) == {np.inf}
    assert "diverged" in lost.failure
    assert (found.chosen, found.best) == (1, other.choice)


def test_a_given_validation_table_chooses_the_epochs():
    found = quick(validation=(X[:20], LABELS[:20]), groups=GROUPS)
    assert found.trials[0].losses != quick(groups=GROUPS).trials[0].losses


@pytest.mark.parametrize("minutes", [0, -1, np.nan, np.inf, "ten", None])
def test_a_time_that_is_none_is_refused(minutes):
    with pytest.raises(OptionError, match=r"`minutes` must be a finite number above 0"):
        quick(minutes=minutes)


def test_too_few_rows_or_groups_are_refused_and_the_least_that_are_enough_are_not():
    with pytest.raises(DataError, match=r"50 training rows or more, 10 for each of 5 folds; got 49"):
        tune(QUICK, X[:49], LABELS[:49], minutes=1, classes=2)
    with pytest.raises(DataError, match="3 groups or more among the training rows; got 2"):
        quick(groups=np.arange(N) % 2)
    assert quick(groups=np.arange(N) % 3, most=1).folds == 3
    assert tune(QUICK, X[:50], LABELS[:50], minutes=1, classes=2, most=1, show_progress=False).folds == 5


def test_a_fold_without_which_one_class_is_left_is_refused():
    groups = np.where(LABELS == 1, 0, 1 + np.arange(N) % 6)
    with pytest.raises(DataError, match=r"Without fold \d all training rows have one class"):
        quick(groups=groups)


def test_a_fold_without_weight_is_refused():
    weights = (GROUPS == 3).astype(float)
    with pytest.raises(DataError, match=r"All weights are zero in fold \d or in all others"):
        quick(groups=GROUPS, weights=weights)


def test_everything_given_leaves_nothing_to_search():
    with pytest.raises(OptionError, match="Nothing is left to search"):
        quick(fixed=["hidden", "activation", "learning_rate", "l2", "dropout"])
