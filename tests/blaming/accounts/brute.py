# SPDX-License-Identifier: MIT
"""The accounts once more, from every example's gradient written out in full: no factor, no chunk and no running sum."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

import culpa
from tests.cases import Case, gradient_of
from tests.oracles import complex_step, dense

Dense = NDArray[Any]


class Brute(NamedTuple):
    """One case, written out.

    Attributes:
        w: (n,), summing to 1.
        G: Every example's gradient (n, p), one complex step a parameter.
        mean: Σ w_i g_i (p,).
        theta: The parameters (p,).
        layers: Where each layer's parameters are in them.
    """

    w: Dense
    G: Dense
    mean: Dense
    theta: Dense
    layers: list[slice]


def blame_of(case: Case, **options: Any) -> culpa.Blame:
    """What blame says of a case."""
    return culpa.blame(case.network, case.X, case.y, **{"weights": case.weights, "show_progress": False, **options})


def mean_weights(case: Case) -> Dense:
    """The weights of a mean: blame knows no sums."""
    s = np.ones(len(case.X)) if case.weights is None else case.weights
    return s / s.sum()


def brute(case: Case) -> Brute:
    """Everything that the accounts are made of."""
    w, G = mean_weights(case), complex_step.per_example(case)
    ends = np.cumsum([layer.W.size + (0 if layer.b is None else layer.b.size) for layer in case.network.layers])
    slices = [slice(start, end) for start, end in zip([0, *ends[:-1]], ends, strict=True)]
    return Brute(w, G, dense.batch(G, w), culpa.flatten(case.network), slices)


def unit_slices(case: Case) -> list[list[list[int]]]:
    """For each layer and unit, the places of its parameters: the bias first, then its weights."""
    found, start = [], 0
    for layer in case.network.layers:
        units, inputs = layer.W.shape
        biases = start + units * inputs
        found.append(
            [
                ([] if layer.b is None else [biases + unit]) + [start + unit * inputs + j for j in range(inputs)]
                for unit in range(units)
            ]
        )
        start = biases + (0 if layer.b is None else units)
    return found


def deltas(case: Case) -> list[Dense]:
    """δ_k of every layer."""
    return [np.asarray(block.delta) for block in gradient_of(case).layers]  # type: ignore[attr-defined]
