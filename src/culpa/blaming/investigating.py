# SPDX-License-Identifier: MIT
"""The main job as one function: split, train, score beside baselines, check the gradient, blame.

A quarter of the rows is held out and seen by nothing; 15 % of the rest chooses the epoch; encodings are learnt from
training rows only. The check and the blame are at the trained point, over all training rows.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.account import Blame
from culpa.blaming.accounting import accounts_of, with_labels
from culpa.blaming.admitting import admit_choice, admit_table, needs_score
from culpa.blaming.apart import rows_apart, seen_before
from culpa.blaming.baselines import baseline_scores, fit_baselines
from culpa.blaming.encoding import Encoded, encoded_rows
from culpa.blaming.findings.collecting import findings_of
from culpa.blaming.findings.finding import Finding
from culpa.blaming.labelling import Asking, Labelled, labelled, needs_columns, needs_probabilities, outside_report
from culpa.blaming.labels.report import LabelReport
from culpa.blaming.measures import Detection, Distance, measures
from culpa.blaming.page.thumbnails import shape_of
from culpa.blaming.teaching import taught
from culpa.checking.networks import check
from culpa.checking.verdicts import Check
from culpa.engine.arrays import admit_weights, number, whole_number
from culpa.engine.network import Network
from culpa.engine.predicting import predict, scored
from culpa.engine.targets import admit_targets
from culpa.errors import CulpaWarning
from culpa.reporting.frames import Frame
from culpa.reporting.progress import Show
from culpa.tables.columns import Columns
from culpa.tables.parting import FEWEST_ROWS, split_table
from culpa.tables.raw import RawTable
from culpa.tables.reading import told_of
from culpa.tables.roles import Task
from culpa.tables.table import arrays_for
from culpa.training.choosing import Choice
from culpa.training.trials import Tuning

__all__ = ["Investigation", "checked_rows", "examine_table", "investigate", "investigate_table", "with_findings"]

UNTRAINED = "Nothing was trained, and a label report needs a training on all rows, or another model's probabilities."
UNCHECKED = "The check of the gradient was interrupted, so that no label report was made."
CHECKED_ROWS = 1000
"""The gradient is checked on at most so many rows, evenly spaced: a mistake shows on any of them."""
CHECKED_CELLS = 250_000
"""And of a wide table on fewer: at most so many rows times inputs, as each of many passes goes through all of them."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Investigation:
    """What the main job found.

    Args:
        network: The trained network, with its record and its columns. It sees encoded columns:
            `culpa.read_table(…, columns=network.columns)` makes X and y for `predict`, `score` or `blame`.
        train_rows: The numbers of the rows that it learnt from, those that chose its epoch included.
        held_rows: The numbers of the rows that nothing has seen.
        score: Accuracy or R² on the held-out rows; on all rows where none were held out.
        baselines: The same measure for simple predictors, by name; empty where nothing was trained.
        check: Whether the gradient at the trained point is right; it has no block where Ctrl-C ended it.
        blame: Which layers and which training examples carry the loss.
        choice: The network's shape and how it was trained; None where nothing was trained.
        tuning: What a search for the choice has tried; None where none was asked for.
        beside: On the same rows as the score: how well the class that is looked for is found (a Detection), how far off
            the answers are (a Distance); None for several classes alike.
        interrupted: Whether Ctrl-C ended the label report, or the check before it, so that there is no report.
        settled_rows: The numbers of the rows that the reader has decided on, which are listed no more; None where there
            are none.
    """

    network: Network
    train_rows: NDArray[np.intp]
    held_rows: NDArray[np.intp]
    score: float
    baselines: dict[str, float]
    check: Check
    blame: Blame
    choice: Choice | None = None
    tuning: Tuning | None = None
    beside: Detection | Distance | None = None
    interrupted: bool = False
    settled_rows: NDArray[np.intp] | None = None

    def __repr__(self) -> str:
        rows = f"{len(self.train_rows):,} training rows, {len(self.held_rows):,} held out"
        gradient = "not checked" if not self.check.blocks else "ok" if self.check.ok else "NOT ok"
        return f"Investigation({rows}, {self.metric} {self.score:.4g}, gradient {gradient})"

    @property
    def labels(self) -> LabelReport | None:
        """Which labels or target values look wrong, of all rows; `blame.missing["suspects"]` says why there is none."""
        return self.blame.labels

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What follows, in sentences."""
        return self.blame.findings

    @property
    def metric(self) -> str:
        """What `score` and the baselines are: "accuracy" or "R²"."""
        return "accuracy" if self.network.loss.is_classification else "R²"

    def heaviest(self, count: int = 20) -> Frame:
        """The training rows with the largest shares of the loss, largest first; none that was decided on."""
        if self.settled_rows is None:
            return self.blame.heaviest(count)
        ranked = self.blame.heaviest(max(1, len(self.blame.examples)))
        return ranked.take(np.flatnonzero(~np.isin(ranked["row"], self.settled_rows))[: whole_number("count", count)])

    def to_html(self, table: RawTable | None = None, *, image: tuple[int, int] | None = None) -> str:
        """The whole report as one page that needs no network.

        Args:
            table: The raw table that was asked about (`Table.raw`), for its name, its checksum and the rows' pictures.
            image: (height, width), where the columns are the points of a picture.
        """
        from culpa.blaming.page.writing import report_page

        return report_page(self, table, image=image)


def investigate(
    X: Any,
    y: Any = None,
    *,
    ids: Sequence[Any] | None = None,
    columns: Sequence[str] | None = None,
    target: str | None = None,
    task: Task | None = None,
    validation: Any = None,
    hidden: Sequence[int] | None = None,
    activation: str | None = None,
    epochs: int | None = None,
    learning_rate: float | None = None,
    l2: float | None = None,
    tune: float | None = None,
    score: str = "auto",
    pred_probs: Any = None,
    seed: int = 0,
    show_progress: Show = "auto",
    **training: Any,
) -> Investigation:
    """Train a network on a table and say who carries its loss.

    Args:
        X: A Table of `read_table`; or input columns (n, d): an array of numbers, NaN where one is missing, or a frame.
        y: The target (n,): labels of any kind, or numbers. A Table has its own.
        ids, columns, target: The names of the rows, of the columns and of the target.
        task: "classification" or "regression"; by default text, booleans and few whole numbers are classes.
        validation: What chooses the epoch, instead of 15 % of the training rows: a Table, or a file or frame.
        hidden, activation, epochs, learning_rate, l2: Chosen by the table's size and task where they are not given.
        tune, score: Minutes of search for better ones; labels are ranked by "auto", "record", "forest", "bags", "none".
        pred_probs: Another model's out-of-sample probabilities (n, K) of the rows' classes.
        seed, show_progress: Of everything random; "auto" shows a bar on a terminal.
        training: `batch_size`, `schedule`, `dropout` and `patience`, likewise.

    Returns:
        An Investigation: network, score beside baselines, check and blame.

    Raises:
        ShapeError, DataError, OptionError: If something given cannot be used, or there is one class only.

    Example:
        >>> X = np.random.default_rng(0).normal(size=(120, 2))
        >>> found = investigate(X, X[:, 0] > 0, epochs=20, score="record")
        >>> found.check.ok, len(found.blame.examples), len(found.labels)
        (True, 90, 120)
    """
    table = admit_table(X, y, ids=ids, columns=columns, target=target, task=task)
    options = admit_choice(hidden, activation=activation, epochs=epochs, learning_rate=learning_rate, l2=l2, **training)
    found = investigate_table(
        table,
        said=options,
        validation=None if validation is None else rows_apart(validation, table),
        tune=tune,
        score=score,
        probabilities=pred_probs,
        seed=seed,
        show_progress=show_progress,
    )
    return with_findings(found, pictures=shape_of(table) is not None)


def investigate_table(
    table: RawTable,
    *,
    said: Mapping[str, Any] | None = None,
    validation: RawTable | None = None,
    tune: float | None = None,
    score: str = "auto",
    seed: int = 0,
    show_progress: Show = "auto",
    parts: tuple[NDArray[np.intp], NDArray[np.intp]] | None = None,
    settled: NDArray[np.bool_] | None = None,
    probabilities: Any = None,
    tell: Callable[[str], None] | None = None,
) -> Investigation:
    """As `investigate`, for a raw table, and without findings: `with_findings` draws them where all is known.

    Args:
        table: The raw table.
        said: The entries of its Choice that are neither chosen nor searched.
        validation, tune, score, seed, show_progress: As for `investigate`.
        parts: The places of the training rows and of the held-out ones; by default the seed parts the table.
        settled: Which rows (n,) the reader has decided on: the label report ranks them no more.
        probabilities: Another model's out-of-sample (n, K), by which labels are ranked too.
        tell: Takes what is to be said before something long begins.
    """
    if tune is not None:
        number("tune", tune, above=0)  # before any work begins
    needs_score(score, classification=table.classes is not None)
    if probabilities is not None:
        probabilities = needs_probabilities(probabilities, table)
    train, held = split_table(table, seed) if parts is None else parts
    first = taught(table, train, said=said, validation=validation, tune=tune, seed=seed, show_progress=show_progress)
    network, choice, tuning, rows = first
    simple = fit_baselines(rows, classification=table.classes is not None, show_progress=show_progress)
    checked, accounts = examine(network, table, train, rows, show_progress, trained=True)
    del first, rows  # so that the held-out rows take their place in memory, and never stand beside them
    unseen = encoded_rows(table, needs_columns(network), held, show_progress)
    baselines = baseline_scores(simple, unseen)
    measured, beside = measured_on(network, unseen)
    if validation is not None:
        for sentence in seen_before(table, validation, needs_columns(network), train, held):
            warnings.warn(sentence, CulpaWarning, stacklevel=2)
    del unseen  # and so that all rows, encoded again, stand alone
    asking = Asking(score, settled, probabilities, tell)
    labels = Labelled(None, UNCHECKED, interrupted=True)
    if checked.blocks:
        labels = labelled(table, network, choice, held, asking=asking, seed=seed, show_progress=show_progress)
    accounts = with_labels(accounts, labels.report, labels.why)
    return Investigation(
        network=network,
        train_rows=table.rows[train],
        held_rows=table.rows[held],
        score=measured,
        baselines=baselines,
        check=checked,
        blame=accounts,
        choice=choice,
        tuning=tuning,
        beside=beside,
        interrupted=labels.interrupted,
        settled_rows=None if settled is None else table.rows[settled],
    )


def measured_on(
    network: Network, rows: Encoded, columns: Columns | None = None
) -> tuple[float, Detection | Distance | None]:
    """The score of these rows, and the measures beside it; each row is predicted once."""
    X, y, weights = rows
    said = predict(network, X)
    truth = admit_targets(y, len(said), network.loss.targets, network.sizes[-1], network.dtype)
    w = None if weights is None else admit_weights(weights, len(said), "mean", np.float64)
    return scored(network, said, truth, w), measures(columns or network.columns, said, y, weights)


def checked_rows(n: int, inputs: int) -> slice:
    """Which of n rows the gradient is checked on, evenly spaced.

    Example:
        >>> checked_rows(5000, 64), checked_rows(1000, 5000)
        (slice(None, None, 5), slice(None, None, 20))
    """
    most = max(FEWEST_ROWS, min(CHECKED_ROWS, CHECKED_CELLS // inputs))
    return slice(None, None, max(1, -(-n // most)))


def examine(
    network: Network,
    table: RawTable,
    rows: NDArray[np.intp],
    encoded: Encoded,
    show_progress: Show = "auto",
    *,
    trained: bool = False,
) -> tuple[Check, Blame]:
    """Check and blame a network over some rows of a table; one just trained goes without a check that Ctrl-C ended."""
    X, y, weights = encoded
    few = checked_rows(*X.shape)
    try:
        checked = check(network, X[few], y[few], show_progress=show_progress)
    except KeyboardInterrupt:
        if not trained:
            raise
        checked = Check(())  # what was learnt before is worth more than a check
    ids = None if table.ids is None else table.ids[rows].tolist()
    accounts = accounts_of(
        network, X, y, weights=weights, ids=ids, rows=table.rows[rows], score="none", show_progress=show_progress
    )
    return checked, accounts


def examine_table(
    network: Network, table: RawTable, *, probabilities: NDArray[np.float64] | None = None
) -> Investigation:
    """Check and blame a network that was trained before, over all rows of a table; without findings."""
    with told_of(table.name):
        encoded = Encoded(*arrays_for(table, network.columns, network.dtype), table.weights)
    columns = network.columns
    if columns is not None and table.positive is not None:
        columns = replace(columns, positive=table.positive)  # the class that the reader looks for now
    measured, beside = measured_on(network, encoded, columns)
    checked, accounts = examine(network, table, np.arange(len(table)), encoded)
    report = None if probabilities is None else outside_report(network, table, encoded, probabilities)
    accounts = with_labels(accounts, report, UNTRAINED)
    return Investigation(network, table.rows, table.rows[:0], measured, {}, checked, accounts, beside=beside)


def with_findings(
    found: Investigation, words: Sequence[str] = (), *, pictures: bool = False, beside: Sequence[str] = ()
) -> Investigation:
    """The same, with what all of it proves.

    Args:
        found: What the main job found.
        words: The command behind `culpa`, of which the next commands are made; without it these are Python.
        pictures: Whether the rows are pictures, and the columns their points.
        beside: What else stands on that command line: what it writes, and how many rows it lists.
    """
    findings = findings_of(found.blame, investigation=found, said=words, pictures=pictures, beside=beside)
    return replace(found, blame=replace(found.blame, findings=findings))
