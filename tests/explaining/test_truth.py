# SPDX-License-Identifier: MIT
"""Every equation of every derivation is true: both sides are evaluated from the tree, by complex steps and loops."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

import culpa
from culpa.explaining.explaining import BARE
from culpa.explaining.notations import NOTATIONS
from culpa.explaining.small import small_example
from culpa.explaining.symbols import Quantity
from culpa.reporting.mathematics.expressions import Dots, Equation, Letter, Negative, Number, mapped, walk
from tests.explaining.evaluating import assert_true, compared, settled
from tests.explaining.world import World

INDICES = {"k", "l", "i", "j", "m", "n", "d", "x", "c"}
RNG = np.random.default_rng(5)


def network_of(sizes, hidden, loss, **options):
    """A random network with data that its loss takes."""
    net = culpa.Network.fresh(sizes, hidden=hidden, loss=loss, seed=3, dtype="float64", **options)
    n, d = 4, sizes[-1]
    counts = np.arange(n * d).reshape(n, d)
    y = {
        "classes": np.arange(n) % d,
        "labels": counts % 2.0,
        "numbers": RNG.normal(size=(n, d)),
        "counts": counts % 3.0,
    }
    y = y[net.loss.targets]
    return net, RNG.normal(size=(n, sizes[0])), y


CASES = {
    "3-4-3-2 logistic": network_of([3, 4, 3, 2], "logistic", "cross_entropy"),
    "2-3-4 tanh with a penalty": network_of([2, 3, 4], "tanh", "softmax_squared_error", l2=0.1),
    "3-5-1 silu": network_of([3, 5, 1], "silu", "binary_cross_entropy"),
    "4-2 without hidden layers": network_of([4, 2], "relu", "logistic_squared_error"),
    "2-8-7-3 gelu, elided": network_of([2, 8, 7, 3], "gelu", "huber"),
    "3-3-2 relu without biases": network_of([3, 3, 2], "relu", "squared_error", bias=False),
    "3-2-4 elu and softplus": network_of([3, 2, 3, 4], ["elu", "softplus"], "poisson"),
}


def equations(made):
    """Every equation of an explanation, with the step that it stands in; those in sentences and tables too."""
    for part in made.parts:
        for step in part.steps:
            for line in step.lines:
                yield from ((step.key, side) for side in (line.symbols, line.numbers) if side is not None)
            yield from ((step.key, word) for word in step.words if isinstance(word, Equation))


def free(equation):
    """The letters of an equation that stand for an index, or for any argument of an activation."""
    letters = {part.glyph for part in walk(equation) if isinstance(part, Letter) and part.means is None}
    letters |= {part.glyph for part in walk(meanings(equation)) if isinstance(part, Letter) and part.means is None}
    if not any(getattr(part, "means", None) for part in walk(equation)):
        return set(), letters - {"e", "π"}  # what a function's name means, at any argument
    return letters & INDICES, set()


def meanings(equation):
    """All that the letters of an equation mean, as expressions."""
    found = []
    for part in walk(equation):
        for entry in getattr(part, "means", None) or ():
            found += list(entry) if isinstance(entry, tuple) else [entry]
    return tuple(found)


def places_where_true(equation, world):
    """At how many places an equation was seen to be true, over all values of its free indices."""
    indices, arguments = free(equation)
    highest = max(*world.network.sizes, world.depth, len(world.X))
    seen = 0
    for numbers in product(range(1, highest + 1), repeat=len(indices)):
        environment = world.environment(**dict(zip(sorted(indices), numbers, strict=True)))
        environment = replace(environment, letters=dict.fromkeys(arguments, 0.37))
        try:
            seen += assert_true(equation, environment, 1e-11)
        except (IndexError, KeyError):
            continue  # there is no such layer, unit or example
    return seen


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("name", CASES)
def test_every_equation_is_true(name, notation):
    given = CASES[name]
    world = World(*given, example=1)
    for show in ("both", "numbers"):
        made = culpa.explain(*given, example=1, notation=notation, show=show)
        # Where numbers do not hold they are left out: on such plain networks that would hide an error.
        assert BARE not in made.notes
        for key, equation in equations(made):
            assert places_where_true(equation, world) > 0 or is_elided(equation), (key, equation)
            assert_numbers(equation, world)


def is_elided(equation):
    """Whether dots stand in it, so that its product cannot be taken again; its numbers are still held one by one."""
    return any(isinstance(part, Dots) for part in walk(equation))


def assert_numbers(equation, world):
    """Each number that says what it is has that value."""
    for part in walk(equation):
        if isinstance(part, Number) and isinstance(part.means, Quantity):
            compared(part.value, np.squeeze(world.quantity(settled(part.means, world.environment()))), 1e-11)


@pytest.mark.parametrize("notation", NOTATIONS)
def test_every_equation_of_the_general_network_is_true(notation):
    world = World(*CASES["3-4-3-2 logistic"], example=1)
    for key, equation in equations(culpa.explain(notation=notation)):
        if key != "batch-penalty":  # this network has none
            assert places_where_true(equation, world) > 0, (key, equation)


@pytest.mark.parametrize("asked", [{"weight": (2, 1, 3)}, {"bias": (1, 2)}, {"unit": (1, 2)}, {"input": 2}], ids=str)
@pytest.mark.parametrize("notation", NOTATIONS)
def test_every_equation_about_one_thing_is_true(asked, notation):
    for name in ("3-4-3-2 logistic", "2-8-7-3 gelu, elided", "3-3-2 relu without biases"):
        given = CASES[name]
        if name.endswith("biases") and "bias" in asked:
            continue
        world = World(*given, example=1)
        for key, equation in equations(culpa.explain(*given, example=1, notation=notation, **asked)):
            assert places_where_true(equation, world) > 0 or is_elided(equation), (name, key, equation)
            assert_numbers(equation, world)


def test_a_wrong_sign_a_wrong_index_and_a_wrong_number_are_refused():
    given = CASES["3-4-3-2 logistic"]
    world = World(*given, example=1)
    for _, equation in equations(culpa.explain(*given, example=1, part="weights", layer=2)):
        wrong = Equation((*equation.terms[:-1], Negative(equation.terms[-1])))
        with pytest.raises(AssertionError):
            places_where_true(wrong, world)
    made = culpa.explain(*given, example=1, part="weights")
    chain = next(equation for _, equation in equations(made))
    turned = Equation((chain.terms[0], swapped(chain.terms[1])))
    with pytest.raises(AssertionError):
        assert places_where_true(turned, world) > 0


def swapped(expression):
    """The same product with j in the place of i in what its letters mean."""

    def put(part):
        if isinstance(part, Letter) and part.means is not None and len(part.means.entry) == 1:
            return replace(part, means=part.means._replace(entry=(Letter("j"),)))
        return None

    return mapped(expression, put)


def test_examples_are_told_apart():
    given = small_example([2, 2], seed=3)
    first, second = (culpa.explain(*given, example=m, part="forward", show="numbers") for m in (0, 1))
    assert [line for step in first.parts[0].steps for line in step.lines] != [
        line for step in second.parts[0].steps for line in step.lines
    ]
    sums = next(equation for key, equation in equations(first) if key == "forward-1")
    assert places_where_true(sums, World(*given, example=0)) > 0
    with pytest.raises(AssertionError):
        assert_numbers(sums, World(*given, example=1))
