# SPDX-License-Identifier: MIT
"""`culpa blame … --tune MINUTES`: what was tried in 80 columns and in JSON, and a command that needs no search."""

import re
import shlex
from dataclasses import replace

import numpy as np
import pytest
from rich.cells import cell_len

import culpa
from culpa.blaming.tuning_terminal import show_tuning
from culpa.reporting.terminal import console
from culpa.training import tuning as module
from culpa.training.choosing import Choice
from culpa.training.trials import Trial, Tuning
from tests.cli.calling import call

QUICK = ("--epochs", 3, "--batch-size", 64, "--score", "none")
DEFAULT = Choice(hidden=(64, 32), epochs=9, batch_size=16, learning_rate=1e-3, l2=1e-3)


@pytest.fixture
def hurried(monkeypatch):
    """A clock on which ten candidates or so take six seconds."""
    ticks = iter(np.arange(0.0, 1000.0, 0.15))
    monkeypatch.setattr(module, "perf_counter", lambda: float(next(ticks)))


def planted(losses, *, chosen=0, interrupted=False, scores=0.5):
    """A Tuning whose candidates have these losses in all folds but for a small ripple."""
    ripple = np.linspace(-0.01, 0.01, 5)
    trials = tuple(
        Trial(
            DEFAULT.but(hidden=(256, 128), l2=1e-5, learning_rate=3e-4, dropout=0.25) if k else DEFAULT,
            tuple(loss + (k % 3) * ripple),
            (scores,) * 5,
            (3,) * 5,
            123.4,
            None if np.isfinite(loss) else "diverged",
        )
        for k, loss in enumerate(losses)
    )
    return Tuning(trials[chosen].choice if trials else DEFAULT, chosen, trials, 5, 2.0, 130.0, interrupted)


def shown(tuning, capsys, metric="accuracy"):
    """The view's lines."""
    show_tuning(console(), tuning, metric=metric)
    return capsys.readouterr().out.splitlines()


def test_a_search_is_told_in_json_and_the_printed_command_trains_the_same_network(hurried):
    answer = call("blame", "wine", *QUICK, "--hidden", "8", "--tune", 0.1, "--json")
    state = answer.json
    tuning, words = state["tuning"], shlex.split(state["footer"]["reproduce"])[1:]
    assert (answer.code, tuning["folds"], tuning["interrupted"]) == (0, 5, False)
    assert len(tuning["trials"]) > 5
    assert [trial["loss"] for trial in tuning["trials"]] == sorted(trial["loss"] for trial in tuning["trials"])
    taken = [trial for trial in tuning["trials"] if trial["chosen"]]
    assert [trial["candidate"] for trial in taken] == [tuning["chosen"]] != [0]
    assert state["choice"] == tuning["best"]
    assert all(taken[0][name] == value for name, value in tuning["best"].items())
    again = call(*words, "--json").json
    assert "--tune" not in words
    assert (again["score"], again["choice"], again["tuning"]) == (state["score"], state["choice"], None)


def test_what_is_given_is_neither_searched_nor_changed(hurried):
    fixed = ("--hidden", "6", "--l2", 0.02, "--dropout", 0)
    trials = call("blame", "iris", *QUICK, *fixed, "--tune", 0.05, "--json").json["tuning"]["trials"]
    assert len(trials) > 3
    assert {(*trial["hidden"], trial["l2"], trial["dropout"]) for trial in trials} == {(6, 0.02, 0.0)}


def test_in_python_the_same_search_is_part_of_the_investigation(hurried):
    X = np.random.default_rng(0).normal(size=(90, 2))
    found = culpa.investigate(X, X[:, 0] > 0, score="none", hidden=[4], epochs=3, tune=0.03, show_progress=False)
    assert found.choice == found.tuning.best == found.tuning.trials[found.tuning.chosen].choice
    assert culpa.investigate(X, X[:, 0] > 0, score="none", hidden=[4], epochs=3, show_progress=False).tuning is None


def test_the_held_out_rows_are_seen_by_no_fold(monkeypatch, hurried):
    seen, real = [], module.fit_many
    monkeypatch.setattr(module, "fit_many", lambda starts, X, y, **given: seen.append(X) or real(starts, X, y, **given))
    X = np.arange(180.0).reshape(90, 2) % 37
    found = culpa.investigate(X, X[:, 0] > 15, score="none", hidden=[4], epochs=3, tune=1e-6, show_progress=False)
    assert {len(rows) for rows in seen} == {len(found.train_rows)} == {90 - len(found.held_rows)}


