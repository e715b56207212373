# SPDX-License-Identifier: MIT
"""A case: what findings are drawn from, and how the next command is made of the present one.

Holds no threshold, and draws no finding.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from culpa.blaming.findings.finding import Command

if TYPE_CHECKING:
    from culpa.blaming.account import Blame
    from culpa.blaming.investigating import Investigation

__all__ = ["LISTED", "Case", "is_done", "with_option", "without_option"]

WRITTEN = ("--suspects", "--html", "--save", "--apply")
"""Options that name what is written, whatever its name."""
LISTED = 12
"""So many rows are listed where --top says nothing."""


class Case(NamedTuple):
    """What there is to judge.

    Attributes:
        blame: The accounts.
        investigation: All that the main job found; None where somebody asked for the accounts alone.
        said: The words of the present command line behind `culpa`; none in Python.
        pictures: Whether the rows are pictures, and the columns their points.
        beside: What else stands on the present command line: what it writes, and how many rows it lists.
    """

    blame: "Blame"
    investigation: "Investigation | None" = None
    said: tuple[str, ...] = ()
    pictures: bool = False
    beside: tuple[str, ...] = ()

    def shows(self, expression: str) -> str:
        """A Python expression of the accounts, by the name that they have there."""
        return f"{'blame' if self.investigation is None else 'found.blame'}.{expression}"

    def command(self, expression: str, option: str, *value: str) -> Command:
        """The present command with one more option, in place of its former value; else the expression."""
        return ("culpa", *with_option(self.said, option, *value)) if self.said else self.shows(expression)

    def heaviest(self, rows: int) -> Command:
        """What lists so many rows by their share of the loss: without a label report that is how they are ranked."""
        if not self.said or "--model" in self.said:
            return self.command(f"heaviest({rows})", "--top", str(rows))
        words = with_option(self.said, "--score", "none")
        for idle in ("--suspects", "--probabilities"):
            words = without_option(words, idle)
        return ("culpa", *with_option(words, "--top", str(rows)))

    def trained_anew(self, expression: str, option: str, *values: str) -> Command:
        """The present command with an option of the training; a saved network gives its place to a new training."""
        if not self.said:
            return expression
        words = without_option(self.said, "--model")
        columns = None if self.investigation is None else self.investigation.network.columns
        if words != self.said and "--target" not in words and columns is not None:
            words = (*words, "--target", columns.target)
        for value in values:
            words = (*words, option, value) if option == "--drop" else with_option(words, option, value)
        return ("culpa", *words)


def is_done(command: Sequence[str], words: Sequence[str]) -> bool:
    """Whether a command shows and writes no more than the present one, whatever its files are called.

    Args:
        command: The next command, behind `culpa`.
        words: The present one likewise, with all that it writes.

    Example:
        >>> present = ["blame", "a.csv", "--seed", "0", "--suspects", "mine.csv"]
        >>> is_done(["blame", "a.csv", "--seed", "0", "--suspects", "suspects.csv"], present)
        True
        >>> is_done(["blame", "a.csv", "--seed", "1", "--suspects", "suspects.csv"], present)
        False
    """
    (one, writes, rows), (other, written, listed) = map(taken_apart, (command, words))
    return one == other and writes <= written and rows <= listed


def taken_apart(words: Sequence[str]) -> tuple[Counter[tuple[str, ...]], set[str], int]:
    """What a command finds, in any order of its options; which options of it write; and how many rows it lists."""
    writes = {option for option in (*WRITTEN, "--json") if option in words}
    rows = next((value for option, value in pairwise(words) if option == "--top" and value.isdecimal()), LISTED)
    left = without_option(words, "--json", valued=False)
    for option in (*WRITTEN, "--image", "--top"):
        left = without_option(left, option)
    parts: list[tuple[str, ...]] = []
    for word in left:
        if parts and len(parts[-1]) == 1 and parts[-1][0].startswith("--") and not word.startswith("--"):
            parts[-1] += (word,)
        else:
            parts.append((word,))
    return Counter(parts), writes, int(rows)


def without_option(words: Sequence[str], option: str, *, valued: bool = True) -> tuple[str, ...]:
    """Words without an option, and without its value if it has one.

    Example:
        >>> without_option(["blame", "a.csv", "--l2", "0.1", "--seed=3"], "--l2")
        ('blame', 'a.csv', '--seed=3')
    """
    kept: list[str] = []
    skip = False
    for word in words:
        if not skip and word != option and not word.startswith(f"{option}="):
            kept.append(word)
        skip = valued and word == option and not skip
    return tuple(kept)


def with_option(words: Sequence[str], option: str, *value: str) -> tuple[str, ...]:
    """Words with an option, or a switch, in place of its former value.

    Example:
        >>> with_option(["blame", "a.csv", "--epochs", "60", "--seed", "1"], "--epochs", "120")
        ('blame', 'a.csv', '--seed', '1', '--epochs', '120')
    """
    return (*without_option(words, option, valued=bool(value)), option, *value)
