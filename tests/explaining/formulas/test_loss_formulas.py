# SPDX-License-Identifier: MIT
"""Each loss's formulas are true: every step to its delta gives the engine's number, and SymPy's derivative."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import sympy

from culpa.engine.losses import LOSSES, Loss
from culpa.explaining.formulas.loss_formulas import LOSS_FORMULAS, loss_formula
from culpa.reporting.mathematics.expressions import Equation, Expression, Letter, Listing, Negative, Number, walk
from tests.explaining.evaluating import Environment, assert_true, compared, evaluate
from tests.explaining.formulas.calculus import in_sympy

NAMES = list(LOSSES)
CLASSES = [name for name in NAMES if LOSSES[name].targets == "classes"]
SIZE = 3
c, j, y = Letter("c"), Letter("j"), Letter("y")


def indexed(glyph):
    return lambda index: Letter(glyph, lower=index)


def formula_named(name, c=c, true=y, **others):
    letters = {"a": indexed("a"), "h": indexed("p"), "t": indexed("t"), "j": j, "size": SIZE, **others}
    return loss_formula(LOSSES[name], c=c, true=true, **letters)


def draws(name, seed=5):
    """Logits, and targets of the loss's kind: rows with zeros and ones among them."""
    random = np.random.default_rng(seed)
    for number in range(8):
        a = random.normal(0, 1.5, SIZE)
        rows = {
            "classes": np.eye(SIZE)[number % SIZE] if number % 2 else random.dirichlet(np.ones(SIZE)),
            "labels": random.integers(2, size=SIZE) * 1.0 if number % 2 else random.uniform(0, 1, SIZE),
            "numbers": random.normal(0, 1.5, SIZE),
            "counts": random.poisson(1.2, SIZE) * 1.0,
        }
        yield a, rows[LOSSES[name].targets]


def values(name, a, t):
    return {"a": a, "p": LOSSES[name].output.value(a[None])[0], "t": t, "y": 1}


def assert_numbers(name, formula):
    """Every formula gives the engine's number, for every output."""
    row = LOSSES[name]
    for a, t in draws(name):
        letters = values(name, a, t)
        compared(evaluate(formula.loss, Environment(letters=letters)), row.losses(a[None], t[None])[0])
        for output, delta in enumerate(row.delta(a[None], t[None])[0], start=1):
            environment = Environment(letters=letters, bound={"c": output})
            compared(evaluate(formula.output, environment), letters["p"][output - 1])
            for term in formula.chain:
                assert evaluate(term, environment) == pytest.approx(delta, rel=1e-12, abs=1e-14)


def assert_derivatives(name, formula):
    """SymPy agrees on each factor of the chain rule, and on what the chain comes to."""
    a, t, h = (sympy.symbols(f"{glyph}1:{SIZE + 1}", real=True) for glyph in "ath")
    letters = {"a": np.array(a, object), "t": np.array(t, object), "p": np.array(h, object)}
    outputs = [in_sympy(formula.output, letters, {"c": number}) for number in range(1, SIZE + 1)]
    loss = in_sympy(formula.loss, letters)
    through = dict(zip(h, outputs, strict=True))
    for number, logit in enumerate(a, start=1):
        for other in range(1, SIZE + 1) if formula.coupled else [number]:
            bound = {"c": number, "j": other} if formula.coupled else {"c": number}
            assert_same(
                sympy.diff(loss, h[other - 1]), in_sympy(formula.by_output, letters, bound), name, a, t, through
            )
            slope = in_sympy(formula.slope, letters, bound).subs(through)
            assert_same(sympy.diff(outputs[other - 1], logit), slope, name, a, t, through)
        whole = sympy.diff(loss.subs(through), logit)
        assert_same(whole, in_sympy(formula.delta, letters, {"c": number}), name, a, t, through)


def assert_same(left, right, name, a, t, through):
    for logits, targets in list(draws(name))[:2]:
        numbers = {**dict(zip(a, logits, strict=True)), **dict(zip(t, targets, strict=True))}
        numbers = {symbol: sympy.Rational(number) for symbol, number in numbers.items() if number}
        numbers |= {symbol: sympy.S.Zero for symbol in (*a, *t) if symbol not in numbers}
        apart = (left - right).subs(through)
        apart = apart.subs({symbol: numbers[symbol] for symbol in a}).subs({symbol: numbers[symbol] for symbol in t})
        assert abs(sympy.N(apart, 30)) < 1e-15


