# SPDX-License-Identifier: MIT
"""The history beside a loop of one's own: losses and norms of the batches under clipping, and the noise scale.

Plain losses and norms, with and without weights, are in `test_record`; rates in `test_schedules`.
"""

import numpy as np
import pytest

import culpa
from tests.oracles.comparing import assert_same
from tests.training.by_hand import training

RANDOM = np.random.default_rng(9)
N = 44
X, Y, S = RANDOM.normal(size=(N, 3)), RANDOM.integers(0, 3, N), RANDOM.gamma(1.0, size=N)
NETWORK = culpa.Network.fresh([3, 6, 3], hidden="tanh", l2=0.05, seed=1, dtype="float64")
BOUND = 0.3


def history(network=NETWORK, **options):
    given = {"epochs": 3, "batch_size": 10, "optimizer": "sgd", "learning_rate": 0.1, **options}
    return culpa.fit(network, X, Y, **given).training.history


def to_norm(total):
    return total * min(1.0, BOUND / np.linalg.norm(total))


CLIPPED = {
    "nothing": ({}, {}),
    "batches": ({"clip_norm": BOUND}, {"of_batch": to_norm}),
    "examples": ({"clip_examples": BOUND}, {"of_examples": lambda g: g.clipped(BOUND)}),
}


@pytest.mark.parametrize("weights", [None, S], ids=["equal weights", "weights"])
@pytest.mark.parametrize(("asked", "by_hand"), CLIPPED.values(), ids=CLIPPED)
def test_losses_and_norms_are_those_of_the_batches_before_the_batch_is_clipped(asked, by_hand, weights):
    """A mean over rows, so that the last batch of 4 counts as 4; a root mean square over batches."""
    mine = history(weights=weights, **asked)
    for epoch, after in zip(mine, training(NETWORK, X, Y, weights=weights, **by_hand), strict=True):
        assert_same(epoch.loss, np.average(after.losses, weights=after.sizes))
        assert_same(epoch.gradient_norm, np.sqrt(np.mean(np.square(after.norms))))
        assert epoch.loss != pytest.approx(np.mean(after.losses), rel=1e-6), "batches must not count the same"
        if "clip_norm" in asked:
            assert epoch.gradient_norm > BOUND * 1.01, "a norm after clipping must show here"


def test_the_bound_is_exceeded_by_some_examples_and_batches():
    (after, *_) = training(NETWORK, X, Y, epochs=1)
    assert max(after.norms) > BOUND
    assert np.mean([norm > BOUND for g in after.gradients for norm in g.norms()]) > 0.5


def parts(after, least=2):
    """The mean over batches of trace and signal, by the functional gradient; a single row has none."""
    found = [g.noise_scale()[1:] for g in after.gradients if len(g.w) >= least]
    return np.mean(found, axis=0)


@pytest.mark.parametrize("batch_size", [10, 11, N, 22, 2])
@pytest.mark.parametrize("clip_norm", [None, BOUND], ids=["as it is", "clipped"])
def test_the_noise_scales_parts_are_the_mean_of_the_batches_own(batch_size, clip_norm):
    """Without the penalty, and of the gradient before it is clipped; batches of 10 leave a last one of 4."""
    by_hand = {} if clip_norm is None else {"of_batch": to_norm}
    mine = history(noise_scale=True, batch_size=batch_size, clip_norm=clip_norm)
    for epoch, after in zip(mine, training(NETWORK, X, Y, batch_size=batch_size, **by_hand), strict=True):
        trace, signal = parts(after)
        assert_same(epoch.noise_trace, trace)
        # NOTE: the signal is a difference of two numbers of the trace's size / n, so that is its scale.
        assert_same(epoch.noise_signal, signal, scale=abs(signal) + trace / batch_size)
        assert epoch.noise_scale == (pytest.approx(trace / signal, rel=1e-9) if signal > 0 else np.inf)
        with pytest.raises(AssertionError):
            assert_same(epoch.noise_trace, trace * (1 + 1e-9))


def test_a_last_batch_of_one_row_leaves_the_mean_to_the_others():
    """It does not count as a batch whose trace and signal are 0, which would make both too small."""
    for epoch, after in zip(
        history(noise_scale=True, batch_size=43), training(NETWORK, X, Y, batch_size=43), strict=True
    ):
        trace, signal = parts(after)
        assert after.sizes == [43, 1]
        assert epoch.noise_scale == (pytest.approx(trace / signal, rel=1e-9) if signal > 0 else np.inf)
        assert_same(epoch.noise_trace, trace)
        assert_same(epoch.noise_signal, signal, scale=trace)


def test_batches_of_one_row_tell_nothing_of_the_noise():
    """It is not infinite, as if the examples had been seen to disagree."""
    assert all(np.isnan(epoch.noise_scale) for epoch in history(noise_scale=True, batch_size=1))


def test_noise_that_drowns_the_signal_is_infinite_and_none_where_it_was_not_asked_for():
    """Labels by chance: of twelve orders of the rows, some make a signal that comes out negative."""
    found = [history(noise_scale=True, epochs=1, seed=seed)[0] for seed in range(12)]
    drowned = [epoch for epoch in found if epoch.noise_signal <= 0]
    assert 0 < len(drowned) < 12
    assert all(epoch.noise_scale == np.inf for epoch in drowned)
    assert all(0 < epoch.noise_scale < np.inf for epoch in found if epoch not in drowned)
    assert all(np.isnan([epoch.noise_trace, epoch.noise_signal, epoch.noise_scale]).all() for epoch in history())


@pytest.mark.parametrize("optimizer", ["sgd", "nesterov", "adam", "adamw"])
def test_to_ask_for_the_noise_changes_no_bit_of_the_training(optimizer):
    asked, plain = (np.array(history(noise_scale=flag, optimizer=optimizer)) for flag in (True, False))
    np.testing.assert_array_equal(asked[:, :6], plain[:, :6])


def test_in_float32_the_noise_is_the_same_to_its_digits():
    one, other = (history(NETWORK.astype(dtype), noise_scale=True, epochs=1)[0] for dtype in ("float32", "float64"))
    # NOTE: 1e-4, because the parts are differences of sums that float32 rounds at 6e-8 of their size.
    assert one.noise_trace == pytest.approx(other.noise_trace, rel=1e-4)
    assert one.noise_signal == pytest.approx(other.noise_signal, abs=1e-4 * other.noise_trace)


def test_the_noise_comes_back_from_json():
    training_record = culpa.fit(NETWORK, X, Y, epochs=2, noise_scale=True).training
    again = culpa.Training.from_dict(training_record.to_dict())
    assert [epoch.noise_scale for epoch in again.history] == [epoch.noise_scale for epoch in training_record.history]
    assert again.recipe == training_record.recipe
    assert again.recipe.noise_scale
