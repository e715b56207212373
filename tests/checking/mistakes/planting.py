# SPDX-License-Identifier: MIT
"""Networks on which every mistake shows, and the question whether a diagnosis names a mistake that was planted.

    tanh       cross-entropy, all widths different
    relu       cross-entropy, units off in every layer
    logistic   squared error
    mixed      tanh, relu, softplus and squared error
    square     all widths equal, and n too: what fits by accident fits here

n ≥ 3, b ≠ 0, l2 > 0, d_L ≥ 3, no class empty.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pytest

import culpa
from culpa import Diagnosis, Mistake, Network
from culpa.checking.mistakes.diagnosing import scene_for
from culpa.checking.mistakes.diagnosis import LINES
from culpa.checking.mistakes.dictionary import MISTAKES, plantable
from culpa.checking.mistakes.scene import Scene, Step, backward


class Given(NamedTuple):
    """A network with data."""

    network: Network
    X: Any
    y: Any

    @property
    def scene(self) -> Scene:
        """After the forward pass, the loss being the examples' mean."""
        return scene_for(self.network, self.X, self.y, "mean")


def given(
    sizes: tuple[int, ...], hidden: Any = "tanh", loss: str = "cross_entropy", n: int = 9, l2: float = 0.05
) -> Given:
    """Random parameters and data, the same for the same sizes."""
    random = np.random.default_rng([*sizes, n])
    weights = [random.normal(0, 1.2 / np.sqrt(below), (above, below)) for below, above in pairwise(sizes)]
    biases = [random.normal(0, 0.5, width) for width in sizes[1:]]
    network = Network.from_arrays(weights, biases, hidden=hidden, loss=loss, l2=l2)
    X = random.normal(size=(n, sizes[0]))
    kind = network.loss.targets
    if kind == "classes":
        return Given(network, X, random.permutation(np.arange(n) % sizes[-1]))
    if kind == "labels":
        return Given(network, X, (random.random((n, sizes[-1])) < 0.5).astype(float))
    if kind == "counts":
        return Given(network, X, random.poisson(2.0, (n, sizes[-1])))
    return Given(network, X, random.normal(0, 1.5, (n, sizes[-1])))


PROBES = {
    "tanh": given((4, 6, 5, 3)),
    "relu": given((5, 8, 7, 4), "relu", n=11),
    "logistic": given((4, 5, 6, 3), "logistic", "squared_error", n=10),
    "mixed": given((5, 7, 6, 8, 3), ["tanh", "relu", "softplus"], "squared_error"),
    "square": given((4, 4, 4, 4), ["tanh", "logistic"], "cross_entropy", n=4),
}


def with_a_unit_at_its_kink() -> Given:
    """The probe "relu" with an example of zeros and a bias of zero, so that one unit of layer 1 stands at exactly 0."""
    at = PROBES["relu"]
    first = at.network.layers[0]
    X, b = at.X.copy(), first.b.copy()
    X[2], b[3] = 0, 0
    layers = (replace(first, b=b), *at.network.layers[1:])
    return Given(replace(at.network, layers=layers), X, at.y)


OTHERS = {
    "kink": with_a_unit_at_its_kink(),
    "labels": given((4, 6, 5, 3), "silu", "binary_cross_entropy"),
    "counts": given((4, 6, 5, 3), "elu", "poisson"),
    "logistic output": given((5, 7, 4, 3), "gelu", "logistic_squared_error"),
    "softmax output": given((5, 7, 4, 3), "leaky_relu", "softmax_squared_error"),
}
"""For the rows that need another loss, or a kink."""


def each_probe(probes: dict[str, Given]) -> Any:
    """Run a test once for each network, under its name."""
    return pytest.mark.parametrize("name", probes)


def planted(at: Given, *steps: Step) -> list[Any]:
    """The gradient that a backward pass with these slips gives, layer by layer."""
    return [list(layer) for layer in backward(at.scene, steps)]


def to_digits(mine: Any, digits: int) -> list[Any]:
    """Every entry rounded to so many significant digits, as it would be printed."""
    return [
        [np.array([float(f"{x:.{digits - 1}e}") for x in part.flat]).reshape(part.shape) for part in layer]
        for layer in mine
    ]


def same(mine: Any, theirs: Any, within: float = 1e-9) -> bool:
    """Whether two gradients agree in every block, relative to its largest entry."""
    pairs = [(a, b) for layers in zip(mine, theirs, strict=True) for a, b in zip(*layers, strict=True)]
    return all(np.shape(a) == np.shape(b) and np.abs(a - b).max() <= within * np.abs(b).max() for a, b in pairs)


def blocks_named(way: Sequence[Mistake]) -> set[tuple[str, str]]:
    """An explanation as kinds with their blocks."""
    return {(mistake.kind, mistake.block) for mistake in way}


def names(found: Diagnosis, *steps: Step) -> bool:
    """Whether an explanation is just these slips."""
    wanted = {(step.slip.kind, f"{LINES.get(step.slip.part, 'δ')}_{step.k}") for step in steps}
    return wanted in map(blocks_named, found.explanations)


def step_of(at: Given, kind: str, k: int, part: str | None = None) -> Step:
    """A row of the table at a layer, in its first variant that shows."""
    return next(
        step
        for step in plantable(at.scene)
        if step.slip.kind == kind and step.k == k and part in (None, step.slip.part)
    )


SCALED = {slip.kind for slip in MISTAKES if slip.scaled}
"""The same mistake with the sum over the examples as with their mean."""


def makes(scene: Scene, steps: Sequence[Step], mine: Any) -> bool:
    """Whether these slips, run through the pass, give this gradient.

    Where only one example is in a block, its sum and its mean over the examples are one mistake; a block in which the
    data have no part may have its decay.
    """
    layers = zip(backward(scene, steps), mine, backward(scene), strict=True)
    for k, (made, theirs, right) in enumerate(layers, 1):
        kinds = {step.slip.kind for step in steps if step.k == k}
        for block, wanted, usual, V in zip(made, theirs, right, (scene.W(k), scene.b(k)), strict=True):
            tries = [c * block for c in ((1, scene.n, 1 / scene.n) if SCALED & kinds else (1,))]
            tries += [np.zeros_like(wanted), scene.network.l2 * V] if "left at zero" in kinds else []
            slack = 1e-7 * max(np.abs(usual).max(), np.abs(wanted).max())
            if not any(one.shape == wanted.shape and np.abs(one - wanted).max() <= slack for one in tries):
                return False
    return True


def asked(at: Given, mine: Any, **options: Any) -> Diagnosis:
    """A diagnosis without a line of progress."""
    return culpa.diagnose(at.network, at.X, at.y, mine, show_progress=False, **options)
