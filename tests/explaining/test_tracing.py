# SPDX-License-Identifier: MIT
"""One number alone: every equation is true in every notation, and every number in a table is found by other means."""

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

import culpa
from culpa import Network, OptionError
from culpa.engine.losses import LOSSES
from culpa.explaining.asking import Asked
from culpa.explaining.derivation import Line
from culpa.explaining.notations import NOTATIONS
from culpa.explaining.statements import outline_of, statements
from culpa.explaining.symbols import Symbols
from culpa.explaining.tracing import trace
from culpa.explaining.worth import worth_of
from culpa.explaining.writing import Writer
from culpa.reporting.mathematics.expressions import Equation, Letter, Number, Partial, walk
from tests.cases import PLAIN, Case
from tests.explaining.evaluating import evaluate, settled
from tests.explaining.test_statements import given, steps
from tests.explaining.world import World
from tests.oracles import complex_step


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
    w = Writer(Symbols(NOTATIONS[notation], worth.depth), worth, show)
    (part,) = trace(w, Asked(kind, place, mine), names=names)
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


def step(part, key):
    (found,) = [step for step in part.steps if step.key == key]
    return found


def said(step):
    """The words of a step, formulas left out."""
    return "".join(word for word in step.words if isinstance(word, str))


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("name", NETWORKS)
def test_every_equation_is_true_in_letters_and_in_numbers(name, notation):
    world = WORLDS[name]
    for kind, place in PLACES[name]:
        for show in ("both", "symbols", "numbers"):
            part = traced(NETWORKS[name], kind, place, notation=notation, show=show)
            seen = sum(assert_line(line, world) for step in part.steps for line in step.lines)
            assert seen >= sum(len(step.lines) for step in part.steps) > 0


@pytest.mark.parametrize("loss", LOSSES)
def test_the_output_of_each_loss_has_a_true_equation(loss):
    batch = drawn([3, 4, 3], ["silu"], loss)
    for c in (1, 2, 3):
        lines = step(traced(batch, "bias", (2, c)), "bias-error").lines
        assert len(lines) == 1
        assert lines[0].numbers is not None
        assert_line(lines[0], world_of(batch))


def test_a_false_equation_is_refused():
    part = traced(SMALL, "weight", (2, 1, 3))
    (line,) = part.steps[0].lines
    value = line.numbers.terms[0].value
    for wrong in (value * 1.001, -value, 0.0):
        with pytest.raises(AssertionError, match="said to be equal"):
            assert_line(replace(line, numbers=Equation((Number(wrong), line.numbers.terms[1]))), world_of(SMALL))
    turned = traced(SMALL, "weight", (3, 2, 1)).steps[0].lines[0].symbols
    with pytest.raises(AssertionError, match="said to be equal"):
        assert_line(Line(Equation((line.symbols.terms[0], turned.terms[0]))), world_of(SMALL))


def test_the_numbers_are_the_oracles():
    case = Case("small", *SMALL, None, "mean", "small")
    G = complex_step.per_example(case)
    sizes = [layer.W.size + layer.b.size for layer in SMALL[0].layers]
    place = sizes[0] + 2  # W_2, to unit 1, from unit 3
    part = traced(SMALL, "weight", (2, 1, 3))
    assert part.steps[0].lines[0].numbers.terms[0].value == pytest.approx(G[2, place], rel=1e-12)
    batch = step(part, "weight-batch").lines
    assert batch[0].numbers.terms[0].value == pytest.approx(G[:, place].mean(), rel=1e-12)
    assert batch[1].numbers.terms[0].value == pytest.approx(complex_step.objective_gradient(case)[place], rel=1e-12)
    assert complex_step.hidden(case, 1)[2, 1] == pytest.approx(
        step(traced(SMALL, "unit", (1, 2)), "unit-above").lines[0].numbers.terms[0].value, rel=1e-12
    )
    assert complex_step.hidden(case, 0)[2, 2] == pytest.approx(
        step(traced(SMALL, "input", (3,)), "input-above").lines[0].numbers.terms[0].value, rel=1e-12
    )


def test_the_chain_goes_from_the_output_down_to_the_unit_along_the_largest_path():
    part = traced(WIDE, "weight", (1, 4, 9))
    chain = [line.symbols.terms[0].means for line in step(part, "weight-error").lines]
    assert [int(means.layer.value) for means in chain] == [3, 2, 1]
    way = step(part, "weight-paths").listed.rows[0][0]
    assert way == " → ".join(str(int(means.entry[0].value)) for means in reversed(chain))


