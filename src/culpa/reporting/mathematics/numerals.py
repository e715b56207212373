# SPDX-License-Identifier: MIT
"""Numerals: how a number is written in a formula, in whichever format. Three parts, which a printer puts together.

    −0.02134   a sign, the digits "0.02134"           1.5e−9   the digits "1.5", a power of −9

Knows no format: LaTeX writes 1.5 × 10⁻⁹, a terminal 1.5e-9.
"""

from typing import NamedTuple

import numpy as np

__all__ = ["DIGITS", "Numeral", "numeral"]

DIGITS = 4
"""Significant digits of a number that is no whole one."""

EXACT = 17
"""With so many digits a number is written as short as it can be to be read back the same."""


class Numeral(NamedTuple):
    """A number as it is written.

    Attributes:
        negative: Whether a minus stands before it.
        digits: Its digits, with a point where there is one; "∞" and "–" for what is no number.
        power: The power of ten that follows, or None.
    """

    negative: bool
    digits: str
    power: int | None = None

    @property
    def plain(self) -> str:
        """In one line of ASCII digits, as Python reads it: −0.5 is "-0.5", 1.5e−9 is "1.5e-9"."""
        return f"{'-' if self.negative else ''}{self.digits}{'' if self.power is None else f'e{self.power}'}"


def numeral(value: float, digits: int = DIGITS) -> Numeral:
    """Write a number with so many significant digits; an `int` whole, and no zeros that say nothing.

    Example:
        >>> [numeral(number).plain for number in (3, -0.5, 0.0213449, 1.5e-9, 123456.7, 0.99996)]
        ['3', '-0.5', '0.02134', '1.5e-9', '123457', '1']
    """
    if isinstance(value, int | np.integer):
        return Numeral(bool(value < 0), str(abs(int(value))))
    size = abs(float(value))
    if not np.isfinite(size):
        return Numeral(bool(value < 0), "–" if np.isnan(size) else "∞")
    negative, text = bool(value < 0), repr(size).removesuffix(".0") if digits >= EXACT else f"{size:.{digits}g}"
    if float(text) == 0:
        return Numeral(False, "0")
    if "e" not in text:
        return Numeral(negative, text)
    if digits <= 6 and 10**digits <= float(text) < 1e6:
        return Numeral(negative, f"{size:.0f}")
    mantissa, power = text.split("e")
    return Numeral(negative, mantissa, int(power))
