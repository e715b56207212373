# SPDX-License-Identifier: MIT
"""What every benchmark shares: pinned cores, interleaved bursts, results that agree, and the machine in the first line.

With one thread the CPU time of the process counts, that of all its threads together: other work on the machine hardly
adds to it. Two threads are there to be done sooner, and CPU time would add them up; with them wall-clock time counts,
and the machine must be quiet. Either way the minimum over many short bursts is quoted: disturbance only ever adds to
it. Rivals take turns in one process, so that a slow minute is slow for all of them, and each is warmed up beforehand.

`pin` comes before any rival is imported: PyTorch reads OMP_NUM_THREADS as it is imported, and JAX (0.10) makes as many
threads as it may use cores, or as NPROC and PJRT_NPROC say; of XLA_FLAGS, --xla_cpu_multi_thread_eigen=false no longer
changes anything. Knows none of the things that are measured.
"""

import argparse
import json
import os
import platform
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import perf_counter, process_time
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

Task = Callable[[], Any]
RIVALS = ("numpy", "scipy", "scikit-learn", "torch", "opacus", "backpack-for-pytorch", "jax", "jaxlib")
SETTINGS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "XLA_FLAGS", "JAX_CPU_ENABLE_ASYNC_DISPATCH", "MALLOC_ARENA_MAX")
"""Variables of the environment that change what is measured, and are therefore told."""


def nothing() -> None:
    """What a rival needs before a burst, usually."""


class Rival(NamedTuple):
    """One way to get a result.

    Args:
        run: What is timed.
        read: Turns what `run` gives into arrays that can be held to culpa's; None where there is nothing to compare.
        before: Called before each burst and not timed, for settings that other rivals change.
    """

    run: Task
    read: Callable[[Any], Sequence[Any]] | None = None
    before: Task = nothing


def asked(doc: str | None, seconds: float) -> argparse.Namespace:
    """What the command line says: `threads`, `json` and `seconds`."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, choices=(1, 2), default=1, help="2 compares wall-clock time")
    parser.add_argument("--seconds", type=float, default=seconds, help="for each size (default %(default)s)")
    parser.add_argument("--json", type=Path, help="keep the figures there instead of in bench/results")
    return parser.parse_args()


def pin(cores: int = 1) -> None:
    """Hold this process to its last cores, and the libraries in it to as many threads."""
    if hasattr(os, "sched_setaffinity"):
        available = sorted(os.sched_getaffinity(0))
        if len(available) < cores:
            sys.exit(f"{cores} threads need {cores} cores; this process may use {len(available)}.")
        os.sched_setaffinity(0, available[-cores:])
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "NPROC", "PJRT_NPROC"), str(cores)))
    threadpool_limits(cores)


def cpu_name() -> str:
    """The processor's name, as far as the system tells it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def installed() -> dict[str, str]:
    """The versions of the rivals that this machine has."""
    found = {}
    for name in RIVALS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def blas_kernels() -> list[str]:
    """Each BLAS in this process with its kernel and threads; PyTorch's is part of its own library and names itself."""
    np.ones((2, 2)) @ np.ones((2, 2))
    pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    kernels = [
        f"{pool['internal_api']} {pool['version']} {pool.get('architecture', '')} × {pool['num_threads']}"
        for pool in pools
    ]
    if torch := sys.modules.get("torch"):
        named = re.search(r"Math Kernel Library Version (\S+)", torch.__config__.show())
        kernels.append(f"torch: {f'MKL {named[1]}' if named else 'no MKL'} × {torch.get_num_threads()}")
    return [" ".join(kernel.split()) for kernel in kernels]


def describe() -> dict[str, Any]:
    """The machine, its BLAS kernels and threads, and the versions: what a figure means nothing without."""
    set_here = {name: os.environ[name] for name in SETTINGS if os.environ.get(name)}
    return {
        "cpu": cpu_name(),
        "cores": os.cpu_count(),
        "blas": blas_kernels(),
        "python": platform.python_version(),
        **installed(),
        "overridden": set_here,
    }


