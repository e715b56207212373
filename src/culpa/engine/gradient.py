# SPDX-License-Identifier: MIT
"""The gradient: forward, output layer, hidden layers, parameters, in this order and nothing else.

    ℓ, δ_L         from the output layer
    δ_{L−1} … δ_1  from the hidden layers
    ∇W_k, ∇b_k     stay (δ_k, h_{k−1}, w) until something is asked for

How each conversation goes is told in `forward`, `output`, `hidden` and `factors`; what can be asked, in `factored`.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np

from culpa.engine.arrays import (
    Array,
    Signals,
    Values,
    admit_inputs,
    admit_weights,
    as_rows,
    batch_starts,
)
from culpa.engine.factored import Gradient
from culpa.engine.factors import OuterProduct
from culpa.engine.forward import Step, forward
from culpa.engine.hidden import hidden_deltas
from culpa.engine.network import Network
from culpa.engine.output import output_delta
from culpa.engine.targets import admit_targets
from culpa.errors import NumericalError, OptionError

__all__ = ["Gradient", "Reduction", "gradient", "gradients", "passes", "pull_back"]

Reduction = Literal["mean", "sum"]


def gradient(
    network: Network, X: object, y: object, *, weights: object | None = None, reduction: Reduction = "mean"
) -> Gradient:
    """Compute the gradient of a batch's loss with respect to every weight and bias, in factored form.

    Args:
        network: The network, with its loss.
        X: Inputs (n, d_0).
        y: Targets: class indices (n,), or rows (n, d_L); what the loss can use.
        weights: Sample weights s (n,), each ≥ 0; all equal by default.
        reduction: "mean" makes w = s/Σs, "sum" makes w = s.

    Raises:
        ShapeError, DataError: If `X`, `y` or `weights` do not fit the network, or hold what is not finite.
        NumericalError: If the pass overflows; names the first layer, example and quantity.

    Example:
        >>> network = Network.from_arrays([[[1.0, 2.0]]], [[0.0]], loss="squared_error")
        >>> g = gradient(network, [[1.0, 1.0], [0.0, 1.0]], [2.0, 2.0])
        >>> g.loss, g.layers[0].weight, g.norms()
        (0.25, array([[0.5, 0.5]]), array([1.73205081, 0.        ]))

    Source: Rumelhart, Hinton and Williams 1986; Nielsen, Neural Networks and Deep Learning, ch. 2, BP1–BP4.
    """
    needs_real(network)
    inputs = admit_inputs(X, network.layers[0].W)
    targets = admit_targets(y, len(inputs), network.loss.targets, network.sizes[-1], network.dtype)
    w = admit_weights(weights, len(inputs), reduction, network.dtype)
    return admitted_gradient(network, inputs, targets, w)


def admitted_gradient(
    network: Network, X: Signals, targets: Array, w: Values, rows: Sequence[int] | Array | None = None
) -> Gradient:
    """The gradient of arrays that the door has let in; `rows` are their numbers in a larger whole, for an error."""
    return there_and_back(network, X, targets, w, rows)[1]


def there_and_back(
    network: Network, X: Signals, targets: Array, w: Values, rows: Sequence[int] | Array | None = None
) -> tuple[tuple[Step, ...], Gradient]:
    """The forward pass and the gradient, of arrays that the door has let in."""
    steps = forward(network, X)
    losses, delta_out = output_delta(network.loss, steps[-1], targets)
    deltas = hidden_deltas(steps, delta_out)
    refuse_overflow(steps, losses, deltas, rows)
    return steps, Gradient(losses, w, factors(network, X, steps, deltas, w))


def gradients(
    network: Network,
    X: object,
    y: object,
    *,
    batch_size: int = 8192,
    weights: object | None = None,
    reduction: Reduction = "mean",
) -> Iterator[Gradient]:
    """Go through many rows chunk by chunk; each chunk carries the whole's weights w.

    So the chunks' `flat()` add up to the whole's, their `loss` too, and their `norms()` concatenate.

    Args:
        network: The network, with its loss.
        X: Inputs (n, d_0).
        y: Targets, as for `gradient`.
        batch_size: How many rows a chunk has; the results do not depend on it beyond rounding.
        weights: Sample weights of all rows.
        reduction: As for `gradient`, over all rows.

    Raises:
        ShapeError, DataError: At once for shapes, `y` and `weights`; for values of `X` when their chunk comes.

    Example:
        >>> network = Network.fresh([3, 2], seed=0, dtype="float64")
        >>> X, y = np.ones((5, 3)), np.zeros(5, dtype=int)
        >>> [len(g.norms()) for g in gradients(network, X, y, batch_size=2)]
        [2, 2, 1]
    """
    found = passes(network, X, y, batch_size=batch_size, weights=weights, reduction=reduction)
    return (g for _, g in found)


def passes(
    network: Network,
    X: object,
    y: object,
    *,
    batch_size: int = 8192,
    weights: object | None = None,
    reduction: Reduction = "mean",
) -> Iterator[tuple[tuple[Step, ...], Gradient]]:
    """As `gradients`, each chunk with its forward pass, for those who would ask the network for its answers too."""
    needs_real(network)
    rows = as_rows(X, network.layers[0].W)
    targets = admit_targets(y, len(rows), network.loss.targets, network.sizes[-1], network.dtype)
    w = admit_weights(weights, len(rows), reduction, network.dtype)
    starts = batch_starts(len(rows), batch_size)

    def chunks() -> Iterator[tuple[tuple[Step, ...], Gradient]]:
        for start in starts:
            part = slice(start, start + starts.step)
            inputs = admit_inputs(rows[part], network.layers[0].W, first_row=start)
            yield there_and_back(network, inputs, targets[part], w[part])

    return chunks()


def pull_back(
    network: Network, X: object, delta_out: object, *, weights: object | None = None, reduction: Reduction = "sum"
) -> Gradient:
    """Carry any rows of derivatives ∂/∂a_L down the network, for functions of the output other than the loss.

    Args:
        network: The network; its loss plays no part.
        X: Inputs (n, d_0).
        delta_out: ∂f_i/∂a_L (n, d_L), one row an example.
        weights: Sample weights (n,).
        reduction: As for `gradient`, but "sum" by default.

    Returns:
        A Gradient without losses: each example's own gradient is that of f_i.

    Example:
        >>> network = Network.from_arrays([[[1.0, 2.0]]], [[0.0]], loss="squared_error")
        >>> pull_back(network, [[3.0, 4.0]], [[1.0]]).flat()
        array([3., 4., 1.])
    """
    needs_real(network)
    inputs = admit_inputs(X, network.layers[0].W)
    rows = admit_targets(delta_out, len(inputs), "numbers", network.sizes[-1], network.dtype, name="delta_out")
    w = admit_weights(weights, len(inputs), reduction, network.dtype)
    steps = forward(network, inputs)
    deltas = hidden_deltas(steps, rows)
    refuse_overflow(steps, None, deltas)
    return Gradient(None, w, factors(network, inputs, steps, deltas, w))


def factors(
    network: Network, X: Signals, steps: Sequence[Step], deltas: Sequence[Signals], w: Values
) -> tuple[OuterProduct, ...]:
    """Pair every layer's δ_k with its input h_{k−1}; nothing is multiplied."""
    inputs = (X, *(step.h for step in steps))
    return tuple(
        OuterProduct(delta, h, w, step.layer.W, step.layer.b is not None, network.l2)
        for delta, h, step in zip(deltas, inputs, steps, strict=False)
    )


