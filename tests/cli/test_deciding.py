# SPDX-License-Identifier: MIT
"""The loop in a shell: suspects go out, decisions come back, a corrected table is written; and on a real table it pays.

The walk plants errors in the tutorial's penguins, decides as the field book says, and is judged by the field book.
"""

import csv
import os
import random
from pathlib import Path

import numpy as np
import pytest

from tests.cli.calling import call

PENGUINS = Path(__file__).parents[2] / "docs" / "data" / "penguins.csv"
TARGET = "Body Mass (g)"
QUICK = ("--hidden", "32", "--epochs", "40", "--score", "record")


def read(path):
    """A CSV file as its header and its rows."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        header, *rows = csv.reader(file)
    return header, rows


def write(path, header, rows):
    """The other way."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])


def slip(mass):
    """A mass with its first two digits exchanged: 3750 becomes 7350."""
    return mass[1] + mass[0] + mass[2:]


def plant(folder):
    """A copy of the penguins with 24 slips that no smallest or largest value gives away; the field book beside it."""
    header, rows = read(PENGUINS)
    at = header.index(TARGET)
    book = [row[at] for row in rows]
    can = [
        k for k, mass in enumerate(book) if mass != "NA" and mass[0] != mass[1] and 2700 <= float(slip(mass)) <= 6300
    ]
    for k in random.Random(0).sample(can, 24):
        rows[k][at] = slip(book[k])
    write(folder / "slips.csv", header, rows)
    return book


def decide(path, book):
    """Look every suspect up in the field book; how many were wrong."""
    header, rows = read(path)
    given, row, decision = (header.index(name) for name in ("given", "row", "decision"))
    wrong = 0
    for cells in rows:
        right = book[int(cells[row])]
        cells[decision] = "keep" if float(right) == float(cells[given]) else right
        wrong += cells[decision] != "keep"
    write(path, header, rows)
    return wrong


@pytest.fixture(scope="module")
def walk(tmp_path_factory):
    """The whole walk: what each command said, and what it left."""
    folder = tmp_path_factory.mktemp("walk")
    book = plant(folder)
    slips, suspects, more, fixed = (folder / name for name in ("slips.csv", "suspects.csv", "more.csv", "fixed.csv"))
    source = slips.read_bytes()
    words = ("blame", slips, "--target", TARGET, "--drop", "Comments", *QUICK)
    first = call(*words, "--suspects", suspects, "--top", "40")
    wrong = decide(suspects, book)
    decided = (*words, "--decisions", suspects)
    second = call(*decided, "--apply", fixed, "--suspects", more, "--json")
    found = {"first": first, "second": second, "wrong": wrong, "book": book, "folder": folder, "words": decided}
    return {**found, "source": source, "suspects": read(suspects), "more": read(more), "fixed": read(fixed)}


def test_blame_lists_the_slips_first(walk):
    assert walk["first"].code == 0
    assert "suspects.csv: 40 suspects, the likeliest wrong value first" in walk["first"].err
    assert "--decisions" in walk["first"].joined.split("next:")[-1]
    assert walk["wrong"] >= 15, "of 24 that were planted; by chance it would be 3"


def test_the_corrected_table_is_worth_more_on_held_out_rows_that_nothing_has_seen(walk):
    document = walk["second"].json
    found = document["decisions"]["comparison"]
    assert (found["metric"], found["clear"]) == ("R²", True)
    assert 0 < found["low"] < found["difference"] < found["high"]
    assert found["difference"] == pytest.approx(found["after"] - found["before"], rel=1e-12)
    assert f"held out    R² {document['decisions']['before_as_given']:.2f} " in walk["first"].out
    assert len(document["decisions"]["corrected"]) == walk["wrong"]
    assert "--decisions" in document["footer"]["reproduce"]


def test_the_corrected_table_is_the_field_book_but_for_the_slips_that_were_not_listed(walk):
    header, rows = walk["fixed"]
    at = header.index(TARGET)
    own_header, own = read(PENGUINS)
    assert header == own_header
    assert [row[:at] + row[at + 1 :] for row in rows] == [row[:at] + row[at + 1 :] for row in own]
    left = [k for k, row in enumerate(rows) if row[at] != walk["book"][k]]
    assert len(left) == 24 - walk["wrong"]
    assert (walk["folder"] / "slips.csv").read_bytes() == walk["source"], "the original is never touched"


def test_rows_that_were_decided_on_are_never_listed_again(walk):
    before, after = ({int(cells[0]) for cells in walk[name][1]} for name in ("suspects", "more"))
    assert len(before) == 40
    assert not before & after


