# SPDX-License-Identifier: MIT
"""Frames and plain values: what a result looks like in JSON, in pandas and in Polars."""

import json
import sys

import numpy as np
import pytest

from culpa.errors import CulpaError, OptionError
from culpa.reporting.frames import Frame, plain

NAN, INF = float("nan"), float("inf")
FRAME = Frame(
    {
        "row": np.array([3, 5, 8]),
        "id": np.array(["a", 'é, "q"', "<b>\n"]),
        "loss": np.array([0.1, NAN, INF]),
        "norm": np.array([0.1, 0.2, 0.3], "float32"),
        "right": np.array([True, False, True]),
    }
)


def test_a_frame_is_a_table_by_names():
    assert len(FRAME) == 3
    assert FRAME["row"].tolist() == [3, 5, 8]
    assert repr(FRAME) == "Frame(3 rows: row, id, loss, norm, right)"


def test_an_unknown_column_is_refused_with_the_known_ones():
    with pytest.raises(
        OptionError, match=r"Unknown column 'los'; known are row, id, loss, norm, right\. Hint: did you"
    ):
        FRAME["los"]


def test_rows_may_be_taken_in_any_order():
    taken = FRAME.take(np.array([2, 0, 2]))
    assert taken["row"].tolist() == [8, 3, 8]
    assert taken["id"].tolist() == ["<b>\n", "a", "<b>\n"]
    assert FRAME["row"].tolist() == [3, 5, 8]


def test_json_gets_plain_values_and_null_for_what_is_no_number():
    state = FRAME.to_dict()
    assert state["loss"] == [0.1, None, None]
    assert json.loads(json.dumps(state, allow_nan=False)) == state
    assert [type(column[0]) for column in state.values()] == [int, str, float, float, bool]
    assert state["norm"] == [float(np.float32(value)) for value in (0.1, 0.2, 0.3)]


def test_rows_are_dicts_of_plain_values():
    rows = list(FRAME.rows())
    assert rows[1] == {"row": 5, "id": 'é, "q"', "loss": None, "norm": float(np.float32(0.2)), "right": False}
    assert len(rows) == 3


def test_polars_gets_every_column_with_null_for_nan_and_infinities_as_they_are():
    polars = pytest.importorskip("polars")
    frame = FRAME.to_polars()
    assert isinstance(frame, polars.DataFrame)
    infinite = [0.1, None, INF]
    assert frame.to_dict(as_series=False) == {**FRAME.to_dict(), "loss": infinite}


def test_pandas_gets_the_arrays_themselves():
    pandas = pytest.importorskip("pandas")
    frame = FRAME.to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame.columns) == list(FRAME.columns)
    for name in FRAME.columns:
        np.testing.assert_array_equal(frame[name].to_numpy(), FRAME[name])


def test_without_pandas_the_way_out_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(CulpaError, match=r"pandas is not installed\. Hint: pip install pandas, or use to_polars\(\)\."):
        FRAME.to_pandas()


PLAIN = {
    "a NumPy number": (np.float64(0.5), 0.5),
    "a NumPy integer": (np.int32(3), 3),
    "a NumPy truth": (np.True_, True),
    "a NumPy text": (np.str_("a"), "a"),
    "NaN": (NAN, None),
    "a NumPy NaN": (np.float32(NAN), None),
    "infinity": ([-INF], [None]),
    "an array": (np.array([[1.0, NAN]]), [[1.0, None]]),
    "no dimension": (np.array(2.0), 2.0),
    "a tuple": ((1, (2.5, "x")), [1, [2.5, "x"]]),
    "a dict": ({1: np.arange(2)}, {"1": [0, 1]}),
    "nothing": (None, None),
    "a truth": (True, True),
}


@pytest.mark.parametrize(("value", "expected"), PLAIN.values(), ids=PLAIN)
def test_plain_is_what_json_can_hold_of(value, expected):
    found = plain(value)
    assert found == expected
    assert type(found) is type(expected)
    json.dumps(found, allow_nan=False)
