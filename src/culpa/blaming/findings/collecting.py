# SPDX-License-Identifier: MIT
"""Collecting: every kind of finding asked in turn, in the order in which they matter.

First what makes all else doubtful, then what is wrong with the data, then with the network, then what could be better.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from culpa.blaming.findings.case import Case, is_done
from culpa.blaming.findings.finding import Finding
from culpa.blaming.findings.of_columns import idle_columns, lone_column
from culpa.blaming.findings.of_labels import contradicting, few_rows, memorised, wrong_labels
from culpa.blaming.findings.of_network import (
    dead_units,
    fading_errors,
    idle_layer,
    saturated_units,
    strong_penalty,
    wrong_gradient,
)
from culpa.blaming.findings.of_training import beaten, no_better, unfinished
from culpa.blaming.labels.record import was_interrupted

if TYPE_CHECKING:
    from culpa.blaming.account import Blame
    from culpa.blaming.investigating import Investigation

__all__ = ["KINDS", "findings_of"]

KINDS: tuple[Callable[[Case], Finding | None], ...] = (
    wrong_gradient,
    wrong_labels,
    few_rows,
    beaten,
    lone_column,
    contradicting,
    memorised,
    no_better,
    fading_errors,
    dead_units,
    saturated_units,
    idle_layer,
    strong_penalty,
    unfinished,
    idle_columns,
)
"""Each says what it proves, or nothing."""


def findings_of(
    blame: "Blame",
    *,
    investigation: "Investigation | None" = None,
    said: Sequence[str] = (),
    pictures: bool = False,
    beside: Sequence[str] = (),
) -> tuple[Finding, ...]:
    """What the numbers of a blame prove, in sentences, what matters most first.

    Args:
        blame: The accounts.
        investigation: All that the main job found, for what accounts alone do not know.
        said: The words of the present command line behind `culpa`, of which the next commands are made; without them
            these are Python expressions, of `blame` or of what `investigate` has `found`.
        pictures: Whether the rows are pictures, of whose points nothing is said one by one.
        beside: What else stands on that command line, such as --suspects: what it shows already is not said again.

    Returns:
        The findings; none where the numbers prove nothing.
    """
    case = Case(blame, investigation, tuple(said), pictures, tuple(beside))
    return tuple(worth_saying(found, case) for kind in KINDS if (found := kind(case)) is not None)


def worth_saying(found: Finding, case: Case) -> Finding:
    """A finding, without its command where that is the present one, or would take all that Ctrl-C has ended."""
    if not case.said or isinstance(found.command, str):
        return found
    found_in = case.investigation
    ended = found_in is not None and was_interrupted(found_in.network) and "--model" not in case.said
    if ended or is_done(found.command[1:], (*case.said, *case.beside)):
        return replace(found, command=())
    return found
