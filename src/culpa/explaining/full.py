# SPDX-License-Identifier: MIT
"""Every number of a derivation, whole, as one table: what the matrices leave out when they are too large to print."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from culpa.explaining.symbols import Quantity, Role
from culpa.explaining.worth import Worth
from culpa.reporting.frames import Frame
from culpa.reporting.mathematics.expressions import lift

__all__ = ["full_numbers"]

NAMES: dict[Role, str] = {
    "ℓ": "loss",
    "t": "y",
    "h": "h",
    "W": "W",
    "b": "b",
    "a": "a",
    "δ": "delta",
    "dh": "dloss/dh",
    "dW": "dloss/dW",
    "db": "dloss/db",
    "∇W": "mean dloss/dW",
    "∇b": "mean dloss/db",
}
"""How each is called in the table; h of layer 0 is the input, and the loss is written beside the last layer."""
FORWARD: tuple[Role, ...] = ("W", "b", "a", "h")
BACKWARD: tuple[Role, ...] = ("dh", "δ", "dW", "db", "∇W", "∇b")


def full_numbers(worth: Worth) -> Frame:
    """The numbers of one example, and the gradient of the mean over all.

    Returns:
        A Frame: quantity, layer, unit and from (both from 1; from is 0 where there is none), value.

    Example:
        >>> from culpa.explaining.small import small_example
        >>> from culpa.explaining.worth import worth_of
        >>> table = full_numbers(worth_of(*small_example([2, 1])))
        >>> table.take(np.arange(2)).to_dict()["quantity"]
        ['h', 'h']
    """
    pieces = [columns_of(worth, role, k) for role, k in quantities(worth)]
    names = ("quantity", "layer", "unit", "from", "value")
    return Frame({name: np.concatenate(parts) for name, parts in zip(names, zip(*pieces, strict=True), strict=True)})


def quantities(worth: Worth) -> Iterator[tuple[Role, int]]:
    """Which quantities there are of which layers, in the order of the passes."""
    yield "h", 0
    for k, layer in enumerate(worth.network.layers, 1):
        for role in FORWARD:
            if role != "b" or layer.b is not None:
                yield role, k
    yield "t", worth.depth
    yield "ℓ", worth.depth
    for k, layer in reversed(list(enumerate(worth.network.layers, 1))):
        for role in BACKWARD:
            if not (role == "dh" and k == worth.depth) and (role not in ("db", "∇b") or layer.b is not None):
                yield role, k
    yield "dh", 0


def columns_of(worth: Worth, role: Role, k: int) -> tuple[NDArray[np.generic], ...]:
    """One quantity of one layer, entry by entry."""
    values = np.atleast_2d(worth.of(Quantity(role, lift(k))))
    units, sources = np.ogrid[1 : len(values) + 1, 1 : values.shape[1] + 1]
    units, sources = np.broadcast_arrays(units, sources)
    if role not in ("W", "dW", "∇W"):
        sources = np.zeros_like(units)
    name, layer = np.full(values.size, NAMES[role]), np.full(values.size, k)
    return name, layer, units.ravel(), sources.ravel(), values.ravel()
