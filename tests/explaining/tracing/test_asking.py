# SPDX-License-Identifier: MIT
"""Places are read as people write them, and those that a network does not have are refused with what it has."""

from dataclasses import replace

import numpy as np
import pytest

from culpa import Network, OptionError, explain
from culpa.explaining.tracing.asking import admit_place, place_of
from tests.tables.plain import number_columns

NETWORK = Network.fresh([64, 64, 32, 10], seed=0)
ONE = Network.from_arrays([np.ones((2, 3))], loss="squared_error")


@pytest.mark.parametrize(
    ("place", "kind", "read"),
    [
        ("2,1,3", "weight", (2, 1, 3)),
        (" 2, 1 ,3 ", "weight", (2, 1, 3)),
        ("(2,1,3)", "weight", (2, 1, 3)),
        ((2, 1, 3), "weight", (2, 1, 3)),
        (np.array([2, 1]), "bias", (2, 1)),
        ([1, np.int64(5)], "unit", (1, 5)),
        ("12", "input", (12,)),
        (12, "input", (12,)),
        ((12,), "input", (12,)),
    ],
)
def test_a_place_is_read_from_text_and_from_numbers(place, kind, read):
    assert place_of(place, kind) == read
    assert all(type(number) is int for number in place_of(place, kind))


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("2,1", "weight"),
        ("2,1,3,4", "weight"),
        ("2;1;3", "weight"),
        ("2,1,x", "weight"),
        ("0,1", "bias"),
        ("-1,1", "bias"),
        ("", "input"),
        (1.5, "input"),
        (True, "input"),
        ("²", "input"),
        (None, "unit"),
        ((1, (2,)), "unit"),
    ],
)
def test_what_is_no_place_is_refused_with_an_example(place, kind):
    with pytest.raises(OptionError, match=f"`{kind}` must be .* from 1: .* Hint: write it like"):
        place_of(place, kind)


def test_an_unknown_kind_is_refused():
    with pytest.raises(OptionError, match="Unknown kind 'wieght'; known are weight"):
        place_of("1,1,1", "wieght")


@pytest.mark.parametrize(
    ("kind", "place"),
    [("weight", "1,64,64"), ("weight", "3,10,32"), ("bias", "3,10"), ("unit", "2,32"), ("input", "64")],
)
def test_the_last_places_are_there(kind, place):
    assert admit_place(NETWORK, kind, place) == place_of(place, kind)


@pytest.mark.parametrize(
    ("kind", "place", "said"),
    [
        ("weight", "2,33,1", r"W_2 is \(32, 64\): to units 1 to 32, from units 1 to 64; got `weight` 2,33,1. Hint: the "
                             "order is layer, to, from; did you mean 2,1,33"),
        ("weight", "2,1,65", r"W_2 is \(32, 64\).* Hint: units count from 1"),
        ("weight", "4,1,1", "`weight` must name a layer from 1 to 3; got 4,1,1"),
        ("bias", "2,33", "Layer 2 has units 1 to 32; got `bias` 2,33"),
        ("bias", "4,1", "`bias` must name a layer from 1 to 3"),
        ("unit", "3,1", "of a layer from 1 to 2; got 3,1. Hint: an output's error is that of its bias: --bias 3,1"),
        ("unit", "9,1", "of a layer from 1 to 2; got 9,1. Hint: they count from 1"),
        ("unit", "1,65", "Layer 1 has units 1 to 64"),
        ("input", "65", "`input` must be a column from 1 to 64"),
    ],
)  # fmt: skip
def test_a_place_that_is_not_there_is_refused_with_what_is(kind, place, said):
    with pytest.raises(OptionError, match=said):
        admit_place(NETWORK, kind, place)


def test_a_network_of_one_layer_has_no_hidden_units_and_this_one_no_biases():
    with pytest.raises(OptionError, match="this network has none"):
        admit_place(ONE, "unit", "1,1")
    with pytest.raises(OptionError, match=r"Layer 1 has no biases; got `bias` 1,1\. Hint: ask for a weight"):
        admit_place(ONE, "bias", "1,1")
    with pytest.raises(OptionError, match="must name layer 1, there is no other; got 2,1,1"):
        admit_place(ONE, "weight", "2,1,1")


NAMES = ("pixel_5_5", "a,b", " wide ", "7", "twice", " twice", "été")
NAMED = replace(
    Network.fresh([7, 3, 2], seed=0), columns=number_columns(NAMES, (0.0,) * 7, (1.0,) * 7, "kind", ("cat", "dog"))
)


@pytest.mark.parametrize(
    ("name", "place"),
    [("pixel_5_5", 1), ("a,b", 2), ("wide", 3), (" wide ", 3), ("été", 7), ("7", 7), ("(4)", 4), (4, 4), ((2,), 2)],
)
def test_an_input_is_found_by_its_name_and_a_number_is_a_number(name, place):
    assert admit_place(NAMED, "input", name) == (place,)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("pixel_5_6", "No column of the 7 is called 'pixel_5_6'; got it as `input`. Hint: did you mean 'pixel_5_5'?"),
        ("zzz", r"No column of the 7 is called 'zzz'.* Hint: write its number, from 1 to 7\."),
        ("twice  ", r"`input` must be one column; 'twice  ' names the columns 5, 6\. Hint: say which number"),
        ("8", "`input` must be a column from 1 to 7"),
        ("0", "`input` must be 1 whole number from 1"),
    ],
)
def test_a_name_that_no_column_or_more_than_one_has_is_refused_with_what_is_close(name, said):
    with pytest.raises(OptionError, match=said):
        admit_place(NAMED, "input", name)


def test_a_network_that_knows_no_columns_wants_a_number():
    with pytest.raises(OptionError, match="`input` must be 1 whole number from 1"):
        admit_place(NETWORK, "input", "pixel_5_5")
    with pytest.raises(OptionError, match="`unit` must be 2 whole numbers from 1"):
        admit_place(NAMED, "unit", "pixel_5_5")


def test_an_explanation_takes_the_name_as_well():
    X, y = np.ones((1, 7)), [0]
    by_name, by_number = (explain(NAMED, X, y, input=place) for place in ("a,b", 2))
    assert by_name.title == by_number.title
    assert by_name.parts == by_number.parts