def test_the_same_decisions_on_the_corrected_table_are_refused_by_line(walk):
    words = [walk["folder"] / "fixed.csv" if word == walk["words"][1] else word for word in walk["words"]]
    answer = call(*words)
    assert (answer.code, answer.out) == (2, "")
    assert (
        "suspects.csv, line 2, column 'table': the list was made of another table, or fixed.csv has other" in answer.err
    )
    assert "were the decisions applied already" in answer.err


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A small table of classes where the command is called, and a list with one decision of each kind; the command."""
    monkeypatch.chdir(tmp_path)
    random_ = np.random.default_rng(0)
    x = random_.normal(size=80).round(3)
    labels = ["<b>", "=cmd()"]
    rows = [[f"n{k}", str(x[k]), labels[int(x[k] > 0)]] for k in range(80)]
    for k in (3, 30, 60):
        rows[k][2] = labels[int(x[k] <= 0)]
    write("own.csv", ["name", "x", "y"], rows)
    decisions = [[str(k), rows[k][2], labels[rows[k][2] == labels[0]]] for k in (3, 30)]
    decisions += [["60", rows[60][2], "drop"], ["5", "", "keep"]]
    write("list.csv", ["row", "given", "decision"], decisions)
    return ("blame", "own.csv", "--target", "y", "--id", "name", "--epochs", "8", "--hidden", "8")


def test_the_report_tells_what_the_decisions_led_to(small, tmp_path):
    answer = call(*small, "--score", "record", "--decisions", "list.csv", "--apply", "fixed.csv")
    assert answer.code == 0
    assert "  decided     1 kept, 1 dropped, 2 corrected\n" in answer.out
    for word in ("  measured    on ", "  before      ", "  after       ", "  change      "):
        assert word in answer.out
    assert max(map(len, answer.out.splitlines())) <= 80
    assert "fixed.csv: 79 rows, 1 kept, 1 dropped, 2 corrected" in answer.err
    assert "texts that begin like a formula, as the table does" in answer.err
    assert "'=" not in (tmp_path / "fixed.csv").read_text(), "what goes back is as it was"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--apply", "fixed.csv"), "--apply writes the table with what was decided, and nothing was."),
        (("--decisions", "list.csv", "--apply", "own.csv"), "own.csv is what was read, and would be written over."),
        (("--decisions", "list.csv", "--apply", "list.csv"), "list.csv is what was read, and would be written over."),
        (("--decisions", "list.csv", "--suspects", "list.csv"), "list.csv is what was read, and would be written"),
        (("--decisions", "list.csv", "--suspects", "new.csv", "--apply", "new.csv"), "would both be written to"),
        (("--decisions", "list.csv", "--apply", "fixed.xlsx"), "names no form in which a table can be written"),
        (("--suspects", "suspects.xlsx"), "names no form in which a table can be written"),
        (("--suspects", "nowhere/suspects.csv"), "cannot be written"),
        (("--decisions", "nowhere.csv"), "nowhere.csv: there is no such file."),
        (("--suspects", "new.csv", "--score", "none"), "--score none makes none"),
    ],
)
def test_what_cannot_be_done_is_refused_before_any_work(small, tmp_path, more, message):
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    answer = call(*small, *more)
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("option", ["--suspects", "--html", "--save"])
def test_what_standard_input_comes_from_is_never_written_over(small, tmp_path, monkeypatch, option):
    source = tmp_path / "own.csv"
    before = source.read_bytes()
    for name in ("own.csv", "link.csv"):
        (tmp_path / "link.csv").unlink(missing_ok=True)
        os.link(source, tmp_path / "link.csv")
        with source.open() as file:
            monkeypatch.setattr("sys.stdin", file)
            answer = call("blame", "-", *small[2:], option, name)
        assert (answer.code, answer.out) == (2, "")
        assert f"{name} is what was read, and would be written over." in answer.err
    assert source.read_bytes() == before


@pytest.mark.usefixtures("small")
def test_data_without_rows_of_their_own_are_refused():
    for source, message in (("-", "standard input can be read but once"), ("own.npz", "own.npz holds arrays")):
        answer = call("blame", source, "--target", "y", "--decisions", "list.csv", "--apply", "fixed.csv")
        assert answer.code == 2
        assert message in answer.err


def test_a_list_may_be_parquet(small, tmp_path):
    answer = call(*small, "--score", "record", "--suspects", "suspects.parquet")
    assert answer.code == 0
    assert (tmp_path / "suspects.parquet").read_bytes().startswith(b"PAR1")
    answer = call(*small, "--decisions", "suspects.parquet")
    assert answer.code == 2
    assert "suspects.parquet holds no decision: its column 'decision' is empty in all 20 rows." in answer.err
