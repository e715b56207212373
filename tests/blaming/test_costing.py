# SPDX-License-Identifier: MIT
"""What a label report costs: by rows and epochs from the seconds of the first training, told in few words."""

from dataclasses import replace

import numpy as np
import pytest

import culpa
from culpa.blaming.costing import label_cost
from culpa.blaming.labels.forest import TREES
from culpa.training.threads import core_count

X = np.random.default_rng(0).normal(size=(40, 2))


@pytest.fixture(scope="module")
def trained():
    """A network that took ten seconds for eight epochs of 32 rows, of which the fifth was the best."""
    start = culpa.Network.fresh([2, 3, 2], loss="cross_entropy")
    network = culpa.fit(start, X, (X[:, 0] > 0).astype(int), epochs=8, validation=0.2, show_progress=False)
    record = replace(network.training, seconds=10.0, best_epoch=2)
    return replace(network, training=record)


def test_a_training_costs_by_its_rows_and_epochs(trained):
    """Halfway by factors from 2 to 8 are 4 epochs: of 1,000 rows 4,000 steps, where 8 · 32 took ten seconds."""
    assert trained.training.rows == (32, 8)
    assert label_cost(trained, 8, 1000, "record").seconds == pytest.approx(10 * 4000 / 256)
    assert label_cost(trained, 8, 2000, "record").seconds == pytest.approx(2 * 10 * 4000 / 256)


def test_a_forest_costs_more_than_the_record_and_half_of_it_on_twice_the_cores(trained, monkeypatch):
    cost, alone = label_cost(trained, 8, 10_000, "auto"), label_cost(trained, 8, 10_000, "record")
    trainings = 2 * 10 * 8 * 10_000 / 256  # two of all eight epochs
    assert cost.record == alone.seconds < trainings < cost.seconds
    monkeypatch.setattr("culpa.blaming.costing.core_count", lambda: 2 * core_count())
    halved = label_cost(trained, 8, 10_000, "auto")
    assert halved.seconds - trainings == pytest.approx((cost.seconds - trainings) / 2)
    assert f"two trainings on all rows, {TREES} trees; --score record needs about" in cost.sentence
    assert alone.sentence.endswith("for the label report: a training on all rows")


def test_numbers_are_judged_by_networks_and_boosting(trained):
    network = replace(culpa.Network.fresh([2, 3, 1], loss="squared_error"), training=trained.training)
    cost = label_cost(network, 8, 1000, "bags")
    assert cost.what == "a training on all rows, 20 networks and as many boostings"
    assert cost.more > cost.record > 0


def test_what_nobody_waits_for_is_not_told(trained):
    quick = replace(trained, training=replace(trained.training, seconds=1e-3))
    assert not label_cost(quick, 8, 40, "record").worth_telling
    assert label_cost(trained, 8, 40_000, "auto").worth_telling
