# SPDX-License-Identifier: MIT
"""Is the gradient of any function right? f takes arrays and gives one number; nothing else is known of it.

Users' functions may change what they are given, raise away from θ, hold |x|, real buffers or float32 inside: each call
gets fresh arrays, and what they give is held to be a number or refused by name. float64 is tried first where θ is
coarser, because then more digits can be seen.
"""

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.checking.differences import Slope
from culpa.checking.judging import EPS, Options, Question, judge
from culpa.checking.nests import Nest, Precision, as_numpy
from culpa.checking.noise import FLOAT32, resolution
from culpa.checking.rays import Ray
from culpa.checking.verdicts import Check
from culpa.engine.arrays import Flat
from culpa.engine.streams import stream
from culpa.errors import CulpaError, DataError, ShapeError
from culpa.reporting.progress import Show

__all__ = ["Pair", "check_function", "check_pair"]

STEP = 1e-170
"""As for networks: its square is nothing."""
ASKED_AGAIN = 3
RANDOM = 1e-5
"""Values at one point that differ by a larger share are random; a smaller one is noise, and noise is measured."""
SHAKES = 2


class Pair(NamedTuple):
    """A function and what is said to be its gradient.

    Attributes:
        f: From a nest to one number.
        gradient: From a nest to a nest like it, or such a nest at `theta`.
        nest: Where.
        names: What people call the two, in errors.
    """

    f: Callable[[Any], Any]
    gradient: Any
    nest: Nest
    names: tuple[str, str] = ("f", "gradient")


class Claim(NamedTuple):
    """The gradient as it was claimed, how far it moves when θ is rounded, and its own unit roundoff."""

    flat: Flat
    doubts: tuple[Flat, ...]
    grain: float


def check_function(
    f: Callable[[Any], Any],
    gradient: Any,
    theta: Any,
    *,
    directions: int = 4,
    entries: int = 4,
    budget: int = 128,
    seed: int = 0,
    show_progress: Show = "auto",
) -> Check:
    """Check the gradient of any function of arrays that gives one number.

    Args:
        f: The function; each call gets a fresh copy of `theta`, or of one beside it.
        gradient: A function of the same argument, or its value at `theta`: built like `theta`. True if `f` gives both,
            (value, gradient), as SciPy's jac=True has it.
        theta: The point: an array, a number, or a dict, list or tuple of such; NumPy's, PyTorch's, JAX's.
        directions, entries: How many random directions and single entries of each array are looked at.
        budget: A `theta` with no more numbers is looked at entry by entry.
        seed, show_progress: Of the directions and entries; "auto" shows a bar on a terminal.

    Returns:
        A Check: `.ok`, and `.blocks`, one for each array by its name in `theta`.

    Raises:
        DataError, ShapeError: If `f` or `gradient` fails at `theta`, is random, or gives what is no gradient.

    Example:
        >>> check_function(lambda x: np.sum(x**3), lambda x: 3 * x**2, np.array([1.0, 2.0])).ok
        True
    """
    if gradient is True:
        f, gradient = (partial(part_of, f, place) for place in (0, 1))
    return check_pair(Pair(f, gradient, Nest.of(theta)), Options(directions, entries, budget, seed, show_progress))


def part_of(f: Callable[[Any], Any], place: int, point: Any) -> Any:
    """The value, or the gradient, of a function that gives both."""
    both = f(point)
    if not isinstance(both, tuple | list) or len(both) != 2:
        raise DataError("`f` must give (value, gradient), because `gradient` is True.")
    return both[place]


def check_pair(pair: Pair, options: Options) -> Check:
    """The same for a nest that has been read."""
    precision, here = settle(pair)
    theta = pair.nest.flat()
    claim = claimed(pair, precision, theta)

    def value(point: Flat) -> float:
        try:
            return number_of(pair.f(pair.nest.build(point, precision)), pair.names[0])
        except Exception:  # noqa: BLE001 # away from θ the function need not be defined
            return float("nan")

    blocks = pair.nest.blocks
    # NOTE: where float64 is refused, complex numbers would be too coarse for so small a step.
    fine = precision == "float64" or not pair.nest.is_coarse
    step = stepper(pair, theta, here, options.seed) if fine else None
    return judge(Question(value, theta, blocks, claim.flat, step, doubts=claim.doubts, grain=claim.grain), options)


def settle(pair: Pair) -> tuple[Precision, float]:
    """The precision in which f is asked, float64 if it takes that, and its value at θ; random ones are refused."""
    name, nest = pair.names[0], pair.nest
    theta = nest.flat()
    for precision in attempts(nest, "float64" if nest.is_coarse else "own"):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # JAX warns that it has no float64, and then has none
                points = [nest.build(theta, precision) for _ in range(ASKED_AGAIN)]
            values = [answered(name, pair.f, point) for point in points]
            break
        except (CulpaError, TypeError):
            if precision == "own":
                raise
    spread = max(values) - min(values)
    if spread > RANDOM * max(map(abs, values)):
        raise DataError(
            f"`{name}` gives different values at the same point, {values[0]:.9g} and {values[-1]:.9g}.",
            hint=f"fix the seed inside `{name}`, so that every call draws the same random numbers.",
        )
    return precision, values[0]


