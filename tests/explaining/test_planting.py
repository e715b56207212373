# SPDX-License-Identifier: MIT
"""Which mistakes are planted, and what the key says of them: fair ones, in the sheet's letters, beside the right line.

That exactly one line of a sheet is wrong, and it is the one named, is held by `test_bugs`.
"""

import re

import numpy as np
import pytest

import culpa
from culpa.engine.losses import LOSSES
from culpa.explaining.exercising import exercise
from culpa.explaining.notations import NOTATIONS
from culpa.explaining.planting import KINDS, number_of
from culpa.explaining.small import small_example
from culpa.reporting.mathematics.expressions import Expression, Letter, Matrix, Nabla, Partial, Shaped, walk

SEEDS = range(40)
CLASSIC = ("g′ missing", "dW transposed", "W already updated", "target left out", "∂ℓ/∂h in place of δ")
BLOCKS = {"dW": "weight", "db": "bias", "δ": "delta"}


def values_of(matrix):
    return np.array([[cell.value for cell in row] for row in matrix.cells])


def key_of(made):
    """The key's line: its quantity, the value on the sheet, and the value that it should have."""
    named, wrong, right = made.key.part("mistake").steps
    letter = named.words[1]
    means = letter.by.means if isinstance(letter, Nabla | Partial) else letter.means
    (line,) = wrong.lines
    assert line.symbols.terms[0] == letter
    left = right.lines[0].symbols.terms[0]
    assert (left.of if isinstance(left, Shaped) else left) == letter
    whole = right.lines[0].numbers or right.lines[0].symbols
    matrices = [part for part in (whole.terms[0], whole.terms[-1]) for part in walk(part) if isinstance(part, Matrix)]
    return means, values_of(line.symbols.terms[1]), values_of(matrices[0])


def engines(means, gradient):
    """The engine's own value of a quantity, as it lies in the notation."""
    k = int(means.layer.value)
    role = {"h": "dh", "W": "dW", "b": "db", "a": "δ"}.get(means.role, means.role)
    value = gradient.hidden(k).T if role == "dh" else np.asarray(getattr(gradient.layers[k - 1], BLOCKS[role]))
    upright = value.T if role == "δ" else value[:, None] if role == "db" else value
    return upright.T if means.turned else upright


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("loss", [None, "squared_error", "softmax_squared_error"])
def test_the_wrong_line_stands_beside_the_right_one_which_is_the_engines(notation, loss):
    for seed in range(20):
        made = exercise([2, 3, 2], seed=seed, bug=True, notation=notation, loss=loss)
        gradient = culpa.gradient(*small_example([2, 3, 2], seed=seed, examples=1, loss=loss))
        means, wrong, right = key_of(made)
        assert np.allclose(right, engines(means, gradient), rtol=1e-9, atol=1e-15), seed
        assert wrong.shape != right.shape or not np.allclose(wrong, right, rtol=1e-3), seed
        on_sheet = [
            values_of(line.symbols.terms[1])
            for step in made.sheet.part("worked").steps
            for line in step.lines
            if line.symbols.terms[0] == made.key.part("mistake").steps[0].words[1]
        ]
        assert len(on_sheet) == 1
        assert np.array_equal(on_sheet[0], wrong)


def test_a_wrong_line_is_off_by_more_than_rounding():
    for activation in ("logistic", "tanh", "relu", "softplus"):
        for seed in SEEDS:
            _, wrong, right = key_of(exercise([2, 3, 2], activation=activation, seed=seed, bug=True))
            size = max(np.abs(wrong).max(), np.abs(right).max())
            assert wrong.shape != right.shape or np.abs(wrong - right).max() > 0.02 * size, (activation, seed)


@pytest.mark.parametrize("activation", ["logistic", "tanh", "relu", "gelu"])
def test_no_slope_is_planted_that_nobody_has_by_heart(activation):
    said = set()
    for seed in SEEDS:
        for kind in ("g′ of another activation", "g′ of another activation, in h"):
            made = exercise([2, 3, 2], activation=activation, seed=seed, mistake=kind)
            words = made.key.part("mistake").steps[0].words
            said |= set(re.findall(r"is that of (\w+)[.,]", "".join(map(str, words))))
    assert said
    assert said <= {"logistic", "tanh", "relu"} - {activation}


