# SPDX-License-Identifier: MIT
"""The workspace: the same pass with every array allocated once, for the many steps of a training.

    a_k         = [W_k b_k] (h_{k−1}; 1)         examples are columns, and the bias is one more column of W
    ∇[W_k b_k]  = (w⊙Δ_k) (h_{k−1}; 1)ᵀ          one product of matrices gives both

The pass is written down once, as a list of calls that have their arrays in hand, and then called again and again.
A workspace belongs to one thread, and checks nothing: the door and the trainer do. Several may share parameters.
"""

from collections.abc import Sequence
from functools import partial, reduce
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.engine.arrays import Call, Flat, Signals, Values, product
from culpa.engine.factors import row_norms
from culpa.engine.in_place import row_like, summed, turned
from culpa.engine.network import Network
from culpa.engine.parameters import Parameters
from culpa.engine.streams import stream
from culpa.engine.targets import Targets

__all__ = ["Workspace"]

TABLED = 256
"""Classes up to which their columns of zeros and a one are kept ready, which is the faster way."""


class Workspace:
    """The arrays and calls of one pass over `n` examples.

    Args:
        network: The network, or one of several of equal sizes, activations and loss.
        n: How many examples a batch has.
        parameters: Those to read and whose gradient to fill; by default a copy of the network's.
        weighted: Whether examples carry weights of their own; otherwise each counts 1/n.
        dropout: The share of each hidden layer's outputs that a pass sets to 0 by chance; the others grow by 1/(1 − p).
        random: Where that chance comes from.
        max_norm: What each example's own gradient norm is cut down to, as by `Gradient.clipped`.

    Example:
        >>> network = culpa.Network.fresh([3, 2], seed=0, dtype="float64")
        >>> X, y = np.ones((5, 3)), np.zeros(5, dtype=int)
        >>> flat = Workspace(network, 5).gradient(X, y)
        >>> bool(np.isclose(np.linalg.norm(flat), np.linalg.norm(culpa.gradient(network, X, y).flat())))
        True
    """

    def __init__(
        self,
        network: Network,
        n: int,
        *,
        parameters: Parameters | None = None,
        weighted: bool = False,
        dropout: Sequence[float] = (),
        random: np.random.Generator | None = None,
        max_norm: float | None = None,
    ) -> None:
        self.parameters = Parameters([network]) if parameters is None else parameters
        stack, dtype, widths = self.parameters.stack, network.dtype, network.sizes
        self.stack, self.n, self.random = stack, n, random
        self.dropout = dropout or (0.0,) * (len(widths) - 2)
        # The inputs lie in rows, so that a batch is gathered row by row; from here on, examples are columns.
        self.rows = np.ones((*stack, n, widths[0] + 1), dtype)
        self.x = self.rows[..., :-1]
        held = [turned(self.rows), *(np.ones((*stack, d + 1, n), dtype) for d in widths[1:-1])]
        self.h = [h[..., :-1, :] for h in held]
        self.inputs = [
            (h1 if layer.b is not None else h) for h1, h, layer in zip(held, self.h, network.layers, strict=True)
        ]
        self.deltas = [np.empty((*stack, d, n), dtype) for d in widths[1:]]
        self.logits = np.empty_like(self.deltas[-1])
        self.t_first = np.zeros((widths[-1], *stack, n), dtype)
        self.t = np.moveaxis(self.t_first, 0, -2)
        self.one_hot = np.eye(widths[-1], dtype=dtype) if widths[-1] <= TABLED else None
        self.gathered: NDArray[Any] | None = None
        self.equal = np.array(1 / n, dtype)
        self.w = np.full((*stack, 1, n), self.equal)
        self.w_row = self.w[..., 0, :]
        self.output = network.loss.rule(self.logits, self.deltas[-1], self.t, self.w if weighted else self.equal)
        self.norms = row_like(self.logits)
        self.measuring: list[Call] = []
        there, back = self.written_down(network)
        products = [
            product(x, turned(delta), turned(gradient)) if stack else product(delta, turned(x), gradient)
            for delta, x, gradient in zip(self.deltas, self.inputs, self.parameters.gradients, strict=True)
        ]
        clipping = [] if max_norm is None else [self.contributions, *self.clipping(max_norm)]
        self.calls = [*there, self.output.pull, *back, *clipping, *products]

    def written_down(self, network: Network) -> tuple[list[Call], list[Call]]:
        """The calls down the network to its logits, and those back up from δ_L to δ_1."""
        there: list[Call] = []
        back: list[Call] = []
        matrices = self.parameters.matrices
        layers = zip(network.layers, pairwise(matrices), self.inputs, self.h[1:], pairwise(self.deltas), strict=False)
        for (layer, (W, above), x, h, (delta, delta_above)), share in zip(layers, self.dropout, strict=True):
            g = np.empty_like(delta) if share else h
            rule = layer.activation.rule(g, delta)
            there += [product(W, x, g), rule.value]
            crossing = [product(turned(above[..., : delta.shape[-2]]), delta_above, delta)]
            if share:
                mask = np.empty_like(delta)
                there += [self.chance(mask, share), partial(np.multiply, g, mask, h)]
                crossing.append(partial(np.multiply, delta, mask, delta))
            back = [*crossing, rule.pull, *back]
        there.append(product(matrices[-1], self.inputs[-1], self.logits))
        return there, back

    def chance(self, mask: NDArray[Any], share: float) -> Call:
        """The call that fills a mask: 0 for a share of the entries, 1/(1 − share) for the others."""
        random = stream(0, "dropout") if self.random is None else self.random
        kept, keep = np.empty(mask.shape, bool), np.array(1 - share, mask.dtype)
        scale = 1 / keep

        def draw() -> None:
            random.random(out=mask, dtype=mask.dtype)
            np.less(mask, keep, kept)
            np.multiply(kept, scale, mask)

        return draw

    def contributions(self) -> Values:
        """w_i ‖g_i‖ (*stack, n) of the batch that is in, all layers together; from the factors, without a pass.

        With `max_norm` they are those before the clipping.
        """
        if not self.measuring:
            pairs = zip(self.deltas, self.inputs, strict=True)
            self.measuring = [call for delta, x in pairs for call in self.block_norms(delta, x)]
        self.norms.fill(0)
        for call in self.measuring:
            call()
        if not np.isfinite(self.norms).all():
            pairs = zip(self.deltas, self.inputs, strict=True)
            blocks = (row_norms(turned(delta)) * row_norms(turned(x)) for delta, x in pairs)
            self.norms[..., 0, :] = reduce(np.hypot, blocks)
        return self.norms[..., 0, :]

    def block_norms(self, delta: NDArray[Any], x: NDArray[Any]) -> list[Call]:
        """The calls that add one layer's ‖δ_i‖ √(‖h_i‖² + β) to the norms."""
        delta_squares, x_squares, of_delta, of_x = np.empty_like(delta), np.empty_like(x), row_like(delta), row_like(x)
        return [
            partial(np.multiply, delta, delta, delta_squares),
            partial(np.multiply, x, x, x_squares),
            summed(delta_squares, of_delta),
            summed(x_squares, of_x),
            partial(np.sqrt, of_delta, of_delta),
            partial(np.sqrt, of_x, of_x),
            partial(np.multiply, of_delta, of_x, of_delta),
            partial(np.hypot, self.norms, of_delta, self.norms),
        ]

    def clipping(self, max_norm: float) -> list[Call]:
        """The calls that scale each example's errors by min(1, C/‖g_i‖); the weights are in the errors already."""
        bound, one, scale = np.array(max_norm, self.w.dtype), np.array(1, self.w.dtype), row_like(self.w)

        def write_scale() -> None:
            with np.errstate(divide="ignore", invalid="ignore"):
                np.divide(self.w, self.norms, scale)
                np.multiply(scale, bound, scale)
                np.fmin(scale, one, out=scale)  # 0/0, an example without weight or gradient, stays as it is

        return [write_scale, *(partial(np.multiply, delta, scale, delta) for delta in self.deltas)]

    def run(self) -> None:
        """One pass over the batch that is in: fills `parameters.gradient`."""
        for call in self.calls:
            call()

    def gradient(self, X: Signals, y: Targets, w: Values | None = None) -> Flat:
        """The gradient of a batch's loss, the data's part, in the order of `Parameters`.

        Args:
            X, y: Inputs (*stack, n, d_0) and targets that the door has let in.
            w: Example weights (*stack, n), taken literally, for a workspace that is `weighted`.

        Returns:
            `parameters.gradient` (*stack, p): the same array each time, written over by the next pass.
        """
        np.copyto(self.x, X)
        if w is not None:
            np.copyto(self.w, w[..., None, :])
        self.aim(y)
        self.run()
        return self.parameters.gradient

    def gather(self, X1: Signals, y: Targets, weights: Values | None, index: NDArray[np.intp]) -> None:
        """Gather a batch from whole arrays, of which X1 has a last column of ones; weights then count 1/n each."""
        X1.take(index, 0, out=self.rows, mode="clip")  # NOTE: any other mode gathers into an array of its own first
        if weights is not None:
            weights.take(index, out=self.w_row, mode="clip")
            np.multiply(self.w, self.equal, self.w)
        if self.gathered is None:
            self.gathered = np.empty((*self.stack, self.n, *y.shape[1:]), y.dtype)
        y.take(index, 0, out=self.gathered, mode="clip")
        self.aim(self.gathered)

    def aim(self, y: Targets) -> None:
        """Let the targets in: class indices (*stack, n) become columns of zeros and a one, rows become columns."""
        if y.ndim > len(self.stack) + 1:
            np.copyto(self.t, turned(y))
        elif self.one_hot is not None:
            self.one_hot.take(y, 1, out=self.t_first, mode="clip")
        else:
            self.t_first.fill(0)
            np.put_along_axis(self.t, y[..., None, :], 1, axis=-2)

    def loss(self) -> Any:
        """Σ_i w_i ℓ_i of the batch that is in: a number, or one (K,) for each network."""
        losses = self.output.losses()
        return np.vecdot(losses, self.w_row) if self.stack else float(losses.dot(self.w_row))
