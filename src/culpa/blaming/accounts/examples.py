# SPDX-License-Identifier: MIT
"""Examples: each one's loss, gradient norm and part of what the layers add up to, in the reader's words.

    share            w_i ℓ_i / Σ_j w_j ℓ_j
    cosine           ⟨g_i, ∇⟩ / (‖g_i‖ ‖∇‖)
    gradient_share   w_i ⟨g_i, ∇⟩ / ‖∇‖²                    signed; the rows' sum is 1
    first_order      w_i ⟨g_i, θ⟩ = w_i Σ_k δ_{k,i} · a_{k,i}, which needs no gradient of the example

⟨g_i, ∇⟩ is known once ∇ is: then the rows are gone through a second time. No example's gradient is multiplied out.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.accounts.layers import ratio
from culpa.blaming.accounts.sums import LayerSums, in_double
from culpa.engine.factored import Gradient
from culpa.engine.forward import Step
from culpa.engine.network import Network
from culpa.engine.targets import Targets
from culpa.reporting.frames import Frame

__all__ = ["ExampleSums", "agreement", "examples_frame", "words"]


class ExampleSums:
    """What is kept of each row: a few vectors (n,)."""

    def __init__(self, network: Network, n: int) -> None:
        self.network = network
        self.losses = np.zeros(n, network.dtype)
        self.norms, self.along_parameters, self.along_gradient = np.zeros(n), np.zeros(n), np.zeros(n)
        one = network.loss.targets != "classes" and network.sizes[-1] == 1
        self.best = None if network.loss.targets != "classes" else np.zeros(n, np.intp)
        self.said = None if self.best is None and not one else np.zeros(n, network.dtype)

    def add(self, part: slice, steps: Sequence[Step], g: Gradient, squares: NDArray[np.float64]) -> None:
        """Add the first pass over one chunk."""
        self.losses[part] = g.losses
        self.norms[part] = np.sqrt(squares)
        for step, block in zip(steps, g.layers, strict=True):
            # NOTE: engine blocks are outer products; the protocol of blocks, which bridges add to, promises no delta.
            self.along_parameters[part] += np.vecdot(block.delta, step.a, dtype=np.float64)  # type: ignore[attr-defined]
        outputs = steps[-1].h
        if self.best is not None:
            self.best[part] = outputs.argmax(axis=1)
        if self.said is not None:
            self.said[part] = outputs[:, 0] if self.best is None else outputs.max(axis=1)


def agreement(g: Gradient, sums: Sequence[LayerSums], w: NDArray[np.float64]) -> NDArray[np.float64]:
    """⟨g_i, ∇⟩ (n,) of one chunk, all layers together."""
    total = np.zeros(len(w))
    for block, layer in zip(g.layers, sums, strict=True):
        total += in_double(block, w).dot(layer.weight, layer.bias)
    return total


def examples_frame(
    kept: ExampleSums,
    w: NDArray[np.float64],
    norm: float,
    said: dict[str, NDArray[Any]],
    rows: NDArray[Any],
    ids: NDArray[Any],
) -> Frame:
    """A row an example, in the data's order, without a suspicion yet."""
    weighted, n = w * kept.losses, len(w)
    along = w * kept.along_gradient
    return Frame(
        {
            "row": rows,
            "id": ids,
            **said,
            "loss": kept.losses,
            "norm": kept.norms,
            "cosine": np.clip(ratio(kept.along_gradient, kept.norms * norm), -1.0, 1.0),
            "share": weighted / weighted.sum() if weighted.sum() > 0 else np.zeros(n),
            "gradient_share": along / norm**2 if norm > 0 else np.zeros(n),
            "first_order": w * kept.along_parameters,
            "suspicion": np.full(n, np.nan),
        }
    )


def words(network: Network, targets: Targets, y: NDArray[Any], kept: ExampleSums) -> dict[str, NDArray[Any]]:
    """What each row was given and what the network says of it, in the user's own words and units."""
    columns, said = network.columns, kept.said
    if kept.best is not None:
        classes = network.sizes[-1]
        labels = np.asarray(range(classes) if columns is None or columns.classes is None else columns.classes)
        truth = targets if targets.ndim == 1 else targets.argmax(axis=1)
        return {"given": labels[truth], "predicted": labels[kept.best], "probability": np.asarray(said)}
    if said is None:
        return {}
    value, guess = y.reshape(len(y)), said  # the user's own numbers, not those rounded to the network's dtype
    if network.loss.targets == "labels":
        best = (guess >= 0.5).astype(np.intp)
        return {"given": value, "predicted": best, "probability": np.where(best == 1, guess, 1 - guess)}
    if columns is not None:
        # Rounded to twelve digits of the target's spread, so that what was 0 reads as 0 again.
        decimals = 12 - int(np.floor(np.log10(columns.target_scale)))
        value, guess = columns.decode_target(value).round(decimals), columns.decode_target(guess)
    return {"given": value, "predicted": guess, "probability": np.full(len(said), np.nan)}
