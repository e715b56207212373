# SPDX-License-Identifier: MIT
"""Witnesses: one number of one example, found in several ways that share as little as they can, a row for each.

    factor product       the engine's: δ_{k,i} h_{k−1,j}, and likewise for a bias, a unit, an input
    complex step         Im ℓ(θ + i ε) / ε, ε = 1e−170, through `forward` and the losses alone
    finite difference    (ℓ(θ + h) − ℓ(θ − h)) / 2h, extrapolated to h = 0, with its error bar

The second and third begin where the thing enters the network and know nothing of the backward pass. What the reader's
own number may be is told in `likenesses`.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from culpa.checking.differences import Slope, difference
from culpa.checking.networks import STEP, is_ours
from culpa.checking.noise import noise_along
from culpa.checking.rays import Ray
from culpa.engine.forward import forward
from culpa.explaining.worth import Worth

__all__ = ["Thing", "Witness", "agreement", "probe", "witnesses_of"]

EPS = float(np.finfo(np.float64).eps)
ROUNDING = 1e4 * EPS
"""What rounding may do to a sum, in units of the size of what was summed."""
FAINT = 1e-120
"""A derivative below this leaves the range of float64 in a complex step."""
COARSE = 1e-3
"""An error bar above this share of the number could hide a mistake."""
NO_COMPLEX = "The network's functions take no complex numbers, so that there is no complex step."
LOST = "A function of your own may lose imaginary parts; then the complex step is wrong and not the number."


class Thing(NamedTuple):
    """What the loss is differentiated by.

    Attributes:
        role: "W", "b", "a" or "h"; an input is "h" of layer 0.
        layer: From 1, or 0 for the inputs.
        unit: From 1.
        source: Of a weight, the unit that it comes from, from 1.
    """

    role: Literal["W", "b", "a", "h"]
    layer: int
    unit: int
    source: int = 0


class Witness(NamedTuple):
    """One way to find the number, and what it says.

    Attributes:
        name: What it is.
        value: The number; NaN where it has none.
        digits: In how many digits it agrees with the factor product; 16 for all of them, NaN where that says nothing.
        verdict: In a few words.
        remark: What else is to be said, one sentence; "" where nothing is.
    """

    name: str
    value: float
    digits: float
    verdict: str
    remark: str = ""


Probe: TypeAlias = Callable[[complex], Any]
"""The example's loss (one number, complex where it is given one) as a function of the thing's own value."""


def witnesses_of(worth: Worth, thing: Thing, value: float, size: float) -> tuple[Witness, ...]:
    """Ask the three witnesses.

    Args:
        worth: The network, and the example.
        thing: What the loss is differentiated by.
        value: The engine's number for it.
        size: The sum of the sizes of what the number is the sum of: rounding errors are in proportion to it.

    Example:
        >>> from culpa.explaining.worth import worth_of
        >>> network = culpa.Network.from_arrays([[[2.0]]], loss="squared_error")
        >>> worth = worth_of(network, [[3.0]], [5.0])
        >>> [round(witness.value, 9) for witness in witnesses_of(worth, Thing("W", 1, 1, 1), 3.0, 3.0)]
        [3.0, 3.0, 3.0]
    """
    here, loss, beside = probe(worth, thing)
    with np.errstate(all="ignore"):
        product = Witness("factor product", value, float("nan"), "the engine's")
        return (product, stepped(worth, loss, here, value, size), differenced(loss, here, beside, value, size))


def probe(worth: Worth, thing: Thing) -> tuple[float, Probe, NDArray[Any]]:
    """The thing's value, the loss as a function of it, and the values beside it, which tell how far is far."""
    network, m, k, i = worth.network, worth.example, thing.layer, thing.unit - 1
    targets = worth.targets[m : m + 1]

    def above(k: int, h: NDArray[Any], a: NDArray[Any]) -> Any:
        """The loss, from the outputs of layer k up; from its pre-activations where it is the last."""
        layers = network.layers[k:]
        last = forward(replace(network, layers=layers), h[None])[-1].a if layers else a[None]
        return network.loss.losses(last, targets)[0]

    def activated(value: complex) -> Any:
        a = replaced(worth.layers("a", k)[m], i, value)
        return above(k, network.layers[k - 1].activation.value(a[None])[0], a)

    if thing.role == "h":
        h = worth.layers("h", k)[m]
        return float(h[i]), lambda value: above(k, replaced(h, i, value), h), h
    if thing.role == "a":
        a = worth.layers("a", k)[m]
        return float(a[i]), activated, a
    layer, before = network.layers[k - 1], worth.layers("h", k - 1)[m]
    row, b = layer.W[i], 0.0 if layer.b is None else float(layer.b[i])
    if thing.role == "b":
        return b, lambda value: activated(row @ before + value), np.zeros(1) if layer.b is None else layer.b
    j = thing.source - 1
    return float(row[j]), lambda value: activated(replaced(row, j, value) @ before + b), layer.W


