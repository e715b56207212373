# SPDX-License-Identifier: MIT
"""Arguments against tables in which a cell was written over, encoded again and predicted from the start."""

import warnings
from dataclasses import replace
from datetime import date, datetime

import numpy as np
import polars as pl
import pytest

import culpa
from culpa.blaming.labels.arguments import arguments_for, in_words
from culpa.blaming.labels.usual import typical_place
from culpa.tables.column import Column
from tests.blaming.labels import witness

PLACES = np.array([3, 0, 41, 6])


def middle(values):
    """The lower median of those that are there, or a gap where gaps are more than half."""
    known = sorted(value for value in values if value is not None)
    return None if 2 * len(known) < len(values) else known[(len(known) - 1) // 2]


TYPICAL = {
    name: middle(cells) if name in ("size", "built", "rooms") else max(sorted({*cells}), key=cells.count)
    for name, cells in witness.CELLS.items()
}


def written_over(table, place, name):
    """One row of the table with one cell replaced, encoded."""
    frame = table.raw.frame[[int(place)]].with_columns(pl.lit(TYPICAL[name]).alias(name))
    return table.columns.encode(frame.cast({"built": pl.Datetime("us")}), warn=False)


def lean(network, X, given, proposed):
    """log p(proposed)/p(given) of one row, or a number's prediction in its own unit towards the proposed."""
    said = culpa.predict(network, X)[0]
    if network.loss.is_classification:
        said = [1 - said[0], said[0]] if len(said) == 1 else said
        return float(np.log(said[proposed] / said[given]))
    return float(network.columns.decode_target(said)[0]) * (1 if proposed > given else -1)


def effects(table, network, place, given, proposed):
    """Each column's effect, by predicting twice."""
    now = lean(network, table.X[[place]], given, proposed)
    return {name: now - lean(network, written_over(table, place, name), given, proposed) for name in TYPICAL}


def largest(found, floor=0.1):
    """The three largest that are above a tenth of the largest and above the floor, largest first."""
    most = max(found.values())
    kept = [name for name in found if found[name] > max(floor, 0.1 * most)]
    return sorted(kept, key=lambda name: -found[name])[:3]


@pytest.mark.parametrize(
    "made",
    [witness.classes(), witness.classes(hidden=()), witness.numbers(),
     witness.classes(loss="binary_cross_entropy", outputs=1)],
    ids=["classes", "one layer", "numbers", "one output"],
)  # fmt: skip
def test_the_effects_are_those_of_predicting_a_row_that_was_written_over(made):
    table, network = made
    scores = witness.class_scores(table) if network.loss.is_classification else witness.number_scores(table)
    given, proposed = table.y[PLACES], scores.proposed[PLACES]
    if network.sizes[-1] == 1 and network.loss.is_classification:
        given, proposed = np.array([0, 1, 1, 0]), np.array([1, 0, 0, 1])
    told = arguments_for(network, table.raw, table.X, PLACES, given, proposed)
    for i, place in enumerate(PLACES):
        found = effects(table, network, place, given[i], proposed[i])
        way = 0.05 * abs(proposed[i] - given[i]) * network.columns.target_scale
        assert [one.column for one in told[i]] == largest(found, 0.1 if network.loss.is_classification else way)
        np.testing.assert_allclose([one.effect for one in told[i]], [found[one.column] for one in told[i]], rtol=1e-9)
    assert any(told)


def test_the_largest_of_the_control_are_not_those_of_other_rows():
    table, network = witness.classes()
    scores = witness.class_scores(table)
    told = arguments_for(network, table.raw, table.X, PLACES, table.y[PLACES], scores.proposed[PLACES])
    others = [effects(table, network, place, table.y[place], scores.proposed[place]) for place in PLACES[::-1]]
    assert [[one.column for one in row] for row in told] != [largest(found) for found in others]


def test_the_given_and_the_proposed_label_exchanged_have_no_argument_in_common():
    table, network = witness.classes()
    there, back = (
        arguments_for(network, table.raw, table.X, PLACES, one, other)
        for one, other in ((np.full(4, 0), np.full(4, 1)), (np.full(4, 1), np.full(4, 0)))
    )
    for forth, reverse in zip(there, back, strict=True):
        assert not {one.column for one in forth} & {one.column for one in reverse}


def test_a_network_that_makes_nothing_of_its_columns_has_no_arguments():
    table, network = witness.classes()
    scores = witness.class_scores(table)
    for factor, some in ((1.0, True), (1e-3, False)):
        layers = tuple(replace(layer, W=factor * layer.W) for layer in network.layers[:-1])
        faint = replace(network, layers=(*layers, network.layers[-1]))
        told = arguments_for(faint, table.raw, table.X, PLACES, table.y[PLACES], scores.proposed[PLACES])
        assert any(told) == some


def test_values_are_told_in_the_readers_words():
    table, network = witness.classes()
    scores = witness.class_scores(table)
    every = np.arange(witness.N)
    told = arguments_for(network, table.raw, table.X, every, table.y, scores.proposed)
    found = {(place, one.column): one for place in every.tolist() for one in told[place]}
    for (place, name), one in found.items():
        cell = witness.CELLS[name][place]
        same = {True: "yes", False: "no", None: "missing"}.get(cell, cell) if name in ("pool", "size") else cell
        assert one.value == (f"{same:.15g}" if isinstance(same, float) else str(same))
        assert one.typical == {"pool": "no", "town": "Oslo"}.get(name, one.typical)
    assert {name for _, name in found} == {*witness.CELLS}
    assert {one.value for one in found.values()} >= {"missing", "Lima"}


def test_a_column_of_which_most_is_missing_is_replaced_by_nothing():
    cells = {"x": [None, None, None, 2.0, 5.0], "z": [1.0, 2.0, 3.0, 4.0, 5.0]}
    table = culpa.read_table({**cells, "y": ["a", "b", "a", "b", "a"]}, target="y", dtype="float64")
    assert typical_place(table.columns.inputs[0], table.X[:, :2]) == 0
    assert typical_place(table.columns.inputs[1], table.X[:, 2:]) == 2


def test_what_is_rare_stands_as_other():
    cells = {"town": [*"abcdefgh" * 2, "i", "i", "j", "k", "l", "m"], "z": np.arange(22.0)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        table = culpa.read_table(
            {**cells, "y": ["a", "b"] * 11}, target="y", dtype="float64", kinds={"town": "category"}
        )
    network = witness.network_for(table, (4,), "cross_entropy", 2, 1)
    assert table.columns.inputs[0].other
    every = np.arange(22)
    told = arguments_for(network, table.raw, table.X, every, table.y, 1 - table.y)
    assert {one.typical for row in told for one in row if one.column == "town"} == {"other"}


@pytest.mark.parametrize(
    ("value", "kind", "form", "text"),
    [
        (None, "number", None, "missing"),
        (1234567.0, "number", None, "1234567"),
        (0.1, "number", None, "0.1"),
        (0.1 + 0.2, "number", None, "0.3"),
        (-26.78958, "number", None, "-26.78958"),
        (0.515614254762156, "number", None, "0.515614"),
        (12345678901.0, "number", None, "12345678901"),
        (-1e-9, "number", None, "-1e-09"),
        (True, "yes/no", None, "yes"),
        (datetime(2020, 1, 2), "date", None, "2020-01-02"),
        (datetime(2020, 1, 2, 13, 5), "date", None, "2020-01-02 13:05:00"),
        (date(2020, 1, 2), "date", "%d/%m/%Y", "02/01/2020"),
    ],
)
def test_a_value_reads_as_its_owner_would_write_it(value, kind, form, text):
    assert in_words(value, Column("x", kind, form=form)) == text