def refuse_overflow(
    steps: Sequence[Step],
    losses: Values | None,
    deltas: Sequence[Signals],
    rows: Sequence[int] | Array | None = None,
) -> None:
    """Refuse a pass that overflowed.

    What is not finite shows in the losses or in δ_1, unless a later layer levelled it off; then it shows in its h_k.
    """
    looks = [deltas[0], *(step.h for step in steps[:-1]), *([] if losses is None else [losses])]
    if all(np.isfinite(look).all() for look in looks):
        return
    quantities = [(f"the pre-activation a_{k}", step.a) for k, step in enumerate(steps, 1)]
    quantities += [(f"the output h_{k}", step.h) for k, step in enumerate(steps[:-1], 1)]
    quantities += [(f"the output h_{len(steps)} = {steps[-1].layer.activation.name}(a_{len(steps)})", steps[-1].h)]
    quantities += [] if losses is None else [("the loss", losses)]
    quantities += reversed([(f"the error δ_{k}", delta) for k, delta in enumerate(deltas, 1)])
    for name, values in quantities:
        wrong = np.argwhere(~np.isfinite(values))
        if len(wrong):
            place = tuple(int(i) for i in wrong[0])
            unit = f", unit {place[1] + 1}" if len(place) > 1 else ""
            example = f"example {place[0]}" if rows is None else f"row {rows[place[0]]}"
            raise NumericalError(
                f"In {values.dtype}, {name} is {values[place]} for {example}{unit}: the pass overflowed there.",
                hint="standardise the inputs, take smaller weights or a lower learning rate, or use float64.",
            )


def needs_real(network: Network) -> None:
    """Refuse what is no network, and a complex one: that is for complex steps through `forward` and the losses."""
    if not isinstance(network, Network):
        raise OptionError(f"`network` must be a culpa.Network; got a {type(network).__name__}.")
    if network.dtype.kind == "c":
        raise OptionError(
            f"A gradient needs a real network; this one is {network.dtype}.", hint='use astype("float64").'
        )
