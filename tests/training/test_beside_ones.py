# SPDX-License-Identifier: MIT
"""Rows that lie beside a column of ones: they are taken without a copy, and learnt from as any others are."""

import numpy as np
import pytest

import culpa
from culpa.errors import DataError
from culpa.training.rows import admit_rows, beside_ones

NETWORK = culpa.Network.fresh([4, 3, 2], seed=0)
Y = np.arange(60) % 2


def filled():
    """The same rows twice: beside ones, and alone."""
    alone = np.random.default_rng(0).normal(size=(60, 4)).astype("float32")
    beside = beside_ones(60, 4)
    beside[:] = alone
    return beside, alone


def test_rows_beside_ones_are_not_copied():
    beside, alone = filled()
    assert np.shares_memory(admit_rows(NETWORK, beside, Y).X1, beside)
    assert not np.shares_memory(admit_rows(NETWORK, alone, Y).X1, alone)


def test_they_teach_the_same_to_the_bit():
    beside, alone = filled()
    one, other = (culpa.fit(NETWORK, X, Y, epochs=2, validation=0.2) for X in (beside, alone))
    assert (culpa.flatten(one) == culpa.flatten(other)).all()
    assert one.training.data == other.training.data
    assert (beside == alone).all()
    assert (beside.base[:, -1] == 1).all()


@pytest.mark.parametrize(
    "taken",
    [
        lambda beside: beside[::2],
        lambda beside: beside[1:],
        lambda beside: beside.base[:, 1:],
        lambda beside: np.broadcast_to(beside[:1], beside.shape),
    ],
)
def test_other_views_of_them_are_copied(taken):
    X = taken(filled()[0])
    admitted = admit_rows(NETWORK, X, Y[: len(X)])
    assert (admitted.X == X).all()
    assert (admitted.X1[:, -1] == 1).all()
    assert not np.shares_memory(admitted.X1, X)


def test_all_but_the_last_of_five_columns_of_data_are_copied():
    five = np.random.default_rng(0).normal(size=(60, 5)).astype("float32")
    admitted = admit_rows(NETWORK, five[:, :-1], Y)
    assert (admitted.X1[:, -1] == 1).all()
    assert not np.shares_memory(admitted.X1, five)


def test_what_is_not_finite_is_refused_there_too():
    beside = filled()[0]
    beside[7, 2] = np.inf
    with pytest.raises(DataError, match="row 7, column 2"):
        admit_rows(NETWORK, beside, Y)
