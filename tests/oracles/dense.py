# SPDX-License-Identifier: MIT
"""The oracle without factors: everything that a Gradient answers, from the examples' gradients written out in full.

Takes G (n, p), one row an example, from whichever oracle made it, and the example weights w (n,). Nothing here knows
that a row of G is made of outer products; that is what the factors' formulas claim, and what they are tested for.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa import Network

Dense = NDArray[Any]


def batch(G: Dense, w: Dense) -> Dense:
    """Σ_i w_i g_i (p,)."""
    total = np.zeros(G.shape[1])
    for weight, g in zip(w, G, strict=True):
        total = total + weight * g
    return total


def norms(G: Dense) -> Dense:
    """‖g_i‖ (n,)."""
    return np.array([np.linalg.norm(g) for g in G])


def gram(G: Dense, other: Dense) -> Dense:
    """⟨g_i, g′_j⟩ (n, n′)."""
    return np.array([[np.dot(g, g_other) for g_other in other] for g in G])


def second_moment(G: Dense, w: Dense) -> Dense:
    """Σ_i w_i g_i² (p,)."""
    return batch(G**2, w)


def contributions(G: Dense, w: Dense) -> Dense:
    """|w_i| ‖g_i‖ (n,)."""
    return norms(w[:, None] * G)


class Clipped(NamedTuple):
    """The batch's gradient (p,) with every example's clipped, the weights that this amounts to, the share clipped."""

    flat: Dense
    share: float


def clipped(G: Dense, w: Dense, bound: float) -> Clipped:
    """Every example's gradient scaled down to the bound, then weighted and summed."""
    short, count = [], 0
    for g in G:
        length = np.sqrt(np.sum(g * g))
        count += int(length > bound)
        short.append(g * (bound / length) if length > bound else g)
    return Clipped(batch(np.array(short), w), count / len(G))


class Noise(NamedTuple):
    """The trace of the examples' covariance, the squared norm of their expectation, and the ratio."""

    scale: float
    trace: float
    signal: float


def noise(G: Dense) -> Noise:
    """By the covariance itself: NumPy's unbiased one, and ‖ḡ‖² less what noise adds to it, trace/n."""
    trace = float(sum(np.var(column, ddof=1) for column in G.T))
    mean = G.mean(axis=0)
    signal = float(mean @ mean) - trace / len(G)
    return Noise(trace / signal if signal > 0 else float("inf"), trace, signal)


class Parts(NamedTuple):
    """One layer's columns of G, in the parameters' shapes."""

    weight: Dense
    bias: Dense | None


def layers(network: Network, G: Dense) -> list[Parts]:
    """The examples' gradients, layer by layer: (n, d_k, d_k₋₁) and (n, d_k), None for a layer without biases."""
    answer, start = [], 0
    for layer in network.layers:
        weight = G[:, start : start + layer.W.size].reshape(len(G), *layer.W.shape)
        start += layer.W.size
        bias = None if layer.b is None else G[:, start : start + layer.b.size]
        start += 0 if layer.b is None else layer.b.size
        answer.append(Parts(weight, bias))
    return answer


class Factors(NamedTuple):
    """The K-FAC factors of one layer."""

    inputs: Dense
    outputs: Dense


def kronecker(delta: Dense, h: Dense, w: Dense, has_bias: bool) -> Factors:
    """Σ_i w_i h̃_i h̃_iᵀ and Σ_i w_i δ_i δ_iᵀ, one example at a time."""
    inputs, outputs = 0.0, 0.0
    for weight, d, x in zip(w, delta, h, strict=True):
        tall = np.append(x, 1.0) if has_bias else x
        inputs = inputs + weight * np.outer(tall, tall)
        outputs = outputs + weight * np.outer(d, d)
    return Factors(np.asarray(inputs), np.asarray(outputs))
