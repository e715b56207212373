# SPDX-License-Identifier: MIT
"""Memory: who gives doubtful rows their label in the end has learnt them by heart, whatever the loss's unit."""

import numpy as np
import pytest
from numpy.typing import NDArray

import culpa
from culpa.blaming.labels.memory import memory_of
from culpa.blaming.labels.record import needs_record
from culpa.training.record import Examples

DOUBTS = np.repeat([0.9, -0.9], [20, 80])


def record(last: NDArray[np.float64], middle: NDArray[np.float64] | None = None) -> Examples:
    """A record of three epochs with such margins in the middle and at the end."""
    early = -np.ones(100)
    return Examples(np.arange(1, 4), margins=np.array([early, early if middle is None else middle, last]))


def margins(fitted: int) -> NDArray[np.float64]:
    """All rows but the first 20 are right, and of these so many."""
    return np.where((np.arange(100) < fitted) | (np.arange(100) >= 20), 1.0, -1.0)


@pytest.mark.parametrize(("fitted", "by_heart"), [(20, True), (15, True), (11, True), (10, False), (2, False)])
@pytest.mark.parametrize("unit", [1e-7, 1.0, 1e5])
def test_doubted_rows_that_get_their_label_in_the_end_tell(fitted: int, by_heart: bool, unit: float) -> None:
    found = memory_of(record(unit * margins(fitted)), DOUBTS)
    assert found is not None
    assert found.memorised is by_heart
    assert f"of the 20 rows whose label a forest that has not seen them clearly contradicts, it gives {fitted} " in (
        found.sentence
    )


def test_without_a_forest_the_rows_tell_that_were_wrong_halfway() -> None:
    middle = margins(0)
    kept, learnt = (memory_of(record(margins(fitted), middle)) for fitted in (1, 19))
    assert kept is not None
    assert learnt is not None
    assert (kept.memorised, learnt.memorised) == (False, True)
    assert "halfway" in learnt.sentence


def test_nothing_is_said_of_too_few_rows_or_without_margins() -> None:
    assert memory_of(record(margins(9)), np.repeat([0.9, -0.9], [9, 91])) is None
    assert memory_of(record(margins(10)), np.repeat([0.9, -0.9], [10, 90])) is not None
    assert memory_of(Examples(np.arange(1), losses=np.ones((1, 100))), DOUBTS) is None


def test_a_network_that_is_trained_for_long_knows_random_labels_by_heart_and_one_with_a_penalty_does_not() -> None:
    random = np.random.default_rng(0)
    X, y = random.normal(size=(120, 8)), random.integers(2, size=120)
    verdicts = []
    for l2, epochs in ((0.0, 150), (1.0, 20)):
        start = culpa.Network.fresh([8, 48, 2], loss="cross_entropy", l2=l2)
        network = culpa.fit(start, X, y, epochs=epochs, learning_rate=0.01, record=True, show_progress=False)
        found = memory_of(needs_record(network))
        verdicts.append(found is not None and found.memorised)
    assert verdicts == [True, False]
