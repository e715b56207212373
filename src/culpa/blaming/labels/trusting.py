# SPDX-License-Identifier: MIT
"""Trust: how far the network's last word on a label counts, although it has seen the label.

    m        by how much more of the rows whose label the forest contradicts get it from the network that has seen them
             than from one that has not; 1 where nothing tells
    p        sign test: were network and forest as good on rows that neither has seen, how often would luck be as far
             against the network
    trust    (1 − m)⁴ · p, from 0 to 1

The network's probabilities are trust · its last ones + (1 − trust) · their mean over the training, and they count
1 + 8 · trust times beside the forest's. docs/labels.md says what that finds. Knows counts of rows alone: the loss may
have any unit.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["share_by_heart", "times_of", "trust_in", "weighed"]

Marks = NDArray[np.bool_]
Numbers = NDArray[np.float64]
STEEP, MOST = 4, 8.0
"""The power of 1 − m, and what a trusted network counts more than the forest."""


def share_by_heart(contradicted: Marks, given: Marks, unseen: Numbers | None, weights: Numbers | None = None) -> float:
    """By how much more of some rows get their label from a network that has seen them, from 0 to 1; 1 if none tells.

    Args:
        contradicted: Which rows (n,) are asked: those whose label the forest contradicts, out of the bag.
        given: Whether the network that has seen the row gives it its label (n,).
        unseen: Whether one that has not does (n,), 1 or 0; NaN where none is at hand.
        weights: Of the rows (n,) in the first one's training, or None; it has not seen those of weight 0.

    (g + 1) / (k + 1) for g of k seen rows, less g / (k + 1) for unseen ones: a few rows earn no trust.

    Example:
        >>> asked = np.repeat([True, False], [9, 1])
        >>> share_by_heart(asked, ~asked, np.ones(10)), share_by_heart(asked, asked, np.zeros(10))
        (0.0, 1.0)
    """
    if unseen is None:
        return 1.0
    seen = contradicted if weights is None else contradicted & (weights > 0)
    apart = contradicted & np.isfinite(unseen)
    if not seen.any() or not apart.any():
        return 1.0
    share = (given[seen].sum() + 1) / (np.count_nonzero(seen) + 1) - unseen[apart].sum() / (np.count_nonzero(apart) + 1)
    return float(np.clip(share, 0.0, 1.0))


def trust_in(by_heart: float, forest_right: Marks, unseen: Numbers | None) -> float:
    """How far the network's last word counts, from 0 to 1; 0 where no network is at hand that has not seen rows.

    Args:
        by_heart: As `share_by_heart` says.
        forest_right: Whether the forest gives the row its label (n,), out of the bag.
        unseen: As for `share_by_heart`.

    Example:
        >>> trust_in(0.0, np.array([True, False]), np.array([1.0, 1.0])), trust_in(1.0, np.array([True]), np.ones(1))
        (1.0, 0.0)
    """
    from scipy.stats import binomtest

    if unseen is None:
        return 0.0
    network_alone = int(np.count_nonzero((unseen == 1) & ~forest_right))
    forest_alone = int(np.count_nonzero((unseen == 0) & forest_right))
    differing = network_alone + forest_alone
    behind = network_alone < forest_alone
    luck = float(binomtest(network_alone, differing).pvalue) if behind else 1.0
    return (1 - by_heart) ** STEEP * luck


def times_of(trust: float) -> float:
    """How often the network counts beside the forest."""
    return 1 + MOST * trust


def weighed(network: Numbers, forest: Numbers, trust: float) -> Numbers:
    """Both witnesses' probabilities (n, K), as often as each counts."""
    times = times_of(trust)
    found: Numbers = (times * network + forest) / (times + 1)
    return found
