# SPDX-License-Identifier: MIT
"""`culpa explain` and people's files: a note changes in one place alone, and files appear whole or not at all."""

import difflib
from pathlib import Path

import numpy as np
import pytest

import culpa
from culpa.cli import delivering
from culpa.explaining.small import small_example
from tests.cli.calling import call

NOTE = (Path(__file__).parents[1] / "explaining" / "notes" / "note.md").read_bytes()
IMAGE = b"![[gradient-wrt-weight.png]]"
GENERAL = ("explain", "--symbolic", "--sizes", "3,3", "--part", "weights")


@pytest.fixture
def note(tmp_path):
    path = tmp_path / "note.md"
    path.write_bytes(NOTE)
    return path


def added(before, after):
    """The lines that came, and those that went."""
    changes = list(difflib.ndiff(before.decode().split("\n"), after.decode().split("\n")))
    return [line[2:] for line in changes if line[0] == "+"], [line[2:] for line in changes if line[0] == "-"]


def test_the_derivation_takes_the_place_of_the_image_and_no_other_byte_changes(note):
    answer = call(*GENERAL, "--into", note, "--replace", "gradient-wrt-weight.png", "--flavour", "obsidian")
    assert (answer.code, answer.out) == (0, "")
    assert answer.err == f"{note}: Replaced the image 'gradient-wrt-weight.png'.\n"
    before, after = NOTE.split(IMAGE)
    found = note.read_bytes()
    assert found.startswith(before)
    assert found.endswith(after)
    derivation = found[len(before) : len(found) - len(after)].decode()
    partials = derivation.index(r"\frac{\partial \ell}{\partial W_{1,3,3}}")
    expanded = derivation.index(r"\delta_{1,3} h_{0,3}")
    outer = derivation.index(r"h_{0}^{\top}")
    assert partials < expanded < outer
    assert "---" not in derivation
    assert "\n#" not in derivation
    assert b"gradient-wrt-weight-expanded.png.png" in found


def test_a_note_takes_obsidians_flavour_unless_another_is_asked_for(note):
    call(*GENERAL, "--into", note, "--replace", "gradient-wrt-weight.png")
    assert "$$\n\\nabla_{W_{1}}" in note.read_text().split("![[")[0]
    note.write_bytes(NOTE)
    call(*GENERAL, "--into", note, "--replace", "gradient-wrt-weight.png", "--flavour", "github")
    assert "```math" in note.read_text()


def test_a_marked_block_is_added_kept_and_brought_up_to_date(note):
    first = call(*GENERAL, "--into", note, "--mark", "culpa")
    assert (first.code, first.err) == (0, f"{note}: Added the block 'culpa' at the end of the note.\n")
    with_block = note.read_bytes()
    assert with_block.startswith(NOTE.rstrip(b"\n"))
    stamp = note.stat().st_mtime_ns
    again = call(*GENERAL, "--into", note, "--mark", "culpa")
    assert again.err == f"{note}: The note is up to date.\n"
    assert (note.read_bytes(), note.stat().st_mtime_ns) == (with_block, stamp)
    other = call("explain", "--sizes", "2,2", "--part", "bias", "--into", note, "--mark", "culpa")
    assert other.err == f"{note}: Updated the block 'culpa'.\n"
    assert note.read_bytes() != with_block
    call(*GENERAL, "--into", note, "--mark", "culpa")
    assert note.read_bytes() == with_block
    came, went = added(NOTE, with_block)
    assert came[0].startswith("<!-- culpa:begin culpa -->") or came[1].startswith("<!-- culpa:begin culpa -->")
    assert [line for line in went if line.strip()] == []


def test_an_image_becomes_a_block_that_is_kept_up_to_date(note):
    call(*GENERAL, "--into", note, "--replace", "gradient-wrt-weight.png", "--mark", "weights")
    found = note.read_bytes()
    before, after = NOTE.split(IMAGE)
    assert found.startswith(before + b"<!-- culpa:begin weights -->")
    assert found.endswith(b"<!-- culpa:end weights -->" + after)
    call("explain", "--sizes", "2,2", "--part", "bias", "--into", note, "--mark", "weights")
    assert note.read_bytes().startswith(before)
    assert note.read_bytes().endswith(after)


def test_what_stands_in_a_note_is_made_again_by_the_command_that_it_names(note):
    call("explain", "--part", "bias", "--into", note, "--mark", "culpa")
    block = note.read_text().split("<!-- culpa:begin culpa -->")[1].split("<!-- culpa:end culpa -->")[0].strip()
    words = block.split("culpa explain ")[1].split("`")[0].split()
    again = call("explain", *words)
    assert again.code == 0
    equations = [line for line in again.out.splitlines() if line.startswith(("\\", "$$", "```"))]
    assert [line for line in block.splitlines() if line.startswith(("\\", "$$", "```"))] == equations


def test_line_ends_and_marks_of_order_stay_as_they_were(tmp_path):
    for content in (
        NOTE.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + NOTE,
        b"> [!note] Look\n> " + IMAGE + b"  \n> on\n",
    ):
        path = tmp_path / "n.md"
        path.write_bytes(content)
        assert call(*GENERAL, "--into", path, "--replace", "gradient-wrt-weight.png").code == 0
        before, after = content.split(IMAGE)
        assert path.read_bytes().startswith(before)
        assert path.read_bytes().endswith(after)
        inside = path.read_bytes()[len(before) : len(path.read_bytes()) - len(after)]
        if b"\r\n" in content:
            assert inside.count(b"\n") == inside.count(b"\r\n")
        if content.startswith(b">"):
            assert all(line.startswith(b">") for line in inside.split(b"\n")[1:])


def test_a_file_appears_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "page.html"
    path.write_text("what was here")

    def fault(*_, **__):
        raise RuntimeError("halfway")

    monkeypatch.setattr(delivering, "printed", fault)
    monkeypatch.setattr("culpa.cli.explain.printed", fault)
    assert call("explain", "-o", path, "--sizes", "2,2", "--full", tmp_path / "all.csv").code == 3
    assert path.read_text() == "what was here"
    assert [entry.name for entry in tmp_path.iterdir()] == ["page.html"]


def test_all_files_that_were_asked_for_are_written_and_no_others(tmp_path):
    answer = call("explain", "--sizes", "3,3,2", "-o", tmp_path / "a.md", "--full", tmp_path / "all.csv")
    assert (answer.code, answer.out) == (0, "")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a.md", "all.csv"]
    assert len(answer.err.splitlines()) == 2
    again = call("explain", "--sizes", "3,3,2", "-o", tmp_path / "a.md", "--full", tmp_path / "all.csv")
    assert again.code == 0
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a.md", "all.csv"]


def test_a_network_without_biases_goes_all_the_way(tmp_path):
    small = small_example([3, 4, 2], seed=1)
    bare = culpa.Network.from_arrays([layer.W for layer in small.network.layers], hidden="logistic")
    culpa.save(bare, tmp_path / "bare.st")
    np.savez(tmp_path / "d.npz", X=small.X, y=small.y)
    for words in ((), ("--to", "html"), ("--to", "latex"), ("--to", "markdown"), ("--full", tmp_path / "f.csv")):
        answer = call("explain", tmp_path / "bare.st", tmp_path / "d.npz", "--code", *words)
        assert answer.code == 0, answer.err
    rows = (tmp_path / "f.csv").read_text()
    assert "\nW,1,1,1," in rows
    assert "\nb," not in rows
    assert "mean dloss/db" not in rows
