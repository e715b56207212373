# SPDX-License-Identifier: MIT
"""Each row of the table of activations, against the symbolic formula and against a complex step through itself."""

from dataclasses import replace

import numpy as np
import pytest

from culpa import ACTIVATIONS, Activation
from tests.oracles import complex_step, formulas
from tests.oracles.comparing import assert_digits

BELOW = [-1e4, -700, -300, -50, -37, -30.1, -30, -20.3, -9.7, -3, -1.25, -1, -0.3, -1e-3, -1e-9]
ABOVE = [1e-9, 1e-3, 0.2, 0.7, 1, 2.2, 5.9, 17, 30, 37.5, 50, 300, 700, 1e4]
POINTS = np.array(BELOW + ABOVE)
"""Beside zero, in the middle, saturated on both sides, and past the overflow of e^a. The kink has tests of its own."""

every_activation = pytest.mark.parametrize("row", ACTIVATIONS.values(), ids=ACTIVATIONS.keys())


def bar(row: Activation) -> float:
    """How much relative error a value may have, entry by entry."""
    # NOTE: GELU's tail is erfc(−a/√2), which turns the half-ulp error of its argument into a² as much: 900 at −30. Any
    # algorithm that rounds −a/√2 to a float has this, so the tail is held to 1e-12.
    return 1e-12 if row.name == "gelu" else 1e-13


@pytest.fixture(autouse=True)
def underflow_and_overflow_are_expected():
    """The forward pass silences these too, and looks at what comes out."""
    with np.errstate(over="ignore"):
        yield


@every_activation
def test_each_value_has_all_digits_of_the_symbolic_formula(row):
    value, _ = formulas.activation(row.name, POINTS)
    assert_digits(row.value(POINTS), value, within=bar(row))


@every_activation
def test_each_slope_has_all_digits_of_the_differentiated_formula(row):
    _, slope = formulas.activation(row.name, POINTS)
    assert_digits(row.slope(POINTS), slope, within=1e-13)


@every_activation
def test_each_value_carries_complex_steps_on_to_its_slope(row):
    _, slope = formulas.activation(row.name, POINTS)
    assert_digits(complex_step.slope(row, POINTS), slope, within=bar(row))


@every_activation
def test_a_complex_value_has_the_real_value_as_its_real_part(row):
    value = row.value(POINTS + 0j).real
    # NOTE: NumPy's complex log1p and ours add 1 first, so a softplus of e⁻³⁰ has absolute digits only; the complex
    # numbers are there for their imaginary part, which the test above holds to 1e-13.
    np.testing.assert_allclose(value, row.value(POINTS), rtol=1e-12, atol=1e-15)


@every_activation
def test_the_slope_at_zero_is_the_stated_side_or_the_limit(row):
    stated = {"relu": 0.0, "leaky_relu": 0.01, "elu": 1.0, "tanh": 1.0, "identity": 1.0, "logistic": 0.25}
    expected = {**stated, "gelu": 0.5, "silu": 0.5, "softplus": 0.5}[row.name]
    assert_digits(row.slope(np.array([0.0, -0.0])), np.array([expected, expected]), within=1e-15)
    assert row.value(np.zeros(1))[0] == {"logistic": 0.5, "softplus": np.log(2)}.get(row.name, 0.0)


@every_activation
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_values_and_slopes_keep_shape_and_dtype(row, dtype):
    a = np.linspace(-40, 40, 12, dtype=dtype).reshape(3, 4)
    for answer in (row.value(a), row.slope(a)):
        assert answer.shape == (3, 4)
        assert answer.dtype == dtype
    assert row.value(a.astype(np.complex128)).dtype == np.complex128


@every_activation
def test_float32_agrees_with_float64_to_its_own_digits(row):
    a = np.linspace(-12, 12, 97, dtype=np.float32)
    exact = a.astype(np.float64)
    # 2e-5 rather than 1e-7: GELU's tail at −12 amplifies a rounding of its argument 144 times, and SiLU's and GELU's
    # slopes cross zero, where a relative error has no bound but that of the terms that cancel; hence the absolute part.
    np.testing.assert_allclose(row.value(a), row.value(exact), rtol=2e-5, atol=1e-37)
    np.testing.assert_allclose(row.slope(a), row.slope(exact), rtol=2e-5, atol=1e-7)


@every_activation
def test_a_nan_stays_a_nan_in_every_value(row):
    value = row.value(np.array([np.nan, 1.0]))
    assert np.isnan(value[0])
    assert np.isfinite(value[1])


@every_activation
def test_only_a_bounded_activation_levels_off_on_both_sides(row):
    far = np.abs(row.slope(np.array([-40.0, 40.0])))
    assert row.bounded == bool((far < 1e-15).all())


@every_activation
def test_a_kink_is_where_the_slope_jumps(row):
    jump = abs(np.diff(row.slope(np.array([-1e-12, 1e-12])))[0]) > 0.5
    assert jump == (0.0 in row.kinks)


@every_activation
@pytest.mark.parametrize("planted", [lambda s: -s, lambda s: s * (1 + 1e-9), lambda s: s + 1e-9, np.zeros_like])
def test_the_symbolic_formula_refuses_a_planted_slope(row, planted):
    _, slope = formulas.activation(row.name, POINTS)
    with pytest.raises(AssertionError, match="entry"):
        assert_digits(planted(row.slope(POINTS)), slope, within=1e-13)


@every_activation
def test_the_symbolic_formula_and_the_complex_step_refuse_a_planted_value(row):
    mistaken = replace(row, value=lambda a: row.value(a) * (1 + 1e-9))
    value, slope = formulas.activation(row.name, POINTS)
    with pytest.raises(AssertionError, match="entry"):
        assert_digits(mistaken.value(POINTS), value, within=bar(row))
    with pytest.raises(AssertionError, match="entry"):
        assert_digits(complex_step.slope(mistaken, POINTS), slope, within=bar(row))


def test_the_table_of_formulas_has_every_row():
    assert list(formulas.ACTIVATIONS) == list(ACTIVATIONS)
