# SPDX-License-Identifier: MIT
"""Encoding: for each kind of column, what is learnt of it, and how its canonical values become inputs and come back.

    number     z = (x − median) / spread, bounded: b z / √(b² + z²); 0 where it is missing
    yes/no     1, 0; ½ where it is missing
    category   1 for the value's own level, or for `other`
    date       the time as a number; season, weekday and hour as sine and cosine of their cycle
    and one input more, 1 where the value is missing, if that happened among the training rows

Quantiles and counts are Polars's: the frame's own library works on every kind without a copy of Python objects, and
what remains of it is plain numbers and texts. The bound: D. Holzmüller, L. Grinsztajn, I. Steinwart, Better by Default
(2024), section 3.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from culpa.tables.canonical import divided
from culpa.tables.column import Column
from culpa.tables.kinds import MOST_LEVELS, Kind

if TYPE_CHECKING:
    import polars as pl

__all__ = ["ENCODERS", "Encoder", "flattening", "learn_column", "level_codes", "standardised", "unstandardised"]

NUMBER = re.compile(r"[+-]?(0|[1-9]\d*)(\.\d*)?([eE][+-]?\d+)?")
MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d+)?")
BOUND = 3.0
"""Standardised numbers bend towards this: an extreme value stays the largest, and rules nothing."""
LARGEST = float(np.finfo(np.float64).max)
DAY = 86_400
"""Seconds."""
CYCLES = {"season": 365.2425, "weekday": 7.0, "hour": 1.0}
"""Days that the cycles of a date take."""
SEASONAL = 60
"""Dates that lie further apart than so many days have a season."""
FIRST_DAY, LAST_DAY = -719_162, 2_932_896
"""Python's dates reach so far from 1970: from the year 1 to the year 9999."""
EPOCH_WEEKDAY = 3
"""1970 began on a Thursday; weeks begin on Mondays."""


class Encoder(NamedTuple):
    """What a kind of column needs.

    Args:
        learn: A column's state, from the canonical values of the training rows.
        parts: What its inputs are, in their order, without the flag for missing values.
        write: Fill an array (n, inputs) with the canonical values.
        read: The canonical values again, from such an array.
    """

    learn: Callable[["pl.Series"], Column]
    parts: Callable[[Column], tuple[str, ...]]
    write: Callable[[Column, "pl.Series", NDArray[Any]], None]
    read: Callable[[Column, NDArray[np.float64]], "pl.Series"]


def learn_column(kind: Kind, values: "pl.Series", form: str | None = None) -> Column:
    """Learn a column's encoding from its canonical values in the training rows."""
    learnt = ENCODERS[kind].learn(values.drop_nulls())
    return replace(learnt, missing=values.null_count() > 0, form=form)


def learn_number(known: "pl.Series") -> Column:
    """The median, and half the distance between the quartiles that a normal distribution has at ± 1 deviation."""
    return Column(known.name, "number", *location_and_spread(known), bound=BOUND)


def location_and_spread(known: "pl.Series") -> tuple[float, float]:
    """The median and a robust standard deviation, finite and positive whatever the numbers are."""
    if len(known) == 0:
        return 0.0, 1.0
    if largest(known) > 1e300:  # halves of them and their differences must not overflow
        center, spread = location_and_spread(known / 2.0**30)
        return center * 2.0**30, min(spread, LARGEST / 2.0**30) * 2.0**30
    low, center, high = (float(known.quantile(q, "linear") or 0.0) for q in (0.25, 0.5, 0.75))
    spread = (high - low) / 1.349
    if spread <= 1e-12 * max(abs(low), abs(high)):  # half of them are the same: the deviation, with nothing squared
        size = largest(known) or 1.0
        spread = float((known / size).std(ddof=0) or 0.0)  # type: ignore[arg-type]
        # NOTE: the deviation of a constant column is rounding noise, not always 0; dividing by it would blow it up.
        spread = spread * size if spread > 1e-12 else 1.0
    return center, spread or 1.0


def largest(known: "pl.Series") -> float:
    """The largest size of any number."""
    return float(known.abs().max() or 0.0)  # type: ignore[arg-type]


def no_parts(column: Column) -> tuple[str, ...]:
    """A number and a yes or no are one input."""
    del column
    return ("",)


