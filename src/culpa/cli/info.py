# SPDX-License-Identifier: MIT
"""`culpa info`: versions, array libraries found, BLAS with its kernel, threads and speed, and what would be faster."""

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from culpa.cli.common import Json, emit_json
from culpa.cli.machine import blas_pools, hints, product_speeds
from culpa.reporting.terminal import console, folded
from culpa.training.threads import core_count

__all__ = ["EPILOG", "command"]

EPILOG = """\b
Examples:
  culpa info
  culpa info --json"""

NEEDED = (
    "numpy",
    "scipy",
    "scikit-learn",
    "joblib",
    "polars",
    "rich",
    "typer",
    "safetensors",
    "array-api-compat",
    "threadpoolctl",
)
ARRAY_LIBRARIES = ("torch", "jax", "cupy", "dpctl", "ndonnx", "sparse")


def command(as_json: Json = False) -> None:
    """Show versions, array libraries, the BLAS kernel and its threads."""
    facts = collect()
    if as_json:
        emit_json("info", facts)
        return
    to = console()
    cores = f"{facts['cores']} core{'s'[: facts['cores'] != 1]}"
    to.print(f"culpa {facts['culpa']}, Python {facts['python']}, {facts['system']}, {cores}")
    to.print(folded("with  " + ", ".join(f"{name} {number}" for name, number in facts["packages"].items())))
    found = ", ".join(f"{name} {number}" for name, number in facts["array_libraries"].items())
    to.print(f"arrays  numpy{', ' + found if found else ''}")
    for pool in facts["blas"]:
        kernel = f", kernel {pool['architecture']}" if pool["architecture"] else ""
        threads = f"{pool['threads']} thread{'' if pool['threads'] == 1 else 's'}"
        to.print(f"BLAS  {pool['library']} {pool['version']}{kernel}, {threads}")
    to.print(speed_line(facts["gflops"]))
    for hint in facts["hints"]:
        to.print(folded(f"hint: {hint}"))


def speed_line(speeds: dict[str, float]) -> str:
    """The measured speeds in one line."""
    threads = {count: f"{count} thread{'' if count == '1' else 's'}" for count in speeds}
    return "speed  " + ", ".join(f"{speed:g} GFLOP/s with {threads[count]}" for count, speed in speeds.items())


def collect() -> dict[str, Any]:
    """The facts by name."""
    pools, cores = blas_pools(), core_count()
    speeds = product_speeds(max((pool["threads"] for pool in pools), default=1))
    return {
        "culpa": version("culpa"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": cores,
        "packages": installed(NEEDED),
        "array_libraries": installed(ARRAY_LIBRARIES),
        "blas": pools,
        "gflops": speeds,
        "hints": hints(pools, cores, speeds),
    }


def installed(names: tuple[str, ...]) -> dict[str, str]:
    """The versions of those that are installed; nothing is imported."""
    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
