# SPDX-License-Identifier: MIT
"""An equation is printed in numbers only where it holds with the digits that are shown."""

import numpy as np
import pytest

import culpa
from culpa.explaining.explaining import BARE
from culpa.explaining.holding import holds
from culpa.reporting.mathematics.expressions import Equation, Letter, Matrix, Number, Product, Shaped, operator

log, unknown = operator("log"), operator("logistic")


def column(*values):
    """A column of numbers."""
    places = tuple(map(Number, range(1, len(values) + 1)))
    return Matrix(tuple((Number(value),) for value in values), places, (Number(1),), (places[-1], Number(1)))


@pytest.mark.parametrize(
    ("terms", "digits", "expected"),
    [
        ((Number(0.35667), -log(Number(0.7))), 4, True),
        ((Number(0.0003377), -log(Number(0.9996623))), 4, False),
        ((Number(0.0003377), -log(Number(0.9996623))), 8, True),
        ((Number(-3e-44), Number(1.0) - Number(1.0)), 4, False),
        ((Number(1000.0), -log(Number(0.0))), 4, False),
        ((Number(0.5), Number(0.0) * log(Number(0.0)) + Number(0.5)), 4, True),
        ((Number(0.12), Number(0.3) * Number(0.4)), 4, True),
        ((Number(0.12), Number(0.3) * Number(0.5)), 4, False),
        ((column(0.5, 0.25), unknown(column(0.1, 0.2))), 4, True),
        ((column(0.5, 0.25), Shaped(column(1.5, 1.25), (Number(2), Number(1))) - column(1.0, 1.0)), 4, True),
        ((column(0.5, 0.25), column(1.5, 1.3) - column(1.0, 1.0)), 4, False),
        ((column(2.0, 6.0), Product((column(1.0, 2.0), column(2.0, 3.0)), "⊙")), 4, True),
        ((column(2.0, 6.0), Letter("x") + column(1.0, 2.0)), 4, True),
    ],
)  # fmt: skip
def test_it_holds_as_it_is_printed_or_not(terms, digits, expected):
    assert holds(Equation(terms), digits) is expected


def confident(logit):
    """A network of two classes that is so sure of its one example."""
    return culpa.Network.from_arrays([[[logit], [0.0]]], [[0.0, 0.0]], loss="cross_entropy"), [[1.0]], [0]


def test_a_confident_example_gives_values_alone_and_says_why():
    made = culpa.explain(*confident(12.0), part=["forward", "output"])
    loss = next(step for step in made.part("forward").steps if step.key == "forward-loss").lines[-1]
    assert loss.numbers is None
    assert loss.symbols.terms[-1].value == pytest.approx(np.log1p(np.exp(-12)), rel=1e-14)
    assert BARE in made.notes


def test_an_unsure_example_has_its_numbers_and_no_such_note():
    made = culpa.explain(*confident(1.0), part=["forward", "output"])
    assert made.part("forward").steps[-1].lines[-1].numbers is not None
    assert BARE not in made.notes


def test_a_vector_that_stands_alone_is_told_of_too():
    made = culpa.explain(*confident(12.0), part="output")
    assert isinstance(made.part("output").steps[-1].lines[-1].symbols.terms[-1], Matrix)
    assert BARE in made.notes
