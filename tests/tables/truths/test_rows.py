# SPDX-License-Identifier: MIT
"""Truths about rows agree with a loop over all pairs of rows, and what contradictions cost with the best guess."""

from collections import Counter, defaultdict

import numpy as np
import pytest
from sklearn.metrics import r2_score

import culpa
from culpa.reporting.terminal import digits
from culpa.tables.looking import held_places
from culpa.tables.parting import split_table
from culpa.tables.truths.rows import about_rows, beyond_chance, same_rows


def drawn(seed, n=60, levels=3):
    """A table whose rows repeat each other often, with gaps, and a target that the inputs do not settle."""
    random = np.random.default_rng(seed)
    columns = {
        "size": [None if entry == 0 else float(entry) for entry in random.integers(0, levels, n)],
        "town": [None if entry == 0 else f"t{entry}" for entry in random.integers(0, levels, n)],
        "sold": random.choice(["no", "yes"], n).tolist(),
    }
    return columns, {"sold": None, "label": random.choice(["a", "b", "c"], n).tolist(), "price": random.normal(size=n)}


def keys_of(columns, target=None):
    """Each row as a tuple, a row without a value as its own number."""
    rows = list(zip(*columns.values(), strict=True))
    keys = [k if all(entry is None for entry in row) else row for k, row in enumerate(rows)]
    return keys if target is None else list(zip(keys, target, strict=True))


def by_hand(keys):
    """The rows of each group of the same rows that has two or more."""
    groups = defaultdict(list)
    for row, key in enumerate(keys):
        groups[key].append(row)
    return [rows for rows in groups.values() if len(rows) > 1]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("goal", ["label", "price"])
def test_repeated_rows_are_those_that_a_loop_finds_side_by_side(seed, goal):
    columns, goals = drawn(seed)
    goals["price"] = np.round(goals["price"], 0) + 0.5
    target = list(goals[goal])
    found = culpa.look({**columns, goal: target}, goal)["duplicates"]
    groups = by_hand(keys_of(columns, target))
    assert found.rows.tolist() == [row for rows in groups for row in rows]
    assert found.sentence.startswith(f"{sum(len(rows) - 1 for rows in groups)} of 60 rows repeat")


@pytest.mark.parametrize("seed", range(4))
def test_contradicting_labels_are_those_that_a_loop_finds_and_cost_what_the_best_guess_misses(seed):
    columns, goals = drawn(seed)
    labels = goals["label"]
    found = culpa.look({**columns, "label": labels}, "label")["contradictions"]
    groups = [rows for rows in by_hand(keys_of(columns)) if len({labels[row] for row in rows}) > 1]
    missed = sum(len(rows) - max(Counter(labels[row] for row in rows).values()) for rows in groups)
    assert found.rows.tolist() == [row for rows in groups for row in rows]
    assert f"in {len(groups)} groups" in found.sentence
    assert f"more than {100 * (1 - missed / 60):.1f} %" in found.sentence
    assert found.serious


@pytest.mark.parametrize("seed", range(4))
def test_contradicting_numbers_bound_the_score_by_that_of_the_mean_of_each_group(seed):
    columns, goals = drawn(seed)
    price = goals["price"]
    found = culpa.look({**columns, "price": price}, "price")["contradictions"]
    keys = keys_of(columns)
    means = {key: np.mean([p for other, p in zip(keys, price, strict=True) if other == key]) for key in set(keys)}
    groups = by_hand(keys)
    widest = max(groups, key=lambda rows: np.ptp(price[rows]))
    assert found.rows.tolist() == [row for rows in groups for row in rows]
    assert found.sentence.endswith(f"can exceed {r2_score(price, [means[key] for key in keys]):.3f}")
    low, high = (float(end(price[widest])) for end in (np.min, np.max))
    assert f"{digits(low)} and {digits(high)} at the most" in found.sentence


