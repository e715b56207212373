# SPDX-License-Identifier: MIT
"""One number alone, in words: what is said of paths, sums, kinks, names and the reader's number is so."""

import numpy as np
import pytest

import culpa
from culpa import Network, OptionError
from culpa.explaining.notations import NOTATIONS
from culpa.reporting.mathematics.expressions import Letter, Number, walk
from tests.explaining.tracing.one_thing import (
    DEEP,
    NETWORKS,
    ONE,
    PLACES,
    SMALL,
    WIDE,
    WORLDS,
    assert_line,
    drawn,
    said,
    step_of,
    traced,
    world_of,
)


def test_the_largest_inputs_of_a_unit_bear_their_names():
    names = ([f"pixel {j}" for j in range(9)], [f"digit {c}" for c in range(7)])
    part = traced(WIDE, "weight", (2, 9, 3), names=names)
    network, X, _ = WIDE
    products = network.layers[0].W[2] * X[2]
    order = np.argsort(-np.abs(products))[:6]
    rows = step_of(part, "weight-output").listed.rows
    assert [row[0] for row in rows] == [f"{j + 1} (pixel {j})" for j in order]
    assert [row[3].value for row in rows] == pytest.approx(products[order].tolist(), rel=1e-12)
    assert all("(digit " in row[0] for row in step_of(part, "weight-paths").listed.rows)
    assert traced(WIDE, "input", (8,), names=names).heading == "Input 8 (pixel 7)"


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
    assert said(step_of(part, "unit-paths")) == (
        "All 2 paths to the loss carry nothing for this example: a factor of each is zero, such as the slope of a unit "
        "that is off."
    )
    weight = traced(batch, "weight", (1, 1, 2), example=0)
    assert "changes nothing" in said(weight.steps[0])
    assert [row[1] for row in step_of(weight, "weight-witnesses").listed.rows] == ["0", "0", "0"]
    for answer in (part, weight):
        for line in (line for step in answer.steps for line in step.lines):
            assert_line(line, world_of(batch, 0))


def paths_of_an_input(W_1, W_2, hidden):
    """The sentence and the rows on the paths of the one input of a small network, whose output is off by 1."""
    network = Network.from_arrays([W_1, W_2], hidden=hidden, loss="squared_error")
    y = culpa.predict(network, [[1.0]]) - 1
    found = step_of(traced((network, [[1.0]], y), "input", (1,), example=0), "input-paths")
    return said(found), [(row[0], row[2].value, row[3]) for row in found.listed.rows]


def test_what_the_paths_make_is_told_as_it_is():
    words, rows = paths_of_an_input([[1.0], [1.0]], [[3.0, -1.0]], "identity")
    assert rows == [("1 → 1 → 1", 3.0, "75 %"), ("1 → 2 → 1", -1.0, "25 %")]
    assert words.startswith("2 paths lead from here to the loss. All that carry something are below")
    assert "Paths of both signs cancel: 50 % of the flow is left" in words
    words, rows = paths_of_an_input([[1.0], [-1.0]], [[3.0, 1.0]], "relu")
    assert rows == [("1 → 1 → 1", 3.0, "100 %")]
    assert words.startswith("2 paths lead from here to the loss, 1 of which carries something.")
    assert "None of them cancels another." in words
    words, _ = paths_of_an_input([[1.0], [1.0]], [[9.0, -1.0]], "identity")
    assert "80 % of the flow is left" in words
    words, rows = paths_of_an_input(np.ones((10, 1)), [[1.0, 2, 3, 4, 5, 6, 7, 8, 9, 5]], "identity")
    assert "The largest 5 make 70 % of all that flows" in words
    assert [row[1] for row in rows] == [9, 8, 7, 6, 5]


def test_factors_of_1_are_not_written_and_that_is_said():
    network = Network.from_arrays([[[0.5]], [[3.0]]], hidden="relu", loss="squared_error")
    found = step_of(traced((network, [[1.0]], [[0.5]]), "weight", (1, 1, 1), example=0), "weight-paths")
    assert [factor.value for factor in found.listed.rows[0][1].factors] == [3.0, 1.0]
    assert said(found).endswith("those that are 1 are not written.")
    assert "not written" not in said(step_of(traced(DEEP, "weight", (5, 2, 1)), "weight-paths"))


def test_the_batch_says_how_far_its_examples_cancel_and_which_is_this_one():
    network = Network.from_arrays([[[1.0]]], loss="squared_error")
    X, y = np.ones((3, 1)), np.array([[0.0], [2.0], [-2.0]])
    found = step_of(traced((network, X, y), "weight", (1, 1, 1), example=2), "weight-batch")
    assert [row[0] for row in found.listed.rows] == ["2 (this one)", "0", "1"]
    assert [row[-1] for row in found.listed.rows] == ["60 %", "20 %", "20 %"]
    assert "Examples of both signs cancel: 60 % of their sizes is left." in said(found)
    alike = step_of(traced((network, X, -abs(y)), "weight", (1, 1, 1), example=0), "weight-batch")
    assert "cancel" not in said(alike)
    nothing = step_of(traced((network, X, X), "weight", (1, 1, 1), example=0), "weight-batch")
    assert "No example contributes anything." in said(nothing)
    assert nothing.listed is None


