# SPDX-License-Identifier: MIT
"""Single weights: gradient, t-statistic over the rows, share of the squared norm, and weight × gradient.

    gradient      ∇ = Σ_i w_i g_i, entry by entry
    t             ∇ / √((M − ∇²) / (n′ − 1)), M = Σ_i w_i g_i², n′ = 1 / Σ_i w_i²
    share         ∇² / ‖∇‖² of the whole network
    first_order   θ ∇

With equal weights n′ is n, and t is Student's t of the n rows' gradients against a mean of 0: beyond ± 2 the rows
agree on the sign more than chance would have them. Makes tables of sums that are ready; knows no rows.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.accounts.sums import LayerSums, variance
from culpa.reporting.frames import Frame

__all__ = ["heaviest_weights", "t_statistics", "weights_frame"]


def weights_frame(sums: Sequence[LayerSums], effective: float) -> Frame:
    """A row a parameter, layer after layer and unit after unit, the bias of a unit before its weights."""
    parts = [entries(k, layer, effective) for k, layer in enumerate(sums, 1)]
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return Frame(with_shares(joined, squared_norm(sums)))


def heaviest_weights(sums: Sequence[LayerSums], effective: float, count: int) -> Frame:
    """The parameters with the largest shares, largest first; equal ones in the order of `weights_frame`."""
    parts = []
    for k, layer in enumerate(sums, 1):
        size = np.abs(with_bias(layer.weight, layer.bias).ravel())
        few = min(count, len(size))
        bar = np.partition(size, len(size) - few)[len(size) - few] if few else 0.0
        candidates = np.flatnonzero(size >= bar)
        chosen = candidates[np.argsort(-size[candidates], kind="stable")[:few]]
        parts.append(entries(k, layer, effective, chosen))
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.argsort(-np.abs(joined["gradient"]), kind="stable")[:count]
    return Frame(with_shares({name: column[order] for name, column in joined.items()}, squared_norm(sums)))


def entries(
    k: int, layer: LayerSums, effective: float, chosen: NDArray[np.intp] | None = None
) -> dict[str, NDArray[np.float64] | NDArray[np.intp]]:
    """The columns of one layer's parameters, all or some by their places."""
    gradient = with_bias(layer.weight, layer.bias)
    width, first = gradient.shape[1], 0 if layer.bias is not None else 1
    places = np.arange(gradient.size) if chosen is None else chosen
    squares = with_bias(layer.weight_squares, layer.bias_squares).ravel()[places]
    mine = gradient.ravel()[places]
    return {
        "layer": np.full(len(places), k),
        "unit": places // width + 1,
        "input": places % width + first,
        "value": with_bias(layer.layer.W.astype(np.float64), layer.layer.b).ravel()[places],
        "gradient": mine,
        "t": t_statistics(mine, squares, effective),
    }


def with_bias(W: NDArray[np.float64], b: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """[b W] (d_k, 1 + d_{k−1}), or W alone."""
    return W if b is None else np.column_stack([b, W])


def with_shares(
    columns: dict[str, NDArray[np.float64] | NDArray[np.intp]], total: float
) -> dict[str, NDArray[np.float64] | NDArray[np.intp]]:
    """The columns, with what follows from gradient and value."""
    gradient = columns["gradient"]
    share = gradient**2 / total if total > 0 else np.zeros(len(gradient))
    return {**columns, "share": share, "first_order": columns["value"] * gradient}


def squared_norm(sums: Sequence[LayerSums]) -> float:
    """‖∇‖² of the whole network."""
    return float(sum(layer.unit_squares().sum() for layer in sums))


def t_statistics(
    mean: NDArray[np.float64], second_moment: NDArray[np.float64], effective: float
) -> NDArray[np.float64]:
    """Mean / √((second moment − mean²) / (n′ − 1)); NaN where there is nothing to tell, ± inf without any spread."""
    spread = variance(second_moment, mean**2)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = mean / np.sqrt(spread / (effective - 1)) if effective > 1 + 1e-9 else np.full(len(mean), np.nan)
    return np.asarray(t)
