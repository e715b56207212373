# SPDX-License-Identifier: MIT
"""The oracle by brute force: one example, one unit, one parameter at a time, in plain Python on complex numbers.

The network and its losses are written a second time from the textbook, with `math` and `cmath` alone: no array, no
table of culpa's, no shared line. Every parameter in turn gets an imaginary part of 1e-200, and the whole objective is
computed again. Slow, and therefore for tiny networks.
"""

import cmath
import math
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.cases import Case

STEP = 1e-200
Rows = list[list[Any]]


def erf(z: complex) -> complex:
    """The error function beside the real line, where its Taylor series ends after one term: Im z is 1e-200 or so."""
    return complex(math.erf(z.real), z.imag * 2 / math.sqrt(math.pi) * math.exp(-z.real * z.real))


def sigmoid(z: complex) -> complex:
    """1 / (1 + e⁻ᶻ), which no logit of the registry overflows."""
    return 1 / (1 + cmath.exp(-z))


ACTIVATIONS: dict[str, Callable[[complex], complex]] = {
    "identity": lambda z: z,
    "logistic": sigmoid,
    "tanh": cmath.tanh,
    "relu": lambda z: z if z.real > 0 else 0j,
    "leaky_relu": lambda z: z if z.real > 0 else 0.01 * z,
    "elu": lambda z: z if z.real > 0 else cmath.exp(z) - 1,
    "gelu": lambda z: z * (1 + erf(z / math.sqrt(2))) / 2,
    "silu": lambda z: z / (1 + cmath.exp(-z)),
    "softplus": lambda z: cmath.log(1 + cmath.exp(z)),
}


def softmax(a: list[complex]) -> list[complex]:
    """e^(a_c) / Σ e^(a_j)."""
    e = [cmath.exp(z) for z in a]
    return [x / sum(e) for x in e]


def halved_square(r: complex) -> complex:
    """½ r²."""
    return r * r / 2


def huber(r: complex) -> complex:
    """½ r² up to 1, |r| − ½ beyond."""
    return halved_square(r) if abs(r.real) <= 1 else (r if r.real > 0 else -r) - 0.5


def deviance(z: complex, t: float) -> complex:
    """Half the Poisson deviance of one rate e^z."""
    return (t * (math.log(t) - z) if t else 0) - t + cmath.exp(z)


LOSSES: dict[str, Callable[[list[complex], list[float]], complex]] = {
    "cross_entropy": lambda a, t: -sum(t_c * cmath.log(p_c) for p_c, t_c in zip(softmax(a), t, strict=True)),
    "binary_cross_entropy": lambda a, t: (
        -sum(t_c * cmath.log(sigmoid(z)) + (1 - t_c) * cmath.log(sigmoid(-z)) for z, t_c in zip(a, t, strict=True))
    ),
    "squared_error": lambda a, t: sum(halved_square(z - t_c) for z, t_c in zip(a, t, strict=True)),
    "huber": lambda a, t: sum(huber(z - t_c) for z, t_c in zip(a, t, strict=True)),
    "poisson": lambda a, t: sum(deviance(z, t_c) for z, t_c in zip(a, t, strict=True)),
    "logistic_squared_error": lambda a, t: sum(halved_square(sigmoid(z) - t_c) for z, t_c in zip(a, t, strict=True)),
    "softmax_squared_error": lambda a, t: sum(halved_square(p - t_c) for p, t_c in zip(softmax(a), t, strict=True)),
}


def target_rows(case: Case) -> Rows:
    """One row of numbers an example, whatever the user gave."""
    outputs = case.network.sizes[-1]
    if case.network.loss.targets == "classes" and case.y.ndim == 1:
        return [[float(c == label) for c in range(outputs)] for label in case.y.tolist()]
    return [row if isinstance(row, list) else [row] for row in case.y.tolist()]


def example_losses(case: Case, matrices: list[Rows], vectors: list[list[Any] | None]) -> Iterator[complex]:
    """Each example's loss at these parameters."""
    names = [layer.activation.name for layer in case.network.layers]
    for x, t in zip(case.X.tolist(), target_rows(case), strict=True):
        h = x
        for k, (W, b) in enumerate(zip(matrices, vectors, strict=True)):
            a = [sum(weight * value for weight, value in zip(row, h, strict=True)) for row in W]
            a = a if b is None else [z + shift for z, shift in zip(a, b, strict=True)]
            h = a if k == len(matrices) - 1 else [ACTIVATIONS[names[k]](complex(z)) for z in a]
        yield LOSSES[case.network.loss.name]([complex(z) for z in h], t)


def places(matrices: list[Rows], vectors: list[list[Any] | None]) -> Iterator[tuple[list[Any], int]]:
    """Every parameter as (the list that holds it, its index), in the order W_1 row by row, b_1, W_2, …."""
    for W, b in zip(matrices, vectors, strict=True):
        for row in W:
            yield from ((row, j) for j in range(len(row)))
        yield from (() if b is None else ((b, i) for i in range(len(b))))


@cache
def per_example(case: Case) -> NDArray[Any]:
    """Each example's own gradient (n, p)."""
    matrices = [layer.W.tolist() for layer in case.network.layers]
    vectors = [None if layer.b is None else layer.b.tolist() for layer in case.network.layers]
    columns = []
    for holder, index in places(matrices, vectors):
        kept = holder[index]
        holder[index] = complex(kept, STEP)
        columns.append([loss.imag / STEP for loss in example_losses(case, matrices, vectors)])
        holder[index] = kept
    answer = np.array(columns).T
    answer.flags.writeable = False
    return answer


def loss_gradient(case: Case) -> NDArray[Any]:
    """∂loss/∂θ (p,), the data's part."""
    s = [1.0] * len(case.X) if case.weights is None else case.weights.tolist()
    total = math.fsum(s) if case.reduction == "mean" else 1.0
    columns = per_example(case).T.tolist()
    return np.array([math.fsum(s_i * g for s_i, g in zip(s, column, strict=True)) / total for column in columns])


def objective_gradient(case: Case) -> NDArray[Any]:
    """∂(loss + penalty)/∂θ (p,)."""
    decay = []
    for layer in case.network.layers:
        decay += [case.network.l2 * weight for row in layer.W.tolist() for weight in row]
        decay += [0.0] * (0 if layer.b is None else len(layer.b))
    return loss_gradient(case) + np.array(decay)
