# SPDX-License-Identifier: MIT
"""Whose objective? Before any mistake is named: is this the right gradient of another loss, scale or penalty?

    claim = s · ∇(loss) + λ W,   s and λ by least squares over all blocks at once

A sum in place of a mean, no ½, a mean over the outputs, a penalty over n or none, another loss on the same outputs:
each is right in itself, and minimises something; it is only not what the network says that it minimises.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.checking.mistakes.cases import Case
from culpa.checking.mistakes.fitting import CLEAR, solved
from culpa.checking.mistakes.scene import Blocks, Scene, backward
from culpa.engine.losses import LOSSES, Loss

__all__ = ["Objective", "objectives"]


class Objective(NamedTuple):
    """Another objective, of which a gradient is the right one.

    Attributes:
        loss: The loss.
        scale: What its mean over the examples (or what the network is asked for) is multiplied by, s > 0.
        l2: λ in the penalty ½ λ Σ‖W‖².
        sentence: What it is, beside the network's own.
    """

    loss: Loss
    scale: float
    l2: float
    sentence: str


def objectives(case: Case) -> Iterator[Objective]:
    """The objectives other than the network's own whose right gradient the claim is, the network's loss first."""
    scene, own = case.scene, case.scene.network.loss
    for loss in (own, *(row for row in LOSSES.values() if row.name != own.name)):
        delta = error_under(scene, loss)
        if delta is None:
            continue
        unpenalised = replace(scene, delta=delta, network=replace(scene.network, l2=0.0))
        data = backward(unpenalised)
        if loss.name == own.name:
            plain = data
        elif alike(case, data, plain):
            continue
        found = constants(case, data)
        if found is None:
            continue
        s, decay = found
        said = sentence(case, loss, s, decay)
        if said is None:
            return
        if s > 0 and decay >= -case.claim.tolerance:
            yield Objective(loss, s, decay, said)


def error_under(scene: Scene, loss: Loss) -> NDArray[Any] | None:
    """δ_L (n, d_L) under another loss of the same logits; None where the targets are none of its kind."""
    rows, logits = scene.rows, scene.a[-1]
    indices, low, high = scene.targets.ndim == 1, rows.min() >= 0, rows.max() <= 1
    fits = {
        "classes": indices or bool(rows.shape[1] > 1 and low and np.allclose(rows.sum(axis=1), 1)),
        "labels": low and high,
        "counts": low,
        "numbers": True,
    }
    if not fits[loss.targets]:
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        delta = loss.delta(logits, scene.targets if indices and loss.targets == "classes" else rows)
    return delta if np.isfinite(delta).all() else None


def alike(case: Case, one: Blocks, other: Blocks) -> bool:
    """Whether two losses have one gradient here, as far as the claim's precision shows."""
    targets = [target for pair in zip(case.W, case.b, strict=True) for target in pair]
    pairs = [(a, b) for layers in zip(one, other, strict=True) for a, b in zip(*layers, strict=True)]
    return all(
        target is None or a is None or b is None or bool((np.abs(a - b) <= CLEAR * target.slack.max()).all())
        for target, (a, b) in zip(targets, pairs, strict=True)
    )


def constants(case: Case, data: Blocks) -> tuple[float, float] | None:
    """S and λ, if the claim is s·data + λ·W in every block."""
    values, columns = [], []
    for W, b, (dW, db) in zip(case.W, case.b, data, strict=True):
        if W.value.shape != dW.shape or (b is not None and db is not None and b.value.shape != db.shape):
            return None
        values.append((W.value / W.slack).ravel())
        columns.append(np.stack([(dW / W.slack).ravel(), (W.decay / W.slack).ravel()]))
        if b is not None and db is not None:
            values.append(b.value / b.slack)
            columns.append(np.stack([db / b.slack, np.zeros_like(db)]))
    value, (gradient, decay) = np.concatenate(values), np.concatenate(columns, axis=1)
    if not (np.abs(gradient) > 1).any():
        return None
    # One constant where one is enough, so that a penalty is not made out of rounding.
    l2, moves = case.scene.network.l2, (float(np.abs(gradient).max()), float(np.abs(decay).max()))
    for s, factor in [(1.0, l2), (*solved([gradient], value), 0.0), solved([gradient, decay], value)]:
        clear = abs(s - 1) * moves[0] > CLEAR, abs(factor - l2) * moves[1] > CLEAR
        # A constant that moves nothing visibly is the usual one; where both do, there is nothing to tell.
        plain = (s if clear[0] else 1.0, factor if clear[1] else l2)
        for c, other in (plain, (s, factor)) if any(clear) else (plain,):
            if (np.abs(value - c * gradient - other * decay) <= 1).all():
                return c, other
    return None


def scales_of(n: int, outputs: int, summed: bool) -> list[tuple[float, str]]:
    """The factors that have a name, and the names."""
    times_n, over_n = f"summed over the {n} examples", f"divided by n = {n} once more"
    alone = (f"{times_n} in place of their mean", f"{over_n}, as when a mean takes the place of a sum")
    if summed:
        times_n, over_n = f"times n = {n}", f"averaged over the {n} examples"
        alone = (times_n, f"{over_n} in place of their sum")
    scales = [
        (1.0, ""),
        (float(n), alone[0]),
        (1 / n, alone[1]),
        (2.0, "times 2, as without the ½ or when two calls add up"),
        (2.0 * n, f"{times_n} and times 2, as without the ½"),
        (2 / n, f"{over_n} and times 2, as without the ½"),
        (0.5, "times ½"),
        (n / 2, f"{times_n} and times ½"),
    ]
    if outputs > 1:
        scales += [
            (1 / outputs, f"averaged over the {outputs} outputs too"),
            (2 / outputs, f"averaged over the {outputs} outputs too, without the ½"),
            (n / outputs, f"{times_n} and averaged over the {outputs} outputs"),
        ]
    return scales


def sentence(case: Case, loss: Loss, s: float, decay: float) -> str | None:
    """What an objective is called beside the network's own; None if it is the network's own."""
    network, n = case.scene.network, case.scene.n
    outputs = network.sizes[-1]

    def near(value: float, other: float) -> bool:
        return abs(value - other) <= 10 * case.claim.tolerance * max(abs(value), abs(other))

    words = []
    if loss.name != network.loss.name:
        words.append(f"with the loss {loss.name} in place of {network.loss.name}")
    scales = scales_of(n, outputs, case.scene.is_summed)
    named = next((text for factor, text in scales if near(s, factor)), f"times {s:.6g}")
    words += [named] if named else []
    l2 = network.l2
    if (l2 and near(decay, 0.0)) or (not l2 and abs(decay) < case.claim.tolerance):
        words += ["without the penalty"] if l2 else []
    elif not near(decay, l2):
        penalties = [
            (s * l2, "with the penalty times the same"),
            (2 * l2, "with the penalty l2 Σ‖W‖², without the ½"),
            (l2 / n, f"with the penalty divided by n = {n}"),
            (l2 * n, f"with the penalty times n = {n}"),
        ]
        known = next((text for factor, text in penalties if near(decay, factor)), None)
        words.append(known or f"with the penalty ½ λ Σ‖W‖², λ = {decay:.6g} in place of l2 = {l2:g}")
    return ", ".join(words) if words else None
