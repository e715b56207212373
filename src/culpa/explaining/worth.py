# SPDX-License-Identifier: MIT
"""Worth: what each letter is worth for a given network and data, and equations with numbers in the letters' places.

    worth = worth_of(network, X, y, example=0)
    worth.of(Quantity("δ", 2, (1,)))          δ_{2,1} of that example
    in_numbers(equation, worth)               the same equation in numbers, term by term

All numbers are the engine's, in float64; nothing is differentiated here. Knows no notation and no format.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from culpa.engine.arrays import Signals, admit_inputs
from culpa.engine.factored import Gradient
from culpa.engine.factors import OuterProduct
from culpa.engine.forward import Step, forward
from culpa.engine.gradient import gradient
from culpa.engine.network import Network
from culpa.engine.targets import admit_targets
from culpa.errors import OptionError
from culpa.explaining.symbols import Axis, Quantity, Role, axis, grid
from culpa.reporting.mathematics.expressions import (
    Apply,
    BigSum,
    Dots,
    Expression,
    Letter,
    Matrix,
    Nabla,
    Negative,
    Number,
    Partial,
    Product,
    Sum,
    Transpose,
    mapped,
    walk,
)

__all__ = ["Bound", "Worth", "in_numbers", "index_value", "worth_of"]

Bound = Mapping[str, int]
"""Which number an index's letter stands for."""
WEIGHTS = ("W", "dW", "∇W", "∇W+")
LONGEST = 6
"""A sum of at most so many terms is written out."""


@dataclass(frozen=True, slots=True, eq=False)
class Worth:
    """A network with one batch of data, after both passes, in float64.

    Args:
        network: The network, in float64.
        X: Inputs (n, d_0).
        targets: As rows (n, d_L): one-hot where y holds classes.
        steps: What the forward pass kept.
        gradient: The engine's gradient of the batch.
        example: The example that is explained, from 0.
        keep: The units of a layer, from 1, that no matrix leaves out, by layer.
        ids: What the reader calls the examples; their places from 0 where None.
    """

    network: Network
    X: Signals
    targets: NDArray[Any]
    steps: tuple[Step, ...]
    gradient: Gradient
    example: int = 0
    keep: Mapping[int, Sequence[int]] = field(default_factory=dict)
    ids: Sequence[Any] | None = None

    def called(self, m: int) -> str:
        """An example, from 0, as its reader calls it."""
        return str(m if self.ids is None else self.ids[m])

    @property
    def depth(self) -> int:
        """L."""
        return len(self.steps)

    def block(self, k: int) -> OuterProduct:
        """A layer's factors, of the one kind that the engine has."""
        return cast("OuterProduct", self.gradient.layers[k - 1])

    def layers(self, role: Role, k: int) -> NDArray[Any]:
        """A quantity of a layer for all examples, (n, d_k)."""
        if role == "t":
            return self.targets
        if role in ("a", "g′"):
            a = self.steps[k - 1].a
            return a if role == "a" else np.asarray(self.steps[k - 1].layer.activation.slope(a))
        if role == "h":
            return self.X if k == 0 else self.steps[k - 1].h
        if role == "dh":
            return np.asarray(self.gradient.hidden(k))
        delta = np.asarray(self.block(k).delta)
        return self.gradient.w[:, None] * delta if role == "wδ" else delta

    def whole(self, quantity: Quantity, k: int, example: "int | None") -> NDArray[Any]:
        """A quantity as it lies where examples are columns: (d_k, 1), (d_k, d_{k−1}); of all examples, (n, d_k)."""
        if quantity.role == "w":
            return self.gradient.w[:, None]
        role = quantity.role
        if role in ("W", "b"):
            layer = self.network.layers[k - 1]
            return layer.W if role == "W" else np.zeros((len(layer.W), 1)) if layer.b is None else layer.b[:, None]
        if role == "∇b":
            return np.asarray(self.block(k).bias)[:, None]
        if role in ("∇W", "∇W+"):
            weight = np.asarray(self.block(k).weight)
            return weight if role == "∇W" else weight + np.asarray(self.block(k).decay)
        if quantity.example == "all":
            return self.layers(role, k)
        m = self.example if example is None else example - 1
        if role == "dW":
            return np.asarray(self.block(k).per_example(rows=[m]))[0]
        return self.layers("δ" if role == "db" else role, k)[m][:, None]

    def of(self, quantity: Quantity, bound: "Bound | None" = None) -> "float | NDArray[Any]":
        """What a quantity is worth: a number, or a matrix as it lies in the notation.

        Args:
            quantity: Its layer, entry and example may hold letters.
            bound: Which numbers those stand for.
        """
        known = {} if bound is None else bound
        m = index_value(quantity.example, known) if isinstance(quantity.example, Expression) else None
        scalar = None if quantity.example == "all" else self.scalar(quantity.role, m)
        if scalar is not None:
            return scalar
        k = self.depth if quantity.layer is None else index_value(quantity.layer, known)
        if quantity.role == "d":
            return self.network.sizes[k]
        place = [index_value(index, known) - 1 for index in quantity.entry]
        if quantity.role == "∇W" and place:
            return float(self.block(k).entry(*place))
        values = self.whole(quantity, k, m)
        if not place:
            return values.T if quantity.turned else values
        return float(values[place[0], place[1] if len(place) > 1 else 0])

    def scalar(self, role: Role, m: "int | None") -> "float | None":
        """What belongs to no layer."""
        example = self.example if m is None else m - 1
        if role == "ℓ":
            return float(np.asarray(self.gradient.losses)[example])
        if role == "w":
            return float(self.gradient.w[example])
        return {
            "𝓛": self.gradient.loss,
            "n": len(self.X),
            "L": self.depth,
            "l2": self.network.l2,
            "objective": self.gradient.objective,
        }.get(role)

    def axes(self, quantity: Quantity, shape: tuple[int, ...]) -> tuple[Axis, Axis]:
        """Which rows and columns of a quantity's matrix are shown."""
        k = self.depth if quantity.layer is None else index_value(quantity.layer, {})
        keeps = [self.keep.get(k, ()), self.keep.get(k - 1, ()) if quantity.role in WEIGHTS else ()]
        if quantity.example == "all":
            keeps = [[self.example + 1], keeps[0]]
        rows, columns = reversed(keeps) if quantity.turned else keeps
        return axis(shape[0], rows), axis(shape[1], columns)


