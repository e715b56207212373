# SPDX-License-Identifier: MIT
"""Tables that cannot be read: one sentence with file, row and column, a remedy, exit code 2, and nothing written."""

import gzip
import io
import sys

import numpy as np
import polars as pl
import pytest

from culpa.tables.reading import read_raw
from culpa.tables.roles import Form, Roles
from tests.cli.calling import call

RANDOM = np.random.default_rng(0)
ROWS = [f"{size:.3f},{city},{price:.0f}" for size, city, price in zip(
    RANDOM.normal(size=40), ["Rome", "Oslo"] * 20, RANDOM.normal(300, 90, 40), strict=True
)]  # fmt: skip
NAMES = "size,city,price"


def text(*changed, names=NAMES, sep=","):
    """The good table with some rows changed: (row, line)."""
    rows = list(ROWS)
    for row, line in changed:
        rows[row] = line
    return "\n".join([names, *rows, ""]).replace(",", sep).encode()


def parquet():
    """The good table as Parquet."""
    out = io.BytesIO()
    pl.read_csv(text()).write_parquet(out)
    return out.getvalue()


BAD = {
    "an empty file": (b"", ["is empty"]),
    "names alone": (NAMES.encode(), ["names but no rows"]),
    "too few fields": (text((7, "1.5,Rome")), ["row 7 (line 9) has 2 fields, where there are 3 names"]),
    "too many fields": (text((38, "1.5,Rome,3,4")), ["row 38 (line 40) has 4 fields, where there are 3 names"]),
    "a lacking first name": (text(names="city,price"), ["row 0 (line 2) has 3 fields", "first column lack its name"]),
    "a text among numbers": (text((7, "oops,Rome,3")), ["row 7 of the column 'size' holds 'oops'", "--missing oops"]),
    "thousands": (text((7, '"1,234.5",Rome,3')), ["row 7 of the column 'size' holds '1,234.5'", "--thousands ','"]),
    "a comma of two meanings": (
        "\n".join(["a;price", *[f"1,{j};{j}" for j in range(100, 140)]]).encode(),
        ["commas in the column 'a' may be decimal signs or group thousands: row 0 holds '1,100'", "--decimal ,"],
    ),
    "points between thousands": (
        "\n".join(["a;price", *[f"1.{j},5;{j}" for j in range(100, 140)]]).encode(),
        ["row 0 of the column 'a' holds '1.100,5'", "--decimal , --thousands ."],
    ),
    "a text among decimal commas": (
        "\n".join(["a;price", *[f"{j},5;{j}" for j in range(40)], "oops;7"]).encode(),
        ["row 40 of the column 'a' holds 'oops'", "--missing oops"],
    ),
    "two columns of one name": (text(names="size,city,size"), ["two columns are called 'size'", "columns 0 and 2"]),
    "a separator of no kind": (text(sep="^"), ["comes out as one column", "'size^city^price'", "--sep '^'"]),
    "columns of blanks": (b"a  price\n1  22\n22  1\n", ["comes out as one column", "write one comma"]),
    "a blank between": (text(sep=" "), ["'size city price'", "--sep space"]),
    "a title above the names": (
        b"Report of 2024\n\n" + text(),
        ["(line 3) has 3 fields, where there is 1 name", "lines above the row of names"],
    ),
    "latin-1": (text((7, "1,Orléans,3")).decode().encode("latin-1"), ["row 7 (line 9)", "0xE9", "'city'", "latin-1"]),
    "latin-1 in a name": (text(names="size,cité,price").decode().encode("latin-1"), ["column 1", "0xE9", "latin-1"]),
    "utf-16 without its mark": (text().decode().encode("utf-16-le"), ["UTF-16 without", "--encoding utf-16-le"]),
    "a quote that never closes": (text((7, '1,"Rome,3')), ["row 7 (line 9) opens a quote that never closes"]),
    "text after a quote": (text((7, '1,"Rome" x,3')), ["row 7 (line 9) has text after a closing quote"]),
    "a NUL byte at the head": (text((7, "1,Ro\0me,3")), ["NUL byte in line 9"]),
    "a NUL byte far below": (text() + b"1,Rome,3\n" * 9000 + b"1,Ro\0me,3\n", ["row 9,040", "'city'", "NUL byte"]),
    "half a Parquet": (parquet()[:300], ["Parquet file that is damaged or cut off"]),
    "half a gzip": (gzip.compress(text())[:200], ["gzip", "damaged or cut off"]),
    "a workbook": (b"PK\x03\x04" + bytes(60), ["zip archive", "save the table as CSV"]),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(60), ["picture"]),
    "a broken object": (b'{"size": 1, "price": 2}\n{"size": 1, "pri\n', ["row 1 (line 2) is not one whole JSON"]),
    "50,000 columns": (
        ",".join(f"c{j}" for j in range(50_000)).encode() + b"\n" + b"1," * 49_999 + b"1\n",
        ["50,000 columns; a table may have 20,000", "rows are examples"],
    ),
}


