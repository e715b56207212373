# SPDX-License-Identifier: MIT
"""The Gradient: what all layers' factors answer together, where `factors` answers for one.

    norms      ‖g_i‖ = √Σ_k ‖g_{k,i}‖²           gram      Σ_k gram_k
    flat       (∇W_1, ∇b_1, ∇W_2, …)             total     flat + (l2 W_1, 0, l2 W_2, …)
    clipped    w_i ← w_i min(1, C/‖g_i‖)         hidden    ∂ℓ/∂h_k = δ_{k+1} W_{k+1}

Runs on any array library and any kind of block. How the factors come about is told in `gradient`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from math import prod
from typing import NamedTuple, Self

import numpy as np

from culpa.engine.arrays import Array, Flat, Signals, Values, library, literal_weights, number
from culpa.engine.factors import Block, OuterProduct, Rows, picked
from culpa.errors import DataError, OptionError, ShapeError

__all__ = ["Gradient", "NoiseScale"]


class NoiseScale(NamedTuple):
    """The simple noise scale, an estimate of the batch size beyond which larger batches stop paying.

    Attributes:
        scale: trace / signal, in examples; inf where the signal is not positive.
        trace: The trace of the examples' gradient covariance, unbiased.
        signal: ‖E g‖², unbiased; it can come out negative where noise drowns it.
    """

    scale: float
    trace: float
    signal: float


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Gradient:
    """The gradient of a batch's loss with respect to every parameter, in factored form.

    Args:
        losses: Each example's own loss ℓ (n,), in nats for the entropies; None where `pull_back` had none.
        w: The example weights (n,), the reduction included.
        layers: One block a layer, first layer first.
        share_clipped: The share of examples that `clipped` scaled down, if that is where this comes from.
    """

    losses: Values | None
    w: Values
    layers: tuple[Block, ...]
    share_clipped: float | None = None

    @property
    def loss(self) -> float:
        """Σ_i w_i ℓ_i, summed in float64; without the penalty."""
        if self.losses is None:
            raise DataError("This gradient was pulled back from output derivatives alone: it has no losses.")
        xp = library(self.losses)
        return float(xp.sum(xp.astype(self.w, xp.float64) * xp.astype(self.losses, xp.float64)))

    @property
    def penalty(self) -> float:
        """½ l2 Σ‖W‖² over all weights; biases are exempt."""
        return sum(block.penalty for block in self.layers)

    @property
    def objective(self) -> float:
        """Loss + penalty: what `total` is the gradient of."""
        return self.loss + self.penalty

    def hidden(self, k: int) -> Signals:
        """∂ℓ/∂h_k = δ_{k+1} W_{k+1} (n, d_k), each row the derivative of that example's own loss.

        Args:
            k: 0 to L−1; k = 0 is the input, whose derivative is also called the saliency.
        """
        last = len(self.layers) - 1
        if isinstance(k, bool) or not isinstance(k, int | np.integer) or not 0 <= k <= last:
            raise OptionError(
                f"`k` must be a whole number from 0 (the input) to {last} (the last hidden layer); got {k!r}."
            )
        return self.layers[k].input_delta()

    def norms(self) -> Values:
        """‖g_i‖ (n,): each example's own gradient norm over all layers; the weights w play no part."""
        return reduce(library(self.w).hypot, (block.norms() for block in self.layers))

    def contributions(self) -> Values:
        """|w_i| ‖g_i‖ (n,): the most that each example can move the batch's gradient."""
        return library(self.w).abs(self.w) * self.norms()

    def gram(self, other: Self | None = None) -> Array:
        """⟨g_i, g′_j⟩ (n, n′) over all layers, within this batch or against another: the empirical NTK of the loss.

        Raises:
            ShapeError: If the other gradient belongs to a network of other sizes.
        """
        right = self if other is None else other
        if self._shapes() != right._shapes():
            raise ShapeError(
                f"Both gradients must belong to networks of the same sizes; got {self._sizes()} and {right._sizes()}."
            )
        first, *others = (mine.gram(theirs) for mine, theirs in zip(self.layers, right.layers, strict=True))
        return sum(others, start=first)

    def _shapes(self) -> list[tuple[tuple[int, ...], bool]]:
        return [(block.shape, block.has_bias) for block in self.layers]

    def _sizes(self) -> str:
        widths = [self.layers[0].shape[-1], *(block.shape[0] for block in self.layers)]
        biases = {block.has_bias for block in self.layers}
        what = "" if biases == {True} else " without biases" if biases == {False} else " with some biases"
        return "-".join(map(str, widths)) + what

    def clipped(self, max_norm: float) -> Self:
        """The gradient with every example's own gradient scaled down to a norm of at most `max_norm`.

        w_i becomes w_i min(1, C/‖g_i‖); a zero norm stays as it is. This is per-example clipping, as in DP-SGD, and not
        PyTorch's `clip_grad_norm_`, which scales the batch's gradient. `share_clipped` tells how many were scaled.
        `norms()` stays as it was, since weights play no part there; `contributions()` shows the clipping.

        Args:
            max_norm: C, above 0.

        Source: Abadi et al. 2016, "Deep learning with differential privacy", algorithm 1.
        """
        bound = number("max_norm", max_norm, above=0)
        xp = library(self.w)
        norms = self.norms()
        too_long = norms > bound
        scale = xp.where(too_long, bound / xp.where(too_long, norms, xp.ones_like(norms)), xp.ones_like(norms))
        share = float(xp.sum(xp.astype(too_long, xp.float64))) / max(1, norms.shape[0])
        return replace(self._with_weights(self.w * scale), share_clipped=share)

    def reweighted(self, w: object) -> Self:
        """The gradient under other example weights (n,), taken literally: any sign, no normalisation.

        Example:
            >>> network = culpa.Network.from_arrays([[[1.0]]], loss="squared_error")
            >>> g = culpa.gradient(network, [[1.0], [2.0]], [0.0, 0.0])
            >>> g.reweighted([1.0, -1.0]).layers[0].weight
            array([[-3.]])
        """
        if isinstance(self.w, np.ndarray):
            weights = literal_weights(w, len(self.w), self.w.dtype, name="w")
            return replace(self._with_weights(weights), share_clipped=None)
        weights = library(self.w).asarray(w, dtype=self.w.dtype)
        if weights.shape != self.w.shape:
            raise ShapeError(f"`w` must be {tuple(self.w.shape)}, one number for each example; got {weights.shape}.")
        return replace(self._with_weights(weights), share_clipped=None)

    def _with_weights(self, w: Values) -> Self:
        return replace(self, w=w, layers=tuple(block.reweighted(w) for block in self.layers))

    def take(self, rows: Rows) -> Self:
        """Some of the examples (an index, a slice, several indices, a mask), with the weights that they had."""
        layers = tuple(block.take(rows) for block in self.layers)
        index = picked(rows, self.w.shape[0])
        return replace(self, losses=None if self.losses is None else self.losses[index], w=self.w[index], layers=layers)

    def second_moment(self) -> Flat:
        """Σ_i w_i g_i² (p,) for each parameter, in the order of `flatten`."""
        return flat_of([part for block in self.layers for part in block.second_moment()])

    def dot(self, direction: Flat) -> Values:
        """⟨g_i, direction⟩ (n,): each example's own gradient along one direction (p,) in parameter space."""
        xp = library(self.w)
        size = sum(prod(block.shape) + block.shape[0] * block.has_bias for block in self.layers)
        if tuple(direction.shape) != (size,):
            raise ShapeError(f"`direction` must be ({size},), one entry a parameter; got {tuple(direction.shape)}.")
        total, start = xp.zeros_like(self.w), 0
        for block in self.layers:
            end = start + prod(block.shape)
            stop = end + (block.shape[0] if block.has_bias else 0)
            along = block.dot(xp.reshape(direction[start:end], block.shape), direction[end:stop])
            total, start = total + along, stop
        return total

    def noise_scale(self) -> NoiseScale:
        """How much of the gradient is signal and how much is the examples' disagreement.

            trace  = n/(n−1) · (mean‖g_i‖² − ‖ḡ‖²)
            signal = (n‖ḡ‖² − mean‖g_i‖²) / (n−1)

        Raises:
            DataError: With a single example, or with weights that are not all equal.

        Source: McCandlish, Kaplan, Amodei et al. 2018, "An empirical model of large-batch training", appendix A.1.
        """
        xp = library(self.w)
        n = int(self.w.shape[0])
        if n < 2:
            raise DataError("The noise scale needs two examples or more; got one.")
        weight = float(self.w[0])
        if weight == 0 or not bool(xp.all(self.w == self.w[0])):
            raise DataError(
                "The noise scale needs equal weights.", hint="use gradient(...) without `weights`, or reweighted()."
            )
        mean_square = float(xp.mean(xp.astype(self.norms(), xp.float64) ** 2))
        batch = xp.astype(self.flat(), xp.float64) / (weight * n)
        square_mean = float(xp.sum(batch**2))
        trace = n / (n - 1) * (mean_square - square_mean)
        signal = (n * square_mean - mean_square) / (n - 1)
        return NoiseScale(trace / signal if signal > 0 else float("inf"), trace, signal)

    def flat(self) -> Flat:
        """The data's part of the gradient (p,), in the order of `flatten`: W_1 row by row, b_1, W_2, …."""
        if isinstance(self.w, np.ndarray):
            return self._written()
        return flat_of([part for block in self.layers for part in (block.weight, block.bias)])

    def _written(self) -> Flat:
        """The same in NumPy, every product written to its place at once."""
        sizes = [(prod(block.shape), block.shape[0] * block.has_bias) for block in self.layers]
        flat, start = np.empty(sum(map(sum, sizes)), self.w.dtype), 0
        for block, (weights, biases) in zip(self.layers, sizes, strict=True):
            middle, end = start + weights, start + weights + biases
            bias = flat[middle:end] if biases else None
            if isinstance(block, OuterProduct):
                block.write(flat[start:middle].reshape(block.shape), bias)
            else:
                flat[start:middle] = block.weight.reshape(-1)
                if bias is not None:
                    bias[:] = block.bias
            start = end
        return flat

    def total(self) -> Flat:
        """The objective's gradient (p,): the data's part plus l2·W, in the order of `flatten`."""
        return flat_of([part for block in self.layers for part in (block.weight + block.decay, block.bias)])

    def __repr__(self) -> str:
        loss = "" if self.losses is None else f", loss {self.loss:.6g}"
        return f"Gradient({self.w.shape[0]:,} examples, {len(self.layers)} layers{loss})"


def flat_of(parts: Sequence[Array | None]) -> Flat:
    """One vector of all parts, row by row; a missing bias takes no place."""
    present = [part for part in parts if part is not None]
    xp = library(present[0])
    return xp.concat([xp.reshape(part, (-1,)) for part in present])
