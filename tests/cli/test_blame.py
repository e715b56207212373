# SPDX-License-Identifier: MIT
"""`culpa blame`: the report in 80 columns, the same in JSON with the numbers of `investigate`, saving and reusing."""

import contextlib
import io
import json
import re
import shlex
from dataclasses import replace

import numpy as np
import pytest
from rich.cells import cell_len

import culpa
from culpa.blaming import investigating
from culpa.blaming.investigating import investigate_table, with_findings
from culpa.cli import main
from culpa.reporting.terminal import short
from culpa.tables.reading import BUNDLED, read_raw
from tests.cli.calling import AWKWARD, RANDOM, X, call, called

KINDS = {"iris": "3 classes", "wine": "3 classes", "digits": "10 classes", "breast_cancer": "2 classes"}
QUICK = ("--epochs", "3", "--score", "none")


def too_wide(lines):
    """The lines that 80 columns cannot hold; a command to be copied stays on one line, however long its words are."""
    commands = ("next:", "  next:", "made:", "look:", "    show:")
    return [line for line in lines if cell_len(line) > 80 and not line.startswith(commands)]


@pytest.mark.parametrize("name", BUNDLED)
def test_a_report_on_bundled_data_says_what_it_found_in_80_columns(name):
    answer = called("blame", name, *QUICK)
    lines = answer.joined.splitlines()
    table = read_raw(name)
    n, d = (f"{number:,}" for number in table.frame.shape)
    kind = KINDS.get(name, "a target of numbers")
    assert (answer.code, answer.err) == (0, "")
    assert re.fullmatch(rf"{name}: {n} rows, {d} columns, {kind}; [\d,]+ to train, [\d,]+ held out", lines[0])
    assert re.match(rf"network {len(table.names)}-128-64-\d+, relu, .* of 3, \d+\.\d s, seed 0$", lines[1])
    assert "\x1b" not in answer.out
    assert too_wide(lines) == []
    assert re.search(
        r"^  gradient    right to 1\d digits, each of 6 blocks, by complex steps$", answer.out, re.MULTILINE
    )
    assert [len(re.findall(f"^W_{k} b_{k} ", answer.out, re.MULTILINE)) for k in (1, 2, 3)] == [1, 1, 1]


@pytest.mark.parametrize("name", ["iris", "diabetes"])
def test_json_is_one_document_with_the_numbers_of_investigate(name):
    answer = called("blame", name, *QUICK, "--json")
    table = read_raw(name)
    found = with_findings(investigate_table(table, said={"epochs": 3}, score="none"))
    state = answer.json
    assert (answer.code, answer.err, state["schema"], state["command"]) == (0, "", 1, "blame")
    assert json.loads(json.dumps(state, allow_nan=False)) == state
    beside = None if found.beside is None else found.beside._asdict()
    score = {"metric": found.metric, "network": found.score, "baselines": found.baselines, "beside": beside}
    assert state["score"] == score
    assert state["layers"] == list(found.blame.layers.rows())
    assert state["examples"] == list(found.blame.heaviest(12).rows())
    blame = found.blame
    sums = {name: getattr(blame, name) for name in ("loss", "penalty", "norm", "first_order")}
    assert state["blame"] == {**sums, "decay": blame.decay._asdict()}
    assert (state["units"], state["columns"]) == (list(blame.units.rows()), list(blame.columns.rows()))
    assert state["weights"] == list(blame.heaviest_weights(20).rows())
    assert (state["labels"], state["decisions"], state["interrupted"]) == (None, None, False)
    assert state["missing"] == dict(blame.missing)
    assert [finding["kind"] for finding in state["findings"]] == [finding.kind for finding in blame.findings]
    assert state["check"]["ok"] is True
    assert [block["digits"] for block in state["check"]["blocks"]] == [block.digits for block in found.check.blocks]
    history = found.network.training.to_dict()["history"]
    assert {**state["training"], "seconds": 0} == {**found.network.training.to_dict(), "seconds": 0}
    assert state["training"]["history"] == history
    assert state["data"] == {
        "name": name,
        "rows": len(table),
        "columns": list(table.names),
        "kinds": dict.fromkeys(table.names, "number"),
        "why": dict.fromkeys(table.names, "as said"),
        "set_aside": {},
        "inputs": list(table.names),
        "target": table.target,
        "task": table.task,
        "classes": None if table.classes is None else list(table.classes),
        "train_rows": len(found.train_rows),
        "held_out_rows": len(found.held_rows),
        "ids": False,
        "notes": [],
    }
    assert state["network"]["sizes"] == list(found.network.sizes)


