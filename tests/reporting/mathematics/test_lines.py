# SPDX-License-Identifier: MIT
"""Formulas in text: one pinned picture of each kind, no line too wide, numbers under their symbols."""

import re
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from culpa.reporting.mathematics import expressions
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
    Power,
    Product,
    Relation,
    Shaped,
    hadamard,
    operator,
    walk,
)
from culpa.reporting.mathematics.lines import LEFT_OUT, inline, lines, paired
from tests.reporting.mathematics.trees import equations

a, b, c, x, k, i, j, n = map(Letter, "abcxkijn")
ONE, TWO, THREE = map(Number, (1, 2, 3))
ELL = Letter("ℓ")


def matrix(*rows):
    """A matrix of numbers, letters or whatever else."""
    cells = tuple(tuple(entry if isinstance(entry, Expression) else Number(entry) for entry in row) for row in rows)
    names = [tuple(map(Number, range(1, count + 1))) for count in (len(rows), len(rows[0]))]
    return Matrix(cells, *names, (Number(len(rows)), Number(len(rows[0]))))


def weight(*entry):
    """W_{2,1,3}."""
    return Letter("W", Listing(tuple(map(Number, entry))))


W = matrix([0.25, -10.0], [1.5, 2e-9])
PICTURES = {
    "a number": (Number(-0.0213449), "−0.02134"),
    "a small number": (Number(1.5e-9), "1.5e-9"),
    "a letter with indices": (Letter("W", Listing((k, Listing((i, j), "")))), "Wₖ,ᵢⱼ"),
    "an index for which there is no small letter": (Letter("δ", Listing((Letter("L"), i))), "δ_{L,i}"),
    "such an index alone": (Letter("h", Letter("L")), "h_L"),
    "one way for all indices of an equation": (
        Letter("δ", Listing((Letter("L"), i))) * Letter("W", Listing((k, i))) * Letter("h", k),
        "δ_{L,i} W_{k,i} hₖ",
    ),
    "a layer and an example above": (Letter("z", i, Listing((Enclosed(k, "[]"), Enclosed(n)), "")), "z^[k](n)ᵢ"),
    "an example above": (Letter("h", ONE, Enclosed(n)).T, "h₁⁽ⁿ⁾ᵀ"),
    "a transpose of a layer in brackets": (Letter("W", None, Enclosed(TWO, "[]")).T, "W^[2]ᵀ"),
    "a transpose of a layer above": (Letter("w", Listing((j, k), ""), k + 1).T, "(wᵏ⁺¹ⱼₖ)ᵀ"),
    "a slope": (operator("g")(a).function * b, "g b"),
    "a primed function": (expressions.Apply(Letter("g", k, prime=True), (Letter("a", k),)), "gₖ′(aₖ)"),
    "a listing": (Listing((k, i)), "k, i"),
    "an indicator": (Enclosed(Relation(c, "=", j), "[]"), "[c = j]"),
    "a size": (Enclosed(a - b, "||"), "|a − b|"),
    "a sum": (a - b + Number(-0.5), "a − b − 0.5"),
    "an opposite": (-(a + b), "−(a + b)"),
    "negative factors": (Number(-0.5) * Number(-2) + Number(-3) * a, "−0.5·(−2) + (−3) a"),
    "entry by entry": (hadamard(a, b + x), "a ⊙ (b + x)"),
    "a short fraction": (ONE / n, "1/n"),
    "a fraction": (
        1 / (1 + Letter("e") ** (-a)),
        """
           1
        ───────
        1 + e⁻ᵃ
        """,
    ),
    "a fraction as a factor": (
        (1 / (a + b)) * x,
        """
          1
        ───── x
        a + b
        """,
    ),
    "a power": ((a + b) ** TWO, "(a + b)²"),
    "a transpose": ((a * b).T, "(a b)ᵀ"),
    "a function": (operator("max")(0, a), "max(0, a)"),
    "a function of a vector": (
        operator("tanh")(matrix([0.5], [-1.0])),
        """
        tanh ⎡ 0.5⎤
             ⎣−1  ⎦
        """,
    ),
    "a partial derivative": (Partial(ELL, weight(2, 1, 3)), "∂ℓ/∂W₂,₁,₃"),
    "a chain of them": (Partial(a, b) * Partial(b, x), "∂a/∂b · ∂b/∂x"),
    "a gradient": (Nabla(Letter("W", TWO), ELL), "∇_W₂ ℓ"),
    "a gradient of a sum": (Nabla(Letter("W", None, TWO), a + b), "∇_{W²} (a + b)"),
    "a sum over an index": (
        (ONE / n) * BigSum(j, ONE, Letter("d", ONE), Letter("δ", j) * Letter("W", Listing((j, k), ""))),
        """
              d₁
        1/n ·  Σ  δⱼ Wⱼₖ
              j=1
        """,
    ),
    "a sum over all of an index": (BigSum(j, None, None, a), "Σⱼ a"),
    "two cases": (
        Cases(((ONE, Relation(a, ">", Number(0))), (a / 2, None))),
        """
        ⎧1     if a > 0
        ⎨
        ⎩a/2   otherwise
        """,
    ),
    "three cases": (
        Cases(((ONE, Relation(a, ">", Number(0))), (a, Relation(a, "<", b)), (Number(0), None))),
        """
        ⎧1   if a > 0
        ⎨a   if a < b
        ⎩0   otherwise
        """,
    ),
    "a matrix with its points under one another": (
        W,
        """
        ⎡0.25  −10   ⎤
        ⎣1.5     2e-9⎦
        """,
    ),
    "a row": (matrix([1, 2]), "[1  2]"),
    "products in cells": (
        matrix([Number(0.25) * Number(-10)], [Number(-1.5) * Number(0.5)]),
        """
        ⎡0.25·(−10)⎤
        ⎣−1.5·0.5  ⎦
        """,
    ),
    "dots": (
        Matrix(((a, Dots("⋯"), b), (Dots("⋮"), Dots("⋱"), Dots("⋮"))), (ONE, None), (ONE, None, THREE), (THREE, THREE)),
        """
        ⎡a  ⋯  b⎤
        ⎣⋮  ⋱  ⋮⎦
        """,
    ),
    "shapes": (
        Shaped(Letter("δ", TWO), (Letter("d", TWO), ONE)) * Shaped(matrix([1], [2], [3]), (THREE, ONE)),
        """
              ⎡1⎤
         δ₂   ⎢2⎥
        d₂×1  ⎣3⎦
              3×1
        """,
    ),
    "a tall transpose": (
        hadamard(W, a).T * b,
        """
        ⎛⎡0.25  −10   ⎤ ⊙ a⎞ᵀ b
        ⎝⎣1.5     2e-9⎦    ⎠
        """,
    ),
    "a tall power": (
        Power(matrix([1], [2], [3]), TWO),
        """
        ⎡1⎤²
        ⎢2⎥
        ⎣3⎦
        """,
    ),
    "a tall size": (
        Enclosed(matrix([1], [2]), "||"),
        """
        │⎡1⎤│
        │⎣2⎦│
        """,
    ),
}
FLAT = {
    "W": (W, "[0.25, −10; 1.5, 2e-9]"),
    "fractions": ((1 / (a + b)) * x / (ONE / n), "1/(a + b) · x/(1/n)"),
    "sum": (BigSum(j, ONE, Letter("d", ONE), a + b), "Σ_{j=1..d₁} (a + b)"),
    "cases": (Cases(((ONE, Relation(a, ">", Number(0))), (Number(0), None))), "{1 if a > 0; 0 otherwise}"),
    "shaped": (Shaped(Letter("δ", TWO), (k - 1, ONE)), "δ₂ ((k−1)×1)"),
    "equation": (Equation((a, -(a - b), Number(0.5)), "≈"), "a ≈ −(a − b) ≈ 0.5"),
}


