# SPDX-License-Identifier: MIT
"""Mistakes in a line: what people write in place of a line of the backward pass, from the output down.

Each row is a small program that runs inside the real pass (`scene.backward`), so that a mistake made at layer k shows
at k and below. Letters as in the notation, with e_k = ∂ℓ/∂h_k; in the NumPy statements a layer's arrays are W[k], b[k],
a[k], h[k] with h[0] = X, and rows are examples.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.checking.mistakes.scene import At, Scene, Slip, with_rows
from culpa.engine.activations import ACTIVATIONS
from culpa.engine.losses import softmax

__all__ = ["BACK", "BIAS", "EXAMPLES", "OUTPUT", "RIGHT_B", "RIGHT_W", "SLOPE", "WEIGHT"]


def hidden(scene: Scene, k: int) -> bool:
    """Below the output."""
    return k < scene.depth


def output_slope(scene: Scene) -> NDArray[Any] | None:
    """The elementwise slope h_L′(a_L) that people write for the output function; None where it is 1."""
    p, name = scene.h[-1], scene.network.loss.output.name
    return {"logistic": p * (1 - p), "softmax": p * (1 - p), "exp": p}.get(name)


def cancels(scene: Scene, k: int) -> bool:
    """Whether the loss's derivative and the output's slope cancel to p − t."""
    return scene.network.loss.name in ("cross_entropy", "binary_cross_entropy", "poisson")


def has_slope(scene: Scene, k: int) -> bool:
    """Whether the output's slope stays in δ_L."""
    return scene.network.loss.name in ("logistic_squared_error", "softmax_squared_error")


def squashed(scene: Scene, k: int) -> bool:
    """Whether the output is a probability, and the error p − t."""
    return scene.network.loss.name in ("cross_entropy", "binary_cross_entropy")


def others_like(scene: Scene, k: int) -> list[int]:
    """The other layers whose W has the shape of W_{k+1}."""
    shape = scene.W(k + 1).shape
    return [j for j in range(1, scene.depth + 1) if j != k + 1 and scene.W(j).shape == shape]


def as_wide(scene: Scene, k: int) -> list[int]:
    """The other hidden layers that are as wide as layer k."""
    return [j for j in range(1, scene.depth) if j != k and scene.width(j) == scene.width(k)]


def other_inputs(scene: Scene, k: int) -> list[int]:
    """The layers, from 0 for X, whose outputs are as wide as h_{k−1} and are not it, nor h_k."""
    return [j for j in range(scene.depth) if j not in (k - 1, k) and scene.width(j) == scene.width(k - 1)]


def other_activations(scene: Scene, k: int) -> list[str]:
    """Whose slope could have been taken; the identity's is no slope at all, and another row."""
    return [name for name in ACTIVATIONS if name not in (scene.g(k).name, "identity")]


def kinked(scene: Scene, k: int) -> bool:
    """Whether the layer's units switch at 0."""
    return hidden(scene, k) and scene.g(k).name in ("relu", "leaky_relu")


def square(scene: Scene, k: int) -> bool:
    """Whether W_k is square."""
    return scene.W(k).shape[0] == scene.W(k).shape[1]


def ends(scene: Scene, k: int) -> tuple[int, ...]:
    """The last example, on which a loop ends, and the first."""
    return (scene.n - 1, 0) if scene.n > 1 else ()


# --- the examples and the output ---


def rolled(at: At) -> NDArray[Any]:
    """δ_L where each example has the label of a neighbour."""
    return with_rows(at.scene, np.roll(at.scene.rows, at.choice, axis=0))


def error_by_output(at: At) -> NDArray[Any]:
    """∂ℓ/∂h_L: the derivative that stops before the output function."""
    p, t = at.scene.h[-1], at.scene.rows
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "cross_entropy": -t / p,
            "binary_cross_entropy": (p - t) / (p * (1 - p)),
            "poisson": 1 - t / p,
        }.get(at.scene.network.loss.name, p - t)


def slope_twice(at: At) -> NDArray[Any]:
    """The error with the output's slope multiplied on once more."""
    slope = output_slope(at.scene)
    return at.scene.delta if slope is None else at.scene.delta * slope


def diagonal(at: At) -> NDArray[Any]:
    """A softmax differentiated as if its outputs did not touch each other: ∂ℓ/∂p ⊙ p (1 − p)."""
    p, t = at.scene.h[-1], at.scene.rows
    return -t * (1 - p) if at.scene.network.loss.name == "cross_entropy" else (p - t) * p * (1 - p)


def twice_squashed(at: At) -> NDArray[Any]:
    """The output function applied to its own output."""
    p, t = at.scene.h[-1], at.scene.rows
    return (softmax(p) if at.scene.network.loss.output.name == "softmax" else ACTIVATIONS["logistic"].value(p)) - t