def test_a_report_says_that_the_default_stands_and_what_to_do_where_time_was_short():
    answer = call("blame", "iris", *QUICK, "--hidden", 4, "--tune", 1e-9)
    told = " ".join(answer.out.split())
    assert "tuned: 1 candidate, as many as this machine finished in" in told
    assert "the default stands: no other was finished" in told
    assert "made: culpa blame iris --hidden 4 --epochs 3 --batch-size 64 --score none --seed 0\n" in answer.joined
    assert "the same without a search" in answer.out


def test_the_table_has_the_best_first_then_how_many_more_in_80_columns(capsys):
    lines = shown(planted([0.5, *np.linspace(0.4, 0.8, 12)], chosen=1), capsys)
    assert max(map(cell_len, lines)) <= 80
    assert lines[0] == "tuned: 13 candidates, as many as this machine finished in 2.2 min, each by 5"
    told = " ".join(" ".join(lines).split())
    assert "another is taken: its loss is less than the default's by .100, more than the noise (±), .00" in told
    rows = lines[[line.split()[:2] for line in lines].index(["hidden", "act"]) + 1 :]
    assert [line.split()[0] for line in rows if line[0] not in " ("] == ["taken", "default"]
    assert re.match(r"taken    256,128  relu  .0003  1e-5   .25  .400 +−.100 ± .00\d+ +50.0 %  123$", rows[0])
    assert rows[-1] == "(5 more; --json lists all)"
    assert len(rows) == 9


def test_a_default_that_comes_far_down_is_listed_all_the_same(capsys):
    lines = shown(planted([0.9, *np.linspace(0.4, 0.8, 12)], chosen=1), capsys)
    assert lines[-2].startswith("default  64,32 ")
    assert lines[-1] == "(5 more; --json lists all)"


def test_what_diverged_comes_last_and_is_told(capsys):
    lines = shown(planted([0.5, np.inf, 0.6]), capsys)
    assert "the default stands: no other is better by more than the noise (±)" in "\n".join(lines)
    assert re.search(r"∞ +diverged +–", lines[-1])


def test_without_hidden_layers_there_is_no_activation_and_no_dropout_to_show(capsys):
    tuning = planted([0.5, 0.6])
    linear = replace(tuning.trials[1], choice=DEFAULT.but(hidden=(), l2=0.1))
    lines = shown(replace(tuning, trials=(tuning.trials[0], linear)), capsys)
    assert lines[-1].split()[:5] == ["none", "–", ".001", ".1", "–"]


def test_a_default_that_diverged_is_told(capsys):
    text = "\n".join(shown(planted([np.inf, 0.6], chosen=1), capsys, "R²"))
    assert "another is taken: the training of the default diverged" in text


def test_an_interrupted_search_is_marked_and_ends_with_the_code_of_an_interruption(monkeypatch, capsys):
    assert "3 candidates, until it was interrupted after 2.2 min" in " ".join(
        " ".join(shown(planted([0.5, 0.6, 0.7], interrupted=True), capsys)).split()
    )

    def interrupted(*given, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "fit_many", interrupted)
    answer = call("blame", "iris", *QUICK, "--hidden", 4, "--tune", 1)
    assert answer.code == 130
    assert "not even its own trial was finished" in answer.out
    assert "this is the best of what the interrupted search had finished\n" in answer.err


@pytest.mark.parametrize("minutes", ["0", "-2", "nan", "inf"])
def test_a_time_that_is_none_is_refused_before_anything_is_read(minutes):
    answer = call("blame", "no such file.csv", "--tune", minutes)
    assert (answer.code, answer.out) == (2, "")
    assert "`--tune` must be a finite number above 0" in answer.err


def test_a_search_beside_a_saved_network_is_refused(tmp_path):
    answer = call("blame", "iris", "--model", tmp_path / "x.safetensors", "--tune", 1)
    assert answer.code == 2
    assert "--tune cannot stand beside --model" in answer.err


def test_too_few_rows_for_a_search_are_refused_with_a_hint(tmp_path):
    (tmp_path / "few.csv").write_text("x,y\n" + "".join(f"{k}.5,{'ab'[k % 2]}\n" for k in range(40)))
    answer = call("blame", tmp_path / "few.csv", "--target", "y", "--tune", 1)
    assert (answer.code, answer.out) == (2, "")
    assert "A search needs 50 training rows or more" in answer.err
