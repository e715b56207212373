# SPDX-License-Identifier: MIT
"""Truths about rows: empty ones, repeated ones, those on both sides of the split, and those that contradict others.

Two rows are the same where the columns that a network sees are; ids and free texts do not count.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from culpa.reporting.terminal import count, digits
from culpa.tables.frames import as_series
from culpa.tables.raw import RawTable
from culpa.tables.truths.truth import Truth, many

if TYPE_CHECKING:
    import polars as pl

__all__ = ["about_rows", "all_missing", "pair_codes", "same_rows"]

Codes = NDArray[np.intp]
CHANCE = 10
"""Repeated rows are no wonder where values drawn at random would give a tenth of them."""
CEILING = 0.001
"""What contradictions must cost, in accuracy, to be serious; of R² it is ten times as much."""


def about_rows(table: RawTable, held: NDArray[np.intp] | None = None) -> Iterator[Truth]:
    """What is to be said of the rows.

    Args:
        table: The raw table.
        held: The places in it of the rows that would be held out; None where none are.
    """
    if not table.names:
        return
    inputs = table.frame.select(table.names)
    empty = all_missing(inputs)
    if empty.any():
        at = np.flatnonzero(empty)
        sentence = f"{count(len(at), 'row')} hold{'s' * (len(at) == 1)} no value in any column, the first is row "
        yield Truth("empty", f"{sentence}{table.rows[at[0]]:,}", table.rows[at], serious=many(len(at), len(table)))
    codes = same_rows(inputs, empty)
    if table.y is not None:
        yield from contradictions(table, codes)
        whole = inputs.with_columns(as_series("\0", table.y))
        codes = pair_codes(codes, np.unique(table.y, return_inverse=True)[1])
    else:
        whole = inputs
    yield from repeated(table, whole, codes, held)


def all_missing(inputs: "pl.DataFrame") -> NDArray[np.bool_]:
    """Which rows hold no value at all (n,)."""
    import polars as pl

    found: NDArray[np.bool_] = inputs.select(pl.all_horizontal(pl.all().is_null()).alias("\0"))["\0"].to_numpy()
    return found


def same_rows(inputs: "pl.DataFrame", empty: NDArray[np.bool_]) -> Codes:
    """A number for each row (n,), the same for rows that are the same; rows without a value are like no other."""
    # Of a million rows two different ones share 64 bits by chance once in forty million tables.
    codes: Codes = np.unique(inputs.hash_rows().to_numpy(), return_inverse=True)[1].astype(np.intp)
    codes[empty] = codes.max(initial=0) + 1 + np.arange(int(empty.sum()))
    return codes


def pair_codes(first: Codes, second: NDArray[np.intp]) -> Codes:
    """A number for each pair of numbers (n,)."""
    codes: Codes = np.unique(first * (int(second.max(initial=0)) + 1) + second, return_inverse=True)[1]
    return codes


def together(codes: Codes, chosen: NDArray[np.bool_]) -> NDArray[np.intp]:
    """The places of the chosen rows, those that are the same side by side, in the order of the first of each."""
    at = np.flatnonzero(chosen)
    _, first, group = np.unique(codes[at], return_index=True, return_inverse=True)
    return at[np.argsort(first[group], kind="stable")] if len(at) else at


def contradictions(table: RawTable, codes: Codes) -> Iterator[Truth]:
    """Rows that are the same and have different targets, and what no network can exceed because of them."""
    if table.classes is None:
        yield from different_numbers(table, codes)
        return
    labels, y = np.unique(np.asarray(table.y), return_inverse=True)
    sizes = np.bincount(codes)
    votes, counted = np.unique(codes * len(labels) + y, return_counts=True)
    most = np.zeros(len(sizes), np.intp)
    np.maximum.at(most, votes // len(labels), counted)
    chosen = (most < sizes)[codes]
    if not chosen.any():
        return
    best = most.sum() / len(codes)
    rows = together(codes, chosen)
    groups_of = count(int((most < sizes).sum()), "group")
    sentence = (
        f"{count(len(rows), 'row')} stand in {groups_of} of the same inputs with different labels: on this table "
        f"nothing can be right on more than {not_quite(best)} %"
    )
    yield Truth("contradictions", sentence, table.rows[rows], (table.target,), serious=bool(1 - best >= CEILING))


def not_quite(share: float) -> str:
    """A share below 1 in percent, with as many digits as it takes to see that it is below.

    Example:
        >>> not_quite(0.846), not_quite(0.99978)
        ('84.6', '99.98')
    """
    digits = next((digits for digits in range(1, 6) if f"{100 * share:.{digits}f}" != f"{100:.{digits}f}"), 6)
    return f"{100 * share:.{digits}f}"


def different_numbers(table: RawTable, codes: Codes) -> Iterator[Truth]:
    """The same for a target of numbers."""
    y = np.asarray(table.y, np.float64)
    size = float(np.abs(y).max()) or 1.0
    low, high = np.full(codes.max() + 1, np.inf), np.full(codes.max() + 1, -np.inf)
    np.minimum.at(low, codes, y)
    np.maximum.at(high, codes, y)
    chosen = (high > low)[codes]
    if not chosen.any():
        return
    relative = y / size
    sizes = np.bincount(codes)
    within = relative - (np.bincount(codes, relative) / sizes)[codes]
    whole = relative - relative.mean()
    best = 1 - float(within @ within) / float(whole @ whole)
    rows = together(codes, chosen)
    widest = int(np.argmax(high - low))
    groups_of = count(int((high > low).sum()), "group")
    between = f"{digits(float(low[widest]))} and {digits(float(high[widest]))}"
    sentence = (
        f"{count(len(rows), 'row')} stand in {groups_of} of the same inputs with different targets, {between} at "
        f"the most: on this table no R² can exceed {best:.3f}"
    )
    yield Truth("contradictions", sentence, table.rows[rows], (table.target,), serious=1 - best >= 10 * CEILING)


def repeated(table: RawTable, whole: "pl.DataFrame", codes: Codes, held: NDArray[np.intp] | None) -> Iterator[Truth]:
    """Rows that repeat another one, target and all, and those of them that a split would put on both sides."""
    n = len(codes)
    sizes = np.bincount(codes)
    extra = int((sizes - 1).sum())
    if not extra:
        return
    chosen = (sizes > 1)[codes]
    strange = many(extra, n) and beyond_chance(whole, sizes)
    rows = together(codes, chosen)
    verb = "repeats an earlier one" if extra == 1 else "repeat earlier ones"
    target = ", target and all" if table.y is not None else ""
    yield Truth("duplicates", f"{extra:,} of {count(n, 'row')} {verb}{target}", table.rows[rows], serious=strange)
    if held is None or not len(held):
        return
    unseen = np.zeros(n, np.bool_)
    unseen[held] = True
    trained = np.zeros(len(sizes), np.bool_)
    trained[codes[~unseen]] = True
    both = unseen & trained[codes]
    if not both.any():
        return
    found = int(both.sum())
    rows = together(codes, chosen & trained[codes] & np.isin(codes, codes[both]))
    flatters = ": the held-out score flatters" if many(found, len(held)) else ""
    sentence = (
        f"{found:,} of the {count(len(held), 'held-out row')} {'is' if found == 1 else 'are'} among the training rows "
        f"too{flatters}"
    )
    yield Truth("split", sentence, table.rows[rows], serious=strange and many(found, len(held)))


def beyond_chance(whole: "pl.DataFrame", sizes: NDArray[np.intp]) -> bool:
    """Whether more rows are the same than columns of so few values would make the same anyway."""
    pairs = float((sizes * (sizes - 1.0)).sum() / 2)
    n = len(whole)
    expected = n * (n - 1.0) / 2
    for column in whole:
        shares = column.value_counts(name="\1count")["\1count"].to_numpy() / n
        expected *= float(shares @ shares)
        if CHANCE * expected < pairs:
            return True
    return False
