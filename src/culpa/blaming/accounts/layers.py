# SPDX-License-Identifier: MIT
"""Layers and their units: each one's part of the squared gradient norm and of ⟨∇, θ⟩, and how errors get through.

    share             ‖∇_k‖² / ‖∇‖²;                   of a unit, its row of (∇W_k, ∇b_k) for ∇_k
    first_order       ⟨∇W_k, W_k⟩ + ⟨∇b_k, b_k⟩;       of a unit, its row
    signal_to_noise   ‖∇_k‖² / Σ_i w_i ‖g_{k,i} − ∇_k‖²
    growth            √(Σ_i w_i ‖δ_{k,i}‖² / Σ_i w_i ‖δ_{k+1,i}‖²)
    update_to_weight  η ‖∇W_k‖ / ‖W_k‖
    decay             ‖l2 W_k‖, and its cosine with ∇_k
    contribution      Σ_i w_i ∂ℓ_i/∂h_j · h_j = Σ_c W_{k+1,cj} ∇W_{k+1,cj}: nothing but the weights that leave the unit
    slope             Σ_i w_i |g_k′(a_{k,ij})| / max |g_k′|

Makes tables of sums that are ready; knows no rows.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.accounts.sums import SATURATED, LayerSums, variance
from culpa.engine.network import Network
from culpa.reporting.frames import Frame

__all__ = ["Decay", "decay_of", "layers_frame", "ratio", "squared_weights", "units_frame"]


class Decay(NamedTuple):
    """The penalty's own row, outside the sums of the data's loss.

    Attributes:
        norm: ‖l2 W‖, of its gradient.
        cosine: Of that with the data's gradient; −1 where both are in balance, NaN where one is 0.
        first_order: ⟨l2 W, W⟩, which is twice the penalty.
    """

    norm: float
    cosine: float
    first_order: float


def layers_frame(network: Network, sums: Sequence[LayerSums]) -> Frame:
    """A row a layer."""
    squares = np.array([layer.unit_squares().sum() for layer in sums])
    weights = np.array([norm(layer.layer.W) for layer in sums])
    deltas = np.array([layer.delta_squares for layer in sums])
    leaning = np.array([np.vdot(layer.weight, layer.layer.W.astype(np.float64)) for layer in sums])
    decay = network.l2 * weights
    hidden = np.array([layer.limit is not None for layer in sums])
    bounded = np.array([layer.layer.activation.bounded for layer in sums])
    return Frame(
        {
            "layer": np.arange(1, len(sums) + 1),
            "inputs": np.array(network.sizes[:-1]),
            "units": np.array(network.sizes[1:]),
            "norm": np.sqrt(squares),
            "share": squares / squares.sum() if squares.any() else squares,
            "first_order": np.array([layer.unit_first_orders().sum() for layer in sums]),
            "signal_to_noise": ratio(squares, variance(np.array([layer.squares for layer in sums]), squares)),
            "growth": np.append(np.sqrt(ratio(deltas[:-1], deltas[1:])), np.nan),
            "update_to_weight": learning_rate(network)
            * ratio(np.array([norm(layer.weight) for layer in sums]), weights),
            "decay": decay,
            "decay_cosine": ratio(network.l2 * leaning, decay * np.sqrt(squares)),
            "dead": np.where(hidden, [layer.dead().sum() for layer in sums], np.nan),
            "saturated": np.where(hidden & bounded, [layer.saturated().sum() for layer in sums], np.nan),
        }
    )


def units_frame(sums: Sequence[LayerSums]) -> Frame:
    """A row a unit, layer after layer; of the last layer, which has no slope, what is asked of hidden units is NaN."""
    squares = np.concatenate([layer.unit_squares() for layer in sums])
    widths = [len(layer.steepest) for layer in sums]
    leaving = [np.vecdot(above.weight.T, above.layer.W.T.astype(np.float64)) for _, above in pairwise(sums)]
    steepest = [np.nan if layer.limit is None else layer.limit / SATURATED for layer in sums]
    slopes = [
        ratio(layer.slopes, np.full(width, most)) for layer, width, most in zip(sums, widths, steepest, strict=True)
    ]
    return Frame(
        {
            "layer": np.repeat(np.arange(1, len(sums) + 1), widths),
            "unit": np.concatenate([np.arange(1, width + 1) for width in widths]),
            "norm": np.sqrt(squares),
            "share": squares / squares.sum() if squares.any() else squares,
            "first_order": np.concatenate([layer.unit_first_orders() for layer in sums]),
            "contribution": np.concatenate([*leaving, np.full(widths[-1], np.nan)]),
            "slope": np.concatenate(slopes),
            "dead": np.concatenate([layer.dead() for layer in sums]),
            "saturated": np.concatenate([layer.saturated() for layer in sums]),
        }
    )


def decay_of(network: Network, sums: Sequence[LayerSums], norm: float) -> Decay:
    """The penalty's gradient beside the data's, of all layers together."""
    squares = squared_weights(network)
    leaning = sum(float(np.vdot(layer.weight, layer.layer.W.astype(np.float64))) for layer in sums)
    size = network.l2 * np.sqrt(squares)
    cosine = network.l2 * leaning / (size * norm) if size * norm > 0 else float("nan")
    return Decay(float(size), float(cosine), network.l2 * squares)


def learning_rate(network: Network) -> float:
    """η of the training; 1 where it is not known, or the rule finds its own."""
    training = network.training
    return 1.0 if training is None or training.recipe.learning_rate is None else float(training.recipe.learning_rate)


def squared_weights(network: Network) -> float:
    """Σ‖W‖² over all layers."""
    return float(sum(norm(layer.W) ** 2 for layer in network.layers))


def norm(array: NDArray[np.float64]) -> float:
    """‖A‖, summed in float64."""
    return float(np.linalg.norm(array.astype(np.float64, copy=False)))


def ratio(over: NDArray[np.float64], under: NDArray[np.float64]) -> NDArray[np.float64]:
    """Over / under: NaN for 0/0, inf where only the lower one is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(over / under, np.float64)
