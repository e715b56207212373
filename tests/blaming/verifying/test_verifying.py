# SPDX-License-Identifier: MIT
"""Verifying: an honest repeat of the label report on a copy with planted errors; the table is not touched."""

from dataclasses import replace

import numpy as np
import pytest

import culpa
from culpa.blaming.investigating import investigate_table
from culpa.blaming.labels.scores import Scores
from culpa.blaming.verifying import verifying as module
from culpa.blaming.verifying.planting import plant
from culpa.blaming.verifying.verifying import verify, verify_table
from culpa.errors import DataError, OptionError
from culpa.tables.assigning import raw_table
from culpa.tables.reading import read_raw

QUICK = {"said": {"epochs": 8, "hidden": (8,)}, "score": "record", "show_progress": False}
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(160, 3))
SIDES = np.array(["left", "right"])[(X[:, 0] + X[:, 1] > 0).astype(int)]
LEVELS = X @ [1.0, 2.0, -1.0] + 0.1 * RANDOM.normal(size=160)


@pytest.fixture(scope="module")
def table():
    """Three kinds of flowers."""
    return read_raw("iris")


@pytest.fixture(scope="module")
def found(table):
    """What was found of one kind of error in them."""
    return verify_table(table, share=0.1, kinds=["uniform"], seed=1, **QUICK)


def test_the_report_is_the_one_that_the_main_job_makes_of_the_planted_table(table, found):
    trial = found.trials[0]
    given = np.searchsorted(table.classes, table.y)
    planted = plant(given, 0.1, "uniform", seed=1)
    wrong = replace(table, y=np.array(table.classes)[planted.y])
    report = investigate_table(wrong, seed=1, **QUICK).labels
    assert trial.planted["row"].tolist() == planted.rows.tolist()
    np.testing.assert_array_equal(trial.planted["suspicion"], report.rows["suspicion"][planted.rows])
    np.testing.assert_array_equal(trial.planted["proposed"], report.rows["proposed"][planted.rows])
    first = report.order[: len(planted.rows)]
    assert trial.ranking.first == np.isin(first, planted.rows).sum() == (trial.planted["place"] <= 15).sum()


def test_what_was_planted_is_told_and_the_table_is_as_it_was(table, found):
    trial = found.trials[0]
    assert (len(trial), found.rows, found.method, found.kinds) == (15, 150, "record", ("uniform",))
    rows = trial.planted["row"]
    assert trial.planted["was"].tolist() == table.y[rows].tolist()
    assert (trial.planted["planted"] != trial.planted["was"]).all()
    np.testing.assert_array_equal(table.y, read_raw("iris").y)


def test_planted_errors_stand_above_a_random_order_and_the_same_seed_finds_the_same(table, found):
    assert found.ok
    again = verify_table(table, share=0.1, kinds=["uniform"], seed=1, **QUICK)
    assert again.to_dict() == found.to_dict()
    other = verify_table(table, share=0.1, kinds=["uniform"], seed=2, **QUICK)
    assert other.trials[0].planted["row"].tolist() != found.trials[0].planted["row"].tolist()


def random_scores(table, network, choice, held, *, score, seed):
    """Scores that know nothing of the labels, in place of the real ones."""
    random, rows = np.random.default_rng(seed), module.encoded_rows(table, network.columns)
    n, classes = len(table), len(table.classes)
    said = random.dirichlet(np.ones(classes), size=n)
    scores = Scores(random.random(n), said.argmax(axis=1), "random", "", probabilities=said, final=random.random(n))
    return scores, rows


def test_a_score_that_knows_nothing_does_not_look_good(monkeypatch, table):
    """Negative control: the planted rows do not leak into the measures."""
    monkeypatch.setattr(module, "scored_rows", random_scores)
    found = [verify_table(table, share=0.1, kinds=["uniform"], seed=seed, **QUICK) for seed in range(8)]
    assert np.mean([one.trials[0].ranking.average_precision for one in found]) < 0.2
    assert sum(one.ok for one in found) <= 2


def test_one_kind_of_error_is_asked_for_by_its_name_alone(table, found):
    again = verify_table(table, share=0.1, kinds="uniform", seed=1, **QUICK)
    assert again.kinds == ("uniform",)
    np.testing.assert_array_equal(again.trials[0].planted["row"], found.trials[0].planted["row"])


def test_classes_get_every_kind_of_error_by_default(table):
    found = verify_table(table, share=0.05, **QUICK)
    assert [trial.kind for trial in found.trials] == ["uniform", "class-dependent", "boundary"]
    assert [len(trial) for trial in found.trials] == [8, 8, 8]


