# SPDX-License-Identifier: MIT
"""Splitting by whole groups: no group on both sides, the fraction and the classes met as well as groups allow."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import culpa
from culpa.errors import DataError, ShapeError
from culpa.training.splitting import split_rows
from tests.oracles.comparing import assert_same

RANDOM = np.random.default_rng(1)
SIZES = RANDOM.integers(1, 12, 40)
GROUPS = RANDOM.permutation(np.repeat(np.arange(40), SIZES))
N = len(GROUPS)
SEEDS = range(8)


def assert_whole(kept, held, groups):
    """Every row on one side, in order, at least one on either, and no group on both."""
    assert sorted([*kept, *held]) == list(range(len(groups)))
    assert list(kept) == sorted(kept)
    assert list(held) == sorted(held)
    assert len(kept) > 0
    assert len(held) > 0
    both = set(np.asarray(groups)[kept]) & set(np.asarray(groups)[held])
    assert not both, f"{len(both)} groups are on both sides"


@given(
    labels=st.lists(st.integers(0, 6), min_size=2, max_size=60),
    fraction=st.floats(0.01, 0.5),
    seed=st.integers(0, 2**64),
)
def test_no_group_is_on_both_sides(labels, fraction, seed):
    if len(set(labels)) > 1:
        assert_whole(*split_rows(len(labels), fraction, groups=np.array(labels), seed=seed), labels)


@pytest.mark.parametrize("fraction", [0.6, 0.75, 0.99])
@pytest.mark.parametrize("count", [2, 3, 40])
def test_a_large_fraction_leaves_at_least_one_group(count, fraction):
    """Where the fraction of the groups, rounded up, is all of them, one group is kept."""
    groups = GROUPS % count
    assert_whole(*split_rows(N, fraction, groups=groups), groups)


def test_rows_that_are_split_one_by_one_are_refused():
    """Negative control."""
    with pytest.raises(AssertionError, match="on both sides"):
        assert_whole(*split_rows(N, 0.25, seed=0), GROUPS)
    with pytest.raises(AssertionError):
        assert_whole(np.arange(N), np.arange(0), GROUPS)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("fraction", [0.1, 0.25, 0.5])
def test_the_fraction_is_met_to_within_the_largest_group(fraction, seed):
    held = split_rows(N, fraction, groups=GROUPS, seed=seed)[1]
    assert abs(len(held) - fraction * N) <= SIZES.max()


def missed(classes, held, fraction):
    """By how many rows the classes' shares are missed, all together."""
    return sum(
        abs(np.sum(classes[held] == label) - fraction * np.sum(classes == label)) for label in np.unique(classes)
    )


CLASSES = (np.arange(40) % 4 == 0)[GROUPS]
"""Groups of one class each, a quarter of them positive: chance alone often holds out too many or too few."""


def test_the_classes_are_held_out_in_proportion_as_well_as_whole_groups_allow():
    """Better than nine of ten draws by chance, on every seed."""
    by_chance = []
    for seed in range(200):
        chosen = np.random.default_rng(seed).permutation(40)[:10]
        by_chance.append(missed(CLASSES, np.flatnonzero(np.isin(GROUPS, chosen)), 0.25))
    bar = np.quantile(by_chance, 0.1)
    found = [missed(CLASSES, split_rows(N, 0.25, classes=CLASSES, groups=GROUPS, seed=s)[1], 0.25) for s in SEEDS]
    assert max(found) <= bar
    blind = [missed(CLASSES, split_rows(N, 0.25, groups=GROUPS, seed=s)[1], 0.25) for s in SEEDS]
    assert max(blind) > bar, "a split that does not look at the classes must show here"


def test_the_same_seed_gives_the_same_split_and_another_seed_another():
    for classes in (None, CLASSES):
        options = {"groups": GROUPS, "classes": classes}
        first, again, other = (split_rows(N, 0.25, seed=seed, **options)[1].tolist() for seed in (5, 5, 6))
        assert first == again != other


KINDS = {
    "a list": GROUPS.tolist(),
    "words": np.array([f"patient {number:02}" for number in GROUPS]),
    "Python's words": np.array([f"{number:02}" for number in GROUPS], dtype=object),
    "numbers with a fraction": GROUPS + 0.5,
    "days": np.datetime64("2024-01-01") + GROUPS,
}


@pytest.mark.parametrize("groups", KINDS.values(), ids=KINDS)
def test_groups_may_be_named_in_any_way(groups):
    expected = split_rows(N, 0.25, groups=GROUPS, seed=2)
    for mine, its in zip(split_rows(N, 0.25, groups=groups, seed=2), expected, strict=True):
        np.testing.assert_array_equal(mine, its)


def test_groups_may_be_missing_or_mixed():
    """What has no name is a group too."""
    groups = [None] * 10 + ["a"] * 10 + [3] * 10
    assert_whole(*split_rows(30, 0.3, groups=groups), [str(name) for name in groups])


def test_of_two_groups_one_is_held_out():
    groups = np.repeat(["a", "b"], [10, 20])
    assert {tuple(set(groups[split_rows(30, 0.3, groups=groups, seed=seed)[1]])) for seed in SEEDS} <= {("a",), ("b",)}


@pytest.mark.parametrize("groups", [np.arange(7), 3, np.zeros((N, 2)), []], ids=["few", "one", "columns", "none"])
def test_not_one_group_for_each_row_is_refused(groups):
    with pytest.raises(ShapeError, match="`groups` must hold one entry for each of the"):
        split_rows(N, 0.25, groups=groups)


def test_one_group_or_one_class_is_refused():
    with pytest.raises(DataError, match="two groups or more"):
        split_rows(N, 0.25, groups=0 * GROUPS)
    with pytest.raises(DataError, match="two classes or more"):
        split_rows(N, 0.25, groups=GROUPS, classes=0 * GROUPS)


X = RANDOM.normal(size=(N, 3))
NETWORK = culpa.Network.fresh([3, 4, 2], seed=0, dtype="float64")


def test_fit_holds_whole_groups_out_and_trains_as_on_the_others_alone():
    y = CLASSES.astype(int)
    options = {"epochs": 3, "batch_size": 16, "seed": 4}
    grouped = culpa.fit(NETWORK, X, y, validation=0.25, groups=GROUPS, record=True, **options)
    kept, held = split_rows(N, 0.25, classes=y, groups=GROUPS, seed=4)
    assert_whole(kept, held, GROUPS)
    np.testing.assert_array_equal(np.flatnonzero(grouped.training.examples.learnt), kept)
    apart = culpa.fit(NETWORK, X[kept], y[kept], validation=(X[held], y[held]), **options)
    assert grouped.training.rows == apart.training.rows == (len(kept), len(held))
    np.testing.assert_allclose(grouped.training.history, apart.training.history, rtol=1e-12)
    assert_same(culpa.flatten(grouped), culpa.flatten(apart))


def test_fit_holds_groups_of_numbers_out_too():
    network = culpa.Network.fresh([3, 4, 1], loss="squared_error", seed=0)
    learnt = culpa.fit(
        network, X, X[:, 0], validation=0.25, groups=GROUPS, record=True, epochs=1
    ).training.examples.learnt
    assert_whole(np.flatnonzero(learnt), np.flatnonzero(~learnt), GROUPS)
