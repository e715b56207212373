# SPDX-License-Identifier: MIT
"""Talk to the output layer: the loss of one example, and its derivative by the last pre-activations.

    δ_{L,c} = ∂ℓ/∂a_{L,c} = Σ_j ∂ℓ/∂h_{L,j} · ∂h_{L,j}/∂a_{L,c}

Each loss has its own chain, which `loss_formulas` knows; for most it ends in h_c − y_c.
"""

from culpa.engine.losses import LOSSES, Loss
from culpa.explaining.derivation import Line, Listed, Part, Step
from culpa.explaining.formulas.loss_formulas import LossFormula, loss_formula
from culpa.explaining.symbols import Index
from culpa.explaining.worth import Worth, index_value
from culpa.explaining.writing import Writer, sentence
from culpa.reporting.mathematics.expressions import Expression, Letter, Number, Partial, Product, hadamard

__all__ = ["formula_for", "loss_step", "output_part"]


def formula_for(w: Writer, loss: Loss, c: Index | None = None) -> LossFormula | None:
    """A loss in the letters of this derivation; None for a row of the user's own."""
    s, L = w.symbols, w.symbols.L
    return loss_formula(
        loss,
        a=lambda c: s.a(L, c),
        h=lambda c: s.h(L, c),
        t=lambda c: s.t(c),
        c=s.i if c is None else c,
        j=s.j,
        size=s.d(L),
        true=Letter("y") if w.numbers is None else true_class(w.numbers),
    )


def true_class(worth: Worth) -> int:
    """The class that the example's target is highest in, from 1."""
    return int(worth.targets[worth.example].argmax()) + 1


def is_one_hot(worth: Worth) -> bool:
    """Whether the example's target is a class."""
    row = worth.targets[worth.example]
    return worth.network.loss.targets == "classes" and bool(((row == 0) | (row == 1)).all())


def loss_step(w: Writer) -> Step:
    """The loss, at the end of the forward pass."""
    s = w.symbols
    formula = None if w.worth is None else formula_for(w, w.worth.network.loss)
    if w.worth is None or formula is None:
        text = "The loss compares the outputs {} with the targets {}, and is a single number {}."
        return Step("forward-loss", "The loss", sentence(text, s.h(s.L), s.t(), s.loss()), code=w.statements("loss"))
    name = w.worth.network.loss.name.replace("_", " ")
    lines: list[Line] = [w.line(s.loss(), formula.loss)]
    words = sentence(f"The loss ({name}) compares the outputs {{}} with the targets {{}}.", s.h(s.L), s.t())
    if formula.true_loss is not None and w.numbers is not None and is_one_hot(w.worth):
        number = true_class(w.worth)
        label = w.names[1][number - 1].strip() if number <= len(w.names[1]) else ""
        known = f" (label {label})" if label else ""
        words += sentence(f" The target is class {{}}{known}: a row of zeros with a single 1.", Number(number))
        lines = [*w.general(s.loss(), formula.loss), w.line(s.loss(), formula.true_loss)]
    remark = (" ", *formula.remark) if formula.remark else ()
    return Step("forward-loss", "The loss", (*words, *remark), tuple(lines), code=w.statements("loss"))


def output_part(w: Writer) -> Part:
    """The chain rule at the output, for any loss or for this one."""
    if w.worth is None:
        return Part("output", "The output layer", (chain_rule(w), every_loss(w)))
    formula = formula_for(w, w.worth.network.loss)
    steps = (chain_rule(w), *([] if formula is None else [this_loss(w, formula)]), error(w, w.worth))
    return Part("output", "The output layer", steps)


def chain_rule(w: Writer) -> Step:
    """∂ℓ/∂a_{L,c} through every output."""
    s, L, i, j = w.symbols, w.symbols.L, w.symbols.i, w.symbols.j
    through = Product((Partial(s.loss(), s.h(L, j)), Partial(s.h(L, j), s.a(L, i))))
    words = sentence(
        "The error {} is the derivative of the loss by the pre-activation {}: how the loss changes when the sum of "
        "unit {} is made a little larger. It goes through the outputs.",
        *(s.delta(L, i), s.a(L, i), i),
    )
    words += w.known_as("output")
    lines = w.general(s.delta(L, i), s.by("a", L, i), s.total(j, s.d(L), through))
    code = w.statements("output") if w.worth is None else None
    return Step("output-one", "For one output", words, lines, code=code)


def every_loss(w: Writer) -> Step:
    """What it comes to, for every loss of the table."""
    rows: list[tuple[str | Expression, ...]] = []
    for name, row in LOSSES.items():
        formula = formula_for(w, row)
        if formula is not None:
            rows.append((name, formula.output, formula.delta))
    s, L = w.symbols, w.symbols.L
    words = sentence("What comes of it depends on the loss and on the output function that belongs to it.")
    return Step("output-losses", "", words, listed=Listed(("loss", s.h(L, s.i), s.delta(L, s.i)), tuple(rows)))


def this_loss(w: Writer, formula: LossFormula) -> Step:
    """The chain of this loss."""
    s, L = w.symbols, w.symbols.L
    output = w.general(s.h(L, s.i), formula.output) if formula.output != s.a(L, s.i) else ()
    lines = (*output, *w.general(s.delta(L, s.i), *formula.chain))
    return Step("output-chain", "For this loss", formula.words, lines)


def error(w: Writer, worth: Worth) -> Step:
    """δ_L in numbers: as one vector where it is h − y, else output by output."""
    s, L, d = w.symbols, w.symbols.L, w.size(w.symbols.L)
    plain = s.h(L, s.i) - s.t(s.i)
    formula = formula_for(w, worth.network.loss)
    if formula is not None and formula.delta == plain:
        line = w.line(s.shaped(s.delta(L), d, 1), s.shaped(s.h(L), d, 1) - s.shaped(s.t(), d, 1))
        return Step("output-vector", "All outputs", (), (line,), code=w.statements("output"))
    if formula is not None and formula.by_output == plain and not formula.coupled:
        # NOTE: the only such loss whose output function is not the identity is elementwise, so it has a slope.
        product = hadamard(s.h(L) - s.t(), s.slope(L, s.a(L)))
        return Step("output-vector", "All outputs", (), (w.line(s.delta(L), product),), code=w.statements("output"))
    lines = [w.line(s.delta(L), s.by("a", L))]
    for c in w.axis(L):
        one = None if c is None else formula_for(w, worth.network.loss, c)
        if one is not None and c is not None:
            lines.append(w.line(s.delta(L, index_value(c, {})), one.delta))
    return Step("output-vector", "All outputs", (), tuple(lines), code=w.statements("output"))
