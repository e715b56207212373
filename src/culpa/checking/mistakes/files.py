# SPDX-License-Identifier: MIT
"""Somebody's Python file with a gradient in it: run in a process of its own, and diagnosed.

What the function computes need not be said. Where the activation, the loss or the depth are not given they are tried,
the usual ones first, and those are taken and told under which the least has to be explained.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from time import monotonic
from typing import NamedTuple

import numpy as np

from culpa.checking.mistakes.calling import Answer, UnreadableError, diagnose_answers
from culpa.checking.mistakes.diagnosing import MOST_MISTAKES
from culpa.checking.mistakes.diagnosis import Diagnosis
from culpa.checking.mistakes.probes import LAYOUTS, Layout, Probe, arguments, probes_for
from culpa.checking.sandbox.refusals import RaisedError
from culpa.checking.sandbox.running import Call, Returned, run_file
from culpa.engine.activations import ACTIVATIONS, activation_named
from culpa.engine.arrays import whole_number
from culpa.engine.losses import loss_named
from culpa.engine.network import Network
from culpa.errors import CulpaError, ShapeError
from culpa.reporting.progress import Show, progress

__all__ = ["Reading", "diagnose_file"]

USUAL_ACTIVATIONS = ("relu", "tanh", "logistic")
USUAL_LOSSES = ("cross_entropy", "squared_error", "binary_cross_entropy")
UNKNOWN = 99.0
ONLY_SQUARE = "where widths and n differ"
USUAL_DEPTHS = (3, 2)


class Reading(NamedTuple):
    """What a file's function was taken to compute.

    Attributes:
        function: Its name.
        network: A network with its depth, activations and loss; the parameters mean nothing.
        one_hot: Whether it takes classes as one-hot rows.
    """

    function: str
    network: Network
    one_hot: bool


class Ran(NamedTuple):
    """A file's function, and what it gave on some probes."""

    function: str
    takes_l2: bool
    answers: tuple[Answer, ...]
    notes: tuple[str, ...]


def diagnose_file(
    path: str | os.PathLike[str],
    *,
    network: Network | None = None,
    function: str | None = None,
    activation: str | None = None,
    loss: str | None = None,
    hidden_layers: int | None = None,
    seconds: float = 20.0,
    show_progress: Show = "auto",
) -> tuple[Diagnosis, Reading]:
    """Find the mistake in the function gradient(weights, biases, X, y[, l2]) of a Python file.

    Args:
        path: The file; it runs in a process of its own with a time limit and a memory limit.
        network: Gives depth, activations and loss, if there is one.
        function: The function's name; by default the usual names are tried, then the only function that fits.
        activation: The hidden layers' activation; by default the usual ones are tried.
        loss: The loss; likewise.
        hidden_layers: How many hidden layers; likewise.
        seconds: Time for one process; nothing more is tried once so much has passed.
        show_progress: "auto" shows a bar on a terminal.

    Returns:
        The diagnosis, and what the function was taken to compute.

    Raises:
        FileError: If the file cannot be imported or has no such function.
        DataError: If the function fails, does not end, or returns no gradient.
    """
    tries = list(settings(network, activation, loss, hidden_layers))
    until = monotonic() + seconds
    best: tuple[Diagnosis, Reading] | None = None
    faults: list[CulpaError] = []
    with progress("diagnosing", len(tries), show=show_progress) as advance:
        for kind, one_hot in tries:
            if monotonic() > until and (faults or best is not None):
                break
            advance(f"{kind.loss.name}, {len(kind.layers)} layers")
            if best is not None and len(kind.layers) != len(best[1].network.layers):
                continue  # it runs with another depth: that is the one that is meant
            try:
                ran = run(path, kind, one_hot, function, seconds)
                found = read(ran, kind, one_hot, names(network, activation, kind))
            except (RaisedError, ShapeError, UnreadableError) as error:
                faults.append(error)
            else:
                best = min(best or found, found, key=lambda one: rank(one[0]))
            if best is not None and best[0].verdict == "right":
                break
    if best is None:
        # A function that unpacks its layers says most about itself where it has as many as it takes.
        raise next((fault for fault in faults if "unpack" not in fault.message), faults[0])
    return best


def settings(
    network: Network | None, activation: str | None, loss: str | None, hidden_layers: int | None
) -> Iterator[tuple[Network, bool]]:
    """What a function may compute, the usual first: a network of that kind, and whether its classes are one-hot."""
    if network is not None:
        yield from ((network, one_hot) for one_hot in dict.fromkeys(form[0] for form in forms(network.loss.name)))
        return
    depths = USUAL_DEPTHS if hidden_layers is None else (whole_number("hidden_layers", hidden_layers, 0) + 1,)
    losses = [(name, *form) for name in (USUAL_LOSSES if loss is None else (loss,)) for form in forms(name)]
    for (name, one_hot, outputs), depth in product(losses, depths):
        sizes = [4] * depth + [outputs]
        yield Network.fresh(sizes, hidden=activation or USUAL_ACTIVATIONS[0], loss=name, dtype="float64"), one_hot


