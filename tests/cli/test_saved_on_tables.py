# SPDX-License-Identifier: MIT
"""A saved network on another table: columns by their names, what is new told on stderr, examples by ids and rows."""

import warnings

import pytest

import culpa
from culpa.errors import CulpaWarning, OptionError
from tests.cli.calling import call
from tests.cli.houses import HEADER, LACKING, N, rows, write

pytestmark = pytest.mark.filterwarnings("ignore:.*are set aside:culpa.errors.CulpaWarning")  # read_table tells it too

KEPT = ["size, m²", "city", "built", "garden"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The table, a network of it, and the table with its columns moved, one lacking, and things that are new."""
    place = tmp_path_factory.mktemp("saved")
    lines = rows()
    write(place / "houses.csv", lines)
    order = [7, 3, 0, 2, 1, 4]
    write(place / "moved.csv", [[line[j] for j in order] for line in lines], [HEADER[j] for j in order])
    write(place / "lacking.csv", [[*line[:2], *line[3:]] for line in lines], [*HEADER[:2], *HEADER[3:]])
    full = [[*line] for line in lines if all(line)]
    write(place / "full.csv", full)
    new = [[*line] for line in full]
    new[0][2], new[1][2], new[2][2], new[3][1] = "Atlantis", "Atlantis\x1b[31m", "", ""
    write(place / "new.csv", new)
    for name in ("houses", "full"):
        words = ("--target", "price", "--id", "house", "--epochs", 3, "--score", "none", "--hidden", "5")
        assert call("blame", place / f"{name}.csv", *words, "--save", place / f"{name}.st").code == 0
    return place


def test_columns_are_found_by_their_names_wherever_they_stand(folder):
    network = folder / "houses.st"
    straight, moved = (
        call("blame", folder / name, "--model", network, "--id", "house", "--json").json
        for name in ("houses.csv", "moved.csv")
    )
    assert straight["examples"] == moved["examples"]
    assert straight["data"]["columns"] == KEPT
    assert sorted(moved["data"]["columns"]) == sorted(KEPT)


@pytest.mark.parametrize("verb", ["blame", "check", "explain"])
def test_a_missing_column_is_refused_by_its_name(folder, verb):
    network, table = folder / "houses.st", folder / "lacking.csv"
    answer = call(verb, table, "--model", network) if verb == "blame" else call(verb, network, table)
    assert (answer.code, answer.out) == (2, "")
    assert "'city'" in answer.err


@pytest.mark.parametrize("verb", ["blame", "check", "explain"])
def test_new_categories_and_new_gaps_are_told_on_stderr_in_a_line_each(folder, verb):
    network, table = folder / "full.st", folder / "new.csv"
    answer = call(verb, table, "--model", network) if verb == "blame" else call(verb, network, table)
    assert answer.code == 0
    told = answer.err.splitlines()
    assert len([line for line in told if "new categor" in line and "'city'" in line and "Atlantis" in line]) == 1
    assert len([line for line in told if "'size, m²'" in line and "its median" in line]) == 1
    assert "\x1b" not in answer.err
    assert "Warning" not in answer.err
    clean = call("check", network, folder / "full.csv")
    assert (clean.code, clean.err) == (0, ""), "negative control: nothing is new there"


def test_in_python_the_same_are_warnings(folder):
    network = culpa.load(folder / "full.st")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        culpa.read_table(folder / "new.csv", columns=network.columns)
    assert {warning.category for warning in told} == {CulpaWarning}
    for word in ("Atlantis", "median"):
        assert sum(word in str(warning.message) for warning in told) == 1


def test_check_says_which_table_and_how_many_rows(folder):
    answer = call("check", folder / "houses.st", folder / "houses.csv")
    assert answer.code == 0
    assert f"on {N - 1} rows of houses.csv" in " ".join(answer.out.split())
    state = call("check", folder / "houses.st", folder / "houses.csv", "--json").json
    assert (state["of_rows"], state["ok"]) == (N - 1, True)


def test_examples_are_called_by_their_ids_or_by_their_rows_in_the_file(folder):
    words = ("explain", folder / "houses.st", folder / "houses.csv", "--part", "output")
    by_row = call(*words, "--example", LACKING + 9).out
    by_id = call(*words, "--id", "house", "--example", f"H-{LACKING + 9:03d}").out
    assert f"one example, row {LACKING + 9}." in " ".join(by_row.split())
    assert f"one example, H-{LACKING + 9:03d}." in " ".join(by_id.split())
    other = call(*words, "--example", LACKING + 8).out
    steps = [text.split("\n1 ")[1].split("culpa explain")[0] for text in (by_row, by_id, other)]
    assert steps[0] == steps[1]
    assert steps[0] != steps[2], "negative control"
    network = culpa.load(folder / "houses.st")
    table = culpa.read_table(folder / "houses.csv", "price", columns=network.columns)
    place = table.rows.tolist().index(LACKING + 9)
    own = culpa.explain(network, table.X, table.y, example=place, part="output", ids=table.rows.tolist())
    assert own.example == f"row {LACKING + 9}"


WRONG = {
    "no such row": (("--example", "500"), f"0 to {N - 1}; got 500"),
    "no target": (("--example", str(LACKING)), f"Row {LACKING} of houses.csv has no price"),
    "an id without --id": (("--example", "H-001"), "the number of a row"),
    "a negative row": (("--example", "-1"), "got -1"),
    "no such id": (("--id", "house", "--example", "H-999"), "has the id 'H-999'"),
    "an id without a target": (("--id", "house", "--example", f"H-{LACKING:03d}"), "with a target has the id"),
    "several inputs": (("--input", "city"), "inputs of the network: 'city = "),
    "no such input": (("--input", "sity"), "is called 'sity'"),
}


@pytest.mark.parametrize(("words", "said"), WRONG.values(), ids=WRONG)
def test_what_is_not_there_is_refused_in_words(folder, words, said):
    answer = call("explain", folder / "houses.st", folder / "houses.csv", *words)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err


def test_an_input_is_called_by_its_own_name_or_by_its_columns(folder):
    network = culpa.load(folder / "full.st")
    words = ("explain", folder / "full.st", folder / "full.csv")
    size = [call(*words, "--input", name).out.split("made:")[0] for name in ("size, m²", "1")]
    assert "size, m²" in size[0]
    assert size[0].splitlines()[:12] == size[1].splitlines()[:12]
    number = network.columns.encoded.index("city = São, Paulo") + 1
    assert f"Input {number} (city = São, Paulo)" in call(*words, "--input", "city = São, Paulo").out
    with pytest.raises(OptionError, match="city"):
        culpa.explain(network, [[0.0] * network.columns.width], [0.0], input="city")
