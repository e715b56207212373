# SPDX-License-Identifier: MIT
"""Probes: small networks with data on which as many mistakes as possible show, for functions that can be called.

    generic     all widths and n different, so that nothing fits by accident
    square      all widths equal, so that what fits by accident is seen to be wrong
    kink        a unit without weights and bias in every layer that has a kink, so that it stands at exactly 0

n ≥ 3, b ≠ 0, |a| near 1, a penalty, no class empty, some units off in every layer. A verdict holds on all of them.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from culpa.checking.mistakes.scene import Scene, scene_of
from culpa.engine.network import Network
from culpa.engine.streams import stream
from culpa.engine.targets import admit_targets

__all__ = ["LAYOUTS", "Layout", "Probe", "arguments", "probes_for"]

Layout = Literal["rows", "transposed", "columns"]
LAYOUTS: tuple[Layout, ...] = get_args(Layout)

L2 = 0.1
WIDTHS = (5, 7, 6, 8, 4, 9)
"""The widths of a generic probe's hidden layers, over and over; neighbours differ."""


class Probe(NamedTuple):
    """A network with data, and why.

    Attributes:
        name: "generic", "square" or "kink".
        network: A network as deep as the user's, with its activations and loss.
        X: Inputs (n, d_0).
        y: Class indices (n,), or rows (n, d_L).
    """

    name: str
    network: Network
    X: NDArray[Any]
    y: NDArray[Any]

    def scene(self, summed: bool = False) -> Scene:
        """The same with its forward pass run."""
        n, network = len(self.X), self.network
        targets = admit_targets(self.y, n, network.loss.targets, network.sizes[-1], np.float64)
        return scene_of(network, self.X, targets, np.full(n, 1.0 if summed else 1 / n))


def probes_for(network: Network, l2: bool) -> tuple[Probe, ...]:
    """The probes for a network's depth, activations and loss.

    Args:
        network: The network; its sizes and parameters play no part, except whether it has one output or several.
        l2: Whether there is a penalty.
    """
    depth, outputs = len(network.layers), network.sizes[-1]
    last = 1 if outputs == 1 else 3
    inner = [WIDTHS[k % len(WIDTHS)] for k in range(depth - 1)]
    side = 5
    shapes = {
        "generic": ([4, *inner, last], 11),
        "square": ([side] * depth + [1 if outputs == 1 else side], 7),
    }
    found = [probe(name, network, sizes, n, l2) for name, (sizes, n) in shapes.items()]
    if any(layer.activation.kinks for layer in network.layers[:-1]):
        found.append(with_kink(found[0]))
    return tuple(found)


def probe(name: str, network: Network, sizes: Sequence[int], n: int, l2: bool) -> Probe:
    """Random parameters and data of given sizes; drawn again until units of every hidden layer are on and off."""
    random = stream(len(sizes) * 100 + n, "probes")
    for _ in range(1000):
        weights = [random.normal(0, 1.3 / np.sqrt(below), (above, below)) for below, above in pairwise(sizes)]
        biases = [
            None if layer.b is None else random.normal(0, 0.5, d)
            for layer, d in zip(network.layers, sizes[1:], strict=True)
        ]
        layers = [replace(layer, W=W, b=b) for layer, W, b in zip(network.layers, weights, biases, strict=True)]
        made = replace(network, layers=tuple(layers), l2=L2 if l2 else 0.0, training=None, columns=None)
        X, y = random.normal(size=(n, sizes[0])), targets(network, n, sizes[-1], random)
        scene = Probe(name, made, X, y).scene()
        if all(off_and_on(a) for a in scene.a[1:-1]) and np.abs(scene.a[-1]).max() < 4:
            break
    return Probe(name, made, X, y)


def off_and_on(a: NDArray[Any]) -> bool:
    """Whether most units are on for some examples and off for others, and none is far out."""
    return bool(((a > 0).any(axis=0) & (a < 0).any(axis=0)).mean() > 0.6 and np.abs(a).max() < 5)


def targets(network: Network, n: int, outputs: int, random: np.random.Generator) -> NDArray[Any]:
    """Targets of the loss's kind; every class has an example."""
    kind = network.loss.targets
    if kind == "classes":
        return random.permutation(np.arange(n) % outputs)
    if kind == "labels":
        return (np.arange(n * outputs).reshape(n, outputs) * 7 % 3 == 0).astype(np.float64)
    if kind == "counts":
        return random.poisson(2.0, (n, outputs)).astype(np.float64)
    return random.normal(0, 1.5, (n, outputs))


def with_kink(found: Probe) -> Probe:
    """A generic probe in which the first unit of every layer with a kink has no weights and no bias: it stands at 0."""
    layers = []
    for layer in found.network.layers:
        W, b = layer.W.copy(), None if layer.b is None else layer.b.copy()
        if layer.activation.kinks:
            W[0] = 0.0
            if b is not None:
                b[0] = 0.0
        layers.append(replace(layer, W=W, b=b))
    return found._replace(name="kink", network=replace(found.network, layers=tuple(layers)))


def arguments(found: Probe, layout: Layout = "rows") -> tuple[Any, ...]:
    """What a user's function is called with, l2 last: copies that it may change.

    Args:
        found: The probe.
        layout: "rows" gives W (units, inputs) and examples in rows; "transposed" W (inputs, units); "columns" examples
            in columns and biases as columns.
    """
    layers = found.network.layers
    weights = [layer.W.copy() for layer in layers]
    biases = [None if layer.b is None else layer.b.copy() for layer in layers]
    X, y = found.X.copy(), found.y.copy()
    if layout == "transposed":
        weights = [W.T.copy() for W in weights]
    if layout == "columns":
        biases = [None if b is None else b[:, None] for b in biases]
        X, y = X.T.copy(), y.T.copy()
    return weights, biases, X, y, found.network.l2
