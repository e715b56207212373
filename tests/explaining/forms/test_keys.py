# SPDX-License-Identifier: MIT
"""Keys: one name a quantity, whatever the notation; what lights up with it is its row, its column and itself."""

import pytest

from culpa.explaining.forms.keys import key, lit
from culpa.explaining.notations import NOTATIONS
from culpa.explaining.symbols import Quantity, Symbols
from culpa.reporting.mathematics.expressions import Number


@pytest.mark.parametrize("notation", NOTATIONS)
def test_a_thing_has_the_same_name_in_every_notation(notation):
    s = Symbols(NOTATIONS[notation], 3)
    assert key(s.W(2, 1, 3).means) == "W-2-1-3"
    assert key(s.delta(2, 1).means) == "delta-2-1"
    assert key(s.h(0, 2).means) == "h-0-2"


def test_the_example_that_is_explained_needs_no_number():
    one = Quantity("h", Number(1), (Number(3),), Number(4))
    assert key(one, example=4) == "h-1-3"
    assert key(one, example=1) == "h-1-3-of-4"
    row = Quantity("δ", Number(1), (Number(4), Number(2)), "all")
    assert key(row, example=4) == "delta-1-2"
    assert key(row, example=1) == "delta-1-2-of-4"


def test_what_belongs_to_no_layer_has_no_key():
    assert key(Quantity("ℓ")) == ""
    assert key(Quantity("δ", Number(1), (), "all")) == ""


def test_the_layer_before_is_found_in_letters_too():
    s = Symbols(NOTATIONS["note"])
    below = key(s.h(s.k - 1, s.j).means)
    assert below in lit(key(s.W(s.k, s.i, s.j).means), [below, "h-k-j"])
    assert "h-k-j" not in lit(key(s.W(s.k, s.i, s.j).means), [below, "h-k-j"])
    above = key(s.W(s.k + 1, s.i, s.j).means)
    assert above in lit(key(s.h(s.k, s.j).means), [above])


def test_another_row_another_column_and_another_layer_stay_dark():
    dark = ["delta-2-2", "delta-1-1", "h-1-2", "h-2-3", "dW-2-1-2", "W-1-1-3", "delta-2-11", "h-1-3-of-4"]
    assert lit("dW-2-1-3", dark) == ("dW-2-1-3",)
    assert lit("dW-2-1-3", ["delta-2-1", *dark, "h-1-3"]) == ("dW-2-1-3", "delta-2-1", "h-1-3")


def test_a_derivative_of_all_examples_lights_those_of_each():
    others = ["delta-2-1", "delta-2-1-of-3", "h-1-3-of-3", "part-2-1-of-3", "delta-2-2-of-3"]
    assert lit("DW-2-1-3", others) == ("DW-2-1-3", *others[:-1])
