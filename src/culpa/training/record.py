# SPDX-License-Identifier: MIT
"""What a training leaves behind: its history, what it recorded of each example, and the whole record."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from culpa.reporting.frames import plain
from culpa.training.recipe import Recipe

__all__ = ["Epoch", "Examples", "Training", "fingerprint"]

NAN = float("nan")
CHUNK = 1 << 12
"""Rows that are copied at a time where they do not lie together."""


class Epoch(NamedTuple):
    """One pass over the rows; for L-BFGS, one iteration.

    Attributes:
        epoch: Its number, from 1.
        loss: The mean training loss over the epoch's batches, each before its step; without the penalty. For L-BFGS,
            the loss after the iteration.
        validation_loss: The mean loss of the validation rows after the epoch; NaN where there are none.
        validation_score: Their accuracy or R²; NaN where there are none.
        gradient_norm: The root mean square over the epoch's batches of the objective's gradient norm: before it is
            clipped as a whole, after each example's part is.
        learning_rate: η of the epoch's last step; NaN for L-BFGS, which finds its own.
        noise_trace, noise_signal: The parts of the noise scale, averaged over the epoch's batches, if asked for.
    """

    epoch: int
    loss: float
    validation_loss: float
    validation_score: float
    gradient_norm: float
    learning_rate: float = NAN
    noise_trace: float = NAN
    noise_signal: float = NAN

    @property
    def noise_scale(self) -> float:
        """Trace / signal, in examples; inf where the signal is not positive, NaN where it was not asked for."""
        if np.isnan(self.noise_signal):
            return NAN
        return self.noise_trace / self.noise_signal if self.noise_signal > 0 else float("inf")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Examples:
    """What was recorded of each of the rows given to `fit`, at the end of some epochs; without dropout.

    Args:
        epochs: Which ones (m,), from 1.
        losses: ℓ (m, n) of each row; None where only checkpoints were asked for.
        margins: (m, n) the logit of the given class less the largest other one; for one label ±a, the sign being the
            label's, and for several the least of them. None where the loss has no classes.
        outputs: The mean (n, d_L) over these epochs of what the network said, h_L.
        learnt: Whether a row was learnt from (n,); the others chose the epoch.
        checkpoints: The parameters (m, p), in the order of `culpa.flatten`, if asked for.
    """

    epochs: NDArray[np.intp]
    losses: NDArray[Any] | None = None
    margins: NDArray[Any] | None = None
    outputs: NDArray[Any] | None = None
    learnt: NDArray[np.bool_] | None = None
    checkpoints: NDArray[Any] | None = None

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What there is, by name."""
        named = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: array for name, array in named.items() if array is not None}

    def __repr__(self) -> str:
        rows = "" if self.losses is None else f"{self.losses.shape[1]:,} rows, "
        return f"Examples({rows}epochs {', '.join(map(str, self.epochs))}: {', '.join(self.arrays())})"


@dataclass(frozen=True, slots=True, repr=False)
class Training:
    """The record of one call of `fit`.

    Args:
        recipe: What was asked for.
        seed: The seed of all its random streams.
        history: One Epoch each.
        best_epoch: The epoch whose parameters were kept, from 1; the last one where there was no validation; 0 where
            not one epoch was finished.
        interrupted: Whether Ctrl-C ended it early.
        seconds: How long it took; of several trained at once, each one's share.
        rows: How many rows it learnt from, and how many chose the epoch.
        data: The fingerprint of X, y and weights.
        ids: The user's ids of the rows, if given.
        versions: Of culpa and NumPy.
        examples: What was recorded of each row; None unless `record` or `checkpoints` asked for it.
    """

    recipe: Recipe
    seed: int
    history: tuple[Epoch, ...]
    best_epoch: int
    interrupted: bool
    seconds: float
    rows: tuple[int, int]
    data: str
    ids: tuple[Any, ...] | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    examples: Examples | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold, the history by column, without what was recorded of each row."""
        columns = (
            dict(zip(Epoch._fields, map(list, zip(*self.history, strict=True)), strict=True)) if self.history else {}
        )
        state = asdict(replace(self, examples=None))
        del state["examples"]
        return {**plain(state), "history": plain(columns)}

    def __repr__(self) -> str:
        rows = f"{self.rows[0]:,} rows" + (f", {self.rows[1]:,} held out" if self.rows[1] else "")
        kept = f"epoch {self.best_epoch} of {len(self.history)}" + (", interrupted" if self.interrupted else "")
        return f"Training({self.recipe.optimizer}, {kept}, {rows}, {self.seconds:.2g} s, seed {self.seed})"

    @classmethod
    def from_dict(cls, state: Mapping[str, Any], examples: Examples | None = None) -> Self:
        """The other way; None in the history becomes NaN again, and what an older file lacks its default."""
        n = len(state["history"].get("epoch", []))
        columns = [state["history"].get(name, [None] * n) for name in Epoch._fields]
        history = tuple(
            Epoch(int(number), *(NAN if entry is None else entry for entry in entries))
            for number, *entries in zip(*columns, strict=True)
        )
        ids = None if state["ids"] is None else tuple(state["ids"])
        given = {**state["recipe"], "dropout": tuple(state["recipe"].get("dropout", ()))}
        known = {**state, "recipe": Recipe(**given), "history": history, "rows": tuple(state["rows"]), "ids": ids}
        return cls(**known, examples=examples)


def fingerprint(*arrays: NDArray[Any] | None) -> str:
    """Sixteen hexadecimal digits that change with any entry, shape or dtype of the arrays.

    Example:
        >>> fingerprint(np.zeros(2)) == fingerprint(np.zeros(2)), fingerprint(np.zeros(2)) == fingerprint(np.zeros(3))
        (True, False)
    """
    digest = hashlib.sha256()
    for array in arrays:
        if array is not None:
            digest.update(f"{array.dtype.str}{array.shape}".encode())
            if array.dtype.hasobject:
                digest.update(repr(array.tolist()).encode())
                continue
            for start in range(0, len(array), CHUNK):
                digest.update(np.ascontiguousarray(array[start : start + CHUNK]).data)
    return digest.hexdigest()[:16]
