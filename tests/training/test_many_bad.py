# SPDX-License-Identifier: MIT
"""What `fit_many` refuses, as `fit` does and by name; and what is left when one of many diverges or Ctrl-C comes."""

import re
from dataclasses import replace

import numpy as np
import pytest

import culpa
from culpa import Network
from culpa.errors import CulpaError, DataError, NumericalError, OptionError, ShapeError, UnfinishedError
from culpa.training.learning import Learner
from tests.training.test_many import assert_as_alone

RANDOM = np.random.default_rng(0)
N = 60
X = RANDOM.normal(size=(N, 4))
Y = (X[:, 0] > 0).astype(int)
NETWORK = Network.fresh([4, 5, 2], seed=0, dtype="float64")
REGRESSION = Network.fresh([4, 1], loss="squared_error", seed=0, dtype="float64")
NUMBERS = X @ np.array([1.0, 2.0, 3.0, 4.0])
FIRST, LAST = np.arange(20), np.arange(20, N)


def many(networks=NETWORK, inputs=X, y=Y, **options):
    return culpa.fit_many(networks, inputs, y, **{"epochs": 1, **options})


def gone(array, row, value):
    """The array with one bad entry."""
    bad = np.array(array, float)
    bad.flat[row * bad[0].size] = value
    return bad


