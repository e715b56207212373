# SPDX-License-Identifier: MIT
"""Blame as accounts that add up: layer, unit, weight and example share one gradient, and one loss to the first order.

    ‖∇‖²      = Σ_k ‖∇_k‖² = Σ over units = Σ over weights = Σ_i w_i ⟨g_i, ∇⟩
    ⟨∇, θ⟩    = Σ_k ⟨∇_k, θ_k⟩ = Σ over units = Σ over weights = Σ_i w_i ⟨g_i, θ⟩
    loss      = Σ_i w_i ℓ_i

∇ is the gradient of the data's loss; the penalty has a row of its own. Everything is computed chunk by chunk from the
factors, in two passes: no example's gradient is ever multiplied out. What an account is, is told in `accounts`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.account import Blame, Decay
from culpa.blaming.accounts.columns import MOST_COLUMNS, columns_frame, inputs_by_column
from culpa.blaming.accounts.examples import ExampleSums, agreement, examples_frame, words
from culpa.blaming.accounts.layers import layers_frame, units_frame
from culpa.blaming.accounts.sums import LayerSums, in_double, layer_sums, rows_at_once
from culpa.blaming.joining import free_report, joined
from culpa.blaming.labels.report import LabelReport
from culpa.engine.arrays import admit_weights, as_array, as_rows, batch_starts
from culpa.engine.factored import Gradient
from culpa.engine.forward import Step
from culpa.engine.gradient import needs_real, passes
from culpa.engine.network import Network
from culpa.engine.predicting import CHUNK
from culpa.engine.targets import admit_targets
from culpa.errors import ShapeError
from culpa.reporting.progress import Show, progress

__all__ = ["blame", "with_labels"]

Chunk = tuple[slice, tuple[Step, ...], Gradient]


def blame(
    network: Network,
    X: object,
    y: object,
    *,
    weights: object | None = None,
    ids: Sequence[Any] | None = None,
    rows: Sequence[int] | NDArray[np.intp] | None = None,
    labels: LabelReport | None = None,
    score: str = "auto",
    pred_probs: object | None = None,
    batch_size: int = CHUNK,
    show_progress: Show = "auto",
) -> Blame:
    """Say which layers, units, weights, columns and examples carry the loss of these rows, and whose labels look wrong.

    Args:
        network: A trained network; with its `columns`, classes and numbers come back in the user's own words and units.
        X: Inputs (n, d_0) as the network sees them, `network.columns.encode(X)` for one that `investigate` trained.
        y: Targets, as for `gradient`.
        weights: Sample weights (n,).
        ids, rows: The rows' names, and their numbers in the user's file; by default 0 to n−1.
        labels: A label report that is there already; without one it is made of the training's record, if these are its
            rows.
        score: What it is made of: "record", "forest" for the record and a forest, "none"; "auto" takes what is free.
        pred_probs: Another model's out-of-sample probabilities (n, K), for a report by those.
        batch_size: How many rows at most are in memory at a time; the results do not depend on it beyond rounding.
        show_progress: "auto" shows a bar on a terminal.

    Returns:
        A Blame, whose parts add up.

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
    numbers = np.arange(n) if rows is None else np.asarray(rows)
    w, targets = (
        admit_weights(weights, n, "mean", np.float64),
        admit_targets(y, n, network.loss.targets, network.sizes[-1], network.dtype),
    )
    batch_starts(n, batch_size)  # refuses what is no number of rows
    sums, kept = layer_sums(network), ExampleSums(network, n)
    starts = batch_starts(n, rows_at_once(network.sizes, batch_size))
    replaced = min(MOST_COLUMNS, len(inputs_by_column(network)))
    with progress("blaming", 2 * len(starts) + replaced, show=show_progress) as advance:
        only: Chunk | None = None
        for only in chunks(network, inputs, targets, starts):
            first_pass(only, w, sums, kept)
            advance()
        for part, _, g in [only] if len(starts) == 1 and only else chunks(network, inputs, targets, starts):
            kept.along_gradient[part] = agreement(g, sums, w[part])
            advance()
        columns = columns_frame(network, sums[0], inputs, targets, w, advance)
    layers, units = layers_frame(network, sums, learning_rate(network)), units_frame(sums)
    norm = float(np.sqrt((units["norm"] ** 2).sum()))
    names = numbers if ids is None else np.asarray(ids)
    examples = examples_frame(kept, w, norm, words(network, targets, as_array("y", y), kept), numbers, names)
    made = Blame(
        loss=float(w @ kept.losses),
        penalty=0.5 * network.l2 * squared_weights(network),
        norm=norm,
        first_order=float(layers["first_order"].sum()),
        decay=decay_of(network, sums, norm),
        layers=layers,
        units=units,
        columns=columns,
        examples=examples,
        sums=sums,
        effective=float(1 / (w @ w)),
    )
    why: dict[str, str] = {}
    if labels is None:
        labels, why = free_report(network, inputs, targets, y, weights, numbers, ids, score, pred_probs, show_progress)
    return with_labels(made, labels, why)


def with_labels(made: Blame, labels: LabelReport | None, why: dict[str, str] | None = None) -> Blame:
    """The same Blame with a label report, which its examples' suspicion comes from.

    Args:
        made: Of `blame`.
        labels: Of these rows, or of more; rows are known by their numbers.
        why: Why there is none.
    """
    if labels is None:
        return replace(made, missing={**made.missing, **(why or {})})
    missing = {name: reason for name, reason in made.missing.items() if name != "suspects"}
    return replace(made, labels=labels, examples=joined(made.examples, labels), missing=missing)


def chunks(network: Network, X: NDArray[Any], targets: NDArray[Any], starts: range) -> Iterator[Chunk]:
    """Forward and backward through all rows, with the places of each chunk's."""
    for start, (steps, g) in zip(starts, passes(network, X, targets, batch_size=starts.step), strict=True):
        yield slice(start, start + len(g.w)), steps, g


def first_pass(chunk: Chunk, w: NDArray[np.float64], sums: Sequence[LayerSums], kept: ExampleSums) -> None:
    """Add one chunk to all sums."""
    part, steps, g = chunk
    squares = np.zeros(len(g.w))
    for block, step, layer in zip(g.layers, steps, sums, strict=True):
        squares += layer.add(in_double(block, w[part]), step)
    kept.add(part, steps, g, squares)


def learning_rate(network: Network) -> float:
    """η of the training; 1 where it is not known, or the rule finds its own."""
    training = network.training
    return 1.0 if training is None or training.recipe.learning_rate is None else float(training.recipe.learning_rate)


def squared_weights(network: Network) -> float:
    """Σ‖W‖² over all layers."""
    return float(sum(np.sum(layer.W.astype(np.float64) ** 2) for layer in network.layers))


def decay_of(network: Network, sums: Sequence[LayerSums], norm: float) -> Decay:
    """The penalty's gradient beside the data's."""
    squares = squared_weights(network)
    leaning = sum(float(np.vdot(layer.weight, layer.layer.W.astype(np.float64))) for layer in sums)
    size = network.l2 * np.sqrt(squares)
    cosine = network.l2 * leaning / (size * norm) if size * norm > 0 else float("nan")
    return Decay(float(size), float(cosine), network.l2 * squares)
