# SPDX-License-Identifier: MIT
"""The jobs that many trainings are divided into: what goes into a stack, and who does a job.

Where nothing but plain steps is asked for, networks with equally many rows go through batched products together, in
stacks that stay in the processor's cache: one call of NumPy then serves them all. Jobs are spread over processes.
"""

import re
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from threading import current_thread, main_thread
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.engine.arrays import Flat
from culpa.engine.network import Network, flatten, listed, unflatten
from culpa.engine.streams import stream
from culpa.errors import CulpaError, OptionError
from culpa.training.fitting import fit, versions
from culpa.training.learning import Learner
from culpa.training.optimizers import optimizer_named
from culpa.training.recipe import recipe_for
from culpa.training.record import Epoch, Training, fingerprint
from culpa.training.rows import Rows
from culpa.training.schedules import schedule_named
from culpa.training.threads import blas_threads, threads_for

__all__ = ["Job", "Subset", "Trained", "planned", "results"]

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
CACHE = 6e6
"""Bytes that the parameters and batches of a stack may take up: the processor's cache, as it is on most machines."""

WIDEST = 64
"""Networks in a stack at the most, so that what is finished grows steadily."""

Subset = NDArray[np.intp]
Trained = dict[int, Network | CulpaError]
Tick = Callable[[int], object]


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


def stackable(options: dict[str, Any]) -> bool:
    """Whether these options ask for nothing but plain steps."""
    return set(options) <= PLAIN and not optimizer_named(options.get("optimizer", "adam")).at_once


def planned(
    starts: Sequence[Network],
    subsets: Sequence[Subset],
    seeds: Sequence[int],
    options: dict[str, Any],
    workers: int,
) -> list[Job]:
    """The jobs: stacks of networks with equally many rows where that pays, else one network each."""
    stacked = stackable(options)
    widest = stack_width(starts[0], options.get("batch_size", 64)) if stacked else 1
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
            plan.append(Job(numbers, networks, rows, tuple(seeds[k] for k in numbers), stacked))
    return plan


def stack_width(network: Network, batch_size: int) -> int:
    """How many networks fit into the cache together: parameters, gradient, state and scratch; signals and errors."""
    size = network.dtype.itemsize * (4 * network.n_parameters + 2 * batch_size * sum(network.sizes))
    return max(1, min(WIDEST, int(CACHE // size)))


def results(plan: Sequence[Job], data: Rows, options: dict[str, Any], workers: int, tick: Tick) -> Iterator[Trained]:
    """Each job's networks as they are finished, in this process or in several.

    Args:
        plan: The jobs.
        data: All rows, as the door has let them in.
        options: Those of `fit`, without the seed.
        workers: How many processes; 1 needs none but this.
        tick: Told of finished epochs as they come; each network has the planned number in the end.

    Raises:
        ChildProcessError: If a process was killed.
        OptionError: If something cannot be sent to another process.
    """
    epochs = options.get("epochs", 30)
    if workers <= 1:
        for job in plan:
            done = 0

            def count(by: int) -> None:
                nonlocal done
                done += by
                tick(by)

            part = train(job, data, options, count)
            tick(epochs * len(part) - done)
            yield part
        return
    starts = {number: network for job in plan for number, network in zip(job.numbers, job.networks, strict=True)}
    for found in answers(plan, data, options, workers):
        tick(epochs * len(found))
        yield {
            number: one if isinstance(one, CulpaError) else one.onto(starts[number]) for number, one in found.items()
        }


def answers(plan: Sequence[Job], data: Rows, options: dict[str, Any], workers: int) -> Iterator[dict[int, Any]]:
    """What the processes give back, as it comes."""
    from concurrent.futures.process import BrokenProcessPool
    from pickle import PicklingError

    from joblib import Parallel, delayed, parallel_config

    try:
        with parallel_config(backend="loky", inner_max_num_threads=1):
            with quiet_start():
                found = Parallel(workers, return_as="generator_unordered")(
                    delayed(work)(job, data, options) for job in plan
                )
            yield from found
    except BrokenProcessPool as error:
        raise ChildProcessError from error
    except PicklingError as error:
        raise OptionError(
            "A network or an option cannot be sent to another process: "
            f"{str(error.__cause__ or error).splitlines()[-1].rstrip('.')}.",
            hint="use jobs=1.",
        ) from error


@contextmanager
def quiet_start() -> Iterator[None]:
    """Processes that start in here do not hear Ctrl-C, which is for the one that waits for them."""
    if current_thread() is not main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class Answer(NamedTuple):
    """What comes back of a network from another process: only what it has learnt."""

    theta: Flat
    training: Training

    def onto(self, start: Network) -> Network:
        """The caller's network with these parameters and this record."""
        return replace(unflatten(start, self.theta), training=self.training)


def work(job: Job, data: Rows, options: dict[str, Any]) -> dict[int, Answer | CulpaError]:
    """A job in a process of its own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with blas_threads(1):
        found = train(job, data, options, lambda _: None)
    return {
        number: Answer(flatten(one), one.training) if isinstance(one, Network) else one for number, one in found.items()
    }


def train(job: Job, data: Rows, options: dict[str, Any], tick: Tick) -> Trained:
    """The networks of a job, or the errors of those that diverged."""
    if job.stacked:
        try:
            return dict(zip(job.numbers, fit_stack(job, data, options, tick), strict=True))
        except CulpaError as error:
            if len(job.numbers) == 1:
                return {job.numbers[0]: error}
            return {number: found for part in apart(job) for number, found in train(part, data, options, tick).items()}
    (number,), (network,), (subset,), (seed,) = job[:4]
    own = {name: option[subset] if name in BY_ROW else option for name, option in options.items()}
    own["callbacks"] = [*listed("callbacks", own.get("callbacks", ())), lambda _: tick(1)]
    try:
        trained = fit(network, data.X[subset], data.y[subset], seed=seed, show_progress=False, **own)
    except CulpaError as error:
        # `fit` counts the rows that it was given, and the user those of X.
        error.message = re.sub(r"\bfor row (\d+)", lambda match: f"for row {subset[int(match[1])]}", error.message)
        return {number: error}
    if trained.training.interrupted:
        raise KeyboardInterrupt
    return {number: trained}


def apart(job: Job) -> list[Job]:
    """The same networks, each as a job of its own."""
    each = zip(job.numbers, job.networks, job.subsets, job.seeds, strict=True)
    return [Job((number,), (network,), (subset,), (seed,), job.stacked) for number, network, subset, seed in each]


def fit_stack(job: Job, rows: Rows, options: dict[str, Any], tick: Tick) -> list[Network]:
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
            tick(len(job.networks))
    seconds = (perf_counter() - begun) / len(job.networks)
    parameters = learner.parameters
    trained = []
    for k, (theta, subset) in enumerate(zip(parameters.rows(parameters.theta), job.subsets, strict=True)):
        record = Training(
            recipe=recipe,
            seed=job.seeds[k],
            history=tuple(histories[k]),
            best_epoch=recipe.epochs,
            interrupted=False,
            seconds=seconds,
            rows=(n, 0),
            data=fingerprint(rows.X[subset], rows.y[subset]),
            versions=versions(),
        )
        trained.append(replace(parameters.network_at(theta, k), training=record))
    return trained
