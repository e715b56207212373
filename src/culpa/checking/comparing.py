# SPDX-License-Identifier: MIT
"""The verdict on one block: slopes that were seen beside those that the gradient claims. Knows no function.

A claim is right where every slope agrees within its own bar and the bars are fine enough to see a mistake; everything
is in units of the largest slope of the block, so that no unit of the loss changes a verdict.
"""

from collections.abc import Sequence

import numpy as np

from culpa.checking.differences import Slope
from culpa.checking.verdicts import BlockCheck
from culpa.engine.arrays import Values

__all__ = ["COARSE", "UNSEEN", "verdict"]

EPS = float(np.finfo(np.float64).eps)
UNSEEN = 1e-120
"""A derivative below this vanishes in a complex step itself: its imaginary part leaves the range of float64."""
COARSE = 1e-3
"""An error bar above this share of the derivative could hide a real mistake: what lies within is not called right."""
JUMPS = 10.0
"""Several kinks at once may put a right subgradient outside the one-sided slopes, so many times their distance."""


def verdict(
    name: str,
    slopes: Sequence[Slope],
    claims: Values,
    slack: Values,
    *,
    unseen: float | None = None,
    apart: bool = False,
) -> BlockCheck:
    """Compare what was seen with what the gradient said.

    Args:
        name: The block's.
        slopes: What was seen along each ray; NaN where nothing was.
        claims: What the gradient says along each ray.
        slack: What the claim's own precision explains along each ray.
        unseen: Derivatives no larger than this cannot be seen.
        apart: Whether the slopes are those of single entries, each to be seen in its own unit.
    """
    known = [k for k, slope in enumerate(slopes) if np.isfinite(slope.value)]
    if not known:
        return BlockCheck(name, "not testable", float("nan"), float("inf"), "no finite values beside this point")
    seen, bars, jumps = np.array([slopes[k] for k in known]).T
    said = claims[known]
    # NOTE: two estimates may agree by chance along one ray, whose bar is then too short; half of the others are longer.
    sizes = np.abs(seen)
    longer = np.median(bars[sizes > 0] / sizes[sizes > 0]) * sizes if apart and sizes.any() else np.median(bars)
    bars = np.maximum(bars, longer) + slack[known]
    errors = np.abs(seen - said)
    scale, error, bar, jump = (float(part.max()) for part in (np.abs(seen), errors, bars, jumps))
    relative = bar / scale if scale > 0 else float("inf")
    refused = bool((errors > bars).any())
    plain = bool(((errors > bars) & (jumps == 0)).any())  # where a ray sees no kink, none excuses it
    faint = unseen is not None and max(scale, error) < unseen
    if faint or (not refused and bar >= COARSE * scale) or (refused and not plain and error <= JUMPS * jump):
        note = "a kink lies here" if jump else "the derivative is zero" if scale <= EPS * bar else "below the error bar"
        return BlockCheck(name, "not testable", float("nan"), relative, note)
    if scale == 0:
        return BlockCheck(name, "wrong", 0.0, 0.0, "the derivative is zero")
    off = error / scale
    if apart:
        clear = bars < COARSE * sizes
        off = float((errors / np.where(sizes > 0, sizes, scale))[clear | (errors > bars)].max())
        relative = float((bars[clear] / sizes[clear]).max(initial=0.0))
    digits = max(0.0, -float(np.log10(max(off, EPS / 2))))
    if not refused:
        hidden = int((bars >= COARSE * sizes).sum()) if apart else 0
        note = f"{hidden} of {len(sizes)} entries below the bar" if hidden else ""
        return BlockCheck(name, "right", digits, relative, note)
    return BlockCheck(name, "wrong", digits, relative, constant(seen, said, bars))


def constant(seen: Values, said: Values, bars: Values) -> str:
    """Which constant times the derivative the claim is, in words; empty where it is none.

    Example:
        >>> constant(np.array([1.0, 3.0]), np.array([-2.0, -6.0]), np.array([1e-9, 1e-9]))
        '−2 times the derivative'
    """
    if not said.any():
        return "all zero"
    scale = float(np.abs(seen).max())
    c = float((said / scale) @ (seen / scale)) / float((seen / scale) @ (seen / scale))
    if len(seen) < 2 and not is_plain(c, float(bars[0]) / scale):
        return ""
    doubt = 4 * (1 + abs(c)) * float(bars.max()) / scale
    if abs(c - 1) <= doubt or (np.abs(said - c * seen) > (1 + abs(c)) * bars).any():
        return ""
    if abs(c + 1) <= doubt:
        return "minus the derivative"
    return f"{written(c, doubt)} the derivative".replace("-", "−")


def is_plain(c: float, doubt: float) -> bool:
    """Whether a number is whole, or one over a whole number."""
    return any(
        abs(number - round(number)) <= 8 * doubt * abs(number) for number in (c, 1 / c) if 0.5 < abs(number) < 1e7
    )


def written(c: float, doubt: float) -> str:
    """A constant in as many digits as are sure, as "3 times", "1/60 of" or "1.0001 times"."""
    if abs(c) > 0.5 and abs(c - round(c)) <= doubt:
        return f"{round(c)} times"
    if abs(c) < 1 and abs(1 / c - round(1 / c)) <= doubt / c**2 and abs(1 / c) < 0.1 * abs(c) / doubt:
        return f"{'-' if c < 0 else ''}1/{abs(round(1 / c))} of"
    digits = int(np.clip(3 - np.log10(max(abs(c - 1), doubt)), 4, 15))
    return f"{c:.{digits}g} times"