def replaced(values: NDArray[Any], place: int, value: complex) -> NDArray[Any]:
    """A copy with one entry in another's place; complex if that one is."""
    copy = np.array(values, dtype=np.result_type(values, np.asarray(value)))
    copy[place] = value
    return copy


def stepped(worth: Worth, loss: Probe, here: float, value: float, size: float) -> Witness:
    """The complex step."""
    name = "complex step"
    try:
        moved = np.asarray(loss(complex(here, STEP)))
        found = float(moved.imag) / STEP if moved.dtype.kind == "c" else float("nan")
    except Exception:  # noqa: BLE001 # a row of the user's own may raise anything on complex numbers
        found = float("nan")
    if np.isnan(found):
        return Witness(name, found, float("nan"), "none", NO_COMPLEX)
    if 0 < max(abs(value), size) < FAINT:
        return Witness(name, found, float("nan"), "too small to be seen")
    if abs(found - value) <= ROUNDING * size:
        return Witness(name, found, agreement(found, value), "agrees")
    return Witness(name, found, agreement(found, value), "differs", "" if is_ours(worth.network) else LOST)


def differenced(loss: Probe, here: float, beside: NDArray[Any], value: float, size: float) -> Witness:
    """The finite difference."""

    def real(theta: NDArray[Any]) -> float:
        try:
            return float(loss(float(theta[0])))
        except Exception:  # noqa: BLE001 # as above: a function need not be defined everywhere
            return float("nan")

    theta, usual = np.array([here]), float(np.sqrt(np.mean(np.square(beside))))
    ray = Ray(np.ones(1), max(abs(here), usual) or 1.0)
    now = real(theta)
    found = difference(real, now, theta, ray, noise_along(real, now, theta, ray))
    return Witness("finite difference", found.value, agreement(found.value, value), judged(found, value, size))


def judged(found: Slope, value: float, size: float) -> str:
    """What a difference says of the number, in words."""
    if not np.isfinite(found.value):
        return "no values beside this point"
    bar = f"{found.bar:.1g}"
    if found.jump and abs(found.value - value) <= found.jump:
        return f"a kink: the slope jumps by {found.jump:.4g}"
    if abs(found.value - value) > found.bar + ROUNDING * size:
        return f"differs, by more than ±{bar}"
    if found.bar > COARSE * abs(value):
        return f"agrees within ±{bar}, which says little" if value else f"zero within ±{bar}"
    return f"agrees within ±{bar}"


def agreement(one: float, other: float) -> float:
    """In how many digits a number agrees with another: 0 to 16; NaN beside zero, where digits say nothing.

    Example:
        >>> agreement(1.001, 1.0), agreement(-1.0, 1.0), agreement(0.5, 0.5)
        (3.0, 0.0, 16.0)
    """
    if one == other:
        return 16.0
    if other == 0 or not np.isfinite(one):
        return float("nan")
    return float(np.clip(round(-np.log10(abs(one / other - 1)), 9), 0, 16))
