# SPDX-License-Identifier: MIT
"""Formulas in LaTeX mean what their trees mean, and KaTeX and MathJax take every kind of node."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culpa.reporting.mathematics import expressions as ex
from culpa.reporting.mathematics import latex_terms
from culpa.reporting.mathematics.expressions import (
    Apply,
    BigSum,
    Cases,
    Dots,
    Enclosed,
    Equation,
    Expression,
    Fraction,
    Letter,
    Listing,
    Matrix,
    Nabla,
    Negative,
    Number,
    Partial,
    Power,
    Product,
    Relation,
    Shaped,
    Sum,
    Transpose,
    hadamard,
    operator,
    walk,
)
from culpa.reporting.mathematics.latex import displayed, latex
from tests.explaining.rendering import faults_of, needs_web

a, b, c, k, W, h = map(Letter, "abckWh")
two, three = Number(2), Number(3)
bracketed_letter = Letter("a", upper=Enclosed(Letter("l"), "[]"))
cells = ((a / b, Number(-1.5e-9)), (Dots("⋮"), Enclosed(Relation(c, "=", a), "[]")), (Enclosed(a, "[]"), Dots("⋱")))
matrix = Matrix(cells, (Number(1), None, Number(3)), (Number(1), Number(2)), (Number(3), Number(2)))
KINDS: tuple[Expression, ...] = (
    Letter("δ", Listing((k - 1, Letter("i")))),
    Letter("dZ", upper=Listing((Enclosed(Letter("l"), "[]"), Enclosed(Letter("i"))), "")),
    Letter("g", k, Enclosed(Letter("l"), "[]"), prime=True),
    Product((Letter("leaky relu_50%", upright=True), Letter("ŷ"), Letter("𝓛"), Letter("Φ", upright=True))),
    operator("max")(0, a) + operator("tanh")(a / b) ** 2 - operator("erf")(Enclosed(a, "||")),
    hadamard(W.T * Letter("δ"), Apply(Letter("g", prime=True), (a,))),
    Nabla(Letter("W", k), Letter("ℓ")) * Partial(Letter("ℓ"), bracketed_letter),
    BigSum(Letter("i"), Number(1), Letter("n"), Letter("x", Letter("i"))) + BigSum(Letter("i"), None, None, a + b),
    Cases(((a, Relation(a, ">", Number(0))), (Negative(a), Relation(a, "≤", b)), (Number(0), None))),
    Shaped(matrix, (Letter("d", k), Letter("d", k - 1))) * Shaped(h, (Number(6), Number(1))),
    Sum((Number(math.inf), Dots("⋯"), Number(math.nan), Transpose(bracketed_letter), Transpose(a + b))),
    Power(Transpose(a), Power(bracketed_letter, two)),
)


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        (-(a + b), "-(a + b)"),
        ((a + b) * c, "(a + b) c"),
        (a * (b + c), "a (b + c)"),
        (a ** (-b), "a^{-b}"),
        ((-a) ** b, "(-a)^{b}"),
        ((a / b) ** two, r"\left( \frac{a}{b} \right)^{2}"),
        (Number(-2) * three, r"(-2) \cdot 3"),
        (Product((two, Number(-3.0)), "·"), r"2 \cdot (-3)"),
        (a - (b - c), "a - (b - c)"),
        (a + Number(-0.5), "a - 0.5"),
        (a - Number(-0.5), "a - (-0.5)"),
        (-(a * b), "-a b"),
        (Negative(Negative(a)), "-(-a)"),
        (two * a, "2 a"),
        (a * two, r"a \cdot 2"),
        (hadamard(W.T * a, h), r"(W^{\top} a) \odot h"),
        ((W * h).T, r"(W h)^{\top}"),
        (Transpose(bracketed_letter), r"a^{[l]\top}"),
        (Letter("w", k, two).T, r"(w_{k}^{2})^{\top}"),
        (Letter("a", upper=Listing((Enclosed(k, "[]"), two), "")).T, r"(a^{[k]2})^{\top}"),
        (bracketed_letter**two, r"(a^{[l]})^{2}"),
        (Number(1.5e-9) ** two, r"(1.5 \times 10^{-9})^{2}"),
        (BigSum(k, None, None, a) * b, r"\left( \sum_{k} a \right) b"),
        (b * BigSum(k, None, None, a), r"b \sum_{k} a"),
        (BigSum(k, None, None, a + b), r"\sum_{k} (a + b)"),
        (Letter("dW") * h, r"dW \, h"),
        (Letter("h", k - 1), "h_{k-1}"),
        (Letter("g", k, prime=True), "g_{k}'"),
        (operator("tanh")(a), r"\tanh(a)"),
        (operator("relu")(a), r"\mathrm{relu}(a)"),
        (Partial(Letter("ℓ"), W), r"\frac{\partial \ell}{\partial W}"),
    ],
    ids=str,
)
def test_brackets_stand_where_they_are_needed_and_nowhere_else(expression: Expression, written: str) -> None:
    assert latex(expression) == written


def value(tree: Expression) -> float:
    """What a tree of plain arithmetic is worth."""
    match tree:
        case Number(number):
            return number
        case Negative(of):
            return -value(of)
        case Sum(terms):
            return sum(map(value, terms))
        case Product(factors):
            return math.prod(map(value, factors))
        case Fraction(over, under):
            return value(over) / value(under)
        case Power(base, exponent):
            return value(base) ** value(exponent)
    raise TypeError(tree)


def reading(written: str) -> float:
    """What a reader makes of the LaTeX of plain arithmetic, by Python's own rules of precedence."""
    text = written.replace(r"\left", "").replace(r"\right", "").replace(r"\cdot", "*")
    text = re.sub(r"\\times 10\^\{(-?\d+)\}", r"*10.0**(\1)", text)
    text = text.replace(r"\frac{", "({").replace("}{", "}/{").replace("^{", "**{")
    # A fraction's bracket closes with its second brace: each "({…}/{…}" gets its ")".
    while match := re.search(r"\(\{([^{}]*)\}/\{([^{}]*)\}|\*\*\{([^{}]*)\}", text):
        over, under, exponent = match.groups()
        new = f"**({exponent})" if exponent is not None else f"(({over})/({under}))"
        text = text[: match.start()] + new + text[match.end() :]
    return float(eval(text, {"__builtins__": {}}))


