# SPDX-License-Identifier: MIT
"""Tuning: a small search for a better network, by cross-validation, that says so when there is none.

Every candidate is trained once without each fold of the rows and measured on that fold, which nothing of that training
has seen: the epoch is chosen as it is afterwards, by 15 % of the other folds' rows. What is measured is the whole way
of training, early stopping included. The default is the first candidate, and one that leads by chance is to stay
behind. Knows no table: rows come encoded.
"""

from collections.abc import Callable, Collection
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.engine.arrays import number, whole_number
from culpa.engine.network import Network
from culpa.engine.predicting import assess, scored
from culpa.errors import DataError, UnfinishedError
from culpa.reporting.progress import Show, progress
from culpa.training.candidates import candidates
from culpa.training.choosing import Choice
from culpa.training.many import fit_many
from culpa.training.rows import Rows, Validation, admit_rows
from culpa.training.splitting import fold_rows
from culpa.training.trials import Trial, Tuning, decided

__all__ = ["start_of", "tune"]

FOLDS = 5
FEWEST_GROUPS = 3
"""Two for every training, since one of them chooses its epoch, and one to be held out."""
ROWS_A_FOLD = 10
VALIDATION = 0.15


class Ground(NamedTuple):
    """What all candidates have in common.

    Attributes:
        X, y: As they were given.
        rows: The same as the door has let them in.
        folds: The rows that each fold holds out.
        classes: How many there are; None for numbers.
        seed: Of the first fold's training; the next ones count on.
        options: Of `fit`, whatever the candidate.
    """

    X: NDArray[Any]
    y: NDArray[Any]
    rows: Rows
    folds: list[NDArray[np.intp]]
    classes: int | None
    seed: int
    options: dict[str, Any]


def tune(
    choice: Choice,
    X: NDArray[Any],
    y: NDArray[Any],
    *,
    minutes: float,
    classes: int | None = None,
    weights: object | None = None,
    groups: object | None = None,
    validation: Validation = VALIDATION,
    fixed: Collection[str] = (),
    seed: int = 0,
    most: int | None = None,
    clock: Callable[[], float] | None = None,
    show_progress: Show = "auto",
) -> Tuning:
    """Search for a choice that is clearly better than the one given, by cross-validation on these rows.

    Args:
        choice: The default: the first candidate, which any other must beat by more than the noise.
        X, y: The training rows as a network sees them, and class numbers or numbers.
        minutes: How long candidates are begun; which ones, and in which order, does not depend on it.
        classes: How many classes there are; None for numbers.
        weights, groups: Sample weights (n,); groups (n,) that stay on one side of every split.
        validation: What chooses the epoch of each training, as for `fit`.
        fixed: Entries of the choice that are not searched.
        seed: Of the folds, of the candidates' order and of the trainings.
        most: Candidates at the most, the default among them.
        clock: What tells the seconds.
        show_progress: "auto" shows a bar on a terminal.

    Returns:
        A Tuning. Ctrl-C ends the search and keeps the finished candidates.

    Raises:
        OptionError, DataError: If something given cannot be used, or there are too few rows or groups.
    """
    budget = 60 * number("minutes", minutes, above=0)
    now = clock or perf_counter
    queue = candidates(choice, fixed=fixed, seed=seed)[: None if most is None else whole_number("most", most)]
    rows = admit_rows(start_of(choice, X.shape[1], classes, seed), X, y, weights)
    folds = folds_of(rows, classes, groups, seed)
    inner = groups if isinstance(validation, float) else None
    ground = Ground(X, y, rows, folds, classes, seed, {"weights": weights, "groups": inner, "validation": validation})
    trials: list[Trial] = []
    begun, interrupted, shown = now(), False, 0
    with progress("tuning, s", max(1, round(budget)), show=show_progress) as advance:
        try:
            for one in queue:
                used = now() - begun
                if trials and used + used / len(trials) > budget:
                    break  # on average it would not be done in time
                trials.append(tried(one, ground, now))
                done = min(round(now() - begun), round(budget))
                advance(f"{len(trials)} tried, least loss {min(trial.loss for trial in trials):.4g}", done - shown)
                shown = done
        except KeyboardInterrupt:
            interrupted = True
    chosen = decided(trials)
    best = trials[chosen].choice if trials else choice
    return Tuning(best, chosen, tuple(trials), len(folds), float(minutes), now() - begun, interrupted)


