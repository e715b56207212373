# SPDX-License-Identifier: MIT
"""The registry of cases: seeded random networks with data, on which every oracle is asked the same question.

    tiny      63 networks, every activation with every loss, widths to 4, few examples: for loops over single entries
    small     63, likewise, widths to 8, up to six layers
    large     63, likewise, widths to 50, up to forty examples
    single    35 networks of one layer, five a loss

With and without biases (also layer by layer), sample weights, penalty; mean and sum; class indices, one-hot rows and
soft rows; one and several labels; counts with zeros; columns of zeros. Knows no oracle, and no answer.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import pairwise, product
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

import culpa
from culpa import ACTIVATIONS, LOSSES, Gradient, Network

SEED = 20260721


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One network (float64) with a batch.

    Args:
        id: Its name in a test's name: number, group, hidden activation and loss, sizes, kind of targets.
        network: The network, with its loss and penalty.
        X: Inputs (n, d_0).
        y: Targets, as a user would give them.
        weights: Sample weights s (n,), some of them zero; or None.
        reduction: "mean" or "sum".
        group: Which part of the registry it belongs to.
    """

    id: str
    network: Network
    X: NDArray[Any]
    y: NDArray[Any]
    weights: NDArray[Any] | None
    reduction: str
    group: str


class Group(NamedTuple):
    """The ranges, both ends included, that a part of the registry draws from."""

    name: str
    layers: tuple[int, int]
    widths: tuple[int, int]
    examples: tuple[int, int]


TINY = Group("tiny", (2, 3), (1, 4), (1, 6))
SMALL = Group("small", (2, 6), (1, 8), (1, 12))
LARGE = Group("large", (2, 6), (1, 50), (1, 40))
SINGLE = Group("single", (1, 1), (1, 30), (1, 40))


def draw(number: int, group: Group, activation: str, loss: str) -> Case:
    """Case `number` of the registry: everything not given is drawn from its own seed."""
    random = np.random.default_rng([SEED, number])
    depth = int(random.integers(*group.layers, endpoint=True))
    sizes = random.integers(*group.widths, size=depth + 1, endpoint=True)
    sizes[-1] = outputs(random, loss, group, number)
    names = [str(name) for name in random.choice(list(ACTIVATIONS), depth - 1)]
    if names:
        names[int(random.integers(depth - 1))] = activation
    network = Network.from_arrays(
        weights(random, sizes, loss),
        biases(random, sizes[1:]),
        hidden=names,
        loss=loss,
        l2=float(random.choice([0.0, 1e-3, 0.3])),
    )
    n = int(random.integers(*group.examples, endpoint=True))
    y, kind = targets(random, loss, n, int(sizes[-1]), number)
    shape = "-".join(map(str, sizes))
    name = f"{number:03}-{group.name}-{activation if names else 'none'}-{loss}-{shape}-{kind}"
    reduction = "sum" if random.random() < 0.3 else "mean"
    return Case(name, network, inputs(random, n, int(sizes[0])), y, samples(random, n), reduction, group.name)


def outputs(random: np.random.Generator, loss: str, group: Group, number: int) -> int:
    """How many outputs: two or more for a softmax, often a single one for labels."""
    most = min(10, group.widths[1])
    if LOSSES[loss].targets == "classes":
        return int(random.integers(2, most, endpoint=True))
    return 1 if number % 2 else int(random.integers(1, most, endpoint=True))


def weights(random: np.random.Generator, sizes: NDArray[Any], loss: str) -> list[NDArray[Any]]:
    """Matrices that keep the signal's size through the layers; a Poisson's logits are kept small."""
    matrices = [random.normal(0, np.sqrt(1.5 / below), (above, below)) for below, above in pairwise(sizes)]
    matrices[-1] *= 0.3 if loss == "poisson" else 1.0
    return matrices


