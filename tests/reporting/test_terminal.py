# SPDX-License-Identifier: MIT
"""Terminal tables: 80 columns whatever the names are, no number cut, no markup read, no control character shown."""

import io
import re

import pytest
from rich.cells import cell_len

from culpa.reporting.terminal import console, table

HEADERS = ["row", "given", "says", "loss", "‖g‖", "share"]
WORDS = ["given", "says"]
NUMBERS = ("1,234", "5.67", "8.90", "12 %")
LONG = {
    "letters": "x" * 200,
    "words": "a long name " * 20,
    "wide letters": "語" * 80,
    "combining accents": "e\u0301" * 120,
    "emoji": "👩‍👩‍👧‍👦" * 20,
}


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


def shown(rows, headers=HEADERS, left=WORDS, to=None):
    """What is printed of a table, line by line."""
    stream = io.StringIO() if to is None else to
    table(console(stream), headers, rows, left)
    return stream.getvalue().splitlines()


def row_of(given, says):
    return [NUMBERS[0], given, says, *NUMBERS[1:]]


@pytest.mark.parametrize("name", LONG.values(), ids=LONG)
@pytest.mark.parametrize("both", [True, False], ids=["two long names", "one"])
def test_long_names_are_cut_and_numbers_never_are(name, both):
    lines = shown([row_of(name, name if both else "b"), row_of("a", "b")])
    assert len(lines) == 3
    assert max(cell_len(line) for line in lines) <= 80
    assert re.split(r"\s{2,}", lines[0].strip()) == HEADERS
    for line in lines[1:]:
        assert line.startswith(NUMBERS[0])
        assert line.split()[-4:] == ["5.67", "8.90", "12", "%"]
    assert "…" in lines[1]
    assert lines[1].split()[1][:1] == name[:1]


def test_a_third_column_of_long_names_leaves_the_numbers_whole_too():
    row = ["1,234", "i" * 300, "g" * 300, "s" * 300, "5.67", "8.90", "12 %"]
    lines = shown([row], ["row", "id", *HEADERS[1:]], ["id", *WORDS])
    assert max(map(cell_len, lines)) <= 80
    assert lines[1].startswith("1,234")
    assert lines[1].endswith("5.67  8.90   12 %")
    assert [letter in lines[1] for letter in "igs"] == [True] * 3


def test_short_names_are_shown_whole_with_words_to_the_left_and_numbers_to_the_right():
    assert shown([row_of("setosa", "virginica"), ["7", "a", "b", ".1", "22.5", "0.5 %"]]) == [
        "  row  given   says       loss   ‖g‖  share",
        "1,234  setosa  virginica  5.67  8.90   12 %",
        "    7  a       b            .1  22.5  0.5 %",
    ]


@pytest.mark.parametrize(
    "text", ["[red]x[/red]", "[/]", "[link=http://a]b[/link]", ":smile:", "\\[b]", "[bold", "1 2 'x'"]
)
def test_markup_in_a_name_is_text_and_nothing_in_it_is_coloured(monkeypatch, text):
    monkeypatch.setenv("TERM", "xterm-256color")
    for stream, printed in ((io.StringIO(), io.StringIO()), (Terminal(), Terminal())):
        line = shown([row_of(text, "b")], to=stream)[-1]
        assert text in line
        console(printed).print(text)
        assert printed.getvalue() == text + "\n"


@pytest.mark.parametrize(
    "letter",
    ["\x1b[31m", "\x1b]0;title\x07", "\n", "\r", "\t", "\b", "\x00", "\x7f", "\x9b", "\u202e", "\u2028", "\ud800"],
)
def test_control_characters_in_a_name_are_made_visible(letter):
    """A name must neither colour the terminal, nor break the line, nor turn the text's direction."""
    lines = shown([row_of(f"before{letter}after", "b")])
    assert len(lines) == 2
    assert "before·" in lines[1]
    assert lines[1].isprintable()


def test_no_rows_leave_the_headers():
    assert shown([]) == ["row  given  says  loss  ‖g‖  share"]


def test_a_file_gets_80_columns_and_no_escapes_however_wide_the_terminal_is(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert console(io.StringIO()).width == 80
    assert "\x1b" not in "".join(shown([row_of("a", "b")]))


@pytest.mark.parametrize(("columns", "width"), [("60", 60), ("80", 80), ("300", 80)])
def test_a_terminal_gets_its_own_width_up_to_80(monkeypatch, columns, width):
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("TERM", "xterm-256color")
    stream = Terminal()
    assert console(stream).width == width
    assert (
        max(cell_len(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in shown([row_of("x" * 99, "y")], to=stream))
        <= width
    )


def test_a_terminal_gets_bold_headers_and_with_no_color_no_colour(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[1m" in shown([row_of("a", "b")], to=Terminal())[0]
    monkeypatch.setenv("NO_COLOR", "1")
    text = "".join(shown([row_of("a", "b")], to=Terminal()))
    assert not re.search(r"\x1b\[[0-9;]*(3|4|9|10)[0-9](;[0-9]+)*m", text), "a colour in spite of NO_COLOR"


def test_a_dumb_terminal_gets_no_escapes(monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in "".join(shown([row_of("a", "b")], to=Terminal()))


def test_a_copyable_line_is_never_broken():
    """What is printed outside tables stays on one line, so that a command can be copied."""
    stream = io.StringIO()
    console(stream).print("next: culpa blame " + "x" * 200)
    assert len(stream.getvalue().splitlines()) == 1
