# SPDX-License-Identifier: MIT
"""What a gradient costs in memory: the factors, and never a matrix of the parameters' shape for each example.

NumPy tells `tracemalloc` of every array that it allocates, so peaks are exact and the same on every machine. Nothing
here measures time. Each bound is shown the careless way as well, which must exceed it.
"""

import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

import culpa

MEGABYTE = 2**20


class Peak:
    """The most memory that was allocated at once since the measurement began, in MB; known when it has ended."""

    def __init__(self) -> None:
        self.megabytes = float("nan")


@contextmanager
def measured() -> Iterator[Peak]:
    """Measure the peak of what the block allocates, beyond what was there before."""
    peak = Peak()
    tracemalloc.start()
    try:
        yield peak
        peak.megabytes = tracemalloc.get_traced_memory()[1] / MEGABYTE
    finally:
        tracemalloc.stop()


@pytest.fixture(scope="module", params=["float32", "float64"])
def wide(request: pytest.FixtureRequest) -> tuple[culpa.Network, np.ndarray, np.ndarray]:
    """The network 784-1024-1024-10 with 512 rows; one dense per-example gradient of it has 1.9 million entries."""
    random = np.random.default_rng(0)
    network = culpa.Network.fresh([784, 1024, 1024, 10], seed=0, dtype=request.param)
    return network, random.random((512, 784)).astype(request.param), random.integers(10, size=512)


ASKED: dict[str, Callable[[culpa.Gradient], Any]] = {
    "norms": lambda g: g.norms(),
    "gram": lambda g: g.gram(),
    "contributions": lambda g: g.contributions(),
    "clipped": lambda g: g.clipped(1.0).share_clipped,
    "hidden": lambda g: g.hidden(0),
    "entry": lambda g: g.layers[1].entry(3, 4),
    "one example": lambda g: g.layers[1].per_example(7),
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED.keys())
def test_what_is_asked_of_512_rows_takes_less_than_100_megabytes(wide, asked):
    with measured() as peak:
        answer = asked(culpa.gradient(*wide))
    assert answer is not None
    assert peak.megabytes < 100


def test_the_batch_gradient_takes_its_own_size_and_little_more(wide):
    network = wide[0]
    own = network.n_parameters * network.dtype.itemsize / MEGABYTE
    g = culpa.gradient(*wide)
    with measured() as peak:
        flat = g.flat()
    assert flat.shape == (network.n_parameters,)
    # Twice: each matrix as it is multiplied out, and the vector in which they are joined; the rest is w⊙Δ.
    assert peak.megabytes < 2 * own + 10


def test_a_gradient_views_the_inputs_and_keeps_no_second_copy(wide):
    network, X, y = wide
    with measured() as peak:
        g = culpa.gradient(network, X, y)
    assert g.layers[0].h is X
    # a_k, h_k and δ_k of each layer, and a few temporaries of a layer's size; X itself (784 columns) is not among them.
    signals = 512 * (1024 + 1024 + 10) * network.dtype.itemsize / MEGABYTE
    assert peak.megabytes < 5 * signals


def test_the_measurement_refuses_dense_per_example_gradients(wide):
    network, X, y = wide
    with measured() as peak:
        answer = culpa.gradient(network, X, y).layers[1].per_example(slice(0, 64))
    assert answer.shape == (64, 1024, 1024)
    assert not peak.megabytes < 100


@pytest.fixture(scope="module")
def million() -> tuple[culpa.Network, int]:
    """A small network and the number of rows to send through it."""
    return culpa.Network.fresh([30, 8, 2], seed=0), 10**6


def test_the_norms_of_a_million_rows_take_less_than_a_gigabyte_with_the_input(million):
    network, n = million
    with measured() as peak:
        random = np.random.default_rng(0)
        X = random.random((n, 30), dtype=np.float32)
        y = random.integers(2, size=n)
        norms = np.concatenate([g.norms() for g in culpa.gradients(network, X, y)])
    assert norms.shape == (n,)
    assert np.isfinite(norms).all()
    assert peak.megabytes < 1024


def test_chunks_take_the_memory_of_one_chunk_beyond_what_is_given(million):
    network, n = million
    X, y = np.ones((n, 30), np.float32), np.zeros(n, np.int64)
    with measured() as peak:
        total = sum(g.loss for g in culpa.gradients(network, X, y))
    assert total > 0
    # The weights of all rows, in float64 before they become float32, are the one thing of length n that is made; y
    # is converted to indices. A chunk of 8,192 rows is a few megabytes.
    assert peak.megabytes < 40
    with measured() as careless:
        culpa.gradients(network, X, y, batch_size=n).__next__()
    assert not careless.megabytes < 40


def test_predictions_of_a_million_rows_take_the_output_and_one_chunk(million):
    network, n = million
    X = np.ones((n, 30), np.float32)
    with measured() as peak:
        said = culpa.predict(network, X)
    assert said.shape == (n, 2)
    assert peak.megabytes < said.nbytes / MEGABYTE + 20
