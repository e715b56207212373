# SPDX-License-Identifier: MIT
"""Columns: the encoding beside scikit-learn's StandardScaler, targets there and back, and the way through JSON."""

import json
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from sklearn.preprocessing import LabelEncoder, StandardScaler

from culpa.errors import DataError, ShapeError
from culpa.tables.columns import Columns

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(50, 4)) * [1e-6, 1.0, 1e3, 1e6] + [0.0, -5.0, 1e4, 1e-3]
NEW = RANDOM.normal(size=(7, 4)) * 100
NUMBERS = RANDOM.gamma(2.0, 30.0, 50)
LABELS = np.array(["setosa", "virginica", 'é, "q"'])[RANDOM.integers(0, 3, 50)]
NAMES = ["length", "width, in cm", "été", "<b>"]


def numbers_of(inputs=X, y=NUMBERS, names=NAMES):
    return Columns.fit(inputs, y, names=names, target="price")


def classes_of(labels=LABELS):
    return Columns.fit(X, labels, names=NAMES, target="species", classes=np.unique(labels))


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "uint8", "bool"])
def test_the_encoding_is_that_of_scikit_learns_standard_scaler(dtype):
    inputs, new = (np.abs(rows).astype(dtype) for rows in (X, NEW))
    columns, scaler = numbers_of(inputs), StandardScaler().fit(inputs.astype(np.float64))
    np.testing.assert_allclose(columns.mean, scaler.mean_, rtol=1e-13)
    np.testing.assert_allclose(columns.scale, scaler.scale_, rtol=1e-13)
    for rows in (inputs, new):
        encoded = columns.encode(rows)
        assert encoded.dtype == np.float64
        np.testing.assert_allclose(encoded, scaler.transform(rows.astype(np.float64)), rtol=1e-12, atol=1e-12)


def test_a_scaler_that_was_fitted_on_other_rows_is_refused():
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(numbers_of().mean, StandardScaler().fit(X[1:]).mean_, rtol=1e-6)


