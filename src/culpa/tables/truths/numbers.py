# SPDX-License-Identifier: MIT
"""Truths about numbers: values far from all others, and numbers that seem to stand for a missing value.

z = |x − median| / spread        spread = (upper − lower quartile) / 1.349, or the deviation where that is 0
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.reporting.terminal import count, digits, short
from culpa.tables.frames import as_series
from culpa.tables.naming import missing_option
from culpa.tables.raw import RawTable
from culpa.tables.truths.truth import Truth, called

if TYPE_CHECKING:
    import polars as pl

__all__ = ["EXTREME", "about_numbers"]

EXTREME = 10.0
"""A value is extreme beyond so many spreads from the median."""
SLIP = 1000.0
"""Beyond so many it is a slip of the pen more often than a value."""
NORMAL = 1.349
"""The distance between the quartiles of a normal distribution, in deviations."""
STANDS_FOR_NONE = re.compile(r"-?9{2,}|-9+")
"""Numbers that people write where they have none."""
REPEATED = 3
FEWEST = 20


class Extremes(NamedTuple):
    """The extreme values of one column.

    Args:
        name: The column.
        at: The rows' places in the table, the most extreme first.
        values: What stands there.
        z: How many spreads each is away from the median.
    """

    name: str
    at: NDArray[np.intp]
    values: NDArray[np.float64]
    z: NDArray[np.float64]


def about_numbers(table: RawTable) -> Iterator[Truth]:
    """What is to be said of the numbers, the target among them."""
    import polars as pl

    names = [name for name in table.names if table.judged[name].kind == "number"]
    goal = [] if table.y is None or table.classes is not None else [as_series(table.target, np.asarray(table.y, float))]
    # One after the other, for a column may bear the name of the target.
    found = [entry for frame in (table.frame.select(names), pl.DataFrame(goal)) for entry in extremes(frame)]
    if not found:
        return
    yield from placeholders(table, found)
    found.sort(key=lambda entry: -entry.z[0])
    worst = found[0]
    where = f"the {digits(float(worst.values[0]))} of {called(worst.name)} in row {table.rows[worst.at[0]]:,}"
    places = np.concatenate([entry.at for entry in found])
    rows = places[np.sort(np.unique(places, return_index=True)[1])]
    sentence = (
        f"{count(len(rows), 'row')} hold{'s' * (len(rows) == 1)} extreme values, in {count(len(found), 'column')}; "
        f"the farthest is {where}, {short(worst.z[0])} spreads from the median"
    )
    slips = any(entry.z[0] > SLIP for entry in found)
    yield Truth("extremes", sentence, table.rows[rows], tuple(entry.name for entry in found), serious=slips)


def extremes(frame: "pl.DataFrame") -> Iterator[Extremes]:
    """The columns with extreme values; the statistics of all columns are one pass."""
    import polars as pl

    if not frame.width or not len(frame):
        return
    every = pl.all()
    whole = (every.quantile(0.25, "linear"), every.median(), every.quantile(0.75, "linear"), every.min(), every.max())
    statistics = [frame.select(entry).row(0) for entry in whole]
    for name, *numbers in zip(frame.columns, *statistics, strict=True):
        if any(number is None for number in numbers):
            continue
        low, middle, high, least, most = map(float, numbers)
        if spread_of(low, high, least, most) == 0:
            # Half of the rows hold one value, such as 0: the others are compared with each other.
            others = frame[name].filter(frame[name] != middle).drop_nulls().to_numpy()
            if len(others) < FEWEST:
                continue
            low, middle, high = map(float, np.quantile(others, [0.25, 0.5, 0.75]))
            usual, least, most = float(numbers[1]), float(others.min()), float(others.max())
        else:
            usual = middle
        spread = spread_of(low, high, least, most)
        if not 0 < EXTREME * spread < max(most - middle, middle - least) < np.inf:
            continue
        x = frame[name].to_numpy()
        z = np.where(x == usual, 0.0, np.nan_to_num(np.abs(x - middle) / spread, nan=0.0))
        at = np.flatnonzero(z > EXTREME)
        at = at[np.argsort(-z[at], kind="stable")]
        yield Extremes(name, at, x[at], z[at])


def spread_of(low: float, high: float, least: float, most: float) -> float:
    """The robust deviation from the quartiles; 0 where it is nothing but rounding."""
    spread = (high - low) / NORMAL
    return spread if spread > 1e-12 * max(abs(least), abs(most)) else 0.0


def placeholders(table: RawTable, found: list[Extremes]) -> Iterator[Truth]:
    """A number such as −999 that stands several times, far from all others."""
    hits: list[tuple[str, float, NDArray[np.intp]]] = []
    for entry in found:
        for value, times in zip(*np.unique(entry.values, return_counts=True), strict=True):
            if times >= REPEATED and STANDS_FOR_NONE.fullmatch(f"{value:.15g}"):
                hits.append((entry.name, float(value), np.sort(entry.at[entry.values == value])))
    if not hits:
        return
    value = hits[0][1]
    listed = ", ".join(f"{number:.15g} in {len(at):,} rows of {called(name)}" for name, number, at in hits[:3])
    rows = np.unique(np.concatenate([at for _, _, at in hits]))
    sentence = f"numbers that look like missing values: {listed}; {missing_option(f'{value:.15g}')} reads them so"
    yield Truth("placeholders", sentence, table.rows[rows], tuple(dict.fromkeys(h[0] for h in hits)), serious=True)
