# SPDX-License-Identifier: MIT
"""The search for mistakes, from the output down, one layer after another.

At layer k the error δ_{k+1} that came from above is known, together with the mistakes found there. Whatever explains
both blocks of layer k goes on to the layer below with its own δ_k. So one slip at the output does not read as six, one
that is repeated in every layer is found in each, and the layers below decide between explanations that agree above.
Explanations with fewer kinds of mistakes go first.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple, get_args

import numpy as np

from culpa.checking.mistakes.cases import Case, agreement
from culpa.checking.mistakes.layers import Option, Steps, cost, options
from culpa.checking.mistakes.mixing import mixes
from culpa.checking.mistakes.scene import Part, Scene

__all__ = ["search"]

PARTS = get_args(Part)
MOST_TRAILS = 300
AT_ONCE = 2
"""So many different mistakes at most are looked for in one layer."""


class Trail(NamedTuple):
    """What explains the layers so far.

    Attributes:
        steps: All slips, from the output down.
        scene: The scene, with the weights of the examples that the claim shows.
        last: How the last layer was explained; None before the output.
    """

    steps: Steps
    scene: Scene
    last: Option | None


def search(case: Case, most: int = 3, advance: Callable[[], object] = lambda: None) -> list[Steps]:
    """The simplest explanations of a claim: lists of slips, each of which gives this gradient.

    Args:
        case: The claim beside its scene.
        most: How many different mistakes are tried at the most.
        advance: Is called after each layer.

    Returns:
        All explanations of the least cost, from the output down in each; none where nothing fits.
    """
    for budget in range(1, most + 1):
        found = [*descended(case, budget, advance), *whole(case)] if budget == 1 else descended(case, budget, advance)
        if found:
            plain = [steps for steps in found if all(step.slip.kind != "mix of examples" for step in steps)]
            found = plain or found
            least = min(map(cost, found))
            return [in_order(steps) for steps in found if cost(steps) < least + 0.05]
    return []


def whole(case: Case) -> list[Steps]:
    """The slips that change the whole gradient by a factor."""
    return [(step,) for step in case.rows("total", case.scene.depth) if all(agreement(case, step.choice).values())]


def in_order(steps: Steps) -> Steps:
    """From the output down, and in a layer as the pass goes: the error before what is made of it."""
    return tuple(sorted(steps, key=lambda step: (-step.k, PARTS.index(step.slip.part))))


def descended(case: Case, budget: int, advance: Callable[[], object]) -> list[Steps]:
    """Go down from the output with at most `budget` different mistakes."""
    trails = [Trail((), case.scene, None)]
    trails += [Trail((step,), replace(case.scene, w=c), None) for step, c in beginnings(case)]
    for k in range(case.scene.depth, 0, -1):
        found: list[Trail] = []
        seen: list[Option] = []
        for trail in trails:
            for option in opened(case, trail, k, min(budget, AT_ONCE)):
                steps = (*trail.steps, *option.steps)
                if cost(steps) < budget + 0.95:
                    found.append(Trail(steps, trail.scene, shared(seen, option)))
        trails = sorted(found, key=lambda trail: cost(trail.steps))[:MOST_TRAILS]
        advance()
    return [trail.steps for trail in trails]


def beginnings(case: Case) -> list[Any]:
    """What the mixes of examples are; worked out once."""
    if "mixes" not in case.known:
        case.known["mixes"] = list(mixes(case))
    found: list[Any] = case.known["mixes"]
    return found


def shared(seen: list[Option], option: Option) -> Option:
    """The same option for all whose errors are equal, so that what follows from them is worked out once."""
    for known in seen:
        if np.allclose(known.delta, option.delta, rtol=1e-9, atol=1e-12 * float(np.abs(known.delta).max())):
            return known
    seen.append(option)
    return option


def opened(case: Case, trail: Trail, k: int, limit: int) -> list[Option]:
    """The ways to explain a layer below a trail; trails with equal errors and weights share them."""
    name = (k, trail.scene.w.tobytes(), None if trail.last is None else trail.last.delta.tobytes(), limit)
    if name not in case.known:
        case.known[name] = options(case, trail.scene, k, trail.last, limit)
    found: list[Option] = case.known[name]
    return found
