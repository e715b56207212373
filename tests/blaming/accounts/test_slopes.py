# SPDX-License-Identifier: MIT
"""Dead and saturated units, planted by hand, are counted; the loss's unit of measure plays no part in what is shown.

dead        |g′(a)| ≤ max|g′| / 1000 for every example
saturated   not dead, g levels off on both sides, |g′(a)| ≤ max|g′| / 20 for 95 % of the examples
"""

from dataclasses import replace

import numpy as np
import pytest

import culpa
from culpa import LOSSES, Activation, Network

N = 20
COLUMN = np.linspace(-1, 1, N)[:, None]


def counted(name, biases, X=COLUMN, slope=0.01, **options):
    """(dead, saturated) of one hidden layer, whose units see nearly their bias alone."""
    W, b = np.full((len(biases), X.shape[1]), slope), np.array(biases, float)
    network = Network.from_arrays([W, np.ones((1, len(biases)))], [b, None], hidden=name, loss="squared_error")
    layers = culpa.blame(network, X, np.zeros(len(X)), **options).layers
    assert np.isnan(layers["dead"][-1]), "the last layer has no hidden units"
    assert np.isnan(layers["saturated"][-1])
    return layers["dead"][0], layers["saturated"][0]


PLANTED = {
    "relu below its kink": ("relu", [-5, 5, -0.5, 5], 2, None),
    "relu awake": ("relu", [5, 6, 7], 0, None),
    "gelu far below": ("gelu", [-50, -6, 0, 3, 50], 2, None),
    "silu far below": ("silu", [-50, -20, 0, 3], 2, None),
    "elu far below": ("elu", [-50, -8, 0, 3], 2, None),
    "leaky relu never dies": ("leaky_relu", [-50, 0, 50], 0, None),
    "tanh on either side": ("tanh", [0, 1, 3, -3, 50, -50], 2, 2),
    "logistic on either side": ("logistic", [0, 2, 5, -5, 50, -50], 2, 2),
    "softplus far below": ("softplus", [-50, -8, 0, 50], 2, None),
    "identity": ("identity", [-50, 0, 50], 0, None),
}


@pytest.mark.parametrize(("name", "biases", "dead", "saturated"), PLANTED.values(), ids=PLANTED)
def test_planted_units_are_counted(name, biases, dead, saturated):
    """Where an activation does not level off on both sides, nothing is counted as saturated: the entry is missing."""
    found = counted(name, biases)
    assert found[0] == dead
    assert np.isnan(found[1]) if saturated is None else found[1] == saturated


@pytest.mark.parametrize("name", ["relu", "tanh", "logistic", "gelu"])
@pytest.mark.parametrize("batch_size", [1, 3, N])
def test_the_counts_do_not_depend_on_chunks_or_order(name, batch_size):
    biases = [-50, -8, -5, -3, 0, 0.5, 3, 5, 50]
    expected = counted(name, biases, slope=2.0)
    np.testing.assert_array_equal(counted(name, biases, slope=2.0, batch_size=batch_size), expected)
    np.testing.assert_array_equal(counted(name, biases, slope=2.0, X=COLUMN[::-1]), expected)


def test_a_unit_that_wakes_up_for_one_example_is_not_dead():
    X = np.full((N, 1), -1.0)
    assert counted("relu", [0.0], X, slope=1.0)[0] == 1
    X[7] = 1.0
    assert counted("relu", [0.0], X, slope=1.0)[0] == 0


@pytest.mark.parametrize(("flat", "expected"), [(20, 1), (19, 1), (18, 0), (0, 0)])
def test_a_unit_is_saturated_where_it_is_flat_for_95_per_cent_of_the_examples(flat, expected):
    """At 3, tanh has a slope of .01, a fiftieth short of a twentieth of its steepest; at 0 it is the steepest."""
    X = np.where(np.arange(N) < flat, 3.0, 0.0)[:, None]
    assert counted("tanh", [0.0], X, slope=1.0) == (0, expected)