def attempts(nest: Nest, first: Precision) -> tuple[Precision, ...]:
    """The precisions to try, in order."""
    return ("own",) if first == "own" or not nest.is_coarse else (first, "own")


def answered(name: str, f: Callable[[Any], Any], point: Any) -> float:
    """The value of f at θ, where whatever goes wrong is told by name."""
    value = number_of(called(name, f, point), name)
    if not np.isfinite(value):
        raise DataError(f"`{name}` must be finite at the point given; it gives {value}.")
    return value


def called(name: str, f: Callable[[Any], Any], point: Any) -> Any:
    """What a user's function gives at θ; what it raises there becomes an error that says whose it is."""
    try:
        return f(point)
    except CulpaError:
        raise
    except Exception as error:
        reason = (str(error).strip().splitlines() or [""])[0].rstrip(".")
        raise DataError(
            f"`{name}` raises {type(error).__name__} at the point given{': ' + reason if reason else ''}."
        ) from error


def number_of(value: Any, name: str) -> float:
    """The one real number that f gave."""
    if isinstance(value, float):
        return float(value)
    if value is None:
        raise DataError(f"`{name}` must give one number; it gives None.", hint="does it end in `return`?")
    array = as_numpy(name, value)
    if array.size != 1:
        raise ShapeError(
            f"`{name}` must give one number; it gives an array {array.shape}.",
            hint="for functions with many outputs use check_vjp.",
        )
    if array.dtype.kind == "c":
        raise DataError(f"`{name}` must give a real number for real arguments; it gives {array.dtype}.")
    return float(array.item())


def claimed(pair: Pair, precision: Precision, theta: Flat) -> Claim:
    """The gradient at θ; where it is a function, also how far a rounding of θ moves it."""
    name, nest = pair.names[1], pair.nest
    if not callable(pair.gradient):
        flat, grain = nest.read(pair.gradient, f"`{name}`")
        return Claim(flat, (), grain_seen(flat, grain))

    def asked(point: Flat, kind: Precision) -> tuple[Flat, float]:
        return nest.read(called(name, pair.gradient, nest.build(point, kind)), f"`{name}`")

    for kind in attempts(nest, precision):
        try:
            (flat, grain), (again, _) = asked(theta, kind), asked(theta, kind)
            break
        except (CulpaError, TypeError):
            if kind == "own":
                raise
    if float(np.abs(flat - again).max()) > RANDOM * float(np.abs(flat).max()):
        raise DataError(f"`{name}` gives different values at the same point.", hint=f"fix the seed inside `{name}`.")
    random = stream(0, "directions")

    def moved(size: float) -> Flat:
        nudged = theta * (1 + size * random.choice([-1.0, 1.0], theta.shape))
        try:
            return asked(nudged, kind)[0] - flat
        except CulpaError:
            return np.zeros_like(flat)

    grain = grain_seen(flat, grain)
    # NOTE: a claim that no change of a few roundings moves, but a larger one does, was float32 on its way to float64.
    if grain < FLOAT32 and not moved(16 * EPS).any() and moved(16 * FLOAT32).any():
        grain = FLOAT32
    return Claim(flat, (flat - again, *(moved(grain) for _ in range(SHAKES))), grain)


def grain_seen(flat: Flat, grain: float) -> float:
    """The unit roundoff of a claim, by its dtype or by its numbers: float32 ones stay float32 ones in float64."""
    return max(grain, min(resolution(flat), FLOAT32)) if flat.any() else grain


def stepper(pair: Pair, theta: Flat, here: float, seed: int) -> Callable[[Ray], Slope]:
    """Complex steps through f: they raise wherever f treats complex numbers otherwise than real ones."""
    random = stream(seed, "directions")
    points = [theta * (1 + EPS * random.choice([-1.0, 1.0], theta.shape)) for _ in range(SHAKES)]

    def slope(point: Flat, v: Flat) -> float:
        value = as_numpy(pair.names[0], pair.f(pair.nest.build(complex_point(point, v), "complex128")))
        if value.size != 1 or value.dtype.kind != "c" or abs(value.item().real - here) > 1e-6 * abs(here):
            raise TypeError("complex numbers are treated otherwise than real ones")
        return float(value.item().imag) / STEP

    def step(ray: Ray) -> Slope:
        value, *beside = (slope(point, ray.v) for point in (theta, *points))
        return Slope(value, 1e4 * EPS * abs(value) + 100 * max(abs(other - value) for other in beside))

    return step


def complex_point(point: Flat, v: Flat) -> NDArray[np.complex128]:
    """θ + i h v, without a multiplication that could turn an infinity into NaN."""
    moved = np.empty(len(point), np.complex128)
    moved.real, moved.imag = point, STEP * v
    return moved
