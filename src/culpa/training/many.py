# SPDX-License-Identifier: MIT
"""Many trainings at once: `fit_many` trains equal-shaped networks, each on its own rows and seed.

Where nothing but plain steps is asked for, networks with equally many rows go through batched products together, in
stacks that stay in the processor's cache: one call of NumPy then serves them all. Stacks are spread over processes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.engine.arrays import as_array, whole_number
from culpa.engine.factors import picked
from culpa.engine.gradient import needs_real
from culpa.engine.network import Network, listed
from culpa.engine.streams import stream
from culpa.errors import CulpaError, DataError, NumericalError, ShapeError, UnfinishedError
from culpa.reporting.progress import Show, progress
from culpa.training.fitting import fit, versions
from culpa.training.learning import Learner
from culpa.training.optimizers import optimizer_named
from culpa.training.recipe import recipe_for
from culpa.training.record import Epoch, Training, fingerprint
from culpa.training.rows import Rows, admit_rows
from culpa.training.schedules import schedule_named
from culpa.training.threads import blas_threads, threads_for

__all__ = ["fit_many"]

PLAIN = {
    "epochs",
    "batch_size",
    "optimizer",
    "learning_rate",
    "momentum",
    "weight_decay",
    "schedule",
    "warmup",
    "clip_norm",
    "threads",
}
"""The options of `fit` that networks in a stack can have."""
BY_ROW = ("weights", "groups", "ids")
"""Those that have an entry for each row, of which each network gets its own rows'."""
CACHE = 3e6
"""Bytes that the parameters and batches of a stack may take up: the processor's cache, as it is on most machines."""
WORTH_PROCESSES = 4.0
"""Seconds of work below which starting processes does not pay."""

Subset = NDArray[np.intp]
Trained = dict[int, Network | CulpaError]


class Job(NamedTuple):
    """Some of the networks, to be trained by one process one after the other or as one stack.

    Attributes:
        numbers: Which ones, from 0.
        networks, subsets, seeds: Each one's start, rows and seed.
        stacked: Whether as one stack.
    """

    numbers: tuple[int, ...]
    networks: tuple[Network, ...]
    subsets: tuple[Subset, ...]
    seeds: tuple[int, ...]
    stacked: bool


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
    starts, subsets, own_seeds = admit_many(networks, X, rows, seeds, options)
    jobs = None if jobs is None else whole_number("jobs", jobs)
    seconds = seconds_of(starts[0], subsets, options)
    workers = jobs or (cores() if seconds > WORTH_PROCESSES else 1)
    stackable = set(options) <= PLAIN | {"seed"} and not optimizer_named(options.get("optimizer", "adam")).at_once
    plan = planned(starts, subsets, own_seeds, options, workers, stackable)
    data: tuple[Any, Any] | Rows = (as_array("X", X), as_array("y", y))
    if stackable:
        data = admit_rows(starts[0], X, y)
    given_options = {name: option for name, option in options.items() if name != "seed"}
    finished: Trained = {}
    with progress("training", len(starts), show=show_progress) as advance:
        try:
            for part in results(plan, data, given_options, min(workers, len(plan))):
                finished |= part
                for _ in part:
                    advance(f"{len(finished)} networks")
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
    options: dict[str, Any],
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
    return starts, subsets, [options.get("seed", 0)] * len(starts) if numbers is None else numbers


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


