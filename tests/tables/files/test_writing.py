# SPDX-License-Identifier: MIT
"""Writing a frame: the ending says the form, what the form cannot hold is refused, and a failure leaves nothing."""

import io

import polars as pl
import pytest

from culpa.errors import DataError, FileError, OptionError
from culpa.storing import writing_whole
from culpa.tables.files.writing import ENDINGS, csv_pieces, form_of, write_frame

FRAME = pl.DataFrame({"a,b": ['x "y"', None, "line\nbreak"], "n": [1, 2, 3]})


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_known_ending_is_written_and_reads_back(ending):
    file = io.BytesIO()
    write_frame(FRAME, file, f"SAID{ending.upper()}")
    form, _ = form_of(f"said{ending}")
    read = {".csv": pl.read_csv, ".tsv": lambda f: pl.read_csv(f, separator="\t"), ".jsonl": pl.read_ndjson}
    typed = {".parquet": pl.read_parquet, ".arrow": pl.read_ipc, ".feather": pl.read_ipc}
    assert {**read, **typed}[form](io.BytesIO(file.getvalue())).equals(FRAME)


@pytest.mark.parametrize("path", ["said", "said.txt", "said.parquet.gz", "csv", "said.gz", "", "said.csv.bak"])
def test_another_ending_is_refused_with_the_known_ones(path):
    with pytest.raises(OptionError, match=r"known are \.csv, .*\.jsonl\.zst"):
        form_of(path)


def test_pieces_make_up_the_whole(monkeypatch):
    monkeypatch.setattr("culpa.tables.files.writing.LINES", 2)
    pieces = list(csv_pieces(FRAME))
    assert len(pieces) == 2
    assert "".join(pieces) == FRAME.write_csv()


@pytest.mark.parametrize("path", ["said.csv", "said.tsv.gz"])
def test_lists_have_no_place_in_a_file_of_texts(path):
    nested = FRAME.with_columns(parts=pl.lit([[1, 2]]))
    with pytest.raises(DataError, match=r"cannot hold this table.*-o FILE\.parquet"):
        write_frame(nested, io.BytesIO(), path)
    with pytest.raises(DataError, match="CSV cannot hold"):
        list(csv_pieces(nested))


class Full(io.RawIOBase):
    """A disk without room."""

    def writable(self):
        return True

    def write(self, data):
        raise OSError(28, "No space left on device")


def half_written(path):
    """Begin a file, and find the disk full."""
    with writing_whole(path) as file:
        file.write(b"half of")
        write_frame(FRAME, Full(), str(path))


@pytest.mark.parametrize("ending", [".csv", ".jsonl", ".parquet", ".arrow"])
def test_a_disk_that_is_full_is_a_file_that_cannot_be_written_and_the_older_one_stays(tmp_path, ending):
    path = tmp_path / f"said{ending}"
    path.write_text("older")
    with pytest.raises(FileError, match="cannot be written"):
        half_written(path)
    assert [(entry.name, entry.read_text()) for entry in tmp_path.iterdir()] == [(path.name, "older")]
