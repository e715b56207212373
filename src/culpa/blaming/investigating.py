# SPDX-License-Identifier: MIT
"""The main job as one function: split, train, score beside baselines, check the gradient, blame.

A quarter of the rows is held out and seen by nothing; 15 % of the rest chooses the epoch; encodings are fitted on
training rows only. The check and the blame are at the trained point, over all training rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.accounts import Blame, blame
from culpa.checking.networks import check
from culpa.checking.verdicts import Check
from culpa.engine.network import Network
from culpa.engine.predicting import score
from culpa.errors import DataError, ShapeError
from culpa.reporting.progress import Show
from culpa.tables.columns import Columns
from culpa.tables.reading import RawTable, Task, raw_table
from culpa.training.fitting import fit
from culpa.training.splitting import split_rows

__all__ = ["Investigation", "examine_table", "investigate", "investigate_table"]

HELD_OUT = 0.25
VALIDATION = 0.15
CHECKED_ROWS = 1000
"""The gradient is checked on at most so many rows, evenly spaced: a mistake shows on any of them."""
FEWEST_ROWS = 3
PATIENCE = 25
"""Epochs without a better validation loss before the training stops."""
TARGET = "is this the right target column?"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Investigation:
    """What the main job found.

    Args:
        network: The trained network, with its record and its columns. It sees encoded columns: pass
            `network.columns.encode(X)` and `network.columns.encode_target(y)` to `predict`, `score` or `blame`.
        train_rows: The numbers of the rows that it learnt from, those that chose its epoch included.
        held_rows: The numbers of the rows that nothing has seen.
        score: Accuracy or R² on the held-out rows; on all rows where none were held out.
        baselines: The same measure for simple predictors, by name; empty where nothing was trained.
        check: Whether the gradient at the trained point is right.
        blame: Which layers and which training examples carry the loss.
    """

    network: Network
    train_rows: NDArray[np.intp]
    held_rows: NDArray[np.intp]
    score: float
    baselines: dict[str, float]
    check: Check
    blame: Blame

    def __repr__(self) -> str:
        rows = f"{len(self.train_rows):,} training rows, {len(self.held_rows):,} held out"
        return f"Investigation({rows}, {self.metric} {self.score:.4g}, gradient {'ok' if self.check.ok else 'NOT ok'})"

    @property
    def metric(self) -> str:
        """What `score` and the baselines are: "accuracy" or "R²"."""
        return "accuracy" if self.network.loss.is_classification else "R²"


def investigate(
    X: Any,
    y: Any,
    *,
    ids: Sequence[Any] | None = None,
    columns: Sequence[str] | None = None,
    target: str | None = None,
    task: Task | None = None,
    hidden: Sequence[int] = (64, 32),
    activation: str = "relu",
    epochs: int = 100,
    l2: float = 1e-3,
    seed: int = 0,
    show_progress: Show = "auto",
) -> Investigation:
    """Train a network on a table and say who carries its loss.

    Args:
        X: Input columns (n, d) in their own units, finite numbers.
        y: The target (n,): labels of any kind, or numbers.
        ids, columns, target: The names of the rows, of the columns and of the target.
        task: "classification" or "regression"; by default text, booleans and up to 50 whole numbers are classes.
        hidden, activation: The widths of the hidden layers, and their activation.
        epochs, l2: How many epochs at the most (the best one is kept), and the penalty's factor.
        seed: Of everything random.
        show_progress: "auto" shows a bar on a terminal.

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
    table = raw_table(X, y, names=columns, target=target, task=task)
    return investigate_table(
        table,
        ids=ids,
        hidden=hidden,
        activation=activation,
        epochs=epochs,
        l2=l2,
        seed=seed,
        show_progress=show_progress,
    )


