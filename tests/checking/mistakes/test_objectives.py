# SPDX-License-Identifier: MIT
"""Objectives: a gradient that is right in itself, but of another loss, scale or penalty, is told so before any mistake.

Each is the right gradient of something that another program minimises; where there is PyTorch, it says so itself.
"""

from dataclasses import replace

import numpy as np
import pytest

import culpa
from culpa import Network
from tests.checking.mistakes.planting import PROBES, asked, given, planted, to_digits

CLASSES, NUMBERS = PROBES["tanh"], PROBES["mixed"]
LABELS = given((4, 6, 5, 3), "silu", "binary_cross_entropy")
COUNTS = given((4, 6, 5, 3), "elu", "poisson")


def of(at, s=1.0, l2=None, loss=None):
    """The right gradient of s times the mean loss, with the penalty ½ l2 Σ‖W‖²."""
    network = at.network if loss is None else with_loss(at.network, loss)
    layers = culpa.gradient(network, at.X, at.y).layers
    decay = at.network.l2 if l2 is None else l2
    return [(s * layer.weight + decay * layer.W, s * layer.bias) for layer in layers]


def with_loss(network, loss):
    """The same layers under another loss."""
    arrays = [layer.W for layer in network.layers], [layer.b for layer in network.layers]
    hidden = [layer.activation.name for layer in network.layers[:-1]]
    return Network.from_arrays(*arrays, hidden=hidden, loss=loss)


OWN = {
    "the sum": (CLASSES, {"s": 9}, "summed over the 9 examples in place of their mean"),
    "the mean twice": (
        CLASSES,
        {"s": 1 / 9},
        "divided by n = 9 once more, as when a mean takes the place of a sum",
    ),
    "the mean over outputs": (NUMBERS, {"s": 1 / 3}, "averaged over the 3 outputs too"),
    "the mean over outputs of squares": (NUMBERS, {"s": 2 / 3}, "averaged over the 3 outputs too, without the ½"),
    "the sum averaged over outputs": (NUMBERS, {"s": 3}, "summed over the 9 examples and averaged over the 3 outputs"),
    "no half": (NUMBERS, {"s": 2}, "times 2, as without the ½ or when two calls add up"),
    "no half, summed": (NUMBERS, {"s": 18}, "summed over the 9 examples and times 2, as without the ½"),
    "a half": (CLASSES, {"s": 0.5}, "times ½"),
    "any multiple": (CLASSES, {"s": 0.7123}, "times 0.7123"),
    "no penalty": (CLASSES, {"l2": 0}, "without the penalty"),
    "the penalty over n": (CLASSES, {"l2": 0.05 / 9}, "with the penalty divided by n = 9"),
    "the penalty times n": (CLASSES, {"l2": 0.45}, "with the penalty times n = 9"),
    "the penalty without its half": (CLASSES, {"l2": 0.1}, "with the penalty l2 Σ‖W‖², without the ½"),
    "another penalty": (CLASSES, {"l2": 0.0123}, "with the penalty ½ λ Σ‖W‖², λ = 0.0123 in place of l2 = 0.05"),
    "the sum, penalty and all": (
        CLASSES,
        {"s": 9, "l2": 0.45},
        "summed over the 9 examples in place of their mean, with the penalty times the same",
    ),
    "the sum without penalty": (
        CLASSES,
        {"s": 9, "l2": 0},
        "summed over the 9 examples in place of their mean, without the penalty",
    ),
    "twice, penalty and all": (
        CLASSES,
        {"s": 2, "l2": 0.1},
        "times 2, as without the ½ or when two calls add up, with the penalty times the same",
    ),
    "another loss": (
        CLASSES,
        {"loss": "softmax_squared_error"},
        "with the loss softmax_squared_error in place of cross_entropy",
    ),
    "another loss, summed": (
        NUMBERS,
        {"loss": "huber", "s": 9},
        "with the loss huber in place of squared_error, summed over the 9 examples in place of their mean",
    ),
    "another loss without penalty": (
        LABELS,
        {"loss": "logistic_squared_error", "l2": 0},
        "with the loss logistic_squared_error in place of binary_cross_entropy, without the penalty",
    ),
    "least squares of counts": (
        COUNTS,
        {"loss": "squared_error"},
        "with the loss squared_error in place of poisson",
    ),
}


@pytest.mark.parametrize(("at", "changes", "sentence"), OWN.values(), ids=OWN)
def test_another_objective_is_named_in_numbers_before_any_mistake(at, changes, sentence):
    found = asked(at, of(at, **changes))
    assert (found.verdict, found.objective) == ("another objective", sentence)
    assert str(found).startswith("another objective: right in itself")
    assert {block.ruling for block in found.blocks} <= {"right", "wrong"}


@pytest.mark.parametrize(("at", "changes", "sentence"), OWN.values(), ids=OWN)
def test_also_where_the_entries_are_rounded_to_four_digits(at, changes, sentence):
    found = asked(at, to_digits(of(at, **changes), 4))
    assert found.verdict == "another objective"
    # What is read off rounded entries is a number with as many digits.
    assert without_numbers(found.objective) == without_numbers(sentence)


