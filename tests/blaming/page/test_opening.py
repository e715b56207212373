# SPDX-License-Identifier: MIT
"""The page of a table that was decided on: what the decisions were worth, and which rows its first sentence counts."""

import warnings
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from culpa.blaming.deciding.decisions import Decisions
from culpa.blaming.deciding.retraining import investigate_decided, sentences
from culpa.blaming.labels.report import Estimate
from culpa.blaming.page.writing import report_page
from culpa.errors import CulpaWarning
from tests.blaming.page.made import hostile, prices, tree_of

BOTH = {"hostile": hostile, "prices": prices}


@cache
def decided_on(name):
    """What came of seven decisions."""
    table, _ = BOTH[name]()
    kept, dropped, changed = (np.array(rows, np.intp) for rows in ([0, 1, 2], [5], [7, 8, 9]))
    decided = Decisions(kept, dropped, changed, np.asarray(table.y)[[8, 9, 10]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CulpaWarning)
        return investigate_decided(
            table, decided, said={"epochs": 4, "hidden": (6,)}, score="record", show_progress=False
        )


def page_of(name, **changes):
    """Its page as a tree."""
    decided = replace(decided_on(name), **changes)
    return tree_of(report_page(decided.after, decided.table, decided=decided))


@pytest.mark.parametrize("name", BOTH)
def test_what_the_decisions_were_worth_stands_first_in_the_words_of_the_terminal(name):
    tree = page_of(name)
    part = next(tree.all("section"))
    assert part.attributes["id"] == "decided"
    said = [tuple(cell.text for cell in line.children) for line in part.one("dl").children]
    assert said == list(sentences(decided_on(name)))
    assert "95 % interval" in dict(said)["change"]
    assert tree.one("nav").one("a").attributes["href"] == "#decided"


def test_another_difference_is_another_sentence():
    """Negative control: the numbers are those of the comparison at hand."""
    found = decided_on("prices").difference
    other = page_of("prices", difference=found._replace(low=-3.0)).one("section", id="decided").text
    assert "(95 % interval −3.000 to " in other
    assert other != page_of("prices").one("section", id="decided").text


def test_where_nothing_was_decided_there_is_no_such_section():
    table, found = prices()
    tree = tree_of(report_page(found, table))
    assert not list(tree.all("section", id="decided"))
    assert not list(tree.all("a", href="#decided"))


@pytest.mark.parametrize("wrong", [None, Estimate(0.2, 0.0, 3.0), Estimate(12.0, 6.0, 20.0)])
def test_the_first_sentence_counts_the_rows_that_are_ranked_and_the_next_those_that_are_not(wrong):
    decided = decided_on("prices")
    labels = replace(decided.after.labels, wrong=wrong)
    assert (len(labels), len(labels.order)) == (89, 83)
    after = replace(decided.after, blame=replace(decided.after.blame, labels=labels))
    tree = tree_of(report_page(after, decided.table, decided=decided))
    first = tree.one("p", kind="matters").text
    assert "83 values of price" in first
    assert "89" not in first
    assert tree.one("p", kind="lead").text.startswith("6 rows that you have decided on are not ranked.")
    assert "most suspicious of 83 rows" in tree.one("section", id="suspects").text


@pytest.mark.parametrize(
    ("score", "words"), [(0.912, "is no better than"), (0.914, "is no better than"), (0.9, "does not"), (0.92, "beats")]
)
def test_a_tie_is_told_as_one(score, words):
    table, found = prices()
    tree = tree_of(report_page(replace(found, score=score, baselines={"ridge regression": 0.912}), table))
    assert (
        f"{words}{' beat' if words.startswith('does') else ''} the ridge regression, 0.91." in tree.one("header").text
    )


def test_where_every_row_is_decided_on_the_page_says_so():
    decided = decided_on("prices")
    labels = replace(decided.after.labels, settled=np.ones(89, bool))
    after = replace(decided.after, blame=replace(decided.after.blame, labels=labels))
    tree = tree_of(report_page(after, decided.table, decided=decided))
    assert tree.one("p", kind="matters").text == "Every one of 89 rows has been decided on."
