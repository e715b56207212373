# SPDX-License-Identifier: MIT
"""The examples' part in somebody's gradient: is it a mix of theirs with other coefficients, and which?

    claim = Σ_i c_i g_i,   by least squares over all blocks, or over the last layer's alone

For many examples the normal equations Σ_j ⟨g_i, g_j⟩ c_j = ⟨g_i, claim⟩ are solved: their inner products come from the
factors, (Δ Δᵀ) ⊙ (H Hᵀ + β), and no example's gradient is written out.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.checking.mistakes.cases import Case
from culpa.checking.mistakes.dictionary import MISTAKES
from culpa.checking.mistakes.fitting import CLEAR
from culpa.checking.mistakes.scene import At, Scene, Step, errors_of

__all__ = ["mixes"]

MOST = 1000
"""With more examples than this no mix of theirs is looked for."""
SPARE = 4
"""So many entries more than examples, or coefficients say nothing."""
WRITTEN_OUT = 1_000_000
"""Up to this many numbers the examples' gradients are written out, which keeps more digits of rounded claims."""
MIX = next(slip for slip in MISTAKES if slip.kind == "mix of examples")


def mixes(case: Case) -> Iterator[tuple[Step, NDArray[Any]]]:
    """What may have become of the examples: a slip, and their weights (n,) under it."""
    scene, L = case.scene, case.scene.depth
    if not 1 < scene.n <= MOST:
        return
    for step in case.rows("examples", L):
        if step.slip.symbol is None and step.slip.rule is not None:
            w = step.slip.rule(At(scene, L, scene.delta, choice=step.choice))
            yield from ((step, c * w) for c in (1.0, scene.n, scene.n / (scene.n - 1)) if shows(case, c * w))
    # NOTE: with one output a mix of the examples is whatever one likes to make of the error there, and no finding.
    for layers in (range(1, L + 1), (L,)) if scene.width(L) > 1 else ():
        c = coefficients(case, layers)
        if c is not None and uneven(scene, c, case.claim.tolerance) and clear(case, c, layers):
            yield Step(MIX, L, tuple(map(float, c))), c


def shows(case: Case, w: NDArray[Any]) -> bool:
    """Whether the output's biases, or else its weights, are what such weights of the examples make them."""
    scene, b, W = case.scene, case.b[-1], case.W[-1]
    block = (w[:, None] * scene.delta).T @ scene.h[-2] + W.usual * W.decay if b is None else w @ scene.delta
    target = W if b is None else b
    return target.value.shape == block.shape and bool((np.abs(block - target.value) <= target.slack).all())


def uneven(scene: Scene, c: NDArray[Any], tolerance: float) -> bool:
    """Whether coefficients are in another proportion than the examples' weights, and no single one of them is alone."""
    ratio = c / np.where(scene.w == 0, 1, scene.w)
    return bool(np.ptp(ratio) > 10 * tolerance * np.abs(ratio).max())


def clear(case: Case, c: NDArray[Any], layers: Sequence[int]) -> bool:
    """Whether the change of some coefficient moves an entry by much more than it may be off by."""
    scene, deltas = case.scene, errors_of(case.scene)
    change = np.abs(c - scene.w)
    for k in layers:
        # NOTE: the largest entry of an outer product is the product of the largest entries.
        size = change * np.abs(deltas[k - 1]).max(axis=1) * np.abs(scene.h[k - 1]).max(axis=1)
        if float(size.max()) > CLEAR * float(case.W[k - 1].slack.max()):
            return True
    return False


def coefficients(case: Case, layers: Sequence[int]) -> NDArray[Any] | None:
    """The mix of the examples' gradients that comes nearest to the claim in these layers; None where it is not one."""
    scene = case.scene
    blocks = []
    for k in layers:
        W, b = case.W[k - 1], case.b[k - 1]
        if W.value.shape != scene.W(k).shape or (b is not None and b.value.shape != (scene.width(k),)):
            return None
        blocks.append((k, W, b))
    entries = sum(W.value.size + (0 if b is None else b.value.size) for _, W, b in blocks)
    if entries < scene.n + SPARE:
        return None
    return (written_out if entries * scene.n <= WRITTEN_OUT else from_products)(scene, blocks)


def written_out(scene: Scene, blocks: Sequence[Any]) -> NDArray[Any] | None:
    """From the examples' gradients themselves, each entry by its own precision."""
    deltas, columns, claims = errors_of(scene), [], []
    for k, W, b in blocks:
        delta, h = deltas[k - 1], scene.h[k - 1]
        columns.append((delta[:, :, None] * h[:, None, :] / W.slack).reshape(scene.n, -1))
        claims.append(((W.value - W.usual * W.decay) / W.slack).ravel())
        if b is not None:
            columns.append(delta / b.slack)
            claims.append(b.value / b.slack)
    c, _, rank, _ = np.linalg.lstsq(np.concatenate(columns, axis=1).T, np.concatenate(claims), rcond=1e-9)
    return c if rank == scene.n else None


def from_products(scene: Scene, blocks: Sequence[Any]) -> NDArray[Any] | None:
    """From their inner products with each other and with the claim."""
    deltas, gram, products = errors_of(scene), np.zeros((scene.n, scene.n)), np.zeros(scene.n)
    for k, W, b in blocks:
        delta, h = deltas[k - 1], scene.h[k - 1]
        gram += (delta @ delta.T) * (h @ h.T + (b is not None))
        products += ((delta @ (W.value - W.usual * W.decay)) * h).sum(axis=1)
        products += 0 if b is None else delta @ b.value
    size = np.sqrt(np.diag(gram))
    if (size == 0).any():
        return None
    values, vectors = np.linalg.eigh(gram / np.outer(size, size))
    if values[0] < 1e-12 * values[-1]:
        return None
    c: NDArray[Any] = vectors @ ((vectors.T @ (products / size)) / values) / size
    return c
