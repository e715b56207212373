# SPDX-License-Identifier: MIT
"""How an answer of ours is held against an oracle's, and the errors that are planted to show that it can fail.

    assert_same    ‖mine − oracle‖ ≤ 1e-12 ‖oracle‖          one number for the whole gradient
    assert_zeros   where the oracle is exactly 0, mine is    what no data reaches has no gradient, not a small one
    assert_digits  |mine − oracle| ≤ 1e-10 |oracle|          entry by entry, for saturated outputs

An answer that is not finite, or of another shape, is never the same. Knows no oracle.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa import Network

TINIEST = 1e-290
"""Below this a float64 loses digits on its way to underflow, and so do products of which one factor is that small."""


def admitted(mine: object, oracle: object) -> tuple[NDArray[Any], NDArray[Any]]:
    """Both answers as arrays of one shape, all finite."""
    left, right = np.asarray(mine), np.asarray(oracle)
    assert left.shape == right.shape, f"shapes differ: mine {left.shape}, the oracle's {right.shape}"
    assert np.isfinite(right).all(), "the oracle's answer is not finite"
    assert np.isfinite(left).all(), "my answer is not finite"
    return left, right


def assert_same(mine: object, oracle: object, *, within: float = 1e-12, scale: float | None = None) -> None:
    """Refuse an error above `within` of the oracle's norm over all entries, or of a `scale` for answers that cancel."""
    left, right = admitted(mine, oracle)
    error, norm = np.linalg.norm(left - right), np.linalg.norm(right) if scale is None else scale
    if error > within * norm:
        worst = np.unravel_index(np.abs(left - right).argmax(), left.shape)
        raise AssertionError(
            f"error {error:.3g} is {error / norm if norm else np.inf:.3g} of the norm, above {within:g}; "
            f"worst at {tuple(map(int, worst))}: mine {left[worst]!r}, the oracle's {right[worst]!r}"
        )


def assert_zeros(mine: object, oracle: object) -> None:
    """Refuse anything but exactly 0 where the oracle has exactly 0."""
    left, right = admitted(mine, oracle)
    wrong = np.argwhere((right == 0) & (left != 0))
    assert len(wrong) == 0, f"{len(wrong)} entries ought to be 0; the first is {tuple(map(int, wrong[0]))}"


def assert_digits(mine: object, oracle: object, *, within: float = 1e-10) -> None:
    """Refuse an entry whose own relative error is above `within`; entries that underflow need only be as tiny."""
    left, right = admitted(mine, oracle)
    bar = np.where(np.abs(right) > TINIEST, within * np.abs(right), TINIEST)
    wrong = np.argwhere(np.abs(left - right) > bar)
    if len(wrong):
        worst = tuple(map(int, wrong[0]))
        raise AssertionError(f"entry {worst}: mine {left[worst]!r}, the oracle's {right[worst]!r}")


Corruption = Callable[[Network, NDArray[Any]], NDArray[Any]]


def blocks(network: Network, flat: NDArray[Any]) -> list[NDArray[Any]]:
    """The parts of a flat vector in its order W_1, b_1, W_2, …, each in its parameter's shape, as views."""
    shapes = [part.shape for layer in network.layers for part in (layer.W, layer.b) if part is not None]
    ends = list(accumulate(int(np.prod(shape)) for shape in shapes))
    assert ends[-1] == len(flat), f"expected {ends[-1]} entries, got {len(flat)}"
    return [part.reshape(shape) for part, shape in zip(np.split(flat, ends[:-1]), shapes, strict=True)]


def wrong_sign(network: Network, flat: NDArray[Any]) -> NDArray[Any]:
    """The entry of median size gets the other sign."""
    wrong = flat.copy()
    wrong[np.abs(flat).argsort()[len(flat) // 2]] *= -1
    return wrong


def transposed(network: Network, flat: NDArray[Any]) -> NDArray[Any]:
    """The first matrix is laid out column by column."""
    first, *others = blocks(network, flat)
    return np.concatenate([first.T.ravel(), *(part.ravel() for part in others)])


def bias_forgotten(network: Network, flat: NDArray[Any]) -> NDArray[Any]:
    """The first layer's bias has no gradient."""
    first, second, *others = blocks(network, flat)
    return np.concatenate([part.ravel() for part in (first, 0 * second, *others)])


PLANTED: dict[str, Corruption] = {
    "wrong sign in one entry": wrong_sign,
    "transposed matrix": transposed,
    "bias forgotten": bias_forgotten,
    "all entries 1e-9 too large": lambda network, flat: flat * (1 + 1e-9),
    "one entry off by 1e-11 of the norm": lambda network, flat: (
        flat + 1e-11 * np.linalg.norm(flat) * np.eye(1, len(flat), len(flat) - 1)[0]
    ),
    "one entry not a number": lambda network, flat: np.where(np.arange(len(flat)) == 1, np.nan, flat),
    "one entry missing": lambda network, flat: flat[:-1],
}
"""Mistakes in the finished gradient."""


def with_rows(network: Network, **changes: Callable[[Any], Any]) -> Network:
    """The network with other slopes in its hidden layers, or another delta of its loss."""
    layers = list(network.layers)
    if "slope" in changes:
        layers[:-1] = [
            replace(layer, activation=replace(layer.activation, slope=changes["slope"](layer.activation)))
            for layer in layers[:-1]
        ]
    loss = replace(network.loss, delta=changes["delta"](network.loss)) if "delta" in changes else network.loss
    return replace(network, layers=tuple(layers), loss=loss)


MISTAKEN: dict[str, Callable[[Network], Network]] = {
    "slope forgotten": lambda network: with_rows(network, slope=lambda g: np.ones_like),
    "slope at the output": lambda network: with_rows(network, slope=lambda g: lambda a: g.slope(g.value(a))),
    "delta doubled": lambda network: with_rows(network, delta=lambda loss: lambda a, t: 2 * loss.delta(a, t)),
    "target of the neighbour": lambda network: with_rows(
        network, delta=lambda loss: lambda a, t: loss.delta(a, np.roll(t, 1, axis=0))
    ),
}
"""Mistakes in the backward pass, made through the tables' rows; losses and outputs stay right."""
