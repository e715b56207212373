# SPDX-License-Identifier: MIT
"""Whose mistake is it, and where? Somebody else's gradient against every mistake that we know.

First whether it is right; then whether it is the right gradient of another objective; then which mistakes of the table
make exactly this gradient, read at the precision that its numbers show. A name is given only to what is explained
wholly, and else the first guilty block: a false name is worse than none.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from culpa.checking.mistakes.cases import Case, agreement, case_of
from culpa.checking.mistakes.claims import Claim, rounded
from culpa.checking.mistakes.diagnosis import BlockVerdict, Diagnosis, Entry, Mistake, Ruling, mistake_of
from culpa.checking.mistakes.dictionary import every_step, shows
from culpa.checking.mistakes.layers import Steps
from culpa.checking.mistakes.objectives import objectives
from culpa.checking.mistakes.reading import read_claim, read_data
from culpa.checking.mistakes.scene import Scene, Step, backward, scene_of
from culpa.checking.mistakes.searching import search
from culpa.engine.arrays import admit_inputs, admit_weights
from culpa.engine.forward import forward
from culpa.engine.gradient import Reduction, needs_real, refuse_overflow
from culpa.engine.network import Network
from culpa.engine.targets import admit_targets
from culpa.reporting.progress import Show, progress

__all__ = ["MOST_MISTAKES", "diagnose", "diagnosed", "scene_for"]

MOST_MISTAKES = 3
SHOWN = 5
"""Entries in the evidence."""
NEAR = 1e-3
"""A claim that is off by less than this share everywhere is told how near it is."""
LOOKED_AT = 50
"""So many examples are enough to see which mistakes would not show."""


def diagnose(
    network: Network, X: object, y: object, mine: object, *, reduction: Reduction = "mean", show_progress: Show = "auto"
) -> Diagnosis:
    """Find the mistake in somebody else's gradient of the network's objective.

    Args:
        network: The network, with its loss and l2.
        X: Inputs (n, d_0), or (d_0, n); not used where `mine` is a function.
        y: Targets, as for `gradient`; one-hot rows may be columns.
        mine: Their gradient: a list of (dW, db), a dict of dW1, db1, …, a vector (p,), an .npz; or their function
            gradient(weights, biases, X, y[, l2]), which is called on probes that show more mistakes than most data.
        reduction: "mean" where the loss is the examples' mean, "sum" where it is their sum.
        show_progress: "auto" shows a bar on a terminal.

    Raises:
        ShapeError, DataError: If a gradient cannot be read, or does not fit the network.

    Example:
        >>> net = culpa.Network.fresh([3, 4, 2], seed=0, dtype="float64")
        >>> X, y = np.arange(15.0).reshape(5, 3), np.array([0, 1, 1, 0, 1])
        >>> mine = [(5 * g.weight, 5 * g.bias) for g in culpa.gradient(net, X, y).layers]
        >>> culpa.diagnose(net, X, y, mine).objective
        'summed over the 5 examples in place of their mean'

    Source: Brown and Burton 1978, "Diagnostic models for procedural bugs in basic mathematical skills".
    """
    needs_real(network)
    if callable(mine):
        from culpa.checking.mistakes.calling import diagnose_function

        return diagnose_function(network, mine, reduction=reduction, show_progress=show_progress)
    inputs, targets, notes = read_data(network, X, y)
    scene = scene_for(network, inputs, targets, reduction)
    claim = read_claim(mine, network, scene.n)
    with progress("diagnosing", MOST_MISTAKES * scene.depth, show=show_progress) as advance:
        found = diagnosed(scene, claim, advance)
    return replace(found, unseen=hidden(scene), notes=(*notes, *found.notes))


def scene_for(network: Network, X: object, y: object, reduction: Reduction) -> Scene:
    """The network with its data let in, in float64; refused where the pass overflows."""
    wide = network.astype("float64")
    inputs = admit_inputs(X, wide.layers[0].W)
    targets = admit_targets(y, len(inputs), wide.loss.targets, wide.sizes[-1], wide.dtype)
    scene = scene_of(wide, inputs, targets, admit_weights(None, len(inputs), reduction, wide.dtype))
    if not all(np.isfinite(part).all() for part in (*scene.a, *scene.h, scene.delta)):
        refuse_overflow(forward(wide, inputs), None, (scene.delta,))
    return scene


def diagnosed(
    scene: Scene, claim: Claim, advance: Callable[[], Any] = lambda: None, *, most: int = MOST_MISTAKES
) -> Diagnosis:
    """A claim's diagnosis: as its numbers stand, then, where nothing explains them, as they were rounded."""
    with np.errstate(all="ignore"):  # what overflows explains nothing
        return read_twice(scene, claim, advance, most)


def read_twice(scene: Scene, claim: Claim, advance: Callable[[], Any], most: int) -> Diagnosis:
    """The same, where overflows are no matter."""
    found = read_as(case_of(scene, claim), most, advance)
    short = rounded(claim) if found.verdict == "unknown" else None
    if short is None:
        return found
    how = f"{short.digits} significant digits" if short.digits is not None else f"{short.decimals} decimals"
    again = read_as(case_of(scene, short), most, advance)
    return replace(again, notes=(*again.notes, f"the entries were read as rounded to {how}"))


