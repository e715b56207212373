# SPDX-License-Identifier: MIT
"""What a training was asked for: the options of `fit` that decide what is learnt, checked, with their defaults.

Plain data, so that a saved network can say how it came about. Knows the tables of optimisers and schedules, no rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from culpa.engine.arrays import number, whole_number
from culpa.engine.network import Network
from culpa.errors import OptionError, unknown_name
from culpa.training.optimizers import Optimizer, optimizer_named
from culpa.training.schedules import Schedule, schedule_named

__all__ = ["ClassWeight", "Dropout", "Recipe", "Recorded", "recipe_for"]

Dropout = float | Sequence[float]
Recorded = bool | Literal["log", "epochs"]
ClassWeight = Literal["balanced"] | Mapping[int, float] | Sequence[float]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What `fit` was asked for, checked and with the defaults filled in.

    Args:
        epochs: How many passes over the rows at the most.
        batch_size: Rows a step.
        optimizer: The rule's name.
        learning_rate: η; None where the rule finds its own.
        momentum: μ, where the rule has one.
        patience: Epochs without a better validation loss before the training stops; None never stops it.
        weighted: Whether there were sample weights or class weights.
        weight_decay: λ, where the rule has one.
        schedule: The name of how η changes.
        warmup: Over how many epochs η grows from the start.
        dropout: The share set to 0 in each hidden layer; empty for none.
        label_smoothing: The share of each target that is spread over all classes.
        clip_norm: What the norm of a batch's gradient is cut down to, or None.
        clip_examples: What the norm of each example's own gradient is cut down to, or None.
        noise_scale: Whether the history has the noise scale.
        record: Which epochs the examples' record holds: "log", "epochs" or None.
        checkpoints: Whether the parameters of these epochs are kept.
        validation: The fraction held out; None where there was none, or rows apart.
        grouped: Whether whole groups were held out.
        class_weight: As it was asked for.
        refit: Whether, once the epoch was chosen, all rows were learnt from for so many.
    """

    epochs: int
    batch_size: int
    optimizer: str
    learning_rate: float | None
    momentum: float
    patience: int | None
    weighted: bool
    weight_decay: float = 0.0
    schedule: str = "constant"
    warmup: int = 0
    dropout: tuple[float, ...] = ()
    label_smoothing: float = 0.0
    clip_norm: float | None = None
    clip_examples: float | None = None
    noise_scale: bool = False
    record: str | None = None
    checkpoints: bool = False
    validation: float | None = None
    grouped: bool = False
    class_weight: Any = None
    refit: bool = False


def recipe_for(
    network: Network,
    n: int,
    *,
    epochs: int = 30,
    batch_size: int = 64,
    optimizer: str = "adam",
    learning_rate: float | None = None,
    momentum: float | None = None,
    weight_decay: float | None = None,
    schedule: str | Schedule = "constant",
    warmup: int = 0,
    dropout: Dropout = 0.0,
    label_smoothing: float = 0.0,
    clip_norm: float | None = None,
    clip_examples: float | None = None,
    patience: int | None = None,
    refit: bool = False,
    noise_scale: bool = False,
    record: Recorded = False,
    checkpoints: bool = False,
    weighted: bool = False,
) -> Recipe:
    """Check the options of `fit` for a network and `n` rows to learn from; their defaults are those of `fit`.

    Raises:
        OptionError: If an option is out of range, unknown, or means nothing for the network or the optimiser.
    """
    rule = optimizer_named(optimizer)
    size, mu = whole_number("batch_size", batch_size), 0.9 if momentum is None else share("momentum", momentum)
    decay = 0.01 if weight_decay is None else number("weight_decay", weight_decay, least=0)
    if momentum is not None and not rule.has_momentum:
        raise OptionError(f"`momentum` means nothing for the optimizer {rule.name}.", hint='use "sgd" or "nesterov".')
    if weight_decay is not None and not rule.has_decay:
        hint = 'use "adamw", or the penalty l2= of Network.fresh.'
        raise OptionError(f"`weight_decay` means nothing for the optimizer {rule.name}.", hint=hint)
    if rule.at_once:
        thinned = dropout if np.any(dropout) else ()
        refuse_steps(rule, learning_rate, schedule, warmup, thinned, clip_norm, clip_examples, noise_scale)
    if label_smoothing and not network.loss.is_classification:
        raise OptionError(f"`label_smoothing` needs classes or labels; the loss is {network.loss.name}.")
    if clip_examples is not None and noise_scale:
        raise OptionError("`noise_scale` and `clip_examples` exclude each other: a clipped gradient is no mean.")
    if noise_scale and weighted:
        raise OptionError("`noise_scale` needs equal weights.", hint="train without weights and class_weight.")
    planned = whole_number("epochs", epochs, 0)
    if whole_number("warmup", warmup, 0) > planned:
        raise OptionError(f"`warmup` must be at most the {planned} epochs of the training; got {warmup}.")
    return Recipe(
        planned,
        n if rule.at_once else min(size, n),
        rule.name,
        rule.learning_rate if learning_rate is None else number("learning_rate", learning_rate, above=0),
        mu if rule.has_momentum else 0.0,
        None if patience is None else whole_number("patience", patience),
        weighted,
        decay if rule.has_decay else 0.0,
        schedule_named(schedule).name,
        int(warmup),
        shares_of(network, dropout),
        share("label_smoothing", label_smoothing),
        None if clip_norm is None else number("clip_norm", clip_norm, above=0),
        None if clip_examples is None else number("clip_examples", clip_examples, above=0),
        bool(noise_scale),
        recorded(record),
        bool(checkpoints),
        refit=bool(refit),
    )


def refuse_steps(rule: Optimizer, *options: Any) -> None:
    """Refuse what belongs to small steps, of which a rule on all rows at once takes none."""
    names = ("learning_rate", "schedule", "warmup", "dropout", "clip_norm", "clip_examples", "noise_scale")
    usual = (None, "constant", 0, (), None, None, False)
    for name, option, plain in zip(names, options, usual, strict=True):
        if option is not plain and repr(option) != repr(plain):
            raise OptionError(
                f"`{name}` means nothing for the optimizer {rule.name}, which works on all rows at once.",
                hint='leave it out, or use "adam".',
            )


def share(name: str, value: object) -> float:
    """A number from 0 to below 1."""
    result = number(name, value, least=0)
    if result >= 1:
        raise OptionError(f"`{name}` must be a share from 0 to below 1; got {value!r}.")
    return result


def shares_of(network: Network, dropout: object) -> tuple[float, ...]:
    """One share for all hidden layers, or one for each; empty where all are 0."""
    count = len(network.layers) - 1
    if isinstance(dropout, Iterable) and not isinstance(dropout, str):
        shares = tuple(share("dropout", entry) for entry in dropout)
        if len(shares) != count:
            raise OptionError(
                f"`dropout` must be one share, or one for each of {count} hidden layers; got {len(shares)}."
            )
    else:
        shares = (share("dropout", dropout),) * count
        if not count and share("dropout", dropout):
            raise OptionError("`dropout` needs hidden layers, and this network has none.")
    return shares if any(shares) else ()


def recorded(record: object) -> str | None:
    """The name of which epochs are recorded; True means "log"."""
    if record is None or isinstance(record, bool):
        return "log" if record else None
    if record not in ("log", "epochs"):
        raise unknown_name("record", record, ("log", "epochs"))
    return str(record)
