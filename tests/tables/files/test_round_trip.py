# SPDX-License-Identifier: MIT
"""A table of any texts and numbers, written in any way, reads back as it was; damage of any kind is ours to refuse."""

import csv
import gzip
import io
import math

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from culpa.errors import CulpaError
from culpa.tables.files.delimited import MISSING
from culpa.tables.files.forms import read_frame
from culpa.tables.roles import Form

CHARACTERS = st.characters(codec="utf-8", exclude_characters="\0\r\ufeff", exclude_categories=("Cs",))
TEXTS = st.text(CHARACTERS, min_size=1, max_size=12).map(lambda text: "t" + text + "t")
NUMBERS = st.one_of(
    st.integers(-(2**63), 2**63 - 1).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
)
QUIET = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def tables(draw):
    """The fields of a table: a column of numbers, one of texts, gaps in both, and names."""
    rows = draw(st.integers(1, 8))
    names = draw(st.lists(TEXTS, min_size=3, max_size=3, unique=True))
    columns = [
        draw(st.lists(st.one_of(NUMBERS, st.just("")), min_size=rows, max_size=rows)),
        draw(st.lists(st.one_of(TEXTS, st.sampled_from(MISSING)), min_size=rows, max_size=rows)),
        draw(st.lists(st.one_of(NUMBERS, st.sampled_from(MISSING)), min_size=rows, max_size=rows)),
    ]
    return names, columns


def written(fields, sep, quoting, end, encoding, packing):
    """The bytes of a file as the csv module writes it."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=sep, quoting=quoting, lineterminator=end).writerows(fields)
    data = out.getvalue().encode(encoding)
    return {"plain": data, "gzip": gzip.compress(data), "zstd": pa.compress(data, codec="zstd", asbytes=True)}[packing]


def holds(column, fields):
    """Whether a column that was read holds what the fields say, as Python reads them."""
    for entry, field in zip(column.to_list(), fields, strict=True):
        if field in MISSING:
            right = entry is None
        elif isinstance(entry, str):
            right = entry == field
        else:
            right = entry is not None and float(entry) == float(field) and math.isfinite(entry)
        if not right:
            return False
    return True


@QUIET
@given(
    table=tables(),
    sep=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    end=st.sampled_from(["\n", "\r\n"]),
    written_as=st.sampled_from([("utf-8", "plain"), ("utf-8-sig", "plain"), ("utf-16", "gzip"), ("utf-8", "zstd")]),
)
@example(
    table=(["a", "b", "c"], [["1", "2"], ["t\nt", 't"t'], ["?", "-0.0"]]),
    sep=",",
    quoting=csv.QUOTE_MINIMAL,
    end="\r\n",
    written_as=("utf-16", "gzip"),
)
def test_what_is_written_reads_back_the_same(tmp_path, table, sep, quoting, end, written_as):
    names, columns = table
    fields = [names, *zip(*columns, strict=True)]
    (tmp_path / "t").write_bytes(written(fields, sep, quoting, end, *written_as))
    frame, _ = read_frame(str(tmp_path / "t"), Form(sep=sep, header=True, decimal="."))
    assert frame.columns == [name.strip() for name in names]
    assert all(holds(frame[:, j], columns[j]) for j in range(3))
    frame, _ = read_frame(str(tmp_path / "t"), Form(sep=sep, header=True), as_text=True)
    assert [[entry or "" for entry in row] for row in frame.rows()] == [list(row) for row in fields[1:]]


@pytest.mark.parametrize(
    ("read", "said"), [([1.0], ["2"]), ([None], ["0"]), (["x"], ["y"]), ([1.0], ["NA"]), ([math.inf], ["1e999"])]
)
def test_the_comparison_refuses_what_differs(read, said):
    assert not holds(pl.Series(read), said)


@QUIET
@given(content=st.one_of(st.binary(max_size=80), st.text("ab01,;\t|\"'\n\r .é", max_size=80).map(str.encode)))
@example(content=b"\xff\xff\xff\xff\x10\0\0\0")
@example(content=b'{"a')
@example(content=b"\xff\xfe\0")
def test_any_bytes_are_a_table_or_refused_with_an_error_of_ours(tmp_path, content):
    (tmp_path / "t").write_bytes(content)
    try:
        frame, notes = read_frame(str(tmp_path / "t"), Form())
    except CulpaError as error:
        assert error.message.endswith((".", "?"))  # noqa: PT017 # any of ours will do
    else:
        assert frame.width > 0
        assert all(note.endswith(".") for note in notes)
