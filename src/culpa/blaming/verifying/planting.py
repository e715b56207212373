# SPDX-License-Identifier: MIT
"""Planting: wrong labels, or wrong values of a target, of which one knows where they are.

uniform          any row alike gets any other class alike
class-dependent  each class goes over to one other: the next one in a cycle through all, drawn
boundary         of five times as many rows, those where two classes are closest, any alike gets the other one
swap             numbers: rows exchange their values in pairs

Knows of no table and no network: class numbers or numbers in, the same with so many wrong ones out.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from culpa.blaming.labels.scores import best_others
from culpa.engine.arrays import number
from culpa.engine.streams import stream
from culpa.errors import DataError, OptionError, ShapeError, unknown_name

__all__ = ["CLASS_KINDS", "MOST", "NUMBER_KINDS", "Planted", "plant", "planted_count"]

CLASS_KINDS = ("uniform", "class-dependent", "boundary")
NUMBER_KINDS = ("swap",)
MOST = 0.5
"""The largest share: were most labels wrong, they would be the truth."""
NEAR = 5
"""So many times as many rows as are made wrong stand near the boundary: of five labels there four stay right."""

EQUAL = 1e-9
"""Probabilities that are nearer to each other than this are equal."""


class Planted(NamedTuple):
    """A copy of the targets with wrong ones in it.

    Attributes:
        y: The targets (n,), of which those of `rows` are other than before, and only those.
        rows: The places of the wrong ones, in order.
    """

    y: NDArray[np.intp] | NDArray[np.float64]
    rows: NDArray[np.intp]


def plant(
    y: ArrayLike,
    share: float,
    kind: str,
    *,
    seed: int = 0,
    probabilities: NDArray[np.float64] | None = None,
    weights: NDArray[np.float64] | None = None,
) -> Planted:
    """Plant wrong labels or values in a copy of the targets.

    Args:
        y: Class numbers from 0, or numbers (n,).
        share: Of the rows that have a weight, above 0 and at most a half; at least one row, of numbers a pair.
        kind: One of CLASS_KINDS, or of NUMBER_KINDS. One row of each class, drawn, always keeps its label. Of two
            classes only one goes over class-dependently, as long as that takes at most half of its rows.
        seed: Of what is drawn.
        probabilities: (n, K) of the classes, by somebody who has not learnt from these labels: for "boundary" alone.
        weights: Of the rows (n,); those of weight 0 are left alone.

    Raises:
        OptionError, ShapeError: If the share, the kind or the probabilities cannot be used.
        DataError: If so many rows cannot be made wrong.

    Example:
        >>> plant([0, 1, 2] * 4, 0.25, "uniform")
        Planted(y=array([2, 1, 2, 0, 1, 2, 2, 1, 2, 0, 1, 0]), rows=array([ 0,  6, 11]))
    """
    given = np.asarray(y)
    counting = np.arange(len(given)) if weights is None else np.flatnonzero(np.asarray(weights) > 0)
    wanted = planted_count(len(counting), share)
    kinds = (*CLASS_KINDS, *NUMBER_KINDS)
    if kind not in kinds:
        raise unknown_name("kind", kind, kinds)
    random = stream(seed, "planting").spawn(len(kinds))[kinds.index(kind)]
    if kind in NUMBER_KINDS:
        return swapped(given.astype(np.float64), counting, wanted, random)
    if kind == "boundary" and (probabilities is None or np.shape(probabilities)[:1] != given.shape):
        raise ShapeError("`probabilities` must hold a row for each label, because the boundary is where they say.")
    return flipped(given.astype(np.intp), counting, wanted, kind, probabilities, random)


def planted_count(n: int, share: float) -> int:
    """How many of n rows the share is, at least one.

    Raises:
        OptionError: If it is no share, or above MOST.

    Example:
        >>> planted_count(1797, 0.02), planted_count(10, 0.02)
        (36, 1)
    """
    if number("share", share, above=0) > MOST:
        why = "were most labels wrong, they would be the truth"
        raise OptionError(f"`share` must be at most {MOST:g}, because {why}; got {share!r}.")
    return max(1, round(share * n))


def flipped(
    given: NDArray[np.intp],
    counting: NDArray[np.intp],
    wanted: int,
    kind: str,
    probabilities: NDArray[np.float64] | None,
    random: np.random.Generator,
) -> Planted:
    """Labels of which `wanted` have become those of another class."""
    present = np.unique(given[counting])
    if len(present) < 2:
        raise DataError("The labels are all of one class, so that none can be made wrong.")
    free = without_keepers(given, counting, random)
    if wanted > len(free):
        raise too_few(wanted, len(free))
    if kind == "boundary":
        said = np.asarray(probabilities, np.float64)
        others, closeness = nearest_others(said, given, present, random.spawn(1)[0])
        free = nearest(free, closeness, wanted, random)
    elif kind == "class-dependent":
        others = next_classes(given, present, random)
        free = of_one_class(free, given, present, wanted, random)
    else:
        steps = random.integers(1, len(present), size=len(given))
        others = present[(np.searchsorted(present, given) + steps) % len(present)]
    rows = np.sort(random.choice(free, wanted, replace=False))
    planted = given.copy()
    planted[rows] = others[rows]
    return Planted(planted, rows)


def without_keepers(
    given: NDArray[np.intp], counting: NDArray[np.intp], random: np.random.Generator
) -> NDArray[np.intp]:
    """The places that may get another label: all that count but one of each class, drawn, so that no class is lost."""
    mixed = random.permutation(counting)
    keepers = mixed[np.unique(given[mixed], return_index=True)[1]]
    return np.setdiff1d(counting, keepers)


def next_classes(given: NDArray[np.intp], present: NDArray[np.intp], random: np.random.Generator) -> NDArray[np.intp]:
    """The class after each label's own in a drawn cycle through all; a cycle leaves none where it is."""
    cycle = random.permutation(present)
    after = np.zeros(present.max() + 1, np.intp)
    after[cycle] = np.roll(cycle, -1)
    return after[np.minimum(given, present.max())]  # a class without a weight is never taken up


