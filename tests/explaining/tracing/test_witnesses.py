# SPDX-License-Identifier: MIT
"""The witnesses of one number agree where it is right, and each of them alone refuses it where it is not."""

from dataclasses import replace

import numpy as np
import pytest

from culpa import ACTIVATIONS, LOSSES, Activation, Network
from culpa.checking.itself import small_network
from culpa.explaining.tracing.tracing import trace
from culpa.explaining.tracing.witnesses import Thing, agreement, probe, witnesses_of
from culpa.explaining.worth import worth_of
from tests.explaining.world import World

THINGS = [Thing("W", 1, 4, 2), Thing("W", 2, 1, 5), Thing("W", 3, 2, 4), Thing("b", 1, 3), Thing("b", 3, 1),
          Thing("a", 1, 2), Thing("a", 3, 2), Thing("h", 0, 3), Thing("h", 1, 5), Thing("h", 2, 4)]  # fmt: skip


def drawn(loss, activation, example=3):
    """A network of the self-check with its numbers, and the oracle's answers."""
    network, X, y = small_network(loss, activation, 5)
    return worth_of(network, X, y, example=example), World(network, X, y, example)


def oracle(world, thing):
    """∂ℓ by a thing, by a complex step through the tests' own pass."""
    whole = world.slopes(("ℓ", None), (thing.role, thing.layer), 3)
    return float(whole[(thing.unit - 1, thing.source - 1) if thing.source else thing.unit - 1])


def engines(worth, thing):
    """The engine's number, and the size of what it is summed of."""
    m, (role, k, i, j) = worth.example, thing
    if role == "h":
        W, delta = worth.network.layers[k].W[:, i - 1], worth.layers("δ", k + 1)[m]
        return float(W @ delta), float(np.abs(W) @ np.abs(delta))
    value = float(worth.layers("δ", k)[m, i - 1]) * (float(worth.layers("h", k - 1)[m, j - 1]) if role == "W" else 1)
    return value, abs(value)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_all_three_agree_with_the_engine_and_with_the_oracle(loss, activation):
    worth, world = drawn(loss, activation)
    for thing in THINGS:
        value, size = engines(worth, thing)
        assert value == pytest.approx(oracle(world, thing), rel=1e-10, abs=1e-12 * size)
        product, step, difference = witnesses_of(worth, thing, value, size)
        assert (product.value, product.verdict) == (value, "the engine's")
        assert step.verdict == "agrees"
        assert "agrees" in difference.verdict or "zero within" in difference.verdict or "kink" in difference.verdict
        assert step.digits >= 9 or value == 0


@pytest.mark.parametrize("thing", THINGS, ids=str)
def test_each_of_them_refuses_a_number_that_is_a_little_off(thing):
    worth, _ = drawn("cross_entropy", "tanh")
    value, size = engines(worth, thing)
    for wrong in (value * 1.0001, -value, 2 * value, value + size / 100, 0.0):
        _, step, difference = witnesses_of(worth, thing, wrong, size)
        assert step.verdict == "differs"
        assert difference.verdict.startswith("differs, by more than ±")


def test_the_loss_of_the_probe_is_the_loss_and_moves_as_the_thing_does():
    worth, world = drawn("poisson", "silu")
    for thing in THINGS:
        here, loss, _ = probe(worth, thing)
        assert loss(here) == pytest.approx(float(worth.gradient.losses[3]), rel=1e-13)
        slope = oracle(world, thing)
        assert (loss(here + 1e-5) - loss(here - 1e-5)) / 2e-5 == pytest.approx(slope, rel=1e-6, abs=1e-8)


def kinked(b):
    """A unit of a ReLU that lies exactly at its kink, or a little beside it."""
    network = Network.from_arrays([[[1.0]], [[3.0]]], [[b], [0.0]], hidden="relu", loss="squared_error")
    return worth_of(network, [[2.0]], [[5.0]])


