# SPDX-License-Identifier: MIT
"""The evaluator of trees is right about the simplest things, and refuses what is false."""

import math
from typing import NamedTuple

import numpy as np
import pytest

from culpa.reporting.mathematics.expressions import (
    BigSum,
    Cases,
    Dots,
    Enclosed,
    Equation,
    Expression,
    Letter,
    Listing,
    Matrix,
    Nabla,
    Number,
    Partial,
    Relation,
    Shaped,
    Sum,
    hadamard,
    lift,
    operator,
)
from tests.explaining.evaluating import Environment, assert_true, compared, evaluate

a, b, c, j, k = map(Letter, "abcjk")
A = np.arange(6.0).reshape(2, 3)
PLAIN = Environment(letters={"a": 2.0, "b": 5.0, "A": A, "x": np.array([1.0, 10.0, 100.0])})


class Meaning(NamedTuple):
    role: str
    layer: Expression | int
    entry: tuple[Expression | int, ...] = ()


def shown(cells, rows, columns, shape):
    side = [tuple(None if index is None else lift(index) for index in indices) for indices in (rows, columns)]
    return Matrix(tuple(tuple(map(lift, row)) for row in cells), *side, tuple(map(Number, shape)))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (a + b - 1, 6.0),
        (a * b / (b - a), 10 / 3),
        (-(a**2), -4.0),
        ((-a) ** 2, 4.0),
        (Letter("e") ** a, math.exp(2)),
        (2 * Letter("π"), 2 * math.pi),
        (operator("max")(0, a - b), 0.0),
        (Enclosed(a - b, "||"), 3.0),
        (Cases(((a, Relation(a, ">", b)), (b, None))), 5.0),
        (BigSum(j, Number(1), Number(3), Letter("x", lower=j) * Enclosed(Relation(j, "≠", Number(2)), "[]")), 101.0),
        (Letter("A", lower=Listing((Number(2), Number(1)))), 3.0),
        (Number(0) * operator("log")(0), 0),
        (operator("log")(0) * Number(0), 0),
    ],
)
def test_numbers_come_out_as_by_hand(expression, value):
    assert evaluate(expression, PLAIN) == pytest.approx(value, rel=1e-15)


def test_matrices_are_multiplied_transposed_and_stretched_as_on_paper():
    h = Letter("A")
    np.testing.assert_array_equal(evaluate(h * h.T, PLAIN), A @ A.T)
    np.testing.assert_array_equal(evaluate(hadamard(h, h), PLAIN), A * A)
    row = Environment(letters={"A": A, "b": A[:1], "c": A[:, 1:2]})
    np.testing.assert_array_equal(evaluate(h + b + c, row), A + A[0] + A[:, 1:2])
    for wrong in (h * h, hadamard(h, h.T), h + h.T, h + a, 1 / h):
        with pytest.raises((AssertionError, ValueError)):
            evaluate(wrong, PLAIN)


def test_indices_are_settled_before_a_quantity_is_asked_for():
    asked = []
    environment = Environment(
        quantity=lambda means: asked.append(means) or 7.0,
        derivative=lambda of, by: asked.append((of, by)) or 8.0,
        bound={"k": 3, "j": 2},
    )
    h = Letter("h", lower=Listing((k - 1, j)), means=Meaning("h", k - 1, (j,)))
    loss = Letter("ℓ", means=Meaning("ℓ", 0))
    assert evaluate(h, environment) == 7.0
    assert evaluate(Partial(loss, h), environment) == evaluate(Nabla(h, loss), environment) == 8.0
    assert asked == [Meaning("h", 2, (2,))] + 2 * [(Meaning("ℓ", 0), Meaning("h", 2, (2,)))]


def test_what_dots_leave_out_is_not_compared_and_the_rest_is():
    x = np.arange(1.0, 9.0)
    environment = Environment(letters={"d": x[:, None], "h": x[None, ::2]})
    dots = {way: Dots(way) for way in "⋯⋮⋱"}
    cells = [
        [1, 3, dots["⋯"], 7],
        [2, 6, dots["⋯"], 14],
        [dots["⋮"], dots["⋮"], dots["⋱"], dots["⋮"]],
        [8, 24, dots["⋯"], 56],
    ]
    table = shown(cells, (1, 2, None, 8), (1, 2, None, 4), (8, 4))
    assert assert_true(Equation((Letter("d") * Letter("h"), table)), environment) == 9
    assert math.isnan(evaluate(Sum((a, dots["⋯"], b)), PLAIN))
    cells[3][3] = 57
    with pytest.raises(AssertionError, match="is said to equal"):
        assert_true(
            Equation((Letter("d") * Letter("h"), shown(cells, (1, 2, None, 8), (1, 2, None, 4), (8, 4)))), environment
        )


@pytest.mark.parametrize(
    "wrong",
    [
        shown([[1, 2]], (1,), (1, 2), (1, 3)),
        shown([[1, 2]], (1,), (1, None), (1, 2)),
        shown([[1, Dots("⋯")]], (1,), (1, 2), (1, 2)),
        Shaped(Letter("A"), (Number(3), Number(2))),
        Shaped(a, (Number(2), Number(1))),
        Number(math.nan),
        Letter("x", lower=a / 4),
    ],
)
def test_a_matrix_a_shape_or_an_index_that_lies_is_refused(wrong):
    with pytest.raises(AssertionError):
        evaluate(wrong, PLAIN)


def test_an_unknown_letter_is_refused():
    for letter in (Letter("q"), Letter("a", upper=Number(1)), Letter("a", prime=True)):
        with pytest.raises(KeyError, match="nothing is said"):
            evaluate(letter, PLAIN)


def test_a_false_equation_is_refused_and_a_true_one_counted():
    assert assert_true(Equation((a + b, lift(7), b + a)), PLAIN) == 3
    for wrong in ((a + b, lift(7 + 1e-9)), (lift(0), lift(1e-300)), (Letter("A"), Letter("A").T), (a, Letter("A"))):
        with pytest.raises(AssertionError, match="said to equal"):
            assert_true(Equation(wrong), PLAIN)


def test_complex_numbers_go_through_and_cases_look_at_the_real_part():
    environment = Environment(letters={"a": 2 + 1e-20j, "b": 5.0})
    slope = evaluate(Cases(((a**2 * operator("tanh")(a), Relation(a, "≤", b)), (b, None))), environment).imag / 1e-20
    assert slope == pytest.approx(4 * math.tanh(2) + 4 / math.cosh(2) ** 2, rel=1e-14)
    assert compared(np.array([1.0, math.nan]), np.array([1.0, 2.0])) == 1
