# SPDX-License-Identifier: MIT
"""Calling the command line from within a test, and small tables to call it with. Knows no command."""

import contextlib
import io
import json
import re
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from culpa.cli import main

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(60, 3)) * [1, 10, 100]
AWKWARD = ["a,b", 'say "hi"', "<b>&amp;</b>", "two\nlines", "car\rriage", "été, 語", "[red]r[/red]", " space "]
"""Class labels as they may stand in somebody's table."""


class Answer(NamedTuple):
    """What a call gave back: the exit code and both streams."""

    code: int
    out: str
    err: str

    @property
    def joined(self) -> str:
        """Stdout with the lines of a long command as one, as a shell reads them."""
        return re.sub(r" \\\n +", " ", self.out)

    @property
    def json(self) -> Any:
        """The one document on stdout."""
        return json.loads(self.out)


def call(*words: object) -> Answer:
    """Run one command, with streams that are no terminals."""
    out, err = io.StringIO(newline=""), io.StringIO(newline="")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([str(word) for word in words])
    return Answer(code, out.getvalue(), err.getvalue())


@cache
def called(*words: str) -> Answer:
    """As `call`, once for all tests that ask for the same."""
    return call(*words)
