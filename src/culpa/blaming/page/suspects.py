# SPDX-License-Identifier: MIT
"""The suspects on the page: the most suspicious rows as a table to work through, which a script makes sortable.

    <tbody class="suspect"> one row of cells, and below it the row with the reasons

Everything can be read without the script. What it needs beyond the table stands in one record of JSON: the very
columns that the list of suspects has in a file, so that what is ticked here is read like that file.
"""

import json
from collections.abc import Callable, Iterator
from html import escape
from itertools import count as count_from
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.deciding.suspects_file import free_name, suspects_frame
from culpa.blaming.labels.report import LabelReport
from culpa.blaming.page.commands import command_of, pairs
from culpa.blaming.page.reasons import reasons_of
from culpa.blaming.page.rivals import rival
from culpa.blaming.page.shown import FIRST, Shown, label, number, section, share, text
from culpa.reporting.terminal import count

__all__ = ["has_ids", "record", "suspects"]


def suspects(shown: Shown) -> str:
    """The suspects, with what is to be known of the ranking, and the record for the script."""
    report = shown.labels
    if report is None:
        return section("suspects", "Suspects", shown.missing("suspects", "labels"))
    places = report.order[: shown.top]
    if not len(places):
        return section("suspects", "Suspects", "<p>Every row has been decided on.</p>")
    headers = list(columns_of(shown, report))
    head = "".join(
        f'<th scope="col"{f" class={chr(34)}{kind}{chr(34)}" if kind else ""} data-key="{key}">{name}</th>'
        for key, name, kind in headers
    )
    others = None if report.rival is None else report.rival.ranks
    rows = "".join(
        suspect(shown, report, int(place), position, headers, others) for position, place in enumerate(places)
    )
    table = (
        f'<div class="wide" role="group" aria-label="Suspects"><table class="suspects"><caption class="unseen">'
        f"The most suspicious rows</caption><thead><tr>{head}</tr></thead>\n{rows}</table></div>"
    )
    data = f'<script type="application/json" id="suspects-record">{record(shown, report)}</script>'
    return section("suspects", "Suspects", *about(shown, report), TOOLS, table, all_of_them(shown, report), data)


WRITTEN: dict[str, Callable[[float], str]] = {
    "share": lambda part: share(None if np.isnan(part) else part),
    "probability": lambda p: f"{p:.2f}",
    "suspicion": lambda s: f"{s:.3f}",
}
"""How the numbers of some columns are written; the others with three significant digits."""
CALLED = {"residual": "off by", "spread": "usually", "rival": "other #"}
"""What a column is called before its cell on a phone, where that is not its key."""
TOOLS = '<div class="tools screen" id="suspects-tools" hidden></div>'
"""The script fills it: without one there is nothing to press."""


def about(shown: Shown, report: LabelReport) -> Iterator[str]:
    """How they are ranked, how many are wrong, and what to think of the ranking."""
    total, listed = len(report.order), min(shown.top, len(report.order))
    yield (
        f"<p>The {listed:,} most suspicious of {count(total, 'row')}, ranked by {escape(report.method)}: "
        f"{escape(report.why)}.</p>"
    )
    if report.wrong is None:
        yield shown.missing("wrong")
    yield from told_apart(report, listed)
    if report.memory is not None:
        yield f"<p>{escape(report.memory.sentence)}</p>"
    yield rival(shown, report)


def told_apart(report: LabelReport, listed: int) -> Iterator[str]:
    """How far down the list is worth going, where that can be told, and how far its reasons go."""
    k = min(FIRST, listed)
    among = report.foreseen(k)
    if among is not None and report.wrong is not None and round(report.wrong.likely):
        rest = round(report.wrong.likely) - round(among)
        line = f'Of the first {k:,} about <span class="expected">{among:,.0f}</span> look wrong'
        if rest > 0:
            which = "the other one is" if rest == 1 else f"the other {rest:,} are"
            line += f"; {which} somewhere below, among rows that are less and less likely to be wrong"
        yield f"<p>{line}.</p>"
    explained = sum(int(place) in report.reasons for place in report.order[:listed])
    if 0 < explained < listed:
        yield f"<p>Reasons were looked for in the first {explained:,}.</p>"


def all_of_them(shown: Shown, report: LabelReport) -> str:
    """How many are left out, and what lists them all."""
    left = len(report.order) - min(shown.top, len(report.order))
    if not left:
        return ""
    line = f"<p>{count(left, 'less suspicious row')} left out here; this lists them all:</p>"
    if shown.words:
        return line + command_of(
            ("culpa", *shown.words, "--suspects", free_name(shown.words, "parquet"), "--top", str(len(report.order)))
        )
    return line + command_of("found.labels.suspects" if shown.found is not None else "accounts.suspects")


