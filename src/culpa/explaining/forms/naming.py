# SPDX-License-Identifier: MIT
"""Naming: names from data inside our sentences, of which they must change neither the order nor the lines.

    printable(text)                                on one line, without marks that turn what follows
    isolated(text, leftward(["age", "גיל"]))       a Hebrew name stands in marks that keep its direction to itself

Knows no explanation, and no format but the marks that it is given.
"""

import re
import unicodedata
from collections.abc import Iterable

__all__ = ["FIRST", "LAST", "isolated", "leftward", "printable"]

FIRST, LAST = "\u2068", "\u2069"
"""Unicode's marks around what has a direction of its own; HTML has <bdi> for it."""


def printable(text: str) -> str:
    """A text on one line, with control characters, and marks that turn the direction of writing, made visible.

    Example:
        >>> printable("one" + chr(9) + "two" + chr(0x202E))
        'one two·'
    """
    return "".join(" " if sign.isspace() else sign if sign.isprintable() else "·" for sign in text)


def leftward(names: Iterable[str]) -> "re.Pattern[str] | None":
    """Finds the names that are written from the right to the left, the longest first; None where there are none."""
    found = {name for name in map(printable, names) if any(map(is_leftward, name))}
    return re.compile("|".join(map(re.escape, sorted(found, key=len, reverse=True)))) if found else None


def is_leftward(sign: str) -> bool:
    """Whether a character is written from the right to the left."""
    return unicodedata.bidirectional(sign) in ("R", "AL", "AN")


def isolated(text: str, names: "re.Pattern[str] | None", first: str = FIRST, last: str = LAST) -> str:
    """A text in which each of some names stands between marks, so that what is around it keeps its order.

    Args:
        text: A printable one.
        names: What `leftward` found.
        first: The mark before a name.
        last: The mark after it.

    Example:
        >>> isolated("2 (גיל): 0.5", leftward(["age", "גיל"]), "<bdi>", "</bdi>")
        '2 (<bdi>גיל</bdi>): 0.5'
    """
    return text if names is None else names.sub(lambda name: f"{first}{name[0]}{last}", text)
