# SPDX-License-Identifier: MIT
"""The derivation in NumPy: the statements of each step, in the names, orientation and place of 1/n of a notation.

    note      rows        a2 = h1 @ W2.T + b2              dW2 = (w[:, None] * delta2).T @ h1
    ng        columns     Z2 = np.dot(W2, A1) + b2         dW2 = np.dot(dZ2, A1.T) / m
    cs231n    rows        s2 = h1.dot(W2) + b2             dW2 = h1.T.dot(ds2), where ds2 has been divided by N
    nielsen   a column    z3 = np.dot(w3, a2) + b3         nabla_w3 = np.dot(delta3, a2.transpose()), then the mean

Run one after the other, the statements of all steps make the gradient from the weights W1 …, the biases b1 …, and X
and Y as the notation has them (targets as rows or columns of numbers, also where they are classes; Nielsen's are a
list of pairs of columns). They are text: nothing is computed here.
"""

import ast
from typing import Literal, NamedTuple, TypeAlias

from culpa.engine.activations import Activation
from culpa.engine.losses import Loss
from culpa.engine.network import Network
from culpa.explaining.formulas.activation_formulas import activation_formula
from culpa.explaining.formulas.loss_formulas import loss_row
from culpa.explaining.formulas.numpy_styles import STYLES, Style, anywhere, at_layer
from culpa.explaining.notations import Notation

__all__ = ["Doing", "Outline", "outline_of", "statements"]

Doing: TypeAlias = Literal["start", "forward", "loss", "output", "hidden", "weights", "bias", "batch", "penalty"]
"""What a statement does; the parts of the argument, with their beginning, the loss and the penalty apart."""


class Outline(NamedTuple):
    """What of a network its statements depend on.

    Attributes:
        hidden: The hidden layers' activations.
        loss: The loss.
        biases: Whether each layer has biases.
        penalty: Whether there is an l2 penalty.
    """

    hidden: tuple[Activation, ...]
    loss: Loss
    biases: tuple[bool, ...]
    penalty: bool = False

    @property
    def depth(self) -> int:
        """L."""
        return len(self.biases)


def outline_of(network: Network) -> Outline:
    """The outline of a network.

    Example:
        >>> outline_of(Network.fresh([4, 3, 2], hidden="tanh")).hidden
        (<activation tanh>,)
    """
    hidden = tuple(layer.activation for layer in network.layers[:-1])
    return Outline(hidden, network.loss, tuple(layer.b is not None for layer in network.layers), bool(network.l2))


EACH = ("each = [backprop(x, y) for x, y in examples]", "n = len(examples)")
"""Every example's own derivatives, where no matrix of all examples is written."""


def statements(
    notation: Notation, outline: Outline | None, doing: Doing, k: int | None = None, *, example: int = 0
) -> tuple[str, ...]:
    """The NumPy statements of one step.

    Args:
        notation: Whose names, orientation and place of 1/n.
        outline: Of the network; None for any network, whose layers are then in lists: a[k].
        doing: What the step does.
        k: The layer, from 1 as everywhere; None for what belongs to no layer, such as what a batch begins with.
        example: The explained example's place, from 0.

    Example:
        >>> from culpa.explaining.notations import NOTATIONS
        >>> outline = outline_of(Network.fresh([4, 3, 2], hidden="tanh"))
        >>> statements(NOTATIONS["ng"], outline, "hidden", 1)
        ('dA1 = np.dot(W2.T, dZ2)', 'dZ1 = dA1 * (1 - A1**2)')
    """
    style = STYLES[notation.name]
    last = doing in ("loss", "output")
    if outline is None:
        names = anywhere(style, "L" if last else notation.layer)
    else:
        names = at_layer(style, outline.depth if last else k or 0)
    return filled(templates(notation, style, outline, doing, k), {**names, "m": str(example)})


