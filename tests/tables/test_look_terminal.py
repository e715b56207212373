# SPDX-License-Identifier: MIT
"""The terminal's view: at most five sentences before another report, and 80 columns at most, whatever the names."""

import io

import numpy as np
import pytest
from rich.cells import cell_len

import culpa
from culpa.reporting.terminal import console
from culpa.tables.look_terminal import cell, fitting, show_head, show_look, show_rows
from culpa.tables.looking import Look
from culpa.tables.truths.truth import Truth

WORDS = ["culpa", "look", "t.csv"]
LONG = "a name of more than forty letters, 語 and [bold]marks[/bold]\n"
TABLE = {
    LONG: np.linspace(-1e9, 1e-9, 40), "x\x1b[31m": [1.5, None] * 20, "語" * 30: ["語" * 50, "<b>"] * 20,
    "y": ["a" * 60, "b"] * 20,
}  # fmt: skip


def printed(show, *given):
    """What a function prints to a console that is no terminal."""
    stream = io.StringIO()
    show(console(stream), *given)
    return stream.getvalue()


def with_serious(count):
    """A look with so many serious truths in front of its others."""
    found = culpa.look(TABLE, "y")
    none = np.empty(0, np.intp)
    serious = [Truth(f"k{k}", f"sentence {k}", none, serious=True) for k in range(count)]
    return Look(found.table, (*serious, *(truth for truth in found.truths if not truth.serious)))


@pytest.mark.parametrize("count", [1, 5, 7])
def test_before_another_report_stand_five_sentences_and_how_many_more_there_are(count):
    found = with_serious(count)
    lines = printed(show_head, found, WORDS).splitlines()
    shown = min(count, 5)
    assert [line for line in lines if line.startswith("!")] == [f"! sentence {k}" for k in range(shown)]
    commands = [line for line in lines if "--show" in line]
    assert commands == [f"    show: culpa look t.csv --show k{k}" for k in range(shown)]
    beside = [truth for truth in found.truths if truth.key not in ("size", "kinds")]
    assert lines[-2] == f"look: culpa look t.csv   shows {len(beside) - shown} more about the table"


def test_where_nothing_is_serious_nothing_is_printed():
    assert printed(show_head, with_serious(0), WORDS) == ""


def test_no_line_is_wider_than_the_terminal_and_names_are_safe():
    found = culpa.look(TABLE, "y")
    lines = printed(show_look, found, WORDS, 20).splitlines()
    lines += printed(show_rows, found["missing"], found.evidence("missing"), WORDS, 9).splitlines()
    assert max(map(cell_len, lines)) <= 80
    assert all(line.isprintable() for line in lines)
    assert any("x·[31m" in line for line in lines)
    assert any("a name of more than" in line for line in lines)


def test_columns_are_shown_from_the_left_as_long_as_they_fit_and_one_at_least():
    texts = {"row": ["row", "1"], "a": ["a", "x" * 18], "b": ["b", "y" * 18]}
    assert [fitting(texts, width) for width in (2, 3, 23, 42, 43)] == [
        ["row"], ["row"], ["row", "a"], ["row", "a"], ["row", "a", "b"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (True, "yes"),
        (False, "no"),
        (0.123456789, "0.123457"),
        (4776000.0, "4776000"),
        (-1234567.5, "-1234567.5"),
        ("a\nb", "a·b"),
        (7, "7"),
    ],
)
def test_an_entry_is_shown_on_one_line_in_few_signs(entry, text):
    assert cell(entry) == text
