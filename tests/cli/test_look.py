# SPDX-License-Identifier: MIT
"""`culpa look`: sentences with commands that run, 80 columns, rows on the screen or in a file, and refusals."""

import csv
import io
import re
import shlex

import numpy as np
import polars as pl
import pytest

import culpa
from tests.cli.calling import AWKWARD, call

RANDOM = np.random.default_rng(0)
NAME = "paid, in [red]€[/red]\n<b>"


@pytest.fixture(scope="module")
def houses(tmp_path_factory):
    """A table with something wrong of nearly every sort, and awkward names and levels in it."""
    n = 300
    size = RANDOM.normal(100, 10, n).round(1)
    columns = {
        "nr": [f"house {k}" for k in range(n)],
        "size": np.where(np.arange(n) % 9 == 4, np.nan, size),
        NAME: np.array(AWKWARD)[RANDOM.integers(0, len(AWKWARD), n)],
        "unit": ["m2"] * n,
        "depth": RANDOM.normal(size=n),
        "formula": np.where(np.arange(n) % 2, "=1+1", "plain"),
        "sold": np.where(RANDOM.random(n) < 0.4, "yes", "no"),
    }
    frame = pl.DataFrame(columns)
    frame = frame.with_columns(known=(pl.col("sold") == "yes").cast(pl.Int64) * 3 + 1)
    copies = frame[10:40].with_columns(nr=pl.Series([f"copy {k}" for k in range(30)]))
    path = tmp_path_factory.mktemp("houses") / "houses.csv"
    pl.concat([frame, copies]).write_csv(path, null_value="")
    return path


@pytest.fixture(scope="module")
def told(houses):
    """What the command says of it."""
    return call("look", houses, "--target", "sold")


def commands_in(text, label="    show: "):
    """Every command to copy in an output, as a shell reads it."""
    lines = re.sub(r" \\\n +", " ", text).splitlines()
    return [shlex.split(line.removeprefix(label)) for line in lines if line.startswith(label)]


def test_serious_sentences_come_first_and_the_exit_code_is_0(told):
    lines = told.out.splitlines()
    assert told.code == 0
    assert told.out.startswith("houses.csv: 330 rows, 7 columns; the target sold has 2 classes: no, yes\n")
    marked = [k for k, line in enumerate(lines) if line.startswith("! ")]
    unmarked = [
        k for k, line in enumerate(lines) if re.match(r"  \S", line) and k > 3 and not lines[k - 1].startswith("!")
    ]
    assert "known alone gives sold away" in lines[marked[0]]
    assert len(marked) == 3
    assert max(marked) < max(unmarked)


def test_nothing_but_a_command_to_copy_is_wider_than_80_columns_and_names_stand_on_one_line(told):
    wide = [line for line in told.out.splitlines() if len(line) > 80 and ".csv" not in line]
    assert wide == []
    assert "\npaid, in [red]€[" in told.out
    assert "\x1b" not in told.out


def test_every_command_that_is_shown_runs_and_shows_what_it_says(told):
    commands = commands_in(told.out)
    assert [words[-1] for words in commands] == [
        "leaks", "duplicates", "split", "missing", "constant", "ids",
    ]  # fmt: skip
    for words in commands:
        answer = call(*words[1:])
        assert (answer.code, answer.err) == (0, "")
        assert "row" in answer.out.split("\n\n")[1].split()


def test_the_footers_command_gives_the_same_again(told):
    ((culpa_itself, *words),) = commands_in(told.out, "made: ")
    assert culpa_itself == "culpa"
    assert call(*words).out == told.out


def test_the_rows_that_are_shown_are_those_of_python(houses):
    found = culpa.look(str(houses), "sold")
    answer = call("look", houses, "--target", "sold", "--show", "duplicates", "--top", "8")
    rows = [int(line.split()[0]) for line in answer.out.splitlines() if re.match(r" *\d+  ", line)]
    assert rows == found["duplicates"].rows[:8].tolist() == [10, 300, 11, 301, 12, 302, 13, 303]
    assert "52 more rows" in answer.out


