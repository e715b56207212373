# SPDX-License-Identifier: MIT
"""Schedules: the rows of the table beside PyTorch's, and a training beside a loop that anybody can write."""

import math

import numpy as np
import pytest

import culpa
from culpa.training.schedules import SCHEDULES, Schedule, schedule_named
from tests.oracles.comparing import assert_same
from tests.training.by_hand import trained

RANDOM = np.random.default_rng(7)
X, Y = RANDOM.normal(size=(48, 3)), RANDOM.integers(0, 3, 48)
NETWORK = culpa.Network.fresh([3, 6, 3], hidden="tanh", l2=0.02, seed=1, dtype="float64")
EPOCHS, BATCHES = 6, 5
STEPS = EPOCHS * BATCHES
FALLING = Schedule("falling", lambda done: (1 - done) ** 2)


def fit(**options):
    given = {"epochs": EPOCHS, "batch_size": 10, "optimizer": "sgd", "learning_rate": 0.1, **options}
    return culpa.fit(NETWORK, X, Y, **given)


def rates_by_hand(name, warmup=0, steps=STEPS, eta=0.1):
    """The same rates by other formulas, all of them at once."""
    step = np.arange(steps)
    done = np.maximum(0, step - warmup) / max(1, steps - warmup)
    factor = {
        "constant": np.ones(steps),
        "cosine": np.cos(np.pi * done / 2) ** 2,
        "step": np.select([4 * done >= 3, 2 * done >= 1], [0.01, 0.1], 1.0),
        "falling": 1 - 2 * done + done**2,
    }[name]
    return eta * np.where(step < warmup, (step + 1) / max(1, warmup), factor)


@pytest.mark.parametrize("warmup", [0, 1, 7])
@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("steps", [1, 2, 3, 8, 29, 200])
def test_the_rows_of_the_table_are_what_their_formulas_say(steps, name, warmup):
    mine = [SCHEDULES[name].rate(0.3, step, steps, warmup) for step in range(steps)]
    np.testing.assert_allclose(mine, rates_by_hand(name, warmup, steps, 0.3), rtol=0, atol=1e-15)


def its_rates(count, make):
    """What PyTorch's scheduler gives for so many steps of a rule that moves nothing."""
    torch = pytest.importorskip("torch", reason="the oracle is torch.optim.lr_scheduler")
    rule = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
    scheduler, rates = make(torch.optim.lr_scheduler, rule), []
    for _ in range(count):
        rates.append(rule.param_groups[0]["lr"])
        rule.step()
        scheduler.step()
    return rates


TWINS = {
    "constant": lambda count: lambda of, rule: of.ConstantLR(rule, factor=1.0),
    "cosine": lambda count: lambda of, rule: of.CosineAnnealingLR(rule, T_max=count),
    "step": lambda count: lambda of, rule: of.MultiStepLR(rule, [math.ceil(count / 2), math.ceil(3 * count / 4)]),
}


@pytest.mark.parametrize("warmup", [0, 4])
@pytest.mark.parametrize("steps", [10, 37])
@pytest.mark.parametrize("name", SCHEDULES)
def test_a_row_gives_the_rates_of_its_twin_in_pytorch(name, steps, warmup):
    mine = [SCHEDULES[name].rate(0.3, step, steps, warmup) for step in range(steps)]
    its = its_rates(warmup, lambda of, rule: of.LinearLR(rule, 1 / max(1, warmup), total_iters=warmup - 1))
    its += its_rates(steps - warmup, TWINS[name](steps - warmup))
    np.testing.assert_allclose(mine, its, rtol=0, atol=1e-14)


def test_a_twin_that_is_one_step_late_is_refused():
    mine = [SCHEDULES["cosine"].rate(0.3, step + 1, 37) for step in range(37)]
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(mine, its_rates(37, TWINS["cosine"](37)), rtol=0, atol=1e-14)


