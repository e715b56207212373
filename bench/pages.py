# SPDX-License-Identifier: MIT
"""How long does it take to make a derivation, and to open its page? Run `python bench/pages.py`.

    making     explain, and each of its forms, for 3-3-2 and for 64-64-32-10 on 100 rows: CPU time, one pinned core
    opening    the page in Chromium, from a file: until it is loaded, its font is ready and it has been drawn, by the
               browser's own clock, in a new window each time

A page for 64-64-32-10 should weigh less than 300 KB and open in less than a second. The clock of the opening is on the
wall, because Chromium works in many processes.
"""

import os
import shutil
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
from machine import Rival, asked, bursts, introduce, keep, pin, verdict
from playwright.sync_api import sync_playwright

import culpa
from culpa.explaining.small import small_example

HEAVIEST, SLOWEST = 300.0, 1.0
"""KB, and seconds."""
TIMES = 15
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
DRAWN = """async () => {
    await document.fonts.ready;
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    return performance.now();
}"""


def large() -> tuple[culpa.Network, np.ndarray, np.ndarray]:
    """A network of the size that `culpa blame digits` trains, and rows of noise."""
    random = np.random.default_rng(0)
    network = culpa.Network.fresh([64, 64, 32, 10], seed=0)
    return network, random.normal(size=(100, 64)), random.integers(0, 10, 100)


def making(given: tuple[object, ...]) -> dict[str, Rival]:
    """Each form as a task."""
    made = culpa.explain(*given)
    forms = {"text": made.to_text, "Markdown": made.to_markdown, "LaTeX": made.to_latex, "HTML": made.to_html}
    return {
        "the derivation": Rival(partial(culpa.explain, *given)),
        **{name: Rival(run) for name, run in forms.items()},
    }


def opening(pages: dict[str, str]) -> dict[str, float]:
    """The shortest time that each page took to open."""
    found = os.environ.get("CULPA_BROWSER") or shutil.which("chromium") or shutil.which("google-chrome")
    best = dict.fromkeys(pages, np.inf)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        for _ in range(TIMES):
            for name, text in pages.items():
                source = Path(folder) / "page.html"
                source.write_text(text, encoding="utf-8")
                window = browser.new_context()
                tab = window.new_page()
                tab.goto(source.as_uri())
                best[name] = min(best[name], tab.evaluate(DRAWN) / 1e3)
                window.close()
        browser.close()
    return best


def main() -> None:
    """Measure, print, keep."""
    options = asked(__doc__, seconds=10)
    networks = {"3-3-2": small_example([3, 3, 2], seed=1), "64-64-32-10": large()}
    pages = {f"the page of {name}": culpa.explain(*given).to_html() for name, given in networks.items()}
    results = {"opening": opening(pages)}
    pin(options.threads)
    introduce(options)
    for name, given in networks.items():
        results[f"making, {name}"] = bursts(making(given), seconds=options.seconds, threads=options.threads)
    for title, times in results.items():
        print(f"\n{title:<40}{'ms':>10}")
        for name, seconds in times.items():
            print(f"  {name:<38}{seconds * 1e3:>10.1f}")
    weight = len(pages["the page of 64-64-32-10"].encode()) / 1e3
    print()
    verdict("the page of 64-64-32-10, KB", weight, HEAVIEST, least=False)
    verdict("opening it, seconds", results["opening"]["the page of 64-64-32-10"], SLOWEST, least=False)
    print(f"\nkept in {keep('pages', options, results)}")


if __name__ == "__main__":
    main()
