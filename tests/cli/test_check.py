# SPDX-License-Identifier: MIT
"""`culpa check`: a saved network's gradient on a table, and culpa's own tables; the exit code tells what was found."""

from dataclasses import replace

import numpy as np
import pytest
from rich.cells import cell_len

import culpa
from culpa import ACTIVATIONS, LOSSES
from culpa.engine import activations
from culpa.tables.reading import read_raw
from tests.cli.calling import X, call


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Saved networks: of iris, of an own table, and one that fits its table to the last digit."""
    place = tmp_path_factory.mktemp("check")
    np.savez(place / "mine.npz", X=X, y=X[:, 0] > 0)
    for name, data in (("iris", "iris"), ("mine", place / "mine.npz")):
        assert (
            call("blame", data, "--epochs", "3", "--score", "none", "--save", place / f"{name}.safetensors").code == 0
        )
    line = culpa.Network.from_arrays([[[1.0, 2.0, 3.0]]], loss="squared_error")
    culpa.save(line, place / "line.safetensors")
    np.savez(place / "line.npz", X=X, y=culpa.predict(line, X)[:, 0])
    np.savez(place / "unknown.npz", X=X)
    return place


def test_a_right_gradient_is_reported_in_80_columns_and_exits_0(folder):
    answer = call("check", folder / "iris.safetensors", "iris")
    lines = answer.joined.splitlines()
    assert (answer.code, answer.err) == (0, "")
    assert "on 150 rows of iris" in " ".join(" ".join(lines[:3]).split())
    assert any(line.startswith("gradient right to ") for line in lines)
    assert [line.split()[0] for line in lines if line.startswith(("W_", "b_"))] == [
        f"{letter}_{k}" for k in (1, 2, 3) for letter in "Wb"
    ]
    assert any(line.startswith("next: culpa blame iris --model") for line in lines)
    assert any(line.startswith("made: culpa check") for line in lines)
    path = str(folder)
    assert [line for line in lines if cell_len(line) > 80 and path not in line] == []


def test_json_holds_what_check_says_of_the_encoded_table(folder):
    state = call("check", folder / "iris.safetensors", "iris", "--seed", "3", "--json").json
    network, table = culpa.load(folder / "iris.safetensors"), read_raw("iris")
    columns = network.columns
    expected = culpa.check(network, columns.encode(table.frame), columns.encode_target(table.y), seed=3)
    assert (state["schema"], state["command"], state["ok"]) == (1, "check", True)
    assert state["method"] == expected.method == "complex steps"
    assert [tuple(block.values()) for block in state["blocks"]] == [tuple(block) for block in expected.blocks]
    assert (state["rows"], state["of_rows"]) == (150, 150)
    assert "--seed 3" in state["footer"]["reproduce"]


def test_a_long_table_is_checked_on_some_of_its_rows(folder):
    np.savez(folder / "long.npz", X=np.tile(X, (40, 1)), y=np.tile(X[:, 0] > 0, 40))
    state = call("check", folder / "mine.safetensors", folder / "long.npz", "--json").json
    assert (state["rows"], state["of_rows"], state["ok"]) == (800, 2400, True)


@pytest.fixture
def wrong_relu(monkeypatch):
    """A mistake in culpa's own relu."""
    wrong = replace(ACTIVATIONS["relu"], slope=lambda a: 0.9 * (a > 0), in_place=None)
    monkeypatch.setitem(activations.ACTIVATIONS, "relu", wrong)


@pytest.mark.usefixtures("wrong_relu")
def test_a_wrong_gradient_exits_1_and_says_where(folder):
    answer = call("check", folder / "iris.safetensors", "iris")
    assert (answer.code, answer.err) == (1, "")
    assert "gradient WRONG in W_1, b_1, W_2, b_2, 4 of 6 blocks" in answer.out
    assert "next: culpa check" in answer.out
    assert call("check", folder / "iris.safetensors", "iris", "--json").json["ok"] is False


def test_where_nothing_is_testable_it_says_so_and_exits_1(folder):
    answer = call("check", folder / "line.safetensors", folder / "line.npz")
    assert answer.code == 1
    assert "Nothing could be tested here" in answer.out
    assert "WRONG" not in answer.out


def test_check_self_shows_every_pair_and_exits_0():
    answer = call("check", "--self")
    lines = answer.joined.splitlines()
    assert (answer.code, answer.err) == (0, "")
    assert lines[0].startswith("gradient right for all 63 pairs, to 1")
    pairs = [tuple(line.split()[:2]) for line in lines if " right " in line and line.split()[0] in LOSSES]
    assert pairs == [(loss, activation) for loss in LOSSES for activation in ACTIVATIONS]
    assert [line for line in lines if cell_len(line) > 80] == []
    assert lines[-1].startswith("made: culpa check --self")


@pytest.mark.usefixtures("wrong_relu")
def test_check_self_finds_a_planted_error_and_exits_1():
    state = call("check", "--self", "--json")
    assert state.code == 1
    assert state.json["ok"] is False
    wrong = {row["activation"] for row in state.json["pairings"] if not row["ok"]}
    assert wrong == {"relu"}
    answer = call("check", "--self")
    assert answer.code == 1
    assert answer.out.startswith("gradient WRONG for relu with cross_entropy, ")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ((), "needs MODEL and DATA"),
        (("a.safetensors",), "needs MODEL and DATA"),
        (("a.safetensors", "iris", "--self"), "--self takes no MODEL"),
        (("nowhere.safetensors", "iris"), "nowhere.safetensors"),
        (("--self", "--seed", "-1"), "seed"),
    ],
)
def test_bad_words_exit_2_with_one_sentence(words, text):
    answer = call("check", *words)
    assert (answer.code, answer.out) == (2, "")
    assert text in answer.err


def test_a_table_without_a_target_or_with_other_columns_is_refused(folder):
    for data in (folder / "unknown.npz", "iris"):
        answer = call("check", folder / "mine.safetensors", data)
        assert (answer.code, answer.out) == (2, "")
        assert answer.err.startswith("culpa: ")
