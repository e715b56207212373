# SPDX-License-Identifier: MIT
"""Bags: what networks and boosting that have not seen a row say of its target value.

Rows are dealt out to five folds, twice or, where they are few, four times. For each fold a network of the reader's
shape learns the others, with Huber's loss, and so does boosting, with the absolute error: neither bends to a few wild
values. A row's answer is the mean of both kinds over the dealings in which it was left out. Rows of one group are left
out together; rows of weight 0 are left out and never learnt from. Judging the answers is left to `residuals`.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.labels.residuals import judged
from culpa.blaming.labels.scores import Scores
from culpa.engine.network import Network
from culpa.engine.predicting import predict
from culpa.engine.streams import stream
from culpa.errors import DataError, UnfinishedError
from culpa.reporting.progress import Show, progress
from culpa.training.many import fit_many
from culpa.training.splitting import fold_rows
from culpa.training.threads import core_count

__all__ = [
    "DEALINGS",
    "FOLDS",
    "boosting_answers",
    "dealings_for",
    "dealt",
    "epochs_for",
    "network_answers",
    "target_scores",
]

Numbers = NDArray[np.float64]
Folds = list[NDArray[np.intp]]
FOLDS = 5
DEALINGS, MORE, FEW = 2, 4, 1_500
"""How often the rows are dealt out; and how often where there are at most so few, whose answers vary the most."""
EPOCHS = 60
"""Of a network in the bag: it need not be the best, and there are ten of them or twenty."""
LEAST_EPOCHS = 10
ROW_EPOCHS = 600_000
"""Rows times epochs of one network at the most, unless those are the least epochs."""
RATE = 6e-3
"""Adam's for them, three times what is chosen for the reader's network: fewer epochs, and found wrong values better."""
SHARED = ("batch_size", "schedule", "dropout")
"""The options of the reader's training that the networks in the bag have too."""
METHOD = "bags and boosting"
WHY = "networks and boosting that have not seen a value find wrong ones best, each beside what is usual around there"


def target_scores(
    start: Network,
    X: NDArray[Any],
    y: NDArray[Any],
    *,
    options: Mapping[str, Any],
    weights: Numbers | None = None,
    groups: NDArray[Any] | None = None,
    seed: int = 0,
    jobs: int | None = None,
    show_progress: Show = "auto",
) -> Scores:
    """Score target values by what networks and boosting say that have not seen them.

    Args:
        start: The untrained network, whose shape and penalty those in the bag have.
        X, y: All rows (n, d), encoded, and their scaled targets (n,).
        options: Of `fit`, as for the reader's training.
        weights, groups: Of the rows (n,), or None.
        seed, jobs, show_progress: As for `fit_many`; a seed's scores are the same on any number of cores.

    Returns:
        Scores without the losses, which belong to the record of another training.

    Raises:
        DataError: If there are fewer than two rows, or groups, to learn from.
    """
    y = np.asarray(y, np.float64).reshape(len(X))
    weights = None if weights is None or np.ptp(weights) == 0 else np.asarray(weights, np.float64)
    for_dealing, for_networks = stream(seed, "bags").spawn(2)
    ways = for_dealing.integers(2**31, size=dealings_for(len(y))).tolist()
    dealings = [dealt(len(y), weights, groups, way) for way in ways]
    seeds = for_networks.integers(2**31, size=sum(map(len, dealings))).tolist()
    ours = network_answers(
        start, X, y, dealings, seeds, options=options, weights=weights, jobs=jobs, show_progress=show_progress
    )
    theirs = boosting_answers(X, y, dealings, weights=weights, show_progress=show_progress)
    return judged(y, 0.5 * (ours + theirs), method=METHOD, why=WHY, weights=weights)


def dealings_for(n: int) -> int:
    """How often the rows are dealt out.

    Example:
        >>> dealings_for(1_000), dealings_for(40_000)
        (4, 2)
    """
    return MORE if n <= FEW else DEALINGS


