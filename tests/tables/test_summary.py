# SPDX-License-Identifier: MIT
"""The summary of a table says what pandas says of its columns, and how many inputs the encoding makes of each."""

import numpy as np
import pandas as pd
import pytest

import culpa

RANDOM = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {
        "nr": np.arange(60),
        "size": np.where(RANDOM.random(60) < 0.2, np.nan, RANDOM.normal(size=60)),
        "town": RANDOM.choice(["Oslo", "Rome", "Bern"], 60, p=[0.2, 0.7, 0.1]),
        "paid": RANDOM.random(60) < 0.5,
        "built": pd.Timestamp("1999-05-01") + pd.to_timedelta(RANDOM.integers(0, 900, 60), "D"),
        "unit": ["m2"] * 60,
        "nothing": [None] * 60,
    }
)
SUMMARY = culpa.look(FRAME).columns


def test_every_column_has_a_row_in_the_order_of_the_table():
    assert SUMMARY["column"].tolist() == list(FRAME.columns)
    assert SUMMARY["kind"].tolist() == ["id", "number", "category", "yes/no", "date", "constant", "constant"]


def test_counts_are_those_of_pandas():
    assert SUMMARY["values"].tolist() == FRAME.count().tolist()
    assert SUMMARY["missing"].tolist() == FRAME.isna().sum().tolist()
    assert SUMMARY["distinct"].tolist() == FRAME.nunique().tolist()


@pytest.mark.parametrize(("ours", "theirs"), [("smallest", "min"), ("median", "median"), ("largest", "max")])
def test_numbers_are_summarised_as_pandas_does_and_other_columns_have_none(ours, theirs):
    expected = [getattr(FRAME[name], theirs)() if name in ("nr", "size") else np.nan for name in FRAME.columns]
    np.testing.assert_array_equal(SUMMARY[ours], expected)


def test_of_other_kinds_the_most_frequent_value_is_told_and_the_first_date():
    said = dict(zip(SUMMARY["column"].tolist(), SUMMARY["frequent"].tolist(), strict=True))
    assert said["town"] == FRAME["town"].mode()[0] == "Rome"
    assert said["paid"] == ("yes" if FRAME["paid"].mean() > 0.5 else "no")
    assert said["built"].startswith(str(FRAME["built"].min().date()))
    assert (said["unit"], said["nothing"], said["size"]) == ("m2", "", "")


def test_the_inputs_are_those_of_the_encoding():
    table = culpa.read_table(FRAME)
    made = [sum(source.column == name for source in table.columns.sources) for name in FRAME.columns]
    assert SUMMARY["inputs"].tolist() == made
    assert sum(made) == table.X.shape[1]
