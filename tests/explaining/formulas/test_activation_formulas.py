# SPDX-License-Identifier: MIT
"""Each activation's formulas are true: held to the engine's numbers, and the slope to SymPy's derivative."""

from dataclasses import replace

import numpy as np
import pytest
import sympy

from culpa.engine.activations import ACTIVATIONS, Activation
from culpa.explaining.formulas.activation_formulas import ACTIVATION_FORMULAS, formula_of, slope_formula, with_letters
from culpa.reporting.mathematics.expressions import Letter, Negative, Number, walk
from tests.explaining.evaluating import Environment, assert_true, evaluate
from tests.explaining.formulas.calculus import in_sympy

NAMES = list(ACTIVATIONS)
POINTS = [*np.random.default_rng(3).normal(0, 1.5, 12).tolist(), -4.0, 0.5, 4.0]
a, h, z = Letter("a"), Letter("h"), Letter("z")
x = sympy.Symbol("x", real=True)


def points(name):
    return [*POINTS, *ACTIVATIONS[name].kinks]


def assert_numbers(name, formula):
    row = ACTIVATIONS[name]
    for point in points(name):
        at = np.array([point])
        environment = Environment(letters={"a": point, "h": row.value(at)[0]})
        assert evaluate(formula.value, environment) == pytest.approx(row.value(at)[0], rel=1e-12, abs=1e-14)
        for slope in (formula.slope, formula.slope_in_h):
            if slope is not None:
                assert evaluate(slope, environment) == pytest.approx(row.slope(at)[0], rel=1e-12, abs=1e-14)


def assert_slope(name, formula):
    value, slope = (in_sympy(tree, {"a": x}) for tree in (formula.value, formula.slope))
    for side in sides(value, slope):
        difference = sympy.diff(side[0], x) - side[1]
        for point in (sympy.Rational(1, 3), sympy.Rational(7, 4), sympy.Rational(-1, 3), sympy.Rational(-7, 4)):
            if side[2].subs(x, point):
                assert abs(difference.subs(x, point).evalf(40)) < 1e-35


def sides(value, slope):
    """Value and slope where x is positive, and where it is negative."""
    positive, negative = sympy.Symbol("u", positive=True), sympy.Symbol("v", negative=True)
    for symbol, condition in ((positive, x > 0), (negative, x < 0)):
        yield *(tree.subs(x, symbol).subs(symbol, x) for tree in (value, slope)), condition


def planted(name):
    """The same row with a wrong sign in the slope."""
    formula = ACTIVATION_FORMULAS[name]
    return replace(formula, slope=Negative(formula.slope), slope_in_h=None)


def test_every_row_of_the_engines_table_has_its_formulas():
    assert list(ACTIVATION_FORMULAS) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_formulas_give_the_engines_numbers_also_at_a_kink(name):
    assert_numbers(name, ACTIVATION_FORMULAS[name])
    with pytest.raises(AssertionError):
        assert_numbers(name, planted(name))


@pytest.mark.parametrize("name", NAMES)
def test_the_slope_is_sympys_derivative_on_both_sides(name):
    assert_slope(name, ACTIVATION_FORMULAS[name])
    with pytest.raises(AssertionError):
        assert_slope(name, planted(name))


@pytest.mark.parametrize("name", NAMES)
def test_the_definitions_of_names_are_true(name):
    formula = ACTIVATION_FORMULAS[name]
    used = {
        part.function.glyph
        for tree in (formula.value, formula.slope)
        for part in walk(tree)
        if hasattr(part, "function")
    }
    assert used & {"σ", "Φ", "φ"} == {definition.terms[0].function.glyph for definition in formula.definitions}
    for definition in formula.definitions:
        for point in POINTS:
            assert assert_true(definition, Environment(letters={"x": point})) == 1


@pytest.mark.parametrize("name", NAMES)
def test_the_numpy_lines_give_the_engines_numbers(name):
    formula, row, at = ACTIVATION_FORMULAS[name], ACTIVATIONS[name], np.array(points(name))
    names = {"np": np, "a": at}
    exec("\n".join((*formula.imports, f"h = {formula.numpy.format(a='a')}")), names)
    np.testing.assert_allclose(names["h"], row.value(at), rtol=1e-12, atol=1e-14)
    slope = eval(formula.numpy_slope.format(a="a", h="h"), names)
    np.testing.assert_allclose(slope, row.slope(at), rtol=1e-12, atol=1e-14)
    assert np.abs(-slope - row.slope(at)).max() > 0.1


def test_any_argument_is_put_in_and_is_not_looked_into():
    argument = a + 1
    tanh = ACTIVATIONS["tanh"]
    assert evaluate(formula_of(tanh, argument), Environment(letters={"a": 1.0})) == pytest.approx(np.tanh(2))
    assert slope_formula(tanh, z, h * 2) == with_letters(1 - h**2, {h: h * 2})
    assert slope_formula(ACTIVATIONS["silu"], Number(0.5), z) == slope_formula(ACTIVATIONS["silu"], Number(0.5))


def test_a_users_own_row_has_no_formula_even_under_a_known_name():
    for name in ("mine", "tanh"):
        own = Activation(name, np.sin, np.cos)
        assert formula_of(own, a) is None
        assert slope_formula(own, a) is None
