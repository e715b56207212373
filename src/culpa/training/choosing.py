# SPDX-License-Identifier: MIT
"""Choosing: a sensible network and recipe for a table, from its size and its task alone, by one table of rules."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from culpa.errors import unknown_name

__all__ = ["Choice", "choose"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A network's shape and how it is trained: everything that a command line must repeat to get it again.

    Args:
        hidden: The widths of the hidden layers.
        activation: Of the hidden layers.
        epochs: At the most; the best one is kept.
        batch_size: Rows a step.
        learning_rate: Of Adam.
        l2: The penalty's factor.
        dropout: The share of each hidden layer's outputs that is given up in training.
        patience: Epochs without a better validation loss before the training stops.
    """

    hidden: tuple[int, ...]
    activation: str = "relu"
    epochs: int
    batch_size: int
    learning_rate: float = 1e-3
    l2: float = 1e-3
    dropout: float = 0.0
    patience: int = 25

    def but(self, **said: Any) -> "Choice":
        """The same with what the reader said instead; None says nothing."""
        given = {name: value for name, value in said.items() if value is not None}
        for name in given:
            if name not in self.__dataclass_fields__:
                raise unknown_name("option", name, self.__dataclass_fields__)
        return replace(self, **given)

    def training(self) -> dict[str, Any]:
        """The options of `fit`."""
        return {name: value for name, value in asdict(self).items() if name not in ("hidden", "activation", "l2")}


def choose(n: int, inputs: int, outputs: int, *, classification: bool) -> Choice:
    """Choose by the rules of docs/tables.md.

    Args:
        n: Training rows.
        inputs: The network's inputs.
        outputs: Its outputs.
        classification: Whether it predicts classes.

    Example:
        >>> choose(1347, 64, 10, classification=True).hidden
        (64, 32)
    """
    del inputs, outputs, classification
    batch = 32 if n < 5_000 else 128 if n < 50_000 else 512
    return Choice(hidden=(64, 32), epochs=100, batch_size=batch)
