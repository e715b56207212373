# SPDX-License-Identifier: MIT
"""Boxes of text: rectangles of characters with a baseline, put beside and above one another.

    ⎡1  2⎤
    ⎢    ⎥ x      beside((matrix, text(" x")))
    ⎣3  4⎦

Widths are cells of a terminal, so that wide letters and combining signs count as what they take. Knows no formula.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["Box", "Side", "above", "at_point", "beside", "cells", "fenced", "padded", "rows_of", "text", "wrapped"]

Side = Literal["left", "centre", "right"]
FENCES = {
    "[": ("[", "⎡", "⎢", "⎢", "⎣"),
    "]": ("]", "⎤", "⎥", "⎥", "⎦"),
    "(": ("(", "⎛", "⎜", "⎜", "⎝"),
    ")": (")", "⎞", "⎟", "⎟", "⎠"),
    "|": ("│", "│", "│", "│", "│"),
    "{": ("{", "⎧", "⎪", "⎨", "⎩"),
}
"""A bracket of one line, and its top, side, middle and foot where there are more."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of text.

    Args:
        rows: Its lines, all equally wide.
        base: Which of them stands on the line of writing.
    """

    rows: tuple[str, ...]
    base: int = 0

    @property
    def width(self) -> int:
        """Cells."""
        return cells(self.rows[0])


def cells(line: str) -> int:
    """How many cells of a terminal a text takes."""
    if line.isascii():
        return len(line)
    from rich.cells import cell_len

    return cell_len(line)


def padded(line: str, width: int, side: Side = "left") -> str:
    """A text with spaces up to a width."""
    missing = max(0, width - cells(line))
    before = {"left": 0, "centre": missing // 2, "right": missing}[side]
    return " " * before + line + " " * (missing - before)


def rows_of(rows: Sequence[str], base: int = 0, side: Side = "left") -> Box:
    """Lines as a box, made equally wide."""
    width = max(map(cells, rows))
    return Box(tuple(padded(row, width, side) for row in rows), base)


def text(line: str) -> Box:
    """One line."""
    return Box((line,))


def beside(boxes: Sequence[Box]) -> Box:
    """Side by side, on one line of writing."""
    over = max(box.base for box in boxes)
    under = max(len(box.rows) - box.base for box in boxes)
    columns = []
    for box in boxes:
        blank = " " * box.width
        columns.append([blank] * (over - box.base) + list(box.rows) + [blank] * (under - len(box.rows) + box.base))
    return Box(tuple(map("".join, zip(*columns, strict=True))), over)


def above(boxes: Sequence[Box], on: int = 0, side: Side = "centre") -> Box:
    """One under another; the line of writing is that of box number `on`."""
    rows = [row for box in boxes for row in box.rows]
    return rows_of(rows, sum(len(box.rows) for box in boxes[:on]) + boxes[on].base, side)


def fenced(box: Box, left: str, right: str) -> Box:
    """Between brackets as tall as it is; "" is none."""
    return beside([piece for piece in (fence(box, left), box, fence(box, right)) if piece is not None])


def fence(box: Box, sign: str) -> Box | None:
    """One bracket, as tall as a box."""
    if not sign:
        return None
    one, top, side, middle, foot = FENCES[sign]
    height = len(box.rows)
    if height == 1:
        return text(one)
    rows = [top, *[side] * (height - 2), foot]
    if height > 2:
        rows[height // 2] = middle
    return Box(tuple(rows), box.base)


def at_point(texts: Sequence[str]) -> list[str]:
    """Numerals made equally wide, with their decimal points under one another.

    Example:
        >>> at_point(["0.25", "−10", "(−1.5)", "2e-9"])
        ['  0.25', '−10   ', '(−1.5)', '  2e-9']
    """
    ends = [min([place for place in map(line.find, ".e)") if place >= 0], default=len(line)) for line in texts]
    left = max((cells(line[:end]) for line, end in zip(texts, ends, strict=True)), default=0)
    right = max((cells(line[end:]) for line, end in zip(texts, ends, strict=True)), default=0)
    return [
        padded(line[:end], left, "right") + padded(line[end:], right) for line, end in zip(texts, ends, strict=True)
    ]


def wrapped(line: str, width: int, indent: str = "") -> list[str]:
    """A text broken between words, and within one that is wider than a line; all but the first begin with `indent`.

    Example:
        >>> wrapped("one two three", 8, "  ")
        ['one two', '  three']
    """
    width = max(width, 1)
    indent = indent if cells(indent) + 2 <= width else ""
    lines, here, started = [], "", False
    for word in line.split():
        if started and cells(f"{here} {word}") <= width:
            here = f"{here} {word}"
            continue
        if started:
            lines.append(here)
        here, started = (indent if lines else "") + word, True
        while cells(here) > width:
            head = fitting(here, width)
            lines.append(head)
            here = indent + here[len(head) :]
    return [*lines, here] if started else []


def fitting(line: str, width: int) -> str:
    """As much of the beginning as fits; one letter at least."""
    end = len(line)
    while end > 1 and cells(line[:end]) > width:
        end -= 1
    return line[:end]