def one_left_out(at: At) -> NDArray[Any]:
    """The weights w with one example's put to zero."""
    w: NDArray[Any] = at.scene.w.copy()
    w[at.choice] = 0
    return w


def only_one(at: At) -> NDArray[Any]:
    """The weights w with all but one example's put to zero."""
    w = np.zeros_like(at.scene.w)
    w[at.choice] = at.scene.w[at.choice]
    return w


RIGHT_ERROR = ("δ_{k} = {error}", "{error_code}")
OUTPUT = (
    Slip("labels shifted", "output", rolled,
         "The labels are shifted against the rows of X by {c}.",
         "δ_{k} = {error}, each example with its own label", "{error_code}  # row i of Y belongs to row i of X",
         lambda scene, k: scene.n > 1, lambda scene, k: (1, -1)),
    Slip("output slope kept", "output", slope_twice,
         "The output function's slope is multiplied on at the output, but it cancels against the loss's derivative.",
         *RIGHT_ERROR, cancels),
    Slip("output slope dropped", "output", lambda at: at.scene.h[-1] - at.scene.rows,
         "The output function's slope is missing at the output; with this loss it does not cancel.",
         *RIGHT_ERROR, has_slope),
    Slip("softmax slope as p(1−p)", "output", diagonal,
         "The softmax is differentiated as if its outputs were independent: p (1 − p) is only the diagonal of its "
         "Jacobian.",
         "∂p_c/∂a_j = p_c ([c = j] − p_j), so that δ_{k} = {error}", "{error_code}",
         lambda scene, k: scene.network.loss.output.name == "softmax"),
    Slip("output function twice", "output", twice_squashed,
         "The output function is applied twice: to the logits, and again to the probabilities.",
         "δ_{k} = {error}, with h_{k} = g_{k}(a_{k}) once", "{error_code}", squashed),
    Slip("logits in place of probabilities", "output", lambda at: at.scene.a[-1] - at.scene.rows,
         "The error is taken from the logits a_{k}, not from the outputs h_{k}.",
         *RIGHT_ERROR, lambda scene, k: output_slope(scene) is not None),
    Slip("derivative stops at the output", "output", error_by_output,
         "This is ∂ℓ/∂h_{k}, the derivative with respect to the outputs; the step to the logits a_{k} is missing.",
         "δ_{k} = ∂ℓ/∂a_{k} = {error}", "{error_code}", cancels),
    Slip("target left out", "output", lambda at: at.scene.h[-1],
         "The target is not subtracted at the output.",
         *RIGHT_ERROR),
)  # fmt: skip

EXAMPLES = (
    Slip("one example missing", "examples", one_left_out,
         "Example {c} (counted from 0) has no part in the gradient.",
         "∇W_k = Σ_i w_i δ_k,i h_k−1,iᵀ over all i = 1 … n", "for i in range(n):  # all of them",
         lambda scene, k: scene.n > 1, lambda scene, k: range(scene.n), scaled=True),
    Slip("= in place of +=", "examples", only_one,
         "Only example {c} (counted from 0) has a part in the gradient: the sum is overwritten in each round.",
         "∇W_k = Σ_i w_i δ_k,i h_k−1,iᵀ", "dW[k] += np.outer(delta_i, h_i) / n", lambda scene, k: scene.n > 1,
         ends, scaled=True),
    Slip("mix of examples", "examples", lambda at: np.asarray(at.choice),
         "The examples are weighed differently: their gradients are mixed with the coefficients {c}.",
         "∇W_k = Σ_i w_i δ_k,i h_k−1,iᵀ with w_i = 1/n", "dW[k] = delta[k].T @ h[k-1] / n",
         lambda scene, k: scene.n > 1, lambda scene, k: (tuple(scene.w * np.linspace(0.5, 1.4, scene.n)),), "weights"),
)  # fmt: skip

# --- the hidden layers ---

