# SPDX-License-Identifier: MIT
"""Refusals: one sentence for each way in which somebody's file can fail in the sandbox, and what to try.

Everything that comes from the child (names, messages, lines of code) is shown on one line and cut. Knows how a child
ends and what it writes; starts none.
"""

import linecache
import os
import re
import signal
import sys
from pathlib import Path
from typing import Any, NamedTuple

from culpa.errors import CulpaError, DataError, FileError
from culpa.reporting.terminal import one_line

__all__ = ["Ending", "RaisedError", "needs_file", "refusal"]

WIDEST = 200
"""Letters of a message that are shown."""
GUARD = 'what only a run of the file needs belongs under `if __name__ == "__main__":`.'
CALLED = (
    "it is called as gradient(weights, biases, X, y): weights[0] is (d_1, d_0), biases[0] is (d_1,), "
    "and X is (n, d_0) with a row for each example."
)
TABLE = {
    "exit": ("calls exit(){at}", "a gradient must return; take that call out."),
    "terminal": ("reads from the terminal{at}, and has none here", "use the arguments instead of asking."),
    "memory": ("needs more memory than the {memory} that it may have{at}{message}", "is an array larger than meant?"),
    "module": ("imports {missing}{at}, which is not found here", "install it for {python}, or put it beside the file."),
    "syntax": ("is not valid Python{at}{message}", None),
    "raised": ("raises {exception}{at}{message}", None),
    "none": ("returns None", "did it forget to return?"),
    "not found": ("{plain}", None),
    "unsendable": ("returns {what}{where}", "return arrays, or lists, tuples and dicts of them."),
}
"""For each kind of failure what the file or its function does, and what to try."""


class RaisedError(DataError):
    """The function raised an error of its own; on other arguments it may not."""


class Ending(NamedTuple):
    """How a child ended.

    Attributes:
        code: Its exit code, minus the signal that ended it; None where its time was up.
        loud: Whether it printed too much.
        printed: What it printed, both streams together.
    """

    code: int | None
    loud: bool
    printed: str


def needs_file(path: str | os.PathLike[str]) -> None:
    """Refuse what cannot be a Python file, before anything is started."""
    name = one_line(os.fspath(path))
    if os.path.isdir(path):
        raise FileError(f"{name} is a folder, not a Python file.", hint="name a file in it.")
    if not os.path.exists(path):
        raise FileError(f"{name} does not exist.")
    if Path(path).suffix == ".ipynb":
        raise FileError(f"{name} is a notebook, not a Python file.", hint="jupyter nbconvert --to script writes one.")
    if not os.path.isfile(path) or not os.access(path, os.R_OK):
        raise FileError(f"{name} cannot be read as a file.", hint="may you read it?")


def refusal(
    path: str | os.PathLike[str],
    ending: Ending,
    failure: dict[str, Any] | None,
    folder: Path,
    limits: dict[str, Any],
) -> CulpaError:
    """Make the error for a run that gave no values.

    Args:
        path: The file, as it was named.
        ending: How the process ended.
        failure: What the runner says of it, if it could still speak.
        folder: Where the runner left its stage and its traces.
        limits: The seconds and the memory that it had.

    Returns:
        A FileError where the file could not be imported or has no gradient, a DataError where the function failed.
    """
    stage, _, function = text_of(folder / "stage").partition(" ")
    name = one_line(os.fspath(path))
    subject = f"`{one_line(function)}` in {name}" if function else name
    does, hint = says(failure, limits) if failure else ended(ending, line_in(folder / "traces", path), stage, limits)
    if hint is None and failure and failure["kind"] == "raised":
        hint = advice(failure["exception"], calling=bool(function))
    kind = FileError if not function else RaisedError if failure and failure["kind"] == "raised" else DataError
    return kind(f"{subject} {does.rstrip('. ')}.", hint=hint)


def says(failure: dict[str, Any], limits: dict[str, Any]) -> tuple[str, str | None]:
    """What the runner's failure is in words, and its hint."""
    shown = {key: cut(one_line(value), WIDEST) for key, value in failure.items() if isinstance(value, str)}
    message, where = shown.get("message", ""), shown.get("where", "")
    words = {
        **shown,
        "at": at(failure.get("line"), shown.get("code", ""), shown.get("neighbour", "")),
        "message": f": {message}" if message else "",
        "plain": message,
        "where": f" at {where}" if where else "",
        "memory": f"{limits['memory'] / 2**30:.3g} GiB",
    }
    if words.get("what") == "too much":
        return "returns more than 200 MB", "is an array larger than meant?"
    does, hint = TABLE[failure["kind"]]
    hint = failure.get("hint") or hint
    return does.format_map(words), hint and hint.replace("{python}", sys.executable)


def ended(ending: Ending, line: str, stage: str, limits: dict[str, Any]) -> tuple[str, str | None]:
    """How a process that left no answer ended, in words, and a hint."""
    if ending.loud:
        return "prints more than 64 kB", "take the printing out."
    if ending.code is None:
        return f"was not done within {limits['seconds']:g} s{line}", "does it loop?" if stage == "call" else GUARD
    if not stage:
        last = cut(one_line(ending.printed.rstrip().rpartition("\n")[2]), WIDEST)
        return f"could not be run, because Python itself ended with exit code {ending.code}", last or None
    if ending.code < 0:
        hint = "was there too little memory?" if ending.code == -9 else None
        return f"crashed with {signal_name(-ending.code)}{line}", hint
    return f"ended its process with exit code {ending.code}", "a gradient must return; does it call os._exit()?"


def advice(exception: str, *, calling: bool) -> str:
    """What to try when a file raises an error of its own."""
    if exception in ("FileNotFoundError", "NotADirectoryError"):
        return "it runs in an empty folder; name files from Path(__file__).parent."
    return CALLED if calling else GUARD


def at(line: int | None, code: str, neighbour: str = "") -> str:
    """Where in the file, as a part of a sentence; nothing where it is not known."""
    file = f" of {neighbour}" if neighbour else ""
    return f" in line {line}{file}" + (f", `{cut(code, 80)}`" if code else "") if line else ""


def line_in(traces: Path, path: str | os.PathLike[str]) -> str:
    """The innermost line of the file in what the interpreter wrote down as it was stopped, as a part of a sentence."""
    file = os.path.abspath(path)
    escaped = file.encode("ascii", "backslashreplace").decode()
    found = re.search(rf'^ +File "{re.escape(escaped)}", line (\d+)', text_of(traces), flags=re.MULTILINE)
    if found is None:
        return ""
    linecache.checkcache(file)
    return at(int(found[1]), one_line(linecache.getline(file, int(found[1])).strip()))


def text_of(path: Path) -> str:
    """A small file of the runner's; nothing where there is none."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def signal_name(number: int) -> str:
    """A signal by its name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def cut(text: str, width: int) -> str:
    """A text of so many letters at the most."""
    return text if len(text) <= width else f"{text[: width - 1]}…"
