# SPDX-License-Identifier: MIT
"""MathML: each node's form is pinned, random trees are well-formed, and every number reads back as what it was."""

import html
import html.parser
import math
import re
from xml.etree import ElementTree as ET

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
    Fraction,
    Letter,
    Listing,
    Matrix,
    Nabla,
    Number,
    Partial,
    Product,
    Relation,
    Shaped,
    walk,
)
from culpa.reporting.mathematics.mathml import RULES, mathml, terms
from tests.reporting.mathematics.trees import equations, expressions, house_formulas

CORE = {
    "math", "mi", "mn", "mo", "mtext", "mspace", "mrow", "mfrac", "msub", "msup", "msubsup",
    "munder", "mover", "munderover", "mtable", "mtr", "mtd",
}  # fmt: skip
"""The elements of MathML Core that are used; all browsers of today draw them."""
a, b, c, h, i, j, k, n, r, W = map(Letter, "abchijknrW")
A, B, H, K, N = "<mi>a</mi>", "<mi>b</mi>", "<mi>h</mi>", "<mi>k</mi>", "<mi>n</mi>"
OPEN, CLOSE = '<mo stretchy="false">(</mo>', '<mo stretchy="false">)</mo>'
TIMES, OF, TURNED = "<mo>\u2062</mo>", "<mo>\u2061</mo>", '<mi mathvariant="normal">⊤</mi>'
MINUS_HALF = "<mrow><mo>−</mo><mn>0.5</mn></mrow>"
LESS_ONE = '<mrow><mo form="infix" lspace="0" rspace="0">−</mo><mn>1</mn></mrow>'
CELL = '<mtd style="text-align: left">'

