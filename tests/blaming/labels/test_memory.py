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


def unseen(right: int, few: int = 10) -> NDArray[np.float64]:
    """Of the first 20 rows a network has not seen so many, and gives so many of these their label."""
    return np.where(np.arange(100) < few, (np.arange(100) < right).astype(float), np.nan)


@pytest.mark.parametrize(
    ("fitted", "right", "by_heart"),
    [(20, 0, True), (20, 4, True), (20, 5, False), (20, 9, False), (15, 0, True), (11, 0, True), (10, 0, False)],
)
@pytest.mark.parametrize("unit", [1e-7, 1.0, 1e5])
def test_doubted_rows_tell_that_get_their_label_in_the_end_and_only_from_who_has_seen_them(
    fitted: int, right: int, by_heart: bool, unit: float
) -> None:
    found = memory_of(record(unit * margins(fitted)), DOUBTS, unseen(right))
    assert found is not None
    assert found.memorised is by_heart
    assert f"of the 20 rows whose label a forest that has not seen them clearly contradicts, it gives {fitted} " in (
        found.sentence
    )
    assert f"; of the 10 of them that were held out at first it gave {right} theirs." in found.sentence
    assert found.evidence == {"asked": 20, "given": fitted, "asked unseen": 10, "given unseen": right}


def test_rows_of_weight_zero_were_not_learnt_and_are_not_asked() -> None:
    weights = np.where(np.arange(100) < 5, 0.0, 1.0)
    found = memory_of(record(margins(20)), DOUBTS, unseen(0), weights)
    assert found is not None
    assert found.evidence == {"asked": 15, "given": 15, "asked unseen": 5, "given unseen": 0}


def test_without_a_forest_the_rows_tell_that_were_wrong_halfway() -> None:
    middle = margins(0)
    kept, learnt = (memory_of(record(margins(fitted), middle), unseen=unseen(0)) for fitted in (1, 19))
    assert kept is not None
    assert learnt is not None
    assert (kept.memorised, learnt.memorised) == (False, True)
    assert "halfway" in learnt.sentence


def test_nothing_is_said_of_too_few_rows_or_without_margins_or_where_nobody_has_not_seen_them() -> None:
    nine, ten = (np.repeat([0.9, -0.9], [n, 100 - n]) for n in (9, 10))
    assert memory_of(record(margins(9)), nine, unseen(0)) is None
    assert memory_of(record(margins(10)), ten, unseen(0)) is not None
    assert memory_of(record(margins(10)), ten, unseen(0, few=4)) is None
    assert memory_of(record(margins(10)), ten) is None
    assert memory_of(Examples(np.arange(1), losses=np.ones((1, 100))), DOUBTS, unseen(0)) is None


def test_a_network_that_is_trained_for_long_knows_random_labels_by_heart_and_one_with_a_penalty_does_not() -> None:
    random = np.random.default_rng(0)
    X, y = random.normal(size=(120, 8)), random.integers(2, size=120)
    verdicts = []
    for l2, epochs in ((0.0, 150), (1.0, 20)):
        start = culpa.Network.fresh([8, 48, 2], loss="cross_entropy", l2=l2)
        options = {"epochs": epochs, "learning_rate": 0.01, "show_progress": False}
        apart = np.full(120, np.nan)
        apart[80:] = culpa.classes(culpa.fit(start, X[:80], y[:80], **options), X[80:]) == y[80:]
        found = memory_of(needs_record(culpa.fit(start, X, y, record=True, **options)), unseen=apart)
        verdicts.append(found is not None and found.memorised)
    assert verdicts == [True, False]


def test_a_network_that_suits_a_clean_table_better_than_the_forest_is_not_said_to_know_it_by_heart() -> None:
    random = np.random.default_rng(0)
    X = random.normal(size=(1200, 10))
    found = culpa.investigate(X, X @ random.normal(size=10) > 0, epochs=60, l2=1e-3, show_progress=False)
    assert found.labels is not None
    assert found.labels.memory is not None
    assert not found.labels.memory.memorised
    assert found.labels.memory.evidence["given"] > 0.8 * found.labels.memory.evidence["asked"]
    assert found.labels.wrong is not None
    assert found.labels.wrong.likely < 0.5 * found.labels.memory.evidence["asked"]
