# SPDX-License-Identifier: MIT
"""Decisions are held to the table that their list was made of, and to what can be read in one way only."""

import numpy as np
import polars as pl
import pytest

from culpa.blaming.deciding import decisions as module
from culpa.blaming.deciding.applying import apply_decisions
from culpa.blaming.deciding.cells import as_number
from culpa.blaming.deciding.decisions import read_decisions
from culpa.blaming.deciding.marking import mark_of
from culpa.blaming.deciding.suspects_file import suspects_frame, write_suspects
from culpa.errors import CulpaWarning, DataError
from tests.blaming.deciding.lists import as_spreadsheet, filled, report_on, table_of, write_csv

LABELS = ["a", "a", "b"] * 12


def decided(folder, rows, table, header=("row", "given", "decision"), separator=","):
    """What a list says that was written by hand."""
    path = folder / "list.csv"
    write_csv(path, header, rows)
    if separator != ",":
        path.write_text(path.read_text().replace(",", separator).replace("|", ","))
    return read_decisions(str(path), table)


def test_a_list_is_not_taken_for_the_table_that_it_has_led_to(tmp_path):
    """Row 3 is dropped, so row 4, alike in all that a list tells, is row 3 of the next table."""
    path, table = tmp_path / "list.csv", table_of(LABELS)
    write_suspects(report_on(table), path, count=36, table=table)
    filled(path, lambda cells: "drop" if cells["row"] == "3" else "")
    as_spreadsheet(path)
    assert read_decisions(str(path), table).dropped.tolist() == [3]
    again = table_of(LABELS[:3] + LABELS[4:])
    assert again.y[3] == table.y[3]
    with pytest.raises(
        DataError, match="column 'table': the list was made of another table, or data has other rows or"
    ):
        read_decisions(str(path), again)
    header, rows = cells_of_spreadsheet(path)
    write_csv(path, header[:-1], [row[:-1] for row in rows])
    assert read_decisions(str(path), again).dropped.tolist() == [3], "negative control: the other columns do not tell"


def cells_of_spreadsheet(path):
    """The cells of a list between semicolons."""
    lines = path.read_bytes().decode("utf-8-sig").replace('"', "").splitlines()
    header, *rows = (line.split(";") for line in lines)
    return header, rows


def test_the_mark_changes_with_rows_and_labels_and_stays_with_a_corrected_table(tmp_path):
    table = table_of(LABELS)
    others = [LABELS[1:], LABELS[::-1], ["b", *LABELS[1:]]]
    marks = {mark_of(table_of(labels)) for labels in [LABELS, *others]}
    assert len(marks) == 4
    assert all(len(mark) == 8 and mark.isalpha() and mark.islower() for mark in marks), (
        "no spreadsheet makes it a number"
    )
    assert mark_of(table_of(LABELS, size=list(range(36)))) == mark_of(table)
    corrected = apply_decisions(table, decided(tmp_path, [["0", "a", "drop"], ["1", "a", "b"]], table))
    listed = suspects_frame(report_on(corrected), 5, corrected)["table"].to_list()
    assert listed == [mark_of(table)] * 5, "the decisions of all lists belong to the table as it was"
    assert suspects_frame(report_on(table), 5)["table"].null_count() == 5


def test_a_list_that_does_not_tell_its_table_is_taken_with_a_note(tmp_path):
    with pytest.warns(CulpaWarning, match=r"list\.csv does not say which table it was made of: its rows are those of"):
        found = decided(tmp_path, [["0", "b"]], table_of(LABELS), ["row", "decision"])
    assert found.changed.tolist() == [0]


def test_two_columns_of_decisions_are_refused(tmp_path):
    with pytest.raises(
        DataError, match=r"list\.csv: it has the columns 'decision' and 'Decision', and only one can co"
    ):
        decided(tmp_path, [["0", "drop", "keep"]], table_of(LABELS), ["row", "decision", "Decision "])


NUMBERS = table_of(np.arange(60) * 1.0 + 1000)


def test_a_sign_between_digits_that_nothing_explains_is_refused(tmp_path):
    for text in ("1.234", "1|234"):
        with pytest.raises(DataError, match="is neither keep nor drop nor a number"):
            decided(tmp_path, [["3", "1003", text]], NUMBERS, separator=";")
    for text, value in (("1.2340", 1.234), ("1|2340", 1.234), ("1.5", 1.5), ("1234", 1234)):
        assert decided(tmp_path, [["3", "1003", text]], NUMBERS, separator=";").labels.tolist() == [value]
    header = ("row", "given", "decision", "loss")
    for text, loss in (("1.234", "0.5"), ("1|234", "0|5")):
        found = decided(tmp_path, [["3", "1003", text, loss]], NUMBERS, header, ";")
        assert found.labels.tolist() == [1.234], "negative control: a column of estimates tells the sign"
    assert (as_number("1,234", None), as_number("1.234", None), as_number("1.25", None)) == (None, None, 1.25)


def test_a_number_of_more_digits_than_are_kept_is_refused(tmp_path):
    with pytest.raises(
        DataError, match="'9007199254740993' has more digits than are kept: it would become 900719925474099"
    ):
        decided(tmp_path, [["3", "1003", "9007199254740993"]], NUMBERS)
    assert decided(tmp_path, [["3", "1003", "9007199254740992"]], NUMBERS).labels.tolist() == [2.0**53]


def test_the_number_that_is_there_is_kept_however_few_digits_a_narrow_column_shows(tmp_path):
    table = table_of([4 / 3, 100000.0, *np.arange(58) / 3])
    for row, given, text, kept in (
        ("0", "1.33333", "1.33333", True),
        ("0", "1.33333", "1,333333", True),
        ("0", "1.33333", "1.3333", False),
        ("0", "1.33333", "1.33334", False),
        ("1", "100000", "100001", False),
    ):
        found = decided(tmp_path, [[row, given, text.replace(",", ".")]], table)
        assert (len(found.kept), len(found.changed)) == (kept, not kept), text


def test_ids_that_a_spreadsheet_has_cut_are_looked_up_once(tmp_path, monkeypatch):
    """The work is counted: ids are read as numbers once each, and not once for every decision."""
    rows, calls = 300, []
    table = table_of(["a", "b"] * (rows // 2), name=[f"{k:08d}" for k in range(rows)])

    def counted(text, *sign):
        calls.append(text)
        return as_number(text, *sign)

    monkeypatch.setattr(module, "as_number", counted)
    lines = [[str(k), "drop"] for k in range(200)]
    assert decided(tmp_path, lines, table, ["id", "decision"]).dropped.tolist() == list(range(200))
    assert len(calls) == rows + 200
    alike = table_of(["a", "b"] * 10, name=["07", "7.0", *(f"n{k}" for k in range(18))])
    with pytest.raises(DataError, match="has no row called '7'"):
        decided(tmp_path, [["7", "drop"]], alike, ["id", "decision"])


def test_a_list_of_parquet_has_points(tmp_path):
    path = tmp_path / "list.parquet"
    pl.DataFrame({"row": [3], "given": [1003.0], "decision": ["1.234"]}).write_parquet(path)
    assert read_decisions(str(path), NUMBERS).labels.tolist() == [1.234]
