# SPDX-License-Identifier: MIT
"""One block against one candidate: is it α·data + β·decay, and for which constants?

The plainest reading comes first: as it is (α = 1, β = what belongs there), then one constant by least squares, then
both. A block with hardly more entries than constants would fit anything, so there only constants that have a name are
tried. A large block is looked at in a corner first, and only what fits there is held against the whole. Which
candidates there are is not known here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["CLEAR", "WHOLE", "Constants", "Corner", "Target", "explained", "target_of"]

Corner = tuple[Any, Any]
"""Which rows and which columns of a matrix are looked at."""
WHOLE: Corner = (slice(None), slice(None))
EDGE = 40
"""A block with more rows or columns than this is looked at in a corner first."""
CLEAR = 10.0
"""A constant that moves no entry by so many times what it may be off by is no finding."""
SHARP = 1e-6
"""Where entries are known to this relative precision, one more of them than constants tells; otherwise it takes two."""
Names = tuple[Iterable[float], Iterable[float]]
READINGS = ((False, False), (True, False), (False, True), (True, True))
"""Which of alpha and beta are fitted, the plainest reading first."""


class Constants(NamedTuple):
    """Block = alpha · data + beta · decay."""

    alpha: float
    beta: float


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """A claimed block.

    Args:
        value: Its entries.
        slack: What each may be off by.
        decay: The parameters themselves, in the same shape: what a weight decay adds a multiple of.
        usual: The multiple that belongs there.
        corner: Where it is looked at first.
    """

    value: NDArray[Any]
    slack: NDArray[Any]
    decay: NDArray[Any]
    usual: float
    corner: Corner

    @property
    def spare(self) -> int:
        """So many entries more than constants are needed for a fit to say anything."""
        return 1 if float(self.slack.max()) < SHARP * float(np.abs(self.value).max()) else 2

    def spot(self) -> "Target":
        """The corner as a block of its own."""
        place = np.ix_(*self.corner)
        return Target(self.value[place], self.slack[place], self.decay[place], self.usual, WHOLE)


def target_of(value: NDArray[Any], slack: NDArray[Any], decay: NDArray[Any], usual: float) -> Target:
    """A claimed block with the corner in which its entries are largest."""
    corner = WHOLE
    if value.ndim == 2 and max(value.shape) > EDGE:
        sides = [np.argsort(-np.abs(value).sum(axis=1 - axis))[:EDGE] for axis in (0, 1)]
        corner = (sides[0], sides[1])
    return Target(value, slack, decay, usual, corner)


def explained(
    target: Target, data: Callable[[Corner], NDArray[Any]], free: int, names: Names = ((), ())
) -> Constants | None:
    """The constants with which a candidate explains a block, at most `free` of them unusual; None if it does not.

    Args:
        target: The claimed block.
        data: The candidate's entries in a corner.
        free: How many of the two constants may be fitted: 0, 1 or 2.
        names: The values of each that have a name, for blocks too small to fit one.
    """
    spot = None if target.corner is WHOLE else (target.spot(), data(target.corner))
    for fitted in READINGS[: (1, 3, 4)[free]]:
        if spot is None or reading(*spot, fitted, names) is not None:
            found = reading(target, data(WHOLE), fitted, names)
            if found is not None:
                return found
    return None


def reading(target: Target, data: NDArray[Any], fitted: tuple[bool, bool], names: Names) -> Constants | None:
    """The constants of one reading, if it fits."""
    parts, usual = (data, target.decay), (1.0, target.usual)
    columns = [part for part, fit in zip(parts, fitted, strict=True) if fit]
    rest = target.value - sum(c * part for c, part, fit in zip(usual, parts, fitted, strict=True) if c and not fit)
    if not columns:
        return Constants(*usual) if (np.abs(rest) <= target.slack).all() else None
    if any((np.abs(column) <= target.slack).all() for column in columns):
        return None
    informative = np.count_nonzero(np.any([np.abs(column) > target.slack for column in columns], axis=0))
    if informative >= len(columns) + target.spare:
        tries = [solved([column / target.slack for column in columns], rest / target.slack)]
    else:
        tries = [(constant,) for constant in names[fitted.index(True)]] if len(columns) == 1 else []
    for constants in tries:
        moved = [
            abs(c - own) * float(np.abs(column / target.slack).max())
            for c, own, column in zip(
                constants, (own for own, fit in zip(usual, fitted, strict=True) if fit), columns, strict=True
            )
        ]
        if min(moved) < CLEAR:
            continue
        off = rest - sum(c * column for c, column in zip(constants, columns, strict=True))
        if (np.abs(off) <= target.slack).all():
            fill = iter(constants)
            return Constants(*(float(next(fill)) if fit else c for c, fit in zip(usual, fitted, strict=True)))
    return None


def solved(columns: list[NDArray[Any]], rest: NDArray[Any]) -> tuple[float, ...]:
    """Least squares; one constant needs no matrix."""
    if len(columns) == 1:
        return (float((columns[0] * rest).sum() / (columns[0] * columns[0]).sum()),)
    A = np.stack([column.ravel() for column in columns], axis=1)
    return tuple(map(float, np.linalg.lstsq(A, rest.ravel(), rcond=None)[0]))