def standardised(column: Column, values: NDArray[np.float64], most: float = 1e150) -> NDArray[np.float64]:
    """Numbers in units of their spread from the median, bounded; 0 where they are missing."""
    with np.errstate(over="ignore"):
        z = values - column.center  # a copy, which nothing but this changes
        z /= column.scale
    np.nan_to_num(z, copy=False, nan=0.0, posinf=most, neginf=-most)
    np.clip(z, -most, most, out=z)
    if column.bound is not None:
        z *= column.bound / np.hypot(column.bound, z)
    return z


def unstandardised(column: Column, z: NDArray[np.float64]) -> NDArray[np.float64]:
    """The other way; what the bound has flattened away comes back as the largest that it has not."""
    if column.bound is not None:
        b = column.bound
        z = np.clip(z, -np.nextafter(b, 0), np.nextafter(b, 0))
        z = b * z / np.sqrt((b - z) * (b + z))
    with np.errstate(over="ignore"):
        return np.clip(z * column.scale + column.center, -LARGEST, LARGEST)


def flattening(column: Column, raw: float) -> float:
    """The size of a number that would lose as many digits by rounding as this one loses by the bound's flatness."""
    if column.bound is None:
        return 0.0
    with np.errstate(over="ignore"):
        steep = np.hypot(1.0, raw / column.scale / column.bound - column.center / column.scale / column.bound)
        return float(min(column.scale * steep**3 * 1e-3, LARGEST))


def write_number(column: Column, values: "pl.Series", out: NDArray[Any]) -> None:
    """One number, 0 where it is missing, which is the median."""
    out[:, 0] = standardised(column, values.to_numpy(), min(1e150, float(np.finfo(out.dtype).max)))


def read_number(column: Column, X: NDArray[np.float64]) -> "pl.Series":
    """The number in its own unit."""
    import polars as pl

    return pl.Series(column.name, unstandardised(column, X[:, 0]))


def learn_boolean(known: "pl.Series") -> Column:
    """Nothing is to be learnt of yes and no."""
    return Column(known.name, "yes/no")


def write_boolean(column: Column, values: "pl.Series", out: NDArray[Any]) -> None:
    """1 or 0, and the middle where it is missing."""
    import polars as pl

    del column
    out[:, 0] = values.cast(pl.Float64).fill_null(0.5).to_numpy()


def read_boolean(column: Column, X: NDArray[np.float64]) -> "pl.Series":
    """Yes or no; missing in the middle."""
    import polars as pl

    return pl.Series(column.name, X[:, 0] > 0.5).set(pl.Series(X[:, 0] == 0.5), None)


