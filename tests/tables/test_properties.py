# SPDX-License-Identifier: MIT
"""Properties of the encoding on generated tables: no row is lost, no other error than ours, and what it decodes is what
it encoded.

Numbers come back to a few roundings, magnified where the bound b is flat: (1 + z²/b²)^1.5 spreads.
"""

import json

import numpy as np
import polars as pl
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from culpa.errors import CulpaError
from culpa.tables.assigning import from_frame
from culpa.tables.columns import Columns
from culpa.tables.raw import learn_columns
from culpa.tables.roles import Roles

FINITE = st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.one_of(
    st.sampled_from(
        ["a", "b", "other", "missing", "= a", "<b>&amp;</b>", 'say "hi", twice', "two\nlines", "été", " x", "0"]
    ),
    st.text(st.characters(codec="utf-8"), max_size=4),
)
ENTRIES = {
    "number": st.one_of(FINITE, st.sampled_from([0.0, -0.0, 5e-324, 1.7e308, -1.7e308, 1e-300, 1.0, 2.0**53 + 2])),
    "category": TEXTS,
    "yes/no": st.booleans(),
    "date": st.datetimes().map(lambda moment: moment.replace(microsecond=0)),
}
TYPES = {"number": pl.Float64, "category": pl.String, "yes/no": pl.Boolean, "date": pl.Datetime("us")}


@st.composite
def tables(draw):
    """A frame of up to twelve rows with gaps, of columns whose kinds are given."""
    rows = draw(st.integers(1, 12))
    kinds = draw(st.lists(st.sampled_from(list(ENTRIES)), min_size=1, max_size=4))
    columns = {}
    for j, kind in enumerate(kinds):
        few = draw(st.lists(st.one_of(st.none(), ENTRIES[kind]), min_size=1, max_size=4))
        entry = draw(st.sampled_from([st.sampled_from(few), st.one_of(st.none(), ENTRIES[kind]), st.none()]))
        entries = draw(st.lists(entry, min_size=rows, max_size=rows))
        columns[f"{kind} {j}"] = pl.Series(entries, dtype=TYPES[kind])
    frame = pl.DataFrame(columns)
    return from_frame(frame, Roles(kinds=dict(zip(frame.columns, kinds, strict=True))), name="data", needs_target=False)


def spread(column, values):
    """The error that rounding may leave in a number, by the slope of the bound."""
    z = np.abs(values / column.scale - column.center / column.scale) / column.bound
    magnified = np.where(
        z < 1e7, column.scale * (1 + np.minimum(z, 1e7) ** 2) ** 1.5, np.inf
    )  # beyond, nothing is left
    return 1e-14 * (magnified + np.abs(values) + abs(column.center))


@settings(max_examples=25)
@given(tables())
def test_every_row_is_encoded_in_finite_numbers_and_comes_back(table):
    columns = learn_columns(table)
    X = columns.encode(table.frame)
    assert X.shape == (len(table), columns.width)
    assert np.isfinite(X).all()
    assert np.abs(X).max(initial=0) <= 3
    again = columns.decode(X)
    for column in columns.inputs:
        given_values, found = table.frame[column.name], again[column.name]
        assert found.is_null().to_list() == given_values.is_null().to_list()
        if column.kind == "category":
            expected = [text if text is None or text in column.levels else "other" for text in given_values]
            assert found.to_list() == expected
        elif column.kind == "number":
            with np.errstate(over="ignore"):
                values = given_values.drop_nulls().to_numpy()
                error = np.abs(found.drop_nulls().to_numpy() / 2 - values / 2) * 2
                assert (error <= spread(column, values)).all()
        elif column.kind == "date":
            unit = 1 if "hour" in column.parts else 86_400
            near = given_values.drop_nulls().dt.epoch("s").to_numpy()
            with np.errstate(over="ignore"):
                error = np.abs(found.drop_nulls().dt.epoch("s").to_numpy() - near)
                assert (error <= np.round(86_400 * spread(column, near / 86_400) / unit) * unit).all()
        else:
            assert found.to_list() == given_values.to_list()


@settings(max_examples=25)
@given(tables())
def test_json_order_parts_and_places_change_nothing(table):
    columns = learn_columns(table)
    X = columns.encode(table.frame)
    again = Columns.from_dict(json.loads(json.dumps(columns.to_dict(), allow_nan=False)))
    assert again == columns
    assert again.encode(table.frame).tobytes() == X.tobytes()
    assert columns.encode(table.frame.select(reversed(table.frame.columns))).tobytes() == X.tobytes()
    assert columns.encode(table.frame.reverse())[::-1].tolist() == X.tolist()
    parts = [columns.encode(table.frame[row : row + 1]) for row in range(len(table))]
    np.testing.assert_array_equal(np.concatenate(parts), X)
    np.testing.assert_array_equal(columns.encode(table.frame, dtype=np.float32), X.astype(np.float32))


@settings(max_examples=25)
@given(tables())
def test_what_is_learnt_does_not_depend_on_the_order_of_the_rows(table):
    reordered = from_frame(
        table.frame.reverse(),
        Roles(kinds={name: judged.kind for name, judged in table.judged.items()}),
        name="data",
        needs_target=False,
    )
    first, second = learn_columns(table), learn_columns(reordered)
    for mine, its in zip(first.inputs, second.inputs, strict=True):
        assert (mine.levels, mine.other, mine.missing, mine.parts) == (its.levels, its.other, its.missing, its.parts)
        assert mine.center == its.center
        assert mine.scale == pytest.approx(its.scale, rel=1e-12)


@settings(max_examples=25)
@given(
    st.lists(
        st.lists(st.one_of(st.none(), TEXTS, st.integers(-3, 3).map(str)), min_size=3, max_size=3),
        min_size=1,
        max_size=14,
    )
)
@example([["1", "x", None]] * 12)
@example([["01/02/2020", "1,234", "yes"]] * 3)
def test_whatever_stands_in_a_file_of_texts_is_used_or_refused_in_our_words(rows):
    frame = pl.DataFrame(rows, schema=[("a", pl.String), ("b", pl.String), ("y", pl.String)], orient="row")
    try:
        table = from_frame(frame, Roles(target="y"), name="data")
        columns = learn_columns(table)
    except CulpaError:
        return
    assert len(table) == sum(entry is not None and entry.strip() != "" for entry in frame["y"])
    X = columns.encode(table.frame)
    assert X.shape == (len(table), columns.width)
    assert np.isfinite(X).all()


@settings(max_examples=25)
@given(tables())
def test_one_wrong_entry_would_be_noticed(table):
    """Negative control of the round trip: another value, another input."""
    columns = learn_columns(table)
    known = [
        column for column in columns.inputs if column.kind == "yes/no" and table.frame[column.name].is_not_null().any()
    ]
    assume(known)
    other = table.frame.with_columns(~pl.col(known[0].name))
    assert (columns.encode(other) != columns.encode(table.frame)).any()
    assert columns.decode(columns.encode(other))[known[0].name].to_list() != table.frame[known[0].name].to_list()
