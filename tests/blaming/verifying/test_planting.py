# SPDX-License-Identifier: MIT
"""Planting: so many wrong labels as were asked for, each of them wrong, where the kind says, and nothing else moved."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from culpa.blaming.verifying.planting import CLASS_KINDS, plant, planted_count
from culpa.errors import DataError, OptionError, ShapeError

RANDOM = np.random.default_rng(0)
LABELS = RANDOM.integers(0, 4, size=400)
SAID = RANDOM.dirichlet(np.ones(4), size=400)
KINDS = pytest.mark.parametrize("kind", CLASS_KINDS)


def moved(before, planted):
    """Where a target is another than before."""
    return np.flatnonzero(np.asarray(before) != planted.y)


@KINDS
@pytest.mark.parametrize("share", [0.001, 0.02, 0.1, 0.333, 0.5])
def test_as_many_labels_are_wrong_as_the_share_says_and_they_are_those_that_are_told(kind, share):
    planted = plant(LABELS, share, kind, probabilities=SAID)
    assert moved(LABELS, planted).tolist() == planted.rows.tolist()
    assert len(planted.rows) == max(1, round(share * 400))
    assert set(planted.y) <= set(range(4))


@settings(max_examples=60, deadline=None)
@given(labels=st.lists(st.integers(0, 5), min_size=2, max_size=40), share=st.floats(0.01, 0.5), seed=st.integers(0, 99))
@KINDS
def test_any_labels_get_exact_counts_or_are_refused_and_every_class_keeps_a_row_of_its_own(kind, labels, share, seed):
    labels = np.array(labels)
    said = np.random.default_rng(seed).random((len(labels), 6))
    classes = len(set(labels.tolist()))
    if classes < 2 or planted_count(len(labels), share) > len(labels) - classes:
        with pytest.raises(DataError):
            plant(labels, share, kind, seed=seed, probabilities=said)
        return
    planted = plant(labels, share, kind, seed=seed, probabilities=said)
    assert moved(labels, planted).tolist() == planted.rows.tolist()
    assert len(planted.rows) == planted_count(len(labels), share)
    kept = np.delete(labels, planted.rows)
    assert set(kept) == set(labels) >= set(planted.y)


@KINDS
def test_the_same_seed_plants_the_same_and_another_seed_others_and_what_is_given_is_not_touched(kind):
    before = LABELS.copy()
    first, again, other = (plant(LABELS, 0.1, kind, seed=seed, probabilities=SAID) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.y, again.y)
    assert first.rows.tolist() != other.rows.tolist()
    np.testing.assert_array_equal(LABELS, before)


@KINDS
def test_rows_without_weight_are_left_alone_and_do_not_count(kind):
    weights = np.where(np.arange(400) < 100, 0.0, 2.0)
    planted = plant(LABELS, 0.1, kind, probabilities=SAID, weights=weights)
    assert len(planted.rows) == 30
    assert planted.rows.min() >= 100


def test_uniform_errors_go_to_every_other_class_alike_and_come_from_all():
    counts = Counter()
    for seed in range(100):
        planted = plant(LABELS, 0.2, "uniform", seed=seed)
        counts.update(zip(LABELS[planted.rows].tolist(), planted.y[planted.rows].tolist(), strict=True))
    assert len(counts) == 12
    expected = {(a, b): 20 * np.count_nonzero(a == LABELS) / 3 for a, b in counts}
    assert all(abs(counts[pair] - expected[pair]) < 5 * np.sqrt(expected[pair]) for pair in counts)


def test_class_dependent_errors_go_from_each_class_to_one_other_by_a_cycle_that_the_seed_draws():
    cycles = set()
    for seed in range(30):
        planted = plant(LABELS, 0.3, "class-dependent", seed=seed)
        pairs = sorted(set(zip(LABELS[planted.rows].tolist(), planted.y[planted.rows].tolist(), strict=True)))
        assert [a for a, _ in pairs] == [0, 1, 2, 3]
        assert sorted(b for _, b in pairs) == [0, 1, 2, 3]
        cycles.add(tuple(b for _, b in pairs))
    assert len(cycles) == 6


def test_of_two_classes_one_goes_over_as_long_as_that_takes_at_most_half_of_it():
    labels = np.repeat([0, 1], [300, 100])
    sources = {tuple(np.unique(labels[plant(labels, 0.1, "class-dependent", seed=s).rows])) for s in range(20)}
    assert sources == {(0,), (1,)}
    larger = {tuple(np.unique(labels[plant(labels, 0.2, "class-dependent", seed=s).rows])) for s in range(20)}
    assert larger == {(0,)}
    assert set(labels[plant(labels, 0.45, "class-dependent").rows]) == {0, 1}


def near_boundary(rows, second=0.49):
    """Probabilities (400, 4) that are sure of LABELS, but at some rows torn between it and the next class."""
    said = np.full((400, 4), 0.01)
    said[np.arange(400), LABELS] = 0.97
    said[rows, LABELS[rows]] = 0.49
    said[rows, (LABELS[rows] + 1) % 4] = second
    return said


def test_errors_at_the_boundary_are_among_the_five_times_as_many_rows_where_two_classes_are_closest():
    near = np.arange(0, 400, 4)  # and 5 · 20 rows are near
    outside, counts = [], np.zeros(400)
    for seed in range(200):
        planted = plant(LABELS, 0.05, "boundary", probabilities=near_boundary(near), seed=seed)
        among = planted.rows % 4 == 0
        assert (planted.y[planted.rows[among]] == (LABELS[planted.rows[among]] + 1) % 4).all()
        outside.append(np.count_nonzero(~among))
        counts[planted.rows] += 1
    # Four rows are kept out of it, one of each class, and so some of the others may fill the 100.
    assert np.mean(outside) < 0.05 * 20
    # Any of them alike: 200 draws with a chance of 20 in 100 each.
    assert abs(counts[near] - 40).max() < 5 * np.sqrt(40)


@pytest.mark.parametrize("share", [0.01, 0.05, 0.1, 0.2])
def test_of_five_labels_at_the_boundary_four_stay_right(share):
    """Were most of them wrong, the wrong ones would be the truth there."""
    closeness = RANDOM.permutation(400)
    said = np.full((400, 4), 0.1)
    said[np.arange(400), LABELS] = 0.9
    said[np.arange(400), (LABELS + 1) % 4] = 0.1 + 0.79 * closeness / 400
    wanted = round(share * 400)
    rows = plant(LABELS, share, "boundary", probabilities=said).rows
    assert len(rows) == wanted
    assert closeness[rows].min() >= 400 - 5 * wanted - 4


def test_where_all_rows_are_as_sure_as_each_other_any_is_at_the_boundary():
    said = near_boundary(np.zeros(0, int))
    rows = np.concatenate([plant(LABELS, 0.1, "boundary", probabilities=said, seed=s).rows for s in range(50)])
    assert abs(np.mean(rows < 200) - 0.5) < 0.05


def test_a_row_that_is_surely_of_another_class_is_as_far_from_the_boundary_as_a_sure_one():
    """What is wrong already would be put right by a flip to the likeliest class, which is no planted error."""
    said = np.tile([0.5, 0.5], (200, 1))
    labels = np.zeros(200, int)
    labels[100:] = 1
    said[110:] = [1.0, 0.0]  # sure and wrong
    rows = np.concatenate([plant(labels, 0.1, "boundary", probabilities=said, seed=s).rows for s in range(20)])
    assert (rows < 110).all()


def test_where_a_row_is_sure_and_all_other_classes_are_alike_any_of_them_is_noted_at_the_boundary():
    said = np.eye(4)[LABELS]
    planted = plant(LABELS, 0.5, "boundary", probabilities=said)
    noted = Counter(zip(LABELS[planted.rows].tolist(), planted.y[planted.rows].tolist(), strict=True))
    assert len(noted) == 12
    assert max(noted.values()) < 4 * min(noted.values())


def test_each_kind_draws_rows_of_its_own_even_of_two_classes():
    labels = LABELS % 2
    said = np.full((400, 2), 0.5)
    rows = [set(plant(labels, 0.1, kind, probabilities=said).rows.tolist()) for kind in CLASS_KINDS]
    assert all(len(a & b) < 15 for a, b in zip(rows, rows[1:] + rows[:1], strict=True))


def test_swapped_numbers_are_the_same_numbers_in_other_places_and_every_one_told_is_another():
    numbers = RANDOM.normal(size=300).round(1)
    planted = plant(numbers, 0.1, "swap")
    assert moved(numbers, planted).tolist() == planted.rows.tolist()
    assert len(planted.rows) == 30
    assert sorted(planted.y) == sorted(numbers)


def test_swaps_come_in_pairs_of_different_values_even_where_most_values_are_equal():
    zeros = np.where(np.arange(100) < 80, 0.0, np.arange(100))
    planted = plant(zeros, 0.11, "swap")
    assert len(planted.rows) == 10
    assert (planted.y[planted.rows] != zeros[planted.rows]).all()
    assert len(plant(zeros, 0.001, "swap").rows) == 2
    with pytest.raises(DataError, match="cannot be made wrong"):
        plant(zeros, 0.5, "swap")
    with pytest.raises(DataError, match="cannot be made wrong"):
        plant(np.ones(20), 0.1, "swap")


@pytest.mark.parametrize("share", [0, -0.1, 0.51, float("nan"), "many"])
def test_a_share_that_is_none_or_more_than_half_is_refused(share):
    with pytest.raises(OptionError, match="`share` must be"):
        plant(LABELS, share, "uniform")


def test_unknown_kinds_a_single_class_and_missing_probabilities_are_refused():
    with pytest.raises(OptionError, match="did you mean 'uniform'"):
        plant(LABELS, 0.1, "unifrom")
    with pytest.raises(DataError, match="of one class"):
        plant(np.zeros(9, int), 0.1, "uniform")
    for said in (None, SAID[:5]):
        with pytest.raises(ShapeError, match="a row for each label"):
            plant(LABELS, 0.1, "boundary", probabilities=said)
