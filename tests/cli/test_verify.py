# SPDX-License-Identifier: MIT
"""`culpa verify DATA`: what came back of planted errors, in 80 columns and in JSON; words, refusals, exit codes."""

import shlex

import numpy as np
import pytest
from rich.cells import cell_len

from culpa.blaming.labels.report import Estimate
from culpa.blaming.verifying import verifying as module
from culpa.blaming.verifying.terminal import headline, show_verification
from culpa.blaming.verifying.verification import PLAIN, Trial, Verification, by_chance, ranked
from culpa.cli import verify
from culpa.cli.verify import share_of
from culpa.errors import OptionError
from culpa.reporting.frames import Frame
from culpa.reporting.terminal import console
from tests.cli.calling import call, called

QUICK = ("verify", "iris", "--plant", "10%", "--score", "record", "--kind-of-error", "uniform")


def trial_of(kind, *, n=1000, k=20, up=True, wrong=None):
    """A trial whose planted rows are all above the others, or all below; plain loss has it the other way round."""
    scores, rows = np.arange(n, dtype=float), np.arange(n - k, n) if up else np.arange(k)
    planted = {"row": rows, "was": np.zeros(k, int), "planted": np.ones(k, int), "proposed": np.arange(k) % 2}
    planted["place"] = n - rows if up else np.arange(n, n - k, -1)
    rankings = (ranked("record and forest", scores, rows), ranked(PLAIN, -scores, rows), by_chance(n, k))
    return Trial(kind, Frame(planted), rankings, n, wrong)


def found_of(*trials, kinds=None, before=None, **more):
    """A verification of these trials."""
    kinds = kinds or tuple(trial.kind for trial in trials)
    return Verification("t", 1000, "classification", 0.02, 0, "record and forest", kinds, trials, before, **more)


def shown(found, capsys):
    """The view as one text, and none of its lines too long."""
    show_verification(console(), found)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(cell_len, lines)) <= 80
    return " ".join(" ".join(lines).split())


def test_the_report_says_first_how_many_came_back_and_ends_with_what_to_do_next():
    answer, state = called(*QUICK), called(*QUICK, "--json").json
    trial = state["trials"][0]
    lines = answer.joined.splitlines()
    assert (answer.code, answer.err) == (0, "")
    assert state["sentence"].startswith(f"Of 15 planted errors, {trial['rankings'][0]['first']} were among the first")
    assert " ".join(answer.out.split()).startswith(state["sentence"])
    assert "next: culpa blame iris --score record" in answer.joined
    assert "Real mistakes are harder" in answer.out
    assert state["warning"] in " ".join(answer.out.split())
    assert max(map(cell_len, answer.out.splitlines())) <= 80
    made = next(line for line in lines if line.startswith("made: "))
    assert shlex.split(made)[1:] == shlex.split(state["footer"]["reproduce"])
    assert state["footer"]["data"] in answer.out


def test_the_document_holds_every_planted_row_and_its_command_gives_the_same_again():
    state = called(*QUICK, "--json").json
    trial = state["trials"][0]
    assert (state["rows"], state["share"], state["method"], state["ok"]) == (150, 0.1, "record", True)
    assert (len(trial["rows"]), trial["planted"]) == (15, 15)
    assert all(row["was"] != row["planted"] for row in trial["rows"])
    assert sum(row["place"] <= 15 for row in trial["rows"]) == trial["rankings"][0]["first"]
    assert sum(row["was"] == row["proposed"] for row in trial["rows"]) == trial["set_right"]
    again = call(*shlex.split(state["footer"]["reproduce"])[1:], "--json").json
    assert again == state


def test_a_table_of_ones_own_is_read_as_everywhere(tmp_path):
    random = np.random.default_rng(0)
    X = random.normal(size=(90, 2))
    names = np.where(X[:, 0] > 0, "=cmd()", "<script>")
    rows = [
        f"n{i};{a:.3f};{b:.3f};{name}".replace(".", ",") for i, (a, b), name in zip(range(90), X, names, strict=True)
    ]
    path = tmp_path / "mine.csv"
    path.write_text("\n".join(["who;a;b;kind", *rows]))
    before = path.read_bytes()
    words = ["verify", path, "--target", "kind", "--id", "who", "--sep", ";", "--decimal", ","]
    answer = call(*words, "--plant", "0.05", "--score", "record", "--kind-of-error", "class-dependent", "--json")
    state = answer.json
    assert state["trials"][0]["rows"][0]["id"].startswith("n")
    assert {row["was"] for row in state["trials"][0]["rows"]} <= {"=cmd()", "<script>"}
    assert shlex.join(map(str, words[1:])) in state["footer"]["reproduce"]
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine.csv"]


