# SPDX-License-Identifier: MIT
"""Neighbours: the numbers that a reader may have found in place of the right one, each with what it would be.

    the batch's     Σ_m w_m δ h in place of δ h           the transposed entry      W_{k,ji} in place of W_{k,ij}
    the slope       ∂ℓ/∂h in place of δ                   the same entry            of the layer above or below
    the output's    h − y in place of (h − y) g′          every other entry         of a small matrix

All are the engine's numbers. Whether the reader's is one of them is told in `likenesses`.
"""

from collections.abc import Container, Iterator

import numpy as np
from numpy.typing import NDArray

from culpa.explaining.tracing.likenesses import Likeness, constants
from culpa.explaining.tracing.witnesses import Thing
from culpa.explaining.worth import Worth

__all__ = ["neighbours"]

SLOPED = ("logistic_squared_error", "softmax_squared_error")
"""The losses in whose error the slope of the output stays."""
MOST_ENTRIES = 36
"""Of a larger matrix, some entry matches almost any number of three digits."""


def neighbours(worth: Worth, thing: Thing, value: float) -> Iterator[Likeness]:
    """What else a number could be: constants first, then the batch's, then what lies beside it.

    Args:
        worth: The network, and the example.
        thing: What the loss is differentiated by.
        value: The right number.
    """
    yield from constants(value, len(worth.X))
    yield from of_the_batch(worth, thing)
    yield from of_its_factors(worth, thing)
    places = dict(other_places(worth, thing))
    for place, name in places.items():
        yield Likeness(name, float(numbers(worth, place)[worth.example]))
    yield from of_the_same_layer(worth, thing, places)
    for m in (worth.example - 1, worth.example + 1):
        if 0 <= m < len(worth.X):
            yield Likeness(f"that of example {worth.called(m)}", float(numbers(worth, thing)[m]))


def numbers(worth: Worth, thing: Thing) -> NDArray[np.float64]:
    """The number for every example (n,)."""
    if thing.role == "h":
        return worth.layers("dh", thing.layer)[:, thing.unit - 1]
    delta = worth.layers("δ", thing.layer)[:, thing.unit - 1]
    if thing.role != "W":
        return delta
    return np.asarray(delta * worth.layers("h", thing.layer - 1)[:, thing.source - 1])


def of_the_batch(worth: Worth, thing: Thing) -> Iterator[Likeness]:
    """The mean and the sum over all examples, and the mean with the penalty's part."""
    if len(worth.X) > 1:
        own = numbers(worth, thing)
        mean = float(worth.gradient.w @ own)
        yield Likeness("the mean over the batch", mean)
        yield Likeness("the sum over the batch", float(own.sum()))
        if thing.role == "W" and worth.network.l2:
            decay = worth.network.l2 * worth.network.layers[thing.layer - 1].W[thing.unit - 1, thing.source - 1]
            yield Likeness("the mean over the batch with the penalty's part", mean + float(decay))


def of_its_factors(worth: Worth, thing: Thing) -> Iterator[Likeness]:
    """What comes out when a factor is left out or taken from elsewhere."""
    role, k, i, j, m = (*thing, worth.example)
    if role == "h" and k > 0:
        yield Likeness("its error, which has the slope as a factor too", float(worth.layers("δ", k)[m, i - 1]))
    if role == "h":
        return
    h = float(worth.layers("h", k - 1)[m, j - 1]) if role == "W" else 1.0
    if k < worth.depth:
        yield Likeness("what it is without the slope of its unit", float(worth.layers("dh", k)[m, i - 1]) * h)
    elif worth.network.loss.name in SLOPED:
        plain = float(worth.layers("h", k)[m, i - 1] - worth.targets[m, i - 1])
        yield Likeness("what it is without the slope of the output", plain * h)
    if role == "W":
        delta = float(worth.layers("δ", k)[m, i - 1])
        yield Likeness("the error alone, without the output", delta)
        yield Likeness("the output alone, without the error", h)
        if k > 1:
            yield Likeness(
                "the error times the sum from before the activation", delta * float(worth.layers("a", k - 1)[m, j - 1])
            )


def other_places(worth: Worth, thing: Thing) -> Iterator[tuple[Thing, str]]:
    """The transposed entry, the same place in the layers beside, and the place as counted from 0."""
    others = []
    if thing.role == "W" and thing.unit != thing.source:
        others.append((thing._replace(unit=thing.source, source=thing.unit), "the transposed entry"))
    others.append((thing._replace(layer=thing.layer + 1), "the same entry of the layer above"))
    others.append((thing._replace(layer=thing.layer - 1), "the same entry of the layer below"))
    above = thing._replace(unit=thing.unit + 1, source=thing.source + 1)
    others.append((above, "the entry that these numbers mean when they count from 0"))
    return ((other, name) for other, name in others if exists(worth, other))


def of_the_same_layer(worth: Worth, thing: Thing, named: Container[Thing]) -> Iterator[Likeness]:
    """Every other entry of the same matrix or vector, unless it has a name; nothing where there are many."""
    sizes, k, is_weight = worth.network.sizes, thing.layer, thing.role == "W"
    if sizes[k] * (sizes[k - 1] if is_weight else 1) > MOST_ENTRIES:
        return
    called = {"W": "weight ", "b": "bias ", "a": "unit ", "h": "unit "}[thing.role] + f"{k}," if k else "input "
    for i in range(1, sizes[k] + 1):
        for j in range(1, sizes[k - 1] + 1) if is_weight else (thing.source,):
            other = thing._replace(unit=i, source=j)
            if other != thing and other not in named:
                value = float(numbers(worth, other)[worth.example])
                yield Likeness(f"that of {called}{i}{f',{j}' if is_weight else ''}", value)


def exists(worth: Worth, thing: Thing) -> bool:
    """Whether the network has such a thing."""
    sizes, k = worth.network.sizes, thing.layer
    first, last = (0, worth.depth - 1) if thing.role == "h" else (1, worth.depth)
    if not first <= k <= last or thing.unit > sizes[k]:
        return False
    return thing.role != "W" or thing.source <= sizes[k - 1]
