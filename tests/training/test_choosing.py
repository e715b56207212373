# SPDX-License-Identifier: MIT
"""The table of rules: what it gives, where it is written, and that its choices can be said again."""

import re
from dataclasses import asdict
from inspect import signature
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import culpa
from culpa.blaming.investigating import investigate
from culpa.cli.blame import command
from culpa.errors import OptionError
from culpa.training import choosing
from culpa.training.choosing import MANY_INPUTS, RULES, choose

ROOT = Path(__file__).parents[2]
ROW = re.compile(
    r"^(?:\| )?(?P<rows>below [\d,]+|more) [ |]+(?P<epochs>\d+)[ |]+(?P<batch>\d+)[ |]+(?P<l2>[\d.]+)"
    r"[ |]+(?P<wide>[\d.]+)",
    re.MULTILINE,
)


def chosen(n):
    return choose(n, 10, 3, classification=True)


def rules_written_in(text):
    return [
        (row["rows"], int(row["epochs"]), int(row["batch"]), float(row["l2"]), float(row["wide"]))
        for row in ROW.finditer(text)
    ]


def rules_in_force():
    return [
        (f"below {rule.below:,}" if rule.below else "more", rule.epochs, rule.batch_size, rule.l2, rule.wide_l2)
        for rule in RULES
    ]


def test_both_documented_tables_hold_the_rules_in_force():
    docstring = re.sub(r"^ +", "", choosing.__doc__, flags=re.MULTILINE)
    page = (ROOT / "docs/tables.md").read_text(encoding="utf-8")
    assert rules_written_in(docstring) == rules_in_force()
    assert rules_written_in(page) == rules_in_force()
    assert rules_written_in(page.replace("| 0.002 |\n", "| 0.02 |\n")) != rules_in_force()


def test_a_table_takes_the_first_rule_that_it_is_small_enough_for():
    assert [chosen(n).l2 for n in (2, 499, 500, 1_999, 2_000, 99_999, 100_000, 10**9)] == [
        0.03, 0.03, 0.002, 0.002, 0.001, 0.0001, 0.00001, 0.00001,
    ]  # fmt: skip


def test_a_wide_table_of_a_few_thousand_rows_takes_a_stronger_penalty():
    assert MANY_INPUTS == 50  # as both tables say
    for inputs, l2 in ((MANY_INPUTS, 0.001), (MANY_INPUTS + 1, 0.005)):
        assert choose(5_000, inputs, 3, classification=True).l2 == l2
    assert choose(1_000, 300, 3, classification=True).l2 == choose(1_000, 3, 3, classification=True).l2


def test_more_rows_never_mean_more_epochs_smaller_batches_or_a_larger_penalty():
    assert RULES[-1].below is None
    for few, many in pairwise(RULES):
        assert many.below is None or few.below < many.below
        assert few.epochs >= many.epochs
        assert few.batch_size <= many.batch_size
        assert few.l2 > many.l2
    assert all(rule.wide_l2 >= rule.l2 for rule in RULES)


def test_what_the_reader_says_is_kept_and_the_rest_stays():
    said = chosen(1000).but(hidden=(7,), l2=0.0, epochs=None)
    assert said.hidden == (7,)
    assert said.l2 == 0.0
    assert said.epochs == chosen(1000).epochs
    with pytest.raises(OptionError, match="epoch"):
        chosen(1000).but(epoch=3)


def test_every_part_of_a_choice_is_a_flag_of_blame_and_an_option_of_investigate():
    flags = set(signature(command).parameters)
    parts = set(asdict(chosen(100)))
    assert parts <= flags
    assert {"epoch"} - flags  # that the comparison can fail
    X = np.random.default_rng(0).normal(size=(40, 2))
    options = {**asdict(chosen(40)), "hidden": [3], "epochs": 1, "patience": 1}
    assert investigate(X, X[:, 0] > 0, **options, score="none", show_progress=False).choice.schedule == "cosine"


def test_what_trains_are_options_of_fit():
    options = set(chosen(100).training())
    assert options <= set(signature(culpa.fit).parameters)
    assert {"epochs", "schedule", "learning_rate"} <= options
    assert "hidden" not in options


def test_the_same_flags_give_the_same_network_again():
    random = np.random.default_rng(0)
    X = random.normal(size=(60, 2))
    y = X[:, 0] + random.normal(size=60) > 0
    first = investigate(X, y, epochs=2, score="none", show_progress=False)
    said = {name: value for name, value in asdict(first.choice).items() if value is not None}
    again = investigate(X, y, **said, score="none", show_progress=False)
    other = investigate(X, y, **{**said, "schedule": "constant"}, score="none", show_progress=False)
    weights = [found.network.layers[0].W for found in (first, again, other)]
    assert np.array_equal(weights[0], weights[1])
    assert not np.array_equal(weights[0], weights[2])
