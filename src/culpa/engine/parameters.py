# SPDX-License-Identifier: MIT
"""All parameters in one flat vector θ, and their gradient in another, so that a step is a few calls on whole vectors.

    θ = [W_1 b_1] row by row, [W_2 b_2] row by row, …        the bias is one more column of W

The order is not that of `flatten`: here a unit's bias follows its weights, so that one product of matrices does for
both. Networks of equal sizes may share one array (K, p), a row each; their matrices lie column by column, which suits
the small products of a stack. The arrays are there to be written over.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.engine.arrays import Flat
from culpa.engine.in_place import turned
from culpa.engine.network import Layer, Network

__all__ = ["Parameters"]


class Parameters:
    """The parameters of one network, or of K of equal sizes, activations and loss, and their gradient.

    Args:
        networks: Where they start.

    Attributes:
        stack: () for one network, (K,) for several; it leads the shape of every array here.
        theta: θ (*stack, p), to be moved in place.
        gradient: ∂loss/∂θ (*stack, p), the data's part, which a workspace fills.
        matrices: Views of `theta`, [W_k b_k] (*stack, d_k, d_k₋₁ + 1), without the column where there is no bias.
        gradients: Views of `gradient` likewise.
        decay: l2 (*stack, p) where θ is a weight, 0 where it is a bias; None where no network has a penalty.
    """

    stack: tuple[int, ...]
    theta: Flat
    gradient: Flat
    matrices: list[NDArray[Any]]
    gradients: list[NDArray[Any]]
    decay: Flat | None

    def __init__(self, networks: Sequence[Network]) -> None:
        self.networks = tuple(networks)
        self.network = self.networks[0]
        self.stack = (len(self.networks),) if len(self.networks) > 1 else ()
        self.theta = np.empty((*self.stack, self.network.n_parameters), self.network.dtype)
        self.gradient = np.zeros_like(self.theta)
        self.matrices, self.gradients = self.views(self.theta), self.views(self.gradient)
        for row, network in zip(self.rows(self.theta), self.networks, strict=True):
            for matrix, layer in zip(self.views(row), network.layers, strict=True):
                matrix[:, : layer.W.shape[1]] = layer.W
                if layer.b is not None:
                    matrix[:, -1] = layer.b
        self.decay = self.penalty_factors() if any(network.l2 for network in self.networks) else None

    def views(self, flat: NDArray[Any]) -> list[NDArray[Any]]:
        """Each layer's [W b] as a view of a vector (…, p)."""
        views, start = [], 0
        for layer in self.network.layers:
            shape = layer.W.shape[0], layer.W.shape[1] + (layer.b is not None)
            end = start + shape[0] * shape[1]
            part = flat[..., start:end]
            if self.stack:
                views.append(turned(part.reshape(*flat.shape[:-1], *shape[::-1])))
            else:
                views.append(part.reshape(*flat.shape[:-1], *shape))
            start = end
        return views

    def rows(self, array: NDArray[Any]) -> NDArray[Any]:
        """One row a network, (K, …), also where there is only one."""
        return array.reshape(len(self.networks), *array.shape[len(self.stack) :])

    def is_weight(self) -> NDArray[np.bool_]:
        """Which entries of θ are weights (p,); the others are biases."""
        mask = np.ones(self.theta.shape[-1], bool)
        for view, layer in zip(self.views(mask), self.network.layers, strict=True):
            view[:, layer.W.shape[1] :] = False
        return mask

    def penalty_factors(self) -> NDArray[Any]:
        """l2 for each weight, 0 for each bias."""
        factors = [network.l2 * self.is_weight() for network in self.networks]
        return np.array(factors, self.theta.dtype).reshape(self.theta.shape)

    def network_at(self, theta: NDArray[Any], k: int = 0) -> Network:
        """Network k with the parameters `theta` (p,), copied."""
        start = self.networks[k]
        layers = tuple(
            Layer(matrix[:, : layer.W.shape[1]], None if layer.b is None else matrix[:, -1], layer.activation)
            for matrix, layer in zip(self.views(theta), start.layers, strict=True)
        )
        return replace(start, layers=layers)
