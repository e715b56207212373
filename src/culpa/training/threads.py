# SPDX-License-Identifier: MIT
"""Threads of BLAS while a training runs: small steps are faster on one, above all where other work wants the cores.

The setting belongs to the whole process, so overlapping trainings share it: the first one in sets it, the last one out
restores what was there. Nothing else of the user's is touched.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from threading import Lock
from typing import Any, Literal

import numpy as np

from culpa.engine.arrays import whole_number
from culpa.engine.network import Network

__all__ = ["Threads", "blas_threads", "core_count", "threads_for"]

Threads = int | Literal["auto"] | None
"""What BLAS is held to: a number; "auto", one thread for small steps; None, as it is."""

SMALL_STEP = 1e9
"""Floating-point operations of a step below which a second thread costs more in waiting than it saves."""

lock = Lock()
trainings = 0
limiter: Any = None


def threads_for(network: Network, batch_size: int, threads: Threads) -> int | None:
    """How many threads BLAS is held to: one for small steps under "auto"; None leaves it alone.

    Example:
        >>> threads_for(culpa.Network.fresh([64, 32, 10]), 32, "auto")
        1
    """
    if threads is None:
        return None
    if threads != "auto":
        return whole_number("threads", threads)
    return 1 if 6 * network.n_parameters * batch_size < SMALL_STEP else None


def core_count() -> int:
    """How many cores this process may use, by its affinity and its container's share."""
    from joblib import cpu_count

    return int(cpu_count())


@lru_cache(maxsize=1)
def controller(n_modules: int) -> Any:
    """Knows the BLAS libraries in this process; looks for them anew only where something was imported since."""
    import scipy.linalg.blas  # noqa: F401 # the optimisers use it, and it brings a BLAS of its own
    from threadpoolctl import ThreadpoolController

    del n_modules
    np.ones((2, 2)) @ np.ones((2, 2))  # some builds load their BLAS at the first product
    return ThreadpoolController()


@contextmanager
def blas_threads(limit: int | None) -> Iterator[None]:
    """Hold BLAS to `limit` threads inside; None leaves it alone."""
    global trainings, limiter
    if limit is None:
        yield
        return
    with lock:
        if trainings == 0:
            limiter = controller(len(sys.modules)).limit(limits=limit, user_api="blas")
        trainings += 1
    try:
        yield
    finally:
        with lock:
            trainings -= 1
            if trainings == 0:
                limiter.restore_original_limits()
                limiter = None
