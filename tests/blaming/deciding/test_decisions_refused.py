# SPDX-License-Identifier: MIT
"""Lists that cannot be meant so: each is refused by file, line and column, and nothing is guessed."""

import numpy as np
import polars as pl
import pytest

from culpa.blaming.deciding.cells import as_number
from culpa.blaming.deciding.decisions import read_decisions
from culpa.errors import DataError, FileError
from tests.blaming.deciding.lists import table_of, write_csv

HEADER = ["row", "id", "given", "decision"]
TABLE = table_of(["a", "b", "c", "two\nlines"] * 10, name=[f"n{k}" for k in range(40)])
NUMBERS = table_of(np.arange(60) / 4)


def refused(path, rows, table=TABLE, header=HEADER):
    """The message of the refusal."""
    write_csv(path, header, rows)
    with pytest.raises(DataError) as error:
        read_decisions(str(path), table)
    return str(error.value)


GOOD = ["0", "n0", "a", "b"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (["99", "n9", "a", "b"], "list.csv, line 3, column 'row': data has no row 99, or it has no target."),
        (["1.5", "n1", "b", "a"], "list.csv, line 3, column 'row': '1.5' is no row's number."),
        (["one", "n1", "b", "a"], "list.csv, line 3, column 'row': 'one' is no row's number."),
        (["-1", "n1", "b", "a"], "list.csv, line 3, column 'row': data has no row -1"),
        (["", "", "b", "a"], "list.csv, line 3, column 'row': the number of the row is not there."),
        (["", "n99", "b", "a"], "list.csv, line 3, column 'id': data has no row called 'n99'."),
        (["1", "n2", "b", "a"], "list.csv, line 3, column 'id': row 1 is called 'n2' there and 'n1' in data."),
        (["1", "n1", "c", "a"], "list.csv, line 3, column 'given': row 1 has 'c' there and 'b' in data."),
        (["1", "n1", "b", "d"], "list.csv, line 3, column 'decision': 'd' is neither keep nor drop nor a class of"),
        (["1", "n1", "b", "kept"], "'kept' is neither keep nor drop nor a class of target; known are a, b, c"),
        (["1", "n1", "b", "label:d"], "'label:d' is neither keep nor drop nor a class of target"),
        (["0", "n0", "a", "drop"], "row 0 was decided on before, in another way: 'b' there and drop here."),
    ],
)
def test_what_cannot_be_meant_is_refused_by_line_and_column(tmp_path, row, message):
    assert message in refused(tmp_path / "list.csv", [GOOD, row])


@pytest.mark.parametrize(
    ("text", "plain"), [("1,234", False), ("none", False), ("nan", False), ("inf", False), ("1.234,5", False)]
)
def test_a_number_that_is_none_or_can_be_read_in_two_ways_is_refused(tmp_path, text, plain):
    message = refused(tmp_path / "list.csv", [["1", "0.25", text]], NUMBERS, ["row", "given", "decision"])
    assert f"column 'decision': '{text}' is neither keep nor drop nor a number" in message
    assert "no sign between thousands" in message


@pytest.mark.parametrize("text", ["1e99", "-1e25", "9e19"])
def test_a_number_that_is_beyond_all_computing_is_refused_where_it_stands(tmp_path, text):
    message = refused(tmp_path / "list.csv", [["1", "0.25", text]], NUMBERS, ["row", "given", "decision"])
    assert f"list.csv, line 2, column 'decision': '{text}' is too far from all that target is" in message
    assert "its mean is 7.375" in message


def test_a_number_is_refused_only_where_its_squared_error_is_none(tmp_path):
    path, spread = tmp_path / "list.csv", float(np.std(np.arange(60) / 4))
    for off, fits in ((1.8e19, True), (1.85e19, False)):
        with np.errstate(over="ignore"):
            assert np.isfinite(np.square(np.float32(off))) == fits
        write_csv(path, ["row", "given", "decision"], [["1", "0.25", repr(off * spread)]])
        if fits:
            assert read_decisions(str(path), NUMBERS).labels.tolist() == [off * spread]
        else:
            with pytest.raises(DataError, match="too far"):
                read_decisions(str(path), NUMBERS)


def test_a_file_with_decimal_commas_reads_them_in_decisions_and_refuses_points_between_thousands():
    assert as_number("1,234", ",") == 1.234
    assert as_number("1.234", ",") is None
    assert as_number("1.234") == 1.234
    assert as_number("−2,5") == -2.5
    assert as_number("1_0") is None


def test_the_line_is_that_of_an_editor_whatever_stands_above_it(tmp_path):
    """Cells with line ends and blank lines in between; the line is counted in the bytes that were written."""
    path = tmp_path / "list.csv"
    text = 'row,given,decision,note\n\n3,"two\nlines",keep,"x\ny\nz"\n\n1,b,nonsense,\n'
    path.write_text(text, encoding="utf-8")
    line = text.split("nonsense")[0].count("\n") + 1
    with pytest.raises(DataError, match=f"list.csv, line {line}, column 'decision'"):
        read_decisions(str(path), TABLE)
    assert line == 8, "negative control: a count of records would have said 3"


def test_the_line_is_found_in_every_encoding_and_a_parquet_file_has_rows(tmp_path):
    path = tmp_path / "list.csv"
    for encoding in ("utf-16", "cp1252", "utf-8-sig"):
        path.write_bytes("row;given;decision;why\r\n0;a;b;größer\r\n1;b;nein;\r\n".encode(encoding))
        with pytest.raises(DataError, match=r"list\.csv, line 3, column 'decision': 'nein'"):
            read_decisions(str(path), TABLE)
    pl.DataFrame({"row": [0, 1], "given": ["a", "b"], "decision": ["b", "nein"]}).write_parquet(
        tmp_path / "list.parquet"
    )
    with pytest.raises(DataError, match=r"list\.parquet, row 1 of the list, column 'decision': 'nein'"):
        read_decisions(str(tmp_path / "list.parquet"), TABLE)


@pytest.mark.parametrize("rows", [[], [["0", "n0", "a", ""], ["1", "n1", "b", " "]]])
def test_a_list_without_a_decision_is_refused(tmp_path, rows):
    message = refused(tmp_path / "list.csv", rows)
    assert f"list.csv holds no decision: its column 'decision' is empty in all {len(rows)} rows." in message
    assert message.endswith("Hint: write keep, drop or the right label into it.")


@pytest.mark.parametrize(
    ("header", "lacking"), [(["row", "id", "given", "verdict"], "decision"), (["x", "y", "given", "decision"], "row")]
)
def test_a_list_without_its_columns_is_refused(tmp_path, header, lacking):
    message = refused(tmp_path / "list.csv", [GOOD], header=header)
    assert message.startswith(f"list.csv: it has no column '{lacking}'; it has {', '.join(header)}.")


def test_files_that_are_no_lists_are_refused(tmp_path):
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "book.xlsx").write_bytes(b"PK\x03\x04 and so on")
    for name, message in (
        ("empty.csv", "empty.csv: it is empty."),
        ("nowhere.csv", "nowhere.csv: there is no such file."),
        ("book.xlsx", "book.xlsx: it is a zip archive, as those of Excel"),
    ):
        with pytest.raises(FileError, match=message):
            read_decisions(str(tmp_path / name), TABLE)
