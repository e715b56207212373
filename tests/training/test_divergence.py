# SPDX-License-Identifier: MIT
"""A training that leaves the numbers behind says in which epoch and step, in which layer, and what to try.

The step is the one at which a loop of one's own is stopped by the functional gradient, and the reason is its reason.
"""

import re

import numpy as np
import pytest

import culpa
from culpa.errors import NumericalError
from tests.training.by_hand import training

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(60, 4))
CLASSES, NUMBERS = (X[:, 0] > 0).astype(int), X @ np.array([1.0, 2.0, 3.0, 4.0])
NAMED = re.compile(
    r"The training diverged in epoch (\d+), step (\d+): "
    r"(In float\d\d, (the pre-activation a_\d|the output h_\d.*|the loss|the error δ_\d) is -?(inf|nan) for row \d+"
    r"|the weights W_(\d), b_\6 of layer \6 are no longer finite; one is (-inf|inf|nan)\.)"
)
STEPS = ["sgd", "nesterov", "adam", "adamw"]


def refusal(network, inputs=X, y=NUMBERS, **options):
    """The error that a training ends in; warnings are errors here, so NumPy must not grumble before culpa speaks."""
    with pytest.raises(NumericalError) as caught:
        culpa.fit(network, inputs, y, **{"epochs": 30, "batch_size": 16, **options})
    return caught.value


@pytest.mark.parametrize("l2", [0.0, 0.1])
@pytest.mark.parametrize("activation", ["relu", "tanh", "softplus"])
@pytest.mark.parametrize(("dtype", "rate"), [("float32", 1e38), ("float64", 1e300)])
@pytest.mark.parametrize("optimizer", STEPS)
def test_every_optimizer_names_epoch_step_and_layer(optimizer, dtype, rate, activation, l2):
    network = culpa.Network.fresh([4, 8, 6, 1], hidden=activation, loss="squared_error", l2=l2, seed=0, dtype=dtype)
    error = refusal(network, optimizer=optimizer, learning_rate=rate)
    assert NAMED.match(error.message)
    assert error.hint == f"standardise the inputs, or lower the learning rate, which was {rate:g}."


@pytest.mark.parametrize(
    "message",
    [
        "The training diverged in epoch 1, step 1: ",
        "The training diverged in epoch 1: In float32, the loss is inf for row 3",
        "The training diverged in epoch 1, step 2: it overflowed.",
        "The training diverged in epoch 1, step 2: the weights W_1, b_2 of layer 1 are no longer finite; one is inf.",
    ],
)
def test_an_error_that_does_not_say_where_is_refused(message):
    assert not NAMED.match(message)


def stop_of_a_loop(network, y, **options):
    """The step, from 0, at which the functional gradient refuses to go on, and what it says."""
    steps, rate = [], options.pop("rate")
    with pytest.raises(NumericalError) as caught, np.errstate(all="ignore"):
        list(training(network, X, y, rate=lambda step: steps.append(step) or rate, **options))
    # The functional pass counts the batch's examples; a training names the row, which the loop's order tells.
    return len(steps), re.sub(r" for example \d+", " for row", caught.value.message)


@pytest.mark.parametrize("l2", [0.0, 0.1])
@pytest.mark.parametrize("rate", [1e6, 1e20, 1e100])
@pytest.mark.parametrize(
    ("loss", "activation"),
    [("squared_error", "relu"), ("squared_error", "identity"), ("poisson", "softplus")],
)
def test_step_and_reason_are_those_of_a_loop_that_anybody_can_write(loss, activation, rate, l2):
    network = culpa.Network.fresh([4, 8, 2], hidden=activation, loss=loss, l2=l2, seed=0, dtype="float64")
    values = CLASSES if loss == "poisson" else NUMBERS
    y = np.column_stack([values, values])
    options = {"epochs": 40, "batch_size": 16, "momentum": 0.0}
    step, reason = stop_of_a_loop(network, y, rate=rate, **options)
    error = refusal(network, y=y, learning_rate=rate, optimizer="sgd", **options)
    assert NAMED.match(error.message)
    message = re.sub(r" for row \d+", " for row", error.message)
    assert message == f"The training diverged in epoch {1 + step // 4}, step {1 + step % 4}: {reason}"


