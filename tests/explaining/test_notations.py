# SPDX-License-Identifier: MIT
"""The notations, pinned as their sources write them: letters, order of factors, where 1/n is, where layers begin.

That all of them are true is held by `test_truth`; here stands what they look like.
"""

import re

import numpy as np
import pytest

import culpa
from culpa.explaining.notations import NOTATIONS, notation_named
from culpa.explaining.small import small_example
from culpa.reporting.mathematics.expressions import Matrix, Shaped, walk
from culpa.reporting.mathematics.flat import inline

SMALL = small_example([3, 4, 2], examples=3, seed=1)

PINNED = {
    "note": {
        "forward-one": "aₖ,ᵢ = Σ_{j=1..dₖ₋₁} Wₖ,ᵢⱼ hₖ₋₁,ⱼ + bₖ,ᵢ",
        "forward-1": "a₁ = W₁ h₀ + b₁",
        "output-vector": "δ₂ = h₂ − y",
        "hidden-1": "∂ℓ/∂h₁ = W₂ᵀ δ₂",
        "weights-2-outer": "∇_W₂ ℓ = δ₂ h₁ᵀ",
        "bias-one": "∂ℓ/∂bₖ,ᵢ = ∂ℓ/∂aₖ,ᵢ = δₖ,ᵢ",
        "batch-loss": "𝓛 = Σ_{m=1..n} wₘ ℓ⁽ᵐ⁾",
        "batch-2-sum": "∇_W₂ 𝓛 = Σ_{m=1..n} wₘ δ₂⁽ᵐ⁾ h₁⁽ᵐ⁾ᵀ",
        "batch-2-product": "∇_W₂ 𝓛 = (w ⊙ Δ₂)ᵀ H₁",
    },
    "ng": {
        "forward-one": "z^[l]ⱼ = Σ_{k=1..n^[l−1]} W^[l]ⱼₖ a^[l−1]ₖ + b^[l]ⱼ",
        "forward-1": "z^[1] = W^[1] a^[0] + b^[1]",
        "output-vector": "dz^[2] = a^[2] − y",
        "hidden-1": "da^[1] = W^[2]ᵀ dz^[2]",
        "weights-2-outer": "dW^[2] = dz^[2] a^[1]ᵀ",
        "bias-one": "∂𝓛/∂b^[l]ⱼ = ∂𝓛/∂z^[l]ⱼ = dz^[l]ⱼ",
        "batch-loss": "J = 1/m · Σ_{i=1..m} 𝓛⁽ⁱ⁾",
        "batch-2-sum": "dW^[2] = 1/m · Σ_{i=1..m} dz^[2](i) a^[1](i)ᵀ",
        "batch-2-product": "dW^[2] = 1/m dZ^[2] A^[1]ᵀ",
    },
    "cs231n": {
        "forward-one": "s_{k,m} = Σ_{d=1..Dₖ₋₁} W_{k,dm} h_{k−1,d} + b_{k,m}",
        "forward-1": "s₁ = h₀ W₁ + b₁",
        "output-vector": "ds₂ = h₂ − y",
        "hidden-1": "dh₁ = ds₂ W₂ᵀ",
        "weights-2-outer": "dW₂ = h₁ᵀ ds₂",
        "bias-one": "∂Lₙ/∂bₖ,ₘ = ∂Lₙ/∂sₖ,ₘ = dsₖ,ₘ",
        "batch-loss": "L = 1/N · Σ_{n=1..N} Lₙ",
        "batch-2-sum": "dW₂ = 1/N · Σ_{n=1..N} h₁,ₙᵀ ds₂,ₙ",
        "batch-2-product": "dW₂ = H₁ᵀ dS₂",
    },
    "nielsen": {
        "forward-one": "zˡⱼ = Σ_{k=1..dˡ⁻¹} wˡⱼₖ aˡ⁻¹ₖ + bˡⱼ",
        "forward-1": "z² = w² a¹ + b²",
        "output-vector": "δ³ = a³ − y",
        "hidden-1": "∂Cₓ/∂a² = (w³)ᵀ δ³",
        "weights-2-outer": "∇_{w³} Cₓ = δ³ (a²)ᵀ",
        "bias-one": "∂Cₓ/∂bˡⱼ = ∂Cₓ/∂zˡⱼ = δˡⱼ",
        "batch-loss": "C = 1/n · Σ_{x=1..n} Cₓ",
        "batch-2-sum": "∇_{w³} C = 1/n · Σ_{x=1..n} δˣ,³ (aˣ,²)ᵀ",
    },
}
SHAPES = {
    "note": {"W": (2, 4), "δ": (2, 1), "h": (1, 4), "batch": [(2, 3), (3, 4)]},
    "ng": {"W": (2, 4), "δ": (2, 1), "h": (1, 4), "batch": [(2, 3), (3, 4)]},
    "cs231n": {"W": (4, 2), "δ": (1, 2), "h": (4, 1), "batch": [(4, 3), (3, 2)]},
    "nielsen": {"W": (2, 4), "δ": (2, 1), "h": (1, 4)},
}


