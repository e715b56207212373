# SPDX-License-Identifier: MIT
"""Findings of labels and rows: each fires at its threshold and not just below it."""

from dataclasses import replace

import numpy as np
import pytest

from culpa.blaming.labels.report import Estimate, Memory
from tests.blaming.findings import grounds


def told(**changes):
    """The base with a label report that is changed so."""
    return replace(grounds.BLAME, labels=grounds.labels(**changes))


def test_wrong_labels_are_told_where_there_is_one_at_least():
    found = grounds.only(told(wrong=Estimate(3.4, 0.6, 7.8)))
    assert found.kind == "labels"
    assert found.sentence == "About 3 of 20 labels look wrong, between 1 and 8."
    assert found.evidence == {"likely": 3, "low": 1, "high": 8, "rows": 20}
    assert found.command == "blame.suspects"
    assert grounds.only(told(wrong=Estimate(1, 1, 3))).sentence == "About 1 of 20 labels looks wrong, between 1 and 3."
    assert grounds.kinds(told(wrong=Estimate(3.4, 0.4, 7.8))) == []


def test_of_numbers_target_values_are_told():
    found = grounds.only(told(wrong=Estimate(3, 1, 5), task="regression"))
    assert found.sentence == "About 3 of 20 target values look wrong, between 1 and 5."


def test_the_share_that_is_expected_among_the_first_is_among_the_evidence():
    found = grounds.only(told(wrong=Estimate(4, 2, 6), expected=np.linspace(1, 0, 20)))
    assert found.evidence["expected"] == pytest.approx(np.linspace(1, 0, 20)[3])


@pytest.mark.parametrize(("same", "named"), [(4, True), (3, True), (2, False)])
def test_the_pair_of_labels_that_stands_out_is_named(same, named):
    given = np.array([*"abc"] * 7)[:20]
    proposed = np.array([*"bca"] * 7)[:20]
    given[:8], proposed[:8] = [*"abcabcab"], [*"cabcabca"]
    given[:same], proposed[:same] = "a", "b"
    found = grounds.only(told(rows={"given": given, "proposed": proposed}, wrong=Estimate(8, 4, 9)))
    assert ("of the first 8 suspects 3 are given as a and look like b" in found.sentence) == (same == 3)
    assert ("given" in found.evidence) == named


@pytest.mark.parametrize(("same", "named"), [(6, True), (5, False)])
def test_of_two_classes_more_than_half_must_be_of_one_direction(same, named):
    given = np.array([*"ab"] * 10)
    given[:8] = ["a"] * same + ["b"] * (8 - same)
    proposed = np.where(given == "a", "b", "a")
    found = grounds.only(told(rows={"given": given, "proposed": proposed}, wrong=Estimate(8, 4, 9)))
    assert ("given" in found.evidence) == named


def test_suspects_are_written_beside_the_decisions_and_never_over_them():
    blame = told(wrong=Estimate(3, 1, 5))
    assert grounds.only(blame, said=("blame", "digits")).command[-2:] == ("--suspects", "suspects.csv")
    said = ("blame", "digits", "--decisions", "suspects.csv")
    assert grounds.only(blame, said=said).command == ("culpa", *said, "--suspects", "suspects_2.csv")


def test_a_list_that_holds_decisions_gives_the_next_one_another_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    blame, said = told(wrong=Estimate(3, 1, 5)), ("blame", "digits", "--decisions", "decided.csv")
    for decision, name in (("", "suspects.csv"), ("keep", "suspects_2.csv")):
        (tmp_path / "suspects.csv").write_text(f"row,given,decision\n3,a,{decision}\n")
        assert grounds.only(blame, said=said).command == ("culpa", *said, "--suspects", name)


@pytest.mark.parametrize(("twins", "sentence"), [(1, "1 row has the same inputs as another one and another label"),
                                                 (4, "4 rows have the same inputs")])  # fmt: skip
