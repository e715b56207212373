# SPDX-License-Identifier: MIT
"""`read_table`: X and y with all that belongs to a row; new data for an old network; what belongs nowhere."""

import numpy as np
import polars as pl
import pytest

import culpa
from culpa.errors import CulpaWarning, DataError, OptionError
from culpa.tables.table import arrays_for, read_table

HOUSES = pl.DataFrame(
    {
        "house": ["h1", "h2", "h3", "h4", "h5", "h6"],
        "size": [50.0, 71.0, None, 20.0, 33.0, 41.5],
        "city": ["Oslo", "Rome", "Rome", "Oslo", "Oslo", "Rome"],
        "street": ["a", "a", "b", "b", "c", "c"],
        "trust": [1, 2, 0, 1, 1, 1],
        "price": [3.5, 2.0, None, 4.0, 1.0, 7.0],
    }
)
ROLES = {"id": "house", "sample_weight": "trust", "group": "street"}
pytestmark = pytest.mark.filterwarnings("ignore:.*are set aside:culpa.errors.CulpaWarning")
"""One of the houses has no price; that this is told, one test asks for."""


def test_rows_without_a_target_are_told_of():
    with pytest.warns(CulpaWarning, match="1 of 6 rows have no price and are set aside; the first is row 2"):
        columns = read_table(HOUSES, "price").columns
    with pytest.warns(CulpaWarning, match="1 of 6 rows have no price"):
        read_table(HOUSES, columns=columns)


def test_all_that_belongs_to_a_row_comes_along_and_a_row_without_a_target_goes():
    table = read_table(HOUSES, "price", **ROLES)
    assert table.columns.encoded == ("size", "city = Oslo", "city = Rome")
    assert (table.X.dtype, table.X.shape, len(table)) == (np.float32, (5, 3), 5)
    assert table.ids.tolist() == ["h1", "h2", "h4", "h5", "h6"]
    assert table.weights.tolist() == [1, 2, 1, 1, 1]
    assert table.groups.tolist() == ["a", "a", "b", "c", "c"]
    assert table.rows.tolist() == [0, 1, 3, 4, 5]
    np.testing.assert_allclose(table.columns.decode_target(table.y), [3.5, 2, 4, 1, 7], rtol=1e-14)
    assert repr(table) == "Table('data', 5 rows, 2 columns as 3 inputs, target 'price')"


def test_new_rows_are_encoded_as_the_old_ones_were_with_or_without_a_target():
    learnt = read_table(HOUSES, "price", **ROLES).columns
    new = HOUSES.drop("price", "house").select("street", "city", "size")[:2]
    table = read_table(new, columns=learnt)
    assert table.y is None
    np.testing.assert_array_equal(table.X, read_table(HOUSES, "price", **ROLES).X[:2])
    with pytest.raises(DataError, match="lacks the column 'size', which the network takes"):
        read_table(new.drop("size"), columns=learnt)
    with pytest.warns(CulpaWarning, match="new category in 'city'"):
        read_table(new.with_columns(city=pl.lit("Bonn")), columns=learnt)
    with pytest.raises(DataError, match="Row 1 of the column 'size' holds 'big', where numbers stand"):
        read_table(new.with_columns(size=pl.Series(["1", "big"])), columns=learnt)


def test_an_unknown_class_is_named_by_its_row_in_the_file():
    learnt = read_table({"a": [1.0, 2.0, 4.0, 3.0], "y": ["no", "yes", "no", "yes"]}, "y").columns
    with pytest.raises(DataError, match="Row 2 has the class 'perhaps'"):
        read_table({"a": [1, 2, 3], "y": ["no", None, "perhaps"]}, columns=learnt)


WRONG = {
    "ids that are not unique": ({"house": ["h1", "h2", "h3", "h2", "h5", "h6"]}, "rows 1 and 3 are both 'h2'"),
    "a row without an id": ({"house": ["h1", " ", "h3", "h4", "h5", "h6"]}, "Row 1 has no id in the column 'house'"),
    "a negative weight": ({"trust": [1, 2, 0, -1, 1, 1]}, "Row 3 of the weights 'trust' holds -1; weights are numbers"),
    "a row without a weight": ({"trust": [1, 2, 0, None, 1, 1]}, "Row 3 of the weights 'trust' holds None"),
    "weights of nothing": ({"trust": [0] * 6}, "All weights in 'trust' are 0"),
    "a word as a weight": ({"trust": ["1", "x", "1", "1", "1", "1"]}, "Row 1 of the column 'trust' holds 'x'"),
    "a row without a group": ({"street": ["a", "a", None, "b", "c", "c"]}, "Row 2 has no group in the column 'street'"),
}


@pytest.mark.parametrize(("changes", "words"), WRONG.values(), ids=WRONG)
def test_what_cannot_belong_to_rows_is_refused_by_its_row(changes, words):
    with pytest.raises(DataError) as caught:
        read_table(
            HOUSES.with_columns(**{name: pl.Series(entries) for name, entries in changes.items()}), "price", **ROLES
        )
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"target": "prise"}, "--target 'prise' is no column"),
        ({"target": "price", "id": "haus"}, "--id 'haus' is no column"),
        ({"target": "price", "drop": ["x"]}, "--drop 'x' is no column"),
        ({"target": "price", "kinds": {"x": "number"}}, "--kind 'x' is no column"),
        ({"target": "price", "group": "price"}, "cannot be the target and something else"),
        ({"target": "price", "kinds": {"city": "town"}}, "town"),
    ],
    ids=str,
)
def test_a_name_that_is_none_is_refused(said, words):
    with pytest.raises(OptionError) as caught:
        read_table(HOUSES, **said)
    assert words in str(caught.value)


@pytest.mark.parametrize("ids", [[1, 2, 3, 4, 5, 6], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]], ids=["whole", "fractions"])
def test_ids_are_whole_numbers_or_texts_that_a_file_can_hold(ids):
    found = read_table(HOUSES.with_columns(house=pl.Series(ids)), "price", **ROLES).ids
    assert found.dtype.kind in "iU"
    assert [str(entry) for entry in found.tolist()] == ["1", "2", "4", "5", "6"]


@pytest.mark.parametrize("rows", [1, 2])
def test_a_table_of_hardly_any_rows_is_encoded_where_it_holds_anything(rows):
    table = read_table(HOUSES[:rows], "price", kinds={"size": "number", "city": "category"})
    assert np.isfinite(table.X).all()
    assert len(table) == rows


def test_a_network_without_columns_takes_every_column_of_numbers_and_nothing_else():
    network_rows = {"a": [1.0, 1.0], "b": [0, 1], "c": [True, False], "y": [0, 1]}
    raw = read_table(network_rows, "y", kinds={"a": "number"}).raw
    np.testing.assert_array_equal(arrays_for(raw, None)[0], [[1, 0, 1], [1, 1, 0]])
    words = read_table({**network_rows, "d": ["x", "y"]}, "y").raw
    with pytest.raises(DataError, match="must hold numbers alone: Row 0 of the column 'd' holds 'x'"):
        arrays_for(words, None)


def test_the_face_has_the_same_function():
    assert culpa.read_table is read_table
