# SPDX-License-Identifier: MIT
"""A page: one HTML file that needs nothing but a browser, no network and no other file.

    page("A title", "<main>…</main>", styles=[css], scripts=[javascript])

It has the house's look (`page.css`): a readable measure, dark mode, print, phones. What stands on it is not known here.
"""

import re
from collections.abc import Sequence
from html import escape
from importlib.resources import files

__all__ = ["page"]

POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; font-src data:; img-src data:"
"""A browser refuses whatever is not in the file, even if a mistake of ours asked for it."""
COMMENT = re.compile(r"^[ ]*/\*.*?\*/[ ]*$", re.DOTALL | re.MULTILINE)
"""A comment of CSS on lines of its own."""


def page(title: str, body: str, *, styles: Sequence[str] = (), scripts: Sequence[str] = ()) -> str:
    """One HTML page that is complete in itself.

    Args:
        title: As plain text; it is escaped here.
        body: HTML, with every name from data escaped already.
        styles: CSS, after the house's own.
        scripts: JavaScript, run when the body stands.

    Example:
        >>> page("a < b", "<main></main>").splitlines()[4]
        '<title>a &lt; b</title>'
    """
    base = files("culpa.reporting").joinpath("page.css").read_text("utf-8")
    return "\n".join(
        (
            "<!DOCTYPE html>",
            '<html lang="en">',
            '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><link rel="icon" href="data:,">',
            f"<title>{escape(title)}</title>",
            *(f"<style>\n{light(closed(style, 'style'))}</style>" for style in (base, *styles)),
            "</head>",
            f"<body>\n{body}",
            *(f"<script>\n{light(closed(script, 'script'))}</script>" for script in scripts),
            "</body></html>\n",
        )
    )


def light(text: str) -> str:
    """CSS or JavaScript without its comments, of whole lines, and without its indentation, which are a third of it."""
    lines = (line.strip() for line in COMMENT.sub("", text).splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.startswith("//"))


def closed(text: str, element: str) -> str:
    """Text that cannot end its element early; refused if it could."""
    if f"</{element}" in text.lower():
        raise ValueError(f"</{element}> cannot stand inside a <{element}>.")
    return text