def start_of(choice: Choice, inputs: int, classes: int | None, seed: int) -> Network:
    """The untrained network of a choice."""
    loss = "cross_entropy" if classes else "squared_error"
    return Network.fresh(
        [inputs, *choice.hidden, classes or 1], hidden=choice.activation, loss=loss, seed=seed, l2=choice.l2
    )


def folds_of(rows: Rows, classes: int | None, groups: object | None, seed: int) -> list[NDArray[np.intp]]:
    """The rows that each fold holds out; refuses what cannot be dealt out."""
    n, count = len(rows.X1), FOLDS
    if n < ROWS_A_FOLD * FOLDS:
        raise DataError(
            f"A search needs {ROWS_A_FOLD * FOLDS} training rows or more, {ROWS_A_FOLD} for each of {FOLDS} folds; "
            f"got {n}.",
            hint="so few rows cannot tell one network from another: keep the default.",
        )
    if groups is not None:
        whole = len({str(name) for name in np.asarray(groups).tolist()})
        if whole < FEWEST_GROUPS:
            raise DataError(f"A search needs {FEWEST_GROUPS} groups or more among the training rows; got {whole}.")
        count = min(FOLDS, whole)
    labels = rows.y if classes else None
    folds = fold_rows(n, count, classes=labels, groups=groups, seed=seed)
    for fold, held in enumerate(folds):
        rest = np.ones(n, bool)
        rest[held] = False
        if labels is not None and len(np.unique(labels[rest])) == 1:
            raise DataError(f"Without fold {fold} all training rows have one class, so that there is nothing to learn.")
        if rows.weights is not None and not (rows.weights[held].any() and rows.weights[rest].any()):
            raise DataError(f"All weights are zero in fold {fold} or in all others: nothing can be measured.")
    return folds


def tried(choice: Choice, ground: Ground, clock: Callable[[], float]) -> Trial:
    """A candidate's trial: a training without each fold, with a start and an order of its own, measured on it."""
    begun, everything = clock(), np.arange(len(ground.X))
    seeds = [ground.seed + fold for fold in range(len(ground.folds))]
    try:
        networks = fit_many(
            [start_of(choice, ground.X.shape[1], ground.classes, seed) for seed in seeds],
            ground.X,
            ground.y,
            rows=[np.setdiff1d(everything, held) for held in ground.folds],
            seeds=seeds,
            show_progress=False,
            **ground.options,
            **choice.training(),
        )
    except UnfinishedError as error:
        if isinstance(error.__cause__, KeyboardInterrupt):
            raise error.__cause__ from None
        if error.__cause__ is not None:
            raise  # a process was killed, which says nothing of the candidate
        nothing = (float("nan"),) * len(seeds)
        return Trial(choice, (float("inf"),) * len(seeds), nothing, (), clock() - begun, error.message)
    measured = [measure(network, ground.rows, held) for network, held in zip(networks, ground.folds, strict=True)]
    losses, scores = zip(*measured, strict=True)
    epochs = tuple(network.training.best_epoch for network in networks if network.training is not None)
    return Trial(choice, losses, scores, epochs, clock() - begun)


def measure(network: Network, rows: Rows, held: NDArray[np.intp]) -> tuple[float, float]:
    """The mean loss and the score of held-out rows; an infinite loss where it is not a number."""
    found = assess(network, rows.X[held], rows.y[held])
    w = np.full(len(held), 1 / len(held)) if rows.weights is None else rows.weights[held] / rows.weights[held].sum()
    loss = float(w @ found.losses.astype(np.float64))
    score = scored(network, found.outputs, rows.y[held], None if rows.weights is None else w)
    return loss if np.isfinite(loss) else float("inf"), score
