# SPDX-License-Identifier: MIT
"""Thumbnails are the table's own numbers, point by point, by a PNG reader that knows the format alone."""

import re
import zlib
from base64 import b64decode

import numpy as np
import polars as pl
import pytest

from culpa.blaming.page.thumbnails import png, thumbnails_of
from culpa.errors import OptionError
from culpa.tables.assigning import from_frame
from culpa.tables.reading import read_raw
from culpa.tables.roles import Roles


def points_of(data):
    """The points of a grey PNG of eight bits, after its specification: signature, chunks, check sums, filter none."""
    assert data[:8] == bytes((137, 80, 78, 71, 13, 10, 26, 10))
    place, packed, head = 8, b"", None
    while place < len(data):
        size = int.from_bytes(data[place : place + 4], "big")
        kind, inside = data[place + 4 : place + 8], data[place + 8 : place + 8 + size]
        assert zlib.crc32(kind + inside) == int.from_bytes(data[place + 8 + size : place + 12 + size], "big")
        head, packed = (inside if kind == b"IHDR" else head), packed + (inside if kind == b"IDAT" else b"")
        place += 12 + size
    assert kind == b"IEND"
    width, height = (int.from_bytes(head[start : start + 4], "big") for start in (0, 4))
    assert head[8:] == bytes((8, 0, 0, 0, 0))
    lines = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(height, width + 1)
    assert not lines[:, 0].any()
    return lines[:, 1:]


def data_of(element):
    """The bytes of the picture in an image element."""
    return b64decode(re.search(r'src="data:image/png;base64,([^"]+)"', element)[1])


def test_a_picture_holds_its_points():
    points = np.arange(35, dtype=np.uint8).reshape(5, 7) * 7
    assert (points_of(png(points)) == points).all()


def test_a_damaged_picture_is_refused():
    damaged = bytearray(png(np.zeros((3, 3), np.uint8)))
    damaged[45] ^= 1
    with pytest.raises((AssertionError, zlib.error)):
        points_of(bytes(damaged))


def test_digits_are_pictures_without_being_told_and_larger_is_darker():
    table = read_raw("digits")
    images = thumbnails_of(table)
    values = table.frame.to_numpy()
    for row in (0, 17, 1796):
        found = points_of(data_of(images.picture(row, "a digit")))
        assert (found == np.round(255 * (1 - values[row].reshape(8, 8) / 16))).all()
    assert images.picture(1797, "none") == ""


def test_words_of_a_picture_are_escaped():
    assert 'alt="&quot;&lt;b&gt;"' in thumbnails_of(read_raw("digits")).picture(0, '"<b>')


def test_a_page_has_pictures_enough_at_some_point(monkeypatch):
    monkeypatch.setattr("culpa.blaming.page.thumbnails.LARGEST", 500)
    images = thumbnails_of(read_raw("digits"))
    given = [bool(images.picture(row, "")) for row in range(10)]
    assert given[0]
    assert not given[-1]


def table_of(columns):
    """A small table of these columns and a target."""
    frame = pl.DataFrame({**columns, "y": ["a", "b"] * 10})
    return from_frame(frame, Roles(target="y"), name="small")


def test_a_constant_point_and_a_missing_one_are_points_as_well():
    random = np.random.default_rng(0)
    columns = {name: random.normal(size=20) for name in "pqr"}
    columns["q"][3] = np.nan
    table = table_of({**columns, "s": np.zeros(20)})
    images = thumbnails_of(table, (2, 2))
    assert images.names == ("p", "q", "r", "s")
    found = points_of(data_of(images.picture(3, "")))
    assert found[0, 1] == 255
    assert thumbnails_of(table) is None


@pytest.mark.parametrize("image", [(2, 3), (0, 4), (1, 1)])
def test_a_picture_of_other_points_than_columns_is_refused(image):
    table = table_of({name: np.random.default_rng(1).normal(size=20) for name in "pqrs"})
    with pytest.raises(OptionError, match="points needs"):
        thumbnails_of(table, image)
