# SPDX-License-Identifier: MIT
"""`check`: right for every activation with every loss; every planted mistake refused at the blocks that it reaches.

A mistake in a layer's slope spoils that layer's blocks and all below; one in the loss's delta spoils everything.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

import culpa
from culpa import ACTIVATIONS, LOSSES, Check, Network
from culpa.checking.verdicts import BlockCheck
from culpa.errors import DataError, NumericalError, OptionError, ShapeError

RANDOM = np.random.default_rng(5)
X = RANDOM.normal(size=(9, 3))
TARGETS = {
    "classes": RANDOM.integers(0, 2, 9),
    "labels": RANDOM.random((9, 2)),
    "numbers": RANDOM.normal(size=(9, 2)),
    "counts": RANDOM.poisson(2.0, (9, 2)),
}
SCALES = [1e-9, 1e-3, 1e9]
QUICK = {"directions": 2, "entries": 2, "budget": 0}


def network_of(loss="cross_entropy", hidden="tanh", l2=0.0, sizes=(3, 5, 4, 6, 2)):
    """A random network with biases, in float64."""
    random = np.random.default_rng(8)
    matrices = [random.normal(0, 1 / np.sqrt(below), (above, below)) for below, above in pairwise(sizes)]
    vectors = [random.normal(0, 0.5, width) for width in sizes[1:]]
    return Network.from_arrays(matrices, vectors, hidden=hidden, loss=loss, l2=l2)


def checked(network, **options):
    return culpa.check(network, X, TARGETS[network.loss.targets], **options)


def verdicts(network, **options):
    """Block by block."""
    return {block.name: block.verdict for block in checked(network, **options).blocks}


def names(first, last):
    """W_first, b_first, …, b_last."""
    return [f"{letter}_{k}" for k in range(first, last + 1) for letter in "Wb"]


def with_slope(network, layer, slope):
    """The network whose given hidden layer (from 1) has a row of the user's own, with that slope."""
    layers = list(network.layers)
    mine = replace(layers[layer - 1].activation, name="mine", slope=slope(layers[layer - 1].activation))
    layers[layer - 1] = replace(layers[layer - 1], activation=mine)
    return replace(network, layers=tuple(layers))


def with_loss(network, losses=1.0, delta=1.0):
    """The network with a loss of the user's own: the same, with its values and its delta scaled."""
    row = network.loss
    mine = replace(row, name="mine", delta=lambda a, t: delta * row.delta(a, t))
    if losses != 1:
        mine = replace(mine, losses=lambda a, t: losses * row.losses(a, t))
    return replace(network, loss=mine)


