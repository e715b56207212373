# SPDX-License-Identifier: MIT
"""Texts that a spreadsheet would run: none is left, and every text comes back."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from culpa.blaming.deciding.formulas import harmless, like_formula, restored

SIGNS = "=+-@\t\r\n"


@given(st.text(alphabet="'=+-@\t\r\n＝ax1", max_size=6))
@example("'")
@example("''=")
@example("")
def test_every_text_comes_back_and_none_begins_like_a_formula(text):
    assert restored(harmless(text)) == text
    assert not harmless(text).startswith(tuple(SIGNS))


@given(st.text(max_size=12))
def test_plain_texts_are_left_as_they_are(text):
    if not text.lstrip("'").startswith((*SIGNS, "＝", "＋", "－", "＠")):
        assert harmless(text) == restored(text) == text


def test_a_quote_taken_from_every_text_would_be_noticed():
    """Negative control: plain removal of a quote in front loses that of a text that had one itself."""
    assert restored("'tis") == "'tis"
    assert "'tis".removeprefix("'") != "'tis"


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("=1", True),
        ("-a", True),
        ("-1.5", False),
        ("-1,5", False),
        ("-1.234,5e-3", False),
        ("-1+2", True),
        ("+3", False),
        ("'=1", False),
        ("a=1", False),
    ],
)
def test_a_number_with_a_sign_is_no_formula(text, runs):
    assert like_formula(text) is runs
