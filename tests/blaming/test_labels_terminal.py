# SPDX-License-Identifier: MIT
"""The label report in the terminal view: numbers as the file has them, reasons in words, and no false certainty."""

import numpy as np
import polars as pl

from culpa.blaming.examples_terminal import exact
from culpa.blaming.labels.report import Argument, Estimate, LabelReport, Neighbour, Reasons
from culpa.blaming.labels_terminal import because, label_sentences
from culpa.blaming.terminal import without
from culpa.reporting.frames import Frame
from culpa.tables.assigning import from_frame
from culpa.tables.roles import Roles


def report(task: str = "regression", wrong: Estimate | None = None, **more: object) -> LabelReport:
    """A report of forty rows."""
    frame = Frame({"row": np.arange(40), "suspicion": np.linspace(1, 0, 40)})
    return LabelReport(frame, "somebody", "it is a test", task, wrong, **more)  # type: ignore[arg-type]


def said(made: LabelReport) -> str:
    """The first sentence on it."""
    data = from_frame(pl.DataFrame({"x": np.arange(40), "price": np.arange(40) / 7}), Roles(target="price"), name="t")
    return next(iter(label_sentences(made, data, 12)))


def test_a_count_of_none_promises_nothing_and_says_what_comes_first() -> None:
    line = said(report(wrong=Estimate(0.0, 0.0, 3.0)))
    assert "no more of 40 values of price look wrong than chance would make (0 to 3)" in line
    assert line.endswith("the ones that surprise most, first")


def test_of_the_first_rows_as_many_are_told_wrong_as_are_expected() -> None:
    line = said(report(wrong=Estimate(20.0, 8.0, 40.0), expected=np.full(40, 0.5)))
    assert line.startswith("about 20 of 40 values of price look wrong")
    assert said(report(wrong=Estimate(1.0, 0.0, 4.0))) == "about 1 of 40 values of price looks wrong (0 to 4)"
    assert line.endswith("(8 to 40); of the first 12 about 6")
    assert report(expected=np.full(40, 0.5)).foreseen(12) == 6
    assert report().foreseen(12) is None
    assert report(expected=np.full(40, 0.5)).foreseen(41) is None


def test_where_no_column_argues_the_row_most_alike_is_told_with_what_it_has() -> None:
    alike = Reasons(like_proposed=(Neighbour(299, 299, 83.0, 0.9),))
    assert because(report(reasons={3: alike}), 3, None) == "row 299, most alike, has 83"
    named = Reasons(like_proposed=(Neighbour(7, 7, "gentoo", 0.9),))
    assert because(report("classification", reasons={3: named}), 3, None) == "row 7, most alike, has gentoo"
    columns = alike._replace(columns=(Argument("bmi", "36.7", "25", 1.0),))
    assert because(report(reasons={3: columns}), 3, None) == "bmi 36.7"


def test_a_given_number_stands_as_in_the_file() -> None:
    assert [exact(value, 500.0) for value in (1809.4, 1999.0, 238412.75, -3.0)] == [
        "1809.4",
        "1999",
        "238412.75",
        "−3",
    ]
    assert exact(1 / 3, 0.5) == "0.333"


def test_a_column_without_which_the_loss_is_smaller_has_a_word() -> None:
    assert without({"loss_replaced": 0.52, "increase": -0.037}) == ".520 (less)"
    assert without({"loss_replaced": 0.6, "increase": 0.043}) == ".600"
    assert without({"loss_replaced": None, "increase": None}) == "–"
