# SPDX-License-Identifier: MIT
"""Naming: columns and values in sentences, names that must be there, and the options that a hint tells to copy."""

import shlex
from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches

from culpa.errors import OptionError

__all__ = ["fresh", "kind_option", "listed", "missing_option", "needs_names", "shown"]

MOST, NEAREST = 12, 5
"""So many names are told, and so many of them are put in front."""


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
        OptionError: If one is unknown; it guesses, and lists the known ones, the nearest first where not all are told.
    """
    columns = [*dict.fromkeys(known)]
    for name in names:
        if name not in columns:
            close = nearest(name, columns)
            told = columns if len(columns) <= MOST else [*dict.fromkeys([*close, *columns])]
            raise OptionError(
                f"{what} {name!r} is no column of the table; it has {listed(told, MOST)}.",
                hint=f"did you mean {close[0]!r}?" if close else None,
            )


def nearest(name: str, known: Sequence[str]) -> list[str]:
    """Names that may be meant, the likeliest first: what begins so, is spelt much the same, or holds it; in any case.

    Example:
        >>> nearest("Hue", ["chuet", "huge", "hue, measured", "size"])
        ['hue, measured', 'huge', 'chuet']
    """
    typed, folded = name.strip().casefold(), [one.casefold() for one in known]
    begins = [one for one in folded if typed and one.startswith(typed)]
    alike = get_close_matches(typed, folded, n=NEAREST)
    holds = [one for one in folded if len(typed) >= len("hue") and typed in one]
    ranked = [*dict.fromkeys([*sorted(begins, key=len), *alike, *holds])][:NEAREST]
    return [one for place in ranked for one in known if one.casefold() == place]


def fresh(name: str, taken: Collection[str]) -> str:
    """The name, with an underscore more as often as it is taken.

    Example:
        >>> fresh("row", {"row", "row_"})
        'row__'
    """
    while name in taken:
        name += "_"
    return name
