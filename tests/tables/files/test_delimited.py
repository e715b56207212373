# SPDX-License-Identifier: MIT
"""Delimited texts: separators, headers, signs and types recognised; the values are those of csv and pandas."""

import csv
import io

import pandas as pd
import polars as pl
import pytest

from culpa.errors import OptionError
from culpa.tables.files.forms import read_frame
from culpa.tables.files.opening import Opened
from culpa.tables.files.sniffing import recognised
from culpa.tables.roles import Form

PLAIN = "size,city,price\n1.5,Rome,10\n2,Oslo,\n,Rome,30\n"


@pytest.fixture
def read(tmp_path):
    """Write a text and read it as a table."""

    def from_text(text, form=None, encoding="utf-8", **more):
        (tmp_path / "t.csv").write_bytes(text.encode(encoding))
        return read_frame(str(tmp_path / "t.csv"), form or Form(), **more)

    return from_text


@pytest.mark.parametrize("sep", [",", ";", "\t", "|"])
def test_each_separator_is_recognised_and_the_values_are_those_of_pandas(read, sep):
    text = PLAIN.replace(",", sep)
    frame, _ = read(text)
    expected = pd.read_csv(io.StringIO(text), sep=sep)
    assert frame.columns == list(expected.columns)
    for name in frame.columns:
        assert frame[name].to_list() == [None if pd.isna(entry) else entry for entry in expected[name]]


def test_a_separator_that_is_said_is_taken_by_its_name_too(read):
    assert read("a b\n1 2\n", Form(sep="space"))[0].rows() == [(1, 2)]
    assert read("a\tb\n1\t2\n", Form(sep="tab"))[0].rows() == [(1, 2)]
    assert read("a:b\n1:2\n", Form(sep=":"))[0].rows() == [(1, 2)]


@pytest.mark.parametrize("sep", ["::", "", '"', "\n", "é"])
def test_a_separator_that_cannot_be_is_refused(read, sep):
    with pytest.raises(OptionError, match="--sep must be one plain character"):
        read(PLAIN, Form(sep=sep))


def test_names_with_commas_quotes_brackets_lines_and_unicode_are_kept(read):
    names = ["a,b", 'say "hi"', "<b>&amp;</b>", "two\nlines", "été, 語", "[red]"]
    out = io.StringIO(newline="")
    csv.writer(out).writerows([names, ["x, y", '"', "<i>", "1\n2", "語", " z "]])
    frame, _ = read(out.getvalue())
    assert frame.columns == names
    assert frame.row(0) == ("x, y", '"', "<i>", "1\n2", "語", " z ")


def test_spaces_around_names_are_left_out_and_lacking_names_are_numbered(read):
    assert read(" a ,b ,\n1,2,3\n")[0].columns == ["a", "b", "column_3"]


HEADERS = {
    "1,2.5\n3,4\n": (None, ["column_1", "column_2"], 2, "holds numbers only"),
    "7\n8\n": (None, ["column_1"], 2, "the columns are column_1 "),
    "1.5,2\n3,4\n": (True, ["1.5", "2"], 1, None),
    "a,b\n3,4\n": (False, ["column_1", "column_2"], 2, None),
    "0,1,2\n3,4,5\n": (None, ["0", "1", "2"], 1, "counts 0, 1, 2, which are taken for names"),
    "0,1,y\n3,4,5\n": (None, ["0", "1", "y"], 1, None),
    "39,State-gov,7\n40,Private,9\n": (None, ["39", "State-gov", "7"], 1, "if the first row is data, --no-header"),
    "a,,c\n3,4,5\n": (None, ["a", "column_2", "c"], 1, None),
}


@pytest.mark.parametrize(("text", "expected"), HEADERS.items())
def test_a_header_is_recognised_or_said_and_a_guess_is_told_of(read, text, expected):
    said, names, rows, words = expected
    frame, notes = read(text, Form(header=said))
    assert (frame.columns, len(frame)) == (names, rows)
    assert (words is None) == (notes == ())
    assert words is None or words in notes[0]


def test_a_space_after_every_separator_is_left_out_before_quotes_too(read):
    frame, notes = read('age, job, note\n39, State-gov, "a, b"\n40, ?, c\n')
    assert frame.rows() == [(39, "State-gov", "a, b"), (40, None, "c")]
    assert notes == ("The space after each separator was left out.",)
    assert read("a,b\n1, x\n2,y\n")[0]["b"].to_list() == [" x", "y"], "one row without it: the space is a value's own"


def test_decimal_commas_are_recognised_by_column_and_told_of(read):
    frame, notes = read("a;b;c;d\n1,5;2,500;x,y;1.5\n-,25;3;z;2\n")
    assert frame.rows() == [(1.5, 2.5, "x,y", 1.5), (-0.25, 3.0, "z", 2.0)]
    assert notes[1] == "A comma is the decimal sign in a, b (--decimal)."
    assert read('a,b\n"1,5",x\n')[0]["a"].to_list() == ["1,5"], "between commas a comma is none unless it is said"
    assert read('a,b\n"1,5",x\n', Form(decimal=","))[0]["a"].to_list() == [1.5]