@pytest.mark.parametrize("hidden", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_every_block_is_right_to_ten_digits_for(loss, hidden):
    check = checked(network_of(loss, hidden, l2=0.01))
    assert [block.name for block in check.blocks] == names(1, 4)
    assert {block.verdict for block in check.blocks} == {"right"}
    assert min(block.digits for block in check.blocks) == check.digits >= 10
    assert check.ok


MISTAKES = {
    "the wrong sign": lambda g: lambda a: -g.slope(a),
    "one part in ten thousand too steep": lambda g: lambda a: 1.0001 * g.slope(a),
    "one part in ten million too steep": lambda g: lambda a: (1 + 1e-7) * g.slope(a),
    "the slope taken at h": lambda g: lambda a: g.slope(g.value(a)),
    "no slope at all": lambda g: np.ones_like,
    "one unit's slope doubled": lambda g: lambda a: g.slope(a) * np.append(2.0, np.ones(a.shape[1] - 1)),
    "one example's slope doubled": lambda g: lambda a: g.slope(a) * np.append(2.0, np.ones(len(a) - 1))[:, None],
}


@pytest.mark.parametrize("slope", MISTAKES.values(), ids=MISTAKES)
@pytest.mark.parametrize("layer", [1, 2, 3])
def test_a_wrong_slope_is_refused_at_its_layer_and_below_and_nowhere_above(layer, slope):
    for scale in (1.0, *SCALES):
        wrong = with_loss(with_slope(network_of(), layer, slope), scale, scale)
        expected = {name: "wrong" if name in names(1, layer) else "right" for name in names(1, 4)}
        check = checked(wrong, **({} if scale == 1 else QUICK))
        assert {block.name: block.verdict for block in check.blocks} == expected
        assert not check.ok


def test_the_digits_tell_how_large_the_mistake_is():
    for size in (1e-2, 1e-4, 1e-6):
        wrong = with_slope(network_of(), 2, lambda g, size=size: lambda a: (1 + size) * g.slope(a))
        found = {block.name: block.digits for block in checked(wrong).blocks}
        assert found["b_2"] == pytest.approx(-np.log10(size), abs=0.2)
        assert found["W_3"] >= 10


@pytest.mark.parametrize("factor", [2.0, -1.0, 0.0, 1.000001, 1 + 1e-9])
@pytest.mark.parametrize("loss", LOSSES)
def test_a_wrong_delta_is_refused_everywhere(loss, factor):
    wrong = with_loss(network_of(loss), delta=factor)
    assert set(verdicts(wrong).values()) == {"wrong"}
    assert not checked(wrong).ok


@pytest.mark.parametrize("factor", SCALES)
@pytest.mark.parametrize("loss", LOSSES)
def test_a_loss_in_another_unit_changes_no_verdict(loss, factor):
    check = checked(with_loss(network_of(loss), factor, factor))
    assert {block.verdict for block in check.blocks} == {"right"}
    assert check.digits >= 10


def test_a_penalty_that_dwarfs_the_loss_does_not_hide_a_wrong_bias():
    """The weights' own gradient drowns in the penalty's; what no penalty touches is still seen to be wrong."""
    found = verdicts(with_loss(network_of(l2=1.0), 1e-9, 2e-9))
    assert {found[name] for name in names(1, 4) if name[0] == "b"} == {"wrong"}


def dead(l2=0.0):
    """A network whose second layer is relu and never wakes up."""
    network = network_of(hidden="relu", l2=l2)
    layers = list(network.layers)
    layers[1] = replace(layers[1], b=np.full(4, -1e3))
    return replace(network, layers=tuple(layers))


def test_what_no_error_reaches_is_not_testable_and_never_right():
    """Below a dead layer everything is exactly 0, and so is what its zeros are multiplied with."""
    found = verdicts(dead())
    assert {found[name] for name in (*names(1, 2), "W_3")} == {"not testable"}
    assert {found[name] for name in ("b_3", *names(4, 4))} == {"right"}
    assert checked(dead()).ok


def test_the_penalty_makes_a_dead_layers_weights_testable_but_not_its_biases():
    found = verdicts(dead(l2=0.1))
    assert {found[name] for name in names(1, 2) if name[0] == "W"} == {"right"}
    assert {found[name] for name in names(1, 2) if name[0] == "b"} == {"not testable"}


def test_a_claim_where_nothing_arrives_is_wrong_and_not_merely_untestable():
    found = verdicts(with_slope(dead(), 2, lambda g: np.ones_like))
    assert {found[name] for name in names(1, 2)} == {"wrong"}


@pytest.mark.parametrize("loss", ["squared_error", "huber"])
def test_at_a_perfect_fit_nothing_is_testable_and_the_check_is_not_ok(loss):
    """The residuals are 0 up to the rounding of the forward pass, and rounding is no mistake of the gradient's."""
    network = network_of(loss)
    check = culpa.check(network, X, culpa.predict(network, X))
    assert {block.verdict for block in check.blocks} == {"not testable"}
    assert not check.ok
    assert np.isnan(check.digits)


@pytest.mark.parametrize("residual", [1e-15, 1e-13, 1e-11, 1e-9, 1e-6])
def test_a_fit_to_many_digits_makes_neither_a_right_gradient_wrong_nor_a_wrong_one_right(residual):
    network = network_of("squared_error")
    y = culpa.predict(network, X) + residual * np.random.default_rng(0).normal(size=(9, 2))
    assert "wrong" not in {block.verdict for block in culpa.check(network, X, y).blocks}
    mistaken = with_slope(network, 2, lambda g: lambda a: 1.01 * g.slope(a))
    found = {block.verdict for block in culpa.check(mistaken, X, y).blocks if block.name in names(1, 2)}
    assert found == {"wrong"} if residual >= 1e-9 else "right" not in found


def test_a_line_through_points_on_a_line_is_not_called_wrong():
    """The solution of least squares, whose residuals and gradient are rounding alone."""
    y = X @ np.array([1.0, 2.0, 3.0]) + 5
    solution = np.linalg.lstsq(np.c_[X, np.ones(9)], y, rcond=None)[0]
    network = Network.from_arrays([solution[None, :3]], [solution[3:]], loss="squared_error")
    assert "wrong" not in {block.verdict for block in culpa.check(network, X, y).blocks}


@pytest.mark.parametrize("options", [{"reduction": "sum"}, {"weights": np.arange(9.0)}, {"seed": 3}, {"directions": 1}])
def test_reduction_weights_and_directions_are_part_of_the_question(options):
    assert set(verdicts(network_of(l2=0.1), **options).values()) == {"right"}
    assert set(verdicts(with_loss(network_of(), delta=1.000001), **options).values()) == {"wrong"}


def test_weights_that_are_left_out_of_one_side_would_be_noticed():
    """The loss's row weighs its examples by itself, in its delta alone."""
    w = np.arange(1.0, 10.0)
    network = network_of()
    row = replace(network.loss, delta=lambda a, t: w[:, None] * network.loss.delta(a, t))
    assert set(verdicts(replace(network, loss=row)).values()) == {"wrong"}


def test_examples_whose_gradients_cancel_do_not_make_a_right_one_wrong():
    network = network_of("squared_error")
    said = culpa.predict(network, X)
    y = np.concatenate([said + 1, said - 1 + 1e-6])
    assert {block.verdict for block in culpa.check(network, np.concatenate([X, X]), y).blocks} == {"right"}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_network_of_either_precision_is_checked_in_float64(dtype):
    network = network_of(l2=0.1).astype(dtype)
    check = culpa.check(network, X.astype(dtype), TARGETS[network.loss.targets])
    assert check.ok
    assert check.digits >= 10


def test_one_example_one_layer_and_no_biases_are_enough():
    assert culpa.check(network_of(), X[:1], TARGETS["classes"][:1]).ok
    assert [block.name for block in culpa.check(Network.fresh([3, 2], bias=False), X, TARGETS["classes"]).blocks] == [
        "W_1"
    ]


def test_the_same_seed_gives_the_same_check_and_nothing_is_changed():
    network, before = network_of(), X.copy()
    first, again = checked(network, seed=1), checked(network, seed=1)
    assert first == again
    assert first != checked(network, seed=2)
    np.testing.assert_array_equal(X, before)


def test_ok_means_that_none_is_wrong_and_one_at_least_is_right():
    right, wrong, unseen = (BlockCheck("W_1", verdict, 9.0, 1e-12) for verdict in ("right", "wrong", "not testable"))
    assert [Check(blocks).ok for blocks in ((right,), (right, unseen), (right, right))] == [True] * 3
    assert [Check(blocks).ok for blocks in ((), (wrong,), (unseen,), (right, wrong), (unseen, wrong))] == [False] * 5
    assert Check((right._replace(digits=12.0), wrong._replace(digits=3.0), unseen._replace(digits=1.0))).digits == 3
    assert np.isnan(Check((unseen,)).digits)


def test_what_cannot_be_checked_is_refused_as_by_gradient():
    network = network_of()
    y = TARGETS["classes"]
    for error, given in (
        (ShapeError, (network, X[:, :2], y)),
        (DataError, (network, X, y + 5)),
        (OptionError, (network.astype("complex128"), X, y)),
        (NumericalError, (network_of("poisson", "identity"), 1e5 * X, TARGETS["counts"])),
    ):
        with pytest.raises(error):
            culpa.check(*given)
    for options in ({"directions": 0}, {"entries": -1}, {"budget": 0.5}, {"seed": -1}, {"reduction": "none"}):
        with pytest.raises(OptionError):
            culpa.check(network, X, y, **options)


def test_a_derivative_too_small_for_the_step_is_not_called_wrong():
    """Saturated to 1e-200: right or wrong, its imaginary part has left the range of float64."""
    network = Network.from_arrays([[[1.0]], [[1.0]]], [[0.0], [0.0]], hidden="logistic", loss="squared_error")
    found = culpa.check(network, [[-460.0]], [1.0])
    assert {block.name: block.verdict for block in found.blocks}["W_1"] == "not testable"
    assert found.ok


def at_the_kink(kind):
    """ReLU networks with units exactly at 0, and their data."""
    random = np.random.default_rng(4)
    sizes, inputs = (3, 6, 5, 2), X.copy()
    weights = [random.normal(size=(above, below)) for below, above in pairwise(sizes)]
    biases = [np.zeros(width) for width in sizes[1:]]
    if kind == "one zero row":
        inputs[0] = 0
    elif kind == "many zero rows":
        inputs[2:] = 0
    elif kind == "whole numbers":
        inputs, weights = np.round(inputs), [np.round(W) for W in weights]
    elif kind == "all weights zero":
        weights = [0 * W for W in weights]
    elif kind == "one unit":
        biases = [random.normal(size=b.shape) for b in biases]
        biases[0][2] = -(inputs[0] @ weights[0][2])
    return weights, biases, inputs


KINKS = ["one zero row", "many zero rows", "whole numbers", "all weights zero", "one unit"]


@pytest.mark.parametrize("hidden", ["relu", "leaky_relu"])
@pytest.mark.parametrize("loss", ["cross_entropy", "huber"])
@pytest.mark.parametrize("kind", KINKS)
def test_units_exactly_at_their_kink_never_make_the_stated_slope_wrong(kind, loss, hidden):
    weights, biases, inputs = at_the_kink(kind)
    network = Network.from_arrays(weights, biases, hidden=hidden, loss=loss)
    y = TARGETS[network.loss.targets]
    check = culpa.check(network, inputs, y if loss == "cross_entropy" else np.round(y))
    assert "wrong" not in {block.verdict for block in check.blocks}
    assert check.method == "complex steps"
    if "zero row" in kind:
        assert {block.verdict for block in check.blocks} == {"right"}


@pytest.mark.parametrize("kind", ["one zero row", "many zero rows"])
def test_another_slope_at_the_kink_than_the_stated_one_is_seen(kind):
    """Negative control: complex steps know the side that the table states, and decide at a kink."""
    weights, biases, inputs = at_the_kink(kind)
    network = Network.from_arrays(weights, biases)
    other = with_slope(network, 2, lambda g: lambda a: (a >= 0).astype(float))
    found = {block.name: block.verdict for block in culpa.check(other, inputs, TARGETS["classes"]).blocks}
    assert found["b_2"] == "wrong"
    assert found["W_2"] == "right"


def with_value(network, value, slope):
    """The network with an activation of the user's own in its hidden layers."""
    mine = replace(ACTIVATIONS["tanh"], name="mine", value=value, slope=slope, in_place=None)
    layers = [*(replace(layer, activation=mine) for layer in network.layers[:-1]), network.layers[-1]]
    return replace(network, layers=tuple(layers))


def buffered(a):
    store = np.zeros(a.shape)
    store[...] = np.tanh(a)
    return store


OWN = {
    "complex-safe": (np.sin, np.cos, "complex steps"),
    "np.abs inside": (lambda a: np.abs(a) + a, lambda a: np.sign(a) + 1, "central differences"),
    "a real buffer": (buffered, lambda a: 1 - np.tanh(a) ** 2, "central differences"),
    "only real numbers": (lambda a: np.cbrt(a), lambda a: np.cbrt(a) ** -2.0 / 3, "central differences"),
}


@pytest.mark.parametrize(("value", "slope", "method"), OWN.values(), ids=OWN)
def test_rows_of_the_users_own_are_judged_like_any_function(value, slope, method):
    check = checked(with_value(network_of(), value, slope))
    assert {block.verdict for block in check.blocks} == {"right"}
    assert check.method == method
    wrong = checked(with_value(network_of(), value, lambda a: 1.001 * slope(a)))
    found = {block.name: block.verdict for block in wrong.blocks}
    assert {found[name] for name in names(1, 3)} == {"wrong"}
    assert {found[name] for name in names(4, 4)} == {"right"}


def test_a_loss_of_the_users_own_that_takes_no_complex_numbers_is_judged_by_differences():
    row = network_of("squared_error").loss

    def losses(a, t):
        return np.array([float(np.sum((np.real(a) - t) ** 2) / 2) for a, t in zip(a, t, strict=True)])

    network = replace(network_of("squared_error"), loss=replace(row, name="mine", losses=losses))
    assert (checked(network).ok, checked(network).method) == (True, "central differences")
    assert not checked(with_slope(network, 2, lambda g: lambda a: 1.001 * g.slope(a))).ok


def test_a_row_of_the_users_own_that_raises_beside_the_point_is_asked_elsewhere():
    def careful(a):
        if np.abs(a.real).max() > largest * (1 + 1e-3):
            raise ValueError("out of range")
        return np.sin(a)

    largest = np.inf
    network = with_value(network_of(sizes=(3, 5, 2)), careful, np.cos)
    largest = np.abs(X @ network.layers[0].W.T + network.layers[0].b).max()
    assert checked(network).ok


def test_a_large_network_is_looked_at_in_every_block_biases_included():
    network = network_of(sizes=(3, 40, 30, 2))
    assert verdicts(network) == dict.fromkeys(names(1, 3), "right")
    single = with_slope(network, 2, lambda g: lambda a: g.slope(a) * np.append(1.01, np.ones(a.shape[1] - 1)))
    assert verdicts(single)["b_2"] == "wrong"
    assert checked(network, directions=1, entries=0).ok
    assert checked(network, budget=10_000).ok


def test_a_constant_factor_is_named_in_the_note():
    found = checked(with_loss(network_of(), delta=-1.0))
    assert {block.note for block in found.blocks} == {"minus the derivative"}
    found = checked(with_loss(network_of(), delta=9.0))
    assert {block.note for block in found.blocks} == {"9 times the derivative"}
    assert {block.note for block in checked(network_of()).blocks} == {""}
    assert {block.note for block in checked(dead()).blocks} == {"", "the derivative is zero"}
