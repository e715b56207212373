# SPDX-License-Identifier: MIT
"""The output layer: each example's loss, and how it answers to the output layer's pre-activation.

    ℓ_i = ℓ(a_L, y)
    δ_L = ∂ℓ/∂a_L

Both come from the same logits a_L. Knows the loss's row and nothing of the layers below.
"""

import numpy as np

from culpa.engine.arrays import Signals, Values
from culpa.engine.forward import Step
from culpa.engine.losses import Loss
from culpa.engine.targets import Targets

__all__ = ["output_delta"]


def output_delta(loss: Loss, last: Step, targets: Targets) -> tuple[Values, Signals]:
    """Talk to the output layer.

    Args:
        loss: A row of the table of losses.
        last: The forward pass's last step.
        targets: Class indices (n,) or rows (n, d_L), as the door let them in.

    Returns:
        The losses ℓ (n,) and δ_L (n, d_L), each row the derivative of that example's own loss: no 1/n inside.

    Example:
        >>> from culpa.engine.forward import forward
        >>> from culpa.engine.network import Network
        >>> steps = forward(Network.from_arrays([[[2.0]]], loss="squared_error"), np.array([[3.0]]))
        >>> output_delta(Network.from_arrays([[[2.0]]], loss="squared_error").loss, steps[-1], np.array([[5.0]]))
        (array([0.5]), array([[1.]]))

    Source: the note "talking to the output layer"; Nielsen, Neural Networks and Deep Learning, ch. 2, equation BP1.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return loss.losses(last.a, targets), loss.delta(last.a, targets)
