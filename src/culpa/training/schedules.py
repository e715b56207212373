# SPDX-License-Identifier: MIT
"""Schedules: a table of how the step size η changes, as a factor of the share of the training that is done.

    name        factor at the share s of the steps
    constant    1
    cosine      ½ (1 + cos π s)
    step        1, from s = ½ on 1/10, from s = ¾ on 1/100

A warm-up comes before: η grows evenly from its first step's share to the whole, and s counts what comes after it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from culpa.engine.arrays import number
from culpa.errors import OptionError, unknown_name

__all__ = ["SCHEDULES", "Schedule", "schedule_named"]


@dataclass(frozen=True, slots=True)
class Schedule:
    """One row of the table.

    Args:
        name: How users call it.
        factor: The share s of the steps done, 0 at the first, below 1 at the last -> what η is multiplied by.
    """

    name: str
    factor: Callable[[float], float]

    def rate(self, learning_rate: float, step: int, steps: int, warmup: int = 0) -> float:
        """Η at a step, from 0, of so many, of which the first `warmup` warm up.

        Example:
            >>> [SCHEDULES["step"].rate(1.0, step, 10, warmup=2) for step in (0, 1, 2, 6)]
            [0.5, 1.0, 1.0, 0.1]
        """
        if step < warmup:
            return learning_rate * (step + 1) / warmup
        factor = self.factor((step - warmup) / max(1, steps - warmup))
        return learning_rate * number(f"the factor of schedule {self.name}", factor, least=0)

    def __repr__(self) -> str:
        return f"<schedule {self.name}>"


def constant(_: float) -> float:
    """Always 1."""
    return 1.0


def cosine(done: float) -> float:
    """½ (1 + cos π s).

    Source: Loshchilov and Hutter 2017, "SGDR", eq. 5, without restarts.
    """
    return (1 + math.cos(math.pi * done)) / 2


def step(done: float) -> float:
    """A tenth from the half on, a hundredth from three quarters on.

    Source: He, Zhang, Ren and Sun 2016, section 4.2.
    """
    return 1.0 if done < 0.5 else 0.1 if done < 0.75 else 0.01


SCHEDULES: dict[str, Schedule] = {
    row.name: row for row in (Schedule("constant", constant), Schedule("cosine", cosine), Schedule("step", step))
}


def schedule_named(name: str | Schedule) -> Schedule:
    """Look up a row by its name; a row of the user's own passes through.

    Example:
        >>> schedule_named("cosine").factor(0.5)
        0.5
    """
    if isinstance(name, Schedule):
        return name
    if callable(name):
        raise OptionError("Unknown schedule: a bare function.", hint='wrap it: culpa.Schedule("mine", function).')
    if not isinstance(name, str) or name not in SCHEDULES:
        raise unknown_name("schedule", name, SCHEDULES)
    return SCHEDULES[name]