def test_the_examples_that_contribute_most_are_in_falling_order():
    X = WIDE[1]
    rows = step(traced(WIDE, "weight", (2, 9, 3)), "weight-batch").listed.rows
    own = world_of(WIDE)
    each = [own.slopes(("ℓ", None), ("W", 2), m)[8, 2] for m in range(len(X))]
    order = sorted(range(len(X)), key=lambda m: -abs(each[m]))[:5]
    assert [int(row[0].removesuffix(" (this one)")) for row in rows] == order
    assert [row[3].value for row in rows] == pytest.approx([each[m] for m in order], rel=1e-10)
    first = 100 * abs(each[order[0]]) / sum(map(abs, each))
    assert rows[0][-1] in (f"{first:.0f} %", f"{first:.1f} %")


def test_the_largest_inputs_of_a_unit_bear_their_names():
    names = ([f"pixel {j}" for j in range(9)], [f"digit {c}" for c in range(7)])
    part = traced(WIDE, "weight", (2, 9, 3), names=names)
    network, X, _ = WIDE
    products = network.layers[0].W[2] * X[2]
    order = np.argsort(-np.abs(products))[:6]
    rows = step(part, "weight-output").listed.rows
    assert [row[0] for row in rows] == [f"{j + 1} (pixel {j})" for j in order]
    assert [row[3].value for row in rows] == pytest.approx(products[order].tolist(), rel=1e-12)
    assert all("(digit " in row[0] for row in step(part, "weight-paths").listed.rows)
    assert traced(WIDE, "input", (8,), names=names).heading == "Input 8 (pixel 7)"


@pytest.mark.parametrize("notation", NOTATIONS)
def test_the_statements_make_the_number_in_every_notation(notation):
    row, (network, X, y) = NOTATIONS[notation], SMALL
    Y = np.eye(2)[y]
    names, outline = given(row, network, X, Y, 2), outline_of(network)
    for doing, k in steps(len(network.layers)):
        exec("\n".join(statements(row, outline, doing, k, example=2)), names)
    worth = worth_of(*SMALL, example=2)
    w = Writer(Symbols(row, 3), worth, code=True)
    made = 0
    for kind, place in PLACES["small"]:
        for step in trace(w, Asked(kind, place))[0].steps:
            if step.code is not None:
                exec("\n".join(step.code.statements), names)
                wanted = step.lines[0].numbers.terms[0].value
                assert float(names["number"]) == pytest.approx(wanted, rel=1e-10)
                made += 1
    assert made == 10


def test_layers_are_called_by_the_notations_own_numbers():
    assert "layer 2" in traced(SMALL, "bias", (2, 1)).heading
    assert "layer 3" in traced(SMALL, "bias", (2, 1), notation="nielsen").heading
    letters = {
        name: traced(SMALL, "weight", (2, 1, 3), notation=name).steps[0].lines[0].symbols.terms[0].by
        for name in NOTATIONS
    }
    last = {
        name: [part.value for part in walk(letter.lower) if isinstance(part, Number)]
        for name, letter in letters.items()
    }
    assert last == {"note": [2, 1, 3], "ng": [1, 3], "cs231n": [2, 3, 1], "nielsen": [1, 3]}


def test_a_dead_unit_is_said_to_be_dead():
    network = Network.from_arrays([-np.ones((2, 2)), np.ones((2, 2))], loss="squared_error")
    batch = (network, np.ones((1, 2)), np.zeros((1, 2)))
    part = traced(batch, "unit", (1, 2), example=0)
    assert "passes no error on" in said(part.steps[0])
    assert said(step(part, "unit-paths")) == (
        "All 2 paths to the loss carry nothing for this example: a factor of each is zero, such as the slope of a unit "
        "that is off."
    )
    weight = traced(batch, "weight", (1, 1, 2), example=0)
    assert "changes nothing" in said(weight.steps[0])
    assert [row[1] for row in step(weight, "weight-witnesses").listed.rows] == ["0", "0", "0"]
    for answer in (part, weight):
        for line in (line for step in answer.steps for line in step.lines):
            assert_line(line, world_of(batch, 0))


@pytest.mark.parametrize("kind_and_place", PLACES["wide"], ids=str)
def test_every_number_in_a_table_that_says_what_it_is_is_that(kind_and_place):
    world, seen = WORLDS["wide"], 0
    for step in traced(WIDE, *kind_and_place).steps:
        for cell in (cell for row in (step.listed.rows if step.listed else ()) for cell in row):
            for number in (part for part in walk(cell) if isinstance(part, Number) and part.means is not None):
                right = world.quantity(settled(number.means, world.environment()))
                assert number.value == pytest.approx(float(right), rel=1e-10, abs=1e-15)
                seen += 1
    assert seen >= 5 or kind_and_place[0] == "bias"


def test_a_loss_of_the_users_own_has_no_formula_and_is_traced_all_the_same():
    own = replace(LOSSES["squared_error"], name="own")
    network, X, y = drawn([3, 4, 2], "tanh", "squared_error")
    part = traced((replace(network, loss=own), X, y), "weight", (1, 2, 3))
    first = step(part, "weight-error").lines[0].symbols
    assert isinstance(first.terms[1], Partial)
    assert [row[3].split(" ")[0] for row in part.steps[-1].listed.rows] == ["the", "agrees", "agrees"]