@pytest.mark.parametrize("kind", ["weight", "bias", "input"])
def test_the_way_in_which_the_loss_goes_is_said_and_is_the_one_it_goes(kind):
    ways = set()
    for name, batch in NETWORKS.items():
        for one, place in PLACES[name]:
            if one == kind:
                role, k, *entry = {"weight": ("W", *place), "bias": ("b", *place), "input": ("h", 0, *place)}[kind]
                slope = WORLDS[name].slopes(("ℓ", None), (role, k), 2)[tuple(index - 1 for index in entry)]
                words = said(traced(batch, kind, place).steps[0])
                assert f"a little larger {'raises' if slope > 0 else 'lowers'} this example's loss." in words
                ways.add(slope > 0)
    assert ways == {True, False}


def test_a_sum_that_is_cut_short_says_what_its_last_number_is():
    tail = "In a long sum the last number is what all the smaller terms make together."
    assert tail in said(step_of(traced(WIDE, "weight", (1, 4, 9)), "weight-error"))
    assert tail not in said(step_of(traced(SMALL, "weight", (1, 4, 2)), "weight-error"))
    words = step_of(traced(WIDE, "weight", (2, 9, 3)), "weight-output").words
    rest = [word.value for word in words if isinstance(word, Number)]
    network, X, _ = WIDE
    products = network.layers[0].W[2] * X[2]
    assert rest == pytest.approx([np.sort(np.abs(products))[:5] @ np.sign(products[np.argsort(np.abs(products))[:5]])])
    assert "is what the other 5 terms make together." in "".join(word for word in words if isinstance(word, str))


def test_a_unit_at_its_kink_is_said_to_be_there():
    network = Network.from_arrays([[[1.0, -1.0], [1.0, 1.0]], [[2.0, 1.0]]], hidden="relu", loss="squared_error")
    batch = (network, np.ones((1, 2)), np.ones((1, 1)))
    at = "exactly at the kink of its activation, where the slope counts as 0."
    assert at in said(step_of(traced(batch, "weight", (1, 1, 2), example=0), "weight-error"))
    assert at in said(step_of(traced(batch, "unit", (1, 1), example=0), "unit-number"))
    assert at not in said(step_of(traced(batch, "weight", (1, 2, 2), example=0), "weight-error"))
    witnesses = step_of(traced(batch, "weight", (1, 1, 2), example=0), "weight-witnesses").listed.rows
    assert [row[3] for row in witnesses] == ["the engine's", "agrees", "a kink: the slope jumps by 2"]


@pytest.mark.parametrize("place", [(1, 2, 1), (9, 2, 1)])
def test_the_factors_of_a_path_are_written_where_they_are_few(place):
    batch = drawn([2, *[3] * 9, 2], "tanh")
    found = step_of(traced(batch, "weight", place), "weight-paths")
    written = "factors" in found.listed.headers
    assert written == (place[0] == 9)
    for row in found.listed.rows:
        assert len(row) == len(found.listed.headers)
        if written:
            assert np.prod([factor.value for factor in row[1].factors]) == pytest.approx(row[2].value, rel=1e-12)
    assert ("the product of 19 factors" in said(found)) == (not written)


def test_a_single_example_and_a_layer_without_biases_are_told_as_they_are():
    network, X, y = ONE
    part = traced((network, X[:1], y[:1]), "weight", (1, 1, 1), example=0)
    assert step_of(part, "weight-batch").listed is None
    assert "one example" in said(step_of(part, "weight-batch"))
    assert not [letter for letter in walk(step_of(part, "weight-batch").lines[0].symbols)
                if isinstance(letter, Letter) and letter.glyph == "b"]  # fmt: skip


def test_the_readers_number_stands_last_among_the_witnesses():
    part = traced(SMALL, "weight", (2, 1, 3), mine="0.25")
    rows = step_of(part, "weight-witnesses").listed.rows
    assert [row[0] for row in rows] == ["factor product", "complex step", "finite difference", "your number"]
    assert all("agrees" in row[3] for row in rows[1:3])
    assert rows[3][3] == "wrong"
    assert said(step_of(part, "weight-witnesses")).startswith("Your number 0.25 is wrong")
    value = part.steps[0].lines[0].numbers.terms[0].value
    right = traced(SMALL, "weight", (2, 1, 3), mine=f"{value:.3g}")
    assert step_of(right, "weight-witnesses").listed.rows[3][2:] == ("3", "right")
    assert "is right at the 3 digits given." in said(step_of(right, "weight-witnesses"))
    with pytest.raises(OptionError, match="`mine` must be a number"):
        traced(SMALL, "weight", (2, 1, 3), mine="a lot")
