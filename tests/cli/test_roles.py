# SPDX-License-Identifier: MIT
"""What columns are for, said on the command line and to `read_table`: ids, weights, groups, dropped ones, a class."""

import numpy as np
import pytest

import culpa
from tests.cli.calling import call
from tests.cli.houses import write

QUICK = ("--epochs", "3", "--hidden", "4", "--score", "none", "--json")
RANDOM = np.random.default_rng(3)
N = 80
SIZE = RANDOM.normal(size=N).round(3)
ILL = np.where(SIZE + RANDOM.normal(size=N) / 2 > 0.3, "ill", "well")
NAMES = ["patient", "visit", "size", "w", "state"]


def lines(weights=None):
    """Four visits a patient, each with a name and a weight of its own."""
    w = np.ones(N, int) if weights is None else weights
    return [[f"P{i // 4:02d}", f"V{i:02d}", str(SIZE[i]), str(w[i]), ILL[i]] for i in range(N)]


@pytest.fixture(scope="module")
def visits(tmp_path_factory):
    """The table in a file."""
    return write(tmp_path_factory.mktemp("visits") / "visits.csv", lines(), NAMES)


def blamed(path, *words):
    answer = call("blame", path, "--target", "state", *QUICK, *words)
    assert answer.code == 0, answer.err
    return answer.json


