# SPDX-License-Identifier: MIT
"""Folds: every row in one of them, classes and groups dealt out evenly, the same for the same seed."""

import numpy as np
import pytest

from culpa.errors import OptionError, ShapeError
from culpa.training.splitting import fold_rows

RANDOM = np.random.default_rng(3)
CLASSES = RANDOM.choice(["a", "b", "c"], p=[0.7, 0.25, 0.05], size=203)
GROUPS = RANDOM.integers(40, size=203)


def counts(folds, values):
    """How often each value occurs in each fold."""
    return np.array([[np.sum(values[fold] == value) for value in np.unique(values)] for fold in folds])


@pytest.mark.parametrize("classes", [None, CLASSES], ids=["numbers", "classes"])
@pytest.mark.parametrize("groups", [None, GROUPS], ids=["rows", "groups"])
@pytest.mark.parametrize("folds", [2, 5])
def test_every_row_is_held_out_once(classes, groups, folds):
    found = fold_rows(203, folds, classes=classes, groups=groups, seed=1)
    assert len(found) == folds
    assert sorted(np.concatenate(found)) == list(range(203))
    assert all((np.diff(fold) > 0).all() for fold in found)


def test_folds_differ_by_one_row_at_the_most_and_in_each_class_by_one():
    found = fold_rows(203, 5, classes=CLASSES)
    assert np.ptp([len(fold) for fold in found]) == 1
    assert np.ptp(counts(found, CLASSES), axis=0).max() == 1


def test_folds_by_chance_alone_would_be_less_even():
    """Negative control of the one above."""
    assert np.ptp(counts(fold_rows(203, 5), CLASSES), axis=0).max() > 1


def test_a_group_lies_in_one_fold_and_the_folds_are_nearly_even():
    found = fold_rows(203, 5, classes=CLASSES, groups=GROUPS)
    assert ((counts(found, GROUPS) > 0).sum(axis=0) == 1).all()
    assert np.ptp([len(fold) for fold in found]) <= np.bincount(GROUPS).max()
    assert counts(found, CLASSES).min() > 0


def test_as_many_groups_as_folds_make_a_fold_each():
    found = fold_rows(30, 3, groups=np.arange(30) % 3)
    assert sorted(tuple(fold % 3) for fold in found) == [(0,) * 10, (1,) * 10, (2,) * 10]


def test_names_of_groups_may_be_of_several_kinds():
    names = np.array(["x", 1, None, "x", 1, None], dtype=object)
    found = fold_rows(6, 3, groups=names)
    assert sorted(fold.tolist() for fold in found) == [[0, 3], [1, 4], [2, 5]]


def test_the_seed_alone_decides():
    first, again, other = (fold_rows(203, 5, classes=CLASSES, groups=GROUPS, seed=seed) for seed in (0, 0, 1))
    assert [fold.tolist() for fold in first] == [fold.tolist() for fold in again]
    assert [fold.tolist() for fold in first] != [fold.tolist() for fold in other]


def test_groups_of_another_length_and_a_seed_that_is_none_are_refused():
    with pytest.raises(ShapeError, match="one entry for each of the 4 rows"):
        fold_rows(4, 2, groups=[1, 2])
    with pytest.raises(OptionError, match="seed"):
        fold_rows(4, 2, seed=-1)
