# SPDX-License-Identifier: MIT
"""Choosing: a sensible network and recipe for a table, from its size alone, by one table of rules.

    training rows    epochs   batch    l2         above 50 inputs
    below 500           100      32    0.03       0.03
    below 2,000         100      32    0.002      0.002
    below 10,000        100      32    0.001      0.005
    below 100,000        60     128    0.0001     0.0001
    more                 20     512    0.00001    0.00001

The rest is the same for all: 128 and 64 units, ReLU, Adam with η = .002 that falls along a cosine, no dropout. The
epoch with the least validation loss says how long all rows are learnt from. docs/tables.md says why, `bench/tables.py`
what it reaches.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

from culpa.errors import unknown_name

__all__ = ["MANY_INPUTS", "RULES", "Choice", "Rule", "choose"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A network's shape and how it is trained: everything that a command line must repeat to get it again.

    Args:
        hidden: The widths of the hidden layers.
        activation: Of the hidden layers.
        epochs: At the most; the best one is kept.
        batch_size: Rows a step.
        learning_rate: Of Adam, at the start.
        schedule: How it changes.
        l2: The penalty's factor.
        dropout: The share of each hidden layer's outputs that is given up in training.
        patience: Epochs without a better validation loss before the training stops; None goes through all.
        refit: Whether, once the epoch is chosen, all rows are learnt from for so many.
    """

    hidden: tuple[int, ...] = (128, 64)
    activation: str = "relu"
    epochs: int
    batch_size: int
    learning_rate: float = 2e-3
    schedule: str = "cosine"
    l2: float = 1e-3
    dropout: float = 0.0
    patience: int | None = None
    refit: bool = True

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


class Rule(NamedTuple):
    """One row of the table.

    Args:
        below: It holds for fewer training rows than this; None for any number.
        epochs, batch_size, l2: What it chooses.
        wide_l2: The penalty's factor for a table of many inputs.
    """

    below: int | None
    epochs: int
    batch_size: int
    l2: float
    wide_l2: float


RULES = (
    Rule(500, 100, 32, 0.03, 0.03),
    Rule(2_000, 100, 32, 0.002, 0.002),
    Rule(10_000, 100, 32, 0.001, 0.005),
    Rule(100_000, 60, 128, 0.0001, 0.0001),
    Rule(None, 20, 512, 0.00001, 0.00001),
)
"""From few rows to many; the first that holds is taken."""
MANY_INPUTS = 50
"""A table of more inputs is wide."""


def choose(n: int, inputs: int, outputs: int, *, classification: bool) -> Choice:
    """Choose by the table of rules at the head of this file.

    Args:
        n: Training rows, those that choose the epoch included.
        inputs: The network's inputs.
        outputs: Its outputs; these two change nothing: no rule that knew them was better by measurement.
        classification: Whether it predicts classes.

    Example:
        >>> choice = choose(1347, 64, 10, classification=True)
        >>> choice.hidden, choice.epochs, choice.l2
        ((128, 64), 100, 0.002)
    """
    del outputs, classification
    rule = next(rule for rule in RULES if rule.below is None or n < rule.below)
    l2 = rule.wide_l2 if inputs > MANY_INPUTS else rule.l2
    return Choice(epochs=rule.epochs, batch_size=rule.batch_size, l2=l2)
