# SPDX-License-Identifier: MIT
"""A finding: one sentence that numbers prove, with the numbers, a remedy and what shows them. Finds nothing itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from culpa.reporting.frames import plain

__all__ = ["Command", "Finding"]

Command = tuple[str, ...] | str
"""The words of a command line, `culpa` among them; or a Python expression, where nobody works on a command line."""


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """One sentence about where the loss comes from.

    Args:
        kind: The word by which it is known, such as "labels" or "dead".
        sentence: What is the case.
        evidence: The numbers that prove it, by name.
        remedy: What to do about it, or what to think of first.
        command: What shows the evidence, or tries the remedy: words of a command line, or a Python expression;
            empty where the present command shows it already.
    """

    kind: str
    sentence: str
    evidence: Mapping[str, Any]
    remedy: str
    command: Command

    def __str__(self) -> str:
        return self.sentence

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold."""
        return {
            "kind": self.kind,
            "sentence": self.sentence,
            "evidence": plain(self.evidence),
            "remedy": self.remedy,
            "command": self.command if isinstance(self.command, str) else list(self.command),
        }
