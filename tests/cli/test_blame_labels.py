# SPDX-License-Identifier: MIT
"""`culpa blame` and its label report: the suspects in 80 columns and in JSON, what is written, refused and told."""

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest
from rich.cells import cell_len

import culpa
from culpa.blaming import costing, investigating, labelling
from culpa.blaming.investigating import investigate_table
from culpa.blaming.labels import forest
from culpa.tables.reading import read_raw
from culpa.tables.roles import Roles
from tests.cli.calling import call

QUICK = ("--epochs", "20", "--hidden", "6", "--learning-rate", "0.02")
SAID = {"epochs": 20, "hidden": (6,), "learning_rate": 0.02}
RANDOM = np.random.default_rng(3)
X = RANDOM.normal(size=(80, 3)).round(3)
Y = (X[:, 0] + X[:, 1] > 0).astype(int)
PLANTED = int(np.argmax(X[:, 0] + X[:, 1]))
WRONG = np.where(np.arange(80) == PLANTED, 1 - Y, Y)


@pytest.fixture(autouse=True)
def a_small_forest(monkeypatch):
    monkeypatch.setattr(forest, "TREES", 30)


@pytest.fixture
def table(tmp_path, monkeypatch):
    """A table with one wrong label, in the folder where the command runs."""
    monkeypatch.chdir(tmp_path)
    lines = ["a,b,c,kind", *(",".join(map(str, [*row, ["no", "yes"][y]])) for row, y in zip(X, WRONG, strict=True))]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    return "t.csv"


def blamed(*words):
    return call("blame", "t.csv", "--target", "kind", *QUICK, *words)


def too_wide(answer):
    """The lines that 80 columns do not hold, but for commands to copy."""
    return [line for line in answer.out.splitlines() if cell_len(line) > 80]


def test_the_suspects_of_the_report_are_those_of_the_document_and_of_investigate(table):
    answer, state = blamed(), blamed("--json").json
    report = investigate_table(read_raw(table, Roles(target="kind")), said=SAID).labels
    labels = state["labels"]
    assert (answer.code, answer.err) == (0, "")
    assert too_wide(answer) == []
    assert [row["row"] for row in labels["suspects"]] == report.order[:12].tolist()
    assert (labels["method"], labels["why"]) == (report.method, report.why)
    assert labels["wrong"] == report.wrong._asdict()
    assert [reason["column"] for reason in labels["suspects"][0]["reasons"]["columns"]] == [
        argument.column for argument in report.reasons[int(report.order[0])].columns
    ]
    shown = re.findall(r"^ *(\d+)  (no|yes) +(no|yes) +(\S+)  ", answer.out, re.MULTILINE)
    assert [(int(row), given, rather) for row, given, rather, _ in shown] == [
        (row["row"], row["given"], row["proposed"]) for row in labels["suspects"]
    ]
    assert [float(p.replace(">.99", ".995")) for *_, p in shown] == pytest.approx(
        [row["probability"] for row in labels["suspects"]], abs=0.0051
    )
    assert "--suspects suspects.csv" in answer.joined
    assert "--html report.html" in answer.joined


def test_a_wrong_label_comes_first_and_where_it_is_right_it_does_not(table, tmp_path):
    first = blamed("--json").json["labels"]["suspects"][0]
    assert (first["row"], first["proposed"]) == (PLANTED, ["no", "yes"][Y[PLANTED]])
    lines = (tmp_path / "t.csv").read_text().split("\n")
    lines[1 + PLANTED] = lines[1 + PLANTED].rsplit(",", 1)[0] + "," + ["no", "yes"][Y[PLANTED]]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    assert blamed("--json").json["labels"]["suspects"][0]["row"] != PLANTED


def test_numbers_are_proposed_in_their_own_unit(tmp_path):
    y = 1e6 + 1e4 * X[:, 0]
    y[7] += 1e5
    np.savez(tmp_path / "n.npz", X=X, y=y)
    answer = call("blame", tmp_path / "n.npz", "--score", "record", *QUICK)
    state = call("blame", tmp_path / "n.npz", "--score", "record", *QUICK, "--json").json
    first = state["labels"]["suspects"][0]
    assert first["row"] == 7
    assert first["low"] < first["proposed"] < first["high"]
    line = next(line for line in answer.out.splitlines() if line.startswith(("  7 ", " 7 ")))
    assert f"{y[7]:.0f}" in line
    assert f"{first['proposed']:,.0f}"[:3] in line


