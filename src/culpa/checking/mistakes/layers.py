# SPDX-License-Identifier: MIT
"""How one layer of somebody's gradient can be explained, once it is known which error came down to it.

Every way to get δ_k (right, or with a slip) is tried with every way to make dW_k and db_k from it. A factor that both
blocks share may have stood before δ_k, and then goes on down, or before each block. Nothing is known of other layers.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.checking.mistakes.cases import Case
from culpa.checking.mistakes.dictionary import MISTAKES
from culpa.checking.mistakes.fitting import CLEAR, WHOLE, Constants, Corner, Target, explained
from culpa.checking.mistakes.scene import At, Scene, Step

__all__ = ["Option", "cost", "key", "options"]

Steps = tuple[Step, ...]
FEWEST = 4
"""A learning rate is read off so many entries at least."""
UPDATED = next(slip for slip in MISTAKES if slip.kind == "W already updated")


class Option(NamedTuple):
    """One way to explain a layer.

    Attributes:
        steps: The slips made there.
        delta: δ_k as it goes on down.
        weight: Gives dW_k as these slips make it, without the rounding of the claim.
    """

    steps: Steps
    delta: NDArray[Any]
    weight: Callable[[], NDArray[Any]]


class Base(NamedTuple):
    """One way to get δ_k, and the ∂ℓ/∂h_k that it came from (None at the output)."""

    steps: Steps
    delta: NDArray[Any]
    e: NDArray[Any] | None


class Reading(NamedTuple):
    """One way to explain a block.

    Attributes:
        steps: The slips in it.
        factor: What is left over; None where there is no block.
        block: Gives the block as the slips make it.
    """

    steps: Steps
    factor: float | None
    block: Callable[[], NDArray[Any]]


def key(step: Step) -> tuple[Any, ...]:
    """What makes two slips one and the same mistake in two places."""
    choice = step.choice
    if isinstance(choice, float):
        return (step.slip.kind, f"{choice:.3g}")
    return (step.slip.kind, choice if isinstance(choice, str) else None)


def cost(steps: Sequence[Step]) -> float:
    """How many mistakes there are; the same one in a further place counts a tenth, and a mix of examples twice.

    A mix has a constant for each example, and explains more than it should where there is little to explain.
    """
    kinds = len({key(step) for step in steps})
    mixed = any(step.slip.kind == "mix of examples" for step in steps)
    return kinds + mixed + 0.1 * (len(steps) - kinds)


def options(case: Case, scene: Scene, k: int, above: Option | None, limit: int) -> list[Option]:
    """All ways to explain layer k with at most `limit` different mistakes.

    Args:
        case: The claim.
        scene: The scene, with the examples' weights that the layers above have settled on.
        k: The layer.
        above: How the layer above was explained; None at the output.
        limit: 1 or 2.
    """
    return [option for base in bases(case, scene, k, above, limit) for option in outcomes(case, scene, base, k, limit)]


def bases(case: Case, scene: Scene, k: int, above: Option | None, limit: int) -> Iterator[Base]:
    """All ways to get δ_k."""
    if above is None:
        at = At(scene, k, scene.delta)
        yield Base((), scene.delta, None)
        for step in case.rows("output", k):
            delta = made(step, at)
            if np.isfinite(delta).all():
                yield Base((step,), delta, None)
        return
    dW = above.weight()
    at = At(scene, k, above.delta, None, dW if dW.shape == scene.W(k + 1).shape else None)
    right, slope = above.delta @ scene.W(k + 1), scene.g(k).slope(scene.a[k])
    backs: list[tuple[Steps, NDArray[Any]]] = [((), right)]
    backs += [((step,), made(step, at)) for step in case.rows("back", k) if possible(step, at)]
    slopes: list[tuple[Steps, NDArray[Any]]] = [((), slope)]
    slopes += [((step,), made(step, at._replace(e=right))) for step in case.rows("slope", k)]
    for (first, e), (second, g) in product(backs, slopes):
        if len(first) + len(second) <= limit:
            yield Base((*first, *second), e * g, e)
    for second, g in slopes:
        if 1 + len(second) <= limit:
            yield from (Base((step, *second), e * g, e) for step, e in learnt(case, at, right, g))


def made(step: Step, at: At) -> NDArray[Any]:
    """What a slip's rule gives in place of the right line."""
    result: NDArray[Any] = step.slip.rule(at._replace(choice=step.choice))  # type: ignore[misc] # these have rules
    return result