@pytest.mark.parametrize("optimizer", STEPS)
@pytest.mark.parametrize(
    ("dtype", "size"), [("float32", 1e30), ("float32", 1e38), ("float64", 1e200), ("float64", 1e308)]
)
def test_huge_inputs_are_named_in_the_first_step(optimizer, dtype, size):
    network = culpa.Network.fresh([4, 8, 1], loss="squared_error", seed=0, dtype=dtype)
    inputs = X / np.abs(X).max() * size
    error = refusal(network, inputs, optimizer=optimizer)
    assert NAMED.match(error.message)
    assert "epoch 1, step 1: " in error.message
    with pytest.raises(NumericalError):
        culpa.gradient(network, inputs, NUMBERS)


@pytest.mark.parametrize("options", [{}, {"validation": 0.2}], ids=str)
def test_the_row_is_named_by_its_number_in_the_users_array(options):
    """And not by its place in a shuffled batch, or among the rows that are kept."""
    inputs = X.copy()
    inputs[50] = 3e38
    network = culpa.Network.fresh([4, 8, 2], seed=0)
    with pytest.raises(NumericalError, match=r"for row 50\b|for row 50,"):
        culpa.fit(network, inputs, (NUMBERS > 0).astype(int), seed=1, **options)


def test_logits_that_lie_far_apart_are_no_divergence():
    """The log p of a class that is right by 6e38 is 0, although a step's own arrays take ∞ · 0 there."""
    network = culpa.Network.from_arrays([np.array([[3e38], [-3e38]], np.float32)])
    assert culpa.gradient(network, [[1.0], [1.0]], [0, 0]).loss == 0
    trained = culpa.fit(network, np.ones((2, 1)), [0, 0], epochs=1)
    assert trained.training.history[0].loss == 0


def test_what_overflows_only_with_dropout_is_named_too():
    """A pass without dropout shows no reason then; the sentence says so and does not end at its colon."""
    ones = np.ones((50, 1), np.float32)
    network = culpa.Network.from_arrays([ones, ones.T], loss="squared_error", hidden="relu")
    error = refusal(network, np.full((20, 1), 3e17), np.zeros(20), dropout=0.9)
    assert re.match(r"The training diverged in epoch 1, step 1: \w+", error.message)


def test_lbfgs_says_where_it_overflowed_and_what_to_try():
    """It names epoch and layer, and does not hint at a learning rate, which this optimiser does not have."""
    network = culpa.Network.fresh([4, 8, 1], loss="poisson", seed=0, dtype="float64")
    error = refusal(network, 1e10 * X, CLASSES, optimizer="lbfgs")
    assert re.search(r"a_\d|h_\d|layer \d", error.message)
    assert "learning rate" not in error.hint


def test_clipping_keeps_a_training_in_the_numbers_that_would_leave_them():
    network = culpa.Network.fresh([4, 8, 1], loss="squared_error", seed=0)
    options = {"optimizer": "sgd", "learning_rate": 1.0, "momentum": 0.0}
    refusal(network, 100 * X, **options)
    for clipped in ({"clip_norm": 0.01}, {"clip_examples": 0.01}):
        kept = culpa.fit(network, 100 * X, NUMBERS, epochs=30, batch_size=16, **clipped, **options)
        assert np.isfinite(culpa.flatten(kept)).all()


@pytest.mark.parametrize("option", [{}, {"clip_norm": 1e300}, {"clip_examples": 1e300}, {"noise_scale": True}], ids=str)
def test_options_that_look_at_the_gradient_do_not_hide_a_divergence(option):
    """Where a squared norm overflows, a bound above the norm itself must not make the gradient zero."""
    network = culpa.Network.fresh([4, 8, 1], loss="squared_error", seed=0, dtype="float64")
    plain = refusal(network, optimizer="sgd", learning_rate=1e6, momentum=0)
    assert refusal(network, optimizer="sgd", learning_rate=1e6, momentum=0, **option).message == plain.message


def test_epochs_before_the_divergence_were_seen_by_the_callbacks():
    seen = []
    network = culpa.Network.fresh([4, 1], loss="squared_error", seed=0, dtype="float64")
    error = refusal(network, optimizer="sgd", learning_rate=40.0, momentum=0, callbacks=[seen.append], epochs=400)
    count = int(NAMED.match(error.message).group(1))
    assert count > 3
    assert [epoch.epoch for epoch in seen] == list(range(1, count))
    assert all(np.isfinite(epoch.loss) for epoch in seen)
