# SPDX-License-Identifier: MIT
"""A small mixed table with an untrained network of its own, for tests of what is said of single rows."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np

import culpa
from culpa import Network
from culpa.blaming.labels.scores import Scores, best_others

N = 70
DRAW = np.random.default_rng(11)
NUMBERS = DRAW.normal(size=(2, N)).round(2)
CELLS = {
    "size": [None if i % 9 == 0 else float(50 + 20 * NUMBERS[0, i]) for i in range(N)],
    "town": DRAW.choice(["Oslo", "Rome", "Bonn"], N, p=[0.6, 0.3, 0.1]).tolist(),
    "pool": (DRAW.random(N) < 0.3).tolist(),
    "built": [date(1990, 1, 1) + timedelta(int(day)) for day in DRAW.integers(0, 4000, N)],
    "rooms": (3 + NUMBERS[1]).tolist(),
}
CELLS["town"][5], CELLS["town"][6] = "Lima", "Pisa"  # levels too rare to have an input of their own


def classes(hidden=(7, 5), loss="cross_entropy", outputs=3, seed=4):
    """The table with three classes, and a network that knows its columns."""
    table = culpa.read_table({**CELLS, "kind": DRAW_CLASSES}, target="kind", dtype="float64")
    return table, network_for(table, hidden, loss, outputs, seed)


def numbers(hidden=(7, 5), seed=4):
    """The table with a target of numbers in the hundreds, and a network that knows its columns."""
    table = culpa.read_table({**CELLS, "price": DRAW_NUMBERS}, target="price", dtype="float64")
    return table, network_for(table, hidden, "squared_error", 1, seed)


def network_for(table, hidden, loss, outputs, seed):
    """An untrained network of these widths."""
    made = Network.fresh([table.X.shape[1], *hidden, outputs], hidden="tanh", loss=loss, seed=seed, dtype="float64")
    return replace(made, columns=table.columns)


def class_scores(table, seed=0):
    """Scores of probabilities drawn at random."""
    said = np.random.default_rng(seed).dirichlet(np.ones(3), len(table.X))
    given = said[np.arange(len(said)), table.y]
    return Scores(1 - given, best_others(said, table.y), "record", "a test", probabilities=said)


def number_scores(table, seed=0):
    """Scores of values drawn at random."""
    said = np.random.default_rng(seed).normal(size=len(table.X))
    residual = table.y - said
    z = np.abs(residual)
    return Scores(z / (1 + z), said, "record", "a test", residual=residual, spread=np.full(len(said), 0.3))


DRAW_CLASSES = DRAW.choice(["a", "b", "c"], N).tolist()
DRAW_NUMBERS = (300 + 80 * DRAW.normal(size=N)).round(1).tolist()