def possible(step: Step, at: At) -> bool:
    """Whether a slip on the way down can be tried: its constant needs no fit, and dW_{k+1} can stand for W_{k+1}."""
    return step.slip.symbol is None and (step.slip.kind != "dW in place of W" or at.above is not None)


def learnt(case: Case, at: At, right: NDArray[Any], slope: NDArray[Any]) -> Iterator[tuple[Step, NDArray[Any]]]:
    """W_{k+1} already updated: with the learning rates η that explain dW_k and db_k best, together and alone."""
    scene, W, b = at.scene, case.W[at.k - 1], case.b[at.k - 1]
    if (
        at.above is None
        or W.value.shape != scene.W(at.k).shape
        or (b is not None and len(b.value) != scene.width(at.k))
    ):
        return
    moved = at.delta @ at.above
    weighed = [scene.w[:, None] * part * slope for part in (right, moved)]
    plain, extra = ((part.T @ scene.h[at.k - 1] / W.slack).ravel() for part in weighed)
    fits = [((W.value - W.usual * W.decay) / W.slack).ravel() - plain], [extra]
    if b is not None:
        plain, extra = (part.sum(axis=0) / b.slack for part in weighed)
        fits[0].append(b.value / b.slack - plain)
        fits[1].append(extra)
    found: list[float] = []
    for used in (slice(None), slice(0, 1), slice(1, 2)):
        rest, column = (np.concatenate(part[used] or [np.zeros(1)]) for part in fits)
        size = float(column @ column)
        eta = -float(column @ rest) / size if size > 0 else 0.0
        clear = len(rest) >= FEWEST and abs(eta) * float(np.abs(column).max()) > CLEAR
        if clear and not any(abs(eta / other - 1) < case.claim.tolerance for other in found):
            found.append(eta)
            yield Step(UPDATED, at.k, eta), right - eta * moved


def outcomes(case: Case, scene: Scene, base: Base, k: int, limit: int) -> Iterator[Option]:
    """Every way in which a δ_k explains both blocks of its layer."""
    free = limit - len(base.steps)
    weights = list(readings(case, scene, base, k, "weight", free, ()))
    if not weights:
        return
    known = {reading.factor for reading in weights if reading.factor is not None}
    biases = list(readings(case, scene, base, k, "bias", free, known))
    for weight, bias in product(weights, biases):
        factors = {factor for factor in (weight.factor, bias.factor) if factor is not None}
        for scale in {1.0, *factors} if free else {1.0}:
            names = [named(case, "error factor", k, scale)]
            for part, factor in (("weight factor", weight.factor), ("bias factor", bias.factor)):
                names.append([()] if factor is None else named(case, part, k, factor / scale))
            for found in product(*names):
                steps = (*base.steps, *weight.steps, *bias.steps, *(step for group in found for step in group))
                if cost(steps) < limit + 0.95:
                    yield Option(steps, base.delta if scale == 1 else scale * base.delta, weight.block)


def readings(
    case: Case, scene: Scene, base: Base, k: int, part: str, free: int, factors: Sequence[float] | set[float]
) -> Iterator[Reading]:
    """Every way in which a δ_k explains one block with at most `free` slips in it."""
    target = case.W[k - 1] if part == "weight" else case.b[k - 1]
    if target is None:
        yield Reading((), None, lambda: np.zeros(0))
        return
    names = {step.choice for step in case.rows(f"{part} factor", k) if step.slip.symbol is None} | {1.0, *factors}
    usual = {step.choice for step in case.rows("decay" if part == "weight" else "bias decay", k)}
    if free and part == "weight" and target.usual:
        yield from multiples(case, scene, base, k, target)
    for taken in [None, *(case.rows(part, k) if free else [])]:
        steps = () if taken is None else (taken,)
        if taken is not None and taken.slip.kind == "left at zero":
            if is_zero(target, target.value.shape in (scene.W(k).shape, (scene.width(k),))):
                yield Reading(steps, 1.0, partial(np.asarray, target.value))
            continue
        scaled = taken is not None and taken.slip.scaled
        left = max(free - len(steps), int(scaled))
        shape, data = entries(scene, base, k, part, taken)
        aim = (
            replace(target, decay=scene.W(k).T) if taken is not None and taken.slip.turned and taken.choice else target
        )
        found = explained(aim, data, left, (names, usual)) if shape == target.value.shape else None
        if found is None or abs(found.alpha) < case.claim.tolerance:
            continue
        near = [name for name in names if abs(found.alpha / name - 1) < case.claim.tolerance]
        factor = 1.0 if scaled and between(case, found.alpha) else near[0] if near else found.alpha
        block = partial(whole, aim, data, found)
        yield from (Reading((*steps, *decay), factor, block) for decay in decays(case, target, part, k, found.beta))


