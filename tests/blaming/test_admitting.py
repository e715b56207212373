# SPDX-License-Identifier: MIT
"""What `investigate`, `save` and `load` are given by mistake is refused in their own words, with the way out."""

import numpy as np
import pandas as pd
import pytest

import culpa
from culpa.errors import DataError, OptionError

FRAME = pd.DataFrame({"a": np.arange(40.0) % 7, "b": np.arange(40.0) % 3})
TARGET = (FRAME.a + FRAME.b).rename("sum")
QUICK = {"hidden": (3,), "epochs": 2, "score": "none", "show_progress": False}
TABLE = culpa.read_table(FRAME.assign(sum=TARGET), "sum")
NETWORK = culpa.Network.fresh([2, 2])


class Wrapped:
    """What carries a network, as an Investigation does."""

    network = NETWORK


REFUSED = {
    "a fraction": (lambda: culpa.investigate(FRAME, TARGET, validation=0.2), "`validation`", "15 % of the training"),
    "a pair": (lambda: culpa.investigate(FRAME, TARGET, validation=(FRAME, TARGET)), "got a tuple", "15 %"),
    "one width": (lambda: culpa.investigate(FRAME, TARGET, hidden=16), "`hidden` must be a list; got 16", ""),
    "groups": (lambda: culpa.investigate(FRAME, TARGET, groups=TARGET), "`groups`", "target, group=…"),
    "weights": (lambda: culpa.investigate(FRAME, TARGET, weights=TARGET), "`weights`", "target, sample_weight=…"),
    "a misspelt option": (
        lambda: culpa.investigate(FRAME, TARGET, patiense=3),
        "'patiense'",
        "did you mean 'patience'?",
    ),
    "a file": (lambda: culpa.investigate("iris"), "got 'iris'", "read_table reads files"),
    "a table's task": (lambda: culpa.investigate(TABLE, task="regression"), "its own `task`", "read_table"),
    "what carries a network": (lambda: culpa.save(Wrapped(), "nowhere"), "type Wrapped", "save its `.network`"),
    "no network": (lambda: culpa.save(3, "nowhere"), "must be a culpa.Network; got an object of the type int", ""),
    "no place": (lambda: culpa.save(NETWORK, None), "`path` must be the name of a file; got None", ""),
    "no file": (lambda: culpa.load(None), "`path` must be the name of a file; got None", ""),
}


@pytest.mark.parametrize(("call", "words", "hint"), REFUSED.values(), ids=REFUSED)
def test_what_is_given_by_mistake_is_refused_with_the_way_out(call, words, hint):
    with pytest.raises(OptionError) as error:
        call()
    assert words in error.value.message
    assert hint in (error.value.hint or "")


def test_rows_that_are_called_otherwise_are_not_paired_by_their_places():
    moved = FRAME.sample(frac=1, random_state=0)
    for X, y in ((moved, TARGET), (FRAME, TARGET[::-1]), (FRAME[1:], moved.sum(axis=1)[:-1])):
        with pytest.raises(DataError, match="different indexes"):
            culpa.investigate(X, y, **QUICK)


@pytest.mark.parametrize("y", [TARGET, TARGET.to_numpy(), TARGET.set_axis(range(100, 140)), TARGET.tolist()])
def test_rows_that_are_called_the_same_or_nothing_are_paired(y):
    found = culpa.investigate(FRAME, y, **QUICK)
    assert found.network.columns.names == ("a", "b")
