# SPDX-License-Identifier: MIT
"""Why a row is suspected, as the page tells it: what argues for the proposed label, whom the row is like, its cells."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from culpa.blaming.labels.arguments import in_words
from culpa.blaming.labels.report import LabelReport, Neighbour, Reasons
from culpa.blaming.page.shown import Shown, grid, number, text
from culpa.reporting.terminal import count

__all__ = ["reasons_of"]

MOST_COLUMNS = 100
"""Of a row so many columns are shown at the most."""


def reasons_of(shown: Shown, report: LabelReport, place: int, row: dict[str, Any]) -> str:
    """The reasons of one suspect; nothing where none were made."""
    found = report.reasons.get(place)
    if found is None:
        return ""
    given, proposed = shown.given(row["given"]), shown.label(row["proposed"])
    picture = "" if shown.images is None else shown.images.picture(int(row["row"]), f"row {int(row['row'])}")
    parts = [
        f'<figure class="large">{picture}</figure>' if picture else "",
        f'<div class="reasons"><p class="said">{sentence(shown, report, row, given, proposed)}</p>',
        arguments(shown, report, found, given, proposed),
        likes(
            shown,
            f"Like it, given as {proposed}" if report.task == "classification" else "Like it, as proposed",
            found.like_proposed,
        ),
        likes(
            shown,
            f"Like it, given as {given}" if report.task == "classification" else "Like it, as given",
            found.like_given,
        ),
        twins(found.twins),
        whole_row(shown, place),
        "</div>",
    ]
    return f'<div class="detail">{"".join(parts)}</div>'


def sentence(shown: Shown, report: LabelReport, row: dict[str, Any], given: str, proposed: str) -> str:
    """What is doubted, in one sentence."""
    name = f"Row {int(row['row'])}"
    if str(row["id"]) != str(row["row"]):
        name += f" ({text(row['id'], 32)})"
    if report.task == "classification":
        return (
            f"{name} is given as <strong>{given}</strong>, p = {number(row['given_probability'], 2)}; "
            f"<strong>{proposed}</strong> has p = {number(row['probability'], 2)}."
        )
    words = (
        f"{name}: {text(shown.target)} is given as <strong>{given}</strong>, proposed is <strong>{proposed}</strong>"
    )
    if "low" in row and "high" in row and np.isfinite(row["low"]):
        words += f" ({shown.label(row['low'])} to {shown.label(row['high'])})"
    if "residual" in row and "spread" in row and row["spread"] > 0:
        words += f"; that is off by {shown.distance(row['residual'])}, where {shown.distance(row['spread'])} is usual"
    return words + "."


def arguments(shown: Shown, report: LabelReport, found: Reasons, given: str, proposed: str) -> str:
    """The columns that argue most for the proposed label."""
    if not found.columns:
        return ""
    classes = report.task == "classification"
    how = (
        f"<abbr title='by how much log p({proposed})/p({given}) falls when the column is replaced'>weight</abbr>"
        if classes
        else "<abbr title='how far the prediction moves when the column is replaced'>moves by</abbr>"
    )
    weight = number if classes else shown.distance
    rows = [(text(one.column), text(one.value, 32), text(one.typical, 32), weight(one.effect)) for one in found.columns]
    return grid("What argues for the proposed label", ["column", "here", "typically", how], rows, left=(0,))


def likes(shown: Shown, heading: str, neighbours: Sequence[Neighbour]) -> str:
    """The nearest rows, as pictures where they are pictures."""
    if not neighbours:
        return ""
    items = "".join(f"<li>{like(shown, one)}</li>" for one in neighbours)
    return f'<div class="likes"><h4>{heading}</h4><ul>{items}</ul></div>'


def like(shown: Shown, one: Neighbour) -> str:
    """One of the nearest rows."""
    picture = "" if shown.images is None else shown.images.picture(one.row, f"row {one.row}")
    name = f"row {one.row}" if str(one.id) == str(one.row) else f"row {one.row} ({text(one.id, 24)})"
    return f"{picture}<span>{name}<br>{shown.given(one.label)}, cos {number(one.similarity, 2)}</span>"


def twins(rows: Sequence[int]) -> str:
    """The rows with the same inputs and another label."""
    if not len(rows):
        return ""
    few = ", ".join(str(row) for row in list(rows)[:12]) + (f" and {len(rows) - 12:,} more" if len(rows) > 12 else "")
    return f'<p class="twins">The same inputs with another label: row{"" if len(rows) == 1 else "s"} {few}.</p>'


def whole_row(shown: Shown, place: int) -> str:
    """What the row has in every column, those that the network does not see too; pictures are seen already."""
    table = shown.table
    if table is None or shown.images is not None:
        return ""
    known = {} if shown.columns is None else {column.name: column for column in shown.columns.inputs}
    frame = table.frame[:, :MOST_COLUMNS]
    pairs = [
        f"<div><dt>{text(name)}</dt><dd>{text(in_words(frame[name][place], known.get(name)))}</dd></div>"
        for name in frame.columns
    ]
    left = table.frame.width - frame.width
    more = f"<p>{count(left, 'more column')} left out here.</p>" if left else ""
    heading = f"All that row {int(table.rows[place])} has"
    return f'<details class="whole"><summary>{heading}</summary><dl>{"".join(pairs)}</dl>{more}</details>'
