# SPDX-License-Identifier: MIT
"""Imports: light at the door, one way down the river, and `__all__` tells the truth."""

import ast
import importlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import culpa

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "culpa"
HEAVY = {
    "jax", "joblib", "narwhals", "pandas", "polars", "rich", "safetensors", "scipy", "sklearn", "tensorflow",
    "threadpoolctl", "torch", "typer",
}  # fmt: skip
SOURCES = sorted(PACKAGE.rglob("*.py"))
ENGINE = sorted(path for path in SOURCES if path.parent.name == "engine" and path.stem != "__init__")


def module_of(path):
    """The name under which a source is imported."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def heavy_after(code):
    """The heavy packages that a fresh interpreter holds after some code."""
    command = [sys.executable, "-c", f"{code}\nimport sys, json\nprint(json.dumps(sorted(sys.modules)))"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return HEAVY & {name.partition(".")[0] for name in json.loads(done.stdout)}


def test_importing_culpa_imports_nothing_heavy():
    assert heavy_after("import culpa") == set()


def test_a_gradient_of_the_common_kind_imports_nothing_heavy_either():
    code = """
import culpa, numpy
network = culpa.Network.fresh([3, 4, 2], hidden="tanh")
culpa.gradient(network, numpy.ones((5, 3)), [0, 1, 0, 1, 1]).norms()
"""
    assert heavy_after(code) == set()


def test_a_heavy_import_would_be_noticed():
    """Negative control: GELU needs SciPy, and says so only when it is used."""
    assert heavy_after("import scipy") == {"scipy"}
    assert "scipy" in heavy_after("import culpa, numpy\nculpa.ACTIVATIONS['gelu'].value(numpy.ones(1))")


def untrue(names, module):
    """What is wrong with a module's `__all__`."""
    order = sorted(names, key=lambda name: (2 if name[0].islower() else 1 - name.isupper(), name))
    return [
        *(f"{name} does not exist" for name in names if not hasattr(module, name)),
        *(f"{name} is private" for name in names if name.startswith("_")),
        *(["a name stands there twice"] if len(set(names)) < len(names) else []),
        *(["not in order: CONSTANTS, Classes, functions"] if list(names) != order else []),
    ]


def names_listed(path):
    """A source's `__all__`, read without importing it; None where it has none."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return ast.literal_eval(node.value)
    return None


LISTED = {module_of(path): path for path in SOURCES if names_listed(path) is not None}


@pytest.mark.parametrize("name", LISTED)
def test_all_is_true(name):
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        pytest.skip(f"{name} needs what is not installed: {error}")
    assert untrue(names_listed(LISTED[name]), module) == []


@pytest.mark.parametrize("path", [PACKAGE / "__init__.py", PACKAGE / "errors.py", *ENGINE], ids=lambda path: path.stem)
def test_every_module_of_the_engine_says_what_is_public(path):
    assert names_listed(path)


@pytest.mark.parametrize("names", [["LOSSES", "Loss", "losses"], ["A", "B"], []])
def test_a_true_all_is_accepted(names):
    module = type(sys)("planted")
    vars(module).update(dict.fromkeys(names))
    assert untrue(names, module) == []


@pytest.mark.parametrize("names", [["absent"], ["a", "a"], ["b", "a"], ["a", "A"], ["Loss", "LOSSES"], ["_a"]])
def test_an_untrue_all_is_refused(names):
    module = type(sys)("planted")
    vars(module).update({name: None for name in names if name != "absent"})
    assert len(untrue(names, module)) == 1


def test_star_import_brings_exactly_the_public_names():
    names = {}
    exec("from culpa import *", names)
    assert set(names) - {"__builtins__"} == set(culpa.__all__)


def broken_contracts(root, package):
    """What import-linter says of a package under the project's contracts; None where it finds nothing broken."""
    program = shutil.which("lint-imports", path=str(Path(sys.executable).parent)) or shutil.which("lint-imports")
    if program is None:
        pytest.skip("import-linter is not installed: pip install culpa[dev]")
    done = subprocess.run(
        [program, "--no-cache", "--no-logo", "--config", str(ROOT / "pyproject.toml")],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(package.parent), "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    return None if done.returncode == 0 else done.stdout + done.stderr


def planted(root):
    """A copy of the package, with an empty room for each layer that is not written yet."""
    package = root / "culpa"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    for layer in contracts["contracts"][0]["layers"]:
        for name in layer.split(" | "):
            if not (package / name).exists() and not (package / f"{name}.py").exists():
                (package / f"{name}.py").touch()
    return package


def test_imports_point_one_way():
    assert broken_contracts(ROOT, PACKAGE) is None


@pytest.mark.parametrize(
    ("room", "line", "contract"),
    [
        ("errors.py", "import culpa.engine.arrays", "Imports point one way, down the river BROKEN"),
        ("engine/hidden.py", "import culpa.cli", "Imports point one way, down the river BROKEN"),
        ("engine/forward.py", "import torch", "Only a bridge knows another framework BROKEN"),
    ],
)
def test_an_import_that_points_up_is_refused(tmp_path, room, line, contract):
    """Negative control: the same contracts, on a copy that one line spoils."""
    package = planted(tmp_path)
    assert broken_contracts(tmp_path, package) is None
    with (package / room).open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    assert contract in broken_contracts(tmp_path, package)
