# SPDX-License-Identifier: MIT
"""The list to work through: what is in it, in which order, and that no spreadsheet runs any of it."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from culpa.blaming.deciding.formulas import restored
from culpa.blaming.deciding.suspects_file import how_many, suspects_frame, write_suspects
from culpa.blaming.labels.report import Argument, Neighbour, Reasons
from culpa.blaming.labels_terminal import because
from culpa.errors import FileError, OptionError
from tests.blaming.deciding.lists import AWKWARD, awkward_table, cells_of, report_on, table_of

CLASSES = [
    "row", "id", "given", "proposed", "decision", "probability", "given_probability", "suspicion", "margin", "loss",
    "share", "held_out", "twins", "why", "table",
]  # fmt: skip
NUMBERS = [
    "row", "id", "given", "proposed", "decision", "low", "high", "suspicion", "residual", "spread", "loss", "share",
    "held_out", "twins", "why", "table",
]  # fmt: skip


@pytest.fixture(scope="module")
def table():
    return awkward_table()


def test_the_columns_are_those_that_are_promised_and_the_decisions_are_empty(table, tmp_path):
    header, rows = written(report_on(table), tmp_path)
    assert header == CLASSES
    assert {row[header.index("decision")] for row in rows} == {""}
    assert suspects_frame(report_on(table_of(np.arange(60) * 1.5))).columns == NUMBERS


def written(report, folder, **options):
    """The cells of a list that was written."""
    path = folder / "suspects.csv"
    assert write_suspects(report, path, **options) == len(cells_of(path)[1])
    return cells_of(path)


def test_the_rows_are_the_first_of_the_ranking_in_its_order(table, tmp_path):
    report = report_on(table)
    header, rows = written(report, tmp_path, count=7)
    assert [int(row[0]) for row in rows] == report.suspects["row"][:7].tolist() == list(range(43, 36, -1))
    found = np.array([float(row[header.index("suspicion")]) for row in rows])
    np.testing.assert_allclose(found, report.suspects["suspicion"][:7], rtol=1e-5)


@pytest.mark.parametrize(("wrong", "rows"), [(None, 20), (3.0, 20), (15.0, 30), (100.0, 44)])
def test_a_list_holds_twice_as_many_as_are_probably_wrong_and_20_at_the_least(table, wrong, rows):
    assert how_many(report_on(table, wrong=wrong)) == len(suspects_frame(report_on(table, wrong=wrong))) == rows


def test_rows_that_were_decided_on_are_not_listed(table):
    settled = np.arange(44) >= 40
    listed = suspects_frame(report_on(table, settled=settled))["row"].to_list()
    assert listed == list(range(39, 19, -1))


def test_no_text_begins_like_a_formula_and_all_come_back(table, tmp_path):
    header, rows = written(report_on(table), tmp_path, count=44)
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert any(cell.startswith("'=cmd") for cell in cells), "negative control: there was something to make harmless"
    given = [restored(row[header.index("given")]) for row in rows]
    assert given == [AWKWARD[k % len(AWKWARD)] for k in range(43, -1, -1)]
    assert [restored(row[header.index("id")]) for row in rows] == [f"+{k}" for k in range(43, -1, -1)]


def test_why_names_the_columns_that_argue_and_what_stands_in_them(table, tmp_path):
    header, rows = written(report_on(table), tmp_path)
    assert rows[0][header.index("why")] == "'=size: <script> (typically 4,5) | mass: 3,900 (typically 4,5)"
    assert rows[1][header.index("why")] == ""


ARGUMENT, ALIKE = Argument("mass", "3,900", "4,500", 0.25), Neighbour(229, "H229", 454100.0, 0.9)


@pytest.mark.parametrize(
    ("reasons", "why"),
    [
        (Reasons((ARGUMENT,), (ALIKE,), (), (5, 9)), "the same inputs as row 5 | mass: 3,900 (typically 4,500)"),
        (Reasons((ARGUMENT,), (ALIKE,)), "mass: 3,900 (typically 4,500)"),
        (Reasons((), (ALIKE,)), "row 229, most alike, has 454100"),
        (Reasons((), (ALIKE._replace(label=-0.125),)), "row 229, most alike, has -0.125"),
        (Reasons((), (), (ALIKE,)), ""),
    ],
)
def test_why_says_what_the_terminal_says(reasons, why):
    report = report_on(table_of(np.arange(60) * 1.5))
    last = len(report) - 1
    listed = suspects_frame(replace(report, reasons={last: reasons}))
    assert listed["why"].to_list() == [why, *[""] * 19]
    told = because(replace(report, reasons={last: reasons}), last, None).replace("−", "-")
    assert why.replace(": ", " ").startswith(told)


def test_numbers_that_were_given_keep_every_digit(tmp_path):
    table = table_of(np.random.default_rng(0).normal(size=60) / 3)
    header, rows = written(report_on(table), tmp_path, count=60)
    assert [float(row[header.index("given")]) for row in rows] == table.y[::-1].tolist()


def test_negative_numbers_stay_numbers(tmp_path):
    header, rows = written(report_on(table_of(np.tile([-1, 1], 20))), tmp_path)
    assert {row[header.index("given")] for row in rows} == {"-1", "1"}


def test_a_mark_says_utf_8_where_there_is_more_than_ascii(table, tmp_path):
    write_suspects(report_on(table), tmp_path / "signs.csv")
    assert (tmp_path / "signs.csv").read_bytes().startswith(b"\xef\xbb\xbfrow,")
    write_suspects(report_on(table_of(["a", "b"] * 20)), tmp_path / "plain.csv")
    assert (tmp_path / "plain.csv").read_bytes().startswith(b"row,")


def test_parquet_holds_every_text_as_it_is(table, tmp_path):
    write_suspects(report_on(table), tmp_path / "suspects.parquet", count=11)
    frame = pl.read_parquet(tmp_path / "suspects.parquet")
    assert frame.columns == CLASSES
    assert sorted(frame["given"]) == sorted(AWKWARD)
    assert frame["decision"].dtype == pl.String
    assert frame["decision"].null_count() == 11


def test_a_form_that_is_not_known_and_a_folder_that_is_not_there_are_refused(table, tmp_path):
    with pytest.raises(OptionError, match=r"names no form in which a table can be written; known are \.csv"):
        write_suspects(report_on(table), tmp_path / "suspects.xlsx")
    with pytest.raises(FileError, match="cannot be written"):
        write_suspects(report_on(table), tmp_path / "nowhere" / "suspects.csv")
    assert list(tmp_path.iterdir()) == []
