# SPDX-License-Identifier: MIT
"""Decisions come back from every program that may have saved the list, and mean what their owner wrote."""

import gzip

import numpy as np
import polars as pl
import pytest

from culpa.blaming.deciding.decisions import read_decisions
from culpa.blaming.deciding.suspects_file import write_suspects
from culpa.errors import CulpaWarning, DataError
from tests.blaming.deciding.lists import AWKWARD, as_spreadsheet, awkward_table, filled, report_on, table_of, write_csv

HEADER = ["row", "given", "decision"]


@pytest.fixture(scope="module")
def table():
    return awkward_table()


def literal(label):
    """A label as a decision."""
    return f"label:{label}" if label in ("keep", "label:old") else label


def next_label(cells):
    """The awkward label after that of the row: what a very thorough person would have decided."""
    return literal(AWKWARD[(int(cells["row"]) + 1) % len(AWKWARD)])


@pytest.mark.parametrize("saved", ["as it is", "semicolons", "tabs", "commas", "cp1252"])
def test_every_awkward_label_comes_back_whoever_has_saved_the_list(table, tmp_path, saved):
    path = tmp_path / "suspects.csv"
    write_suspects(report_on(table), path, count=44)
    filled(path, next_label)
    if saved != "as it is":
        as_spreadsheet(path, separator={"tabs": "\t", "commas": ","}.get(saved, ";"))
    if saved == "cp1252":
        path.write_bytes(path.read_bytes().decode("utf-8-sig").encode("cp1252"))
    found = read_decisions(str(path), table)
    assert found.changed.tolist() == list(range(44))
    assert found.labels.tolist() == [AWKWARD[(k + 1) % len(AWKWARD)] for k in range(44)]


def written(frame, path):
    """A text between separators as its name says, packed or not."""
    text = frame.write_csv(separator="\t" if path.suffix == ".tsv" else ",").encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)


@pytest.mark.parametrize("ending", [".parquet", ".arrow", ".jsonl", ".tsv", ".csv.gz"])
def test_other_forms_come_back_as_well(table, tmp_path, ending):
    path = tmp_path / f"suspects{ending}"
    write_suspects(report_on(table), path, count=22)
    read = {".parquet": pl.read_parquet, ".arrow": pl.read_ipc, ".jsonl": pl.read_ndjson}.get(ending)
    if read is None:
        frame = pl.read_csv(path, separator="\t" if ending == ".tsv" else ",", infer_schema=False)
    else:
        frame = read(path)
    labels = [literal(AWKWARD[(int(row) + 1) % len(AWKWARD)]) for row in frame["row"]]
    frame = frame.with_columns(pl.Series("decision", ["drop", None, "KEEP ", *labels[3:]]))
    write = {".parquet": frame.write_parquet, ".arrow": frame.write_ipc, ".jsonl": frame.write_ndjson}
    write.get(ending, lambda where: written(frame, where))(path)
    with pytest.warns(
        CulpaWarning, match=r"says keep in 1 row, which is no class there; the class keep is written label"
    ):
        found = read_decisions(str(path), table)
    assert (found.dropped.tolist(), found.kept.tolist()) == ([43], [41])
    assert found.changed.tolist() == list(range(22, 41))
    assert found.labels.tolist() == [AWKWARD[(k + 1) % len(AWKWARD)] for k in range(22, 41)]


def decided(path, table, *rows, header=HEADER):
    """Read a list that was written by hand."""
    write_csv(path, header, rows)
    return read_decisions(str(path), table)


def test_keep_and_drop_are_words_in_any_capitals_and_the_same_label_is_kept(tmp_path):
    table = table_of(["no", "yes"] * 10)
    found = decided(
        tmp_path / "d.csv", table, ["0", "no", "Keep"], ["1", "yes", " DROP"], ["2", "no", "yes"], ["3", "yes", "yes"],
        ["4", "no", ""], ["5", "yes", "  "],
    )  # fmt: skip
    assert (found.kept.tolist(), found.dropped.tolist()) == ([0, 3], [1])
    assert (found.changed.tolist(), found.labels.tolist()) == ([2], ["yes"])
    assert (len(found), found.rows.tolist()) == (4, [0, 1, 2, 3])
    assert repr(found) == "Decisions(2 kept, 1 dropped, 1 corrected)"


