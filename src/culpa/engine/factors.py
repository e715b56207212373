# SPDX-License-Identifier: MIT
"""The parameters: one layer's gradient, kept as the outer products that it is made of.

    ∂ℓ_i/∂W_k = δ_k,i h_{k−1,i}ᵀ             ∂ℓ_i/∂b_k = δ_k,i
    ∇W_k      = Σ_i w_i δ_k,i h_{k−1,i}ᵀ     ∇b_k      = Σ_i w_i δ_k,i

With Δ (n, d_k) and H (n, d_k₋₁) kept, β = 1 where there is a bias and 0 where not, and w the example weights:

    weight, bias      (w⊙Δ)ᵀ H, (w⊙Δ)ᵀ 1                  one product of matrices, at each access
    entry             Σ_i w_i Δ_ia H_ij                   n
    norms             ‖Δ_i‖ √(‖H_i‖² + β)                 n (d_k + d_k₋₁)
    gram              (Δ Δ′ᵀ) ⊙ (H H′ᵀ + β)               n n′ (d_k + d_k₋₁)
    second_moment     (w⊙Δ²)ᵀ H², (w⊙Δ²)ᵀ 1               one product of matrices
    dot               rows of (Δ V) ⊙ H, summed, + Δ v    n d_k d_k₋₁
    kronecker         H̃ᵀ diag(w) H̃, Δᵀ diag(w) Δ          two small products; H̃ = [H 1] where β = 1
    per_example       Δ_i H_iᵀ                            d_k d_k₋₁ for each example asked for

Every line runs on any library of the Python array API standard. Where Δ and H come from is not known here.
"""

import reprlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from culpa.engine.arrays import Array, Matrix, Signals, Values, Vector, library
from culpa.errors import OptionError

__all__ = ["Block", "Kronecker", "OuterProduct", "Parts", "Rows", "picked"]

Rows = int | slice | Sequence[int] | NDArray[Any]


class Parts(NamedTuple):
    """Something of a layer's shape: one number for each weight, one for each bias (None where there is none)."""

    weight: Matrix
    bias: Vector | None


class Kronecker(NamedTuple):
    """The two factors of a layer's block of the K-FAC curvature."""

    inputs: Array
    outputs: Array