def test_at_a_kink_the_complex_step_takes_the_tables_side_and_the_difference_says_that_it_is_one():
    worth = kinked(-2.0)
    _, step, difference = witnesses_of(worth, Thing("W", 1, 1, 1), 0.0, 0.0)
    assert (step.value, step.verdict) == (0.0, "agrees")
    assert difference.verdict == "a kink: the slope jumps by 30"
    _, _, difference = witnesses_of(worth, Thing("W", 1, 1, 1), 100.0, 100.0)
    assert difference.verdict.startswith("differs")
    _, step, difference = witnesses_of(kinked(-1.9), Thing("W", 1, 1, 1), -28.2, 28.2)
    assert (step.verdict, difference.verdict[:13]) == ("agrees", "agrees within")


def test_a_unit_that_is_off_has_zeros_that_agree():
    _, step, difference = witnesses_of(kinked(-9.0), Thing("b", 1, 1), 0.0, 0.0)
    assert (step.value, step.digits, step.verdict) == (0.0, 16.0, "agrees")
    assert difference.verdict.startswith("zero within ±")


def test_what_a_complex_step_cannot_see_it_does_not_judge():
    network = Network.from_arrays([[[1e-70]], [[1e-70]]], hidden="identity", loss="squared_error")
    worth = worth_of(network, [[1e-70]], [[1.0]])
    value = float(worth.layers("δ", 1)[0, 0]) * 1e-70
    assert witnesses_of(worth, Thing("W", 1, 1, 1), value, abs(value))[1].verdict == "too small to be seen"


def test_a_function_of_the_users_own_that_takes_no_complex_numbers_is_not_held_against_the_number():
    def refusing(a):
        if a.dtype.kind == "c":
            raise TypeError("real numbers only")
        return a

    losing = Activation("size", np.abs, np.sign)
    for activation, said in (
        (Activation("picky", refusing, np.ones_like), "none"),
        (losing, "none"),
        (
            Activation("part", lambda a: a.real + 0j if a.dtype.kind == "c" else a, np.ones_like),
            "differs",
        ),
    ):
        network = Network.from_arrays([[[1.0]], [[3.0]]], hidden=activation, loss="squared_error")
        worth = worth_of(network, [[2.0]], [[5.0]])
        _, step, difference = witnesses_of(worth, Thing("W", 1, 1, 1), 6.0, 6.0)
        assert step.verdict == said
        assert "complex step" in step.remark
        assert "agrees within" in difference.verdict


def test_digits_of_agreement_are_counted_and_nothing_is_said_beside_zero():
    assert [agreement(x, 1.0) for x in (1.1, 1 + 1e-5, 2.0, -1.0, 1.0)] == pytest.approx([1, 5, 0, 0, 16], abs=1e-6)
    assert np.isnan(agreement(1e-300, 0.0))
    assert np.isnan(agreement(float("nan"), 1.0))
    assert agreement(0.0, 0.0) == 16.0


def test_a_wrong_backward_pass_is_caught_in_the_answer_itself(monkeypatch):
    from culpa.explaining.notations import NOTATIONS
    from culpa.explaining.symbols import Symbols
    from culpa.explaining.tracing.asking import Asked
    from culpa.explaining.writing import Writer

    tanh = replace(ACTIVATIONS["tanh"], slope=lambda a: 1 - np.tanh(a))
    network, X, y = small_network("cross_entropy", "tanh", 1)
    wrong = replace(network, layers=(replace(network.layers[0], activation=tanh), *network.layers[1:]))
    worth = worth_of(wrong, X, y, example=1)
    (part,) = trace(Writer(Symbols(NOTATIONS["note"], 3), worth), Asked("weight", (1, 2, 3)))
    rows = part.steps[-1].listed.rows
    assert [row[3].split(",")[0] for row in rows] == ["the engine's", "differs", "differs"]
    (part,) = trace(Writer(Symbols(NOTATIONS["note"], 3), worth), Asked("weight", (2, 2, 3)))
    assert "differs" not in "".join(row[3] for row in part.steps[-1].listed.rows)
