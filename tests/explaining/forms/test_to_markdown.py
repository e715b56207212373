# SPDX-License-Identifier: MIT
"""The derivation in Markdown: the engine's numbers, each flavour's rules, and names from data that stay names."""

import json
import re
from dataclasses import replace
from functools import cache
from typing import get_args

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import culpa
from culpa.errors import OptionError
from culpa.explaining.derivation import Code, Explanation, Flavour, Line, Listed, Part, Step
from culpa.explaining.explaining import explain
from culpa.explaining.forms.to_markdown import escaped, to_markdown
from culpa.reporting.mathematics.expressions import Enclosed, Equation, Letter, Number, Product
from tests.explaining.forms.marking import displays, inlines, matrices, seen
from tests.explaining.rendering import faults_of, needs_web
from tests.tables.plain import number_columns

FLAVOURS: tuple[Flavour, ...] = get_args(Flavour)
NETWORK = culpa.Network.fresh([3, 3, 2], hidden="logistic", loss="cross_entropy", seed=1, dtype="float64")
X = np.array([[0.1, 0.2, 0.3], [0.4, -0.5, 0.6]])
Y = np.array([0, 1])
NASTY = (
    r"a|b *c* _d_ <b>e</b> $f$ `g` [h](i) ~~j~~ ==k== %%l%% ![[m]] &amp; \n \(o\) \begin{p} #t @u https://q.r "
    r"www.v.w | ^s <!-- x"
)


def made(
    headers: tuple[str, ...] = ("name", "∂ℓ/∂x"), names: tuple[str, ...] = (NASTY,), title: str = "Of W"
) -> Explanation:
    """An explanation with one of everything."""
    rows = tuple((name, Number(0.5)) for name in names)
    line = Line(Equation((Letter("a"), Letter("b"))), Equation((Number(1), Number(1))))
    words = (
        "1. one ",
        Letter("δ", Letter("k")),
        " and ",
        Enclosed(Letter("x"), "||"),
        " of ",
        Product((Number(2), Letter("x"))),
    )
    step = Step("s", "A step", words, (line, Line()), Listed(headers, rows), Code(("a = b", "c = '```'")))
    return replace(
        explain(),
        title=title,
        about="",
        parts=(Part("p", "A part", (step,)),),
        notes=(NASTY,),
        footer={"command": "culpa `x`"},
    )


@cache
def everything(flavour: Flavour) -> str:
    """All parts, in general and in numbers, one weight, and one of everything."""
    found = (explain(), explain(NETWORK, X, Y, code=True), explain(NETWORK, X, Y, weight=(2, 1, 3)), made())
    return "\n\n".join(to_markdown(each, flavour=flavour, front_matter=False) for each in found)


def off_from(text: str, flavour: Flavour) -> float:
    """By how much the outer products and biases in the text differ from the engine's, at most, relative to each."""
    gradient = culpa.gradient(NETWORK, X, Y)
    worst = 0.0
    for k, layer in enumerate(gradient.layers, 1):
        of_one, delta = layer.per_example(rows=[0])[0], layer.delta[0][:, None]
        h = X[:1] if k == 1 else culpa.predict(culpa.Network.from_arrays(
            [NETWORK.layers[0].W], [NETWORK.layers[0].b], loss="binary_cross_entropy"), X[:1])  # fmt: skip
        outer = next(d for d in displays(text, flavour) if rf"\delta_{{{k}}}}}" in d and "top" in d and "nabla" in d)
        bias = next(d for d in displays(text, flavour) if rf"\nabla_{{b_{{{k}}}}} \ell" in d)
        expected = [of_one, delta, h, delta, delta]
        found = [np.array(matrix) for matrix in matrices(outer) + matrices(bias)]
        products = [matrix for matrix in found if matrix.shape == of_one.shape]
        assert products, "the product is there"
        for matrix in found:
            same = [value for value in expected if value.shape == matrix.shape]
            worst = max(worst, min(float(np.abs(matrix / value - 1).max()) for value in same))
        assert any(matrix.shape == h.shape for matrix in found)
    return worst


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_numbers_in_the_text_are_the_engines(flavour: Flavour) -> None:
    text = to_markdown(explain(NETWORK, X, Y, part=["weights", "bias"], digits=10), flavour=flavour)
    assert off_from(text, flavour) < 1e-9
    digits = re.search(r"0\.([1-9]\d{9})", text)
    assert digits is not None
    planted = text.replace(digits[1], str(int(digits[1]) + 10**4))
    assert off_from(planted, flavour) > 1e-7, "a wrong digit is seen"


