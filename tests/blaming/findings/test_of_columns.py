# SPDX-License-Identifier: MIT
"""Findings of columns: one that the loss leans on nearly alone, those that do nothing; and neither just below."""

from dataclasses import replace

import numpy as np
import pytest

import culpa
from culpa.blaming import investigating
from culpa.blaming.findings.collecting import findings_of
from tests.blaming.findings import grounds


def columns(increase, loss=0.1):
    """The base with these increases of its four columns' replacement."""
    changed = grounds.frame(grounds.BLAME.columns, increase=increase, loss_replaced=np.asarray(increase) + loss)
    return replace(grounds.BLAME, columns=changed)


NAMES = grounds.BLAME.columns["column"].tolist()


def test_a_column_that_the_loss_leans_on_nearly_alone_is_told():
    one = grounds.only(columns([0.04, 0.9, 0.03, 0.03]), said=("blame", "a.csv", "--drop", "z"))
    assert one.kind == "one column"
    assert one.sentence == (
        f"The loss leans on '{NAMES[1]}' nearly alone: without what it says the loss is 10.0 times what it is; the "
        "3 other columns together make 10 % of what all replacements cost."
    )
    assert one.command == ("culpa", "blame", "a.csv", "--drop", "z", "--drop", NAMES[1])
    assert grounds.kinds(columns([0.04, 0.89, 0.04, 0.03])) == []


def test_what_costs_less_than_the_loss_itself_is_not_leant_on():
    assert grounds.kinds(columns([0.001, 0.1, 0.001, 0.001])) == ["one column"]
    assert grounds.kinds(columns([0.001, 0.099, 0.001, 0.001])) == []


def test_columns_that_help_when_replaced_cost_nothing():
    assert grounds.kinds(columns([-3.0, 0.9, 0.02, 0.02])) == ["one column"]
    assert grounds.kinds(columns([-3.0, -0.9, -0.02, -0.02])) == []


def test_columns_that_change_nothing_are_told_by_name():
    one = grounds.only(columns([0.3, 0.000099, 0.2, -0.00005]), said=("blame", "a.csv"))
    assert one.kind == "idle columns"
    assert one.sentence.startswith(f"2 columns of 4 do nothing here: {NAMES[1]}, {NAMES[3]}. ")
    assert one.evidence == {"columns": [NAMES[1], NAMES[3]], "of": 4}
    assert one.command == ("culpa", "blame", "a.csv", "--drop", NAMES[1], "--drop", NAMES[3])
    assert grounds.kinds(columns([0.3, 0.000101, 0.2, -0.000101])) == []


def test_of_points_of_a_picture_none_is_told_to_be_left_out():
    blame = columns([0.3, 0.000099, 0.2, -0.00005])
    assert [one.kind for one in findings_of(blame)] == ["idle columns"]
    assert findings_of(blame, pictures=True) == ()


@pytest.mark.parametrize(("idle", "told"), [(20, ["idle columns"]), (21, [])])
def test_of_many_idle_columns_none_is_singled_out(idle, told):
    increase = np.r_[0.3, 0.2, np.zeros(idle)]
    many = {name: np.resize(values, idle + 2) for name, values in grounds.BLAME.columns.columns.items()}
    changed = grounds.frame(grounds.Frame(many), increase=increase, loss_replaced=increase + 0.1)
    assert grounds.kinds(replace(grounds.BLAME, columns=changed)) == told


def test_the_bundled_digits_are_known_to_be_pictures(monkeypatch):
    asked = []
    monkeypatch.setattr(investigating, "findings_of", lambda *_, pictures, **__: asked.append(pictures) or ())
    for name in ("digits", "iris"):
        culpa.investigate(culpa.read_table(name), epochs=0, hidden=(2,), score="none", show_progress=False)
    assert asked == [True, False]


def test_of_a_network_that_makes_nothing_of_any_column_none_is_told():
    assert grounds.kinds(columns([0.0051, 0.0, 0.004, 0.0])) == ["idle columns"]
    assert grounds.kinds(columns([0.0049, 0.0, 0.004, 0.0])) == []


def test_where_no_column_matters_or_none_was_replaced_nothing_is_told():
    assert grounds.kinds(columns([0.0, 0.0, 0.0, 0.0])) == []
    assert grounds.kinds(columns([np.nan] * 4)) == []
    assert grounds.kinds(columns([0.9, 0.03, 0.03, np.nan])) == ["one column"]


def test_a_planted_leak_is_told_and_the_same_table_without_it_has_none():
    draw = np.random.default_rng(3)
    X = draw.normal(size=(160, 4))
    y = (X[:, :3].sum(axis=1) + draw.normal(size=160) > 0).astype(int)
    X[:, 3] = 3.0 * y + 0.1 * X[:, 3]
    for width, kind in ((4, ["one column"]), (3, [])):
        start = culpa.Network.fresh([width, 8, 2], seed=0)
        network = culpa.fit(start, X[:, :width], y, epochs=60, learning_rate=0.01, show_progress=False)
        found = grounds.kinds(culpa.blame(network, X[:, :width], y, score="none", show_progress=False))
        assert [one for one in found if one == "one column"] == kind


@pytest.mark.parametrize("name", ["<script>", "a\nb", "x" * 90])
def test_a_strange_name_stays_on_one_line_in_the_sentence_and_whole_in_the_command(name):
    blame = columns([0.04, 0.9, 0.03, 0.03])
    there = np.array([name if column == NAMES[1] else column for column in NAMES])
    one = grounds.only(
        replace(blame, columns=grounds.Frame({**blame.columns.columns, "column": there})), said=("blame",)
    )
    assert "\n" not in one.sentence
    assert len(one.sentence) < 260
    assert one.command[-1] == name
