# SPDX-License-Identifier: MIT
"""Fitting: `fit` takes a network and rows and gives back a network that has learnt from them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.engine.gradient import needs_real
from culpa.engine.network import Network, listed
from culpa.engine.streams import stream
from culpa.errors import OptionError, ShapeError
from culpa.reporting.progress import Advance, Show, progress
from culpa.training.course import Callback, Course
from culpa.training.learning import Learner
from culpa.training.optimizers import optimizer_named
from culpa.training.recipe import ClassWeight, Dropout, Recipe, Recorded, recipe_for
from culpa.training.record import Training, fingerprint
from culpa.training.recording import Recorder
from culpa.training.rows import Rows, Validation, admit_rows, learnable, split
from culpa.training.schedules import Schedule, schedule_named
from culpa.training.threads import Threads, blas_threads, threads_for
from culpa.training.whole import Objective, minimise

__all__ = ["fit"]


def fit(
    network: Network,
    X: object,
    y: object,
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
    weights: object | None = None,
    class_weight: ClassWeight | None = None,
    validation: Validation | None = None,
    groups: object | None = None,
    patience: int | None = None,
    refit: bool = False,
    seed: int = 0,
    ids: Sequence[Any] | None = None,
    noise_scale: bool = False,
    record: Recorded = False,
    checkpoints: bool = False,
    callbacks: Sequence[Callback] = (),
    threads: Threads = "auto",
    show_progress: Show = "auto",
) -> Network:
    """Train a network by mini-batches on its objective, loss + penalty; the one given stays as it is.

    Args:
        network, X, y: Where to start, inputs (n, d_0), best standardised, and targets, as for `gradient`.
        epochs, batch_size: Passes over the rows at the most, and rows a step.
        optimizer, learning_rate, momentum, weight_decay: "adam", "adamw" (η .001), "sgd", "nesterov" (.01) or "lbfgs".
        schedule, warmup: How η changes: "constant", "cosine", "step" or a Schedule, after so many epochs of growth.
        dropout, label_smoothing: The share of each hidden layer's outputs, or of each target, that is given up.
        clip_norm, clip_examples: The most that the norm of a batch's, or of each example's own gradient may be.
        weights, class_weight: Sample weights (n,); {class: weight}, a weight for each, or "balanced".
        validation, groups, patience: A fraction to hold out (by groups (n,)) or (X, y[, weights]): least loss is best.
        refit: Start again after that, with all rows and for so many epochs: see docs/training.md.
        seed, ids: The same seed gives the same network, to the bit; the rows' names, for the record.
        noise_scale, record, checkpoints: More for `.training` to hold: see docs/training.md.
        callbacks, threads, show_progress: Functions of each Epoch, True stops; BLAS threads; a bar on a terminal.

    Returns:
        Another network, with its record, `.training`. Ctrl-C returns the best so far, so marked.

    Raises:
        CulpaError: If something given cannot be used, or the training diverges; says where and what to try.

    Example:
        >>> culpa.fit(culpa.Network.fresh([2, 4, 2]), [[0, 1], [1, 0]], [0, 1], epochs=9).training.best_epoch
        9
    """
    needs_real(network)
    begun = perf_counter()
    rows = admit_rows(network, X, y, weights)
    names = admit_ids(ids, len(rows.X1))
    kept, held = split(network, rows, validation, groups, seed)
    recipe = recipe_for(
        network,
        len(kept),
        epochs=epochs,
        batch_size=batch_size,
        optimizer=optimizer,
        learning_rate=learning_rate,
        momentum=momentum,
        weight_decay=weight_decay,
        schedule=schedule,
        warmup=warmup,
        dropout=dropout,
        label_smoothing=label_smoothing,
        clip_norm=clip_norm,
        clip_examples=clip_examples,
        patience=patience,
        refit=refit,
        noise_scale=noise_scale,
        record=record,
        checkpoints=checkpoints,
        weighted=rows.weights is not None or class_weight is not None,
    )
    for name, asks in (("patience", patience is not None), ("refit", recipe.refit)):
        if asks and held is None:
            raise OptionError(f"`{name}` needs `validation`.", hint="hold rows out with validation=0.15.")
    asked = [admit_callback(callback) for callback in listed("callbacks", callbacks)]
    lesson = learnable(network, rows, kept, class_weight, recipe.label_smoothing)
    recorder = Recorder(recipe, rows, kept)
    with (
        blas_threads(threads_for(network, recipe.batch_size, threads)),
        progress("training", recipe.epochs * (1 + recipe.refit), show=show_progress) as advance,
    ):
        course = run(network, lesson, kept, held, recipe, schedule_named(schedule), seed, recorder, asked, advance)
        found = course
        if recipe.refit and course.best_epoch and len(kept) < len(rows.X1) and not course.interrupted:
            everything = np.arange(len(rows.X1))
            whole = for_all_rows(recipe, course.best_epoch, len(everything), batch_size)
            lesson = learnable(network, rows, everything, class_weight, recipe.label_smoothing)
            second = Recorder(whole, rows, everything)
            again = run(network, lesson, everything, None, whole, schedule_named(schedule), seed, second, (), advance)
            course.interrupted = again.interrupted
            if not again.interrupted:
                found, recorder = again, second
    record_of_it = Training(
        recipe=remembered(recipe, validation, groups, class_weight),
        seed=seed,
        history=tuple(course.history),
        best_epoch=course.best_epoch,
        interrupted=course.interrupted,
        seconds=perf_counter() - begun,
        rows=(len(kept), 0 if held is None else len(held.X1)),
        data=fingerprint(rows.X, rows.y, rows.weights),
        ids=names,
        versions=versions(),
        examples=recorder.examples(),
    )
    return replace(found.parameters.network_at(found.best).astype(network.dtype), training=record_of_it)


def run(
    network: Network,
    lesson: Rows,
    kept: NDArray[np.intp],
    held: Rows | None,
    recipe: Recipe,
    schedule: Schedule,
    seed: int,
    recorder: Recorder,
    callbacks: Sequence[Callback],
    advance: Advance,
) -> Course:
    """Go through the epochs until the last one, a callback's word, the end of patience, or Ctrl-C."""
    random = stream(seed, "shuffling")
    if optimizer_named(recipe.optimizer).at_once:
        objective = Objective(network.astype("float64"), lesson, kept, recipe)
        course = Course(objective.parameters, recipe, held, recorder, callbacks, advance)
        try:
            minimise(objective, course)
        except KeyboardInterrupt:
            course.interrupted = True
        return course
    learner = Learner((network,), lesson, len(kept), recipe, schedule, stream(seed, "dropout"))
    course = Course(learner.parameters, recipe, held, recorder, callbacks, advance)
    try:
        for count in range(1, recipe.epochs + 1):
            if course.finish(learner.epoch(kept[random.permutation(len(kept))], count)):
                break
    except KeyboardInterrupt:
        course.interrupted = True
    return course