@pytest.mark.parametrize(("expression", "picture"), PICTURES.values(), ids=PICTURES)
def test_each_kind_of_expression_has_its_picture(expression, picture):
    assert lines(expression) == [line.rstrip() for line in dedent(picture).strip("\n").splitlines()]


@pytest.mark.parametrize(("expression", "text"), FLAT.values(), ids=FLAT)
def test_what_is_tall_can_be_written_on_one_line(expression, text):
    assert inline(expression) == text


def test_no_kind_of_expression_is_without_a_picture():
    kinds = {kind for kind in vars(expressions).values() if isinstance(kind, type) and issubclass(kind, Expression)}
    shown = {type(part) for expression, _ in PICTURES.values() for part in walk(expression)}
    assert kinds - {Expression} == shown


# --- equations and widths ---


def test_a_long_chain_is_broken_before_its_sign_which_stands_under_the_first_one():
    chain = Equation((Letter("δ", k), a + b + c, Number(0.25) * x))
    assert lines(chain, width=30) == ["δₖ = a + b + c = 0.25 x"]
    assert lines(chain, width=16) == ["δₖ = a + b + c", "   = 0.25 x"]


def test_after_a_long_left_side_the_sign_is_set_in_a_little():
    assert lines(Equation((a + b + c + x, a * b * c)), width=14) == ["a + b + c + x", "  = a b c"]


def test_long_sums_are_broken_before_their_signs_within_brackets_too():
    assert lines(Equation((a, b + c - x)), width=9) == ["a = b + c", "    − x"]
    assert lines(Equation((a, Product((TWO, b + c - x)))), width=13) == ["a = 2 ⎛b + c⎞", "      ⎝− x  ⎠"]


def test_a_product_that_is_broken_goes_on_with_a_dot():
    tall = matrix([1234.0], [5678.0])
    assert lines(Product((tall, tall)), width=10) == ["⎡1234⎤", "⎣5678⎦", "", "· ⎡1234⎤", "  ⎣5678⎦"]


SIX = matrix([1234.0, 2, 3, 4, 5, 6789.0], [5678.0] * 6)