def sides(state):
    """The patients of the rows that were learnt from, and all others."""
    rows = {example["row"] for example in state["examples"]}
    return [{row // 4 for row in side} for side in (rows, set(range(N)) - rows)]


def test_a_group_stays_on_one_side_of_the_split(visits):
    train, held = sides(blamed(visits, "--group", "patient", "--drop", "visit", "--top", 1000))
    assert (train & held, train | held) == (set(), set(range(N // 4)))
    apart = sides(blamed(visits, "--drop", "patient", "--drop", "visit", "--top", 1000))
    assert apart[0] & apart[1], "negative control: without groups patients are torn apart"


def test_a_group_stays_on_one_side_of_the_rows_that_choose_the_epoch_too(visits, monkeypatch):
    from culpa.training import rows as fitting

    asked = []
    right = fitting.split_rows
    monkeypatch.setattr(
        fitting, "split_rows", lambda *a, **more: asked.append((right(*a, **more), more)) or asked[-1][0]
    )
    table = culpa.read_table(visits, "state", group="patient", drop=["visit"])
    culpa.investigate(table, epochs=2, hidden=(4,), score="none")
    ((kept, chosen), more) = asked[0]
    assert set(more["groups"][kept]) & set(more["groups"][chosen]) == set()
    assert len(kept) + len(chosen) == 60


def test_ids_groups_weights_and_dropped_columns_are_no_inputs(visits):
    words = ("--id", "visit", "--group", "patient", "--sample-weight", "w")
    assert blamed(visits, *words)["data"]["columns"] == ["size"]
    assert blamed(visits, "--drop", "visit", "--drop", "patient", "--drop", "w")["data"]["columns"] == ["size"]
    assert "patient" in blamed(visits, "--id", "visit")["data"]["columns"]
    table = culpa.read_table(visits, "state", id="visit", group="patient", sample_weight="w")
    found = culpa.investigate(table, epochs=2, hidden=(4,), score="none")
    assert found.network.columns.names == ("size",)
    assert set(found.blame.examples["id"]) <= {f"V{i:02d}" for i in range(N)}


def test_ids_that_are_not_unique_are_refused_with_both_rows(visits):
    answer = call("blame", visits, "--target", "state", "--id", "patient")
    assert (answer.code, answer.out) == (2, "")
    assert "ids in 'patient' are not unique: rows 0 and 1 are both 'P00'" in answer.err


def test_a_kind_may_be_said(visits):
    words = ("--id", "visit", "--group", "patient", "--drop", "w")
    assert blamed(visits, *words, "--kind", "size=category")["data"]["kinds"] == {"size": "category"}
    assert blamed(visits, *words)["data"]["kinds"] == {"size": "number"}


@pytest.mark.parametrize("positive", ["ill", "well"])
def test_recall_and_precision_are_those_of_the_class_that_is_looked_for(visits, positive, tmp_path):
    words = ("--id", "visit", "--group", "patient", "--drop", "w", "--positive", positive)
    state = blamed(visits, *words, "--top", 1000, "--save", tmp_path / "n.st")
    held = np.setdiff1d(np.arange(N), [example["row"] for example in state["examples"]])
    said = call("predict", tmp_path / "n.st", visits, "--json").json
    network = culpa.load(tmp_path / "n.st")
    table = culpa.read_table(visits, columns=network.columns)
    calls = np.array(network.columns.classes)[culpa.classes(network, table.X)][held] == positive
    there = ILL[held] == positive
    assert said["command"] == "predict"
    beside = state["score"]["beside"]
    assert (beside["label"], beside["there"], beside["called"]) == (positive, there.sum(), calls.sum())
    assert beside["recall"] == pytest.approx((there & calls).sum() / there.sum())
    assert beside["precision"] == (pytest.approx((there & calls).sum() / calls.sum()) if calls.any() else None)
    report = call("blame", visits, "--target", "state", *QUICK[:-1], *words).out
    assert f"of the {there.sum()} rows that are ‘{positive}’ are found" in report


def test_a_weight_of_two_is_a_row_that_stands_twice(tmp_path):
    """The oracle: scores, baselines and shares of a table whose rows are doubled."""
    weights = RANDOM.integers(1, 3, N)
    network = tmp_path / "n.st"
    once = write(tmp_path / "once.csv", lines(weights), NAMES)
    twice = write(
        tmp_path / "twice.csv", [line for line, w in zip(lines(weights), weights, strict=True) for _ in range(w)], NAMES
    )
    own = ("--drop", "patient", "--drop", "visit")
    blamed(once, *own, "--drop", "w", "--save", network)
    weighed = call("blame", once, "--model", network, "--sample-weight", "w", "--json", "--top", 1000).json
    doubled = call("blame", twice, "--model", network, "--json", "--top", 1000).json
    plain = call("blame", once, "--model", network, "--json", "--top", 1000).json
    for measure in (lambda s: s["blame"]["loss"], lambda s: s["blame"]["norm"], lambda s: s["score"]["network"],
                    lambda s: s["score"]["beside"]["recall"]):  # fmt: skip
        assert measure(weighed) == pytest.approx(measure(doubled), rel=1e-6)
        assert measure(weighed) != pytest.approx(measure(plain), rel=1e-6), "negative control"


@pytest.mark.parametrize("weight", [0, 1], ids=["nothing", "negative control: something"])
def test_what_stands_in_rows_that_weigh_nothing_changes_nothing(tmp_path, weight):
    """Neither the encoding, nor the training, nor the baselines; their labels stay, as they are dealt out by class."""
    weights = np.where(np.arange(N) % 5 == 0, weight, 1)
    found = []
    for k, moved in enumerate((0, 1000)):
        made = lines(weights)
        for i in range(0, N, 5):
            made[i][2] = str(SIZE[i] + moved)
        path = write(tmp_path / f"{k}.csv", made, NAMES)
        table = culpa.read_table(path, "state", sample_weight="w", drop=["patient", "visit"])
        found.append(culpa.investigate(table, epochs=2, hidden=(4,), score="none", show_progress=False))
    one, other = found
    same = np.array_equal(culpa.flatten(one.network), culpa.flatten(other.network))
    alike = (same, one.score == other.score, one.baselines == pytest.approx(other.baselines))
    assert all(alike) == (weight == 0)
    assert same == (weight == 0)
    shares = one.blame.examples["share"][np.isin(one.blame.examples["row"], np.arange(0, N, 5))]
    assert (shares.max() == 0) == (weight == 0)


def test_a_file_of_its_own_chooses_the_epoch(tmp_path, visits):
    order = [4, 2, 0, 1, 3]
    moved = [[line[j] for j in order] for line in lines()[:30]]
    other = write(tmp_path / "other.csv", moved, [NAMES[j] for j in order])
    words = ("--drop", "patient", "--id", "visit", "--sample-weight", "w")
    state = blamed(visits, *words, "--validation", other)
    assert state["training"]["rows"] == [60, 30]
    assert f"--validation {other}" in state["footer"]["reproduce"]
    moved[3][0] = "dead"
    write(tmp_path / "other.csv", moved, [NAMES[j] for j in order])
    answer = call("blame", visits, "--target", "state", *QUICK, *words, "--validation", other)
    assert (answer.code, answer.out) == (2, "")
    assert "other.csv: row 3 has the class 'dead', which the network does not know" in answer.err
    for left, said, missing in ((1, words[:4], "size"), (3, words, "'w'")):
        write(tmp_path / "other.csv", [line[:left] for line in moved], [NAMES[j] for j in order[:left]])
        answer = call("blame", visits, "--target", "state", *QUICK, *said, "--validation", other)
        assert (answer.code, answer.out) == (2, "")
        assert "other.csv: " in answer.err
        assert missing in answer.err


def test_another_class_may_be_looked_for_with_a_saved_network(visits, tmp_path):
    own = ("--drop", "patient", "--drop", "visit", "--drop", "w")
    blamed(visits, *own, "--positive", "well", "--save", tmp_path / "n.st")
    found = [
        call("blame", visits, "--model", tmp_path / "n.st", "--json", *words).json["score"]["beside"]["label"]
        for words in ((), ("--positive", "ill"))
    ]
    assert found == ["well", "ill"]
    answer = call("blame", visits, "--model", tmp_path / "n.st", "--positive", "dead")
    assert (answer.code, answer.out) == (2, "")
    assert "has no class 'dead'" in answer.err
