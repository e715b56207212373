# SPDX-License-Identifier: MIT
"""The scene of a mistake: what a backward pass has in its hands, and the pass itself with any of its lines replaced.

    w                                        how the examples are weighed              "examples"
    δ_L   = ∂ℓ/∂a_L                                                                    "output"
    e_k   = δ_{k+1} W_{k+1}                                                            "back"
    δ_k   = e_k ⊙ g_k′(a_k)                                                            "slope"
    δ_k   = c δ_k                            c = 1                                     "error factor"
    dW_k  = c Σ_i w_i δ_k,i h_{k−1,i}ᵀ       the pair (δ, h); c = 1                    "weight", "weight factor"
    db_k  = c Σ_i w_i δ_k,i                  c = 1                                     "bias", "bias factor"
    dW_k += λ W_k,  db_k += λ b_k            λ = l2 and λ = 0                          "decay", "bias decay"
    dW_k  = c dW_k, its decay too            c = 1                                     "block factor"
    all   = c all                            c = 1                                     "total"

The numbers are the engine's own; a mistake made at layer k shows at k and in all layers below, as in real code. Which
mistakes there are is not known here: `dictionary` has the table.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.engine.activations import Activation
from culpa.engine.forward import Step as Kept
from culpa.engine.forward import forward
from culpa.engine.hidden import hidden_deltas
from culpa.engine.network import Network
from culpa.engine.output import output_delta
from culpa.engine.targets import Targets

__all__ = [
    "At",
    "Back",
    "Blocks",
    "Part",
    "Scene",
    "Slip",
    "Step",
    "backward",
    "errors_of",
    "scene_of",
    "way_back",
    "with_rows",
]

Part = Literal[
    "examples",
    "output",
    "back",
    "slope",
    "error factor",
    "weight",
    "weight factor",
    "bias",
    "bias factor",
    "decay",
    "bias decay",
    "block factor",
    "total",
]
"""The lines of the backward pass that can be wrong, in the order in which they run."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A network with data, after its forward pass, in float64.

    Args:
        network: The network.
        targets: Class indices (n,) or rows (n, d_L).
        rows: The same as rows (n, d_L): one-hot where they are classes.
        w: The examples' weights (n,).
        a: X, a_1, …, a_L, so that a[k] is layer k's.
        h: X, h_1, …, h_L.
        delta: δ_L (n, d_L) as it should be.
    """

    network: Network
    targets: Targets
    rows: NDArray[Any]
    w: NDArray[Any]
    a: tuple[NDArray[Any], ...]
    h: tuple[NDArray[Any], ...]
    delta: NDArray[Any]

    @property
    def n(self) -> int:
        """How many examples there are."""
        return len(self.w)

    @property
    def is_summed(self) -> bool:
        """Whether the loss is the sum over the examples, not their mean."""
        return self.n > 1 and bool((self.w == 1).all())

    @property
    def depth(self) -> int:
        """L, the number of layers."""
        return len(self.network.layers)

    @property
    def X(self) -> NDArray[Any]:
        """The inputs (n, d_0)."""
        return self.h[0]

    def W(self, k: int) -> NDArray[Any]:
        """Layer k's weights (d_k, d_{k−1}), k = 1 … L."""
        return self.network.layers[k - 1].W

    def b(self, k: int) -> NDArray[Any] | None:
        """Layer k's biases (d_k,), or None."""
        return self.network.layers[k - 1].b

    def g(self, k: int) -> Activation:
        """Layer k's activation."""
        return self.network.layers[k - 1].activation

    def width(self, k: int) -> int:
        """d_k, from k = 0."""
        return self.h[k].shape[1]


class At(NamedTuple):
    """Where in the pass a line runs, and what it can see there.

    Attributes:
        scene: The whole scene.
        k: The layer.
        delta: The error in hand: δ_{k+1} for the line "back", δ_k for "weight" and "bias".
        e: ∂ℓ/∂h_k, once "back" has run; None at the output.
        above: dW_{k+1} as the pass has it, for the line "back".
        choice: Which of a slip's variants: an activation's name, a layer's or example's number, a constant.
    """

    scene: Scene
    k: int
    delta: NDArray[Any]
    e: NDArray[Any] | None = None
    above: NDArray[Any] | None = None
    choice: Any = None


@dataclass(frozen=True, slots=True, eq=False)
class Slip:
    """One row of the table of mistakes: a line of the backward pass as it should not be.

    Args:
        kind: Its name.
        part: The line that it replaces.
        rule: What runs there instead; None for a factor, which is the choice itself. A "weight" gives the pair of
            matrices whose product is taken, and None for a block that is left at zero.
        sentence: What is wrong, with places {k}, {j} = k−1, {m} = k+1, {c} for the choice.
        line: The line as it should be, in the notation of the note, with the same places.
        code: The same as a NumPy statement.
        applies: Whether it can happen at a layer.
        choices: Its variants at a layer.
        symbol: What its constant is called where it is found by least squares; None where the variants are all.
        turned: Whether the block comes out transposed, and its decay too where the choice says so.
        scaled: Whether it is the same mistake with the sum over examples as with their mean.
    """

    kind: str
    part: Part
    rule: Callable[[At], Any] | None
    sentence: str
    line: str
    code: str
    applies: Callable[[Scene, int], bool] = lambda scene, k: True
    choices: Callable[[Scene, int], Sequence[Any]] = lambda scene, k: (None,)
    symbol: str | None = None
    turned: bool = False
    scaled: bool = False

    def __repr__(self) -> str:
        return f"<slip {self.kind!r} in {self.part}>"


