# SPDX-License-Identifier: MIT
"""Speech: a sentence is pinned for each kind of node, and what is heard says every number and no sign."""

import math
import re

import pytest
from hypothesis import given, settings

from culpa.reporting.mathematics.expressions import (
    Apply,
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
    Sum,
    hadamard,
    operator,
    walk,
)
from culpa.reporting.mathematics.speech import RULES, spoken
from tests.reporting.mathematics.trees import equations, house_formulas

a, b, c, d, i, j, k, m, n, r = map(Letter, "abcdijkmnr")
zero, one, two, half = Number(0), Number(1), Number(2), Number(-0.5)
loss = Letter("ℓ", said="loss")
exp, tanh, largest = operator("exp"), operator("tanh"), operator("max")


def letter(glyph, *lower):
    """A letter with its indices."""
    return Letter(glyph, lower=Listing(tuple(map(Number, lower))) if len(lower) > 1 else Number(lower[0]))


def grid(*rows):
    """A matrix of cells, all shown."""
    size = (len(rows), len(rows[0]))
    axes = [tuple(map(Number, range(1, length + 1))) for length in size]
    return Matrix(rows, *axes, tuple(map(Number, size)))


SENTENCES = {
    "the chain of the note": (
        Equation((Partial(loss, letter("W", 2, 1, 3)), letter("δ", 2, 1) * letter("h", 1, 3))),
        "the partial derivative of the loss with respect to W 2, 1, 3 equals delta 2, 1 times h 1, 3",
    ),
    "about": (Equation((loss, Number(0.12345)), "≈"), "the loss is about 0.1235"),
    "a negative number": (half, "minus 0.5"),
    "a power of ten": (Number(-1.5e-9), "minus 1.5 times 10 to the minus 9"),
    "a large number": (Number(2.5e9), "2.5 times 10 to the 9"),
    "infinity": (Number(-math.inf), "minus infinity"),
    "no number": (Number(math.nan), "not a number"),
    "what a letter says": (Letter("𝓛", said="loss of all"), "the loss of all"),
    "Greek letters": (Listing(tuple(map(Letter, "δΔλϕ"))), "delta, capital delta, lambda, phi"),
    "a hat": (Letter("ŷ", lower=i), "y hat i"),
    "a name": (Letter("dZ", upper=Enclosed(k, "[]")), "d Z superscript k"),
    "a slope": (Apply(Letter("g", lower=k, prime=True), (Letter("a", lower=k),)), "g prime k of a k"),
    "indices side by side": (Letter("W", lower=Listing((k - 1, Listing((i, j), "")))), "W k-minus-1, i j"),
    "an index of an index": (Letter("W", lower=Listing((k, Letter("d", lower=k)))), "W k, d sub k"),
    "a sum": (Sum((a, -b, Number(-0.25), Dots("⋯"), c)), "a minus b minus 0.25 plus dots plus c"),
    "the opposite": (-(a + b), "minus open bracket a plus b close bracket"),
    "a product with brackets": ((a + b) * c, "open bracket a plus b close bracket times c"),
    "negative factors": (Product((half, half), "·"), "minus 0.5 times minus 0.5"),
    "entry by entry": (hadamard(a, b), "a times, entry by entry, b"),
    "a simple fraction": (one / n, "1 over n"),
    "a fraction": (1 / (1 + exp(-a)), "the fraction 1, over 1 plus exp of minus a, end of fraction"),
    "a square": (a**2 + Power(b, Number(3)), "a squared plus b cubed"),
    "a power": (Power(Letter("e"), -a), "e to the power of minus a"),
    "the square of a function": (tanh(a) ** 2, "open bracket tanh of a close bracket squared"),
    "a transpose": (letter("h", 1).T, "h 1 transposed"),
    "a transposed product": ((a * b).T, "open bracket a times b close bracket transposed"),
    "a function of a sum": (exp(a + b), "exp of open bracket a plus b close bracket"),
    "a function of two": (largest(0, -a), "max of 0 and minus a"),
    "a gradient": (Nabla(Letter("W", lower=k), loss), "the gradient of the loss with respect to W k"),
    "a sum over an index": (BigSum(m, one, n, a * b), "the sum over m from 1 to n of a times b"),
    "a sum over all": (BigSum(j, None, None, a) - b, "the sum over j of a, minus b"),
    "cases": (
        Cases(((one, Relation(a, ">", zero)), (a, Relation(a, "≤", b)), (c, None))),
        "1 if a is greater than 0; a if a is at most b; c otherwise",
    ),
    "a condition that counts": (
        Enclosed(Relation(c, "=", j), "[]") - a,
        "the indicator that c equals j, minus a",
    ),
    "an absolute value": (Enclosed(r - one, "||"), "the absolute value of open bracket r minus 1 close bracket"),
    "brackets": (Enclosed(a), "open bracket a close bracket"),
    "other conditions": (
        Listing((Relation(a, "<", b), Relation(a, "≥", b), Relation(a, "≠", b))),
        "a is less than b, a is at least b, a is not b",
    ),
    "a small matrix": (
        grid((one, half), (two, zero), (a, b)),
        "a matrix with 3 rows and 2 columns: row 1: 1, minus 0.5; row 2: 2, 0; row 3: a, b",
    ),
    "one row": (grid((one, half)), "a row of 2: 1, minus 0.5"),
    "one column": (Equation((grid((one,), (half,)), a)), "a column of 2: 1, minus 0.5; equals a"),
    "one entry": (grid((half,)), "a matrix with 1 row and 1 column: row 1: minus 0.5"),
    "a large matrix": (
        Matrix(((a, Dots("⋯")),), (one,), (one, None), (Number(64), Number(32))),
        "a 64 by 32 matrix",
    ),
    "a matrix of any size": (
        Matrix(((a, Dots("⋯")),), (one,), (one, None), (Letter("d", lower=k), n)),
        "a d sub k by n matrix",
    ),
    "a long matrix": (
        grid(*(tuple(Partial(loss, letter("W", 1, row, at)) for at in (1, 2, 3)) for row in (1, 2, 3))),
        "a 3 by 3 matrix, from the partial derivative of the loss with respect to W 1, 1, 1"
        " to the partial derivative of the loss with respect to W 1, 3, 3",
    ),
    "shapes": (
        Product((Shaped(letter("δ", 2), (two, one)), Shaped(letter("h", 1).T, (one, Number(3))))),
        "delta 2, of shape 2 by 1, times h 1 transposed, of shape 1 by 3",
    ),
    "a matrix says its shape itself": (Shaped(grid((one, two)), (one, two)), "a row of 2: 1, 2"),
}


