# SPDX-License-Identifier: MIT
"""`culpa predict` of tables: the rows come back as they were written, and behind them what the network says."""

import csv
import gzip
import io
import json
import sys

import numpy as np
import polars as pl
import pytest

import culpa
from tests.cli.calling import RANDOM, call
from tests.cli.test_predict import save_trained

pytestmark = pytest.mark.filterwarnings("ignore:.*are set aside:culpa.errors.CulpaWarning")  # read_table tells it too

N = 80
TEXTS = {
    "key": [f"{k:05d}" for k in range(N)],
    "size": [("", "  7", "1.50", "1e1", "+3")[k % 5] if k % 2 else f"{k}.0" for k in range(N)],
    "city, or <b>town</b>": [('Rome "R."', "Oslo\nwest", "", " été")[k % 4] for k in range(N)],
    "zip": [("01234", "00500")[k % 2] for k in range(N)],
    "prediction": [("so", "lala")[k // 3 % 2] for k in range(N)],
    "note": [f"row {k}, said, twice" for k in range(N)],
    "sold": [("no", "yes")[int(k % 5 == 1 or k % 4 == 0)] for k in range(N)],
}
"""Cells as somebody wrote them: zeros in front and behind, blanks, quotes, breaks of lines, and a taken name."""


def written(texts, rows=range(N)):
    """The cells as a CSV file."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([list(texts), *([column[k] for column in texts.values()] for k in rows)])
    return out.getvalue()


def cells(text):
    """The cells as any reader of CSV gets them."""
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A table of texts, and networks for its classes and for a number in it."""
    folder = tmp_path_factory.mktemp("tables")
    (folder / "table.csv").write_text(written(TEXTS), newline="")
    said = {"kinds": {"size": "number", "zip": "category"}, "drop": ["key", "note"]}
    save_trained(culpa.read_table(folder / "table.csv", "sold", **said), folder / "sold")
    save_trained(culpa.read_table(folder / "table.csv", "size", task="regression", **said), folder / "size")
    return folder


def predicted(folder, *words, model="sold", data=None):
    return call("predict", folder / f"{model}.safetensors", folder / "table.csv" if data is None else data, *words)


def test_every_cell_of_a_file_of_texts_comes_back_as_it_was_written(folder):
    header, *rows = cells(predicted(folder).out)
    assert header == [*TEXTS, "prediction (2)", "p(no)", "p(yes)"]
    assert [row[: len(TEXTS)] for row in rows] == [[column[k] for column in TEXTS.values()] for k in range(N)]


def test_what_is_said_is_what_the_library_says_to_the_bit(folder):
    network = culpa.load(folder / "sold.safetensors")
    said = culpa.predict(network, culpa.read_table(folder / "table.csv", columns=network.columns).X)
    _, *rows = cells(predicted(folder).out)
    found = np.array([row[-2:] for row in rows]).astype(np.float32)
    np.testing.assert_array_equal(found, said, strict=True)
    assert [row[-3] for row in rows] == [("no", "yes")[c] for c in said.argmax(axis=1)]


def test_a_number_is_said_in_the_unit_of_the_target(folder):
    network = culpa.load(folder / "size.safetensors")
    columns = network.columns
    said = culpa.predict(network, columns.encode(pl.DataFrame(TEXTS)))[:, 0]
    header, *rows = cells(predicted(folder, model="size").out)
    assert header == [*TEXTS, "prediction (2)"]
    found = np.array([float(row[-1]) for row in rows])
    np.testing.assert_array_equal(found, said.astype(np.float64) * columns.target_scale + columns.target_mean)
    assert found.mean() > 3, "a size, not deviations"


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".csv.gz", ".tsv.zst", ".jsonl", ".jsonl.gz", ".parquet", ".arrow"])
def test_every_form_of_file_holds_the_same(folder, tmp_path, ending):
    path = tmp_path / f"said{ending}"
    answer = predicted(folder, "-o", path)
    assert (answer.code, answer.out) == (0, "")
    assert answer.err == f"80 rows with predictions written to {path}\n"
    content = gzip.decompress(path.read_bytes()) if ending.endswith("gz") else path.read_bytes()
    read = {
        ".csv": lambda: pl.read_csv(content, infer_schema=False),
        ".tsv": lambda: pl.read_csv(content, separator="\t", infer_schema=False),
        ".jsonl": lambda: pl.DataFrame([json.loads(line) for line in content.splitlines()]),
        ".parquet": lambda: pl.read_parquet(content),
        ".arrow": lambda: pl.read_ipc(content),
    }[ending.removesuffix(".gz").removesuffix(".zst")]()
    header, *rows = cells(predicted(folder).out)
    assert read.columns == header
    shares = read["p(no)", "p(yes)"].cast(pl.Float32).to_numpy()
    np.testing.assert_array_equal(shares, np.array([row[-2:] for row in rows]).astype(np.float32))
    assert [[entry or "" for entry in row[:-2]] for row in read.rows()] == [row[:-2] for row in rows]


