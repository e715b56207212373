# SPDX-License-Identifier: MIT
"""Losses: a table of name -> each example's loss, the output function it belongs to, and its delta ∂ℓ/∂a_L.

    name                      h_L          ℓ (summed over outputs c)         δ_L = ∂ℓ/∂a_L
    cross_entropy             softmax      −Σ t log p                        p Σt − t
    binary_cross_entropy      logistic     −Σ t log p + (1−t) log(1−p)       p − t
    squared_error             identity     ½ Σ (a − t)²                      a − t
    huber                     identity     Σ ½r² or |r| − ½, r = a − t       r, held to [−1, 1]
    poisson                   exp          Σ t log(t/μ) − t + μ              μ − t
    logistic_squared_error    logistic     ½ Σ (p − t)²                      (p − t) p (1 − p)
    softmax_squared_error     softmax      ½ Σ (p − t)²                      p (r − Σ p r), r = p − t

A loss is computed from the logits a_L, never from a clipped probability, and takes complex logits too. Its delta keeps
its digits at saturation: 1 − p is summed from the other probabilities, and p − t is written p (1−t) − t (1−p).
Targets t are class indices (n,) or rows (n, d_L); `targets` has admitted them. Entropies are in nats. Knows no network.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.engine import in_place
from culpa.engine.activations import ACTIVATIONS, Activation, exponential, logistic, softplus
from culpa.engine.arrays import Signals, Values
from culpa.engine.in_place import LossRule
from culpa.engine.targets import TargetKind, Targets
from culpa.errors import unknown_name

__all__ = ["LOSSES", "OUTPUTS", "Loss", "loss_named", "softmax"]


@dataclass(frozen=True, slots=True)
class Loss:
    """One row of the table: a per-example loss of the logits a_L, with the output function that belongs to it.

    Args:
        name: How users and files call it.
        output: The last layer's function, h_L = output(a_L).
        losses: (a_L (n, d_L), t) -> ℓ (n,), real or complex.
        delta: (a_L (n, d_L), t) -> ∂ℓ/∂a_L (n, d_L), real.
        targets: What y may hold: "classes" (indices, one-hot or soft rows that sum to 1), "labels" (in [0, 1]),
            "numbers" (any) or "counts" (≥ 0).
        in_place: (a, delta, t, w) -> LossRule on columns (…, d_L, n); None where losses and delta are used as they are.
    """

    name: str
    output: Activation
    losses: Callable[[Signals, Targets], Values]
    delta: Callable[[Signals, Targets], Signals]
    targets: TargetKind
    in_place: Callable[[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]], LossRule] | None = None

    def rule(self, a: NDArray[Any], delta: NDArray[Any], t: NDArray[Any], w: NDArray[Any]) -> LossRule:
        """The in-place rule on arrays of its own, or the losses and delta themselves with their results copied in."""
        if self.in_place is None:
            return in_place.loss_as_it_is(self.delta, self.losses, a, delta, t, w)
        return self.in_place(a, delta, t, w)

    @property
    def is_classification(self) -> bool:
        """Whether the outputs are probabilities of classes or labels."""
        return self.targets in ("classes", "labels")

    def __repr__(self) -> str:
        return f"<loss {self.name}>"


def shifted(a: Signals) -> tuple[Signals, NDArray[np.intp]]:
    """A − a_m and m (n,), where m is each row's largest logit by its real part: exp of it cannot overflow."""
    largest = a.real.argmax(axis=1)
    return a - a[np.arange(len(a)), largest][:, None], largest


def softmax(a: Signals) -> Signals:
    """p_c = e^(a_c) / Σ_j e^(a_j), row by row."""
    e = np.exp(shifted(a)[0])
    return e / e.sum(axis=1, keepdims=True)


def softmax_pair(a: Signals) -> tuple[Signals, Signals]:
    """P and 1 − p; the largest p's complement is the sum of the others, so that both keep their digits."""
    shift, largest = shifted(a)
    e = np.exp(shift)
    p = e / e.sum(axis=1, keepdims=True)
    each = np.arange(len(a))
    e[each, largest] = 0
    rest = e.sum(axis=1)
    complement = 1 - p
    complement[each, largest] = rest / (1 + rest)
    return p, complement


def no_slope(_: Signals) -> Signals:
    """The softmax mixes a row's outputs, so it has no elementwise slope; its losses' deltas hold the whole Jacobian."""
    raise TypeError("softmax has no elementwise slope: ∂p_c/∂a_j is p_c ([c = j] − p_j)")


def probability_error(p: Signals, complement: Signals, targets: Targets, mass: Signals | int = 1) -> Signals:
    """p·mass − t without cancellation: p (mass − t) − t (1 − p); for a class index, −(1 − p) at the true class."""
    if targets.ndim == 1:
        error, each = p.copy(), np.arange(len(p))
        error[each, targets] = -complement[each, targets]
        return error
    return p * (mass - targets) - targets * complement


def cross_entropy(a: Signals, targets: Targets) -> Values:
    """Σ_c t_c (log Σ_j e^(a_j) − a_c), every term of it ≥ 0."""
    shift, largest = shifted(a)
    e = np.exp(shift)
    each = np.arange(len(a))
    e[each, largest] = 0
    log_sum = np.log1p(e.sum(axis=1))
    if targets.ndim == 1:
        return log_sum - shift[each, targets]
    return (targets * (log_sum[:, None] - shift)).sum(axis=1)