def test_thousands_are_taken_out_where_they_group_by_three_only(read):
    form = Form(thousands=",")
    assert read('a,b\n"1,234,567.5",x\n7,y\n', form)[0]["a"].to_list() == [1234567.5, 7.0]
    assert read('a,b\n"1,23",x\n7,y\n', form)[0]["a"].to_list() == ["1,23", "7"]
    assert read("a;b\n1.234,56;x\n7,5;y\n", Form(thousands="."))[0]["a"].to_list() == [1234.56, 7.5]
    assert read("a;b\n1 234,5;x\n7\u00a0000;y\n", Form(thousands=" ", decimal=","))[0]["a"].to_list() == [1234.5, 7000]
    assert read("a;b\n1'234.5;x\n7;y\n", Form(thousands="'"))[0]["a"].to_list() == [1234.5, 7]


@pytest.mark.parametrize(
    "form", [Form(thousands="ab"), Form(thousands="1"), Form(thousands=",", decimal=","), Form(decimal=";")]
)
def test_signs_that_cannot_be_are_refused(read, form):
    with pytest.raises(OptionError, match=r"--(thousands|decimal)"):
        read(PLAIN, form)


def test_words_for_missing_values_are_gaps_with_spaces_around_them_too(read):
    words = ["", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "None", "<NA>", "#N/A", "?", " NA ", "  "]
    text = "a,b\n" + "".join(f"{word},1\n" for word in words) + "2.5,1\n-,1\n"
    frame, _ = read(text, Form(missing=("-",)))
    assert frame["a"].to_list() == [None] * len(words) + [2.5, None]
    assert read(text)[0]["a"].dtype == pl.String, "without the word the column holds a text"


def test_all_rows_decide_what_a_column_holds(read):
    rows = ["1,2,True"] * 3000
    rows[-1] = "1.5,x,false"
    frame, _ = read("a,b,c\n" + "\n".join(rows) + "\n")
    assert frame.dtypes == [pl.Float64, pl.String, pl.Boolean]
    assert frame.row(-1) == (1.5, "x", False)


def test_columns_that_are_to_stay_texts_keep_their_zeros_and_others_are_told_of(read):
    text = "zip,n\n01234,1\n99999,2\n"
    assert read(text, texts=["zip"])[0]["zip"].to_list() == ["01234", "99999"]
    frame, notes = read(text)
    assert frame["zip"].to_list() == [1234, 99999]
    assert "--kind zip=category keeps them" in notes[0]
    assert read("a,b\n0.5,0\n0,1\n")[1] == (), "0.5 and 0 lose nothing"


def test_numbers_in_quotes_or_between_spaces_are_numbers_and_long_ones_lose_no_digit(read):
    assert read('"a","b"\n"1"," 2.5 "\n"3","4"\n')[0].rows() == [(1, 2.5), (3, 4.0)]
    assert read("a,b\n12345678901234567890,1\n1,2\n")[0]["a"].to_list() == ["12345678901234567890", "1"]


def test_as_text_every_field_is_what_the_csv_module_reads(read):
    text = 'a,b\n01,NA\n"x ""y""",?\n 2 ,True\n'
    frame, _ = read(text, as_text=True)
    assert [frame.columns, *map(list, frame.rows())] == list(csv.reader(io.StringIO(text)))


def test_stray_quotes_and_blank_lines_change_no_row(read):
    assert read('a,b,c\n1,5" pipe,3\n4,7" x,6\n')[0]["b"].to_list() == ['5" pipe', '7" x']
    assert read("\n\na,b\n1,2\n\n3,\n\n\n")[0].rows() == [(1, 2), (3, None)]
    assert read("a,b\n,\n1,\n")[0].rows() == [(None, None), (1, None)], "a row of gaps is a row"
    assert read("a\n1\n\n7\n")[0]["a"].to_list() == [1, None, 7], "in a single column a blank line is a gap"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way_and_the_last_in_none(read, end):
    assert read(f"a,b{end}1,x{end}2,y")[0].rows() == [(1, "x"), (2, "y")]


def test_a_table_that_really_has_one_column_is_read(read):
    assert read("n\n1\n2\n")[0]["n"].to_list() == [1, 2]
    assert read("total price\n1\n2\n")[0].columns == ["total price"]


@pytest.mark.parametrize(("split", "sep"), [(9, ";"), (8, ",")])
def test_a_separator_splits_more_than_four_records_in_five_alike(split, sep):
    lines = ["a;b", *["1;2"] * (split - 1), *["x"] * (10 - split)]
    assert recognised(Opened(None, "\n".join(lines).encode())) == sep
