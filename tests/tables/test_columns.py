# SPDX-License-Identifier: MIT
"""Columns: X beside scikit-learn's scalers, targets there and back, names and levels, and the way through JSON."""

import json
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.preprocessing import LabelEncoder, OneHotEncoder, RobustScaler

from culpa.errors import CulpaWarning, DataError, OptionError, ShapeError
from culpa.tables.assigning import raw_table
from culpa.tables.columns import Columns, label_text, numbers_of
from culpa.tables.raw import learn_columns
from tests.tables.plain import number_columns

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(50, 4)) * [1e-6, 1.0, 1e3, 1e6] + [0.0, -5.0, 1e4, 1e-3]
NEW = RANDOM.normal(size=(7, 4)) * 100
NAMES = ["length", "width, in cm", "été", "<b>"]
LABELS = np.array(["setosa", "virginica", 'é, "q"'])[RANDOM.integers(0, 3, 50)]
MIXED = pl.DataFrame(
    {
        "size": [50.0, None, 71.0, 20.0, 33.0, 41.5] * 4,
        "city": ["Oslo", "Rome", "Rome", "Oslo", None, "Bonn"] * 4,
        "paid": ["yes", "no", "no", "yes", "no", None] * 4,
        "built": pl.Series(
            ["2019-12-30", "2020-01-01", "2020-02-29", "2021-06-30", "2022-07-01", "2023-01-01"] * 4
        ).str.to_date(),
    }
)


def of_numbers(inputs=X, y=None):
    return learn_columns(raw_table(inputs, X[:, 0] if y is None else y, names=NAMES, target="price", task="regression"))


def of_classes(labels=LABELS):
    return learn_columns(raw_table(X, labels, names=NAMES, target="species"))


def of_mixed():
    return learn_columns(raw_table(MIXED, np.arange(24) % 2))


def bounded(z):
    return 3 * z / np.sqrt(9 + z**2)


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "uint8"])
def test_numbers_are_those_of_scikit_learns_robust_scaler_bounded(dtype):
    """Its quartiles are NumPy's; with unit_variance it divides by what a normal distribution would have."""
    inputs, new = (np.abs(rows).astype(dtype) for rows in (X + 3, NEW))
    inputs = inputs[:, 1:3]
    if dtype == "uint8":
        inputs = RANDOM.integers(0, 255, (50, 2)).astype("uint8")
    columns = learn_columns(raw_table(inputs, np.arange(50) % 2))
    scaler = RobustScaler().fit(inputs.astype(np.float64))
    np.testing.assert_allclose([column.center for column in columns.inputs], scaler.center_, rtol=1e-12)
    np.testing.assert_allclose([column.scale for column in columns.inputs], scaler.scale_ / 1.349, rtol=1e-12)
    for rows in (inputs, new[:, 1:3]):
        expected = bounded((rows.astype(np.float64) - scaler.center_) / (scaler.scale_ / 1.349))
        np.testing.assert_allclose(columns.encode(rows), expected, rtol=1e-9, atol=1e-12)


def test_a_scaler_that_was_fitted_on_other_rows_is_refused():
    """Negative control."""
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(of_numbers().inputs[1].center, RobustScaler().fit(X[1:]).center_[1], rtol=1e-6)


def test_categories_are_those_of_scikit_learns_one_hot_encoder():
    columns = of_mixed()
    given = MIXED["city"].to_list()
    encoder = OneHotEncoder(categories=[["Bonn", "Oslo", "Rome"]], handle_unknown="ignore", sparse_output=False)
    expected = encoder.fit_transform(np.array(given, object)[:, None])
    places = [j for j, source in enumerate(columns.sources) if source.column == "city" and source.part != "missing"]
    np.testing.assert_array_equal(columns.encode(MIXED)[:, places], expected)


def test_every_input_says_where_it_comes_from():
    columns = of_mixed()
    assert columns.encoded == (
        "size", "size: missing", "city = Bonn", "city = Oslo", "city = Rome", "city: missing", "paid",
        "paid: missing", "built: time", "built: season (sine)", "built: season (cosine)", "built: weekday (sine)",
        "built: weekday (cosine)",
    )  # fmt: skip
    assert columns.width == len(columns.encoded) == columns.encode(MIXED).shape[1]
    found = columns.decode_effect(3)
    assert (found.column, found.kind, found.part) == ("city", "category", "Oslo")
    assert columns.decode_effect(1).part == "missing"
    assert columns.kinds == {"size": "number", "city": "category", "paid": "yes/no", "built": "date"}
    for j in (-1, 13):
        with pytest.raises(OptionError, match="must be an input from 0 to 12"):
            columns.decode_effect(j)


