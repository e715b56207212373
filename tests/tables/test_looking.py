# SPDX-License-Identifier: MIT
"""`culpa.look`: what it takes, what it leaves unsaid, the rows it shows; no generated frame makes it fail unkindly."""

from datetime import datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import culpa
from culpa.blaming.investigating import investigate_table
from culpa.tables.looking import held_places

TABLE = {
    "size": [50.0, 71.0, 50.0, None, 80.0, 66.0],
    "town": ["Oslo", "Rome", "Oslo", "Rome", "Oslo", "Rome"],
    "price": [3.5, 2.0, 4.5, 2.5, 1.5, 0.5],
}
LEAKING = {"code": [0, 1] * 30, "x": np.random.default_rng(0).normal(size=60), "paid": ["no", "yes"] * 30}


@pytest.mark.parametrize("name", ["digits", "breast_cancer", "wine", "iris", "diabetes"])
def test_of_bundled_data_nothing_serious_is_found_and_the_target_is_known(name):
    found = culpa.look(name)
    assert found.serious == ()
    assert found.table.y is not None


def test_iris_has_one_flower_twice():
    from sklearn.datasets import load_iris

    X = [tuple(row) for row in load_iris().data]
    twice = [row for row, flower in enumerate(X) if X.count(flower) > 1]
    assert culpa.look("iris")["duplicates"].rows.tolist() == twice == [101, 142]


def test_the_rows_held_out_are_those_of_blame():
    for name in ("iris", "diabetes"):
        raw = culpa.tables.reading.read_raw(name)
        held = investigate_table(raw, said={"epochs": 0, "hidden": (1,)}, score="none", seed=3).held_rows
        np.testing.assert_array_equal(held_places(raw, 3), held)
        assert held.tolist() != held_places(raw, 4).tolist(), "negative control"


def test_groups_stay_whole_in_the_split_that_is_looked_at():
    columns = {**LEAKING, "home": [f"h{k // 5}" for k in range(60)]}
    raw = culpa.look(columns, "paid", group="home").table
    held = held_places(raw)
    assert {columns["home"][k] for k in held}.isdisjoint({columns["home"][k] for k in {*range(60)} - {*held}})


@pytest.mark.parametrize("y", [["a"] * 6, [1.0] * 6])
def test_a_table_that_cannot_be_split_is_looked_at_all_the_same(y):
    assert held_places(culpa.look({"x": range(6), "y": y}, "y").table) is None
    assert held_places(culpa.look({"x": range(6)}).table) is None


def test_serious_truths_come_first():
    found = culpa.look(LEAKING, "paid")
    assert [truth.serious for truth in found.truths][:2] == [True, False]
    assert found.serious == found.truths[:1]
    assert str(found).startswith("! code alone gives paid away")
    assert repr(found).startswith("Look('data', ")


def test_a_file_a_frame_a_table_and_arrow_are_told_the_same_of(tmp_path):
    frame = pl.DataFrame(LEAKING)
    frame.write_csv(tmp_path / "data")
    tables = [frame, frame.to_pandas(), frame.to_arrow(), culpa.read_table(frame, "paid")]
    told = [str(culpa.look(table, *(["paid"] if k < 3 else []))) for k, table in enumerate(tables)]
    assert len({*told, str(culpa.look(str(tmp_path / "data"), "paid"))}) == 1


def test_without_a_target_nothing_is_said_of_it():
    assert {truth.key for truth in culpa.look(LEAKING).truths} == {"size", "kinds", "twins"}


def test_the_evidence_begins_with_the_row_the_id_and_the_target_and_holds_every_column():
    columns = {**TABLE, "nr": [f"r{k}" for k in range(6)], "w": [1.0, 2, 3, 4, 5, 6], "day": [datetime(2020, 1, 5)] * 6}
    found = culpa.look(columns, "price", id="nr", sample_weight="w").evidence("contradictions")
    assert list(found.columns) == ["row", "id", "price", "size", "town", "day", "weight"]
    assert found.to_dict() == {
        "row": [0, 2], "id": ["r0", "r2"], "price": [3.5, 4.5], "size": [50.0, 50.0], "town": ["Oslo", "Oslo"],
        "day": ["2020-01-05"] * 2, "weight": [1.0, 3.0],
    }  # fmt: skip


