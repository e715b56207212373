# SPDX-License-Identifier: MIT
"""Numbers as people read them: three digits, shares in per cent, counts with their noun."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from culpa.reporting.terminal import count, digits, percent, short

SHORT = {
    0.0: "0",
    1.0: "1.00",
    0.5: ".500",
    0.01324: ".0132",
    0.0001: ".000100",
    0.00012345: ".000123",
    0.00009999: "1e-4",
    3.2e-7: "3.2e-7",
    1e-300: "1e-300",
    12.3456: "12.3",
    100.0: "100",
    999.4: "999",
    999.96: "1,000",
    1234.5: "1,234",
    54321.0: "54,321",
    1e5: "1e5",
    1234567.0: "1.23e6",
    float("nan"): "–",
    float("inf"): "∞",
    float("-inf"): "−∞",
}
PERCENT = {
    0.0: "0 %",
    0.004: "0.4 %",
    0.05: "5.0 %",
    0.0949: "9.5 %",
    0.105: "10 %",
    0.604: "60 %",
    1.0: "100 %",
    float("nan"): "–",
}


@pytest.mark.parametrize(("value", "text"), SHORT.items())
def test_a_number_is_shown_in_three_digits(value, text):
    assert short(value) == text


def test_a_negative_number_is_the_same_behind_a_minus():
    """The mathematical minus, in every size: a hyphen in one row and a minus in the next do not line up."""
    found = {short(-value) for value in SHORT if 0 < value < np.inf}
    assert found == {f"−{text}" for value, text in SHORT.items() if 0 < value < np.inf}


def test_minus_zero_is_zero():
    assert short(-0.0) == "0"
    assert percent(-0.0) == "0 %"


def read(text):
    """The number that a reader takes a text for."""
    return float(text.replace("−", "-").replace(",", "").replace("-.", "-0."))


@given(st.floats(-1e300, 1e300, allow_subnormal=False))
def test_what_is_read_is_the_number_to_three_digits(value):
    text = short(value)
    assert read(text) == pytest.approx(value, rel=5.001e-3, abs=0)
    assert len(text) <= 10


@given(st.floats(1e-4, 99_999))
def test_three_digits_are_never_more_nor_fewer_than_the_number_has(value):
    digits = re.sub(r"[^0-9]", "", short(value)).strip("0")
    assert 1 <= len(digits) <= (3 if value < 1000 else 5)


@pytest.mark.parametrize("kind", [np.float32, np.float64, int, np.int64])
def test_numbers_of_any_library_are_shown_alike(kind):
    assert short(kind(25)) == "25.0"
    assert percent(kind(1)) == "100 %"


@pytest.mark.parametrize(("share", "text"), PERCENT.items())
def test_a_share_is_shown_in_per_cent(share, text):
    assert percent(share) == text


@given(st.floats(0, 1))
def test_a_share_is_read_as_what_it_is(share):
    shown = float(percent(share).removesuffix(" %").replace("<0.1", "0.05").replace(">99", "99.5")) / 100
    assert shown == pytest.approx(share, abs=0.005001 if share >= 0.095 else 0.0005001)


def test_a_share_that_is_something_does_not_read_as_nothing():
    """For example "< 0.1 %"; "0.0 %" says that there is none."""
    assert [share for share in (0.0004, 1e-5, 1e-12) if percent(share) == "0.0 %"] == []


def test_a_count_agrees_with_its_noun():
    assert [count(number, "row") for number in (0, 1, 2, 1797)] == ["0 rows", "1 row", "2 rows", "1,797 rows"]
    assert [count(number, "class", "classes") for number in (1, 10)] == ["1 class", "10 classes"]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (4776000.0, "4776000"),
        (286150.5, "286150.5"),
        (123456789012345.0, "123456789012345"),
        (-0.0, "0"),
        (-12.25, "-12.25"),
        (0.00001, "0.00001"),
        (2 / 3, "0.666667"),
        (float(np.float32(0.257)), "0.257"),
        (1234567.12345678, "1234567"),
        (1e15, "1e+15"),
        (-9.5e-6, "-9.5e-06"),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
    ],
)
def test_a_number_of_the_readers_own_has_the_digits_that_it_has_in_the_file(number, text):
    assert digits(number) == text


@given(st.integers(-(10**15) + 1, 10**15 - 1), st.integers(0, 3))
def test_digits_lose_no_whole_number_and_no_short_fraction(whole, places):
    number = whole / 10**places
    text = digits(number)
    assert "e" not in text or abs(number) < 1e-5
    exact = "." not in repr(number).removesuffix(".0") or len(repr(number)) <= 10
    assert float(text) == number if exact else abs(float(text) - number) <= max(0.5, 1e-5 * abs(number))
