# SPDX-License-Identifier: MIT
"""The loop: `fit` takes a network and rows and gives back a network that has learnt from them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.engine.arrays import (
    Flat,
    Signals,
    Values,
    admit_inputs,
    admit_weights,
    number,
    whole_number,
)
from culpa.engine.gradient import admitted_gradient, gradients, needs_real
from culpa.engine.network import Network, flatten, listed, unflatten
from culpa.engine.predicting import score
from culpa.engine.streams import stream
from culpa.engine.targets import Targets, admit_targets
from culpa.errors import CulpaError, DataError, NumericalError, OptionError, ShapeError
from culpa.reporting.progress import Show, progress
from culpa.training.optimizers import Step, optimizer_named
from culpa.training.record import Epoch, Recipe, Training, fingerprint
from culpa.training.splitting import split_rows
from culpa.training.threads import Threads, blas_threads, threads_for

__all__ = ["fit"]

Callback = Callable[[Epoch], bool | None]
Validation = float | tuple[Any, Any]


class Rows(NamedTuple):
    """Rows that the door has let in; weights have a mean of 1."""

    X: Signals
    y: Targets
    weights: Values


@dataclass(slots=True)
class Course:
    """Where a running training stands; the one thing here that changes.

    Args:
        theta: The parameters now, moved in place.
        best: Those of the best epoch so far.
        history: The epochs that are finished.
        best_epoch: The one whose parameters are worth keeping: the least validation loss, or simply the last.
        interrupted: Whether Ctrl-C ended it.
    """

    theta: Flat
    best: Flat
    history: list[Epoch] = field(default_factory=list)
    best_epoch: int = 0
    interrupted: bool = False


def fit(
    network: Network,
    X: object,
    y: object,
    *,
    epochs: int = 30,
    batch_size: int = 64,
    optimizer: str = "adam",
    learning_rate: float | None = None,
    momentum: float = 0.9,
    weights: object | None = None,
    validation: Validation | None = None,
    patience: int | None = None,
    seed: int = 0,
    ids: Sequence[Any] | None = None,
    callbacks: Sequence[Callback] = (),
    threads: Threads = "auto",
    show_progress: Show = "auto",
) -> Network:
    """Train a network by mini-batches on its objective, loss + penalty; the one given stays as it is.

    Args:
        network, X, y: Where to start, inputs (n, d_0), best standardised, and targets, as for `gradient`.
        epochs, batch_size: How many passes over the rows, and rows a step.
        optimizer, learning_rate, momentum: "adam" (η = .001) or "sgd" (η = .01, μ = .9).
        weights: Sample weights (n,); a batch's gradient is then an unbiased estimate of the weighted mean's.
        validation: A fraction to hold out, or (X, y) apart: the epoch with the least loss there is then returned.
        patience: Stop after so many epochs without a better validation loss.
        seed: The same seed gives the same network, to the bit, on the same machine and versions.
        ids: The rows' names, kept in the record.
        callbacks: Functions of each finished Epoch; one that returns True ends the training.
        threads, show_progress: "auto" holds BLAS to one thread for small steps, and shows a bar on a terminal.

    Returns:
        A network with other parameters and its record, `.training`. Ctrl-C returns the best so far, so marked.

    Raises:
        CulpaError: If something given cannot be used, or the training diverges; says where and what to try.

    Example:
        >>> X = np.random.default_rng(0).normal(size=(200, 2))
        >>> network = culpa.fit(culpa.Network.fresh([2, 8, 2], seed=0), X, (X[:, 0] > 0).astype(int), epochs=40)
        >>> culpa.score(network, X, (X[:, 0] > 0).astype(int)) > 0.95
        True
    """
    needs_real(network)
    begun = perf_counter()
    rows = admit_rows(network, X, y, weights)
    names = None if ids is None else tuple(listed("ids", ids))
    if names is not None and len(names) != len(rows.X):
        raise ShapeError(f"`ids` must hold one entry for each of the {len(rows.X):,} rows; got {len(names):,}.")
    train, held_out = split(network, rows, validation, seed)
    rule = optimizer_named(optimizer)
    recipe = Recipe(
        whole_number("epochs", epochs, 0),
        min(whole_number("batch_size", batch_size), len(train.X)),
        rule.name,
        rule.learning_rate if learning_rate is None else number("learning_rate", learning_rate, above=0),
        number("momentum", momentum, least=0) if rule.has_momentum else 0.0,
        None if patience is None else whole_number("patience", patience),
        weights is not None,
    )
    if patience is not None and held_out is None:
        raise OptionError("`patience` needs `validation`.", hint="hold rows out with validation=0.15.")
    with blas_threads(threads_for(network, recipe.batch_size, threads)):
        course = run(network, train, held_out, recipe, seed, listed("callbacks", callbacks), show_progress)
    record = Training(
        recipe,
        seed,
        tuple(course.history),
        course.best_epoch,
        course.interrupted,
        perf_counter() - begun,
        (len(train.X), 0 if held_out is None else len(held_out.X)),
        fingerprint(*rows),
        names,
        {"culpa": version("culpa"), "numpy": np.__version__},
    )
    return replace(unflatten(network, course.best if course.best_epoch else course.theta), training=record)


def run(
    network: Network,
    train: Rows,
    held_out: Rows | None,
    recipe: Recipe,
    seed: int,
    callbacks: Sequence[Callback],
    show_progress: Show,
) -> Course:
    """Go through the epochs until the last one, a callback's word, the end of patience, or Ctrl-C."""
    random = stream(seed, "shuffling")
    theta = flatten(network)
    course = Course(theta, theta.copy())
    patience = recipe.patience or np.inf
    step = optimizer_named(recipe.optimizer).start(theta, recipe.learning_rate, recipe.momentum)
    try:
        with progress("training", recipe.epochs, show=show_progress) as advance:
            for count in range(1, recipe.epochs + 1):
                order = random.permutation(len(train.X))
                epoch = one_epoch(network, course.theta, train, held_out, order, step, recipe, count)
                if improves(epoch, course):
                    course.best_epoch = count
                    course.best[:] = course.theta
                course.history.append(epoch)
                advance(f"loss {epoch.loss:.4g}" + (f", validation {epoch.validation_loss:.4g}" if held_out else ""))
                if True in [callback(epoch) for callback in callbacks] or count - course.best_epoch >= patience:
                    break
    except KeyboardInterrupt:
        course.interrupted = True
    return course


