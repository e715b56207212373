# SPDX-License-Identifier: MIT
"""Candidates: the same in the same order for a default and a seed, each once, and never what the reader has said."""

import numpy as np
import pytest

import culpa
from culpa.errors import OptionError
from culpa.training.candidates import SPACE, candidates
from culpa.training.choosing import Choice

DEFAULT = Choice(hidden=(24,), epochs=9, batch_size=16, learning_rate=1e-3, l2=0.02)
PINNED = [
    ((24,), "relu", 0.0003, 0.02, 0.25),
    ((256, 128), "relu", 0.001, 1e-05, 0.0),
    ((128,), "tanh", 0.01, 0.02, 0.0),
]


def changes(one):
    """Which entries differ from the default's."""
    return {name for name in DEFAULT.__dataclass_fields__ if getattr(one, name) != getattr(DEFAULT, name)}


def test_the_default_comes_first_and_nothing_comes_twice():
    every = candidates(DEFAULT)
    assert every[0] is DEFAULT
    assert len(set(every)) == len(every)
    assert {one.hidden for one in every} == {DEFAULT.hidden, *SPACE["hidden"]}


def test_the_first_challengers_are_those_that_they_always_were():
    """Pinned, because a command that was printed once with its seed is to find the same ones."""
    assert [
        (one.hidden, one.activation, one.learning_rate, one.l2, one.dropout) for one in candidates(DEFAULT)[1:4]
    ] == PINNED


def test_the_order_depends_on_the_seed_and_on_nothing_drawn_before():
    first = candidates(DEFAULT, seed=3)
    np.random.default_rng(0).random(5)
    assert candidates(DEFAULT, seed=3) == first
    assert candidates(DEFAULT, seed=4) != first
    assert set(candidates(DEFAULT, seed=4)) == set(first)


def test_only_what_is_searched_changes_and_what_is_fixed_stays():
    assert set().union(*map(changes, candidates(DEFAULT))) == set(SPACE)
    assert set().union(*map(changes, candidates(DEFAULT, fixed=["hidden", "l2"]))) == set(SPACE) - {"hidden", "l2"}


def test_challengers_near_to_the_default_tend_to_come_first():
    counts = [len(changes(one)) for one in candidates(DEFAULT) if one.hidden]
    early, late = np.mean(counts[1:60]), np.mean(counts[-200:])
    assert early < 3.2 < 3.5 < late
    assert any(count == 5 for count in counts[1:200])


def test_without_hidden_layers_there_is_one_candidate_for_each_rate_and_penalty():
    linear = [one for one in candidates(DEFAULT) if not one.hidden]
    assert {(one.activation, one.dropout) for one in linear} == {(DEFAULT.activation, 0.0)}
    assert len(linear) == 4 * 7  # the default's penalty is no value of the space


def test_a_dropout_that_the_reader_wants_needs_hidden_layers():
    assert all(one.hidden and one.dropout == 0.3 for one in candidates(DEFAULT.but(dropout=0.3), fixed=["dropout"]))


@pytest.mark.parametrize("name", SPACE)
def test_every_value_that_is_tried_can_be_trained_with(name):
    X, y = np.random.default_rng(0).normal(size=(20, 3)), np.arange(20) % 2
    for value in SPACE[name]:
        one = DEFAULT.but(**{name: value})
        network = culpa.Network.fresh([3, *one.hidden, 2], hidden=one.activation, l2=one.l2)
        options = {**one.training(), "epochs": 1, "patience": None, "validation": 0.2}
        assert len(culpa.fit(network, X, y, **options, show_progress=False).training.history) == 1


def test_a_search_with_nothing_left_to_search_is_refused():
    with pytest.raises(OptionError, match=r"Nothing is left to search.*leave one of these out: hidden, activation"):
        candidates(DEFAULT, fixed=SPACE)


def test_an_entry_that_no_choice_has_is_refused_by_name():
    with pytest.raises(OptionError, match=r"learnin_rate.*learning_rate"):
        candidates(DEFAULT, fixed=["learnin_rate"])


def test_the_order_is_a_draw_by_weight():
    """Of two challengers the one nearer to the default comes first more often, by the ratio of the weights."""
    small = Choice(hidden=(8,), epochs=1, batch_size=8)
    fixed = ["hidden", "l2", "learning_rate"]
    first = [candidates(small, fixed=fixed, seed=seed)[1] for seed in range(600)]
    near = np.mean([(one.activation != small.activation) + (one.dropout != 0) == 1 for one in first])
    # Of the weights ¼ each for one change, the other change and both, two thirds belong to one change.
    assert abs(near - 2 / 3) < 4 * (2 / 9 / 600) ** 0.5
