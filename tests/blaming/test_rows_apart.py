# SPDX-License-Identifier: MIT
"""Investigations of rows that come with rows apart, with names, or as dictionaries; each row is predicted once."""

import numpy as np
import polars as pl
import pytest

import culpa
from culpa.blaming import investigating, teaching
from culpa.blaming.baselines import baseline_scores, fit_baselines
from culpa.blaming.investigating import examine_table
from culpa.errors import CulpaError, CulpaWarning, DataError

N = 60
RANDOM = np.random.default_rng(2)
GARDEN = RANDOM.choice(["yes", "no", "maybe"], N)
SIZE = RANDOM.normal(size=N)
FRAME = pl.DataFrame({"garden": GARDEN, "size": SIZE, "price": SIZE + (GARDEN == "yes") + RANDOM.normal(size=N) / 9})
SURE = FRAME.filter(pl.col("garden") != "maybe").with_columns(pl.col("price") + 1)
QUICK = {"hidden": (4,), "epochs": 3, "score": "none", "show_progress": False}


def parameters(found):
    return culpa.flatten(found.network)


def chosen_by(validation, monkeypatch):
    """What an investigation hands to its training as the rows that choose the epoch."""
    handed, fit = [], teaching.fit
    monkeypatch.setattr(teaching, "fit", lambda *a, **more: handed.append(more["validation"]) or fit(*a, **more))
    culpa.investigate(culpa.read_table(FRAME, "price"), validation=validation, **QUICK)
    return handed[0]


def test_rows_apart_are_taken_for_what_the_columns_hold_in_the_table(tmp_path, monkeypatch):
    """Alone they are judged otherwise: "yes" and "no" are no categories without a "maybe"."""
    SURE.write_csv(tmp_path / "sure.csv")
    known = culpa.read_table(FRAME, "price").columns
    for source in (SURE, SURE.to_pandas(), tmp_path / "sure.csv", culpa.read_table(SURE, "price", columns=known)):
        X, y, weights = chosen_by(source, monkeypatch)
        assert (len(X), len(y), weights) == (len(SURE), len(SURE), None)
        named = X[:, [known.encoded.index("garden = yes"), known.encoded.index("garden = no")]]
        np.testing.assert_array_equal(named.T, [SURE["garden"] == "yes", SURE["garden"] == "no"])


def test_a_table_that_was_judged_otherwise_is_refused_with_the_way_out():
    with pytest.raises(DataError, match=r"'garden' holds one thing in `X`, category, and another .*, yes/no") as error:
        culpa.investigate(culpa.read_table(FRAME, "price"), validation=culpa.read_table(SURE, "price"), **QUICK)
    assert "columns=table.columns" in str(error.value)


def test_the_weights_of_rows_apart_reach_the_choice_of_the_epoch(monkeypatch):
    weighed = SURE.with_columns(w=pl.int_range(pl.len()) % 3)
    known = culpa.read_table(FRAME, "price").columns
    table = culpa.read_table(weighed, "price", sample_weight="w", columns=known)
    np.testing.assert_array_equal(chosen_by(table, monkeypatch)[2], weighed["w"])


def test_ids_must_tell_the_rows_apart():
    with pytest.raises(DataError, match="not unique: rows 0 and 7 are both 'a'"):
        culpa.investigate(FRAME[:, :2], FRAME["price"], ids=["a", *map(str, range(6)), "a", *range(9, N + 1)], **QUICK)


def test_a_list_of_rows_is_the_frame_that_it_holds():
    rows = FRAME[:, :2].to_dicts()
    listed, framed = (culpa.investigate(X, FRAME["price"].to_list(), **QUICK) for X in (rows, FRAME[:, :2]))
    assert listed.network.columns.names == ("garden", "size")
    np.testing.assert_array_equal(parameters(listed), parameters(framed))


