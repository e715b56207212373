# SPDX-License-Identifier: MIT
"""Commands to copy: what a reader types next, in a box with a button that copies it where there is a script."""

import shlex
from html import escape

from culpa.blaming.findings.finding import Command
from culpa.reporting.terminal import one_line

__all__ = ["command_of", "written"]


def written(command: Command) -> str:
    """A command as it is typed; a Python expression as it is.

    Example:
        >>> written(("culpa", "blame", "my table.csv"))
        "culpa blame 'my table.csv'"
    """
    return command if isinstance(command, str) else one_line(shlex.join(command))


def command_of(command: Command, remark: str = "") -> str:
    """A command in its box; nothing where there is none."""
    line = written(command)
    if not line:
        return ""
    said = f" <span>{escape(remark)}</span>" if remark else ""
    return f'<div class="command"><code>{escape(line)}</code>{said}</div>'