def test_a_unit_at_its_kink_is_said_to_be_there():
    network = Network.from_arrays([[[1.0, -1.0], [1.0, 1.0]], [[2.0, 1.0]]], hidden="relu", loss="squared_error")
    batch = (network, np.ones((1, 2)), np.ones((1, 1)))
    at = "exactly at the kink of its activation, where the slope counts as 0."
    assert at in said(step(traced(batch, "weight", (1, 1, 2), example=0), "weight-error"))
    assert at in said(step(traced(batch, "unit", (1, 1), example=0), "unit-number"))
    assert at not in said(step(traced(batch, "weight", (1, 2, 2), example=0), "weight-error"))
    witnesses = step(traced(batch, "weight", (1, 1, 2), example=0), "weight-witnesses").listed.rows
    assert [row[3] for row in witnesses] == ["the engine's", "agrees", "a kink: the slope jumps by 2"]


@pytest.mark.parametrize("place", [(1, 2, 1), (9, 2, 1)])
def test_the_factors_of_a_path_are_written_where_they_are_few(place):
    batch = drawn([2, *[3] * 9, 2], "tanh")
    found = step(traced(batch, "weight", place), "weight-paths")
    written = "factors" in found.listed.headers
    assert written == (place[0] == 9)
    for row in found.listed.rows:
        assert len(row) == len(found.listed.headers)
        if written:
            assert np.prod([factor.value for factor in row[1].factors]) == pytest.approx(row[2].value, rel=1e-12)
    assert ("the product of 19 factors" in said(found)) == (not written)


def test_a_saturated_output_shows_no_difference_that_has_lost_its_digits():
    network = Network.from_arrays([[[50.0], [-50.0]]], [np.zeros(2)], loss="cross_entropy")
    batch = (network, np.ones((1, 1)), np.array([0]))
    for show in ("both", "numbers"):
        (line,) = step(traced(batch, "bias", (1, 1), example=0, show=show), "bias-error").lines
        assert (line.numbers is None) == (show == "both")
    assert traced(batch, "bias", (1, 1), example=0).steps[0].lines[0].numbers.terms[0].value == pytest.approx(
        -np.exp(-100)
    )


def test_a_single_example_and_a_layer_without_biases_are_told_as_they_are():
    network, X, y = ONE
    part = traced((network, X[:1], y[:1]), "weight", (1, 1, 1), example=0)
    assert step(part, "weight-batch").listed is None
    assert "one example" in said(step(part, "weight-batch"))
    assert not [letter for letter in walk(step(part, "weight-batch").lines[0].symbols)
                if isinstance(letter, Letter) and letter.glyph == "b"]  # fmt: skip


def test_the_readers_number_stands_last_among_the_witnesses():
    part = traced(SMALL, "weight", (2, 1, 3), mine="0.25")
    rows = step(part, "weight-witnesses").listed.rows
    assert [row[0] for row in rows] == ["factor product", "complex step", "finite difference", "your number"]
    assert all("agrees" in row[3] for row in rows[1:3])
    assert rows[3][3] == "wrong"
    assert said(step(part, "weight-witnesses")).startswith("Your number 0.25 is wrong")
    value = part.steps[0].lines[0].numbers.terms[0].value
    right = traced(SMALL, "weight", (2, 1, 3), mine=f"{value:.3g}")
    assert step(right, "weight-witnesses").listed.rows[3][2:] == ("3", "right")
    assert "is right at the 3 digits given." in said(step(right, "weight-witnesses"))
    with pytest.raises(OptionError, match="`mine` must be a number"):
        traced(SMALL, "weight", (2, 1, 3), mine="a lot")


def test_a_network_without_numbers_and_a_place_that_is_not_there_are_refused():
    symbols = Symbols(NOTATIONS["note"])
    with pytest.raises(OptionError, match="given network only"):
        trace(Writer(symbols), Asked("weight", (1, 1, 1)))
    with pytest.raises(OptionError, match="has no biases"):
        traced(ONE, "bias", (1, 1))


def test_culpa_explain_answers_for_a_case_of_the_registry():
    part = traced((PLAIN.network, PLAIN.X, PLAIN.y), "input", (2,), example=4)
    assert [step.key for step in part.steps] == ["input-number", "input-above", "input-paths", "input-witnesses"]
    assert isinstance(part.steps[1].lines[0].symbols.terms[0], Partial)
    value = part.steps[1].lines[0].numbers.terms[0].value
    assert value == pytest.approx(culpa.gradient(PLAIN.network, PLAIN.X, PLAIN.y).hidden(0)[4, 1], rel=1e-12)
