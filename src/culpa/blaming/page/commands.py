# SPDX-License-Identifier: MIT
"""Commands to copy: what a reader types next, in a box with a button that copies it where there is a script."""

import shlex
from collections.abc import Sequence
from html import escape

from culpa.blaming.findings.finding import Command
from culpa.reporting.terminal import one_line

__all__ = ["command_of", "pairs"]


def command_of(command: Command) -> str:
    """A command in its box; nothing where there is none."""
    if not command:
        return ""
    if isinstance(command, str):
        inside = escape(command)
    else:
        inside = " ".join(f'<span class="word">{escape(word)}</span>' for word in pairs(command))
    return f'<div class="command"><code>{inside}</code></div>'


def pairs(words: Sequence[str]) -> list[str]:
    """The words of a command, quoted where a shell needs it, each option with its value: a line breaks between them.

    Example:
        >>> pairs(("culpa", "blame", "my table.csv", "--seed", "0"))
        ['culpa', 'blame', "'my table.csv'", '--seed 0']
    """
    found: list[str] = []
    for word in map(shlex.quote, words):
        if found and found[-1].startswith("--") and " " not in found[-1] and not word.startswith("--"):
            found[-1] += f" {word}"
        else:
            found.append(word)
    return list(map(one_line, found))