FORMS = {
    "a number": (Number(0.0213449), "<mn>0.02134</mn>"),
    "a whole number": (Number(-1234567), "<mrow><mo>−</mo><mn>1234567</mn></mrow>"),
    "a power of ten": (
        Number(-1.5e-9),
        "<mrow><mo>−</mo><mn>1.5</mn><mo>×</mo><msup><mn>10</mn><mrow><mo>−</mo><mn>9</mn></mrow></msup></mrow>",
    ),
    "a large number": (Number(2.5e9), "<mrow><mn>2.5</mn><mo>×</mo><msup><mn>10</mn><mn>9</mn></msup></mrow>"),
    "infinity": (Number(-math.inf), "<mrow><mo>−</mo><mn>∞</mn></mrow>"),
    "no number": (Number(math.nan), "<mn>–</mn>"),
    "a letter": (Letter("δ", lower=k), f"<msub><mi>δ</mi>{K}</msub>"),
    "a letter with all it can have": (
        Letter("g", lower=k, upper=Enclosed(i, "[]"), prime=True),
        "<msubsup><mi>g</mi><mi>k</mi><mrow><mo>′</mo><mrow><mi>[</mi><mi>i</mi><mi>]</mi></mrow></mrow></msubsup>",
    ),
    "a name": (Letter("tanh", upright=True), "<mi>tanh</mi>"),
    "an upright letter": (Letter("Φ", upright=True), '<mi mathvariant="normal">Φ</mi>'),
    "a small Greek letter": (Letter("σ", upright=True), "<mi>σ</mi>"),
    "a name in italics": (Letter("dZ"), "<mrow><mi>d</mi><mi>Z</mi></mrow>"),
    "a hat": (Letter("ŷ"), '<mover accent="true"><mi>y</mi><mo stretchy="false">^</mo></mover>'),
    "indices": (
        Letter("h", lower=Listing((k - 1, Listing((i, j), "")))),
        f'<msub>{H}<mrow><mrow>{K}{LESS_ONE}</mrow><mo rspace="0">,</mo>'
        "<mrow><mi>i</mi><mi>j</mi></mrow></mrow></msub>",
    ),
    "a condition that counts": (
        Enclosed(Relation(c, "≠", j), "[]"),
        '<mrow><mo stretchy="false">[</mo><mrow><mi>c</mi><mo>≠</mo><mi>j</mi></mrow>'
        '<mo stretchy="false">]</mo></mrow>',
    ),
    "an absolute value": (
        Enclosed(r, "||"),
        '<mrow><mo form="prefix">|</mo><mi>r</mi><mo form="postfix">|</mo></mrow>',
    ),
    "a sum": (a + b, f"<mrow>{A}<mo>+</mo>{B}</mrow>"),
    "a difference": (a - b, f'<mrow>{A}<mrow><mo form="infix">−</mo>{B}</mrow></mrow>'),
    "a sum with a negative number": (
        a + Number(-0.5),
        f'<mrow>{A}<mrow><mo form="infix">−</mo><mn>0.5</mn></mrow></mrow>',
    ),
    "the opposite": (-(a + b), f"<mrow><mo>−</mo><mrow>{OPEN}<mrow>{A}<mo>+</mo>{B}</mrow>{CLOSE}</mrow></mrow>"),
    "a product": (W * h, f"<mrow><mi>W</mi>{TIMES}{H}</mrow>"),
    "a product of numbers": (
        Product((Number(0.3), Number(-0.5)), "·"),
        f"<mrow><mn>0.3</mn><mo>·</mo><mrow>{OPEN}{MINUS_HALF}{CLOSE}</mrow></mrow>",
    ),
    "a product beside a name": (
        Letter("dZ") * h,
        f'<mrow><mrow><mi>d</mi><mi>Z</mi></mrow><mspace width="0.1667em" />{H}</mrow>',
    ),
    "entry by entry": (Product((a, b), "⊙"), f"<mrow>{A}<mo>⊙</mo>{B}</mrow>"),
    "a sum after a factor": (
        n * BigSum(i, None, None, a),
        f"<mrow>{N}{TIMES}<mrow><munder><mo>∑</mo><mi>i</mi></munder>{A}</mrow></mrow>",
    ),
    "a fraction": (Fraction(a, b), f"<mfrac>{A}{B}</mfrac>"),
    "a power": ((a + b) ** 2, f"<msup><mrow>{OPEN}<mrow>{A}<mo>+</mo>{B}</mrow>{CLOSE}</mrow><mn>2</mn></msup>"),
    "a power of a letter with an index": (Letter("h", lower=k) ** 2, f"<msubsup>{H}{K}<mn>2</mn></msubsup>"),
    "a name after a factor": (
        a * Apply(Letter("log", upright=True), (b,)),
        f'<mrow>{A}<mspace width="0.1667em" /><mrow><mi>log</mi>{OF}<mrow>{OPEN}{B}{CLOSE}</mrow></mrow></mrow>',
    ),
    "a transposed letter": (Letter("h", lower=k).T, f"<msubsup>{H}{K}{TURNED}</msubsup>"),
    "a transposed letter with a power's place taken": (
        Letter("w", upper=k).T,
        f"<msup><mrow>{OPEN}<msup><mi>w</mi>{K}</msup>{CLOSE}</mrow>{TURNED}</msup>",
    ),
    "a transposed letter with a bracket above": (
        Letter("W", upper=Enclosed(k, "[]")).T,
        f"<msup><mi>W</mi><mrow><mrow><mi>[</mi>{K}<mi>]</mi></mrow>{TURNED}</mrow></msup>",
    ),
    "a transposed product": (
        (W * h).T,
        f"<msup><mrow>{OPEN}<mrow><mi>W</mi>{TIMES}{H}</mrow>{CLOSE}</mrow>{TURNED}</msup>",
    ),
    "a function": (
        Apply(Letter("max", upright=True), (Number(0), a)),
        f"<mrow><mi>max</mi>{OF}<mrow>{OPEN}<mrow><mn>0</mn><mo>,</mo>{A}</mrow>{CLOSE}</mrow></mrow>",
    ),
    "a function of something tall": (
        Apply(Letter("g"), (a / b,)),
        f"<mrow><mi>g</mi>{OF}<mrow><mo>(</mo><mfrac>{A}{B}</mfrac><mo>)</mo></mrow></mrow>",
    ),
    "a partial derivative": (
        Partial(Letter("ℓ"), a),
        f"<mfrac><mrow><mi>∂</mi><mi>ℓ</mi></mrow><mrow><mi>∂</mi>{A}</mrow></mfrac>",
    ),
    "a gradient": (
        Nabla(W, Letter("ℓ")),
        '<mrow><msub><mi mathvariant="normal">∇</mi><mi>W</mi></msub><mi>ℓ</mi></mrow>',
    ),
    "a sum over an index": (
        BigSum(i, Number(1), n, a),
        '<mrow><munderover><mo>∑</mo><mrow><mi>i</mi><mo lspace="0" rspace="0">=</mo><mn>1</mn></mrow>'
        f"{N}</munderover>{A}</mrow>",
    ),
    "cases": (
        Cases(((Number(1), Relation(a, ">", Number(0))), (b, None))),
        f'<mrow><mo form="prefix">{{</mo><mtable columnalign="left"><mtr>{CELL}<mn>1</mn></mtd>{CELL}<mrow>'
        f"<mtext>if\u00a0</mtext><mrow>{A}<mo>&gt;</mo><mn>0</mn></mrow></mrow></mtd></mtr>"
        f"<mtr>{CELL}{B}</mtd>{CELL}<mtext>otherwise</mtext></mtd></mtr></mtable></mrow>",
    ),
    "a matrix with dots": (
        Matrix(((a, Dots("⋯")),), (Number(1),), (Number(1), None), (Number(1), Number(9))),
        f'<mrow><mo>[</mo><mtable displaystyle="true"><mtr><mtd>{A}</mtd><mtd><mi>⋯</mi></mtd></mtr></mtable>'
        "<mo>]</mo></mrow>",
    ),
    "a matrix of fractions": (
        Matrix(((a / b,),), (Number(1),), (Number(1),), (Number(1), Number(1))),
        '<mrow><mo>[</mo><mtable displaystyle="true"><mtr><mtd style="padding: 0.4em">'
        f"<mfrac>{A}{B}</mfrac></mtd></mtr></mtable><mo>]</mo></mrow>",
    ),
    "a shape": (
        Shaped(W, (n, Number(1))),
        '<munder><mi>W</mi><mrow class="shape"><mo stretchy="false" lspace="0.1667em">(</mo>'
        f'{N}<mo>×</mo><mn>1</mn><mo stretchy="false" rspace="0.1667em">)</mo></mrow></munder>',
    ),
}