def test_each_input_moves_with_its_own_column_alone():
    """An oracle of `decode_effect`: change one column, see which inputs change."""
    columns = of_mixed()
    before = columns.encode(MIXED)
    for name in MIXED.columns:
        moved = (columns.encode(MIXED.with_columns(pl.col(name).reverse())) != before).any(axis=0)
        assert {columns.decode_effect(j).column for j in np.flatnonzero(moved)} == {name}


def test_a_table_comes_back_from_its_inputs():
    columns = of_mixed()
    again = columns.decode(columns.encode(MIXED))
    assert again["city"].to_list() == MIXED["city"].to_list()
    assert again["paid"].to_list() == [None if word is None else word == "yes" for word in MIXED["paid"]]
    assert again["built"].dt.date().to_list() == MIXED["built"].to_list()
    np.testing.assert_allclose(again["size"].to_numpy(), MIXED["size"].to_numpy(), rtol=1e-12)
    with pytest.raises(ShapeError, match="must have 13 columns"):
        columns.decode(np.ones((2, 3)))


def test_columns_are_found_by_their_names_in_any_order_and_others_are_left_alone():
    columns = of_mixed()
    shuffled = MIXED.select(["built", "paid", "city", "size"]).with_columns(more=1)
    np.testing.assert_array_equal(columns.encode(shuffled), columns.encode(MIXED))
    with pytest.raises(
        DataError, match=r"lacks the column 'city', which the network takes; it has size, paid"
    ) as caught:
        columns.encode(MIXED.drop("city"))
    assert "by their names" in caught.value.hint


def test_a_million_of_any_number_cannot_leave_the_bound():
    columns = number_columns(["a"], [0.0], [1e-3], "y")
    columns = replace(columns, inputs=(replace(columns.inputs[0], bound=3.0),))
    encoded = columns.encode(np.array([[1.7e308], [-1.7e308], [1e6], [0.0]]), dtype=np.float32)
    assert encoded.dtype == np.float32
    np.testing.assert_allclose(encoded[:, 0], [3, -3, 3, 0], atol=1e-6)
    assert np.isfinite(number_columns(["a"], [0.0], [1e-3], "y").encode([[1.7e308]], dtype=np.float32)).all()


def test_what_no_training_row_had_is_said_once_a_column():
    columns = learn_columns(raw_table(MIXED.drop_nulls(), np.arange(12) % 2))
    table = MIXED.with_columns(city=pl.Series(["Kyiv", "Rome", None] * 8))
    with pytest.warns(CulpaWarning) as caught:
        encoded = columns.encode(table)
    assert [str(warning.message) for warning in caught] == [
        "4 rows without a value in 'size', where no training row lacked one: its median 50 stands in for it.",
        "8 rows without a value in 'city', where no training row lacked one: no category stands in for it.",
        "8 rows with a new category in 'city' (Kyiv): counted as none of the known ones.",
        "4 rows without a value in 'paid', where no training row lacked one: neither yes nor no stands in for it.",
    ]
    places = [j for j, source in enumerate(columns.sources) if source.column == "city"]
    assert (encoded[::3][:, places] == 0).all()


@pytest.mark.parametrize(
    "rows", [NEW[:, :3], np.c_[NEW, NEW[:, 0]], NEW[0], NEW[None]], ids=["3", "5", "a row", "deep"]
)
def test_an_array_with_another_number_of_columns_is_refused_with_the_names(rows):
    with pytest.raises(ShapeError, match=r"takes 4 columns; this table has the shape \(") as caught:
        of_numbers().encode(rows)
    assert caught.value.hint == "its columns are length, width, in cm, été, <b>."


def test_learning_and_encoding_change_nothing():
    inputs = X.copy()
    inputs.flags.writeable = False
    columns = of_numbers(inputs)
    assert not np.shares_memory(columns.encode(inputs), inputs)
    np.testing.assert_array_equal(inputs, X)


