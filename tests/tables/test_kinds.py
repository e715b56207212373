# SPDX-License-Identifier: MIT
"""Kinds: what a column is taken for, on both sides of every boundary; what is refused with which remedy."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

from culpa.errors import DataError, OptionError
from culpa.tables.kinds import FORMS, MOST_LEVELS, date_form, judge, names_rows, said_kind

DAY = dt.date(2020, 1, 1)
PROSE = [f"the house number {i} has a garden" for i in range(60)]
WORDS = ["a", "b", "c"]
JUDGED = {
    "numbers": ([1.5, 2.5, None], "number"),
    "whole numbers": ([3, 1, 2], "number"),
    "nine that count": (list(range(9)), "number"),
    "ten that count": (list(range(10)), "id"),
    "ten that count from 7 in any order": ([16, 7, *range(8, 16)], "id"),
    "ten with a gap": ([*range(9), 10], "number"),
    "ten with a missing value": ([*range(9), None], "number"),
    "fractions that count": ([float(i) for i in range(20)], "number"),
    "zeros and ones": ([0, 1, 1], "yes/no"),
    "zeros and ones as fractions": ([0.0, 1.0, None], "yes/no"),
    "ones and twos": ([1, 2, 1], "number"),
    "booleans": ([True, None, False], "yes/no"),
    "one number": ([2, 2, 2], "constant"),
    "one number or none": ([2, None, 2], "number"),
    "nothing": ([None, None], "constant"),
    "only NaN": ([float("nan")] * 3, "constant"),
    "blanks": (["", "  ", None], "constant"),
    "one text": (["x", "x"], "constant"),
    "one text or blank": (["x", " ", "x"], "category"),
    "yes and no in any case": (["Yes", "NO", "yes", "no "], "yes/no"),
    "t and f": (["t", "f", None], "yes/no"),
    "yes and maybe": (["yes", "maybe"], "category"),
    "words": (WORDS * 4, "category"),
    "nine different words": (list("abcdefghi"), "category"),
    "ten different words": (list("abcdefghij"), "id"),
    "ten words, one of them twice": ([*"abcdefghi", "a"], "category"),
    "as many levels as are kept": ([f"w{i}" for i in range(MOST_LEVELS)] + ["w0"], "category"),
    "one level more, half of the rows": ([f"w{i}" for i in range(51)] + ["w0"] * 50, "id"),
    "one level more, less than half of the rows": ([f"w{i}" for i in range(51)] + ["w0"] * 51, "category"),
    "prose": (PROSE, "text"),
    "days": ([DAY, None, dt.date(2021, 1, 1)], "date"),
    "moments": ([dt.datetime(2020, 1, 1, 5), None, dt.datetime(2021, 1, 1)], "date"),
    "days as texts": (["2020-01-31", "", "2021-05-05"], "date"),
    "one day": ([DAY, DAY], "constant"),
    "durations": ([dt.timedelta(1), dt.timedelta(2)], "number"),
    "times": ([dt.time(1), dt.time(2)], "number"),
    "decimals": ([Decimal("1.5"), Decimal("2.5")], "number"),
    "lists": ([[1], [2, 3]], "text"),
    "structures": ([{"a": 1}, {"a": 2}], "text"),
    "bytes": ([b"a", b"b"], "text"),
    "texts of numbers": (["01", "02", "01"] * 4, "category"),
}


@pytest.mark.parametrize(("entries", "kind"), JUDGED.values(), ids=JUDGED)
def test_a_column_is_taken_for(entries, kind):
    found = judge(pl.Series("a", entries, strict=False))
    assert found.kind == kind, found.why
    assert found.why


@pytest.mark.parametrize("made", [pl.Categorical, pl.Enum(WORDS)], ids=["categorical", "enum"])
def test_categories_of_a_library_are_judged_as_their_texts(made):
    assert judge(pl.Series("a", WORDS * 4, dtype=made)).kind == "category"


@pytest.mark.parametrize(
    ("name", "is_id"),
    [("id", True), ("ID", True), ("house_id", True), ("houseId", True), ("row nr", True), ("rownames", True),
     ("uuid", True), ("api key", True), ("width", False), ("paid", False), ("idea", False), ("keyed", False)],
)  # fmt: skip
def test_whole_numbers_that_are_all_different_are_an_id_by_their_name(name, is_id):
    column = pl.Series(name, [3 * i * i for i in range(12)])
    assert (judge(column).kind == "id") == is_id
    assert (names_rows(column) is not None) == is_id
    assert judge(column.head(9)).kind == "number", "nine rows prove nothing"


def test_a_kind_that_is_said_is_not_judged():
    assert judge(pl.Series("a", range(20)), "number").kind == "number"
    assert judge(pl.Series("a", ["01/02/2020"]), "date:%d/%m/%Y") == ("date", "as said", "%d/%m/%Y")
    assert judge(pl.Series("a", ["2020-02-01"]), "date").form == "%Y-%m-%d"
    with pytest.raises(OptionError, match="did you mean 'category'"):
        judge(pl.Series("a", [1]), "categry")
    for word in ("number:%d", "date2", "", "dates"):
        with pytest.raises(OptionError):
            said_kind(word)


WRITTEN = {
    "%Y-%m-%d": "2020-01-31", "%Y-%m-%d %H:%M": "2020-01-31 05:06", "%Y-%m-%d %H:%M:%S%.f": "2020-01-31 05:06:07.5",
    "%Y-%m-%dT%H:%M": "2020-01-31T05:06", "%Y-%m-%dT%H:%M:%S%.f": "2020-01-31T05:06:07",
    "%Y-%m-%dT%H:%M:%S%.f%#z": "2020-01-31T05:06:07Z", "%Y-%m-%d %H:%M:%S%.f%#z": "2020-01-31 05:06:07+02:00",
    "%Y/%m/%d": "2020/01/31", "%Y%m%d": "20200131", "%d.%m.%Y": "31.01.2020", "%d.%m.%Y %H:%M": "31.01.2020 05:06",
    "%d.%m.%Y %H:%M:%S": "31.01.2020 05:06:07", "%d/%m/%Y": "31/01/2020", "%d/%m/%Y %H:%M": "31/01/2020 05:06",
    "%m/%d/%Y": "01/31/2020", "%m/%d/%Y %H:%M": "01/31/2020 05:06", "%d-%m-%Y": "31-01-2020",
    "%m-%d-%Y": "01-31-2020", "%d %b %Y": "31 Jan 2020", "%d-%b-%Y": "31-Jan-2020", "%b %d, %Y": "Jan 31, 2020",
}  # fmt: skip


def test_every_form_of_dates_is_recognised_by_an_example():
    assert set(WRITTEN) == set(FORMS)
    for form, text in WRITTEN.items():
        assert date_form(pl.Series("a", [text, None, " "])) == form


@pytest.mark.parametrize(
    "texts", [["2020-01-31", "soon"], ["2020-13-01"], ["1234567"], ["Oslo"], [None], ["12"]], ids=str
)
def test_what_is_no_date_has_no_form(texts):
    assert date_form(pl.Series("a", texts, dtype=pl.String)) is None


def test_days_and_months_that_cannot_be_told_apart_are_asked_for():
    with pytest.raises(DataError, match=r"'seen at' holds dates such as '01/02/2020', whose day and month") as caught:
        judge(pl.Series("seen at", ["01/02/2020"] + ["03/03/2020"] * 3))
    assert caught.value.hint == "--kind 'seen at=date:%d/%m/%Y' or --kind 'seen at=date:%m/%d/%Y'"
    assert date_form(pl.Series("a", ["03/03/2020", "04/04/2020"])) == "%d/%m/%Y", "both say the same"
    assert date_form(pl.Series("a", ["01/02/2020"] * 200 + ["31/01/2020"])) == "%d/%m/%Y", "the last one decides"


def test_a_text_among_numbers_is_refused_by_its_row_with_three_remedies():
    column = pl.Series("price", ["1.5", None, *["2"] * 20, "n.a."])
    with pytest.raises(DataError, match=r"Row 22 of the column 'price' holds 'n\.a\.', where 95\.5%") as caught:
        judge(column)
    assert caught.value.hint == "mend it; or --missing n.a. reads it as missing; or --kind price=category."
    assert judge(pl.Series("price", ["1", "2"] * 9 + ["x"] * 3)).kind == "category", "less than nine tenths"


@pytest.mark.parametrize(
    ("entry", "separator"), [("1,234", ","), ("12,345,678.9", ","), ("1.234,5", "."), ("-1.234.567,8", ".")]
)
def test_separators_of_thousands_are_named(entry, separator):
    with pytest.raises(DataError, match="a number with separators of thousands") as caught:
        judge(pl.Series("a", ["1", "2", entry, "4"]))
    assert caught.value.hint == f"--thousands '{separator}' takes them out."
