# SPDX-License-Identifier: MIT
"""What the machine has: cores, BLAS libraries and their speed, and what keeps it from being faster."""

import os
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any

__all__ = ["blas_pools", "hints", "product_speeds"]

OVERRIDES = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
OLD_KERNELS = ("generic", "katmai", "prescott", "core2", "nehalem", "sandybridge", "barcelona", "armv8")
SIZE = 512
"""Rows and columns of the matrices that are multiplied to measure: a thousandth of a second on most machines."""


def blas_pools() -> list[dict[str, Any]]:
    """The BLAS libraries that NumPy has loaded, each with its kernel and number of threads."""
    import numpy as np
    from threadpoolctl import threadpool_info

    np.ones((2, 2)) @ np.ones((2, 2))  # some builds load their BLAS at the first product
    return [
        {
            "library": pool["internal_api"],
            "version": pool["version"],
            "architecture": pool.get("architecture"),
            "threads": pool["num_threads"],
        }
        for pool in threadpool_info()
        if pool["user_api"] == "blas"
    ]


def product_speeds(threads: int) -> dict[str, float]:
    """How fast float32 matrices are multiplied, in GFLOP/s, by one thread and by as many as BLAS has."""
    import numpy as np
    from threadpoolctl import threadpool_limits

    A = np.ones((SIZE, SIZE), np.float32)
    out = np.empty_like(A)
    speeds = {}
    for count in sorted({1, threads}):
        with threadpool_limits(count, user_api="blas"):
            best = float("inf")
            for _ in range(6):
                begun = perf_counter()
                A.dot(A, out)
                best = min(best, perf_counter() - begun)
        speeds[str(count)] = round(2 * SIZE**3 / best / 1e9, 1)
    return speeds


def processor_flags() -> set[str]:
    """What the processor can do, as Linux on x86 tells it; elsewhere nothing is known."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return next((set(line.split(":", 1)[1].split()) for line in lines if line.startswith("flags")), set())
    except OSError:
        return set()


def hints(
    pools: Sequence[Mapping[str, Any]],
    cores: int,
    speeds: Mapping[str, float],
    environment: Mapping[str, str] = os.environ,
) -> list[str]:
    """What slows this machine down, as far as can be seen, each with what to try."""
    found = [
        f"{name}={environment[name]} overrides what OpenBLAS finds by itself and can halve its speed; try env -u {name}"
        for name in OVERRIDES
        if environment.get(name)
    ]
    threads = max((pool["threads"] for pool in pools), default=1)
    limits = [name for name in THREAD_LIMITS if environment.get(name)]
    if threads < cores and limits:
        found.append(
            f"{limits[0]}={environment[limits[0]]} holds BLAS to {threads} of {cores} cores; large steps could use "
            f"more, try env -u {limits[0]}"
        )
    if threads > cores:
        found.append(
            f"BLAS uses {threads} threads on {cores} core{'s'[: cores != 1]}, which then wait for each other; try "
            f"OMP_NUM_THREADS={cores}"
        )
    old = [pool for pool in pools if str(pool["architecture"]).lower() in OLD_KERNELS]
    if old and "avx2" in processor_flags():
        found.append(
            f"BLAS runs its {old[0]['architecture']} kernel, but this processor has AVX2, which is twice as fast or "
            "more; try pip install --upgrade --force-reinstall numpy"
        )
    if len(speeds) > 1 and speeds[str(threads)] < speeds["1"]:
        found.append(
            f"{threads} threads multiply slower than one just now, so other programs use the cores; try fit(threads=1)"
        )
    if not pools:
        found.append("NumPy's BLAS is not one that threadpoolctl knows; steps are held to no number of threads")
    return found
