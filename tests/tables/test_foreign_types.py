# SPDX-License-Identifier: MIT
"""Foreign types: what is no name, no table and no columns is refused in our words, and numbers are names too."""

import numpy as np
import pandas as pd
import pytest

import culpa
from culpa.errors import CulpaError, DataError, OptionError, ShapeError
from culpa.tables.parting import split_table
from culpa.tables.reading import read_raw
from culpa.tables.roles import Roles

FRAME = {"a": [1.5, 2.0, None, 4.0] * 4, "c": ["u", "v"] * 8, "y": [0, 1] * 8}
TABLE = culpa.read_table(FRAME, "y")
NETWORK = culpa.Network.fresh([TABLE.columns.width, 3, 2], seed=0)
READ = {
    "an array of weights": {"sample_weight": np.ones(16)},
    "a series of groups": {"group": pd.Series(range(16))},
    "a network for columns": {"columns": NETWORK},
    "a number for columns": {"columns": 3},
    "an array to drop": {"drop": np.float64(3)},
    "a list of kinds": {"kinds": ["category"]},
    "whole numbers for X": {"dtype": "int8"},
    "no type for X": {"dtype": "nix"},
}


@pytest.mark.parametrize("name", READ)
def test_what_cannot_be_said_is_refused(name):
    with pytest.raises(OptionError):
        culpa.read_table(FRAME, "y", **READ[name])


@pytest.mark.parametrize("source", [TABLE, NETWORK, 3, TABLE.columns], ids=["table", "network", "number", "columns"])
def test_what_is_no_table_is_refused(source):
    with pytest.raises(CulpaError):
        culpa.read_table(source)
    if source is not TABLE:
        with pytest.raises(CulpaError):
            TABLE.columns.encode(source)


@pytest.mark.parametrize("target", [14, np.int64(14), "14"])
def test_a_number_may_be_the_name_of_a_column(target):
    frame = pd.DataFrame({13: FRAME["a"], 14: FRAME["y"]})
    assert culpa.read_table(frame, target).raw.target == "14"
    with pytest.raises(OptionError, match="'15' is no column"):
        culpa.read_table(frame, 15)


@pytest.mark.parametrize("rows", [np.ones(16, bool), [99], [0.5], [-1], [[1]], "ab"], ids=str)
def test_rows_are_numbers_of_rows(rows):
    with pytest.raises(OptionError, match="row numbers from 0 to 15"):
        TABLE.columns.encode(FRAME, rows=rows)


@pytest.mark.parametrize("j", [1.5, "a", None, -1, TABLE.columns.width, True])
def test_an_input_is_a_number_of_an_input(j):
    with pytest.raises(OptionError, match="`j` must be an input from 0 to"):
        TABLE.columns.decode_effect(j)


def test_an_array_to_fill_has_the_shape_of_the_inputs():
    with pytest.raises(ShapeError, match=r"`out` must have the shape \(16, 4\); got \(2, 2\)"):
        TABLE.columns.encode(FRAME, out=np.empty((2, 2)))


def test_inputs_have_names_of_their_own():
    columns = culpa.read_table({**FRAME, "a: missing": [1.0, None] * 8}, "y").columns
    assert columns.encoded[:4] == ("a", "a: missing", "c = u", "c = v")
    assert len(set(columns.encoded)) == columns.width == 6
    assert columns.decode_effect(4).column == "a: missing"
    assert type(columns).from_dict(columns.to_dict()) == columns


@pytest.mark.parametrize("y", [["u"] * 9, [1.5] * 9, [1.5, 2.5]], ids=["one class", "one number", "two rows"])
def test_a_table_that_cannot_be_split_is_refused_by_its_name(y):
    raw = culpa.read_table({"a": np.arange(len(y)) % 4 + 0.5, "y": y}, "y").raw
    with pytest.raises(DataError, match="data "):
        split_table(raw)


def test_a_missing_row_of_names_is_guessed_at_where_the_target_is_named(tmp_path):
    (tmp_path / "t.csv").write_text("H000,126,58\nH001,12,5\n")
    with pytest.raises(OptionError, match="'price' is no column") as caught:
        read_raw(str(tmp_path / "t.csv"), Roles(target="price"))
    assert "--no-header" in caught.value.hint
