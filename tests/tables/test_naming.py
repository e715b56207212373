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


LONG = [*(f"column {k}" for k in range(20)), "hue, measured", "Size", "x"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hue", "hue, measured"),
        ("HUE", "hue, measured"),
        ("measured", "hue, measured"),
        ("size", "Size"),
        ("szie", "Size"),
        ("hue measurd", "hue, measured"),
        ("column 19 ", "column 19"),
    ],
)
def test_the_name_that_is_meant_is_guessed_and_never_hidden_behind_the_first_twelve(typed, meant):
    with pytest.raises(OptionError) as caught:
        needs_names([typed], LONG, "--drop")
    assert caught.value.hint == f"did you mean {meant!r}?"
    assert f"it has {meant}, " in caught.value.message
    assert caught.value.message.endswith(", ….")
    assert caught.value.message.split("; ")[1].count(f"{meant},") == 1


def test_a_name_that_is_like_none_is_answered_with_the_first_columns_and_no_guess():
    with pytest.raises(OptionError, match=r"it has column 0, column 1, .*, column 11, …") as caught:
        needs_names(["qqq"], LONG, "--drop")
    assert caught.value.hint is None
    with pytest.raises(OptionError, match="it has a, b, hue, measured") as caught:  # all are told, as they stand
        needs_names(["hue"], ["a", "b", "hue, measured"], "--drop")


@pytest.mark.parametrize("name", ["it's", 'a "b"', "zip code", "$HOME", "é;rm"])
def test_an_option_in_a_hint_says_the_same_through_a_shell(name):
    assert shlex.split(kind_option(name, "category")) == ["--kind", f"{name}=category"]
    assert shlex.split(missing_option(name)) == ["--missing", name]


def test_a_word_that_begins_with_a_hyphen_is_no_option():
    assert shlex.split(missing_option("-9 9")) == ["--missing=-9 9"]


def test_a_taken_name_gets_underscores():
    assert fresh("row", set()) == "row"
    assert fresh("row", {"row", "row_"}) == "row__"
