# SPDX-License-Identifier: MIT
"""Hidden layers: how an error crosses a layer, from its output back to its input.

    ∂ℓ/∂h_k = δ_{k+1} W_{k+1}                k = L−1, …, 1
    δ_k     = ∂ℓ/∂h_k ⊙ g_k′(a_k)

Rows are examples. Nothing here reads the loss: `output` has done that. Nothing here makes a weight's gradient:
`factors` will.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from culpa.engine.arrays import Signals
from culpa.engine.forward import Step

__all__ = ["hidden_deltas"]


def hidden_deltas(steps: Sequence[Step], delta_out: Signals) -> tuple[Signals, ...]:
    """Carry the output's error back through every hidden layer.

    Args:
        steps: What `forward` kept, first layer first.
        delta_out: δ_L = ∂ℓ/∂a_L (n, d_L), each row the derivative of that example's own loss.

    Returns:
        (δ_1, …, δ_L), each (n, d_k), first layer first; the last is `delta_out` itself.

    Example:
        >>> from culpa.engine.forward import forward
        >>> from culpa.engine.network import Network
        >>> network = Network.from_arrays([[[1.0]], [[3.0]]], loss="squared_error")
        >>> hidden_deltas(forward(network, np.array([[2.0]])), np.array([[0.5]]))[0]
        array([[1.5]])

    Source: the note "talking to the hidden layers"; Nielsen, Neural Networks and Deep Learning, ch. 2, equation BP2.
    """
    deltas = [delta_out]
    with np.errstate(over="ignore", invalid="ignore"):
        for below, above in reversed(list(pairwise(steps))):
            deltas.append((deltas[-1] @ above.layer.W) * below.layer.activation.slope(below.a))
    return tuple(reversed(deltas))
