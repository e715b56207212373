# SPDX-License-Identifier: MIT
"""The running sums of every layer, over chunks of rows: two matrices of a layer's shape, and vectors.

    ∇_k       Σ_i w_i g_{k,i}            its weights and biases
    M_k       Σ_i w_i g_{k,i}²           entry by entry
    N_k       Σ_i w_i ‖g_{k,i}‖²
    S_k       Σ_i w_i ‖δ_{k,i}‖²
    C         Σ_i w_i δ_{1,i} δ_{1,i}ᵀ   of the first layer alone
    slopes    Σ_i w_i |g_k′(a_{k,i})|, the largest one, and for how many rows it is small

Forward and backward pass are in the network's dtype, these sums in float64 whatever it is: so the parts of a float32
network's gradient add up too. A row that weighs nothing is no row here. Makes no table; knows no file and no column.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.engine.activations import Activation
from culpa.engine.factors import OuterProduct
from culpa.engine.forward import Step
from culpa.engine.network import Layer, Network

__all__ = ["LayerSums", "Matrix64", "in_double", "layer_sums", "rows_at_once", "steepest_slope", "variance"]

DEAD = 1e-3
"""A slope below this share of the steepest one passes no error on."""
SATURATED = 0.05
"""A slope below this share of the steepest one hardly passes any."""
FLAT_ROWS = 0.95
"""A unit is saturated where it is flat for so many of the rows."""
ROUNDING = 64 * float(np.finfo(np.float64).eps)
"""A variance below this share of the second moment that it is left over from is none."""
CELLS = 1 << 22
"""At most so many numbers of one layer's inputs are in memory in float64 at a time, 32 MiB."""

Matrix64 = NDArray[np.float64]


class LayerSums:
    """The running sums of one layer."""

    def __init__(self, layer: Layer, *, first: bool = False, hidden: bool = True) -> None:
        units = layer.W.shape[0]
        self.layer = layer
        self.weight: Matrix64 = np.zeros(layer.W.shape)
        self.weight_squares: Matrix64 = np.zeros(layer.W.shape)
        self.bias = None if layer.b is None else np.zeros(units)
        self.bias_squares = None if layer.b is None else np.zeros(units)
        self.squares, self.delta_squares = 0.0, 0.0
        self.outer: Matrix64 = np.zeros((units, units) if first else (0, 0))
        self.limit = SATURATED * steepest_slope(layer.activation) if hidden else None
        self.slopes, self.steepest = np.zeros(units), np.zeros(units)
        self.flat_rows = np.zeros(units, np.intp)
        self.rows = 0

    def add(self, block: OuterProduct, step: Step) -> NDArray[np.float64]:
        """Add one chunk, whose factors are in float64; what comes back is ‖g_{k,i}‖² (n,) of its rows."""
        squares = block.squared_norms()
        self.weight += block.weight
        second = block.second_moment()
        self.weight_squares += second.weight
        if self.bias is not None and self.bias_squares is not None:
            self.bias += np.asarray(block.bias)
            self.bias_squares += np.asarray(second.bias)
        self.squares += float(block.w @ squares)
        self.delta_squares += float(block.w @ np.vecdot(block.delta, block.delta))
        if len(self.outer):
            self.outer += (block.w[:, None] * block.delta).T @ block.delta
        if self.limit is not None:
            self.look_at(block.w, step)
        self.rows += int(np.count_nonzero(block.w))
        return np.asarray(squares)

    def look_at(self, w: NDArray[np.float64], step: Step) -> None:
        """Add the slopes g_k′(a_k) of one chunk."""
        size, counted = np.abs(step.layer.activation.slope(step.a)), (w > 0)[:, None]
        self.slopes += w @ size
        self.steepest = np.maximum(self.steepest, size.max(axis=0, initial=0, where=counted))
        self.flat_rows += ((size <= self.limit) & counted).sum(axis=0)

    def unit_squares(self) -> NDArray[np.float64]:
        """Each unit's part of the squared norm of the gradient, weights and bias."""
        return np.vecdot(self.weight, self.weight) + (0.0 if self.bias is None else self.bias**2)

    def unit_first_orders(self) -> NDArray[np.float64]:
        """Each unit's part of ⟨∇, θ⟩, weights and bias."""
        own = np.vecdot(self.weight, self.layer.W.astype(np.float64))
        return own if self.bias is None or self.layer.b is None else own + self.bias * self.layer.b

    def dead(self) -> NDArray[np.bool_]:
        """Which units pass no row's error on."""
        if self.limit is None:
            return np.zeros(len(self.steepest), bool)
        found: NDArray[np.bool_] = self.steepest <= DEAD / SATURATED * self.limit
        return found

    def saturated(self) -> NDArray[np.bool_]:
        """Which units that level off on both sides hardly pass any on, for nearly all rows."""
        if self.limit is None or not self.layer.activation.bounded:
            return np.zeros(len(self.steepest), bool)
        found: NDArray[np.bool_] = ~self.dead() & (self.flat_rows >= FLAT_ROWS * self.rows)
        return found


def layer_sums(network: Network) -> tuple[LayerSums, ...]:
    """Empty sums of every layer."""
    last = len(network.layers) - 1
    return tuple(LayerSums(layer, first=k == 0, hidden=k < last) for k, layer in enumerate(network.layers))


def in_double(block: Any, w: NDArray[np.float64]) -> OuterProduct:
    """A layer's factors in float64 under weights in float64; those that have it already are not copied."""
    double: OuterProduct = replace(
        block, delta=block.delta.astype(np.float64, copy=False), h=block.h.astype(np.float64, copy=False), w=w
    )
    return double


def rows_at_once(sizes: Sequence[int], batch_size: int) -> int:
    """How many rows a chunk has: as many as were asked for, fewer where a layer is wide."""
    return max(1, min(batch_size, CELLS // max(chain(sizes, [1]))))


def variance(second_moment: Matrix64, squared_mean: Matrix64) -> Matrix64:
    """What is left of a second moment; 0 where that is rounding alone."""
    left = second_moment - squared_mean
    return np.where(left > ROUNDING * second_moment, left, 0.0)


def steepest_slope(activation: Activation) -> float:
    """The largest |g′| that the activation has, found on a grid."""
    return float(np.abs(activation.slope(np.linspace(-8.0, 8.0, 321))).max())
