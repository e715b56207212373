# SPDX-License-Identifier: MIT
"""The tree of errors and the one warning. Knows no other file.

    CulpaError (a ValueError)
    ├── ShapeError        an array has the wrong shape
    ├── DataError         an array's values cannot be used: NaN, a label out of range, …
    ├── OptionError       an argument's value cannot be used: an unknown name, a negative size, …
    ├── NumericalError    a pass overflowed or turned NaN, although everything that went in was finite
    ├── FileError         a file cannot be read or written
    └── UnfinishedError   a job of many parts ended early; it holds the parts that are finished
    CulpaWarning (a UserWarning)

Each error is one sentence (the thing, what was expected, why, what came) and one hint at the remedy.
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

__all__ = [
    "OTHER_NAMES",
    "CulpaError",
    "CulpaWarning",
    "DataError",
    "FileError",
    "NumericalError",
    "OptionError",
    "ShapeError",
    "UnfinishedError",
    "unknown_name",
]


class CulpaError(ValueError):
    """Something that you gave cannot be used; says what, why, and what to try.

    Args:
        message: One sentence without a hint.
        hint: What to try, one sentence, or None where nothing sensible can be said.

    Example:
        >>> raise CulpaError("`X` is empty; it must have at least one row.", hint="Check the file.")
        Traceback (most recent call last):
        culpa.errors.CulpaError: `X` is empty; it must have at least one row. Hint: Check the file.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} Hint: {self.hint}" if self.hint else self.message


class ShapeError(CulpaError):
    """An array has the wrong shape."""


class DataError(CulpaError):
    """An array's values cannot be used."""


class OptionError(CulpaError):
    """An argument's value cannot be used."""


class NumericalError(CulpaError):
    """A pass overflowed or turned NaN, although everything that went in was finite."""


class FileError(CulpaError):
    """A file cannot be read or written."""


class UnfinishedError(CulpaError):
    """A job of many parts ended early: by Ctrl-C, by a part that failed, or because a process was killed.

    Args:
        message: What happened.
        finished: The parts that are finished, by number, from 0.
        hint: What to try.
    """

    def __init__(self, message: str, finished: Mapping[int, Any] | None = None, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.finished = dict(finished or {})


class CulpaWarning(UserWarning):
    """Something is odd, but the work goes on."""


OTHER_NAMES = {
    "sigmoid": "logistic",
    "swish": "silu",
    "linear": "identity",
    "mse": "squared_error",
    "l2": "squared_error",
    "bce": "binary_cross_entropy",
    "ce": "cross_entropy",
    "softmax": "cross_entropy",
    "nll": "cross_entropy",
}
"""What others call a row of our tables."""


def unknown_name(kind: str, name: object, known: Iterable[str]) -> OptionError:
    """Make the error for a name that is in no table: it lists the known ones and guesses.

    Example:
        >>> print(unknown_name("activation", "rleu", ["relu", "tanh"]))
        Unknown activation 'rleu'; known are relu, tanh. Hint: did you mean 'relu'?
    """
    names = list(known)
    ours = OTHER_NAMES.get(str(name).lower())
    close = [ours] if ours in names else get_close_matches(str(name), names, n=1)
    hint = f"did you mean '{close[0]}'?" if close else None
    return OptionError(f"Unknown {kind} {name!r}; known are {', '.join(names)}.", hint=hint)
