# SPDX-License-Identifier: MIT
"""The main job: held-out rows are seen by nothing, baselines are scikit-learn's, scores are what they are called."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, r2_score

import culpa
from culpa.blaming import accounting, investigating
from culpa.blaming.findings.collecting import findings_of
from culpa.blaming.investigating import examine_table
from culpa.errors import CulpaError, DataError, ShapeError
from culpa.tables.assigning import raw_table

N = 100
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(N, 3)) * [1, 10, 100] + [0, 5, -50]
SIGNAL = X[:, 0] - X[:, 2] / 100
LABELS = np.where(SIGNAL + RANDOM.normal(size=N) / 2 > 0, 'yes, "é"', "no")
PRICES = 1000 + 200 * SIGNAL + 20 * RANDOM.normal(size=N)
QUICK = {"hidden": (6,), "epochs": 4, "score": "none"}
TASKS = {"classes": LABELS, "numbers": PRICES}


@pytest.fixture(scope="module", params=TASKS)
def task(request):
    """A target, and what was found."""
    y = TASKS[request.param]
    return y, culpa.investigate(X, y, columns=["a", "b, c", "<d>"], ids=[f"id {i}" for i in range(N)], **QUICK)


def robust(values, learnt):
    """Medians and quartiles computed apart, and the bend that keeps extremes within 3."""
    low, middle, high = np.quantile(learnt, [0.25, 0.5, 0.75], axis=0)
    z = (values - middle) / ((high - low) / 1.349)
    return 3 * z / np.sqrt(9 + z**2)


def parameters(found):
    return culpa.flatten(found.network)


def test_a_quarter_is_held_out_and_every_row_is_on_one_side(task):
    y, found = task
    assert len(found.held_rows) == 25
    assert sorted([*found.train_rows, *found.held_rows]) == list(range(N))
    learnt, watched = found.network.training.rows
    assert (learnt + watched, watched) == (75, 12)
    if y is LABELS:
        assert abs(np.mean(y[found.held_rows] == "no") - np.mean(y == "no")) < 1 / 25


def test_what_stands_in_the_held_out_rows_changes_neither_network_nor_blame(task):
    y, found = task
    other = X.copy()
    other[found.held_rows] = 1e6 * RANDOM.normal(size=(25, 3))
    again = culpa.investigate(other, y, columns=["a", "b, c", "<d>"], **QUICK)
    np.testing.assert_array_equal(parameters(again), parameters(found))
    assert again.network.columns == found.network.columns
    for name in ("loss", "norm", "share"):
        np.testing.assert_array_equal(again.blame.examples[name], found.blame.examples[name])
    assert again.score != found.score


def test_what_stands_in_a_training_row_does_change_the_network(task):
    """Negative control of the one above: one number in one row."""
    y, found = task
    other = X.copy()
    other[found.train_rows[0], 1] += 1
    assert not np.array_equal(parameters(culpa.investigate(other, y, **QUICK)), parameters(found))


def test_held_out_prices_are_not_seen_either():
    found = culpa.investigate(X, PRICES, **QUICK)
    other = PRICES.copy()
    other[found.held_rows] = -1e6
    np.testing.assert_array_equal(parameters(culpa.investigate(X, other, **QUICK)), parameters(found))


def test_the_baselines_are_scikit_learns_computed_apart(task):
    y, found = task
    train, held = found.train_rows, found.held_rows
    if y is LABELS:
        linear, simple = LogisticRegression(max_iter=300), DummyClassifier()
        names = ["logistic regression", "majority"]
    else:
        linear, simple = Ridge(), DummyRegressor()
        names = ["ridge regression", "mean"]
    seen = robust(X, X[train])
    models = [model.fit(seen[train], y[train]) for model in (linear, simple)]
    scores = [model.score(seen[held], y[held]) for model in models]
    assert list(found.baselines) == names
    # NOTE: 1e-5, because the inputs are those of the network, in float32.
    assert list(found.baselines.values()) == pytest.approx(scores, abs=1e-5)
    assert abs(scores[0] - scores[1]) > 0.05


def test_the_score_is_that_of_the_held_out_rows_in_the_users_words(task):
    y, found = task
    said = culpa.predict(found.network, found.network.columns.encode(X[found.held_rows]))
    if y is LABELS:
        assert found.metric == "accuracy"
        words = np.array(found.network.columns.classes)[said.argmax(axis=1)]
        assert found.score == pytest.approx(accuracy_score(y[found.held_rows], words), abs=1e-12)
    else:
        assert found.metric == "R²"
        prices = said[:, 0] * PRICES[found.train_rows].std() + PRICES[found.train_rows].mean()
        # NOTE: 1e-5, because the network speaks float32.
        assert found.score == pytest.approx(r2_score(y[found.held_rows], prices), abs=1e-5)


def test_the_blame_is_over_the_training_rows_with_their_ids_and_labels(task):
    y, found = task
    examples = found.blame.examples
    assert examples["row"].tolist() == found.train_rows.tolist()
    assert examples["id"].tolist() == [f"id {row}" for row in found.train_rows]
    assert found.network.training.ids == tuple(f"id {row}" for row in found.train_rows)
    if y is LABELS:
        assert examples["given"].tolist() == y[found.train_rows].tolist()
    else:
        np.testing.assert_allclose(examples["given"], y[found.train_rows], rtol=1e-6)


def test_encodings_are_fitted_on_the_training_rows_and_travel_with_the_network(task):
    y, found = task
    columns = found.network.columns
    np.testing.assert_allclose(columns.encode(X), robust(X, X[found.train_rows]), rtol=1e-9, atol=1e-12)
    assert not np.allclose(columns.encode(X), robust(X, X), rtol=1e-3)
    assert columns.names == ("a", "b, c", "<d>")
    assert columns.classes == (tuple(sorted(set(LABELS.tolist()))) if y is LABELS else None)


def test_the_gradient_is_checked_at_the_trained_point(task):
    _, found = task
    assert found.check.ok
    assert [block.name for block in found.check.blocks] == ["W_1", "b_1", "W_2", "b_2"]


def test_the_same_seed_finds_the_same_and_another_seed_splits_otherwise():
    first, again, other = (culpa.investigate(X, LABELS, seed=seed, **QUICK) for seed in (0, 0, 1))
    np.testing.assert_array_equal(parameters(first), parameters(again))
    assert first.held_rows.tolist() == again.held_rows.tolist() != other.held_rows.tolist()


def test_nothing_that_is_given_is_changed():
    inputs, y = X.copy(), PRICES.copy()
    inputs.flags.writeable = y.flags.writeable = False
    culpa.investigate(inputs, y, **QUICK)
    np.testing.assert_array_equal(inputs, X)


@pytest.mark.parametrize("n", [3, 4, 5, 6, 8])
@pytest.mark.parametrize("kind", TASKS)
def test_a_tiny_table_is_investigated_as_far_as_it_goes(n, kind):
    found = culpa.investigate(X[:n], (np.arange(n) % 2) if kind == "classes" else PRICES[:n], **QUICK)
    assert len(found.train_rows) + len(found.held_rows) == n
    assert found.blame.examples["share"].sum() == pytest.approx(1)


REFUSED = {
    "one class": (
        lambda: culpa.investigate(X, np.zeros(N, int)),
        DataError,
        "have the same target, 0: there is nothing to learn",
    ),
    "one row": (lambda: culpa.investigate(X[:1], [0]), DataError, "3 rows or more"),
    "no target": (lambda: culpa.investigate(X, None), DataError, "no target"),
    "too few ids": (lambda: culpa.investigate(X, LABELS, ids=["a"], **QUICK), ShapeError, "`ids`"),
    "too many ids": (lambda: culpa.investigate(X, LABELS, ids=range(N + 1), **QUICK), ShapeError, "`ids`"),
    "too few names": (lambda: culpa.investigate(X, LABELS, columns=["a"]), ShapeError, "3 columns; got 1"),
    "an unknown task": (lambda: culpa.investigate(X, LABELS, task="ranking"), CulpaError, "ranking"),
    "a layer of no units": (lambda: culpa.investigate(X, LABELS, hidden=(0,)), CulpaError, "got 0"),
}


@pytest.mark.parametrize(("call", "kind", "words"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_investigated_is_refused(call, kind, words):
    with pytest.raises(kind, match=words):
        call()


def test_a_saved_network_is_blamed_over_all_rows_and_nothing_is_trained():
    network = culpa.investigate(X, LABELS, **QUICK).network
    found = examine_table(network, raw_table(X, LABELS))
    assert (len(found.held_rows), found.baselines, found.network) == (0, {}, network)
    assert found.blame.examples["row"].tolist() == list(range(N))
    y = network.columns.encode_target(LABELS)
    assert found.score == culpa.score(network, network.columns.encode(X), y)
    assert found.blame.loss == pytest.approx(culpa.gradient(network, network.columns.encode(X), y).loss, rel=1e-6)


@pytest.mark.parametrize(("learnt", "asked"), [(LABELS, PRICES), (PRICES, LABELS)], ids=["numbers", "classes"])
def test_a_network_for_another_kind_of_target_is_refused_in_words(learnt, asked):
    network = culpa.investigate(X, learnt, **QUICK).network
    with pytest.raises(CulpaError):
        examine_table(network, raw_table(X, asked))


def test_findings_are_drawn_once_where_all_is_known(monkeypatch):
    """Of the accounts, the labels and the investigation together; and not on the way there."""
    asked = []

    def drawn(blame, **known):
        asked.append((blame.labels is not None, known["investigation"] is not None))
        return findings_of(blame, **known)

    monkeypatch.setattr(investigating, "findings_of", drawn)
    monkeypatch.setattr(accounting, "findings_of", drawn)
    found = culpa.investigate(X, LABELS, **{**QUICK, "score": "record"}, show_progress=False)
    assert asked == [(True, True)]
    expected = findings_of(found.blame, investigation=found)
    assert [str(one) for one in found.blame.findings] == [str(one) for one in expected]
    assert len(expected) > 0
