# SPDX-License-Identifier: MIT
"""The reader's own number: right at the digits given, or wrong with a name, and a name only where all digits match."""

import numpy as np
import pytest
from hypothesis import given as given_by_hypothesis
from hypothesis import strategies

from culpa import Network, OptionError
from culpa.explaining.tracing.likenesses import Likeness, constants, given, own_witness
from culpa.explaining.tracing.neighbours import neighbours
from culpa.explaining.tracing.witnesses import Thing
from culpa.explaining.worth import worth_of

CHANCE = "; so few digits can agree by chance"


def verdict(mine, value, likenesses=(), size=None):
    return (
        own_witness(given(mine), value, abs(value) if size is None else size, likenesses)
        .remark.removeprefix(f"Your number {given(mine).text} is ")
        .removesuffix(".")
    )


@pytest.mark.parametrize(
    ("mine", "value", "digits", "grain"),
    [("0.0213", 0.0213, 3, 1e-4), ("−0.50", -0.5, 2, 0.01), ("2.13e-2", 0.0213, 3, 1e-4), ("1200", 1200, 4, 1),
     (0.0213, 0.0213, 3, 1e-4), (2.0, 2.0, 1, 1), (100.0, 100.0, 3, 1), (np.float32(0.1), 0.1, 1, 0.1),
     (7, 7.0, 1, 1), (" 3.0 ", 3.0, 2, 0.1)],
)  # fmt: skip
def test_a_number_is_read_with_the_digits_that_it_has(mine, value, digits, grain):
    found = given(mine)
    assert (found.value, found.digits) == (value, digits)
    assert found.grain == pytest.approx(grain)


@pytest.mark.parametrize("mine", ["a lot", "", "nan", "inf", float("nan"), True, None, "1e999", "0.02,13", (1,)])
def test_what_is_no_number_is_refused(mine):
    with pytest.raises(OptionError, match=r"`mine` must be a number; got .* Hint: write it like 0\.0213"):
        given(mine)


@pytest.mark.parametrize(
    ("mine", "value", "said"),
    [
        ("0.0213", 0.021349, "right at the 3 digits given"),
        ("0.02", 0.0213, "right at the one digit given, which shows little"),
        ("0.0213", 0.021251, "right at the 3 digits given"),
        ("7", 7.4, "right at the one digit given, which shows little"),
        ("0.0213", 0.021249, "wrong"),
        ("0.0213", 0.02139, "right, but its last digit is cut off, not rounded"),
        ("-0.0213", -0.02139, "right, but its last digit is cut off, not rounded"),
        ("0.0214", 0.02131, "wrong"),
        ("0.0213", -0.0213, "wrong"),
        ("0.021344872635", 0.021344872635, "right"),
        (0.1 + 0.2, 0.3, "right"),
        (float(np.float32(0.021344872635)), 0.021344872635, "right to 7 digits, as float32"),
        ("0.02134488", 0.021344872635, "right to 6 digits, as float32"),
        ("0.0213458726", 0.021344872635, "wrong"),
        ("0", 0.0, "right"),
        ("0.00", 0.001, "wrong: the right one is not zero"),
        ("0.0213", 0.0, "wrong (the right one is zero)"),
    ],
)
def test_a_number_is_right_at_the_digits_given(mine, value, said):
    assert verdict(mine, value).startswith(said)


@given_by_hypothesis(
    strategies.floats(1e-9, 1e9) | strategies.floats(-1e9, -1e-9), strategies.integers(1, 12), strategies.booleans()
)
def test_a_number_that_was_rounded_is_right_at_its_digits_and_two_units_off_is_not(value, digits, up):
    text = f"{value:.{digits - 1}e}"
    assert verdict(text, value).startswith("right")
    found = given(text)
    off = found.value + (2 if up else -2) * found.grain
    if digits < 7 and off:
        assert verdict(f"{off:.{digits}e}", value).startswith("wrong")


