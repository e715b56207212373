# SPDX-License-Identifier: MIT
"""Talk to the parameters: the derivative by one weight, by the matrix of weights, and by the bias.

    ∂ℓ/∂W_{k,ij} = ∂ℓ/∂a_{k,i} · ∂a_{k,i}/∂W_{k,ij} = δ_{k,i} h_{k−1,j}
    ∇_{W_k} ℓ    = the matrix of these = δ_k h_{k−1}ᵀ
    ∇_{b_k} ℓ    = δ_k

Source: the note in the order of its argument, with its slips put right: b has two indices, W_k is rectangular.
"""

import numpy as np

from culpa.explaining.argument.largest import weights_step
from culpa.explaining.derivation import Part, Step
from culpa.explaining.symbols import Index, Quantity
from culpa.explaining.worth import Worth
from culpa.explaining.writing import Writer, sentence
from culpa.reporting.mathematics.expressions import Expression, Partial, Product

__all__ = ["bias_part", "weights_part"]


def weights_part(w: Writer) -> Part:
    """For one weight, for the matrix elementwise, and as an outer product."""
    steps = [one_weight(w)]
    for k in w.chosen:
        steps += [partials(w, k), expanded(w, k), outer(w, k)]
    return Part("weights", "The weights", (*steps, *weights_step(w)))


def one_weight(w: Writer) -> Step:
    """∂ℓ/∂W_{k,ij} by the chain rule."""
    s, k, i, j = w.symbols, w.symbols.k, w.symbols.i, w.symbols.j
    chain = Product((s.by("a", k, i), derivative(w, k, i, j)))
    lines = (
        *w.general(s.by("W", k, i, j), chain),
        *w.general(derivative(w, k, i, j), s.h(k - 1, j)),
        *w.general(s.by("W", k, i, j), Product((s.delta(k, i), s.h(k - 1, j)))),
    )
    if w.worth is not None and w.show != "symbols":
        for number in w.given:
            to, source = heaviest(w.worth, number)
            product = Product((s.delta(number, to), s.h(number - 1, source)))
            lines += (w.line(s.by("W", number, to, source), product),)
    words = sentence(
        "The weight {} leads from unit {} of the layer before to unit {}. It touches the loss through {} alone. "
        "In that sum it is multiplied by {}, and nothing else depends on it.",
        *(s.W(k, i, j), j, i, s.a(k, i), s.h(k - 1, j)),
    )
    if w.numbers is not None:
        of = "of the layer" if len(w.given) == 1 else "of each layer"
        words += (f" In numbers it stands below for the weight {of} whose derivative is the largest.",)
    words += w.known_as("weights")
    return Step("weights-one", "For one weight", words, lines)


def derivative(w: Writer, k: Index, i: Index, j: Index) -> Expression:
    """∂a_{k,i}/∂W_{k,ij}."""
    return Partial(w.symbols.a(k, i), w.symbols.W(k, i, j))


def heaviest(worth: Worth, k: int) -> tuple[int, int]:
    """The weight with the largest derivative, (to, from) from 1."""
    block = np.abs(worth.whole(Quantity("dW"), k, None))
    i, j = np.unravel_index(int(block.argmax()), block.shape)
    return int(i) + 1, int(j) + 1


def partials(w: Writer, k: Index) -> Step:
    """The matrix of partial derivatives."""
    s = w.symbols
    shape = (w.size(k), w.size(k - 1))
    table = s.matrix(lambda i, j: s.by("W", k, i, j), w.axis(k), w.axis(k - 1), shape)
    words = sentence(
        "The derivatives by all the weights of layer {} make a matrix of the shape of {}.", s.layer(k), s.W(k)
    )
    return Step(
        f"weights-{w.name(k)}-partials",
        f"Layer {w.called(k)}: the matrix of weights",
        words,
        w.general(s.by("W", k), table),
    )


def expanded(w: Writer, k: Index) -> Step:
    """Each entry as δ_i h_j."""
    s = w.symbols
    table = s.matrix(
        lambda i, j: Product((s.delta(k, i), s.h(k - 1, j))), w.axis(k), w.axis(k - 1), (w.size(k), w.size(k - 1))
    )
    return Step(
        f"weights-{w.name(k)}-expanded",
        "",
        sentence("With the formula for one weight in each cell:"),
        (w.line(s.by("W", k), table),),
    )


def outer(w: Writer, k: Index) -> Step:
    """The outer product."""
    s, d, before = w.symbols, w.size(k), w.size(k - 1)
    delta, h = s.shaped(s.delta(k), d, 1), s.shaped(s.h(k - 1).T, 1, before)
    factors = (s.shaped(s.h(k - 1).T, 1, before), s.shaped(s.delta(k), d, 1)) if s.notation.is_row else (delta, h)
    line = w.line(s.shaped(s.by("W", k), d, before), Product(factors))
    way = ("column", "row") if s.notation.is_row else ("row", "column")
    words = sentence(
        f"Every {way[0]} has its own {{}} and every {way[1]} its own {{}}: the matrix is an outer product.",
        *(s.delta(k, s.i), s.h(k - 1, s.j)),
    )
    return Step(f"weights-{w.name(k)}-outer", "", words, (line,), code=w.statements("weights", k))


def bias_part(w: Writer) -> Part:
    """For the bias."""
    s = w.symbols
    k, i = s.k, s.i
    if not w.biased:
        return Part("bias", "The bias", (Step("bias-none", "", sentence("There are no biases here.")),))
    lines = (*w.general(s.by("b", k, i), s.by("a", k, i), s.delta(k, i)),)
    whole = tuple(w.line(s.by("b", number), s.delta(number)) for number in w.biased)
    words = sentence("The bias {} is added to {} as it is, so its factor is 1.", s.b(k, i), s.a(k, i))
    words += w.known_as("bias")
    step = Step("bias-one", "For one bias", words, lines + whole, code=w.statements("bias", *w.biased))
    return Part("bias", "The bias", (step,))
