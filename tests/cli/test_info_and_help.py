# SPDX-License-Identifier: MIT
"""`culpa info`, `--version` and the help pages: true, in 80 columns, with examples that would run."""

import re
import shlex
from importlib.metadata import version

import pytest
from rich.cells import cell_len

import culpa
from culpa.engine.activations import ACTIVATIONS
from culpa.engine.losses import LOSSES
from tests.cli.calling import call

PAGES = [("--help",), ("-h",), ("blame", "--help"), ("predict", "--help"), ("info", "--help"), ("check", "--help"),
         ("explain", "--help"), ("exercise", "--help")]  # fmt: skip


def test_info_names_versions_and_blas_in_80_columns():
    answer = call("info")
    lines = answer.out.splitlines()
    assert (answer.code, answer.err) == (0, "")
    assert re.match(rf"culpa {re.escape(version('culpa'))}, Python 3\.\d+\.\d+, .*, \d+ cores?$", lines[0])
    for name in ("numpy", "scipy", "scikit-learn", "polars", "rich", "typer", "safetensors", "threadpoolctl"):
        assert f"{name} {version(name)}" in answer.out
    assert any(line.startswith("BLAS  ") and "thread" in line for line in lines)
    assert [line for line in lines if cell_len(line) > 80] == []


def test_info_in_json_holds_the_same():
    answer = call("info", "--json")
    state = answer.json
    assert (answer.code, answer.err, state["schema"], state["command"]) == (0, "", 1, "info")
    assert state["culpa"] == version("culpa") == culpa.__version__
    assert state["packages"]["numpy"] == version("numpy")
    assert state["cores"] >= 1
    assert all(pool["threads"] >= 1 for pool in state["blas"])
    assert state["hints"] == [] or isinstance(state["hints"][0], str)


def test_info_hints_at_what_slows_the_machine_down(monkeypatch):
    monkeypatch.delenv("OPENBLAS_CORETYPE", raising=False)
    assert not any("OPENBLAS_CORETYPE" in hint for hint in call("info", "--json").json["hints"])
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Nehalem")
    text = call("info").out
    assert "hint: OPENBLAS_CORETYPE=Nehalem" in text
    assert "env -u OPENBLAS_CORETYPE" in text
    assert [line for line in text.splitlines() if cell_len(line) > 80 and not line.startswith("hint:")] == []


@pytest.mark.parametrize("words", PAGES, ids=" ".join)
def test_every_help_page_has_examples_in_80_columns(words):
    answer = call(*words)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("Usage: culpa")
    assert "Examples:" in answer.out
    assert [line for line in answer.out.splitlines() if cell_len(line) > 80] == []
    assert "\x1b" not in answer.out


@pytest.mark.parametrize("verb", ["explain", "exercise"])
def test_help_lists_the_activations_and_losses_by_name(verb):
    text = " ".join(call(verb, "--help").out.split())
    assert f"hidden layers: {', '.join(ACTIVATIONS)}." in text
    assert f"loss: {', '.join(LOSSES)}." in text


def examples():
    """Every command that a help page shows, as its words."""
    pages = "\n".join(call(*words).out for words in PAGES)
    lines = re.findall(r"^ +(culpa \S.*?)(?:  .*|\s+[|>].*)?$", pages, re.MULTILINE)
    return sorted(set(lines))


def test_the_examples_are_found():
    assert len(examples()) >= 9
    assert "culpa blame digits" in examples()


@pytest.mark.parametrize("line", examples())
def test_every_example_uses_commands_and_options_that_there_are(line):
    """An unknown option is refused before `--help` is answered."""
    assert call(*shlex.split(line)[1:], "--help").code == 0


@pytest.mark.parametrize("line", ["culpa blame digits --depth 3", "culpa praise digits"])
def test_an_example_of_what_there_is_not_would_be_noticed(line):
    assert call(*shlex.split(line)[1:], "--help").code == 2


def test_the_first_page_lists_the_commands_and_the_kinds_of_data():
    text = call("--help").out
    for word in ("blame", "predict", "check", "info", "digits, breast_cancer, wine, iris, diabetes", ".npz"):
        assert word in text


def test_no_words_at_all_show_the_help_on_whichever_stream():
    answer = call()
    assert answer.code in (0, 2)
    assert "Usage: culpa" in answer.out + answer.err


def test_the_version_is_one_line():
    assert call("--version") == (0, f"culpa {culpa.__version__}\n", "")
