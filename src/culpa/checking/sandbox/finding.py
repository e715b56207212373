# SPDX-License-Identifier: MIT
"""Finding: which of the things that a file defines is its gradient, and whether it takes the penalty's factor.

    gradient(weights, biases, X, y[, l2])

Knows names and signatures; calls nothing and imports the standard library only, because it works in the process of the
file that it looks at.
"""

import functools
import inspect
from collections.abc import Callable, Mapping
from numbers import Real
from types import FunctionType
from typing import Any, NamedTuple

__all__ = ["Found", "NotFound", "find"]

NAMES = ("gradient", "gradients", "grad", "backprop", "backpropagation", "backward")
"""What a gradient is called, in the order in which they are looked for."""
L2_NAMES = {"l2", "lam", "lambda", "lambd", "lmbda", "reg", "weight_decay"}
"""What the penalty's factor is called, without regard to case and to `_` at the end."""
SIGNATURE = "(weights, biases, X, y) or (weights, biases, X, y, l2)"
SHOWN = 12
"""Names that an error lists at the most."""


class NotFound(Exception):  # noqa: N818 -- it is what the function is
    """No function in the file can be the gradient; says why, and what to try."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint


class Found(NamedTuple):
    """The function of a file, and how it is to be called.

    Attributes:
        name: Its name in the file.
        function: Itself, or whatever can be called under that name.
        takes_l2: Whether it takes the penalty's factor.
        keyword: The name by which it takes it, None where it stands fifth.
    """

    name: str
    function: Callable[..., Any]
    takes_l2: bool
    keyword: str | None

    def __call__(self, *arguments: Any) -> Any:
        """Call it with four arguments, or with five where it takes l2."""
        if self.keyword is None:
            return self.function(*arguments[: 5 if self.takes_l2 else 4])
        return self.function(*arguments[:4], **{self.keyword: arguments[4]})


def find(names: Mapping[str, Any], module: str, wanted: str | None = None) -> Found:
    """Find the gradient among what a file defines.

    Args:
        names: The file's names and what they stand for.
        module: The name of the file's module, which its own functions bear.
        wanted: The name to take; by default one of the usual names, else the only function that fits.

    Raises:
        NotFound: If there is none, or more than one.

    Example:
        >>> def backprop(weights, biases, X, y, lmbda=0.0): ...
        >>> found = find({"backprop": backprop}, backprop.__module__)
        >>> found.name, found.takes_l2
        ('backprop', True)
    """
    own = {name: thing for name, thing in names.items() if not name.startswith("__") and is_own(thing, module)}
    if wanted is not None:
        if not callable(names.get(wanted)):
            reason = f"has no function `{wanted}`; {listing(own)}"
            raise NotFound(reason, "give the name of the one that computes the gradient.")
        return described(wanted, names[wanted])
    for name in NAMES:
        if name in own:
            return described(name, own[name])
    fitting = [name for name, thing in own.items() if isinstance(thing, FunctionType) and takes_four_or_five(thing)]
    if len(fitting) == 1:
        return described(fitting[0], own[fitting[0]])
    hint = f"call it `gradient`; it must take {SIGNATURE}."
    if fitting:
        raise NotFound(f"has more than one function that could be the gradient: {shown(fitting)}", hint)
    raise NotFound(f"has no function that could be the gradient; {listing(own)}", hint)


def is_own(thing: Any, module: str) -> bool:
    """Whether something can be called and was made in the file, not imported by it."""
    if isinstance(thing, functools.partial):
        return True
    return callable(thing) and getattr(thing, "__module__", None) == module


def listing(own: Mapping[str, Any]) -> str:
    """What the file defines, in words."""
    return f"it defines {shown(list(own))}" if own else "it defines no function"


def shown(names: list[str]) -> str:
    """Some names, and how many more there are."""
    more = [f"and {len(names) - SHOWN} more"] if len(names) > SHOWN else []
    return ", ".join([*names[:SHOWN], *more])


def described(name: str, function: Callable[..., Any]) -> Found:
    """The function with what its signature says; refused where it cannot be called as a gradient is."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # one of C's, that does not say
        return Found(name, function, takes_l2=False, keyword=None)
    parameter = l2_parameter(signature)
    positional = parameter is not None and parameter in places(signature)[:5]
    keyword = parameter.name if parameter is not None and not positional else None
    try:
        signature.bind(*[None] * (5 if positional else 4), **({keyword: None} if keyword else {}))
    except TypeError as error:
        reason = f"has `{name}{signature}`, which cannot be called as a gradient is: {error}"
        raise NotFound(reason, f"it must take {SIGNATURE}.") from error
    return Found(name, function, takes_l2=parameter is not None, keyword=keyword)


def places(signature: inspect.Signature) -> list[inspect.Parameter]:
    """The parameters that an argument can have by its place."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [parameter for parameter in signature.parameters.values() if parameter.kind in kinds]


def l2_parameter(signature: inspect.Signature) -> inspect.Parameter | None:
    """The parameter for l2: by its name, else the fifth if it may be a number."""
    by_place = places(signature)
    by_name = [one for one in signature.parameters.values() if one.kind is one.KEYWORD_ONLY]
    for parameter in [*by_place[4:], *by_name]:
        if parameter.name.lower().rstrip("_") in L2_NAMES:
            return parameter
    return by_place[4] if len(by_place) > 4 and may_be_l2(by_place[4].default) else None


def may_be_l2(default: object) -> bool:
    """Whether a parameter with this default may be a penalty's factor: one called `activation` or `verbose` is not."""
    number = isinstance(default, Real) and not isinstance(default, bool)
    return default is inspect.Parameter.empty or default is None or number


def takes_four_or_five(function: FunctionType) -> bool:
    """Whether a function has four or five parameters that an argument can have by its place."""
    return len(places(inspect.signature(function))) in (4, 5)
