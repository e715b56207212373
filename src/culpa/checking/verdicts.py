# SPDX-License-Identifier: MIT
"""What a check says: a verdict on each block of parameters, with its digits and its error bar. Knows no gradient."""

from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

__all__ = ["BlockCheck", "Check", "Method", "Verdict"]

Verdict = Literal["right", "wrong", "not testable"]
Method = Literal["complex steps", "central differences"]


class BlockCheck(NamedTuple):
    """The verdict on one block of parameters.

    Attributes:
        name: W_1, b_1, W_2, … as in the note; for a function, the names of its arguments.
        verdict: "right", "wrong", or "not testable" where the derivative drowns in its own rounding, or has a jump.
        digits: To how many digits both sides agree, relative to the largest derivative seen in the block.
        bar: The relative error that rounding explains; more than that is wrong.
        note: What is wrong with it where that is one constant, or why it is not testable; else empty.
    """

    name: str
    verdict: Verdict
    digits: float
    bar: float
    note: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Check:
    """What a check found, block by block.

    Args:
        blocks: The verdicts, in the order of the parameters.
        method: How the derivative was seen from outside.
    """

    blocks: tuple[BlockCheck, ...]
    method: Method = "complex steps"

    @property
    def ok(self) -> bool:
        """Whether no block is wrong and at least one is right."""
        verdicts = {block.verdict for block in self.blocks}
        return "wrong" not in verdicts and "right" in verdicts

    @property
    def digits(self) -> float:
        """To how many digits the worst testable block agrees; NaN where none is testable."""
        return min((block.digits for block in self.blocks if block.verdict != "not testable"), default=float("nan"))

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        counts = ((verdict, sum(block.verdict == verdict for block in self.blocks)) for verdict in get_args(Verdict))
        return f"Check({', '.join(f'{count} {verdict}' for verdict, count in counts if count)}; {self.method})"

    def __str__(self) -> str:
        from culpa.checking.terminal import check_text

        return check_text(self)
