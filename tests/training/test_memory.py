# SPDX-License-Identifier: MIT
"""A step allocates nothing of the batch's or the parameters' size after the first, and many steps leave nothing behind.

NumPy tells `tracemalloc` of every array that it allocates. The bar is half of the middle layer's matrix, which is the
smallest thing that counts; what stays below it are the buffers of 8,192 entries through which NumPy broadcasts, and an
epoch's last look at whether all parameters are finite, a byte for each.
"""

import gc
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

import culpa
from culpa import ACTIVATIONS, LOSSES
from culpa.engine.workspace import Workspace
from culpa.training.learning import Learner
from culpa.training.recipe import recipe_for
from culpa.training.rows import admit_rows, learnable
from culpa.training.schedules import SCHEDULES
from culpa.training.threads import blas_threads

N, BATCH, WIDTH = 1200, 500, 200
RANDOM = np.random.default_rng(0)
X, S = RANDOM.normal(size=(N, 64)), RANDOM.gamma(1.0, size=N)
TARGETS = {
    "classes": RANDOM.integers(0, 10, N),
    "labels": RANDOM.integers(0, 2, (N, 10)),
    "numbers": RANDOM.normal(size=(N, 10)),
    "counts": RANDOM.poisson(1.0, (N, 10)),
}
IN_PLACE = [name for name, loss in LOSSES.items() if loss.in_place is not None]
BIASES = pytest.mark.parametrize("bias", [True, False], ids=["with biases", "without"])
DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])


def network_for(activation="relu", loss="cross_entropy", dtype="float32", bias=True, l2=0.0):
    sizes = [64, WIDTH, WIDTH, 10]
    return culpa.Network.fresh(sizes, hidden=activation, loss=loss, dtype=dtype, bias=bias, l2=l2, seed=0)


def allocated(action):
    """The most bytes that were allocated at once while something is done for the third time."""
    action()
    action()
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def bar(dtype):
    """Half of the middle matrix; the signals of a layer are two and a half such matrices."""
    assert BATCH > WIDTH
    return WIDTH * WIDTH * np.dtype(dtype).itemsize / 2


def passes(network, **options):
    """A pass over the first batch, to be repeated."""
    rows = admit_rows(network, X[:BATCH], TARGETS[network.loss.targets][:BATCH])
    space = Workspace(network, BATCH, **options)
    w = np.full(BATCH, 0.5, network.dtype) if options.get("weighted") else None
    return lambda: (space.gradient(rows.X, rows.y, w), space.loss())


def epochs(network, schedule="constant", weights=None, **options):
    """An epoch of three steps, the last one smaller, to be repeated."""
    rows = admit_rows(network, X, TARGETS[network.loss.targets], weights)
    recipe = recipe_for(network, N, batch_size=BATCH, weighted=weights is not None, schedule=schedule, **options)
    lesson = learnable(network, rows, np.arange(N), None, recipe.label_smoothing)
    learner = Learner((network,), lesson, N, recipe, SCHEDULES[schedule], np.random.default_rng(0))
    order = RANDOM.permutation(N)
    return lambda: learner.epoch(order)


@pytest.fixture(autouse=True)
def one_thread():
    """BLAS on one thread, as in a training of such a size."""
    with blas_threads(1):
        yield


@DTYPES
@BIASES
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_pass_allocates_nothing_with_any_activation(activation, bias, dtype):
    assert ACTIVATIONS[activation].in_place is not None
    assert allocated(passes(network_for(activation, dtype=dtype, bias=bias))) < bar(dtype)


@DTYPES
@pytest.mark.parametrize("loss", IN_PLACE)
def test_a_pass_allocates_nothing_with_any_loss_that_works_in_place(loss, dtype):
    assert allocated(passes(network_for(loss=loss, dtype=dtype, bias=False))) < bar(dtype)


WAYS = {
    "weights": {"weighted": True},
    "dropout": {"dropout": (0.2, 0.5), "random": np.random.default_rng(0)},
    "clipping": {"max_norm": 0.1},
    "all of them": {"weighted": True, "dropout": (0.2, 0.5), "random": np.random.default_rng(0), "max_norm": 0.1},
}


@DTYPES
@pytest.mark.parametrize("options", WAYS.values(), ids=WAYS)
def test_a_pass_allocates_nothing_in_any_way_that_it_is_made(options, dtype):
    assert allocated(passes(network_for(dtype=dtype, bias=False), **options)) < bar(dtype)


