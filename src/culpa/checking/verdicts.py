# SPDX-License-Identifier: MIT
"""What a check says: a verdict on each block of parameters, with its digits and its error bar. Knows no gradient."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

__all__ = ["BlockCheck", "Check", "Verdict"]

Verdict = Literal["right", "wrong", "not testable"]


class BlockCheck(NamedTuple):
    """The verdict on one block of parameters.

    Attributes:
        name: W_1, b_1, W_2, … as in the note.
        verdict: "right", "wrong", or "not testable" where the derivative drowns in its own rounding.
        digits: To how many digits both sides agree, relative to the largest derivative seen in the block.
        bar: The relative error that rounding explains; more than that is wrong.
    """

    name: str
    verdict: Verdict
    digits: float
    bar: float


@dataclass(frozen=True, slots=True)
class Check:
    """What `check` found, block by block, first layer first."""

    blocks: tuple[BlockCheck, ...]

    @property
    def ok(self) -> bool:
        """Whether no block is wrong and at least one is right."""
        verdicts = {block.verdict for block in self.blocks}
        return "wrong" not in verdicts and "right" in verdicts

    @property
    def digits(self) -> float:
        """To how many digits the worst testable block agrees; NaN where none is testable."""
        return min((block.digits for block in self.blocks if block.verdict != "not testable"), default=float("nan"))
