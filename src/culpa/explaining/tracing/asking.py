# SPDX-License-Identifier: MIT
"""Asking for one thing: a weight, a bias, a hidden unit or an input by its place, counted from 1 as people write.

    weight 2,1,3     layer 2, to unit 1, from unit 3          unit 1,5     hidden layer 1, unit 5
    bias 2,1         layer 2, unit 1                          input 12     column 12, or its name

Layers are counted from 1 here, whatever a notation calls them. Knows which places a network has, and no answer.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal, TypeAlias, get_args

import numpy as np

from culpa.engine.network import Network
from culpa.errors import OptionError, unknown_name

__all__ = ["KINDS", "Asked", "Kind", "admit_place", "place_of"]

Kind: TypeAlias = Literal["weight", "bias", "unit", "input"]
COUNTING = "they count from 1, as in W_1, in every notation."
MOST_PARTS = 8
"""So many inputs of one column are listed."""
KINDS: tuple[Kind, ...] = get_args(Kind)
FORMS: dict[str, tuple[str, str]] = {
    "weight": ("layer, to unit, from unit", "2,1,3"),
    "bias": ("layer, unit", "2,1"),
    "unit": ("hidden layer, unit", "1,5"),
    "input": ("column", "12"),
}
"""What a place consists of, and an example."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that is asked for.

    Args:
        kind: "weight", "bias", "unit" or "input".
        place: (layer, to, from), (layer, unit), (layer, unit) or (column,), from 1.
        mine: The reader's own number for it, as a number or as the text with the digits that were given.
    """

    kind: Kind
    place: tuple[int, ...]
    mine: float | str | None = None


def place_of(place: object, kind: str) -> tuple[int, ...]:
    """Read a place, from text as people write it or from numbers.

    Args:
        place: "2,1,3", (2, 1, 3), or 12.
        kind: "weight", "bias", "unit" or "input".

    Raises:
        OptionError: If it is no place of that kind: too many or too few numbers, or not whole ones from 1.

    Example:
        >>> place_of("2,1,3", "weight"), place_of([2, 1], "bias"), place_of(12, "input")
        ((2, 1, 3), (2, 1), (12,))
    """
    if kind not in FORMS:
        raise unknown_name("kind", kind, KINDS)
    form, example = FORMS[kind]
    wanted = len(example.split(","))
    if isinstance(place, str):
        given: list[object] = [word.strip() for word in place.strip("()[] ").split(",")]
    elif isinstance(place, Iterable):
        given = list(place)
    else:
        given = [place]
    numbers = [whole(entry) for entry in given]
    if len(numbers) != wanted or any(number is None or number < 1 for number in numbers):
        what = "whole number" if wanted == 1 else "whole numbers"
        raise OptionError(
            f"`{kind}` must be {wanted} {what} from 1: {form}; got {place!r}.", hint=f"write it like {example}."
        )
    return tuple(number for number in numbers if number is not None)


def whole(entry: object) -> int | None:
    """A whole number, from a number or its digits; None for anything else."""
    if isinstance(entry, str):
        return int(entry) if entry.isascii() and entry.isdigit() else None
    return int(entry) if isinstance(entry, int | np.integer) and not isinstance(entry, bool) else None


def admit_place(network: Network, kind: str, place: object) -> tuple[int, ...]:
    """Read a place that this network must have; an input's may be its name, where the network knows its columns.

    Raises:
        OptionError: If it has no such layer, unit, column or bias.
    """
    named = column_named(network, place) if kind == "input" and isinstance(place, str) else None
    found = place_of(place, kind) if named is None else named
    sizes, said = network.sizes, ",".join(map(str, found))
    if kind == "input":
        if found[0] > sizes[0]:
            raise OptionError(f"`input` must be a column from 1 to {sizes[0]}, which is what W_1 takes; got {said}.")
        return found
    k, depth = found[0], len(sizes) - 1
    if kind == "unit" and k >= depth:
        raise refused_unit(k, depth, said)
    if k > depth:
        layers = "layer 1, there is no other" if depth == 1 else f"a layer from 1 to {depth}"
        raise OptionError(f"`{kind}` must name {layers}; got {said}.", hint=COUNTING)
    if kind == "bias" and network.layers[k - 1].b is None:
        raise OptionError(f"Layer {k} has no biases; got `bias` {said}.", hint=f"ask for a weight: --weight {k},1,1.")
    refuse_entry(kind, found, sizes)
    return found


def column_named(network: Network, name: str) -> tuple[int] | None:
    """The place of an input by its name, or by its column's where that is one input; None for a number."""
    names = () if network.columns is None else network.columns.encoded
    if not names or whole(name.strip("()[] ")) is not None:
        return None
    places = [j for j, known in enumerate(names, 1) if known == name] or [
        j for j, known in enumerate(names, 1) if known.strip() == name.strip()
    ]
    if len(places) == 1:
        return (places[0],)
    if places:
        many = ", ".join(map(str, places))
        raise OptionError(f"`input` must be one column; {name!r} names the columns {many}.", hint="say which number.")
    parts = [j for j, source in enumerate(network.columns.sources, 1) if source.column in (name, name.strip())]
    if len(parts) == 1:
        return (parts[0],)
    if parts:
        listed = ", ".join(f"{names[j - 1]!r} ({j})" for j in parts[:MOST_PARTS]) + (
            ", …" if parts[MOST_PARTS:] else ""
        )
        raise OptionError(f"The column {name!r} is {len(parts)} inputs of the network: {listed}.", hint="name one.")
    close = get_close_matches(name, names, n=3)
    hint = f"did you mean {' or '.join(map(repr, close))}?" if close else f"write its number, from 1 to {len(names)}."
    raise OptionError(f"No column of the {len(names):,} is called {name!r}; got it as `input`.", hint=hint)


def refused_unit(k: int, depth: int, said: str) -> OptionError:
    """The error for a unit that is in no hidden layer."""
    if depth == 1:
        return OptionError(f"`unit` must be a hidden unit, and this network has none; got {said}.",
                           hint="ask for a weight, a bias or an input.")  # fmt: skip
    hidden = "layer 1" if depth == 2 else f"a layer from 1 to {depth - 1}"
    hint = "an output's error is that of its bias: --bias " + said if k == depth else COUNTING
    return OptionError(f"`unit` must be a hidden unit, of {hidden}; got {said}.", hint=hint)


def refuse_entry(kind: str, found: tuple[int, ...], sizes: tuple[int, ...]) -> None:
    """Refuse a unit that a layer does not have."""
    k, to = found[:2]
    limits = [sizes[k], *([sizes[k - 1]] if kind == "weight" else [])]
    if all(entry <= limit for entry, limit in zip(found[1:], limits, strict=True)):
        return
    said = ",".join(map(str, found))
    if kind != "weight":
        raise OptionError(f"Layer {k} has units 1 to {sizes[k]}; got `{kind}` {said}.")
    turned = found[2] <= limits[0] and to <= limits[1]
    hint = f"the order is layer, to, from; did you mean {k},{found[2]},{to}?" if turned else "units count from 1."
    raise OptionError(f"W_{k} is ({limits[0]}, {limits[1]}): to units 1 to {limits[0]}, from units 1 to {limits[1]}; "
                      f"got `weight` {said}.", hint=hint)  # fmt: skip