def learn_category(known: "pl.Series") -> Column:
    """The levels that are not rare, the most frequent ones, in alphabetical order."""
    counts = known.alias("level").value_counts(name="count").sort(["count", "level"], descending=[True, False])
    rare = max(2, min(10, len(known) // 200))
    kept = counts.filter(counts["count"] >= rare).head(MOST_LEVELS)["level"]
    return Column(known.name, "category", levels=tuple(sorted(kept.to_list())), other=len(kept) < len(counts))


def category_parts(column: Column) -> tuple[str, ...]:
    """One input a level, and one for all others."""
    return (*(f"= {level}" for level in column.levels), *(["other"] if column.other else []))


def write_category(column: Column, values: "pl.Series", out: NDArray[Any]) -> None:
    """1 for the value's level; for no level at all 0 everywhere."""
    out[:] = 0
    codes = level_codes(column, values)
    rows = np.flatnonzero(codes >= 0)
    out[rows, codes[rows]] = 1


def level_codes(column: Column, values: "pl.Series") -> NDArray[np.int64]:
    """The number of each value's input, −1 for a missing value and for an unknown one that has none."""
    import polars as pl

    unknown = len(column.levels) if column.other else -1
    numbers = pl.Series(range(len(column.levels)), dtype=pl.Int64)
    codes = values.replace_strict(
        pl.Series(column.levels, dtype=pl.String), numbers, default=unknown, return_dtype=pl.Int64
    )
    numbered = codes.set(values.is_null(), -1)
    new = (codes == unknown) & values.is_not_null()
    return (otherwise_written(column, values, numbered, new) if new.any() else numbered).to_numpy()


def otherwise_written(column: Column, values: "pl.Series", codes: "pl.Series", new: "pl.Series") -> "pl.Series":
    """The codes with those of levels that are only written in another way, as other files and libraries write them."""
    import polars as pl

    spellings = Counter(map(spelt, column.levels))
    known = {spelt(level): code for code, level in enumerate(column.levels) if spellings[spelt(level)] == 1}
    found = {text: known[spelt(text)] for text in values.filter(new).unique().to_list() if spelt(text) in known}
    if not found:
        return codes
    again = values.replace_strict(
        pl.Series([*found], dtype=pl.String), pl.Series([*found.values()], dtype=pl.Int64), default=None,
        return_dtype=pl.Int64,
    )  # fmt: skip
    return again.zip_with(again.is_not_null() & new, codes)


def spelt(text: str) -> str:
    """One spelling for 1.0 and 1, True and true, a moment at midnight and its day.

    Example:
        >>> spelt("-1.50"), spelt("007"), spelt("TRUE"), spelt("2020-01-01T00:00:00.000")
        ('-1.5', '007', 'true', '2020-01-01')
    """
    if NUMBER.fullmatch(text):
        number = float(text)
        return str(int(number)) if number.is_integer() and abs(number) < 2**53 else repr(number)
    moment = MOMENT.fullmatch(text)
    if moment:
        day, time, fraction = moment.groups()
        fraction = (fraction or "").rstrip("0.")
        return day if time == "00:00:00" and not fraction else f"{day} {time}{fraction}"
    return text.lower() if text.lower() in ("true", "false") else text


def read_category(column: Column, X: NDArray[np.float64]) -> "pl.Series":
    """The level with the largest input; "other" for the rest, nothing where all are 0."""
    import polars as pl

    if X.shape[1] == 0:
        return pl.Series(column.name, [None] * len(X), dtype=pl.String)
    words = pl.Series(column.name, [*column.levels, *(["other"] if column.other else [])], dtype=pl.String)
    return words[X.argmax(axis=1)].set(pl.Series(X.max(axis=1) <= 0), None)


def learn_date(known: "pl.Series") -> Column:
    """The time as a number, and which cycles the dates go through."""
    days = in_days(known)
    values, parts = days.to_numpy(), ["time"]
    if len(values) and values.max() - values.min() > SEASONAL:
        parts.append("season")
    if len(np.unique(np.floor(values) % 7)) > 1:
        parts.append("weekday")
    if (values % 1 != 0).any():
        parts.append("hour")
    return Column(known.name, "date", *location_and_spread(days), BOUND, parts=tuple(parts))


def in_days(moments: "pl.Series") -> "pl.Series":
    """Days since 1970, with the time of day as a fraction."""
    import polars as pl

    return divided(moments.cast(pl.Int64), DAY * 1e6)


def date_parts(column: Column) -> tuple[str, ...]:
    """The time is one input, each cycle two."""
    return tuple(
        entry
        for part in column.parts
        for entry in ((part,) if part == "time" else (f"{part} (sine)", f"{part} (cosine)"))
    )


def write_date(column: Column, values: "pl.Series", out: NDArray[Any]) -> None:
    """The time, and the angle of each cycle; 0 where the date is missing."""
    days, j = in_days(values).to_numpy(), 0
    for part in column.parts:
        if part == "time":
            out[:, j] = standardised(column, days)
            j += 1
            continue
        angle = 2 * np.pi * ((days + (EPOCH_WEEKDAY if part == "weekday" else 0)) / CYCLES[part])
        out[:, j], out[:, j + 1] = np.nan_to_num(np.sin(angle), nan=0.0), np.nan_to_num(np.cos(angle), nan=0.0)
        j += 2


def read_date(column: Column, X: NDArray[np.float64]) -> "pl.Series":
    """The day, or the moment to the second where the dates had an hour."""
    import polars as pl

    step = 1 if "hour" in column.parts else DAY
    a_day = DAY // step
    steps = np.round(unstandardised(column, X[:, 0]) * a_day)
    steps = np.clip(steps, FIRST_DAY * a_day, (LAST_DAY + 1) * a_day - 1)
    moments = pl.Series(column.name, steps.astype(np.int64) * (step * 10**6)).cast(pl.Datetime("us"))
    return moments if "hour" in column.parts else moments.cast(pl.Date)


ENCODERS: dict[Kind, Encoder] = {
    "number": Encoder(learn_number, no_parts, write_number, read_number),
    "yes/no": Encoder(learn_boolean, no_parts, write_boolean, read_boolean),
    "category": Encoder(learn_category, category_parts, write_category, read_category),
    "date": Encoder(learn_date, date_parts, write_date, read_date),
}
