# SPDX-License-Identifier: MIT
"""Symbols: every quantity of the derivation as a letter of a notation, with what it means beside it.

    s = Symbols(NOTATIONS["note"])
    s.weight(2, i, j)      W_{2,ij}      Quantity("W", 2, (i, j))
    s.outer(2)             δ_2 h_1ᵀ      in the order and orientation of the notation

Layers are counted from 1 in every call and every Quantity, whatever the notation calls them; units too. An index is a
number or a letter. Knows no numbers: `worth` puts those in.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeAlias

from culpa.explaining.notations import Notation
from culpa.reporting.mathematics.expressions import (
    Apply,
    BigSum,
    Dots,
    Enclosed,
    Expression,
    Letter,
    Listing,
    Matrix,
    Nabla,
    Number,
    Partial,
    Product,
    Shaped,
    Sum,
    lift,
)

__all__ = ["Axis", "Index", "Quantity", "Role", "Symbols", "axis", "grid"]

Index: TypeAlias = int | Expression
Axis: TypeAlias = tuple[Expression | None, ...]
"""Which rows or columns of a matrix are shown, counted from 1; None where some are left out."""

Role = Literal[
    "a",
    "h",
    "W",
    "b",
    "δ",
    "t",
    "ℓ",
    "𝓛",
    "w",
    "n",
    "d",
    "g",
    "g′",
    "dh",
    "dW",
    "db",
    "∇W",
    "∇b",
    "wδ",
    "l2",
    "L",
    "objective",
    "∇W+",
]
"""What a letter can stand for; `worth` has the number of each. "dW" is one example's, "∇W" that of them all."""


class Quantity(NamedTuple):
    """What a letter stands for.

    Attributes:
        role: Which quantity.
        layer: Of which layer, from 1 (0 for the inputs); a number or an expression in letters.
        entry: Which entry, from 1; () for the whole. Of a weight (to, from), whatever the notation's order is.
        example: Which example, from 1; None for the one that is explained, "all" for a matrix of all.
        turned: Whether the whole lies transposed to (d_k, d_{k−1}) and (d_k, 1); for a matrix of all, to (n, d_k).
    """

    role: Role
    layer: Expression | None = None
    entry: tuple[Expression, ...] = ()
    example: "Expression | Literal['all'] | None" = None
    turned: bool = False


SCRIPT = "ℓ𝓛"
"""Letters of a loss that a reader's voice has no name for."""
SAID = {"δ": "delta", "Δ": "capital delta", "σ": "sigma", "dz": "d z", "ds": "d s", "dZ": "d Z"}
Cell: TypeAlias = Callable[..., Expression]
"""A function of a row and a column, or of one of them, to an expression."""
MOST = 6
"""A matrix of at most so many rows and columns is shown whole."""


def axis(size: "int | Expression", keep: Sequence[int] = (), most: int = MOST) -> Axis:
    """The rows or columns that are shown of `size`: all of a few; else the first, those to keep, and the last.

    Example:
        >>> [entry and entry.value for entry in axis(64, keep=[17])]
        [1, None, 17, None, 64]
    """
    if isinstance(size, Expression):
        return (Number(1), None, size)
    if size <= most:
        return tuple(map(Number, range(1, size + 1)))
    kept = sorted({1, size, *keep} | ({2} if not set(keep) - {1, size} else set()))
    shown: list[Expression | None] = []
    for before, here in zip([0, *kept], kept, strict=False):
        shown += [None] if here > before + 1 else []
        shown.append(Number(here))
    return tuple(shown)


