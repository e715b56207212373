# SPDX-License-Identifier: MIT
"""Neighbours against all rows' gradients written out in full, and a loop over all pairs."""

from dataclasses import replace

import numpy as np
import pytest

import culpa
from culpa.blaming.labels.neighbours import neighbours_for
from tests.blaming.labels import witness

PLACES = np.array([3, 0, 41])


def written_out(g):
    """Every example's gradient in one row."""
    n = len(g.w)
    return np.hstack([np.hstack([k.per_example().reshape(n, -1), k.delta]) for k in g.layers])


def cosine(a, b):
    """Of two vectors, the plain way."""
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def gradients(network, X, y):
    """What is compared: the losses' gradients, or those of the answers."""
    if network.loss.is_classification:
        return written_out(culpa.gradient(network, X, y))
    return written_out(culpa.pull_back(network, X, np.ones((len(X), 1))))


def nearest(table, network, place, wanted, left_out, reach=0.0):
    """The three rows with such a target and the most similar gradient, by a loop."""
    own = gradients(network, table.X[[place]], np.array([wanted]))[0]
    rows = [j for j in range(witness.N) if j not in left_out and abs(table.y[j] - wanted) <= reach]
    others = gradients(network, table.X, table.y)
    found = sorted(((cosine(own, others[j]), j) for j in rows), reverse=True)
    return [j for _, j in found[:3]], [value for value, _ in found[:3]]


def agree(told, found):
    """Whether the rows are the same, and the cosines to twelve digits."""
    rows, cosines = found
    return [one.row for one in told] == rows and np.allclose([one.similarity for one in told], cosines, 0, 1e-12)


@pytest.mark.parametrize("batch_size", [8192, 7])
def test_the_neighbours_of_both_labels_are_those_of_a_loop_over_written_out_gradients(batch_size):
    table, network = witness.classes()
    proposed, doubted = (table.y[PLACES] + 1) % 3, np.array([3, 0, 41, 12, 13])
    told = neighbours_for(network, table.raw, table.X, table.y, PLACES, proposed, doubted=doubted,
                          batch_size=batch_size)  # fmt: skip
    for one, place, label in zip(told, PLACES, proposed, strict=True):
        assert agree(one.proposed, nearest(table, network, place, label, doubted))
        assert agree(one.given, nearest(table, network, place, table.y[place], doubted))
        assert not agree(one.proposed, nearest(table, network, place, table.y[place], doubted))
        assert {n.label for n in one.proposed} == {table.columns.classes[label]}


def test_the_neighbours_of_numbers_are_close_in_their_target_and_in_the_answers_gradient():
    table, network = witness.numbers()
    proposed, spread = table.y[PLACES] - np.array([1.5, -0.6, 2.0]), np.array([0.3, 0.3, np.nan])
    told = neighbours_for(network, table.raw, table.X, table.y, PLACES, proposed, doubted=PLACES, spread=spread)
    for one, place, value, reach in zip(told, PLACES, proposed, (0.3, 0.2, 2 / 3), strict=True):
        assert agree(one.proposed, nearest(table, network, place, value, PLACES, reach + 1e-12))
        assert agree(one.given, nearest(table, network, place, table.y[place], PLACES, reach + 1e-12))
        for other in (*one.proposed, *one.given):
            assert other.label == witness.DRAW_NUMBERS[other.row]


def test_a_suspect_and_the_other_suspects_are_never_neighbours():
    table, network = witness.classes()
    every = [one for like in neighbours_for(network, table.raw, table.X, table.y, PLACES, table.y[PLACES],
             doubted=np.arange(30)) for one in (*like.proposed, *like.given)]  # fmt: skip
    assert min(one.row for one in every) >= 30
    assert 41 not in {one.row for one in every}


def test_rows_are_told_by_their_numbers_and_names_in_the_readers_file():
    table, network = witness.classes()
    named = replace(table.raw, rows=np.arange(witness.N) + 100, ids=np.array([f"r{i}" for i in range(witness.N)]))
    told = neighbours_for(network, named, table.X, table.y, PLACES, table.y[PLACES], doubted=PLACES)
    assert all(one.id == f"r{one.row - 100}" for like in told for one in like.given)
    plain = neighbours_for(network, table.raw, table.X, table.y, PLACES, table.y[PLACES], doubted=PLACES)
    assert [[one.row - 100 for one in like.given] for like in told] == [
        [one.row for one in like.given] for like in plain
    ]


def test_a_label_that_no_other_row_has_has_no_neighbours_and_a_network_without_gradient_finds_no_likeness():
    table, network = witness.classes()
    told = neighbours_for(network, table.raw, table.X, table.y, PLACES, np.array([2, 2, 2]),
                          doubted=np.flatnonzero(table.y == 2))  # fmt: skip
    assert [like.proposed for like in told] == [(), (), ()]
    sure = culpa.Network.from_arrays([np.zeros((2, 3))], [[0.0, 2000.0]], loss="cross_entropy", columns=table.columns)
    X, y = np.ones((4, 3)), np.array([1, 1, 1, 0])
    like = neighbours_for(sure, table.raw, X, y, np.array([0]), np.array([0]), doubted=np.array([0]))
    assert [one.similarity for one in like[0].given] == [0.0, 0.0]
    assert [one.similarity for one in like[0].proposed] == pytest.approx([1.0], abs=1e-12)