def cross_entropy_delta(a: Signals, targets: Targets) -> Signals:
    """δ = p Σt − t, where Σt is 1 up to the rounding of the user's own rows."""
    mass = 1 if targets.ndim == 1 else targets.sum(axis=1, keepdims=True)
    return probability_error(*softmax_pair(a), targets, mass)


def binary_cross_entropy(a: Signals, targets: Targets) -> Values:
    """Σ_c t_c log(1 + e^(−a_c)) + (1 − t_c) log(1 + e^(a_c))."""
    return (targets * softplus(-a) + (1 - targets) * softplus(a)).sum(axis=1)


def binary_cross_entropy_delta(a: Signals, targets: Targets) -> Signals:
    """(1 − t) σ(a) − t σ(−a), which is σ(a) − t."""
    return (1 - targets) * logistic(a) - targets * logistic(-a)


def squared_error(a: Signals, targets: Targets) -> Values:
    """½ Σ_c (a_c − t_c)²."""
    residual = a - targets
    return (residual * residual).sum(axis=1) / 2


def squared_error_delta(a: Signals, targets: Targets) -> Signals:
    """A − t (not a − t times 2, and not divided by the number of outputs)."""
    return a - targets


def huber(a: Signals, targets: Targets) -> Values:
    """Σ_c ½ r² where |r| ≤ 1 and |r| − ½ beyond, with r = a − t."""
    r = a - targets
    magnitude = np.where(r.real < 0, -r, r)
    return np.where(magnitude.real <= 1, r * r / 2, magnitude - 0.5).sum(axis=1)


def huber_delta(a: Signals, targets: Targets) -> Signals:
    """δ = a − t, held to [−1, 1]."""
    return np.clip(a - targets, -1, 1)


def poisson(a: Signals, targets: Targets) -> Values:
    """Half the deviance, Σ_c t log(t/μ) − t + μ with μ = eᵃ; t log t is 0 at t = 0."""
    log_target = np.log(np.where(targets > 0, targets, 1))
    return (targets * (log_target - a - 1) + np.exp(a)).sum(axis=1)


def poisson_delta(a: Signals, targets: Targets) -> Signals:
    """eᵃ − t."""
    return np.exp(a) - targets


def logistic_squared_error(a: Signals, targets: Targets) -> Values:
    """½ Σ_c (σ(a_c) − t_c)², with the residual written without cancellation."""
    residual = binary_cross_entropy_delta(a, targets)
    return (residual * residual).sum(axis=1) / 2


def logistic_squared_error_delta(a: Signals, targets: Targets) -> Signals:
    """(σ(a) − t) σ′(a): the slope stays, because it does not cancel here."""
    return binary_cross_entropy_delta(a, targets) * ACTIVATIONS["logistic"].slope(a)


def softmax_squared_error(a: Signals, targets: Targets) -> Values:
    """½ Σ_c (p_c − t_c)²."""
    residual = probability_error(*softmax_pair(a), targets)
    return (residual * residual).sum(axis=1) / 2


def softmax_squared_error_delta(a: Signals, targets: Targets) -> Signals:
    """p_c (r_c − Σ_j p_j r_j) with r = p − t.

    Adding a constant to r changes nothing, so r is taken relative to its entry at the largest p: then nothing cancels.
    """
    p, complement = softmax_pair(a)
    largest = p.argmax(axis=1)[:, None]
    residual = probability_error(p, complement, targets)
    residual = residual - np.take_along_axis(residual, largest, axis=1)
    return p * (residual - (p * residual).sum(axis=1, keepdims=True))


IDENTITY, LOGISTIC = ACTIVATIONS["identity"], ACTIVATIONS["logistic"]
SOFTMAX = Activation("softmax", softmax, no_slope)
EXP = Activation("exp", exponential, exponential)
OUTPUTS: dict[str, Activation] = {row.name: row for row in (IDENTITY, LOGISTIC, SOFTMAX, EXP)}

LOSSES: dict[str, Loss] = {
    row.name: row
    for row in (
        Loss("cross_entropy", SOFTMAX, cross_entropy, cross_entropy_delta, "classes", in_place.cross_entropy),
        Loss(
            "binary_cross_entropy",
            LOGISTIC,
            binary_cross_entropy,
            binary_cross_entropy_delta,
            "labels",
            in_place.binary_cross_entropy,
        ),
        Loss("squared_error", IDENTITY, squared_error, squared_error_delta, "numbers", in_place.squared_error),
        Loss("huber", IDENTITY, huber, huber_delta, "numbers", in_place.huber),
        Loss("poisson", EXP, poisson, poisson_delta, "counts", in_place.poisson),
        Loss(
            "logistic_squared_error",
            LOGISTIC,
            logistic_squared_error,
            logistic_squared_error_delta,
            "labels",
        ),
        Loss("softmax_squared_error", SOFTMAX, softmax_squared_error, softmax_squared_error_delta, "classes"),
    )
}


def loss_named(name: str | Loss) -> Loss:
    """Look up a row by its name; a row of the user's own passes through.

    Example:
        >>> loss_named("squared_error").losses(np.array([[1.0, 2.0]]), np.array([[0.0, 0.0]]))
        array([2.5])
    """
    if isinstance(name, Loss):
        return name
    if not isinstance(name, str) or name not in LOSSES:
        raise unknown_name("loss", name, LOSSES)
    return LOSSES[name]
