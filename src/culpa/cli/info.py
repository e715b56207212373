# SPDX-License-Identifier: MIT
"""`culpa info`: versions, array libraries found, the BLAS kernel and threads in use, and what would make it faster."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from culpa.cli.common import Json, emit_json
from culpa.reporting.terminal import console, folded

__all__ = ["EPILOG", "command"]

EPILOG = """\b
Examples:
  culpa info
  culpa info --json"""

NEEDED = (
    "numpy",
    "scipy",
    "scikit-learn",
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
    to.print(f"culpa {facts['culpa']}, Python {facts['python']}, {facts['system']}, {facts['cores']} cores")
    to.print(folded("with  " + ", ".join(f"{name} {number}" for name, number in facts["packages"].items())))
    found = ", ".join(f"{name} {number}" for name, number in facts["array_libraries"].items())
    to.print(f"arrays  numpy{', ' + found if found else ''}")
    for pool in facts["blas"]:
        kernel = f", kernel {pool['architecture']}" if pool["architecture"] else ""
        threads = f"{pool['threads']} thread{'' if pool['threads'] == 1 else 's'}"
        to.print(f"BLAS  {pool['library']} {pool['version']}{kernel}, {threads}")
    for hint in facts["hints"]:
        to.print(folded(f"hint: {hint}"))


def collect() -> dict[str, Any]:
    """The facts by name."""
    return {
        "culpa": version("culpa"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "packages": installed(NEEDED),
        "array_libraries": installed(ARRAY_LIBRARIES),
        "blas": blas_pools(),
        "hints": hints(),
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


def hints() -> list[str]:
    """What slows this machine down, as far as can be seen from the environment."""
    stale = [name for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE") if os.environ.get(name)]
    return [
        f"{name}={os.environ[name]} overrides what OpenBLAS finds by itself and can halve its speed; try env -u {name}"
        for name in stale
    ]
