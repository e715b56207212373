# SPDX-License-Identifier: MIT
"""Roles and forms: what the reader says of a table. What its columns are for, and how its file is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Form", "Roles", "Task"]

Task = Literal["classification", "regression"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """What the columns of a table are for.

    Args:
        target: What is to be predicted.
        id: The column that names the rows; every row has another.
        sample_weight: The column of the rows' weights.
        group: The column whose equal entries stay on one side of every split.
        drop: Columns that are left out.
        kinds: What columns hold, where it is not to be judged: "category", "date:%d/%m/%Y", …
        task: "classification" or "regression", where it is not to be inferred.
        positive: The class that is looked for.
    """

    target: str | None = None
    id: str | None = None
    sample_weight: str | None = None
    group: str | None = None
    drop: tuple[str, ...] = ()
    kinds: Mapping[str, str] = field(default_factory=dict)
    task: Task | None = None
    positive: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a file of texts is written; what is None is recognised.

    Args:
        sep: What separates the columns.
        decimal: "." or ",".
        thousands: What groups the digits of large numbers; by default nothing does.
        encoding: Of the text, such as utf-8, latin-1, utf-16.
        missing: Words that stand for a missing value, beside the usual ones.
        header: Whether the first row holds the names.
    """

    sep: str | None = None
    decimal: Literal[".", ","] | None = None
    thousands: str | None = None
    encoding: str | None = None
    missing: tuple[str, ...] = ()
    header: bool | None = None
