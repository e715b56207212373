# SPDX-License-Identifier: MIT
"""Somebody's function gradient(weights, biases, X, y[, l2]): called on every probe, twice on each, and diagnosed.

A mistake is named only if it explains what came back on every probe. Where a function stops with an error on one probe
(matrices that do not fit) and not on another (where all are square), the others still tell.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from culpa.checking.claims import Claim, read_claim
from culpa.checking.diagnosing import MOST_MISTAKES, diagnosed, hidden
from culpa.checking.diagnosis import LINES, Diagnosis, Mistake, mistake_of
from culpa.checking.finding import NotFound, described
from culpa.checking.mistakes import MISTAKES, plantable
from culpa.checking.probes import Probe, arguments, probes_for
from culpa.checking.scene import Scene, Step
from culpa.engine.gradient import Reduction
from culpa.engine.network import Network
from culpa.errors import CulpaError, DataError, OptionError
from culpa.reporting.progress import Show, progress

__all__ = ["Answer", "UnreadableError", "diagnose_answers", "diagnose_function"]


class UnreadableError(DataError):
    """What a function returned is no gradient of the probe's network; of another network it may be one."""


class Answer(NamedTuple):
    """What a function gave on a probe.

    Attributes:
        probe: The probe.
        value: What it returned first.
        again: What it returned when it was called once more.
    """

    probe: Probe
    value: Any
    again: Any


class Seen(NamedTuple):
    """A probe's scene, and what was found on it."""

    scene: Scene
    found: Diagnosis


def diagnose_function(
    network: Network, mine: Callable[..., Any], *, reduction: Reduction = "mean", show_progress: Show = "auto"
) -> Diagnosis:
    """Find the mistake in a function gradient(weights, biases, X, y[, l2]).

    Args:
        network: Gives the depth, the activations and the loss; the parameters are the probes' own.
        mine: The function; it gets copies that it may change.
        reduction: "mean" where the loss is the examples' mean, "sum" where it is their sum.
        show_progress: "auto" shows a bar on a terminal.

    Raises:
        OptionError: If it cannot be called with these arguments.
        DataError: If it raises on every probe, gives two gradients for the same arguments, or returns no gradient.
    """
    try:
        called = described(getattr(mine, "__name__", "the function"), mine)
    except NotFound as error:
        raise OptionError(f"The function {error.message.removeprefix('has ')}.", hint=error.hint) from error
    answers: list[Answer] = []
    stopped: list[tuple[Probe, Exception]] = []
    probes = probes_for(network, called.takes_l2)
    with progress("calling", len(probes), show=show_progress) as advance:
        for probe in probes:
            given = [arguments(probe) for _ in range(2)]
            try:
                answers.append(Answer(probe, *(called(*each) for each in given)))
            except Exception as error:  # noqa: BLE001 # whatever a function of the user's raises is told in one sentence
                stopped.append((probe, error))
            advance(probe.name)
    if not answers:
        probe, first = stopped[0]
        said = " ".join(str(first).split())
        raise DataError(
            f"The function raised {type(first).__name__} for X {probe.X.shape} and y {probe.y.shape}: {said}.",
            hint="it is called as gradient(weights, biases, X, y[, l2]); W_k is (d_k, d_{k-1}) and rows are examples.",
        ) from first
    notes = [f"it stops with {type(fault).__name__} on the {probe.name} probe" for probe, fault in stopped]
    return diagnose_answers(answers, takes_l2=called.takes_l2, reduction=reduction, notes=notes)