def test_rows_with_the_same_inputs_and_other_labels_are_told(twins, sentence):
    found = grounds.only(told(rows={"twins": np.r_[np.ones(twins, int), np.zeros(20 - twins, int)]}))
    assert found.kind == "twins"
    assert sentence in found.sentence
    assert found.evidence == {"rows": twins, "of": 20}


def test_of_measured_values_a_few_that_differ_are_no_finding():
    many = {name: np.resize(values, 400) for name, values in grounds.labels().rows.columns.items()}
    few, enough = (np.r_[np.ones(size, int), np.zeros(400 - size, int)] for size in (3, 4))
    assert grounds.kinds(told(rows={**many, "twins": few}, task="regression")) == []
    assert grounds.kinds(told(rows={**many, "twins": enough}, task="regression")) == ["twins"]
    assert grounds.kinds(told(rows={**many, "twins": few})) == ["twins"]


def test_a_report_that_knows_no_twins_tells_none():
    report = grounds.labels()
    rows = {name: values for name, values in report.rows.columns.items() if name != "twins"}
    assert grounds.kinds(replace(grounds.BLAME, labels=replace(report, rows=type(report.rows)(rows)))) == []


def test_what_is_learnt_by_heart_is_told_and_leads_to_the_suspects():
    found = grounds.investigation()
    fine = replace(found, network=replace(found.network, training=None))
    blame = told(memory=Memory(True, "All rows are known by heart.", {"asked": 20, "given": 19}))
    one = grounds.only(blame, fine, ("blame", "digits"))
    assert one.evidence == {"asked": 20, "given": 19}, "its own numbers, and none of the recipe"
    assert one.sentence == "All rows are known by heart."
    assert one.command == ("culpa", "blame", "digits", "--suspects", "suspects.csv")
    assert grounds.kinds(told(memory=Memory(False, "Few rows are known by heart."))) == []


def shares(heavy, n=100):
    """The base with so many rows that carry half of the loss together, the others alike."""
    values = np.r_[np.full(heavy, 0.5 / heavy), np.full(n - heavy, 0.5 / (n - heavy))]
    columns = {name: np.resize(column, n) for name, column in grounds.BLAME.examples.columns.items()}
    return replace(grounds.BLAME, examples=grounds.Frame({**columns, "share": values}))


def test_a_row_that_was_kept_is_not_shown_again():
    heavy = shares(1)
    rows = grounds.labels().rows.columns
    for decided, kinds in ((np.arange(20) == 0, []), (np.arange(20) == 1, ["few rows"])):
        report = grounds.labels(rows=dict(rows), settled=decided)
        assert grounds.kinds(replace(heavy, labels=report)) == kinds


def test_nor_is_it_where_no_labels_are_ranked():
    for decided, told_of in ((0, False), (1, True)):
        found = grounds.investigation(settled_rows=np.array([decided]))
        assert ("few rows" in grounds.kinds(shares(1), found)) is told_of


def test_a_few_rows_that_carry_half_of_the_loss_are_told():
    found = grounds.only(shares(2), said=("blame", "digits", "--top", "12"))
    assert found.sentence == "2 rows of 100 carry 50 % of the loss: 0, 1."
    assert found.evidence["which"] == [0, 1]
    assert found.command == ("culpa", "blame", "digits", "--score", "none", "--top", "2")
    assert grounds.only(shares(1)).sentence == "1 row of 100 carries 50 % of the loss: 0."
    assert grounds.only(shares(1)).command == "blame.heaviest(1)"
    assert grounds.kinds(shares(3)) == []
    assert grounds.kinds(shares(1, n=49)) == []
    assert grounds.kinds(shares(1, n=50)) == ["few rows"]


def test_without_a_loss_no_row_carries_it():
    nothing = grounds.frame(grounds.BLAME.examples, share=np.zeros(120))
    assert grounds.kinds(replace(grounds.BLAME, examples=nothing)) == []
