# SPDX-License-Identifier: MIT
"""How long does it take to check a gradient, and to name its mistake? Run `python bench/diagnosing.py`.

    the dictionary    every mistake run through the backward pass of a probe, and compared with a claim
    a diagnosis       of a right gradient, of one mistake, of two, and of noise on a right one, which nothing explains
                      (in the last block that is looked at, all above it is tried first): on a probe, and on a ReLU
                      network 784-256-128-10 with 64 rows
    a check           `culpa.check`, beside PyTorch's gradcheck in its fast mode with its own backward pass

Each diagnosis has its verdict confirmed before the clock runs. CPU time on one pinned core. PyTorch's fast mode
compares one random projection of each block; culpa looks along eight directions, with an error bar for each.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from machine import Rival, asked, bursts, introduce, keep, module, pin, verdict
from numpy.typing import NDArray
from sklearn.datasets import load_digits

import culpa
from culpa.checking.mistakes.diagnosing import scene_for
from culpa.checking.mistakes.dictionary import plantable
from culpa.checking.mistakes.probes import probes_for
from culpa.checking.mistakes.scene import Blocks, Scene, Step, backward

DICTIONARY, DIAGNOSIS = 0.2, 10.0
"""Seconds that the whole dictionary on a probe, and a diagnosis of a middling network, may take."""
LARGE = (784, 256, 128, 10)


def middling() -> tuple[culpa.Network, NDArray[Any], NDArray[Any]]:
    """A ReLU network with a penalty, and rows of noise."""
    random = np.random.default_rng(0)
    network = culpa.Network.fresh(LARGE, l2=1e-3, seed=0, dtype="float64")
    biases = [replace(layer, b=random.normal(0, 0.1, len(layer.W))) for layer in network.layers]
    return replace(network, layers=tuple(biases)), random.normal(size=(64, LARGE[0])), random.integers(0, LARGE[-1], 64)


def step(scene: Scene, kind: str, k: int) -> Step:
    """One of the mistakes that can be planted."""
    return next(step for step in plantable(scene) if step.slip.kind == kind and step.k == k)


def claims(scene: Scene) -> dict[str, tuple[str, Blocks]]:
    """Somebody's gradients with the verdicts that they must get."""
    random = np.random.default_rng(0)
    right, slope, decay = backward(scene), step(scene, "g′ missing", 1), step(scene, "decay missing", 2)

    def noisy(part: NDArray[Any]) -> NDArray[Any]:
        noise: NDArray[Any] = part + 0.1 * np.abs(part).max() * random.normal(size=part.shape)
        return noise

    return {
        "right": ("right", right),
        "a slope missing": ("mistake", backward(scene, [slope])),
        "a decay of dW_1 over n": ("mistake", backward(scene, [step(scene, "decay over n", 1)])),
        "a slope and a decay missing": ("mistake", backward(scene, [slope, decay])),
        "noise in all blocks": ("unknown", tuple((noisy(dW), noisy(db)) for dW, db in right)),
        "noise in b_1": ("unknown", ((right[0][0], noisy(right[0][1])), *right[1:])),
    }


def diagnoses(network: culpa.Network, X: NDArray[Any], y: NDArray[Any]) -> dict[str, Rival]:
    """A diagnosis of each claim, once it is seen to be the expected one."""
    rivals = {}
    for name, (expected, mine) in claims(scene_for(network, X, y, "mean")).items():
        rivals[name] = Rival(partial(culpa.diagnose, network, X, y, mine, show_progress=False))
        found = rivals[name].run().verdict
        if found != expected:
            raise SystemExit(f"{name}: the verdict is {found}; nothing was timed.")
    return rivals


def same(one: Blocks, other: Blocks) -> bool:
    """Whether two gradients agree in every block, to nine digits of its largest entry."""
    pairs = [(a, b) for layers in zip(one, other, strict=True) for a, b in zip(*layers, strict=True)]
    return max(np.abs(a - b).max() / np.abs(b).max() if a.shape == b.shape else np.inf for a, b in pairs) <= 1e-9


def dictionary(scene: Scene) -> Rival:
    """All mistakes, each run and compared with a claim that none of them makes."""
    claim = claims(scene)["noise in all blocks"][1]
    steps = plantable(scene)
    return Rival(lambda: [same(backward(scene, [step]), claim) for step in steps])


def checks(network: culpa.Network, X: NDArray[Any], y: NDArray[Any]) -> dict[str, Rival]:
    """A check of culpa's own gradient, and PyTorch's check of its own."""
    rivals = {"culpa.check": Rival(lambda: culpa.check(network, X, y, show_progress=False))}
    if checkers := module("rivals.checkers"):
        given = checkers.Asked(network, X, y)
        rivals["torch gradcheck, fast_mode=True"] = Rival(partial(checkers.gradcheck_of_its_own, given))
    return rivals


def digits() -> tuple[culpa.Network, NDArray[Any], NDArray[Any]]:
    """A ReLU network and 1,347 rows of digits."""
    X, y = load_digits(return_X_y=True)
    return culpa.Network.fresh((64, 64, 32, 10), l2=1e-3, seed=0, dtype="float64"), X[:1347] / 16, y[:1347]


def close(results: Mapping[str, Mapping[str, float]]) -> None:
    """What was to be shown."""
    probe, large, *_ = results.values()
    print()
    verdict(
        "the whole dictionary on a probe, seconds",
        probe["the whole dictionary, run and compared"],
        DICTIONARY,
        least=False,
    )
    verdict("the slowest diagnosis of 784-256-128-10, seconds", max(large.values()), DIAGNOSIS, least=False)


def show(title: str, times: Mapping[str, float]) -> None:
    """Print the times of one table."""
    print(f"\n{title:<54}{'ms':>10}")
    for name, seconds in times.items():
        print(f"  {name:<52}{seconds * 1e3:>10.2f}", flush=True)


def main() -> None:
    """Measure, print, keep."""
    options = asked(__doc__, seconds=20)
    pin(options.threads)
    introduce(options)
    probe = probes_for(culpa.Network.fresh([4, 5, 5, 3]), l2=True)[0]
    small = {"the whole dictionary, run and compared": dictionary(probe.scene())}
    size = "-".join(map(str, LARGE))
    questions = {
        "a diagnosis, generic probe": small | diagnoses(probe.network, probe.X, probe.y),
        f"a diagnosis, {size}, 64 rows": diagnoses(*middling()),
        "a check, 64-64-32-10, 1,347 rows": checks(*digits()),
        f"a check, {size}, 64 rows": checks(*middling()),
    }
    results = {}
    for title, rivals in questions.items():
        results[title] = bursts(rivals, seconds=options.seconds, threads=options.threads)
        show(title, results[title])
    close(results)
    print(f"\nkept in {keep('diagnosing', options, results)}")


if __name__ == "__main__":
    main()
