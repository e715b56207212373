# SPDX-License-Identifier: MIT
"""What KaTeX and MathJax make of a formula: the programs that read it where people paste it, run from npm packages.

    npm ci --prefix tests/web        once; then faults_of(["\\frac{1}{2}", "\\frac{1"]) == ["", "katex: …"]

A test that asks is skipped, saying so, where Node or the packages are missing.
"""

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

__all__ = ["WEB", "drawn", "faults_of", "needs_web"]

WEB = Path(__file__).parents[1] / "web"
"""Where the npm packages are installed."""
MISSING = shutil.which("node") is None or not (WEB / "node_modules" / "katex").is_dir()
needs_web = pytest.mark.skipif(MISSING, reason="needs node and the npm packages of tests/web (npm ci)")
"""Marks a test that asks KaTeX, MathJax or a browser."""


def answered(snippets: Sequence[str], display: bool, *words: str) -> list[dict[str, Any]]:
    """What render.mjs says of each formula."""
    if MISSING:
        pytest.skip("needs node and the npm packages of tests/web (npm ci)")
    asked = json.dumps([{"latex": snippet, "display": display} for snippet in snippets])
    command = ["node", str(WEB / "render.mjs"), *words]
    run = subprocess.run(command, input=asked, capture_output=True, text=True, encoding="utf-8", check=True)
    answers: list[dict[str, Any]] = json.loads(run.stdout)
    assert len(answers) == len(snippets)
    return answers


def faults_of(snippets: Sequence[str], *, display: bool = True) -> list[str]:
    """What KaTeX and MathJax refuse in each formula; "" where both draw it."""
    return [
        "; ".join(f"{name}: {answer[name]}" for name in ("katex", "mathjax") if answer[name] is not None)
        for answer in answered(snippets, display)
    ]


def drawn(snippets: Sequence[str], *, display: bool = True) -> list[tuple[str, str]]:
    """Each formula as KaTeX's HTML and as MathJax's SVG."""
    return [(answer["html"], answer["svg"]) for answer in answered(snippets, display, "draw")]
