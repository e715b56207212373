# SPDX-License-Identifier: MIT
"""The suspects on the page of a target of numbers: every distance stands in the unit in which the numbers stand."""

from dataclasses import replace

import numpy as np
import pytest

from culpa.blaming.examples_terminal import amount
from culpa.blaming.labels.report import Reasons
from culpa.blaming.labels.witnesses import RECORD, RECORD_VALUES
from culpa.blaming.measures import Distance
from culpa.blaming.page.writing import report_page
from culpa.reporting.frames import Frame
from tests.blaming.page.made import hostile, prices, tree_of


def with_rows(found, **columns):
    """The same with other columns of the label report, and nothing but the first row's sentence for a reason."""
    rows = Frame({**found.labels.rows.columns, **columns})
    labels = replace(found.labels, rows=rows, reasons={int(found.labels.order[0]): Reasons()})
    return replace(found, blame=replace(found.blame, labels=labels), beside=Distance(4_361_000.4, 12_345_678.9))


def test_how_far_off_a_number_is_stands_in_its_own_unit():
    table, found = prices()
    off, usual = np.full(90, 4_360_969.2), np.linspace(44_955.2, 90_000.0, 90)
    tree = tree_of(report_page(with_rows(found, residual=off, spread=usual), table))
    part, scale = tree.one("section", id="suspects"), found.network.columns.target_scale
    for place, body in zip(found.labels.order, part.all("tbody", kind="suspect"), strict=True):
        said = {cell.attributes.get("data-label"): cell.text for cell in body.one("tr", kind="one").children}
        assert (said["off by"], said["usually"]) == ("4,360,969", amount(usual[place], scale))
    first = amount(usual[found.labels.order[0]], scale)
    assert f"that is off by 4,360,969, where {first} is usual." in part.text
    assert "10<sup>" not in part.raw
    assert "Off by 4,361,000 (median), 12,345,679 (root mean square)" in tree.one("section", id="score").text


def test_what_cannot_be_told_is_a_dash():
    table, found = prices()
    tree = tree_of(report_page(with_rows(found, residual=np.full(90, np.nan), spread=np.full(90, np.nan)), table))
    cells = {cell.text for label in ("off by", "usually") for cell in tree.all("td", **{"data-label": label})}
    assert cells == {"–"}


@pytest.mark.parametrize(("made", "why"), [(hostile, RECORD), (prices, RECORD_VALUES)])
def test_where_a_record_ranks_it_is_said_what_it_is_and_not_that_it_was_free(made, why):
    table, found = made()
    assert f"ranked by record: {why}." in tree_of(report_page(found, table)).one("section", id="suspects").text
    assert not {"free", "nothing"} & set(why.split())