def worth_of(
    network: Network, X: object, y: object, *, example: int = 0, keep: "Mapping[int, Sequence[int]] | None" = None
) -> Worth:
    """Run both passes in float64.

    Args:
        network: The network.
        X, y: Inputs (n, d_0) and targets, as for `gradient`.
        example: Which row of X is explained, from 0.
        keep: The units of a layer, from 1, that no matrix leaves out, by layer.

    Raises:
        ShapeError, DataError, OptionError, NumericalError: As `gradient`; also for an example that X does not have.
    """
    wide = network.astype("float64")
    # A copy, because an explanation stays as it is when its reader's arrays change.
    inputs = admit_inputs(X, wide.layers[0].W).copy()
    found = gradient(wide, inputs, y)
    if isinstance(example, bool) or not isinstance(example, int | np.integer) or not 0 <= example < len(inputs):
        raise OptionError(f"`example` must be a row of `X`, 0 to {len(inputs) - 1}; got {example!r}.")
    targets = admit_targets(y, len(inputs), wide.loss.targets, wide.sizes[-1], wide.dtype)
    rows = np.eye(wide.sizes[-1])[targets] if targets.ndim == 1 else targets
    return Worth(wide, inputs, rows, forward(wide, inputs), found, int(example), keep or {})


def index_value(index: Expression, bound: Bound) -> int:
    """The number that an index is: of a letter, of k − 1."""
    if isinstance(index, Number):
        return int(index.value)
    if isinstance(index, Negative):
        return -index_value(index.of, bound)
    if isinstance(index, Sum):
        return sum(index_value(term, bound) for term in index.terms)
    if isinstance(index, Letter) and index.glyph in bound:
        return bound[index.glyph]
    raise KeyError(f"nothing is said of the index {index}")


