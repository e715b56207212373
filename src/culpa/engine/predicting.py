# SPDX-License-Identifier: MIT
"""Predictions: what the network says of new rows, and how often it is right. Knows no gradient."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.engine.arrays import (
    Signals,
    Values,
    admit_inputs,
    admit_weights,
    as_rows,
    batch_starts,
)
from culpa.engine.forward import forward
from culpa.engine.network import Network
from culpa.engine.targets import Targets, admit_targets
from culpa.errors import NumericalError, OptionError

__all__ = ["Assessment", "assess", "classes", "predict", "score", "scored"]

CHUNK = 8192
"""Rows per chunk where the caller names no number: enough to keep the products busy, little memory."""


def predict(network: Network, X: object, *, batch_size: int = CHUNK, first_row: int = 0) -> Signals:
    """Compute h_L, what the network says: probabilities, means or rates, as its loss has it.

    Args:
        network: Any network.
        X: Inputs (n, d_0) as the network sees them, `network.columns.encode(X)` where it has columns.
        batch_size: How many rows are in memory at a time; the result does not depend on it beyond rounding.
        first_row: What an error calls the first row, where `X` is a part of something larger.

    Returns:
        (n, d_L) in the network's dtype.

    Raises:
        ShapeError, DataError: If `X` does not fit, or holds what is not finite.
        NumericalError: If an output is not finite.

    Example:
        >>> predict(Network.from_arrays([[[0.0], [0.0]]], loss="cross_entropy"), [[1.0]])
        array([[0.5, 0.5]])
    """
    if not isinstance(network, Network):
        raise OptionError(f"`network` must be a culpa.Network; got a {type(network).__name__}.")
    W = network.layers[0].W
    rows = as_rows(X, W)
    outputs = np.empty((len(rows), network.sizes[-1]), network.dtype)
    starts = batch_starts(len(rows), batch_size)
    for start in starts:
        part = slice(start, start + starts.step)
        outputs[part] = forward(network, admit_inputs(rows[part], W, first_row=first_row + start))[-1].h
    wrong = np.flatnonzero(~np.isfinite(outputs).all(axis=1))
    if len(wrong):
        raise NumericalError(
            f"The network's output is not finite for {len(wrong):,} rows; the first is row {first_row + wrong[0]}.",
            hint="are these inputs scaled like those that it was trained on?",
        )
    return outputs


class Assessment(NamedTuple):
    """What a network makes of rows whose targets are known.

    Attributes:
        losses: ℓ (n,).
        logits: a_L (n, d_L).
        outputs: h_L (n, d_L).
    """

    losses: Values
    logits: Signals
    outputs: Signals


def assess(network: Network, X: Signals, targets: Targets, *, batch_size: int = CHUNK) -> Assessment:
    """The losses, logits and outputs of rows that the door has let in; not tested for overflow."""
    shape = len(X), network.sizes[-1]
    found = Assessment(*(np.empty(shape[: 2 - flat], network.dtype) for flat in (True, False, False)))
    for start in batch_starts(len(X), batch_size):
        part = slice(start, start + batch_size)
        last = forward(network, X[part])[-1]
        with np.errstate(over="ignore", invalid="ignore"):
            found.losses[part] = network.loss.losses(last.a, targets[part])
        found.logits[part], found.outputs[part] = last.a, last.h
    return found


def classes(network: Network, X: object, *, batch_size: int = CHUNK) -> NDArray[np.intp]:
    """Choose each row's class: the most probable one, or for independent labels 1 where the probability is ½ or more.

    Args:
        network: A network with a classification loss.
        X: Inputs (n, d_0).
        batch_size: As for `predict`.

    Returns:
        Class indices (n,); for several independent labels 0 or 1 (n, d_L).

    Raises:
        OptionError: If the network's loss is one for numbers.

    Example:
        >>> classes(Network.from_arrays([[[1.0], [0.0]]], loss="cross_entropy"), [[1.0], [-1.0]])
        array([0, 1])
    """
    needs_classes(network)
    return chosen(network, predict(network, X, batch_size=batch_size))


def score(network: Network, X: object, y: object, *, weights: object | None = None, batch_size: int = CHUNK) -> float:
    """Compute the accuracy of a classification (of independent labels: the share of all labels that are right), or R².

        R² = 1 − Σ_i w_i (y_i − ŷ_i)² / Σ_i w_i (y_i − ȳ)²,    averaged over outputs

    Args:
        network: Any network.
        X: Inputs (n, d_0).
        y: Targets, as for `gradient`.
        weights: Sample weights (n,).
        batch_size: As for `predict`.

    Returns:
        A number up to 1; NaN for R² where an output's targets are all the same.

    Example:
        >>> score(Network.from_arrays([[[1.0], [0.0]]], loss="cross_entropy"), [[1.0], [-1.0]], [0, 0])
        0.5
    """
    said = predict(network, X, batch_size=batch_size)
    truth = admit_targets(y, len(said), network.loss.targets, network.sizes[-1], network.dtype)
    return scored(
        network, said, truth, None if weights is None else admit_weights(weights, len(said), "mean", np.float64)
    )


def scored(network: Network, said: Signals, truth: Targets, w: Values | None = None) -> float:
    """The accuracy or R² of outputs; w (n,) sums to 1, None where every row counts the same."""
    if network.loss.is_classification:
        right = chosen(network, said) == chosen(network, truth)
        # NOTE: a plain mean counts, so that all right is exactly 1; a sum of weights 1/n is not.
        shares = right if right.ndim == 1 else right.mean(axis=1)
        return float(shares.mean() if w is None else w @ shares)
    equal = np.full(len(said), 1 / len(said))
    return r_squared(truth.astype(np.float64), said.astype(np.float64), equal if w is None else w)


def r_squared(truth: Signals, said: Signals, w: Values) -> float:
    """R² averaged over outputs; NaN where there is nothing to explain."""
    truth, said, w = truth[w > 0], said[w > 0], w[w > 0]
    residual = w @ (truth - said) ** 2
    spread = w @ (truth - w @ truth) ** 2
    if (truth.max(axis=0) == truth.min(axis=0)).any():
        return float("nan")
    return float((1 - residual / spread).mean())


def chosen(network: Network, rows: NDArray[Any]) -> NDArray[np.intp]:
    """The class of each row of probabilities (or of admitted targets, whose indices pass through)."""
    if rows.ndim == 1:
        return rows.astype(np.intp)
    if network.loss.targets == "classes":
        return rows.argmax(axis=1)
    labels = (rows >= 0.5).astype(np.intp)
    return labels[:, 0] if labels.shape[1] == 1 else labels


def needs_classes(network: Network) -> None:
    """Refuse a network that predicts numbers."""
    if not network.loss.is_classification:
        raise OptionError(f"A network with the loss {network.loss.name} has no classes.", hint="use predict.")
