# SPDX-License-Identifier: MIT
"""The laboratory's arithmetic, run by node: a script of a line or two, its input and its answer as JSON."""

import json
import shutil
import subprocess

import pytest

from culpa.explaining.laboratory.laboratory import source

__all__ = ["CORE", "ask"]

CORE = source("laboratory_core.js")


def ask(answer, given, *, core=CORE):
    """What JavaScript answers: `answer` is an expression in `lab`, the arithmetic, and `given`, the input."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("the laboratory's arithmetic is run by node, which is not installed")
    script = f"""{core}
    const lab = module.exports;
    const given = JSON.parse(require("fs").readFileSync(0, "utf8"));
    const text = (key, value) => (typeof value === "number" && !Number.isFinite(value) ? String(value) : value);
    process.stdout.write(JSON.stringify({answer}, text));"""
    ran = subprocess.run(
        [node, "-e", script], input=json.dumps(given), capture_output=True, text=True, check=False, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)