@pytest.mark.parametrize("seed", [0, 7])
def test_rows_on_both_sides_of_the_split_are_those_that_blame_would_hold_out_and_train_on(seed):
    columns, goals = drawn(3)
    table = culpa.read_table({**columns, "label": goals["label"]}, "label").raw
    kept, held = split_table(table, seed)
    np.testing.assert_array_equal(held_places(table, seed), held, strict=True)
    keys = keys_of(columns, goals["label"])
    trained = {keys[row] for row in kept}
    both = [row for row in held if keys[row] in trained]
    found = culpa.look(culpa.read_table({**columns, "label": goals["label"]}, "label"), seed=seed)["split"]
    assert found.sentence.startswith(f"{len(both)} of the {len(held)} held-out rows are among")
    shared = {keys[row] for row in both}
    assert sorted(found.rows.tolist()) == [row for row, key in enumerate(keys) if key in shared]


def test_nothing_is_said_of_rows_that_all_differ():
    columns = {"x": np.arange(50.0) / 7, "town": ["a", "b"] * 25, "label": ["n", "y"] * 25}
    table = culpa.read_table(columns, "label").raw
    assert list(about_rows(table, np.arange(10))) == []


def test_one_row_copied_is_found_by_its_number_in_the_file_though_rows_before_it_have_no_target():
    price = np.arange(40.0) ** 1.5
    columns = {"x": np.sin(np.arange(40.0)), "price": [None, None, *price[2:]]}
    columns["x"][31], columns["price"][31] = columns["x"][12], columns["price"][12]
    found = culpa.look(columns, "price")["duplicates"]
    assert (found.rows.tolist(), found.serious) == ([12, 31], False)
    columns["price"][31] += 1
    assert culpa.look(columns, "price")["contradictions"].rows.tolist() == [12, 31]


def test_columns_that_a_network_does_not_see_do_not_tell_rows_apart():
    columns = {"nr": np.arange(40), "x": [*range(20), *range(20)], "label": ["n", "y"] * 20}
    columns["x"] = [entry / 3 for entry in columns["x"]]
    assert len(culpa.look(columns, "label")["duplicates"].rows) == 40
    with pytest.raises(culpa.OptionError, match="duplicates"):
        culpa.look(columns, "label", kinds={"nr": "number"})["duplicates"]


def test_rows_without_any_value_are_told_of_once_and_repeat_nothing():
    columns = {"x": [None, 1.5, None, 2.5, 3.5, None], "town": [None, "a", None, "b", "a", "b"], "y": list("abbaab")}
    found = culpa.look(columns, "y")
    assert found["empty"].rows.tolist() == [0, 2]
    assert {truth.key for truth in found.truths}.isdisjoint({"duplicates", "contradictions"})


def test_copies_are_serious_where_chance_would_not_make_them_and_a_handful_is_not():
    random = np.random.default_rng(0)
    x = random.normal(size=400)
    many, few = np.concatenate([x, x[:40]]), np.concatenate([x, x[:3]])
    assert culpa.look({"x": many, "y": np.sin(many)}, "y")["duplicates"].serious
    assert not culpa.look({"x": few, "y": np.sin(few)}, "y")["duplicates"].serious
    words = {name: random.choice(["a", "b"], 400) for name in ("p", "q", "r")}
    assert not culpa.look({**words, "y": random.choice(["n", "y"], 400)}, "y")["duplicates"].serious


def test_chance_is_the_product_of_the_columns_chances():
    import polars as pl

    frame = pl.DataFrame({"p": ["a", "b"] * 50, "q": ["a"] * 50 + ["b"] * 50})
    sizes = np.bincount(same_rows(frame, np.zeros(100, bool)))
    assert sizes.tolist() == [25] * 4
    assert not beyond_chance(frame, sizes)
    pairs = [pl.Series(name, np.arange(100) // 2) for name in ("r", "s")]
    # One such column would make 4,950 / 4 · 50 · 4 / 10,000 = 25 pairs by chance; of two there would be half a pair.
    assert not beyond_chance(frame.with_columns(pairs[:1]), np.full(50, 2))
    assert beyond_chance(frame.with_columns(pairs), np.full(50, 2))
