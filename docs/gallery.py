# SPDX-License-Identifier: MIT
"""Takes the pictures of the gallery: one of each form of a derivation, as its reader's program shows it.

Run `npm ci --prefix tests/web`, then `python docs/gallery.py` from the root, where Playwright, Chromium, Node, pdflatex
and pdftoppm are installed.
"""

import html
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from playwright.sync_api import sync_playwright

import culpa
from culpa.explaining.small import small_example

HERE = Path(__file__).parent / "figures" / "gallery"
WEB = Path(__file__).parents[1] / "tests" / "web"
SMALL = small_example([3, 3, 2], seed=1)
SERIF = "margin: 24px 32px; max-width: 46rem; font: 17px/1.5 Georgia, 'DejaVu Serif', serif; background: #fff;"
TERMINAL = (
    "margin: 0; padding: 14px 18px; font: 15px/1.25 'DejaVu Sans Mono', monospace; background: #fff; color: #111;"
)


def terminal() -> str:
    """The text, as a terminal has it."""
    text = culpa.explain(*SMALL, part="weights", layer=2).to_text()
    return f'<pre style="{TERMINAL}">{html.escape(text)}</pre>'


def katex(formulas: list[str], display: bool) -> list[str]:
    """Formulas as KaTeX draws them."""
    asked = json.dumps([{"latex": formula, "display": display} for formula in formulas])
    command = ["node", str(WEB / "render.mjs"), "draw"]
    run = subprocess.run(command, input=asked, check=True, capture_output=True, text=True, encoding="utf-8")
    return [answer["html"] for answer in json.loads(run.stdout)]


def markdown() -> str:
    """The Markdown for Obsidian, with the formulas drawn by KaTeX, as Obsidian's kin do."""
    text = culpa.explain(*SMALL, part="weights", layer=2).to_markdown(flavour="obsidian", front_matter=False)
    found: list[str] = []
    for pattern, display in ((r"^\$\$\n(.*?)\n\$\$$", True), (r"\$([^$\n]+)\$", False)):
        formulas = re.findall(pattern, text, flags=re.DOTALL | re.MULTILINE)
        places = iter(range(len(found), len(found) + len(formulas)))
        text = re.sub(pattern, lambda _, at=places: f"formula{next(at)}place", text, flags=re.DOTALL | re.MULTILINE)
        found += katex(formulas, display)
    body = MarkdownIt("commonmark").render(text)
    body = re.sub(r"formula(\d+)place", lambda place: found[int(place[1])], body)
    sheet = (WEB / "node_modules" / "katex" / "dist" / "katex.min.css").as_uri()
    return f'<link rel="stylesheet" href="{sheet}"><style>body {{ {SERIF} }}</style>{body}'


def notebook() -> str:
    """What a cell of a notebook shows."""
    shown = culpa.explain(*SMALL, part="output")._repr_html_()
    cell = "font: 14px 'DejaVu Sans Mono', monospace; padding: 10px; background: #f5f5f5; border: 1px solid #ddd;"
    code = 'culpa.explain(net, X, y, part="output")'
    return f'<style>body {{ margin: 20px; background: #fff; }}</style><pre style="{cell}">{code}</pre>{shown}'


def page() -> str:
    """The whole page."""
    return culpa.explain(*SMALL).to_html()


def sheet() -> str:
    """A problem sheet."""
    return culpa.exercise([2, 3, 2], seed=7).sheet.to_html()


def paper(to: Path) -> None:
    """The LaTeX document's first page, through pdflatex."""
    with tempfile.TemporaryDirectory() as folder:
        made = culpa.explain(*SMALL, part=["weights", "bias"]).to_latex()
        (Path(folder) / "it.tex").write_text(made, encoding="utf-8")
        run = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "it.tex"]
        subprocess.run(run, cwd=folder, check=True, capture_output=True)
        draw = ["pdftoppm", "-r", "70", "-png", "-singlefile", "it.pdf", str(to.with_suffix(""))]
        subprocess.run(draw, cwd=folder, check=True, capture_output=True)


def light_up(tab: Any) -> None:
    """Point at one entry of the gradient."""
    tab.locator('[data-cell="dW-2-1-2"]').last.scroll_into_view_if_needed()
    tab.locator('[data-cell="dW-2-1-2"]').last.hover()


def to_the_laboratory(tab: Any) -> None:
    """Scroll to the end."""
    tab.locator("#laboratory").scroll_into_view_if_needed()
    tab.evaluate("document.querySelector('#laboratory').scrollIntoView()")


def to_the_tasks(tab: Any) -> None:
    """Scroll to the blanks."""
    tab.evaluate("document.querySelector('#tasks').scrollIntoView()")


def stay(tab: Any) -> None:
    """Look at the top."""


Shot = tuple[Callable[[], str], int, int, str, Callable[[Any], None]]
SHOTS: dict[str, Shot] = {
    "terminal": (terminal, 780, 940, "light", stay),
    "markdown": (markdown, 820, 900, "light", stay),
    "notebook": (notebook, 820, 760, "light", stay),
    "page": (page, 980, 900, "light", stay),
    "lit": (page, 980, 700, "light", light_up),
    "phone": (page, 390, 800, "dark", stay),
    "laboratory": (page, 980, 760, "light", to_the_laboratory),
    "exercise": (sheet, 980, 820, "light", to_the_tasks),
}


def take_all() -> None:
    """Take every picture."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    HERE.mkdir(exist_ok=True)
    paper(HERE / "paper.png")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--allow-file-access-from-files"]
        )
        for name, (make, width, height, scheme, look) in SHOTS.items():
            source = Path(folder) / f"{name}.html"
            source.write_text(f'<!doctype html><meta charset="utf-8">{make()}', encoding="utf-8")
            tab = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            tab.goto(source.as_uri())
            tab.evaluate("document.fonts.ready")
            look(tab)
            tab.screenshot(path=HERE / f"{name}.png")
            tab.close()
        browser.close()


if __name__ == "__main__":
    take_all()
