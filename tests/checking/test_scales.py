# SPDX-License-Identifier: MIT
"""Entries in very different units are judged each in its own, and what stands at a kink does not hide what does not."""

import numpy as np
import pytest

import culpa


def far_apart(seed):
    """A smooth function of entries from 1e-7 to 1e7, its gradient, and the point."""
    random = np.random.default_rng(seed)
    p = int(random.integers(2, 8))
    A, theta = random.normal(size=(6, p)), random.normal(size=p) * 10.0 ** random.integers(-7, 7, p)
    unit = 1 / np.abs(theta)

    def f(x):
        return np.log(np.exp(A @ (x * unit)).sum())

    def gradient(x):
        e = np.exp(A @ (x * unit))
        return unit * (A.T @ (e / e.sum()))

    return f, gradient, theta


@pytest.mark.parametrize("seed", range(60))
def test_a_flipped_sign_is_seen_in_every_entry_whatever_its_unit(seed):
    f, gradient, theta = far_apart(seed)
    assert culpa.check_function(f, gradient, theta).ok
    for entry in range(len(theta)):

        def flipped(x, entry=entry):
            found = gradient(x)
            found[entry] *= -1
            return found

        found = culpa.check_function(f, flipped, theta)
        assert [block.verdict for block in found.blocks] == ["wrong"]


@pytest.mark.parametrize("seed", range(6))
def test_also_by_values_alone(seed):
    f, gradient, theta = far_apart(seed)

    def real(x):
        return float(f(x))

    assert culpa.check_function(real, gradient, theta).ok
    assert not culpa.check_function(real, lambda x: gradient(x) * np.where(np.arange(len(x)) == 0, -1, 1), theta).ok


def at_kinks(seed):
    """A ReLU layer with a unit, or an example, exactly at its kink: the loss, its gradient, and the point."""
    random = np.random.default_rng(seed)
    X, y = random.normal(size=(20, 4)), random.normal(size=20)
    theta = {"W": random.normal(size=(5, 4)), "b": random.normal(size=5), "v": random.normal(size=5)}
    if seed % 2:
        theta["W"][0], theta["b"][0] = 0, 0
    else:
        X[3], theta["b"] = 0, np.zeros(5)

    def f(at):
        return np.mean((np.maximum(X @ at["W"].T + at["b"], 0) @ at["v"] - y) ** 2)

    def gradient(at):
        a = X @ at["W"].T + at["b"]
        residual = 2 * (np.maximum(a, 0) @ at["v"] - y) / len(y)
        delta = residual[:, None] * at["v"] * (a > 0)
        return {"W": delta.T @ X, "b": delta.sum(axis=0), "v": np.maximum(a, 0).T @ residual}

    return f, gradient, theta


@pytest.mark.parametrize("seed", range(30))
def test_a_kink_in_one_unit_hides_no_mistake_in_the_others(seed):
    f, gradient, theta = at_kinks(seed)
    assert "wrong" not in {block.verdict for block in culpa.check_function(f, gradient, theta).blocks}
    for factor in (0, 0.5, 2):
        found = culpa.check_function(f, lambda at, c=factor: {**gradient(at), "W": c * gradient(at)["W"]}, theta)
        assert found.blocks[0].verdict != "right"
        if seed % 2:
            assert found.blocks[0].verdict == "wrong"


def test_the_entries_beside_a_kink_are_still_judged():
    def f(x):
        return np.abs(x).sum()

    theta = np.array([0.0, 1.0, -2.0])
    assert culpa.check_function(f, lambda x: np.array([0.0, -7.0, 5.0]), theta).blocks[0].verdict == "wrong"
    assert culpa.check_function(f, lambda x: np.array([0.3, 1.0, -1.0]), theta).blocks[0].verdict == "not testable"


def both(x):
    """A value with its gradient, as SciPy's jac=True has it."""
    return np.sum(x**3), 3 * x**2


def test_a_function_that_gives_value_and_gradient_together_is_checked_as_such():
    assert culpa.check_function(both, True, np.array([1.0, 2.0])).ok
    assert not culpa.check_function(lambda x: (both(x)[0], 2 * both(x)[1]), True, np.array([1.0, 2.0])).ok
    with pytest.raises(culpa.DataError, match="must give \\(value, gradient\\)"):
        culpa.check_function(np.sum, True, np.array([1.0, 2.0]))


def test_a_check_and_a_diagnosis_are_as_true_as_their_verdicts():
    theta = np.array([1.0, 2.0])
    assert culpa.check_function(lambda x: np.sum(x**2), lambda x: 2 * x, theta)
    assert not culpa.check_function(lambda x: np.sum(x**2), lambda x: 3 * x, theta)
    network = culpa.Network.fresh([2, 2], dtype="float64")
    g = culpa.gradient(network, [[1.0, 2.0]], [0])
    assert culpa.diagnose(network, [[1.0, 2.0]], [0], g)
    assert not culpa.diagnose(network, [[1.0, 2.0]], [0], -g.flat())