@pytest.mark.parametrize("warmup", [0, 1, 2])
@pytest.mark.parametrize("schedule", [*SCHEDULES, FALLING], ids=str)
def test_a_training_takes_the_rates_of_its_steps_and_records_each_epochs_last(schedule, warmup):
    row = schedule_named(schedule)
    rates = rates_by_hand(row.name, warmup * BATCHES)
    network = fit(schedule=schedule, warmup=warmup)
    assert_same(culpa.flatten(network), trained(NETWORK, X, Y, epochs=EPOCHS, rate=lambda step: rates[step]))
    recorded = [epoch.learning_rate for epoch in network.training.history]
    np.testing.assert_allclose(recorded, rates[BATCHES - 1 :: BATCHES], rtol=1e-12)
    assert (network.training.recipe.schedule, network.training.recipe.warmup) == (row.name, warmup)


@pytest.mark.parametrize("wrong", [{"schedule": "step"}, {"schedule": "cosine"}, {"warmup": 1}], ids=str)
def test_another_schedule_or_warm_up_is_refused(wrong):
    rates = rates_by_hand("constant")
    with pytest.raises(AssertionError, match="of the norm"):
        assert_same(culpa.flatten(fit(**wrong)), trained(NETWORK, X, Y, epochs=EPOCHS, rate=lambda step: rates[step]))


@pytest.mark.parametrize("optimizer", ["sgd", "nesterov", "adam", "adamw"])
def test_every_optimizer_is_slowed_down(optimizer):
    """A factor of 0 from the second epoch on: nothing moves any more."""
    once = Schedule("once", lambda done: float(done < 1 / EPOCHS))
    stopped, first = fit(schedule=once, optimizer=optimizer), fit(epochs=1, optimizer=optimizer)
    assert [epoch.learning_rate for epoch in stopped.training.history] == [0.1, *[0.0] * (EPOCHS - 1)]
    np.testing.assert_array_equal(culpa.flatten(stopped), culpa.flatten(first))
    assert not np.array_equal(culpa.flatten(stopped), culpa.flatten(fit(optimizer=optimizer)))


def test_a_warm_up_longer_than_the_training_is_refused():
    """It would never reach the whole rate."""
    with pytest.raises(culpa.OptionError, match=f"at most the {EPOCHS} epochs of the training; got {EPOCHS + 1}"):
        fit(warmup=EPOCHS + 1)
    assert fit(warmup=EPOCHS).training.history[-1].learning_rate == pytest.approx(0.1, rel=1e-12)


def test_a_row_of_ones_own_sees_the_shares_from_zero_to_below_one():
    seen = []

    def factor(done):
        seen.append(done)
        return 1.0

    fit(schedule=Schedule("watching", factor), warmup=1)
    np.testing.assert_allclose(seen, np.arange(STEPS - BATCHES) / (STEPS - BATCHES), rtol=1e-12)


def test_a_row_of_ones_own_that_is_constant_changes_no_bit():
    own = fit(schedule=Schedule("mine", lambda done: 1.0))
    np.testing.assert_array_equal(culpa.flatten(own), culpa.flatten(fit()))
    assert [epoch.learning_rate for epoch in fit().training.history] == [0.1] * EPOCHS


def test_a_row_of_ones_own_may_borrow_a_name():
    """Even if it is called "constant", like the table's."""
    mine = fit(schedule=Schedule("constant", FALLING.factor))
    np.testing.assert_array_equal(culpa.flatten(mine), culpa.flatten(fit(schedule=FALLING)))


def test_the_share_done_counts_the_planned_epochs_also_where_patience_ends_the_training():
    noise = np.random.default_rng(0).integers(0, 3, 48)
    options = {"schedule": "cosine", "validation": (X, noise), "epochs": 30, "learning_rate": 0.5}
    patient, whole = fit(patience=2, **options).training.history, fit(**options).training.history
    assert len(patient) < len(whole) == 30
    assert patient == whole[: len(patient)]