numbers = st.integers(-9, 9).filter(bool).map(Number)
trees: st.SearchStrategy[Expression] = st.recursive(
    numbers,
    lambda inner: st.one_of(
        st.builds(Negative, inner),
        st.builds(lambda *terms: Sum(terms), inner, inner, inner),
        st.builds(lambda *factors: Product(factors, "·"), inner, inner),
        st.builds(Fraction, inner, inner),
        st.builds(Power, inner, st.sampled_from([Number(2), Number(3)])),
    ),
    max_leaves=8,
)


def worth(tree: Expression) -> float | None:
    """Its value, or None where it divides by nothing."""
    try:
        return value(tree)
    except ZeroDivisionError:
        return None


@given(trees)
def test_arithmetic_reads_as_it_was_meant(tree: Expression) -> None:
    meant = worth(tree)
    if meant is not None:
        assert reading(latex(tree)) == pytest.approx(meant, rel=1e-9)


def test_arithmetic_without_brackets_is_refused_by_the_same_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latex_terms, "bracketed", lambda *_, **__: False)
    assert reading(latex((two + three) * Number(4))) != value((two + three) * Number(4))
    assert reading(latex(two - (three - two))) != value(two - (three - two))


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(1, 12))
def test_a_number_reads_back_to_the_digits_shown(number: float, digits: int) -> None:
    shown = reading(latex(Number(number), digits=digits))
    assert shown == pytest.approx(float(f"{number:.{digits - 1}e}"), rel=10.0 ** (1 - digits) / 1.9, abs=1e-300)


