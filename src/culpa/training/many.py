# SPDX-License-Identifier: MIT
"""Many trainings at once: `fit_many` trains equal-shaped networks, each on its own rows and seed.

The door and the ending are here; who goes into a stack together and who does the work is told in `jobs`.
"""

from collections.abc import Mapping, Sequence
from inspect import signature
from typing import Any

import numpy as np

from culpa.engine.arrays import admit_weights, as_array, whole_number
from culpa.engine.factors import picked
from culpa.engine.gradient import needs_real
from culpa.engine.network import Network, listed
from culpa.engine.streams import stream
from culpa.errors import (
    DataError,
    NumericalError,
    OptionError,
    ShapeError,
    UnfinishedError,
    unknown_name,
)
from culpa.reporting.progress import Show, progress
from culpa.training.fitting import admit_ids, fit
from culpa.training.jobs import Subset, Trained, planned, results
from culpa.training.recipe import recipe_for
from culpa.training.rows import admit_rows
from culpa.training.threads import core_count

__all__ = ["fit_many"]

WORTH_PROCESSES = 4.0
"""Seconds of work below which starting processes does not pay."""


IDLE = (
    "dropout",
    "label_smoothing",
    "clip_norm",
    "clip_examples",
    "patience",
    "refit",
    "noise_scale",
    "record",
    "checkpoints",
)
"""Options that ask for nothing where the recipe has nothing of them, however that is written."""


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
        jobs: How many processes; by default one a core where the work is worth it and nothing calls back, since
            callbacks run in the process of their network. Each has one BLAS thread.
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
    chosen = None if rows is None else each_of("rows", rows)
    starts = admit_networks(networks, chosen, seeds)
    if not starts:
        return []
    jobs = None if jobs is None else whole_number("jobs", jobs)
    asked = admit_options(starts[0], options)
    data = admit_rows(starts[0], X, y)
    subsets = admit_subsets(chosen, len(starts), len(data.X1))
    own_seeds = admit_seeds(seeds, asked.pop("seed", None), len(starts))
    asked |= admit_by_row(asked, len(data.X1))
    epochs = asked.get("epochs", 30)
    alone = "callbacks" in asked or seconds_of(starts[0], subsets, asked) < WORTH_PROCESSES
    workers = jobs or (1 if alone else core_count())
    plan = planned(starts, subsets, own_seeds, asked, workers)
    finished: Trained = {}
    with progress("training", epochs * len(starts), show=show_progress) as advance:

        def tick(by: int) -> None:
            advance(f"{len(finished)} of {len(starts)} networks", by)

        try:
            for part in results(plan, data, asked, min(workers, len(plan)), tick):
                finished |= part
        except KeyboardInterrupt as error:
            raise unfinished("Interrupted", finished, len(starts)) from error
        except ChildProcessError as error:
            hint = "is there memory enough? jobs=1 needs the least."
            raise unfinished("A process was killed", finished, len(starts), hint) from error
    return in_order(finished, len(starts))


def admit_networks(networks: Network | Sequence[Network], rows: list[Any] | None, seeds: Any) -> list[Network]:
    """Where each training starts."""
    if isinstance(networks, Network):
        counted = rows if rows is not None or seeds is None else each_of("seeds", seeds)
        networks = [networks] * (1 if counted is None else len(counted))
    starts: list[Network] = listed("networks", networks)
    for k, network in enumerate(starts):
        needs_real(network)
        if shape_of(network) != shape_of(starts[0]):
            raise ShapeError(
                f"`networks` must be of equal sizes, activations, loss and dtype; number {k} is {network}, "
                f"the first is {starts[0]}."
            )
    return starts


def each_of(name: str, given: Any) -> list[Any]:
    """One entry a network, also of an array or a frame of them."""
    return list(np.asarray(given)) if hasattr(given, "__array__") else listed(name, given)