def test_several_kinds_are_told_apart(capsys):
    one, other = (
        trial_of("uniform", wrong=Estimate(24.6, 20, 30)),
        trial_of("boundary", up=False, wrong=Estimate(9, 5, 12)),
    )
    text = shown(found_of(one, other, before=Estimate(6, 3, 9)), capsys)
    assert text.startswith(
        "Of 20 planted errors of each kind, 20 (uniform) and 0 (boundary) were among the first 20 rows"
    )
    assert "No better than a random order, within its noise: boundary." in text
    assert "uniform 10 of 20 25 (20 to 30) 20 + 6 boundary 10 of 20 9 (5 to 12) 20 + 6" in text
    assert "uniform record and forest 20 20 1 1 plain loss 0 0 .011 .000 random order .400" in text


def test_plain_loss_that_does_better_is_told_and_so_is_an_interruption(capsys):
    worse = trial_of("uniform", up=False)
    assert "plain loss finds them better (AP), by more than luck." in shown(found_of(worse, plain_ahead=True), capsys)
    assert "plain loss finds" not in shown(found_of(worse), capsys), "where it is luck, nothing is said"
    text = shown(found_of(trial_of("uniform"), kinds=("uniform", "boundary"), interrupted=True), capsys)
    assert "Interrupted: 1 of 2 kinds of error finished." in text
    assert "plain loss finds" not in text


def test_rows_that_looked_wrong_before_get_room_of_their_own(capsys):
    low = trial_of("uniform", up=False)
    low.planted.columns["place"][:3] = [4, 25, 26]
    words = shown(found_of(low, before=Estimate(5, 2, 9)), capsys)
    assert "5 labels looked wrong before anything was planted" in words
    assert "among the first 25 rows, there are 2." in words
    assert "looked wrong before" not in shown(found_of(low, before=Estimate(0, 0, 3)), capsys)


def test_too_few_planted_rows_are_told(capsys):
    few = trial_of("uniform", n=6, k=1)
    assert "a larger --plant plants more" in shown(found_of(few), capsys)
    assert headline(found_of(few)).startswith("Of 1 planted error, 1 was among the first row that")


def test_a_kind_that_is_found_no_better_than_by_chance_ends_with_1(monkeypatch):
    for up, code in ((True, 0), (False, 1)):
        monkeypatch.setattr(verify, "verify_table", lambda *_, up=up, **__: found_of(trial_of("uniform", up=up)))
        assert call("verify", "iris").code == code
        assert call("verify", "iris", "--json").code == code


def test_ctrl_c_prints_what_is_finished_and_exits_with_130(monkeypatch):
    real, calls = module.scored_rows, []

    def pressed(*given, **options):
        calls.append(None)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*given, **options)

    monkeypatch.setattr(module, "scored_rows", pressed)
    answer = call(*QUICK, "--kind-of-error", "class-dependent")
    assert answer.code == 130
    assert answer.out.startswith("Of 15 planted errors of each kind, ")
    assert "Interrupted: 1 of 2 kinds" in answer.out
    assert answer.err == "this is what was finished of 2 kinds of error\nculpa: interrupted\n"
    calls[:] = [None]
    answer = call(*QUICK)
    assert (answer.code, answer.out, answer.err) == (130, "", "culpa: interrupted\n")


@pytest.mark.parametrize(
    ("text", "share"), [("2%", 0.02), (" 2.5 % ", 0.025), (".1", 0.1), ("50%", 0.5), ("1e-3", 0.001)]
)
def test_a_share_is_said_in_per_cent_or_as_a_number(text, share):
    assert share_of(text) == pytest.approx(share, rel=1e-12)


@pytest.mark.parametrize("text", ["0", "0%", "-2%", "51%", "0.6", "two", "", "%", "nan", "inf", "2%%", "2,5%"])
def test_another_share_is_refused(text):
    with pytest.raises(OptionError, match="--plant must be a share of the rows"):
        share_of(text)


def test_two_said_for_two_per_cent_is_helped():
    answer = call("verify", "iris", "--plant", "2")
    assert (answer.code, answer.out) == (2, "")
    assert "Hint: did you mean 2%?" in answer.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["iris", "--kind-of-error", "swap"], "holds classes, for which the kinds are uniform"),
        (["diabetes", "--kind-of-error", "uniform"], "holds numbers, for which the kinds are swap"),
        (["iris", "--score", "bags"], "Bags judge numbers"),
        (["iris", "--score", "none"], "no row is ranked"),
        (["iris", "--seed", "-1"], "`seed` must be"),
        (["nothing.csv", "--target", "y"], "nothing.csv"),
    ],
)
def test_what_cannot_be_ends_with_2(words, said):
    answer = call("verify", *words)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err


def test_the_help_page_has_examples_in_80_columns():
    answer = call("verify", "--help")
    assert answer.code == 0
    assert "Examples:" in answer.out
    assert max(map(cell_len, answer.out.splitlines())) <= 80
