# SPDX-License-Identifier: MIT
"""Roles and forms: what the reader says of a table. What its columns are for, and how its file is written."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from culpa.errors import OptionError, unknown_name

__all__ = ["Form", "Roles", "Task", "needs_no_form", "said"]

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
    positive: str | float | None = None


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


OF_ROLES = tuple(entry.name for entry in fields(Roles))
OF_FORM = tuple(entry.name for entry in fields(Form))
SEVERAL = ("drop", "missing")
"""What may be said more than once."""


def said(target: str | None = None, **reading: Any) -> tuple[Roles, Form]:
    """The roles and the form that a reader says; whoever takes them as arguments or options has them from here.

    Args:
        target: The column to predict.
        reading: Any other field of `Roles` or `Form`; None says nothing, and one word stands for a list of one.

    Raises:
        OptionError: If there is no such field.

    Example:
        >>> said("price", missing="n.a.")[1].missing
        ('n.a.',)
    """
    for name in reading:
        if name not in (*OF_ROLES, *OF_FORM):
            raise unknown_name("option", name, (*OF_ROLES, *OF_FORM))
    given = {name: value for name, value in {"target": target, **reading}.items() if value is not None}
    for name in given.keys() & {"target", "id", "sample_weight", "group"}:
        given[name] = column_name(name, given[name])
    for name in SEVERAL:
        if name in given:
            several = [given[name]] if isinstance(given[name], str | int | float) else given[name]
            if not isinstance(several, Iterable):
                raise OptionError(f"`{name}` must be a text or several; got {several!r}.")
            given[name] = tuple(map(str, several))
    if "kinds" in given:
        if not isinstance(given["kinds"], Mapping):
            raise OptionError('`kinds` must say what each column holds, {"zip": "category"}.')
        given["kinds"] = {str(column): str(kind) for column, kind in given["kinds"].items()}
    roles = Roles(**{name: given[name] for name in OF_ROLES if name in given})
    return roles, Form(**{name: given[name] for name in OF_FORM if name in given})


def column_name(role: str, name: Any) -> str:
    """The name of a column, which some libraries let be a number."""
    if isinstance(name, str | int | tuple) or (type(name).__module__ == "numpy" and not getattr(name, "shape", (1,))):
        return str(name)
    raise OptionError(
        f"`{role}` must be the name of a column; got {type(name).__name__}.", hint="put the values into the table."
    )


def needs_no_form(form: Form, what: str, but: Collection[str] = ()) -> None:
    """Refuse what is said of the form of a text where it would play no part.

    Args:
        form: What the reader says.
        what: What the table is instead of a text, such as "Parquet".
        but: The fields that do play a part.
    """
    idle = [name for name in OF_FORM if name not in but and getattr(form, name) not in (None, ())]
    if idle:
        word = "no-header" if idle[0] == "header" and not form.header else idle[0]
        raise OptionError(f"--{word} says how a CSV file is written, and has no meaning for {what}.")
