# SPDX-License-Identifier: MIT
"""Naming: what is listed is cut, what is missing is guessed, and an option in a hint is one word to a shell."""

import shlex

import pytest

from culpa.errors import OptionError
from culpa.tables.naming import fresh, kind_option, listed, missing_option, needs_names, shown


def test_names_are_guessed_and_values_are_cut():
    with pytest.raises(OptionError, match=r"--drop 'prise' is no column of the table; it has price, size"):
        needs_names(["prise"], ["price", "size"], "--drop")
    assert len(shown("x" * 100)) == 40
    assert listed(range(7)) == "0, 1, 2, 3, 4, …"


@pytest.mark.parametrize("name", ["it's", 'a "b"', "zip code", "$HOME", "é;rm"])
def test_an_option_in_a_hint_says_the_same_through_a_shell(name):
    assert shlex.split(kind_option(name, "category")) == ["--kind", f"{name}=category"]
    assert shlex.split(missing_option(name)) == ["--missing", name]


def test_a_word_that_begins_with_a_hyphen_is_no_option():
    assert shlex.split(missing_option("-9 9")) == ["--missing=-9 9"]


def test_a_taken_name_gets_underscores():
    assert fresh("row", set()) == "row"
    assert fresh("row", {"row", "row_"}) == "row__"
