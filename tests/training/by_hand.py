# SPDX-License-Identifier: MIT
"""A training written out: shuffled mini-batches, the functional gradient, one heavy-ball step each.

What `fit` offers as an option is a plain function here, given by the test. Knows neither the workspace nor the learner;
all that it shares with `fit` is the stream that shuffles.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import culpa
from culpa import Gradient, Network
from culpa.engine.streams import stream


class After(NamedTuple):
    """Where an epoch ended, and what its batches showed before their steps.

    Attributes:
        network: The network after the epoch.
        losses: Σ_i s_i ℓ_i / n of each batch of n.
        norms: ‖∇‖ of each batch's objective, as it was before `of_batch`.
        sizes: Rows in each batch.
        gradients: Each batch's own gradient, all examples equal.
    """

    network: Network
    losses: list[float]
    norms: list[float]
    sizes: list[int]
    gradients: list[Gradient]


def training(
    network: Network,
    X: NDArray[Any],
    y: NDArray[Any],
    *,
    epochs: int = 3,
    batch_size: int = 10,
    rate: Callable[[int], float] = lambda step: 0.1,
    momentum: float = 0.9,
    weights: NDArray[Any] | None = None,
    seed: int = 0,
    of_examples: Callable[[Gradient], Gradient] = lambda g: g,
    of_batch: Callable[[NDArray[Any]], NDArray[Any]] = lambda total: total,
) -> Iterator[After]:
    """Stochastic gradient descent, epoch by epoch.

    Args:
        network: Where it starts, with its loss and penalty.
        X, y: Rows to learn from.
        epochs, batch_size, momentum, seed: As for `fit`.
        rate: η of a step, counted from 0 through the whole training.
        weights: Sample weights, which are scaled to a mean of 1.
        of_examples: What becomes of each batch's factored gradient, such as clipping.
        of_batch: What becomes of its vector, penalty included.
    """
    s = np.ones(len(X)) if weights is None else weights / weights.mean()
    theta, random, step = culpa.flatten(network), stream(seed, "shuffling"), 0
    velocity = np.zeros_like(theta)
    for _ in range(epochs):
        order = random.permutation(len(X))
        seen = After(network, [], [], [], [])
        for start in range(0, len(X), batch_size):
            rows = order[start : start + batch_size]
            g = culpa.gradient(culpa.unflatten(network, theta), X[rows], y[rows])
            weighted = of_examples(g.reweighted(s[rows] / len(rows)))
            seen.losses.append(float(s[rows] @ g.losses) / len(rows))
            seen.norms.append(float(np.linalg.norm(weighted.total())))
            seen.sizes.append(len(rows))
            seen.gradients.append(g)
            velocity = momentum * velocity + of_batch(weighted.total())
            theta = theta - rate(step) * velocity
            step += 1
        yield seen._replace(network=culpa.unflatten(network, theta))


def trained(network: Network, X: NDArray[Any], y: NDArray[Any], **options: Any) -> NDArray[Any]:
    """The parameters at the end, in the order of `flatten`."""
    return culpa.flatten([after.network for after in training(network, X, y, **options)][-1])