@DTYPES
@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu"])
def test_a_rule_that_does_not_work_in_place_is_noticed(activation, dtype):
    """Negative control; and so are a loss of that kind, and the functional pass."""
    network = network_for(activation, dtype=dtype, bias=False)
    slow = replace(ACTIVATIONS[activation], in_place=None)
    layers = tuple(replace(layer, activation=slow) for layer in network.layers[:-1])
    assert not allocated(passes(replace(network, layers=(*layers, network.layers[-1])))) < bar(dtype)
    rows = admit_rows(network, X[:BATCH], TARGETS["classes"][:BATCH])
    assert not allocated(lambda: culpa.gradient(network, rows.X, rows.y).flat()) < bar(dtype)
    assert not allocated(lambda: network.layers[1].W.copy()) < bar(dtype)


TRAININGS = {
    "sgd": {"optimizer": "sgd"},
    "nesterov": {"optimizer": "nesterov"},
    "adam": {},
    "adamw": {"optimizer": "adamw"},
    "weights": {"weights": S},
    "dropout": {"dropout": 0.3},
    "clipped examples": {"clip_examples": 0.1},
    "clipped batches": {"clip_norm": 0.1},
    "smooth labels": {"label_smoothing": 0.1},
    "the noise scale": {"noise_scale": True},
    "a schedule": {"schedule": "cosine", "warmup": 1},
}


@DTYPES
@pytest.mark.parametrize("options", TRAININGS.values(), ids=TRAININGS)
def test_an_epoch_allocates_nothing_for_its_steps(options, dtype):
    assert allocated(epochs(network_for(dtype=dtype, bias=False), **options)) < bar(dtype)


@DTYPES
@BIASES
def test_an_epoch_allocates_nothing_for_a_penalty_and_biases(bias, dtype):
    assert allocated(epochs(network_for(dtype=dtype, bias=bias, l2=0.1))) < bar(dtype)


def left_behind(action, times, before=3):
    """The bytes that are there after so many repetitions, and were not there when there had been a few."""
    tracemalloc.start()
    try:
        for _ in range(before):
            action()
        gc.collect()
        then = tracemalloc.get_traced_memory()[0]
        for _ in range(times):
            action()
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - then
    finally:
        tracemalloc.stop()


SMALL = culpa.Network.fresh([8, 16, 4], hidden="tanh", l2=0.01, seed=0)
LITTLE = 20_000
"""Bytes that Python may keep for its own books: two for each step, or a few hundred for each training."""


def small_epochs(**options):
    """An epoch of a hundred steps of a small network."""
    inputs, y = RANDOM.normal(size=(1600, 8)), RANDOM.integers(0, 4, 1600)
    rows = admit_rows(SMALL, inputs, y, options.pop("weights", None))
    recipe = recipe_for(SMALL, 1600, batch_size=16, weighted=rows.weights is not None, **options)
    learner = Learner((SMALL,), rows, 1600, recipe, SCHEDULES["constant"], np.random.default_rng(0))
    order = RANDOM.permutation(1600)
    return lambda: learner.epoch(order)


@pytest.mark.parametrize(
    "options",
    [{}, {"weights": RANDOM.gamma(1.0, size=1600), "dropout": 0.2, "clip_examples": 0.1, "clip_norm": 1.0}],
    ids=["plain", "with everything"],
)
def test_ten_thousand_steps_leave_nothing_behind(options):
    assert left_behind(small_epochs(**options), 100) < LITTLE


def test_a_step_that_leaves_one_number_behind_is_noticed():
    """Negative control."""
    kept, epoch = [], small_epochs()

    def leaky():
        epoch()
        kept.extend(np.float64(step) for step in range(100))

    assert not left_behind(leaky, 100) < LITTLE


def test_trainings_that_are_over_leave_nothing_behind():
    inputs, y = RANDOM.normal(size=(40, 8)), RANDOM.integers(0, 4, 40)
    options = {"epochs": 2, "validation": (inputs, y), "record": "epochs", "checkpoints": True, "threads": None}
    assert left_behind(lambda: culpa.fit(SMALL, inputs, y, **options), 40, before=40) < LITTLE
    kept = []
    assert not left_behind(lambda: kept.append(culpa.fit(SMALL, inputs, y, epochs=1).layers), 40) < LITTLE