def of_one_class(
    free: NDArray[np.intp],
    given: NDArray[np.intp],
    present: NDArray[np.intp],
    wanted: int,
    random: np.random.Generator,
) -> NDArray[np.intp]:
    """Of two classes the places of one, drawn of those of which at most half is wanted: both alike would be uniform."""
    if len(present) > 2:
        return free
    large = [label for label in present if 2 * wanted <= np.count_nonzero(given[free] == label)]
    return free[given[free] == random.choice(large)] if large else free


def nearest_others(
    probabilities: NDArray[np.float64], given: NDArray[np.intp], present: NDArray[np.intp], random: np.random.Generator
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The likeliest class that is not the given one, and how close both are: 0 where one is sure, 1 where they equal.

    Of classes as likely as each other one is drawn. p and q of the given class and the other:  1 − |p − q| / (p + q)
    """
    admitted = np.full((len(given), max(probabilities.shape[1], given.max() + 1)), -1.0)
    admitted[:, present] = probabilities[:, present]
    others = best_others(admitted + EQUAL * random.random(admitted.shape), given)
    each = np.arange(len(given))
    p, q = np.maximum(admitted[each, given], 0), admitted[each, others]
    both = np.where(p + q > 0, p + q, 1)
    return others, np.where(p + q > 0, 1 - np.abs(p - q) / both, 0)


def nearest(
    free: NDArray[np.intp], closeness: NDArray[np.float64], wanted: int, random: np.random.Generator
) -> NDArray[np.intp]:
    """The places of the rows where two classes are closest, NEAR times as many as are wanted; of equal ones, drawn.

    Were the chance the larger the closer a row is, most of the very closest could be wrong, and be the truth there.
    """
    mixed = random.permutation(free)
    found: NDArray[np.intp] = mixed[np.argsort(-closeness[mixed], kind="stable")[: NEAR * wanted]]
    return found


def swapped(
    given: NDArray[np.float64], counting: NDArray[np.intp], wanted: int, random: np.random.Generator
) -> Planted:
    """Numbers of which `wanted`, but an even count, are exchanged in drawn pairs of different values."""
    pairs = max(1, wanted // 2)
    mixed = random.permutation(counting)
    first, second = unequal_pairs(given, mixed)
    if pairs > len(first):
        raise too_few(2 * pairs, 2 * len(first))
    first, second = first[:pairs], second[:pairs]
    planted = given.copy()
    planted[first], planted[second] = given[second], given[first]
    return Planted(planted, np.sort(np.concatenate([first, second])))


def unequal_pairs(given: NDArray[np.float64], mixed: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Neighbours in a mixed order, two by two, but those with equal values."""
    half = len(mixed) // 2
    first, second = mixed[:half], mixed[half : 2 * half]
    differ = given[first] != given[second]
    return first[differ], second[differ]


def too_few(wanted: int, free: int) -> DataError:
    """The error for a share that is too large for the table."""
    return DataError(
        f"{wanted:,} rows cannot be made wrong, because only {free:,} are free for it: one row of each class keeps its "
        "label, rows without weight are left alone, and numbers are exchanged for other ones.",
        hint="a smaller share.",
    )
