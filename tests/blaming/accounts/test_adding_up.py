# SPDX-License-Identifier: MIT
"""The parts add up to the whole, to 1e-12 in float64: layers, units, weights and examples, whatever the network.

Of the squared norm ‖∇‖² and of ⟨∇, θ⟩ alike. Where the parts cancel, so that the whole is small beside them, the error
is one of the parts: it is held against the sum of their sizes.
"""

import numpy as np
import pytest

import culpa
from culpa import LOSSES, Network
from tests.blaming.accounts.brute import blame_of
from tests.cases import CASES, PLAIN, each

RANDOM = np.random.default_rng(8)
X = RANDOM.normal(size=(300, 7))
Y = RANDOM.integers(0, 3, 300)
NETWORK = Network.fresh([7, 9, 8, 3], hidden=["relu", "tanh"], seed=1, l2=0.01, dtype="float64")


def assert_adds_up(parts, whole, within=1e-12):
    parts = np.asarray(parts, float)
    assert abs(parts.sum() - whole) <= within * max(abs(whole), np.abs(parts).sum())


def check(blame, within=1e-12):
    """Every split of both quantities, and of the loss."""
    weights, there = blame.weights, float(blame.norm > 0)
    for frame in (blame.layers, blame.units, weights):
        assert_adds_up(frame["share"], there, within)
        assert_adds_up(frame["first_order"], blame.first_order, within)
    for frame in (blame.layers, blame.units):
        assert_adds_up(frame["norm"] ** 2, blame.norm**2, within)
    assert_adds_up(weights["gradient"] ** 2, blame.norm**2, within)
    assert_adds_up(blame.examples["gradient_share"], there, within)
    assert_adds_up(blame.examples["first_order"], blame.first_order, within)
    assert_adds_up(blame.examples["share"], float(blame.loss > 0), within)


def by_layer(frame, name, layers):
    """A column of a finer table, summed within each layer."""
    return np.bincount(frame["layer"] - 1, frame[name], minlength=layers)


@each([*CASES[::4], PLAIN])
def test_everything_adds_up(case):
    blame = blame_of(case)
    check(blame)
    for frame in (blame.units, blame.weights):
        for name in ("share", "first_order"):
            scale = np.abs(blame.weights[name]).sum()
            np.testing.assert_allclose(
                by_layer(frame, name, len(blame.layers)), blame.layers[name], rtol=1e-12, atol=1e-12 * scale
            )


@pytest.mark.parametrize("batch_size", [1, 7, 299])
@pytest.mark.parametrize("weighted", [False, True])
def test_it_adds_up_in_chunks(batch_size, weighted):
    check(culpa.blame(NETWORK, X, Y, weights=RANDOM.gamma(1.0, size=300) if weighted else None, batch_size=batch_size))


def test_a_float32_networks_gradient_adds_up_too():
    """The sums are in float64 whatever the network is; only its own a_k = W h + b is rounded, of which δ·a is made."""
    blame = culpa.blame(NETWORK.astype("float32"), X, Y, batch_size=64)
    for frame in (blame.layers, blame.units, blame.weights):
        assert_adds_up(frame["share"], 1.0)
    assert_adds_up(blame.examples["gradient_share"], 1.0)
    assert_adds_up(blame.examples["share"], 1.0)
    assert_adds_up(blame.examples["first_order"], blame.first_order, within=1e-6)


@pytest.mark.parametrize("loss", ["cross_entropy", "squared_error", "huber"])
def test_it_adds_up_where_a_training_has_come_to_rest(loss):
    """At a minimum the examples' gradients cancel, and the shares are large and of both signs."""
    targets = Y if LOSSES[loss].targets == "classes" else np.eye(3)[Y]
    start = Network.fresh([7, 3], loss=loss, seed=2, l2=0.1, dtype="float64")
    found = culpa.fit(start, X, targets, optimizer="lbfgs", epochs=60, show_progress=False)
    blame = culpa.blame(found, X, targets)
    check(blame)
    assert np.abs(blame.examples["gradient_share"]).sum() > 10, "nothing cancels here: the test shows nothing"
    assert blame.decay.cosine < -0.999, "no balance of loss and penalty: this is no minimum"


def test_what_does_not_add_up_is_noticed():
    """Negative control: shares of the norms instead of their squares, and one row too few."""
    blame = culpa.blame(NETWORK, X, Y)
    norms = blame.layers["norm"]
    for parts, whole in (
        (norms, blame.norm),
        (blame.examples["gradient_share"][1:], 1.0),
        (blame.examples["first_order"] * (1 + 1e-11), blame.first_order),
    ):
        with pytest.raises(AssertionError):
            assert_adds_up(parts, whole, within=1e-13)
