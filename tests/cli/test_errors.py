# SPDX-License-Identifier: MIT
"""What goes wrong on the command line: one clear line on stderr, nothing on stdout, the right exit code."""

import re

import numpy as np
import pytest

import culpa
from culpa.cli import blame, predict, tabling
from tests.cli.calling import X, call


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Good and bad files to point at."""
    place = tmp_path_factory.mktemp("files")
    spoiled = X.copy()
    spoiled[7, 2] = np.nan
    y = np.arange(60) % 2
    np.savez(place / "good.npz", X=X, y=y)
    np.savez(place / "nan.npz", X=spoiled, y=y)
    np.savez(place / "inf.npz", X=np.where(np.isnan(spoiled), np.inf, spoiled), y=y)
    np.savez(place / "one.npz", X=X, y=0 * y)
    np.savez(place / "row.npz", X=X[:1], y=y[:1])
    np.savez(place / "noy.npz", X=X)
    np.savez(place / "objects.npz", X=X, y=y.astype(object))
    np.savez(place / "names.npz", X=X, y=y, columns=["a"])
    np.savez(place / "bytes.npz", X=X, y=np.array([b"a", b"b"])[y])
    np.savez(place / "words.npz", X=X, y=np.array(["a", "b"])[y])
    (place / "text.csv").write_text("a,b\n1,2\n")
    (place / "text.npz").write_text("a,b\n1,2\n")
    (place / "cut.npz").write_bytes((place / "good.npz").read_bytes()[:300])
    network = culpa.Network.fresh([3, 2], seed=0)
    culpa.save(network, place / "classes.st")
    culpa.save(culpa.Network.fresh([3, 1], loss="squared_error"), place / "numbers.st")
    (place / "cut.st").write_bytes((place / "classes.st").read_bytes()[:100])
    return place


BAD = {
    "no such data": ("blame nowhere", "neither a file nor bundled data"),
    "no such file": ("blame nowhere.npz", "nowhere.npz does not exist"),
    "a table without a target": ("blame {}/text.csv", "has the columns a, b; which one is to be predicted?"),
    "a text": ("blame {}/text.npz", "text.npz"),
    "a file cut off": ("blame {}/cut.npz", "cut.npz"),
    "no y": ("blame {}/noy.npz", "must hold the arrays X and y; it holds X"),
    "objects": ("blame {}/objects.npz", "Python objects"),
    "infinity": ("blame {}/inf.npz", "row 7 of the column 'x2' holds inf, which is not finite"),
    "one class": ("blame {}/one.npz", "rows of one.npz have the same target, 0: there is nothing to learn"),
    "one row": ("blame {}/row.npz", "row.npz must have 3 rows or more"),
    "one name": ("blame {}/names.npz", "each of the 3 columns; got 1"),
    "worded widths": ("blame iris --hidden wide", "--hidden must be widths such as 64,32, or none; got 'wide'"),
    "a width of zero": ("blame iris --hidden 4,0", "got '4,0'"),
    "a misspelt activation": ("blame iris --activation rleu", "did you mean 'relu'?"),
    "minus one epoch": ("blame iris --epochs -1", "`epochs` must be a whole number, 0 or more; got -1"),
    "a negative seed": ("blame iris --seed -1", "`seed` must be a whole number, 0 or more; got -1"),
    "no rows to show": ("blame iris --top 0", "`top` must be a whole number, 1 or more; got 0"),
    "a folder that is missing": ("blame iris --epochs 1 --save {}/nowhere/n", "cannot be written"),
    "saving what was saved": ("blame iris --save {}/n --model {}/classes.st", "--save"),
    "no such model": ("blame iris --model {}/nowhere.st", "does not exist"),
    "a model cut off": ("blame iris --model {}/cut.st", "is damaged"),
    "a model of other columns": ("blame iris --model {}/classes.st", "3 columns"),
    "a model for numbers": ("blame {}/words.npz --model {}/numbers.st", "number"),
    "no such model to predict": ("predict nowhere iris", "nowhere does not exist"),
    "data for a model": ("predict {}/good.npz {}/good.npz", "is not a network saved by culpa"),
    "no such data to predict": ("predict {}/classes.st nowhere", "neither a file nor bundled data"),
    "other columns to predict": ("predict {}/classes.st iris", "3 columns"),
    "NaN to predict": ("predict {}/classes.st {}/nan.npz", "row 7, column 2 holds nan"),
    "a folder to write": ("predict {}/classes.st {}/good.npz -o {}", "folder"),
}


@pytest.mark.parametrize(("words", "said"), BAD.values(), ids=BAD)
def test_bad_input_exits_with_2_and_one_clear_line(folder, words, said):
    files = sorted(folder.iterdir())
    answer = call(*(word.replace("{}", str(folder)) for word in words.split()))
    look = answer.out == "" or answer.out.startswith("! every row has the same target")
    assert (answer.code, look) == (2, True), "what is true of a table comes before any training, and stays"
    assert answer.err.count("\n") == 1
    assert answer.err.startswith("culpa: ")
    assert said in answer.err
    assert not re.search(r"np\.[a-zA-Z]+_?\(", answer.err.replace("np.unique", "")), "a NumPy repr is no reader's word"
    assert sorted(folder.iterdir()) == files, "nothing half-written is left"


def test_a_save_that_cannot_succeed_is_refused_before_the_training_and_not_after(tmp_path, monkeypatch):
    def trained(*_, **__):
        raise AssertionError("the training had begun")

    monkeypatch.setattr(blame, "investigate_table", trained)
    answer = call("blame", "iris", "--save", tmp_path / "nowhere" / "n.safetensors")
    assert (answer.code, answer.out) == (2, "")


USAGE = {
    "no data": ("blame", "Missing argument 'DATA'"),
    "no model": ("predict", "Missing argument 'MODEL'"),
    "no data to predict": ("predict a", "Missing argument 'DATA'"),
    "an unknown command": ("frobnicate", "No such command 'frobnicate'"),
    "an unknown option": ("blame iris --depth 3", "No such option: --depth"),
    "half an epoch": ("blame iris --epochs 1.5", "Invalid value for '--epochs'"),
    "an option without a value": ("blame iris --top", "--top"),
    "too many words": ("blame iris wine", "extra argument"),
}


@pytest.mark.parametrize(("words", "said"), USAGE.values(), ids=USAGE)
def test_bad_usage_exits_with_2_and_the_line_of_usage(words, said):
    answer = call(*words.split())
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert answer.err.splitlines()[-1].startswith("Error: ")
    assert "Traceback" not in answer.err


def test_debug_shows_the_traceback_wherever_it_stands():
    for words in (("--debug", "blame", "nowhere"), ("blame", "nowhere", "--debug"), ("blame", "--debug", "nowhere")):
        answer = call(*words)
        assert (answer.code, answer.out) == (2, "")
        assert "Traceback (most recent call last)" in answer.err
        assert answer.err.rstrip().splitlines()[-1].startswith("culpa: 'nowhere' is neither a file")
    assert "Traceback" not in call("blame", "nowhere").err


@pytest.mark.parametrize(
    ("module", "name", "words"), [(tabling, "read_raw", "blame iris"), (predict, "load", "predict a b")]
)
def test_a_fault_of_culpas_own_exits_with_3_and_asks_for_a_report(monkeypatch, module, name, words):
    def fault(*_, **__):
        raise RuntimeError("the roof is leaking")

    monkeypatch.setattr(module, name, fault)
    answer = call(*words.split())
    assert (answer.code, answer.out) == (3, "")
    assert answer.err.startswith("culpa: a fault of culpa's own: RuntimeError: the roof is leaking\n")
    assert "--debug" in answer.err
    assert "report" in answer.err
    assert "Traceback" not in answer.err
    debugged = call(*words.split(), "--debug")
    assert debugged.code == 3
    assert re.search(r"Traceback .*RuntimeError: the roof is leaking", debugged.err, re.DOTALL)


@pytest.mark.parametrize(
    ("module", "name", "words"), [(tabling, "read_raw", "blame iris"), (predict, "load", "predict a b")]
)
def test_ctrl_c_outside_a_training_exits_with_130(monkeypatch, module, name, words):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, name, interrupt)
    answer = call(*words.split())
    assert (answer.code, answer.out, answer.err) == (130, "", "culpa: interrupted\n")


def test_labels_of_bytes_are_no_fault_of_culpas(folder):
    """They are read as text or refused; JSON and files cannot hold them."""
    for words in (["--json"], ["--save", folder / "bytes.st"]):
        assert call("blame", folder / "bytes.npz", "--epochs", "1", "--score", "none", *words).code in (0, 2)


def test_numbers_near_the_largest_are_refused_in_one_line(tmp_path):
    """And no warning of NumPy's stands before it: warnings are errors here."""
    np.savez(tmp_path / "huge.npz", X=X / np.abs(X).max() * 1.7e308, y=np.arange(60) % 2)
    answer = call("blame", tmp_path / "huge.npz", "--epochs", "1", "--score", "none")
    assert answer.code in (0, 2)
    assert answer.err.count("\n") <= 1
