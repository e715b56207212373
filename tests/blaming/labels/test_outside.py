# SPDX-License-Identifier: MIT
"""Another model's probabilities: what they make of labels by the definition, and what is no probability."""

from dataclasses import replace

import numpy as np
import pytest

from culpa.blaming.labels.outside import outside_scores
from culpa.blaming.labels.report import Estimate, LabelReport
from culpa.blaming.labels.suspecting import Names, label_report
from culpa.errors import DataError, ShapeError

DRAW = np.random.default_rng(5)
SAID = DRAW.dirichlet(np.ones(4), 50)
GIVEN = DRAW.integers(0, 4, 50)


def report_of(said, given=GIVEN, **changes) -> LabelReport:
    """The report of these probabilities."""
    made = label_report(outside_scores(said, given), given, None, Names(np.arange(len(given)) + 7))
    return replace(made, **changes)


def test_the_suspicion_is_one_less_the_given_labels_probability_and_the_proposed_is_the_best_other():
    found = outside_scores(SAID, GIVEN)
    for i in range(50):
        others = {c: SAID[i, c] for c in range(4) if c != GIVEN[i]}
        assert found.proposed[i] == max(others, key=others.get)
        assert found.suspicion[i] == pytest.approx(1 - SAID[i, GIVEN[i]], abs=1e-12)
    assert found.method == "probabilities"
    assert (found.suspicion != outside_scores(SAID[::-1], GIVEN).suspicion).any()


def test_quality_and_issues_are_cleanlabs_self_confidence_and_its_order():
    report = report_of(SAID, wrong=Estimate(6.4, 2, 9))
    confidence = SAID[np.arange(50), GIVEN]
    np.testing.assert_allclose(report.label_quality, confidence, rtol=0, atol=1e-12)
    assert report.issues().tolist() == sorted(range(50), key=lambda i: confidence[i])[:6]
    assert report.issues(3).tolist() == report.issues().tolist()[:3]
    assert report.issues(3).tolist() != sorted(range(50), key=lambda i: -confidence[i])[:3]


def test_as_many_are_counted_as_another_class_leads_clearly_in_calibrated_probabilities():
    sure = np.full((60, 3), 0.02)
    sure[np.arange(60), np.arange(60) % 3] = 0.96
    given = np.arange(60) % 3
    given[:7] = (given[:7] + 1) % 3
    found = outside_scores(sure, given)
    assert found.wrong.likely == 7
    assert found.expected[6] > 0.8 > 0.2 > found.expected[59]
    assert report_of(sure, given).issues().tolist() == list(range(7))
    assert outside_scores(sure, np.arange(60) % 3).wrong.likely == 0


def test_probabilities_written_with_few_digits_are_made_to_sum_to_one():
    found = outside_scores(SAID.round(2), GIVEN)
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1, atol=1e-12)
    np.testing.assert_allclose(found.probabilities, SAID, atol=0.02)


def test_any_array_of_numbers_is_taken_and_left_as_it_was():
    before = SAID.copy()
    assert outside_scores(SAID.tolist(), GIVEN).suspicion.tolist() == outside_scores(SAID, GIVEN).suspicion.tolist()
    assert outside_scores(SAID.astype("float32"), GIVEN).probabilities.dtype == np.float64
    assert (before == SAID).all()


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda said: said[:-1], ShapeError, r"a row for each of the 50 labels.*got \(49, 4\)"),
        (lambda said: said[:, :3], ShapeError, "a column for each of the 4 classes: a, b, c, d; got 3"),
        (lambda said: np.hstack([said, said[:, :1]]), ShapeError, "4 classes.*got 5"),
        (lambda said: said[:, 0], ShapeError, r"\(n, K\)"),
        (lambda said: np.where(said == said[3, 1], np.nan, said), DataError, "Row 103 has nan .* class 'b'"),
        (lambda said: np.where(said == said[3, 1], -0.2, said), DataError, "Row 103 has -0.2 .* between 0 and 1"),
        (lambda said: np.log(said), DataError, "softmax makes probabilities"),
        (lambda said: np.where(np.arange(50)[:, None] >= 48, said * 0.9, said), DataError,
         "of row 148 sum to 0.9, and not to 1; so do those of 2 rows"),
        (lambda said: said.astype(str), DataError, "must hold numbers"),
    ],
)  # fmt: skip
def test_what_is_no_probability_is_refused_by_its_row_and_class(change, error, message):
    with pytest.raises(error, match=message):
        outside_scores(change(SAID), GIVEN, labels="abcd", rows=np.arange(50) + 100)


def test_labels_that_are_no_class_numbers_are_refused():
    with pytest.raises(DataError, match="class number"):
        outside_scores(SAID, GIVEN.astype(float))
    with pytest.raises(ShapeError, match="5 classes"):
        outside_scores(SAID, np.where(GIVEN == 0, 4, GIVEN))
    with pytest.raises(DataError, match="from 0 on"):
        outside_scores(SAID, np.where(GIVEN == 0, -1, GIVEN))


def test_where_there_are_no_labels_there_is_nothing_to_judge():
    with pytest.raises(ShapeError, match="no labels"):
        outside_scores(np.zeros((0, 2)), np.zeros(0, int))


def test_a_class_without_a_name_is_named_by_its_plain_number():
    with pytest.raises(DataError, match="of the class 1; probabilities"):
        outside_scores(np.where(SAID[3, 1] == SAID, -0.2, SAID), GIVEN)


def test_disagreements_are_the_rows_among_the_first_of_one_ranking_alone():
    other = DRAW.dirichlet(np.ones(4), 50)
    rival = report_of(other)
    report = report_of(SAID, rival=rival)
    found = report.disagreements(10)
    ours, theirs = set(report.issues(10).tolist()), set(rival.issues(10).tolist())
    assert [row - 7 for row in found["row"]] == [
        *(i for i in report.issues(10).tolist() if i not in theirs),
        *(i for i in rival.issues(10).tolist() if i not in ours),
    ]
    for row in found.rows():
        i = row["row"] - 7
        assert report.order[row["place"] - 1] == i
        assert rival.order[row["rival_place"] - 1] == i
        assert row["suspicion"] == report.rows["suspicion"][i]
        assert row["rival_suspicion"] == rival.rows["suspicion"][i]
    assert (found["rival_proposed"] != found["proposed"]).any()
    assert len(report_of(SAID, rival=report_of(SAID)).disagreements(10)) == 0


def test_a_report_without_another_ranking_has_no_disagreements():
    with pytest.raises(DataError, match="no other ranking"):
        report_of(SAID).disagreements()