def for_all_rows(recipe: Recipe, epochs: int, n: int, batch_size: int) -> Recipe:
    """The recipe of the second training: its schedule comes to its end in as many epochs as were found best."""
    size = n if optimizer_named(recipe.optimizer).at_once else min(int(batch_size), n)
    return replace(recipe, epochs=epochs, batch_size=size, warmup=min(recipe.warmup, epochs))


def remembered(recipe: Recipe, validation: object, groups: object, class_weight: ClassWeight | None) -> Recipe:
    """The recipe with what concerns the rows: a fraction held out, whole groups, and class weights as JSON can hold."""
    weighed: Any = class_weight
    if isinstance(class_weight, Mapping):
        weighed = [[int(label), float(weight)] for label, weight in class_weight.items()]
    elif class_weight is not None and not isinstance(class_weight, str):
        weighed = [float(weight) for weight in class_weight]
    fraction = float(validation) if isinstance(validation, float) else None
    return replace(recipe, validation=fraction, grouped=groups is not None, class_weight=weighed)


def admit_callback(callback: Any) -> Callback:
    """Something that can be called with an Epoch."""
    if not callable(callback):
        raise OptionError(f"`callbacks` must be functions of an epoch's record; got {callback!r}.")
    return callback


def admit_ids(ids: Sequence[Any] | None, n: int) -> tuple[Any, ...] | None:
    """The rows' names, one for each."""
    names = None if ids is None else tuple(listed("ids", ids))
    if names is not None and len(names) != n:
        raise ShapeError(f"`ids` must hold one entry for each of the {n:,} rows; got {len(names):,}.")
    return names


def versions() -> dict[str, str]:
    """Those that decide the last bits of what is learnt."""
    return {"culpa": own_version(), "numpy": np.__version__}


@cache
def own_version() -> str:
    """What the installed package says of itself; looked up once, since that reads a file."""
    return version("culpa")
