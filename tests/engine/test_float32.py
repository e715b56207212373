# SPDX-License-Identifier: MIT
"""Float32, in which networks are trained, against float64, in which they are checked.

The bar is 1e-5 of the gradient's norm, two hundred times float32's rounding, which is what sums over 50 units and 6
layers may cost. Where the network itself is badly conditioned, the bar is widened by a stated factor:

    factor = max(1, change / 1e-6),    change = ‖∇(rounded) − ∇‖ / ‖∇‖ in float64,

where "rounded" means parameters and inputs rounded to float32 and back. No computation in float32 can tell them apart,
so what their difference does to the exact gradient is the network's condition and no fault of the pass.
"""

from dataclasses import replace

import numpy as np
import pytest

import culpa
from tests.cases import CASES, PLAIN, Case, each, gradient_of
from tests.oracles.comparing import MISTAKEN, assert_same

BAR = 1e-5
NARROW = np.float32


def narrow(case: Case) -> Case:
    """The case as float32 users give it; class indices stay integers."""
    y = case.y.astype(NARROW) if case.y.dtype.kind == "f" else case.y
    return replace(case, network=case.network.astype("float32"), X=case.X.astype(NARROW), y=y)


def rounded(case: Case) -> Case:
    """The float64 case whose parameters and inputs have been through float32."""
    small = narrow(case)
    return replace(small, network=small.network.astype("float64"), X=small.X.astype(np.float64), y=case.y)


def factor(case: Case) -> float:
    """By how much rounding parameters and inputs moves the exact gradient, in units of 1e-6; at least 1."""
    exact, moved = gradient_of(case).total(), gradient_of(rounded(case)).total()
    norm = np.linalg.norm(exact)
    return max(1.0, float(np.linalg.norm(moved - exact) / norm) / 1e-6) if norm else 1.0


@each(CASES)
def test_the_float32_gradient_is_the_float64_gradient_to_its_own_digits(case):
    # A bar above 1e-6, because float32 has but seven digits; the head of this file says why it is this one.
    within = BAR * factor(case)
    wide, g = gradient_of(case), gradient_of(narrow(case))
    assert_same(g.total(), wide.total(), within=within)
    assert_same(g.norms(), wide.norms(), within=within)
    assert_same(g.losses, wide.losses, within=within)
    assert_same(g.objective, wide.objective, within=within)


@each(CASES[::5])
def test_everything_computed_in_float32_stays_in_float32(case):
    g = gradient_of(narrow(case))
    rows = np.ones(case.network.n_parameters, NARROW)
    answers = {
        "losses": g.losses,
        "w": g.w,
        "flat": g.flat(),
        "total": g.total(),
        "norms": g.norms(),
        "contributions": g.contributions(),
        "gram": g.gram(),
        "second_moment": g.second_moment(),
        "dot": g.dot(rows),
        "hidden": g.hidden(0),
        "clipped": g.clipped(0.1).flat(),
        "predict": culpa.predict(narrow(case).network, narrow(case).X),
        "flatten": culpa.flatten(narrow(case).network),
    }
    for layer in g.layers:
        answers |= {"delta": layer.delta, "h": layer.h, "weight": layer.weight, "decay": layer.decay}
        answers |= {"per_example": layer.per_example(0), "inputs": layer.kronecker().inputs}
    assert {name: str(answer.dtype) for name, answer in answers.items()} == dict.fromkeys(answers, "float32")
    assert isinstance(g.loss, float)
    assert isinstance(g.penalty, float)


def test_the_loss_of_many_float32_examples_is_summed_in_float64():
    n = 200_000
    network = culpa.Network.from_arrays([np.ones((1, 1), NARROW)], loss="squared_error")
    X = np.full((n, 1), 0.1, NARROW)
    g = culpa.gradient(network, X, np.zeros(n, NARROW), reduction="sum")
    one = float(g.losses[0])
    assert g.loss == pytest.approx(n * one, rel=1e-12)
    assert float(np.cumsum(g.losses)[-1]) != pytest.approx(n * one, rel=1e-6)


def test_no_case_of_the_registry_needs_a_wider_bar():
    assert {factor(case) for case in CASES} == {1.0}


def cancelling_case() -> Case:
    """Two inputs that are almost equal, subtracted and blown up: float32 cannot hold what is left of them."""
    random = np.random.default_rng(0)
    x = random.uniform(1, 2, (6, 1))
    network = culpa.Network.from_arrays(
        [np.array([[7e4, -7e4], [5e4, -5e4]]), random.normal(size=(2, 2))], hidden="tanh", loss="squared_error"
    )
    X = np.hstack([x, x + random.normal(0, 1e-5, x.shape)])
    return replace(PLAIN, network=network, X=X, y=random.normal(size=(6, 2)), weights=None)


def test_a_badly_conditioned_network_is_off_by_more_than_the_bar_and_less_than_its_factor_allows():
    case = cancelling_case()
    wide, mine = gradient_of(case).total(), gradient_of(narrow(case)).total()
    assert factor(case) > 10
    with pytest.raises(AssertionError, match="of the norm"):
        assert_same(mine, wide, within=BAR)
    assert_same(mine, wide, within=BAR * factor(case))


@pytest.mark.parametrize("mistaken", MISTAKEN.values(), ids=MISTAKEN.keys())
def test_the_bar_of_float32_still_refuses_a_mistaken_backward_pass(mistaken):
    wrong = narrow(replace(PLAIN, network=mistaken(PLAIN.network)))
    assert_same(gradient_of(narrow(PLAIN)).total(), gradient_of(PLAIN).total(), within=BAR)
    with pytest.raises(AssertionError, match="of the norm"):
        assert_same(gradient_of(wrong).total(), gradient_of(PLAIN).total(), within=BAR * 100)


def test_the_bar_of_float32_refuses_an_error_of_one_in_ten_thousand():
    mine, exact = gradient_of(narrow(PLAIN)).total(), gradient_of(PLAIN).total()
    with pytest.raises(AssertionError, match="of the norm"):
        assert_same(mine * np.float32(1 + 1e-4), exact, within=BAR * factor(PLAIN))
