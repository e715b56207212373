# SPDX-License-Identifier: MIT
"""Exercises: what is on the sheet, what is not, and that the key's numbers are the engine's. Mistakes: `test_bugs`."""

from html.parser import HTMLParser
from itertools import pairwise

import numpy as np
import pytest

import culpa
from culpa.explaining.exercising import BLANK, Exercise, exercise
from culpa.explaining.notations import NOTATIONS
from culpa.explaining.small import small_example
from culpa.explaining.symbols import Quantity
from culpa.reporting.mathematics.expressions import Matrix, Number, Shaped, lift, walk
from culpa.reporting.mathematics.latex import displayed
from culpa.reporting.mathematics.numerals import numeral
from tests.explaining.rendering import faults_of, needs_web

CASES = {
    "two layers": ([2, 3, 2], {}),
    "one layer": ([3, 2], {}),
    "three layers of tanh": ([2, 3, 4, 2], {"activation": "tanh"}),
    "one output": ([2, 2, 1], {"activation": "relu"}),
    "the largest": ([6, 6, 6], {"activation": "softplus"}),
    "a regression": ([3, 2, 2], {"loss": "squared_error"}),
    "counts": ([2, 3, 2], {"loss": "poisson", "activation": "silu"}),
}
FORMS = ("to_text", "to_markdown", "to_latex", "to_html")


def lines_of(made):
    return [line for part in made.parts for step in part.steps for line in step.lines]


def numbers_in(made):
    """All numbers of the equations that say what they are: (what, value)."""
    found = []
    for line in lines_of(made):
        for side in (line.symbols, line.numbers):
            found += (
                [] if side is None else [(part.means, part.value) for part in walk(side) if isinstance(part, Number)]
            )
    return [(means, value) for means, value in found if isinstance(means, Quantity)]


@pytest.mark.parametrize(("sizes", "options"), CASES.values(), ids=CASES)
@pytest.mark.parametrize("notation", NOTATIONS)
def test_the_sheet_gives_the_network_and_the_example_and_asks_for_the_rest(sizes, options, notation):
    made = exercise(sizes, seed=7, notation=notation, **options)
    assert isinstance(made, Exercise)
    assert [part.name for part in made.sheet.parts] == ["given", "tasks"]
    small = small_example(sizes, seed=7, examples=1, **options)
    given = {(means.role, None if means.layer is None else means.layer.value) for means, _ in numbers_in(made.sheet)}
    depth = len(sizes) - 1
    assert given == {("h", 0), ("t", None), *((role, k) for role in "Wb" for k in range(1, depth + 1))}
    for line in lines_of(made.sheet):
        _, value = line.symbols.terms
        if isinstance(value, Matrix) and isinstance(value.means, Quantity) and value.means.role == "W":
            shown = np.array([[cell.value for cell in row] for row in value.cells])
            W = small.network.layers[int(value.means.layer.value) - 1].W
            assert np.array_equal(shown, W.T if NOTATIONS[notation].is_row else W)


@pytest.mark.parametrize(("sizes", "options"), CASES.values(), ids=CASES)
@pytest.mark.parametrize("notation", NOTATIONS)
def test_every_task_has_as_many_blanks_as_its_answer_has_numbers(sizes, options, notation):
    made = exercise(sizes, seed=7, notation=notation, **options)
    widths, asked = sizes[1:], 0
    for step in made.sheet.part("tasks").steps:
        assert step.lines, step.heading
        for line in step.lines:
            _, value = line.symbols.terms
            blanks = [part for part in walk(value) if part == BLANK]
            assert blanks, step.heading
            assert not [part for part in walk(value) if isinstance(part, Number) and part.value != round(part.value)]
            asked += len(blanks)
    pairs = list(pairwise(sizes))
    forward = 2 * sum(widths) + 1
    backward = sum(widths) + sum(widths[:-1])
    assert asked == forward + backward + sum(before * here + here for before, here in pairs)


@needs_web
@pytest.mark.parametrize("notation", NOTATIONS)
def test_katex_and_mathjax_draw_every_box_with_room_for_a_number(notation):
    made = exercise([2, 3, 2], seed=7, notation=notation)
    asked = [displayed(line.symbols) for step in made.sheet.part("tasks").steps for line in step.lines]
    assert all("\\boxed{\\phantom{-0.0000}}" in formula for formula in asked)
    assert faults_of(asked) == [""] * len(asked)


