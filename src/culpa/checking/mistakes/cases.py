# SPDX-License-Identifier: MIT
"""A case: somebody's gradient beside the scene that it belongs to, with what each entry may be off by."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from culpa.checking.mistakes.claims import Claim
from culpa.checking.mistakes.dictionary import rows_of
from culpa.checking.mistakes.fitting import Target, target_of
from culpa.checking.mistakes.scene import Scene, Step, backward, errors_of

__all__ = ["Case", "agreement", "case_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A claim beside its scene.

    Args:
        scene: The network with its data.
        claim: Somebody's gradient of it.
        W: Each claimed dW_k with its slack, first layer first.
        b: Each claimed db_k; None where a layer has no biases.
        known: What has been worked out already, by whoever works on the case.
    """

    scene: Scene
    claim: Claim
    W: tuple[Target, ...]
    b: tuple[Target | None, ...]
    known: dict[Any, Any] = field(default_factory=dict)

    def rows(self, part: str, k: int) -> list[Step]:
        """Every variant of every row of the table that can stand in a line at layer k."""
        if (part, k) not in self.known:
            self.known[part, k] = rows_of(part, self.scene, k)
        found: list[Step] = self.known[part, k]
        return found


def case_of(scene: Scene, claim: Claim) -> Case:
    """Put a claim beside its scene."""
    W: list[Target] = []
    b: list[Target | None] = []
    for k, delta in enumerate(errors_of(scene), 1):
        terms, inputs = np.abs(scene.w[:, None] * delta), np.abs(scene.h[k - 1])
        value, weights = claim.weights[k - 1], scene.W(k)
        size = float((terms.T @ inputs).max()) + scene.network.l2 * float(np.abs(weights).max())
        decay = weights if value.shape == weights.shape else weights.T  # a dW of another shape can only be transposed
        W.append(target_of(value, claim.slack(value, size), decay, scene.network.l2))
        vector, bias = claim.biases[k - 1], scene.b(k)
        if vector is None or bias is None:
            b.append(None)
        else:
            other = bias if vector.shape == bias.shape else np.zeros_like(vector)
            b.append(target_of(vector, claim.slack(vector, float(terms.sum(axis=0).max())), other, 0.0))
    return Case(scene, claim, tuple(W), tuple(b))


def agreement(case: Case, times: float = 1.0) -> dict[str, bool]:
    """Whether each block is so many times the right one, from the output down, biases first: b_L, W_L, b_{L−1}, …."""
    found = {}
    layers = list(zip(case.W, case.b, backward(case.scene), strict=True))
    for k, (W, b, (dW, db)) in reversed(list(enumerate(layers, 1))):
        for name, target, right in ((f"b_{k}", b, db), (f"W_{k}", W, dW)):
            if target is not None and right is not None:
                same = target.value.shape == right.shape
                found[name] = same and bool((np.abs(target.value - times * right) <= target.slack).all())
    return found
