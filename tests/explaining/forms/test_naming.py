# SPDX-License-Identifier: MIT
"""Names: no mark that turns the direction of writing gets through; those from the right keep theirs to themselves."""

import unicodedata

import pytest

from culpa.explaining.forms.naming import isolated, leftward, printable

TURNING = [chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C)]


@pytest.mark.parametrize("sign", [*TURNING, "\x00", "\x1b", "\x7f", "\x85", "\ud800"], ids=ascii)
def test_marks_and_control_characters_are_made_visible(sign):
    assert printable(f"a{sign}b") == ("a b" if sign.isspace() else "a·b")


def test_letters_of_every_script_stay_as_they_are():
    for text in ("mean radius", "Größe", "גיל", "العمر", "年齢", "x₁ → ½"):
        assert printable(text) == text


def test_only_names_from_the_right_are_set_apart_the_longest_first():
    names = leftward(["age", "גיל", "גיל שני", "العمر"])
    assert isolated("age, גיל שני and גיל", names, "<", ">") == "age, <גיל שני> and <גיל>"
    assert isolated("العمر: 1", names) == "\u2068العمر\u2069: 1"
    assert leftward(["age", ""]) is None
    assert isolated("גיל", None) == "גיל"


def test_a_name_is_found_as_it_is_printed():
    assert isolated(printable("גיל\u202e!"), leftward(["גיל\u202e!"]), "<", ">") == "<גיל·!>"
    assert {unicodedata.bidirectional(sign) for sign in TURNING} >= {"RLO", "LRO", "RLI"}
