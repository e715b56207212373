# SPDX-License-Identifier: MIT
"""What several commands share: options, JSON, notes on stderr, and the footer that reproduces a result."""

import json
import os
import shlex
import stat
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Annotated, Any

import typer

from culpa.engine.network import Network
from culpa.errors import OptionError
from culpa.reporting.frames import plain
from culpa.reporting.terminal import command_line
from culpa.tables.raw import RawTable
from culpa.tables.reading import told_of
from culpa.tables.table import arrays_for

__all__ = [
    "SCHEMA",
    "Data",
    "Json",
    "emit_json",
    "encoded",
    "footer",
    "keeps_inputs",
    "made_line",
    "note",
    "refuse_idle",
    "versions",
    "widths",
]

SCHEMA = 1
"""The version of every JSON document that the command line prints."""

Data = Annotated[
    str, typer.Argument(metavar="DATA", help="A table, a bundled name, or - for stdin.", show_default=False)
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of the report.")]


def emit_json(command: str, document: dict[str, Any]) -> None:
    """Print one document on stdout; NaN becomes null."""
    whole = {"schema": SCHEMA, "command": command, "culpa": version("culpa"), **plain(document)}
    plain_ascii = "utf" not in (sys.stdout.encoding or "").lower()
    sys.stdout.write(json.dumps(whole, ensure_ascii=plain_ascii, indent=1, allow_nan=False) + "\n")


def note(text: str) -> None:
    """A line on stderr, not a result but good to know; what names from data hold, a terminal does not obey."""
    sys.stderr.write("".join(letter if letter.isprintable() or letter == "\n" else "·" for letter in text) + "\n")


def widths(text: str) -> list[int]:
    """The widths of the hidden layers from "64,32"; "" or "none" has none.

    Example:
        >>> widths("64,32"), widths("none")
        ([64, 32], [])
    """
    if text.strip() in ("", "none"):
        return []
    try:
        sizes = [int(part) for part in text.split(",")]
    except ValueError:
        sizes = [0]
    if min(sizes) < 1:
        raise OptionError(f"--hidden must be widths such as 64,32, or none; got {text!r}.")
    return sizes


def keeps_inputs(output: str, *inputs: str | None) -> None:
    """Refuse to write over what was read, whatever it is called; - is the file that standard input comes from."""
    for source in inputs:
        if source is not None and one_file(source, output):
            raise OptionError(f"{output} is what was read, and would be written over.", hint="choose another file.")


def one_file(source: str, output: str) -> bool:
    """Whether two names are those of one file."""
    try:
        # Names alone would not do: folders may not tell capitals apart, and standard input has no name.
        there = os.stat(output)
        if os.path.samestat(there, os.fstat(sys.stdin.fileno()) if source == "-" else os.stat(source)):
            return stat.S_ISREG(there.st_mode)
    except (OSError, ValueError, AttributeError):
        pass  # the one or the other is not there, or standard input is no file
    return source != "-" and os.path.realpath(source) == os.path.realpath(output)


def versions() -> str:
    """Which culpa and which numpy."""
    return f"culpa {version('culpa')}, numpy {version('numpy')}"


def encoded(network: Network, raw: RawTable) -> tuple[Any, Any]:
    """The table as the network sees it."""
    with told_of(raw.name):
        return arrays_for(raw, network.columns)


def footer(words: Sequence[str], data: str | None = None) -> dict[str, str]:
    """What it takes to get the same again: the command, the versions, the data's checksum."""
    found = {"reproduce": "culpa " + shlex.join(words), "versions": versions()}
    return found if data is None else {**found, "data": data}


def made_line(words: Sequence[str], data: str | None = None, remark: str = "") -> str:
    """The same for people, in one line, or in several where it is long."""
    checksum = "" if data is None else f"; data {data}"
    return command_line("made: ", ["culpa", *words], f"{remark}{versions()}{checksum}")


def refuse_idle(options: Mapping[str, object], why: str) -> None:
    """Refuse options that would play no part, rather than ignore them."""
    idle = [name for name, value in options.items() if value is not None and value is not False]
    if idle:
        raise OptionError(f"{', '.join(idle)} {why}.")
