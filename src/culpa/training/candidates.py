# SPDX-License-Identifier: MIT
"""Candidates: which other choices a search tries, and in which order. Knows no rows, no scores and no clock."""

from collections.abc import Collection
from itertools import product
from typing import Any

import numpy as np

from culpa.engine.streams import stream
from culpa.errors import OptionError, unknown_name
from culpa.training.choosing import Choice

__all__ = ["SPACE", "candidates"]

SPACE: dict[str, tuple[Any, ...]] = {
    "hidden": ((), (32,), (128,), (32, 16), (64, 32), (128, 64), (256, 128)),
    "activation": ("relu", "tanh", "silu"),
    "learning_rate": (3e-4, 1e-3, 3e-3, 1e-2),
    "l2": (0.0, 1e-5, 1e-4, 1e-3, 1e-2, 0.1),
    "dropout": (0.0, 0.1, 0.25, 0.5),
}
"""What is searched, and the values that are tried: the default's own ones belong to them in any case."""

KEPT = 0.5
"""How probably a challenger leaves an entry as the default has it: most are near to it, a few are far away."""


def candidates(default: Choice, *, fixed: Collection[str] = (), seed: int = 0) -> list[Choice]:
    """All choices that a search may try, the default first, then the challengers in the order of a fixed draw.

    Each is drawn once, without replacement. The k-th one depends on the default, on what is fixed and on the seed, and
    on nothing else: a longer search tries the same ones and then more.

    Args:
        default: Where the search starts.
        fixed: Entries of the Choice that the reader has said, which stay as they are.
        seed: Of the order.

    Raises:
        OptionError: If nothing is left to search.

    Example:
        >>> default = Choice(hidden=(8,), epochs=10, batch_size=32, learning_rate=0.001)
        >>> found = candidates(default, fixed=["hidden", "l2", "dropout"])
        >>> len(found), [(one.activation, one.learning_rate) for one in found[:3]]
        (12, [('relu', 0.001), ('silu', 0.01), ('silu', 0.001)])

    Source: Efraimidis and Spirakis 2006, "Weighted random sampling with a reservoir", for the order.
    """
    for name in fixed:
        if name not in default.__dataclass_fields__:
            raise unknown_name("option", name, default.__dataclass_fields__)
    free = [name for name in SPACE if name not in fixed]
    axes = [dict.fromkeys((getattr(default, name), *SPACE[name])) for name in free]
    weight: dict[Choice, float] = {}
    for entries in product(*axes):
        changes = sum(entry != getattr(default, name) for name, entry in zip(free, entries, strict=True))
        one = sensible(default, dict(zip(free, entries, strict=True)))
        if one is not None:
            others = [len(axis) - 1 for axis, entry in zip(axes, entries, strict=True) if entry != next(iter(axis))]
            probability = KEPT ** (len(free) - changes) * (1 - KEPT) ** changes / float(np.prod(others))
            weight[one] = weight.get(one, 0.0) + probability
    weight.pop(default, None)
    if not weight:
        raise OptionError(
            "Nothing is left to search: everything that a search may change is given.",
            hint=f"leave one of these out: {', '.join(SPACE)}.",
        )
    random = np.random.RandomState(stream(seed, "candidates").integers(2**32))
    keys = -np.log(random.random_sample(len(weight))) / np.array(list(weight.values()))
    challengers = list(weight)
    return [default, *(challengers[k] for k in np.argsort(keys, kind="stable"))]


def sensible(default: Choice, entries: dict[str, Any]) -> Choice | None:
    """A choice with these entries; without hidden layers those that mean nothing then are as in the default, or 0."""
    hidden = entries.get("hidden", default.hidden)
    if not hidden:
        if "dropout" not in entries and default.dropout:
            return None
        entries = {name: entry for name, entry in entries.items() if name not in ("activation", "dropout")}
        entries["dropout"] = 0.0
    return default.but(**entries)
