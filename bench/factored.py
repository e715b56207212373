# SPDX-License-Identifier: MIT
"""What do per-example quantities cost? Run `python bench/factored.py`, and again with `--threads 2`.

Three questions, each with the pass itself (float32, ReLU, cross-entropy); results are compared with culpa's before the
clock runs. Rivals that write every example's gradient out are left out where that takes more than 2 GiB.

    norms      each example's gradient norm: culpa (with the gradient, and without), the same with everything written
               out, Opacus ghost clipping and BackPACK BatchL2Grad (with the gradient, which they need a pass for
               anyway), `torch.func.vmap(grad)` plain and compiled, and JAX's jitted (without)
    clipped    the mean of gradients cut down to the median norm: culpa, its workspace, Opacus, JAX
    Gram       all inner products of examples' gradients, the empirical neural tangent kernel of the loss: culpa,
               torch.func in two ways, BackPACK BatchGrad, JAX

How the rivals are written, and where their documentation advises that, is told in `rivals/`. Those in PyTorch run at
both precisions of its products of matrices; the closing lines take the faster one, and do not make the script fail.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from machine import Rival, agree, asked, bursts, introduce, keep, module, pin, report, verdict
from rivals import Problem, posed

import culpa
from culpa.engine.network import flatten
from culpa.engine.workspace import Workspace

SIZES = [([64, 128, 64, 10], 128), ([784, 256, 128, 10], 128), ([784, 1024, 1024, 10], 512)]
PLAIN = "plain gradient: culpa"
QUESTIONS = {
    "norms": ("opacus", "backpack", "torch", "jax"),
    "clipped": ("opacus", "jax"),
    "gram": ("torch", "backpack", "jax"),
}
"""Who answers what, next to culpa."""


def after_pass(problem: Problem, ask: Callable[[culpa.Gradient], Any]) -> Rival:
    """Something that culpa reads off the factors, with the pass itself."""
    return Rival(
        lambda: ask(culpa.gradient(*problem)), lambda result: result if isinstance(result, tuple) else [result]
    )


def norms(problem: Problem) -> dict[str, Rival]:
    """Culpa's norms, and those from every example's gradient in full, as one would without the factors."""

    def written_out(g: culpa.Gradient) -> np.ndarray:
        parts = [(block.per_example(), block.delta) for block in g.layers]
        return np.sqrt(sum((W**2).sum(axis=(1, 2)) + (b**2).sum(axis=1) for W, b in parts))

    rivals = {
        "culpa with the gradient": after_pass(problem, lambda g: (g.norms(), g.flat())),
        "culpa": after_pass(problem, lambda g: g.norms()),
    }
    name = "NumPy, written out"
    return {**rivals, **({name: after_pass(problem, written_out)} if problem.written_out_by(name) else {})}


def clipped(problem: Problem, bound: float) -> dict[str, Rival]:
    """Culpa's clipped gradient, and its workspace's beside the workspace's own plain gradient."""
    network, X, y = problem
    plain, space = Workspace(network, len(X)), Workspace(network, len(X), max_norm=bound)

    def read(_: Any) -> list[np.ndarray]:
        return [flatten(space.parameters.network_at(space.parameters.gradient))]

    return {
        "culpa": after_pass(problem, lambda g: g.clipped(bound).flat()),
        "culpa's workspace": Rival(lambda: space.gradient(X, y), read),
        "culpa's workspace, without clipping": Rival(lambda: plain.gradient(X, y)),
    }


def gram(problem: Problem) -> dict[str, Rival]:
    """Culpa's Gram matrix."""
    return {"culpa": after_pass(problem, lambda g: g.gram())}


def others(problem: Problem, question: str, *arguments: Any) -> dict[str, Rival]:
    """The frameworks' answers to one question, as far as this machine has them and the memory for them."""
    found: dict[str, Rival] = {}
    for who in QUESTIONS[question]:
        if framework := module(f"rivals.with_{who}"):
            found |= getattr(framework, question)(problem, *arguments)
    return found


def rivals_of(problem: Problem) -> dict[str, Rival]:
    """Everyone by question, their answers compared with culpa's."""
    g = culpa.gradient(*problem)
    bound = float(np.median(g.norms()))
    rivals = {PLAIN: after_pass(problem, lambda g: g.flat())}
    for question, own, arguments, expected in (
        ("norms", norms, (), [g.norms(), g.flat()]),
        ("clipped", clipped, (bound,), [g.clipped(bound).flat()]),
        ("gram", gram, (), [g.gram()]),
    ):
        answers = {**own(problem, *arguments), **others(problem, question, *arguments)}
        agree(answers, expected)
        rivals |= {f"{question}: {name}": rival for name, rival in answers.items()}
    return rivals


def compare(
    title: str, times: Mapping[str, float], ours: str, names: Sequence[str], bound: float, less: str = ""
) -> None:
    """Hold the fastest of some rivals, at either precision, to culpa; in brackets, to what does `less`."""
    found = [name for rival in names for name in (rival, f"{rival}, medium") if name in times]
    if found:
        name = min(found, key=lambda name: times[name])
        aside = f"without the gradient {times[name] / times[less]:.2f}" if less else ""
        verdict(f"{title}: {name} / culpa", times[name] / times[ours], bound, aside=aside)


def close(results: Mapping[str, Mapping[str, float]]) -> None:
    """One line for each thing that was to be shown on one thread."""
    small, middle, large = results
    print("\nNorms, with the gradient where the rival has it too")
    for rival in ("Opacus ghost norms + gradient", "BackPACK BatchL2Grad + gradient"):
        compare(middle, results[middle], "norms: culpa with the gradient", [f"norms: {rival}"], 1.5, "norms: culpa")
    compare(middle, results[middle], "norms: culpa", ["norms: torch.func.vmap(grad)"], 20)
    print("\nThe Gram matrix")
    ways = "torch.func, jacrev and einsum", "torch.func, flattened gradients"
    for title in (small, middle):
        for names in (ways, ("BackPACK BatchGrad",), ("jax.jit(vmap(grad))",)):
            compare(title, results[title], "gram: culpa", [f"gram: {name}" for name in names], 2)
    print("\nA clipped sum beside a plain gradient")
    for title in (middle, large):
        times = results[title]
        space = times["clipped: culpa's workspace"] / times["clipped: culpa's workspace, without clipping"]
        ratio = times["clipped: culpa"] / times[PLAIN]
        verdict(f"{title}: clipped / plain", ratio, 1.15, least=False, aside=f"in the workspace {space:.2f}")


def main() -> None:
    """Measure, print, and keep the figures."""
    options = asked(__doc__, seconds=40.0)
    pin(options.threads)
    results = {}
    for sizes, n in SIZES:
        problem = posed(sizes, n)
        rivals = rivals_of(problem)
        if not results:
            introduce(options)
        results[problem.title] = times = bursts(rivals, seconds=options.seconds, threads=options.threads)
        report(problem.title, times, PLAIN)
    if options.threads == 1:
        close(results)
    print(f"\nkept in {keep('factored', options, results)}")


if __name__ == "__main__":
    main()
