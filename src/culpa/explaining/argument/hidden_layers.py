# SPDX-License-Identifier: MIT
"""Talk to the hidden layers: how the error of a layer comes from that of the layer above.

∂ℓ/∂h_{k,j} = Σ_i ∂ℓ/∂a_{k+1,i} · ∂a_{k+1,i}/∂h_{k,j} = Σ_i δ_{k+1,i} W_{k+1,ij}
δ_k         = ∂ℓ/∂h_k ⊙ g_k′(a_k)
"""

from culpa.explaining.argument.largest import inputs_step
from culpa.explaining.derivation import Part, Step
from culpa.explaining.formulas.activation_formulas import slope_formula
from culpa.explaining.symbols import Index
from culpa.explaining.writing import Writer, sentence
from culpa.reporting.mathematics.expressions import Partial, Product, hadamard

__all__ = ["hidden_part"]


def hidden_part(w: Writer) -> Part:
    """One unit, then every hidden layer from the top down."""
    hidden = [k for k in reversed(w.chosen) if not isinstance(k, int) or w.worth is None or k < w.worth.depth]
    if not hidden:
        words = sentence("There are no hidden layers here: the error of the output is all there is.")
        return Part("hidden", "The hidden layers", (Step("hidden-none", "", words), *inputs_step(w)))
    return Part("hidden", "The hidden layers", (one_unit(w), *(layer(w, k) for k in hidden), *inputs_step(w)))


def one_unit(w: Writer) -> Step:
    """∂ℓ/∂h_{k,j} by the chain rule, over all units above."""
    s, k, i, j = w.symbols, w.symbols.k, w.symbols.i, w.symbols.j
    above = k + 1
    chain = Product((s.by("a", above, i), Partial(s.a(above, i), s.h(k, j))))
    words = sentence(
        "The output {} of a hidden unit reaches the loss through every unit {} of the layer above, so the shares of "
        "them all add up. On each way it is multiplied by one weight.",
        *(s.h(k, j), i),
    )
    words += w.known_as("hidden")
    shares = Product((s.delta(above, i), s.W(above, i, j)))
    lines = (
        *w.general(s.by("h", k, j), s.total(i, s.d(above), chain), s.total(i, s.d(above), shares)),
        *w.general(
            s.delta(k, j),
            Product((s.by("h", k, j), Partial(s.h(k, j), s.a(k, j)))),
            Product((s.by("h", k, j), s.slope(k, s.a(k, j)))),
        ),
    )
    for number, activation, formula in w.activations():
        a, h = s.a(number, j), s.h(number, j)
        forms = (slope_formula(activation, a), slope_formula(activation, a, h))
        known = [form for form in dict.fromkeys(forms) if form is not None]
        lines += w.general(s.slope(number, a), *known) + w.definitions(formula, *known)
    return Step("hidden-one", "For one unit", words, lines)


def layer(w: Writer, k: Index) -> Step:
    """A whole layer."""
    s = w.symbols
    above, d, d_above = k + 1, w.size(k), w.size(k + 1)
    back = s.product(s.shaped(s.W(above).T, d, d_above), s.shaped(s.delta(above), d_above, 1))
    lines = (
        w.line(s.shaped(s.by("h", k), d, 1), back),
        w.line(s.delta(k), hadamard(s.by("h", k), s.slope(k, s.a(k)))),
    )
    return Step(
        f"hidden-{w.name(k)}",
        w.heading(k),
        (),
        lines,
        code=w.statements("hidden", k),
    )