def test_every_kind_of_node_is_among_those_tried() -> None:
    kinds = {kind for kind in vars(ex).values() if isinstance(kind, type) and issubclass(kind, Expression)}
    assert {type(part) for whole in KINDS for part in walk(whole)} == kinds - {Expression}


@pytest.mark.parametrize("expression", KINDS, ids=str)
def test_what_is_written_is_ascii_and_keeps_to_what_github_takes(expression: Expression) -> None:
    written = latex(expression)
    assert written.isascii()
    assert r"\operatorname" not in written
    assert all(re.fullmatch(r"\\\\(\[[\d.]+em\])?\n", end) for end in re.findall(r"\\\\[^\n]*\n?", written))


def test_rows_of_fractions_are_kept_apart_and_a_bracket_is_no_option_of_the_row_before() -> None:
    assert r"\\[1.2em]" + "\n" in latex(matrix)
    assert "\n{}[a] &" in latex(matrix)
    plain = Matrix(((a, b), (a, b)), (two, two), (two, two), (two, two))
    assert latex(plain) == "\\begin{bmatrix}\na & b \\\\\na & b\n\\end{bmatrix}"


def test_numbers_stand_below_their_letters_where_there_is_room() -> None:
    symbols, values = Equation((a, b * c)), Equation((Number(123456), two * three))
    together = displayed(symbols, values)
    assert together.splitlines()[1:-1] == [r"a &= b c \\[0.6em]", r"123456 &= 2 \cdot 3"]
    apart = displayed(symbols, values, room=5.0)
    assert apart.splitlines()[1:-1] == [r"a &= b c \\[0.6em]", r"&= 2 \cdot 3 \\[0.6em]", "&= 123456"]


def test_a_long_sum_is_broken_before_its_signs_and_loses_no_term() -> None:
    terms = tuple(Letter("x", Number(at)) for at in range(1, 30))
    written = displayed(Equation((a, Sum(terms) - b)), room=12.0)
    assert re.findall(r"x_\{(\d+)\}", written) == [str(at) for at in range(1, 30)]
    assert len(written.splitlines()) > 4
    assert written.count("+") == 28
    within = displayed(Equation((a, Fraction(Number(1), two) * Sum(terms))), room=12.0)
    assert (within.count(r"\bigl("), within.count(r"\bigr)")) == (1, 1)


def test_what_may_be_too_wide_is_handed_on_with_the_width_beside_it() -> None:
    calls: list[tuple[str, float]] = []

    def fit(formula: str, beside: float) -> str:
        calls.append((formula, beside))
        return "FITTED"

    assert displayed(Equation((a, b)), fit=fit) == "a = b"
    assert calls == []
    assert "FITTED" in displayed(Equation((a, Letter("x" * 90))), fit=fit)
    assert len(calls) == 1
    assert calls[0][1] > 0


@needs_web
def test_katex_and_mathjax_take_every_kind_of_node() -> None:
    snippets = [latex(kind) for kind in KINDS]
    snippets += [
        displayed(Equation((kind, kind)), Equation((kind, kind)), room=room) for kind in KINDS for room in (5, 90)
    ]
    assert faults_of(snippets) == [""] * len(snippets)
    assert faults_of(snippets[: len(KINDS)], display=False) == [""] * len(KINDS)


@needs_web
@pytest.mark.parametrize(
    "broken", [r"\frac{1", r"\nocommand a", "a^{b}^{c}", r"\begin{bmatrix} a", "a & b", r"\left( a"], ids=str
)
def test_katex_and_mathjax_each_refuse_a_broken_formula(broken: str) -> None:
    (fault,) = faults_of([broken])
    assert "katex: " in fault
    assert "mathjax: " in fault