@dataclass(frozen=True, slots=True)
class Symbols:
    """The letters of one notation.

    Args:
        notation: Whose.
        depth: L, where it is known; the layers' general letter is used where it is not.
    """

    notation: Notation
    depth: int | None = None

    # --- indices ---

    @property
    def k(self) -> Letter:
        """Any layer."""
        return Letter(self.notation.layer)

    @property
    def i(self) -> Letter:
        """Any unit of a layer."""
        return Letter(self.notation.unit)

    @property
    def j(self) -> Letter:
        """Any unit of the layer before."""
        return Letter(self.notation.before)

    @property
    def m(self) -> Letter:
        """Any example."""
        return Letter(self.notation.example)

    @property
    def L(self) -> Index:
        """The last layer: its number, or the letter L."""
        return Letter("L", means=Quantity("L")) if self.depth is None else self.depth

    @property
    def n(self) -> Letter:
        """The number of examples."""
        return Letter(self.notation.count, means=Quantity("n"))

    def d(self, k: Index) -> Letter:
        """The width of a layer, as a letter."""
        return self.letter(self.notation.width, Quantity("d", lift(k)))

    def layer(self, k: Index) -> Expression:
        """What the notation calls a layer: its number, which may begin at another one, or its letter."""
        shift = self.notation.first - 1
        if isinstance(k, int):
            return Number(k + shift)
        return Number(int(k.value) + shift) if isinstance(k, Number) else k

    def letter(self, glyph: str, means: Quantity) -> Letter:
        """A letter with its layer, its entry and its example where the notation has them."""
        notation, entry = self.notation, means.entry
        lower: list[Expression] = []
        upper: list[Expression] = []
        layer = None if means.layer is None else self.layer(means.layer)
        if means.role in ("W", "dW", "∇W") and notation.is_row:
            entry = tuple(reversed(entry))
        if layer is not None and notation.mark == "lower":
            lower.append(layer)
        elif layer is not None:
            upper.append(Enclosed(layer, "[]") if notation.mark == "[upper]" else layer)
        if isinstance(means.example, Expression):
            if notation.example_mark == "lower":
                entry = (means.example, *entry)
            else:
                mark = Enclosed(means.example) if notation.example_mark == "(upper)" else means.example
                upper = [Listing((mark, *upper))] if notation.example_mark == "upper" else [*upper, mark]
        if entry:
            plain = all(isinstance(index, Letter) and index.lower is None for index in entry) and len(entry) > 1
            lower += [Listing(entry, "")] if plain else entry
        return Letter(
            glyph,
            lower=lower[0] if len(lower) == 1 else Listing(tuple(lower)) if lower else None,
            upper=upper[0] if len(upper) == 1 else Listing(tuple(upper), "") if upper else None,
            said="loss" if glyph in SCRIPT else SAID.get(glyph, ""),
            means=means,
        )

    # --- quantities ---

    def of(self, glyph: str, role: Role, k: Index, entry: Sequence[Index], example: Index | None) -> Letter:
        """A letter for a quantity of a layer, for one example."""
        whole = not entry
        means = Quantity(
            role,
            lift(k),
            tuple(map(lift, entry)),
            None if example is None else lift(example),
            turned=whole and self.notation.is_row,
        )
        return self.letter(glyph, means)

    def a(self, k: Index, *entry: Index, example: Index | None = None) -> Letter:
        """The pre-activations of a layer, or of one unit."""
        return self.of(self.notation.pre, "a", k, entry, example)

    def h(self, k: Index, *entry: Index, example: Index | None = None) -> Letter:
        """The outputs of a layer, or of one unit; layer 0 is the input."""
        return self.of(self.notation.out, "h", k, entry, example)

    def delta(self, k: Index, *entry: Index, example: Index | None = None) -> Letter:
        """The error δ_k = ∂ℓ/∂a_k of a layer, or of one unit."""
        return self.of(self.notation.error, "δ", k, entry, example)

    def W(self, k: Index, *entry: Index) -> Letter:
        """A layer's weights, or the one (to, from)."""
        return self.of(self.notation.weight, "W", k, entry, None)

    def b(self, k: Index, *entry: Index) -> Letter:
        """A layer's biases, or one."""
        return self.of(self.notation.bias, "b", k, entry, None)

    def t(self, *entry: Index, example: Index | None = None) -> Letter:
        """The target, or one output's."""
        turned = not entry and self.notation.is_row
        means = Quantity("t", None, tuple(map(lift, entry)), None if example is None else lift(example), turned)
        return self.letter("y", means)

    def loss(self, example: Index | None = None) -> Letter:
        """One example's own loss; where its letter is that of them all, it always says of which."""
        means = Quantity("ℓ", None, (), None if example is None else lift(example))
        if self.notation.loss != self.notation.cost:
            return self.letter(self.notation.loss, means)
        return Letter(self.notation.loss, self.m if example is None else lift(example), means=means)

    def cost(self) -> Letter:
        """The loss of all examples together."""
        return Letter(
            self.notation.cost, said="total loss" if self.notation.cost in SCRIPT else "", means=Quantity("𝓛")
        )

    def share(self, example: Index) -> Letter:
        """The weight w of an example: 1/n for the mean."""
        return Letter("w", lower=lift(example), means=Quantity("w", None, (), lift(example)))

    def shares(self) -> Letter:
        """The weights of all examples, a column."""
        return Letter("w", means=Quantity("w", None, (), "all"))

    def every(self, role: Literal["h", "δ", "wδ"], k: Index) -> Letter:
        """A matrix of all examples: outputs, errors, or errors with the examples' weights in them."""
        glyph = self.notation.outs if role == "h" else self.notation.errors
        turned = self.notation.stacked == "columns"
        return self.letter(glyph, Quantity(role, lift(k), (), "all", turned))

    def gradient(self, role: Literal["W", "b"], k: Index) -> Expression:
        """The gradient of the loss of all examples, by a layer's weights or biases."""
        thing = (self.W if role == "W" else self.b)(k)
        if self.notation.derivatives:
            return self.of(f"d{thing.glyph}", "∇W" if role == "W" else "∇b", k, (), None)
        return Nabla(thing, self.cost())

    def l2(self) -> Letter:
        """The penalty's factor."""
        return Letter("λ", said="lambda", means=Quantity("l2"))

    def objective(self, k: Index) -> Nabla:
        """The gradient of the loss and the penalty, by a layer's weights."""
        return Nabla(self.W(k), Letter("objective", upright=True, means=Quantity("objective")))

    def g(self, k: Index, argument: Expression) -> Apply:
        """A layer's activation, applied."""
        return Apply(self.function(k, "g"), (argument,))

    def slope(self, k: Index, argument: Expression) -> Apply:
        """The slope of a layer's activation, applied."""
        return Apply(replace(self.function(k, "g′"), prime=True), (argument,))

    def function(self, k: Index, role: Role) -> Letter:
        """The letter of a layer's activation; an index above it would read as a power, so it stands below."""
        glyph, means = self.notation.function, Quantity(role, lift(k))
        if self.notation.mark == "upper":
            return Letter(glyph, lower=self.layer(k), said=SAID.get(glyph, ""), means=means)
        return self.letter(glyph, means)

    # --- forms whose order and orientation differ ---

    def affine(self, k: Index, before: Index) -> Sum:
        """W_k h_{k−1} + b_k, or h_{k−1} W_k + b_k for rows."""
        return self.product(self.W(k), self.h(before)) + self.b(k)

    def outer(self, k: Index, before: Index, example: Index | None = None) -> Product:
        """δ_k h_{k−1}ᵀ, or h_{k−1}ᵀ δ_k for rows."""
        delta, h = self.delta(k, example=example), self.h(before, example=example)
        return h.T * delta if self.notation.is_row else delta * h.T

    def back(self, above: Index) -> Product:
        """W_{k+1}ᵀ δ_{k+1}, or δ_{k+1} W_{k+1}ᵀ for rows."""
        return self.product(self.W(above).T, self.delta(above))

    def product(self, matrix: Expression, vector: Expression) -> Product:
        """A matrix times a vector, or a row times a matrix."""
        return vector * matrix if self.notation.is_row else matrix * vector

    def by(self, role: Literal["W", "b", "h", "a"], k: Index, *entry: Index) -> Expression:
        """∂ℓ by a weight, a bias, an output or a pre-activation; of a whole matrix ∇ℓ, or dW where that is said."""
        thing = {"W": self.W, "b": self.b, "h": self.h, "a": self.a}[role](k, *entry)
        if entry:
            return Partial(self.loss(), thing)
        if self.notation.derivatives:
            roles: dict[str, Role] = {"W": "dW", "b": "db", "h": "dh", "a": "δ"}
            return self.of(f"d{thing.glyph}", roles[role], k, (), None)
        return Nabla(thing, self.loss()) if role in "Wb" else Partial(self.loss(), thing)

    def total(self, index: Letter, last: Index, body: Expression, first: Index = 1) -> BigSum:
        """Σ over an index."""
        return BigSum(index, lift(first), lift(last), body)

    # --- matrices of symbols ---

    def vector(self, cell: Cell, shown: Axis, size: Index) -> Matrix:
        """A vector of symbols, cell(i) for every i that is shown: a column, or a row where examples are rows."""
        if self.notation.is_row:
            return grid(lambda _, j: cell(j), (Number(1),), shown, (Number(1), lift(size)))
        return grid(lambda i, _: cell(i), shown, (Number(1),), (lift(size), Number(1)))

    def matrix(self, cell: Cell, rows: Axis, columns: Axis, shape: tuple[Index, Index]) -> Matrix:
        """A matrix of symbols in the layout of W, cell(to, from); transposed where the notation has it so."""
        size = (lift(shape[0]), lift(shape[1]))
        if self.notation.is_row:
            return grid(lambda j, i: cell(i, j), columns, rows, (size[1], size[0]))
        return grid(cell, rows, columns, size)

    def shaped(self, thing: Expression, rows: Index, columns: Index) -> Shaped:
        """A thing with its shape under it, given as it lies where examples are columns."""
        shape = (lift(columns), lift(rows)) if self.notation.is_row else (lift(rows), lift(columns))
        return Shaped(thing, shape)


def grid(cell: Cell, rows: Axis, columns: Axis, shape: tuple[Expression, Expression]) -> Matrix:
    """A matrix of cells, with dots where rows or columns are left out."""
    cells = tuple(
        tuple(
            cell(i, j)
            if i is not None and j is not None
            else Dots("⋱" if i is None and j is None else "⋮" if i is None else "⋯")
            for j in columns
        )
        for i in rows
    )
    return Matrix(cells, rows, columns, shape)
