# SPDX-License-Identifier: MIT
"""Truths about columns: size, kinds, missing values, what is set aside, twins, and categories that share an input.

It looks at no number's size; `numbers` does.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from culpa.reporting.terminal import count, percent
from culpa.tables.encoding import learn_column
from culpa.tables.kinds import KINDS
from culpa.tables.raw import RawTable
from culpa.tables.truths.truth import Truth, called, several

if TYPE_CHECKING:
    import polars as pl

__all__ = ["about_columns"]

NO_ROWS = np.empty(0, np.intp)
MOST_COMPARED = 300
"""Columns of few values that are searched for one-to-one recodings of each other."""
FEW_VALUES = 100
"""A recoding is looked for among columns with no more values than this: two columns of ids prove nothing."""
PLURALS = {"category": "categories", "yes/no": "yes/no", "text": "free texts", "id": "ids", "constant": "constant"}


def about_columns(table: RawTable) -> Iterator[Truth]:
    """What is to be said of the columns."""
    yield Truth("size", size(table), NO_ROWS)
    yield Truth("kinds", kinds(table), NO_ROWS)
    yield from missing(table)
    yield from one_value(table)
    yield from set_aside(table)
    yield from twins(table)
    yield from crowded(table)


def size(table: RawTable) -> str:
    """How large the table is, and what is to be predicted."""
    text = f"{called(table.name)}: {count(len(table), 'row')}, {count(table.frame.width, 'column')}"
    if table.y is None:
        return f"{text}; no target is named"
    if table.classes is None:
        return f"{text}; the target {called(table.target)} holds numbers"
    classes = count(len(table.classes), "class", "classes")
    return f"{text}; the target {called(table.target)} has {classes}: {several(table.classes)}"


def kinds(table: RawTable) -> str:
    """How many columns there are of each kind."""
    found = Counter(judgement.kind for judgement in table.judged.values())
    parts = [
        f"{found[kind]:,} {PLURALS.get(kind, kind + 's') if found[kind] > 1 or kind == 'yes/no' else kind}"
        for kind in KINDS
        if found[kind]
    ]
    return f"the columns hold {', '.join(parts)}" if parts else "no column is left beside those with a role"


def missing(table: RawTable) -> Iterator[Truth]:
    """Which columns lack values, the worst first."""
    import polars as pl

    counted = table.frame.null_count().row(0) if table.frame.width else ()
    lacking = sorted(
        ((lacks, name) for name, lacks in zip(table.frame.columns, counted, strict=True) if 0 < lacks < len(table)),
        key=lambda entry: -entry[0],
    )
    if not lacking:
        return
    names = [name for _, name in lacking]
    n = len(table)
    any_of = table.frame.select(pl.any_horizontal(pl.col(names).is_null()).alias("there"))["there"].to_numpy()
    rows = np.flatnonzero(any_of)
    listed = ", ".join(f"{called(name)} in {lacks:,} ({percent(lacks / n)})" for lacks, name in lacking[:3])
    more = f" and {len(names) - 3:,} more" if len(names) > 3 else ""
    lack = f"{len(rows):,} of {count(n, 'row')} lack{'s' * (len(rows) == 1)} values"
    sentence = f"{lack}, in {count(len(names), 'column')}: {listed}{more}"
    yield Truth("missing", sentence, table.rows[rows], tuple(names))


def one_value(table: RawTable) -> Iterator[Truth]:
    """Columns that hold one value, or none."""
    import polars as pl

    plain = [name for name in table.frame.columns if table.judged[name].kind != "text"]
    if not plain:
        return
    distinct = table.frame.select(pl.col(plain).n_unique()).row(0)
    names = tuple(name for name, different in zip(plain, distinct, strict=True) if different <= 1)
    empty = [name for name in names if table.frame[name].null_count() == len(table)]
    same = [name for name in names if name not in set(empty)]
    said = [f"{count(len(same), 'column')} hold{'s' * (len(same) == 1)} one value in every row ({several(same)})"]
    said += [f"{count(len(empty), 'column')} hold{'s' * (len(empty) == 1)} no value at all ({several(empty)})"]
    parts = [part for part, those in zip(said, (same, empty), strict=True) if those]
    if parts:
        yield Truth("constant", f"{'; '.join(parts)}: nothing can be learnt from them", NO_ROWS, names)


def set_aside(table: RawTable) -> Iterator[Truth]:
    """Columns that name rows, and free texts."""
    for kind, key, what in (("id", "ids", "names the rows"), ("text", "texts", "holds free text")):
        names = tuple(name for name in table.frame.columns if table.judged[name].kind == kind)
        if len(names) == 1:
            why = table.judged[names[0]].why
            yield Truth(key, f"{called(names[0])} {what} and is set aside: {why}", NO_ROWS, names)
        elif names:
            verb = "name the rows" if kind == "id" else "hold free text"
            yield Truth(
                key, f"{count(len(names), 'column')} {verb} and are set aside: {several(names)}", NO_ROWS, names
            )


def twins(table: RawTable) -> Iterator[Truth]:
    """Columns with the same content, or with the same content in other words."""
    import polars as pl

    names = table.names
    if len(names) < 2:
        return
    # Each row's hash is weighted by a number of its own, so that the same values in another order differ.
    weights = pl.Series(np.random.default_rng(0).integers(1, 2**62, len(table), dtype=np.uint64) * 2 + 1)
    sums = table.frame.select((pl.col(names).hash() * weights).sum()).row(0)
    first: dict[tuple[int, str], str] = {}
    pairs: list[tuple[str, str]] = []
    left: list[str] = []
    for name, total in zip(names, sums, strict=True):
        values = table.frame[name]
        other = first.setdefault((total, str(values.dtype)), name)
        if other == name or values.n_unique() <= 1:
            left.append(name)
        elif values.eq_missing(table.frame[other]).all():
            pairs.append((other, name))
    recoded = list(recodings(table, left))
    for key, found, what in (
        ("twins", pairs, "repeat"),
        ("recodings", recoded, "say in other words what others say"),
    ):
        if not found:
            continue
        listed = ", ".join(f"{called(copy)} = {called(other)}" for other, copy in found[:3])
        more = f" and {len(found) - 3:,} more" if len(found) > 3 else ""
        what = "repeat another one" if what == "repeat" else what
        verb = what if len(found) > 1 else what.replace("repeat", "repeats").replace("say in", "says in", 1)
        columns = tuple(dict.fromkeys(name for pair in found for name in pair))
        yield Truth(key, f"{count(len(found), 'column')} {verb}: {listed}{more}", NO_ROWS, columns)


def recodings(table: RawTable, names: list[str]) -> Iterator[tuple[str, str]]:
    """Pairs of columns of few values whose values stand for each other, one to one."""
    by_pattern: dict[bytes, list[tuple[str, int]]] = defaultdict(list)
    compared = 0
    head = table.frame.head(1000)
    for name in names:
        values = head[name]
        if compared == MOST_COMPARED or not 2 <= values.n_unique() <= min(FEW_VALUES, len(values) // 4):
            continue
        compared += 1
        distinct = table.frame[name].n_unique()
        same = by_pattern[first_seen(values)]
        for other, its in same:
            if its == distinct == table.frame.select(other, name).n_unique():
                yield other, name
                break
        else:
            same.append((name, distinct))


def first_seen(values: "pl.Series") -> bytes:
    """Each value as the number of the value in the order of appearance, so that names do not matter."""
    index = np.unique(values.rank("dense").fill_null(0).to_numpy(), return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(index[1]))
    return order[index[2]].astype(np.int16).tobytes()


def crowded(table: RawTable) -> Iterator[Truth]:
    """Categories of so many levels, or such rare ones, that several share the input called other."""
    found: list[tuple[float, str, int, int]] = []
    for name in table.names:
        if table.judged[name].kind != "category":
            continue
        values = table.frame[name]
        learnt = learn_column("category", values.drop_nulls())
        if not learnt.other:
            continue
        distinct = values.drop_nulls().n_unique()
        share = 1 - float(values.is_in(list(learnt.levels)).sum()) / max(1, values.count())
        found.append((share, name, distinct, distinct - len(learnt.levels)))
    if not found:
        return
    found.sort(key=lambda entry: -entry[0])
    share, name, distinct, rare = found[0]
    sentence = f"{rare:,} of the {distinct:,} levels of {called(name)} share one input, {percent(share)} of its values"
    if len(found) > 1:
        sentence += f"; so do rare levels of {count(len(found) - 1, 'column')} more"
    yield Truth("levels", sentence, NO_ROWS, tuple(entry[1] for entry in found))
