# SPDX-License-Identifier: MIT
"""What `culpa explain` and `culpa exercise` refuse: one clear line, exit code 2, and no file is left behind."""

import numpy as np
import pytest

import culpa
from culpa.cli import exercise, explain
from culpa.explaining.small import small_example
from tests.cli.calling import call


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A network, data, and a note."""
    folder = tmp_path_factory.mktemp("refused")
    small = small_example([3, 4, 2], seed=1)
    culpa.save(small.network, folder / "net.st")
    np.savez(folder / "data.npz", X=small.X, y=small.y)
    np.savez(folder / "nan.npz", X=np.where(np.arange(9).reshape(3, 3) == 5, np.nan, small.X), y=small.y)
    (folder / "note.md").write_text("Look:\n\n![[here.png]]\n")
    (folder / "a.folder").mkdir()
    return folder


GIVEN = "explain {}/net.st {}/data.npz "
BAD = {
    "symbols and numbers alone": ("explain --sizes 2,2 --symbolic --numeric", "cannot stand together"),
    "numbers without any": (
        "explain --numeric",
        "--numeric needs numbers. Hint: give MODEL and DATA, or --sizes 3,3,2.",
    ),
    "numbers of a network alone": ("explain {}/net.st --numeric", "--numeric needs numbers."),
    "all numbers without any": ("explain --full {}/f.csv", "--full needs numbers."),
    "all numbers of a network alone": ("explain {}/net.st --full {}/f.csv", "--full needs numbers."),
    "two networks": ("explain {}/net.st --sizes 3,3", "--sizes makes a network of its own; got MODEL"),
    "one width": ("explain --sizes 3", "--sizes must be two widths or more, such as 3,3,2; got '3'."),
    "no unit": ("explain --sizes 3,0,2", "got '3,0,2'"),
    "a comma too many": ("explain --sizes 3,3,", "got '3,3,'"),
    "a negative width": ("explain --sizes=-3,2", "got '-3,2'"),
    "a negative seed": ("explain --sizes 3,3 --seed -1", "`seed` must be a whole number, 0 or more; got -1."),
    "an unknown activation": ("explain --sizes 3,3 --activation rleu", "did you mean 'relu'?"),
    "an unknown loss": ("explain --sizes 3,3 --loss mse", "Unknown loss 'mse'; known are cross_entropy"),
    "an unknown part": ("explain --part weight", "Unknown part 'weight'; known are forward"),
    "an unknown notation": ("explain --notation foo", "Unknown notation 'foo'; known are note, ng, cs231n, nielsen."),
    "an unknown form": ("explain --to pdf", "Unknown form 'pdf'; known are text, markdown, latex, html."),
    "an unknown flavour": (
        "explain --to markdown --flavour x",
        "Unknown flavour 'x'; known are github, obsidian, plain.",
    ),
    "an unknown ending": ("explain -o {}/a.pdf", "The form cannot be told from the name"),
    "a flavour of text": ("explain --flavour plain", "--flavour is of Markdown, and this is text."),
    "a fragment of text": ("explain --fragment", "--fragment leaves out what makes a document, and text has none."),
    "no digits": ("explain --digits 0", "`digits` must be a whole number, 1 or more; got 0."),
    "layer 0": (GIVEN + "--layer 0", "`layer` must be a whole number, 1 or more; got 0."),
    "a layer too high": (GIVEN + "--layer 3", "`layer` must be from 1 to 2; got 3. Hint: layers are counted from 1."),
    "a layer of any network": ("explain --layer 1", "`layer` needs a network; got 1."),
    "a row too far": (GIVEN + "--example 3", "`example` must be a row of `X`, 0 to 2; got 3."),
    "a row below 0": (GIVEN + "--example -1", "`example` must be a row of `X`, 0 to 2; got -1."),
    "a row of no data": ("explain --example 3", "--example needs MODEL and DATA, or --sizes."),
    "a row of no data of a network": ("explain {}/net.st --example 1", "--example needs MODEL and DATA"),
    "two things": (
        GIVEN + "--weight 1,1,1 --bias 1,1",
        "One thing at a time can be explained; got `weight` and `bias`.",
    ),
    "a number for nothing": (GIVEN + "--mine 3", "`mine` is a number for one thing."),
    "a number in words": (GIVEN + "--bias 1,1 --mine much", "`mine` must be a number; got 'much'."),
    "a weight of two": (GIVEN + "--weight 1,1", "`weight` must be 3 whole numbers from 1: layer, to unit, from unit"),
    "a weight too far": (GIVEN + "--weight 1,5,1", "W_1 is (4, 3): to units 1 to 4, from units 1 to 3"),
    "an output for a unit": (GIVEN + "--unit 2,1", "`unit` must be a hidden unit"),
    "an input too far": (GIVEN + "--input 4", "`input` must be a column from 1 to 3"),
    "a thing of any network": ("explain --weight 1,1,1", "`weight` needs a network with data."),
    "a thing without data": ("explain {}/net.st --bias 1,1", "An explanation in numbers needs `X` and `y`."),
    "a thing and a part": (GIVEN + "--bias 1,1 --part bias", "`part` cannot stand beside `bias`"),
    "a seed beside a network": (GIVEN + "--seed 3", "--seed is of the small network that --sizes makes."),
    "an activation of nothing": (
        "explain --activation tanh",
        "--activation is of the small network that --sizes makes.",
    ),
    "a loss beside a network": (GIVEN + "--loss huber", "--loss is of the small network that --sizes makes."),
    "other columns": ("explain {}/net.st iris", "`X` must have 3 columns"),
    "missing values": ("explain {}/net.st {}/nan.npz", "`X` must be finite; row 1, column 2 holds nan."),
    "no such data": ("explain {}/net.st nowhere", "neither a file nor bundled data"),
    "no such network": ("explain {}/nowhere", "does not exist"),
    "data for a network": ("explain {}/data.npz", "is not a network saved by culpa"),
    "over the network": (GIVEN + "--to text -o {}/net.st", "is what was read, and would be written over"),
    "all numbers over the data": (GIVEN + "--full {}/data.npz", "is what was read, and would be written over"),
    "a note that was read": (GIVEN + "--into {}/net.st --mark a", "is what was read, and would be written over"),
    "two results in one file": (GIVEN + "--full {}/a.md -o {}/a.md", "would both be written to"),
    "all numbers into the note": (GIVEN + "--full {}/note.md --into {}/note.md --mark a", "would both be written to"),
    "a folder to write": ("explain --to text -o {}/a.folder", "is a folder"),
    "no folder to write in": ("explain -o {}/none/a.md", "cannot be written"),
    "a note and no place": ("explain --into {}/note.md", "It must be said where the derivation goes."),
    "no such image": ("explain --into {}/note.md --replace no.png", "The note shows no 'no.png'"),
    "no such image, all numbers too": (
        GIVEN + "--full {}/f.csv --into {}/note.md --replace no.png",
        "shows no 'no.png'",
    ),
    "no such note": ("explain --into {}/none.md --mark a", "cannot be read"),
    "a mark with a blank": ("explain --into {}/note.md --mark=a--b", "A block's name must be of letters"),
    "an image and no note": ("explain --replace x.png", "--replace needs --into NOTE."),
    "a mark and no note": ("explain --mark x", "--mark needs --into NOTE."),
    "a note in LaTeX": ("explain --into {}/note.md --mark a --to latex", "a note is Markdown"),
    "a note and a file": ("explain --into {}/note.md --mark a -o {}/b.md", "--output cannot stand beside --into."),
    "a note and a document": ("explain --into {}/note.md --mark a --json", "--json cannot stand beside --into."),
    "a document in a file": ("explain --json -o {}/b.md", "--output cannot stand beside --json."),
    "a document in a form": ("explain --json --to html", "--to cannot stand beside --json."),
    "a fragment of a document": ("explain --json --fragment", "--fragment"),
    "an exercise too wide": ("exercise --sizes 2,9", "at most 6 units a layer; got [2, 9]"),
    "an exercise of words": ("exercise --sizes x", "--sizes must be two widths or more"),
    "an exercise of no activation": ("exercise --activation foo", "Unknown activation 'foo'; known are identity"),
    "an exercise of no loss": ("exercise --loss foo", "Unknown loss 'foo'"),
    "an exercise of no notation": ("exercise --notation foo", "Unknown notation 'foo'"),
    "an exercise of no digits": ("exercise --digits 0", "`digits` must be a whole number, 1 or more; got 0."),
    "an exercise of a negative seed": ("exercise --seed -3", "`seed` must be a whole number, 0 or more; got -3."),
    "an exercise of no form": ("exercise --to foo", "Unknown form 'foo'; known are text, markdown, latex, html."),
    "an exercise of no flavour": ("exercise --to markdown --flavour foo", "Unknown flavour 'foo'"),
    "an exercise of an unknown ending": ("exercise -o {}/a.pdf", "The form cannot be told from the name"),
    "answers of an unknown ending": ("exercise -o {}/a.md --answers {}/a.pdf", "The form cannot be told from the name"),
    "answers over the sheet": ("exercise -o {}/a.md --answers {}/a.md", "would both be written to"),
    "the key twice": ("exercise --key --answers {}/a.md", "--key prints the answer key, and --answers writes it."),
    "answers to nowhere": ("exercise -o {}/a.md --answers {}/none/k.md", "cannot be written"),
}


@pytest.mark.parametrize(("words", "said"), BAD.values(), ids=BAD)
def test_bad_input_exits_with_2_and_one_clear_line_and_leaves_nothing(folder, words, said):
    before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    answer = call(*(word.replace("{}", str(folder)) for word in words.split()))
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.count("\n") == 1
    assert answer.err.startswith("culpa: ")
    assert said in answer.err
    assert {path: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


USAGE = {
    "half a layer": ("explain --layer 1.5", "Invalid value for '--layer'"),
    "too many words": ("explain a b c", "extra argument"),
    "an unknown option": ("explain --weigth 1,1,1", "No such option: --weigth"),
    "an option without its value": ("explain --weight", "--weight"),
    "an exercise of half a seed": ("exercise --seed 1.5", "Invalid value for '--seed'"),
    "an exercise with words": ("exercise mine.npz", "extra argument"),
    "an exercise as a document": ("exercise --json", "No such option: --json"),
}


@pytest.mark.parametrize(("words", "said"), USAGE.values(), ids=USAGE)
def test_bad_usage_exits_with_2_and_the_line_of_usage(words, said):
    answer = call(*words.split())
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert "Traceback" not in answer.err


@pytest.mark.parametrize(
    ("module", "name", "words"), [(explain, "explain", "explain"), (exercise, "exercise", "exercise")]
)
def test_a_fault_of_culpas_own_exits_with_3_and_asks_for_a_report(monkeypatch, module, name, words):
    def fault(*_, **__):
        raise RuntimeError("the roof is leaking")

    monkeypatch.setattr(module, name, fault)
    answer = call(words)
    assert (answer.code, answer.out) == (3, "")
    assert "report" in answer.err
    assert "Traceback" not in answer.err
