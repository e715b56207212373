# SPDX-License-Identifier: MIT
"""`culpa exercise`: the sheet, the key, the mistake, in every form; the same seed gives the same again.

What is on them is held by `tests/explaining`, what is refused by `test_explain_refusals`.
"""

import re
import shlex

import pytest
from rich.cells import cell_len

from culpa.explaining.exercising import exercise
from tests.cli.calling import call, called
from tests.cli.test_explain import LOOK, made_in, made_line

OPTIONS = {
    "nothing said": ((), {}),
    "a seed": (("--seed", 7), {"seed": 7}),
    "three layers": (("--sizes", "2,3,3,2", "--seed", 3), {"sizes": [2, 3, 3, 2], "seed": 3}),
    "a regression": (("--activation", "relu", "--loss", "huber"), {"activation": "relu", "loss": "huber"}),
    "nielsen": (("--notation", "nielsen", "--digits", 3), {"notation": "nielsen", "digits": 3}),
    "a mistake": (("--bug", "--seed", 7), {"bug": True, "seed": 7}),
    "a mistake in rows": (("--bug", "--notation", "cs231n", "--activation", "tanh"),
                          {"bug": True, "notation": "cs231n", "activation": "tanh"}),
}  # fmt: skip


def body(text):
    """What comes before the last line."""
    return text.split("\nmade:")[0].strip()


@pytest.mark.parametrize(("words", "options"), OPTIONS.values(), ids=OPTIONS)
def test_the_sheet_and_the_key_are_the_librarys_within_80_columns(words, options):
    made = exercise(**options)
    for which, right in (((), made.sheet), (("--key",), made.key)):
        answer = call("exercise", *words, *which)
        assert (answer.code, answer.err) == (0, "")
        assert body(answer.out) == right.to_text().strip()
        assert [line for line in answer.out.splitlines() if cell_len(line) > 80] == []


@pytest.mark.parametrize(("words", "options"), OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("which", [(), ("--key",)], ids=["sheet", "key"])
def test_it_is_made_again_by_the_command_that_it_names(words, options, which):
    first = call("exercise", *words, *which)
    again = made_line(first.out)
    assert ("--key" in again) == bool(which)
    assert call(*again).out == first.out


@pytest.mark.parametrize("form", ["markdown", "latex", "html"])
def test_every_form_is_made_again_by_the_command_that_it_names(form):
    first = call("exercise", "--seed", 4, "--to", form)
    assert LOOK[form] in first.out
    assert call(*made_in(first.out)).out == first.out


def test_the_sheet_and_the_answers_go_to_files_each_in_its_own_form(tmp_path):
    sheet, key = tmp_path / "sheet.html", tmp_path / "key.tex"
    answer = call("exercise", "--seed", 7, "-o", sheet, "--answers", key)
    assert (answer.code, answer.out) == (0, "")
    assert answer.err.splitlines() == [f"written to {sheet}", f"the key: {key}"]
    assert sheet.read_text().startswith("<!DOCTYPE html>")
    assert key.read_text().startswith(("\\documentclass", "%"))
    made = exercise(seed=7)
    assert made.key.to_latex().split("\\begin{document}")[1][:500] in key.read_text()
    assert "answer key" in key.read_text()
    assert "answer key" not in sheet.read_text()


def test_one_form_may_be_said_for_both(tmp_path):
    call("exercise", "--to", "markdown", "-o", tmp_path / "a", "--answers", tmp_path / "b")
    assert (tmp_path / "a").read_text().startswith("# Exercise 0: a 2-3-2 network")
    assert "answer key" in (tmp_path / "b").read_text()


def test_the_answers_may_go_apart_while_the_sheet_is_printed(tmp_path):
    answer = call("exercise", "--answers", tmp_path / "key.md")
    assert body(answer.out) == exercise().sheet.to_text().strip()
    assert (tmp_path / "key.md").exists()


def test_the_same_seed_gives_the_same_bytes_and_another_others(tmp_path):
    for name in ("a.html", "b.html"):
        call("exercise", "--seed", 7, "-o", tmp_path / name)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    assert called("exercise", "--seed", "8").out != called("exercise", "--seed", "7").out
    assert called("exercise").out == called("exercise", "--seed", "0").out


@pytest.mark.parametrize("bug", [(), ("--bug",)])
def test_no_sheet_gives_its_answer_away(bug):
    """Not in any form: the sentence about the mistake, or a number of the key that the sheet does not show."""
    made = exercise(seed=7, bug=bool(bug))
    shown = set(re.findall(r"\d\.\d+", made.sheet.to_text()))
    hidden = set(re.findall(r"\d\.\d{3,}", made.key.to_text())) - shown
    assert len(hidden) >= 4
    for form in ("text", "markdown", "latex", "html"):
        sheet = call("exercise", "--seed", 7, *bug, "--to", form).out
        leaked = {number for number in hidden if re.search(rf"(?<!\d){re.escape(number)}(?!\d)", sheet)}
        assert leaked == set(), form
        if bug:
            said = made.key.part("mistake").steps[0].words
            assert [word for word in said if isinstance(word, str) and len(word) > 12 and word in sheet] == []
            assert len(said[0]) > 12


@pytest.mark.parametrize("form", ["text", "markdown", "latex", "html"])
def test_a_sheets_footer_makes_it_again_and_says_neither_the_mistake_nor_how_to_print_the_key(form, tmp_path):
    key = tmp_path / "key.md"
    sheet = call("exercise", "--mistake", "g' missing", "--to", form, "--answers", key)
    assert "missing" not in sheet.out
    assert "--key" not in sheet.out.replace("-{}", "-")
    assert "missing" in key.read_text()
    words = made_line(sheet.out) if form == "text" else made_in(sheet.out)
    assert "--mistake" in words
    assert call(*words).out == sheet.out


HELP = {"explain": ("--weight", "--replace", "--into", "--symbolic"), "exercise": ("--bug", "--key", "--answers")}


@pytest.mark.parametrize("verb", HELP)
def test_the_help_fits_80_columns_and_tells_every_option(verb):
    answer = call(verb, "--help")
    assert (answer.code, answer.err) == (0, "")
    assert [line for line in answer.out.splitlines() if cell_len(line) > 80] == []
    assert "Examples:" in answer.out
    assert all(option in answer.out for option in HELP[verb])
    assert f"  {verb} " in call("--help").out


def examples(verb):
    """The commands of a help page, each on one line."""
    text = call(verb, "--help").out.split("Examples:\n")[1].split("\n\n")[0]
    joined = re.sub(r"\n {6,}", " ", text)
    return [re.split(r"\s{3,}", line.strip())[0] for line in joined.splitlines() if line.strip().startswith("culpa")]


def test_the_examples_are_found():
    assert len(examples("explain")) >= 6
    assert len(examples("exercise")) >= 5


@pytest.mark.parametrize("line", [line for verb in HELP for line in examples(verb) if ".safetensors" not in line])
def test_every_example_runs(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "note.md").write_text("![[gradient-wrt-weight.png]]\n")
    answer = call(*shlex.split(line)[1:])
    assert answer.code == 0, answer.err


def test_the_examples_with_a_saved_network_run_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (line,) = [line for line in examples("explain") if "digits.safetensors" in line]
    assert (
        call(
            "blame", "digits", "--hidden", "8,8", "--epochs", 1, "--score", "none", "--save", "digits.safetensors"
        ).code
        == 0
    )
    assert call(*shlex.split(line)[1:]).code == 0