def admit_options(network: Network, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that differ from the defaults of `fit`, those of the steps checked before any work begins."""
    known = {name: one.default for name, one in signature(fit).parameters.items() if one.kind is one.KEYWORD_ONLY}
    for name in options:
        if name not in known:
            raise unknown_name("option", name, [*known, "rows", "seeds", "jobs"])
    checked = signature(recipe_for).parameters
    recipe = recipe_for(network, 1 << 62, **{name: option for name, option in options.items() if name in checked})
    idle = {name for name in IDLE if not getattr(recipe, name)}
    return {
        name: option for name, option in options.items() if name not in idle and not is_default(option, known[name])
    }


def is_default(option: Any, default: Any) -> bool:
    """Whether an option asks for nothing more than its default does."""
    if option is default or (isinstance(option, list | tuple) and isinstance(default, tuple) and not option):
        return True
    return isinstance(option, bool | int | float | str) and type(option) is type(default) and option == default


def admit_subsets(chosen: list[Any] | None, count: int, n: int) -> list[Subset]:
    """The numbers of the rows that each network learns from."""
    everything = np.arange(n)
    if chosen is None:
        return [everything] * count
    if len(chosen) != count:
        raise ShapeError(f"`rows` must hold one entry for each of {count} networks; got {len(chosen)}.")
    for k, entry in enumerate(chosen):
        wanted = f"`rows` must hold a mask or row numbers for each network; number {k} is"
        if isinstance(entry, tuple) and len(entry) == 2 and all(np.ndim(part) for part in entry):
            raise OptionError(f"{wanted} a pair of them.", hint="take one side: rows=[train for train, _ in folds].")
        if isinstance(entry, int | np.integer | np.bool_):
            raise OptionError(f"{wanted} {entry}.", hint="for one network use rows=[rows].")
    subsets = [everything[picked(entry, n)] for entry in chosen]
    empty = [k for k, subset in enumerate(subsets) if not len(subset)]
    if empty:
        raise DataError(f"`rows` must leave every network a row to learn from; number {empty[0]} has none.")
    return subsets


def admit_seeds(seeds: Any, seed: int | None, count: int) -> list[int]:
    """Each network's seed."""
    if seeds is None:
        return [0 if seed is None else seed] * count
    if seed is not None:
        raise OptionError("`seed` and `seeds` exclude each other.")
    numbers = each_of("seeds", seeds)
    if len(numbers) != count:
        raise ShapeError(f"`seeds` must hold one entry for each of {count} networks; got {len(numbers)}.")
    for number in numbers:
        stream(number, "shuffling")  # refuses what is no seed before any work begins
    return numbers


def admit_by_row(options: Mapping[str, Any], n: int) -> dict[str, Any]:
    """The options that have an entry for each row, as what can be divided."""
    found: dict[str, Any] = {}
    if options.get("weights") is not None:
        weights = as_array("weights", options["weights"])
        admit_weights(weights, n, "sum", np.float64)
        found["weights"] = weights.reshape(-1)
    names = admit_ids(options.get("ids"), n)
    if names is not None:
        found["ids"] = np.empty(n, object)
        for row, name in enumerate(names):
            found["ids"][row] = name
    if options.get("groups") is not None:
        found["groups"] = np.asarray(options["groups"])
        if found["groups"].shape != (n,):
            raise ShapeError(f"`groups` must hold one entry for each of the {n:,} rows; got {found['groups'].shape}.")
    return found


def shape_of(network: Network) -> tuple[Any, ...]:
    """What networks must have in common."""
    layers = tuple((layer.W.shape, layer.b is None, layer.activation) for layer in network.layers)
    return layers, network.loss, network.dtype


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
        if not networks and not isinstance(error, NumericalError):
            raise error  # what `fit` refuses of every network, in its own words
        also = f" (and {len(wrong) - 1} other{'s'[: len(wrong) > 2]})" if len(wrong) > 1 else ""
        raise unfinished(f"Network {number}{also} failed ({error.message.rstrip('.')})", found, count, error.hint)
    return networks
