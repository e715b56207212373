# SPDX-License-Identifier: MIT
"""`culpa explain`: what is explained, in which form, where to, and that it can be made again from its last line.

What it refuses is held by `test_explain_refusals`; notes and files by `test_explain_files`.
"""

import json
import re
import shlex
from html.parser import HTMLParser

import numpy as np
import pytest
from rich.cells import cell_len

import culpa
from culpa.explaining.small import small_example
from tests.cli.calling import call, called

SMALL = ("explain", "--sizes", "3,3,2")
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(12, 9))


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Two networks with their data in files, one of them too wide to be shown whole."""
    folder = tmp_path_factory.mktemp("explain")
    small = small_example([3, 4, 2], seed=1)
    culpa.save(small.network, folder / "net.st")
    np.savez(folder / "data.npz", X=small.X, y=small.y)
    culpa.save(culpa.Network.fresh([9, 8, 3], hidden="relu", seed=0), folder / "wide.st")
    np.savez(folder / "wide.npz", X=X, y=np.arange(12) % 3)
    return folder


def made_line(text):
    """The command that a text says it was made by, put together again as a shell does."""
    found = re.search(r"^made: (culpa (?:.*\\\n)*.*)$", text, re.MULTILINE)
    return shlex.split(found[1].replace("\\\n", " "))[1:]


def test_without_words_any_network_is_explained_in_symbols():
    answer = called("explain")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("The gradient of a feed-forward network\n══════")
    for heading in ("The forward pass", "The output layer", "The hidden layers", "The weights", "The bias"):
        assert heading in answer.out
    assert called("explain", "--symbolic").out.split("made:")[0] == answer.out.split("made:")[0]


def test_a_small_network_is_the_one_of_its_seed():
    answer = called(*SMALL)
    assert (answer.code, answer.err) == (0, "")
    made = culpa.explain(*small_example([3, 3, 2], seed=1))
    assert answer.out.split("\nmade:")[0].strip() == made.to_text().strip()
    assert called(*SMALL, "--seed", "1").out == answer.out
    other = called(*SMALL, "--seed", "2", "--activation", "tanh", "--loss", "squared_error").out
    right = culpa.explain(*small_example([3, 3, 2], seed=2, activation="tanh", loss="squared_error"))
    assert other.split("\nmade:")[0].strip() == right.to_text().strip()


def test_a_saved_network_is_explained_on_its_data(saved):
    network, data = saved / "net.st", saved / "data.npz"
    small = small_example([3, 4, 2], seed=1)
    for words, options in (
        ((), {}),
        (("--example", 2, "--part", "forward"), {"example": 2, "part": "forward"}),
        (("--layer", 2, "--notation", "ng"), {"layer": 2, "notation": "ng"}),
        (("--numeric", "--digits", 6), {"show": "numbers", "digits": 6}),
        (("--symbolic",), {"show": "symbols"}),
        (("--code",), {"code": True}),
        (("--weight", "2,1,3", "--mine", "0.0213"), {"weight": (2, 1, 3), "mine": "0.0213"}),
        (("--bias", "2,1", "--mine", "-1e-3"), {"bias": (2, 1), "mine": "-1e-3"}),
        (("--unit", "1,4"), {"unit": (1, 4)}),
        (("--input", 2), {"input": 2}),
    ):
        answer = call("explain", network, data, *words)
        assert (answer.code, answer.err) == (0, ""), words
        body = answer.out.split("\nmade:")[0].strip()
        assert body == culpa.explain(*small, **options).to_text().strip(), words


@pytest.mark.parametrize(
    ("loss", "y"),
    [("squared_error", [[1, 0], [0, 3]]), ("logistic_squared_error", [[0.01, 0.99], [0.5, 0.25]]),
     ("binary_cross_entropy", [[True, False], [True, True]]), ("cross_entropy", [[0.25, 0.75], [1.0, 0.0]]),
     ("cross_entropy", [1, 1])],
)  # fmt: skip
def test_targets_of_every_shape_that_the_function_takes_are_taken_from_a_file(tmp_path, loss, y):
    network = culpa.Network.fresh([2, 3, 2], loss=loss, seed=0)
    culpa.save(network, tmp_path / "net.st")
    np.savez(tmp_path / "data.npz", X=[[1, 2], [3, 4]], y=y)
    answer = call("explain", tmp_path / "net.st", tmp_path / "data.npz", "--example", 1)
    assert (answer.code, answer.err) == (0, "")
    right = culpa.explain(network, [[1, 2], [3, 4]], y, example=1).to_text()
    assert answer.out.split("\nmade:")[0].strip() == right.strip()


def test_whole_numbers_are_targets_as_they_are_and_no_labels_of_classes(tmp_path):
    network = culpa.Network.fresh([2, 3, 3], seed=0)
    culpa.save(network, tmp_path / "net.st")
    np.savez(tmp_path / "data.npz", X=[[1.0, 2.0], [3.0, 4.0]], y=[0, 2])
    text = call("explain", tmp_path / "net.st", tmp_path / "data.npz", "--example", 1).out
    assert "The target is class 3" in " ".join(text.split())
    np.savez(tmp_path / "text.npz", X=[[1.0, 2.0]], y=["cat"])
    answer = call("explain", tmp_path / "net.st", tmp_path / "text.npz")
    assert (answer.code, answer.out) == (2, "")
    assert "`y`" in answer.err
    np.savez(tmp_path / "half.npz", X=[[1.0, 2.0]])
    assert "must hold the arrays X and y; it holds X" in call("explain", tmp_path / "net.st", tmp_path / "half.npz").err


def test_a_saved_network_alone_is_explained_in_symbols(saved):
    answer = call("explain", saved / "net.st")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("The gradient of a 3-4-2 network\n")
    assert not re.search(r"\d\.\d{3}", answer.out.split("\nmade:")[0])


def test_bundled_data_and_names_from_a_table_go_through(tmp_path):
    assert (
        call("blame", "iris", "--hidden", "4", "--epochs", 2, "--score", "none", "--save", tmp_path / "iris.st").code
        == 0
    )
    answer = call("explain", tmp_path / "iris.st", "iris", "--input", 3, "--example", 140)
    assert answer.code == 0
    assert "petal" in answer.out
    assert (
        "row 140" in answer.out
        or "row 140"
        in call("explain", tmp_path / "iris.st", "iris", "--input", 3, "--example", 140, "--json").json["example"]
    )


@pytest.mark.parametrize("sizes", ["3,3,2", "1,1", "9,20,30", "2,2,2,2,2"])
@pytest.mark.parametrize("notation", ["note", "ng", "cs231n", "nielsen"])
def test_no_line_is_wider_than_80_columns(sizes, notation):
    for words in ((), ("--code",), ("--numeric",), ("--symbolic",), ("--weight", "1,1,1")):
        answer = call("explain", "--sizes", sizes, "--notation", notation, *words)
        assert answer.code == 0
        assert [line for line in answer.out.splitlines() if cell_len(line) > 80] == [], words
        assert "\x1b" not in answer.out


class Balanced(HTMLParser):
    """A page whose elements are all closed in their order."""

    void = frozenset({"meta", "link", "br", "hr", "input", "img", "path", "line", "circle", "rect", "mspace"})

    def __init__(self, page):
        super().__init__()
        self.open = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.open += [] if tag in self.void else [tag]

    def handle_endtag(self, tag):
        if tag not in self.void:
            assert self.open.pop() == tag


FORMS = {
    "text": ("out.txt", "to_text"),
    "markdown": ("out.md", "to_markdown"),
    "latex": ("out.tex", "to_latex"),
    "html": ("out.html", "to_html"),
}
LOOK = {"text": "═══", "markdown": "\n## ", "latex": "\\documentclass", "html": "<!DOCTYPE html>"}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_comes_by_the_ending_and_by_its_name(form, tmp_path):
    path = tmp_path / FORMS[form][0]
    by_ending = call(*SMALL, "-o", path)
    assert (by_ending.code, by_ending.out, by_ending.err) == (0, "", f"written to {path}\n")
    by_name = call(*SMALL, "--to", form)
    assert (by_name.code, by_name.err) == (0, "")
    assert path.read_bytes().decode() == by_name.out
    assert LOOK[form] in by_name.out
    assert [name for name, look in LOOK.items() if by_name.out.startswith(look) or look in by_name.out[:2000]].count(
        form
    ) == 1
    if form == "html":
        assert Balanced(by_name.out).open == []
    name_wins = call(*SMALL, "--to", form, "-o", tmp_path / "odd.name")
    assert name_wins.code == 0
    assert (tmp_path / "odd.name").read_bytes() == path.read_bytes()


def test_flavours_and_fragments_are_those_of_the_library():
    made = culpa.explain(*small_example([3, 3, 2], seed=1), part="bias")
    words = (*SMALL, "--part", "bias")
    for flavour in ("github", "obsidian", "plain"):
        for fragment in ((), ("--fragment",)):
            answer = call(*words, "--to", "markdown", "--flavour", flavour, *fragment)
            assert answer.code == 0
            right = made.to_markdown(flavour=flavour, front_matter=False if fragment else None)
            assert answer.out.startswith(right.strip())
            assert answer.out.startswith("---\n") == (flavour == "obsidian" and not fragment)
    latex = call(*words, "--to", "latex", "--fragment").out
    assert "documentclass" not in latex
    assert "<html" not in call(*words, "--to", "html", "--fragment").out


def made_in(document):
    """The command in the footer of a document, as its reader sees it."""
    plain = document.replace("-{}", "-").replace("\\\\\n", "\n")
    return shlex.split(re.search(r"culpa (?:explain|exercise) [^`<\n]*", plain)[0])[1:]


REPEATED = {
    "a small one": ("--sizes", "3,3,2"),
    "any": (),
    "one part of any in another notation": ("--part", "weights", "--notation", "cs231n", "--code"),
    "a small one with everything": ("--sizes", "2,3,2", "--activation", "gelu", "--loss", "huber", "--seed", "5",
                                    "--layer", "2", "--example", "1", "--digits", "6", "--numeric"),
    "one thing": ("--sizes", "3,3,2", "--weight", "2,1,3", "--mine", "-0.0213"),
    "blanks in the words": ("--sizes", "3, 3, 2", "--bias", "(2, 1)"),
    "symbols": ("--sizes", "3,3,2", "--symbolic", "--part", "batch"),
    "markdown": ("--sizes", "3,3,2", "--to", "markdown", "--flavour", "obsidian"),
    "latex": ("--sizes", "3,3,2", "--to", "latex", "--fragment", "--part", "bias"),
    "html": ("--sizes", "3,3,2", "--to", "html", "--part", "bias"),
}  # fmt: skip


@pytest.mark.parametrize("words", REPEATED.values(), ids=REPEATED)
def test_what_was_made_is_made_again_by_the_command_that_it_names(words):
    first = call("explain", *words)
    assert first.code == 0
    again = made_line(first.out) if "--to" not in words else made_in(first.out)
    assert call(*again).out == first.out


def test_a_saved_network_is_named_with_its_data_in_the_last_line(tmp_path):
    folder = tmp_path / "with a blank"
    folder.mkdir()
    small = small_example([3, 4, 2], seed=1)
    culpa.save(small.network, folder / "net.st")
    np.savez(folder / "it's.npz", X=small.X, y=small.y)
    first = call("explain", folder / "net.st", folder / "it's.npz", "--unit", "1,2")
    assert call(*made_line(first.out)).out == first.out
    assert f"culpa {culpa.__version__}, numpy {np.__version__}" in first.out
    assert re.search(r"data [0-9a-f]{16}", first.out)
    np.savez(folder / "it's.npz", X=small.X + 1, y=small.y)
    assert call(*made_line(first.out)).out != first.out


def test_the_document_holds_the_same_as_plain_values(saved):
    answer = call("explain", saved / "net.st", saved / "data.npz", "--json", "--code")
    document = answer.json
    assert (answer.code, answer.err) == (0, "")
    assert list(document) == [
        *("schema", "command", "culpa", "title", "notation", "example", "parts", "notes", "footer"),
    ]
    assert (document["schema"], document["command"], document["notation"]) == (1, "explain", "note")
    made = culpa.explain(*small_example([3, 4, 2], seed=1), code=True)
    assert [part["name"] for part in document["parts"]] == [part.name for part in made.parts]
    for plain, part in zip(document["parts"], made.parts, strict=True):
        assert [step["key"] for step in plain["steps"]] == [step.key for step in part.steps]
        for one, step in zip(plain["steps"], part.steps, strict=True):
            assert len(one["lines"]) == len(step.lines)
            assert one["code"] == (None if step.code is None else list(step.code.statements))
            for pair, line in zip(one["lines"], step.lines, strict=True):
                assert [pair[name] is None for name in ("symbols", "numbers")] == [
                    line.symbols is None,
                    line.numbers is None,
                ]


def test_the_documents_numbers_have_all_their_digits(saved):
    document = call("explain", saved / "net.st", saved / "data.npz", "--json", "--digits", 2).json
    steps = {step["key"]: step for part in document["parts"] for step in part["steps"]}
    numbers = steps["output-vector"]["lines"][0]["numbers"].split("=")[0]
    found = [float(text) for text in re.findall(r"-?\d\.\d+(?:e-?\d+)?", numbers)]
    assert found == culpa.gradient(*small_example([3, 4, 2], seed=1)).layers[1].delta[0].tolist()


def test_a_document_about_one_thing_has_its_table():
    document = call(*SMALL, "--weight", "1,1,1", "--mine", "0.5", "--json").json
    (part,) = document["parts"]
    witnesses = part["steps"][-1]["table"]
    assert len(witnesses["headers"]) == len(witnesses["rows"][0]) == 4
    assert len(witnesses["rows"]) == 4
    assert json.loads(json.dumps(document)) == document
    assert "Infinity" not in json.dumps(document)


def test_what_is_left_out_is_said_and_is_in_full_beside(saved, tmp_path):
    words = ("explain", saved / "wide.st", saved / "wide.npz")
    answer = call(*words, "--full", tmp_path / "all.csv")
    assert answer.code == 0
    assert "dots stand for the rest" in " ".join(answer.out.split())
    assert "dots stand for the rest" not in call(*SMALL).out
    rows = (tmp_path / "all.csv").read_text().splitlines()
    assert rows[0] == "quantity,layer,unit,from,value"
    assert answer.err == f"{len(rows) - 1} numbers written to {tmp_path / 'all.csv'}\n"
    network = culpa.load(saved / "wide.st").astype("float64")
    data = np.load(saved / "wide.npz")
    right = culpa.gradient(network, data["X"], data["y"])
    values = {tuple(row.split(",")[:4]): float(row.split(",")[4]) for row in rows[1:]}
    for i, j in np.ndindex(8, 9):
        assert values["mean dloss/dW", "1", str(i + 1), str(j + 1)] == pytest.approx(
            right.layers[0].weight[i, j], rel=1e-12, abs=1e-18
        )
