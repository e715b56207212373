# SPDX-License-Identifier: MIT
"""Small tables with awkward labels, label reports on them without a training, and lists as spreadsheets save them."""

import csv
import io

import numpy as np

import culpa
from culpa.blaming.labels.report import Argument, Estimate, LabelReport, Reasons
from culpa.reporting.frames import Frame

AWKWARD = [
    "a,b",
    'say "hi"',
    "two\nlines",
    '=cmd("x")',
    "<script>",
    "keep",
    "label:old",
    "-",
    "@home",
    "été",
    "'=quoted",
]
"""Class labels that a comma, a quote, a line's end, a spreadsheet, a page or the words of decisions could break on."""


def awkward_table(n=44, **options):
    """A raw table whose labels are the awkward ones in turn, named by ids that a spreadsheet would run."""
    x = np.random.default_rng(0).normal(size=(n, 2))
    labels = [AWKWARD[k % len(AWKWARD)] for k in range(n)]
    columns = {"x": x[:, 0], "z": x[:, 1], "name": [f"+{k}" for k in range(n)], "label": labels}
    return culpa.read_table(columns, target="label", id="name", **options).raw


def table_of(target, **columns):
    """A raw table of one number and this target."""
    n = len(target)
    given = {"x": np.random.default_rng(1).normal(size=n), **columns, "target": target}
    return culpa.read_table(given, target="target", id="name" if "name" in columns else None).raw


def report_on(table, *, wrong=None, settled=None):
    """A label report that suspects the later rows more, and proposes the label of the row before."""
    n = len(table)
    y = np.asarray(table.y)
    suspicion = np.arange(1, n + 1) / (n + 1)
    columns = {
        "row": table.rows,
        "id": table.rows if table.ids is None else table.ids,
        "given": y,
        "proposed": np.roll(y, 1),
        "suspicion": suspicion,
        "loss": suspicion / 3,
        "share": suspicion / suspicion.sum(),
        "held_out": np.arange(n) % 4 == 0,
        "twins": np.zeros(n, np.intp),
    }
    more = ("probability", "given_probability", "margin") if table.classes else ("low", "high", "residual", "spread")
    columns |= dict.fromkeys(more, suspicion / 7)
    argument = Argument("=size", "<script>", "4,5", 0.25)
    reasons = {n - 1: Reasons(columns=(argument, argument._replace(column="mass", value="3,900")))}
    estimate = None if wrong is None else Estimate(wrong, wrong / 2, 2 * wrong)
    return LabelReport(Frame(columns), "record", "it is free", table.task, estimate, reasons=reasons, settled=settled)


def cells_of(path):
    """The header and the rows of a CSV file as any reader of CSV gets them."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        header, *rows = csv.reader(file, strict=True)
    return header, rows


def filled(path, decide):
    """Fill in the column of decisions, as a person does with a file of texts, and leave all else as it is."""
    header, rows = cells_of(path)
    at = header.index("decision")
    for row in rows:
        row[at] = decide(dict(zip(header, row, strict=True)))
    write_csv(path, header, rows)


def write_csv(path, header, rows):
    """A plain CSV file."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])


def as_spreadsheet(path, *, separator=";", decimal=","):
    """Save a list again as a spreadsheet does: a mark in front, quotes everywhere, CRLF, its own signs."""
    header, rows = cells_of(path)
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(header)
    numbers = ("suspicion", "loss", "share", "probability", "given_probability", "margin", "low", "high", "proposed")
    for row in rows:
        writer.writerow(
            [
                cell.replace(".", decimal) if name in (*numbers, "given") and is_float(cell) else cell
                for name, cell in zip(header, row, strict=True)
            ]
        )
    path.write_bytes(b"\xef\xbb\xbf" + out.getvalue().encode())


def is_float(cell):
    """Whether a cell holds a number with a point."""
    try:
        float(cell)
    except ValueError:
        return False
    return "." in cell
