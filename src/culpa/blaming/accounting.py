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
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.account import Blame
from culpa.blaming.accounts.columns import MOST_COLUMNS, columns_frame, inputs_by_column, spaced_rows, unmeasured
from culpa.blaming.accounts.examples import ExampleSums, agreement, examples_frame, words
from culpa.blaming.accounts.layers import decay_of, layers_frame, squared_weights, units_frame
from culpa.blaming.accounts.sums import LayerSums, in_double, layer_sums, rows_at_once
from culpa.blaming.findings.collecting import findings_of
from culpa.blaming.joining import Asked, Given, free_report, joined, needs_free, needs_report
from culpa.blaming.labels.report import LabelReport
from culpa.blaming.labels.suspecting import Names
from culpa.blaming.labels.witnesses import UNCOUNTED, UNCOUNTED_VALUES
from culpa.engine.arrays import admit_weights, as_array, as_rows, batch_starts, whole_number
from culpa.engine.factored import Gradient
from culpa.engine.forward import Step
from culpa.engine.gradient import needs_real, passes
from culpa.engine.network import Network
from culpa.engine.predicting import CHUNK
from culpa.engine.targets import Targets, admit_targets
from culpa.errors import DataError, ShapeError
from culpa.reporting.frames import Frame
from culpa.reporting.progress import Show, progress

__all__ = ["accounts_of", "blame", "with_labels"]

Chunk = tuple[slice, tuple[Step, ...], Gradient]
"""The places of some rows, and their forward and backward pass."""


class Accounts(NamedTuple):
    """What two passes over the rows leave."""

    sums: tuple[LayerSums, ...]
    kept: ExampleSums
    columns: Frame


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
    """Say which layers, units, weights, columns and examples carry the loss of these rows, and which labels look wrong.

    Args:
        network: A trained network; with its `columns`, classes and numbers come back in the user's own words and units.
        X, y: Inputs (n, d_0) as the network sees them, and targets, as for `gradient`.
        weights, ids, rows: Sample weights (n,); the rows' names; their numbers in the user's file, whole ones and each
            once, by default 0 to n−1.
        labels: A label report that is there; else one is made of the training's record, if that is of these rows.
        score: What of: "record", "forest" for the record and a forest, "none"; "auto" takes what is free.
        pred_probs: Another model's out-of-sample probabilities (n, K), for a report by those.
        batch_size: The most rows in memory at a time; the results do not depend on it beyond rounding.
        show_progress: "auto" shows a bar on a terminal.

    Returns:
        A Blame, whose parts add up: docs/blame.md.

    Raises:
        CulpaError: As `gradient`; if a score cannot be had here, or `pred_probs` fit no classes.

    Example:
        >>> X, y = np.array([[0.0], [1.0], [9.0]]), np.array([0.0, 1.0, 0.0])
        >>> network = culpa.Network.from_arrays([[[1.0]]], [[0.0]], loss="squared_error")
        >>> blame(network, X, y).examples["share"]
        array([0., 0., 1.])
    """
    made = accounts_of(
        network,
        X,
        y,
        weights=weights,
        ids=ids,
        rows=rows,
        labels=labels,
        score=score,
        pred_probs=pred_probs,
        batch_size=batch_size,
        show_progress=show_progress,
    )
    return replace(made, findings=findings_of(made))