OTHERS = {
    "another width": Network.fresh([4, 6, 2], dtype="float64"),
    "another depth": Network.fresh([4, 5, 5, 2], dtype="float64"),
    "another activation": Network.fresh([4, 5, 2], hidden="tanh", dtype="float64"),
    "another loss": Network.fresh([4, 5, 2], loss="softmax_squared_error", dtype="float64"),
    "another dtype": Network.fresh([4, 5, 2]),
    "no biases": Network.from_arrays([np.ones((5, 4)), np.ones((2, 5))], loss="cross_entropy", hidden="relu"),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_a_network_of_another_shape_is_named_beside_the_first(other):
    with pytest.raises(ShapeError, match="`networks` must be of equal sizes") as caught:
        many([NETWORK, replace(NETWORK, l2=0.5), other, other])
    assert f"number 2 is {other}, the first is {NETWORK}." in caught.value.message


REFUSED = {
    "too few rows": ({"networks": [NETWORK] * 3, "rows": [FIRST, LAST]}, ShapeError, "`rows`", "3 networks; got 2."),
    "too many rows": ({"networks": [NETWORK], "rows": [FIRST, LAST]}, ShapeError, "`rows`", "1 networks; got 2."),
    "too few seeds": ({"networks": [NETWORK] * 3, "seeds": [1]}, ShapeError, "`seeds`", "3 networks; got 1."),
    "more seeds than rows": ({"rows": [FIRST], "seeds": [1, 2]}, ShapeError, "`seeds`", "got 2."),
    "a mask of no rows": ({"rows": [FIRST, np.zeros(N, bool)]}, DataError, "`rows`", "number 1 has none."),
    "no row numbers": ({"rows": [[], FIRST]}, DataError, "`rows`", "number 0 has none."),
    "a row too far": ({"rows": [FIRST, [0, N]]}, OptionError, "`rows`", f"within the {N} examples", f"got {N}."),
    "a row too far back": ({"rows": [[0, -N - 1]]}, OptionError, "`rows`", f"got {-N - 1}."),
    "a short mask": ({"rows": [np.ones(N - 1, bool)]}, OptionError, "mask", f"the {N} examples; got {N - 1}."),
    "a transposed matrix of masks": ({"rows": np.ones((N, 3), bool)}, OptionError, "mask", "got 3."),
    "one mask": ({"rows": Y > 0}, OptionError, "`rows`"),
    "rows in halves": ({"rows": [FIRST / 2]}, OptionError, "`rows`"),
    "rows in words": ({"rows": [["a", "b"]]}, OptionError, "`rows`"),
    "a row for one": ({"rows": 5}, OptionError, "`rows` must be a list; got 5."),
    "splits into rows to learn from and others": ({"rows": [(FIRST, LAST), (LAST, FIRST)]}, OptionError, "`rows`"),
    "a seed": ({"seeds": 5}, OptionError, "`seeds` must be a list; got 5."),
    "a negative seed": ({"seeds": [0, -1]}, OptionError, "`seed` must be a whole number, 0 or more; got -1."),
    "half a seed": ({"seeds": [0.5]}, OptionError, "`seed` must be", "got 0.5."),
    "a negative seed for all": ({"seed": -1}, OptionError, "`seed` must be", "got -1."),
    "no network": ({"networks": "relu"}, OptionError, "`networks` must be a list; got 'relu'."),
    "something among them": ({"networks": [NETWORK, X]}, CulpaError, "culpa.Network", "ndarray"),
    "a complex network": ({"networks": [NETWORK.astype("complex128")]}, OptionError, 'astype("float64")'),
    "no jobs": ({"jobs": 0}, OptionError, "`jobs` must be a whole number, 1 or more; got 0."),
    "fewer jobs than none": ({"jobs": -1}, OptionError, "`jobs` must be a whole number, 1 or more; got -1."),
    "one and a half jobs": ({"jobs": 1.5}, OptionError, "`jobs` must be a whole number, 1 or more; got 1.5."),
    "jobs in words": ({"jobs": "all"}, OptionError, "`jobs` must be a whole number, 1 or more; got 'all'."),
    "half an epoch": ({"epochs": 0.5}, OptionError, "`epochs` must be a whole number, 0 or more; got 0.5."),
    "epochs in words": ({"epochs": "3"}, OptionError, "`epochs` must be", "got '3'."),
    "epochs of None": ({"epochs": None}, OptionError, "`epochs` must be", "got None."),
    "a batch of nothing": ({"batch_size": 0}, OptionError, "`batch_size` must be", "got 0."),
    "a batch of less": ({"batch_size": -8}, OptionError, "`batch_size` must be", "got -8."),
    "a batch in words": ({"batch_size": "64"}, OptionError, "`batch_size` must be", "got '64'."),
    "a batch of None": ({"batch_size": None}, OptionError, "`batch_size` must be", "got None."),
    "a rate of zero": ({"learning_rate": 0}, OptionError, "`learning_rate` must be a finite number above 0; got 0."),
    "a misspelt optimizer": ({"optimizer": "adm"}, OptionError, "did you mean 'adam'?"),
    "a misspelt schedule": ({"schedule": "cosin"}, OptionError, "did you mean 'cosine'?"),
    "threads in words": ({"threads": "many"}, OptionError, "`threads` must be"),
    "patience alone": ({"patience": 2}, OptionError, "`patience` needs `validation`"),
    "one callback without a list": ({"callbacks": print}, OptionError, "`callbacks` must be a list"),
    "validation of four": ({"validation": (X, Y, Y, Y)}, OptionError, "`validation`", "got 4 things."),
    "too few weights": ({"weights": np.ones(N - 1)}, ShapeError, "`weights`", f"got ({N - 1},)."),
    "too many weights": ({"weights": np.ones(N + 1)}, ShapeError, "`weights`", f"got ({N + 1},)."),
    "weights in a column": ({"weights": np.ones((N, 1))}, ShapeError, "`weights`"),
    "one weight": ({"weights": 1.0}, CulpaError, "`weights`"),
    "too few ids": ({"ids": range(N - 1)}, ShapeError, "`ids`", f"{N} rows; got {N - 1}."),
    "too many ids": ({"ids": range(N + 1)}, ShapeError, "`ids`", f"{N} rows; got {N + 1}."),
    "too many groups": ({"groups": range(N + 1), "validation": 0.3}, CulpaError, "`groups`"),
}


@pytest.mark.parametrize(("options", "kind", "words"), [(o, k, w) for o, k, *w in REFUSED.values()], ids=REFUSED)
def test_what_cannot_be_used_is_refused_in_one_sentence(options, kind, words):
    with pytest.raises(kind) as caught:
        many(**options)
    missing = [part for part in words if part not in str(caught.value)]
    assert not missing, str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400, "nobody reads a whole array"


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_unknown_option_is_named(jobs):
    with pytest.raises((TypeError, OptionError), match=r"['`]epoch['`]"):
        culpa.fit_many(NETWORK, X, Y, seeds=[0, 1], epoch=3, jobs=jobs)


BAD_DATA = {
    "other columns": (X[:, :3], Y),
    "one axis": (X[:, 0], Y),
    "three axes": (X[:, None], Y),
    "one number": (5.0, Y),
    "no rows": (X[:0], Y[:0]),
    "words": (np.full((N, 4), "a"), Y),
    "nothing": (None, Y),
    "a gap": (gone(X, 30, np.nan), Y),
    "something infinite": (gone(X, 30, np.inf), Y),
    "too few targets": (X, Y[:-1]),
    "too many targets": (X, np.append(Y, 0)),
    "one target": (X, 1),
    "no targets": (X, None),
    "an unknown class": (X, gone(Y[:, None], 30, 2)[:, 0].astype(int)),
    "classes that are no whole numbers": (X, Y + 0.5),
}


@pytest.mark.parametrize("options", [{}, {"callbacks": [repr]}], ids=["stacked", "one by one"])
@pytest.mark.parametrize(("inputs", "y"), BAD_DATA.values(), ids=BAD_DATA)
def test_bad_rows_are_refused_in_the_words_of_fit(inputs, y, options):
    """Rows are counted in the whole of X, as the user has it, whichever rows a network learns from."""
    with pytest.raises(CulpaError) as alone:
        culpa.fit(NETWORK, inputs, y, epochs=1)
    with pytest.raises(CulpaError) as caught:
        many(inputs=inputs, y=y, rows=None if np.shape(inputs)[:1] == (0,) else [FIRST, LAST], **options)
    if np.shape(inputs)[:1] == (N,) or np.ndim(inputs) == 0:
        assert str(caught.value) == str(alone.value)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_subset_of_one_class_cannot_hold_rows_out_and_is_named(jobs):
    one_class = np.flatnonzero(Y)
    with pytest.raises(CulpaError, match="two classes or more") as caught:
        many(rows=[FIRST, one_class, LAST], validation=0.2, jobs=jobs)
    assert re.search(r"(etwork|umber) 1\b", caught.value.message), "of many subsets, which one is it?"


def test_a_subset_of_one_class_is_good_enough_where_nothing_is_held_out():
    one_class = np.flatnonzero(Y)
    (mine,) = many(rows=[one_class])
    assert_as_alone(mine, culpa.fit(NETWORK, X[one_class], Y[one_class], epochs=1))


def starts(*factors):
    """The same start at several scales; from 1e200 on, its first pass overflows."""
    theta = culpa.flatten(REGRESSION)
    return [culpa.unflatten(REGRESSION, factor * theta) for factor in factors]


WAYS = {
    "stacked": {"jobs": 1},
    "one by one": {"jobs": 1, "callbacks": [repr]},
    "stacked, in processes": {"jobs": 2},
    "one by one, in processes": {"jobs": 2, "callbacks": [repr]},
}


@pytest.mark.parametrize("options", WAYS.values(), ids=WAYS)
def test_of_many_that_diverge_all_the_others_are_kept(options):
    """The error names the first of them in order, why it failed and what to try."""
    networks = starts(1.0, 0.5, 1e200, 2.0, 1e250, 1.5)
    given = {"epochs": 3, "batch_size": 16, "optimizer": "sgd", "learning_rate": 0.002}
    with pytest.raises(UnfinishedError) as caught:
        many(networks, y=NUMBERS, seeds=range(6), **given, **options)
    error = caught.value
    assert sorted(error.finished) == [0, 1, 3, 5]
    for number, mine in error.finished.items():
        assert_as_alone(mine, culpa.fit(networks[number], X, NUMBERS, seed=number, **given))
    with pytest.raises(NumericalError) as alone:
        culpa.fit(networks[2], X, NUMBERS, seed=2, **given)
    assert "etwork 2 " in error.message
    assert "4 of 6 networks" in error.message
    assert alone.value.message.rstrip(".") in error.message
    assert error.hint == alone.value.hint


def test_one_more_is_not_called_others():
    with pytest.raises(UnfinishedError, match=r"and 1 other\b"):
        many(starts(1e200, 1.0, 1e200), y=NUMBERS)
    with pytest.raises(UnfinishedError, match="and 2 others"):
        many(starts(1e200, 1e200, 1e200), y=NUMBERS)


def test_one_that_diverges_late_takes_none_of_its_stack_with_it():
    """Its rows are so large that each step overshoots; the others have learnt beside it for some epochs by then."""
    inputs = np.concatenate([X, 30 * X])
    rows = [np.arange(40), np.arange(N, N + 40), np.arange(20, N)]
    given = {"epochs": 9, "batch_size": 16, "optimizer": "sgd", "learning_rate": 0.05}
    y = np.concatenate([NUMBERS, NUMBERS])
    networks = starts(1.0, 1e130, 0.5)
    with pytest.raises(UnfinishedError, match=r"etwork 1 .* diverged in epoch [2-9], step [1-3]") as caught:
        many(networks, inputs, y, rows=rows, **given)
    assert sorted(caught.value.finished) == [0, 2]
    for number, mine in caught.value.finished.items():
        own = culpa.fit(networks[number], inputs[rows[number]], y[rows[number]], **given)
        assert_as_alone(mine, own)


def test_all_of_them_may_diverge():
    with pytest.raises(UnfinishedError, match=r"etwork 0 .*0 of 3 networks") as caught:
        many(starts(1e200, 1e200, 1e200), y=NUMBERS)
    assert caught.value.finished == {}


def test_ctrl_c_leaves_what_was_finished_before_it():
    """The third of five, in the second of its three epochs: what it had learnt by then is no training."""
    seen = []

    def callback(epoch):
        seen.append(epoch)
        if len(seen) == 8:
            raise KeyboardInterrupt

    with pytest.raises(UnfinishedError, match="Interrupted after 2 of 5 networks") as caught:
        many(seeds=range(5), epochs=3, callbacks=[callback], jobs=1)
    assert sorted(caught.value.finished) == [0, 1]
    for seed, mine in caught.value.finished.items():
        assert_as_alone(mine, culpa.fit(NETWORK, X, Y, epochs=3, seed=seed), within=0)
        assert not mine.training.interrupted
    assert isinstance(caught.value.__cause__, KeyboardInterrupt)


def test_ctrl_c_in_a_stack_leaves_the_stacks_before_it(monkeypatch):
    """Networks with equally many rows share a stack, and the first stack has all its epochs behind it."""
    epoch, seen = Learner.epoch, []

    def interrupted(learner, *given):
        seen.append(given)
        if len(seen) == 4:
            raise KeyboardInterrupt
        return epoch(learner, *given)

    monkeypatch.setattr(Learner, "epoch", interrupted)
    rows = [FIRST, LAST, FIRST + 1, LAST - 1]
    with pytest.raises(UnfinishedError, match="Interrupted after 2 of 4 networks") as caught:
        many(rows=rows, epochs=3)
    monkeypatch.undo()
    assert sorted(caught.value.finished) == [0, 2]
    for number, mine in caught.value.finished.items():
        assert_as_alone(mine, culpa.fit(NETWORK, X[rows[number]], Y[rows[number]], epochs=3))


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_of_a_callback_comes_through_as_it_is(jobs):
    with pytest.raises(ZeroDivisionError):
        many(seeds=range(3), callbacks=[lambda epoch: 1 / 0], jobs=jobs)
