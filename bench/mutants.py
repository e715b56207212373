# SPDX-License-Identifier: MIT
"""How many wrong gradients does each checker accept? Run `python bench/mutants.py`; it counts, and measures no time.

Every mistake of culpa's dictionary that changes the gradient is planted in the backward pass of two small networks, one
with relu and one with tanh; the checkers of `rivals/checkers.py` are asked about each, with their defaults:

    λ = 0.1                        a penalty as large as the loss's own part
    λ = 1e-6                       a penalty as small as they are in use, where its mistakes are small too
    λ = 0.1, objective × 1e-6      the same mistakes in another unit of the loss

Mistakes that give a block another shape are left out: every framework refuses those by itself. The right gradient must
be accepted. Then two cases where a checker that looks in one direction only, or whose tolerance grows with the output,
sees little: a row of dW_1 with its sign turned, in ten networks 784-256-128-10; and a derivative of zero.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import torch
from jax.test_util import check_grads
from machine import describe
from numpy.typing import NDArray
from rivals.checkers import CHECKERS, Asked, Gradient, passes

import culpa
from culpa.checking.mistakes.dictionary import plantable
from culpa.checking.mistakes.probes import Probe, probes_for
from culpa.checking.mistakes.scene import Blocks, Step, backward

CASES = {"λ = 0.1": (0.1, 1.0), "λ = 1e-6": (1e-6, 1.0), "λ = 0.1, objective × 1e-6": (0.1, 1e-6)}
LARGE = (784, 256, 128, 10)
SEEDS = 10
OUTPUTS = (100, 200, 300, 400, 500)
Counts = dict[str, dict[str, int]]


def flat(blocks: Blocks) -> Gradient:
    """∂/∂W_1, ∂/∂b_1, …, as a checker takes them."""
    return [part for pair in blocks for part in pair if part is not None]


def probe(hidden: str, l2: float) -> Probe:
    """The generic probe of a network with three layers, with a penalty."""
    found = probes_for(culpa.Network.fresh([4, 5, 5, 3], hidden=hidden), l2=True)[0]
    return found._replace(network=replace(found.network, l2=l2))


def mutants(found: Probe) -> Iterator[tuple[Step, Gradient]]:
    """The gradients of a probe that the dictionary's mistakes give, those that have the right shapes."""
    scene = found.scene()
    shapes = [part.shape for part in flat(backward(scene))]
    for step in plantable(scene):
        planted = flat(backward(scene, [step]))
        if [part.shape for part in planted] == shapes:
            yield step, planted


def counted(l2: float, unit: float) -> Counts:
    """What each checker accepts: of the right gradients, and of the wrong ones; under "of", how many there are."""
    counts: Counts = {"of": {"right": 0, "wrong": 0, "decay": 0}}
    counts |= {name: {"right": 0, "wrong": 0} for name in CHECKERS}
    for hidden in ("relu", "tanh"):
        found = probe(hidden, l2)
        asked = Asked(found.network, found.X, found.y, unit)
        wrong = list(mutants(found))
        counts["of"]["decay"] += sum("decay" in step.slip.part for step, _ in wrong)
        claims = [("right", flat(backward(found.scene()))), *(("wrong", planted) for _, planted in wrong)]
        for kind, planted in claims:
            counts["of"][kind] += 1
            for name, accepts in CHECKERS.items():
                counts[name][kind] += accepts(asked, [unit * part for part in planted])
    return counts


def turned_rows() -> Counts:
    """A row of dW_1 with its sign turned, in large networks: what the checkers say that can be asked at that size."""
    names = ["torch gradcheck, fast_mode=True", "jax check_grads, float32", "jax check_grads, x64"]
    counts: Counts = {name: {"right": 0, "wrong": 0} for name in ("of", *names, "culpa.check_function")}
    for seed in range(SEEDS):
        random = np.random.default_rng(seed)
        network = culpa.Network.fresh(LARGE, seed=seed, dtype="float64")
        asked = Asked(network, random.normal(size=(64, LARGE[0])), random.integers(0, LARGE[-1], 64))
        right = flat(tuple((part.weight, part.bias) for part in culpa.gradient(*asked[:3]).layers))
        wrong = [part.copy() for part in right]
        # The row of the unit that has most to say.
        wrong[0][np.argmax(np.linalg.norm(wrong[0], axis=1))] *= -1
        for name in counts:
            for kind, planted in (("right", right), ("wrong", wrong)):
                counts[name][kind] += name == "of" or CHECKERS[name](asked, planted)
    return counts


