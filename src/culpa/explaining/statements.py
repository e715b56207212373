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
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from culpa.engine.activations import Activation
from culpa.engine.losses import Loss
from culpa.engine.network import Network
from culpa.explaining.activation_formulas import activation_formula
from culpa.explaining.loss_formulas import loss_row
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


ROLES = ("a", "h", "delta", "W", "b", "dh", "dW", "db")
"""What has a name in every layer; dh is ∂ℓ/∂h, and dW and db are the derivatives by W and b."""


@dataclass(frozen=True, slots=True)
class Style:
    """A notation's names in NumPy, and its statements.

    Args:
        names: What each of `ROLES` is called.
        inputs: What stands for the outputs of layer 0.
        targets: What the targets are called.
        axis: Along which axis the outputs lie.
        start: What comes first.
        product, back: W_k h_{k−1}, and ∂ℓ/∂h_k from the layer above.
        share: What is done with δ_L when it is made.
        one, one_bias: One example's derivatives by W and b, the example being `{m}`.
        every, every_bias: Those of all examples together.
        losses, cost: Each example's loss from what `{each}` output adds, and what becomes of them.
        first: What the first layer of weights is called.
    """

    names: tuple[str, ...]
    inputs: str
    targets: str
    axis: int
    start: tuple[str, ...]
    product: str
    back: str
    one: str
    one_bias: str
    every: str
    every_bias: str
    losses: str
    cost: tuple[str, ...] = ()
    share: tuple[str, ...] = ()
    first: int = 1


STYLES: dict[str, Style] = {
    "note": Style(
        names=("a", "h", "delta", "W", "b", "dh", "dW", "db"),
        inputs="X",
        targets="Y",
        axis=1,
        start=("n = len(X)",),
        product="{below} @ {W}.T",
        back="{above} @ {W_above}",
        one="{one_dW} = np.outer({delta}[{m}], {below}[{m}])",
        one_bias="{one_db} = {delta}[{m}]",
        every="{dW} = (w[:, None] * {delta}).T @ {below}",
        every_bias="{db} = w @ {delta}",
        losses="losses = np.sum({each}, axis=1)",
        cost=("w = np.full(n, 1 / n)", "loss = w @ losses"),
    ),
    "ng": Style(
        names=("Z", "A", "dZ", "W", "b", "dA", "dW", "db"),
        inputs="X",
        targets="Y",
        axis=0,
        start=("m = X.shape[1]",),
        product="np.dot({W}, {below})",
        back="np.dot({W_above}.T, {above})",
        one="{one_dW} = np.dot({delta}[:, [{m}]], {below}[:, [{m}]].T)",
        one_bias="{one_db} = {delta}[:, [{m}]]",
        every="{dW} = np.dot({delta}, {below}.T) / m",
        every_bias="{db} = np.sum({delta}, axis=1, keepdims=True) / m",
        losses="losses = np.sum({each}, axis=0)",
        cost=("loss = np.sum(losses) / m",),
    ),
    "cs231n": Style(
        names=("s", "h", "ds", "W", "b", "dh", "dW", "db"),
        inputs="X",
        targets="Y",
        axis=1,
        start=("N = X.shape[0]",),
        product="{below}.dot({W})",
        back="{above}.dot({W_above}.T)",
        one="{one_dW} = N * np.outer({below}[{m}], {delta}[{m}])",
        one_bias="{one_db} = N * {delta}[{m}]",
        every="{dW} = {below}.T.dot({delta})",
        every_bias="{db} = {delta}.sum(axis=0)",
        losses="losses = np.sum({each}, axis=1)",
        cost=("loss = np.sum(losses) / N",),
        share=("{delta} /= N",),
    ),
    "nielsen": Style(
        names=("z", "a", "delta", "w", "b", "da", "nabla_w", "nabla_b"),
        inputs="a1",
        targets="y",
        axis=0,
        start=("a1 = x",),
        product="np.dot({W}, {below})",
        back="np.dot({W_above}.transpose(), {above})",
        one="{dW} = np.dot({delta}, {below}.transpose())",
        one_bias="{db} = {delta}",
        every="{dW} = sum({kept} for one in each) / n",
        every_bias="{db} = sum({kept_bias} for one in each) / n",
        losses="loss = np.sum({each})",
        first=2,
    ),
}

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


def at_layer(style: Style, k: int) -> dict[str, str]:
    """The names of a layer's things, and of those of the layers beside it: a2, h1, delta3."""
    here = k + style.first - 1
    names = {role: f"{name}{here}" for role, name in zip(ROLES, style.names, strict=True)}
    _, h, delta, W, *_ = style.names
    beside = {
        "below": style.inputs if k == 1 else f"{h}{here - 1}",
        "above": f"{delta}{here + 1}",
        "W_above": f"{W}{here + 1}",
        "g": f"g{here}",
        "slope": f"g{here}_slope",
        "one_dW": f"{names['dW']}_one",
        "one_db": f"{names['db']}_one",
        "kept": f'one["{names["dW"]}"]',
        "kept_bias": f'one["{names["db"]}"]',
    }
    return {**names, **beside, "y": style.targets, "axis": str(style.axis)}


def anywhere(style: Style, layer: str) -> dict[str, str]:
    """The names of any layer's things, and of those of the layers beside it: a[k], h[k - 1], delta[k + 1]."""
    names = {role: f"{name}[{layer}]" for role, name in zip(ROLES, style.names, strict=True)}
    _, h, delta, W, _, _, dW, db = style.names
    beside = {
        "below": f"{h}[{layer} - 1]",
        "above": f"{delta}[{layer} + 1]",
        "W_above": f"{W}[{layer} + 1]",
        "g": f"g[{layer}]",
        "slope": f"g_slope[{layer}]",
        "one_dW": f"{dW}_one[{layer}]",
        "one_db": f"{db}_one[{layer}]",
        "kept": f'one["{dW}"][{layer}]',
        "kept_bias": f'one["{db}"][{layer}]',
    }
    return {**names, **beside, "y": style.targets, "axis": str(style.axis)}


def filled(lines: tuple[str, ...], names: dict[str, str]) -> tuple[str, ...]:
    """Statements with the names in their places."""
    return tuple(line.format(**names) for line in lines)


def start(style: Style, outline: Outline | None) -> tuple[str, ...]:
    """What comes before the first layer."""
    if outline is None:
        inputs = "x" if style.inputs == "a1" else "X"
        return ("import numpy as np", f"{style.names[1]}[{style.first - 1}] = {inputs}", *style.start[: inputs == "X"])
    formulas = [activation_formula(activation) for activation in outline.hidden]
    lines = dict.fromkeys(line for formula in formulas if formula is not None for line in formula.imports)
    return ("import numpy as np", *lines, *style.start)


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
