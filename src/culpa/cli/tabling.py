# SPDX-License-Identifier: MIT
"""The options that say how a table is read and what its columns are for: one list, for every command that takes one."""

import inspect
import shlex
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, NamedTuple

import typer

from culpa.cli.common import note
from culpa.errors import OptionError
from culpa.reporting.progress import progress
from culpa.tables.columns import Columns
from culpa.tables.kinds import KINDS, said_kind
from culpa.tables.raw import RawTable
from culpa.tables.reading import read_raw
from culpa.tables.roles import Form, Roles, Task
from culpa.tables.roles import said as roles_and_form

__all__ = ["Asked", "read", "takes_tables"]

Names = list[str] | None


def option(word: str, kind: Any, metavar: str, text: str) -> Any:
    """One option that is None where it is not given."""
    return Annotated[kind, typer.Option(word, metavar=metavar, help=text, show_default=False)]


FORM = {
    "sep": option("--sep", str | None, "CHAR", "What separates the columns of a text file; tab for a tab."),
    "decimal": option("--decimal", str | None, "CHAR", "The decimal sign: . or a comma."),
    "thousands": option("--thousands", str | None, "CHAR", "What groups the digits of large numbers."),
    "encoding": option("--encoding", str | None, "NAME", "Of the text: utf-8, latin-1, utf-16, …"),
    "missing": option("--missing", Names, "WORD", "A word that stands for a missing value. Repeatable."),
    "header": Annotated[
        bool | None, typer.Option("--header/--no-header", help="Whether the first row holds names.", show_default=False)
    ],
}
"""How a file of texts is written, where it is not recognised."""

ROLES = {
    "target": option("--target", str | None, "COLUMN", "The column to predict."),
    "id": option("--id", str | None, "COLUMN", "The column that names the rows."),
    "sample_weight": option("--sample-weight", str | None, "COLUMN", "The column of the rows' weights."),
    "group": option("--group", str | None, "COLUMN", "Equal entries stay on one side of a split."),
    "drop": option("--drop", Names, "COLUMN", "A column to leave out. Repeatable."),
    "kind": option("--kind", Names, "COLUMN=KIND", f"What a column holds: {', '.join(KINDS)}. Repeatable."),
    "task": option("--task", Task | None, "TASK", "classification or regression; by default by what it holds."),
    "positive": option("--positive", str | None, "CLASS", "The class that is looked for."),
}
"""What the columns are for."""

LEARNT = ("group", "drop", "kind", "task")
"""What a trained network knows by itself, or has no use for."""


class Asked(NamedTuple):
    """What was said of a table.

    Args:
        roles: What its columns are for.
        form: How its file is written.
        words: The words of the command line that say so.
        beside_model: Those of them that a network trained on the table does not know by itself.
    """

    roles: Roles
    form: Form
    words: tuple[str, ...]
    beside_model: tuple[str, ...]


def takes_tables(*roles: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Give a command the options of a table's form, and of these roles; it gets them as `asked`.

    Args:
        roles: Which of `ROLES` the command takes; all of them where none is named.
    """
    options = {**{name: ROLES[name] for name in roles or ROLES}, **FORM}

    def decorate(command: Callable[..., int]) -> Callable[..., int]:
        @wraps(command)
        def run(**given: Any) -> int:
            said = {name: given.pop(name, None) for name in options}
            return command(**given, asked=asked_for(said))

        own = [p for p in inspect.signature(command).parameters.values() if p.name != "asked"]
        more = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
            for name, annotation in options.items()
        ]
        keyword = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own]
        run.__signature__ = inspect.Signature([*keyword, *more])  # type: ignore[attr-defined]
        run.__annotations__ = {p.name: p.annotation for p in (*keyword, *more)}
        return run

    return decorate


def asked_for(said: dict[str, Any]) -> Asked:
    """The roles and the form that the options say, and the words that say them again."""
    kinds = dict(map(kind_of, said.get("kind") or ()))
    roles, form = roles_and_form(**{name: value for name, value in said.items() if name != "kind"}, kinds=kinds)
    own = {name: value for name, value in said.items() if name not in LEARNT}
    return Asked(roles, form, tuple(words_of(said)), tuple(words_of(own)))


def kind_of(text: str) -> tuple[str, str]:
    """A column and its kind from "COLUMN=KIND"; the column may hold an equals sign itself."""
    column, equals, kind = text.rpartition("=")
    if not equals or not column:
        raise OptionError(f"--kind must be COLUMN=KIND, such as zip=category; got {shlex.quote(text)}.")
    said_kind(kind)
    return column, kind


def words_of(said: dict[str, Any]) -> list[str]:
    """The options as words, in the order of the list."""
    words = []
    for name, value in said.items():
        word = "--" + name.replace("_", "-")
        if name == "header" and value is not None:
            words.append("--header" if value else "--no-header")
        elif isinstance(value, list):
            words += [entry for each in value for entry in (word, each)]
        elif value is not None:
            words += [word, value]
    return words


def read(source: str, asked: Asked, columns: Columns | None = None, *, needs_target: bool = True) -> RawTable:
    """The raw table, with a note on stderr for whatever was done on the way."""
    with progress("reading", None):
        table = read_raw(source, asked.roles, asked.form, needs_target=needs_target, columns=columns)
    for sentence in table.notes:
        note(sentence)
    return table
