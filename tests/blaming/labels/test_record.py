# SPDX-License-Identifier: MIT
"""The record: what is read from it is what the network said at the recorded epochs, taken one by one."""

from typing import Any

import numpy as np
import pytest

import culpa
from culpa.blaming.labels.record import (
    final_losses,
    mean_losses,
    mean_probabilities,
    needs_record,
    recorded,
    rival_losses,
    was_interrupted,
)
from culpa.errors import DataError
from culpa.training.learning import Learner


def clouds(n: int) -> tuple[Any, Any]:
    """Three clouds of points that touch."""
    random = np.random.default_rng(0)
    y = random.integers(3, size=n)
    return random.normal(size=(n, 4)) + 3 * np.eye(3, 4)[y], y


@pytest.mark.parametrize("epoch", [1, 3])
def test_half_a_training_is_no_record(epoch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    inner, gone = Learner.epoch, []

    def pressed(self: Learner, *given: Any) -> Any:
        gone.append(1)
        if len(gone) == epoch:
            raise KeyboardInterrupt
        return inner(self, *given)

    monkeypatch.setattr(Learner, "epoch", pressed)
    X, y = clouds(60)
    with pytest.raises(KeyboardInterrupt):
        recorded(culpa.Network.fresh([4, 5, 3], loss="cross_entropy"), X, y, epochs=4, show_progress=False)
    assert len(gone) == epoch


def test_means_are_over_the_networks_of_the_recorded_epochs_each_trained_anew() -> None:
    X, y = clouds(60)
    start = culpa.Network.fresh([4, 5, 3], loss="cross_entropy", dtype="float64")
    network, examples = recorded(start, X, y, epochs=4, show_progress=False)
    each = [culpa.fit(start, X, y, epochs=k, show_progress=False) for k in (1, 2, 3, 4)]
    losses = np.array([culpa.gradient(one, X, y).losses for one in each])
    np.testing.assert_allclose(mean_losses(examples), losses.mean(axis=0), rtol=1e-9)
    np.testing.assert_allclose(final_losses(examples), losses[-1], rtol=1e-9)
    np.testing.assert_allclose(mean_probabilities(examples), np.mean([culpa.predict(one, X) for one in each], axis=0))
    assert not np.allclose(mean_losses(examples), losses[-1], rtol=1e-3)
    assert not was_interrupted(network)


def test_of_two_classes_the_loss_against_the_rival_is_the_loss_itself_and_of_one_output_as_well() -> None:
    X, y = clouds(80)
    for sizes, loss in (([4, 5, 2], "cross_entropy"), ([4, 5, 1], "binary_cross_entropy")):
        network = culpa.fit(culpa.Network.fresh(sizes, loss=loss), X, y > 0, epochs=3, record=True, show_progress=False)
        examples = needs_record(network)
        np.testing.assert_allclose(rival_losses(examples), mean_losses(examples), rtol=1e-5)
        assert mean_probabilities(examples).shape == (80, 2)


def test_a_network_without_a_record_is_refused_with_a_hint() -> None:
    X, y = clouds(20)
    start = culpa.Network.fresh([4, 3], loss="cross_entropy")
    for network in (start, culpa.fit(start, X, y, epochs=1, show_progress=False)):
        with pytest.raises(DataError, match="recorded nothing"):
            needs_record(network)