def accounts_of(
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
    """As `blame`, without findings: for whoever will know more than these accounts do, and draws them then."""
    needs_real(network)
    needs_free(network, score)
    needs_report(labels)
    inputs = as_rows(X, network.layers[0].W)
    n = len(inputs)
    for name, given in (("ids", ids), ("rows", rows)):
        if given is not None and len(given) != n:
            raise ShapeError(f"`{name}` must hold one entry for each of the {n:,} rows; got {len(given):,}.")
    numbers = np.arange(n) if rows is None else row_numbers(rows)
    said, targets = as_array("y", y), admit_targets(y, n, network.loss.targets, network.sizes[-1], network.dtype)
    w = admit_weights(weights, n, "mean", np.float64)
    names, why = numbers if ids is None else np.asarray(ids), ""
    if labels is None:  # before the accounts: a score that cannot be had is refused before any work
        s = None if weights is None else as_array("weights", weights).astype(np.float64)
        rows_of = Given(inputs, said, targets, s, Names(numbers, None if ids is None else names))
        labels, why = free_report(network, rows_of, Asked(score, pred_probs, show_progress))
    found = added_up(network, inputs, targets, w, batch_size, show_progress)
    layers, units = layers_frame(network, found.sums), units_frame(found.sums)
    norm = float(np.sqrt(layers["norm"] @ layers["norm"]))
    made = Blame(
        loss=float(w @ found.kept.losses),
        penalty=0.5 * network.l2 * squared_weights(network),
        norm=norm,
        first_order=float(layers["first_order"].sum()),
        decay=decay_of(network, found.sums, norm),
        layers=layers,
        units=units,
        columns=found.columns,
        examples=examples_frame(found.kept, w, norm, words(network, targets, said, found.kept), numbers, names),
        sums=found.sums,
        effective=float(1 / (w @ w)),
        missing=unmeasured(len(found.columns), int(np.count_nonzero(w))),
    )
    return with_labels(made, labels, why)


def row_numbers(rows: Sequence[int] | NDArray[np.intp]) -> NDArray[np.intp]:
    """The rows' numbers (n,) in the user's file, by which a label report knows them: whole numbers, each once."""
    numbers = np.asarray(rows)
    if numbers.ndim != 1 or numbers.dtype.kind not in "iu" or numbers.min(initial=0) < 0:
        hint = "names of any kind go to `ids`."
        raise DataError("`rows` must hold the rows' numbers, whole ones from 0 on, in one row of entries.", hint=hint)
    found, times = np.unique(numbers, return_counts=True)
    if (times > 1).any():
        raise DataError(f"`rows` must hold each number once; got {found[times.argmax()]} in {times.max():,} rows.")
    return numbers


def with_labels(made: Blame, labels: LabelReport | None, why: str = "") -> Blame:
    """The same Blame with a label report, which its examples' suspicion comes from; what follows is not drawn here.

    Args:
        made: Of `blame`.
        labels: Of these rows, or of more; rows are known by their numbers.
        why: Why there is none.
    """
    missing = {name: reason for name, reason in made.missing.items() if name not in ("suspects", "wrong")}
    if labels is not None and labels.wrong is None and labels.method == "record":
        missing["wrong"] = UNCOUNTED if labels.task == "classification" else UNCOUNTED_VALUES
    if labels is None:
        return replace(made, labels=None, missing={**missing, "suspects": why} if why else missing)
    return replace(made, labels=labels, examples=joined(made.examples, labels), missing=missing)


def added_up(
    network: Network, X: NDArray[Any], targets: Targets, w: NDArray[np.float64], batch_size: int, show_progress: Show
) -> Accounts:
    """Go through the rows twice, for the sums and for what needs the whole gradient; then ask the columns."""
    whole_number("batch_size", batch_size)
    starts = batch_starts(len(X), rows_at_once(network.sizes, batch_size))
    sums, kept = layer_sums(network), ExampleSums(network, len(X))
    inputs = inputs_by_column(network)
    with progress("blaming", 2 * len(starts) + min(MOST_COLUMNS, len(inputs)), show=show_progress) as advance:
        last: Chunk | None = None
        for last in chunks(network, X, targets, starts):
            first_pass(last, w, sums, kept)
            advance()
        again = [last] if last is not None and len(starts) == 1 else chunks(network, X, targets, starts)
        for part, _, g in again:
            kept.along_gradient[part] = agreement(g, sums, w[part])
            advance()
        return Accounts(sums, kept, columns_frame(network, inputs, sums[0], spaced_rows(X, targets, w), advance))


def chunks(network: Network, X: NDArray[Any], targets: Targets, starts: range) -> Iterator[Chunk]:
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
