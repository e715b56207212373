# SPDX-License-Identifier: MIT
"""What a report tells before any score: the table, what its columns hold, what is to be learnt, and what was chosen."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import asdict

import numpy as np

from culpa.reporting.terminal import count, one_line
from culpa.tables.raw import RawTable
from culpa.training.choosing import Choice

__all__ = ["FIXED", "choice_line", "cut", "first_line", "kinds_lines", "option", "task_line"]

LONGEST_NAME = 20
"""A longer name is cut, so that a line stays one."""
FEW = 100
"""So many different numbers may be meant as classes."""
SHORT = {"id": "names the rows", "text": "free text", "constant": "constant"}
"""In few words why a column is set aside; the document has the whole reason."""
PLURALS = {"category": "categories", "yes/no": "yes/no"}
FIXED = "\u00a0"
"""A blank at which no line is broken."""


def cut(text: object, longest: int = LONGEST_NAME) -> str:
    """A name from data on one line, cut where it is long."""
    line = one_line(str(text))
    return line if len(line) <= longest else line[: longest - 1] + "…"


def first_line(data: RawTable, train: int, held: int) -> str:
    """What was looked at, and how it was split."""
    kinds = f"{len(data.classes)} classes" if data.classes else "a target of numbers"
    line = f"{cut(data.name)}: {count(len(data), 'row')}, {count(len(data.names), 'column')}, {kinds}"
    return f"{line}; {train:,} to train, {held:,} held out" if held else line


def kinds_lines(data: RawTable, inputs: int) -> Iterator[str]:
    """What the columns hold, where there is more to say than that they are numbers; and which were set aside."""
    kinds = Counter(data.judged[name].kind for name in data.names)
    if set(kinds) != {"number"} or inputs != len(data.names):
        parts = [count(n, kind, PLURALS.get(kind)) for kind, n in kinds.items()]
        yield f"columns {', '.join(parts)}, as {count(inputs, 'input')}"
    aside = data.set_aside
    if aside:
        named = [f"{cut(name)} ({SHORT.get(data.judged[name].kind, data.judged[name].kind)})" for name, _ in aside[:4]]
        more = f", and {len(aside) - 4:,} more" if len(aside) > 4 else ""
        yield f"set aside {', '.join(named)}{more}"


def task_line(data: RawTable) -> str:
    """What is to be learnt, by the values of the target, and how to have it taken otherwise."""
    goal = "target" if data.target == "target" else f"target {cut(data.target)}"
    distinct = len(data.classes) if data.classes else len(np.unique(data.y)) if data.y is not None else 0
    if data.classes is None:
        other = " (classes: --task classification)" if distinct <= FEW else ""
        return f"{goal}, numbers: regression{other}"
    if any(isinstance(label, bool) or not isinstance(label, int) for label in data.classes):
        return f"{goal}, {count(distinct, 'class', 'classes')}: classification"
    return f"{goal}, {distinct} whole numbers: classification (numbers: --task regression)"


def choice_line(choice: Choice, said: Collection[str]) -> str:
    """What was chosen and not said, as the options that say it; the same command with them finds the same."""
    words = []
    for name, value in asdict(choice).items():
        if name not in said and value is not None:
            words.append(FIXED.join(option(name, value)))
    return f"chosen {' '.join(words)}" if words else ""


def option(name: str, value: object) -> tuple[str, ...]:
    """A value as the command line takes it: an option and its word, or a switch alone.

    Example:
        >>> option("batch_size", 32), option("refit", False)
        (('--batch-size', '32'), ('--no-refit',))
    """
    dashed = name.replace("_", "-")
    if isinstance(value, bool):
        return (f"--{dashed}" if value else f"--no-{dashed}",)
    return f"--{dashed}", as_word(value)


def as_word(value: object) -> str:
    """A value as an option takes it."""
    if isinstance(value, tuple):
        return ",".join(map(str, value)) or "none"
    short = f"{value:g}" if isinstance(value, float) else str(value)
    return short if not isinstance(value, float) or float(short) == value else repr(value)
