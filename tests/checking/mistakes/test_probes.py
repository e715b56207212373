# SPDX-License-Identifier: MIT
"""Probes: on what a function is called with, as many mistakes show as can, for any depth, activation and loss."""

from itertools import pairwise, product

import numpy as np
import pytest

from culpa import ACTIVATIONS, LOSSES, Network
from culpa.checking.mistakes.dictionary import MISTAKES, plantable
from culpa.checking.mistakes.probes import arguments, probes_for

KINDS = list(product(ACTIVATIONS, LOSSES))


def network_of(hidden="relu", loss="cross_entropy", depth=3, outputs=4, **options):
    """Any network of that kind; its numbers play no part."""
    return Network.fresh([6, *[9] * (depth - 1), outputs], hidden=hidden, loss=loss, seed=1, **options)


def by_name(network, l2=True):
    return {probe.name: probe for probe in probes_for(network, l2)}


@pytest.mark.parametrize(("hidden", "loss"), KINDS)
def test_a_probe_has_everything_that_a_mistake_needs_to_show(hidden, loss):
    for name, probe in by_name(network_of(hidden, loss)).items():
        scene = probe.scene()
        assert scene.n >= 3
        assert scene.network.l2 > 0
        assert scene.network.loss.name == loss
        assert [layer.activation.name for layer in scene.network.layers[:-1]] == [hidden] * 2
        assert all(np.abs(layer.b).max() > 0.05 for layer in scene.network.layers)
        assert all(np.abs(a).max() < 6 for a in scene.a[1:])
        assert all(np.abs(a).mean() > 0.2 for a in scene.a[1:])
        for a in scene.a[1:-1]:
            assert ((a > 0).any(axis=0) & (a < 0).any(axis=0)).mean() > (0.4 if name == "kink" else 0.5), name


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 6])
@pytest.mark.parametrize("outputs", [1, 5])
def test_on_the_generic_probe_no_widths_are_equal_by_accident_and_on_the_square_one_all_are(depth, outputs):
    network = network_of(loss="squared_error", depth=depth, outputs=outputs)
    probes = by_name(network)
    generic, square = probes["generic"].network.sizes, probes["square"].network.sizes
    assert len(generic) == len(square) == depth + 1
    assert all(one != other for one, other in pairwise(generic))
    assert len(probes["generic"].X) not in generic
    assert generic[-1] == (1 if outputs == 1 else 3)
    assert len(set(square[:-1])) == 1
    assert len(probes["square"].X) not in square
    assert square[-1] == (1 if outputs == 1 else square[0])


@pytest.mark.parametrize("hidden", ACTIVATIONS)
def test_a_probe_at_the_kink_is_there_where_there_is_one(hidden):
    probes = by_name(network_of(hidden))
    assert ("kink" in probes) == bool(ACTIVATIONS[hidden].kinks)
    if "kink" in probes:
        scene = probes["kink"].scene()
        for a in scene.a[1:-1]:
            assert (a[:, 0] == 0).all()
            assert (a[:, 1:] != 0).all()


def test_no_class_is_empty_and_labels_are_of_both_kinds():
    for probe in probes_for(network_of(), l2=True):
        assert set(probe.y.tolist()) == set(range(probe.network.sizes[-1]))
    for probe in probes_for(network_of(loss="binary_cross_entropy"), l2=True):
        assert set(probe.y.ravel().tolist()) == {0.0, 1.0}


@pytest.mark.parametrize(("hidden", "loss"), [("relu", "cross_entropy"), ("tanh", "squared_error")])
def test_on_all_probes_together_every_mistake_shows_that_can(hidden, loss):
    shown = {
        step.slip.kind for probe in probes_for(network_of(hidden, loss), l2=True) for step in plantable(probe.scene())
    }
    never = {
        "relu": {
            "g′ twice", "g′ at h in place of a", "g′ written in h, taken at a", "g′ miswritten",
            "output slope dropped",
        },
        "tanh": {
            "mask inverted", "mask ≥ 0", "output slope dropped", "output slope kept", "output function twice",
            "softmax slope as p(1−p)", "logits in place of probabilities", "derivative stops at the output",
        },
    }  # fmt: skip
    assert {slip.kind for slip in MISTAKES} - shown == never[hidden]


def test_the_penalty_can_be_left_out():
    assert {probe.network.l2 for probe in probes_for(network_of(), l2=False)} == {0.0}
    assert {probe.network.l2 for probe in probes_for(network_of(l2=7.0), l2=True)} == {0.1}


def test_layers_without_biases_stay_without():
    for probe in probes_for(network_of(bias=False), l2=True):
        assert [layer.b for layer in probe.network.layers] == [None] * 3


def test_probes_do_not_depend_on_the_networks_numbers_and_are_the_same_each_time():
    one, again, other = (by_name(net)["generic"] for net in (network_of(), network_of(), network_of(l2=3.0)))
    for probe in (again, other):
        np.testing.assert_equal(arguments(probe), arguments(one))


def test_a_function_gets_copies():
    probe = by_name(network_of())["generic"]
    weights, biases, X, y, l2 = arguments(probe)
    before = arguments(probe)
    for array in (*weights, *biases, X, y):
        array += 1
    np.testing.assert_equal(arguments(probe), before)
    assert l2 == 0.1


def test_the_sum_weighs_each_example_by_one():
    probe = by_name(network_of())["square"]
    np.testing.assert_array_equal(probe.scene(summed=True).w, np.ones(7))
    np.testing.assert_array_equal(probe.scene().w, np.full(7, 1 / 7))
