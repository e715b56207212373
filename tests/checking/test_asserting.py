# SPDX-License-Identifier: MIT
"""`assert_gradient`: passes for right gradients, fails with the table or the diagnosis for all others."""

import sys
import types
from dataclasses import dataclass, replace

import numpy as np
import pytest

import culpa
from culpa import Network, assert_gradient
from culpa.errors import DataError, OptionError

THETA = np.random.default_rng(0).normal(size=5)
NETWORK = Network.fresh([3, 4, 2], hidden="tanh", seed=1, dtype="float64")
X, Y = np.random.default_rng(1).normal(size=(6, 3)), np.array([0, 1, 0, 1, 1, 0])


def test_a_right_gradient_passes_in_silence(capsys):
    assert assert_gradient(lambda x: np.sum(x**3), lambda x: 3 * x**2, THETA) is None
    assert assert_gradient(NETWORK, X, Y) is None
    assert capsys.readouterr() == ("", "")


def test_a_wrong_gradient_fails_with_the_table():
    with pytest.raises(AssertionError) as caught:
        assert_gradient(lambda t: np.sum(t["x"] ** 3), lambda t: {"x": 6 * t["x"] ** 2}, {"x": THETA})
    text = str(caught.value)
    assert text == str(culpa.check_function(lambda t: np.sum(t["x"] ** 3), {"x": 6 * THETA**2}, {"x": THETA}))
    assert "x      WRONG" in text
    assert "2 times the derivative" in text


def test_a_wrong_network_fails_with_the_table():
    row = replace(NETWORK.loss, name="mine", delta=lambda a, t: 2 * NETWORK.loss.delta(a, t))
    with pytest.raises(AssertionError, match="gradient WRONG in W_1, b_1, W_2, b_2"):
        assert_gradient(replace(NETWORK, loss=row), X, Y)


def test_nothing_testable_is_no_pass():
    with pytest.raises(AssertionError, match="not testable at this point"):
        assert_gradient(lambda x: np.abs(x).sum(), np.sign, np.zeros(3))


def test_the_failure_is_shown_where_the_line_stands():
    with pytest.raises(AssertionError) as caught:
        assert_gradient(lambda x: np.sum(x), lambda x: 0 * x, THETA)
    frames = [entry for entry in caught.traceback if entry.frame.f_locals.get("__tracebackhide__")]
    assert [frame.name for frame in frames] == ["assert_gradient"]


def test_options_go_to_the_check():
    with pytest.raises(OptionError, match="directions"):
        assert_gradient(lambda x: np.sum(x), np.ones_like, THETA, directions=0)
    assert_gradient(NETWORK, X, Y, reduction="sum", weights=np.arange(1.0, 7.0))


def test_what_cannot_be_checked_is_an_error_and_no_failure():
    with pytest.raises(DataError):
        assert_gradient(lambda x: None, np.ones_like, THETA)
    for given in ((), (np.ones_like,), (np.ones_like, THETA, 1)):
        with pytest.raises(OptionError, match="takes a function, its gradient and theta"):
            assert_gradient(np.sum, *given)


@dataclass
class Diagnosed:
    """A diagnosis as far as it is asked here."""

    verdict: str

    def __str__(self):
        return f"the whole text of {self.verdict}"


@pytest.fixture
def asked(monkeypatch):
    """A stand-in for the diagnosis, which answers with the gradient that it was given."""
    calls = []

    def diagnose(network, X, y, mine, **options):
        calls.append((network, X, y, mine, options))
        return Diagnosed(mine)

    module = types.ModuleType("culpa.checking.mistakes.diagnosing")
    module.diagnose = diagnose
    monkeypatch.setitem(sys.modules, "culpa.checking.mistakes.diagnosing", module)
    return calls


def test_somebodys_gradient_is_diagnosed_and_passes_only_if_right(asked):
    assert assert_gradient(NETWORK, X, Y, "right", l2=0.1) is None
    assert asked == [(NETWORK, X, Y, "right", {"l2": 0.1})]


@pytest.mark.parametrize("verdict", ["another objective", "mistake", "unknown"])
def test_any_other_diagnosis_fails_with_its_whole_text(asked, verdict):
    with pytest.raises(AssertionError, match=f"^the whole text of {verdict}$"):
        assert_gradient(NETWORK, X, Y, verdict)
