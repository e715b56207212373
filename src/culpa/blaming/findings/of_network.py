# SPDX-License-Identifier: MIT
"""Findings of the network: a wrong gradient, units and layers that learn little or nothing, errors that fade or grow.

Every threshold is a ratio of like with like, so that the loss in another unit changes none.
"""

import numpy as np

from culpa.blaming.findings.case import Case
from culpa.blaming.findings.finding import Finding
from culpa.reporting.terminal import count, percent, short

__all__ = ["dead_units", "fading_errors", "idle_layer", "saturated_units", "strong_penalty", "wrong_gradient"]

MANY_UNITS = 0.25
"""So large a share of a layer's units is worth a word: some of many are idle in every network."""
FADED = 1e-2
"""Errors this much smaller in the first layer than in the last, or larger by as much."""
IDLE = 1e-3
"""A layer with less of the squared gradient norm hardly moves beside the others."""
STRONG = 10.0
"""Where training rests, penalty and data pull equally; so many times stronger it pulls alone."""


def wrong_gradient(case: Case) -> Finding | None:
    """Blocks of parameters whose gradient the check has refuted."""
    found = case.investigation
    if found is None:
        return None
    wrong = [block for block in found.check.blocks if block.verdict == "wrong"]
    if not wrong:
        return None
    names = ", ".join(block.name for block in wrong)
    return Finding(
        "gradient",
        f"The gradient is wrong in {names}, by {found.check.method}: nothing that follows from it can be relied on.",
        {block.name: block.digits for block in wrong},
        "If the network has an activation or a loss of your own, look at its slope; else it is a fault of culpa's.",
        ("culpa", "check", "--self") if case.said else "found.check.blocks",
    )


def dead_units(case: Case) -> Finding | None:
    """Layers of whose hidden units many pass no row's error on."""
    return idle_units(
        case,
        "dead",
        "no row's error passes through them",
        "Such a layer is smaller than it looks: fewer units, a lower learning rate or leaky_relu.",
        "leaky_relu",
    )


def saturated_units(case: Case) -> Finding | None:
    """Layers of whose hidden units many are flat for nearly all rows."""
    return idle_units(
        case,
        "saturated",
        "hardly any error passes through them",
        "Inputs on one scale, a stronger penalty or relu keep units where they have a slope.",
        "relu",
    )


def idle_units(case: Case, kind: str, why: str, remedy: str, activation: str) -> Finding | None:
    """The layer with the largest share of such units, if it is large."""
    layers = case.blame.layers
    idle, units = np.nan_to_num(layers[kind].astype(np.float64)), layers["units"]
    worst = int(np.argmax(idle / units))
    if idle[worst] < MANY_UNITS * units[worst] or idle[worst] == 0:
        return None
    layer, found, of = int(layers["layer"][worst]), int(idle[worst]), int(units[worst])
    return Finding(
        kind,
        f"{found:,} of the {count(of, 'unit')} of layer {layer} {'is' if found == 1 else 'are'} {kind}: {why}.",
        {"layer": layer, kind: found, "units": of},
        remedy,
        case.trained_anew(case.shows("units"), "--activation", activation),
    )


def fading_errors(case: Case) -> Finding | None:
    """Errors that vanish or explode on their way from the last layer to the first."""
    growth = case.blame.layers["growth"][:-1]
    if len(growth) == 0 or not np.isfinite(growth).all():
        return None
    whole = float(np.prod(growth))
    if FADED < whole < 1 / FADED:
        return None
    vanish = whole <= FADED
    how = f"shrinks to {percent(whole)}" if vanish else f"grows {short(whole)} times"
    rate = None if case.investigation is None or case.investigation.choice is None else case.investigation.choice
    option = ("--activation", "relu")
    if not vanish and rate is not None:
        option = ("--learning-rate", f"{rate.learning_rate / 10:g}")
    return Finding(
        "vanishing" if vanish else "exploding",
        f"The error {how} on its way from layer {len(growth) + 1} to layer 1: the first layers "
        f"{'hardly hear of it' if vanish else 'hear nothing else'}.",
        {f"growth_{k}": float(value) for k, value in enumerate(growth, 1)},
        f"Fewer hidden layers, or {'relu, which lets errors pass' if vanish else 'a lower learning rate'}.",
        case.trained_anew(case.shows("layers"), *option),
    )


def idle_layer(case: Case) -> Finding | None:
    """A layer that gets almost nothing of the gradient, where the errors' way down does not explain it."""
    layers = case.blame.layers
    share = layers["share"]
    least = int(np.argmin(share))
    if len(share) < 2 or case.blame.norm == 0 or share[least] >= IDLE or fading_errors(case) is not None:
        return None
    layer = int(layers["layer"][least])
    return Finding(
        "idle layer",
        f"Layer {layer} gets {percent(float(share[least]))} of the squared gradient norm: beside the others it hardly "
        "moves.",
        {"layer": layer, "share": float(share[least])},
        "Look at its units: are they dead or saturated, or are its inputs next to 0?",
        case.command("units", "--json"),
    )


def strong_penalty(case: Case) -> Finding | None:
    """A penalty that pulls at the weights many times harder than the data does.

    Where training has come to rest both are equal and opposite, so that neither a cosine of −1 nor a penalty above the
    loss is anything to be found.
    """
    blame = case.blame
    if blame.decay.norm == 0 or blame.decay.norm < STRONG * blame.norm:
        return None
    times = f"{short(blame.decay.norm / blame.norm)} times as hard as the data" if blame.norm else "alone"
    l2 = 0.0 if case.investigation is None else case.investigation.network.l2 / 10
    return Finding(
        "penalty",
        f"The penalty pulls at the weights {times}: where they go, the data hardly say.",
        {"penalty": blame.decay.norm, "data": blame.norm},
        "A smaller penalty, or more epochs until both are in balance.",
        case.trained_anew("culpa.investigate(…, l2=…)", "--l2", f"{l2:g}"),
    )
