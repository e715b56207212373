# SPDX-License-Identifier: MIT
"""The main job as one function: split, train, score beside baselines, check the gradient, blame.

A quarter of the rows is held out and seen by nothing; 15 % of the rest chooses the epoch; encodings are learnt from
training rows only. The check and the blame are at the trained point, over all training rows.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.account import Blame
from culpa.blaming.accounting import blame
from culpa.blaming.admitting import admit_choice, admit_table
from culpa.blaming.apart import rows_apart, seen_before
from culpa.blaming.baselines import baseline_scores, fit_baselines
from culpa.blaming.labels.report import LabelReport
from culpa.blaming.labels.scores import Scores
from culpa.blaming.labels.suspecting import Names, label_report, score_labels
from culpa.blaming.measures import Detection, Distance, measures
from culpa.checking.networks import check
from culpa.checking.verdicts import Check
from culpa.engine.arrays import admit_weights, number
from culpa.engine.network import Network
from culpa.engine.predicting import predict, scored
from culpa.engine.targets import admit_targets
from culpa.errors import CulpaWarning, DataError
from culpa.reporting.progress import Show
from culpa.tables.columns import Columns
from culpa.tables.parting import FEWEST_ROWS, split_table, target_of
from culpa.tables.raw import RawTable, learn_columns
from culpa.tables.reading import told_of
from culpa.tables.roles import Task
from culpa.tables.table import arrays_for
from culpa.training.choosing import Choice, choose
from culpa.training.fitting import fit
from culpa.training.rows import Validation, beside_ones
from culpa.training.trials import Tuning
from culpa.training.tuning import start_of
from culpa.training.tuning import tune as search

__all__ = [
    "VALIDATION",
    "Encoded",
    "Investigation",
    "checked_rows",
    "chosen_for",
    "encoded_rows",
    "examine_table",
    "investigate",
    "investigate_table",
    "needs_groups",
    "scored_rows",
]

VALIDATION = 0.15
CHECKED_ROWS = 1000
"""The gradient is checked on at most so many rows, evenly spaced: a mistake shows on any of them."""
CHECKED_CELLS = 250_000
"""And of a wide table on fewer: at most so many rows times inputs, as each of many passes goes through all of them."""


class Encoded(NamedTuple):
    """Rows as a network learns from them.

    Attributes:
        X: Inputs (n, d_0).
        y: Class numbers or scaled numbers (n,).
        weights: (n,), or None.
    """

    X: NDArray[Any]
    y: NDArray[Any]
    weights: NDArray[np.float64] | None


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
        check: Whether the gradient at the trained point is right.
        blame: Which layers and which training examples carry the loss.
        choice: The network's shape and how it was trained; None where nothing was trained.
        tuning: What a search for the choice has tried; None where none was asked for.
        beside: On the same rows as the score: how well the class that is looked for is found (a Detection), how far off
            the answers are (a Distance); None for several classes alike.
        labels: Which labels or target values look wrong, of all rows; None where nobody asked.
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
    labels: LabelReport | None = None

    def __repr__(self) -> str:
        rows = f"{len(self.train_rows):,} training rows, {len(self.held_rows):,} held out"
        return f"Investigation({rows}, {self.metric} {self.score:.4g}, gradient {'ok' if self.check.ok else 'NOT ok'})"

    @property
    def metric(self) -> str:
        """What `score` and the baselines are: "accuracy" or "R²"."""
        return "accuracy" if self.network.loss.is_classification else "R²"


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
    seed: int = 0,
    show_progress: Show = "auto",
    **training: Any,
) -> Investigation:
    """Train a network on a table and say who carries its loss.

    Args:
        X: A Table of `read_table`, with all that belongs to it; or input columns (n, d) in their own units: an array
            of numbers, NaN where one is missing, or a frame of any library.
        y: The target (n,): labels of any kind, or numbers. A Table has its own.
        ids, columns, target: The names of the rows, of the columns and of the target.
        task: "classification" or "regression"; by default text, booleans and up to 50 whole numbers are classes.
        validation: What chooses the epoch, instead of 15 % of the training rows: a Table, or a file or frame.
        hidden, activation, epochs, learning_rate, l2: Chosen by the table's size and task where they are not given.
        tune: Minutes to search for better ones of those not given; see `Investigation.tuning`.
        score: How labels are ranked: "auto", "record", "forest", "bags"; "none" makes no label report.
        seed, show_progress: Of everything random; "auto" shows a bar on a terminal.
        training: `batch_size`, `schedule`, `dropout` and `patience`, likewise.

    Returns:
        An Investigation: network, score beside baselines, check and blame.

    Raises:
        ShapeError, DataError, OptionError: If something given cannot be used, or there is one class only.

    Example:
        >>> X = np.random.default_rng(0).normal(size=(120, 2))
        >>> found = investigate(X, X[:, 0] > 0, epochs=20)
        >>> found.check.ok, len(found.blame.examples)
        (True, 90)
    """
    table = admit_table(X, y, ids=ids, columns=columns, target=target, task=task)
    options = admit_choice(hidden, activation=activation, epochs=epochs, learning_rate=learning_rate, l2=l2, **training)
    return investigate_table(
        table,
        said=options,
        validation=None if validation is None else rows_apart(validation, table),
        tune=tune,
        score=score,
        seed=seed,
        show_progress=show_progress,
    )


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
) -> Investigation:
    """As `investigate`, for a raw table.

    Args:
        table: The raw table.
        said: The entries of its Choice that are neither chosen nor searched.
        validation, tune, score, seed, show_progress: As for `investigate`.
        parts: The places of the training rows and of the held-out ones; by default the seed parts the table.
        settled: Which rows (n,) the reader has decided on: the label report ranks them no more.
    """
    if tune is not None:
        number("tune", tune, above=0)  # before any work begins
    train, held = split_table(table, seed) if parts is None else parts
    needs_groups(table, train, validation)
    columns = learn_columns(table, train)
    choice = chosen_for(table, columns, len(train), said)
    n_classes = len(table.classes) if table.classes else None
    rows = encoded_rows(table, columns, train, show_progress)
    groups = None if table.groups is None else table.groups[train]
    chooses_epoch: Validation = VALIDATION if validation is None else encoded_apart(validation, columns)
    shared: dict[str, Any] = {"weights": rows.weights, "validation": chooses_epoch, "seed": seed}
    shared["show_progress"] = show_progress
    tuning = None
    if tune is not None:
        given = [name for name, value in (said or {}).items() if value is not None]
        tuning = search(choice, rows.X, rows.y, minutes=tune, classes=n_classes, groups=groups, fixed=given, **shared)
        choice = tuning.best
    start = replace(start_of(choice, columns.width, n_classes, seed), columns=columns)
    ids = None if table.ids is None else table.ids[train].tolist()
    inner = groups if validation is None else None
    network = fit(start, rows.X, rows.y, **choice.training(), **shared, groups=inner, ids=ids)
    simple = fit_baselines(rows, classification=table.classes is not None, show_progress=show_progress)
    checked, accounts = examine(network, table, train, rows, show_progress)
    del rows  # so that the held-out rows take their place in memory, and never stand beside them
    unseen = encoded_rows(table, columns, held, show_progress)
    baselines = baseline_scores(simple, unseen)
    measured, beside = measured_on(network, unseen)
    if validation is not None:
        for sentence in seen_before(table, validation, columns, train, held):
            warnings.warn(sentence, CulpaWarning, stacklevel=2)
    del unseen
    labels = None if score == "none" else suspects(table, network, choice, held, score, seed, show_progress, settled)
    return Investigation(
        network,
        table.rows[train],
        table.rows[held],
        measured,
        baselines,
        checked,
        accounts,
        choice,
        tuning,
        beside,
        labels,
    )


def suspects(
    table: RawTable,
    network: Network,
    choice: Choice,
    held: NDArray[np.intp],
    score: str,
    seed: int,
    show_progress: Show,
    settled: NDArray[np.bool_] | None = None,
) -> LabelReport:
    """The label report over all rows, by a training of their own; inputs are encoded as for the network."""
    scores, y, weights = scored_rows(table, network, choice, score, seed, show_progress)
    names = Names(table.rows, table.ids, np.isin(np.arange(len(table)), held), settled)
    return label_report(scores, y, needs_columns(network), names, weights)


def scored_rows(
    table: RawTable, network: Network, choice: Choice, score: str, seed: int, show_progress: Show
) -> tuple[Scores, NDArray[Any], NDArray[np.float64] | None]:
    """All rows' scores, by a training on all of them for as many epochs as were best, their targets and weights."""
    columns, best = needs_columns(network), 1 if network.training is None else network.training.best_epoch
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CulpaWarning)  # what the held-out rows have new has been told
        X, y, weights = encoded_rows(table, columns, None, show_progress)
    scores = score_labels(
        start_of(choice, columns.width, len(table.classes) if table.classes else None, seed),
        X,
        y,
        options={**choice.training(), "epochs": best, "patience": None, "refit": False},
        weights=weights,
        groups=table.groups,
        score=score,
        seed=seed,
        show_progress=show_progress,
    )
    return scores, y, weights


