# SPDX-License-Identifier: MIT
"""A Check as text in 80 columns: the sentence that matters first, then a row a block. Knows no gradient."""

from collections.abc import Iterator
from io import StringIO
from typing import TYPE_CHECKING

import numpy as np

from culpa.checking.verdicts import BlockCheck, Check
from culpa.reporting.terminal import console, count, folded, table

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["check_text", "show_check", "summary"]

MOST_NAMES = 6
"""A sentence lists no more blocks than these by name; the table lists all."""


def check_text(check: Check) -> str:
    """The whole check as plain text."""
    page = StringIO()
    show_check(console(page), check)
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines())


def show_check(to: "Console", check: Check) -> None:
    """Print the summary and the table.

    Args:
        to: Where.
        check: What `check` and its kin return.
    """
    to.print(folded(summary(check), to.width))
    to.print()
    headers = ["block", "verdict", "digits", "bar", *(["note"] if any(block.note for block in check.blocks) else [])]
    rows = ([*cells(block), block.note][: len(headers)] for block in check.blocks)
    table(to, headers, rows, left=["block", "verdict", "note"])


def summary(check: Check) -> str:
    """What the check says, in one sentence.

    Example:
        >>> summary(Check((BlockCheck("W_1", "right", 14.2, 1e-12), BlockCheck("b_1", "wrong", 0.0, 1e-12))))
        'gradient WRONG in b_1, 1 of 2 blocks, by complex steps'
    """
    total = count(len(check.blocks), "block")
    wrong, unseen = (named(check, verdict) for verdict in ("wrong", "not testable"))
    if wrong:
        return f"gradient WRONG in {shortened(wrong)}, {len(wrong)} of {total}, by {check.method}"
    if not check.ok:
        return f"gradient not testable at this point, 0 of {total} seen, by {check.method}"
    rest = f"; {shortened(unseen)} not testable here" if unseen else ""
    many = f"{len(check.blocks) - len(unseen)} of {total}"
    return f"gradient right to {int(check.digits)} digits, {many}, by {check.method}{rest}"


def named(check: Check, verdict: str) -> list[str]:
    """The names of the blocks with this verdict."""
    return [block.name for block in check.blocks if block.verdict == verdict]


def shortened(names: list[str]) -> str:
    """The first few names."""
    more = len(names) - MOST_NAMES
    return ", ".join(names[:MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


def cells(block: BlockCheck) -> Iterator[str]:
    """One block's entries as texts."""
    yield block.name
    yield block.verdict.upper() if block.verdict == "wrong" else block.verdict
    yield "–" if np.isnan(block.digits) else f"{block.digits:.1f}"
    yield "–" if not np.isfinite(block.bar) else f"{block.bar:.0e}".replace("e-0", "e-").replace("e+0", "e+")
