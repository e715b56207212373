# SPDX-License-Identifier: MIT
"""All examples together: the sum of outer products, the same as one product of matrices, and where 1/n lives.

    𝓛    = Σ_m w_m ℓ_m                               w_m = 1/n for the mean
    ∇W_k = Σ_m w_m δ_k^(m) h_{k−1}^(m)ᵀ              = (w ⊙ Δ_k)ᵀ H_{k−1}, with examples in rows
    ∇b_k = Σ_m w_m δ_k^(m)

The four notations agree in these numbers and differ in where they keep the 1/n.
"""

from culpa.explaining.derivation import Part, Step, Words
from culpa.explaining.symbols import Index
from culpa.explaining.writing import Writer, sentence
from culpa.reporting.mathematics.expressions import Expression, Fraction, Number, Shaped, hadamard, lift

__all__ = ["batch_part", "weighted"]


def batch_part(w: Writer) -> Part:
    """The loss of all examples, then every layer's gradient, then the penalty."""
    steps = [loss(w)]
    for k in w.chosen:
        steps += [sums(w, k), *([] if w.symbols.notation.stacked is None else [matrices(w, k)])]
    if w.worth is None or w.worth.network.l2:
        steps.append(penalty(w))
    return Part("batch", "All examples together", tuple(steps))


def where(w: Writer) -> Words:
    """Where this notation keeps the 1/n."""
    s = w.symbols
    one = Fraction(Number(1), s.n)
    if s.notation.mean == "weights":
        text = "The {} of a mean lives in the weights {} and nowhere else: every {} is one example's own."
        return sentence(text, one, s.share(s.m), s.delta(s.k))
    if s.notation.mean == "gradient":
        text = "The {} stands before {} and {}; every {} is one example's own."
        return sentence(text, one, s.gradient("W", s.k), s.gradient("b", s.k), s.delta(s.k))
    if s.notation.mean == "error":
        text = "The {} goes in at the output, into {}, so that every {} carries it and {} is a plain product."
        return sentence(text, one, s.every("wδ", s.L), s.every("wδ", s.k), s.gradient("W", s.k))
    return sentence("The {} is that of the mean: every example has a gradient of its own, and they are averaged.", one)


def loss(w: Writer) -> Step:
    """The loss over all examples, and where its 1/n goes."""
    s = w.symbols
    words = (*sentence("The loss of all {} examples is the mean of each one's own. ", s.n), *where(w))
    code = None if w.worth is None else w.statements("batch")
    return Step("batch-loss", "The loss", words, (w.line(s.cost(), weighted(w, s.loss(s.m))),), code=code)


def weighted(w: Writer, body: Expression) -> Expression:
    """Σ over the examples with their weights, or the mean of them."""
    s = w.symbols
    if s.notation.mean == "weights":
        return s.total(s.m, s.n, s.share(s.m) * body)
    return Fraction(Number(1), s.n) * s.total(s.m, s.n, body)


def sums(w: Writer, k: Index) -> Step:
    """A layer's gradient as a sum over examples."""
    s = w.symbols
    lines = [w.line(s.gradient("W", k), weighted(w, s.outer(k, k - 1, s.m)))]
    if w.has_bias(k):
        lines.append(w.line(s.gradient("b", k), weighted(w, s.delta(k, example=s.m))))
    words = sentence("The gradient of a sum is the sum of the gradients, each of them an outer product.")
    return Step(
        f"batch-{w.name(k)}-sum",
        f"The gradient of layer {w.called(k)}",
        words,
        tuple(lines),
        code=w.statements("batch", k),
    )


def matrices(w: Writer, k: Index) -> Step:
    """The same as one product of matrices."""
    s, n = w.symbols, w.count
    d, before = w.size(k), w.size(k - 1)
    H = s.every("h", k - 1)
    if s.notation.mean == "error":
        product: Expression = under(H.T, before, n) * under(s.every("wδ", k), n, d)
    elif s.notation.stacked == "columns":
        product = Fraction(Number(1), s.n) * under(s.every("δ", k), d, n) * under(H.T, n, before)
    else:
        product = under(hadamard(s.shares(), s.every("δ", k)).T, d, n) * under(H, n, before)
    way = "rows" if s.notation.stacked == "rows" else "columns"
    words = sentence(
        f"With the examples as the {way} of two matrices it is one product: no loop over examples is needed."
    )
    return Step(f"batch-{w.name(k)}-product", "", words, (w.line(s.shaped(s.gradient("W", k), d, before), product),))


def under(matrix: Expression, rows: Index, columns: Index) -> Shaped:
    """A matrix of all examples with its shape under it, as it lies in this notation."""
    return Shaped(matrix, (lift(rows), lift(columns)))


def penalty(w: Writer) -> Step:
    """What the penalty adds."""
    s = w.symbols
    words = sentence(
        "The penalty, half of {} times the sum of the squares of all weights, adds its own derivative; the biases are "
        "exempt, and no example has a part in it.",
        s.l2(),
    )
    lines = tuple(w.line(s.objective(k), s.gradient("W", k) + s.l2() * s.W(k)) for k in w.chosen)
    return Step("batch-penalty", "The penalty", words, lines, code=w.statements("penalty", *w.chosen))
