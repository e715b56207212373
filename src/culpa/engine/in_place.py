# SPDX-License-Identifier: MIT
"""The tables' rows at work in place: the rules that a training uses, which allocate nothing after the first step.

    activations    h ← g(h);  δ ← δ ⊙ g′              g′ is taken from h where that is cheaper: 1 − h² for tanh
    losses         δ ← w ⊙ ∂ℓ/∂a;  ℓ on request       p − t for the entropies

Both are right to the rounding of 1, where the rules in `activations` and `losses` keep their digits at saturation too.
Each takes its arrays once and gives back calls without arguments; elementwise, so that the layout plays no part, except
that losses sum over the axis before the last: examples are columns (…, d, n). Knows no network.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.engine.arrays import Call, product

__all__ = ["LossRule", "Rule", "as_they_are", "loss_as_it_is", "row_like", "summed", "turned"]

FEW = 32
"""Classes up to which a row is spread over them by a product."""

Function = Callable[[NDArray[Any]], NDArray[Any]]


class Rule(NamedTuple):
    """An activation at work on two arrays of its own, `h` and `delta`.

    Attributes:
        value: h ← g(h).
        pull: delta ← delta ⊙ g′, for the a that `value` saw last.
    """

    value: Call
    pull: Call


class LossRule(NamedTuple):
    """A loss at work on arrays of its own: logits `a`, `delta`, targets `t` (…, d_L, n) and weights `w` (…, 1, n).

    Attributes:
        pull: delta ← w ⊙ ∂ℓ/∂a; it may write over a.
        losses: ℓ (…, n) of the same batch, worked out when asked for, without the weights.
    """

    pull: Call
    losses: Callable[[], NDArray[Any]]


def as_they_are(value: Function, slope: Function, h: NDArray[Any], delta: NDArray[Any]) -> Rule:
    """An activation without a rule of its own here: g and g′ themselves, with their results copied in."""
    rows = turned(h).shape
    a = np.empty((h.size // rows[-1], rows[-1]), h.dtype)

    def run() -> None:
        a[...] = turned(h).reshape(a.shape)
        h[...] = turned(value(a).reshape(rows))

    def pull() -> None:
        delta[...] *= turned(slope(a).reshape(rows))

    return Rule(run, pull)


def nothing() -> None:
    """Do nothing."""


def identity(_: NDArray[Any], __: NDArray[Any]) -> Rule:
    """Nothing to do."""
    return Rule(nothing, nothing)


def logistic(h: NDArray[Any], delta: NDArray[Any]) -> Rule:
    """σ = ½ + ½ tanh(a/2), which cannot overflow; σ′ = σ (1 − σ)."""
    half, slope = np.array(0.5, h.dtype), np.empty_like(h)

    def value() -> None:
        np.multiply(h, half, h)
        np.tanh(h, h)
        np.multiply(h, half, h)
        np.add(h, half, h)

    def pull() -> None:
        np.multiply(h, h, slope)
        np.subtract(h, slope, slope)
        np.multiply(delta, slope, delta)

    return Rule(value, pull)


def tanh(h: NDArray[Any], delta: NDArray[Any]) -> Rule:
    """tanh′ = 1 − h²."""
    one, slope = np.array(1, h.dtype), np.empty_like(h)

    def value() -> None:
        np.tanh(h, h)

    def pull() -> None:
        np.multiply(h, h, slope)
        np.subtract(one, slope, slope)
        np.multiply(delta, slope, delta)

    return Rule(value, pull)


def relu(h: NDArray[Any], delta: NDArray[Any]) -> Rule:
    """max(0, a), which is above 0 where a was."""
    # NOTE: NumPy's maximum of two whole arrays is several times as fast as that with a scalar. And h is above 0 where
    # its bits, read as an integer, are; so min(bits, 1) is the mask, and multiplying delta's bits by it is faster than
    # multiplying delta by truth values, which NumPy converts first. `bench/calls.py` measures both.
    zeros, whole = np.zeros(h.shape, h.dtype), np.dtype(f"i{h.dtype.itemsize}")
    bits, delta_bits, one, mask = h.view(whole), delta.view(whole), np.ones(h.shape, whole), np.empty(h.shape, whole)

    def value() -> None:
        np.maximum(h, zeros, out=h)

    def pull() -> None:
        np.minimum(bits, one, out=mask)
        np.multiply(delta_bits, mask, delta_bits)

    return Rule(value, pull)


def leaky_relu(h: NDArray[Any], delta: NDArray[Any]) -> Rule:
    """max(h, h/100), which has the sign of a."""
    leak, zero, less = np.array(0.01, h.dtype), np.array(0, h.dtype), np.empty_like(h)
    mask = np.empty(h.shape, bool)

    def value() -> None:
        np.multiply(h, leak, less)
        np.maximum(h, less, out=h)

    def pull() -> None:
        np.multiply(delta, leak, less)
        np.less_equal(h, zero, mask)
        np.copyto(delta, less, where=mask)

    return Rule(value, pull)


def elu(h: NDArray[Any], delta: NDArray[Any]) -> Rule:
    """max(0, a) + e^min(0, a) − 1; the slope is 1 + min(0, h)."""
    zeros, one, slope = np.zeros(h.shape, h.dtype), np.array(1, h.dtype), np.empty_like(h)

    def value() -> None:
        np.minimum(h, zeros, out=slope)
        np.expm1(slope, slope)
        np.maximum(h, zeros, out=h)
        np.add(h, slope, h)

    def pull() -> None:
        np.minimum(h, zeros, out=slope)
        np.add(slope, one, slope)
        np.multiply(delta, slope, delta)

    return Rule(value, pull)


def gelu(h: NDArray[Any], delta: NDArray[Any]) -> Rule:
    """Φ(a) is worked out once, for g = a Φ(a) and g′ = Φ(a) + a φ(a)."""
    from scipy.special import ndtr

    minus_half, height = np.array(-0.5, h.dtype), np.array(1 / math.sqrt(2 * math.pi), h.dtype)
    a, share, slope = np.empty_like(h), np.empty_like(h), np.empty_like(h)

    def value() -> None:
        a[...] = h
        ndtr(a, share)
        np.multiply(a, share, h)

    def pull() -> None:
        np.multiply(a, a, slope)
        np.multiply(slope, minus_half, slope)
        np.exp(slope, slope)
        np.multiply(slope, height, slope)
        np.multiply(slope, a, slope)
        np.add(slope, share, slope)
        np.multiply(delta, slope, delta)

    return Rule(value, pull)


def silu(h: NDArray[Any], delta: NDArray[Any]) -> Rule:
    """σ(a) is worked out once, for g = a σ(a) and g′ = σ(a) + g (1 − σ(a))."""
    one, share, slope = np.array(1, h.dtype), np.empty_like(h), np.empty_like(h)
    sigmoid = logistic(share, slope).value

    def value() -> None:
        share[...] = h
        sigmoid()
        np.multiply(h, share, h)

    def pull() -> None:
        np.subtract(one, share, slope)
        np.multiply(slope, h, slope)
        np.add(slope, share, slope)
        np.multiply(delta, slope, delta)

    return Rule(value, pull)


def softplus(h: NDArray[Any], delta: NDArray[Any]) -> Rule:
    """max(0, a) + log(1 + e^(−|a|)); the slope is σ(a) = 1 − e^(−h)."""
    zeros, slope = np.zeros(h.shape, h.dtype), np.empty_like(h)

    def value() -> None:
        np.abs(h, slope)
        np.negative(slope, slope)
        np.exp(slope, slope)
        np.log1p(slope, slope)
        np.maximum(h, zeros, out=h)
        np.add(h, slope, h)

    def pull() -> None:
        np.negative(h, slope)
        np.expm1(slope, slope)
        np.multiply(delta, slope, delta)
        np.negative(delta, delta)

    return Rule(value, pull)


def loss_as_it_is(
    delta_of: Callable[..., NDArray[Any]],
    losses_of: Callable[..., NDArray[Any]],
    a: NDArray[Any],
    delta: NDArray[Any],
    t: NDArray[Any],
    w: NDArray[Any],
) -> LossRule:
    """A loss without a rule of its own here: its delta and losses themselves, on rows, with their results copied in."""
    rows = turned(delta).shape

    def flat(x: NDArray[Any]) -> NDArray[Any]:
        return turned(x).reshape(-1, rows[-1])

    def pull() -> None:
        np.multiply(turned(delta_of(flat(a), flat(t)).reshape(rows)), w, delta)

    def losses() -> NDArray[Any]:
        return losses_of(flat(a), flat(t)).reshape(rows[:-1])

    return LossRule(pull, losses)


def summed(x: NDArray[Any], out: NDArray[Any]) -> Call:
    """The call that sums each column of x (…, d, n) into out (…, 1, n), as a product, which is the fastest way."""
    return product(np.ones((*x.shape[:-2], 1, x.shape[-2]), x.dtype), x, out)


def row_like(x: NDArray[Any]) -> NDArray[Any]:
    """An array (…, 1, n) for one number an example."""
    return np.empty((*x.shape[:-2], 1, x.shape[-1]), x.dtype)


def turned(x: NDArray[Any]) -> NDArray[Any]:
    """Rows for columns and columns for rows; a view."""
    return x.swapaxes(-1, -2)


def cross_entropy(a: NDArray[Any], delta: NDArray[Any], t: NDArray[Any], w: NDArray[Any]) -> LossRule:
    """δ = w (p − t); ℓ = log Σ e^a − Σ t a, both shifted by the largest logit, which leaves `a` shifted."""
    largest, picked, logs, products = row_like(a), row_like(a), row_like(a), np.empty_like(a)
    # NOTE: of a single small batch, a row is spread over all classes by a product faster than NumPy broadcasts it, as
    # `bench/calls.py` measures.
    few = a.ndim == 2 and len(a) <= FEW
    shift, sums = (np.empty_like(a), np.empty_like(a)) if few else (largest, row_like(a))
    spread = product(np.ones((len(a), 1), a.dtype), largest, shift) if few else nothing
    add_up = product(np.ones((len(a), len(a)), a.dtype), delta, sums) if few else summed(delta, sums)
    pick = summed(products, picked)

    def pull() -> None:
        np.maximum.reduce(a, -2, None, largest, keepdims=True)
        spread()
        np.subtract(a, shift, a)
        np.exp(a, delta)
        add_up()
        np.divide(delta, sums, delta)
        np.subtract(delta, t, delta)
        np.multiply(delta, w, delta)

    def losses() -> NDArray[Any]:
        np.multiply(a, t, products)
        pick()
        np.log(sums[..., :1, :], logs)
        np.subtract(logs, picked, logs)
        return logs[..., 0, :]

    return LossRule(pull, losses)


def binary_cross_entropy(a: NDArray[Any], delta: NDArray[Any], t: NDArray[Any], w: NDArray[Any]) -> LossRule:
    """δ = w (σ(a) − t); ℓ = Σ max(0, a) + log(1 + e^(−|a|)) − t a."""
    half, zeros, terms, scratch = np.array(0.5, a.dtype), np.zeros(a.shape, a.dtype), np.empty_like(a), np.empty_like(a)
    total = row_like(a)
    add_up = summed(terms, total)

    def pull() -> None:
        np.multiply(a, half, delta)
        np.tanh(delta, delta)
        np.multiply(delta, half, delta)
        np.add(delta, half, delta)
        np.subtract(delta, t, delta)
        np.multiply(delta, w, delta)

    def losses() -> NDArray[Any]:
        np.abs(a, terms)
        np.negative(terms, terms)
        np.exp(terms, terms)
        np.log1p(terms, terms)
        np.maximum(a, zeros, out=scratch)
        np.add(terms, scratch, terms)
        np.multiply(t, a, scratch)
        np.subtract(terms, scratch, terms)
        add_up()
        return total[..., 0, :]

    return LossRule(pull, losses)


def squared_error(a: NDArray[Any], delta: NDArray[Any], t: NDArray[Any], w: NDArray[Any]) -> LossRule:
    """δ = w (a − t); ℓ = ½ Σ (a − t)²."""
    half, squares, total = np.array(0.5, a.dtype), np.empty_like(a), row_like(a)
    add_up = summed(squares, total)

    def pull() -> None:
        np.subtract(a, t, a)
        np.multiply(a, w, delta)

    def losses() -> NDArray[Any]:
        np.multiply(a, a, squares)
        np.multiply(squares, half, squares)
        add_up()
        return total[..., 0, :]

    return LossRule(pull, losses)


def huber(a: NDArray[Any], delta: NDArray[Any], t: NDArray[Any], w: NDArray[Any]) -> LossRule:
    """δ = w c with c = r held to [−1, 1], r = a − t; ℓ = Σ c (r − c/2)."""
    one, half, held, terms = np.array(1, a.dtype), np.array(0.5, a.dtype), np.empty_like(a), np.empty_like(a)
    total = row_like(a)
    add_up = summed(terms, total)

    def pull() -> None:
        np.subtract(a, t, a)
        np.clip(a, -one, one, held)
        np.multiply(held, w, delta)

    def losses() -> NDArray[Any]:
        np.multiply(held, half, terms)
        np.subtract(a, terms, terms)
        np.multiply(held, terms, terms)
        add_up()
        return total[..., 0, :]

    return LossRule(pull, losses)


def poisson(a: NDArray[Any], delta: NDArray[Any], t: NDArray[Any], w: NDArray[Any]) -> LossRule:
    """δ = w (e^a − t); ℓ = Σ t (log t − a − 1) + e^a, where t log t is 0 at t = 0."""
    zero, one, rate = np.array(0, a.dtype), np.array(1, a.dtype), np.empty_like(a)
    terms, total = np.empty_like(a), row_like(a)
    add_up = summed(terms, total)

    def pull() -> None:
        np.exp(a, rate)
        np.subtract(rate, t, delta)
        np.multiply(delta, w, delta)

    def losses() -> NDArray[Any]:
        np.equal(t, zero, out=terms)
        np.add(terms, t, terms)
        np.log(terms, terms)
        np.subtract(terms, a, terms)
        np.subtract(terms, one, terms)
        np.multiply(terms, t, terms)
        np.add(terms, rate, terms)
        add_up()
        return total[..., 0, :]

    return LossRule(pull, losses)
