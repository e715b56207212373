# SPDX-License-Identifier: MIT
"""Many trainings at once: `fit_many` trains equal-shaped networks, each on its own rows and seed.

The door and the ending are here; who goes into a stack together and who does the work is told in `jobs`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from culpa.engine.arrays import as_array, whole_number
from culpa.engine.factors import picked
from culpa.engine.gradient import needs_real
from culpa.engine.network import Network, listed
from culpa.errors import DataError, ShapeError, UnfinishedError
from culpa.reporting.progress import Show, progress
from culpa.training.jobs import Subset, Trained, planned, results, stackable
from culpa.training.rows import admit_rows

__all__ = ["fit_many"]

WORTH_PROCESSES = 4.0
"""Seconds of work below which starting processes does not pay."""


def fit_many(
    networks: Network | Sequence[Network],
    X: object,
    y: object,
    *,
    rows: object | None = None,
    seeds: Sequence[int] | None = None,
    jobs: int | None = None,
    show_progress: Show = "auto",
    **options: Any,
) -> list[Network]:
    """Train many networks of equal shape, each on its own rows and seed; each comes out as from `fit` alone.

    Args:
        networks: Where each starts; one network starts all of them.
        X, y: Inputs (n, d_0) and targets, as for `fit`.
        rows: For each network a mask (n,) or row numbers; all rows by default.
        seeds: For each network a seed of its shuffling; by default the option `seed` serves them all.
        jobs: How many processes; by default one a core where the work is worth it. Each has one BLAS thread.
        show_progress: "auto" shows a bar on a terminal.
        options: Any other option of `fit`; what has an entry for each row of X is divided like the rows.

    Returns:
        The trained networks, in order, each with its record, `.training`.

    Raises:
        CulpaError: If something given cannot be used.
        UnfinishedError: After Ctrl-C, if a training diverges or a process is killed; `.finished` holds the others.

    Example:
        >>> X, y = np.random.default_rng(0).normal(size=(60, 2)), np.arange(60) % 2
        >>> folds = [np.arange(60) % 5 != fold for fold in range(5)]
        >>> networks = fit_many(culpa.Network.fresh([2, 4, 2]), X, y, rows=folds, epochs=2)
        >>> [network.training.rows[0] for network in networks]
        [48, 48, 48, 48, 48]
    """
    starts, subsets, own_seeds = admit_many(networks, X, rows, seeds, options.pop("seed", 0))
    if not starts:
        return []
    jobs = None if jobs is None else whole_number("jobs", jobs)
    workers = jobs or (cores() if seconds_of(starts[0], subsets, options) > WORTH_PROCESSES else 1)
    data = admit_rows(starts[0], X, y) if stackable(options) else (as_array("X", X), as_array("y", y))
    plan = planned(starts, subsets, own_seeds, options, workers)
    finished: Trained = {}
    with progress("training", options.get("epochs", 30) * len(starts), show=show_progress) as advance:

        def tick(by: int) -> None:
            advance(f"{len(finished)} of {len(starts)} networks", by)

        try:
            for part in results(plan, data, options, min(workers, len(plan)), tick):
                finished |= part
        except KeyboardInterrupt as error:
            raise unfinished("Interrupted", finished, len(starts)) from error
        except ChildProcessError as error:
            hint = "is there memory enough? jobs=1 needs the least."
            raise unfinished("A process was killed", finished, len(starts), hint) from error
    return in_order(finished, len(starts))


def admit_many(
    networks: Network | Sequence[Network],
    X: object,
    rows: object | None,
    seeds: Sequence[int] | None,
    seed: int,
) -> tuple[list[Network], list[Subset], list[int]]:
    """One network, one set of row numbers and one seed for each training."""
    n = len(as_array("X", X))
    chosen = None if rows is None else listed("rows", rows)
    numbers = None if seeds is None else listed("seeds", seeds)
    if isinstance(networks, Network):
        starts = [networks] * len(next((given for given in (chosen, numbers) if given is not None), [0]))
    else:
        starts = listed("networks", networks)
    for k, network in enumerate(starts):
        needs_real(network)
        if shape_of(network) != shape_of(starts[0]):
            raise ShapeError(
                f"`networks` must be of equal sizes, activations, loss and dtype; number {k} is {network}, "
                f"the first is {starts[0]}."
            )
    for name, each in (("rows", chosen), ("seeds", numbers)):
        if each is not None and len(each) != len(starts):
            raise ShapeError(f"`{name}` must hold one entry for each of {len(starts)} networks; got {len(each)}.")
    everything = np.arange(n)
    subsets = [everything if chosen is None else picked(chosen[k], n) % n for k in range(len(starts))]
    empty = [k for k, subset in enumerate(subsets) if not len(subset)]
    if empty:
        raise DataError(f"`rows` must leave every network a row to learn from; number {empty[0]} has none.")
    return starts, subsets, [seed] * len(starts) if numbers is None else numbers


def shape_of(network: Network) -> tuple[Any, ...]:
    """What networks must have in common."""
    layers = tuple((layer.W.shape, layer.b is None, layer.activation) for layer in network.layers)
    return layers, network.loss, network.dtype


def cores() -> int:
    """How many cores this process may use, by its affinity and its container's share."""
    from joblib import cpu_count

    return int(cpu_count())


def seconds_of(network: Network, subsets: Sequence[Subset], options: dict[str, Any]) -> float:
    """About how long all trainings take on one core: forty GFLOP a second, and thirty microseconds a step."""
    rows = sum(map(len, subsets)) * options.get("epochs", 30)
    return float(rows * 6 * network.n_parameters / 4e10 + rows / options.get("batch_size", 64) * 3e-5)


def unfinished(what: str, found: Trained, count: int, hint: str | None = None) -> UnfinishedError:
    """The error that holds what is finished."""
    finished = {number: network for number, network in found.items() if isinstance(network, Network)}
    return UnfinishedError(
        f"{what} after {len(finished)} of {count} networks; the error's `finished` holds them by number.",
        finished,
        hint=hint,
    )


def in_order(found: Trained, count: int) -> list[Network]:
    """All networks, or the first error among them with the others."""
    networks, wrong = [], {}
    for number in range(count):
        one = found[number]
        if isinstance(one, Network):
            networks.append(one)
        else:
            wrong[number] = one
    if wrong:
        number, error = next(iter(wrong.items()))
        also = f" (and {len(wrong) - 1} others)" if len(wrong) > 1 else ""
        raise unfinished(f"Network {number}{also} failed ({error.message.rstrip('.')})", found, count, error.hint)
    return networks
