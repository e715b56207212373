# SPDX-License-Identifier: MIT
"""Both tables are learnt from and measured on the same held-out rows; against predictions made row by row."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

import culpa
from culpa.blaming.deciding import retraining
from culpa.blaming.deciding.applying import apply_decisions
from culpa.blaming.deciding.decisions import Decisions
from culpa.blaming.deciding.retraining import investigate_decided, needs_both, sentences
from culpa.errors import DataError
from culpa.tables.parting import split_table

N = 240
RANDOM = np.random.default_rng(6)
X = RANDOM.normal(size=(N, 3)).round(4)
CLEAN = np.where(X[:, 0] + X[:, 1] > 0, "warm", "cold")
WRONG = RANDOM.choice(np.flatnonzero(CLEAN == "warm"), 50, replace=False)
GIVEN = np.where(np.isin(np.arange(N), WRONG), "cold", CLEAN)
HEIGHT = 3 * X[:, 0] - X[:, 2] + 20
SLIPPED = np.where(np.isin(np.arange(N), WRONG[:25]), -HEIGHT, HEIGHT)
MORE = {"weights": {"w": RANDOM.random(N) + 0.5}, "groups": {"g": np.arange(N) // 3}}
SAID = {"hidden": (12,), "epochs": 12, "learning_rate": 0.02, "batch_size": 16}


def table_of(y, **more):
    """The raw table of these rows."""
    columns = {"a": X[:, 0], "b": X[:, 1], "c": X[:, 2], **more, "y": y}
    roles = {"weights": {"sample_weight": "w"}, "groups": {"group": "g"}}
    said = roles["weights"] if "w" in more else roles["groups"] if "g" in more else {}
    return culpa.read_table(columns, target="y", **said).raw


def decisions(kept=(), dropped=(), changed=(), labels=()):
    """Decisions on rows by their numbers, in their order."""
    return Decisions(*(np.array(rows, np.intp) for rows in (kept, dropped, changed)), np.array(labels))


def corrected(y, clean, left=()):
    """Every wrong label put right, but for some, and some rows kept and dropped."""
    wrong = [row for row in range(N) if y[row] != clean[row] and row not in left]
    good = [row for row in range(N) if y[row] == clean[row]]
    return decisions(good[:6], good[10:20], wrong, [clean[row] for row in wrong])


@cache
def investigated(kind):
    """The table as it was, what was decided, and what came of it."""
    table = table_of(SLIPPED if kind == "numbers" else GIVEN, **MORE.get(kind, {}))
    decided = corrected(SLIPPED, HEIGHT) if kind == "numbers" else corrected(GIVEN, CLEAN)
    return table, decided, investigate_decided(table, decided, said=SAID, score="record", show_progress=False)


KINDS = ("classes", "numbers", "weights", "groups")


@pytest.mark.parametrize("kind", KINDS)
def test_both_have_the_same_held_out_rows_and_the_same_recipe(kind):
    table, decided, found = investigated(kind)
    train, held = split_table(table, 0)
    assert found.before.held_rows.tolist() == held.tolist()
    assert found.after.held_rows.tolist() == [row for row in held if row not in decided.dropped]
    assert found.after.train_rows.tolist() == [row for row in train if row not in decided.dropped]
    assert found.after.choice == found.before.choice
    assert found.difference.rows == len(found.after.held_rows)


def test_a_split_of_the_corrected_table_would_be_another_one():
    """Negative control: by the seed alone other rows would be held out, as their labels have changed."""
    table, decided, found = investigated("classes")
    again = apply_decisions(table, decided)
    assert again.rows[split_table(again, 0)[1]].tolist() != found.after.held_rows.tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_the_measures_are_those_of_predictions_row_by_row(kind):
    table, _, found = investigated(kind)
    clean = HEIGHT if kind == "numbers" else CLEAN
    rows = found.after.held_rows
    w = np.ones(len(rows)) if table.weights is None else table.weights[rows]
    for one, measure in ((found.before, found.difference.before), (found.after, found.difference.after)):
        columns = one.network.columns
        said = [culpa.predict(one.network, columns.encode(table.frame[int(row)]))[0] for row in rows]
        if kind == "numbers":
            y = columns.decode_target(np.array(said)[:, 0])
            mean = np.average(clean[rows], weights=w)
            expected = 1 - w @ (y - clean[rows]) ** 2 / (w @ (clean[rows] - mean) ** 2)
        else:
            right = [columns.classes[int(p.argmax())] == clean[row] for p, row in zip(said, rows, strict=True)]
            expected = np.average(right, weights=w)
        np.testing.assert_allclose(measure, expected, rtol=1e-5)  # single precision, a row at a time


@pytest.mark.parametrize("kind", KINDS)
def test_putting_planted_errors_right_is_a_clear_gain(kind):
    found = investigated(kind)[2]
    assert found.difference.low > 0
    assert found.difference.clear


def test_what_was_right_made_wrong_is_a_clear_loss():
    """Negative control: the comparison is not one that always gains."""
    table = table_of(CLEAN)
    spoilt = decisions(changed=np.sort(WRONG[:40]), labels=["cold"] * 40)
    train = split_table(table, 0)[0]
    among = np.isin(spoilt.changed, train)
    spoilt = decisions(changed=spoilt.changed[among], labels=spoilt.labels[among])
    found = investigate_decided(table, spoilt, said=SAID, score="none", show_progress=False)
    assert found.difference.high < 0
    assert found.after.labels is None


@pytest.mark.parametrize("kind", ["classes", "numbers"])
def test_rows_that_were_decided_on_are_listed_no_more(kind):
    _, decided, found = investigated(kind)
    listed = found.after.labels.suspects["row"].tolist()
    assert not {*listed} & {*decided.rows.tolist()}
    assert sorted([*listed, *decided.rows]) == list(range(N)), "and all others are"


def test_the_sentences_say_what_was_decided_and_how_sure_the_change_is():
    _, decided, found = investigated("classes")
    told = dict(sentences(found))
    assert told["decided"] == "6 kept, 10 dropped, 50 corrected"
    changed = np.isin(found.before.held_rows, decided.changed).sum()
    dropped = np.isin(found.before.held_rows, decided.dropped).sum()
    assert told["measured"] == (
        f"on {60 - dropped} held-out rows, the same for both; what was corrected in {changed} of them is the truth for "
        f"both; {dropped} dropped ones are left out"
    )
    given = f"({100 * found.before.score:.1f} % right by the labels as they were)"
    assert told["before"].endswith(f"% right, learnt from the table as it was {given}")
    assert found.before.score < found.difference.before, "the slips among the held-out rows counted against it"
    assert dict(sentences(replace(found, held_dropped=1)))["measured"].endswith("; 1 dropped one is left out")
    untouched = dict(sentences(replace(found, held_changed=0, held_dropped=0)))
    assert untouched["before"].endswith("% right, learnt from the table as it was")
    points = f"+{100 * found.difference.difference:.1f} points"
    assert told["change"].startswith(f"{points} (95 % interval +")
    assert "no clear difference" not in told["change"]
    unclear = replace(found, difference=found.difference._replace(low=-0.013))
    assert dict(sentences(unclear))["change"].endswith(" points); no clear difference")
    assert "−1.3 to +" in dict(sentences(unclear))["change"]
    alone = replace(found, difference=found.difference._replace(low=np.nan, high=np.nan))
    assert dict(sentences(alone))["change"] == f"{points}; too little is held out to say how sure that is"
    same = replace(found, difference=alone.difference._replace(metric="R²", before=0.5, after=0.5))
    assert dict(sentences(same))["change"] == "none: both answer the same to each of these rows"
    weightless = replace(found, difference=alone.difference._replace(before=np.nan, after=np.nan))
    assert dict(sentences(weightless))["change"].startswith("not to be told from these rows: they weigh nothing")
    assert dict(sentences(weightless))["after"].startswith("–, ")


def test_an_interrupted_training_is_compared_with_nothing(monkeypatch):
    table, decided, found = investigated("classes")
    halted = replace(found.after.network.training, interrupted=True)
    half = replace(found.after, network=replace(found.after.network, training=halted))
    told = dict(sentences(replace(found, after=half)))
    assert told["change"] == "not to be told: the second training was interrupted"
    monkeypatch.setattr(retraining, "investigate_table", lambda *_, **__: half)
    with pytest.raises(KeyboardInterrupt):
        investigate_decided(table, decided, show_progress=False)


def test_decisions_that_leave_nothing_to_measure_or_to_learn_from_are_refused():
    table = table_of(GIVEN)
    train, held = split_table(table, 0)
    for gone in (held, np.array([row for row in train if GIVEN[row] == "warm"])):
        with pytest.raises(DataError, match=r"The decisions leave (no held-out row|one class) of data"):
            needs_both(apply_decisions(table, decisions(dropped=np.sort(gone))), train, held)