class Step(NamedTuple):
    """A slip made at a layer, in one of its variants."""

    slip: Slip
    k: int
    choice: Any = None


Blocks = tuple[tuple[NDArray[Any], NDArray[Any] | None], ...]
"""dW_k and db_k of every layer, first layer first; None where a layer has no biases."""


def scene_of(network: Network, X: NDArray[Any], targets: Targets, w: NDArray[Any]) -> Scene:
    """Run the forward pass, and gather what a backward pass needs."""
    steps = forward(network, X)
    _, delta = output_delta(network.loss, steps[-1], targets)
    rows = np.eye(network.sizes[-1])[targets] if targets.ndim == 1 else targets
    return Scene(network, targets, rows, w, (X, *(s.a for s in steps)), (X, *(s.h for s in steps)), delta)


def with_rows(scene: Scene, rows: NDArray[Any]) -> NDArray[Any]:
    """δ_L for other targets (n, d_L)."""
    targets = rows.argmax(axis=1) if scene.targets.ndim == 1 else rows
    delta: NDArray[Any] = scene.network.loss.delta(scene.a[-1], targets)
    return delta


def errors_of(scene: Scene) -> tuple[NDArray[Any], ...]:
    """The right errors, δ_1 … δ_L."""
    kept = map(Kept, scene.network.layers, scene.a[1:], scene.h[1:])
    return hidden_deltas(tuple(kept), scene.delta)


def backward(scene: Scene, steps: Sequence[Step] = ()) -> Blocks:
    """The backward pass of the objective, with the lines replaced that `steps` name; without any it is the right one.

    Example:
        >>> network = Network.from_arrays([[[2.0]]], [[0.0]], loss="squared_error")
        >>> scene = scene_of(network, np.array([[3.0]]), np.array([[5.0]]), np.ones(1))
        >>> [(dW.tolist(), db.tolist()) for dW, db in backward(scene)]
        [([[3.0]], [1.0])]
    """
    return tuple((layer.weight, layer.bias) for layer in way_back(scene, steps))


class Back(NamedTuple):
    """What the backward pass makes at one layer.

    Attributes:
        e: ∂ℓ/∂h_k (n, d_k); None at the output.
        delta: δ_k (n, d_k).
        weight: The gradient by W_k.
        bias: That by b_k; None where there are no biases.
    """

    e: NDArray[Any] | None
    delta: NDArray[Any]
    weight: NDArray[Any]
    bias: NDArray[Any] | None


def way_back(scene: Scene, steps: Sequence[Step] = ()) -> tuple[Back, ...]:
    """The backward pass with all that it makes on its way, first layer first."""
    made = {(step.slip.part, step.k): step for step in steps}
    L, layers = scene.depth, []
    delta, e, dW = scene.delta, None, np.zeros(0)
    w = run(made, "examples", At(scene, L, delta), scene.w)

    def factor(part: Part, k: int, usual: float) -> float:
        return float(made[part, k].choice) if (part, k) in made else usual

    for k in range(L, 0, -1):
        at = At(scene, k, delta, None, dW)
        if k == L:
            delta = run(made, "output", at, delta)
        else:
            e = run(made, "back", at, delta @ scene.W(k + 1))
            delta = e * run(made, "slope", at._replace(e=e), scene.g(k).slope(scene.a[k]))
        delta = factor("error factor", k, 1.0) * delta
        at = At(scene, k, delta, e)
        pair = run(made, "weight", at, (delta, scene.h[k - 1]))
        sums = run(made, "bias", at._replace(delta=w[:, None] * delta), (w @ delta))
        W, b = scene.W(k), scene.b(k)
        dW = factor("weight factor", k, 1.0) * product_of(pair, w, W)
        turned = ("weight", k) in made and made["weight", k].slip.turned and made["weight", k].choice
        dW = dW + (0.0 if pair is None else factor("decay", k, scene.network.l2)) * (W.T if turned else W)
        dW = factor("block factor", k, 1.0) * dW
        db = None
        if b is not None:
            db = factor("bias factor", k, 1.0) * sums
            db = db + factor("bias decay", k, 0.0) * b if ("bias decay", k) in made else db
        layers.append(Back(e, delta, dW, db))
    c = factor("total", L, 1.0)
    return tuple(
        one._replace(weight=c * one.weight, bias=None if one.bias is None else c * one.bias) for one in reversed(layers)
    )


def run(made: dict[tuple[Part, int], Step], part: Part, at: At, right: Any) -> Any:
    """The line as it was written: right, or as a slip has it."""
    step = made.get((part, at.k))
    if step is None or step.slip.rule is None:
        return right
    return step.slip.rule(at._replace(choice=step.choice))


def product_of(pair: tuple[NDArray[Any], NDArray[Any]] | None, w: NDArray[Any], W: NDArray[Any]) -> NDArray[Any]:
    """Σ_i w_i of the pair's rows, multiplied out; zero where there is no pair."""
    if pair is None:
        return np.zeros_like(W)
    left, right = pair
    return (w[:, None] * left).T @ right
