# SPDX-License-Identifier: MIT
"""Somebody's function gradient(weights, biases, X, y[, l2]): called on every probe, twice on each, and diagnosed.

A mistake is named only if it explains what came back on every probe. Where a function stops with an error on one probe
(matrices that do not fit) and not on another (where all are square), the others still tell.
"""

import os
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.checking.mistakes.claims import Claim
from culpa.checking.mistakes.diagnosing import MOST_MISTAKES, diagnosed, hidden
from culpa.checking.mistakes.diagnosis import Diagnosis, mistake_of
from culpa.checking.mistakes.dictionary import MISTAKES
from culpa.checking.mistakes.joining import Seen, joined
from culpa.checking.mistakes.probes import LAYOUTS, Layout, Probe, arguments, probes_for
from culpa.checking.mistakes.reading import read_claim
from culpa.checking.mistakes.scene import Scene, Step
from culpa.checking.sandbox.finding import NotFound, described
from culpa.engine.gradient import Reduction
from culpa.engine.network import Network
from culpa.errors import CulpaError, DataError, OptionError
from culpa.reporting.progress import Show, progress

__all__ = ["Answer", "UnreadableError", "diagnose_answers", "diagnose_function"]

NOT_ZEROED = next(slip for slip in MISTAKES if slip.kind == "not zeroed")
LAYOUT_NOTES: dict[Layout, tuple[str, ...]] = {
    "rows": (),
    "transposed": ("it was given each W as (inputs, units), with which it runs",),
    "columns": ("it was given examples in columns, with which it runs",),
}
ADDED_UP = "The gradient is added to that of the call before: the second call gives twice the first."


class UnreadableError(DataError):
    """What a function returned is no gradient of the probe's network; of another network it may be one."""


class Answer(NamedTuple):
    """What a function gave on a probe.

    Attributes:
        probe: The probe.
        value: What it returned first.
        again: What it returned when it was called once more.
        layout: How it was given its arguments.
    """

    probe: Probe
    value: Any
    again: Any
    layout: Layout = "rows"


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
        reason = error.message.partition("which ")[2] or error.message
        raise OptionError(f"The function given as `mine` {reason}.", hint=error.hint) from error
    answers: list[Answer] = []
    stopped: list[tuple[Probe, Exception]] = []
    probes = probes_for(network, called.takes_l2)
    with progress("calling", len(probes), show=show_progress) as advance:
        for probe in probes:
            # Where all widths differ, the layout with which it runs is the one that is meant.
            layouts = (answers[0].layout,) if answers else LAYOUTS
            faults: list[Exception] = []
            for layout in layouts if probe.name == "generic" or answers else LAYOUTS[:1]:
                try:
                    # What it returns may be its own arrays, which it goes on changing.
                    value, again = (deepcopy(called(*arguments(probe, layout))) for _ in range(2))
                except Exception as error:  # noqa: BLE001 # whatever it raises is told in one sentence
                    faults.append(error)
                else:
                    answers.append(Answer(probe, value, again, layout))
                    break
            else:
                stopped.append((probe, faults[0]))
            advance(probe.name)
    if not answers:
        probe, fault = stopped[0]
        said = " ".join(str(fault).split())
        raise DataError(
            f"The function raised {type(fault).__name__} for X {probe.X.shape} and y {probe.y.shape}: {said}.",
            hint="it is called as gradient(weights, biases, X, y[, l2]); W_k is (d_k, d_{k-1}) and rows are examples.",
        ) from fault
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
    seen: list[Seen] = []
    unread: list[tuple[Probe, CulpaError]] = []
    turned = hoards = False
    for answer in answers:
        scene = answer.probe.scene(summed=reduction == "sum")
        try:
            claim, later = (read_answer(value, answer, turned) for value in (answer.value, answer.again))
        except CulpaError as error:
            unread.append((answer.probe, error))
            continue
        turned = turned or claim.turned  # a probe whose matrices are all square cannot tell
        kept = kept_between(claim, later, scene, hoards)
        hoards = hoards or kept is not None
        seen.append(Seen(scene, claim, diagnosed(scene, claim, most=most) if kept is None else kept))
    if not seen:
        raise UnreadableError(unread[0][1].message, hint=unread[0][1].hint)
    said = [
        *notes,
        *LAYOUT_NOTES[answers[0].layout],
        *(f"what it returns on the {probe.name} probe cannot be read" for probe, _ in unread),
    ]
    found = joined(seen)
    blind = [set(hidden(each.scene)) for each in seen]
    unseen = [kind for kind in hidden(seen[0].scene) if all(kind in others for others in blind)]
    if not takes_l2:
        unseen = ["the weight decay, as the function takes no l2", *(kind for kind in unseen if "l2 is 0" not in kind)]
    if found.verdict == "unknown":
        said.append("a slip in the forward pass (the softmax's axis, a bias left out) is not in the dictionary")
    return replace(found, unseen=tuple(unseen), notes=(*found.notes, *said))


def read_answer(value: Any, answer: Answer, turned: bool) -> Claim:
    """What a function returned as a gradient; a name of a file is none."""
    if isinstance(value, str | os.PathLike):
        raise DataError(f"The function returned text, {str(value)[:40]!r}.", hint="return a list of (dW, db).")
    turned = turned or answer.layout == "transposed"
    return read_claim(value, answer.probe.network, len(answer.probe.X), turned=turned)


def kept_between(claim: Claim, later: Claim, scene: Scene, known: bool) -> Diagnosis | None:
    """A gradient that is added to the last call's: the diagnosis of that; None where both calls gave the same.

    Args:
        claim: What the first call on a probe gave.
        later: What the second gave.
        scene: The probe's.
        known: Whether this was seen on a probe before, whose gradient may be in the first call's too.
    """
    own = difference(later, claim)
    if all(is_near(block, 0 * block, other) for block, other in zip(blocks(own), blocks(claim), strict=True)):
        return None
    if not known and not all(map(is_near, blocks(own), blocks(claim), blocks(claim))):
        raise DataError(
            "The function gives another gradient when it is called again with the same arguments.",
            hint="is there randomness without a seed, or something kept between calls?",
        )
    found = diagnosed(scene, own)
    mistakes = (mistake_of(Step(NOT_ZEROED, scene.depth, 2.0), scene)._replace(sentence=ADDED_UP), *found.mistakes)
    return replace(
        found,
        verdict="mistake",
        objective=None,
        mistakes=mistakes,
        explanations=(mistakes,),
        guilty=mistakes[0].block,
        blocks=tuple(block._replace(ruling="mistake") for block in found.blocks),
    )


def difference(later: Claim, claim: Claim) -> Claim:
    """What the second call added to the first."""
    return replace(
        claim,
        weights=tuple(a - b for a, b in zip(later.weights, claim.weights, strict=True)),
        biases=tuple(
            None if a is None or b is None else a - b for a, b in zip(later.biases, claim.biases, strict=True)
        ),
    )


def blocks(claim: Claim) -> list[NDArray[Any]]:
    """All blocks of a claim."""
    return [*claim.weights, *(b for b in claim.biases if b is not None)]


def is_near(one: NDArray[Any], other: NDArray[Any], scale: NDArray[Any]) -> bool:
    """Whether two blocks agree, in units of the largest entry of a third."""
    return bool(np.abs(one - other).max() <= 1e-6 * np.abs(scale).max())