@pytest.mark.parametrize(
    ("target", "word", "label"),
    [
        (["keep", "drop", "x"], "label:drop", "drop"),
        (["keep", "drop", "x"], "Label: drop", "drop"),
        (["label:a", "b", "x"], "label:label:a", "label:a"),
        (["Male", "Female", "x"], "female", "Female"),
        ([" a", "a", "x"], "a", "a"),
        ([" a", "b", "x"], "a", " a"),
        ([1, 2, 3], "2", 2),
        ([1, 2, 3], "2.0", 2),
        ([False, True, True], "TRUE", True),
        ([False, True, True], "1", True),
    ],
)
def test_a_label_is_known_again(tmp_path, target, word, label):
    table = table_of([target[2]] * 4 + target * 8)
    other = next(int(row) for row in table.rows if table.y[row] != label)
    found = decided(tmp_path / "d.csv", table, [str(other), table.y[other], word])
    assert found.labels.tolist() == [label]
    assert type(found.labels.tolist()[0]) is type(label)


def test_two_classes_that_differ_in_capitals_alone_are_told_apart_or_asked_about(tmp_path):
    table = table_of(["a", "A", "b"] * 10)
    assert decided(tmp_path / "d.csv", table, ["2", "b", "A"]).labels.tolist() == ["A"]
    with pytest.raises(DataError, match=r"'á' is neither keep nor drop nor a class of target; known are A, a, b"):
        decided(tmp_path / "d.csv", table, ["2", "b", "á"])


@pytest.mark.parametrize("text", ["2.5", "2,5", " 2.50 ", "25e-1"])
def test_a_number_may_have_either_decimal_sign(tmp_path, text):
    table = table_of(np.arange(60) / 4)
    found = decided(tmp_path / "d.csv", table, ["1", "0.25", text], ["2", "0,5", "keep"], ["3", "0.75", "0.75"])
    assert (found.labels.tolist(), found.kept.tolist()) == ([2.5], [2, 3])
    assert found.labels.dtype == np.float64


def test_numbers_that_a_spreadsheet_has_cut_are_the_same(tmp_path):
    table = table_of(np.random.default_rng(0).normal(size=60) * 1e5)
    given = f"{table.y[3]:.6g}"
    assert decided(tmp_path / "d.csv", table, ["3", given, "drop"]).dropped.tolist() == [3]
    with pytest.raises(DataError, match="column 'given'"):
        decided(tmp_path / "d.csv", table, ["3", f"{table.y[3] * 1.001:.6g}", "drop"])


def test_rows_may_be_named_by_their_ids(tmp_path):
    table = table_of(["a", "b"] * 10, name=[f"{k:03d}" for k in range(20)])
    header = ["id", "decision"]
    found = decided(tmp_path / "d.csv", table, ["007", "a"], ["8", "drop"], [" 009", "keep"], header=header)
    assert (found.changed.tolist(), found.dropped.tolist(), found.kept.tolist()) == ([7], [8], [9])


def test_several_lists_of_one_table_add_up(tmp_path):
    table = table_of(["a", "b"] * 10)
    for name, row in (("one", ["0", "a", "b"]), ("two", ["1", "b", "keep"]), ("three", ["0", "a", "drop"])):
        write_csv(tmp_path / f"{name}.csv", HEADER, [row])
    first, second, third = (str(tmp_path / f"{name}.csv") for name in ("one", "two", "three"))
    found = read_decisions([first, second, first], table)
    assert (found.changed.tolist(), found.kept.tolist()) == ([0], [1])
    with pytest.raises(DataError, match=r"three\.csv, line 2, column 'decision': row 0 was decided on before, in ano"):
        read_decisions([first, second, third], table)


def test_rows_without_a_target_keep_the_numbers_of_the_others(tmp_path):
    with pytest.warns(CulpaWarning, match="10 of 30 rows have no target"):
        table = table_of(["a", None, "b"] * 10)
    assert table.rows.tolist()[:3] == [0, 2, 3]
    assert decided(tmp_path / "d.csv", table, ["2", "b", "a"]).changed.tolist() == [2]
    with pytest.raises(DataError, match=r"line 2, column 'row': data has no row 1, or it has no target\."):
        decided(tmp_path / "d.csv", table, ["1", "b", "a"])