def test_the_tasks_follow_the_two_passes():
    steps = exercise([2, 3, 2]).sheet.part("tasks").steps
    assert [step.heading for step in steps] == [
        "Forward, layer 1",
        "Forward, layer 2",
        "The loss",
        "The error of the output",
        "Back to layer 1",
        "The gradient of layer 1",
        "The gradient of layer 2",
    ]
    nielsen = exercise([2, 3, 2], notation="nielsen").sheet.part("tasks").steps
    assert [step.heading for step in nielsen][-3:] == [
        "Back to layer 2",
        "The gradient of layer 2",
        "The gradient of layer 3",
    ]


@pytest.mark.parametrize(("sizes", "options"), CASES.values(), ids=CASES)
def test_the_keys_numbers_are_the_engines(sizes, options):
    made, small = exercise(sizes, seed=7, **options), small_example(sizes, seed=7, examples=1, **options)
    gradient = culpa.gradient(*small)
    seen = set()
    for means, value in numbers_in(made.key):
        k = None if means.layer is None else int(means.layer.value)
        entry = tuple(int(index.value) - 1 for index in means.entry)
        if means.role in ("δ", "db"):
            right = gradient.layers[k - 1].delta[0][entry[0]]
        elif means.role == "dW":
            right = gradient.layers[k - 1].weight[entry]
        elif means.role == "dh":
            right = gradient.hidden(k)[0][entry[0]]
        elif means.role == "ℓ":
            right = gradient.losses[0]
        elif means.role == "h" and k:
            right = (
                culpa.predict(small.network, small.X)[0][entry[0]]
                if k == len(sizes) - 1
                else gradient.layers[k].h[0][entry[0]]
            )
        else:
            continue
        assert value == pytest.approx(float(right), rel=1e-12), means
        seen.add((means.role, k))
    depth = len(sizes) - 1
    assert seen >= {("ℓ", None), *((role, k) for role in ("δ", "dW", "db") for k in range(1, depth + 1))}
    assert seen >= {("dh", k) for k in range(1, depth)}


def test_the_key_answers_every_blank():
    made = exercise([2, 3, 4, 2], seed=3)
    left = {line.symbols.terms[0] for line in lines_of(made.key) if line.numbers is not None}
    left = {letter.of if isinstance(letter, Shaped) else letter for letter in left}
    for step in made.sheet.part("tasks").steps:
        for line in step.lines:
            assert line.symbols.terms[0] in left, step.heading


def answers(sizes, **options):
    """All that is to be worked out, as it would be printed."""
    small = small_example(sizes, examples=1, **options)
    gradient = culpa.gradient(*small)
    parts = [gradient.losses, culpa.predict(*small[:2])]
    for k, layer in enumerate(gradient.layers):
        parts += [layer.delta, layer.weight, *([layer.h] if k else [])]
    return {numeral(abs(float(value)), 4).plain for part in parts for value in np.ravel(part)}


@pytest.mark.parametrize("form", FORMS)
def test_no_answer_stands_on_the_sheet_in_any_form(form):
    wanted = {text for text in answers([2, 3, 2], seed=7) if len(text.lstrip("0.").replace(".", "")) >= 3}
    assert len(wanted) >= 15
    made = exercise([2, 3, 2], seed=7)
    sheet, key = getattr(made.sheet, form)(), getattr(made.key, form)()
    plain = [text for text in wanted if "e" not in text]
    assert [text for text in plain if text in sheet] == []
    assert [text for text in plain if text not in key] == []  # the same look finds them where they are


class Elements(HTMLParser):
    """The elements of a page with what they are called."""

    def __init__(self, page):
        super().__init__()
        self.found, self.inside, self.text = [], 0, []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        self.inside += tag in ("script", "style")

    def handle_endtag(self, tag):
        self.inside -= tag in ("script", "style")

    def handle_data(self, data):
        self.text += [] if self.inside else [data]


@pytest.mark.parametrize("bug", [False, True])
def test_the_page_of_a_sheet_has_no_drawing_and_no_laboratory(bug):
    page = Elements(exercise([2, 3, 2], seed=7, bug=bug).sheet.to_html())
    whole = Elements(culpa.explain(*small_example([2, 3, 2], examples=1, seed=7)).to_html())

    def extras(elements):
        return {tag for tag, _ in elements.found if tag in ("svg", "canvas", "select")} | {
            attributes["id"] for _, attributes in elements.found if attributes.get("id") == "laboratory"
        }

    assert extras(page) == set()
    assert {"svg", "laboratory"} <= extras(whole)  # the same look finds them where they are


