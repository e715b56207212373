# SPDX-License-Identifier: MIT
"""`culpa blame` on a mixed table: what the report says of it in 80 columns, and the same in JSON."""

import re
import shlex

import numpy as np
import pytest
from rich.cells import cell_len

from culpa.blaming.terminal import amount
from tests.cli.calling import call, called
from tests.cli.houses import HEADER, LACKING, N, rows, write

COMMAND = re.compile(r"\s+(/|--)|.*culpa ")
"""A line of a command to be copied, whose words are as long as they are."""
QUICK = ("--epochs", "4", "--hidden", "6", "--score", "none")
PRICES = {row[0]: row[-1] for row in rows()}


@pytest.fixture(scope="module")
def houses(tmp_path_factory):
    """The table, and the words that blame it."""
    path = write(tmp_path_factory.mktemp("houses") / "houses.csv", rows())
    return path, (str(path), "--target", "price", "--id", "house", *QUICK)


def test_the_report_says_what_the_columns_hold_and_what_is_learnt(houses):
    answer = called("blame", *houses[1])
    lines = answer.out.splitlines()
    assert (answer.code, answer.err) == (
        0,
        f"houses.csv: 1 of {N} rows have no price and are set aside; the first is row {LACKING}\n",
    )
    assert lines[0] == "houses.csv: 119 rows, 4 columns, a target of numbers; 89 to train, 30 held out"
    assert lines[1].startswith("columns 1 number, 1 category, 1 date, 1 yes/no, as ")
    assert lines[2] == 'set aside <i>"notes"</i> (free text), country (constant)'
    assert "target price, numbers: regression" in lines
    assert "\x1b" not in answer.out
    assert [line for line in lines if cell_len(line) > 80 and not line.startswith(("next:", "made:"))] == []


def test_examples_are_shown_by_their_ids_with_the_targets_own_numbers(houses):
    lines = called("blame", *houses[1]).out.splitlines()
    head = next(k for k, line in enumerate(lines) if line.startswith("row "))
    assert lines[head].split() == ["row", "id", "price", "says", "loss", "‖g‖", "share"]
    shown = [line.split()[:3] for line in lines[head + 1 : head + 13]]
    assert [int(row) for row, _, _ in shown] == [int(name[2:]) for _, name, _ in shown]
    assert [price for _, _, price in shown] == [f"{int(PRICES[name])}" for _, name, _ in shown]
    assert f"H-{LACKING:03d}" not in [name for _, name, _ in shown]


def test_how_far_off_it_is_is_said_in_the_targets_unit(houses):
    state = called("blame", *houses[1], "--json").json
    beside = state["score"]["beside"]
    # R² = 1 − (error / deviation)², so that the error can be had from the score and the held-out prices alone.
    trained = training_rows(houses)
    held = [int(PRICES[f"H-{row:03d}"]) for row in range(N) if row not in trained and row != LACKING]
    root = np.sqrt(1 - state["score"]["network"]) * np.std(held)
    assert beside["root_mean_square"] == pytest.approx(root, rel=1e-5)
    assert 0 < beside["median"] < root
    line = next(line for line in called("blame", *houses[1]).out.splitlines() if line.startswith("  off by"))
    assert amount(root, 4e4) in line


def training_rows(houses):
    """The numbers of all training rows."""
    return [row["row"] for row in call("blame", *houses[1], "--top", 1000, "--json").json["examples"]]


def test_the_same_with_what_was_chosen_said_finds_the_same_numbers(houses):
    words = (str(houses[0]), "--target", "price", "--epochs", "3", "--score", "none")
    first = call("blame", *words)
    chosen = first.out.split("\nchosen ")[1].split("\n\n")[0]
    assert "--hidden" in chosen
    assert "--epochs" not in chosen, "what was said is not told"
    again = call("blame", *words, *shlex.split(chosen))
    assert "chosen" not in again.out
    numbers = [re.search(r"(?s)\n  held out.*\nrow.*?\n\(", answer.out).group(0) for answer in (first, again)]
    assert numbers[0] == numbers[1]


def test_json_holds_kinds_reasons_notes_and_the_inputs(houses):
    data = called("blame", *houses[1], "--json").json["data"]
    assert data["columns"] == HEADER[1:5]
    assert data["kinds"] == dict(zip(HEADER[1:5], ["number", "category", "date", "yes/no"], strict=True))
    assert data["set_aside"]["country"] == "every row holds 'DE'"
    assert set(data["set_aside"]) == {"country", '<i>"notes"</i>'}
    assert 'city = <b>語</b> "x"' in data["inputs"]
    assert "built: season" in " ".join(data["inputs"])
    assert data["ids"] is True
    assert len(data["notes"]) == 1


@pytest.mark.parametrize(
    ("values", "said", "line"),
    [
        (["1", "2", "3"], (), "3 whole numbers: classification (numbers: --task regression)"),
        (["1", "2", "3"], ("--task", "regression"), None),
        (["1.5", "2", "3"], (), "numbers: regression (classes: --task classification)"),
        (["ab", "b", "c"], (), "3 classes: classification"),
    ],
    ids=["whole numbers", "said", "numbers", "texts"],
)
def test_the_task_is_said_aloud_where_it_was_inferred(tmp_path, values, said, line):
    lines = [[str(i % 7 + i % 3), values[i % 3]] for i in range(60)]
    path = write(tmp_path / "t.csv", lines, ["a", "<goal>"])
    answer = call("blame", path, "--target", "<goal>", *QUICK, *said)
    assert answer.code == 0
    found = [text for text in answer.out.splitlines() if text.startswith("target")]
    assert found == ([] if line is None else [f"target <goal>, {line}"])


def test_long_names_are_cut_and_control_signs_harmless(tmp_path):
    lines = [[str(i % 7), "x" * 300 if i % 2 else "\x1b[31m[red]\nno", f"{i}" + "i" * 90] for i in range(60)]
    path = write(tmp_path / "t.csv", lines, ["a" * 200, "goal" * 50, "id\n" * 30 + "s"])
    answer = call("blame", path, "--target", "goal" * 50, "--id", "id\n" * 30 + "s", *QUICK)
    report = answer.out.split("\nnext: ")[0]
    wide = [line for line in report.splitlines() if cell_len(line) > 80 and not COMMAND.match(line)]
    assert (answer.code, wide) == (0, [])
    assert "\x1b" not in answer.out
    assert "[red]" in answer.out
