# SPDX-License-Identifier: MIT
"""One diagnosis from several probes: what holds on every one of them.

An objective must be the same on all; a mistake must explain what came back on every probe that is off, and not be one
that would show on a probe that is right. What is left is named, and else the verdict is "unknown".
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from culpa.checking.mistakes.cases import case_of
from culpa.checking.mistakes.claims import Claim
from culpa.checking.mistakes.diagnosing import first_guilty, rulings
from culpa.checking.mistakes.diagnosis import LINES, Diagnosis, Mistake
from culpa.checking.mistakes.dictionary import plantable
from culpa.checking.mistakes.objectives import objectives
from culpa.checking.mistakes.scene import Scene

__all__ = ["Seen", "joined"]

UNNAMED = re.compile(r"times [\d.e−+-]+(,|$)(?! as)|λ = ")
"""A constant in an objective that has no name, and so must be the same on all probes."""
FITTED = {"factor", "λ", "η"}
LOOSE = {"stray factor", "another decay", "decay on biases", "W already updated"}
"""The kinds whose constants have no name."""


class Seen(NamedTuple):
    """A probe's scene, what was claimed there, and what was found."""

    scene: Scene
    claim: Claim
    found: Diagnosis


def joined(seen: Sequence[Seen]) -> Diagnosis:
    """What holds on every probe."""
    off = [each for each in seen if each.found.verdict != "right"]
    if not off:
        return seen[0].found
    unknown = next((each.found for each in off if each.found.verdict == "unknown"), None)
    if unknown is not None:
        return unknown
    first = off[0].found
    said = {wordless(each.found.objective) for each in off}
    if None not in said and len(off) == len(seen):
        same = in_numbers(off)
        if len(said) == 1 and (same is not None or not UNNAMED.search(str(first.objective))):
            return first
        if same is not None:
            return replace(first, objective=same)
    common = set.intersection(*({signature(way) for way in each.found.explanations} for each in off))
    fine = [visible(each.scene) for each in seen if each.found.verdict == "right"]
    kept = [
        way
        for way in first.explanations
        if signature(way) in common and not any(part in shows for shows in fine for part in signature(way))
    ]
    drifts = [drifting(way, off) for way in kept]
    kept = [way for way, notes in zip(kept, drifts, strict=True) if not notes]
    agree = {block.name: block.ruling == "right" for block in first.blocks}
    verdict: Any = "mistake" if kept else "unknown"
    return replace(
        first,
        verdict=verdict,
        objective=None,
        mistakes=kept[0] if kept else (),
        explanations=tuple(kept),
        guilty=kept[0][0].block if kept else first_guilty(agree),
        blocks=rulings(agree, kept[0] if kept else ()),
        notes=(*first.notes, *(note for notes in drifts for note in notes)),
    )


def drifting(way: Sequence[Mistake], off: Sequence[Seen]) -> tuple[str, ...]:
    """Notes on constants that were read off, and are other ones on other probes."""
    notes = []
    for part, mistake in zip(signature(way), way, strict=True):
        for name in FITTED & set(mistake.constants):
            there = [
                (each.scene.n, other.constants[name])
                for each in off
                for other_way in each.found.explanations
                if signature(other_way) == signature(way)
                for place, other in zip(signature(other_way), other_way, strict=True)
                if place == part
            ]
            values = [value for _, value in there]
            if mistake.kind in LOOSE and max(values) - min(values) > 1e-3 * max(map(abs, values)):
                said = ", ".join(f"{value:.4g} for n = {n}" for n, value in dict.fromkeys(there))
                notes.append(f"the {name} at {mistake.block} is another on each probe: {said}")
    return tuple(notes)


def in_numbers(seen: Sequence[Seen]) -> str | None:
    """An objective that has other names on other probes, but the same constants on all: in numbers; else None."""
    found = [next(objectives(case_of(each.scene, each.claim)), None) for each in seen]
    known = [each for each in found if each is not None]
    if len(known) < len(found) or len({each.loss.name for each in known}) > 1:
        return None
    scale, l2 = known[0].scale, known[0].l2
    tolerance = max(each.claim.tolerance for each in seen)
    for each in known:
        if abs(each.scale / scale - 1) > tolerance or abs(each.l2 - l2) > tolerance * max(abs(l2), tolerance):
            return None
    loss = "" if known[0].loss.name == seen[0].scene.network.loss.name else f"with the loss {known[0].loss.name}, "
    own = seen[0].scene.network.l2
    penalty = "" if abs(l2 - own) <= tolerance * max(own, tolerance) else f", with the penalty ½ λ Σ‖W‖², λ = {l2:.6g}"
    return f"{loss}times {scale:.6g}{penalty}"


def wordless(text: str | None) -> str | None:
    """An objective without its numbers, which differ from probe to probe."""
    return None if text is None else re.sub(r"[\d.]+", "", text)


def signature(way: Sequence[Mistake]) -> tuple[tuple[str, str], ...]:
    """What an explanation has in common with itself on another probe."""
    return tuple((mistake.kind, mistake.block) for mistake in way)


def visible(scene: Scene) -> set[tuple[str, str]]:
    """The mistakes that would show on a probe."""
    return {(step.slip.kind, f"{LINES.get(step.slip.part, 'δ')}_{step.k}") for step in plantable(scene)}
