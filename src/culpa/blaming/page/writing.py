# SPDX-License-Identifier: MIT
"""Writing the page: its sections from top to bottom, and the footer that reproduces it. No section is made here.

    report_page(found, table)     of a whole investigation
    blame_page(blame)             of accounts alone

One HTML file that needs no network, no other file, and, to be read, no script.
"""

from collections.abc import Mapping, Sequence
from html import escape
from importlib.metadata import version
from importlib.resources import files

from culpa.blaming.account import Blame
from culpa.blaming.deciding.retraining import Decided
from culpa.blaming.investigating import Investigation
from culpa.blaming.page.curves import course
from culpa.blaming.page.leaning import leaning
from culpa.blaming.page.networks import network
from culpa.blaming.page.opening import findings, opening, scores, worth
from culpa.blaming.page.shown import Shown
from culpa.blaming.page.suspects import suspects
from culpa.blaming.page.thumbnails import thumbnails_of
from culpa.engine.arrays import whole_number
from culpa.reporting.page import page
from culpa.tables.raw import RawTable

__all__ = ["blame_page", "report_page"]

LISTED = 200
"""So many suspects stand on the page."""
CONTENTS = {
    "decided": "Decisions",
    "findings": "Findings",
    "score": "Score",
    "network": "Network",
    "training": "Training",
    "columns": "Columns",
    "suspects": "Suspects",
}
"""The sections by their names, in the order of the page."""


def report_page(
    found: Investigation,
    table: RawTable | None = None,
    *,
    title: str | None = None,
    words: Sequence[str] = (),
    footer: Mapping[str, str] | None = None,
    top: int = LISTED,
    image: tuple[int, int] | None = None,
    decided: Decided | None = None,
) -> str:
    """An investigation as one page.

    Args:
        found: What `investigate` returned.
        table: The table that it was asked about, for the pictures and the checksum.
        title: What the reader calls the data; by default the table's name.
        words: The command behind `culpa`, for the commands that come next.
        footer: What it takes to get the same again, by name; by default the versions, the seed and the checksum.
        top: How many suspects are listed.
        image: (height, width), where the columns are the points of a picture.
        decided: What decisions have led to, where `found` is what they did.

    Raises:
        OptionError: If the columns are not the points of such a picture.
    """
    whole_number("top", top)
    name = title or ("the data" if table is None else table.name)
    made = footer or footer_of(found, table)
    images = thumbnails_of(table, image)
    return written(Shown(name, found.blame, found, table, images, tuple(words), made, top, decided))


def blame_page(blame: Blame, *, title: str | None = None) -> str:
    """Accounts alone as one page: no score, no training.

    Args:
        blame: What `culpa.blame` returned.
        title: What the reader calls the data.
    """
    return written(Shown(title or "Who carries the loss", blame, footer={"versions": versions()}, top=LISTED))


def written(shown: Shown) -> str:
    """The page from top to bottom."""
    sections = {
        "decided": worth(shown),
        "findings": findings(shown),
        "score": scores(shown),
        "network": network(shown),
        "training": course(shown),
        "columns": leaning(shown),
        "suspects": suspects(shown),
    }
    links = "".join(f'<li><a href="#{name}">{CONTENTS[name]}</a></li>' for name, part in sections.items() if part)
    nav = f'<nav class="contents" aria-label="Contents"><ol>{links}</ol></nav>\n'
    skip = '<a class="skip" href="#suspects">Skip to the suspects</a>\n' if sections["suspects"] else ""
    body = f'{skip}<main class="report">\n{opening(shown)}{nav}{"".join(sections.values())}{end(shown)}</main>'
    return page(f"{shown.title} · culpa", body, styles=[resource("report.css")], scripts=[resource("report.js")])


def end(shown: Shown) -> str:
    """What it takes to get the same again."""
    parts = "".join(
        f"<div><dt>{escape(str(name))}</dt><dd><code>{escape(str(value))}</code></dd></div>"
        for name, value in shown.footer.items()
    )
    return f'<footer class="made"><dl>{parts}</dl></footer>\n' if parts else ""


def footer_of(found: Investigation, table: RawTable | None) -> dict[str, str]:
    """The versions, the seed and the checksum of the data."""
    training = found.network.training
    return {
        "versions": versions(),
        **({} if training is None else {"seed": str(training.seed)}),
        **({} if table is None else {"data": table.checksum}),
    }


def versions() -> str:
    """Which culpa and which NumPy."""
    return f"culpa {version('culpa')}, numpy {version('numpy')}"


def resource(name: str) -> str:
    """A file that lies beside this one."""
    return files("culpa.blaming.page").joinpath(name).read_text("utf-8")