def test_where_no_row_shows_a_truth_the_first_ones_are_shown_its_columns_in_front():
    found = culpa.look(LEAKING, "paid").evidence("leaks")
    assert list(found.columns) == ["row", "paid", "code", "x"]
    assert found["row"].tolist() == list(range(10))


def test_a_column_called_row_keeps_its_entries_beside_the_rows():
    found = culpa.look({**TABLE, "row": [5.5, 4, 3, 2, 1, 0]}, "price").evidence("size")
    assert found["row"].tolist() == [0, 1, 2, 3, 4, 5]
    assert found["row_"].tolist() == [5.5, 4, 3, 2, 1, 0]


def test_a_word_that_nothing_is_said_of_is_refused_with_those_that_there_are():
    with pytest.raises(culpa.OptionError, match="'gaps'; it has contradictions, size, kinds, missing"):
        culpa.look(TABLE, "price").evidence("gaps")


def test_what_cannot_be_taken_is_refused():
    with pytest.raises(culpa.OptionError, match=r"has its own `target`"):
        culpa.look(culpa.read_table(TABLE, "price"), "price")
    with pytest.raises(culpa.OptionError, match="seperator"):
        culpa.look(TABLE, "price", seperator=";")
    with pytest.raises(culpa.OptionError, match="did you mean 'price'"):
        culpa.look(TABLE, "prise")
    with pytest.raises(culpa.FileError, match="neither a file nor bundled"):
        culpa.look("nowhere.csv")


def test_nothing_that_is_given_is_changed():
    frame = pl.DataFrame(TABLE)
    before = frame.clone()
    culpa.look(frame, "price").evidence("missing")
    assert frame.equals(before)


WORDS = st.sampled_from(
    ["", " ", "a", "b", "<b>", "two\nlines", "=1", "1", "2.5", "yes", "no", "2020-01-05", "é", "\0"]
)
NUMBERS = st.floats(allow_infinity=False) | st.sampled_from([0.0, -0.0, 1.0, 1e300, -999.0, 5e-324])
ENTRIES = [
    WORDS, NUMBERS, st.none(), st.none() | WORDS, st.none() | NUMBERS, st.booleans(), st.integers(-5, 5),
    st.integers(-(2**63), 2**63 - 1), st.just(7), st.none() | st.datetimes(datetime(1700, 1, 1), datetime(2200, 1, 1)),
]  # fmt: skip


@st.composite
def frames(draw):
    """Frames of a few columns of all kinds, and a target among them or none."""
    rows = draw(st.integers(1, 30))
    names = draw(st.lists(st.text(max_size=4) | st.just("id"), min_size=1, max_size=4, unique=True))
    columns = {name: draw(st.lists(draw(st.sampled_from(ENTRIES)), min_size=rows, max_size=rows)) for name in names}
    return columns, draw(st.sampled_from([None, *names]))


@settings(max_examples=50)
@given(frames())
def test_generated_frames_are_told_of_or_refused_with_a_word(made):
    columns, target = made
    try:
        found = culpa.look(columns, target)
    except culpa.CulpaError:
        return
    numbers = set(found.table.rows.tolist())
    for truth in found.truths:
        assert numbers.issuperset(truth.rows.tolist())
        assert len(set(truth.rows.tolist())) == len(truth.rows)
        assert set(truth.columns) <= {*found.table.frame.columns, found.table.target}
        assert len(found.evidence(truth.key)) == (len(truth.rows) or min(10, len(found.table)))
    assert found.columns["column"].tolist() == found.table.frame.columns