def templates(
    notation: Notation, style: Style, outline: Outline | None, doing: Doing, k: int | None
) -> tuple[str, ...]:
    """The statements of one step, with names to be put in."""
    has_bias = outline is None or k is None or outline.biases[k - 1]
    if doing == "start":
        return start(style, outline)
    if doing == "forward":
        return forward(style, outline, k, has_bias)
    if doing in ("loss", "output"):
        return loss(style, outline) if doing == "loss" else output(style, outline)
    if doing == "hidden":
        return hidden(style, None if outline is None or k is None else outline.hidden[k - 1])
    if doing == "penalty":
        return ("{dW} += l2 * {W}",) if outline is None or outline.penalty else ()
    if doing == "weights":
        return (style.one,)
    if doing == "bias":
        return (style.one_bias,) if has_bias else ()
    if k is None and outline is not None:
        return () if notation.stacked is not None else (*backprop(notation, outline), *EACH)
    before = EACH if outline is None and notation.stacked is None else ()
    return (*before, style.every, *((style.every_bias,) if has_bias else ()))


def filled(lines: tuple[str, ...], names: dict[str, str]) -> tuple[str, ...]:
    """Statements with the names in their places."""
    return tuple(line.format(**names) for line in lines)


def start(style: Style, outline: Outline | None) -> tuple[str, ...]:
    """What comes before the first layer."""
    if outline is None:
        return ("import numpy as np", f"{style.names[1]}[{style.first - 1}] = {style.given}", *style.start)
    formulas = [activation_formula(activation) for activation in outline.hidden]
    lines = dict.fromkeys(line for formula in formulas if formula is not None for line in formula.imports)
    called = () if style.inputs == style.given else (f"{style.inputs} = {style.given}",)
    return ("import numpy as np", *lines, *called, *style.start)


def forward(style: Style, outline: Outline | None, k: int | None, has_bias: bool) -> tuple[str, ...]:
    """A layer's sums and outputs."""
    affine = f"{{a}} = {style.product}{' + {b}' if has_bias else ''}"
    if outline is None or k is None:
        return (affine, "{h} = {g}({a})")
    if k < outline.depth:
        formula = activation_formula(outline.hidden[k - 1])
        return (affine, "{h} = {g}({a})" if formula is None else f"{{h}} = {formula.numpy}")
    row = loss_row(outline.loss)
    return (affine, *(("{h} = {g}({a})",) if row is None else row.numpy_output))


def loss(style: Style, outline: Outline | None) -> tuple[str, ...]:
    """Each example's loss and that of all."""
    row = None if outline is None else loss_row(outline.loss)
    if row is None:
        return (f"{style.losses.split(' = ')[0]} = losses_of({{a}}, {{y}})", *style.cost)
    return (style.losses.replace("{each}", row.numpy_loss), *style.cost)


def output(style: Style, outline: Outline | None) -> tuple[str, ...]:
    """The error of the output."""
    row = None if outline is None else loss_row(outline.loss)
    return (f"{{delta}} = {'delta_of({a}, {y})' if row is None else row.numpy_delta}", *style.share)


def hidden(style: Style, activation: Activation | None) -> tuple[str, ...]:
    """The error of a hidden layer, from the layer above."""
    formula = None if activation is None else activation_formula(activation)
    slope = "{slope}({a})" if formula is None else formula.numpy_slope
    return (f"{{dh}} = {style.back}", f"{{delta}} = {times('{dh}', slope)}")


def times(left: str, right: str) -> str:
    """A product in Python, with brackets where they are needed; braces read as sets, which are never split."""
    if right == "1":
        return left
    inside = ast.parse(right, mode="eval").body
    plain = not isinstance(inside, ast.BinOp) or isinstance(inside.op, ast.Mult)
    return f"{left} * {right}" if plain else f"{left} * ({right})"


def backprop(notation: Notation, outline: Outline) -> tuple[str, ...]:
    """The pass of one example as a function."""
    layers = range(1, outline.depth + 1)
    steps: list[tuple[Doing, int | None]] = [("start", None), *(("forward", k) for k in layers), ("output", None)]
    steps += [("hidden", k) for k in reversed(layers[:-1])]
    steps += [(doing, k) for k in layers for doing in ("weights", "bias")]
    body = [line for doing, k in steps for line in statements(notation, outline, doing, k) if "import" not in line]
    kept = [line.split(" = ")[0] for line in body if line.startswith("nabla")]
    return (
        "def backprop(x, y):",
        *(f"    {line}" for line in body),
        f"    return dict({', '.join(f'{name}={name}' for name in kept)})",
    )