class Still(torch.autograd.Function):
    """The function `tanh(A x)` in PyTorch, with a derivative of zero."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, A: torch.Tensor) -> torch.Tensor:
        """The function itself."""
        ctx.zero = torch.zeros_like(x)
        return torch.tanh(A @ x)

    @staticmethod
    def backward(ctx: Any, _: torch.Tensor) -> tuple[torch.Tensor, None]:
        """Nothing."""
        return ctx.zero, None


def jax_still(A: NDArray[np.float64], x: NDArray[np.float64], x64: bool, mode: str) -> bool:
    """What JAX's check says to the same, in one of its modes."""
    with jax.enable_x64(x64):
        f = jax.custom_jvp(lambda x: jnp.tanh(jnp.asarray(A) @ x))
        f.defjvp(lambda at, moved: (f(*at), jnp.zeros(len(A)) * moved[0].sum()))
        return passes(lambda: check_grads(f, [jnp.asarray(x)], 1, modes=[mode]))


def still(outputs: int) -> dict[str, bool]:
    """Which checkers accept a derivative of zero for tanh(A x), x (20,), with so many outputs."""
    random = np.random.default_rng(0)
    A, x = random.normal(size=(outputs, 20)) / np.sqrt(20), random.normal(size=20)
    tensors = torch.tensor(x, requires_grad=True), torch.tensor(A)
    accepted = {}
    for name, fast in (("torch gradcheck", False), ("torch gradcheck, fast_mode=True", True)):
        accepted[name] = torch.autograd.gradcheck(Still.apply, tensors, fast_mode=fast, raise_exception=False)
    for name, x64 in (("float32", False), ("x64", True)):
        accepted |= {f"jax check_grads, {name}, {mode}": jax_still(A, x, x64, mode) for mode in ("fwd", "rev")}
    ours = culpa.check_vjp(lambda x: np.tanh(A @ x), lambda _, x: 0 * x, x, show_progress=False)
    return {**accepted, "culpa.check_vjp": ours.ok}


def zeros() -> dict[str, dict[str, bool]]:
    """The same for several numbers of outputs, a line for each checker."""
    answers = {count: still(count) for count in OUTPUTS}
    return {name: {str(count): answers[count][name] for count in OUTPUTS} for name in answers[OUTPUTS[0]]}


def tell(title: str, counts: Counts) -> None:
    """Print what was accepted."""
    of = counts["of"]
    print(f"\n{title:<46}{'wrong, of ' + str(of['wrong']):>16}{'right, of ' + str(of['right']):>16}")
    for name, found in counts.items():
        if name != "of":
            print(f"  {name:<44}{found['wrong']:>16}{found['right']:>16}", flush=True)


def main() -> None:
    """Count, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    usual = Path(__file__).parent / "results" / "mutants.json"
    parser.add_argument("--json", type=Path, default=usual, help="keep the counts there (default bench/results)")
    path = parser.parse_args().json
    counts = {}
    for title, (l2, unit) in CASES.items():
        counts[title] = counted(l2, unit)
        tell(title, counts[title])
    title = f"a row of dW_1 turned, {'-'.join(map(str, LARGE))}"
    counts[title] = turned_rows()
    tell(title, counts[title])
    found = zeros()
    print("\na derivative of zero accepted, by number of outputs")
    for name, by_count in found.items():
        print(
            f"  {name:<44}"
            + "".join(f"{count + ': ' + ('yes' if said else 'no'):>12}" for count, said in by_count.items())
        )
    document = {"machine": describe(), "counts": counts, "zeros": found}
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"\nkept in {path}")


if __name__ == "__main__":
    main()
