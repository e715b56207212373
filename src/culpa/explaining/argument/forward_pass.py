# SPDX-License-Identifier: MIT
"""The forward pass in words and numbers: how the inputs become outputs, and those a loss.

a_k = W_k h_{k−1} + b_k,  h_k = g_k(a_k),  ℓ = ℓ(a_L, y)
"""

from culpa.explaining.argument.output_layer import loss_step
from culpa.explaining.derivation import Line, Part, Step
from culpa.explaining.formulas.activation_formulas import formula_of
from culpa.explaining.symbols import Index
from culpa.explaining.writing import Writer, sentence
from culpa.reporting.mathematics.expressions import Expression, Product

__all__ = ["forward_part"]


def forward_part(w: Writer) -> Part:
    """One unit, then every layer, then the loss."""
    ends = w.worth is None or w.worth.depth in w.given
    steps = (one_unit(w), *(layer(w, k) for k in w.chosen), *([loss_step(w)] if ends else []))
    return Part("forward", "The forward pass", steps)


def one_unit(w: Writer) -> Step:
    """How a unit comes to its output."""
    s, k, i, j = w.symbols, w.symbols.k, w.symbols.i, w.symbols.j
    weighted = s.total(j, w.symbols.d(k - 1), Product((s.W(k, i, j), s.h(k - 1, j))))
    adds = "adds its bias, " if w.biased else ""
    whole = w.worth is None or w.worth.network.loss.output.name == "softmax"
    softmax = "; in the last layer the softmax takes all sums at once" if whole else ""
    words = sentence(
        f"Unit {{}} of layer {{}} weighs the outputs of the layer before, {adds}and sends the sum through its "
        f"activation{softmax}. The outputs of layer {{}} are the inputs.",
        *(i, k, s.layer(0)),
    )
    total = weighted + s.b(k, i) if w.biased else weighted
    lines = (*w.general(s.a(k, i), total), *w.general(s.h(k, i), s.g(k, s.a(k, i))))
    for number, activation, formula in w.activations():
        words += (f" {formula.words}",)
        a = s.a(number, i)
        value = formula_of(activation, a)
        lines += () if value is None else w.general(s.h(number, i), s.g(number, a), value)
        lines += w.definitions(formula, value)
    return Step("forward-one", "For one unit", words, lines, code=w.statements("start"))


def layer(w: Writer, k: Index) -> Step:
    """A whole layer."""
    s = w.symbols
    before = k - 1
    d, d_before = w.size(k), w.size(before)
    product = s.product(s.shaped(s.W(k), d, d_before), s.shaped(s.h(before), d_before, 1))
    total: Expression = product + s.shaped(s.b(k), d, 1) if w.has_bias(k) else product
    lines: tuple[Line, ...] = (w.line(s.shaped(s.a(k), d, 1), total),)
    lines += (w.line(s.h(k), s.g(k, s.a(k))),)
    return Step(f"forward-{w.name(k)}", w.heading(k), (), lines, code=w.statements("forward", k))