def test_the_sheet_and_the_key_hold_no_other_numbers_than_those_printed():
    for bug in (False, True):
        made = exercise([2, 3, 2], seed=7, bug=bug)
        assert made.sheet.worth is None
        assert not made.sheet.names[0]
        assert made.sheet.title.startswith("Exercise 7: ")
        assert made.key.title == "Exercise 7: answer key"


@pytest.mark.parametrize("bug", [False, True])
def test_the_same_seed_gives_the_same_exercise_and_others_give_others(bug):
    def printed(seed, **options):
        made = exercise([2, 3, 2], seed=seed, bug=bug, **options)
        return made.sheet.to_text(), made.key.to_text()

    assert printed(7) == printed(7)
    sheets = {printed(seed)[0].split("\n", 1)[1] for seed in range(12)}
    assert len(sheets) == 12
    keys = {printed(seed)[1].split("\n", 1)[1] for seed in range(12)}
    assert len(keys) == 12


def test_the_exercise_of_seed_7_stays_what_it_is():
    made = exercise([2, 3, 2], seed=7)
    values = {means.role: value for means, value in numbers_in(made.sheet) if means.role in "ht"}
    small = small_example([2, 3, 2], seed=7, examples=1)
    assert small.X.tolist() == [[0.8, -0.4]]
    assert values["h"] == -0.4
    loss = next(value for means, value in numbers_in(made.key) if means.role == "ℓ")
    a = small.network.layers[1].W @ (
        1 / (1 + np.exp(-(small.network.layers[0].W @ [0.8, -0.4] + small.network.layers[0].b)))
    )
    a = a + small.network.layers[1].b
    assert loss == pytest.approx(np.log(np.exp(a).sum()) - a[0], rel=1e-12)


def test_digits_and_notation_are_those_asked_for():
    made = exercise([2, 3, 2], digits=2, notation="ng")
    assert (made.sheet.digits, made.key.digits) == (2, 2)
    assert (made.sheet.notation.name, made.key.notation.name) == ("ng", "ng")
    assert lines_of(made.sheet)[0].symbols.terms[0].means == Quantity("h", lift(0))


REFUSED = {
    "too wide": (([2, 7, 2],), {}, "An exercise is for networks of at most 6 units a layer; got [2, 7, 2]."),
    "too many inputs": (([7, 2],), {}, "An exercise is for networks of at most 6 units a layer; got [7, 2]."),
    "no widths": (([],), {}, "`sizes` must name at least the columns of X and the outputs; got []."),
    "one width": (([3],), {}, "`sizes` must name at least the columns of X and the outputs; got [3]."),
    "no unit": (([2, 0, 2],), {}, "`sizes` must be a whole number, 1 or more; got 0."),
    "half a unit": (([2, 2.5, 2],), {}, "`sizes` must be a whole number, 1 or more; got 2.5."),
    "a text": (("2,3",), {}, "`sizes`"),
    "an unknown activation": (([2, 2],), {"activation": "rleu"}, "Unknown activation 'rleu'; known are identity"),
    "an unknown loss": (([2, 2],), {"loss": "mse"}, "Unknown loss 'mse'; known are cross_entropy"),
    "an unknown notation": (([2, 2],), {"notation": "x"}, "Unknown notation 'x'; known are note, ng, cs231n, nielsen."),
    "no digits": (([2, 2],), {"digits": 0}, "`digits` must be a whole number, 1 or more; got 0."),
    "a negative seed": (([2, 2],), {"seed": -1}, "`seed` must be a whole number, 0 or more; got -1."),
}


@pytest.mark.parametrize("bug", [False, True])
@pytest.mark.parametrize(("arguments", "options", "text"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_an_exercise_is_refused(arguments, options, text, bug):
    with pytest.raises(culpa.OptionError) as raised:
        exercise(*arguments, bug=bug, **options)
    assert str(raised.value).startswith(text)


def test_widths_may_come_from_anything_that_lists_them():
    text = exercise([2, 3, 2]).sheet.to_text()
    for sizes in ((2, 3, 2), np.array([2, 3, 2])):
        assert exercise(sizes).sheet.to_text() == text
