# SPDX-License-Identifier: MIT
"""Findings together: none where there is nothing to find, none that hangs on the loss's unit, in their order."""

import json
import shlex
from dataclasses import replace

import numpy as np
import pytest

import culpa
from culpa.blaming.findings.collecting import KINDS, findings_of
from culpa.blaming.findings.finding import Finding
from culpa.blaming.labels.report import Estimate, Memory
from culpa.checking.verdicts import BlockCheck, Check
from culpa.engine.losses import LOSSES
from tests.blaming.findings import grounds

HEART = Memory(True, "It has.", {"asked": 9})
EVERYTHING = replace(
    grounds.BLAME,
    labels=grounds.labels(wrong=Estimate(5, 2, 9), memory=HEART, rows={"twins": np.ones(20, int)}),
    examples=grounds.frame(grounds.BLAME.examples, share=np.r_[1.0, np.zeros(119)]),
    layers=grounds.frame(grounds.BLAME.layers, dead=[9, 0, np.nan], saturated=[0, 6, np.nan],
                         share=[0.9995, 0.0004, 0.0001], growth=[2.0, 3.0, np.nan]),
    columns=grounds.frame(grounds.BLAME.columns, increase=[1.0, 0.0, 0.0, 0.01], loss_replaced=[1.1, 0.1, 0.1, 0.11]),
    decay=grounds.BLAME.decay._replace(norm=100 * grounds.BLAME.norm),
)  # fmt: skip
FOUND = grounds.investigation(
    score=0.5,
    baselines={"ridge regression": 0.9},
    check=Check((BlockCheck("W_1", "wrong", 1.0, 1e-9),)),
    network=replace(grounds.NETWORK, training=replace(grounds.NETWORK.training, best_epoch=12)),
)
ORDER = ["gradient", "labels", "few rows", "beaten", "one column", "twins", "memorised", "dead", "saturated",
         "idle layer", "penalty", "last epoch", "idle columns"]  # fmt: skip


def test_where_there_is_nothing_to_find_nothing_is_found():
    fine = replace(grounds.NETWORK, training=replace(grounds.NETWORK.training, best_epoch=11))
    assert grounds.kinds(grounds.BLAME) == []
    assert grounds.kinds(grounds.BLAME, grounds.investigation(network=fine)) == []
    assert grounds.kinds(replace(grounds.BLAME, labels=grounds.labels())) == []


def test_all_at_once_come_in_the_order_in_which_they_matter():
    assert grounds.kinds(EVERYTHING, FOUND) == ORDER
    assert len(KINDS) == len(ORDER) + 2  # no better than a baseline, and fading errors, stand in place of others


@pytest.mark.parametrize("said", [(), ("blame", "houses.csv", "--target", "price", "--epochs", "12", "--top", "5")])
def test_every_finding_is_a_sentence_with_numbers_a_remedy_and_one_command(said):
    for one in findings_of(EVERYTHING, investigation=FOUND, said=said):
        assert isinstance(one, Finding)
        assert str(one) == one.sentence
        assert one.sentence.endswith(".")
        assert one.remedy.endswith((".", "?"))
        assert one.evidence
        assert one.command[:1] == ("culpa",) if said else one.command.startswith(("found", "culpa."))
        assert json.loads(json.dumps(one.to_dict()))["sentence"] == one.sentence


def test_a_command_is_the_present_one_with_what_is_new_in_place_of_what_was_said():
    said = ("blame", "a table.csv", "--target", "price", "--epochs", "12", "--top", "5")
    commands = {one.kind: shlex.join(one.command) for one in findings_of(EVERYTHING, investigation=FOUND, said=said)}
    assert commands["gradient"] == "culpa check --self"
    start = "culpa blame 'a table.csv' --target price"
    assert commands["labels"] == f"{start} --epochs 12 --top 5 --suspects suspects.csv"
    assert commands["few rows"] == f"{start} --epochs 12 --score none --top 1"
    assert commands["beaten"] == commands["labels"]
    assert commands["last epoch"] == f"{start} --top 5 --epochs 24"
    first = EVERYTHING.columns["column"][0]
    assert commands["one column"] == f"{start} --epochs 12 --top 5 --drop {first}"
    assert commands["dead"] == f"{start} --epochs 12 --top 5 --activation leaky_relu"


