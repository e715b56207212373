# SPDX-License-Identifier: MIT
"""The terminal view of a Verification: how many planted errors came back, beside plain loss and a random order."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from culpa.blaming.labels.report import Estimate
from culpa.blaming.verifying.verification import Ranking, Trial, Verification
from culpa.reporting.terminal import count, folded, short, table

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["WARNING", "headline", "show_verification"]

WARNING = (
    "Real mistakes are harder to find than planted ones: they gather where rows are hard to tell apart, and repeat "
    "themselves. On the other hand, rows that were wrong before count as false alarms here."
)
"""What has to be said beside any of these figures."""


def show_verification(to: "Console", found: Verification) -> None:
    """Print a verification, in 80 columns.

    Args:
        to: Where.
        found: What `verify_table` returned, with one kind at least.
    """
    for line in (headline(found), *findings(found)):
        to.print(folded(line, to.width))
    to.print()
    k = len(found.trials[0])
    headers = ["error", "ranked by", f"first {k:,}", f"first {2 * k:,}", "AP", "AUROC"]
    table(to, headers, (row for trial in found.trials for row in entries(trial)), left=headers[:2])
    to.print()
    show_beside(to, found)
    to.print(folded(WARNING, to.width))


def headline(found: Verification) -> str:
    """The sentence that matters.

    Example:
        "Of 36 planted errors 31 were among the first 36 rows that culpa blame would show."
    """
    k = len(found.trials[0])
    errors = count(k, "planted error")
    if len(found.kinds) > 1:
        errors += " of each kind"
    came = each(found, [trial.ranking.first for trial in found.trials])
    rows = "row" if k == 1 else f"{k:,} rows"
    return f"Of {errors}, {came} {'was' if came == '1' else 'were'} among the first {rows} that culpa blame would show."


def findings(found: Verification) -> Iterator[str]:
    """What must not be overlooked: rows that stood in front before, kinds that are not found, or too few to tell."""
    before = 0 if found.before is None else round(found.before.likely)
    if before:
        room = len(found.trials[0]) + before
        came = each(found, [int((trial.planted["place"] <= room).sum()) for trial in found.trials])
        labels = count(before, "label") if found.task == "classification" else count(before, "value")
        yield (
            f"{labels} looked wrong before anything was planted, and may be: they stand in front too. With room for "
            f"them, among the first {room:,} rows, there are {came}."
        )
    lost = [trial.kind for trial in found.trials if trial.fails]
    if lost:
        yield f"No better than a random order, within its noise: {listed(lost)}."
    if any(trial.bar >= 1 for trial in found.trials):
        yield "So few can tell nothing: a larger --plant plants more."
    if found.plain_ahead:
        yield "On this table plain loss finds them better (AP), by more than luck."
    if found.interrupted:
        yield f"Interrupted: {len(found.trials)} of {count(len(found.kinds), 'kind')} of error finished."


def entries(trial: Trial) -> Iterator[list[str]]:
    """The lines of one kind, each ranking's."""
    for ranking in trial.rankings:
        yield [trial.kind if ranking is trial.ranking else "", ranking.by, *measured(ranking)]


def measured(ranking: Ranking) -> list[str]:
    """A ranking's measures as texts; what is counted has no digits behind the point."""
    counted = [f"{n:,}" if isinstance(n, int) else short(n) for n in (ranking.first, ranking.twice)]
    return [*counted, three_digits(ranking.average_precision), three_digits(ranking.auroc)]


def three_digits(share: float) -> str:
    """A share with three digits, which is 1 only where it is.

    Example:
        >>> [three_digits(share) for share in (0.0239, 0.9996, 1.0)]
        ['.024', '.999', '1']
    """
    return "1" if share == 1 else f"{min(share, 0.999):.3f}".removeprefix("0")


def show_beside(to: "Console", found: Verification) -> None:
    """Print what else the report said: the labels that it proposed, and how many rows it took to be wrong."""
    columns = {"error": [trial.kind for trial in found.trials]}
    if found.task == "classification":
        columns["old label proposed"] = [f"{trial.set_right:,} of {len(trial):,}" for trial in found.trials]
    if found.before is not None and all(trial.wrong is not None for trial in found.trials):
        columns["taken to be wrong"] = [about(trial.wrong) for trial in found.trials]
        columns["planted + before"] = [f"{len(trial):,} + {found.before.likely:,.0f}" for trial in found.trials]
    if len(columns) > 1:
        table(to, list(columns), zip(*columns.values(), strict=True), left=["error"])
        to.print()


def about(wrong: Estimate | None) -> str:
    """How many, and between which two it probably lies."""
    return "–" if wrong is None else f"{wrong.likely:,.0f} ({wrong.low:,.0f} to {wrong.high:,.0f})"


def each(found: Verification, numbers: Sequence[float]) -> str:
    """A number for each kind, with its name where there are several."""
    named = [f"{number:,} ({trial.kind})" for number, trial in zip(numbers, found.trials, strict=True)]
    return f"{numbers[0]:,}" if len(found.kinds) == 1 else listed(named)


def listed(words: Sequence[str]) -> str:
    """Words with commas and an "and"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
