# SPDX-License-Identifier: MIT
"""What decisions ask for is done, or refused, before anything is trained: no work is lost at the end of a long run."""

import csv

import numpy as np
import polars as pl
import pytest

from culpa.cli.deciding import Files, admit_files
from culpa.errors import OptionError
from tests.cli.calling import call


def never(*_, **__):
    """A training that nobody waits for."""
    raise KeyboardInterrupt


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where the command is called: a table of three classes, one of them a slip that stands in two rows."""
    monkeypatch.chdir(tmp_path)
    x = np.random.default_rng(0).normal(size=60).round(3)
    labels = ["low" if value < 0 else "high" for value in x]
    labels[3] = labels[30] = "hihg"
    write("own.csv", ["x", "y"], zip(x, labels, strict=True))
    write("list.csv", ["row", "given", "decision"], [[3, "hihg", "high"], [30, "hihg", "drop"]])
    sure = {"high": (0.7, 0.1, 0.2), "hihg": (0.0, 1.0, 0.0), "low": (0.1, 0.1, 0.8)}
    write("p.csv", ["p(high)", "p(hihg)", "p(low)"], [sure[label] for label in labels])
    return tmp_path


def write(path, header, rows):
    """A CSV file."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])


WORDS = ("blame", "own.csv", "--target", "y", "--epochs", "3", "--hidden", "4", "--score", "record")
DECIDED = (*WORDS, "--decisions", "list.csv")


def test_the_corrected_table_is_there_before_the_training(folder, monkeypatch):
    monkeypatch.setattr("culpa.cli.blame.investigate_decided", never)
    answer = call(*DECIDED, "--apply", "fixed.csv")
    assert answer.code == 130
    assert len((folder / "fixed.csv").read_text().splitlines()) == 60
    assert "fixed.csv: 59 rows, 0 kept, 1 dropped, 1 corrected; own.csv is as it was" in answer.err


def test_a_number_that_the_column_cannot_hold_is_refused_before_the_training(folder, monkeypatch):
    monkeypatch.setattr("culpa.cli.blame.investigate_decided", never)
    pl.DataFrame({"x": np.arange(60.0), "y": pl.Series(range(60), dtype=pl.Int8)}).write_parquet("n.parquet")
    write("list.csv", ["row", "given", "decision"], [[3, 3, 300]])
    answer = call("blame", "n.parquet", *DECIDED[2:], "--task", "regression", "--apply", "fixed.parquet")
    assert answer.code == 2
    assert "The target 'y' is of the type Int8, which has no place for 300" in answer.err
    assert not (folder / "fixed.parquet").exists()


def test_decisions_that_leave_nothing_to_learn_write_nothing(folder):
    write("list.csv", ["row", "decision"], [[k, "drop"] for k in range(1, 60)])
    answer = call(*DECIDED, "--apply", "fixed.csv")
    assert answer.code == 2
    assert "there is nothing to learn" in answer.err
    assert not (folder / "fixed.csv").exists()


@pytest.mark.usefixtures("folder")
def test_probabilities_of_a_class_that_is_corrected_away_are_those_of_the_others():
    answer = call(*DECIDED, "--probabilities", "p.csv", "--json")
    assert answer.code == 0
    assert answer.json["labels"]["rival"] is not None
    write("p.csv", ["p(high)", "p(low)"], [[0.5, 0.5]] * 60)
    answer = call(*DECIDED, "--probabilities", "p.csv")
    assert answer.code == 2
    assert "hihg" in answer.err


@pytest.mark.usefixtures("folder")
def test_rows_that_were_decided_on_are_not_listed_without_a_score_either():
    words = ("blame", "own.csv", "--target", "y", "--epochs", "3", "--hidden", "4", "--score", "none", "--top", "60")
    learnt = [example["row"] for example in call(*words, "--json").json["examples"]]
    write("kept.csv", ["row", "given", "decision"], [[row, "", "keep"] for row in learnt[:2]])
    decided = (*words, "--decisions", "kept.csv")
    state, report = call(*decided, "--json").json, call(*decided)
    assert sorted(example["row"] for example in state["examples"]) == sorted(learnt[2:])
    assert f"{len(learnt) - 2} of {len(learnt)} training rows carry" in report.out
    assert "2 rows that you have decided on are not listed" in report.out
    assert "not listed" not in call(*words).out.split("held-out")[0], "negative control: nothing was decided here"


def test_a_list_with_decisions_is_never_written_over(folder):
    before = (folder / "list.csv").read_bytes()
    answer = call(*WORDS, "--suspects", "list.csv")
    assert (answer.code, answer.out) == (2, "")
    assert "list.csv holds 2 decisions, which would be written over." in answer.err
    assert "--decisions list.csv reads them" in answer.err
    assert (folder / "list.csv").read_bytes() == before
    write("list.csv", ["row", "given", "decision"], [[3, "hihg", ""]])
    assert call(*WORDS, "--suspects", "list.csv").code == 0, "negative control: nothing was decided in this one"


def test_no_next_command_would_write_over_a_list_with_decisions(folder):
    write(folder / "suspects.csv", ["row", "given", "decision"], [[3, "hihg", "high"]])
    write(folder / "suspects_2.csv", ["row", "given", "decision"], [[3, "hihg", ""]])
    answer = call(*WORDS, "--decisions", "list.csv")
    following = [line for line in answer.joined.splitlines() if "next: " in line and "--suspects" in line]
    assert following
    assert all("--suspects suspects_2.csv" in line for line in following)
    admit_files(Files(suspects="suspects_2.csv"), "own.csv")
    with pytest.raises(OptionError, match="holds 1 decision"):
        admit_files(Files(suspects="suspects.csv"), "own.csv")


@pytest.mark.usefixtures("folder")
def test_all_that_needs_a_training_is_named_at_once_beside_a_model():
    answer = call(*DECIDED[:6], "--decisions", "list.csv", "--apply", "f.csv", "--model", "m.safetensors")
    assert answer.code == 2
    assert "--epochs, --decisions, --apply cannot stand beside --model" in answer.err


@pytest.mark.usefixtures("folder")
def test_a_list_that_was_applied_is_refused_for_the_table_that_it_led_to():
    assert call(*WORDS, "--suspects", "s.csv", "--top", "60").code == 0
    with open("s.csv", newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    write("s.csv", header, [[*row[:4], "drop" if row[0] == "5" else "", *row[5:]] for row in rows])
    assert call(*WORDS, "--decisions", "s.csv", "--apply", "fixed.csv").code == 0
    answer = call("blame", "fixed.csv", *WORDS[2:], "--decisions", "s.csv")
    assert answer.code == 2
    assert "column 'table': the list was made of another table, or fixed.csv has other rows" in answer.err