@pytest.mark.parametrize("kind", CLASSIC)
def test_a_mistake_can_be_chosen_by_its_name_or_its_number(kind):
    number = number_of(kind)
    assert KINDS[int(number) - 1] == kind
    keys = [exercise([2, 3, 2], seed=3, mistake=name).key.to_text() for name in (kind, number, kind.replace("′", "'"))]
    assert keys[0] == keys[1] == keys[2]
    assert keys[0] != exercise([2, 3, 2], seed=4, mistake=kind).key.to_text()


def test_every_mistake_that_a_refusal_lists_can_be_planted():
    with pytest.raises(culpa.OptionError, match=r"Unknown mistake 'g mising'; known are .*did you mean 'g") as raised:
        exercise([2, 3, 3, 2], mistake="g mising")
    listed = [kind for kind in KINDS if kind in str(raised.value)]
    assert len(listed) >= 20
    for kind in listed:
        if kind in str(raised.value).split("known are ")[1].replace(", in h", ""):
            assert exercise([2, 3, 3, 2], mistake=kind).key.part("mistake")
    with pytest.raises(culpa.OptionError, match="Unknown mistake 'labels shifted'"):
        exercise([2, 3, 2], mistake="labels shifted")  # one example has no neighbour
    with pytest.raises(culpa.OptionError, match="Unknown mistake '99'"):
        exercise([2, 3, 2], mistake="99")


@pytest.mark.parametrize("notation", NOTATIONS)
def test_the_key_speaks_in_the_letters_of_the_sheet(notation):
    letters = re.compile(r"[∂dδWha]_?\d|_\d|w_i|Σ")
    formulas = 0
    for seed in SEEDS:
        steps = exercise([2, 3, 3, 2], seed=seed, bug=True, notation=notation).key.part("mistake").steps
        for step in steps:
            assert not [word for word in step.words if isinstance(word, str) and letters.search(word)], seed
            formulas += sum(isinstance(word, Expression) for word in step.words)
            glyphs = {part.glyph for part in walk(step.words) if isinstance(part, Letter)}
            assert notation == "note" or "h" not in glyphs or NOTATIONS[notation].out == "h"
    assert formulas > len(SEEDS)
    assert letters.search("dW_2 is taken with h_1")


def test_layers_are_counted_as_the_notation_has_it():
    key = exercise([2, 3, 2], mistake="g′ missing", notation="nielsen").key
    said = "".join(map(str, key.part("mistake").steps[0].words))
    assert "in layer 2. " in said
    assert "missing at layer 2." in said


FORMS = {
    "text": lambda made: made.to_text(),
    "latex": lambda made: made.to_latex(),
    "github": lambda made: made.to_markdown(),
    "obsidian": lambda made: made.to_markdown(flavour="obsidian"),
    "plain": lambda made: made.to_markdown(flavour="plain"),
    "html": lambda made: made.to_html(),
}
UNKNOWN = re.compile(r"\[?\\mathrm\{U[0-9A-F]{4,}\}|\[U\+[0-9A-F]{4,}\]|�")
"""What the printers write for a sign that they do not know."""


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("form", FORMS)
def test_no_document_has_a_sign_that_its_printer_does_not_know(form, notation):
    small = small_example([2, 3, 2], seed=1)
    pages = [culpa.explain(notation=notation), culpa.explain(*small, notation=notation, code=True)]
    pages += [culpa.explain(*small, notation=notation, weight=(1, 1, 1))]
    for loss in LOSSES:
        pages += exercise([2, 3, 2], notation=notation, loss=loss)
    pages += [page for kind in CLASSIC for page in exercise([2, 3, 2], seed=2, mistake=kind, notation=notation)]
    for page in pages:
        assert UNKNOWN.findall(FORMS[form](page)) == [], page.title


def test_a_sign_that_no_printer_knows_would_be_seen():
    strange = culpa.explain()
    step = strange.parts[0].steps[0]
    object.__setattr__(step, "words", (*step.words, Letter("中"), "中"))
    assert UNKNOWN.findall(strange.to_latex()) == [r"[\mathrm{U4E2D}", "[U+4E2D]"]
    assert UNKNOWN.findall(strange.to_markdown()) == [r"[\mathrm{U4E2D}"]