def test_typed_columns_stay_typed_and_in_their_order(folder, tmp_path):
    table = pl.DataFrame(TEXTS).with_columns(
        pl.col("size").str.strip_chars().replace("", None).str.strip_prefix("+").cast(pl.Float64),
        seen=pl.datetime(2024, 2, 29, 12),
        parts=pl.lit([[1, 2]]),
        count=pl.lit(3, dtype=pl.Int8),
    )
    table.write_parquet(tmp_path / "table.parquet")
    assert predicted(folder, "-o", tmp_path / "said.parquet", data=tmp_path / "table.parquet").code == 0
    said = pl.read_parquet(tmp_path / "said.parquet")
    assert said[:, : table.width].equals(table)
    assert said[:, : table.width].schema == table.schema
    assert said.columns[table.width :] == ["prediction (2)", "p(no)", "p(yes)"]
    found = np.array([row[-2:] for row in cells(predicted(folder).out)[1:]]).astype(np.float32)
    np.testing.assert_array_equal(said[:, -2:].to_numpy(), found)
    answer = predicted(folder, "-o", tmp_path / "said.csv", data=tmp_path / "table.parquet")
    assert answer.code == 2
    assert "parquet" in answer.err, "lists have no place in CSV, and the reader hears of one that has"
    assert not (tmp_path / "said.csv").exists()


def test_the_file_may_come_through_a_pipe(folder, monkeypatch):
    content = (folder / "table.csv").read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert predicted(folder, data="-") == predicted(folder)


@pytest.mark.parametrize("target", [None, [""] * N, ["perhaps"] * N, [("no", "")[k % 2] for k in range(N)]])
def test_the_target_is_not_looked_at(folder, tmp_path, target):
    texts = {name: column for name, column in TEXTS.items() if name != "sold"}
    (tmp_path / "new.csv").write_text(written(texts if target is None else {**texts, "sold": target}), newline="")
    found = [row[-3:] for row in cells(predicted(folder, data=tmp_path / "new.csv").out)]
    assert found == [row[-3:] for row in cells(predicted(folder).out)]


def test_columns_are_found_by_name_and_others_are_left_alone(folder, tmp_path):
    moved = {**{name: TEXTS[name] for name in reversed(TEXTS)}, "p(yes)": ["mine"] * N}
    order = RANDOM.permutation(N)
    (tmp_path / "new.csv").write_text(written(moved, order), newline="")
    header, *rows = cells(predicted(folder, data=tmp_path / "new.csv").out)
    assert header == [*moved, "prediction (2)", "p(no)", "p(yes) (2)"]
    straight = cells(predicted(folder).out)[1:]
    assert [row[-3:] for row in rows] == [straight[k][-3:] for k in order]


def test_an_answer_can_be_predicted_and_blamed_again(folder, tmp_path):
    again, third = tmp_path / "again.csv", tmp_path / "third.csv"
    assert predicted(folder, "-o", again).code == 0
    assert predicted(folder, "-o", third, data=again).code == 0
    header, *rows = cells(third.read_bytes().decode())
    assert header[-3:] == ["prediction (3)", "p(no) (2)", "p(yes) (2)"]
    assert all(row[-3:] == row[-6:-3] for row in rows)
    words = ("--model", folder / "sold.safetensors", "--json")
    plain, fed = (call("blame", path, *words) for path in (folder / "table.csv", again))
    assert (plain.code, fed.code) == (0, 0)
    assert fed.json["blame"] == plain.json["blame"]