def test_the_loop_goes_round(table, tmp_path):
    right = "yes" if Y[PLANTED] else "no"
    first = blamed("--suspects", "s.csv", "--top", "5")
    with (tmp_path / "s.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert (first.code, len(rows)) == (0, 5)
    assert "--decisions s.csv" in first.joined
    with (tmp_path / "s.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows({**row, "decision": right if row["row"] == str(PLANTED) else "keep"} for row in rows)
    again = blamed("--decisions", "s.csv", "--apply", "c.csv", "--json")
    state = again.json
    assert state["decisions"]["corrected"] == [{"row": PLANTED, "label": right}]
    assert not {row["row"] for row in state["labels"]["suspects"]} & {int(row["row"]) for row in rows}
    assert "--decisions s.csv" in state["footer"]["reproduce"]
    assert (tmp_path / "c.csv").read_text().splitlines()[1 + PLANTED].endswith(right)
    report = blamed("--decisions", "s.csv", "--html", "d.html")
    change = " ".join(report.joined.split("change")[1].split("layer")[0].split())
    assert change.startswith(("+", "−"))
    assert f"<dt>change</dt><dd>{change}</dd>" in (tmp_path / "d.html").read_text(), "the page has the answer too"
    assert "you have decided on are not ranked" in report.joined
    assert too_wide(report) == []
    assert state["footer"]["data"] in report.out, "the checksum is that of the file that the command names"


def test_the_page_is_written_whole(table, tmp_path):
    answer = blamed("--score", "record", "--html", "r.html")
    page = (tmp_path / "r.html").read_text()
    assert answer.err == "r.html: the whole report as a page\n"
    assert page.startswith(("<!doctype html>", "<!DOCTYPE html>"))
    assert f"culpa blame {table} --target kind" in page
    assert "--html" not in answer.joined.split("made: ")[1], "what is written is not said again"


REFUSED = {
    "an unknown score": (("--score", "forrest"), "auto, record, forest, bags, none"),
    "a list of nothing": (("--suspects", "s.csv", "--score", "none"), "--score none makes none"),
    "nothing decided": (("--apply", "c.csv"), "--decisions FILE"),
    "a picture of no page": (("--image", "8x8"), "--html FILE"),
    "no size": (("--image", "8", "--html", "r.html"), "HEIGHTxWIDTH"),
    "over the input": (("--html", "nowhere.csv"), "would be written over"),
    "to one place": (("--html", "a.csv", "--suspects", "a.csv"), "both be written"),
    "to no place": (("--html", "no/r.html"), "no/r.html"),
    "a score without training": (("--model", "m.st", "--score", "forest"), "nothing is trained"),
    "a list without training": (("--model", "m.st", "--suspects", "s.csv"), "--suspects cannot stand beside --model"),
}


@pytest.mark.parametrize(("words", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_done_is_refused_before_anything_is_read(tmp_path, monkeypatch, words, message):
    monkeypatch.chdir(tmp_path)
    answer = call("blame", "nowhere.csv", *words)
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--image", "2x2", "--html", "r.html"), "2 × 2 points"),
        (("--score", "bags"), "Bags judge numbers"),
        (("--probabilities", "t.csv"), "no probability of the classes"),
    ],
    ids=["image", "score", "probabilities"],
)
def test_what_does_not_fit_the_table_is_refused_before_any_training(table, monkeypatch, words, message):
    monkeypatch.setattr("culpa.blaming.teaching.fit", None)
    answer = blamed(*words)
    assert (answer.code, message in answer.err) == (2, True)


def test_another_models_ranking_stands_beside_ours_and_alone_beside_a_saved_network(table, tmp_path):
    p = np.where(Y[:, None] == [0, 1], 0.9, 0.1)
    p[5] = p[5][::-1]
    lines = ["row,p(no),p(yes)", *(f"{i},{a},{b}" for i, (a, b) in enumerate(p))]
    (tmp_path / "p.csv").write_text("\n".join(lines))
    words = ("--probabilities", "p.csv", "--score", "record", "--top", "2")
    state, answer = blamed(*words, "--json").json, blamed(*words, "--save", "m.st")
    ours, theirs = (
        {row["row"] for row in ranking["suspects"]} for ranking in (state["labels"], state["labels"]["rival"])
    )
    assert theirs == {5, PLANTED}
    assert {row["row"] for row in state["labels"]["disagreements"]} == ours ^ theirs
    assert "by probabilities" in answer.out
    assert "--probabilities p.csv" in state["footer"]["reproduce"]
    alone = call("blame", table, "--target", "kind", "--model", "m.st", "--probabilities", "p.csv", "--json").json
    assert alone["labels"]["method"] == "probabilities"
    assert {row["row"] for row in alone["labels"]["suspects"][:2]} == theirs
    without = call("blame", table, "--target", "kind", "--model", "m.st")
    assert "nothing was trained" in without.out


def test_of_very_many_rows_there_is_a_report_only_where_a_score_is_named(table, monkeypatch):
    monkeypatch.setattr(labelling, "MOST_ROWS", 79)
    answer = blamed()
    assert answer.code == 0
    assert "no label report of more than 79 rows unless it is asked for: --score record needs about " in answer.err
    assert "training rows carry" in answer.out
    assert blamed("--score", "record", "--json").json["labels"]["method"] == "record"


def test_what_takes_long_is_told_beforehand(table, monkeypatch):
    monkeypatch.setattr(costing, "WORTH_TELLING", 0.0)
    told = blamed().err
    assert re.match(
        r"about \d+ s for the label report: two trainings on all rows, 30 trees; --score record needs", told
    )
    assert blamed("--score", "none").err == ""


def test_ctrl_c_in_the_label_report_keeps_all_else(table, monkeypatch):
    def pressed(*given, **named):
        raise KeyboardInterrupt

    monkeypatch.setattr(labelling, "score_labels", pressed)
    answer, document = blamed(), blamed("--json", "--save", "m.st")
    state = json.loads(document.out)
    assert (answer.code, document.code) == (130, 130)
    assert "(the label report was interrupted)" in answer.out
    assert "training rows carry" in answer.out
    assert "the label report was interrupted; all else" in answer.err
    assert (state["labels"], state["interrupted"], state["check"]["ok"]) == (None, True, True)
    assert state["missing"]["suspects"] == "The label report was interrupted."
    assert culpa.load("m.st").sizes == (3, 6, 2)


def test_ctrl_c_in_the_check_after_a_training_keeps_the_training(table, monkeypatch):
    def pressed(*given, **named):
        raise KeyboardInterrupt

    monkeypatch.setattr(investigating, "check", pressed)
    answer, document = blamed("--html", "r.html"), blamed("--json", "--save", "m.st")
    state = json.loads(document.out)
    assert (answer.code, document.code) == (130, 130)
    assert "gradient    not checked: it was interrupted" in answer.out
    assert "training rows carry" in answer.out
    assert "the check of the gradient was interrupted, and no label report was begun" in answer.err
    assert (state["labels"], state["interrupted"], state["check"]) == (None, True, {"ok": False, "blocks": []})
    assert state["missing"]["suspects"] == investigating.UNCHECKED
    assert "The gradient was not checked" in Path("r.html").read_text(encoding="utf-8")
    assert culpa.load("m.st").sizes == (3, 6, 2)
    # Negative control: where nothing was trained, nothing is worth keeping.
    alone = call("blame", table, "--target", "kind", "--model", "m.st")
    assert (alone.code, alone.out) == (130, "")


def test_ctrl_c_writes_no_list_says_so_and_asks_for_nothing_again(table, tmp_path, monkeypatch):
    def pressed(*given, **named):
        raise KeyboardInterrupt

    monkeypatch.setattr(labelling, "score_labels", pressed)
    answer = blamed("--suspects", "s.csv", "--html", "r.html")
    assert answer.code == 130
    assert "s.csv was not written: the report was interrupted before its labels were ranked\n" in answer.err
    assert "Hint" not in answer.err
    assert not (tmp_path / "s.csv").exists()
    assert (tmp_path / "r.html").exists()
    assert "held out" in answer.out
    assert "\nnext: " not in answer.out
    assert "\nnext: " in blamed("--score", "none").out, "negative control: what was finished leads on"


def test_where_rows_are_pictures_no_point_is_called_idle(table, monkeypatch):
    asked = []
    monkeypatch.setattr(investigating, "findings_of", lambda *_, pictures, **__: asked.append(pictures) or ())
    assert blamed("--score", "none", "--html", "r.html", "--image", "1x3").code == 0
    assert blamed("--score", "none").code == 0
    assert asked == [True, False]
