# SPDX-License-Identifier: MIT
"""The whole numbers as a table: each is the engine's or an oracle's, none is missing, and none is lost in a CSV."""

import csv
import io
from itertools import pairwise

import numpy as np
import pytest

import culpa
from culpa.explaining.full import full_numbers
from culpa.explaining.small import small_example
from culpa.explaining.worth import worth_of
from tests.explaining.world import World

SMALL = small_example([3, 4, 5, 2], examples=4, seed=1)
ROLES = {
    "delta": "δ",
    "dloss/dh": "dh",
    "dloss/dW": "dW",
    "dloss/db": "db",
    "mean dloss/dW": "∇W",
    "mean dloss/db": "∇b",
}


def rows_of(small, example=0):
    """The table as {(quantity, layer, unit, from): value}."""
    table = full_numbers(worth_of(*small, example=example)).to_dict()
    places = list(zip(table["quantity"], table["layer"], table["unit"], table["from"], strict=True))
    assert len(set(places)) == len(places), "each number once"
    return dict(zip(places, table["value"], strict=True))


def oracle(world, quantity, layer):
    """A quantity by complex steps and the tests' own forward pass."""
    if quantity == "loss":
        return np.array([world.run(world.example)["ℓ", None].real])
    if quantity == "y":
        return world.t[world.example]
    return np.asarray(world.value(ROLES.get(quantity, quantity), layer, world.example))


def test_every_number_is_the_oracles():
    world, seen = World(*SMALL, example=2), set()
    for (quantity, layer, unit, source), value in rows_of(SMALL, example=2).items():
        whole = oracle(world, quantity, layer)
        right = whole[unit - 1, source - 1] if source else whole[unit - 1]
        assert value == pytest.approx(float(right), rel=1e-10, abs=1e-15), (quantity, layer, unit, source)
        seen.add(quantity)
    assert seen == {"h", "W", "b", "a", "y", "loss", *ROLES}


def test_another_example_and_a_wrong_number_would_be_noticed():
    world, rows = World(*SMALL, example=1), rows_of(SMALL, example=2)
    off = [
        key
        for key, value in rows.items()
        if key[0] == "delta" and value != pytest.approx(oracle(world, *key[:2])[key[2] - 1])
    ]
    assert len(off) == 4 + 5 + 2
    same = [key for key in rows if key[0].startswith("mean")]
    assert {key: rows[key] for key in same} == {key: rows_of(SMALL, example=1)[key] for key in same}


def test_there_are_as_many_numbers_as_the_network_has_places():
    for sizes in ([3, 4, 5, 2], [2, 1], [1, 1, 1], [30, 20, 10]):
        rows = rows_of(small_example(sizes, seed=2))
        pairs = list(pairwise(sizes))
        weights, units = sum(a * b for a, b in pairs), sum(sizes[1:])
        counted = {name: sum(key[0] == name for key in rows) for name in {key[0] for key in rows}}
        assert counted == {
            **dict.fromkeys(("W", "dloss/dW", "mean dloss/dW"), weights),
            **dict.fromkeys(("a", "b", "delta", "dloss/db", "mean dloss/db"), units),
            "h": sum(sizes),
            "y": sizes[-1],
            "loss": 1,
            "dloss/dh": sum(sizes[:-1]),
        }


def test_it_is_read_back_from_csv_to_the_last_bit():
    frame = full_numbers(worth_of(*SMALL))
    text = frame.to_polars().write_csv()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == ["quantity", "layer", "unit", "from", "value"]
    assert [float(row["value"]) for row in rows] == frame.to_dict()["value"]
    assert [int(row["unit"]) for row in rows] == frame.to_dict()["unit"]


def test_a_layer_without_biases_has_none_in_the_table():
    weights = [layer.W for layer in SMALL.network.layers]
    network = culpa.Network.from_arrays(
        weights, [None, *(layer.b for layer in SMALL.network.layers[1:])], hidden="tanh"
    )
    rows = rows_of((network, SMALL.X, SMALL.y))
    of_biases = {key[:2] for key in rows if key[0] in ("b", "dloss/db", "mean dloss/db")}
    assert of_biases == {(name, k) for name in ("b", "dloss/db", "mean dloss/db") for k in (2, 3)}


def test_the_numbers_that_an_explanation_leaves_out_stand_in_it():
    wide = small_example([9, 8, 3], seed=1)
    made = culpa.explain(*wide)
    assert made.notes
    rows = rows_of(wide)
    block = culpa.gradient(*wide).layers[0].per_example(rows=[0])[0]
    assert rows["dloss/dW", 1, 5, 6] == block[4, 5]
