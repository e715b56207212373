# SPDX-License-Identifier: MIT
"""Which label report rows have without another training: that of the training's record, if it is of these very rows."""

from dataclasses import replace

import numpy as np
import pytest

import culpa
from culpa import Network
from culpa.blaming import accounting
from culpa.blaming.accounting import with_labels
from culpa.blaming.labels.outside import outside_scores
from culpa.blaming.labels.witnesses import record_alone
from culpa.errors import DataError, OptionError, ShapeError

RANDOM = np.random.default_rng(2)
X = RANDOM.normal(size=(60, 3))
X[:, 0] += np.sign(X[:, 0])
Y = (X[:, 0] > 0).astype(int)
TURNED = np.argsort(-np.abs(X[:, 0]))[[1, 4]]
Y[TURNED] = 1 - Y[TURNED]
WEIGHTS = RANDOM.gamma(2.0, size=60)
PROBABILITIES = RANDOM.dirichlet([2.0, 2.0], 60)


def trained(y=Y, loss="cross_entropy", outputs=2, weights=None, **options):
    start = Network.fresh([3, 6, outputs], loss=loss, seed=0, l2=0.01)
    return culpa.fit(
        start,
        X,
        y,
        epochs=40,
        batch_size=8,
        learning_rate=0.01,
        seed=0,
        weights=weights,
        show_progress=False,
        **{"record": True, **options},
    )


NETWORK = trained()


def why_not(network, *rows, **options):
    """Why there is no label report; then nothing else of labels is there either."""
    found = culpa.blame(network, *rows, **options)
    assert found.labels is None
    assert found.suspects is None
    assert np.isnan(found.examples["suspicion"]).all()
    return found.missing["suspects"]


def test_a_recorded_training_gives_the_report_of_its_rows_for_nothing():
    found = culpa.blame(NETWORK, X, Y, rows=range(100, 160), ids=[f"r{i}" for i in range(60)])
    expected = record_alone(NETWORK.training.examples, Y)
    np.testing.assert_array_equal(found.examples["suspicion"], expected.suspicion)
    assert found.labels.memory == expected.memory
    np.testing.assert_array_equal(found.labels.rows["row"], np.arange(100, 160))
    assert found.labels.method == "record"
    assert set(found.suspects["id"][:2].tolist()) == {f"r{i}" for i in TURNED}, "what was turned round comes first"
    assert set(found.missing) == {"wrong"}, "no more is missing than a count of the wrong ones, which takes a forest"


@pytest.mark.parametrize("changed", ["X", "y", "weights", "order", "fewer"])
def test_other_rows_than_the_recorded_ones_have_no_report(changed):
    """Negative control: one number, one label, one weight or the order is another."""
    network = trained(weights=WEIGHTS)
    rows, labels, weights = X.copy(), Y.copy(), WEIGHTS.copy()
    if changed == "X":
        rows[59, 2] += 1e-3
    elif changed == "y":
        labels[59] = 1 - labels[59]
    elif changed == "weights":
        weights[0] *= 1.01
    else:
        chosen = slice(None, None, -1) if changed == "order" else slice(0, 59)
        rows, labels, weights = rows[chosen], labels[chosen], weights[chosen]
    assert culpa.blame(network, X, Y, weights=WEIGHTS).labels is not None
    assert why_not(network, rows, labels, weights=weights) == (
        "The training's record is of other rows, or of these in another order; "
        "culpa.fit(…, record=True) on these makes one."
    )


def test_weights_that_are_all_alike_are_those_of_a_training_without_any():
    assert culpa.blame(NETWORK, X, Y, weights=np.full(60, 3.0)).labels is not None


@pytest.mark.parametrize(
    "network", [Network.fresh([3, 2]), trained(record=False), trained(record=False, checkpoints=True)]
)
def test_without_a_record_it_is_said_how_to_have_one(network):
    expected = "The network's training recorded nothing of each row; culpa.fit(…, record=True) does."
    assert why_not(network, X, Y) == expected


def test_rows_without_one_label_each_have_no_report_whatever_was_recorded():
    soft = RANDOM.dirichlet([1.0, 1.0], 60)
    several, numbers, odds = RANDOM.integers(0, 2, (60, 2)), RANDOM.normal(size=(60, 2)), RANDOM.random(60)
    for y, loss, outputs, words in (
        (soft, "cross_entropy", 2, "The targets are probabilities: no row has one label to be wrong."),
        (odds, "binary_cross_entropy", 1, "The targets are probabilities: no row has one label to be wrong."),
        (several, "binary_cross_entropy", 2, "Each row has 2 labels: only one label, or one number, a row is judged."),
        (numbers, "squared_error", 2, "Each row has 2 numbers: only one label, or one number, a row is judged."),
    ):
        assert why_not(trained(y, loss, outputs), X, y) == words


@pytest.mark.parametrize("loss", ["binary_cross_entropy", "logistic_squared_error"])
def test_one_label_of_one_output_is_judged_as_of_two_classes(loss):
    network = trained(Y, loss, 1)
    found = culpa.blame(network, X, Y)
    said = network.training.examples.outputs[:, 0].astype(float)
    np.testing.assert_allclose(found.labels.rows["given_probability"], np.where(Y == 1, said, 1 - said), rtol=1e-6)
    assert set(found.suspects["row"][:2].tolist()) == set(TURNED.tolist())


