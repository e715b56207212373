# SPDX-License-Identifier: MIT
"""Writes the outputs in `README.md` again, by running what stands there. Run `python docs/readme.py` from the root."""

import contextlib
import io
import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"
OUTPUT = re.compile(r"<!-- output: (?P<of>[^\n]*) -->\n```text\n(?P<text>.*?)```", re.DOTALL)
PYTHON = re.compile(r"```python\n(?P<code>.*?)```", re.DOTALL)


def run(what: str, readme: str) -> str:
    """What a command of the command line prints, or the example in Python."""
    if what != "python":
        words = [sys.executable, "-m", *what.split()]
        return subprocess.run(words, capture_output=True, text=True, encoding="utf-8", check=True).stdout
    code = PYTHON.search(readme)
    if code is None:
        raise ValueError("the README has no example in Python")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code["code"], "README.md", "exec"), {"__name__": "readme"})
    return printed.getvalue()


def outputs(readme: str) -> list[tuple[str, str]]:
    """What was run for each output in the text, and what the text says that it printed."""
    return [(match["of"], match["text"]) for match in OUTPUT.finditer(readme)]


if __name__ == "__main__":
    text = README.read_text(encoding="utf-8")
    text = OUTPUT.sub(lambda match: f"<!-- output: {match['of']} -->\n```text\n{run(match['of'], text)}```", text)
    README.write_text(text, encoding="utf-8")
    print("wrote README.md")