def one_epoch(
    network: Network,
    theta: Flat,
    train: Rows,
    held_out: Rows | None,
    order: NDArray[np.intp],
    step: Step,
    recipe: Recipe,
    count: int,
) -> Epoch:
    """One pass over the rows in the given order, a step a batch, and a look at the validation rows."""
    loss, squares, where = 0.0, 0.0, ""
    starts = range(0, len(order), recipe.batch_size)
    try:
        for number_, start in enumerate(starts, 1):
            where = f"step {number_}"
            batch = order[start : start + recipe.batch_size]
            w = (train.weights[batch] / len(batch)).astype(theta.dtype)
            g = admitted_gradient(unflatten(network, theta), train.X[batch], train.y[batch], w)
            with np.errstate(over="ignore", invalid="ignore"):  # the next look at theta names what overflowed
                total = g.total()
                step(theta, total)
                squares += float(np.dot(total, total))
            loss += g.loss * len(batch)
        where = f"step {len(starts)}" if held_out is None else "validation"
        now = unflatten(network, theta)
        validation = (np.nan, np.nan) if held_out is None else validate(now, held_out)
    except CulpaError as error:
        raise NumericalError(
            f"The training diverged in epoch {count}, {where}: {error.message}",
            hint=f"standardise the inputs, or lower the learning rate, which was {recipe.learning_rate:g}.",
        ) from error
    return Epoch(count, loss / len(order), *validation, (squares / len(starts)) ** 0.5)


def admit_rows(network: Network, X: object, y: object, weights: object | None) -> Rows:
    """Let the user's rows in; weights are scaled to a mean of 1."""
    inputs = admit_inputs(X, network.layers[0].W)
    targets = admit_targets(y, len(inputs), network.loss.targets, network.sizes[-1], network.dtype)
    return Rows(inputs, targets, admit_weights(weights, len(inputs), "mean", np.float64) * len(inputs))


def split(network: Network, rows: Rows, validation: Validation | None, seed: int) -> tuple[Rows, Rows | None]:
    """The rows to learn from, and those that choose the epoch, if any."""
    if validation is None:
        return rows, None
    if isinstance(validation, tuple | list):
        if len(validation) != 2:
            raise OptionError(f"`validation` must be a fraction, or a pair (X, y); got {len(validation)} things.")
        return rows, admit_rows(network, *validation, None)
    classes = None
    if network.loss.targets == "classes":
        classes = rows.y if rows.y.ndim == 1 else rows.y.argmax(axis=1)
    elif network.loss.targets == "labels" and rows.y.shape[1] == 1:
        classes = rows.y[:, 0] >= 0.5
    kept, held = split_rows(len(rows.X), validation, classes=classes, seed=seed)
    if not rows.weights[kept].any() or not rows.weights[held].any():
        raise DataError("`weights` must not all be zero on either side of the split.")
    scale = rows.weights[kept].mean()
    return Rows(rows.X[kept], rows.y[kept], rows.weights[kept] / scale), Rows(*(part[held] for part in rows))


def validate(network: Network, rows: Rows) -> tuple[float, float]:
    """The validation rows' weighted mean loss and score."""
    loss = sum(g.loss for g in gradients(network, rows.X, rows.y, weights=rows.weights))
    return loss, score(network, rows.X, rows.y, weights=rows.weights)


def improves(epoch: Epoch, course: Course) -> bool:
    """Whether an epoch's parameters are worth keeping: its validation loss is the least so far, or there is none."""
    return course.best_epoch == 0 or not epoch.validation_loss >= course.history[course.best_epoch - 1].validation_loss
