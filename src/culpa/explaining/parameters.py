# SPDX-License-Identifier: MIT
"""Talk to the parameters: the derivative by one weight, by the matrix of weights, and by the bias.

    ∂ℓ/∂W_{k,ij} = ∂ℓ/∂a_{k,i} · ∂a_{k,i}/∂W_{k,ij} = δ_{k,i} h_{k−1,j}
    ∇_{W_k} ℓ    = the matrix of these = δ_k h_{k−1}ᵀ
    ∇_{b_k} ℓ    = δ_k

Source: the note in the order of its argument, with its slips put right: b has two indices, W_k is rectangular.
"""

import numpy as np

from culpa.explaining.derivation import Part, Step
from culpa.explaining.symbols import Index, Quantity
from culpa.explaining.worth import Worth
from culpa.explaining.writing import Writer
from culpa.reporting.mathematics.expressions import Expression, Number, Product

__all__ = ["bias_part", "weights_part"]


def weights_part(w: Writer) -> Part:
    """For one weight, for the matrix elementwise, and as an outer product."""
    steps = [one_weight(w)]
    for k in w.chosen:
        steps += [partials(w, k), expanded(w, k), outer(w, k)]
    return Part("weights", "The weights", tuple(steps))


def one_weight(w: Writer) -> Step:
    """∂ℓ/∂W_{k,ij} by the chain rule."""
    s, k, i, j = w.symbols, w.symbols.k, w.symbols.i, w.symbols.j
    chain = Product((s.by("a", k, i), derivative(w, k, i, j)))
    lines = (
        *w.general(s.by("W", k, i, j), chain),
        *w.general(derivative(w, k, i, j), s.h(k - 1, j)),
        *w.general(s.by("W", k, i, j), Product((s.delta(k, i), s.h(k - 1, j)))),
    )
    if w.worth is not None:
        for number in w.chosen:
            to, source = heaviest(w.worth, number)
            product = Product((s.delta(number, to), s.h(number - 1, source)))
            lines += (w.line(s.by("W", number, to, source), product),)
    words = (
        "The weight ", s.W(k, i, j), " leads from unit ", j, " of the layer before to unit ", i,
        ". It touches the loss through ", s.a(k, i), " alone. In that sum it is multiplied by ", s.h(k - 1, j),
        ", and nothing else depends on it.",
    )  # fmt: skip
    return Step("weights-one", "For one weight", words, lines)


def derivative(w: Writer, k: "Index", i: "Index", j: "Index") -> Expression:
    """∂a_{k,i}/∂W_{k,ij}."""
    from culpa.reporting.mathematics.expressions import Partial

    return Partial(w.symbols.a(k, i), w.symbols.W(k, i, j))


def heaviest(worth: Worth, k: int) -> tuple[int, int]:
    """The weight with the largest derivative, (to, from) from 1."""
    block = np.abs(worth.whole(Quantity("dW"), k, None))
    i, j = np.unravel_index(int(block.argmax()), block.shape)
    return int(i) + 1, int(j) + 1


def partials(w: Writer, k: "Index") -> Step:
    """The matrix of partial derivatives."""
    s = w.symbols
    shape = (w.size(k), w.size(k - 1))
    table = s.matrix(lambda i, j: s.by("W", k, i, j), w.axis(k), w.axis(k - 1), shape)
    words = ("The derivatives by all the weights of layer ", s.layer(k), " make a matrix of the shape of ", s.W(k), ".")
    return Step(f"weights-{name(k)}-partials", "For the matrix of weights", words, w.general(s.by("W", k), table))


def expanded(w: Writer, k: "Index") -> Step:
    """Each entry as δ_i h_j."""
    s = w.symbols
    table = s.matrix(
        lambda i, j: Product((s.delta(k, i), s.h(k - 1, j))), w.axis(k), w.axis(k - 1), (w.size(k), w.size(k - 1))
    )
    return Step(
        f"weights-{name(k)}-expanded",
        "",
        ("With the formula for one weight in each cell:",),
        (w.line(s.by("W", k), table),),
    )


def outer(w: Writer, k: "Index") -> Step:
    """The outer product."""
    s, d, before = w.symbols, w.size(k), w.size(k - 1)
    delta, h = s.shaped(s.delta(k), d, 1), s.shaped(s.h(k - 1).T, 1, before)
    factors = (s.shaped(s.h(k - 1).T, 1, before), s.shaped(s.delta(k), d, 1)) if s.notation.is_row else (delta, h)
    line = w.line(s.shaped(s.by("W", k), d, before), Product(factors))
    words = ("Every row has its own ", s.delta(k, s.i), " and every column its own ", s.h(k - 1, s.j),
             ": the matrix is an outer product.")  # fmt: skip
    return Step(f"weights-{name(k)}-outer", "", words, (line,))


def bias_part(w: Writer) -> Part:
    """For the bias."""
    s = w.symbols
    k, i = s.k, s.i
    lines = (*w.general(s.by("b", k, i), s.by("a", k, i), s.delta(k, i)),)
    whole = tuple(w.line(s.by("b", number), s.delta(number)) for number in w.chosen)
    words = ("The bias ", s.b(k, i), " is added to ", s.a(k, i), " as it is, so its factor is 1.")
    return Part("bias", "The bias", (Step("bias-one", "For one bias", words, lines + whole),))


def name(k: "Index") -> str:
    """A layer in a step's key."""
    return str(k) if isinstance(k, int) else str(k.value) if isinstance(k, Number) else "k"
