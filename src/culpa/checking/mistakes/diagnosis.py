# SPDX-License-Identifier: MIT
"""What a diagnosis says: a verdict, the mistakes with their corrected lines, each block's part in it, and three hints.

Nothing is worked out here; `diagnosing` does that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from culpa.checking.mistakes.corrections import places_of
from culpa.checking.mistakes.scene import Scene, Step
from culpa.engine.arrays import whole_number
from culpa.errors import OptionError
from culpa.reporting.terminal import folded

__all__ = ["LINES", "BlockVerdict", "Diagnosis", "Entry", "Mistake", "Ruling", "mistake_of"]

Ruling = Literal["right", "right given the mistake above", "mistake", "wrong"]


class Mistake(NamedTuple):
    """One mistake in a backward pass.

    Attributes:
        kind: What it is, as the table of mistakes calls it.
        layer: Where, 1 … L.
        block: What is made wrongly there: δ_k, W_k or b_k.
        constants: What was found out about it, by name: η, λ, factor, example (from 0), layer, activation,
            formula, shift, weights.
        sentence: What is wrong.
        line: The line as it should be, in the notation.
        code: The same in NumPy, with W[k], b[k], a[k], h[k] by layer and h[0] = X.
    """

    kind: str
    layer: int
    block: str
    constants: Mapping[str, Any]
    sentence: str
    line: str
    code: str


class BlockVerdict(NamedTuple):
    """How one block fared.

    Attributes:
        name: W_1, b_1, W_2, ….
        ruling: "right"; "right given the mistake above", where it is only what came down to it that is wrong;
            "mistake", where one was made; "wrong", where nothing explains it.
    """

    name: str
    ruling: Ruling


class Entry(NamedTuple):
    """One entry of a gradient, somebody's beside the right one.

    Attributes:
        name: Such as W_2[3, 1]: unit 3, input 1, counted from 1.
        yours: As it was given; NaN where that block has another shape.
        right: As it should be.
    """

    name: str
    yours: float
    right: float


@dataclass(frozen=True, slots=True, repr=False)
class Diagnosis:
    """Whose mistake is it, and where?

    Args:
        verdict: "right"; "another objective", whose right gradient this is; "mistake"; or "unknown".
        objective: What that other objective is, a sentence; else None.
        mistakes: The simplest explanation, from the output down; empty where the verdict is "right" or "unknown".
        explanations: Every explanation as simple as that; all of them make exactly this gradient.
        guilty: The first block that is off, counted from the output down: δ_k, W_k or b_k; None if none is.
        blocks: Each block's part, from the output down.
        evidence: The entries of the first wrong block that are off by most.
        unseen: The mistakes that would not have changed this gradient, with the reason where there is one.
        notes: How the gradient was read, and what else should be known.
    """

    verdict: Literal["right", "another objective", "mistake", "unknown"]
    objective: str | None
    mistakes: tuple[Mistake, ...]
    explanations: tuple[tuple[Mistake, ...], ...]
    guilty: str | None
    blocks: tuple[BlockVerdict, ...]
    evidence: tuple[Entry, ...] = ()
    unseen: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def hint(self, step: Literal[1, 2, 3]) -> str:
        """One step of help: 1 which block is off, 2 what kind of mistake it is, 3 the corrected line.

        Example:
            >>> culpa.diagnose(culpa.Network.fresh([2, 2]), [[1, 2]], [0], [([[1, 2], [3, 4]], [5, 6])]).hint(1)
            'The first that is off, counted from the output down, is δ_1.'
        """
        if whole_number("step", step) > 3:
            raise OptionError(f"`step` must be 1, 2 or 3; got {step!r}.")
        return "\n".join(map(folded, self.advice(step).splitlines()))

    def advice(self, step: int) -> str:
        """The words of a hint, on lines of any length."""
        if self.verdict == "right":
            return "Nothing is off: this is the right gradient."
        if self.verdict == "another objective" and step > 1:
            return f"It is the right gradient of another objective: {self.objective}."
        if step == 1:
            return f"The first that is off, counted from the output down, is {self.guilty}."
        if not self.mistakes:
            return f"No known mistake gives this gradient. Begin with {self.guilty}; what stands above it is right."
        lines = []
        for mistake, places in self.places():
            likewise = f" (Likewise {', '.join(places[1:])}.)" if places[1:] else ""
            told = mistake.sentence if step == 2 else f"{mistake.line}\n  {mistake.code}"
            lines.append(f"{mistake.block}: {told}{likewise if step == 2 else ''}")
        return "\n".join(lines)

    def places(self) -> tuple[tuple[Mistake, tuple[str, ...]], ...]:
        """Each kind of mistake once, with all blocks in which it was made."""
        places: dict[tuple[str, str], list[Mistake]] = {}
        for mistake in self.mistakes:
            places.setdefault((mistake.kind, same_constants(mistake)), []).append(mistake)
        return tuple((group[0], tuple(mistake.block for mistake in group)) for group in places.values())

    def __str__(self) -> str:
        from culpa.checking.mistakes.wording import whole_text

        return whole_text(self)

    def __bool__(self) -> bool:
        return self.verdict == "right"

    def __repr__(self) -> str:
        what = self.objective or "; ".join(f"{mistake.kind} ({', '.join(where)})" for mistake, where in self.places())
        return f"Diagnosis({self.verdict}{f': {what}' if what else f': {self.guilty}' if self.guilty else ''})"


LINES = {
    "weight": "W",
    "weight factor": "W",
    "decay": "W",
    "block factor": "W",
    "bias": "b",
    "bias factor": "b",
    "bias decay": "b",
}
"""Which block a line of the pass makes; the other lines make the error δ."""


def mistake_of(step: Step, scene: Scene) -> Mistake:
    """A slip in words."""
    slip, k, places = step.slip, step.k, places_of(step, scene)
    name = constant_name(step)
    return Mistake(
        slip.kind,
        k,
        f"{LINES.get(slip.part, 'δ')}_{k}",
        {} if name is None else {name: step.choice},
        slip.sentence.format(**places),
        slip.line.format(**places),
        slip.code.format(**places),
    )


def same_constants(mistake: Mistake) -> str:
    """The constants as far as they make it another mistake in another place."""
    return str({name: f"{c:.6g}" if isinstance(c, float) else c for name, c in mistake.constants.items()})


def constant_name(step: Step) -> str | None:
    """What a slip's choice is called; None where it has none."""
    slip, choice = step.slip, step.choice
    if choice is None or isinstance(choice, bool) or slip.symbol is not None:
        return slip.symbol
    if isinstance(choice, str):
        return {"g′ miswritten": "formula", "mask inverted": "mask"}.get(slip.kind, "activation")
    if slip.part == "output":
        return "shift"
    if slip.part in ("decay", "bias decay"):
        return "λ"
    if isinstance(choice, float):
        return "factor"
    return "example" if slip.part == "examples" or slip.kind == "from one example only" else "layer"