def forms(loss: str) -> tuple[tuple[bool, int], ...]:
    """In which forms targets may come: whether classes as one-hot rows, and for how many outputs; one's are (n,)."""
    kind = loss_named(loss).targets
    if kind == "classes":
        return ((False, 3), (True, 3))
    return ((False, 1), (False, 3)) if kind == "labels" else ((False, 3), (False, 1))


def names(network: Network | None, activation: str | None, kind: Network) -> Sequence[str | None]:
    """The activations that a function may have; None for those of the network itself."""
    if network is not None or activation is not None or len(kind.layers) == 1:
        return (None,)
    return (*USUAL_ACTIVATIONS, *(name for name in ACTIVATIONS if name not in USUAL_ACTIVATIONS))


def run(path: str | os.PathLike[str], kind: Network, one_hot: bool, function: str | None, seconds: float) -> Ran:
    """Call the file's function on every probe, in the layout with which it runs; or else on the square one alone."""
    pairs = [(with_l2, probes_for(kind, with_l2)) for with_l2 in (True, False)]

    def called(only: str | None, layout: Layout) -> tuple[Returned, list[Probe]]:
        chosen = {with_l2: [each for each in probes if only in (None, each.name)] for with_l2, probes in pairs}
        calls = {
            with_l2: [call(each, one_hot, with_l2, layout) for each in probes] for with_l2, probes in chosen.items()
        }
        returned = run_file(path, calls[True], calls[False], function=function, seconds=seconds)
        return returned, chosen[returned.takes_l2]

    faults: list[RaisedError] = []
    for only, layout in [*((None, layout) for layout in LAYOUTS), ("square", LAYOUTS[0])]:
        try:
            returned, probes = called(only, layout)
        except RaisedError as error:
            faults.append(error)
            continue
        notes = (f"{ONLY_SQUARE} it stops: {faults[0].message.rstrip('.')}",) if only else ()
        answers = zip(probes, returned.values, returned.again, strict=True)
        return Ran(returned.name, returned.takes_l2, tuple(Answer(*answer, layout) for answer in answers), notes)
    raise faults[0]


def call(probe: Probe, one_hot: bool, with_l2: bool, layout: Layout) -> Call:
    """The arguments for a probe; a single output's targets come as (n,)."""
    rows = np.eye(probe.network.sizes[-1])[probe.y] if one_hot else probe.y
    weights, biases, X, y, l2 = arguments(probe._replace(y=rows), layout)
    if layout != "columns" and y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    given = (weights, biases, X, y)
    return Call((*given, l2) if with_l2 else given)


def read(ran: Ran, kind: Network, one_hot: bool, names: Sequence[str | None]) -> tuple[Diagnosis, Reading]:
    """The diagnosis under the activation that explains most on the first probe."""
    best, answers, least = kind, ran.answers, 2 * UNKNOWN
    for most, name in product(range(1, MOST_MISTAKES + 1), names if len(names) > 1 else ()):
        under = [with_activation(answer, name) for answer in ran.answers]
        if least <= 1 + most:
            break
        effort = rank(diagnose_answers(under[:1], takes_l2=ran.takes_l2, most=most))
        if effort < least:
            best, answers, least = under[0].probe.network, tuple(under), effort
    found = diagnose_answers(answers, takes_l2=ran.takes_l2, notes=ran.notes)
    return found, Reading(ran.function, best, one_hot)


def with_activation(answer: Answer, name: str | None) -> Answer:
    """The same answer, read as that of another hidden activation."""
    network = answer.probe.network
    row = activation_named(name or USUAL_ACTIVATIONS[0])
    layers = (*(replace(layer, activation=row) for layer in network.layers[:-1]), network.layers[-1])
    return answer._replace(probe=answer.probe._replace(network=replace(network, layers=layers)))


def rank(found: Diagnosis) -> float:
    """The less a reading needs to explain, the better it is; of those that explain nothing, the least wrong one."""
    if found.verdict == "another objective":
        return 1.5 if "with the loss" in str(found.objective) else 1.0
    if found.verdict == "unknown":
        right = sum(block.ruling == "right" for block in found.blocks) / len(found.blocks)
        return UNKNOWN - right + any(note.startswith(ONLY_SQUARE) for note in found.notes)
    return 0.0 if found.verdict == "right" else 1 + len(found.places())
