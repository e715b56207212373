# SPDX-License-Identifier: MIT
"""Retraining: the table as it was and the corrected one, each learnt from, and compared on the same held-out rows.

Both trainings have the same split, the same network and the same recipe. What a person has decided on held-out rows is
the truth for both; dropped ones leave the measure. Knows no file.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.deciding.applying import apply_decisions, cut_probabilities
from culpa.blaming.deciding.comparing import Difference, accuracy_difference, r_squared_difference
from culpa.blaming.deciding.decisions import Decisions
from culpa.blaming.investigating import Investigation, investigate_table
from culpa.blaming.labelling import needs_probabilities
from culpa.blaming.labels.record import was_interrupted
from culpa.engine.network import Network
from culpa.engine.predicting import predict
from culpa.errors import DataError
from culpa.reporting.progress import Show
from culpa.reporting.terminal import count
from culpa.tables.parting import split_table, target_of
from culpa.tables.raw import RawTable

__all__ = ["Decided", "compare", "investigate_decided", "sentences"]


@dataclass(frozen=True, slots=True, eq=False)
class Decided:
    """What decisions have led to.

    Args:
        decisions: What was decided.
        table: The corrected table.
        before: The investigation of the table as it was, without a label report.
        after: That of the corrected table; its label report ranks the rows that were not decided on.
        difference: What both are worth on the same held-out rows.
        held_changed, held_dropped: How many of the held-out rows got another label, and were dropped.
    """

    decisions: Decisions
    table: RawTable
    before: Investigation
    after: Investigation
    difference: Difference
    held_changed: int
    held_dropped: int


def investigate_decided(
    table: RawTable,
    decisions: Decisions,
    *,
    said: Mapping[str, Any] | None = None,
    validation: RawTable | None = None,
    tune: float | None = None,
    score: str = "auto",
    probabilities: NDArray[np.float64] | None = None,
    seed: int = 0,
    show_progress: Show = "auto",
    **more: Any,
) -> Decided:
    """Investigate the table as it was and as it was corrected.

    Args:
        table: The table as it was.
        decisions: What was decided on its rows.
        said, validation, tune, score, seed, show_progress: As for `investigate_table`; a search is made once, on the
            table as it was, and both networks have what it finds.
        probabilities: Another model's (n, K), of all rows and classes of the table as it was.
        more: What else `investigate_table` takes, for the corrected table alone.

    Raises:
        DataError: If the decisions leave nothing to learn, or no held-out row to measure.
    """
    corrected = apply_decisions(table, decisions)
    if probabilities is not None:
        given = needs_probabilities(probabilities, table)
        more["probabilities"] = cut_probabilities(given, table, corrected, decisions)
    train, held = split_table(table, seed)
    parts = needs_both(corrected, *(table.rows[part] for part in (train, held)))
    shared: dict[str, Any] = {"validation": validation, "seed": seed, "show_progress": show_progress}
    before = investigate_table(table, said=said, tune=tune, score="none", parts=(train, held), **shared)
    if was_interrupted(before.network) or before.interrupted:
        raise KeyboardInterrupt  # half a training is nothing to compare with, and a second one nobody waits for
    choice = None if before.choice is None else asdict(before.choice)
    settled = np.isin(corrected.rows, decisions.rows)
    after = investigate_table(corrected, said=choice, score=score, parts=parts, settled=settled, **shared, **more)
    if before.tuning is not None:
        after = replace(after, tuning=before.tuning)
    held_rows = table.rows[held]
    return Decided(
        decisions,
        corrected,
        before,
        after,
        compare(before.network, after.network, corrected, parts[1]),
        int(np.isin(held_rows, decisions.changed).sum()),
        int(np.isin(held_rows, decisions.dropped).sum()),
    )


def needs_both(
    corrected: RawTable, train: NDArray[np.intp], held: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The places in the corrected table of the rows that were parted, as far as they are there."""
    learnt, unseen = (np.flatnonzero(np.isin(corrected.rows, rows)) for rows in (train, held))
    y = target_of(corrected)
    if len(learnt) < 2 or not len(unseen) or (y[learnt] == y[learnt[0]]).all():
        what = "no held-out row" if not len(unseen) else "one class" if len(learnt) > 1 else "one row"
        raise DataError(f"The decisions leave {what} of {corrected.name} to measure or to learn from.")
    return learnt, unseen


