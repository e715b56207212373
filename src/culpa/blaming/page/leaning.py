# SPDX-License-Identifier: MIT
"""The columns that the loss leans on: its gradient, and how much it grows when a column is replaced. As bars."""

from base64 import b64encode
from html import escape

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.page.shown import Shown, bar, grid, number, section, share, text
from culpa.blaming.page.thumbnails import png
from culpa.reporting.frames import Frame

__all__ = ["leaning"]

LISTED = 20
POINT = 18
"""A column that is a point of a picture is drawn so many pixels wide."""
DRAWN = 1024
"""A picture of more points than these is one image, and not a box with a name for each of them."""


def leaning(shown: Shown) -> str:
    """The columns that the loss leans on most, first."""
    frame = shown.blame.columns
    if len(frame) == 0:
        return section("columns", "What the loss leans on", shown.missing("columns"))
    first = frame.take(np.arange(min(LISTED, len(frame))))
    measured = np.isfinite(frame["increase"].astype(float)).any()
    largest = float(np.nanmax(np.maximum(frame["increase"].astype(float), 0))) if measured else 0.0
    headers = ["column", "share of the gradient"]
    headers += ["loss grows by", "when it is replaced by"] if measured else []
    widest = float(np.nanmax(frame["share"], initial=0.0))
    rows = []
    for row in first.rows():
        cells = [text(row["column"]), bar(part_of(row["share"], widest), share(row["share"]))]
        if measured:
            grown = row["increase"]
            cells += [
                bar(part_of(grown, largest), number(grown), "grown"),
                text(row["replaced"] if grown is not None else "–"),
            ]
        rows.append(cells)
    left = f"<p>{len(frame) - LISTED:,} more columns weigh less.</p>" if len(frame) > LISTED else ""
    about = (
        '<p class="about">The gradient says how fast the loss moves with a column; replacing it everywhere, by its '
        "median or its most frequent value, says what the network would lose without it.</p>"
    )
    less = better_without(first) + shown.missing("columns")
    table = grid("Columns", headers, rows, left=(0, 3))
    return section(
        "columns",
        "What the loss leans on",
        f'<div class="beside">{picture(shown, frame)}<div>{table}{left}{about}{less}</div></div>',
    )


def better_without(frame: Frame) -> str:
    """Which of these columns the network would be better without, on the rows that it has learnt from."""
    names = [text(row["column"], 24) for row in frame.rows() if (row["increase"] or 0.0) < 0]
    if not names:
        return ""
    few = ", ".join(names[:6]) + (f" and {len(names) - 6:,} more" if len(names) > 6 else "")
    without = "it" if len(names) == 1 else "each of them"
    return (
        f'<p class="about">{few}: replaced, the loss is smaller; the network would lose nothing without {without}.</p>'
    )


def part_of(value: float | None, largest: float) -> float:
    """How long a bar is beside that of the largest value."""
    return 0.0 if value is None or largest <= 0 else value / largest


def picture(shown: Shown, frame: Frame) -> str:
    """The columns as the points that they are, where rows are pictures: the fuller, the more leaned on."""
    if shown.images is None or shown.table is None:
        return ""
    names, (height, width) = shown.images.names, shown.images.shape
    shares = dict(zip(frame["column"].tolist(), frame["share"].tolist(), strict=True))
    said = "The points of the picture that the loss leans on"
    values = np.nan_to_num(np.array([float(shares.get(name, 0.0) or 0.0) for name in names]))
    caption = f"<figcaption>{said}, by their shares of the squared gradient.</figcaption>"
    if len(names) > DRAWN:
        return f'<figure class="large">{image(fills(values), shown.images.shape, said)}{caption}</figure>'
    points = "".join(
        f'<rect x="{place % width}" y="{place // width}" width="1" height="1" fill-opacity="{fill:.3f}">'
        f"<title>{escape(str(name))}: {share(value)}</title></rect>"
        for place, (name, value, fill) in enumerate(zip(names, values.tolist(), fills(values), strict=True))
    )
    size = f'width="{POINT * width}" height="{POINT * height}"' if width <= 16 else 'width="288" height="288"'
    return (
        f'<figure><svg class="points" role="img" viewBox="0 0 {width} {height}" {size} '
        f'xmlns="http://www.w3.org/2000/svg"><title>{said}</title>{points}</svg>'
        f"{caption}</figure>"
    )


def fills(values: NDArray[np.float64]) -> list[float]:
    """How full each point is, from 0 to 1; by the gradient's norm, which is the root of its share."""
    root = np.sqrt(values)
    full: list[float] = (root / (root.max() or 1.0)).tolist()
    return full


def image(values: list[float], shape: tuple[int, int], words: str) -> str:
    """Many points as one image."""
    data = b64encode(png(np.round(255 * (1 - np.array(values).reshape(shape))).astype(np.uint8))).decode("ascii")
    return f'<img class="thumbnail" src="data:image/png;base64,{data}" width="288" alt="{escape(words)}">'
