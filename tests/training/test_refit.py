# SPDX-License-Identifier: MIT
"""Refitting: held-out rows say how many epochs, then all rows are learnt from for so many."""

from dataclasses import replace

import numpy as np
import pytest

import culpa
from culpa.errors import OptionError
from culpa.training.course import Course

RANDOM = np.random.default_rng(4)
X = RANDOM.normal(size=(60, 5))
Y = (X[:, 0] + 1.5 * RANDOM.normal(size=60) > 0).astype(int)
NETWORK = culpa.Network.fresh([5, 16, 2], seed=2, dtype="float64")
WATCHED = {"epochs": 30, "batch_size": 8, "learning_rate": 0.02, "validation": 0.3}


def fit(**options):
    return culpa.fit(NETWORK, X, Y, **{**WATCHED, **options})


ALSO = [
    {},
    {"schedule": "cosine", "warmup": 2},
    {"optimizer": "lbfgs", "learning_rate": None},
    {"dropout": 0.2},
    {"class_weight": "balanced"},
]


@pytest.mark.parametrize("options", ALSO, ids=str)
def test_it_is_the_training_on_all_rows_for_as_many_epochs_as_were_best(options):
    again = fit(refit=True, **options)
    best = again.training.best_epoch
    assert 0 < best < 30
    plain = {**WATCHED, **options, "validation": None, "epochs": best}
    plain["warmup"] = min(options.get("warmup", 0), best)
    np.testing.assert_array_equal(culpa.flatten(again), culpa.flatten(culpa.fit(NETWORK, X, Y, **plain)))
    longer = culpa.fit(NETWORK, X, Y, **{**plain, "epochs": best + 1})
    assert not np.array_equal(culpa.flatten(again), culpa.flatten(longer))
    assert not np.array_equal(culpa.flatten(again), culpa.flatten(fit(**options)))


def test_the_epoch_is_the_one_that_is_best_without_it():
    assert fit(refit=True).training.best_epoch == fit().training.best_epoch


def test_the_history_is_that_of_the_training_that_chose():
    seen = []
    again, first = fit(refit=True, callbacks=[seen.append]).training, fit().training
    np.testing.assert_array_equal(again.history, first.history)
    assert seen == list(again.history)
    assert again.recipe == replace(first.recipe, refit=True)
    assert (again.rows, again.interrupted) == ((42, 18), False)


def test_the_record_of_the_examples_is_that_of_the_training_on_all_rows():
    again = fit(refit=True, record="epochs", checkpoints=True)
    examples = again.training.examples
    assert examples.learnt.all()
    assert examples.epochs[-1] == again.training.best_epoch
    np.testing.assert_array_equal(examples.checkpoints[-1], culpa.flatten(again))


@pytest.mark.parametrize("which", [0, 1], ids=["while it chooses", "while it learns again"])
def test_ctrl_c_leaves_the_best_of_the_first_training(monkeypatch, which):
    plain, finish, ends = Course.finish, Course.finish, []

    def interrupting(course, tally):
        over = finish(course, tally)
        ends.append(course)
        if len({id(each) for each in ends}) == which + 1 and len(course.history) == (3, 1)[which]:
            raise KeyboardInterrupt
        return over

    monkeypatch.setattr(Course, "finish", interrupting)
    stopped = fit(refit=True, patience=30)
    monkeypatch.setattr(Course, "finish", plain)
    assert stopped.training.interrupted
    assert len(stopped.training.history) == (30 if which else 3)
    best = culpa.flatten(ends[0].parameters.network_at(ends[0].best))
    np.testing.assert_array_equal(culpa.flatten(stopped), best)
    assert not np.array_equal(best, culpa.flatten(fit(refit=True)))


def test_many_trainings_with_it_are_those_of_fit():
    rows = [np.arange(50), np.arange(10, 60)]
    many = culpa.fit_many(NETWORK, X, Y, rows=rows, **WATCHED, refit=True)
    for one, subset in zip(many, rows, strict=True):
        alone = culpa.fit(NETWORK, X[subset], Y[subset], **WATCHED, refit=True)
        np.testing.assert_array_equal(culpa.flatten(one), culpa.flatten(alone))


def test_it_needs_rows_that_say_how_many_epochs():
    with pytest.raises(OptionError, match="`refit` needs `validation`"):
        fit(refit=True, validation=None)
