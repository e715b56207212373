# SPDX-License-Identifier: MIT
"""Over several probes: an objective is one only if it is the same on all, and constants are told as what they are."""

import numpy as np
import pytest

import culpa
from culpa import Network
from tests.checking.mistakes.planting import given, planted, step_of

NETWORK = Network.fresh([3, 4, 5], hidden="tanh", loss="squared_error")


def scaled(factor):
    """A right backward pass for tanh and squared error, whose data's part is multiplied by a factor of (n, outputs)."""

    def gradient(weights, biases, X, y, l2):
        h = [X]
        for W, b in zip(weights[:-1], biases[:-1], strict=True):
            h.append(np.tanh(h[-1] @ W.T + b))
        delta = (h[-1] @ weights[-1].T + biases[-1] - y) / len(X) * factor(*y.shape)
        blocks = []
        for k in reversed(range(len(weights))):
            blocks.insert(0, (delta.T @ h[k] + l2 * weights[k], delta.sum(axis=0)))
            delta = (delta @ weights[k]) * (1 - h[k] ** 2)
        return blocks

    return gradient


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (lambda n, d: n, "summed over the 11 examples in place of their mean"),
        (lambda n, d: 2, "times 2, as without the ½ or when two calls add up"),
        (lambda n, d: 0.5, "times ½"),
        (lambda n, d: 1 / d, "averaged over the 3 outputs too"),
        (lambda n, d: 2 / d, "averaged over the 3 outputs too, without the ½"),
        (lambda n, d: n / d, "summed over the 11 examples and averaged over the 3 outputs"),
        (lambda n, d: n / 2, "summed over the 11 examples and times ½"),
        (lambda n, d: 1.7, "times 1.7"),
    ],
)
def test_another_objective_is_the_same_on_all_probes(factor, words):
    found = culpa.diagnose(NETWORK, None, None, scaled(factor))
    assert (found.verdict, found.objective) == ("another objective", words)


def test_a_constant_that_is_another_on_each_probe_is_no_constant():
    found = culpa.diagnose(NETWORK, None, None, scaled(lambda n, d: n / (n - 1)))
    assert (found.verdict, found.mistakes) == ("unknown", ())
    assert "the factor at δ_2 is another on each probe: 1.1 for n = 11, 1.167 for n = 7" in found.notes


def test_two_constants_of_one_kind_are_two_mistakes():
    at = given((4, 6, 5, 3))
    steps = (step_of(at, "factor 2", 3, "bias factor"), step_of(at, "factor 2", 1, "bias factor")._replace(choice=0.5))
    found = culpa.diagnose(at.network, at.X, at.y, planted(at, *steps))
    assert [(mistake.block, places) for mistake, places in found.places()] == [("b_3", ("b_3",)), ("b_1", ("b_1",))]


@pytest.mark.parametrize("loss", ["squared_error", "binary_cross_entropy"])
def test_with_one_output_a_wrong_error_there_is_no_mix_of_examples(loss):
    at = given((4, 5, 1), loss=loss)
    random = np.random.default_rng(0)
    g = culpa.pull_back(at.network, at.X, random.normal(size=(9, 1)), reduction="mean")
    found = culpa.diagnose(at.network, at.X, at.y, [(p.weight + p.decay, p.bias) for p in g.layers])
    assert (found.verdict, found.guilty) == ("unknown", "δ_2")


def test_one_output_without_the_half_is_told_as_such():
    at = given((4, 5, 1), loss="squared_error", l2=0.0)
    mine = [tuple(2 * part for part in layer) for layer in planted(at)]
    found = culpa.diagnose(at.network, at.X, at.y, mine)
    assert found.objective == "times 2, as without the ½ or when two calls add up"


def test_a_factor_that_the_decay_has_too_is_one_mistake():
    at = given((4, 6, 5, 3))
    mine = planted(at)
    mine[1] = (2 * mine[1][0], mine[1][1])
    found = culpa.diagnose(at.network, at.X, at.y, mine)
    assert [(mistake.kind, mistake.block) for mistake in found.mistakes] == [("factor 2, decay too", "W_2")]