def compare(before: Network, after: Network, table: RawTable, rows: NDArray[np.intp]) -> Difference:
    """Compare two networks on the same rows of a table, whose labels are the truth for both.

    Args:
        before, after: The networks, each with the columns that it has learnt.
        table: The corrected table.
        rows: The places of the held-out rows in it.
    """
    truth = target_of(table)[rows]
    said = [answers(network, table, rows) for network in (before, after)]
    weights = None if table.weights is None else table.weights[rows]
    groups = None if table.groups is None else table.groups[rows]
    if table.classes is None:
        return r_squared_difference(truth, *said, weights=weights, groups=groups)
    right = [answer == truth for answer in said]
    return accuracy_difference(*right, weights=weights, groups=groups)


def answers(network: Network, table: RawTable, rows: NDArray[np.intp]) -> NDArray[Any]:
    """What a network says of some rows: labels, or numbers in their own unit."""
    columns = network.columns
    if columns is None:
        raise DataError("The network knows no columns.", hint="`investigate` trains one that does.")
    X = columns.encode(table.frame, rows=rows, warn=False)
    h = predict(network, X)
    if columns.classes is None:
        return columns.decode_target(h[:, 0])
    return np.asarray(columns.classes)[h.argmax(axis=1)]


def sentences(decided: Decided) -> Iterator[tuple[str, str]]:
    """What the decisions have led to, for the terminal: a word and what it says, a line each."""
    found = decided.difference
    yield "decided", decided.decisions.sentence
    yield "measured", "; ".join(measured(decided))
    yield "before", f"{value(found, found.before)}, learnt from the table as it was{as_given(decided)}"
    yield "after", f"{value(found, found.after)}, learnt from the corrected one by the same recipe"
    if was_interrupted(decided.after.network):
        yield "change", "not to be told: the second training was interrupted"
    elif np.isnan(found.difference):
        yield "change", "not to be told from these rows: they weigh nothing, or their values are all the same"
    elif np.isnan(found.low) and found.metric == "R²" and not found.difference:
        yield "change", "none: both answer the same to each of these rows"
    elif np.isnan(found.low):
        yield "change", f"{signed(found, found.difference)}; too little is held out to say how sure that is"
    else:
        bounds = f"{signed(found, found.low, unit='')} to {signed(found, found.high)}"
        clear = "" if found.clear else "; no clear difference"
        yield "change", f"{signed(found, found.difference)} (95 % interval {bounds}){clear}"


def measured(decided: Decided) -> Iterator[str]:
    """On which rows both networks were measured, and what was taken for the truth there."""
    yield f"on {count(decided.difference.rows, 'held-out row')}, the same for both"
    if decided.held_changed:
        yield f"what was corrected in {decided.held_changed:,} of them is the truth for both"
    if decided.held_dropped:
        several = decided.held_dropped > 1
        yield f"{decided.held_dropped:,} dropped {'ones are' if several else 'one is'} left out"


def as_given(decided: Decided) -> str:
    """What the first network was worth by the labels as they were; nothing where these are held to still."""
    if not decided.held_changed and not decided.held_dropped:
        return ""
    what = "labels" if decided.difference.metric == "accuracy" else "values"
    return f" ({value(decided.difference, decided.before.score)} by the {what} as they were)"


def value(found: Difference, measure: float) -> str:
    """A measure as the report writes it; a dash where there is none."""
    if np.isnan(measure):
        return "–"
    return f"{100 * measure:.1f} % right" if found.metric == "accuracy" else f"R² {plainly(measure)}"


def signed(found: Difference, change: float, unit: str = " points") -> str:
    """A change with its sign: of accuracy in points of a hundred."""
    sign = "−" if change < 0 else "+"
    return f"{sign}{100 * abs(change):.1f}{unit}" if found.metric == "accuracy" else f"{sign}{plainly(abs(change))}"


def plainly(number: float) -> str:
    """R² to three decimals."""
    return f"{number:.3f}".replace("-", "−")