def test_the_boundary_is_where_a_forest_is_undecided(table):
    """Setosa is told apart by anybody; virginica and versicolor are not by everybody."""
    found = verify_table(table, share=0.05, kinds=["boundary"], **QUICK)
    rows = found.trials[0].planted
    assert np.isin(rows["was"], ["versicolor", "virginica"]).sum() >= 7
    assert np.isin(rows["planted"], ["versicolor", "virginica"]).sum() >= 7


def test_numbers_are_swapped_and_told_in_their_own_unit():
    found = verify_table(raw_table(X, 1000 * LEVELS + 5e4), share=0.05, **{**QUICK, "said": {"epochs": 60}})
    trial = found.trials[0]
    assert (found.task, trial.kind, len(trial)) == ("regression", "swap", 8)
    np.testing.assert_array_equal(trial.planted["was"], (1000 * LEVELS + 5e4)[trial.planted["row"]])
    assert sorted(trial.planted["was"]) == sorted(trial.planted["planted"])
    assert found.ok


def test_rows_without_weight_are_left_alone_and_groups_are_kept_together(monkeypatch):
    seen = []
    real = module.split_table

    def split(table, seed):
        train, held = real(table, seed)
        seen.append(set(table.groups[train]) & set(table.groups[held]))
        return train, held

    monkeypatch.setattr(module, "split_table", split)
    weights, groups = np.where(np.arange(160) < 80, 0.0, 1.0), np.arange(160) % 20
    table = replace(raw_table(X, SIDES), weights=weights, groups=groups)
    found = verify_table(table, share=0.1, kinds=["uniform"], **QUICK)
    assert found.trials[0].planted["row"].min() >= 80
    assert len(found.trials[0]) == 8
    assert seen == [set(), set()]


def test_labels_of_any_kind_come_back_as_they_were():
    for labels in (SIDES, SIDES == "left", (SIDES == "left").astype(int) + 3):
        trial = verify(X, labels, share=0.05, kinds=["uniform"], score="record", show_progress=False).trials[0]
        assert trial.planted["was"].tolist() == labels[trial.planted["row"]].tolist()
        assert trial.set_right == 8


def test_ctrl_c_leaves_what_is_finished_and_nothing_finished_is_an_interruption(monkeypatch, table):
    real, calls = module.scored_rows, []

    def pressed_in(run):
        def scored(*given, **options):
            calls.append(None)
            if len(calls) != run:
                return real(*given, **options)
            raise KeyboardInterrupt

        calls.clear()
        monkeypatch.setattr(module, "scored_rows", scored)

    pressed_in(3)
    found = verify_table(table, **QUICK)
    assert [trial.kind for trial in found.trials] == ["uniform"]
    assert found.interrupted
    for run in (1, 2):
        pressed_in(run)
        with pytest.raises(KeyboardInterrupt):
            verify_table(table, **QUICK)


def test_what_cannot_be_is_refused_before_any_work(monkeypatch, table):
    monkeypatch.setattr(module, "run", lambda *_: pytest.fail("work was begun"))
    for wrong, words in (
        ({"share": 0.6}, "at most 0.5"),
        ({"share": 0}, "above 0"),
        ({"kinds": ["swap"]}, "holds classes, for which the kinds are uniform, class-dependent, boundary"),
        ({"kinds": ["unifrom"]}, "did you mean 'uniform'"),
        ({"kinds": "unifrom"}, "did you mean 'uniform'"),
        ({"score": "none"}, "no row is ranked"),
        ({"score": "best"}, "Unknown score 'best'"),
    ):
        with pytest.raises(OptionError, match=words):
            verify_table(table, **{**QUICK, **wrong})
    with pytest.raises(OptionError, match="holds numbers, for which the kinds are swap"):
        verify_table(raw_table(X, LEVELS), **{**QUICK, "kinds": ["uniform"]})


def test_a_table_and_its_arrays_give_the_same():
    whole = culpa.read_table({"a": X[:, 0], "b": X[:, 1], "side": SIDES}, target="side")
    options = {"share": 0.05, "kinds": ["uniform"], "score": "record", "show_progress": False}
    apart = verify(X[:, :2], SIDES, **options)
    assert verify(whole, **options).frame.to_dict() == apart.frame.to_dict()
    with pytest.raises(DataError, match="there is nothing to learn"):
        verify(X, np.ones(160, int), task="classification", **options)