@pytest.mark.parametrize(("tree", "sentence"), SENTENCES.values(), ids=SENTENCES)
def test_each_node_is_read_in_words(tree, sentence):
    assert spoken(tree) == sentence


def test_every_kind_of_node_has_a_sentence():
    pinned = {type(part).__name__ for tree, _ in SENTENCES.values() for part in walk(tree)}
    kinds = {kind.__name__ for kind in Expression.__subclasses__()}
    assert {kind.__name__ for kind in RULES} == kinds == pinned


def test_digits_are_those_asked_for():
    assert spoken(a + Number(0.0213449), digits=2) == "a plus 0.021"


SIGNS = re.compile(r"[^\w\s.,;:'<>&-]|--| - |  |[,;:]{2}|\s[,;]", re.ASCII)
"""What a voice skips or stumbles over; names from data may have anything in them."""


@settings(deadline=None)
@given(equations)
def test_random_trees_are_words_and_pauses_alone(equation):
    assert SIGNS.findall(spoken(equation)) == []


def test_the_house_formulas_are_words_and_pauses_alone():
    found = [(sentence, SIGNS.findall(sentence)) for sentence in map(spoken, house_formulas())]
    assert [sentence for sentence, signs in found if signs] == []
    assert all(re.search(r" (equals|is about) ", sentence) for sentence, _ in found)


@pytest.mark.parametrize("sentence", ["δ times h", "a − b", "a  b", "a ,b", "1;; 2", "a = b", "a - b"])
def test_a_sign_in_a_sentence_would_be_noticed(sentence):
    assert SIGNS.findall(sentence)
