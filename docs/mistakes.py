# SPDX-License-Identifier: MIT
"""Writes the table of mistakes in `checking.md` from the dictionary itself. Run `python docs/mistakes.py`."""

import re
from pathlib import Path

from culpa.checking.mistakes.dictionary import MISTAKES
from culpa.checking.mistakes.scene import Slip

PAGE = Path(__file__).parent / "checking.md"
TABLE = re.compile(r"<!-- mistakes -->\n.*?<!-- end -->", re.DOTALL)
WHERE = {
    "examples": "examples",
    "output": "δ_L",
    "back": "∂ℓ/∂h_k",
    "slope": "δ_k, k < L",
    "error factor": "δ_k",
    "weight": "dW_k",
    "weight factor": "dW_k",
    "bias": "db_k",
    "bias factor": "db_k",
    "decay": "penalty",
    "block factor": "dW_k",
    "bias decay": "penalty",
    "total": "everything",
}
"""The lines of the backward pass, in the notation."""


class Letter(str):
    """A letter in place of a number, however the number would have been written."""

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        """The letter."""
        return str(self)


PLACES = {name: Letter(text) for name, text in zip("kjmcn", ("k", "{k−1}", "{k+1}", "c", "n"), strict=True)}
PLACES |= {"missing": Letter(": it is not divided by n"), "twice": Letter(": a mean of what is divided already")}


def sentence(slip: Slip) -> str:
    """What is wrong, at any layer; what is found out is c."""
    said = slip.sentence.format(**{**PLACES, "k": Letter("L")} if slip.part == "output" else PLACES)
    return re.sub(r"(?<!_)\{(.*?)\}", r"\1", said).replace("n = n", "n")


def table() -> str:
    """All mistakes, from the output down."""
    lines = ["<!-- mistakes -->", "| mistake | where | what is wrong |", "|---|---|---|"]
    lines += [f"| {slip.kind} | {WHERE[slip.part]} | {sentence(slip)} |" for slip in MISTAKES]
    return "\n".join([*lines, "<!-- end -->"])


def rewritten(page: str) -> str:
    """The page with the table as the dictionary has it."""
    return TABLE.sub(lambda _: table(), page)


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"wrote {PAGE.name}")