def columns_of(shown: Shown, report: LabelReport) -> Iterator[tuple[str, str, str]]:
    """The columns of the table: their key in the record, their header, and their class."""
    there = report.rows.columns
    yield "rank", "#", "number"
    if shown.images is not None:
        yield "image", '<span class="unseen">picture</span>', "picture"
    yield "row", "row", "number"
    if has_ids(report):
        yield "id", "id", ""
    numeric = "number" if report.task == "regression" else ""
    yield "given", "given", numeric
    yield "proposed", "proposed", numeric
    if report.task == "classification":
        yield "probability", "<abbr title='probability of the proposed label'>p</abbr>", "number"
    for key, header in (
        ("residual", "off by"),
        ("spread", "<abbr title='how far off rows like it usually are'>usually</abbr>"),
    ):
        if key in there:
            yield key, header, "number"
    yield "suspicion", "suspicion", "number"
    if np.isfinite(report.rows["loss"]).any():
        yield "loss", "loss", "number"
        yield "share", "<abbr title='share of the loss'>share</abbr>", "number"
    if report.rival is not None:
        yield "rival", "<abbr title='rank by the other model'>other #</abbr>", "number"
    listed = report.rows.take(report.order[: shown.top])
    if any(notes(row) for row in listed.rows()):
        yield "notes", "notes", "notes"


def has_ids(report: LabelReport) -> bool:
    """Whether rows have names beside their numbers."""
    ids, rows = report.rows["id"], report.rows["row"]
    return ids is not rows and ids.tolist() != rows.tolist()


def suspect(
    shown: Shown,
    report: LabelReport,
    place: int,
    position: int,
    headers: list[tuple[str, str, str]],
    others: NDArray[np.intp] | None,
) -> str:
    """One suspect: the row of its cells, and below it its reasons, where they are known."""
    row = {name: column[place] for name, column in report.rows.columns.items()}
    rival = None if others is None else int(others[place])
    cells = "".join(cell(shown, row, key, kind, position, rival) for key, _, kind in headers)
    why = reasons_of(shown, report, place, row)
    below = f'<tr class="why"><td colspan="{len(headers)}">{why}</td></tr>\n' if why else ""
    return f'<tbody class="suspect" data-place="{position}"><tr class="one">{cells}</tr>\n{below}</tbody>\n'


def cell(shown: Shown, row: dict[str, Any], key: str, kind: str, position: int, rival: "int | None") -> str:
    """One cell of a suspect."""
    said = CALLED.get(key, key)
    if key == "rank":
        said, inside = "#", f"{position + 1}"
    elif key == "image" and shown.images is not None:
        said, inside = "", shown.images.picture(int(row["row"]), f"row {int(row['row'])}")
    elif key == "row":
        inside = f"{int(row['row'])}"
    elif key == "id":
        inside = text(row["id"], 24)
    elif key in ("given", "proposed"):
        inside = f'<span class="{key}">{(shown.given if key == "given" else shown.label)(row[key])}</span>'
    elif key == "notes":
        said, inside = "", notes(row)
    elif key == "rival":
        inside = "–" if rival is None else f"{rival:,}"
    elif key in ("residual", "spread"):
        inside = shown.distance(float(row[key]))
    else:
        inside = WRITTEN.get(key, number)(float(row[key]))
    names = f' class="{kind}"' if kind else ""
    if key == "row":
        return f'<th scope="row"{names} data-label="row">{inside}</th>'
    return f'<td{names} data-label="{escape(said)}">{inside}</td>'


def notes(row: dict[str, Any]) -> str:
    """What else is to be known of a row, in few words."""
    told = ["held out"] if row["held_out"] else []
    twins = int(row.get("twins", 0) or 0)
    told += [f"{count(twins, 'twin')} differ{'s' if twins == 1 else ''}"] if twins > 0 else []
    return " ".join(f'<span class="tag">{one}</span>' for one in told)


def record(shown: Shown, report: LabelReport) -> str:
    """What the script needs, as JSON that cannot end its element: the list as its file has it, and how it is sorted."""
    frame = suspects_frame(report, min(shown.top, len(report.order)), shown.table)
    columns = frame.to_dict(as_series=False)
    listed, file = report.order[: shown.top], file_of(shown)
    known = {
        "key": f"culpa {shown.title} {shown.footer.get('data', '') if shown.table is None else shown.table.checksum}",
        "file": file,
        "task": report.task,
        "classes": [label(name) for name in (shown.columns.classes or ())] if shown.columns is not None else [],
        "names": list(columns),
        "rows": [list(row) for row in zip(*columns.values(), strict=True)],
        "other": [] if report.rival is None else report.rival.ranks[listed].tolist(),
        "next": pairs(("culpa", *shown.words, "--decisions", file)) if shown.words else [],
    }
    text_of = json.dumps(known, ensure_ascii=False, separators=(",", ":"), default=str, allow_nan=False)
    return text_of.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def file_of(shown: Shown) -> str:
    """What the decisions are saved as: unlike the list of suspects, and unlike those that were read already."""
    names = (f"decisions_{k}.csv" if k > 1 else "decisions.csv" for k in count_from(1))
    return next(name for name in names if name not in shown.words)
