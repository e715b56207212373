# SPDX-License-Identifier: MIT
"""The rivals, a file for each framework, and the problem that all of them are given.

Each file says how its own documentation advises to write the thing, and imports its framework at its head, so that a
machine without it leaves the file out. None knows how it is timed.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

import culpa

ROOM = 2 << 30
"""Bytes that all examples' gradients may take."""


class Problem(NamedTuple):
    """A network and a batch, float32."""

    network: culpa.Network
    X: NDArray[np.float32]
    y: NDArray[np.int64]

    @property
    def title(self) -> str:
        """What it is called in tables and in kept results."""
        return f"{'-'.join(map(str, self.network.sizes))}, {len(self.X)} rows"

    @property
    def parameters(self) -> list[NDArray[np.float32]]:
        """W_1, b_1, W_2, b_2, …: in this order the entries make up culpa's flat gradient."""
        return [part for layer in self.network.layers for part in (layer.W, layer.b) if part is not None]

    def written_out_by(self, name: str) -> bool:
        """Whether a rival may write all examples' gradients out; says so where they are too large for that."""
        size = 4 * len(self.X) * self.network.n_parameters
        if size > ROOM:
            print(f"left out: {name} at {self.title}, because all gradients written out take {size / 2**30:.1f} GiB")
        return size <= ROOM


def posed(sizes: list[int], n: int) -> Problem:
    """A fresh ReLU network with cross-entropy, and a batch of noise."""
    random = np.random.default_rng(0)
    X = random.normal(size=(n, sizes[0])).astype(np.float32)
    return Problem(culpa.Network.fresh(sizes, seed=0), X, random.integers(0, sizes[-1], n))
