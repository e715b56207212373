# SPDX-License-Identifier: MIT
"""The sentences of the cells: every one is true by complex steps, in each notation, and ends in the engine's number."""

from dataclasses import replace

import pytest

import culpa
from culpa.explaining.explaining import explain
from culpa.explaining.forms.lighting import drawn_quantities, records, sentence
from culpa.explaining.forms.typesetting import Typesetter
from culpa.explaining.notations import NOTATIONS
from culpa.explaining.small import small_example
from culpa.explaining.symbols import Quantity, Symbols
from culpa.explaining.worth import worth_of
from culpa.reporting.mathematics.expressions import Number
from tests.explaining.evaluating import assert_true
from tests.explaining.world import World

CASES = {
    "softmax": small_example([3, 3, 2], seed=1),
    "tanh, two hidden layers": small_example([2, 3, 2, 1], activation="tanh", seed=2),
    "wide": small_example([8, 9, 3], activation="softplus", loss="poisson", seed=3),
}


def written(made):
    """The quantities of a whole page."""
    write = Typesetter(made.digits, made.worth.example + 1)
    for part in made.parts:
        for step in part.steps:
            for line in step.lines:
                write.line(line)
    return write.present


def sentences(name, notation):
    """Every sentence of a page."""
    made = explain(*CASES[name], notation=notation)
    symbols = Symbols(made.notation, made.worth.depth)
    said = {key: sentence(quantity, symbols, made.worth) for key, quantity in written(made).items()}
    return {key: equation for key, equation in said.items() if equation is not None}


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("name", CASES)
def test_every_sentence_is_true(name, notation):
    world, found = World(*CASES[name]), sentences(name, notation)
    assert {key.split("-")[0] for key in found} >= {"W", "b", "a", "h", "delta", "dh", "dW", "db", "DW", "Db", "slope"}
    for key, equation in found.items():
        environment = world.environment(**{NOTATIONS[notation].example: world.example + 1})
        assert assert_true(equation, environment) > 0, key


def test_a_sentence_with_a_number_of_another_cell_is_refused():
    found = sentences("softmax", "note")
    swapped = replace(found["dW-2-1-3"], terms=(*found["dW-2-1-3"].terms[:-1], found["dW-2-1-2"].terms[-1]))
    with pytest.raises(AssertionError):
        assert_true(swapped, World(*CASES["softmax"]).environment())


def test_of_letters_and_of_other_examples_nothing_is_said():
    worth, s = worth_of(*CASES["softmax"]), Symbols(NOTATIONS["note"], 2)
    assert sentence(s.delta(s.k, s.i).means, s, worth) is None
    assert sentence(Quantity("h", Number(1), (Number(1),), Number(2)), s, worth) is None
    assert sentence(Quantity("δ", Number(1), ()), s, worth) is None


def test_inputs_and_outputs_are_called_by_their_names():
    worth, s = worth_of(*CASES["softmax"]), Symbols(NOTATIONS["note"], 2)
    present = {"h-0-2": s.h(0, 2).means, "h-2-1": s.h(2, 1).means, "h-1-1": s.h(1, 1).means}
    known = records(worth, s, present, digits=4, names=(("age", "<b>", "height"), ("yes", "no")))
    assert known["h-0-2"]["words"].startswith("<b>: h 0, 2")
    assert known["h-0-2"]["formula"].startswith("<b><bdi>&lt;b&gt;</bdi></b> ")
    assert known["h-2-1"]["words"].startswith("yes: ")
    assert known["h-1-1"]["words"].startswith("h 1, 1")


def test_a_drawing_s_quantities_are_its_units_and_its_edges():
    found = list(drawn_quantities([(1, 2), (1, None, 5), (1,)]))
    assert [one.role for one in found].count("h") == 5
    edges = {tuple(int(index.value) for index in (one.layer, *one.entry)) for one in found if one.role == "dW"}
    assert edges == {(1, 1, 1), (1, 1, 2), (1, 5, 1), (1, 5, 2), (2, 1, 1), (2, 1, 5)}


def test_with_many_cells_the_sentences_are_plain_text():
    network = culpa.Network.fresh([20, 20, 20, 20, 3], hidden="tanh", loss="squared_error", seed=0)
    worth, s = worth_of(network, [[0.1] * 20], [[1.0, 2.0, 3.0]]), Symbols(NOTATIONS["note"], 4)
    places = [(i, j) for i in range(1, 21) for j in range(1, 21)]
    present = {f"dW-1-{i}-{j}": Quantity("dW", Number(1), (Number(i), Number(j))) for i, j in places}
    assert "<math" not in records(worth, s, present, digits=4)["dW-1-1-1"]["formula"]
    few = dict(list(present.items())[:9])
    assert "<math" in records(worth, s, few, digits=4)["dW-1-1-1"]["formula"]