class Block(Protocol):
    """What one layer of a Gradient offers, whatever its kind; the engine has one kind, `OuterProduct`."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of `weight`."""

    @property
    def has_bias(self) -> bool:
        """Whether the layer has biases, (shape[0],) of them."""

    @property
    def w(self) -> Values:
        """The example weights (n,)."""

    @property
    def weight(self) -> Matrix:
        """The gradient of the weighted loss with respect to the layer's weights."""

    @property
    def bias(self) -> Vector | None:
        """Likewise with respect to its biases; None where it has none."""

    @property
    def decay(self) -> Matrix:
        """The penalty's part of the gradient, in the shape of `weight`."""

    @property
    def penalty(self) -> float:
        """The layer's share of ½ l2 Σ‖W‖²."""

    def norms(self) -> Values:
        """Each example's gradient norm."""

    def squared_norms(self) -> Values:
        """Each example's squared gradient norm."""

    def gram(self, other: Self | None = None) -> Array:
        """Inner products (n, n′) of the examples' gradients."""

    def per_example(self, rows: Rows | None = None) -> Array:
        """Each example's own gradient, (n, *weight.shape)."""

    def second_moment(self) -> Parts:
        """Σ_i w_i g_i² for each entry."""

    def dot(self, V: Matrix, v: Vector | None = None) -> Values:
        """Each example's gradient times one direction."""

    def input_delta(self) -> Signals:
        """∂ℓ/∂h_{k−1}, each row that example's own."""

    def reweighted(self, w: Values) -> Self:
        """The same factors under other weights."""

    def take(self, rows: Rows) -> Self:
        """Some of the examples, with the weights they had."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OuterProduct:
    """A dense layer's gradient: Δ and H, one row an example, and the weights w that reduce them.

    Args:
        delta: δ_k = ∂ℓ/∂a_k (n, d_k), each row the derivative of that example's own loss.
        h: The layer's inputs h_{k−1} (n, d_k₋₁).
        w: The example weights (n,); the reduction (mean, sum, clipping) lives here alone.
        W: The layer's weights W_k (d_k, d_k₋₁), for what goes through them: the penalty and ∂ℓ/∂h_{k−1}.
        has_bias: β.
        l2: The penalty's factor.
    """

    delta: Signals
    h: Signals
    w: Values
    W: Matrix
    has_bias: bool = True
    l2: float = 0.0

    @property
    def shape(self) -> tuple[int, int]:
        """(d_k, d_k₋₁), the shape of W_k and of its gradient."""
        return self.delta.shape[1], self.h.shape[1]

    @property
    def weight(self) -> Matrix:
        """∂loss/∂W_k (d_k, d_k₋₁), the data's part: (w⊙Δ)ᵀ H, multiplied out at each access."""
        return (self.w[:, None] * self.delta).T @ self.h

    @property
    def bias(self) -> Vector | None:
        """∂loss/∂b_k (d_k,), the data's part: (w⊙Δ)ᵀ 1; None for a layer without biases."""
        return self.w @ self.delta if self.has_bias else None

    @property
    def decay(self) -> Matrix:
        """l2·W_k (d_k, d_k₋₁), the penalty's part."""
        return self.l2 * self.W

    @property
    def penalty(self) -> float:
        """½ l2 ‖W_k‖², summed in float64."""
        xp = library(self.W)
        return 0.5 * self.l2 * float(xp.sum(xp.astype(self.W, xp.float64) ** 2)) if self.l2 else 0.0

    def write(self, weight: Matrix, bias: Vector | None) -> None:
        """Multiply out into arrays of NumPy's that are there already, such as parts of one vector."""
        np.matmul((self.w[:, None] * self.delta).T, self.h, out=weight)
        if bias is not None:
            np.matmul(self.w, self.delta, out=bias)

    def entry(self, i: int, j: int) -> float:
        """∂loss/∂W_k[i, j] alone, without the matrix.

        Args:
            i: The unit, from 0.
            j: Its input, from 0.

        Example:
            >>> OuterProduct(np.array([[1.0, 2.0]]), np.array([[3.0]]), np.array([1.0]), np.zeros((2, 1))).entry(1, 0)
            6.0
        """
        whole = isinstance(i, int | np.integer) and isinstance(j, int | np.integer)
        if not (whole and -self.shape[0] <= i < self.shape[0] and -self.shape[1] <= j < self.shape[1]):
            raise OptionError(f"`i` and `j` must lie within W's shape {self.shape}, from 0; got ({i}, {j}).")
        xp = library(self.delta)
        return float(xp.sum(self.w * self.delta[:, i] * self.h[:, j]))

    def per_example(self, rows: Rows | None = None) -> Array:
        """Each example's own ∂ℓ_i/∂W_k = δ_i h_iᵀ; ∂ℓ_i/∂b_k is `delta[i]` itself.

        Args:
            rows: The examples wanted (an index, a slice, several indices, a mask); all by default.

        Returns:
            (n, d_k, d_k₋₁). NOTE: this is the one thing here that costs memory, n·d_k·d_k₋₁ numbers.
        """
        part = self if rows is None else self.take(rows)
        return part.delta[:, :, None] * part.h[:, None, :]

    def norms(self) -> Values:
        """‖g_i‖ (n,), weights and biases together: ‖Δ_i‖ √(‖H_i‖² + β).

        Source: Goodfellow 2015, "Efficient per-example gradient computations", section 3.
        """
        xp = library(self.delta)
        inputs = row_norms(self.h)
        return row_norms(self.delta) * (xp.hypot(inputs, xp.ones_like(inputs)) if self.has_bias else inputs)

    def squared_norms(self) -> Values:
        """‖g_i‖² (n,), weights and biases together: ‖Δ_i‖² (‖H_i‖² + β)."""
        return self.norms() ** 2

    def gram(self, other: Self | None = None) -> Array:
        """⟨g_i, g′_j⟩ (n, n′), weights and biases together: (Δ Δ′ᵀ) ⊙ (H H′ᵀ + β); the weights w play no part."""
        right = self if other is None else other
        return (self.delta @ right.delta.T) * (self.h @ right.h.T + float(self.has_bias))

    def second_moment(self) -> Parts:
        """Σ_i w_i g_i² for each entry: (w⊙Δ²)ᵀ H², and for the bias (w⊙Δ²)ᵀ 1.

        Source: Dangel, Kunstner and Hennig 2020 (BackPACK), appendix A, "second moment".
        """
        squares = self.w[:, None] * self.delta**2
        xp = library(self.delta)
        return Parts(squares.T @ self.h**2, xp.sum(squares, axis=0) if self.has_bias else None)

    def dot(self, V: Matrix, v: Vector | None = None) -> Values:
        """⟨g_i, (V, v)⟩ (n,) for each example: the rows of (Δ V) ⊙ H summed, plus Δ v.

        Args:
            V: The direction's weights (d_k, d_k₋₁).
            v: The direction's biases (d_k,), or None for zero.
        """
        xp = library(self.delta)
        along = xp.vecdot(self.delta @ V, self.h)
        return along if v is None or not self.has_bias else along + self.delta @ v

    def kronecker(self) -> Kronecker:
        """The K-FAC factors: H̃ᵀ diag(w) H̃ with H̃ = [H 1] where there is a bias, and Δᵀ diag(w) Δ.

        Source: Martens and Grosse 2015, "Optimizing neural networks with Kronecker-factored curvature", eq. 1.
        """
        xp = library(self.delta)
        ones = xp.ones_like(self.h[:, :1])
        h = xp.concat([self.h, ones], axis=1) if self.has_bias else self.h
        w = self.w[:, None]
        return Kronecker(h.T @ (w * h), self.delta.T @ (w * self.delta))

    def input_delta(self) -> Signals:
        """∂ℓ/∂h_{k−1} = δ_k W_k (n, d_k₋₁), each row the derivative of that example's own loss."""
        return self.delta @ self.W

    def reweighted(self, w: Values) -> Self:
        """The same factors under other weights w (n,), taken as they are."""
        return replace(self, w=w)

    def take(self, rows: Rows) -> Self:
        """Some of the examples, with the weights they had."""
        index = picked(rows, self.w.shape[0])
        return replace(self, delta=self.delta[index], h=self.h[index], w=self.w[index])

    def __repr__(self) -> str:
        return f"OuterProduct({self.w.shape[0]:,} examples of {self.shape}{'' if self.has_bias else ', no bias'})"