def introduce(options: argparse.Namespace) -> None:
    """Print the machine, and which clock counts."""
    print("\n".join(f"{name}: {value}" for name, value in describe().items()))
    print(f"threads: {options.threads}, {'CPU' if options.threads == 1 else 'wall-clock'} time, minimum of bursts")


@lru_cache
def module(name: str) -> ModuleType | None:
    """A module of rivals, or None, said once, where this machine lacks what it needs."""
    try:
        return import_module(name)
    except ImportError as missing:
        print(f"left out: {name.removeprefix('rivals.')} ({missing})")
        return None


def agree(rivals: Mapping[str, Rival], expected: Sequence[Any], tolerance: float = 1e-4) -> None:
    """Stop the script if a rival's result is not the expected one.

    Args:
        rivals: Those whose result is the same thing.
        expected: The arrays that each one's `read` must give, or as many of them, from the first on, as it gives.
        tolerance: Of the difference's norm, relative to the norm; float32 leaves about 1e-6.
    """
    for name, rival in rivals.items():
        if rival.read is None:
            continue
        rival.before()
        for theirs, ours in zip(map(np.asarray, rival.read(rival.run())), expected, strict=False):
            same = theirs.shape == ours.shape
            difference = float(np.linalg.norm(theirs - ours) / np.linalg.norm(ours)) if same else np.inf
            if not difference <= tolerance:
                sys.exit(f"{name}: its result differs by {difference:.1e}; nothing was timed.")


def cost_of(rival: Rival, clock: Callable[[], float]) -> float:
    """About how long a call takes, once the rival is warm."""
    rival.before()
    for _ in range(3):
        rival.run()
    begun = clock()
    rival.run()
    return max(clock() - begun, 1e-7)


def bursts(
    rivals: Mapping[str, Rival], *, seconds: float = 6.0, threads: int = 1, burst: float = 0.02
) -> dict[str, float]:
    """The least seconds of one call of each rival, in turns, until the time is over.

    A burst begins with a call that does not count, so that caches and memory are as among calls of one's own kind; only
    calls longer than five bursts go without.

    Args:
        rivals: By name; each is called a few times beforehand.
        seconds: How long all of them together may take, on the clock that counts.
        threads: One counts CPU time, more wall-clock time.
        burst: How long one burst of one rival is; longer calls are bursts by themselves.
    """
    clock = process_time if threads == 1 else perf_counter
    costs = {name: cost_of(rival, clock) for name, rival in rivals.items()}
    best = dict.fromkeys(rivals, float("inf"))
    deadline = clock() + seconds
    while clock() < deadline:
        for name, rival in rivals.items():
            run, calls = rival.run, max(1, int(burst / costs[name]))
            rival.before()
            if costs[name] < 5 * burst:
                run()
            begun = clock()
            for _ in range(calls):
                run()
            best[name] = min(best[name], (clock() - begun) / calls)
    return best


def report(title: str, times: Mapping[str, float], *bases: str) -> None:
    """Print the times and each one's ratio to the bases."""
    print(f"\n{title:<54}{'µs':>10}" + "".join(f"   / {base}" for base in bases))
    for name, seconds in times.items():
        ratios = "".join(f"{seconds / times[base]:>{len(base) + 5}.2f}" for base in bases)
        print(f"  {name:<52}{seconds * 1e6:>10.1f}{ratios}", flush=True)


def keep(name: str, options: argparse.Namespace, results: Mapping[str, Mapping[str, float]]) -> Path:
    """Write machine, threads and results as JSON: {title: {rival: microseconds}}; returns where."""
    path = options.json or Path(__file__).parent / "results" / f"{name}-{options.threads}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = {title: {rival: round(1e6 * time, 2) for rival, time in times.items()} for title, times in results.items()}
    document = {"machine": describe(), "threads": options.threads, "results": kept}
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def verdict(claim: str, ratio: float, bound: float, *, least: bool = True, aside: str = "") -> None:
    """Print one line: what was claimed, what was measured, and whether that meets the bound."""
    met = ratio >= bound if least else ratio <= bound
    words = f"{'at least' if least else 'at most'} {bound:g}"
    print(f"  {claim}: {ratio:.2f}, {words}: {'met' if met else 'NOT met'}{f' ({aside})' if aside else ''}")
