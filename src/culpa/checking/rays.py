# SPDX-License-Identifier: MIT
"""Where a gradient is looked at: blocks of a flat vector θ, and rays from θ into one block at a time.

    θ(t) = θ + t v        v a unit vector of one block: a single axis, or spherical and random

A ray also says how far is far along it, which is where differences begin. Knows no function and no gradient.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from culpa.engine.arrays import Flat

__all__ = ["Block", "Ray", "random_rays", "rays_of"]


TINY = 1e-3
"""An entry smaller than this share of its block is taken to be in a smaller unit."""


class Block(NamedTuple):
    """A named part of the flat vector.

    Attributes:
        name: As the verdict calls it.
        part: Its place in θ.
    """

    name: str
    part: slice

    @property
    def size(self) -> int:
        """How many entries it has."""
        return int(self.part.stop - self.part.start)


class Ray(NamedTuple):
    """A way to go from θ.

    Attributes:
        v: A unit vector (p,), zero outside its block.
        reach: A step of this length changes the entries that move by about their own size.
    """

    v: Flat
    reach: float


def rays_of(
    random: np.random.Generator, theta: Flat, block: Block, *, directions: int, entries: int, budget: int
) -> Iterator[Ray]:
    """Every axis of the block if θ or the block is small; else random directions, and a sample of its axes."""
    if len(theta) <= budget or block.size <= directions + entries:
        chosen = np.arange(block.size)
    else:
        yield from random_rays(random, theta, block, directions)
        chosen = np.sort(random.choice(block.size, entries, replace=False))
    size = typical(theta, block)
    for j in chosen + block.part.start:
        v = np.zeros(len(theta))
        v[j] = 1
        own = abs(float(theta[j]))
        yield Ray(v, own if 0 < own < TINY * size else max(size, own))


def random_rays(random: np.random.Generator, theta: Flat, block: Block, count: int) -> Iterator[Ray]:
    """Spherical random directions within the block."""
    reach = typical(theta, block) * np.sqrt(block.size)
    for _ in range(count):
        v = np.zeros(len(theta))
        draw = random.normal(size=block.size)
        v[block.part] = draw / np.linalg.norm(draw)
        yield Ray(v, float(reach))


def typical(theta: Flat, block: Block) -> float:
    """The root mean square of the block's entries; of all entries where the block is zero, and 1 where all are."""
    for part in (theta[block.part], theta):
        largest = float(np.abs(part).max(initial=0.0))
        if largest > 0:
            return largest * float(np.sqrt(np.mean((part / largest) ** 2)))
    return 1.0
