# SPDX-License-Identifier: MIT
"""Random numbers: one seed, a separate stream for each use, so that one option does not disturb another."""

from typing import Literal, get_args

import numpy as np

from culpa.errors import OptionError

__all__ = ["Use", "stream"]

Use = Literal[
    "weights",
    "shuffling",
    "splitting",
    "dropout",
    "directions",
    "probes",
    "examples",
    "mistakes",
    "folds",
    "candidates",
    "baselines",
    "forest",
    "planting",
    "bags",
    "exchanging",
]


def stream(seed: int, use: Use) -> np.random.Generator:
    """Open the stream of random numbers that belongs to `seed` and one use of it.

    Args:
        seed: A whole number, 0 or more.
        use: What the numbers are for.

    Raises:
        OptionError: If the seed is negative or not a whole number.

    Example:
        >>> stream(7, "weights").random() == stream(7, "weights").random()
        True
        >>> stream(7, "weights").random() == stream(7, "shuffling").random()
        False
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise OptionError(f"`seed` must be a whole number, 0 or more; got {seed!r}.")
    return np.random.default_rng(np.random.SeedSequence(int(seed), spawn_key=(get_args(Use).index(use),)))