@pytest.mark.parametrize("name", ["iris", "diabetes"])
def test_the_report_shows_the_numbers_of_the_document(name):
    lines = called("blame", name, *QUICK).joined.splitlines()
    state = called("blame", name, *QUICK, "--json").json
    rows = [line.split() for line in lines if re.match(r" *\d+  ", line)]
    assert [row[0] for row in rows] == [str(example["row"]) for example in state["examples"]]
    assert [row[-4:-2] for row in rows] == [[short(e["loss"]), short(e["norm"])] for e in state["examples"]]
    norms = [line.split()[5] for line in lines if line.startswith("W_")]
    assert norms == [short(layer["norm"]) for layer in state["layers"]]
    total = sum(example["share"] for example in state["examples"])
    stated = next(line for line in lines if "carry" in line)
    assert float(stated.split("carry")[1].split("%")[0]) == pytest.approx(100 * total, abs=0.51)


def test_the_footer_reproduces_the_report():
    first = call("blame", "iris", "--seed", "3", "--hidden", "5", *QUICK)
    made = next(line for line in first.joined.splitlines() if line.startswith("made: "))
    words = shlex.split(made.removeprefix("made: "))
    assert words[0] == "culpa"
    again = call(*words[1:])
    without_time = [re.sub(r"\d+\.\d s", "", answer.out) for answer in (first, again)]
    assert without_time[0] == without_time[1]
    assert f"culpa {culpa.__version__}, numpy {np.__version__}; data " in first.out


def test_the_next_command_shows_more_rows():
    lines = called("blame", "iris", *QUICK).joined.splitlines()
    following = next(line for line in lines if line.startswith("next: ")).removeprefix("next: ").split("   ")[0]
    answer = call(*shlex.split(following)[1:])
    assert answer.code == 0
    assert "60 of 112 training rows" in answer.out


@pytest.mark.parametrize(
    ("words", "shape"),
    [
        (["--hidden", "none"], r"4-3, no hidden layer"),
        (["--hidden", "7", "--activation", "tanh"], "4-7-3, tanh"),
        (["--hidden", "8,7,6,5"], "4-8-7-6-5-3, relu"),
    ],
    ids=["none", "one", "four"],
)
def test_the_hidden_layers_may_be_chosen(words, shape):
    answer = call("blame", "iris", *words, *QUICK)
    assert answer.code == 0
    assert answer.joined.splitlines()[1].startswith(f"network {shape}, cross-entropy; best epoch")
    assert too_wide(answer.joined.splitlines()) == []


def test_as_many_rows_are_shown_as_asked_for():
    for top, expected in ((1, 1), (5, 5), (1000, 112)):
        rows = call("blame", "iris", "--hidden", "4", "--top", top, *QUICK, "--json").json["examples"]
        assert len(rows) == expected
        assert [row["share"] for row in rows] == sorted((row["share"] for row in rows), reverse=True)


def test_a_saved_network_is_the_one_that_was_reported_and_can_be_blamed_again(tmp_path):
    path = tmp_path / "iris.safetensors"
    first = call("blame", "iris", *QUICK, "--save", path, "--json")
    assert (first.code, first.err) == (0, f"saved to {path}\n")
    network = culpa.load(path)
    table = read_raw("iris")
    expected = investigate_table(table, said={"epochs": 3}, score="none").network
    np.testing.assert_array_equal(culpa.flatten(network), culpa.flatten(expected))
    assert network.columns == expected.columns
    again = call("blame", "iris", "--model", path)
    lines = again.joined.splitlines()
    assert again.code == 0
    assert lines[0] == "iris: 150 rows, 4 columns, 3 classes"
    assert re.search(r"^  all rows ", again.out, re.MULTILINE)
    assert "12 of 150 rows carry" in again.joined
    assert f"made: culpa blame iris --model {path}" in again.joined