def in_numbers(expression: Any, worth: Worth, bound: "Bound | None" = None) -> Any:
    """An expression or equation with the letters' values in their places; a sum over an index is written out.

    Args:
        expression: What to put numbers into.
        worth: Where they come from.
        bound: Which numbers the indices' letters stand for.
    """
    known = dict(bound or {})

    def put(part: Expression) -> "Expression | None":
        if isinstance(part, Transpose) and isinstance(part.of, Letter) and isinstance(part.of.means, Quantity):
            return number_of(part.of.means._replace(turned=not part.of.means.turned), worth, known)
        if isinstance(part, Letter):
            return number_of(part.means, worth, known) if isinstance(part.means, Quantity) else None
        if isinstance(part, Partial | Nabla):
            return number_of(derivative(part), worth, known)
        if isinstance(part, Apply) and isinstance(part.function, Letter) and isinstance(part.function.means, Quantity):
            return applied(part, worth, known)
        if isinstance(part, BigSum):
            return written_out(part, worth, known)
        if isinstance(part, Product):
            factors = tuple(in_numbers(factor, worth, known) for factor in part.factors)
            plain = not part.sign and not any(isinstance(inside, Matrix) for inside in walk(factors))
            return Product(factors, "·" if plain else part.sign)
        return None

    return mapped(expression, put)


def number_of(quantity: Quantity, worth: Worth, bound: Bound) -> Expression:
    """A quantity as a number, or as a matrix of numbers that know what they are."""
    value = worth.of(quantity, bound)
    fixed = settled(quantity, bound)
    if not isinstance(value, np.ndarray):
        return Number(value, fixed)
    rows, columns = worth.axes(fixed, value.shape)

    def cell(i: Expression, j: Expression) -> Number:
        place = (j, i) if fixed.turned else (i, j)
        entry = place if fixed.role in WEIGHTS or fixed.example == "all" else place[:1]
        return Number(float(value[index_value(i, {}) - 1, index_value(j, {}) - 1]), fixed._replace(entry=entry))

    shown = grid(cell, rows, columns, (Number(value.shape[0]), Number(value.shape[1])))
    return replace(shown, means=fixed)


def settled(quantity: Quantity, bound: Bound) -> Quantity:
    """The same quantity with numbers for its indices."""

    def fix(index: Expression) -> Expression:
        return Number(index_value(index, bound))

    return quantity._replace(
        layer=None if quantity.layer is None else fix(quantity.layer),
        entry=tuple(map(fix, quantity.entry)),
        example=fix(quantity.example) if isinstance(quantity.example, Expression) else quantity.example,
    )


DERIVATIVES: dict[str, Role] = {"W": "dW", "b": "db", "h": "dh", "a": "δ"}
"""∂ℓ by each of these."""


def derivative(part: "Partial | Nabla") -> Quantity:
    """What a derivative is: of the loss, or of a layer's pre-activation or output by what it is made of."""
    of, by = (cast("Quantity", thing.means) for thing in cast("tuple[Letter, Letter]", (part.of, part.by)))
    if of.role == "objective":
        return by._replace(role="∇W+")
    if of.role == "𝓛":
        return by._replace(role="∇W" if by.role == "W" else "∇b")
    if of.role == "ℓ":
        return by._replace(role=DERIVATIVES[by.role])
    if (of.role, by.role) == ("a", "W"):
        return by._replace(role="h", layer=by.layer - 1 if by.layer is not None else None, entry=by.entry[1:])
    if (of.role, by.role) == ("a", "h"):
        return of._replace(role="W", entry=(*of.entry, *by.entry))
    if (of.role, by.role) == ("h", "a"):
        return of._replace(role="g′")
    raise KeyError(f"∂{of.role}/∂{by.role} has no number")


def applied(part: Apply, worth: Worth, bound: Bound) -> Expression:
    """An activation by its name, of numbers; a slope as its value."""
    function = cast("Quantity", cast("Letter", part.function).means)
    argument = part.arguments[0]
    of = cast("Quantity", cast("Letter", argument).means)
    if function.role == "g′":
        return number_of(of._replace(role="g′"), worth, bound)
    k = index_value(cast("Expression", function.layer), bound)
    name = worth.network.layers[k - 1].activation.name.replace("_", " ")
    return Apply(Letter(name, upright=True), (in_numbers(argument, worth, bound),))


def written_out(part: BigSum, worth: Worth, bound: Bound) -> Expression:
    """A sum over an index, term by term; of a long one, the first two and the last."""
    index = cast("Letter", part.index).glyph
    first, last = (
        index_value(in_numbers(end, worth, bound), bound) for end in (part.first or Number(1), part.last or Number(1))
    )
    numbers: list[int | None] = list(range(first, last + 1))
    if len(numbers) > LONGEST:
        numbers = [first, first + 1, None, last]
    terms = [Dots("⋯") if m is None else in_numbers(part.body, worth, {**bound, index: m}) for m in numbers]
    return terms[0] if len(terms) == 1 else Sum(tuple(terms))