def dealt(n: int, weights: Numbers | None, groups: NDArray[Any] | None, seed: int) -> Folds:
    """The rows that each fold leaves out; rows of some weight are dealt out evenly, and groups stay whole.

    Raises:
        DataError: If nothing would be left to learn from.
    """
    counting = np.ones(n, bool) if weights is None else weights > 0
    units = int(counting.sum()) if groups is None else len(set(np.asarray(groups)[counting].astype(str).tolist()))
    if units < 2:
        kind = "rows" if groups is None else "groups"
        raise DataError(
            f"Targets can be judged by others only where two {kind} or more of some weight are there; got {units}.",
            hint='score="record" asks the one training alone.',
        )
    folds = fold_rows(n, min(FOLDS, units), classes=counting.astype(np.intp), groups=groups, seed=seed)
    # Groups are dealt out by size, and one of them may outweigh a whole fold.
    return [fold for fold in folds if len(fold)]


def network_answers(
    start: Network,
    X: NDArray[Any],
    y: Numbers,
    dealings: list[Folds],
    seeds: list[int],
    *,
    options: Mapping[str, Any],
    weights: Numbers | None = None,
    jobs: int | None = None,
    show_progress: Show = False,
) -> Numbers:
    """What networks say of each row (n,) that have not learnt it, the mean over all dealings; a seed for each fold."""
    folds = [fold for dealing in dealings for fold in dealing]
    own: dict[str, Any] = {name: options[name] for name in SHARED if options.get(name) is not None}
    if weights is not None:
        own["weights"] = weights
    try:
        networks = fit_many(
            [fresh_like(start, one) for one in seeds],
            X,
            y,
            rows=[others(fold, len(y), weights) for fold in folds],
            seeds=seeds,
            epochs=epochs_for(len(y)),
            learning_rate=RATE,
            jobs=jobs,
            show_progress=show_progress,
            **own,
        )
    except UnfinishedError as error:
        if isinstance(error.__cause__, KeyboardInterrupt):
            raise error.__cause__ from None
        raise
    said = np.zeros(len(y))
    for network, fold in zip(networks, folds, strict=True):
        said[fold] += predict(network, X[fold])[:, 0] / len(dealings)
    return said


def boosting_answers(
    X: NDArray[Any], y: Numbers, dealings: list[Folds], *, weights: Numbers | None = None, show_progress: Show = False
) -> Numbers:
    """What boosting says of each row (n,) that has not learnt it, the mean over all dealings."""
    from sklearn.ensemble import HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits

    def left_out(fold: NDArray[np.intp]) -> Any:
        rest = others(fold, len(y), weights)
        model = HistGradientBoostingRegressor(loss="absolute_error", early_stopping=False, random_state=0)
        # One thread a fold: those of OpenMP wait for each other by spinning, for minutes where the cores are busy.
        with threadpool_limits(1, user_api="openmp"):
            model.fit(X[rest], y[rest], sample_weight=None if weights is None else weights[rest])
            return model.predict(X[fold])

    folds, said = [fold for dealing in dealings for fold in dealing], np.zeros(len(y))
    pool = ThreadPoolExecutor(core_count())
    try:
        with progress("boosting", len(folds), show=show_progress) as advance:
            for fold, found in zip(folds, pool.map(left_out, folds), strict=True):
                said[fold] += found / len(dealings)
                advance()
    finally:
        pool.shutdown(cancel_futures=True)
    return said


def others(fold: NDArray[np.intp], n: int, weights: Numbers | None) -> NDArray[np.intp]:
    """The rows that are learnt from where a fold is left out: all others of some weight."""
    learnt = np.ones(n, bool) if weights is None else weights > 0
    learnt[fold] = False
    return np.flatnonzero(learnt)


def fresh_like(start: Network, seed: int) -> Network:
    """An untrained network of the same shape, with Huber's loss and weights of its own."""
    activations = [layer.activation for layer in start.layers[:-1]]
    return Network.fresh(start.sizes, hidden=activations, loss="huber", seed=seed, l2=start.l2, dtype=start.dtype)


def epochs_for(n: int) -> int:
    """How many epochs networks in the bag learn.

    Example:
        >>> epochs_for(2_000), epochs_for(40_000), epochs_for(500_000)
        (60, 15, 10)
    """
    return max(LEAST_EPOCHS, min(EPOCHS, ROW_EPOCHS // n))
