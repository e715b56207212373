# SPDX-License-Identifier: MIT
"""What `culpa blame` says before it trains, and the commands behind the report: they say again all that was said."""

import io
import shlex

import numpy as np
import pytest

from culpa.cli import blame as module
from culpa.tables.kinds import KINDS
from tests.cli.calling import Answer, call
from tests.cli.houses import write

QUICK = ("--epochs", "2", "--hidden", "3", "--score", "none")
N = 60
RANDOM = np.random.default_rng(8)
HEADER = ["key", "size", "known", "w", "group", "sold"]


@pytest.fixture(scope="module")
def houses(tmp_path_factory):
    """A table that gives its target away, in a form and with roles that must be said."""
    sold = RANDOM.integers(0, 2, N)
    lines = [[f"k{i}", f"{RANDOM.normal():.3f}".replace(".", ","), "ab"[sold[i]], str(1 + i % 2), f"g{i % 9}",
              ("nö", "yes")[sold[i]]] for i in range(N)]  # fmt: skip
    path = write(tmp_path_factory.mktemp("before") / "houses.csv", [*lines], HEADER)
    text = path.read_text(encoding="utf-8").replace('"', "").splitlines()
    rows = ["|".join(HEADER), *("|".join(line) for line in lines)]
    assert len(text) == len(rows)
    path.write_bytes("\n".join(rows).encode("latin-1"))
    form = ("--sep", "|", "--decimal", ",", "--encoding", "latin-1")
    return path, ("--target", "sold", "--id", "key", "--sample-weight", "w", "--group", "group", *form)


def commands(answer: Answer, label: str) -> list[list[str]]:
    """The words behind the lines that begin so, without `culpa` and without the remark."""
    lines = [line.removeprefix(label) for line in answer.joined.splitlines() if line.startswith(label)]
    return [shlex.split(line.split("   ")[0])[1:] for line in lines]


def test_what_is_serious_is_said_before_the_training_and_stays_if_that_fails(houses, monkeypatch):
    path, words = houses
    seen = []

    def training(*given, **more):
        seen.append(module.sys.stdout.getvalue())
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "investigate_table", training)
    answer = call("blame", path, *words, *QUICK)
    assert answer.code == 130
    assert seen == [answer.out]
    assert answer.out.startswith("! known alone gives sold away")
    assert isinstance(module.sys.stdout, io.TextIOBase)
    assert call("blame", path, *words, *QUICK, "--json").out == "", "a document is whole, or not there"


def test_the_document_holds_it_too(houses):
    path, words = houses
    document = call("blame", path, *words, *QUICK, "--json").json
    assert document["look"][0]["key"] == "leaks"
    assert list(document["footer"]) == ["reproduce", "versions", "data"]


def test_the_commands_behind_a_report_say_again_all_that_was_said(houses, tmp_path):
    path, words = houses
    saved = tmp_path / "n.st"
    first = call("blame", path, *words, *QUICK, "--top", "3", "--save", saved)
    made, following = commands(first, "made: ")[0], commands(first, "next: ")[0]
    again, report = call(*made), first.out.split("\nnext: ")[0]
    assert first.code == again.code == 0
    training = [line for line in report.splitlines() if not line.startswith("network ")]
    repeated = [line for line in again.out.split("\nnext: ")[0].splitlines() if not line.startswith("network ")]
    hint = "(15 held-out rows not listed; after --save FILE, --model FILE lists all)"
    assert [line for line in training if line != hint] == [line for line in repeated if line != hint]
    state = call(*following, "--json").json
    assert (state["data"]["ids"], state["data"]["rows"], len(state["examples"])) == (True, N, 15)
    assert state["score"]["beside"]["weighted"] is True
    assert "--group" not in following


def test_what_plays_no_part_beside_a_saved_network_is_refused(houses, tmp_path):
    path, words = houses
    saved = tmp_path / "n.st"
    assert call("blame", path, *words, *QUICK, "--save", saved).code == 0
    form = words[8:]
    for idle in (("--group", "group"), ("--kind", "size=category"), ("--epochs", "3"), ("--drop", "known")):
        answer = call("blame", path, *form, "--model", saved, *idle)
        assert (answer.code, answer.out) == (2, ""), idle
        assert idle[0] in answer.err


def test_two_groups_are_too_few_and_the_reader_hears_why(tmp_path):
    lines = [[str(i % 7), "ab"[i % 2], "xy"[i // 5 % 2]] for i in range(40)]
    path = write(tmp_path / "t.csv", lines, ["size", "side", "sold"])
    answer = call("blame", path, "--target", "sold", "--group", "side", *QUICK)
    assert answer.code == 2
    assert "t.csv must have three groups or more" in answer.err
    assert "--validation" in answer.err
    answer = call("blame", path, "--target", "sold", "--group", "side", *QUICK, "--validation", path)
    assert answer.code == 0, "with a table apart two groups are enough"
    assert "held-out rows are in t.csv too" in answer.err


def test_an_answer_in_json_says_what_it_takes_to_get_it_again(tmp_path):
    assert call("blame", "iris", *QUICK, "--save", tmp_path / "n.st").code == 0
    document = call("predict", tmp_path / "n.st", "iris", "--json").json
    assert list(document["footer"]) == ["reproduce", "versions", "data"]
    again = call(*shlex.split(document["footer"]["reproduce"])[1:])
    assert again.json == document


def test_the_help_lists_the_kinds():
    text = " ".join(call("blame", "--help").out.split())
    assert ", ".join(KINDS) in text
    assert "join" not in text
