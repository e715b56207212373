# SPDX-License-Identifier: MIT
"""Splitting: every row on exactly one side, every class in proportion, the same again for the same seed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from culpa.errors import CulpaError, DataError, OptionError
from culpa.training.splitting import split_rows

FRACTIONS = st.floats(0.01, 0.99)
SEEDS = st.integers(0, 2**64)


def assert_sides(kept, held, n, fraction, possible=np.inf):
    """Every row on one side, in order; at least one on either; as many held out as asked for, if possible."""
    count = min(int(np.ceil(n * fraction)), n - 1)
    assert sorted([*kept, *held]) == list(range(n))
    assert list(kept) == sorted(kept)
    assert list(held) == sorted(held)
    assert len(kept) >= 1
    assert 1 <= len(held) <= count
    assert len(held) == count or count > possible


def assert_proportional(classes, held):
    """Each class's count held out is its exact share rounded up or down."""
    share = len(held) / len(classes)
    for label in np.unique(classes):
        exact = share * np.sum(classes == label)
        assert abs(np.sum(classes[held] == label) - exact) < 1, f"class {label}: {exact:.2f} ought to be held out"


@given(n=st.integers(2, 200), fraction=FRACTIONS, seed=SEEDS)
def test_numbers_are_split_with_every_row_on_exactly_one_side(n, fraction, seed):
    assert_sides(*split_rows(n, fraction, seed=seed), n, fraction)


@given(labels=st.lists(st.integers(0, 4), min_size=2, max_size=60), fraction=FRACTIONS, seed=SEEDS)
def test_classes_are_split_with_every_row_on_exactly_one_side(labels, fraction, seed):
    classes = np.array(labels)
    if len(set(labels)) > 1:
        in_company = sum(labels.count(label) > 1 for label in labels)
        sides = split_rows(len(classes), fraction, classes=classes, seed=seed)
        assert_sides(*sides, len(classes), fraction, possible=in_company)


@given(sizes=st.lists(st.integers(8, 60), min_size=2, max_size=5), fraction=st.floats(0.15, 0.85), seed=SEEDS)
def test_every_class_is_held_out_in_proportion(sizes, fraction, seed):
    classes = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(sizes)), sizes))
    kept, held = split_rows(len(classes), fraction, classes=classes, seed=seed)
    assert_proportional(classes, held)
    assert set(classes[kept]) == set(classes[held]) == set(classes)


def test_a_split_that_is_not_stratified_is_refused():
    """Negative control: plain chance, and a class left out."""
    classes = np.repeat([0, 1, 2], [200, 60, 40])
    chance = split_rows(300, 0.25, seed=1)[1]
    first = np.arange(75)
    for held in (chance, first):
        with pytest.raises(AssertionError, match="ought to be held out"):
            assert_proportional(classes, held)
    with pytest.raises(AssertionError):
        assert_sides([0, 1], [1, 2], 3, 0.5)


@pytest.mark.parametrize("kind", ["text", "bools", "floats"])
def test_classes_may_be_labels_of_any_kind(kind):
    number = np.repeat([0, 1], [30, 10])
    classes = {"text": np.array(["b", "a"])[number], "bools": number == 1, "floats": number + 0.5}[kind]
    expected = split_rows(40, 0.2, classes=number, seed=2)
    assert_proportional(classes, split_rows(40, 0.2, classes=classes, seed=2)[1])
    if kind != "text":
        np.testing.assert_array_equal(split_rows(40, 0.2, classes=classes, seed=2)[1], expected[1])


def test_the_same_seed_gives_the_same_split_and_another_seed_another():
    classes = np.arange(100) % 3
    for labels in (None, classes):
        first, again, other = (split_rows(100, 0.3, classes=labels, seed=seed)[1].tolist() for seed in (5, 5, 6))
        assert first == again != other


def test_a_class_of_one_row_is_kept_where_enough_others_can_be_held_out():
    classes = np.array([0] * 20 + [1] * 12 + [2])
    assert all(32 in split_rows(33, 0.25, classes=classes, seed=seed)[0] for seed in range(20))


def test_a_class_of_one_row_is_kept_in_a_table_too_small_to_be_stratified():
    """Two of seven rows are to be held out of three classes of two and one of one: never the last."""
    classes = np.array([0, 0, 1, 1, 2, 2, 3])
    lost = [seed for seed in range(20) if 6 not in split_rows(7, 0.25, classes=classes, seed=seed)[0]]
    assert lost == []


@pytest.mark.parametrize("classes", [None, np.array([0, 1])], ids=["numbers", "classes"])
def test_of_two_rows_one_is_kept_and_one_is_held_out(classes):
    sides = {
        tuple(int(row) for side in split_rows(2, 0.25, classes=classes, seed=seed) for row in side)
        for seed in range(20)
    }
    assert sides == {(0, 1), (1, 0)}


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 1.5, np.nan, np.inf, True, "a half", None])
def test_a_fraction_that_does_not_lie_between_0_and_1_is_refused(fraction):
    with pytest.raises(OptionError, match="between 0 and 1"):
        split_rows(10, fraction)


def test_one_row_cannot_be_split():
    with pytest.raises(DataError, match="two rows or more; got 1"):
        split_rows(1, 0.5)


@pytest.mark.parametrize("label", [np.int64(3), np.str_("cat"), np.True_])
def test_one_class_is_refused_with_the_label_as_the_user_wrote_it(label):
    with pytest.raises(DataError, match="two classes or more") as caught:
        split_rows(8, 0.5, classes=np.array([label] * 8))
    assert f"the class {label.item()!r}." in caught.value.message


@pytest.mark.parametrize("seed", [-1, 0.5, "a", None])
def test_a_seed_that_is_no_whole_number_is_refused(seed):
    with pytest.raises(CulpaError, match="`seed` must be a whole number"):
        split_rows(10, 0.5, seed=seed)