def investigate_table(
    table: RawTable,
    *,
    ids: Sequence[Any] | None = None,
    hidden: Sequence[int] = (64, 32),
    activation: str = "relu",
    epochs: int = 100,
    l2: float = 1e-3,
    seed: int = 0,
    show_progress: Show = "auto",
) -> Investigation:
    """As `investigate`, for a raw table."""
    y = target_of(table)
    if ids is not None and len(ids) != len(table.X):
        raise ShapeError(f"`ids` must hold one entry for each of the {len(table.X):,} rows; got {len(ids):,}.")
    if len(y) < FEWEST_ROWS:
        raise DataError(
            f"A table must have {FEWEST_ROWS} rows or more, because one is held out and one chooses the epoch; "
            f"got {len(y)}."
        )
    if table.classes is None and (y == y[0]).all():
        raise DataError(f"All {len(y):,} rows have the same target, {y[0]:g}: there is nothing to learn.", hint=TARGET)
    train, held = split_rows(len(table.X), HELD_OUT, classes=y if table.classes else None, seed=seed)
    columns = Columns.fit(table.X[train], y[train], names=table.names, target=table.target, classes=table.classes)
    X, targets = columns.encode(table.X), columns.encode_target(y)
    start = Network.fresh(
        [X.shape[1], *hidden, len(table.classes) if table.classes else 1],
        hidden=activation,
        loss="cross_entropy" if table.classes else "squared_error",
        seed=seed,
        l2=l2,
    )
    network = fit(
        carrying(start, columns),
        X[train],
        targets[train],
        epochs=epochs,
        batch_size=batch_size_for(len(train)),
        validation=VALIDATION,
        seed=seed,
        ids=None if ids is None else [ids[row] for row in train],
        patience=PATIENCE,
        show_progress=show_progress,
    )
    baselines = baseline_scores(table, X, targets, train, held)
    measured = score(network, X[held], targets[held])
    return examine(network, X, targets, train, held, measured, baselines, ids, show_progress)


def examine(
    network: Network,
    X: NDArray[Any],
    y: NDArray[Any],
    train: NDArray[np.intp],
    held: NDArray[np.intp],
    measured: float,
    baselines: dict[str, float],
    ids: Sequence[Any] | None = None,
    show_progress: Show = "auto",
) -> Investigation:
    """Check and blame a trained network over its training rows."""
    few = train[:: max(1, -(-len(train) // CHECKED_ROWS))]
    checked = check(network, X[few], y[few], show_progress=show_progress)
    names = None if ids is None else [ids[row] for row in train]
    accounts = blame(network, X[train], y[train], ids=names, rows=train, show_progress=show_progress)
    return Investigation(network, train, held, measured, baselines, checked, accounts)


def examine_table(network: Network, table: RawTable) -> Investigation:
    """Check and blame a network that was trained before, over all rows of a table."""
    columns = network.columns
    y = target_of(table)
    X = table.X if columns is None else columns.encode(table.X, table.names)
    targets = y if columns is None else columns.encode_target(y)
    rows = np.arange(len(X))
    return examine(network, X, targets, rows, rows[:0], score(network, X, targets), {})


def target_of(table: RawTable) -> NDArray[Any]:
    """The table's target, which blame cannot do without."""
    if table.y is None:
        raise DataError(f"{table.name} has no target `y`, and without one there is no loss to blame anybody for.")
    return table.y


def carrying(network: Network, columns: Columns) -> Network:
    """The network with the description of its columns."""
    return replace(network, columns=columns)


def batch_size_for(n: int) -> int:
    """Rows a step: small for small tables, which need many steps; larger where there are rows enough."""
    return 32 if n < 5_000 else 128 if n < 50_000 else 512


def baseline_scores(
    table: RawTable, X: NDArray[Any], y: NDArray[Any], train: NDArray[np.intp], held: NDArray[np.intp]
) -> dict[str, float]:
    """Simple predictors on the same split: a linear model, and the majority class or the mean."""
    import warnings

    from sklearn.dummy import DummyClassifier, DummyRegressor
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression, Ridge

    models: dict[str, Any]
    if table.classes:
        models = {"logistic regression": LogisticRegression(max_iter=300), "majority": DummyClassifier()}
    else:
        models = {"ridge regression": Ridge(), "mean": DummyRegressor()}
    with warnings.catch_warnings():
        # A baseline that stopped after 300 steps is a baseline still.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return {
            name: float(model.fit(X[train], y[train]).score(X[held], y[held])) if len(held) > 1 else float("nan")
            for name, model in models.items()
        }
