# SPDX-License-Identifier: MIT
"""Reasons: of which rows they are told, and that a planted wrong label is told by what makes it wrong."""

from dataclasses import replace

import numpy as np
import pytest

import culpa
from culpa.blaming.labels.reasons import FIRST, reasons_for
from culpa.blaming.labels.report import Estimate
from culpa.blaming.labels.scores import Scores
from culpa.errors import DataError
from tests.blaming.labels import witness

TABLE, NETWORK = witness.classes()
SCORES = witness.class_scores(TABLE)


def reasons(scores=SCORES, places=None, network=NETWORK, table=TABLE, **options):
    return reasons_for(network, table.raw, table.X, table.y, scores, places, **options)


def test_the_first_suspects_get_reasons_by_their_places_and_no_suspect_is_a_neighbour():
    told = reasons()
    assert list(told) == np.argsort(-SCORES.suspicion, kind="stable")[:FIRST].tolist()
    rows = {one.row for reason in told.values() for one in (*reason.like_given, *reason.like_proposed)}
    assert rows
    assert not rows & {*told}


def test_as_many_rows_as_are_probably_wrong_are_no_neighbours_but_never_more_than_half():
    order = np.argsort(-SCORES.suspicion, kind="stable")
    for likely, left_out in ((30.0, 30), (65.0, 35)):
        told = reasons(SCORES._replace(wrong=Estimate(likely, 1, 70)))
        rows = {one.row for reason in told.values() for one in (*reason.like_given, *reason.like_proposed)}
        assert not rows & {*order[:left_out].tolist()}
        assert rows & {*order[left_out : left_out + 20].tolist()}


def test_reasons_are_told_of_the_places_that_are_asked_for_and_do_not_depend_on_the_batch():
    assert list(reasons(places=[7, 2])) == [7, 2]
    assert reasons(places=[]) == {}
    assert reasons(places=[7, 2], batch_size=5)[2].columns == reasons(places=[7, 2])[2].columns


def test_the_twins_are_rows_of_the_readers_file():
    cells = {"x": [1.0, 1.0, 2.0, 3.0, 1.0], "y": ["a", "b", "a", "b", "b"]}
    table = culpa.read_table(cells, target="y", dtype="float64")
    network = witness.network_for(table, (3,), "cross_entropy", 2, 0)
    scores = Scores(np.linspace(1, 0, 5), 1 - table.y, "record", "a test")
    shifted = replace(table, raw=replace(table.raw, rows=np.arange(5) + 10))
    told = reasons(scores, network=network, table=shifted)
    assert [told[place].twins for place in range(5)] == [(11, 14), (10,), (), (), (10,)]


def test_a_planted_wrong_label_is_told_by_the_column_that_makes_it_wrong():
    draw = np.random.default_rng(0)
    X = draw.normal(size=(200, 3))
    label = np.where(X[:, 1] > 0, "yes", "no")
    X[0], label[0] = (0.0, 2.5, 0.1), "no"
    table = culpa.read_table({**dict(zip("abc", X.T, strict=True)), "y": label}, target="y")
    network = culpa.fit(
        replace(culpa.Network.fresh([3, 8, 2], seed=0), columns=table.columns),
        table.X,
        table.y,
        epochs=30,
        learning_rate=0.01,
    )
    said = culpa.predict(network, table.X)
    scores = Scores(1 - said[np.arange(200), table.y], 1 - table.y, "record", "a test", probabilities=said)
    reason = reasons(scores, network=network, table=table)[0]
    assert [one.column for one in reason.columns] == ["b"]
    assert reason.columns[0].value == "2.5"
    assert {one.label for one in reason.like_proposed} == {"yes"}
    assert reason.like_proposed[0].similarity > 0.9


def test_an_investigation_tells_the_twins_of_its_rows_and_why_the_first_are_suspected():
    draw = np.random.default_rng(4)
    x, size = draw.normal(size=80), draw.normal(size=80)
    label = np.where(x > 0, "yes", "no")
    again = {"x": np.r_[x, x[:2]], "size": np.r_[size, size[:2]]}
    y = np.r_[label, np.where(label[:2] == "yes", "no", "yes")]
    table = culpa.read_table({**again, "y": y}, target="y")
    found = culpa.investigate(table, epochs=8, score="record", show_progress=False)
    assert found.labels.rows["twins"].nonzero()[0].tolist() == [0, 1, 80, 81]
    assert list(found.labels.reasons) == found.labels.order[:FIRST].tolist()
    assert found.labels.reasons[80].twins == (0,)
    assert "twins" in {one.kind for one in found.blame.findings}


def test_a_network_that_knows_no_columns_is_refused():
    with pytest.raises(DataError, match="knows no columns"):
        reasons(network=replace(NETWORK, columns=None))
