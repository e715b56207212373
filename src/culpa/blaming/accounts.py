# SPDX-License-Identifier: MIT
"""Blame as accounts that add up: each layer's share of the squared gradient norm, each example's share of the loss.

    share of layer k       ‖∇_k‖² / Σ_j ‖∇_j‖²,   ∇_k = (∇W_k, ∇b_k) of the data's loss
    signal/noise           ‖∇_k‖² / Σ_i p_i ‖g_{k,i} − ∇_k‖²,   p = w
    share of example i     w_i ℓ_i / Σ_j w_j ℓ_j
    dead unit              |g′(a)| ≤ max|g′| / 1000 for every example: no error passes through it
    saturated unit         not dead, g levels off on both sides, and |g′(a)| ≤ max|g′| / 20 for 95 % of the examples

Everything is computed chunk by chunk from the factors; no example's gradient is ever multiplied out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.engine.activations import Activation
from culpa.engine.arrays import as_array, as_rows, batch_starts, whole_number
from culpa.engine.factored import Gradient
from culpa.engine.gradient import needs_real, passes
from culpa.engine.network import Network
from culpa.engine.predicting import CHUNK
from culpa.engine.targets import Targets, admit_targets
from culpa.errors import ShapeError
from culpa.reporting.frames import Frame
from culpa.reporting.progress import Show, progress

__all__ = ["Blame", "blame"]

DEAD = 1e-3
"""A slope below this share of the steepest one passes no error on."""
SATURATED = 0.05
"""A slope below this share of the steepest one hardly passes any."""


@dataclass(frozen=True, slots=True, eq=False)
class Blame:
    """Who carries the loss.

    Args:
        loss: Σ w_i ℓ_i, the mean loss of the rows, without the penalty.
        penalty: ½ l2 Σ‖W‖².
        norm: ‖∇‖ of the data's loss, over all parameters.
        layers: A row a layer: layer, inputs, units, norm, share, signal_to_noise, dead, saturated.
        examples: A row an example in the data's order: row, id, given, predicted, probability, loss, norm, share. With
            several outputs there are no single values to give, and the columns given to probability are missing.
    """

    loss: float
    penalty: float
    norm: float
    layers: Frame
    examples: Frame

    def heaviest(self, count: int = 20) -> Frame:
        """The examples with the largest shares of the loss, largest first."""
        whole_number("count", count)
        order = np.argsort(-self.examples["share"], kind="stable")
        return self.examples.take(order[:count])


def blame(
    network: Network,
    X: object,
    y: object,
    *,
    weights: object | None = None,
    ids: Sequence[Any] | None = None,
    rows: Sequence[int] | NDArray[np.intp] | None = None,
    batch_size: int = CHUNK,
    show_progress: Show = "auto",
) -> Blame:
    """Say which layers and which examples carry the loss of these rows.

    Args:
        network: A trained network; with its `columns`, classes and numbers come back in the user's own words and units.
        X: Inputs (n, d_0) as the network sees them, `network.columns.encode(X)` for one that `investigate` trained.
        y: Targets, as for `gradient`.
        weights: Sample weights (n,).
        ids: The rows' names.
        rows: The rows' numbers in the user's file; by default 0 to n−1.
        batch_size: How many rows are in memory at a time; the results do not depend on it beyond rounding.
        show_progress: "auto" shows a bar on a terminal.

    Returns:
        A Blame, whose shares add up to 1.

    Raises:
        ShapeError, DataError, NumericalError: As `gradient`.

    Example:
        >>> X, y = np.array([[0.0], [1.0], [9.0]]), np.array([0.0, 1.0, 0.0])
        >>> network = culpa.Network.from_arrays([[[1.0]]], [[0.0]], loss="squared_error")
        >>> blame(network, X, y).examples["share"]
        array([0., 0., 1.])
    """
    needs_real(network)
    inputs = as_rows(X, network.layers[0].W)
    n = len(inputs)
    for name, given in (("ids", ids), ("rows", rows)):
        if given is not None and len(given) != n:
            raise ShapeError(f"`{name}` must hold one entry for each of the {n:,} rows; got {len(given):,}.")
    layers = LayerAccounts(network)
    losses, norms, w, said = [], [], [], []
    chunks = passes(network, inputs, y, weights=weights, batch_size=batch_size)
    with progress("blaming", len(batch_starts(n, batch_size)), show=show_progress) as advance:
        for steps, g in chunks:
            layers.add(g, [step.layer.activation.slope(step.a) for step in steps[:-1]])
            losses.append(np.asarray(g.losses))
            norms.append(g.norms())
            w.append(g.w)
            said.append(steps[-1].h)
            advance()
    weighted = np.concatenate(w).astype(np.float64) * np.concatenate(losses)
    targets = admit_targets(y, n, network.loss.targets, network.sizes[-1], network.dtype)
    numbers = np.arange(n) if rows is None else np.asarray(rows)
    examples = Frame(
        {
            "row": numbers,
            "id": numbers if ids is None else np.asarray(ids),
            **words(network, targets, as_array("y", y), np.concatenate(said)),
            "loss": np.concatenate(losses),
            "norm": np.concatenate(norms),
            "share": weighted / weighted.sum() if weighted.sum() > 0 else np.zeros(n),
        }
    )
    penalty = 0.5 * network.l2 * sum(float(np.sum(layer.W.astype(np.float64) ** 2)) for layer in network.layers)
    frame, norm = layers.close()
    return Blame(float(weighted.sum()), penalty, norm, frame, examples)


class LayerAccounts:
    """The running sums of every layer, over chunks of rows."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.means: list[NDArray[Any]] = [np.zeros(0)] * len(network.layers)
        self.squares = np.zeros(len(network.layers))
        self.steepest = [np.zeros(width) for width in network.sizes[1:-1]]
        self.flat_rows = [np.zeros(width) for width in network.sizes[1:-1]]
        self.rows = 0

    def add(self, g: Gradient, slopes: Sequence[NDArray[Any]]) -> None:
        """Add one chunk: its layers' gradients, and the slopes g_k′(a_k) of its hidden units."""
        for k, block in enumerate(g.layers):
            parts = [part.ravel() for part in (block.weight, block.bias) if part is not None]
            mean = np.concatenate(parts).astype(np.float64)
            self.means[k] = mean if not len(self.means[k]) else self.means[k] + mean
            self.squares[k] += float(g.w.astype(np.float64) @ block.squared_norms())
        for k, slope in enumerate(slopes):
            size = np.abs(slope)
            limit = SATURATED * steepest_slope(self.network.layers[k].activation)
            self.steepest[k] = np.maximum(self.steepest[k], size.max(axis=0))
            self.flat_rows[k] += (size <= limit).sum(axis=0)
        self.rows += len(g.w)

    def close(self) -> tuple[Frame, float]:
        """The layers as a frame, and the whole gradient's norm."""
        squares = np.array([float(mean @ mean) for mean in self.means])
        total = squares.sum()
        with np.errstate(divide="ignore", invalid="ignore"):
            noise = np.maximum(self.squares - squares, 0.0)
            ratio = squares / noise
        sizes = self.network.sizes
        dead, saturated = np.full(len(squares), np.nan), np.full(len(squares), np.nan)
        for k, layer in enumerate(self.network.layers[:-1]):
            asleep = self.steepest[k] <= DEAD * steepest_slope(layer.activation)
            dead[k] = asleep.sum()
            if layer.activation.bounded:
                saturated[k] = (~asleep & (self.flat_rows[k] >= 0.95 * self.rows)).sum()
        frame = Frame(
            {
                "layer": np.arange(1, len(squares) + 1),
                "inputs": np.array(sizes[:-1]),
                "units": np.array(sizes[1:]),
                "norm": np.sqrt(squares),
                "share": squares / total if total > 0 else np.zeros(len(squares)),
                "signal_to_noise": ratio,
                "dead": dead,
                "saturated": saturated,
            }
        )
        return frame, float(np.sqrt(total))


