# SPDX-License-Identifier: MIT
"""Progress on a terminal: a bar on stderr that appears once a job has taken a while, and leaves nothing behind."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock, Timer
from time import monotonic
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["Advance", "Show", "progress"]

Show = bool | Literal["auto"]
PATIENCE = 0.8
"""Seconds before a bar appears: what is over sooner needs none."""


class Advance(Protocol):
    """Tells the bar that one more step is done, or several, and in a few words how things stand."""

    def __call__(self, note: str = "", by: int = 1) -> None:
        """Advance by so many steps."""


def quiet(note: str = "", by: int = 1) -> None:
    """Advance nothing."""
    del note, by


@contextmanager
def progress(label: str, total: int | None, *, show: Show = "auto") -> Iterator[Advance]:
    """Show how far a job of `total` steps has come, with the time left.

    Args:
        label: What is being done, one word or two.
        total: The number of steps; None for a job that cannot tell, whose bar shows that it lives, and for how long.
        show: "auto" shows a bar where stderr is a terminal; False never does, True always.

    Example:
        >>> with progress("training", 3, show=False) as advance:
        ...     for epoch in range(3):
        ...         advance(f"loss {1 / (epoch + 1):.2f}")
    """
    if show is False or (show == "auto" and not (sys.stderr and sys.stderr.isatty())):
        yield quiet
        return
    begun, lock = monotonic(), RLock()
    bar: Progress | None = None
    done, over = 0, False

    def show_now(note: str = "") -> None:
        nonlocal bar
        with lock:
            if bar is None and not over and monotonic() - begun >= PATIENCE:
                bar = new_bar(label, total)
                bar.start()
            if bar is not None:
                bar.update(bar.task_ids[0], completed=done, note=note)

    def advance(note: str = "", by: int = 1) -> None:
        nonlocal done
        done += by
        show_now(note)

    # A clock of its own, so that a job whose first step is long shows that it lives.
    timer = Timer(PATIENCE, show_now)
    timer.daemon = True
    if PATIENCE > 0:
        timer.start()
    try:
        yield advance
    finally:
        timer.cancel()
        with lock:
            over = True
            if bar is not None:
                bar.stop()


def new_bar(label: str, total: int | None) -> "Progress":
    """Rich's bar on stderr, erased when it stops."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=16),
        *([TimeElapsedColumn()] if total is None else [MofNCompleteColumn(), TimeRemainingColumn(compact=True)]),
        TextColumn("{task.fields[note]}", markup=False),
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    bar.add_task(label, total=total, note="")
    return bar
