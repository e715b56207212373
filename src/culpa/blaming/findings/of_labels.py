# SPDX-License-Identifier: MIT
"""Findings of labels and rows: how many look wrong, which contradict each other, which carry the loss."""

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.deciding.suspects_file import free_name
from culpa.blaming.findings.case import Case
from culpa.blaming.findings.finding import Command, Finding
from culpa.blaming.telling import cut
from culpa.reporting.terminal import count
from culpa.tables.naming import listed

if TYPE_CHECKING:
    from culpa.blaming.labels.report import LabelReport

__all__ = ["contradicting", "few_rows", "memorised", "wrong_labels"]

HALF = 0.5
FEW = 0.02
"""So small a share of the rows is a few."""
NAMED = 6
"""At most so many rows are named."""
FEWEST = 50
"""Of fewer rows in all a few are one, and no wonder."""
NUMBERS_ALIKE = 0.01
"""Values of a measurement differ a little in the same row; it takes so large a share of the rows to matter."""


def wrong_labels(case: Case) -> Finding | None:
    """How many labels look wrong, where the least that it may be is one or more."""
    labels = case.blame.labels
    if labels is None or labels.wrong is None or round(labels.wrong.low) < 1:
        return None
    likely, low, high = (round(value) for value in labels.wrong)
    first = max(1, min(likely, len(labels.order)))
    evidence: dict[str, Any] = {"likely": likely, "low": low, "high": high, "rows": len(labels.order)}
    what = "target values" if labels.task == "regression" else "labels"
    look = "looks" if likely == 1 else "look"
    sentence = f"About {likely:,} of {len(labels.order):,} {what} {look} wrong, between {low:,} and {high:,}"
    if labels.expected is not None and len(labels.expected) >= first:
        evidence["expected"] = float(labels.expected[first - 1])
    pair = commonest_pair(labels, first)
    if pair is not None:
        given, proposed, times = pair
        evidence |= {"given": given, "proposed": proposed, "times": times}
        sentence += (
            f"; of the first {first:,} suspects {times:,} are given as {cut(given)} and look like {cut(proposed)}"
        )
    return Finding(
        "labels",
        f"{sentence}.",
        evidence,
        "Look at the first suspects, decide on each, and train again with the decisions.",
        suspects_command(case),
    )


def commonest_pair(labels: "LabelReport", first: int) -> tuple[object, object, int] | None:
    """The given and proposed label that most of the first suspects share; None where none stands out."""
    if labels.task == "regression" or first < 4:
        return None
    rows = labels.rows.take(labels.order[:first])
    pairs = Counter(zip(rows["given"].tolist(), rows["proposed"].tolist(), strict=True))
    (given, proposed), times = pairs.most_common(1)[0]
    # Of two classes one direction has half of them anyway.
    usual = 0.5 if len(np.unique(labels.rows["given"])) == 2 else 0.25
    return (given, proposed, times) if times >= 1.5 * usual * first else None


def suspects_command(case: Case) -> Command:
    """The command that writes the suspects, under a name that no list of decisions has."""
    if not case.said:
        return case.shows("suspects")
    return case.command("suspects", "--suspects", free_name(case.said))


def contradicting(case: Case) -> Finding | None:
    """Rows with the same inputs and other labels, of which a network can satisfy one only."""
    labels = case.blame.labels
    if labels is None or "twins" not in labels.rows.columns:
        return None
    rows = int((labels.rows["twins"] > 0).sum())
    numbers = labels.task == "regression"
    if rows == 0 or (numbers and rows < NUMBERS_ALIKE * len(labels)):
        return None
    what = "value" if numbers else "label"
    return Finding(
        "twins",
        f"{count(rows, 'row')} {'has' if rows == 1 else 'have'} the same inputs as another one and another {what}: "
        "no network can be right on all of them.",
        {"rows": rows, "of": len(labels)},
        f"Find out which {what} is right, or which column would tell them apart.",
        suspects_command(case),
    )


def memorised(case: Case) -> Finding | None:
    """That the network has learnt its rows by heart, so that its own losses say little of their labels."""
    labels = case.blame.labels
    if labels is None or labels.memory is None or not labels.memory.memorised:
        return None
    return Finding(
        "memorised",
        labels.memory.sentence,
        dict(labels.memory.evidence),
        "A row's final loss says little of its label then: go by the ranking of suspects.",
        suspects_command(case),
    )


def settled_rows(case: Case) -> NDArray[np.intp]:
    """The numbers of the rows that the reader has decided on."""
    found, labels = case.investigation, case.blame.labels
    if found is not None and found.settled_rows is not None:
        return found.settled_rows
    if labels is None or labels.settled is None:
        return np.empty(0, np.intp)
    rows: NDArray[np.intp] = labels.rows["row"][labels.settled]
    return rows


def few_rows(case: Case) -> Finding | None:
    """That a few rows carry half of the loss."""
    shares = np.sort(case.blame.examples["share"])[::-1]
    n = len(shares)
    if n < FEWEST or shares[0] <= 0:
        return None
    needed = int(np.searchsorted(np.cumsum(shares), HALF * (1 - 1e-12))) + 1
    if needed > FEW * n:
        return None
    carried = float(shares[:needed].sum())
    verb = "carries" if needed == 1 else "carry"
    which = case.blame.heaviest(needed)["row"].tolist()
    if np.isin(which, settled_rows(case)).any():
        return None  # the reader has looked at some of them already
    named = listed([f"{row:,}" for row in which], NAMED)
    return Finding(
        "few rows",
        f"{count(needed, 'row')} of {n:,} {verb} {round(100 * carried)} % of the loss: {named}.",
        {"rows": needed, "of": n, "share": carried, "which": which},
        "Look at them: each is a mistake in the data, or what the network has yet to learn.",
        case.heaviest(needed),
    )
