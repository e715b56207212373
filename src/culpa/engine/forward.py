# SPDX-License-Identifier: MIT
"""The forward pass: what the network computes, kept layer by layer for the way back.

    a_k = W_k h_{k−1} + b_k
    h_k = g_k(a_k)                           k = 1, …, L;  h_0 = X

Rows are examples, so A = H Wᵀ + b. Takes complex parameters and inputs too. Knows no targets and no loss.
"""

from typing import NamedTuple

import numpy as np

from culpa.engine.arrays import Signals
from culpa.engine.network import Layer, Network

__all__ = ["Step", "forward"]


class Step(NamedTuple):
    """What the forward pass keeps of one layer.

    Attributes:
        layer: The layer, with W_k, b_k and g_k.
        a: Its pre-activations a_k (n, d_k).
        h: Its outputs h_k (n, d_k).
    """

    layer: Layer
    a: Signals
    h: Signals


def forward(network: Network, X: Signals) -> tuple[Step, ...]:
    """Carry the inputs through every layer.

    Args:
        network: Any network.
        X: Inputs (n, d_0) that the door has let in.

    Returns:
        One step a layer, first layer first; the last one's h is what the network predicts.

    Example:
        >>> network = Network.from_arrays([[[1.0], [-1.0]], [[1.0, 1.0]]], loss="squared_error")
        >>> [step.h.tolist() for step in forward(network, np.array([[3.0]]))]
        [[[3.0, 0.0]], [[3.0]]]

    Source: the note "talking to the hidden layers"; Goodfellow, Bengio and Courville 2016, algorithm 6.3.
    """
    steps: list[Step] = []
    h = X
    with np.errstate(over="ignore", invalid="ignore"):  # whoever uses the steps tests for what is not finite, by name
        for layer in network.layers:
            a = h @ layer.W.T
            if layer.b is not None:
                a += layer.b
            h = layer.activation.value(a)
            steps.append(Step(layer, a, h))
    return tuple(steps)