def planned(
    starts: Sequence[Network],
    subsets: Sequence[Subset],
    seeds: Sequence[int],
    options: dict[str, Any],
    workers: int,
    stackable: bool,
) -> list[Job]:
    """The jobs: stacks of networks with equally many rows where that pays, else one network each."""
    if not starts:
        return []
    widest = stack_width(starts[0], options.get("batch_size", 64)) if stackable else 1
    by_count: dict[int, list[int]] = {}
    for k, subset in enumerate(subsets):
        by_count.setdefault(len(subset), []).append(k)
    plan = []
    for same in by_count.values():
        rounds = -(-len(same) // (widest * workers))  # every process gets as many stacks as the others, equally wide
        width = -(-len(same) // (rounds * workers))
        for i in range(0, len(same), width):
            numbers = tuple(same[i : i + width])
            networks, rows = tuple(starts[k] for k in numbers), tuple(subsets[k] for k in numbers)
            plan.append(Job(numbers, networks, rows, tuple(seeds[k] for k in numbers), stackable))
    return plan


def stack_width(network: Network, batch_size: int) -> int:
    """How many networks fit into the cache together: parameters, gradient, state and scratch; signals and errors."""
    size = network.dtype.itemsize * (4 * network.n_parameters + 2 * batch_size * sum(network.sizes))
    return max(1, int(CACHE // size))


def results(plan: Sequence[Job], data: Any, options: dict[str, Any], workers: int) -> Iterator[Trained]:
    """Each job's networks as they are finished, in this process or in several."""
    if workers <= 1:
        yield from (train(job, data, options) for job in plan)
        return
    from concurrent.futures.process import BrokenProcessPool

    from joblib import Parallel, delayed, parallel_config

    try:
        with parallel_config(backend="loky", inner_max_num_threads=1):
            yield from Parallel(workers, return_as="generator_unordered")(
                delayed(work)(job, data, options) for job in plan
            )
    except BrokenProcessPool as error:
        raise ChildProcessError from error


def work(job: Job, data: Any, options: dict[str, Any]) -> Trained:
    """A job in a process of its own, which leaves Ctrl-C to the one that waits for it."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with blas_threads(1):
        return train(job, data, options)


def train(job: Job, data: Any, options: dict[str, Any]) -> Trained:
    """The networks of a job, or the errors of those that diverged."""
    if job.stacked:
        try:
            return dict(zip(job.numbers, fit_stack(job, data, options), strict=True))
        except NumericalError as error:
            if len(job.numbers) == 1:
                return {job.numbers[0]: error}
            return {number: found for part in apart(job) for number, found in train(part, data, options).items()}
    (number,), (network,), (subset,), (seed,) = job[:4]
    X, y = data
    own = {name: divided(option, subset) if name in BY_ROW else option for name, option in options.items()}
    try:
        trained = fit(network, X[subset], y[subset], seed=seed, show_progress=False, **own)
    except NumericalError as error:
        return {number: error}
    if trained.training.interrupted:
        raise KeyboardInterrupt
    return {number: trained}


def apart(job: Job) -> list[Job]:
    """The same networks, each as a job of its own."""
    each = zip(job.numbers, job.networks, job.subsets, job.seeds, strict=True)
    return [Job((number,), (network,), (subset,), (seed,), job.stacked) for number, network, subset, seed in each]


def divided(option: Any, subset: Subset) -> Any:
    """The entries that belong to some of the rows."""
    if option is None:
        return None
    entries = list(option)
    return [entries[row] for row in subset]


def fit_stack(job: Job, rows: Rows, options: dict[str, Any]) -> list[Network]:
    """Train the networks of a job together, as `fit` does each alone."""
    begun = perf_counter()
    n = len(job.subsets[0])
    plain = {name: option for name, option in options.items() if name != "threads"}
    recipe = recipe_for(job.networks[0], n, **plain)
    learner = Learner(job.networks, rows, n, recipe, schedule_named(options.get("schedule", "constant")))
    shuffling = [stream(seed, "shuffling") for seed in job.seeds]
    histories: list[list[Epoch]] = [[] for _ in job.networks]
    with blas_threads(threads_for(job.networks[0], recipe.batch_size, options.get("threads", "auto"))):
        for count in range(1, recipe.epochs + 1):
            order = np.array(
                [subset[random.permutation(n)] for subset, random in zip(job.subsets, shuffling, strict=True)]
            )
            tally = learner.epoch(order.reshape(*learner.parameters.stack, n), count)
            each = zip(histories, np.atleast_1d(tally.loss), np.atleast_1d(tally.gradient_norm), strict=True)
            for history, loss, norm in each:
                history.append(Epoch(count, float(loss), np.nan, np.nan, float(norm), tally.learning_rate))
    seconds = (perf_counter() - begun) / len(job.networks)
    parameters = learner.parameters
    trained = []
    for k, (theta, subset) in enumerate(zip(parameters.rows(parameters.theta), job.subsets, strict=True)):
        data = fingerprint(rows.X[subset], rows.y[subset])
        record = Training(
            recipe, job.seeds[k], tuple(histories[k]), recipe.epochs, False, seconds, (n, 0), data, None, versions()
        )
        trained.append(replace(parameters.network_at(theta, k), training=record))
    return trained


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
