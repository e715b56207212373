# SPDX-License-Identifier: MIT
"""The corrected file: every cell but those that were decided on is the text that it was, in every form of file."""

import csv
import gzip
import io
import warnings

import numpy as np
import polars as pl
import pytest

from culpa.blaming.deciding.applying import apply_decisions
from culpa.blaming.deciding.decisions import Decisions
from culpa.blaming.deciding.rewriting import write_corrected
from culpa.errors import CulpaWarning, DataError, OptionError
from culpa.tables.reading import read_raw
from culpa.tables.roles import Form, Roles
from tests.blaming.deciding.lists import AWKWARD

HEADER = ["id", " price ", "note", "sold", "when"]
NOTES = ["", "NA", " blanks ", 'a "quote"', "two\nlines", "<b>", "été", "01234", "1e5", "x;y", "a,b", "\ttab"]
N = 48


def rows_of(labels, decimal="."):
    """The cells of a table as somebody has typed them."""
    prices = [f"{100 + k / 8:.2f}".replace(".", decimal) if k % 9 else "" for k in range(N)]
    return [
        [f"{k:03d}", prices[k], NOTES[k % len(NOTES)], labels[k], f"{1 + k % 28}.03.2021"] for k in range(N)
    ]  # fmt: skip


def text_of(rows, separator=",", header=HEADER):
    """A text between separators."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator, lineterminator="\n").writerows([header, *rows] if header else rows)
    return out.getvalue()


def cells_of(text, separator=","):
    """The cells as any reader of CSV gets them; they lie apart from what was written."""
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))


def decisions(dropped, changed, labels):
    """Decisions on rows by their numbers."""
    return Decisions(np.arange(0), np.array(dropped, np.intp), np.array(changed, np.intp), np.array(labels))


def applied(folder, source, made, output="fixed.csv", target="sold", form=None, **roles):
    """The bytes of a file with decisions applied."""
    form = form or Form()
    table = read_raw(str(source), Roles(target=target, **roles), form)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CulpaWarning)
        write_corrected(str(source), form, table, made, str(folder / output))
    return (folder / output).read_bytes()


SOLD = ["yes", "no", "Yes", "no"] * (N // 4)


@pytest.mark.parametrize(("separator", "decimal"), [(",", "."), (";", ","), ("\t", ","), ("|", ".")])
def test_every_other_cell_is_the_text_that_it_was(tmp_path, separator, decimal):
    rows = rows_of(["yes", "no"] * (N // 2), decimal)
    source = tmp_path / ("own.tsv" if separator == "\t" else "own.csv")
    source.write_text(text_of(rows, separator), encoding="utf-8")
    before = source.read_bytes()
    output = "fixed.tsv" if separator == "\t" else "fixed.csv"
    made = applied(tmp_path, source, decisions([3, 40], [0, 47], ["no", "yes"]), output).decode()
    rows[0][3], rows[47][3] = "no", "yes"
    header, *found = cells_of(made, separator)
    assert header == HEADER
    assert found == [row for k, row in enumerate(rows) if k not in (3, 40)]
    assert source.read_bytes() == before


def test_a_cell_that_was_rounded_would_be_noticed():
    """Negative control: a typed frame would lose the zeros, the blanks and the words for missing values."""
    typed = pl.read_csv(text_of(rows_of(SOLD)).encode(), null_values="NA").write_csv()
    assert cells_of(typed)[1:] != rows_of(SOLD)


@pytest.mark.parametrize("decimal", [".", ","])
def test_the_corrected_file_reads_as_the_corrected_table(tmp_path, decimal):
    source = tmp_path / "own.tsv"
    source.write_text(text_of(rows_of(SOLD, decimal), "\t"), encoding="utf-8")
    made = decisions([5], [1, 2], ["Yes", "no"])
    table = read_raw(str(source), Roles(target="sold"))
    for output in ("fixed.csv", "fixed.tsv", "fixed.csv.gz"):
        applied(tmp_path, source, made, output)
        again = read_raw(str(tmp_path / output), Roles(target="sold"))
        assert again.checksum == apply_decisions(table, made).checksum, output


def test_labels_are_spelt_as_most_rows_of_the_file_spell_them(tmp_path):
    labels = ["TRUE", "false", "true", "true"] * (N // 4)
    source = tmp_path / "own.csv"
    source.write_text(text_of(rows_of(labels)), encoding="utf-8")
    found = cells_of(applied(tmp_path, source, decisions([], [1, 2], [True, False])).decode())[1:]
    assert [row[3] for row in found[:4]] == ["TRUE", "true", "false", "true"]


def test_awkward_labels_are_written_as_they_are(tmp_path):
    labels = [AWKWARD[k % len(AWKWARD)] for k in range(N)]
    source = tmp_path / "own.csv"
    source.write_text(text_of(rows_of(labels)), encoding="utf-8")
    changed = [AWKWARD[(k + 1) % len(AWKWARD)] for k in range(N)]
    found = cells_of(applied(tmp_path, source, decisions([], range(N), changed)).decode())[1:]
    assert [row[3] for row in found] == changed


def test_formulas_stay_as_they_are_and_their_number_is_told(tmp_path):
    source = tmp_path / "own.csv"
    source.write_text("x,y\n=1,a\n+2,b\n-3,a\n@home,=b\n=1,a\n=1,b\n", encoding="utf-8")
    table = read_raw(str(source), Roles(target="y", kinds={"x": "category"}))
    output = str(tmp_path / "fixed.csv")
    with pytest.warns(CulpaWarning, match=r"fixed\.csv holds 5 texts that begin like a formula"):
        assert write_corrected(str(source), Form(), table, decisions([1], [4], ["b"]), output) == 5
    assert (tmp_path / "fixed.csv").read_text() == "x,y\n=1,a\n-3,a\n@home,=b\n=1,b\n=1,b\n"


@pytest.mark.parametrize(("decimal", "cell"), [(".", "12.5"), (",", "12,5")])
def test_numbers_are_written_with_the_sign_of_the_file(tmp_path, decimal, cell):
    source = tmp_path / "own.csv"
    source.write_text(text_of(rows_of(SOLD, decimal), ";"), encoding="utf-8")
    made = decisions([], [1, 2], [12.5, 300.0])
    found = cells_of(applied(tmp_path, source, made, target="price", id="id").decode(), ";")[1:]
    assert [row[1] for row in found[:4]] == ["", f"{cell}0", f"300{decimal}00", f"100{decimal}38"], "as all others"


@pytest.mark.parametrize(("cells", "written"), [(["1", "2.5"], "300"), (["1.0", "2.5"], "300.0"), (["1", "2"], "300")])
def test_numbers_have_as_many_decimals_as_all_others_have_at_the_least(tmp_path, cells, written):
    source = tmp_path / "own.csv"
    source.write_text("x,y\n" + "".join(f"{k},{cells[k % 2]}\n" for k in range(8)), encoding="utf-8")
    made = applied(tmp_path, source, decisions([], [3], [300.0]), target="y", task="regression").decode()
    assert made.splitlines()[4] == f"3,{written}"


def test_a_file_without_names_or_in_another_encoding_is_written_as_it_can_be_read(tmp_path):
    source = tmp_path / "own.csv"
    source.write_bytes(text_of([[f"{k}", f"{k % 7}", f"{k % 2}"] for k in range(N)], ";", None).encode())
    made = applied(tmp_path, source, decisions([0], [1], [0]), target="column_3").decode()
    assert made.splitlines()[:2] == ["1;1;0", "2;2;0"]
    packed = tmp_path / "own.csv.gz"
    packed.write_bytes(gzip.compress(text_of(rows_of(SOLD)).encode("latin-1")))
    made = applied(tmp_path, packed, decisions([0], [], []), form=Form(encoding="latin-1")).decode()
    assert cells_of(made)[1:] == rows_of(SOLD)[1:]


@pytest.mark.parametrize("ending", [".parquet", ".arrow", ".jsonl"])
def test_typed_files_keep_the_types_of_their_columns(tmp_path, ending):
    frame = pl.DataFrame(
        {
            "x": [1.5, None] * 20,
            "when": [None] + ["2021-03-01"] * 39,
            "label": pl.Series(["a", "b", "b", "a"] * 10),
            "price": pl.Series(range(40), dtype=pl.Int64) * 3,
        }
    )
    if ending != ".jsonl":
        frame = frame.with_columns(pl.col("label").cast(pl.Categorical), pl.col("when").str.to_date())
    writers = {".parquet": frame.write_parquet, ".arrow": frame.write_ipc, ".jsonl": frame.write_ndjson}
    readers = {".parquet": pl.read_parquet, ".arrow": pl.read_ipc, ".jsonl": pl.read_ndjson}
    writers[ending](tmp_path / f"own{ending}")
    read, source, output = readers[ending], tmp_path / f"own{ending}", f"fixed{ending}"
    applied(tmp_path, source, decisions([3], [0, 1], ["b", "a"]), output, "label")
    labels = ["b", "a", *frame["label"].cast(pl.String)[2:]]
    expected = frame.with_columns(pl.Series("label", labels).cast(frame["label"].dtype))
    assert read(tmp_path / output).equals(expected[[k for k in range(40) if k != 3]])
    applied(tmp_path, source, decisions([], [0], [7.0]), output, "price", task="regression")
    assert read(tmp_path / output)["price"].to_list() == [7, *frame["price"][1:]]
    with pytest.raises(DataError, match=r"'price' holds whole numbers, and 7\.5 is none"):
        applied(tmp_path, source, decisions([], [0], [7.5]), output, "price", task="regression")


def test_bundled_data_become_a_table_of_their_own(tmp_path):
    applied(tmp_path, "iris", decisions([0], [1], ["virginica"]), target="species")
    found = pl.read_csv(tmp_path / "fixed.csv")
    assert found["species"].to_list() == ["virginica", *["setosa"] * 48, *["versicolor"] * 50, *["virginica"] * 50]
    assert len(found.columns) == 5


def test_what_has_no_rows_of_its_own_and_unknown_forms_are_refused(tmp_path):
    table = read_raw("iris")
    for source, output, message in (
        ("-", "fixed.csv", "--apply needs a file, and standard input can be read but once"),
        ("own.npz", "fixed.csv", r"--apply writes tables, and own\.npz holds arrays"),
        ("iris", "fixed.xlsx", "names no form in which a table can be written"),
    ):
        with pytest.raises(OptionError, match=message):
            write_corrected(source, Form(), table, decisions([0], [], []), str(tmp_path / output))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("changed", [lambda rows: rows[1:], lambda rows: rows[::-1], lambda rows: sorted(rows)[::-1]])
@pytest.mark.parametrize("target", ["sold", "price"])
def test_a_file_that_has_changed_in_the_meantime_is_refused(tmp_path, changed, target):
    source = tmp_path / "own.csv"
    source.write_text(text_of(rows_of(SOLD)), encoding="utf-8")
    table = read_raw(str(source), Roles(target=target))
    source.write_text(text_of(changed(rows_of(SOLD))), encoding="utf-8")
    with pytest.raises(DataError, match=r"own\.csv has changed while it was worked on"):
        write_corrected(str(source), Form(), table, decisions([0], [], []), str(tmp_path / "fixed.csv"))
    assert [path.name for path in tmp_path.iterdir()] == ["own.csv"]