def test_a_gradient_that_is_wrong_exits_with_1_and_names_the_blocks(monkeypatch):
    """Negative control: the check inside the command is given a network whose loss has a wrong delta."""
    right = investigating.check

    def planted(network, X, y, **options):
        loss = replace(network.loss, delta=lambda a, t: 1.001 * network.loss.delta(a, t))
        return right(replace(network, loss=loss), X, y, **options)

    monkeypatch.setattr(investigating, "check", planted)
    answer = call("blame", "iris", "--hidden", "5", *QUICK)
    assert answer.code == 1
    assert "  gradient    WRONG in W_1, b_1, W_2, b_2, by complex steps" in answer.out
    assert call("blame", "iris", "--hidden", "5", *QUICK, "--json").json["check"]["ok"] is False


@pytest.mark.parametrize("labels", [AWKWARD, ["x" * 300, "y" * 300]], ids=["awkward", "long"])
def test_strange_names_neither_break_the_report_nor_hide_its_numbers(tmp_path, labels):
    y = np.array(labels)[RANDOM.integers(0, len(labels), 60)]
    np.savez(tmp_path / "mine.npz", X=X, y=y)
    answer = call("blame", tmp_path / "mine.npz", *QUICK, "--top", "5")
    lines = answer.joined.splitlines()
    assert answer.code == 0
    assert too_wide(lines) == []
    start = next(k for k, line in enumerate(lines) if "carry" in line)
    shown = call("blame", tmp_path / "mine.npz", *QUICK, "--top", "5", "--json").json["examples"]
    assert [line.split()[0] for line in lines[start + 2 : start + 7]] == [str(row["row"]) for row in shown]
    assert [line.split()[-4] for line in lines[start + 2 : start + 7]] == [short(row["loss"]) for row in shown]
    assert {row["given"] for row in shown} <= set(labels)


@pytest.mark.parametrize("name", ["n" * 200, "new\nline", "\x1b[31mred"], ids=["long", "two lines", "colour"])
def test_a_strange_name_of_a_file_leaves_the_first_sentence_whole_and_harmless(tmp_path, name):
    np.savez(tmp_path / f"{name}.npz", X=X, y=np.arange(60) % 2)
    answer = call("blame", tmp_path / f"{name}.npz", *QUICK)
    sentence, rest = answer.joined.split("\ntarget, 2 whole numbers: classification (numbers: --task regression)")
    assert answer.code == 0
    assert " ".join(sentence.split()).endswith(": 60 rows, 3 columns, 2 classes; 45 to train, 15 held out")
    assert too_wide([*sentence.splitlines(), *rest.splitlines()]) == []
    assert len(sentence.splitlines()) <= 2
    assert "\x1b" not in answer.out


def test_what_cannot_be_measured_is_shown_as_a_dash(tmp_path):
    """With one row held out there is no R²."""
    np.savez(tmp_path / "tiny.npz", X=X[:4], y=X[:4, 0])
    answer = call("blame", tmp_path / "tiny.npz", *QUICK)
    assert answer.code == 0
    assert "nan" not in answer.out.lower()
    assert call("blame", tmp_path / "tiny.npz", *QUICK, "--json").json["score"]["network"] is None


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
@pytest.mark.parametrize("option", [[], ["--json"]], ids=["report", "json"])
def test_a_stream_of_another_encoding_gets_everything_all_the_same(tmp_path, encoding, option):
    """As a pipe on Windows has: a report may replace signs that it lacks; JSON can say every sign in ASCII."""
    np.savez(tmp_path / "mine.npz", X=X, y=np.array(["été", "語"])[np.arange(60) % 2])
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="")
    with contextlib.redirect_stdout(stream):
        code = main(["blame", str(tmp_path / "mine.npz"), "--hidden", "4", *QUICK, *option])
    stream.flush()
    text = stream.buffer.getvalue().decode(encoding)
    assert code == 0
    assert (
        json.loads(text)["schema"] == 1 if option else text.startswith("mine.npz: 60 rows, 3 columns, 2 classes; 45 ")
    )
    assert "culpa blame " in text
