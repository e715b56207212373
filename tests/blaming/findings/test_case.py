# SPDX-License-Identifier: MIT
"""The next command: what was said stays, what is new takes the place of what was said of it."""

import pytest

from culpa.blaming.findings.case import Case, is_done, with_option, without_option

SAID = ("blame", "a.csv", "--target", "price", "--l2", "0.1", "--epochs=60", "--json", "--top", "5")


@pytest.mark.parametrize(
    ("option", "valued", "kept"),
    [
        ("--top", True, SAID[:-2]),
        ("--epochs", True, (*SAID[:6], *SAID[7:])),
        ("--json", False, (*SAID[:7], *SAID[8:])),
        ("--tune", True, SAID),
    ],
)
def test_an_option_is_taken_out_with_its_value_and_nothing_else(option, valued, kept):
    assert without_option(SAID, option, valued=valued) == kept


def test_a_switch_takes_no_word_behind_it_along():
    assert with_option(("blame", "--json", "a.csv"), "--json") == ("blame", "a.csv", "--json")
    assert with_option(("blame", "a.csv", "--l2", "1"), "--l2", "2") == ("blame", "a.csv", "--l2", "2")


@pytest.mark.parametrize(
    ("command", "done"),
    [
        ("blame a.csv --top 5 --target price --seed 0", True),
        ("blame a.csv --seed 0 --target price --html other.html --top 7", True),
        ("blame a.csv --seed 0 --target price --top 8", False),
        ("blame a.csv --seed 1 --target price", False),
        ("blame a.csv --seed 0 --target price --suspects s.csv", False),
        ("blame a.csv --seed 0 --target price --json", False),
        ("blame a.csv --seed 0 --target price --no-refit", False),
        ("blame a.csv --target price", False),
        ("check --self", False),
    ],
)
def test_a_command_is_done_where_the_present_one_shows_and_writes_as_much(command, done):
    present = "blame a.csv --target price --seed 0 --html report.html --top 7"
    assert is_done(command.split(), present.split()) is done


def test_without_a_command_line_there_is_an_expression_by_the_name_that_the_accounts_have():
    assert Case(None).command("units", "--json") == "blame.units"
    assert Case(None, investigation=object()).command("units", "--json") == "found.blame.units"
    assert Case(None).trained_anew("fit", "--l2", "1") == "fit"


def test_columns_to_leave_out_are_added_to_those_that_are_left_out():
    case = Case(None, None, ("blame", "a.csv", "--drop", "x"))
    assert case.trained_anew("", "--drop", "y", "z") == ("culpa", *case.said, "--drop", "y", "--drop", "z")
