# SPDX-License-Identifier: MIT
"""Care with what is the user's: inputs are not written over, columns are matched by name, no option is ignored."""

import csv
import io

import numpy as np
import pytest

import culpa
from tests.cli.calling import call

RANDOM = np.random.default_rng(0)
NAMES = ["height", "width, in cm", "<b>"]
X = RANDOM.normal(size=(60, 3)) * [1, 10, 100]
Y = np.where(X[:, 0] > 0, "yes", "no")
ORDER = [2, 0, 1]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A table, the same with its columns in another order, one without a column, one without names, and a network."""
    folder = tmp_path_factory.mktemp("files")
    np.savez(folder / "table.npz", X=X, y=Y, columns=NAMES)
    np.savez(folder / "moved.npz", X=X[:, ORDER], y=Y, columns=[NAMES[j] for j in ORDER])
    np.savez(folder / "other.npz", X=X, y=Y, columns=[*NAMES[:2], "depth"])
    np.savez(folder / "nameless.npz", X=X, y=Y)
    assert (
        call("blame", folder / "table.npz", "--epochs", 5, "--score", "none", "--save", folder / "network.st").code == 0
    )
    return folder


def predictions(answer):
    assert answer.code == 0
    return list(csv.reader(io.StringIO(answer.out)))


def test_columns_in_another_order_are_matched_by_their_names(files):
    straight = predictions(call("predict", files / "network.st", files / "table.npz"))
    assert predictions(call("predict", files / "network.st", files / "moved.npz")) == straight
    blamed = [
        call("blame", files / name, "--model", files / "network.st", "--json").json
        for name in ("table.npz", "moved.npz")
    ]
    assert blamed[0]["examples"] == blamed[1]["examples"]


@pytest.mark.parametrize("name", ["other.npz", "nameless.npz"])
@pytest.mark.parametrize("verb", ["blame", "predict"])
def test_a_table_that_lacks_a_column_by_name_is_refused(files, name, verb):
    words = (files / name, "--model", files / "network.st") if verb == "blame" else (files / "network.st", files / name)
    answer = call(verb, *words)
    assert (answer.code, answer.out) == (2, "")
    missing = "column '<b>'" if name == "other.npz" else "columns 'height', 'width, in cm', '<b>'"
    assert f"lacks the {missing}, which the network takes" in answer.err


def test_what_was_read_is_never_written_over(files):
    before = {path: path.read_bytes() for path in files.iterdir()}
    link = files / "link.npz"
    link.symlink_to(files / "table.npz")
    table, network = files / "table.npz", files / "network.st"
    for words in (
        ("blame", table, "--save", table),
        ("blame", table, "--save", link),
        ("predict", network, table, "-o", table),
        ("predict", network, table, "-o", network),
    ):
        answer = call(*words)
        assert (answer.code, answer.out) == (2, "")
        assert "is what was read, and would be written over" in answer.err
    link.unlink()
    assert {path: path.read_bytes() for path in files.iterdir()} == before


@pytest.mark.parametrize(
    "options", [("--epochs", 5), ("--hidden", 3), ("--seed", 4), ("--validation", "table.npz"), ("--save", "there.st")]
)
def test_an_option_for_a_training_is_not_ignored_beside_a_saved_network(files, options, monkeypatch):
    monkeypatch.chdir(files)
    answer = call("blame", "table.npz", "--model", "network.st", *options)
    assert (answer.code, answer.out) == (2, "")
    assert f"{options[0]} cannot stand beside --model" in answer.err


def test_the_task_may_be_said_and_is_remembered_by_the_network(tmp_path):
    np.savez(tmp_path / "labels.npz", X=X, y=(X[:, 0] > 0).astype(float))
    asked = ("blame", tmp_path / "labels.npz", "--epochs", 2, "--score", "none", "--json")
    assert call(*asked).json["data"]["task"] == "regression"
    said = call(*asked, "--task", "classification", "--save", tmp_path / "n.st").json
    assert (said["data"]["task"], said["score"]["metric"]) == ("classification", "accuracy")
    again = call("blame", tmp_path / "labels.npz", "--model", tmp_path / "n.st", "--json").json
    assert again["score"]["metric"] == "accuracy"


def test_a_given_number_reads_as_the_user_wrote_it(tmp_path):
    np.savez(tmp_path / "zeros.npz", X=X, y=np.where(X[:, 0] > 0, 1e-3, 0.0))
    given = {
        row["given"]
        for row in call("blame", tmp_path / "zeros.npz", "--epochs", 2, "--score", "none", "--json").json["examples"]
    }
    assert given <= {0.0, 1e-3}


def test_the_held_out_rows_are_said_to_be_missing_and_the_next_command_shows_them(files):
    answer = call("blame", files / "table.npz", "--epochs", 3, "--score", "none", "--save", files / "again.st")
    assert "(15 held-out rows not listed; after --save FILE, --model FILE lists all)" in answer.out
    shown = next(line for line in answer.joined.splitlines() if line.startswith("next: "))
    assert "--model" in shown
    assert call(*shown.removeprefix("next: ").split("   ")[0].split()[1:]).code == 0


def test_a_training_that_was_still_getting_better_says_so(files):
    state = call("blame", files / "table.npz", "--epochs", 2, "--score", "none", "--json").json
    found = next(finding for finding in state["findings"] if finding["kind"] == "last epoch")
    assert found["sentence"] == "The last of 2 epochs was the best: more may help."
    at = found["command"].index("--epochs")
    assert found["command"][at + 1] == "4"


def test_swapped_arguments_are_refused_in_words():
    network = culpa.Network.fresh([3, 2])
    for verb in (culpa.gradient, culpa.fit, culpa.score, culpa.check, culpa.blame):
        with pytest.raises(culpa.OptionError, match=r"`network` must be a culpa\.Network; got a ndarray"):
            verb(X, network, Y)
    with pytest.raises(culpa.OptionError, match="must be a culpa"):
        culpa.predict(X, network)