def row_norms(x: Signals) -> Values:
    """Each row's norm (…, n), also where its square is beyond the dtype, on either side."""
    xp = library(x)
    with np.errstate(over="ignore", under="ignore"):
        squares = xp.vecdot(x, x)
    if bool(xp.all((squares > 1e-30) & (squares < 1e30))):
        return xp.sqrt(squares)
    largest = xp.max(xp.abs(x), axis=-1, keepdims=True)
    scaled = x / xp.where(largest > 0, largest, xp.ones_like(largest))
    return largest[..., 0] * xp.sqrt(xp.vecdot(scaled, scaled))


def picked(rows: Rows, n: int) -> Any:
    """What to index `n` examples with; one alone keeps its axis.

    Raises:
        OptionError: If `rows` is not an index, a slice, several indices or a mask, or leads outside.
    """
    if isinstance(rows, slice):
        return rows
    one = isinstance(rows, int | np.integer) and not isinstance(rows, bool)
    try:
        index = np.atleast_1d(np.asarray(rows))
    except ValueError:
        index = np.empty((0, 0))  # rows of unequal lengths; refused below
    if not index.size and index.ndim == 1:
        index = index.astype(np.intp)
    if index.ndim != 1 or index.dtype.kind not in "biu" or (np.ndim(rows) == 0 and not one):
        raise OptionError(f"`rows` must be an index, a slice, several indices or a mask; got {reprlib.repr(rows)}.")
    if index.dtype.kind == "b":
        if len(index) != n:
            raise OptionError(f"A mask must have an entry for each of the {n} examples; got {len(index)}.")
        return np.flatnonzero(index)
    outside = index[(index < -n) | (index >= n)]
    if len(outside):
        raise OptionError(f"`rows` must lie within the {n} examples, from 0; got {outside[0]}.")
    return index