def test_a_wrong_number_has_a_name_only_where_all_of_three_digits_match():
    value = 0.0213449
    named = lambda mine: verdict(mine, value, constants(value, 60))  # noqa: E731
    assert named("0.0427") == "wrong: in all 3 digits given it equals twice the right number" + CHANCE
    assert named("0.0107") == "wrong: in all 3 digits given it equals half the right number" + CHANCE
    assert named("-0.0213") == "wrong: in all 3 digits given it equals minus the right number" + CHANCE
    assert named("1.281") == "wrong: in all 4 digits given it equals n = 60 times the right number"
    assert named("0.000356") == "wrong: in all 3 digits given it equals 1/n of the right number, with n = 60" + CHANCE
    assert named("0.0428") == "wrong, and like nothing that is known here"
    assert named("0.043") == "wrong; too few digits to say what it is"
    assert named("0.0426") == "wrong, and like nothing that is known here"


def test_two_names_that_fit_are_both_told_and_one_that_is_zero_is_not():
    both = [Likeness("this", 0.5), Likeness("that", 0.50001), Likeness("this", 0.5), Likeness("nothing", 0.0)]
    assert verdict("0.500", 0.3, both) == "wrong: in all 3 digits given it equals this, or that" + CHANCE
    assert (
        verdict("0.500", 0.0, both)
        == "wrong (the right one is zero): in all 3 digits given it equals this, or that" + CHANCE
    )
    assert verdict("0.0001", 0.3, [Likeness("nothing", 0.0)]).startswith("wrong")


def batch(l2=0.05):
    random = np.random.default_rng(11)
    network = Network.from_arrays(
        [random.normal(size=shape) / 2 for shape in ((4, 4), (4, 4), (3, 4))],
        [random.normal(size=width) for width in (4, 4, 3)],
        hidden=["tanh", "softplus"],
        loss="cross_entropy",
        l2=l2,
    )
    return worth_of(network, random.normal(size=(6, 4)), random.integers(0, 3, 6), example=2)


def by_hand(worth, k, i, j=None, m=2):
    """δ h or δ of an example, with plain indices."""
    delta = worth.layers("δ", k)[m][i - 1]
    return delta if j is None else delta * worth.layers("h", k - 1)[m][j - 1]


def planted():
    """A name and the number that must bear it, for the weight 2,1,3 of the third of six examples."""
    worth = batch()
    own = [by_hand(worth, 2, 1, 3, m) for m in range(6)]
    W = worth.network.layers[1].W[0, 2]
    dh = sum(worth.layers("δ", 3)[2] * worth.network.layers[2].W[:, 0])
    h, a = worth.layers("h", 1)[2][2], worth.layers("a", 1)[2][2]
    return {
        "minus the right number": -own[2],
        "the mean over the batch": np.mean(own),
        "the sum over the batch": np.sum(own),
        "the mean over the batch with the penalty's part": np.mean(own) + 0.05 * W,
        "what it is without the slope of its unit": dh * h,
        "the error times the sum from before the activation": by_hand(worth, 2, 1) * a,
        "the error alone, without the output": by_hand(worth, 2, 1),
        "the output alone, without the error": h,
        "the transposed entry": by_hand(worth, 2, 3, 1),
        "the same entry of the layer above": by_hand(worth, 3, 1, 3),
        "the same entry of the layer below": by_hand(worth, 1, 1, 3),
        "the entry that these numbers mean when they count from 0": by_hand(worth, 2, 2, 4),
        "that of weight 2,1,4": by_hand(worth, 2, 1, 4),
        "that of weight 2,4,3": by_hand(worth, 2, 4, 3),
        "that of example 1": own[1],
        "that of example 3": own[3],
    }


@pytest.mark.parametrize(("name", "value"), planted().items())
def test_every_neighbour_of_a_weight_is_recognised_by_its_own_name_alone(name, value):
    worth, thing = batch(), Thing("W", 2, 1, 3)
    right = by_hand(worth, 2, 1, 3)
    said = verdict(f"{value:.5g}", right, neighbours(worth, thing, right))
    assert said == f"wrong: in all {given(f'{value:.5g}').digits} digits given it equals {name}"
    assert verdict(f"{value * 1.0137:.5g}", right, neighbours(worth, thing, right)).endswith("known here")


