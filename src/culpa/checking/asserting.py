# SPDX-License-Identifier: MIT
"""One line in a test: the gradient is right, or the failure says what is wrong with it. Knows both kinds of checks."""

from typing import Any

from culpa.checking.functions import check_function
from culpa.checking.networks import check
from culpa.engine.network import Network
from culpa.errors import OptionError

__all__ = ["assert_gradient"]


def assert_gradient(function: Any, *given: Any, **options: Any) -> None:
    """Pass if a gradient is right; fail with the whole table, and with a diagnosis where there is one.

    Nothing testable is no pass.

    Args:
        function: A function of arrays that gives one number, or a Network.
        *given: For a function its gradient and θ, as for `check_function`; for a network X and y, and perhaps
            somebody's gradient of it, which is then diagnosed.
        **options: Those of `check_function`, `check` or `diagnose`.

    Raises:
        AssertionError: If a block is wrong, or none can be seen to be right.
        CulpaError: If what is given cannot be checked.

    Example:
        >>> assert_gradient(lambda x: np.sum(x**2), lambda x: 2 * x, np.array([1.0, 2.0]))
    """
    __tracebackhide__ = True
    fails, text = found(function, given, options)
    if fails:
        raise AssertionError(text)


def found(function: Any, given: tuple[Any, ...], options: dict[str, Any]) -> tuple[bool, str]:
    """Whether it fails, and everything that can be said about it."""
    if isinstance(function, Network) and len(given) == 3:
        from culpa.checking.mistakes.diagnosing import diagnose

        diagnosis = diagnose(function, *given, **options)
        return diagnosis.verdict != "right", str(diagnosis)
    if len(given) != 2:
        raise OptionError(
            f"`assert_gradient` takes a function, its gradient and theta, or a network, X and y; got {1 + len(given)} "
            "arguments."
        )
    judged = (
        check(function, *given, **options)
        if isinstance(function, Network)
        else check_function(function, *given, **options)
    )
    return not judged.ok, str(judged)
