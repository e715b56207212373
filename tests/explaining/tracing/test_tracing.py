# SPDX-License-Identifier: MIT
"""One number alone: every equation is true in every notation, and every number in a table is found by other means."""

from dataclasses import replace

import numpy as np
import pytest

import culpa
from culpa import Network, OptionError
from culpa.engine.losses import LOSSES
from culpa.explaining.derivation import Line
from culpa.explaining.formulas.statements import outline_of, statements
from culpa.explaining.notations import NOTATIONS
from culpa.explaining.symbols import Symbols
from culpa.explaining.tracing.asking import Asked
from culpa.explaining.tracing.tracing import trace
from culpa.explaining.worth import worth_of
from culpa.explaining.writing import Writer
from culpa.reporting.mathematics.expressions import Equation, Number, Partial, walk
from tests.cases import PLAIN, Case
from tests.explaining.evaluating import settled
from tests.explaining.formulas.test_statements import given, steps
from tests.explaining.tracing.one_thing import (
    NETWORKS,
    ONE,
    PLACES,
    SMALL,
    WIDE,
    WORLDS,
    assert_line,
    drawn,
    step_of,
    traced,
    world_of,
)
from tests.oracles import complex_step


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
        lines = step_of(traced(batch, "bias", (2, c)), "bias-error").lines
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
    batch = step_of(part, "weight-batch").lines
    assert batch[0].numbers.terms[0].value == pytest.approx(G[:, place].mean(), rel=1e-12)
    assert batch[1].numbers.terms[0].value == pytest.approx(complex_step.objective_gradient(case)[place], rel=1e-12)
    assert complex_step.hidden(case, 1)[2, 1] == pytest.approx(
        step_of(traced(SMALL, "unit", (1, 2)), "unit-above").lines[0].numbers.terms[0].value, rel=1e-12
    )
    assert complex_step.hidden(case, 0)[2, 2] == pytest.approx(
        step_of(traced(SMALL, "input", (3,)), "input-above").lines[0].numbers.terms[0].value, rel=1e-12
    )


def test_the_chain_goes_from_the_output_down_to_the_unit_along_the_largest_path():
    part = traced(WIDE, "weight", (1, 4, 9))
    chain = [line.symbols.terms[0].means for line in step_of(part, "weight-error").lines]
    assert [int(means.layer.value) for means in chain] == [3, 2, 1]
    way = step_of(part, "weight-paths").listed.rows[0][0]
    assert way == " → ".join(str(int(means.entry[0].value)) for means in reversed(chain))


def test_the_examples_that_contribute_most_are_in_falling_order():
    X = WIDE[1]
    rows = step_of(traced(WIDE, "weight", (2, 9, 3)), "weight-batch").listed.rows
    own = world_of(WIDE)
    each = [own.slopes(("ℓ", None), ("W", 2), m)[8, 2] for m in range(len(X))]
    everyone = sorted(range(len(X)), key=lambda m: -abs(each[m]))
    # The third example is none of the largest five, and stands below them with its rank.
    assert [row[0] for row in rows[5:]] == [f"2 (this one, {everyone.index(2) + 1}th of 20)"]
    assert rows[5][3].value == pytest.approx(each[2], rel=1e-10)
    rows, order = rows[:5], everyone[:5]
    assert [row[0] for row in rows] == [str(m) for m in order]
    assert [row[3].value for row in rows] == pytest.approx([each[m] for m in order], rel=1e-10)
    first = 100 * abs(each[order[0]]) / sum(map(abs, each))
    assert rows[0][-1] in (f"{first:.0f} %", f"{first:.1f} %")


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
    first = step_of(part, "weight-error").lines[0].symbols
    assert isinstance(first.terms[1], Partial)
    assert [row[3].split(" ")[0] for row in part.steps[-1].listed.rows] == ["the", "agrees", "agrees"]


def test_a_saturated_output_shows_no_difference_that_has_lost_its_digits():
    network = Network.from_arrays([[[50.0], [-50.0]]], [np.zeros(2)], loss="cross_entropy")
    batch = (network, np.ones((1, 1)), np.array([0]))
    for show in ("both", "numbers"):
        (line,) = step_of(traced(batch, "bias", (1, 1), example=0, show=show), "bias-error").lines
        assert (line.numbers is None) == (show == "both")
    assert traced(batch, "bias", (1, 1), example=0).steps[0].lines[0].numbers.terms[0].value == pytest.approx(
        -np.exp(-100)
    )


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