def test_a_file_gets_every_row_and_column_verbatim_with_a_warning_about_formulas(houses, tmp_path):
    path = tmp_path / "rows.csv"
    answer = call("look", houses, "--target", "sold", "--show", "duplicates", "-o", path)
    header, *rows = csv.reader(io.StringIO(path.read_bytes().decode(), newline=""), strict=True)
    evidence = culpa.look(str(houses), "sold").evidence("duplicates")
    assert (answer.code, answer.out) == (0, "")
    assert "like a formula" in answer.err
    assert header == list(evidence.columns)
    assert len(rows) == 60
    assert [row[header.index(NAME)] for row in rows] == evidence[NAME].tolist()


def test_json_is_one_document_with_every_truth_its_rows_and_its_command(houses):
    document = call("look", houses, "--target", "sold", "--json").json
    found = culpa.look(str(houses), "sold")
    assert (document["schema"], document["command"], document["data"]["rows"]) == (1, "look", 330)
    assert [truth["key"] for truth in document["truths"]] == [truth.key for truth in found.truths]
    assert [truth["n_rows"] for truth in document["truths"]] == [len(truth.rows) for truth in found.truths]
    assert [column["column"] for column in document["columns"]] == found.columns["column"].tolist()
    shown = call("look", houses, "--target", "sold", "--show", "split", "--json").json["truths"][0]
    assert [row["row"] for row in shown["evidence"]] == found["split"].rows.tolist()


def test_without_a_target_and_on_bundled_data_it_works_too(houses):
    assert "no target is named" in call("look", houses).out
    answer = call("look", "iris", "--show", "duplicates")
    assert re.findall(r"^(\d+)", answer.out, re.MULTILINE) == ["101", "142"]


def test_of_many_columns_the_most_interesting_are_listed_and_the_rest_is_counted(tmp_path):
    columns = {f"x{j:03}": RANDOM.normal(size=40) for j in range(150)}
    columns["x140"] = np.where(np.arange(40) == 3, np.nan, columns["x140"])
    pl.DataFrame(columns).write_csv(tmp_path / "wide.csv", null_value="")
    lines = call("look", tmp_path / "wide.csv", "--top", "5").out.splitlines()
    listed = [line.split()[0] for line in lines if re.match(r"x\d{3} ", line)]
    assert listed == ["x000", "x001", "x002", "x003", "x140"]
    assert "145 more columns" in "\n".join(lines)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--show", "gaps"], "'gaps'; it has leaks, duplicates, split, size"),
        (["-o", "rows.csv"], "--show"),
        (["--show", "ids", "-o", "rows.odt"], "ending"),
        (["--show", "ids", "-o", "rows.csv", "--json"], "one of them at a time"),
        (["--top", "-1"], "top"),
        (["--seed", "-1"], "seed"),
    ],
)
def test_what_cannot_be_done_is_refused_and_nothing_is_written(houses, tmp_path, monkeypatch, words, message):
    monkeypatch.chdir(tmp_path)
    answer = call("look", houses, "--target", "sold", *words)
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err
    assert list(tmp_path.iterdir()) == []


def test_the_table_itself_is_never_written_over(houses):
    before = houses.read_bytes()
    answer = call("look", houses, "--target", "sold", "--show", "ids", "-o", houses)
    assert answer.code == 2
    assert "would be written over" in answer.err
    assert houses.read_bytes() == before


def test_blame_says_what_is_serious_before_its_report_and_nothing_where_nothing_is(houses, told):
    words = ("blame", houses, "--target", "sold", "--epochs", "1", "--score", "none")
    head = call(*words).out.split("\n\n")[0]
    assert head.startswith("! known alone gives sold away")
    assert "shows 3 more about the table" in head
    assert commands_in(head) == commands_in(told.out)[:3]
    document = call(*words, "--json").json
    assert [truth["key"] for truth in document["look"]] == ["leaks", "duplicates", "split"]
    assert call("blame", "iris", "--epochs", "1", "--score", "none").out.startswith("iris: 150 rows")
