# SPDX-License-Identifier: MIT
"""The math font of the pages: without a MATH table in the font, browsers draw every bracket one line high.

The file is a part of STIX Two Math, whose licence lies beside it in `fonts/`; `docs/font.py` makes it again. Knows no
page: where the font is used is the page's own affair.
"""

import base64
from functools import cache
from importlib.resources import files

__all__ = ["FAMILY", "font_data", "font_face"]

FAMILY = "Culpa Math"
"""What the font is called in CSS."""


def font_data() -> bytes:
    """The font as a woff2 file."""
    return (files("culpa.reporting") / "fonts" / "culpa-math.woff2").read_bytes()


@cache
def font_face() -> str:
    """The font as a rule of CSS that needs no other file, and the formulas set in it.

    Example:
        >>> font_face()[:42]
        '@font-face { font-family: "Culpa Math"; sr'
    """
    data = base64.b64encode(font_data()).decode("ascii")
    return (
        f'@font-face {{ font-family: "{FAMILY}"; src: url("data:font/woff2;base64,{data}") format("woff2"); }}\n'
        f'math {{ font-family: "{FAMILY}", math; }}\n'
    )
