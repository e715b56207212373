# SPDX-License-Identifier: MIT
"""The noun: the examples that carry most of the loss, what is plain in JSON, and what is made when it is asked for."""

import json

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


def test_a_blame_is_plain_in_json_without_its_single_weights():
    found = culpa.blame(NETWORK, X, ZEROS, ids=["a", "b", "c", "d"])
    said = found.to_dict()
    assert json.loads(json.dumps(said, allow_nan=False)) == said
    assert list(said) == [
        "loss", "penalty", "norm", "first_order", "decay", "layers", "units", "columns", "examples", "suspects",
        "missing", "findings",
    ]  # fmt: skip
    assert said["examples"]["id"] == ["a", "b", "c", "d"]
    assert said["examples"]["suspicion"] == [None] * 4
    assert said["suspects"] is None
    assert said["decay"] == {"norm": 0.0, "cosine": None, "first_order": 0.0}
    assert said["missing"]["suspects"].endswith("culpa.fit(…, record=True) does.")


def test_suspects_are_those_of_the_label_report_and_written_along():
    rows, y = np.arange(24.0)[:, None] / 10, (np.arange(24) > 11).astype(int)
    network = culpa.fit(culpa.Network.fresh([1, 2]), rows, y, record=True, show_progress=False)
    found = culpa.blame(network, rows, y)
    assert found.suspects.to_dict() == found.labels.suspects.to_dict() == found.to_dict()["suspects"]
    assert culpa.blame(culpa.Network.fresh([1, 2]), rows, y).suspects is None


def test_a_blame_says_what_it_is_of_in_a_line():
    assert repr(culpa.blame(NETWORK, X, ZEROS)).startswith("Blame(4 examples, 1 layer, loss 1.78125")


def test_the_table_of_weights_is_made_anew_each_time_and_never_kept():
    found = culpa.blame(NETWORK, X, ZEROS)
    assert found.weights is not found.weights
    found.weights["gradient"][:] = 0
    assert found.weights["gradient"].any()
