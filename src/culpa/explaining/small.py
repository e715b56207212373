# SPDX-License-Identifier: MIT
"""Small networks with round numbers, which can be followed by hand: inputs, weights and biases with one decimal."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.engine.activations import Activation
from culpa.engine.arrays import whole_number
from culpa.engine.losses import Loss, loss_named
from culpa.engine.network import Network
from culpa.engine.streams import stream

__all__ = ["Small", "small_example"]


class Small(NamedTuple):
    """A network with data.

    Attributes:
        network: In float64, its parameters ±0.1 … ±0.9.
        X: Inputs (n, d_0), likewise.
        y: Targets of the kind that the loss takes.
    """

    network: Network
    X: NDArray[Any]
    y: NDArray[Any]


def small_example(
    sizes: Sequence[int],
    *,
    activation: str | Activation = "logistic",
    loss: str | Loss | None = None,
    examples: int = 3,
    seed: int = 0,
) -> Small:
    """Make a network and a few examples whose numbers have one decimal.

    Args:
        sizes: The widths d_0, d_1, …, d_L.
        activation: That of the hidden layers.
        loss: By default cross_entropy for several outputs, binary_cross_entropy for one.
        examples: How many.
        seed: The same seed gives the same numbers.

    Raises:
        OptionError: As `Network.fresh`.

    Example:
        >>> small = small_example([2, 2, 1], seed=1)
        >>> small.network, small.X.shape, small.y.shape
        (Network(2-2-1, logistic, binary_cross_entropy, float64, 9 parameters), (3, 2), (3, 1))
    """
    count = whole_number("examples", examples)
    shape = Network.fresh(sizes, hidden=activation, loss=loss or "squared_error", seed=seed, dtype="float64")
    row = loss_named(("cross_entropy" if shape.sizes[-1] > 1 else "binary_cross_entropy") if loss is None else loss)
    random = stream(seed, "examples")

    def tenths(*size: int) -> NDArray[Any]:
        return random.integers(1, 10, size) * random.choice([-1, 1], size) / 10

    weights = [tenths(*layer.W.shape) for layer in shape.layers]
    # The errors of a softmax add up to 0, and a unit with equal weights would get nothing of them but rounding.
    while shape.sizes[-1] > 1 and (equal := np.flatnonzero(np.ptp(weights[-1], axis=0) == 0)).size:
        weights[-1][:, equal] = tenths(shape.sizes[-1], len(equal))
    biases = [tenths(len(layer.W)) for layer in shape.layers]
    network = Network.from_arrays(weights, biases, hidden=activation, loss=row)
    X, outputs = tenths(count, shape.sizes[0]), shape.sizes[-1]
    targets: dict[str, NDArray[Any]] = {
        "classes": np.arange(count) % outputs,
        "labels": random.integers(0, 2, (count, outputs)).astype(float),
        "numbers": tenths(count, outputs),
        "counts": random.integers(0, 4, (count, outputs)).astype(float),
    }
    return Small(network, X, targets[row.targets])