def whole(target: Target, data: Callable[[Corner], NDArray[Any]], found: Constants) -> NDArray[Any]:
    """A block as its explanation makes it."""
    return found.alpha * data(WHOLE) + found.beta * target.decay


def multiples(case: Case, scene: Scene, base: Base, k: int, target: Target) -> Iterator[Reading]:
    """A dW_k that is right but for one factor, which its decay has too."""
    shape, data = entries(scene, base, k, "weight", None)
    if shape != target.value.shape:
        return
    both = replace(target, decay=np.zeros_like(target.decay), usual=0.0)

    def total(corner: Corner) -> NDArray[Any]:
        rows, columns = corner
        return data(corner) + target.usual * target.decay[rows][:, columns]

    names = {step.choice for step in case.rows("block factor", k) if step.slip.symbol is None}
    found = explained(both, total, 1, (names, ()))
    if found is not None and abs(found.alpha - 1) > case.claim.tolerance and abs(found.alpha) > case.claim.tolerance:
        block = partial(whole, both, total, found)
        yield from (Reading(steps, 1.0, block) for steps in named(case, "block factor", k, found.alpha))


def is_zero(target: Target, shaped: bool) -> bool:
    """Whether the data have no part in a block: it is zero or, if it has the right shape, all of it is decay."""
    usual = (0, target.usual) if shaped else (0,)
    return any((np.abs(target.value - c * target.decay) <= target.slack).all() for c in usual)


def between(case: Case, factor: float) -> bool:
    """Whether a factor is that between the sum over the examples and their mean."""
    return any(abs(factor / c - 1) < case.claim.tolerance for c in (case.scene.n, 1 / case.scene.n))


def entries(
    scene: Scene, base: Base, k: int, part: str, taken: Step | None
) -> tuple[tuple[int, ...], Callable[[Corner], NDArray[Any]]]:
    """The data's part of a block, as the right line or a mistaken one makes it: its shape, and any corner of it."""
    if part == "bias":
        weighed = scene.w[:, None] * base.delta
        vector = weighed.sum(axis=0) if taken is None else made(taken, At(scene, k, weighed, base.e))
        return vector.shape, lambda _: vector
    right = (base.delta, scene.h[k - 1])
    left, inputs = right if taken is None else made(taken, At(scene, k, base.delta, base.e))
    weighed = scene.w[:, None] * left
    shape = (left.shape[1], inputs.shape[1])
    return shape, lambda corner: weighed[:, corner[0]].T @ inputs[:, corner[1]]


def named(case: Case, part: str, k: int, factor: float) -> list[Steps]:
    """What a factor is called: nothing where it is 1; every name that its value has; a stray one where it has none."""
    if abs(factor - 1) < case.claim.tolerance:
        return [()]
    rows = case.rows(part, k)
    known = [(row,) for row in rows if row.slip.symbol is None and abs(factor / row.choice - 1) < case.claim.tolerance]
    stray = next(row for row in rows if row.slip.symbol is not None)
    return [*known] or [(stray._replace(choice=factor),)]


def decays(case: Case, target: Target, part: str, k: int, beta: float) -> list[Steps]:
    """What a weight decay is called, likewise."""
    if beta == target.usual:
        return [()]
    rows = case.rows("decay" if part == "weight" else "bias decay", k)
    size = abs(target.usual) or 1.0
    known = [
        (row,)
        for row in rows
        if row.slip.symbol is None and abs(beta - row.choice) < case.claim.tolerance * max(abs(row.choice), size)
    ]
    other = next(row for row in rows if row.slip.symbol is not None)
    return [*known] or [(other._replace(choice=beta),)]