def biases(random: np.random.Generator, widths: NDArray[Any]) -> list[NDArray[Any] | None] | None:
    """No biases at all, biases everywhere, or a mixture of both from layer to layer."""
    style = random.choice(["none", "all", "mixed"], p=[0.2, 0.5, 0.3])
    if style == "none":
        return None
    given: list[NDArray[Any] | None] = [random.normal(0, 0.5, width) for width in widths]
    if style == "mixed":
        absent = random.random(len(given)) < 0.5
        absent[int(random.integers(len(given)))] = True
        given = [None if gone else b for gone, b in zip(absent, given, strict=True)]
    return given


def inputs(random: np.random.Generator, n: int, columns: int) -> NDArray[Any]:
    """Standard normal inputs, in part sparse, in part with a column of zeros."""
    X = random.normal(size=(n, columns))
    if random.random() < 0.4:
        X[random.random(X.shape) < 0.4] = 0.0
    if random.random() < 0.3:
        X[:, int(random.integers(columns))] = 0.0
    return X


def samples(random: np.random.Generator, n: int) -> NDArray[Any] | None:
    """No sample weights, or positive ones with zeros among them."""
    if random.random() < 0.5:
        return None
    s = random.gamma(1.0, size=n)
    s[random.random(n) < 0.2] = 0.0
    s[int(random.integers(n))] = 1.5
    return s


def targets(random: np.random.Generator, loss: str, n: int, d: int, number: int) -> tuple[NDArray[Any], str]:
    """Targets that the loss can use, and what to call their kind."""
    kind = LOSSES[loss].targets
    if kind == "classes":
        style = ("indices", "onehot", "soft")[number % 3]
        classes = random.integers(d, size=n)
        rows = {"indices": classes, "onehot": np.eye(d)[classes], "soft": random.dirichlet(np.ones(d), n)}
        return rows[style], style
    if kind == "labels":
        hard = bool(number % 4 < 2)
        rows = random.integers(0, 2, (n, d)) if hard else random.random((n, d))
        return (rows[:, 0] if d == 1 and number % 3 else rows), "hard" if hard else "softlabels"
    if kind == "counts":
        rows = random.poisson(2.0, (n, d))
        rows[0, 0] = 0
        return rows, "counts"
    return random.normal(0, 1.5, (n, d)), "numbers"


def registry() -> tuple[Case, ...]:
    """All cases, in an order that never changes."""
    pairs = list(product(ACTIVATIONS, LOSSES))
    wanted = [(group, *pair) for group in (TINY, SMALL, LARGE) for pair in pairs]
    wanted += [(SINGLE, "identity", loss) for _ in range(5) for loss in LOSSES]
    return tuple(draw(number, *case) for number, case in enumerate(wanted))


CASES = registry()
TINY_CASES = tuple(case for case in CASES if case.group == "tiny")


def plain_case() -> Case:
    """One case for the negative controls, drawn so that no planted error can hide in it.

    No width equals its neighbour, no input and no activation is zero, every example counts, and no slope is 1.
    """
    random = np.random.default_rng(SEED)
    sizes = np.array([3, 4, 2, 3])
    network = Network.from_arrays(
        weights(random, sizes, "cross_entropy"),
        [random.normal(size=width) for width in sizes[1:]],
        hidden=["tanh", "softplus"],
        loss="cross_entropy",
        l2=0.1,
    )
    y = np.array([0, 1, 2, 1, 0])
    return Case("plain", network, random.normal(size=(5, 3)), y, random.uniform(0.5, 2, 5), "mean", "plain")


PLAIN = plain_case()


def each(cases: Iterable[Case]) -> Callable[..., Any]:
    """Run a test once for each case, under the case's name."""
    return pytest.mark.parametrize("case", list(cases), ids=lambda case: case.id)


def gradient_of(case: Case, **changes: Any) -> Gradient:
    """What culpa says of a case; `changes` replace fields of it, such as the network."""
    case = replace(case, **changes)
    return culpa.gradient(case.network, case.X, case.y, weights=case.weights, reduction=case.reduction)
