# SPDX-License-Identifier: MIT
"""Findings of the training: that something simpler is as good, and that it ended while it was still getting better."""

from typing import Any, NamedTuple

import numpy as np

from culpa.blaming.findings.case import Case
from culpa.blaming.findings.finding import Command, Finding
from culpa.blaming.findings.of_labels import few_rows, wrong_labels

__all__ = ["beaten", "no_better", "unfinished"]

MINUTES = "5"
ERRORS = 2.0
"""A difference of more than so many standard errors is no chance."""


def beaten(case: Case) -> Finding | None:
    """A simple predictor that is better than the network beyond what so few held-out rows leave open."""
    rival = best_rival(case)
    if rival is None or not rival.clearly:
        return None
    return Finding(
        "beaten",
        f"The network is worse than the {rival.name} on the held-out rows: {rival.both}.",
        rival.evidence,
        *remedy(
            case, "Something is in its way: look at the layers and at the training, or search for a better network."
        ),
    )


def no_better(case: Case) -> Finding | None:
    """A simple predictor that is as good on the held-out rows, or a little better."""
    rival = best_rival(case)
    if rival is None or rival.clearly:
        return None
    verb = "is no better than" if rival.alike else "does not beat"
    return Finding(
        "baseline",
        f"The network {verb} the {rival.name} on the held-out rows: {rival.both}.",
        rival.evidence,
        *remedy(
            case,
            "What the columns say may be as simple as that; a search can tell whether another network finds more.",
        ),
    )


def remedy(case: Case, otherwise: str) -> tuple[str, Command]:
    """What to do about a weak score: first about rows that may be why, where there are any; then a search."""
    rows = wrong_labels(case) or few_rows(case)
    if rows is not None:
        return "Wrong rows may be why: decide on those first, and search for another network afterwards.", rows.command
    return otherwise, case.trained_anew(f"culpa.investigate(…, tune={MINUTES})", "--tune", MINUTES)


class Rival(NamedTuple):
    """The best simple predictor, where the network does not beat it.

    Attributes:
        name: What it is.
        both: Both scores, in words.
        evidence: In numbers.
        clearly: Whether it is better by more than two standard errors.
        alike: Whether both scores are the same as they are shown.
    """

    name: str
    both: str
    evidence: dict[str, Any]
    clearly: bool
    alike: bool


def best_rival(case: Case) -> Rival | None:
    """The best simple predictor, if the network does not beat it."""
    found = case.investigation
    others = {} if found is None else {name: value for name, value in found.baselines.items() if not np.isnan(value)}
    if found is None or not others or np.isnan(found.score):
        return None
    best, name = max((value, name) for name, value in others.items())
    if found.score > best:
        return None
    rows = len(found.held_rows)
    right = found.metric == "accuracy"
    error = np.sqrt(sum(variance(value, right=right) for value in (best, found.score)) / max(1, rows))
    both = [f"{100 * value:.1f} %" if right else f"R² {value:.2f}".replace("-", "−") for value in (found.score, best)]
    alike = both[0] == both[1]
    evidence = {"network": found.score, name: best, "rows": rows, "standard_error": float(error)}
    clearly = not alike and bool(best - found.score > ERRORS * error)
    return Rival(name, " beside ".join(both), evidence, clearly, alike)


def variance(score: float, *, right: bool) -> float:
    """Of a score times the number of its rows: p (1 − p) for an accuracy, 4 R² (1 − R²)² for an R².

    Both scores are taken as if from rows of their own, which makes the difference's error rather too large.

    Source: Olkin and Finn 1995, "Correlations redux", for R² of many rows.
    """
    inside = min(max(score, 0.0), 1.0)
    return inside * (1 - inside) if right else 4 * inside * (1 - inside) ** 2


def unfinished(case: Case) -> Finding | None:
    """A training whose last epoch was its best one."""
    found = case.investigation
    training = None if found is None else found.network.training
    if found is None or training is None or not len(found.held_rows) or training.interrupted:
        return None
    epochs = training.recipe.epochs
    if not training.best_epoch == epochs > 0:
        return None
    return Finding(
        "last epoch",
        f"The last of {epochs:,} epochs was the best: more may help.",
        {"best_epoch": training.best_epoch, "epochs": epochs},
        "Let it train for longer.",
        case.trained_anew(f"culpa.investigate(…, epochs={2 * epochs})", "--epochs", str(2 * epochs)),
    )
