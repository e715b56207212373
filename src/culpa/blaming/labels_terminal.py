# SPDX-License-Identifier: MIT
"""The label report in the terminal view: how many labels are wrong, and the first suspects with one reason each."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from culpa.blaming.examples_terminal import amount, exact
from culpa.blaming.labels.report import LabelReport
from culpa.blaming.telling import cut
from culpa.reporting.terminal import count, folded, percent, table
from culpa.tables.columns import Columns, label_text
from culpa.tables.raw import RawTable

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["because", "label_sentences", "show_labels"]

LABEL = 14
"""A label is cut where it is longer."""


def show_labels(to: "Console", report: LabelReport, data: RawTable, top: int, columns: Columns | None) -> None:
    """Print a label report's sentences and its first suspects.

    Args:
        to: Where.
        report: The label report.
        data: The table.
        top: How many suspects to show.
        columns: The network's, which know the unit of a target of numbers.
    """
    for sentence in label_sentences(report, data, top):
        to.print(folded(sentence, to.width))
    show_suspects(to, report, data, top, columns)
    if report.rival is not None:
        to.print()
        show_rival(to, report, data, top, columns)


def label_sentences(report: LabelReport, data: RawTable, top: int) -> Iterator[str]:
    """How many look wrong, and by what they are ranked."""
    ranked = len(report.order)
    what = "labels" if report.task == "classification" else f"values of {cut(data.target)}"
    shown = min(top, ranked)
    if report.wrong is None:
        yield f"{ranked:,} {what}, the likeliest wrong first; how many are wrong cannot be told by this score"
    else:
        likely, low, high = (f"{max(0.0, bound):,.0f}" for bound in report.wrong)
        among = report.foreseen(shown)
        first = f"; of the first {shown:,} about {among:,.0f}" if among is not None and round(among) else ""
        if likely == "0":
            yield (
                f"no more of {ranked:,} {what} look wrong than chance would make ({low} to {high}); the ones that "
                "surprise most, first"
            )
        else:
            look = "looks" if likely == "1" else "look"
            yield f"about {likely} of {ranked:,} {what} {look} wrong ({low} to {high}){first}"
    if report.settled is not None and report.settled.any():
        yield f"{count(int(report.settled.sum()), 'row')} that you have decided on are not ranked"
    yield f"ranked by {report.method}: {report.why}"


def show_suspects(to: "Console", report: LabelReport, data: RawTable, top: int, columns: Columns | None) -> None:
    """The first suspects: what they are given as, what rather, how sure that is, and the first reason."""
    places = report.order[:top]
    has_ids, numbers = data.ids is not None, report.task == "regression"
    given = cut(data.target)
    own = ["row", "id", "rather", "p", "off", "loss", "because of"]
    given = f"{given} given" if given in own else given
    headers = ["row", *(["id"] if has_ids else []), given, "rather", "off" if numbers else "p", "loss", "because of"]
    rows = []
    for place, row in zip(places, report.rows.take(places).rows(), strict=True):
        texts = [str(row["row"]), *([cut(row["id"], LABEL)] if has_ids else [])]
        texts.append(exact(row["given"], scale_of(columns)) if numbers else said(row["given"], columns, numbers))
        texts.append(said(row["proposed"], columns, numbers))
        texts.append(off(row) if numbers else probability(row["probability"]))
        share = float("nan") if row["share"] is None else row["share"]
        rows.append([*texts, percent(share), because(report, int(place), columns)])
    table(to, headers, rows, left=["id", *([] if numbers else [given, "rather"]), "because of"])


def said(value: Any, columns: Columns | None, numbers: bool) -> str:
    """A label, or a number in the unit of the target."""
    if numbers:
        return amount(value, scale_of(columns))
    return cut(label_text(value), LABEL)


def scale_of(columns: Columns | None) -> float:
    """What a target of numbers usually spreads; nothing where that is not known."""
    return 0.0 if columns is None else columns.target_scale


def probability(value: float | None) -> str:
    """Two digits; never 1 where there is doubt."""
    if value is None:
        return "–"
    return ">.99" if 0.995 <= value < 1 else f"{value:.2f}".removeprefix("0")


def off(row: dict[str, Any]) -> str:
    """How many times its usual distance a number lies from the proposed one."""
    residual, spread = row["residual"], row["spread"]
    if residual is None or not spread:
        return "–"
    return f"{abs(residual) / spread:.1f} ×"


def because(report: LabelReport, place: int, columns: Columns | None) -> str:
    """The strongest reason in a few words: an identical row, the columns that argue, or the row most like it."""
    reasons = report.reasons.get(place)
    if reasons is None:
        return ""
    if reasons.twins:
        return f"the same inputs as row {reasons.twins[0]}"
    if reasons.columns:
        return ", ".join(f"{argument.column} {argument.value}" for argument in reasons.columns[:2])
    if reasons.like_proposed:
        alike, numbers = reasons.like_proposed[0], report.task == "regression"
        label = exact(alike.label, scale_of(columns)) if numbers else said(alike.label, columns, numbers)
        return f"row {alike.row}, most alike, has {label}"
    return ""


def show_rival(to: "Console", report: LabelReport, data: RawTable, top: int, columns: Columns | None) -> None:
    """How far another model's ranking agrees, and where it does not."""
    rival = report.rival
    if rival is None:
        return
    shown = min(top, len(report.order))
    both = len(np.intersect1d(report.order[:shown], rival.order[:shown]))
    to.print(folded(f"by {rival.method} {both:,} of the first {shown:,} are the same; the others:", to.width))
    apart = report.disagreements(shown)
    if not len(apart):
        return
    numbers = report.task == "regression"
    headers = [
        "row",
        *(["id"] if data.ids is not None else []),
        "given",
        "rather",
        "place",
        "by it rather",
        "place there",
    ]
    rows = [
        [
            str(row["row"]),
            *([cut(row["id"], LABEL)] if data.ids is not None else []),
            *(said(row[name], columns, numbers) for name in ("given", "proposed")),
            f"{row['place']:,}",
            said(row["rival_proposed"], columns, numbers),
            f"{row['rival_place']:,}",
        ]
        for row in apart.rows()
    ]
    table(to, headers, rows, left=["id", "given", "rather", "by it rather"])
