# SPDX-License-Identifier: MIT
"""Naming: columns and values in sentences, names that must be there, and the options that a hint tells to copy."""

import shlex
from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches

from culpa.errors import OptionError

__all__ = ["fresh", "kind_option", "listed", "missing_option", "needs_names", "shown"]


def kind_option(name: str, kind: str) -> str:
    """The option that says what a column holds, for a shell whatever the column is called.

    Example:
        >>> kind_option("zip code", "category")
        "--kind 'zip code=category'"
    """
    return f"--kind {shlex.quote(f'{name}={kind}')}"


def missing_option(word: object) -> str:
    """The option that reads a word as missing; one that begins with a hyphen is no option itself.

    Example:
        >>> missing_option("n.a."), missing_option(-99)
        ('--missing n.a.', '--missing=-99')
    """
    text = str(word)
    return f"--missing{'=' if text.startswith('-') else ' '}{shlex.quote(text)}"


def shown(value: object) -> str:
    """A value as a reader may be shown it, cut where it is long."""
    text = repr(value)
    return text if len(text) <= 40 else text[:39] + "…"


def listed(names: Sequence[object], most: int = 5) -> str:
    """Names in a row, cut after the first few."""
    return ", ".join(map(str, names[:most])) + (", …" if len(names) > most else "")


def needs_names(names: Iterable[str], known: Iterable[str], what: str) -> None:
    """Refuse a name that no column has.

    Raises:
        OptionError: If one is unknown; it lists the known ones and guesses.
    """
    columns = dict.fromkeys(known)
    for name in names:
        if name not in columns:
            close = get_close_matches(name, columns, n=1)
            raise OptionError(
                f"{what} {name!r} is no column of the table; it has {listed([*columns], 12)}.",
                hint=f"did you mean {close[0]!r}?" if close else None,
            )


def fresh(name: str, taken: Collection[str]) -> str:
    """The name, with an underscore more as often as it is taken.

    Example:
        >>> fresh("row", {"row", "row_"})
        'row__'
    """
    while name in taken:
        name += "_"
    return name
