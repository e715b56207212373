# SPDX-License-Identifier: MIT
"""Files: every form is told by its first bytes, whatever its ending; encodings, compression, standard input."""

import gzip
import io
import sys

import polars as pl
import pyarrow as pa
import pytest

from culpa.errors import CulpaError
from culpa.tables.files.forms import read_frame
from culpa.tables.files.opening import open_source
from culpa.tables.reading import read_raw
from culpa.tables.roles import Form, Roles

FRAME = pl.DataFrame(
    {"n": [1, 2, None], "x": [0.1, 2.5, -3e-7], "t": ["é, 語", 'a "b"', None], "b": [True, None, False]}
)


def written(write):
    """What a writer of Polars writes, as bytes."""
    out = io.BytesIO()
    write(out)
    return out.getvalue()


CSV = written(FRAME.write_csv)
CONTENTS = {
    "csv": CSV,
    "tsv": written(lambda out: FRAME.write_csv(out, separator="\t")),
    "parquet": written(FRAME.write_parquet),
    "feather": written(FRAME.write_ipc),
    "arrow stream": written(FRAME.write_ipc_stream),
    "json lines": written(FRAME.write_ndjson),
    "gzip": gzip.compress(CSV),
    "zstd": pa.compress(CSV, codec="zstd", asbytes=True),
    "parquet in gzip": gzip.compress(written(FRAME.write_parquet)),
    "json lines in zstd": pa.compress(written(FRAME.write_ndjson), codec="zstd", asbytes=True),
    "byte-order mark": b"\xef\xbb\xbf" + CSV,
    "byte-order mark before json": b"\xef\xbb\xbf" + written(FRAME.write_ndjson),
    "utf-16": CSV.decode().encode("utf-16"),
    "utf-16 in gzip": gzip.compress(CSV.decode().encode("utf-16")),
    "utf-32": CSV.decode().encode("utf-32"),
}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
@pytest.mark.parametrize("name", ["t.csv", "no ending", "a[1]*.parquet"])
def test_every_form_is_told_by_its_first_bytes_whatever_the_name(tmp_path, content, name):
    (tmp_path / name).write_bytes(content)
    frame, _ = read_frame(str(tmp_path / name), Form())
    assert frame.equals(FRAME)
    assert frame.dtypes == FRAME.dtypes


@pytest.mark.parametrize(
    "content", [CONTENTS["csv"], CONTENTS["parquet"], CONTENTS["zstd"]], ids=["csv", "parquet", "zstd"]
)
def test_standard_input_is_read_as_a_file_is_and_what_was_opened_may_be_read_twice(monkeypatch, content):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert read_frame("-", Form())[0].equals(FRAME)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    opened = open_source("-")
    assert read_frame(opened, Form(), as_text=True)[0].height == 3
    assert read_frame(opened, Form())[0].equals(FRAME)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a,b\n1,2\n")))
    assert read_frame("-", Form())[0].rows() == [(1, 2)], "another input is another table"


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-16-le", "utf-16-be", "mac_roman", "utf-8-sig", "UTF8"])
def test_an_encoding_that_is_said_is_taken(tmp_path, encoding):
    (tmp_path / "t.csv").write_bytes("city,n\nOrléans,1\n".encode(encoding))
    assert read_frame(str(tmp_path / "t.csv"), Form(encoding=encoding))[0].rows() == [("Orléans", 1)]


def test_what_was_recognised_is_said(tmp_path):
    (tmp_path / "t.csv").write_bytes("a;b\n1,5;x\n".encode("utf-16"))
    notes = read_raw(str(tmp_path / "t.csv"), Roles(target="b"), needs_target=False).notes
    assert notes == (
        "It is written in UTF-16.",
        "Its columns are separated by ';'.",
        "A comma is the decimal sign in a (--decimal).",
    )


def test_words_that_are_said_to_be_missing_are_gaps_in_typed_files_too(tmp_path):
    pl.DataFrame({"a": ["x", "NA", "-"]}).write_parquet(tmp_path / "t.parquet")
    assert read_frame(str(tmp_path / "t.parquet"), Form())[0]["a"].to_list() == ["x", "NA", "-"]
    assert read_frame(str(tmp_path / "t.parquet"), Form(missing=("-",)))[0]["a"].to_list() == ["x", "NA", None]


def test_keys_that_json_lines_lack_are_gaps_and_so_is_nan(tmp_path):
    (tmp_path / "t.jsonl").write_text('{"a": 1, "b": "x"}\n\n{"a": 2.5}\n{"a": NaN, "b": null}\n')
    assert read_frame(str(tmp_path / "t.jsonl"), Form())[0].rows() == [(1.0, "x"), (2.5, None), (None, None)]


def test_a_plain_file_stays_on_the_disk_and_what_is_compressed_does_not(tmp_path):
    (tmp_path / "t.csv").write_bytes(CSV)
    assert open_source(str(tmp_path / "t.csv")).data == b""
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(CSV))
    assert open_source(str(tmp_path / "t.csv.gz")) == (None, CSV)


@pytest.mark.parametrize("form", ["parquet", "feather", "arrow stream", "gzip", "zstd", "json lines", "utf-16"])
def test_a_file_that_is_cut_off_is_refused_or_read_and_never_with_another_error(tmp_path, form):
    """A text that ends after a whole row cannot be told from a shorter one; the others must not pass."""
    content, path = CONTENTS[form], tmp_path / "t"
    refused = 0
    cuts = range(1, len(content), max(1, len(content) // 25))
    for length in cuts:
        path.write_bytes(content[:length])
        try:
            read_frame(str(path), Form())
        except CulpaError:
            refused += 1
    assert refused >= len(cuts) / (2 if form in ("utf-16", "json lines", "arrow stream") else 1) - 1
