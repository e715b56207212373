# SPDX-License-Identifier: MIT
"""Likenesses: is the reader's own number the right one, at the digits that were given, and if not, what is it?

    0.0213   means 0.02125 … 0.02135; the right number lies there, or it does not

A name is given only to what matches all digits given, three of them at least: the right number times a constant, the
batch's in place of the example's, a neighbouring entry. Several names may fit; then all are told. Knows no network:
what could be meant comes as names and numbers.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

import numpy as np

from culpa.errors import OptionError
from culpa.explaining.tracing.witnesses import Witness, agreement

__all__ = ["Given", "Likeness", "constants", "given", "own_witness"]

FEWEST = 3
"""Significant digits below which numbers match by chance."""
MANY = 7
"""A number given with so many digits is what a program computed, and no rounded one."""
SINGLE = 2.0**-20
"""What float32 may lose on the way, relative to the size of what is summed."""


class Given(NamedTuple):
    """A number as the reader gave it.

    Attributes:
        value: The number.
        digits: How many significant digits were given.
        grain: One unit of the last of them.
        text: As it was written.
    """

    value: float
    digits: int
    grain: float
    text: str


class Likeness(NamedTuple):
    """What a number could be, and what it would be then."""

    name: str
    value: float


def given(mine: object) -> Given:
    """Read the reader's number, with the digits that it has.

    Raises:
        OptionError: If it is no finite number.

    Example:
        >>> given("0.0213")
        Given(value=0.0213, digits=3, grain=0.0001, text='0.0213')
    """
    text = str(mine).strip().replace("−", "-")
    try:
        number = Decimal("NaN" if "_" in text else text)
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(mine, bool) or not number.is_finite() or not np.isfinite(float(number)):
        raise OptionError(f"`mine` must be a number; got {mine!r}.", hint="write it like 0.0213 or 2.13e-2.")
    _, digits, exponent = number.as_tuple()
    if float(number) and not isinstance(mine, str) and text.endswith(".0"):
        digits, exponent = digits[:-1], int(exponent) + 1  # Python's zero behind the point is no digit that was given
    grain = Decimal((0, (1,), int(exponent)))
    return Given(float(number), len(digits), float(grain), text.replace("-", "−"))


def own_witness(mine: Given, value: float, size: float, likenesses: Iterable[Likeness]) -> Witness:
    """The reader's number as a witness.

    Args:
        mine: The reader's number.
        value: The right one.
        size: The sum of the sizes of what the right one is the sum of.
        likenesses: What else it could be.
    """
    digits = agreement(mine.value, value)

    def said(verdict: str) -> Witness:
        short = verdict.split(" ")[0].rstrip(":,;")
        return Witness("your number", mine.value, digits, short, f"Your number {mine.text} is {verdict}.")

    if mine.value == value:
        return said("right")
    if mine.value == 0 or value == 0:
        return said(wrong(mine, value, size, likenesses))
    if matches(mine, value, size):
        if mine.digits >= MANY:
            return said("right")
        little = ", which shows little" if mine.digits == 1 else ""
        return said(f"right at the {given_digits(mine)} given{little}")._replace(digits=float(mine.digits))
    if mine.digits >= MANY and abs(mine.value - value) <= SINGLE * size:
        return said(f"right to {int(digits)} digits, as float32 or a difference gives it")
    if 0 < value / mine.value - 1 < mine.grain / abs(mine.value):
        return said("right, but its last digit is cut off, not rounded")
    return said(wrong(mine, value, size, likenesses))


def given_digits(mine: Given) -> str:
    """The digits, counted."""
    return "one digit" if mine.digits == 1 else f"{mine.digits} digits"


def wrong(mine: Given, value: float, size: float, likenesses: Iterable[Likeness]) -> str:
    """What is said of a number that is not the right one."""
    if mine.value == 0:
        return "wrong: the right one is not zero"
    begin = "wrong" if value else "wrong (the right one is zero)"
    if mine.digits < FEWEST:
        return f"{begin}; too few digits to say what it is"
    found = [like.name for like in likenesses if like.value and matches(mine, like.value, size)]
    if not found:
        return f"{begin}, and like nothing that is known here"
    doubt = "; so few digits can agree by chance" if mine.digits == FEWEST else ""
    return f"{begin}: in all {mine.digits} digits given it equals {', or '.join(dict.fromkeys(found))}{doubt}"


def matches(mine: Given, value: float, size: float) -> bool:
    """Whether a number is the given one, rounded to the digits given."""
    slack = 1e-12 * max(abs(value), size) if mine.digits >= MANY else 1e-9 * mine.grain
    return abs(mine.value - value) <= mine.grain / 2 + slack


def constants(value: float, n: int) -> Iterator[Likeness]:
    """The right number times the constants that are forgotten or taken twice."""
    yield Likeness("minus the right number", -value)
    yield Likeness("twice the right number", 2 * value)
    yield Likeness("half the right number", value / 2)
    if n > 1:
        yield Likeness(f"n = {n:,} times the right number", n * value)
        yield Likeness(f"1/n of the right number, with n = {n:,}", value / n)
