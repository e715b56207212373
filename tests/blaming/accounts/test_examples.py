# SPDX-License-Identifier: MIT
"""What each example carries, against derivatives of its loss along ∇ and along θ: complex steps, no backward pass."""

import numpy as np
import pytest

import culpa
from culpa import Network
from tests.blaming.accounts.brute import blame_of, mean_weights
from tests.cases import CASES, PLAIN, each
from tests.oracles import complex_step, dense

SOME = [*CASES[1::7], PLAIN]


def parameter_gradient(case):
    """∇ (p,) of the mean loss."""
    return culpa.gradient(case.network, case.X, case.y, weights=case.weights).flat()


@each(SOME)
def test_an_examples_share_of_the_gradient_is_its_losss_slope_along_the_gradient(case):
    found, w, mean = blame_of(case).examples, mean_weights(case), parameter_gradient(case)
    along, _ = complex_step.along(case, mean)
    norms = found["norm"]
    total = mean @ mean
    expected = w * along / total if total else 0 * w
    within = 1e-12 * (w * norms).max() / np.sqrt(total) if total else 1e-300
    np.testing.assert_allclose(found["gradient_share"], expected, rtol=1e-9, atol=100 * within)
    with np.errstate(invalid="ignore", divide="ignore"):
        cosine = along / norms / np.sqrt(total)
    np.testing.assert_allclose(found["cosine"], cosine, rtol=1e-9, atol=1e-11)


@each(SOME)
def test_an_examples_part_of_gradient_times_parameter_is_its_losss_slope_along_the_parameters(case):
    found, w = blame_of(case).examples, mean_weights(case)
    theta = culpa.flatten(case.network)
    along, _ = complex_step.along(case, theta)
    scale = np.max(w * found["norm"]) * np.linalg.norm(theta)
    np.testing.assert_allclose(found["first_order"], w * along, rtol=1e-9, atol=1e-12 * scale)


def test_an_example_against_all_others_has_a_negative_share():
    """Nine rows say 1 and one says −1: the lone one pulls the other way."""
    network = Network.from_arrays([[[0.0]]], loss="squared_error")
    found = culpa.blame(network, np.ones((10, 1)), [1.0] * 9 + [-1.0]).examples
    np.testing.assert_allclose(found["gradient_share"], [0.125] * 9 + [-0.125], rtol=1e-12)
    np.testing.assert_allclose(found["cosine"], [1.0] * 9 + [-1.0], rtol=1e-12)


def test_a_row_without_a_gradient_agrees_with_nobody():
    network = Network.from_arrays([[[1.0]]], loss="squared_error")
    found = culpa.blame(network, [[1.0], [1.0]], [1.0, 3.0]).examples
    assert np.isnan(found["cosine"][0])
    assert found["gradient_share"].tolist() == [0, 1]


def test_the_derivatives_refuse_planted_errors():
    """Negative control: shares of the lengths, and examples' parts that leave the weights out."""
    found, w, mean = blame_of(PLAIN).examples, mean_weights(PLAIN), parameter_gradient(PLAIN)
    along, _ = complex_step.along(PLAIN, mean)
    parts, _ = complex_step.along(PLAIN, culpa.flatten(PLAIN.network))
    lengths = dense.norms(complex_step.per_example(PLAIN))
    for mine, wrong in (
        (found["gradient_share"], w * lengths / np.sqrt(mean @ mean)),
        (found["gradient_share"], along / (mean @ mean)),
        (found["first_order"], parts),
    ):
        with pytest.raises(AssertionError):
            np.testing.assert_allclose(mine, wrong, rtol=1e-3)
