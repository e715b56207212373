# SPDX-License-Identifier: MIT
"""Files of probabilities: in any order of rows and columns they come back in the table's; what does not fit is told."""

import numpy as np
import polars as pl
import pytest

import culpa
from culpa.blaming.labels.outside_files import read_probabilities
from culpa.errors import CulpaWarning, DataError, FileError

DRAW = np.random.default_rng(2)
SAID = (DRAW.dirichlet(np.ones(3), 12) + 2 * np.eye(3)[np.arange(12) % 3]) / 3  # the given class is likely
CLASSES = ("ant", "bee", "cat")
TABLE = culpa.read_table(
    {"x": np.arange(12.0), "kind": [*CLASSES] * 4, "name": [f"r{i:02}" for i in range(12)]}, "kind", id="name"
).raw


def written(folder, columns, name="said.csv"):
    """A file of these columns."""
    path = folder / name
    frame = pl.DataFrame(columns)
    frame.write_parquet(path) if path.suffix == ".parquet" else frame.write_csv(path)
    return str(path)


def named(said=SAID, pattern="p({})"):
    """A column for each class."""
    return {pattern.format(label): said[:, c] for c, label in enumerate(CLASSES)}


@pytest.mark.parametrize("pattern", ["p({})", "{}"])
@pytest.mark.parametrize("name", ["said.csv", "said.parquet"])
def test_the_columns_are_found_by_the_names_of_the_classes_whatever_their_order(tmp_path, pattern, name):
    columns = dict(reversed({"prediction": ["ant"] * 12, **named(pattern=pattern)}.items()))
    assert np.allclose(read_probabilities(written(tmp_path, columns, name), TABLE), SAID, rtol=0, atol=1e-12)


def test_rows_are_found_by_their_ids_or_by_their_numbers_or_by_their_places(tmp_path):
    order = DRAW.permutation(12)
    ids = {"name": [f"r{i:02}" for i in order], **named(SAID[order])}
    assert np.allclose(read_probabilities(written(tmp_path, ids), TABLE, id="name"), SAID, rtol=0, atol=1e-12)
    rows = {"row": order, **named(SAID[order])}
    assert np.allclose(read_probabilities(written(tmp_path, rows), TABLE), SAID, rtol=0, atol=1e-12)
    with pytest.warns(CulpaWarning, match="its rows, mixed up"):
        found = read_probabilities(written(tmp_path, named(SAID[order])), TABLE)
    assert np.allclose(found, SAID[order], rtol=0, atol=1e-12)


def test_a_file_may_have_the_rows_that_have_no_target_too_or_not(tmp_path):
    with pytest.warns(CulpaWarning, match="1 of 12 rows"):
        table = culpa.read_table({"x": np.arange(12.0), "kind": ["ant", None, "cat", *[*CLASSES] * 3]}, "kind").raw
    assert table.lacking == 1
    left = np.delete(SAID, 1, axis=0)
    rows = {"row": [0, *range(2, 12)], **named(left)}
    for columns in (named(), named(left), rows):
        assert np.allclose(read_probabilities(written(tmp_path, columns), table), left, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"p(ant)": SAID[:, 0], "bee": SAID[:, 1]}, r"said.csv: it has no probability of the class cat; .*p\(cat\)"),
        ({name: values[:9] for name, values in named().items()}, "has 9 rows, and data 12. .*column `row`"),
        ({"row": [*range(11), 40], **named()}, "lacks 1 row of the table's, the first is 11"),
        ({"row": [*range(11), 3], **named()}, "Rows 3 and 11 both have 3 in the column 'row'"),
        (
            {**named(), "cat": [0.1] * 12, "p(cat)": ["much", *["0.5"] * 11]},
            r"row 0 of the column 'p\(cat\)' holds 'much'.*probabilities of a class",
        ),
        (named(0.9 * SAID), "said.csv: the probabilities of row 0 sum to 0.9"),
        (named(1.5 * SAID), "said.csv: row 0 has 1.07531 as .* class 'ant'"),
        ({**named(), "p(bee)": [None, *SAID[1:, 1]]}, r"row 0 has no number in the column 'p\(bee\)'"),
    ],
    ids=["class", "length", "lacking", "twice", "text", "sum", "size", "gap"],
)
def test_what_does_not_fit_is_told_by_file_row_and_column(tmp_path, columns, message):
    with pytest.raises(DataError, match=f"(?i){message}"):
        read_probabilities(written(tmp_path, columns), TABLE)


def test_a_file_that_is_not_there_and_a_target_of_numbers_are_refused(tmp_path):
    with pytest.raises(FileError, match="neither a file"):
        read_probabilities(str(tmp_path / "none.csv"), TABLE)
    numbers = culpa.read_table({"x": np.arange(30.0), "y": np.arange(30) + 0.5}, "y").raw
    with pytest.raises(DataError, match="holds numbers"):
        read_probabilities(written(tmp_path, named()), numbers)


def test_mixed_up_probabilities_are_doubted_and_an_id_is_known_by_its_common_name_too(tmp_path):
    kind = [*CLASSES] * 20
    table = culpa.read_table(
        {"x": np.arange(60.0), "kind": kind, "name": [f"r{i:02}" for i in range(60)]}, "kind", id="name"
    ).raw
    said = np.eye(3)[np.arange(60) % 3] * 0.7 + 0.1
    with pytest.warns(CulpaWarning, match=r"a probability of 10.0 % on average, .* about 33.3 %: .*mixed up"):
        read_probabilities(written(tmp_path, named(np.roll(said, 1, axis=1))), table)
    order = np.random.default_rng(0).permutation(60)
    shuffled = {"id": [f"r{i:02}" for i in order], **named(said[order])}
    assert np.allclose(read_probabilities(written(tmp_path, shuffled), table), said, rtol=0, atol=1e-12)
