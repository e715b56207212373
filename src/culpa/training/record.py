# SPDX-License-Identifier: MIT
"""What a training leaves behind: its recipe, its history and the whole record. Plain data that JSON can hold."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from culpa.reporting.frames import plain

__all__ = ["Epoch", "Recipe", "Training", "fingerprint"]


class Epoch(NamedTuple):
    """One pass over the rows.

    Attributes:
        epoch: Its number, from 1.
        loss: The mean training loss over the epoch's batches, each before its step; without the penalty.
        validation_loss: The mean loss of the validation rows after the epoch; NaN where there are none.
        validation_score: Their accuracy or R²; NaN where there are none.
        gradient_norm: The root mean square over the epoch's batches of the objective's gradient norm.
    """

    epoch: int
    loss: float
    validation_loss: float
    validation_score: float
    gradient_norm: float


@dataclass(frozen=True, slots=True)
class Recipe:
    """What `fit` was asked for, checked and with the defaults filled in.

    Args:
        epochs: How many passes over the rows at the most.
        batch_size: Rows a step.
        optimizer: The rule's name.
        learning_rate: η.
        momentum: μ, where the rule has one.
        patience: Epochs without a better validation loss before the training stops; None never stops it.
        weighted: Whether there were sample weights.
    """

    epochs: int
    batch_size: int
    optimizer: str
    learning_rate: float
    momentum: float
    patience: int | None
    weighted: bool


@dataclass(frozen=True, slots=True)
class Training:
    """The record of one call of `fit`.

    Args:
        recipe: What was asked for.
        seed: The seed of all its random streams.
        history: One Epoch each.
        best_epoch: The epoch whose parameters were kept, from 1; the last one where there was no validation; 0 where
            not one epoch was finished.
        interrupted: Whether Ctrl-C ended it early.
        seconds: How long it took.
        rows: How many rows it learnt from, and how many chose the epoch.
        data: The fingerprint of X, y and weights.
        ids: The user's ids of the rows, if given.
        versions: Of culpa and NumPy.
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

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold; the history by column."""
        columns = (
            dict(zip(Epoch._fields, map(list, zip(*self.history, strict=True)), strict=True)) if self.history else {}
        )
        return {**plain(asdict(self)), "history": plain(columns)}

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> Self:
        """The other way; None in the history becomes NaN again."""
        columns = [state["history"].get(name, []) for name in Epoch._fields]
        history = tuple(
            Epoch(int(number), *(float("nan") if entry is None else entry for entry in entries))
            for number, *entries in zip(*columns, strict=True)
        )
        ids = None if state["ids"] is None else tuple(state["ids"])
        recipe = Recipe(**state["recipe"])
        return cls(**{**state, "recipe": recipe, "history": history, "rows": tuple(state["rows"]), "ids": ids})


def fingerprint(*arrays: NDArray[Any] | None) -> str:
    """Sixteen hexadecimal digits that change with any entry, shape or dtype of the arrays.

    Example:
        >>> fingerprint(np.zeros(2)) == fingerprint(np.zeros(2)), fingerprint(np.zeros(2)) == fingerprint(np.zeros(3))
        (True, False)
    """
    digest = hashlib.sha256()
    for array in arrays:
        if array is not None:
            contiguous = np.ascontiguousarray(array)
            content = repr(contiguous.tolist()).encode() if contiguous.dtype.hasobject else contiguous.tobytes()
            digest.update(f"{contiguous.dtype.str}{contiguous.shape}".encode())
            digest.update(content)
    return digest.hexdigest()[:16]
