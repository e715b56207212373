# SPDX-License-Identifier: MIT
"""Collecting: every kind of finding asked in turn, those that matter first."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from culpa.blaming.findings.finding import Finding

if TYPE_CHECKING:
    from culpa.blaming.investigating import Investigation

__all__ = ["findings_of"]


def findings_of(
    blame: Any, *, investigation: "Investigation | None" = None, said: Sequence[str] = ()
) -> tuple[Finding, ...]:
    """What the numbers of a blame prove, what matters most first."""
    del blame, investigation, said
    return ()
