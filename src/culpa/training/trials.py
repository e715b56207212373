# SPDX-License-Identifier: MIT
"""Trials: what a search has tried, and when a challenger is better than the default by more than chance.

Knows losses of folds and nothing of how they came about.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.reporting.frames import Frame, plain
from culpa.training.choosing import Choice

__all__ = ["Trial", "Tuning", "decided", "noises"]

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trial:
    """One candidate and what the folds said of it.

    Args:
        choice: What was tried.
        losses: The mean loss of each fold's held-out rows, without the penalty; infinite where the training diverged.
        scores: Their accuracy or R²; NaN where a fold's targets are all the same.
        epochs: The epoch that each fold's training kept.
        seconds: How long it took.
        failure: Why a training diverged; None where none did.
    """

    choice: Choice
    losses: tuple[float, ...]
    scores: tuple[float, ...]
    epochs: tuple[int, ...]
    seconds: float
    failure: str | None = None

    @property
    def loss(self) -> float:
        """The mean over folds."""
        return float(np.mean(self.losses))

    @property
    def score(self) -> float:
        """The mean over folds."""
        return float(np.mean(self.scores))


@dataclass(frozen=True, slots=True, repr=False)
class Tuning:
    """What a search found.

    Args:
        best: The choice to train with: the default, unless a challenger is clearly better.
        chosen: Its number among the trials; 0 is the default.
        trials: The finished candidates, in the order in which they were tried.
        folds: How many folds there were.
        minutes: The time that was given.
        seconds: The time that it took.
        interrupted: Whether Ctrl-C ended it early.
    """

    best: Choice
    chosen: int
    trials: tuple[Trial, ...]
    folds: int
    minutes: float
    seconds: float
    interrupted: bool = False

    @property
    def frame(self) -> Frame:
        """All trials, the least loss first: what was tried, the folds' means, and how far each is from the default.

        `difference` is the mean over folds of the loss less the default's, `noise` its standard error; a challenger
        is clearly better where it is less than the default by more than the noise.
        """
        losses = np.array([trial.losses for trial in self.trials]).reshape(-1, self.folds)
        differences, noise = noises(losses)
        order = np.argsort(losses.mean(axis=1), kind="stable")
        rows = [
            {
                "candidate": number,
                **asdict(trial.choice),
                "loss": trial.loss,
                "difference": float(differences[number]),
                "noise": float(noise[number]),
                "score": trial.score,
                "epoch": float(np.mean(trial.epochs)) if trial.epochs else np.nan,
                "seconds": trial.seconds,
                "chosen": number == self.chosen,
            }
            for number, trial in enumerate(self.trials)
        ]
        return Frame({name: column([rows[k][name] for k in order]) for name in (rows[0] if rows else ())})

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold: the frame's rows, each with the losses and scores of its folds."""
        state = {name: getattr(self, name) for name in ("folds", "minutes", "seconds", "interrupted", "chosen")}
        trials = [
            {**row, **{name: plain(getattr(self.trials[row["candidate"]], name)) for name in ("losses", "scores")}}
            for row in (self.frame.rows() if self.trials else ())
        ]
        return {**state, "best": asdict(self.best), "trials": trials}

    def __repr__(self) -> str:
        found = f"candidate {self.chosen} is clearly better" if self.chosen else "the default stands"
        stopped = ", interrupted" if self.interrupted else ""
        return f"Tuning({len(self.trials)} candidates in {self.seconds:.2g} s{stopped}: {found})"


def column(entries: list[Any]) -> NDArray[Any]:
    """A column of a Frame; widths, which are tuples of any length, as objects."""
    if entries and isinstance(entries[0], tuple):
        found = np.empty(len(entries), object)
        found[:] = entries
        return found
    return np.array(entries)


def noises(losses: Values) -> tuple[Values, Values]:
    """Each candidate's mean difference to the first one over the folds, and the standard error of that difference.

        d_k = loss_k − loss of the default in fold k,    noise² = s² (1/K + 1/(K − 1))

    The second part is there because any two folds' trainings share most of their rows. s is the standard deviation of
    the d_k, but at least the median one of all challengers, because a few folds may agree by chance.

    Args:
        losses: (C, K) of C candidates in K folds, the default first.

    Returns:
        Two arrays (C,); 0 and 0 for the default itself. A candidate that diverged has an infinite difference.

    Example:
        >>> difference, noise = noises(np.array([[1.0, 2.0, 3.0], [0.5, 1.0, 3.0]]))
        >>> difference.tolist(), noise.round(4).tolist()
        ([0.0, -0.5], [0.0, 0.4564])

    Source: Nadeau and Bengio 2003, "Inference for the generalization error", section 4.
    """
    count, folds = losses.shape
    finite = np.asarray(np.isfinite(losses).all(axis=1), bool)
    difference, spread = np.full(count, np.inf), np.zeros(count)
    if count and finite[0]:
        d = losses[finite] - losses[0]
        difference[finite], spread[finite] = d.mean(axis=1), d.std(axis=1, ddof=1)
        challengers = spread[1:][finite[1:]]
        if len(challengers):
            spread[1:] = np.maximum(spread[1:], np.median(challengers))
        spread[~finite] = 0.0
    elif count:
        difference[finite], difference[0] = -np.inf, 0.0
    return difference, spread * (1 / folds + 1 / (folds - 1)) ** 0.5


def decided(trials: Sequence[Trial]) -> int:
    """The number of the trial to take: of the challengers that are clearly better, the one with the least loss."""
    if not trials:
        return 0
    losses = np.array([trial.losses for trial in trials])
    difference, noise = noises(losses)
    better = np.flatnonzero(difference < -noise)
    return int(better[np.argmin(losses[better].mean(axis=1))]) if len(better) else 0
