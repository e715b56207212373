# SPDX-License-Identifier: MIT
"""The first training of the main job: columns learnt, network and recipe chosen or searched, and the training itself.

Encodings are learnt from the training rows alone, and 15 % of these choose the epoch. Knows nothing of rows held out.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.blaming.encoding import Encoded, encoded_apart, encoded_rows
from culpa.engine.network import Network
from culpa.errors import DataError
from culpa.reporting.progress import Show
from culpa.tables.columns import Columns
from culpa.tables.raw import RawTable, learn_columns
from culpa.training.choosing import Choice, choose
from culpa.training.fitting import fit
from culpa.training.rows import Validation
from culpa.training.trials import Tuning
from culpa.training.tuning import start_of
from culpa.training.tuning import tune as search

__all__ = ["VALIDATION", "Taught", "chosen_for", "needs_groups", "taught"]

VALIDATION = 0.15


class Taught(NamedTuple):
    """A network and what it has learnt from.

    Attributes:
        network: Trained; it knows its columns.
        choice: Its shape and its recipe.
        tuning: What a search for them has tried, or None.
        rows: The training rows as it sees them.
    """

    network: Network
    choice: Choice
    tuning: Tuning | None
    rows: Encoded


def taught(
    table: RawTable,
    train: NDArray[np.intp],
    *,
    said: Mapping[str, Any] | None = None,
    validation: RawTable | None = None,
    tune: float | None = None,
    seed: int = 0,
    show_progress: Show = "auto",
) -> Taught:
    """Train a network on some rows of a raw table.

    Args:
        table: The raw table.
        train: The places of these rows.
        said: The entries of its Choice that are neither chosen nor searched.
        validation: Rows of another table, which choose the epoch; by default 15 % of the training rows do.
        tune: Minutes to search for a better choice, or None.
        seed, show_progress: As everywhere.
    """
    needs_groups(table, train, validation)
    columns = learn_columns(table, train)
    choice = chosen_for(table, columns, len(train), said)
    classes = len(table.classes) if table.classes else None
    rows = encoded_rows(table, columns, train, show_progress)
    groups = None if table.groups is None else table.groups[train]
    chooses_epoch: Validation = VALIDATION if validation is None else encoded_apart(validation, columns)
    shared: dict[str, Any] = {"weights": rows.weights, "validation": chooses_epoch, "seed": seed}
    shared["show_progress"] = show_progress
    tuning = None
    if tune is not None:
        given = [name for name, value in (said or {}).items() if value is not None]
        tuning = search(choice, rows.X, rows.y, minutes=tune, classes=classes, groups=groups, fixed=given, **shared)
        choice = tuning.best
    start = replace(start_of(choice, columns.width, classes, seed), columns=columns)
    ids = None if table.ids is None else table.ids[train].tolist()
    inner = groups if validation is None else None
    network = fit(start, rows.X, rows.y, **choice.training(), **shared, groups=inner, ids=ids)
    return Taught(network, choice, tuning, rows)


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
