# SPDX-License-Identifier: MIT
"""Suspecting: what was asked for is trained and told in the reader's words, and settled rows are counted no more."""

from typing import Any

import numpy as np
import pytest

import culpa
from culpa.blaming.labels import record, rounds, suspecting
from culpa.blaming.labels.residuals import judged
from culpa.blaming.labels.scores import Scores
from culpa.blaming.labels.suspecting import Names, admit_score, label_report, recorded_for, score_labels
from culpa.blaming.verifying.planting import plant
from culpa.errors import OptionError
from culpa.tables.columns import Columns


def scored(score: str = "auto", planned: int | None = None) -> tuple[Scores, Any, Any]:
    """Scores of two clouds with planted labels, and these labels, and which are planted."""
    random = np.random.default_rng(0)
    y = random.integers(2, size=160)
    X, planted = random.normal(size=(160, 2)) + 5 * y[:, None] - 2.5, plant(y, 0.1, "uniform")
    start = culpa.Network.fresh([2, 6, 2], loss="cross_entropy")
    options = {"epochs": 5, "learning_rate": 0.02, "batch_size": 16}
    found = score_labels(
        start, X, planted.y, options=options, planned=planned, score=score, trees=100, show_progress=False
    )
    return found, planted.y, planted.rows


def test_what_does_not_fit_the_task_is_refused_with_a_hint() -> None:
    for score, classification in (("forest", False), ("bags", True), ("luck", True)):
        with pytest.raises(OptionError):
            admit_score(score, classification)
    for score in ("auto", "record", "none"):
        admit_score(score, classification=True)
        admit_score(score, classification=False)
    admit_score("forest", classification=True)
    admit_score("bags", classification=False)


def test_the_recorded_training_goes_halfway_by_factors(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [recorded_for(best, 100) for best in (0, 1, 4, 25, 100)] == [10, 10, 20, 50, 100]
    assert recorded_for(7, None) == 7
    asked: list[int] = []
    inner = suspecting.recorded

    def listening(*given: Any, **options: Any) -> Any:
        asked.append(options["epochs"])
        return inner(*given, **options)

    monkeypatch.setattr(suspecting, "recorded", listening)
    scored("record", planned=20)
    scored("record")
    assert asked == [10, 5]


def test_planted_labels_are_found_counted_and_foretold() -> None:
    found, y, rows = scored()
    assert found.method == "record and forest"
    report = label_report(found, y, None, Names(np.arange(160) + 7))
    assert set(report.order[:14]) <= set(rows)
    assert not set(report.order[-14:]) & set(rows)
    assert report.wrong is not None
    assert report.wrong.low < 16 < report.wrong.high
    assert report.expected is not None
    assert report.expected[9] > 0.8
    assert report.expected[-1] < 0.2
    assert report.suspects["row"][0] == report.order[0] + 7


def test_numbers_stand_as_they_were_given_and_not_as_they_come_back_from_the_scaling() -> None:
    given = np.array([1999.0, 1809.4, 0.1, 2192.7, 93.0])
    columns = Columns((), "price", target_mean=152.13333333333333, target_scale=76.93)
    y = (given - columns.target_mean) / columns.target_scale
    assert columns.decode_target(y).tolist() != given.tolist()
    found = judged(y, np.zeros(5), method="somebody", why="a test")._replace(losses=np.ones(5))
    report = label_report(found, y, columns, Names(np.arange(5), given=given))
    assert report.rows["given"].tolist() == given.tolist()
    assert report.rows["residual"].tolist() == (given - report.rows["proposed"]).tolist()


def test_what_is_settled_is_counted_no_more() -> None:
    found, y, rows = scored()
    settled = np.isin(np.arange(160), rows)
    whole = label_report(found, y, None, Names(np.arange(160)))
    rest = label_report(found, y, None, Names(np.arange(160), settled=settled))
    assert whole.wrong is not None
    assert rest.wrong is not None
    assert whole.expected is not None
    assert rest.expected is not None
    assert rest.wrong.likely < 3 < 10 < whole.wrong.likely
    assert len(rest.expected) == len(rest.order) == 144
    assert rest.expected[0] < whole.expected[0]


def test_the_record_alone_does_not_say_how_many_are_wrong_and_ranks_all_the_same() -> None:
    found, y, rows = scored("record")
    report = label_report(found, y, None, Names(np.arange(160)))
    assert (report.method, report.wrong, report.expected) == ("record", None, None)
    assert len(set(report.order[:16]) & set(rows)) >= 13


@pytest.mark.parametrize("score", ["auto", "record"])
def test_after_ctrl_c_in_a_training_nothing_is_ranked_and_no_forest_grown(
    monkeypatch: pytest.MonkeyPatch, score: str
) -> None:
    monkeypatch.setattr(record, "was_interrupted", lambda _: True)
    monkeypatch.setattr(rounds, "forest_probabilities", None)
    with pytest.raises(KeyboardInterrupt):
        scored(score)


def test_both_rounds_are_of_these_rows_weights_groups_and_epochs(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    X, y, w = random.normal(size=(40, 2)), np.arange(40) % 2, random.uniform(size=40)
    start = culpa.Network.fresh([2, 3, 2], loss="cross_entropy")
    options = {"epochs": 4, "learning_rate": 0.02, "batch_size": 8}
    told: dict[str, Any] = {"weights": w, "groups": np.arange(40) // 4, "unseen": np.ones(40), "seed": 3}
    asked: list[Any] = []
    monkeypatch.setattr(suspecting, "two_rounds", lambda *given, **others: asked.extend([given, others]))
    score_labels(start, X, y, options=options, planned=16, trees=7, show_progress=False, **told)
    (learn, rows, labels), others = asked
    assert (rows is X, labels is y) == (True, True)
    assert others == {**told, "epochs": (8, 16), "trees": 7, "show_progress": False}
    for epochs, weights in ((2, w), (5, None)):
        network, _ = learn(epochs, weights)
        by_hand = culpa.fit(start, X, y, **{**options, "epochs": epochs}, weights=weights, seed=3, show_progress=False)
        np.testing.assert_array_equal(network.layers[0].W, by_hand.layers[0].W)
