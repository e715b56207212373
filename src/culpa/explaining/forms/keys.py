# SPDX-License-Identifier: MIT
"""Keys: what each cell, edge and node of a page is called, and which of them light up together.

    W-2-1-3       the weight, and its edge in the drawing       dW-2-1-3     one example's derivative by it
    h-1-3         the output of a unit, and its node            DW-2-1-3     that of all examples
    delta-2-1     the error of the example that is explained    delta-2-1-of-4    that of example 4

A key is role, layer and entry, counted from 1, layer 0 being the inputs; of a weight (to, from) in every notation. A
star stands for every entry of a row or column. Knows no page and no number.
"""

import re
from collections.abc import Iterable, Mapping

from culpa.explaining.symbols import Quantity
from culpa.reporting.mathematics.expressions import Expression, Letter, Negative, Number, Sum

__all__ = ["by_layer", "key", "lit", "near"]

ROLES = {"δ": "delta", "ℓ": "loss", "𝓛": "cost", "g′": "slope", "∇W": "DW", "∇b": "Db", "wδ": "part"}
"""Roles whose own name is not made of ASCII letters."""


def key(quantity: Quantity, example: "int | None" = None) -> str:
    """The name of a quantity on a page; "" for what is no single thing in a layer.

    Args:
        quantity: Whose name.
        example: The example that is explained, from 1: its quantities are called the same with and without it.

    Example:
        >>> key(Quantity("W", Number(2), (Number(1), Number(3))))
        'W-2-1-3'
    """
    entry, of = quantity.entry, quantity.example
    if quantity.layer is None or quantity.role in ("d", "g"):
        return ""
    if of == "all":
        of, entry = (entry[0], entry[1:]) if entry else (None, entry)
        if of is None:
            return ""
    words = [ROLES.get(quantity.role, quantity.role), word(quantity.layer), *map(word, entry)]
    if isinstance(of, Expression) and word(of) != str(example):
        words.append(f"of-{word(of)}")
    return "-".join(words)


def word(index: Expression) -> str:
    """An index as it stands in a key."""
    if isinstance(index, Number):
        return str(int(index.value))
    if isinstance(index, Letter):
        lower = "" if index.lower is None else word(index.lower)
        return index.glyph + lower
    if isinstance(index, Negative):
        return f"m{word(index.of)}"
    return "p".join(map(word, index.terms)) if isinstance(index, Sum) else "x"


def lit(name: str, present: Iterable[str]) -> tuple[str, ...]:
    """The names of a page that light up with one of them, itself first.

    Args:
        name: What is pointed at.
        present: All names of the page.

    Example:
        >>> lit("dW-2-1-3", ["h-1-3", "h-1-2", "delta-2-1", "W-2-1-3", "dW-2-1-3"])
        ('dW-2-1-3', 'h-1-3', 'delta-2-1', 'W-2-1-3')
    """
    patterns = [re.compile(pattern.replace("*", "[^-]+")) for pattern in related(name)]
    others = [other for other in present if other != name and any(pattern.fullmatch(other) for pattern in patterns)]
    return (name, *others)


def by_layer(present: Iterable[str]) -> dict[str, list[str]]:
    """The names of a page by what they have in common, a role of a layer: what lights up lies in few of these."""
    found: dict[str, list[str]] = {}
    for name in present:
        found.setdefault(head(name), []).append(name)
    return found


def near(name: str, layers: Mapping[str, list[str]]) -> list[str]:
    """The names among which are all that light up with one."""
    return [other for one in dict.fromkeys(map(head, related(name))) for other in layers.get(one, ())]


def head(name: str) -> str:
    """The role and the layer of a name."""
    return "-".join(name.split("-", 2)[:2])


def related(name: str) -> tuple[str, ...]:
    """The names that belong to one, with stars for whole rows and columns."""
    role, *places = name.split("-")
    if "of" in places or len(places) < 2:
        return ()
    k, i, *others = places
    below, above = shifted(k, -1), shifted(k, 1)
    if others:
        j = others[0]
        sides: tuple[str, ...] = (f"delta-{k}-{i}", f"h-{below}-{j}")
        if role == "DW":
            sides += (f"delta-{k}-{i}-of-*", f"part-{k}-{i}", f"part-{k}-{i}-of-*", f"h-{below}-{j}-of-*")
        return (*sides, *(f"{one}-{k}-{i}-{j}" for one in ("W", "dW", "DW")))
    unit = tuple(f"{one}-{k}-{i}" for one in ("a", "h"))
    back = tuple(f"{one}-{k}-{i}" for one in ("delta", "db", "slope", "dh"))
    return {
        "h": (*unit, f"dW-{above}-*-{i}", f"W-{above}-*-{i}"),
        "a": (*unit, f"W-{k}-{i}-*", f"b-{k}-{i}", f"h-{below}-*"),
        "delta": (*back, *unit, f"dW-{k}-{i}-*"),
        "dh": (*back, f"W-{above}-*-{i}", f"delta-{above}-*"),
        "slope": (*unit, *back[:1]),
        "b": (*back[:2], f"b-{k}-{i}", f"a-{k}-{i}", f"Db-{k}-{i}"),
        "db": (*back[:2], f"b-{k}-{i}", f"Db-{k}-{i}"),
        "Db": (*back[:2], f"b-{k}-{i}", f"delta-{k}-{i}-of-*", f"part-{k}-{i}", f"part-{k}-{i}-of-*"),
    }.get(role, ())


def shifted(layer: str, by: int) -> str:
    """The layer before or after one, as it stands in a key: 1 and 2, k−1 ("kpm1") and k."""
    if layer.isdigit():
        return str(int(layer) + by)
    sign, opposite = ("pm1", "p1") if by < 0 else ("p1", "pm1")
    return layer.removesuffix(opposite) if layer.endswith(opposite) and not layer.endswith(sign) else layer + sign