@pytest.mark.parametrize(("content", "words"), BAD.values(), ids=BAD)
def test_a_table_that_cannot_be_read_is_refused_and_nothing_is_written(tmp_path, monkeypatch, content, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "houses.csv").write_bytes(content)
    answer = call(
        "blame", "houses.csv", "--target", "price", "--epochs", "1", "--score", "none", "--save", "m.safetensors"
    )
    assert (answer.code, answer.out) == (2, "")
    for word in ["culpa: houses.csv", *words]:
        assert word in answer.err, answer.err
    assert "Hint: " in answer.err
    assert "Traceback" not in answer.err
    assert [path.name for path in tmp_path.iterdir()] == ["houses.csv"]


def test_the_good_table_is_read_and_written_about(tmp_path, monkeypatch):
    """Without it the refusals would prove nothing."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "houses.csv").write_bytes(text())
    (tmp_path / "houses.csv").write_bytes(text((7, "1,Orléans,3")).decode().encode("latin-1"))
    words = ["blame", "houses.csv", "--target", "price", "--task", "regression", "--epochs", "1", "--score", "none"]
    answer = call(*words, "--encoding", "latin-1", "--save", "m.safetensors")
    assert answer.code == 0, answer.err
    assert {path.name for path in tmp_path.iterdir()} == {"houses.csv", "m.safetensors"}


REMEDIES = {
    "latin-1": Form(encoding="latin-1"),
    "utf-16 without its mark": Form(encoding="utf-16-le"),
    "thousands": Form(thousands=","),
    "points between thousands": Form(decimal=",", thousands="."),
    "a comma of two meanings": Form(decimal=","),
    "a text among numbers": Form(missing=("oops",)),
    "a text among decimal commas": Form(missing=("oops",)),
    "a separator of no kind": Form(sep="^"),
}


@pytest.mark.parametrize(("which", "form"), REMEDIES.items(), ids=REMEDIES)
def test_the_remedy_that_is_named_helps(tmp_path, which, form):
    (tmp_path / "houses.csv").write_bytes(BAD[which][0])
    table = read_raw(str(tmp_path / "houses.csv"), Roles(target="price", task="regression"), form)
    assert len(table) in (40, 41)
    assert table.judged[table.frame.columns[0]].kind == "number"


@pytest.mark.parametrize(
    ("source", "words"), [("folder", "folder: it is a folder"), ("nothere.csv", "'nothere.csv' is neither a file")]
)
def test_a_folder_and_a_file_that_is_not_there_are_refused_by_name(tmp_path, monkeypatch, source, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    answer = call("blame", source, "--target", "price")
    assert (answer.code, answer.out) == (2, "")
    assert words in answer.err


def test_standard_input_is_named_as_such(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text((7, "1.5,Rome")))))
    answer = call("blame", "-", "--target", "price")
    assert answer.code == 2
    assert "standard input: row 7 (line 9) has 2 fields" in answer.err
