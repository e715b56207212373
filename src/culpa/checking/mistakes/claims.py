# SPDX-License-Identifier: MIT
"""A claim: somebody else's gradient, block by block, with the precision in which it was written down.

Numbers tell how they were rounded: float32 ones stay float32 ones when they are widened, and printed ones have short
decimals. How a gradient is read from what people keep it in is told in `reading`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Claim", "rounded", "single"]

EPS32 = float(np.finfo(np.float32).eps)
FINE, COARSE = 1e-9, 200 * EPS32
"""What a right entry may be off by, relative to the size of what was summed to make it: in float64 and in float32."""
LOOKED_AT = 1000
"""So many entries are enough to see how a gradient was rounded."""
FEWEST = 8
"""With fewer entries than this, very short decimals are taken as they are, not as rounded."""


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """Somebody's gradient.

    Args:
        weights: dW_1 … dW_L, each (d_k, d_{k−1}) or its transpose.
        biases: db_1 … db_L, each (d_k,), (n,) or (); None where there is none.
        relative: What an entry may be off by, relative to the size of the sum that made it.
        digits: To how many significant digits the entries were rounded, or None.
        decimals: To how many decimals, or None.
        turned: Whether every dW was given as (inputs, outputs), and has been transposed.
        notes: How it was read, where that was a choice.
    """

    weights: tuple[NDArray[Any], ...]
    biases: tuple[NDArray[Any] | None, ...]
    relative: float
    digits: int | None = None
    decimals: int | None = None
    turned: bool = False
    notes: tuple[str, ...] = ()

    @property
    def tolerance(self) -> float:
        """To what relative error a constant can be read off."""
        rounding = 0.0 if self.digits is None else 10.0 ** (1 - self.digits)
        return max(100 * self.relative, rounding, 1e-3 if self.decimals is not None else 0.0)

    @property
    def is_coarse(self) -> bool:
        """Whether so much is rounded off that a right gradient can be told from a wrong one, but no mistake named."""
        largest = max(float(np.abs(W).max()) for W in self.weights)
        return (self.digits or 9) < 3 or (self.decimals is not None and 10.0**-self.decimals > 3e-3 * largest)

    def slack(self, block: NDArray[Any], size: float) -> NDArray[Any]:
        """What each entry of a block may be off by, where `size` is the largest sum of absolute terms.

        A rounded entry gets a whole unit of its last digit and not a half, as constants are fitted to rounded entries.
        """
        slack = np.full(block.shape, self.relative * (max(size, float(np.abs(block).max(initial=0.0))) or 1.0))
        if self.digits is not None:
            magnitude = np.floor(np.log10(np.abs(block), where=block != 0, out=np.zeros(block.shape)))
            slack += np.where(block != 0, 1.01 * 10.0 ** (magnitude - self.digits + 1), 0)
        if self.decimals is not None:
            slack += 1.01 * 10.0**-self.decimals
        return np.maximum(slack, np.finfo(np.float64).tiny)


def rounded(claim: Claim) -> Claim | None:
    """The same claim, read as rounded for print; None where its entries are not short decimals."""
    blocks = [*claim.weights, *(b for b in claim.biases if b is not None)]
    entries = np.concatenate([block.ravel() for block in blocks])
    entries = entries[entries != 0]
    few = entries[:: max(1, len(entries) // LOOKED_AT)]
    if len(entries) < 2:
        return None
    with np.errstate(over="ignore"):
        if (few.astype(np.float16) == few).all():
            return replace(claim, digits=3)
    digits = np.array([shortest(x, lambda x, count: f"{x:.{count - 1}e}", range(1, 9)) for x in few])
    decimals = np.array([shortest(x, lambda x, count: f"{x:.{count}f}", range(1, 9)) for x in few])
    # NOTE: numbers of so many digits mostly use them all, and so do numbers of so many decimals: more of them decide.
    shares = [float((counts == counts.max()).mean()) for counts in (digits, decimals)]
    if decimals.max() <= 8 and (digits.max() > 8 or shares[1] >= shares[0]):
        found = replace(claim, decimals=int(decimals.max()))
    elif digits.max() <= 8:
        found = replace(claim, digits=int(digits.max()))
    else:
        return None
    return None if len(entries) < FEWEST and found.is_coarse else found


def shortest(x: float, written: Callable[[float, int], str], counts: range) -> int:
    """The least number of digits, written in some way, that gives a number back, in float64 or float32; 99 if none."""
    return next((n for n in counts if float(written(x, n)) == x or np.float32(written(x, n)) == np.float32(x)), 99)


def single(blocks: Iterable[NDArray[Any]]) -> float:
    """The relative error that the arrays' own precision explains: float32, also where it was widened later."""
    wide = [block.astype(np.float64) for block in blocks]
    short = all((block.astype(np.float32) == block).all() for block in wide)
    return COARSE if short else FINE
