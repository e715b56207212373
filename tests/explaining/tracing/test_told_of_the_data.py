# SPDX-License-Identifier: MIT
"""One number alone, as the data have it: raw values, rows by their rank, rests that are explained, and zeros."""

from dataclasses import replace

import numpy as np
import pytest

import culpa
from culpa import Network
from culpa.explaining.tracing.contributions import ordinal
from culpa.explaining.writing import called
from culpa.reporting.mathematics.expressions import Number
from tests.explaining.tracing.one_thing import ONE, SMALL, WIDE, said, step_of, traced
from tests.tables.plain import number_columns

COLUMNS = number_columns(("height", "", "depth"), (1.5, -2.0, 0.0), (0.1, 3.0, 1.0), "kind", ("cat", "dog"))


def test_an_input_is_told_as_the_network_sees_it_and_as_the_data_have_it():
    network, _, y = SMALL
    named = (replace(network, columns=COLUMNS), COLUMNS.encode(np.tile([[1.7, 12345.0, -0.25]], (9, 1))), y)
    names = (COLUMNS.names, COLUMNS.classes)
    weight = said(step_of(traced(named, "weight", (1, 4, 1), names=names), "weight-output"))
    assert weight.endswith("column 1 (height) of this example,  as the network sees it; 1.7 in the data.")
    for j, raw in ((1, "1.7"), (2, "12345"), (3, "−0.25")):
        step = traced(named, "input", (j,), names=names).steps[0]
        assert f" in this example as the network sees it; {raw} in the data. " in said(step)
    assert "in the data" not in said(traced(SMALL, "input", (3,)).steps[0])
    assert "in the data" not in said(step_of(traced(SMALL, "weight", (1, 4, 1)), "weight-output"))


def test_a_column_without_a_name_has_no_brackets():
    assert traced(SMALL, "input", (2,), names=(COLUMNS.names, ())).heading == "Input 2"
    assert (called(["a", " ", ""], 1), called(["a", " ", ""], 2), called(["a", " ", ""], 3)) == ("1 (a)", "2", "3")
    assert called(["a"], 2) == "2"


def many_rows(example):
    """A network with one weight, and 1,300 examples of which row m pulls m times."""
    X = np.ones((1300, 1))
    batch = (Network.from_arrays([[[0.0]]], loss="squared_error"), X, -np.arange(1300.0)[:, None])
    return step_of(traced(batch, "weight", (1, 1, 1), example=example), "weight-batch")


@pytest.mark.parametrize(
    ("example", "row"),
    [(1294, "1294 (this one, 6th of 1300)"), (1, "1 (this one, 1299th of 1300)"), (0, "0 (this one, 1300th of 1300)"),
     (1297, None)],
)  # fmt: skip
def test_the_example_asked_for_has_its_row_and_its_rank(example, row):
    rows = [row[0] for row in many_rows(example).listed.rows]
    largest = ["1299", "1298", "1297", "1296", "1295"]
    if row is None:
        assert rows == [*largest[:2], "1297 (this one)", *largest[3:]]
    else:
        assert rows == [*largest, row]


def test_ranks_end_as_they_are_read():
    for ending, numbers in (("st", (1, 21, 101)), ("nd", (2, 1002)), ("rd", (3,)), ("th", (4, 10, 11, 12, 13, 111))):
        assert {ordinal(number) for number in numbers} == {ending}


def test_the_mean_is_said_to_be_over_the_rows_that_were_given():
    assert said(many_rows(0)).startswith("The mean over all 1,300 rows given: ")
    network, X, y = ONE
    alone = step_of(traced((network, X[:1], y[:1]), "weight", (1, 1, 1), example=0), "weight-batch")
    assert "rows given" not in said(alone)


TAIL = "In a long sum the last number is what all the smaller terms make together."


def test_a_rest_is_explained_also_where_the_unit_is_off_and_not_where_there_is_none():
    random = np.random.default_rng(0)
    W_1, W_2 = -np.ones((2, 2)), random.normal(size=(9, 2))
    batch = (Network.from_arrays([W_1, W_2], loss="squared_error"), np.ones((1, 2)), np.ones((1, 9)))
    step = step_of(traced(batch, "weight", (1, 1, 2), example=0), "weight-error")
    assert len(step.lines[-1].numbers.terms[1].factors[1].terms) == 5
    assert TAIL in said(step)
    # Nine terms of which three are not zero leave no rest, however long the sum is.
    y = np.zeros((1, 9))
    y[0, :3] = 1
    batch = (Network.from_arrays([-W_1, W_2, np.eye(9)], hidden="identity", loss="squared_error"), np.ones((1, 2)), y)
    sparse = batch[0], batch[1], culpa.predict(batch[0], batch[1]) - y
    assert TAIL not in said(step_of(traced(sparse, "weight", (2, 1, 2), example=0), "weight-error"))
    assert TAIL in said(step_of(traced(WIDE, "weight", (1, 4, 9)), "weight-error"))


def test_a_witness_of_zero_has_no_sign():
    batch = (Network.from_arrays([[[2.0]]], loss="squared_error"), [[0.0]], [[1.0]])
    part = traced(batch, "weight", (1, 1, 1), example=0)
    assert np.signbit(part.steps[0].lines[0].numbers.terms[0].value)
    assert [row[1] for row in step_of(part, "weight-witnesses").listed.rows] == ["0", "0", "0"]


@pytest.mark.parametrize(
    ("kind", "place", "most"), [("weight", (1, 1, 1), 2), ("bias", (1, 1), 2), ("input", (1,), None)]
)
@pytest.mark.parametrize(("faint", "is_said"), [(1e-32, True), (1e-28, False)])
def test_what_is_next_to_nothing_is_said_to_be(kind, place, most, faint, is_said):
    network = Network.from_arrays([[[faint, 0.0], [0.0, 1.0]]], [[0.0, 0.0]], loss="squared_error")
    y = culpa.predict(network, [[1.0, 1.0]]) - [[faint if kind != "input" else 1, 2]]
    part = traced((network, [[1.0, 1.0]], y), kind, place, example=0)
    words = part.steps[0].words
    assert ("it is next to nothing." in said(part.steps[0])) == is_said
    if is_said:
        numbers = [word.value for word in words if isinstance(word, Number)]
        assert numbers[-1] == (2 if most is None else most)
