# SPDX-License-Identifier: MIT
"""At saturation an output rounds to 0 or 1, and what is made of it would no longer be true; then it is not printed."""

from itertools import pairwise

import numpy as np
import pytest

import culpa
from culpa.reporting.mathematics.expressions import Apply, Letter, Number, walk
from tests.explaining.evaluating import Environment, compared, evaluate

NETWORKS = {
    "a sure class": ([[[50.0], [-50.0]]], "cross_entropy", [0]),
    "a sure class that is wrong": ([[[500.0], [-500.0]]], "cross_entropy", [1]),
    "a sure label": ([[[45.0]]], "binary_cross_entropy", [[1.0]]),
    "a sure label that is wrong": ([[[800.0]]], "binary_cross_entropy", [[0.0]]),
    "a sure label that is not there": ([[[-800.0]]], "binary_cross_entropy", [[1.0]]),
    "a sure class, squared": ([[[50.0], [-50.0]]], "softmax_squared_error", [0]),
    "a sure label, squared": ([[[45.0]]], "logistic_squared_error", [[1.0]]),
    "a rate of nearly nothing": ([[[-700.0]]], "poisson", [[0.0]]),
    "nothing out of the way": ([[[0.5], [-0.5]]], "cross_entropy", [0]),
}


def equations(made):
    """All equations in numbers, with the steps that they stand in."""
    return [(step.key, line.numbers) for part in made.parts for step in part.steps for line in step.lines
            if line.numbers is not None]  # fmt: skip


@pytest.mark.parametrize("show", ["both", "numbers"])
@pytest.mark.parametrize(("weights", "loss", "y"), NETWORKS.values(), ids=NETWORKS)
def test_every_equation_in_numbers_is_true_by_its_own_numbers(weights, loss, y, show):
    network = culpa.Network.from_arrays(weights, [np.zeros(len(weights[-1]))], loss=loss)
    found = equations(culpa.explain(network, np.ones((1, 1)), y, show=show))
    assert len(found) >= 4
    for key, equation in found:
        terms = [term for term in equation.terms if not is_letter(term)]
        values = [np.asarray(evaluate(term, Environment())) for term in terms]
        assert all(np.isfinite(value).all() for value in values), key
        for left, right in pairwise(values):
            assert compared(left, right, 1e-9), key


def is_letter(term):
    """Whether it says what the numbers are of."""
    return any(isinstance(part, Letter) and part.means is not None for part in walk(term))


def test_a_difference_that_has_lost_its_digits_and_a_logarithm_of_zero_would_be_noticed():
    small, gone = Number(3.7e-44), Number(1.0) - Number(1.0)
    with pytest.raises(AssertionError):
        compared(*(evaluate(term, Environment()) for term in (small, gone)), 1e-9)
    assert not np.isfinite(evaluate(-Apply(Letter("log", upright=True), (Number(0.0),)), Environment()))


@pytest.mark.parametrize(("weights", "loss", "y"), NETWORKS.values(), ids=NETWORKS)
def test_the_error_is_the_engines_however_small(weights, loss, y):
    network = culpa.Network.from_arrays(weights, [np.zeros(len(weights[-1]))], loss=loss)
    made = culpa.explain(network, np.ones((1, 1)), y, part="bias", show="numbers")
    shown = [[cell.value for cell in row] for row in equations(made)[-1][1].terms[-1].cells]
    assert np.ravel(shown).tolist() == culpa.gradient(network, np.ones((1, 1)), y).layers[0].delta[0].tolist()