def test_a_saved_network_gives_its_place_to_a_new_training_with_the_same_target():
    columns = culpa.read_table({"x": [1.0, 2.0, 3.0], "price": [1.5, 2.5, 9.0]}, target="price").columns
    found = replace(FOUND, network=replace(FOUND.network, columns=columns))
    said = ("blame", "new.csv", "--model", "old.safetensors", "--id", "house")
    commands = {one.kind: shlex.join(one.command) for one in findings_of(EVERYTHING, investigation=found, said=said)}
    assert commands["dead"] == "culpa blame new.csv --id house --target price --activation leaky_relu"
    assert commands["few rows"] == "", "that row is among the twelve that are listed now"


def test_a_finding_has_no_command_that_is_the_present_one_whatever_it_writes():
    said = ("blame", "houses.csv", "--target", "price", "--seed", "0")

    def commands(*beside, words=said):
        found = findings_of(EVERYTHING, investigation=FOUND, said=words, beside=beside)
        return {one.kind: shlex.join(one.command) for one in found}

    asked = commands("--html", "r.html")
    assert asked["beaten"].endswith("--seed 0 --suspects suspects.csv"), "negative control: nothing was written yet"
    written = commands("--suspects", "mine.csv", "--top", "60")
    assert (written["labels"], written["beaten"], written["twins"]) == ("", "", "")
    assert written["dead"] == asked["dead"] != ""
    ranked = (*said, "--score", "none")
    assert commands("--top", "7", words=ranked)["few rows"] == ""
    assert commands(words=said)["few rows"].endswith("--score none --top 1")


def test_a_training_that_was_interrupted_is_not_asked_for_again():
    ended = replace(FOUND.network, training=replace(FOUND.network.training, interrupted=True))
    found = findings_of(EVERYTHING, investigation=replace(FOUND, network=ended), said=("blame", "houses.csv"))
    assert found
    assert {one.command for one in found} == {()}


def scaled(factor):
    """The same network and rows with the loss, and the penalty with it, in another unit."""
    loss = LOSSES["cross_entropy"]
    return replace(
        loss,
        name=f"{factor} × cross_entropy",
        losses=lambda a, t: factor * loss.losses(a, t),
        delta=lambda a, t: factor * loss.delta(a, t),
        in_place=None,
    )


@pytest.mark.parametrize("factor", [1e-7, 1e5])
@pytest.mark.parametrize("l2", [1e-3, 10.0])
def test_the_loss_in_another_unit_changes_no_finding(factor, l2):
    draw = np.random.default_rng(1)
    X, y = draw.normal(size=(90, 3)), np.r_[np.zeros(45, int), np.ones(45, int)]
    X[:, 0] = np.where(y, 6.0, -6.0)
    made = culpa.Network.fresh([3, 9, 2], hidden="relu", seed=0, l2=l2, dtype="float64")
    W = [layer.W.copy() for layer in made.layers]
    W[0][:, 1:] = 0.0
    W[0][:, 0] = 0.4
    b = [np.r_[np.full(4, -50.0), np.zeros(5)], np.zeros(2)]
    network = culpa.Network.from_arrays(W, b, hidden="relu", l2=l2)
    plain = culpa.blame(network, X, y, score="none", show_progress=False)
    other = replace(network, loss=scaled(factor), l2=l2 * factor)
    again = culpa.blame(other, X, y, score="none", show_progress=False)
    told, same = findings_of(plain), findings_of(again)
    assert {"dead"} < {one.kind for one in told}
    assert [(one.kind, one.sentence) for one in same] == [(one.kind, one.sentence) for one in told]
    unscaled = culpa.blame(replace(other, l2=l2), X, y, score="none", show_progress=False)
    assert ("penalty" in grounds.kinds(unscaled)) == (l2 / factor > 1)