def steps_of(notation, **options):
    made = culpa.explain(*SMALL, notation=notation, **options)
    return {step.key: step for part in made.parts for step in part.steps}


def plain(equation):
    """An equation in one line, without the shapes under its factors."""
    return " ".join(re.sub(r" \(\w+×\w+\)", "", inline(equation)).split())


def matrices(expression, role):
    """The matrices of numbers that say they are this."""
    return [part for part in walk(expression) if isinstance(part, Matrix) and part.means and part.means.role == role]


def values(matrix):
    return np.array([[cell.value for cell in row] for row in matrix.cells])


@pytest.mark.parametrize("notation", NOTATIONS)
def test_every_form_is_as_its_source_writes_it(notation):
    found = steps_of(notation)
    for key, text in PINNED[notation].items():
        assert plain(found[key].lines[0].symbols) == text
    assert ("batch-2-product" in found) == (NOTATIONS[notation].stacked is not None)


@pytest.mark.parametrize("notation", NOTATIONS)
def test_the_shapes_under_the_factors_are_those_of_the_arrays(notation):
    found, wanted = steps_of(notation), SHAPES[notation]
    whole, product = found["weights-2-outer"].lines[0].symbols.terms

    def shape(part):
        return tuple(int(size.value) for size in part.shape)

    assert shape(whole) == wanted["W"]
    shapes = [shape(factor) for factor in product.factors]
    assert shapes == ([wanted["h"], wanted["δ"]] if NOTATIONS[notation].is_row else [wanted["δ"], wanted["h"]])
    if "batch" in wanted:
        factors = found["batch-2-product"].lines[0].symbols.terms[1]
        assert [shape(part) for part in walk(factors) if isinstance(part, Shaped)] == wanted["batch"]


MEANS = {
    "note": "of a mean lives in the weights",
    "ng": "stands before",
    "cs231n": "goes in at the output",
    "nielsen": "is that of the mean",
}


@pytest.mark.parametrize("notation", NOTATIONS)
def test_each_says_where_its_1_n_lives_and_its_statements_put_it_there(notation):
    found = steps_of(notation, code=True)
    words = "".join(word for word in found["batch-loss"].words if isinstance(word, str))
    assert [name for name, text in MEANS.items() if text in words] == [notation]
    code = {key: " ".join(step.code.statements) for key, step in found.items() if step.code is not None}
    mean = {"note": "1 / n", "ng": ") / m", "cs231n": "/= N", "nielsen": ") / n"}[notation]
    where = {"note": ["forward-loss"], "ng": ["forward-loss", "batch-1-sum", "batch-2-sum"],
             "cs231n": ["output-vector"], "nielsen": ["batch-1-sum", "batch-2-sum"]}[notation]  # fmt: skip
    assert [key for key, lines in code.items() if mean in lines] == where


def test_only_cs231ns_errors_of_all_examples_carry_the_1_n():
    gradient = culpa.gradient(*SMALL)
    for notation, share in (("note", 1), ("ng", 1), ("cs231n", 1 / 3)):
        numbers = steps_of(notation)["batch-2-product"].lines[0].numbers.terms[1]
        (errors,) = matrices(numbers, "wδ" if notation == "cs231n" else "δ")
        shown = values(errors).T if NOTATIONS[notation].stacked == "columns" else values(errors)
        assert np.allclose(shown, share * gradient.layers[1].delta, rtol=1e-12)
        (one,) = matrices(steps_of(notation)["weights-2-outer"].lines[0].numbers.terms[1], "δ")
        assert np.allclose(values(one).ravel(), gradient.layers[1].delta[0], rtol=1e-12)


def test_the_weights_lie_as_each_notation_has_them_and_the_numbers_are_the_same():
    for notation, row in NOTATIONS.items():
        (W,) = matrices(steps_of(notation)["forward-1"].lines[0].numbers, "W")
        assert np.array_equal(values(W).T if row.is_row else values(W), SMALL.network.layers[0].W)


def test_the_general_network_has_the_letters_of_its_notation():
    for notation, letters in {"note": "aₖ ", "ng": "z^[l] ", "cs231n": "sₖ ", "nielsen": "zˡ "}.items():
        made = culpa.explain(notation=notation, part="forward")
        (step,) = [step for step in made.parts[0].steps if step.key == "forward-k"]
        assert plain(step.lines[0].symbols).startswith(letters)
        assert made.notation is NOTATIONS[notation]


def test_each_notation_names_its_source_and_stands_under_its_own_name():
    for name, row in NOTATIONS.items():
        assert (row.name, notation_named(name)) == (name, row)
        assert len(row.source) > 20
    assert [row.first for row in NOTATIONS.values()] == [1, 1, 1, 2]
    assert [row.is_row for row in NOTATIONS.values()] == [False, False, True, False]


@pytest.mark.parametrize("name", ["Note", "", None, 3, ["ng"]])
def test_an_unknown_notation_is_refused(name):
    with pytest.raises(culpa.OptionError, match="Unknown notation"):
        notation_named(name)
