# SPDX-License-Identifier: MIT
"""The examples that carry most of the loss: by share, weights included, largest first."""

import numpy as np
import pytest

import culpa

NETWORK = culpa.Network.from_arrays([[[1.0]]], [[0.0]], loss="squared_error")
X = np.array([[1.0], [2.0], [3.0], [0.5]])
ZEROS = np.zeros(4)


def test_a_heavy_row_of_little_loss_goes_before_a_light_one_of_much():
    found = culpa.blame(NETWORK, X, ZEROS, weights=[100.0, 1.0, 1.0, 1.0])
    assert found.heaviest(2)["row"].tolist() == [0, 2]
    assert np.argsort(-found.examples["loss"])[:2].tolist() == [2, 1]


def test_equal_shares_keep_the_order_of_the_data():
    assert culpa.blame(NETWORK, np.ones((4, 1)), ZEROS).heaviest(3)["row"].tolist() == [0, 1, 2]


def test_twenty_are_shown_unless_another_number_is_asked_for():
    found = culpa.blame(NETWORK, np.ones((30, 1)), np.zeros(30))
    assert [len(found.heaviest()), len(found.heaviest(7)), len(found.heaviest(99))] == [20, 7, 30]


@pytest.mark.parametrize("count", [0, -1, 2.5])
def test_a_number_of_rows_that_is_none_is_refused(count):
    with pytest.raises(culpa.OptionError, match="`count` must be a whole number, 1 or more"):
        culpa.blame(NETWORK, X, ZEROS).heaviest(count)


def test_a_frame_is_printed_and_walked_row_by_row():
    frame = culpa.blame(NETWORK, X, ZEROS).heaviest(2)
    assert [row["row"] for row in frame] == [2, 1]
    assert "share" in str(frame)