@pytest.mark.parametrize(("a", "dead", "saturated"), [(2.1, 0, 0), (2.3, 0, 1), (4.1, 0, 1), (4.2, 1, 0)])
def test_the_bars_are_a_twentieth_and_a_thousandth_of_the_steepest_slope(a, dead, saturated):
    """1/cosh² a is .0586 at 2.1, .0392 at 2.3, .001097 at 4.1 and .000899 at 4.2."""
    assert counted("tanh", [a], slope=0.0) == (dead, saturated)
    assert counted("logistic", [2 * a], slope=0.0) == (dead, saturated)


def test_every_hidden_layer_is_counted_for_itself():
    network = Network.fresh([3, 4, 5, 6, 2], hidden=["relu", "tanh", "logistic"], seed=0, dtype="float64")
    layers = list(network.layers)
    for k, b in ((0, [-99, 9, -99, 9]), (1, [0, 99, 0, 0, 99]), (2, [9, 0, 0, 9, 99, 0])):
        layers[k] = replace(layers[k], W=0.001 * layers[k].W, b=np.array(b, float))
    X = np.random.default_rng(0).normal(size=(9, 3))
    frame = culpa.blame(replace(network, layers=tuple(layers)), X, np.arange(9) % 2).layers.to_dict()
    assert frame["dead"] == [2, 2, 3, None]
    assert frame["saturated"] == [None, 0, 0, None]


def test_an_activation_that_is_flat_everywhere_has_dead_units_and_no_slope():
    flat = Activation("flat", lambda a: 0 * a + 1, lambda a: 0 * a)
    network = Network.from_arrays([np.ones((2, 1)), np.ones((1, 2))], hidden=flat, loss="squared_error")
    units = culpa.blame(network, COLUMN, np.zeros(N)).units
    assert units["dead"].tolist() == [True, True, False]
    assert np.isnan(units["slope"]).all()


def scaled(loss, factor):
    """The loss in another unit."""
    return replace(
        loss,
        name="scaled",
        losses=lambda a, t: factor * loss.losses(a, t),
        delta=lambda a, t: factor * loss.delta(a, t),
    )


@pytest.mark.parametrize("factor", [1e-7, 1e5])
@pytest.mark.parametrize("loss", ["cross_entropy", "squared_error"])
def test_the_losss_unit_changes_no_count_no_share_and_no_ratio(loss, factor):
    random = np.random.default_rng(3)
    X, y = random.normal(size=(30, 3)), random.integers(0, 2, 30)
    targets = y if loss == "cross_entropy" else np.eye(2)[y]
    network = Network.fresh([3, 8, 6, 2], hidden=["relu", "tanh"], loss=loss, seed=0, dtype="float64")
    layers = list(network.layers)
    layers[0] = replace(layers[0], b=np.array([-99.0, -99.0, 0, 0, 0, 0, 0, 0]))
    layers[1] = replace(layers[1], b=np.array([3.5, 99.0, 0, 0, 0, 0]))
    network = replace(network, layers=tuple(layers))
    plain = culpa.blame(network, X, targets)
    other = culpa.blame(replace(network, loss=scaled(LOSSES[loss], factor)), X, targets)
    assert plain.layers["dead"].tolist()[:2] == [2, 1]
    assert plain.layers["saturated"][1] == 1
    for frame in ("layers", "units"):
        mine, expected = getattr(other, frame), getattr(plain, frame)
        for name in ("dead", "saturated"):
            np.testing.assert_array_equal(mine[name], expected[name])
    alike = {
        "layers": ("share", "signal_to_noise", "growth"),
        "units": ("share", "slope"),
        "weights": ("share", "t"),
        "columns": ("column", "share", "replaced"),
        "examples": ("share", "cosine", "gradient_share"),
    }
    scaled_too = {
        "layers": ("norm", "first_order", "update_to_weight"),
        "units": ("norm", "first_order", "contribution"),
        "weights": ("gradient", "first_order"),
        "columns": ("gradient", "loss_replaced", "increase"),
        "examples": ("loss", "norm", "first_order"),
    }
    for names, by in ((alike, 1.0), (scaled_too, factor)):
        for frame, columns in names.items():
            for name in columns:
                mine, expected = getattr(other, frame)[name], getattr(plain, frame)[name]
                if expected.dtype.kind != "f":
                    assert mine.tolist() == expected.tolist()
                    continue
                scale = by * np.nanmax(np.abs(expected))
                np.testing.assert_allclose(mine, by * expected, rtol=1e-9, atol=1e-12 * scale, err_msg=name)
