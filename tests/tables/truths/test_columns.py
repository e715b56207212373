# SPDX-License-Identifier: MIT
"""Truths about columns: planted twins, recodings, gaps and constants are found, and columns that differ are not."""

import numpy as np
import pytest

import culpa

RANDOM = np.random.default_rng(0)
TOWNS = RANDOM.choice(["Oslo", "Rome", "Bern"], 80).tolist()
PLAIN = {"x": RANDOM.normal(size=80), "town": TOWNS}


def keys(columns, **reading):
    """The words of all that is said."""
    return {truth.key for truth in culpa.look(columns, **reading).truths}


def test_of_an_ordinary_table_nothing_is_said_but_its_size_and_its_kinds():
    found = culpa.look(PLAIN)
    assert [truth.sentence for truth in found.truths] == [
        "data: 80 rows, 2 columns; no target is named",
        "the columns hold 1 number, 1 category",
    ]
    assert found.serious == ()


def test_the_target_is_named_with_its_classes():
    assert culpa.look(PLAIN, "town")["size"].sentence == (
        "data: 80 rows, 1 column; the target town has 3 classes: Bern, Oslo, Rome"
    )
    assert culpa.look(PLAIN, "x")["size"].sentence == "data: 80 rows, 1 column; the target x holds numbers"


def test_gaps_are_counted_the_worst_column_first():
    x, town = PLAIN["x"].copy(), list(TOWNS)
    x[[3, 5]] = np.nan
    town[5:15] = [None] * 10
    found = culpa.look({"x": x, "town": town, "whole": PLAIN["x"]})["missing"]
    assert found.columns == ("town", "x")
    assert found.rows.tolist() == [3, *range(5, 15)]
    assert found.sentence == "11 of 80 rows lack values, in 2 columns: town in 10 (12 %), x in 2 (2.5 %)"
    assert "missing" not in keys(PLAIN)


@pytest.mark.parametrize(
    ("column", "why"), [(["m"] * 80, "1 column holds one value"), ([None] * 80, "no value at all")]
)
def test_a_column_with_one_value_or_none_is_told_of(column, why):
    found = culpa.look({**PLAIN, "unit": column})["constant"]
    assert found.columns == ("unit",)
    assert why in found.sentence
    almost = [*column[:-1], "other"] if column[0] else ["a", "b", *column[2:]]
    assert "constant" not in keys({**PLAIN, "unit": almost})


def test_a_number_that_never_changes_is_told_of_where_the_reader_said_that_it_is_one():
    assert culpa.look({**PLAIN, "unit": [3.0] * 80}, kinds={"unit": "number"})["constant"].columns == ("unit",)


def test_columns_that_name_rows_and_texts_are_told_of_with_the_reason():
    prose = [f"the house number {k} stands by the sea" for k in range(80)]
    found = culpa.look({**PLAIN, "nr": np.arange(80), "note": prose})
    assert found["ids"].sentence == "nr names the rows and is set aside: it counts the rows, from 0 to 79"
    assert found["texts"].columns == ("note",)


def test_a_column_that_repeats_another_is_found_and_one_that_differs_once_is_not():
    almost, turned = PLAIN["x"].copy(), PLAIN["x"][::-1].copy()
    almost[40] += 1e-9
    found = culpa.look({**PLAIN, "again": PLAIN["x"], "almost": almost, "turned": turned})["twins"]
    assert found.columns == ("x", "again")
    assert found.sentence == "1 column repeats another one: again = x"
    assert "twins" not in keys({**PLAIN, "almost": almost, "turned": turned})


def test_gaps_at_other_places_make_columns_differ():
    one, other = PLAIN["x"].copy(), PLAIN["x"].copy()
    one[3], other[4] = np.nan, np.nan
    assert culpa.look({"one": one, "same": one.copy(), "town": TOWNS})["twins"].columns == ("one", "same")
    assert "twins" not in keys({"one": one, "other": other, "town": TOWNS})


def test_the_same_in_other_words_is_found_and_one_wrong_word_is_not():
    code = [{"Oslo": 7, "Rome": 1, "Bern": 3}[town] for town in TOWNS]
    found = culpa.look({**PLAIN, "code": code})["recodings"]
    assert found.sentence == "1 column says in other words what others say: code = town"
    code[50] = 1 if code[50] != 1 else 3
    assert "recodings" not in keys({**PLAIN, "code": code})
    assert "recodings" not in keys({"x": PLAIN["x"], "square": PLAIN["x"] ** 3})


def test_levels_that_share_an_input_are_those_that_the_encoding_lumps():
    streets = [f"s{k}" for k in range(60)] * 8 + ["s0"] * 300 + [f"rare{k}" for k in range(20)]
    columns = {"street": streets, "y": np.arange(800.0)}
    inputs = culpa.read_table(columns, "y").columns.inputs[0]
    lumped = [street for street in streets if street not in inputs.levels]
    found = culpa.look(columns, "y")["levels"]
    assert len(lumped) > 20
    assert found.sentence == (
        f"{len(set(lumped))} of the 80 levels of street share one input, {100 * len(lumped) / 800:.0f} % of its values"
    )
    assert "levels" not in keys(PLAIN)