def faults(text: str, flavour: Flavour) -> list[str]:
    """What a flavour's rules have against a text."""
    found = []
    fences = re.sub(r"^(`{3,})python\n.*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL)
    lines = fences.split("\n")
    if flavour == "github":
        found += ["dollars alone" for line in lines if "$$" in line]
        found += ["unsafe inline" for line in lines if re.search(r"(?<!`)\$(?!`)", line.replace("<span>$</span>", ""))]
    else:
        found += ["not alone" for line in lines if "$$" in line and line != "$$"]
        found += ["math fence" for line in lines if line.startswith("```math")]
        found += ["spaces within" for formula in inlines(fences, flavour) if formula != formula.strip()]
        found += ["a digit after" for line in lines if re.search(r"[^\s$>\\]\$\d", line)]
    for display in displays(fences, flavour):
        found += ["blank line" for line in display.split("\n") if not line.strip()]
        found += [
            "row end within a line" for line in display.split("\n") if re.search(r"\\\\(?!\[[\d.]+em\]$|$)", line)
        ]
        found += ["fence or dollar within" for sign in ("```", "$") if sign in display]
        found += [command for command in (r"\operatorname", r"\color", r"\def", r"\newcommand") if command in display]
    return found


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_each_flavours_rules_are_kept(flavour: Flavour) -> None:
    text = everything(flavour)
    assert len(displays(text, flavour)) > 30
    assert len(inlines(text, flavour)) > 30
    assert faults(text, flavour) == []
    opening = "```math" if flavour == "github" else "$$"
    blocks = text.split("\n\n")
    assert sum(block.startswith(f"{opening}\n") for block in blocks) == len(displays(text, flavour)), (
        "blank lines around"
    )


@pytest.mark.parametrize(
    ("flavour", "text"),
    [("github", "$$\na\n$$"), ("github", "is $a$"), ("obsidian", "is $$ a"), ("plain", "```math\na\n```"),
     ("plain", "$a$5"), ("github", "```math\na\n\nb\n```"), ("plain", "$$\na \\\\ b\n$$"),
     ("obsidian", "$$\n\\operatorname{a}\n$$"), ("github", "```math\na \\\\[1em] b\n```")],
)  # fmt: skip
def test_a_text_that_breaks_a_rule_is_refused(flavour: Flavour, text: str) -> None:
    assert faults(text, flavour) != []


@needs_web
@pytest.mark.parametrize("flavour", FLAVOURS)
def test_katex_and_mathjax_take_every_formula(flavour: Flavour) -> None:
    text = everything(flavour)
    shown, within = displays(text, flavour), inlines(text, flavour)
    assert [fault for fault in faults_of(shown) if fault] == []
    assert [fault for fault in faults_of(within, display=False) if fault] == []
    assert all(faults_of([shown[0] + r"\begin{bmatrix}", r"\frac{1"])), "a broken one is refused"


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_name_in_a_table_is_read_as_it_is(flavour: Flavour) -> None:
    page = seen(to_markdown(made(headers=(NASTY, "n")), flavour=flavour, front_matter=False))
    assert page.cells[0] == page.cells[2] == NASTY
    assert len(page.cells) == 4
    ours = {
        "h1",
        "h2",
        "h3",
        "p",
        "pre",
        "code",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "span",
        "ul",
        "li",
        "small",
    }
    assert page.tags <= ours
    bare = seen(f"| {NASTY} |\n| --- |\n")
    assert bare.tags - page.tags, "without protection it would be markup"


SIGNS = st.text(st.sampled_from(list("|*_<>$`[]()~=%!&;\\#@:/^{}+-.'\"aw1 \n\r\té")), max_size=14)


@given(SIGNS, st.sampled_from(FLAVOURS))
@example("_a_", "plain")
@example("$a$ and $b$", "plain")
@example("&#36;x&#36;", "obsidian")
def test_whatever_a_name_holds_it_stays_a_name(name: str, flavour: Flavour) -> None:
    protected = escaped(f"x{name}x", flavour)
    page = seen(f"| {protected} |\n| --- |\n| y |\n")
    blanks = " ".join(f"x{name}x".split())
    assert [" ".join(cell.split()) for cell in page.cells] == [blanks, "y"]
    assert page.tags <= {"table", "thead", "tbody", "tr", "th", "td", "span"}
    assert "\n" not in protected
    assert not [run for run in page.runs if re.search(r"://|www\.|[#@]\w", run)], (
        "no tag, name or address to make a link of"
    )
    if flavour != "obsidian":
        assert all("$" not in run or run == "$" for run in page.runs), "each dollar stands alone in its tag"
    if flavour == "plain":  # what Jupyter takes for the beginning of a formula, before it reads the Markdown
        signs = re.split(
            r"(\$\$?|\\(?:begin|end)\{[a-z]*\*?\}|\\[{}$]|[{}]|(?:\n\s*)+|@@\d+@@|\\\\(?:\(|\)|\[|\]))", protected
        )
        assert not [sign for sign in signs[1::2] if sign in ("$", "$$") or sign.startswith((r"\begin", r"\\"))]
    else:
        assert not re.search(r"(?<!\\)(==|%%|\[\[)", protected)


def test_the_title_is_said_once() -> None:
    assert to_markdown(made(), flavour="obsidian").startswith("---\ntitle: Of W\n---\n\n## A part\n")
    assert to_markdown(made(), flavour="github").startswith("# Of W\n\n## A part\n")
    assert to_markdown(made(), flavour="plain", front_matter=True).startswith("---\ntitle: Of W\n---\n\n## A part\n")
    assert to_markdown(made(), flavour="obsidian", front_matter=False).startswith("# Of W\n\n")
    line = to_markdown(made(title='W: "x" #1\n---'), flavour="obsidian").split("\n")[1]
    assert json.loads(line.removeprefix("title: ")) == 'W: "x" #1 ---'


def test_what_it_holds_for_stands_under_the_title_but_not_in_the_middle_of_a_note() -> None:
    about = "One *star*."
    told = replace(made(), about=about)
    assert to_markdown(told).startswith("# Of W\n\nOne \\*star\\*.\n\n## A part\n")
    assert "star" not in to_markdown(told, headings=False)


def test_in_the_middle_of_a_note_there_are_no_headings() -> None:
    text = to_markdown(made(), flavour="obsidian", headings=False)
    assert text.startswith("**A part**\n\n*A step*\n\n1\\. one $\\delta_{k}$")
    assert not re.search(r"^#", text, re.MULTILINE)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_code_notes_and_footer_are_there_word_for_word(flavour: Flavour) -> None:
    text = to_markdown(made(), flavour=flavour, front_matter=False)
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    fences = [token for token in tokens if token.type == "fence" and token.info == "python"]
    assert [token.content for token in fences] == ["a = b\nc = '```'\n"]
    assert "".join(seen(text.splitlines()[-1]).runs).strip() == "command: culpa `x`"
    assert "".join(seen(text.splitlines()[-3]).runs).strip() == NASTY


def test_numbers_stand_at_the_right_of_their_column_and_the_raw_text_is_even() -> None:
    rows = [line for line in to_markdown(made(names=("7 %", "−1e-9")), flavour="plain").split("\n") if line[:1] == "|"]
    assert rows[1] == "| ----: | ----: |"
    assert len({len(row) for row in rows}) == 1
    assert rows[2] == "|   7 % | $0.5$ |"
    words = to_markdown(made(names=("7 %", "a|")), flavour="plain")
    assert "\n| ---- | ----: |\n" in words
    assert "\n| a\\|  |" in words


def test_an_unknown_flavour_is_refused_by_name() -> None:
    with pytest.raises(OptionError, match="Unknown flavour 'githup'; known are github, obsidian, plain"):
        to_markdown(made(), flavour="githup")  # type: ignore[arg-type]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_names_turn_nothing_around_them(flavour):
    network = culpa.Network.fresh([3, 3, 2], hidden="tanh", loss="cross_entropy", seed=1)
    columns = number_columns(("גיל*", "a\u202eb\u2067", "c\x9fd"), (0.0,) * 3, (1.0,) * 3, "target", ("כן", "no"))
    named = culpa.Network(network.layers, network.loss, columns=columns)
    text = to_markdown(explain(named, [[1.0, 2.0, 3.0]], [0], unit=(1, 1)), flavour=flavour)
    assert text.count("\u2068גיל\\*\u2069") == text.count("גיל") > 0
    assert "a·b·" in text
    assert not re.search("[\u202a-\u202e\u2066\u2067\x9f]", text)
    assert not re.search("[\u2066-\u2069]", everything(flavour))
