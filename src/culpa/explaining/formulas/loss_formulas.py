# SPDX-License-Identifier: MIT
"""The losses' formulas: for each row of the engine's table ℓ, the output function, and δ_c by the chain rule.

    formula = loss_formula(LOSSES["cross_entropy"], a=…, h=…, t=…, c=c, j=j, size=3)
    formula.loss       −Σ_j t_j log h_j
    formula.output     e^(a_c) / Σ_j e^(a_j)
    formula.chain      Σ_j (−t_j / h_j) h_j ([j = c] − h_c) = … = h_c − t_c, which is formula.delta

The letters come from outside, as functions of an index: so the same row is written in any notation, and about any
output. The index c is free (a letter or a number); j is bound by sums. Knows no network.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from culpa.engine.losses import LOSSES, Loss
from culpa.explaining.derivation import Words
from culpa.explaining.formulas.activation_formulas import exponential
from culpa.reporting.mathematics.expressions import (
    BigSum,
    Cases,
    Enclosed,
    Expression,
    Letter,
    Like,
    Number,
    Relation,
    lift,
    operator,
)

__all__ = ["LOSS_FORMULAS", "Letters", "LossFormula", "LossRow", "loss_formula", "loss_row"]

Indexed: TypeAlias = Callable[[Expression], Expression]
log, least, largest = (operator(name) for name in ("log", "min", "max"))
HALF = Number(1) / 2


class Letters(NamedTuple):
    """What a loss is written in.

    Attributes:
        a, h, t: The logits, the outputs and the targets, each a function of an index.
        c: The output that δ_c is of: a letter, or a number.
        j: The letter of a sum over the outputs.
        size: How many outputs there are: a number, or a letter.
        true: The true class, where targets are classes: a letter, or a number.
    """

    a: Indexed
    h: Indexed
    t: Indexed
    c: Expression
    j: Letter
    size: Expression
    true: Expression

    def total(self, body: Expression) -> BigSum:
        """Σ_j over all outputs."""
        return BigSum(self.j, Number(1), self.size, body)


@dataclass(frozen=True, slots=True)
class LossFormula:
    """One loss in given letters.

    Args:
        output: h_c, from the logits.
        loss: ℓ of one example.
        by_output: ∂ℓ/∂h, by output j where the outputs are coupled, else by output c.
        slope: ∂h_j/∂a_c where they are coupled, else ∂h_c/∂a_c.
        chain: δ_c = ∂ℓ/∂a_c by the chain rule, step by step; all are equal, and the last is δ_c at its shortest.
        words: Why it comes out as it does.
        coupled: Whether each output depends on every logit.
        true_loss, true_delta: ℓ and δ_c where the target is a class and not a row; None for other losses.
        remark: What else the reader should know, such as 0 log 0 = 0.
    """

    output: Expression
    loss: Expression
    by_output: Expression
    slope: Expression
    chain: tuple[Expression, ...]
    words: Words
    coupled: bool = False
    true_loss: Expression | None = None
    true_delta: Expression | None = None
    remark: Words = ()

    @property
    def delta(self) -> Expression:
        """δ_c at its shortest."""
        return self.chain[-1]


def same(left: Expression, right: Expression) -> Enclosed:
    """[left = right]: 1 where they are, and 0 where not."""
    return Enclosed(Relation(left, "=", right), "[]")


def softmax(s: Letters) -> tuple[Expression, Expression]:
    """h_c, and ∂h_j/∂a_c."""
    output = exponential(s.a(s.c)) / s.total(exponential(s.a(s.j)))
    return output, s.h(s.j) * (same(s.j, s.c) - s.h(s.c))


def logistic(s: Letters) -> tuple[Expression, Expression]:
    """h_c, and ∂h_c/∂a_c."""
    return 1 / (1 + exponential(-s.a(s.c))), s.h(s.c) * (1 - s.h(s.c))


def cross_entropy(s: Letters) -> LossFormula:
    """−Σ t log p, of a softmax."""
    output, slope = softmax(s)
    p, t = s.h(s.c), s.t(s.c)
    by_output = -(s.t(s.j) / s.h(s.j))
    chain = (
        s.total(by_output * slope),
        s.total(s.t(s.j) * (p - same(s.j, s.c))),
        p * s.total(s.t(s.j)) - t,
        p - t,
    )
    words: Words = (
        "The ",
        s.h(s.j),
        " below cancels the one that the softmax's slope brings, and the targets sum to 1.",
    )
    true = (-log(s.h(s.true)), p - same(s.c, s.true))
    return LossFormula(output, -s.total(s.t(s.j) * log(s.h(s.j))), by_output, slope, chain, words, True, *true)


def binary_cross_entropy(s: Letters) -> LossFormula:
    """−Σ t log p + (1−t) log(1−p), of a logistic function."""
    output, slope = logistic(s)
    p, t = s.h(s.c), s.t(s.c)
    loss = -s.total(s.t(s.j) * log(s.h(s.j)) + (1 - s.t(s.j)) * log(1 - s.h(s.j)))
    by_output = (1 - t) / (1 - p) - t / p
    chain = (by_output * slope, (1 - t) * p - t * (1 - p), p - t)
    words: Words = ("The logistic function's slope ", slope, " cancels what the logarithms leave below.")
    return LossFormula(output, loss, by_output, slope, chain, words)


def squared_error(s: Letters) -> LossFormula:
    """½ Σ (h − t)², of the logits as they are."""
    residual = s.h(s.c) - s.t(s.c)
    words: Words = ("The half cancels the 2 of the square, and the outputs are the sums themselves: slope 1.",)
    chain = (residual * 1, residual)
    return LossFormula(s.a(s.c), HALF * s.total((s.h(s.j) - s.t(s.j)) ** 2), residual, Number(1), chain, words)


def huber(s: Letters) -> LossFormula:
    """Σ ½r² or |r| − ½, r = h − t, of the logits as they are."""
    residual, each = s.h(s.c) - s.t(s.c), s.h(s.j) - s.t(s.j)
    size = Enclosed(each, "||")
    loss = s.total(Cases(((HALF * each**2, Relation(size, "≤", Number(1))), (size - HALF, None))))
    by_output = Cases(
        (
            (residual, Relation(Enclosed(residual, "||"), "≤", Number(1))),
            (Number(1), Relation(residual, ">", Number(0))),
            (Number(-1), None),
        )
    )
    words: Words = ("A residual counts as in the squared error up to 1, and beyond it only with its sign.",)
    return LossFormula(s.a(s.c), loss, by_output, Number(1), (by_output, largest(-1, least(1, residual))), words)


def poisson(s: Letters) -> LossFormula:
    """Σ t log(t/μ) − t + μ, with μ = eᵃ."""
    mu, t = s.h(s.c), s.t(s.c)
    loss = s.total(s.t(s.j) * log(s.t(s.j) / s.h(s.j)) - s.t(s.j) + s.h(s.j))
    by_output = 1 - t / mu
    words: Words = ("The rate ", mu, " is its own slope, and cancels the one below.")
    remark: Words = ("0 log 0 counts as 0.",)
    return LossFormula(exponential(s.a(s.c)), loss, by_output, mu, (by_output * mu, mu - t), words, remark=remark)


def logistic_squared_error(s: Letters) -> LossFormula:
    """½ Σ (p − t)², of a logistic function."""
    output, slope = logistic(s)
    p, t = s.h(s.c), s.t(s.c)
    words: Words = (
        "Nothing cancels: the slope ",
        slope,
        " stays, and where it is small, so is the error, however wrong the output.",
    )
    by_output = p - t
    chain = (by_output * slope,)
    return LossFormula(output, HALF * s.total((s.h(s.j) - s.t(s.j)) ** 2), by_output, slope, chain, words)


def softmax_squared_error(s: Letters) -> LossFormula:
    """½ Σ (p − t)², of a softmax."""
    output, slope = softmax(s)
    p, t, each = s.h(s.c), s.t(s.c), s.h(s.j) - s.t(s.j)
    pulled = s.total(s.h(s.j) * each)
    chain = (s.total(each * slope), p * (p - t) - p * pulled, p * (p - t - pulled))
    words: Words = ("Nothing cancels: every output's residual comes in, through the softmax's slope.",)
    return LossFormula(output, HALF * s.total(each**2), each, slope, chain, words, True)


@dataclass(frozen=True, slots=True)
class LossRow:
    """A loss in any letters, and in NumPy.

    Args:
        formula: From letters to the formulas.
        numpy_output: Statements that make `{h}` from the logits `{a}`; `{axis}` runs over the outputs.
        numpy_loss: What each output adds to ℓ, in `{h}` and the targets' rows `{y}`.
        numpy_delta: The expression of δ_L, likewise.
    """

    formula: Callable[[Letters], LossFormula]
    numpy_output: tuple[str, ...]
    numpy_loss: str
    numpy_delta: str = "{h} - {y}"


NUMPY_SOFTMAX = (
    "{h} = np.exp({a} - {a}.max(axis={axis}, keepdims=True))",
    "{h} = {h} / {h}.sum(axis={axis}, keepdims=True)",
)
NUMPY_LOGISTIC = ("{h} = 1 / (1 + np.exp(-{a}))",)
NUMPY_IDENTITY = ("{h} = {a}",)
NUMPY_SQUARE = "({h} - {y}) ** 2 / 2"
LOSS_FORMULAS: dict[str, LossRow] = {
    "cross_entropy": LossRow(cross_entropy, NUMPY_SOFTMAX, "-{y} * np.log({h})"),
    "binary_cross_entropy": LossRow(
        binary_cross_entropy, NUMPY_LOGISTIC, "-{y} * np.log({h}) - (1 - {y}) * np.log(1 - {h})"
    ),
    "squared_error": LossRow(squared_error, NUMPY_IDENTITY, NUMPY_SQUARE),
    "huber": LossRow(
        huber,
        NUMPY_IDENTITY,
        "np.where(abs({h} - {y}) <= 1, ({h} - {y}) ** 2 / 2, abs({h} - {y}) - 1 / 2)",
        "np.clip({h} - {y}, -1, 1)",
    ),
    "poisson": LossRow(poisson, ("{h} = np.exp({a})",), "{y} * np.log(np.where({y} > 0, {y} / {h}, 1)) - {y} + {h}"),
    "logistic_squared_error": LossRow(
        logistic_squared_error, NUMPY_LOGISTIC, NUMPY_SQUARE, "({h} - {y}) * {h} * (1 - {h})"
    ),
    "softmax_squared_error": LossRow(
        softmax_squared_error,
        NUMPY_SOFTMAX,
        NUMPY_SQUARE,
        "{h} * ({h} - {y} - ({h} * ({h} - {y})).sum(axis={axis}, keepdims=True))",
    ),
}


def loss_row(loss: Loss) -> LossRow | None:
    """The row of a loss of the engine's table; None for a user's own, whatever its name."""
    return LOSS_FORMULAS[loss.name] if LOSSES.get(loss.name) == loss else None


def loss_formula(
    loss: Loss,
    *,
    a: Indexed,
    h: Indexed,
    t: Indexed,
    c: Like,
    j: Letter,
    size: Like,
    true: Like = "y",
) -> LossFormula | None:
    """The formulas of a loss, in the letters that are given; None for a row of the user's own.

    Args:
        loss: A row of the engine's table.
        a, h, t: The logits, the outputs and the targets: functions of an index, which is an expression.
        c: The output that δ_c is of: a letter, or its number from 1.
        j: The letter of sums over the outputs; not the same as c.
        size: How many outputs there are, d_L.
        true: The true class, where targets are classes.

    Example:
        >>> rows = {name: (lambda index, name=name: Letter(name, index)) for name in "aht"}
        >>> formula = loss_formula(LOSSES["cross_entropy"], **rows, c="c", j=Letter("j"), size=3)
        >>> formula.delta == Letter("h", Letter("c")) - Letter("t", Letter("c"))
        True
    """
    row = loss_row(loss)
    return None if row is None else row.formula(Letters(a, h, t, lift(c), j, lift(size), lift(true)))