def diagnose_answers(
    answers: Sequence[Answer],
    *,
    takes_l2: bool,
    reduction: Reduction = "mean",
    notes: Sequence[str] = (),
    most: int = MOST_MISTAKES,
) -> Diagnosis:
    """One diagnosis of what a function gave on several probes.

    Args:
        answers: What it gave, at least on one.
        takes_l2: Whether it takes l2; where not, the decay is untested.
        reduction: As for `diagnose`.
        notes: What else should be said.
        most: How many different mistakes are tried at once.

    Raises:
        ShapeError, DataError: If no gradient can be read from an answer, or two calls gave two gradients.
    """
    seen, unread = [], []
    for answer in answers:
        scene = answer.probe.scene(summed=reduction == "sum")
        try:
            claim = read_claim(answer.value, answer.probe.network, scene.n)
            later = read_claim(answer.again, answer.probe.network, scene.n)
        except CulpaError as error:
            unread.append((answer.probe, error))
            continue
        kept = kept_between(claim, later, scene)
        seen.append(Seen(scene, diagnosed(scene, claim, most=most) if kept is None else kept))
    if not seen:
        raise UnreadableError(unread[0][1].message, hint=unread[0][1].hint)
    said = [*notes, *(f"what it returns on the {probe.name} probe cannot be read" for probe, _ in unread)]
    found = joined(seen)
    blind = [set(hidden(each.scene)) for each in seen]
    unseen = [kind for kind in hidden(seen[0].scene) if all(kind in others for others in blind)]
    if not takes_l2:
        unseen = ["the weight decay, as the function takes no l2", *(kind for kind in unseen if "l2 is 0" not in kind)]
    return replace(found, unseen=tuple(unseen), notes=(*found.notes, *said))


def kept_between(claim: Claim, later: Claim, scene: Scene) -> Diagnosis | None:
    """A gradient that is added to the last call's: the diagnosis of that; None where both calls gave the same."""
    pairs = [*zip(claim.weights, later.weights, strict=True)]
    pairs += [(a, b) for a, b in zip(claim.biases, later.biases, strict=True) if a is not None and b is not None]
    size = [claim.tolerance * max(float(np.abs(a).max()), 1e-300) for a, _ in pairs]
    if all(np.abs(a - b).max() <= slack for (a, b), slack in zip(pairs, size, strict=True)):
        return None
    if not all(np.abs(2 * a - b).max() <= 2 * slack for (a, b), slack in zip(pairs, size, strict=True)):
        raise DataError(
            "The function gives another gradient when it is called again with the same arguments.",
            hint="is there randomness without a seed, or something kept between calls?",
        )
    found = diagnosed(scene, claim)
    slip = next(slip for slip in MISTAKES if slip.kind == "not zeroed")
    mistake = mistake_of(Step(slip, scene.depth, 2.0), scene)._replace(
        sentence="The gradient is added to that of the call before: the second call gives twice the first."
    )
    mistakes = (mistake, *found.mistakes)
    return replace(
        found,
        verdict="mistake",
        objective=None,
        mistakes=mistakes,
        explanations=(mistakes,),
        guilty="δ_" + str(scene.depth),
    )


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
    if None not in said and len(said) == 1 and len(off) == len(seen):
        return first
    common = set.intersection(*({signature(way) for way in each.found.explanations} for each in off))
    fine = [visible(each.scene) for each in seen if each.found.verdict == "right"]
    kept = [
        way
        for way in first.explanations
        if signature(way) in common and not any(part in shows for shows in fine for part in signature(way))
    ]
    if not kept:
        return replace(first, verdict="unknown", objective=None, mistakes=(), explanations=(), blocks=wrong(first))
    return replace(
        first, verdict="mistake", objective=None, mistakes=kept[0], explanations=tuple(kept), guilty=kept[0][0].block
    )


def wrong(found: Diagnosis) -> Any:
    """The blocks without the rulings of an explanation that does not hold."""
    return tuple(block if block.ruling == "right" else block._replace(ruling="wrong") for block in found.blocks)


def wordless(text: str | None) -> str | None:
    """An objective without its numbers, which differ from probe to probe."""
    return None if text is None else re.sub(r"[\d.]+", "", text)


def signature(way: Sequence[Mistake]) -> tuple[tuple[str, str], ...]:
    """What an explanation has in common with itself on another probe."""
    return tuple((mistake.kind, mistake.block) for mistake in way)


def visible(scene: Scene) -> set[tuple[str, str]]:
    """The mistakes that would show on a probe."""
    return {(step.slip.kind, f"{LINES.get(step.slip.part, 'δ')}_{step.k}") for step in plantable(scene)}