def test_ids_are_told_in_json_and_must_name_the_rows_where_they_are_asked_for(folder):
    answer = predicted(folder, "--json", "--id", "key")
    assert answer.json["ids"] == TEXTS["key"]
    assert list(answer.json["columns"]) == ["row", "prediction", "p(no)", "p(yes)"]
    assert predicted(folder, "--json").json["ids"] is None
    for name, said in (("zip", "rows 0 and 2 are both '01234'"), ("kee", "did you mean 'key'?")):
        answer = predicted(folder, "--id", name)
        assert (answer.code, answer.out) == (2, "")
        assert said in answer.err


def spoilt(name, text, row=7):
    """The cells with one of them changed."""
    return {**TEXTS, name: [text if k == row else cell for k, cell in enumerate(TEXTS[name])]}


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (
            {name: column for name, column in TEXTS.items() if name != "zip"},
            "lacks the column 'zip', which the network takes; it has key",
        ),
        (spoilt("size", "large"), "row 7 of the column 'size' holds 'large'"),
        (spoilt("size", "inf"), "row 7 of the column 'size' holds"),
    ],
)
def test_what_cannot_be_predicted_is_refused_by_name_and_row_with_nothing_written(folder, tmp_path, texts, said):
    (tmp_path / "new.csv").write_text(written(texts), newline="")
    answer = predicted(folder, "-o", tmp_path / "said.csv", data=tmp_path / "new.csv")
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert [file.name for file in tmp_path.iterdir()] == ["new.csv"]


def test_what_no_training_row_had_is_told_once_however_many_pieces_there_are(folder, tmp_path, monkeypatch):
    texts = {
        **TEXTS,
        "zip": ["00500", *["99999"] * 30, *TEXTS["zip"][31:]],
        "prediction": ["", *["so"] * 39, *[""] * 40],
    }
    (tmp_path / "new.csv").write_text(written(texts), newline="")
    whole = predicted(folder, data=tmp_path / "new.csv")
    assert whole.code == 0
    told = whole.err.splitlines()
    assert len(told) == 2
    assert any("30 rows with a new category in 'zip' (99999)" in line for line in told)
    assert any("41 rows without a value in 'prediction'" in line for line in told)
    monkeypatch.setattr("culpa.cli.answering.ROWS", 16)
    pieces = predicted(folder, data=tmp_path / "new.csv")
    assert pieces.err == whole.err
    found, straight = (np.array([row[-2:] for row in cells(answer.out)[1:]], float) for answer in (pieces, whole))
    np.testing.assert_allclose(found, straight, rtol=1e-5)


def test_a_cell_that_begins_like_a_formula_is_written_as_it_is_with_a_warning(folder, tmp_path):
    (tmp_path / "new.csv").write_text(written(spoilt("note", "=HYPERLINK(1)")), newline="")
    answer = predicted(folder, data=tmp_path / "new.csv")
    assert cells(answer.out)[8][5] == "=HYPERLINK(1)"
    assert answer.err.startswith("warning: some texts begin like a formula")
    assert predicted(folder).err == "", "+3 is a number"


def test_an_unknown_ending_is_refused_with_the_known_ones_before_anything_is_read(folder):
    answer = call("predict", "nowhere.st", "nowhere.csv", "-o", "said.xlsx")
    assert answer.code == 2
    assert "known are .csv, .tsv, .jsonl, .parquet" in answer.err
    assert call("predict", "nowhere.st", "nowhere.csv", "-o", "said.csv", "--json").code == 2


def test_a_changed_cell_changes_the_prediction_of_its_row_alone(folder, tmp_path):
    """Negative control: what is written depends on what is read."""
    (tmp_path / "new.csv").write_text(written(spoilt("size", "79.5")), newline="")
    straight, changed = (cells(predicted(folder, data=data).out)[1:] for data in (None, tmp_path / "new.csv"))
    assert [k for k in range(N) if straight[k][-3:] != changed[k][-3:]] == [7]
