# SPDX-License-Identifier: MIT
"""Takes `expanded_katex.png` and `expanded_mathjax.png`: the same 3 × 3 gradient, from our LaTeX, as others draw it.

    ∇_W ℓ = the matrix of partial derivatives = the matrix of δ_i h_j = δ hᵀ

Run `npm ci --prefix tests/web`, then `python docs/figures/expanded.py` where Node and Chromium are installed.
"""

import json
import re
import subprocess
import tempfile
from pathlib import Path

from expanded_mathml import MEASURE, chromium, expanded

from culpa.reporting.mathematics.latex import latex

HERE = Path(__file__).parent
WEB = HERE.parents[1] / "tests" / "web"
STYLE = (
    "html { background: #fff; } body { margin: 0; padding: 14px 18px; width: max-content; font-size: 16px; }"
    ".katex-display { margin: 0; } mjx-container { display: block; }"
)


def drawings() -> dict[str, str]:
    """The formula as each program's own HTML."""
    asked = json.dumps([{"latex": latex(expanded())}])
    command = ["node", str(WEB / "render.mjs"), "draw"]
    run = subprocess.run(command, input=asked, check=True, capture_output=True, text=True, encoding="utf-8")
    (answer,) = json.loads(run.stdout)
    sheet = (WEB / "node_modules" / "katex" / "dist" / "katex.min.css").as_uri()
    return {"katex": f'<link rel="stylesheet" href="{sheet}">{answer["html"]}', "mathjax": answer["svg"]}


def take(drawing: str, to: Path) -> None:
    """Measure a drawing, then take its picture at twice the size, with nothing around it."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "page.html"
        page = f'<!doctype html><meta charset="utf-8"><title></title><style>{STYLE}</style>{drawing}{MEASURE}'
        source.write_text(page, encoding="utf-8")
        # KaTeX's fonts lie in another folder than the page.
        reading = ("--allow-file-access-from-files", "--disable-gpu")
        title = re.search(r"<title>([\d.]+) ([\d.]+)</title>", chromium(*reading, "--dump-dom", source.as_uri()))
        assert title is not None
        width, height = (round(float(length) + 0.5) for length in title.groups())
        size = (f"--window-size={width},{height}", "--force-device-scale-factor=2")
        chromium(*reading, *size, f"--screenshot={to}", source.as_uri())


if __name__ == "__main__":
    for name, drawn in drawings().items():
        take(drawn, HERE / f"expanded_{name}.png")
