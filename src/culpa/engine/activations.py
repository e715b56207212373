# SPDX-License-Identifier: MIT
"""Activations: a table of name -> g, its slope g′, and the slope where g has a kink.

    name         g(a)                     g′(a)                    at the kink a = 0
    identity     a                        1
    logistic     1 / (1 + e⁻ᵃ)            g(a) g(−a)
    tanh         tanh a                   1 / cosh² a
    relu         max(0, a)                1 if a > 0 else 0        0
    leaky_relu   a if a > 0 else a/100    1 if a > 0 else 1/100    1/100
    elu          a if a > 0 else eᵃ − 1   1 if a > 0 else eᵃ
    gelu         a Φ(a)                   Φ(a) + a φ(a)
    silu         a σ(a)                   σ(a) (1 + a σ(−a))
    softplus     log(1 + eᵃ)              σ(a)

Every g takes complex numbers too (it branches on the real part), so that derivatives can be checked by complex steps.
Slopes are real, and are written so that they keep their digits at saturation: tanh′ is not 1 − h².
Where it pays, a row has a second rule that works in place (`in_place`), for the many steps of a training. Knows no
network.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from culpa.engine import in_place
from culpa.engine.in_place import Rule
from culpa.errors import unknown_name

__all__ = ["ACTIVATIONS", "Activation", "activation_named", "exponential", "logistic", "softplus"]

Function = Callable[[NDArray[Any]], NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Activation:
    """One row of the table: an elementwise function and its slope.

    Args:
        name: How users and files call it.
        value: g, from an array of any shape to one of the same shape and dtype, real or complex.
        slope: g′, likewise, for real arrays.
        kinks: The points where g has no derivative; there, `slope` takes the side that the table states.
        init: Which spread of fresh weights suits it: He et al. (2015) or Glorot and Bengio (2010).
        bounded: Whether g levels off on both sides, so that a unit can be saturated.
        in_place: (h, delta) -> Rule, two arrays of one shape; None where g and g′ are used as they are.
    """

    name: str
    value: Function
    slope: Function
    kinks: tuple[float, ...] = ()
    init: Literal["he", "glorot"] = "glorot"
    bounded: bool = False
    in_place: Callable[[NDArray[Any], NDArray[Any]], Rule] | None = None

    def rule(self, h: NDArray[Any], delta: NDArray[Any]) -> Rule:
        """The in-place rule on two arrays, or g and g′ themselves with their results copied in."""
        if self.in_place is None:
            return in_place.as_they_are(self.value, self.slope, h, delta)
        return self.in_place(h, delta)

    def __repr__(self) -> str:
        return f"<activation {self.name}>"


def decay(a: NDArray[Any]) -> NDArray[Any]:
    """exp(−|Re a|), carried on to complex numbers on either side of zero: never above 1, so it never overflows."""
    return np.exp(np.where(a.real > 0, -a, a))


def identity(a: NDArray[Any]) -> NDArray[Any]:
    """g(a) = a."""
    return a


def identity_slope(a: NDArray[Any]) -> NDArray[Any]:
    """g′(a) = 1."""
    return np.ones_like(a)


def logistic(a: NDArray[Any]) -> NDArray[Any]:
    """σ(a) = 1 / (1 + e⁻ᵃ), with full relative precision on both sides."""
    e = decay(a)
    return np.where(a.real > 0, 1, e) / (1 + e)


def logistic_slope(a: NDArray[Any]) -> NDArray[Any]:
    """σ′(a) = σ(a) σ(−a)."""
    e = decay(a)
    return e / (1 + e) ** 2


def tanh_slope(a: NDArray[Any]) -> NDArray[Any]:
    """1 / cosh² a = 4 e^(−2|a|) / (1 + e^(−2|a|))²."""
    return 4 * logistic_slope(2 * a)


def relu(a: NDArray[Any]) -> NDArray[Any]:
    """max(0, a); NaN stays NaN."""
    if a.dtype.kind == "c":
        return np.where(a.real <= 0, 0, a)
    return np.maximum(a, np.zeros(a.shape[-1:], a.dtype))  # a row of zeros: NumPy is slow with a single one


def relu_slope(a: NDArray[Any]) -> NDArray[Any]:
    """1 where a > 0, else 0."""
    return (a > 0).astype(a.dtype)


def leaky_relu(a: NDArray[Any]) -> NDArray[Any]:
    """A where a > 0, else a/100."""
    return np.where(a.real > 0, a, a * 0.01)


def leaky_relu_slope(a: NDArray[Any]) -> NDArray[Any]:
    """1 where a > 0, else 1/100."""
    return np.where(a > 0, a.dtype.type(1), a.dtype.type(0.01))


def elu(a: NDArray[Any]) -> NDArray[Any]:
    """A where a > 0, else eᵃ − 1 (α = 1)."""
    return np.where(a.real > 0, a, np.expm1(np.where(a.real > 0, 0, a)))


def elu_slope(a: NDArray[Any]) -> NDArray[Any]:
    """1 where a > 0, else eᵃ."""
    return np.exp(np.where(a > 0, 0, a))


def normal_cdf(a: NDArray[Any]) -> NDArray[Any]:
    """Φ(a) = ½ erfc(−a/√2), real or complex."""
    from scipy.special import erfc

    twice: NDArray[Any] = erfc(-a / math.sqrt(2))
    return twice / 2


def gelu(a: NDArray[Any]) -> NDArray[Any]:
    """A Φ(a), exact (not the tanh approximation)."""
    return a * normal_cdf(a)


def gelu_slope(a: NDArray[Any]) -> NDArray[Any]:
    """Φ(a) + a φ(a)."""
    density = np.exp(-a * a / 2) / math.sqrt(2 * math.pi)
    return normal_cdf(a) + a * density


def silu(a: NDArray[Any]) -> NDArray[Any]:
    """A σ(a)."""
    return a * logistic(a)


def silu_slope(a: NDArray[Any]) -> NDArray[Any]:
    """σ(a) (1 + a σ(−a))."""
    return logistic(a) * (1 + a * logistic(-a))


def softplus(a: NDArray[Any]) -> NDArray[Any]:
    """log(1 + eᵃ) = max(0, a) + log(1 + e^(−|a|))."""
    return relu(a) + np.log1p(decay(a))


def exponential(a: NDArray[Any]) -> NDArray[Any]:
    """eᵃ."""
    return np.exp(a)


ACTIVATIONS: dict[str, Activation] = {
    row.name: row
    for row in (
        Activation("identity", identity, identity_slope, in_place=in_place.identity),
        Activation("logistic", logistic, logistic_slope, bounded=True, in_place=in_place.logistic),
        Activation("tanh", np.tanh, tanh_slope, bounded=True, in_place=in_place.tanh),
        Activation("relu", relu, relu_slope, kinks=(0.0,), init="he", in_place=in_place.relu),
        Activation("leaky_relu", leaky_relu, leaky_relu_slope, kinks=(0.0,), init="he", in_place=in_place.leaky_relu),
        Activation("elu", elu, elu_slope, init="he", in_place=in_place.elu),
        Activation("gelu", gelu, gelu_slope, init="he", in_place=in_place.gelu),
        Activation("silu", silu, silu_slope, init="he", in_place=in_place.silu),
        Activation("softplus", softplus, logistic, in_place=in_place.softplus),
    )
}


def activation_named(name: str | Activation) -> Activation:
    """Look up a row by its name; a row of the user's own passes through.

    Example:
        >>> activation_named("relu").slope(np.array([-1.0, 0.0, 2.0]))
        array([0., 0., 1.])
    """
    if isinstance(name, Activation):
        return name
    if not isinstance(name, str) or name not in ACTIVATIONS:
        raise unknown_name("activation", name, ACTIVATIONS)
    return ACTIVATIONS[name]