@pytest.mark.parametrize(("tree", "expected"), FORMS.values(), ids=FORMS)
def test_each_node_has_its_form(tree, expected):
    assert mathml(tree) == f"<math>{expected}</math>"


def test_every_kind_of_node_can_be_drawn_and_is_pinned():
    pinned = {type(part).__name__ for tree, _ in FORMS.values() for part in walk(tree)}
    kinds = {kind.__name__ for kind in Expression.__subclasses__()}
    assert {kind.__name__ for kind in RULES} == kinds == pinned


def test_a_chain_is_one_element_and_its_terms_are_one_each():
    chain = Equation((a, b, Number(-0.5)), "≈")
    assert mathml(chain) == f"<math><mrow>{A}<mo>≈</mo>{B}<mo>≈</mo>{MINUS_HALF}</mrow></math>"
    assert terms(chain) == [f"<math>{A}</math>", f"<math>{B}</math>", f"<math>{MINUS_HALF}</math>"]
    assert terms(chain, display=True)[0] == f'<math display="block">{A}</math>'


def test_a_formula_may_have_a_line_of_its_own_and_words():
    assert mathml(a, display=True, label='"a" & b') == (
        f'<math display="block" aria-label="&quot;a&quot; &amp; b">{A}</math>'
    )


def test_digits_are_those_asked_for():
    assert mathml(Number(0.0213449), digits=2) == "<math><mn>0.021</mn></math>"
    assert terms(Equation((a, Number(1.23456))), digits=3)[1] == "<math><mn>1.23</mn></math>"


@settings(deadline=None)
@given(equations)
def test_random_trees_are_well_formed_and_use_only_what_browsers_draw(equation):
    assert {element.tag for element in ET.fromstring(mathml(equation)).iter()} <= CORE


def test_what_is_not_well_formed_would_be_refused():
    with pytest.raises(ET.ParseError):
        ET.fromstring(mathml(a).replace("</mi>", ""))


class Tags(html.parser.HTMLParser):
    """The elements that a browser would see."""

    def __init__(self, text):
        super().__init__()
        self.seen = set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.seen |= {tag, *(name for name, _ in attrs)}


EVIL = '"><script onload="alert(1)">\x00]]>&'


@pytest.mark.parametrize("upright", [False, True])
def test_names_from_data_are_escaped_wherever_they_stand(upright):
    text = mathml(Letter(EVIL, upright=upright), label=EVIL, marks=lambda part: {"data-name": EVIL})
    assert not Tags(text).seen & {"script", "onload"}
    assert ET.fromstring(text).get("aria-label") == EVIL.replace("\x00", "\ufffd")
    assert "script" in Tags(html.unescape(text)).seen


def value_of(element):
    """The number that an element shows, read from its digits."""
    sign, digits, power = re.fullmatch(r"(−?)([\d.]+|∞)(?:×10(−?\d+))?", "".join(element.itertext())).groups()
    size = math.inf if digits == "∞" else float(f"{digits}e{(power or '0').replace('−', '-')}")
    return -size if sign else size


def misread(expression, text=None):
    """The numbers of a formula that its text does not show to four digits, each read from its own element."""
    seen = []

    def mark(part):
        if isinstance(part, Number) and not math.isnan(part.value):
            seen.append(part.value)
            return {"data-at": str(len(seen) - 1)}
        return None

    written = mathml(expression, marks=mark)
    root = ET.fromstring(written if text is None else text(written))
    found = {int(element.get("data-at")): element for element in root.iter() if element.get("data-at")}
    assert sorted(found) == list(range(len(seen)))
    return [
        value
        for at, value in enumerate(seen)
        if not math.isclose(value_of(found[at]), value, rel_tol=0 if isinstance(value, int) else 5.001e-4)
    ]


@settings(deadline=None)
@given(expressions)
def test_every_number_of_a_random_tree_reads_back(tree):
    assert misread(tree) == []


def test_every_number_of_the_house_reads_back():
    formulas = list(house_formulas())
    assert len(formulas) > 200
    assert [number for formula in formulas for number in misread(formula)] == []


def test_a_wrong_digit_and_a_lost_sign_would_be_noticed():
    tree = Matrix(((Number(0.1234), Number(-0.5)),), (i,), (i, j), (n, n))
    assert misread(tree, lambda text: text.replace("0.1234", "0.1235")) == [0.1234]
    assert misread(tree, lambda text: text.replace("−", "")) == [-0.5]
