# SPDX-License-Identifier: MIT
"""What every benchmark shares: a pinned core, one thread, interleaved bursts, and the machine in the first line.

The minimum over many short bursts is quoted, in CPU time: other work on the machine only ever adds to it. Rivals take
turns in one process, so that a slow minute is slow for all of them. Knows none of the things that are measured.
"""

import os
import platform
from collections.abc import Callable, Mapping
from time import process_time
from typing import Any

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

Task = Callable[[], Any]


def pin(cores: int = 1) -> None:
    """Hold this process to its last cores, and BLAS to as many threads."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-cores:])
    threadpool_limits(cores)


def cpu_name() -> str:
    """The processor's name, as far as the system tells it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def describe() -> dict[str, Any]:
    """The machine, its BLAS kernels and threads, and the versions: what a figure means nothing without."""
    np.ones((2, 2)) @ np.ones((2, 2))
    pools = [
        f"{pool['internal_api']} {pool['version']} {pool.get('architecture', '')} × {pool['num_threads']}".replace(
            "  ", " "
        )
        for pool in threadpool_info()
        if pool["user_api"] == "blas"
    ]
    stale = [name for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE") if os.environ.get(name)]
    return {
        "cpu": cpu_name(),
        "cores": os.cpu_count(),
        "blas": pools,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "overridden": stale,
    }


def bursts(rivals: Mapping[str, Task], seconds: float = 6.0, burst: float = 0.02) -> dict[str, float]:
    """The least CPU seconds of one call of each rival, in turns, until the time is over.

    Args:
        rivals: Tasks by name; each is called three times beforehand to warm up.
        seconds: How long all of them together may take.
        burst: How long one burst of one rival is; longer calls are bursts by themselves.
    """
    repeats = {}
    for name, task in rivals.items():
        for _ in range(3):
            task()
        begun = process_time()
        task()
        repeats[name] = max(1, int(burst / max(process_time() - begun, 1e-7)))
    best = dict.fromkeys(rivals, float("inf"))
    deadline = process_time() + seconds
    while process_time() < deadline:
        for name, task in rivals.items():
            begun = process_time()
            for _ in range(repeats[name]):
                task()
            best[name] = min(best[name], (process_time() - begun) / repeats[name])
    return best


def report(title: str, times: Mapping[str, float], base: str) -> None:
    """Print the times and each one's ratio to the base."""
    print(f"\n{title}")
    for name, seconds in times.items():
        print(f"  {name:<44}{seconds * 1e6:>10.1f} µs{seconds / times[base]:>9.2f} ×")