BACK = (
    Slip("W not transposed", "back", lambda at: at.delta @ at.scene.W(at.k + 1).T,
         "The error goes down through W_{m} as it goes up, not through its transpose.",
         "∂ℓ/∂h_{k} = W_{m}ᵀ δ_{m}", "delta[{k}] = (delta[{m}] @ W[{m}]) * {slope}",
         lambda scene, k: hidden(scene, k) and square(scene, k + 1)),
    Slip("W of another layer", "back", lambda at: at.delta @ at.scene.W(at.choice),
         "The error goes down through W_{c} in place of W_{m}.",
         "∂ℓ/∂h_{k} = W_{m}ᵀ δ_{m}", "delta[{k}] = (delta[{m}] @ W[{m}]) * {slope}",
         lambda scene, k: hidden(scene, k) and bool(others_like(scene, k)), others_like),
    Slip("W already updated", "back", lambda at: at.delta @ (at.scene.W(at.k + 1) - at.choice * at.above),
         "The error goes down through W_{m} after its update, W_{m} − η dW_{m} with η = {c:.4g}.",
         "∂ℓ/∂h_{k} = W_{m}ᵀ δ_{m} with the W_{m} of the forward pass; update when all gradients are there",
         "delta[{k}] = (delta[{m}] @ W[{m}]) * {slope}  # and only then W[{m}] -= lr * dW[{m}]", hidden,
         lambda scene, k: (0.1, 0.01), "η"),
    Slip("dW in place of W", "back", lambda at: at.delta @ at.above,
         "The error goes down through dW_{m} in place of W_{m}.",
         "∂ℓ/∂h_{k} = W_{m}ᵀ δ_{m}", "delta[{k}] = (delta[{m}] @ W[{m}]) * {slope}", hidden),
    Slip("W left out", "back", lambda at: at.delta,
         "The error goes down without W_{m}.",
         "∂ℓ/∂h_{k} = W_{m}ᵀ δ_{m}", "delta[{k}] = (delta[{m}] @ W[{m}]) * {slope}",
         lambda scene, k: hidden(scene, k) and square(scene, k + 1)),
    Slip("W summed out", "back", lambda at: np.repeat(at.delta.sum(axis=1, keepdims=True), at.scene.width(at.k), 1),
         "The error goes down without W_{m}, summed over the units of layer {m}.",
         "∂ℓ/∂h_{k} = W_{m}ᵀ δ_{m}", "delta[{k}] = (delta[{m}] @ W[{m}]) * {slope}", hidden),
)  # fmt: skip

MISWRITTEN: dict[str, dict[str, Any]] = {
    "tanh": {"1 − h": lambda h: 1 - h, "1 + h²": lambda h: 1 + h * h, "h²": lambda h: h * h},
    "logistic": {"1 − h": lambda h: 1 - h, "h (1 + h)": lambda h: h * (1 + h), "h²": lambda h: h * h},
}
RIGHT_SLOPE = ("δ_{k} = ∂ℓ/∂h_{k} ⊙ g_{k}′(a_{k})", "delta[{k}] = (delta[{m}] @ W[{m}]) * {slope}")
SLOPE = (
    Slip("g′ missing", "slope", lambda at: np.ones_like(at.scene.a[at.k]),
         "The slope of the activation is missing at layer {k}.", *RIGHT_SLOPE, hidden),
    Slip("g′ twice", "slope", lambda at: at.scene.g(at.k).slope(at.scene.a[at.k]) ** 2,
         "The slope of the activation is multiplied on twice at layer {k}.", *RIGHT_SLOPE, hidden),
    Slip("g′ at h in place of a", "slope", lambda at: at.scene.g(at.k).slope(at.scene.h[at.k]),
         "The slope of the activation is taken at its output h_{k}, not at a_{k}.", *RIGHT_SLOPE, hidden),
    Slip("g′ written in h, taken at a", "slope", lambda at: in_h(at.scene.g(at.k).name, at.scene.a[at.k]),
         "The formula of the slope in terms of h is used with a_{k} in it.", *RIGHT_SLOPE,
         lambda scene, k: hidden(scene, k) and scene.g(k).name in ("logistic", "tanh")),
    Slip("g′ miswritten", "slope", lambda at: MISWRITTEN[at.scene.g(at.k).name][at.choice](at.scene.h[at.k]),
         "The slope at layer {k} is written as {c}.", *RIGHT_SLOPE,
         lambda scene, k: hidden(scene, k) and scene.g(k).name in MISWRITTEN,
         lambda scene, k: list(MISWRITTEN[scene.g(k).name])),
    Slip("g′ of another activation", "slope", lambda at: ACTIVATIONS[at.choice].slope(at.scene.a[at.k]),
         "The slope at layer {k} is that of {c}.", *RIGHT_SLOPE, hidden, other_activations),
    Slip("g′ of another activation, in h", "slope", lambda at: in_h(at.choice, at.scene.h[at.k]),
         "The slope at layer {k} is that of {c}, written in h.", *RIGHT_SLOPE, hidden,
         lambda scene, k: [name for name in ("logistic", "tanh") if name != scene.g(k).name]),
    Slip("g′ of another layer", "slope", lambda at: at.scene.g(at.choice).slope(at.scene.a[at.choice]),
         "The slope at layer {k} is that of layer {c}.", *RIGHT_SLOPE,
         lambda scene, k: hidden(scene, k) and bool(as_wide(scene, k)), as_wide),
    Slip("g in place of g′", "slope", lambda at: at.scene.h[at.k],
         "The activation itself stands where its slope should.", *RIGHT_SLOPE, hidden),
    Slip("mask inverted", "slope",
         lambda at: inverted(at.scene.g(at.k).slope, at.scene.a[at.k], at.choice),
         "The mask of layer {k} lets the error through where the unit is off, {c}.", *RIGHT_SLOPE, kinked,
         lambda scene, k: ("a < 0", "a ≤ 0")),
    Slip("mask ≥ 0", "slope", lambda at: np.where(at.scene.a[at.k] == 0, 1, at.scene.g(at.k).slope(at.scene.a[at.k])),
         "At a_{k} = 0 exactly the slope is taken as 1; it is stated as g′(0) = 0. (Elsewhere it makes no difference.)",
         *RIGHT_SLOPE, kinked),
)  # fmt: skip