@pytest.mark.parametrize("thing", [Thing("b", 2, 3), Thing("a", 1, 4), Thing("h", 0, 2), Thing("h", 2, 4)])
def test_other_things_have_the_neighbours_that_exist(thing):
    worth = batch()
    names = {like.name for like in neighbours(worth, thing, 1.0)}
    assert "the transposed entry" not in names
    assert ("the same entry of the layer below" in names) == (thing.layer > (thing.role != "h"))
    assert ("the entry that these numbers mean when they count from 0" in names) == (thing.unit < 4)
    assert ("its error, which has the slope as a factor too" in names) == (thing == Thing("h", 2, 4))
    assert all(np.isfinite(like.value) for like in neighbours(worth, thing, 1.0))


def test_a_lone_example_and_the_last_layer_have_fewer_neighbours():
    network = Network.from_arrays([[[1.0, 2.0]]], loss="squared_error")
    worth = worth_of(network, [[3.0, 4.0]], [[5.0]])
    names = {like.name for like in neighbours(worth, Thing("W", 1, 1, 2), 1.0)}
    factors = {"the error alone, without the output", "the output alone, without the error"}
    constant = {"minus the right number", "twice the right number", "half the right number"}
    assert names == constant | factors | {"that of weight 1,1,1"}


def sloped(loss, y):
    random = np.random.default_rng(3)
    network = Network.from_arrays([random.normal(size=(3, 2)), random.normal(size=(2, 3))], hidden="tanh", loss=loss)
    return worth_of(network, random.normal(size=(1, 2)), y)


@pytest.mark.parametrize(
    ("loss", "y"), [("logistic_squared_error", [[0.01, 0.99]]), ("softmax_squared_error", [1])]
)  # fmt: skip
def test_the_slope_forgotten_at_the_output_is_recognised_where_it_stays(loss, y):
    worth = sloped(loss, y)
    error, h = (worth.layers("h", 2) - worth.targets)[0, 0], worth.layers("h", 1)[0, 1]
    name = "what it is without the slope of the output"
    for thing, value in ((Thing("b", 2, 1), error), (Thing("W", 2, 1, 2), error * h)):
        right = by_hand(worth, 2, 1, thing.source or None, 0)
        said = verdict(f"{value:.5g}", right, neighbours(worth, thing, right))
        assert said.endswith(f"digits given it equals {name}")
        assert verdict(f"{value * 1.0137:.5g}", right, neighbours(worth, thing, right)).endswith("known here")
    hidden = {like.name for like in neighbours(worth, Thing("b", 1, 1), 1.0)}
    assert name not in hidden
    assert "what it is without the slope of its unit" in hidden


def test_where_no_slope_stays_at_the_output_none_can_be_forgotten():
    worth = sloped("cross_entropy", [1])
    names = {like.name for like in neighbours(worth, Thing("b", 2, 1), 1.0)}
    assert not [name for name in names if "slope" in name]


@pytest.mark.parametrize(("sizes", "named"), [((6, 6), True), ((7, 6), False), ((37, 1), False), ((36, 1), True)])
def test_other_entries_are_told_of_small_matrices_alone(sizes, named):
    network = Network.from_arrays([np.ones(sizes[::-1])], loss="squared_error")
    worth = worth_of(network, np.ones((1, sizes[0])), np.zeros((1, sizes[1])))
    names = [like.name for like in neighbours(worth, Thing("W", 1, 1, 1), 1.0)]
    found = [name for name in names if name.startswith("that of weight 1,")]
    assert bool(found) == named
    # All but the one asked for, and the one that has a name: 1,2,2 is meant by whoever counts from 0.
    assert len(found) in (0, sizes[0] * sizes[1] - 1 - (sizes[1] > 1))


@pytest.mark.parametrize(
    ("thing", "name"),
    [(Thing("b", 2, 3), "that of bias 2,1"), (Thing("a", 1, 4), "that of unit 1,2"),
     (Thing("h", 0, 2), "that of input 4"), (Thing("h", 2, 4), "that of unit 2,1")],
)  # fmt: skip
def test_a_vectors_other_entries_are_called_as_they_are_asked_for(thing, name):
    assert name in {like.name for like in neighbours(batch(), thing, 1.0)}