@pytest.mark.parametrize("loss", ["squared_error", "huber", "poisson"])
def test_numbers_are_judged_by_their_residuals(loss):
    y = (np.exp(X[:, 0] / 2) if loss == "poisson" else X[:, 0]).round(2)
    y[7] += 9
    found = culpa.blame(trained(y, loss, 1), X, y)
    assert found.labels.task == "regression"
    assert found.suspects["row"][0] == 7
    np.testing.assert_allclose(found.suspects["given"][0], y[7])


def test_nothing_is_reported_where_nothing_was_asked_for():
    assert why_not(NETWORK, X, Y, score="none") == "No label report was asked for."


def test_a_forest_is_a_second_witness():
    found = culpa.blame(NETWORK, X, Y, score="forest", show_progress=False)
    alone = culpa.blame(NETWORK, X, Y, score="record")
    assert found.labels.method == "record and forest"
    assert not np.allclose(found.examples["suspicion"], alone.examples["suspicion"])
    assert found.labels.wrong.low <= 2 <= found.labels.wrong.high
    assert dict(found.missing) == {}
    assert set(found.suspects["row"][:2].tolist()) == set(TURNED.tolist())


@pytest.mark.parametrize(
    ("network", "score", "words"),
    [
        (NETWORK, "best", "'best'"),
        (NETWORK, "bags", "`score` must need no training here"),
        (Network.fresh([3, 1], loss="squared_error"), "forest", "A forest judges classes"),
    ],
    ids=["unknown", "bags", "forest"],
)
def test_a_score_that_cannot_be_had_here_is_refused_before_any_work(network, score, words):
    with pytest.raises(OptionError, match=words):
        culpa.blame(network, X, "no labels at all", score=score)


@pytest.mark.parametrize("score", ["record", "forest"])
def test_a_score_that_is_named_and_cannot_be_had_is_refused_before_any_work(score, monkeypatch):
    soft = RANDOM.dirichlet([1.0, 1.0], 60)
    monkeypatch.setattr(accounting, "added_up", None)
    for network, y, words in (
        (trained(record=False), Y, "recorded nothing of each row"),
        (NETWORK, 1 - Y, "is of other rows"),
        (NETWORK, soft, "no row has one label"),
    ):
        with pytest.raises(OptionError, match=f'score="{score}" cannot be had here.*{words}'):
            culpa.blame(network, X, y, score=score)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([*"abc"], "whole ones"),
        ([0.5, 1, 2], "whole ones"),
        ([True, False, True], "whole ones"),
        ([[1], [2], [3]], "whole ones"),
        ([-1, 0, 1], "from 0 on"),
        ([4, 5, 5], "each number once; got 5 in 2 rows"),
    ],
)
def test_rows_that_are_no_numbers_or_come_twice_are_refused(rows, words):
    with pytest.raises(DataError, match=words):
        culpa.blame(NETWORK, X[:3], Y[:3], rows=rows)


def test_another_models_probabilities_are_a_report_of_their_own():
    network = replace(NETWORK, training=None)
    found = culpa.blame(network, X, Y, pred_probs=PROBABILITIES)
    assert found.labels.method == "probabilities"
    np.testing.assert_array_equal(found.examples["suspicion"], outside_scores(PROBABILITIES, Y).suspicion)


def test_beside_a_record_they_are_its_rival():
    found = culpa.blame(NETWORK, X, Y, pred_probs=PROBABILITIES)
    assert found.labels.method == "record"
    np.testing.assert_array_equal(found.labels.rival.rows["suspicion"], outside_scores(PROBABILITIES, Y).suspicion)


def test_probabilities_that_fit_no_classes_are_refused():
    with pytest.raises(ShapeError, match="`pred_probs` must have a column for each of the 2 classes"):
        culpa.blame(NETWORK, X, Y, pred_probs=RANDOM.dirichlet(np.ones(3), 60))
    numbers = Network.fresh([3, 1], loss="squared_error")
    with pytest.raises(OptionError, match="the network predicts numbers"):
        culpa.blame(numbers, X, X[:, 0], pred_probs=PROBABILITIES)
    with pytest.raises(OptionError, match="`pred_probs` needs rows of one class each"):
        culpa.blame(NETWORK, X, PROBABILITIES, pred_probs=PROBABILITIES)


def test_a_report_that_is_there_is_joined_by_the_rows_numbers():
    """The report is of all rows, the blame of some, in another order; a row that the report lacks has no suspicion."""
    report = culpa.blame(NETWORK, X, Y, rows=range(100, 160)).labels
    some = [159, 103, 7, 100]
    found = culpa.blame(NETWORK, X[:4], Y[:4], rows=some, labels=report)
    expected = [report.rows["suspicion"][59], report.rows["suspicion"][3], np.nan, report.rows["suspicion"][0]]
    np.testing.assert_array_equal(found.examples["suspicion"], expected)
    assert found.labels is report
    later = with_labels(culpa.blame(NETWORK, X[:4], Y[:4], rows=some), report)
    np.testing.assert_array_equal(later.examples["suspicion"], expected)
    assert "suspects" not in later.missing


def test_what_is_no_report_is_refused():
    with pytest.raises(OptionError, match="`labels` must be a label report; got a ndarray"):
        culpa.blame(NETWORK, X, Y, labels=Y)
