# SPDX-License-Identifier: MIT
"""The oracle that differentiates without subtracting: the complex step.

    f′(θ) v = Im f(θ + i ε v) / ε,           ε = 1e-200

Nothing cancels, so the answer is exact to rounding. ε² underflows to zero, so that the real parts stay what they are,
and a unit at its kink keeps to the side that its row states. Asks culpa's own `forward` and losses, on complex numbers;
the backward pass, the slopes and the deltas play no part. Source: Squire and Trapp 1998.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import culpa
from culpa import Activation, Loss, Network
from culpa.engine.forward import forward
from tests.cases import Case

STEP = 1e-200
ROW_STEP = 1e-30
"""For a single row of a table at saturation, where f′ itself may be 1e-290 and must not be lost times 1e-200."""


def targets_of(case: Case) -> NDArray[Any]:
    """The targets as the losses take them: class indices, or rows (n, d_L)."""
    if case.network.loss.targets == "classes" and case.y.ndim == 1:
        return case.y
    return case.y.reshape(len(case.X), case.network.sizes[-1]).astype(np.float64)


def weights_of(case: Case) -> NDArray[Any]:
    """w: the sample weights with the reduction put in."""
    s = np.ones(len(case.X)) if case.weights is None else case.weights
    return s / s.sum() if case.reduction == "mean" else s


def losses(network: Network, X: NDArray[Any], targets: NDArray[Any]) -> NDArray[Any]:
    """Each example's loss at complex parameters or inputs."""
    return network.loss.losses(forward(network, X)[-1].a, targets)


def penalty(network: Network) -> Any:
    """½ l2 Σ W², without any conjugate."""
    return network.l2 / 2 * sum((layer.W * layer.W).sum() for layer in network.layers)


def along(case: Case, v: NDArray[Any]) -> tuple[NDArray[Any], float]:
    """Each example's derivative along v (p,) in parameter space (n,), and the penalty's."""
    theta = culpa.flatten(case.network)
    moved = culpa.unflatten(case.network.astype("complex128"), theta + 1j * STEP * v)
    return losses(moved, case.X, targets_of(case)).imag / STEP, float(np.imag(penalty(moved))) / STEP


def per_example(case: Case) -> NDArray[Any]:
    """Each example's own gradient (n, p), one step a parameter."""
    return np.stack([along(case, v)[0] for v in np.eye(case.network.n_parameters)], axis=1)


def objective_gradient(case: Case) -> NDArray[Any]:
    """∂(loss + penalty)/∂θ (p,), one step a parameter."""
    steps = (along(case, v) for v in np.eye(case.network.n_parameters))
    return np.array([weights_of(case) @ data + decay for data, decay in steps])


class Direction(NamedTuple):
    """A direction in parameter space (p,) that moves one block alone, and its name."""

    name: str
    v: NDArray[Any]


def directions(network: Network, seed: int) -> Iterator[Direction]:
    """For every W_k and b_k a random direction in it alone: a wrong entry anywhere shows in one of them."""
    random = np.random.default_rng(seed)
    start = 0
    for k, layer in enumerate(network.layers, 1):
        for name, part in ((f"W_{k}", layer.W), (f"b_{k}", layer.b)):
            if part is not None:
                v = np.zeros(network.n_parameters)
                v[start : start + part.size] = random.normal(size=part.size)
                start += part.size
                yield Direction(name, v / np.linalg.norm(v))


def objective_along(case: Case, v: NDArray[Any]) -> float:
    """The objective's derivative along v."""
    data, decay = along(case, v)
    return float(weights_of(case) @ data) + decay


def hidden(case: Case, k: int) -> NDArray[Any]:
    """∂ℓ/∂h_k (n, d_k): the layers above k as a network of their own, stepped at its inputs."""
    steps = forward(case.network, case.X)
    h = case.X if k == 0 else steps[k - 1].h
    above = replace(case.network, layers=case.network.layers[k:]).astype("complex128")
    moved = [losses(above, h + 1j * STEP * unit, targets_of(case)).imag / STEP for unit in np.eye(h.shape[1])]
    return np.stack(moved, axis=1)


def delta(loss: Loss, a: NDArray[Any], targets: NDArray[Any], step: float = ROW_STEP) -> NDArray[Any]:
    """∂ℓ/∂a_L (n, d_L) of a row of the table of losses."""
    moved = [loss.losses(a + 1j * step * unit, targets).imag / step for unit in np.eye(a.shape[1])]
    return np.stack(moved, axis=1)


def slope(activation: Activation, a: NDArray[Any]) -> NDArray[Any]:
    """g′(a) of a row of the table of activations."""
    return activation.value(a + 1j * ROW_STEP).imag / ROW_STEP
