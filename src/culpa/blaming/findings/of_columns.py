# SPDX-License-Identifier: MIT
"""Findings of columns: one that the loss leans on nearly alone, and those that do nothing."""

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.findings.case import Case
from culpa.blaming.findings.finding import Finding
from culpa.blaming.telling import cut
from culpa.reporting.terminal import count, short

__all__ = ["idle_columns", "lone_column"]

ALONE = 0.9
"""So much of all that the columns' replacement costs comes from one."""
DOUBLED = 1.0
"""And its replacement at least doubles the loss."""
NOTHING = 1e-3
"""A replacement that changes the loss by less than this share changes nothing."""
SOMETHING = 0.05
"""Of a network that no column moves by so much, nothing is said of single ones."""
MANY = 20
"""Where more columns than these do nothing each is one of many alike, and leaving out a few is no help."""
LISTED = 5
"""So many names stand in a sentence and in a command."""


def measured(case: Case) -> tuple[NDArray[np.str_], NDArray[np.float64], float]:
    """The columns that were replaced, what each replacement adds to the loss, and the loss before."""
    columns = case.blame.columns
    known = np.isfinite(columns["increase"])
    if not known.any():
        return columns["column"][known], columns["increase"][known], 0.0
    first = int(np.argmax(known))
    return columns["column"][known], columns["increase"][known], float(
        columns["loss_replaced"][first] - columns["increase"][first]
    )  # fmt: skip


def lone_column(case: Case) -> Finding | None:
    """One column that the loss leans on nearly alone."""
    names, increase, loss = measured(case)
    costs = np.maximum(increase, 0.0)
    if len(names) < 2 or not costs.any():
        return None
    top = int(np.argmax(costs))
    if costs[top] < ALONE * costs.sum() or costs[top] < DOUBLED * loss:
        return None
    name = str(names[top])
    times = f"{short((loss + costs[top]) / loss)} times what it is" if loss > 0 else "what was 0"
    rest = count(len(names) - 1, "other column")
    return Finding(
        "one column",
        f"The loss leans on {cut(name, 30)!r} nearly alone: without what it says the loss is {times}; the {rest} "
        f"together make {round(100 * (1 - costs[top] / costs.sum()))} % of what all replacements cost.",
        {"column": name, "increase": float(costs[top]), "loss": loss, "share": float(costs[top] / costs.sum())},
        "Is it known before the target is? If not, it gives the answer away: leave it out.",
        case.trained_anew(case.shows("columns"), "--drop", name),
    )


def idle_columns(case: Case) -> Finding | None:
    """Columns whose replacement changes nothing; but no points of a picture, whose rim is empty and costs nobody."""
    names, increase, loss = measured(case)
    if case.pictures or len(names) < 2 or loss <= 0 or increase.max() < SOMETHING * loss:
        return None
    idle = [str(name) for name in names[np.abs(increase) < NOTHING * loss]]
    if not idle or len(idle) > MANY:
        return None
    shown = ", ".join(cut(name, 24) for name in idle[:LISTED])
    more = f" and {len(idle) - LISTED:,} more" if len(idle) > LISTED else ""
    return Finding(
        "idle columns",
        f"{count(len(idle), 'column')} of {len(names):,} {'does' if len(idle) == 1 else 'do'} nothing here: {shown}"
        f"{more}. With a usual value in every row the loss changes by less than 0.1 %.",
        {"columns": idle, "of": len(names)},
        "The network can do without them; so can whoever measures them.",
        case.trained_anew(case.shows("columns"), "--drop", *idle[:LISTED]),
    )
