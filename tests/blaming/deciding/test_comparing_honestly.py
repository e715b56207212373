# SPDX-License-Identifier: MIT
"""The interval with weights and groups: it never collapses, and holds the difference as often as it says."""

import numpy as np
import pytest

from culpa.blaming.deciding.comparing import Difference, accuracy_difference, r_squared_difference

TIMES, LEAST = 700, 0.93
SHAPES = ["equal", "drawn", "groups of 5"]


def plain_bounds(before, after):
    """Bonett and Price's interval, as their paper has it."""
    n, better, worse = len(before), int((after & ~before).sum()), int((before & ~after).sum())
    p, q = (better + 1) / (n + 2), (worse + 1) / (n + 2)
    half = 1.959963984540054 * np.sqrt((p + q - (p - q) ** 2) / (n + 2))
    return p - q - half, p - q + half


def rows_of(shape, n, random):
    """Weights, groups, and the number of the group of each row, its own where there are none."""
    weights = {"equal": np.ones(n), "drawn": random.random(n)}.get(shape)
    groups = np.arange(n) // 5 if shape == "groups of 5" else None
    return {"weights": weights, "groups": groups}


def coverage(find, shape, n, change):
    """In how many of TIMES tables the interval holds the true change."""
    random = np.random.default_rng(n)
    held = 0
    for _ in range(TIMES):
        found = find(random, rows_of(shape, n, random), n, change)
        held += found.low <= change <= found.high
    return held / TIMES


def answers(random, how, n, change):
    """Two answers of which the second is right more often, on the same rows for the most part; groups err as one."""
    luck = random.random(n)
    if how["groups"] is not None:
        luck = np.where(random.random(n) < 0.5, random.random(n)[how["groups"]], luck)
    before, other = luck > 0.1, random.random(n) < 0.1
    after = np.where(other, random.random(n) > 0.1, before)
    after |= ~before & ~after & (random.random(n) < change / (0.1 * (0.9 + 0.1 * 0.1)))
    return accuracy_difference(before, after, **how)


def predictions(random, how, n, change):
    """Two predictions of which the second explains more; rows of a group share half of what they miss."""
    truth, missed, more = random.normal(size=(3, n))
    if how["groups"] is not None:
        missed = np.sqrt(0.5) * missed + np.sqrt(0.5) * random.normal(size=n)[how["groups"]]
    after = truth + np.sqrt(0.2 - change) * (0.9 * missed + np.sqrt(0.19) * more)
    return r_squared_difference(truth, truth + np.sqrt(0.2) * missed, after, **how)


def collapsing(random, how, n, change):
    """Negative control: the error of the ratio alone, which is nothing where no answer differs."""
    before = random.random(n) > 0.1
    after = before | (random.random(n) < change / 0.1)
    u = (after * 1.0 - before - (after * 1.0 - before).mean()) / n
    half, middle = 1.96 * np.sqrt(u @ u), float((after * 1.0 - before).mean())
    return Difference("accuracy", n, 0, 0, middle - half, middle + half)


@pytest.mark.parametrize("n", [30, 200])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("find", [answers, predictions])
def test_the_interval_holds_the_change_as_often_as_it_says(find, shape, n):
    for change in (0.0, 0.04):
        assert coverage(find, shape, n, change) >= LEAST, (find.__name__, shape, n, change)


def test_an_interval_that_collapses_would_be_noticed():
    assert coverage(collapsing, "equal", 30, 0.04) < 0.8


@pytest.mark.parametrize("how", [{"weights": np.full(40, 3.0)}, {"groups": np.arange(40)}])
def test_equal_weights_and_groups_of_one_row_give_the_plain_interval(how):
    random = np.random.default_rng(2)
    before, after = random.random(40) < 0.7, random.random(40) < 0.9
    for one in ({}, how):
        found = accuracy_difference(before, after, **one)
        np.testing.assert_allclose([found.low, found.high], plain_bounds(before, after), rtol=1e-12)


def test_rows_and_groups_of_no_weight_are_no_witnesses():
    random = np.random.default_rng(3)
    before, after = random.random(60) < 0.7, random.random(60) < 0.9
    weights, groups = np.where(np.arange(60) < 20, 1.0, 0.0), np.arange(60) // 5
    truth, first, second = random.normal(size=(3, 60))
    for how, few in (
        ({"weights": weights}, {}),
        ({"weights": weights, "groups": groups}, {"groups": groups[:20]}),
    ):
        heavy = accuracy_difference(before[:20], after[:20], **few)
        assert accuracy_difference(before, after, **how)[2:] == pytest.approx(heavy[2:])
        numbers = r_squared_difference(truth[:20], first[:20], second[:20], **few)
        assert r_squared_difference(truth, first, second, **how)[2:] == pytest.approx(numbers[2:])


def test_no_answer_that_differs_leaves_a_width_as_without_weights():
    right = np.ones(16, bool)
    widths = {
        name: np.ptp(accuracy_difference(right, right, **how)[4:])
        for name, how in (
            ("plain", {}),
            ("equal", {"weights": np.ones(16)}),
            ("unequal", {"weights": np.arange(1.0, 17.0)}),
            ("groups", {"groups": np.arange(16) // 2}),
        )
    }
    assert widths["equal"] == pytest.approx(widths["plain"])
    assert widths["plain"] < widths["unequal"] < widths["groups"]


@pytest.mark.parametrize(
    "how",
    [
        {"weights": np.zeros(6)},
        {"weights": np.eye(6)[0]},
        {"weights": np.array([1, 1, 0, 0, 0, 0.0]), "groups": np.array([1, 1, 2, 2, 3, 3])},
    ],
)
def test_less_than_two_witnesses_have_no_interval(how):
    right, numbers = np.array([1, 0, 1, 1, 0, 1], bool), np.arange(6.0)
    found = accuracy_difference(right, ~right, **how)
    assert np.isnan([found.low, found.high]).all()
    assert np.isnan(found.before) == (not how["weights"].any())
    assert not found.clear
    assert np.isnan(r_squared_difference(numbers, numbers + 1, numbers - 1, **how).low)


def test_predictions_that_are_the_same_throughout_claim_no_certainty():
    truth = np.arange(9.0)
    found = r_squared_difference(truth, truth + 1, truth + 1)
    assert found.difference == 0
    assert np.isnan([found.low, found.high]).all()