def read_as(case: Case, most: int, advance: Callable[[], Any]) -> Diagnosis:
    """A diagnosis at one precision."""
    agree = agreement(case)
    if all(agree.values()):
        return Diagnosis("right", None, (), (), None, rulings(agree, ()), notes=case.claim.notes)
    blind = case.claim.is_coarse
    objective = None if blind else next(objectives(case), None)
    found = [] if blind else search(case, most if objective is None else 1, advance)
    explanations = in_words(found, case.scene)
    if () in explanations:
        # Right by a hair: what the search rounds otherwise is right too.
        return Diagnosis("right", None, (), (), None, rulings(dict.fromkeys(agree, True), ()), notes=case.claim.notes)
    simplest = explanations[0] if explanations else ()
    verdict: Any = "mistake" if explanations else "unknown"
    return Diagnosis(
        verdict if objective is None else "another objective",
        None if objective is None else objective.sentence,
        simplest,
        explanations,
        simplest[0].block if simplest and objective is None else first_guilty(agree),
        rulings(agree, simplest if objective is None else ()),
        evidence(case, next(name for name, same in agree.items() if not same)),
        notes=(*case.claim.notes, *(() if explanations or objective is not None else nearness(case))),
    )


def in_words(found: Sequence[Steps], scene: Scene) -> tuple[tuple[Mistake, ...], ...]:
    """The explanations in words, each once."""
    told: dict[Any, tuple[Mistake, ...]] = {}
    for steps in found:
        mistakes = tuple(mistake_of(step, scene) for step in steps)
        told.setdefault(tuple((mistake.block, mistake.sentence) for mistake in mistakes), mistakes)
    return tuple(told.values())


def first_guilty(agree: dict[str, bool]) -> str:
    """The first block that is off, from the output down; the error δ_k where both of a layer's blocks are."""
    off = [name for name, same in agree.items() if not same]
    first, layer = off[0], off[0].split("_")[1]
    return f"δ_{layer}" if first == f"b_{layer}" and f"W_{layer}" in off else first


def evidence(case: Case, name: str) -> tuple[Entry, ...]:
    """The entries of a block that are off by most, the worst first."""
    letter, layer = name.split("_")
    k = int(layer)
    target, right = (case.W if letter == "W" else case.b)[k - 1], backward(case.scene)[k - 1][letter == "b"]
    if target is None or right is None:
        return ()
    same = target.value.shape == right.shape
    yours = target.value if same else np.full(right.shape, np.nan)
    off = np.abs(yours - right) if same else np.abs(right)
    places = np.argsort(-off.ravel(), kind="stable")[:SHOWN]
    index = [np.unravel_index(place, right.shape) for place in places]
    return tuple(
        Entry(f"{name}[{', '.join(str(int(i) + 1) for i in place)}]", float(yours[place]), float(right[place]))
        for place in index
    )


def rulings(agree: dict[str, bool], mistakes: Sequence[Mistake]) -> tuple[BlockVerdict, ...]:
    """Each block's part, given the mistakes that explain all of them."""
    guilty = {block for mistake in mistakes for block in made_by(mistake)}

    def ruling(name: str, same: bool) -> Ruling:
        if same:
            return "right"
        if not mistakes:
            return "wrong"
        return "mistake" if name in guilty else "right given the mistake above"

    return tuple(BlockVerdict(name, ruling(name, same)) for name, same in agree.items())


def made_by(mistake: Mistake) -> tuple[str, ...]:
    """The blocks of the layer that a mistake makes wrong with its own hands."""
    if mistake.block.startswith("δ"):
        return (f"W_{mistake.layer}", f"b_{mistake.layer}")
    return (mistake.block,)


def nearness(case: Case) -> tuple[str, ...]:
    """A note where nothing explains a claim that is nearly right: to how many digits it agrees, in its worst block."""
    worst = 0.0
    for W, b, (dW, db) in zip(case.W, case.b, backward(case.scene), strict=True):
        for target, right in ((W, dW), (b, db)):
            if target is not None and right is not None:
                if target.value.shape != right.shape or not right.any():
                    return ()
                worst = max(worst, float(np.abs(target.value - right).max() / np.abs(right).max()))
    if worst >= NEAR:
        return ()
    return (f"every block agrees with the right one to {int(-np.log10(worst))} digits: is it a rougher precision?",)


def hidden(scene: Scene) -> tuple[str, ...]:
    """The mistakes that could have been made here and would not have shown, with the reason where it is a plain one."""
    few = scene
    if scene.n > LOOKED_AT:
        few = scene_of(scene.network, scene.X[:LOOKED_AT], scene.targets[:LOOKED_AT], scene.w[:LOOKED_AT])
    reasons = []
    if scene.n == 1:
        reasons.append("what goes wrong over the examples, as there is only one (factors of n, a sum left out)")
    if scene.network.l2 == 0:
        reasons.append("what goes wrong with the weight decay, as l2 is 0")
    right = backward(few)
    could: dict[str, list[Step]] = {}
    for step in every_step(few):
        could.setdefault(step.slip.kind, []).append(step)
    blind = [kind for kind, steps in could.items() if not any(shows(few, step, right) for step in steps)]
    return (*reasons, *blind)
