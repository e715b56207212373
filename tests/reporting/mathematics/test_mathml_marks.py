# SPDX-License-Identifier: MIT
"""What a page lights up: a part's attributes land on one element, which is the part and nothing else."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings

from culpa.reporting.mathematics.expressions import Enclosed, Letter, Number, Partial, Power, Transpose
from culpa.reporting.mathematics.mathml import mathml, terms
from tests.reporting.mathematics.trees import expressions, house_formulas

a, b, h, k = map(Letter, "abhk")


def drawn(expression, spoil=lambda root: None):
    """Each part that was asked for, with the elements that bear its mark."""
    asked = []

    def mark(part):
        asked.append(part)
        return {f"data-at-{len(asked)}": "here"}

    root = ET.fromstring(mathml(expression, marks=mark))
    spoil(root)
    return [(part, [e for e in root.iter() if e.get(f"data-at-{at}")]) for at, part in enumerate(asked, 1)]


def base_of(whole):
    """The letter that a transpose or a power shares its element with."""
    return whole.of if isinstance(whole, Transpose) else whole.base


def misplaced(expression, spoil=lambda root: None):
    """The parts whose mark stands on no element, on several, or on one that shows more or less than the part."""
    pairs = drawn(expression, spoil)
    shared = [part for part, _ in pairs if isinstance(part, Transpose | Power)]
    wrong = []
    for part, elements in pairs:
        whole = [other for other in shared if isinstance(part, Letter) and base_of(other) is part]
        alone = {"".join(ET.fromstring(mathml(tree)).itertext()) for tree in (part, *whole)}
        if len(elements) != 1 or "".join(elements[0].itertext()) not in alone:
            wrong.append(part)
    return wrong


@settings(deadline=None)
@given(expressions)
def test_each_part_of_a_random_tree_is_one_element_and_nothing_else(tree):
    assert misplaced(tree) == []


def test_each_part_of_the_house_formulas_is_one_element_and_nothing_else():
    assert [part for formula in house_formulas() for part in misplaced(formula)] == []


@pytest.mark.parametrize("change", ["lost", "wider"])
def test_a_mark_that_is_lost_or_too_wide_would_be_noticed(change):
    tree, half = (a + b) * Number(0.5), Number(0.5)
    name = f"data-at-{[part for part, _ in drawn(tree)].index(half) + 1}"

    def spoil(root):
        marked = next(element for element in root.iter() if element.get(name))
        del marked.attrib[name]
        if change == "wider":
            root[0].set(name, "here")

    assert misplaced(tree) == []
    assert misplaced(tree, spoil) == [half]


def test_a_minus_that_a_term_brings_belongs_to_it():
    text = mathml(a + Number(-0.5), marks=lambda part: {"id": "x"} if isinstance(part, Number) else None)
    assert '<mrow id="x"><mo form="infix">−</mo><mn>0.5</mn></mrow>' in text


def test_brackets_do_not_belong_to_what_they_hold():
    text = mathml((a + b) * k, marks=lambda part: {"id": "x"} if part == a + b else {})
    assert '<mo stretchy="false">(</mo><mrow id="x"><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mo' in text


def test_classes_are_joined():
    text = mathml(Number(-0.5), marks=lambda part: {"class": "hot positive", "tabindex": "0"})
    assert text.startswith('<math><mrow class="hot positive" tabindex="0">')
    assert mathml(a, marks=lambda part: {"class": "hot"}) == '<math><mi class="hot">a</mi></math>'


def test_a_transposed_letter_bears_the_marks_of_both():
    letter = Letter("h", lower=k)
    marks = {letter: {"class": "h", "id": "letter"}, letter.T: {"class": "turned"}}
    text = mathml(letter.T, marks=lambda part: marks.get(part))
    assert text.startswith('<math><msubsup class="h turned" id="letter"><mi>h</mi>')


def test_a_power_of_a_letter_with_an_index_bears_the_marks_of_both():
    letter = Letter("h", lower=k)
    marks = {letter: {"class": "h"}, letter**2: {"class": "square"}, k: {"class": "k"}}
    text = mathml(letter**2, marks=lambda part: marks.get(part))
    assert text == '<math><msubsup class="h square"><mi>h</mi><mi class="k">k</mi><mn>2</mn></msubsup></math>'


def test_terms_can_be_marked_too():
    chain = next(formula for formula in house_formulas() if isinstance(formula.terms[0], Partial))
    assert all(
        'class="part"' in text
        for text in terms(chain, marks=lambda part: {"class": "part"} if isinstance(part, Partial | Letter) else None)
    )


def test_a_condition_between_brackets_can_be_marked():
    tree = Enclosed(a, "[]")
    assert [len(elements) for _, elements in drawn(tree)] == [1, 1]