def test_a_saved_network_of_float64_is_examined_in_float64():
    found = culpa.investigate(FRAME[:, :2], FRAME["price"], **QUICK)
    network = found.network.astype("float64")
    table = culpa.read_table(FRAME, "price", columns=network.columns, dtype="float64")
    blamed = culpa.blame(network, table.X, table.y)
    np.testing.assert_array_equal(examine_table(network, table.raw).blame.examples["loss"], blamed.examples["loss"])
    rounded = culpa.blame(network, table.X.astype("float32"), table.y)
    assert (rounded.examples["loss"] != blamed.examples["loss"]).any(), "negative control"


def test_every_held_out_row_is_predicted_once(monkeypatch):
    asked, predict = [], investigating.predict
    monkeypatch.setattr(investigating, "predict", lambda network, X: asked.append(len(X)) or predict(network, X))
    found = culpa.investigate(FRAME[:, :2], FRAME["price"] > 0, **QUICK)
    assert asked == [len(found.held_rows)]
    assert found.beside is not None


def test_a_baseline_of_nearly_as_many_classes_as_rows_says_nothing_of_it():
    y = np.r_[np.arange(25), np.arange(5)]
    rows = SIZE[:30, None], y, None
    assert baseline_scores(fit_baselines(rows, classification=True), rows)["majority"] == pytest.approx(2 / 30)


def repeated_rows(y, weights):
    """Rows with weights, and the same where each stands as often as it weighs."""
    X, places = np.c_[SIZE, SIZE**2].astype("float32"), np.repeat(np.arange(N), weights)
    return (X, y, weights.astype(float)), (X[places], y[places], None)


@pytest.mark.parametrize("y", [(SIZE > 0.3).astype(int), FRAME["price"].to_numpy()], ids=["classes", "numbers"])
def test_for_a_baseline_a_row_of_weight_two_is_a_row_that_stands_twice(y):
    weighed, standing = repeated_rows(y, RANDOM.integers(0, 4, N))
    kind = {"classification": y.dtype.kind == "i"}
    one, other, plain = (fit_baselines(rows, **kind) for rows in (weighed, standing, (*weighed[:2], None)))
    scores = baseline_scores(one, weighed)
    assert scores == pytest.approx(baseline_scores(other, standing), rel=1e-5)
    assert scores != pytest.approx(baseline_scores(plain, (*weighed[:2], None)), rel=1e-3), "negative control"


@pytest.mark.parametrize("weighed", [True, False], ids=["weights", "negative control: none"])
def test_for_the_training_a_row_of_weight_two_is_a_row_that_stands_twice(weighed):
    """One step over all rows, from the same start: the network's own encoding, loss and step."""
    table = FRAME.with_columns(w=pl.Series(np.arange(N) % 3))
    known = culpa.read_table(table, "price", sample_weight="w").columns
    standing = table[np.repeat(np.arange(N), table["w"])]
    once = culpa.read_table(table, "price", sample_weight="w", columns=known)
    often = culpa.read_table(standing, "price", columns=known)
    start = culpa.Network.fresh([known.width, 4, 1], loss="squared_error", dtype="float64")
    step = {"epochs": 1, "batch_size": 1000, "optimizer": "sgd", "show_progress": False}
    one = culpa.fit(start, once.X, once.y, weights=once.weights if weighed else None, **step)
    other = culpa.fit(start, often.X, often.y, **step)
    same = np.allclose(culpa.flatten(one), culpa.flatten(other), rtol=1e-9, atol=1e-12)
    assert same is weighed


def test_a_target_of_classes_is_no_target_of_numbers():
    labelled = SURE.with_columns(price=pl.when(pl.col("price") > 0).then(pl.lit("dear")).otherwise(pl.lit("cheap")))
    with pytest.raises(CulpaError):
        culpa.investigate(culpa.read_table(FRAME, "price"), validation=labelled, **QUICK)


@pytest.mark.parametrize("which", ["held-out", "training"])
def test_rows_apart_that_are_none_are_told(which):
    found = culpa.investigate(FRAME[:, :2], FRAME["price"], **QUICK)
    rows = found.held_rows[:4] if which == "held-out" else found.train_rows[:4]
    with pytest.warns(CulpaWarning, match=f"^4 of the .* {which} rows") as told:
        culpa.investigate(culpa.read_table(FRAME, "price"), validation=FRAME[rows], **QUICK)
    assert len(told) == 1
