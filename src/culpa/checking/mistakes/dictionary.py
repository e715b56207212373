# SPDX-License-Identifier: MIT
"""The dictionary of mistakes: every row, and what can be asked of all of them.

Which of them explain a gradient is not known here: `searching` finds that.

Source: J. S. Brown and R. R. Burton 1978, "Diagnostic models for procedural bugs in basic mathematical skills", whose
idea it is that a wrong answer is the right answer to a procedure with a bug, which can be looked up.
"""

import numpy as np

from culpa.checking.mistakes.constants import DECAY, FACTORS
from culpa.checking.mistakes.lines import BACK, BIAS, EXAMPLES, OUTPUT, SLOPE, WEIGHT
from culpa.checking.mistakes.scene import Blocks, Scene, Slip, Step, backward

__all__ = ["MISTAKES", "every_step", "plantable", "rows_of", "shows"]

MISTAKES: tuple[Slip, ...] = (*EXAMPLES, *OUTPUT, *BACK, *SLOPE, *WEIGHT, *BIAS, *FACTORS, *DECAY)
"""All rows, from the output down, simple ones first."""

AT_THE_OUTPUT = ("examples", "output", "total")


def rows_of(part: str, scene: Scene, k: int) -> list[Step]:
    """Every variant of every row that can stand in a line at layer k."""
    return [
        Step(slip, k, choice)
        for slip in MISTAKES
        if slip.part == part and (k == scene.depth or part not in AT_THE_OUTPUT) and slip.applies(scene, k)
        if scene.b(k) is not None or not part.startswith("bias")
        for choice in slip.choices(scene, k)
    ]


def every_step(scene: Scene) -> list[Step]:
    """Every variant of every row at every layer where it can be made, from the output down."""
    parts = dict.fromkeys(slip.part for slip in MISTAKES)
    return [step for k in range(scene.depth, 0, -1) for part in parts for step in rows_of(part, scene, k)]


def plantable(scene: Scene) -> list[Step]:
    """Every mistake of the table that changes this gradient, at every layer where it can be made."""
    right = backward(scene)
    return [step for step in every_step(scene) if shows(scene, step, right)]


def shows(scene: Scene, step: Step, right: Blocks) -> bool:
    """Whether a mistake changes the gradient, by more than 1e-7 of a block's largest entry."""
    pairs = zip(backward(scene, [step]), right, strict=True)
    blocks = [(a, b) for layers in pairs for a, b in zip(*layers, strict=True) if a is not None and b is not None]
    return any(a.shape != b.shape or np.abs(a - b).max() > 1e-7 * np.abs(b).max() for a, b in blocks)