def test_a_target_of_numbers_is_scaled_and_comes_back():
    goal = RANDOM.gamma(2.0, 30.0, 50)
    columns = of_numbers(y=goal)
    encoded = columns.encode_target(goal)
    np.testing.assert_allclose(encoded, (goal - goal.mean()) / goal.std(), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(columns.decode_target(encoded), goal, rtol=1e-13)
    with pytest.raises(DataError, match="predicts numbers, and the target holds 'a'"):
        columns.encode_target(np.array(["a"]))


@pytest.mark.parametrize("value", [0.0, 7.0, 0.1, -123.456, 1e300])
def test_a_constant_target_is_only_shifted(value):
    columns = of_numbers(y=np.full(50, value))
    assert columns.target_scale == 1.0
    np.testing.assert_allclose(columns.encode_target(np.full(3, value)), 0, atol=1e-12 * max(1, value))


@pytest.mark.parametrize(
    "labels",
    [LABELS, np.arange(50) % 4 - 1, np.arange(50) % 2 == 0, (np.arange(50) % 3).astype("uint8"), LABELS.astype(object)],
    ids=["words", "whole numbers", "yes and no", "bytes", "objects"],
)
def test_classes_are_numbered_as_by_scikit_learns_label_encoder(labels):
    columns = of_classes(labels)
    encoder = LabelEncoder().fit(labels)
    assert columns.classes == tuple(encoder.classes_.tolist())
    encoded = columns.encode_target(labels)
    assert encoded.dtype == np.intp
    np.testing.assert_array_equal(encoded, encoder.transform(labels))


@pytest.mark.parametrize(("label", "shown"), [("tulip", "'tulip'"), (3, "3"), (np.str_("Setosa"), "'Setosa'")])
def test_an_unknown_class_is_refused_with_its_row_and_the_known_ones(label, shown):
    with pytest.raises(DataError) as caught:
        of_classes().encode_target(np.array(["setosa", label], object))
    assert str(caught.value).startswith(f"Row 1 has the class {shown}, which the network does not know; it knows ")
    assert "setosa, virginica" in str(caught.value)
    with pytest.raises(DataError, match="Row 7,000 has the class"):
        of_classes().encode_target(np.array(["setosa", label], object), np.array([3, 7000]))


@pytest.mark.parametrize("classes", [(0, 1), ("0", "1"), (False, True), ("False", "True"), ("false", "true")], ids=str)
@pytest.mark.parametrize("labels", [[0, 1], [0.0, 1.0], ["0", "1"], [False, True], ["False", "True"]], ids=str)
def test_a_class_is_known_again_whatever_its_file_made_of_it(classes, labels):
    columns = Columns((), "y", classes)
    np.testing.assert_array_equal(columns.encode_target(np.array(labels)), [0, 1])
    np.testing.assert_array_equal(columns.encode_target(np.array(labels, object)), [0, 1])


def test_classes_that_would_be_alike_are_told_apart_by_their_texts():
    number = numbers_of(("True", "true", "1", 7))
    assert [number(label) for label in ("True", True, 1.0, "7", 7.0, "TRUE")] == [0, 1, 2, 3, 3, -1]
    assert [label_text(label) for label in (1, 1.0, np.float32(1), True, np.bool_(False), "1", 1.5)] == [
        "1", "1", "1", "true", "false", "1", "1.5",
    ]  # fmt: skip


@pytest.mark.parametrize("make", [of_numbers, of_classes, of_mixed])
def test_columns_come_back_from_json_as_they_were(make):
    columns = make()
    again = Columns.from_dict(json.loads(json.dumps(columns.to_dict(), allow_nan=False)))
    assert again == columns
    assert [type(label) for label in again.classes or ()] == [type(label) for label in columns.classes or ()]
    rows = MIXED if make is of_mixed else NEW
    assert again.encode(rows).tobytes() == columns.encode(rows).tobytes()


def test_columns_of_the_first_format_encode_as_they_did():
    """What `to_dict` wrote before columns had kinds: names, mean and scale beside the target."""
    state = {"names": ["a", "b"], "mean": [1.0, -2.5], "scale": [2.0, 0.5], "target": "t", "classes": None,
             "target_mean": 3.0, "target_scale": 4.0}  # fmt: skip
    columns = Columns.from_dict(state)
    rows = np.array([[1.0, 2.0], [1e6, 0.1]])
    np.testing.assert_array_equal(columns.encode(rows), (rows - [1.0, -2.5]) / [2.0, 0.5])
    assert (columns.encoded, columns.target_mean, columns.target_scale) == (("a", "b"), 3.0, 4.0)
    assert columns.encode(pd.DataFrame(rows[:, ::-1], columns=["b", "a"])).tolist() == columns.encode(rows).tolist()


def test_a_difference_would_be_noticed():
    """Negative control: one digit of one center, and the order of the classes."""
    columns = of_classes()
    state = columns.to_dict()
    first = {**state["inputs"][0], "center": state["inputs"][0]["center"] + 1e-13}
    changed = [{**state, "inputs": [first, *state["inputs"][1:]]}, {**state, "classes": state["classes"][::-1]}]
    assert all(Columns.from_dict(other) != columns for other in changed)
    with pytest.raises(TypeError):
        Columns.from_dict({**state, "mode": []})


def test_columns_are_frozen():
    with pytest.raises(FrozenInstanceError):
        of_classes().target = "other"


def test_a_number_that_is_shown_comes_with_the_size_that_its_digits_count_from():
    columns = of_mixed()
    raw, size = columns.decode_number(0, float(columns.encode(MIXED)[2, 0]))
    assert (raw, size) == (pytest.approx(71, rel=1e-14), pytest.approx(71, rel=1e-14))
    assert [columns.decode_number(j, 1.0) for j in (1, 2, 6, 8)] == [None] * 4