def inverted(slope: Callable[[NDArray[Any]], NDArray[Any]], a: NDArray[Any], where: str) -> NDArray[Any]:
    """A mask that is on where it should be off; at 0 as people write it."""
    return np.where((a == 0) & (where == "a ≤ 0"), 1, slope(-a))


def in_h(name: str, h: NDArray[Any]) -> NDArray[Any]:
    """The slope as it is written in terms of the output, h (1 − h) or 1 − h²."""
    return h * (1 - h) if name == "logistic" else 1 - h * h


# --- the parameters ---

RIGHT_W = ("∇W_{k} = Σ_i w_i δ_{k},i h_{j},iᵀ", "dW[{k}] = delta[{k}].T @ h[{j}]{over_n}{once}")
RIGHT_B = ("∇b_{k} = Σ_i w_i δ_{k},i", "db[{k}] = delta[{k}].sum(axis=0){over_n}{once}")


def one_row(choice: int, signals: NDArray[Any]) -> NDArray[Any]:
    """All examples' rows but one put to zero."""
    kept = np.zeros_like(signals)
    kept[choice] = signals[choice]
    return kept


WEIGHT = (
    Slip("dW transposed", "weight", lambda at: (at.scene.h[at.k - 1], at.delta),
         "dW_{k} is transposed.", *RIGHT_W, choices=lambda scene, k: (False, True) if square(scene, k) else (True,),
         turned=True),
    Slip("a in place of h", "weight", lambda at: (at.delta, at.scene.a[at.k - 1]),
         "dW_{k} is taken with a_{j}, before the activation, in place of h_{j}.", *RIGHT_W, lambda scene, k: k > 1),
    Slip("own output in place of input", "weight", lambda at: (at.delta, at.scene.h[at.k]),
         "dW_{k} is taken with the layer's own output h_{k} in place of its input h_{j}.", *RIGHT_W, square),
    Slip("another layer's output", "weight", lambda at: (at.delta, at.scene.h[at.choice]),
         "dW_{k} is taken with h_{c} in place of h_{j} (h_0 is X).", *RIGHT_W,
         lambda scene, k: bool(other_inputs(scene, k)), other_inputs),
    Slip("∂ℓ/∂h in place of δ", "weight", lambda at: (at.e, at.scene.h[at.k - 1]),
         "dW_{k} is taken with the error before the slope, ∂ℓ/∂h_{k}, in place of δ_{k}.", *RIGHT_W, hidden),
    Slip("from one example only", "weight", lambda at: (one_row(at.choice, at.delta), at.scene.h[at.k - 1]),
         "dW_{k} has example {c} (counted from 0) in it and no other.", *RIGHT_W, lambda scene, k: scene.n > 1, ends,
         scaled=True),
    Slip("left at zero", "weight", lambda at: None,
         "The data have no part in dW_{k}: it is left at zero.", *RIGHT_W),
)  # fmt: skip

BIAS = (
    Slip("wrong axis", "bias", lambda at: at.delta.sum(axis=1),
         "db_{k} is summed over the units, not over the examples.", *RIGHT_B, scaled=True),
    Slip("sum of everything", "bias", lambda at: np.full(at.delta.shape[1], at.delta.sum()),
         "db_{k} is one number, the sum over the examples and over the units.", *RIGHT_B,
         lambda scene, k: scene.width(k) > 1, scaled=True),
    Slip("from one example only", "bias", lambda at: at.delta[at.choice],
         "db_{k} has example {c} (counted from 0) in it and no other.", *RIGHT_B, lambda scene, k: scene.n > 1, ends,
         scaled=True),
    Slip("∂ℓ/∂h in place of δ", "bias", lambda at: at.scene.w @ at.e,
         "db_{k} is taken from the error before the slope, ∂ℓ/∂h_{k}, in place of δ_{k}.", *RIGHT_B, hidden),
    Slip("left at zero", "bias", lambda at: np.zeros(at.delta.shape[1]),
         "The data have no part in db_{k}: it is left at zero.", *RIGHT_B),
)  # fmt: skip
