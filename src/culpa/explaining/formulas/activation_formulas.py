# SPDX-License-Identifier: MIT
"""The activations' formulas: for each row of the engine's table a tree for g(a), one for g′(a), and the same in NumPy.

    formula_of(ACTIVATIONS["tanh"], a)               tanh(a)
    slope_formula(ACTIVATIONS["tanh"], a)            1 / cosh(a)²
    slope_formula(ACTIVATIONS["tanh"], a, h)         1 − h², as the textbooks have it

The rows are written in two free letters, the argument a and the output h; whoever asks puts their own in. They are for
reading: the engine's own lines keep more digits at saturation. Knows no network, no loss and no notation.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from culpa.engine.activations import ACTIVATIONS, Activation
from culpa.reporting.mathematics.expressions import (
    Cases,
    Equation,
    Expression,
    Letter,
    Number,
    Relation,
    mapped,
    operator,
)

__all__ = [
    "ACTIVATION_FORMULAS",
    "ActivationFormula",
    "activation_formula",
    "exponential",
    "formula_of",
    "slope_formula",
    "with_letters",
]

e, pi = Letter("e"), Letter("π", said="pi")
a, h, x = Letter("a"), Letter("h"), Letter("x")
tanh, cosh, log, largest, erf = (operator(name) for name in ("tanh", "cosh", "log", "max", "erf"))
sigma = operator("σ", said="sigma")
normal, density = operator("Φ", said="capital phi"), operator("φ", said="phi")
HALF = Number(1) / 2


def exponential(exponent: Expression) -> Expression:
    """E to some power."""
    return e**exponent


def either(where_positive: Expression, elsewhere: Expression, of: Expression = a) -> Cases:
    """One thing where a letter is positive, and another where not."""
    return Cases(((where_positive, Relation(of, ">", Number(0))), (elsewhere, None)))


SIGMA = Equation((sigma(x), 1 / (1 + exponential(-x))))
NORMAL = Equation((normal(x), HALF * (1 + erf(x / Number(2) ** HALF))))
DENSITY = Equation((density(x), exponential(-(x**2 / 2)) / (2 * pi) ** HALF))


@dataclass(frozen=True, slots=True)
class ActivationFormula:
    """One row: an elementwise function and its slope, as formulas in the letters a and h.

    Args:
        value: g(a).
        slope: g′(a); at a kink, the side that the engine's table states.
        words: What the function does, in a sentence.
        numpy: g in NumPy, `{a}` standing for the argument.
        numpy_slope: g′ in NumPy, in `{a}`, and in `{h}` for g(a).
        slope_in_h: g′ in the letter h = g(a), where textbooks write it so.
        definitions: What the names in it mean, σ(x) = 1 / (1 + e⁻ˣ), in the letter x.
        imports: What its NumPy needs besides NumPy.
    """

    value: Expression
    slope: Expression
    words: str
    numpy: str
    numpy_slope: str
    slope_in_h: Expression | None = None
    definitions: tuple[Equation, ...] = ()
    imports: tuple[str, ...] = ()


ACTIVATION_FORMULAS: dict[str, ActivationFormula] = {
    "identity": ActivationFormula(
        value=a,
        slope=Number(1),
        words="The identity hands its argument on; its slope is 1 everywhere.",
        numpy="{a}",
        numpy_slope="1",
    ),
    "logistic": ActivationFormula(
        value=1 / (1 + exponential(-a)),
        slope=sigma(a) * sigma(-a),
        slope_in_h=h * (1 - h),
        words="The logistic function levels off at 0 and at 1, and its slope is at most 1/4.",
        numpy="1 / (1 + np.exp(-{a}))",
        numpy_slope="{h} * (1 - {h})",
        definitions=(SIGMA,),
    ),
    "tanh": ActivationFormula(
        value=tanh(a),
        slope=1 / cosh(a) ** 2,
        slope_in_h=1 - h**2,
        words="The hyperbolic tangent levels off at −1 and at 1, and its slope is at most 1.",
        numpy="np.tanh({a})",
        numpy_slope="1 - {h}**2",
    ),
    "relu": ActivationFormula(
        value=largest(0, a),
        slope=either(Number(1), Number(0)),
        words="A rectified unit lets what is positive through, and nothing else; at 0, its slope counts as 0.",
        numpy="np.maximum(0, {a})",
        numpy_slope="({a} > 0).astype(float)",
    ),
    "leaky_relu": ActivationFormula(
        value=either(a, a / 100),
        slope=either(Number(1), Number(1) / 100),
        words="What is positive goes through whole, the rest a hundredth of it; at 0, the slope counts as 1/100.",
        numpy="np.where({a} > 0, {a}, {a} / 100)",
        numpy_slope="np.where({a} > 0, 1, 1 / 100)",
    ),
    "elu": ActivationFormula(
        value=either(a, exponential(a) - 1),
        slope=either(Number(1), exponential(a)),
        slope_in_h=either(Number(1), h + 1, h),
        words="What is positive goes through whole, the rest levels off at −1.",
        numpy="np.where({a} > 0, {a}, np.expm1(np.minimum({a}, 0)))",
        numpy_slope="np.exp(np.minimum({a}, 0))",
    ),
    "gelu": ActivationFormula(
        value=a * normal(a),
        slope=normal(a) + a * density(a),
        words="Φ is the cumulative distribution of a standard normal variable, and φ is its density.",
        numpy="{a} * norm.cdf({a})",
        numpy_slope="norm.cdf({a}) + {a} * norm.pdf({a})",
        definitions=(NORMAL, DENSITY),
        imports=("from scipy.stats import norm",),
    ),
    "silu": ActivationFormula(
        value=a * sigma(a),
        slope=sigma(a) * (1 + a * sigma(-a)),
        words="The argument is multiplied by a gate σ(a) between 0 and 1.",
        numpy="{a} / (1 + np.exp(-{a}))",
        numpy_slope="(1 + {a} / (1 + np.exp({a}))) / (1 + np.exp(-{a}))",
        definitions=(SIGMA,),
    ),
    "softplus": ActivationFormula(
        value=log(1 + exponential(a)),
        slope=sigma(a),
        words="A smooth form of the rectified unit; its slope is the logistic function.",
        numpy="np.logaddexp(0, {a})",
        numpy_slope="1 / (1 + np.exp(-{a}))",
        definitions=(SIGMA,),
    ),
}


def activation_formula(activation: Activation) -> ActivationFormula | None:
    """The formulas of a row of the engine's table; None for a user's own row, whatever its name."""
    return ACTIVATION_FORMULAS[activation.name] if ACTIVATIONS.get(activation.name) == activation else None


def formula_of(activation: Activation, argument: Expression) -> Expression | None:
    """The formula of g at an argument; None for a row of the user's own.

    Example:
        >>> formula_of(ACTIVATIONS["identity"], Number(2))
        Number(value=2, means=None)
    """
    formula = activation_formula(activation)
    return None if formula is None else with_letters(formula.value, {a: argument})


def slope_formula(activation: Activation, argument: Expression, output: Expression | None = None) -> Expression | None:
    """The formula of g′ at an argument; None for a row of the user's own.

    Args:
        activation: A row of the engine's table.
        argument: What to put in for a.
        output: What to put in for h = g(a), if the slope is wanted in it; it is not used where textbooks do not.
    """
    formula = activation_formula(activation)
    if formula is None:
        return None
    if output is not None and formula.slope_in_h is not None:
        return with_letters(formula.slope_in_h, {h: output})
    return with_letters(formula.slope, {a: argument})


def with_letters(expression: Expression, instead: Mapping[Letter, Expression]) -> Expression:
    """A formula with other things in its free letters' places."""
    return mapped(expression, lambda part: instead.get(part) if isinstance(part, Letter) else None)
