# SPDX-License-Identifier: MIT
"""Blame speaks the user's words: class labels, units, ids and row numbers; and its frames go to other libraries."""

import json
from dataclasses import replace

import numpy as np
import pytest

import culpa
from culpa import Network
from culpa.tables.assigning import raw_table
from culpa.tables.raw import learn_columns

RANDOM = np.random.default_rng(1)
X = RANDOM.normal(size=(12, 3))
NUMBER = RANDOM.integers(0, 3, 12)
PRICES = RANDOM.gamma(3.0, 100.0, 12)
CLASSES = Network.fresh([3, 4, 3], seed=0, dtype="float64")
REGRESSION = Network.fresh([3, 4, 1], loss="squared_error", seed=0, dtype="float64")
NUMBERS = ["loss", "norm", "cosine", "share", "gradient_share", "first_order", "suspicion"]
ALONE = ["row", "id", "given", "predicted", "probability", *NUMBERS]


def with_columns(network, y, classes=None):
    said = y if classes is None else np.array(classes)[y]
    columns = learn_columns(raw_table(X, said, names=list("abc"), target="t"))
    return replace(network, columns=columns if classes is None else replace(columns, classes=classes))


@pytest.mark.parametrize("labels", [("no", 'yes, "é"', "<b>\n"), (10, 20, 30)], ids=["words", "numbers"])
def test_classes_come_back_as_the_users_labels(labels):
    network = with_columns(CLASSES, NUMBER, labels)
    examples = culpa.blame(network, X, NUMBER).examples
    said = culpa.predict(network, X)
    assert list(examples.columns) == ALONE
    assert examples["given"].tolist() == [labels[c] for c in NUMBER]
    assert examples["predicted"].tolist() == [labels[c] for c in said.argmax(axis=1)]
    np.testing.assert_array_equal(examples["probability"], said.max(axis=1))


def test_without_columns_classes_are_numbers():
    examples = culpa.blame(CLASSES, X, NUMBER).examples
    assert examples["given"].tolist() == NUMBER.tolist()
    assert examples["predicted"].tolist() == culpa.classes(CLASSES, X).tolist()


def test_soft_targets_are_given_as_their_most_probable_class():
    soft = RANDOM.dirichlet(np.ones(3), 12)
    assert culpa.blame(CLASSES, X, soft).examples["given"].tolist() == soft.argmax(axis=1).tolist()


def test_numbers_come_back_in_their_own_unit():
    network = with_columns(REGRESSION, PRICES)
    examples = culpa.blame(network, X, network.columns.encode_target(PRICES)).examples
    np.testing.assert_allclose(examples["given"], PRICES, rtol=1e-12)
    expected = culpa.predict(network, X)[:, 0] * PRICES.std() + PRICES.mean()
    np.testing.assert_allclose(examples["predicted"], expected, rtol=1e-12)
    assert np.isnan(examples["probability"]).all()


def test_one_label_is_said_with_the_probability_of_what_is_said():
    network = Network.fresh([3, 1], loss="binary_cross_entropy", seed=1, dtype="float64")
    examples = culpa.blame(network, X, NUMBER > 0).examples
    p = culpa.predict(network, X)[:, 0]
    assert examples["predicted"].tolist() == (p >= 0.5).astype(int).tolist()
    np.testing.assert_array_equal(examples["probability"], np.maximum(p, 1 - p))
    assert examples["given"].tolist() == (NUMBER > 0).tolist()


@pytest.mark.parametrize("loss", ["squared_error", "binary_cross_entropy"])
def test_with_several_outputs_nothing_is_given_as_a_single_value(loss):
    network = Network.fresh([3, 2], loss=loss, dtype="float64")
    examples = culpa.blame(network, X, np.eye(2)[NUMBER % 2]).examples
    assert list(examples.columns) == ["row", "id", *NUMBERS]


@pytest.mark.parametrize("ids", [[f"row, {i}" for i in range(12)], np.arange(100, 112), tuple("abcdefghijkl")])
def test_ids_and_row_numbers_are_the_users_own(ids):
    examples = culpa.blame(CLASSES, X, NUMBER, ids=ids, rows=range(7, 19)).examples
    assert examples["id"].tolist() == np.asarray(ids).tolist()
    assert examples["row"].tolist() == list(range(7, 19))


def test_without_ids_the_row_numbers_stand_for_them():
    examples = culpa.blame(CLASSES, X, NUMBER, rows=range(7, 19)).examples
    assert examples["id"].tolist() == examples["row"].tolist()


def test_a_float32_networks_losses_are_shared_out_in_float64():
    examples = culpa.blame(CLASSES.astype("float32"), X, NUMBER).examples
    assert (examples["loss"].dtype, examples["share"].dtype) == (np.float32, np.float64)


def test_frames_are_plain_in_json_with_null_for_what_is_missing():
    blame = culpa.blame(with_columns(REGRESSION, PRICES), X, PRICES, ids=list("abcdefghijkl"))
    for frame in (blame.layers, blame.examples):
        again = json.loads(json.dumps(frame.to_dict(), allow_nan=False))
        assert again == frame.to_dict()
    assert blame.layers.to_dict()["dead"][-1] is None
    assert blame.examples.to_dict()["probability"] == [None] * 12


def test_frames_go_to_polars_and_pandas():
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    blame = culpa.blame(with_columns(CLASSES, NUMBER, ("no", "yes", "é")), X, NUMBER, ids=list("abcdefghijkl"))
    for frame in (blame.layers, blame.examples):
        pd, pl = frame.to_pandas(), frame.to_polars()
        assert isinstance(pd, pandas.DataFrame)
        assert isinstance(pl, polars.DataFrame)
        assert list(pd.columns) == pl.columns == list(frame.columns)
        assert len(pd) == pl.height == len(frame)
        assert pl.to_dict(as_series=False) == frame.to_dict()
        for name in frame.columns:
            np.testing.assert_array_equal(pd[name].to_numpy(), frame[name])