@pytest.mark.parametrize(("at", "changes", "sentence"), OWN.values(), ids=OWN)
def test_in_float32_likewise(at, changes, sentence):
    found = asked(at, [tuple(part.astype("float32") for part in layer) for layer in of(at, **changes)])
    assert found.verdict == "another objective"
    assert without_numbers(found.objective) == without_numbers(sentence)


def without_numbers(text):
    """The words alone."""
    return "".join(letter for letter in text if letter not in "0123456789.e-")


@pytest.mark.parametrize("at", [CLASSES, NUMBERS, LABELS, COUNTS], ids=["classes", "numbers", "labels", "counts"])
def test_the_networks_own_objective_is_no_other_one(at):
    found = asked(at, of(at))
    assert (found.verdict, found.objective) == ("right", None)


@pytest.mark.parametrize("s", [-1.0, -9.0])
def test_a_loss_that_is_maximised_is_a_mistake_and_no_objective(s):
    found = asked(CLASSES, of(CLASSES, s=s))
    assert (found.verdict, found.objective) == ("mistake", None)


def test_a_penalty_that_rewards_is_a_mistake_and_no_objective():
    found = asked(CLASSES, of(CLASSES, l2=-0.05))
    assert (found.verdict, {mistake.kind for mistake in found.mistakes}) == ("mistake", {"decay's sign"})


def test_a_scale_in_one_block_alone_is_a_mistake_and_no_objective():
    mine = [list(layer) for layer in of(CLASSES)]
    mine[1][0] = 9 * mine[1][0]
    assert asked(CLASSES, mine).verdict == "mistake"


def test_without_a_penalty_none_is_missed():
    at = given((4, 6, 5, 3), l2=0.0)
    assert asked(at, of(at, s=9)).objective == "summed over the 9 examples in place of their mean"
    assert asked(at, of(at, l2=0.03)).objective == "with the penalty ½ λ Σ‖W‖², λ = 0.03 in place of l2 = 0"


def test_where_the_sum_is_meant_the_mean_is_another_objective():
    found = asked(CLASSES, of(CLASSES), reduction="sum")
    assert found.objective == "averaged over the 9 examples in place of their sum"


def test_what_it_would_be_as_a_mistake_is_said_too():
    found = asked(CLASSES, of(CLASSES, l2=0))
    assert [mistake.kind for mistake in found.mistakes] == ["decay missing"] * 3
    assert "As a mistake this would be: decay missing (W_3)" in str(found)


def test_a_change_of_the_output_that_belongs_to_no_loss_is_no_objective():
    random = np.random.default_rng(2)
    scene = NUMBERS.scene
    wrong = replace(scene, delta=scene.delta * random.uniform(0.5, 2, scene.delta.shape))
    mine = [list(layer) for layer in planted(NUMBERS)]
    mine[-1][0] = (wrong.w[:, None] * wrong.delta).T @ scene.h[-2] + scene.network.l2 * scene.W(4)
    found = asked(NUMBERS, mine)
    assert (found.verdict, found.guilty) == ("unknown", "W_4")


# --- other people's programs ---


def by_pytorch(at, loss, penalty=0.0):
    """What loss.backward() leaves in the parameters."""
    torch = pytest.importorskip("torch", reason="its losses")
    layers = at.network.layers
    parameters = [[torch.tensor(np.array(part)).requires_grad_() for part in (x.W, x.b)] for x in layers]
    functions = {"tanh": torch.tanh, "relu": torch.relu, "softplus": torch.nn.functional.softplus}
    h = torch.tensor(at.X)
    for layer, (W, b) in zip(layers, parameters, strict=True):
        a = torch.nn.functional.linear(h, W, b)
        h = functions[layer.activation.name](a) if layer is not layers[-1] else a
    (loss(torch.nn)(a, torch.tensor(at.y)) + penalty / 2 * sum((W**2).sum() for W, _ in parameters)).backward()
    return [tuple(part.grad for part in layer) for layer in parameters]


CONVENTIONS = {
    "MSELoss": (NUMBERS, lambda nn: nn.MSELoss(), "averaged over the 3 outputs too, without the ½"),
    "MSELoss, summed": (
        NUMBERS,
        lambda nn: nn.MSELoss(reduction="sum"),
        "summed over the 9 examples and times 2, as without the ½",
    ),
    "SmoothL1Loss": (
        NUMBERS,
        lambda nn: nn.SmoothL1Loss(),
        "with the loss huber in place of squared_error, averaged over the 3 outputs too",
    ),
    "CrossEntropyLoss, summed": (
        CLASSES,
        lambda nn: nn.CrossEntropyLoss(reduction="sum"),
        "summed over the 9 examples in place of their mean",
    ),
}


@pytest.mark.parametrize(("at", "loss", "sentence"), CONVENTIONS.values(), ids=CONVENTIONS)
def test_a_convention_of_pytorchs_is_named(at, loss, sentence):
    assert asked(at, by_pytorch(at, loss, at.network.l2)).objective == sentence
    assert asked(at, by_pytorch(at, loss)).objective == f"{sentence}, without the penalty"


def test_two_calls_of_backward_add_up():
    mine = by_pytorch(CLASSES, lambda nn: nn.CrossEntropyLoss(), CLASSES.network.l2)
    assert asked(CLASSES, mine).verdict == "right"
    twice = [tuple(2 * part for part in layer) for layer in mine]
    assert "when two calls add up" in asked(CLASSES, twice).objective
