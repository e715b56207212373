# SPDX-License-Identifier: MIT
"""One thing asked of small networks: the networks, the places, what is answered, and the oracle that judges it."""

from functools import cache
from itertools import pairwise

import numpy as np

from culpa import Network
from culpa.engine.losses import LOSSES
from culpa.explaining.notations import NOTATIONS
from culpa.explaining.symbols import Symbols
from culpa.explaining.tracing.asking import Asked
from culpa.explaining.tracing.tracing import trace
from culpa.explaining.worth import worth_of
from culpa.explaining.writing import Writer
from tests.explaining.evaluating import evaluate
from tests.explaining.world import World


def drawn(sizes, hidden, loss="cross_entropy", bias=True, n=9, l2=0.01):
    """A network with biases, and a batch."""
    random = np.random.default_rng(7)
    network = Network.from_arrays(
        [random.normal(size=(above, below)) / np.sqrt(below) for below, above in pairwise(sizes)],
        [random.normal(size=above) / 2 for above in sizes[1:]] if bias else None,
        hidden=hidden,
        loss=loss,
        l2=l2,
    )
    kind, shape = LOSSES[loss].targets, (n, sizes[-1])
    y = {"classes": random.integers(0, sizes[-1], n), "labels": random.integers(0, 2, shape).astype(float),
         "numbers": 2 * random.normal(size=shape), "counts": random.poisson(2, shape)}[kind]  # fmt: skip
    return network, random.normal(size=(n, sizes[0])), y


SMALL = drawn([3, 4, 5, 2], ["tanh", "softplus"])
WIDE = drawn([9, 8, 10, 7], ["relu", "gelu"], n=20)
DEEP = drawn([2, 3, 3, 3, 3, 3, 2], "tanh")
ONE = drawn([4, 3], [], bias=False)
NETWORKS = {"small": SMALL, "wide": WIDE, "deep": DEEP, "one layer": ONE}
PLACES = {
    "small": [("weight", (2, 1, 3)), ("weight", (1, 4, 2)), ("weight", (3, 2, 5)), ("bias", (1, 3)), ("bias", (3, 1)),
              ("unit", (1, 2)), ("unit", (2, 5)), ("input", (3,))],
    "wide": [("weight", (2, 9, 3)), ("weight", (1, 4, 9)), ("bias", (2, 7)), ("bias", (3, 1)), ("unit", (1, 5)),
             ("unit", (2, 10)), ("input", (8,))],
    "deep": [("weight", (1, 2, 1)), ("weight", (4, 2, 3)), ("bias", (1, 3)), ("unit", (1, 1)), ("input", (1,))],
    "one layer": [("weight", (1, 3, 4)), ("input", (2,))],
}  # fmt: skip


def traced(batch, kind, place, *, notation="note", show="both", example=2, mine=None, names=((), ())):
    """The part that answers."""
    worth = worth_of(*batch, example=example)
    w = Writer(Symbols(NOTATIONS[notation], worth.depth), worth, show, names=names)
    (part,) = trace(w, Asked(kind, place, mine))
    return part


def world_of(batch, example=2):
    """The oracle, which remembers what it was asked."""
    world = World(*batch, example=example)
    world.slopes = cache(world.slopes)
    return world


WORLDS = {name: world_of(batch) for name, batch in NETWORKS.items()}


def assert_line(line, world, tolerance=1e-9):
    """All terms of a line, in letters and in numbers, are the same number; at how many pairs that was seen."""
    terms = [term for equation in (line.symbols, line.numbers) if equation is not None for term in equation.terms]
    values = [float(evaluate(term, world.environment())) for term in terms]
    size = max(map(abs, values))
    for value in values[1:]:
        if not abs(value - values[0]) <= tolerance * size:
            raise AssertionError(f"{values} are said to be equal")
    return len(values) - 1


def step_of(part, key):
    (found,) = [step for step in part.steps if step.key == key]
    return found


def said(step):
    """The words of a step, formulas left out."""
    return "".join(word for word in step.words if isinstance(word, str))
