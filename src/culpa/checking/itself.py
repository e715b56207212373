# SPDX-License-Identifier: MIT
"""culpa checks itself: every activation of the table with every loss, on this machine and these versions.

A small network with random biases and a penalty for each pair, all sizes different, checked entry by entry. Knows the
tables, and no data but what it draws.
"""

from collections.abc import Iterator
from itertools import pairwise, product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.checking.networks import check
from culpa.checking.verdicts import Check
from culpa.engine.activations import ACTIVATIONS
from culpa.engine.losses import LOSSES
from culpa.engine.network import Network
from culpa.engine.streams import stream
from culpa.reporting.progress import Show, progress

__all__ = ["Pairing", "check_itself", "small_network"]

SIZES = (3, 5, 4, 2)
ROWS = 9


class Pairing(NamedTuple):
    """One cell of the table.

    Attributes:
        loss, activation: Their names.
        check: What `check` says of a network with both.
    """

    loss: str
    activation: str
    check: Check


def check_itself(*, seed: int = 0, show_progress: Show = "auto") -> tuple[Pairing, ...]:
    """Check the gradient for every loss with every activation, loss by loss.

    Args:
        seed: Of the networks, the data and the directions.
        show_progress: "auto" shows a bar on a terminal.
    """
    with progress("checking", len(LOSSES) * len(ACTIVATIONS), show=show_progress) as advance:

        def pairings() -> Iterator[Pairing]:
            for loss, activation in product(LOSSES, ACTIVATIONS):
                network, X, y = small_network(loss, activation, seed)
                yield Pairing(loss, activation, check(network, X, y, seed=seed))
                advance(loss)

        return tuple(pairings())


def small_network(loss: str, activation: str, seed: int) -> tuple[Network, NDArray[Any], NDArray[Any]]:
    """A network with biases and a penalty, inputs and targets of its kind.

    Example:
        >>> small_network("poisson", "tanh", 0)[0]
        Network(3-5-4-2, tanh, poisson, float64, l2=0.01, 54 parameters)
    """
    random = stream(seed, "weights")
    weights = [random.normal(0, 1 / np.sqrt(below), (above, below)) for below, above in pairwise(SIZES)]
    biases = [random.normal(0, 0.5, width) for width in SIZES[1:]]
    targets = {
        "classes": random.integers(0, SIZES[-1], ROWS),
        "labels": random.random((ROWS, SIZES[-1])),
        "numbers": random.normal(size=(ROWS, SIZES[-1])),
        "counts": random.poisson(2.0, (ROWS, SIZES[-1])),
    }
    network = Network.from_arrays(weights, biases, hidden=activation, loss=loss, l2=0.01)
    return network, random.normal(size=(ROWS, SIZES[0])), targets[network.loss.targets]
