# SPDX-License-Identifier: MIT
"""A corrected text is the source to the byte, but for the cells and the records that were decided on."""

import gzip

import numpy as np
import pytest

from culpa.blaming.deciding.copying import copied, with_cell
from culpa.blaming.deciding.decisions import Decisions
from culpa.blaming.deciding.rewriting import write_corrected
from culpa.tables.files.opening import Opened
from culpa.tables.files.sniffing import Layout
from culpa.tables.reading import read_raw
from culpa.tables.roles import Form, Roles

MARK = b"\xef\xbb\xbf"
PLAIN = "".join(f"{k},{k % 7}.50,{'yes' if k % 2 else 'no'}\n" for k in range(20))
LINES = [
    "0,0.5,no\n",
    '"1","00.50","yes"\n',
    "\n",
    "2,a b ,no\n",
    '3,"two\nlines",yes\n',
    '4,"a, ""b""",no\n',
    " 5,x,yes\n",
]
"""The rows 1 and 2 are to be changed and dropped below; the blank line is none."""


def corrected(folder, source, output="fixed.csv", form=None, target="y", task=None, changed=((1, "no"),)):
    """The bytes of a file whose row 2 is dropped, and whose others are changed."""
    table = read_raw(str(source), Roles(target=target, task=task), form)
    rows, labels = zip(*changed, strict=True)
    made = Decisions(np.arange(0), np.array([2]), np.array(rows), np.array(labels))
    write_corrected(str(source), form or Form(), table, made, str(folder / output))
    return (folder / output).read_bytes()


@pytest.mark.parametrize("mark", [b"", MARK])
@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
@pytest.mark.parametrize("header", [",a,y\n", " id , größe ,y\n", '"id",a,"y"\n', "id,a,y\n\n"])
def test_everything_else_is_the_same_to_the_byte(tmp_path, mark, ending, header):
    source = tmp_path / "own.csv"
    whole = [header, *LINES, *PLAIN.splitlines(keepends=True)]
    source.write_bytes(mark + "".join(whole).encode().replace(b"\n", ending))
    expected = [header, LINES[0], '"1","00.50","no"\n', "\n", *LINES[4:], *whole[8:]]
    assert corrected(tmp_path, source) == mark + "".join(expected).encode().replace(b"\n", ending)


def test_the_space_after_each_separator_and_the_lack_of_a_last_line_end_stay(tmp_path):
    source = tmp_path / "own.csv"
    source.write_text("id, a, y\n" + PLAIN.replace(",", ", ").rstrip("\n"))
    found = corrected(tmp_path, source).decode()
    assert found == source.read_text().replace("1, 1.50, yes", "1, 1.50, no").replace("2, 2.50, no\n", "")


def test_a_copy_may_be_packed_and_may_have_been(tmp_path):
    source = tmp_path / "own.csv.gz"
    source.write_bytes(gzip.compress(b"id,a,y\r\n" + PLAIN.encode()))
    found = gzip.decompress(corrected(tmp_path, source, "fixed.csv.gz")).decode()
    assert found == "id,a,y\r\n" + PLAIN.replace("1,1.50,yes", "1,1.50,no", 1).replace("2,2.50,no\n", "", 1)


@pytest.mark.parametrize("output", ["fixed.tsv", "fixed.csv.zst"])
def test_names_mark_and_line_ends_stay_where_the_text_cannot_be_copied(tmp_path, output):
    source = tmp_path / "own.csv"
    source.write_bytes(MARK + (",größe,y\n" + PLAIN).encode().replace(b"\n", b"\r\n"))
    found = corrected(tmp_path, source, output)
    if output.endswith(".tsv"):
        first = '""\tgröße\ty\n0\t0.50\tno\n1\t1.50\tno\n3\t3.50\tyes\n'
        assert found.startswith(MARK + first.encode().replace(b"\n", b"\r\n"))
    assert read_raw(str(tmp_path / output), Roles(target="y")).rows.size == 19


def test_a_text_in_another_encoding_becomes_utf_8_and_keeps_its_mark(tmp_path):
    source = tmp_path / "own.csv"
    source.write_bytes(("id,größe,y\n" + PLAIN).encode("utf-16"))
    assert corrected(tmp_path, source).startswith(MARK + "id,größe,y\n0,0.50,no\n1,1.50,no\n3".encode())
    source.write_bytes(("id,größe,y\n" + PLAIN).encode("latin-1"))
    found = corrected(tmp_path, source, form=Form(encoding="latin-1"))
    assert found.startswith("id,größe,y\n0,0.50,no\n1,1.50,no\n3".encode())


@pytest.mark.parametrize(
    ("cell", "record"),
    [("b", '1,"b",x\r\n'), ("a,b", '1,"a,b",x\r\n'), ('say "hi"', '1,"say ""hi""",x\r\n')],
)
def test_a_cell_has_quotes_where_it_had_them(cell, record):
    layout = Layout(",", ("p", "q", "r"), True, False, ())
    assert with_cell('1,"old, ""one""",x\r\n', layout, 1, cell) == record
    assert with_cell("1,old,x\r\n", layout, 1, cell) == (record.replace('"', "") if cell == "b" else record)
    assert with_cell('1,x,"old\n"\n', layout, 2, "c") == '1,x,"c"\n'


@pytest.mark.parametrize("text", ["a,y\n1,no\n2,yes\n", "a,y\n1,no\n", 'a,y\n1,no\n2,"x"y\n', "a,y\n1,no\n2\n"])
def test_a_text_that_is_not_that_of_the_cells_is_not_copied(text):
    layout = Layout(",", ("a", "y"), True, False, ())
    assert copied(Opened(None, text.encode()), layout, 1, ["no", "no"], {}, set()) is None