def steepest_slope(activation: Activation) -> float:
    """The largest |g′| that the activation has, found on a grid."""
    return float(np.abs(activation.slope(np.linspace(-8.0, 8.0, 321))).max())


def words(network: Network, targets: Targets, y: NDArray[Any], said: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """What each row was given and what the network says of it, in the user's own words and units."""
    columns = network.columns
    if network.loss.targets == "classes":
        labels = np.asarray(range(said.shape[1]) if columns is None or columns.classes is None else columns.classes)
        truth = targets if targets.ndim == 1 else targets.argmax(axis=1)
        best = said.argmax(axis=1)
        return {"given": labels[truth], "predicted": labels[best], "probability": said.max(axis=1)}
    if said.shape[1] > 1:
        return {}
    value, guess = y.reshape(len(y)), said[:, 0]  # the user's own numbers, not those rounded to the network's dtype
    if network.loss.targets == "labels":
        best = (guess >= 0.5).astype(np.intp)
        return {"given": value, "predicted": best, "probability": np.where(best == 1, guess, 1 - guess)}
    if columns is not None:
        # Rounded to twelve digits of the target's spread, so that what was 0 reads as 0 again.
        decimals = 12 - int(np.floor(np.log10(columns.target_scale)))
        value, guess = columns.decode_target(value).round(decimals), columns.decode_target(guess)
    return {"given": value, "predicted": guess, "probability": np.full(len(said), np.nan)}
