# SPDX-License-Identifier: MIT
"""Writes the outputs in the documents again, by running what stands there. Run `python docs/outputs.py` from the root.

An output follows a marker: of a command of the command line, or of the Python examples above it, which share names.
Commands whose output is a file stand behind the marker `<!-- run -->`. Each document runs in a folder of its own, which
holds the examples and the data of the tutorials, and keeps what is saved there for the commands that follow.
"""

import contextlib
import io
import re
import shlex
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from culpa import CulpaWarning

ROOT = Path(__file__).parents[1]
DOCUMENTS = (
    "README.md",
    "docs/tutorial.md",
    "docs/wrong_labels.md",
    "docs/tables.md",
    "docs/training.md",
    "docs/blame.md",
    "docs/checking.md",
    "docs/explaining.md",
    "docs/howto/assignment.md",
    "docs/howto/cleanlab.md",
    "docs/howto/custom_backward.md",
    "docs/howto/predict_new_rows.md",
    "docs/howto/verify.md",
)
PART = re.compile(
    r"```python\n(?P<code>.*?)```|<!-- output: (?P<of>[^\n]*) -->\n```text\n(?P<text>.*?)```"
    r"|<!-- run -->\n```sh\n(?P<commands>.*?)```",
    re.DOTALL,
)


class Output(NamedTuple):
    """One output in a document.

    Attributes:
        of: What was run: a command, or "python".
        shown: What the document says that it printed.
        printed: What it prints.
    """

    of: str
    shown: str
    printed: str


def command(words: list[str]) -> str:
    """What a command of the command line prints; one that finds something wrong ends with 1."""
    ran = subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, encoding="utf-8", check=False)
    if ran.returncode not in (0, 1):
        raise RuntimeError(f"{' '.join(words)} ended with {ran.returncode}: {ran.stderr}")
    return ran.stdout


@contextlib.contextmanager
def folder() -> Iterator[None]:
    """A folder where a reader would run a document: examples and data are there, and nothing else."""
    with tempfile.TemporaryDirectory() as place, contextlib.chdir(place):
        for source in (ROOT / "examples", ROOT / "docs", *(ROOT / "docs" / "data").glob("*.csv")):
            Path(source.name).symlink_to(source)
        yield


def outputs(document: str) -> list[Output]:
    """Run a document from top to bottom."""
    with folder():
        return run(document)


def run(document: str) -> list[Output]:
    """Run its parts one after another."""
    names: dict[str, Any] = {"__name__": "document"}
    printed, found = "", []
    for part in PART.finditer(document):
        if part["code"] is not None:
            out = io.StringIO()
            with contextlib.redirect_stdout(out), warnings.catch_warnings():
                warnings.simplefilter("ignore", CulpaWarning)  # as stderr is, on which a reader sees it
                exec(compile(part["code"], "document", "exec"), names)
            printed = out.getvalue()
        elif part["commands"] is not None:
            for line in part["commands"].splitlines():
                command(shlex.split(line, comments=True))
        else:
            said = printed if part["of"] == "python" else command(shlex.split(part["of"]))
            found.append(Output(part["of"], part["text"], said))
    return found


def rewritten(document: str) -> str:
    """The document with what is printed in place of what it shows."""
    for of, shown, printed in outputs(document):
        old, new = (f"<!-- output: {of} -->\n```text\n{text}```" for text in (shown, printed))
        document = document.replace(old, new, 1)
    return document


if __name__ == "__main__":
    for name in DOCUMENTS:
        path = ROOT / name
        path.write_text(rewritten(path.read_text(encoding="utf-8")), encoding="utf-8")
        print(f"wrote {name}")