def planted(formula, field="chain"):
    """The same with a wrong sign in one place: in what the chain comes to, or in a formula that leads there."""
    if field == "chain":
        return replace(formula, chain=(*formula.chain[:-1], Negative(formula.delta)))
    return replace(formula, **{field: Negative(getattr(formula, field))})


def test_every_row_of_the_engines_table_has_its_formulas():
    assert list(LOSS_FORMULAS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_loss_the_output_and_each_step_to_delta_give_the_engines_numbers(name):
    assert_numbers(name, formula_named(name))
    for field in ("loss", "output", "chain"):
        with pytest.raises(AssertionError):
            assert_numbers(name, planted(formula_named(name), field))


@pytest.mark.parametrize("name", NAMES)
def test_each_factor_of_the_chain_rule_and_delta_are_sympys_derivatives(name):
    assert_derivatives(name, formula_named(name))
    for field in ("loss", "by_output", "slope", "chain"):
        with pytest.raises(AssertionError):
            assert_derivatives(name, planted(formula_named(name), field))


@pytest.mark.parametrize("name", NAMES)
def test_the_chain_begins_with_the_chain_rule_and_no_step_is_idle(name):
    formula = formula_named(name)
    parts = list(walk(formula.chain[0]))
    assert formula.by_output in parts
    assert len(formula.chain) > 1 or name == "logistic_squared_error"
    assert all(left != right for left, right in pairwise(formula.chain))
    assert formula.coupled == (LOSSES[name].output.name == "softmax")
    assert "".join(str(word) for word in formula.words if isinstance(word, str)).endswith(".")


@pytest.mark.parametrize("name", NAMES)
def test_delta_of_a_numbered_output_and_of_a_lettered_one_are_the_same(name):
    for a, t in draws(name):
        for output in range(1, SIZE + 1):
            numbered, lettered = formula_named(name, c=Number(output)), formula_named(name)
            environment = Environment(letters=values(name, a, t), bound={"c": output})
            assert assert_true(Equation((*numbered.chain, *lettered.chain)), environment, 1e-11) >= 1


@pytest.mark.parametrize("name", NAMES)
def test_the_letters_are_the_callers(name):
    def layered(glyph):
        return lambda index: Letter(glyph, lower=Listing((Number(2), index)), said="layered")

    formula = formula_named(name, a=layered("z"), h=layered("a"), t=layered("y"), j=Letter("k"), size=Letter("d"))
    trees: list[Expression] = [formula.loss, formula.output, formula.by_output, formula.slope, *formula.chain]
    found = {part.glyph for tree in trees for part in walk(tree) if isinstance(part, Letter) and not part.upright}
    assert found <= {"z", "a", "y", "c", "k", "d", "e"}


@pytest.mark.parametrize("name", NAMES)
def test_the_form_for_a_class_is_the_form_for_its_one_hot_row(name):
    for true in range(1, SIZE + 1):
        formula = formula_named(name, true=Number(true))
        if formula.true_loss is None:
            assert name not in CLASSES or name == "softmax_squared_error"
            continue
        for a, _ in draws(name):
            letters = values(name, a, np.eye(SIZE)[true - 1])
            environment = Environment(letters=letters, bound={"c": 2})
            compared(evaluate(formula.true_loss, environment), evaluate(formula.loss, environment))
            assert evaluate(formula.true_delta, environment) == pytest.approx(evaluate(formula.delta, environment))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("axis", [0, 1])
def test_the_numpy_lines_give_the_engines_numbers(name, axis):
    row, loss = LOSS_FORMULAS[name], LOSSES[name]
    a, t = map(np.array, zip(*draws(name), strict=True))
    names = {"np": np, "a": a if axis else a.T, "y": t if axis else t.T}
    exec("\n".join(line.format(a="a", h="h", axis=axis) for line in row.numpy_output), names)
    delta = eval(row.numpy_delta.format(a="a", h="h", y="y", axis=axis), names)
    for got, wanted in ((names["h"], loss.output.value(a)), (delta, loss.delta(a, t))):
        np.testing.assert_allclose(got if axis else got.T, wanted, rtol=1e-11, atol=1e-14)
        assert np.abs(-got - (wanted if axis else wanted.T)).max() > 0.1


def test_a_users_own_row_has_no_formula_even_under_a_known_name():
    known = LOSSES["squared_error"]
    own = Loss("squared_error", known.output, known.losses, lambda a, t: 2 * (a - t), "numbers")
    letters = {glyph: indexed(glyph) for glyph in "aht"}
    assert loss_formula(own, **letters, c=c, j=j, size=SIZE) is None
