# SPDX-License-Identifier: MIT
"""Takes `expanded_mathml.png`: the gradient of 3 × 3 weights written out, as Chromium draws our MathML in our font.

    ∇_W ℓ = the matrix of partial derivatives = the matrix of δ_i h_j = δ hᵀ

Run `python docs/figures/expanded_mathml.py` where Chromium is installed, to take it again.
"""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from culpa.explaining.notations import NOTATIONS
from culpa.explaining.symbols import Symbols, axis
from culpa.reporting.font import font_face
from culpa.reporting.mathematics.expressions import Equation
from culpa.reporting.mathematics.mathml import mathml

HERE = Path(__file__).parent
STYLE = (
    "html { background: #fff; } body { margin: 0; padding: 14px 18px; width: max-content; } math { font-size: 19px; }"
)
MEASURE = """<script>document.fonts.ready.then(() => {
    const box = document.body.getBoundingClientRect();
    document.title = `${box.width} ${box.height}`;
});</script>"""


def expanded() -> Equation:
    """The chain for any layer k of three units, after a layer of three."""
    s = Symbols(NOTATIONS["note"])
    k, before, three = s.k, s.k - 1, (axis(3), axis(3), (3, 3))
    partials = s.matrix(lambda i, j: s.by("W", k, i, j), *three)
    products = s.matrix(lambda i, j: s.delta(k, i) * s.h(before, j), *three)
    return Equation((s.by("W", k), partials, products, s.outer(k, before)))


def page() -> str:
    """The chain alone on a page, which says in its title how large it is."""
    head = f'<!doctype html><meta charset="utf-8"><style>{font_face()}{STYLE}</style>'
    return head + mathml(expanded(), display=True) + MEASURE


def chromium(*arguments: str) -> str:
    """What Chromium prints."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or "google-chrome"
    command = [browser, "--headless", "--no-sandbox", "--hide-scrollbars", "--virtual-time-budget=2000", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def take(to: Path) -> None:
    """Measure the formula, then take its picture at twice the size, with nothing around it."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "page.html"
        source.write_text(page(), encoding="utf-8")
        title = re.search(r"<title>([\d.]+) ([\d.]+)</title>", chromium("--dump-dom", source.as_uri()))
        assert title is not None
        width, height = (round(float(length) + 0.5) for length in title.groups())
        size = (f"--window-size={width},{height}", "--force-device-scale-factor=2")
        chromium(*size, f"--screenshot={to}", source.as_uri())


if __name__ == "__main__":
    take(HERE / "expanded_mathml.png")
