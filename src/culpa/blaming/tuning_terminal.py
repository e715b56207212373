# SPDX-License-Identifier: MIT
"""The terminal view of a Tuning: whether the default stands, and what was tried, the least loss first."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from culpa.reporting.terminal import count, folded, short, table
from culpa.training.trials import Tuning

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["show_tuning"]

SHOWN = 8
"""Rows of the table at the most."""


def show_tuning(to: "Console", tuning: Tuning, *, metric: str) -> None:
    """Print what a search has found, in 80 columns.

    Args:
        to: Where.
        tuning: What `tune` returned.
        metric: What the scores are: "accuracy" or "R²".
    """
    for line in sentences(tuning):
        to.print(folded(line, to.width))
    rows = list(tuning.frame.rows()) if tuning.trials else []
    if len(rows) < 2:
        return
    listed = shortlist(rows)
    headers = ["", "hidden", "act", "rate", "l2", "drop", "loss", "vs default", metric, "s"]
    table(to, headers, (entries(row, metric) for row in listed), left=["", "hidden", "act"])
    if len(rows) > len(listed):
        to.print(f"({len(rows) - len(listed):,} more; --json lists all)")


def sentences(tuning: Tuning) -> Iterator[str]:
    """How much was tried, and what came of it."""
    tried = len(tuning.trials)
    end = "until it was interrupted after" if tuning.interrupted else "as many as this machine finished in"
    spent = f"{count(tried, 'candidate')}, {end} {duration(tuning.seconds)}"
    yield f"tuned: {spent}, each by {tuning.folds} folds of the training rows"
    if tried == 0:
        yield "  the default stands: not even its own trial was finished"
        return
    if tried == 1:
        took = duration(tuning.trials[0].seconds)
        yield f"  the default stands: no other was finished, and the default alone took {took}; give more minutes"
        return
    row = next(row for row in tuning.frame.rows() if row["candidate"] == tuning.chosen)
    if tuning.chosen == 0:
        yield "  the default stands: no other is better by more than the noise (±)"
    elif row["difference"] is None:
        yield "  another is taken: the training of the default diverged"
    else:
        better, noise = short(-row["difference"]), short(row["noise"])
        yield f"  another is taken: its loss is less than the default's by {better}, more than the noise (±), {noise}"


def shortlist(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first rows, and in any case the default's and the taken one."""
    needed = [row for row in rows[SHOWN:] if row["candidate"] == 0 or row["chosen"]]
    return [*rows[: SHOWN - len(needed)], *[row for row in rows[SHOWN - len(needed) :] if row in needed]]


def entries(row: dict[str, Any], metric: str) -> list[str]:
    """One candidate's entries as texts."""
    mark = "default" if row["candidate"] == 0 else "taken" if row["chosen"] else ""
    hidden = ",".join(map(str, row["hidden"])) or "none"
    activation = row["activation"] if row["hidden"] else "–"
    setting = [plainly(row["learning_rate"]), plainly(row["l2"]), plainly(row["dropout"]) if row["hidden"] else "–"]
    if row["loss"] is None:
        return [mark, hidden, activation, *setting, "∞", "diverged", "–", seconds(row["seconds"])]
    away = "–" if row["difference"] is None else f"{signed(row['difference'])} ± {short(row['noise'])}"
    if row["candidate"] == 0:
        away = ""
    value = np.nan if row["score"] is None else row["score"]
    score = measured(value, metric)
    return [mark, hidden, activation, *setting, short(row["loss"]), away, score, seconds(row["seconds"])]


def measured(value: float, metric: str) -> str:
    """An accuracy in per cent, an R² as it is."""
    return f"{100 * value:.1f} %" if metric == "accuracy" and not np.isnan(value) else short(value)


def plainly(value: float) -> str:
    """A setting as it would be typed, without a leading zero."""
    text = f"{value:g}".replace("e-0", "e-")
    return text.removeprefix("0") if 0 < value < 1 else text


def signed(value: float) -> str:
    """A difference with its sign."""
    return f"+{short(value)}" if value > 0 else short(value)


def seconds(value: float) -> str:
    """Seconds with a digit behind the point where they are few."""
    return f"{value:.1f}" if value < 9.95 else f"{value:,.0f}"


def duration(value: float) -> str:
    """Seconds, or minutes where there are many."""
    return f"{seconds(value)} s" if value < 99.5 else f"{value / 60:.1f} min"
