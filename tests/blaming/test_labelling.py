# SPDX-License-Identifier: MIT
"""Labelling: the label report's trainings are as long as the first one was, and no longer."""

from typing import Any

import numpy as np
import pytest

import culpa
from culpa.blaming import labelling
from culpa.blaming.labelling import planned_for
from culpa.training.choosing import Choice

RANDOM = np.random.default_rng(0)
X, Y = RANDOM.normal(size=(80, 2)), RANDOM.integers(2, size=80)


@pytest.mark.parametrize("refit", [True, False])
def test_a_training_that_patience_has_ended_was_no_longer_planned(*, refit: bool) -> None:
    choice = Choice(hidden=(3,), epochs=60, batch_size=16, learning_rate=0.05, patience=2, refit=refit)
    start = culpa.Network.fresh([2, 3, 2], loss="cross_entropy")
    network = culpa.fit(start, X, Y, **choice.training(), validation=0.3, show_progress=False)
    assert network.training is not None
    gone = len(network.training.history)
    assert 2 < gone < 60
    assert planned_for(network, choice) == gone
    assert planned_for(start, choice) == 60


def test_the_label_report_is_asked_for_no_more_epochs_than_that(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    def listening(*_: Any, **told: Any) -> None:
        asked.update(told)
        raise KeyboardInterrupt

    monkeypatch.setattr(labelling, "score_labels", listening)
    found = culpa.investigate(X, Y, epochs=60, patience=2, show_progress=False)
    assert found.interrupted
    assert found.network.training is not None
    assert asked["planned"] == len(found.network.training.history) < 60
    assert asked["options"]["epochs"] == found.network.training.best_epoch
    assert int(np.isfinite(asked["unseen"]).sum()) == len(found.held_rows)
