# SPDX-License-Identifier: MIT
"""What the tests read back out of Markdown: its formulas, its tables, and the text that a reader sees."""

import re
from html.parser import HTMLParser

from markdown_it import MarkdownIt

__all__ = ["Seen", "displays", "inlines", "matrices", "seen"]

FENCES = {"github": ("```math", "```"), "obsidian": ("$$", "$$"), "plain": ("$$", "$$")}


def displays(text: str, flavour: str) -> list[str]:
    """What stands between the lines that open and close a display."""
    opening, closing = map(re.escape, FENCES[flavour])
    return re.findall(rf"^{opening}\n(.*?)\n{closing}$", text, re.MULTILINE | re.DOTALL)


def inlines(text: str, flavour: str) -> list[str]:
    """The formulas within sentences."""
    for display in displays(text, flavour):
        text = text.replace(display, "")
    text = re.sub(r"^```.*?^```$|^\$\$\n\n\$\$$", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"\$`(.+?)`\$" if flavour == "github" else r"(?<![\\$>])\$(?!\s)(.+?)(?<!\s)\$", text)


def matrices(formula: str) -> list[list[list[float]]]:
    """The matrices of numbers in a formula, each as its rows."""
    found = []
    for inside in re.findall(r"\\begin\{bmatrix\}\n(.*?)\n\\end\{bmatrix\}", formula, re.DOTALL):
        rows = [row.split("&") for row in re.split(r"\\\\(?:\[[^]]*\])?\n", inside)]
        try:
            found.append(
                [[float(re.sub(r" \\times 10\^\{(.*)\}", r"e\1", cell.strip())) for cell in row] for row in rows]
            )
        except ValueError:
            continue  # its cells are letters
    return found


class Seen(HTMLParser):
    """The cells of tables, the tags, and every run of text that no tag interrupts."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[str] = []
        self.tags: set[str] = set()
        self.runs: list[str] = []
        self.open = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)
        self.runs.append("")
        if tag in ("td", "th"):
            self.cells.append("")
            self.open = True

    def handle_endtag(self, tag: str) -> None:
        self.runs.append("")
        self.open = self.open and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        self.runs[-1:] = [(self.runs or [""])[-1] + data]
        if self.open:
            self.cells[-1] += data


def seen(text: str) -> Seen:
    """Markdown as a browser shows it, read with the extensions that GitHub, Obsidian and Jupyter have in common."""
    reader = Seen()
    reader.feed(MarkdownIt("commonmark", {"linkify": False}).enable(["table", "strikethrough"]).render(text))
    reader.close()
    return reader