@pytest.mark.parametrize(
    ("width", "top"),
    [
        (36, "⎡1234   2     3     4     5    6789⎤"),
        (35, "⎡1234   2     3     4    ⋯  6789⎤"),
        (32, "⎡1234   2     3    ⋯  6789⎤"),
        (26, "⎡1234   2    ⋯  6789⎤"),
        (20, "⎡1234  ⋯  6789⎤"),
        (12, "⎡1234  ⋯⎤"),
    ],
)
def test_columns_that_do_not_fit_are_left_out_from_the_middle_and_that_is_said(width, top):
    shown = lines(SIX, width=width)
    assert re.sub(r" +", " ", shown[0]) == re.sub(r" +", " ", top)
    assert " ".join(shown[2:]) == ("" if width == 36 else LEFT_OUT)


def test_of_a_matrix_with_columns_among_dots_those_are_kept():
    row = (Number(1.25), Dots("⋯"), Number(17.25), Dots("⋯"), Number(64.25))
    asked = Matrix((row,), (ONE,), (ONE, None, Number(17), None, Number(64)), (ONE, Number(64)))
    assert lines(asked, width=27) == ["[1.25  ⋯  17.25  ⋯  64.25]"]
    assert lines(asked, width=20)[0] == "[⋯  17.25  ⋯]"


def test_what_fits_in_no_other_way_is_broken_between_words():
    chain = Equation((a, operator("max")(Letter("long"), Letter("longer"))))
    assert lines(chain, width=9) == ["a", "=", "  max(lon", "  g,", "  longer)"]


# --- numbers under their symbols ---


def spans(line):
    """Where each word of a line stands."""
    return [(found.start(), found.end()) for found in re.finditer(r"[^ ]+", line)]


def test_each_number_stands_under_its_symbol():
    symbols = Equation((Partial(ELL, weight(2, 1, 3)), Letter("δ", TWO) * Letter("h", ONE) + b))
    numbers = Equation((Number(0.0617), Product((Number(-0.1234), Number(0.5)), "·") + Number(-3.0)))
    above, below = paired(symbols, numbers)
    assert (above, below) == (
        "∂ℓ/∂W₂,₁,₃ =   δ₂      h₁  + b",
        "  0.0617   = −0.1234 · 0.5 − 3",
    )
    words = [word for word in spans(below) if below[word[0]] != "·"]
    assert all(start < foot and head < end for (start, end), (head, foot) in zip(spans(above), words, strict=True))


def test_matrices_stand_column_under_column_and_a_shape_is_said_once():
    symbols = Equation((Shaped(Letter("δ", TWO), (TWO, ONE)), matrix([a, b], [x, c])))
    numbers = Equation((Shaped(matrix([0.5], [-1.25]), (TWO, ONE)), matrix([0.25, -1], [100, 2])))
    assert paired(symbols, numbers) == [
        "  δ₂    = ⎡  a     b ⎤",
        "  2×1     ⎣  x     c ⎦",
        "",
        "⎡ 0.5 ⎤ = ⎡  0.25  −1⎤",
        "⎣−1.25⎦   ⎣100      2⎦",
    ]


def test_where_they_do_not_fit_under_one_another_each_is_written_for_itself():
    symbols, numbers = Equation((a, b * c)), Equation((Number(1234.0), Number(0.1234) * Number(0.5678)))
    assert paired(symbols, numbers, width=20) == ["a = b c", "1234 = 0.1234·0.5678"]
    other = Equation((Number(1234.0), b, c))
    assert paired(symbols, other) == ["a = b c", "1234 = b = c"]


# --- whatever the expression ---


@settings(max_examples=80)
@given(equations, st.integers(4, 90))
def test_no_line_is_wider_than_asked_for_and_none_ends_in_blanks(equation, width):
    for shown in (lines(equation, width=width), paired(equation, equation, width=width)):
        assert all(cell_len(line) <= width for line in shown)
        assert all(line == line.rstrip() for line in shown)
        assert "".join(shown).strip()


def test_wide_letters_count_as_what_they_take():
    assert lines(Equation((Letter("語"), a + b)), width=10) == ["語 = a + b"]
    assert lines(Equation((Letter("語"), a + b)), width=9) == ["語 = a", "     + b"]


def unequal(text, pairs):
    """Brackets that are opened more often than closed, or less."""
    return [pair for pair in pairs if text.count(pair[0]) != text.count(pair[1])]


@settings(max_examples=80)
@given(equations)
def test_every_bracket_is_closed(equation):
    assert unequal(inline(equation), ["()", "[]", "{}"]) == []
    assert unequal("".join(lines(equation, width=10**6)), ["⎡⎤", "⎣⎦", "⎡⎣", "⎛⎞", "⎝⎠", "⎛⎝", "⎧⎩", "()"]) == []


def test_an_open_bracket_would_be_seen():
    """Negative control."""
    assert unequal("(a + b", ["()", "[]"]) == ["()"]
    assert unequal("⎡1⎤⎣2", ["⎡⎤", "⎣⎦"]) == ["⎣⎦"]