def test_training_rows_come_out_with_mean_0_and_deviation_1():
    encoded = numbers_of().encode(X)
    np.testing.assert_allclose(encoded.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(encoded.std(axis=0), 1, rtol=1e-12)


@pytest.mark.parametrize("value", [0.0, 1.0, 0.1, -1e-300, 1e15, 123456.789])
def test_a_constant_column_is_only_shifted(value):
    """The deviation of fifty times 0.1 is not 0 but rounding; nothing may be divided by that."""
    constant = np.full((50, 1), value)
    columns = Columns.fit(constant, NUMBERS, names=["a"])
    assert columns.scale == (1.0,)
    np.testing.assert_allclose(columns.encode(constant), 0, atol=1e-12 * max(1, abs(value)))
    np.testing.assert_allclose(columns.encode(constant + 2.0), 2, rtol=1e-12)


def test_a_column_of_small_differences_is_no_constant_one():
    """Years, for example: their deviation is a thousandth of their mean."""
    years = np.linspace(2000, 2004, 50)[:, None]
    assert Columns.fit(years, NUMBERS, names=["year"]).scale[0] == pytest.approx(years.std(), rel=1e-12)


def test_fitting_and_encoding_change_nothing():
    inputs, goal = X.copy(), NUMBERS.copy()
    inputs.flags.writeable = goal.flags.writeable = False
    columns = numbers_of(inputs, goal)
    assert not np.shares_memory(columns.encode(inputs), inputs)
    columns.encode_target(goal)
    np.testing.assert_array_equal(inputs, X)


def test_a_target_of_numbers_is_scaled_and_comes_back():
    columns = numbers_of()
    scaler = StandardScaler().fit(NUMBERS[:, None])
    encoded = columns.encode_target(NUMBERS)
    np.testing.assert_allclose(encoded, scaler.transform(NUMBERS[:, None])[:, 0], rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(columns.decode_target(encoded), NUMBERS, rtol=1e-13)
    np.testing.assert_allclose(columns.encode_target(np.arange(5)), scaler.transform(np.arange(5.0)[:, None])[:, 0])


@pytest.mark.parametrize("value", [0.0, 7.0, 0.1, -123.456])
def test_a_constant_target_is_only_shifted(value):
    columns = numbers_of(y=np.full(50, value))
    assert columns.target_scale == 1.0
    np.testing.assert_allclose(columns.encode_target(np.array([value, value + 2])), [0, 2], atol=1e-12)


@pytest.mark.parametrize(
    "labels",
    [LABELS, np.arange(50) % 4 - 1, np.arange(50) % 2 == 0, (np.arange(50) % 3).astype("uint8")],
    ids=["words", "whole numbers", "yes and no", "bytes"],
)
def test_classes_are_numbered_as_by_scikit_learns_label_encoder(labels):
    columns = classes_of(labels)
    encoder = LabelEncoder().fit(labels)
    assert columns.classes == tuple(encoder.classes_.tolist())
    encoded = columns.encode_target(labels)
    assert encoded.dtype == np.intp
    np.testing.assert_array_equal(encoded, encoder.transform(labels))


def test_classes_keep_the_order_in_which_they_are_given():
    columns = Columns.fit(X[:2], np.array(["b", "a"]), names=NAMES, classes=["b", "c", "a"])
    np.testing.assert_array_equal(columns.encode_target(np.array(["a", "b", "a"])), [2, 0, 2])


@pytest.mark.parametrize(("label", "shown"), [("tulip", "'tulip'"), (3, "3"), (np.str_("Setosa"), "'Setosa'")])
def test_an_unknown_class_is_refused_with_its_row_and_the_known_ones(label, shown):
    with pytest.raises(DataError) as caught:
        classes_of().encode_target(np.array(["setosa", label], object))
    assert str(caught.value).startswith(f"Row 1 has the class {shown}, which the network does not know; it knows ")
    assert "setosa, virginica" in str(caught.value)


def test_only_the_first_of_many_known_classes_are_listed():
    columns = Columns.fit(X, np.arange(50), names=NAMES, classes=range(50))
    with pytest.raises(DataError, match=r"it knows 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …\."):
        columns.encode_target(np.array([50]))


@pytest.mark.parametrize(
    "rows", [NEW[:, :3], np.c_[NEW, NEW[:, 0]], NEW[0], NEW[None]], ids=["3", "5", "a row", "deep"]
)
def test_another_number_of_columns_is_refused_with_the_names(rows):
    with pytest.raises(ShapeError, match=r"trained on 4 columns; this table has the shape \(") as caught:
        numbers_of().encode(rows)
    assert caught.value.hint == "its columns are length, width, in cm, été, <b>."


@pytest.mark.parametrize(
    "columns", [numbers_of(), classes_of(), classes_of(np.arange(50) % 2 == 0)], ids=["n", "c", "b"]
)
def test_columns_come_back_from_json_as_they_were(columns):
    text = json.dumps(columns.to_dict(), allow_nan=False)
    again = Columns.from_dict(json.loads(text))
    assert again == columns
    np.testing.assert_array_equal(again.encode(NEW), columns.encode(NEW))
    assert [type(label) for label in again.classes or ()] == [type(label) for label in columns.classes or ()]


def test_a_difference_would_be_noticed():
    """Negative control: one digit of one mean, and the order of the classes."""
    columns = classes_of()
    state = columns.to_dict()
    changed = [{**state, "mean": [*state["mean"][:3], 0.0010000000001]}, {**state, "classes": state["classes"][::-1]}]
    assert all(Columns.from_dict(other) != columns for other in changed)
    with pytest.raises(TypeError):
        Columns.from_dict({**state, "mode": []})


def test_columns_are_frozen_and_hold_plain_values_alone():
    columns = classes_of()
    with pytest.raises(FrozenInstanceError):
        columns.target = "other"
    kinds = {type(entry) for part in (columns.names, columns.mean, columns.scale, columns.classes) for entry in part}
    assert kinds == {str, float}
    assert replace(columns, target="other") != columns


@pytest.mark.parametrize("rows", [X / np.abs(X).max(axis=0) * size for size in (1e200, 1e307)], ids=["e200", "e307"])
def test_numbers_near_the_largest_are_encoded_or_refused_without_a_warning_of_numpys(rows):
    """Their squares overflow; warnings are errors here."""
    try:
        encoded = Columns.fit(rows, NUMBERS, names=NAMES).encode(rows)
    except DataError:
        return
    assert np.isfinite(encoded).all()