def needs_columns(network: Network) -> Columns:
    """The columns of a network that was trained on a table."""
    if network.columns is None:
        raise DataError("The network knows no columns.", hint="`investigate` trains one that does.")
    return network.columns


def needs_groups(table: RawTable, train: NDArray[np.intp], validation: RawTable | None) -> None:
    """Refuse training rows of one group, where a group of them is to choose the epoch."""
    if table.groups is None or validation is not None:
        return
    groups = np.unique(table.groups[train])
    if len(groups) == 1:
        raise DataError(
            f"{table.name} must have three groups or more, one to learn from, one that chooses the epoch and one that "
            f"is held out; all {len(train):,} training rows belong to {groups[0].item()!r}.",
            hint="--validation FILE chooses the epoch by rows of its own.",
        )


def chosen_for(table: RawTable, columns: Columns, n: int, said: Mapping[str, Any] | None = None) -> Choice:
    """The network and the recipe for `n` training rows of a table, but for what the reader said."""
    outputs = len(table.classes) if table.classes else 1
    return choose(n, columns.width, outputs, classification=table.classes is not None).but(**(said or {}))


def encoded_rows(
    table: RawTable, columns: Columns, rows: NDArray[np.intp] | None = None, show_progress: Show = False
) -> Encoded:
    """Inputs, targets and weights of some rows, or of all."""
    picked = slice(None) if rows is None else rows
    weights = None if table.weights is None else table.weights[picked]
    X = beside_ones(len(table) if rows is None else len(rows), columns.width)
    columns.encode(table.frame, rows=rows, out=X, show_progress=show_progress)
    return Encoded(X, columns.encode_target(target_of(table)[picked]), weights)


def encoded_apart(apart: RawTable, columns: Columns) -> Encoded:
    """All rows of another table, whose name an error tells."""
    with told_of(apart.name):
        return encoded_rows(apart, columns)


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
) -> tuple[Check, Blame]:
    """Check and blame a trained network over some rows of a table."""
    X, y, weights = encoded
    few = checked_rows(*X.shape)
    checked = check(network, X[few], y[few], show_progress=show_progress)
    ids = None if table.ids is None else table.ids[rows].tolist()
    return checked, blame(network, X, y, weights=weights, ids=ids, rows=table.rows[rows], show_progress=show_progress)


def examine_table(network: Network, table: RawTable) -> Investigation:
    """Check and blame a network that was trained before, over all rows of a table."""
    with told_of(table.name):
        encoded = Encoded(*arrays_for(table, network.columns, network.dtype), table.weights)
    columns = network.columns
    if columns is not None and table.positive is not None:
        columns = replace(columns, positive=table.positive)  # the class that the reader looks for now
    measured, beside = measured_on(network, encoded, columns)
    checked, accounts = examine(network, table, np.arange(len(table)), encoded)
    return Investigation(network, table.rows, table.rows[:0], measured, {}, checked, accounts, beside=beside)
