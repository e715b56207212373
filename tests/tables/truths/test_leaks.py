# SPDX-License-Identifier: MIT
"""Columns that give the target away are found in whatever words they do it, and columns that only help are not."""

import numpy as np
import pytest

import culpa

N = 400
RANDOM = np.random.default_rng(0)
LABEL = RANDOM.choice(["no", "maybe", "yes"], N)
PRICE = np.exp(RANDOM.normal(10, 0.5, N))
NUMBER = np.unique(LABEL, return_inverse=True)[1]
CODES = RANDOM.integers(0, 15, N) * 3 + NUMBER
OTHERS = {"x": RANDOM.normal(size=N), "town": RANDOM.choice(["Oslo", "Rome"], N)}

FROM_LABEL = {
    "a code": NUMBER * 7,
    "a number in bands": NUMBER * 10 + RANDOM.random(N),
    "other words": np.array(["Q", "Z", "A"])[NUMBER],
    "levels of which each has one class": np.array([f"w{code:02}" for code in CODES]),
    "codes in no order": CODES.astype(float),
    "dates": np.datetime64("2020-01-01") + NUMBER * 100 + RANDOM.integers(0, 30, N),
}  # fmt: skip
FROM_PRICE = {
    "with tax": 1.19 * PRICE,
    "its logarithm": np.log(PRICE),
    "rounded": PRICE.round(-2),
    "its negative": 5 - PRICE,
    "its deviation": np.cbrt(PRICE - PRICE.mean()),
}
HELPFUL = {
    "noise on the label": NUMBER + RANDOM.normal(0, 0.4, N),
    "the label, a tenth wrong": np.where(RANDOM.random(N) < 0.1, RANDOM.integers(0, 3, N), NUMBER),
    "the price and noise": PRICE * np.exp(RANDOM.normal(0, 0.3, N)),
    "noise": RANDOM.normal(size=N),
    "many levels": np.array([f"s{k}" for k in RANDOM.integers(0, 150, N)]),
}


def leaks(columns, target):
    """The columns that are said to give the target away."""
    found = culpa.look({**OTHERS, **columns, "goal": target}, "goal")
    return [truth for truth in found.truths if truth.key == "leaks"]


@pytest.mark.parametrize("name", FROM_LABEL)
def test_a_column_that_gives_a_label_away_is_found(name):
    (found,) = leaks({name: FROM_LABEL[name]}, LABEL)
    assert found.columns == (name,)
    assert found.serious
    assert f"{name[:29]}" in found.sentence
    assert "alone gives goal away: guesses from it are right on" in found.sentence


@pytest.mark.parametrize("name", FROM_PRICE)
def test_a_column_that_gives_a_number_away_is_found(name):
    (found,) = leaks({name: FROM_PRICE[name]}, PRICE)
    assert found.columns == (name,)
    assert "have an R² of .99" in found.sentence.replace("0.99", ".99").replace("1.000", ".99")


@pytest.mark.parametrize("target", [LABEL, PRICE], ids=["label", "price"])
@pytest.mark.parametrize("name", HELPFUL)
def test_a_column_that_only_helps_is_not(name, target):
    assert leaks({name: HELPFUL[name]}, target) == []


def test_a_gap_can_give_a_label_away():
    ill = RANDOM.random(N) < 0.4
    column = np.where(ill, RANDOM.normal(size=N), np.nan)
    (found,) = leaks({"day of death": column}, ill)
    assert found.columns == ("day of death",)
    assert leaks({"day of death": np.where(RANDOM.random(N) < 0.4, column, np.nan)}, ill) == []


def test_where_one_class_has_nearly_all_rows_being_right_is_no_wonder():
    rare = np.arange(N) % 200 == 0
    assert leaks({"noise": RANDOM.normal(size=N)}, rare) == []


@pytest.mark.parametrize("kind", [bool, float])
def test_a_target_so_rare_that_a_sample_has_none_is_given_away_by_nothing(kind):
    rows = np.arange(9000)
    found = [culpa.look({"x": np.sin(rows), "goal": (rows == k).astype(kind)}, "goal") for k in (7, 11, 4000)]
    assert "leaks" not in {truth.key for look in found for truth in look.truths}


def test_several_are_told_of_together_the_surest_first():
    (found,) = leaks({"code": NUMBER, "words": FROM_LABEL["other words"], "noise": HELPFUL["noise"]}, LABEL)
    assert set(found.columns) == {"code", "words"}
    assert "; so does " in found.sentence


def test_too_few_rows_prove_nothing():
    assert [truth.key for truth in culpa.look({"x": range(12), "y": [0.5 * k for k in range(12)]}, "y").truths] == [
        "size", "kinds", "ids",
    ]  # fmt: skip


def test_numbers_beyond_single_precision_are_looked_at_all_the_same():
    huge = culpa.look({"x": PRICE * 1e300, "noise": RANDOM.permutation(PRICE) * 1e300, "y": PRICE}, target="y")
    assert huge["leaks"].columns == ("x",)


def test_a_curve_that_turns_is_followed_and_noise_on_it_is_not():
    z = np.random.default_rng(3).uniform(-2, 2, N)
    assert leaks({"z": z}, z**2)
    assert leaks({"z": z}, np.sin(5 * z))
    assert not leaks({"z": z}, z**2 + 0.3 * np.random.default_rng(4).normal(size=N))


def test_a_table_without_a_column_to_guess_from_has_no_leak():
    assert "leaks" not in [truth.key for truth in culpa.look({"y": ["a"] * 19 + ["b"]}, "y").truths]
