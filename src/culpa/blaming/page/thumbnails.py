# SPDX-License-Identifier: MIT
"""Thumbnails: rows whose columns are the points of a picture, each as an image that stands in the page itself.

    thumbnails_of(table, (8, 8)).picture(1553, "an 8")      <img src="data:image/png;base64,…">

A picture is a PNG of one byte a point, written here: the larger a number, the darker the ink. Knows no suspects.
"""

import zlib
from base64 import b64encode
from dataclasses import dataclass, field
from html import escape

import numpy as np
from numpy.typing import NDArray

from culpa.errors import OptionError
from culpa.tables.raw import RawTable

__all__ = ["Thumbnails", "png", "shape_of", "thumbnails_of"]

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY = bytes((8, 0, 0, 0, 0))
"""Eight bits a point, grey, and the only ways there are to pack, to filter and to interlace."""
LARGEST = 600_000
"""So many bytes of pictures at the most stand in a page."""


@dataclass(slots=True, eq=False)
class Thumbnails:
    """Rows as pictures.

    Args:
        values: The points (n, height · width) of every row.
        rows: The rows' numbers (n,) in the reader's file.
        shape: (height, width).
        names: The columns that are the points, line by line.
        spent: How many bytes of pictures were handed out.
    """

    values: NDArray[np.float64]
    rows: NDArray[np.intp]
    shape: tuple[int, int]
    names: tuple[str, ...] = ()
    spent: int = field(default=0, init=False)
    places: dict[int, int] = field(init=False)
    low: float = field(init=False)
    high: float = field(init=False)

    def __post_init__(self) -> None:
        self.places = {int(row): place for place, row in enumerate(self.rows)}
        finite = self.values[np.isfinite(self.values)]
        self.low, self.high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)

    def picture(self, row: int, words: str) -> str:
        """A row as an image element; nothing for an unknown row, and where the page has pictures enough.

        Args:
            row: Its number in the reader's file.
            words: What it shows, for those who do not see it.
        """
        place = self.places.get(int(row))
        if place is None:
            return ""
        spread = self.high - self.low or 1.0
        ink = np.nan_to_num((self.values[place] - self.low) / spread).reshape(self.shape)
        data = b64encode(png(np.round(255 * (1 - ink)).astype(np.uint8))).decode("ascii")
        if self.spent + len(data) > LARGEST:
            return ""
        self.spent += len(data)
        height, width = self.shape
        return (
            f'<img class="thumbnail" src="data:image/png;base64,{data}" width="{width}" height="{height}" '
            f'alt="{escape(words)}">'
        )


def shape_of(table: RawTable | None, image: tuple[int, int] | None = None) -> tuple[int, int] | None:
    """The (height, width) of a table's pictures: as it is said, or as it is known of the bundled digits."""
    if image is None and table is not None and table.name == "digits" and len(table.names) == 64:
        return (8, 8)
    return image


def thumbnails_of(table: RawTable | None, image: tuple[int, int] | None = None) -> Thumbnails | None:
    """The rows of a table as pictures, where they are pictures.

    Args:
        table: The table, each column a point, line by line.
        image: (height, width); without it the bundled digits are known to be 8 by 8.

    Raises:
        OptionError: If there are not so many columns of numbers as points.
    """
    image = shape_of(table, image)
    if table is None or image is None:
        return None
    height, width = image
    points = [name for name in table.frame.columns if table.judged[name].kind not in ("id", "text")]
    if height < 1 or width < 1 or height * width != len(points):
        raise OptionError(
            f"An image of {height} × {width} points needs {height * width:,} columns of numbers; {table.name} has "
            f"{len(points):,} columns.",
            hint="--drop COLUMN leaves one out.",
        )
    import polars as pl

    values = table.frame.select(pl.col(points).cast(pl.Float64, strict=False)).to_numpy()
    return Thumbnails(values, table.rows, (height, width), tuple(points))


def png(points: NDArray[np.uint8]) -> bytes:
    """A picture (height, width) of greys from 0, black, to 255, white, as the bytes of a PNG file."""
    height, width = points.shape
    lines = np.hstack([np.zeros((height, 1), np.uint8), points])  # each line begins with its filter: none
    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + GREY
    return SIGNATURE + piece(b"IHDR", head) + piece(b"IDAT", zlib.compress(lines.tobytes(), 9)) + piece(b"IEND", b"")


def piece(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG file: its length, its kind, its data, and what they add up to."""
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
