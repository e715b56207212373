# SPDX-License-Identifier: MIT
"""Kinds: what a column holds, judged by its type and its values, never by the target. Encodes nothing.

number     finite numbers; durations in seconds
yes/no     booleans, 0 and 1, or a pair of words such as yes and no
category   texts of which many rows share one
date       days or moments, typed or written in one recognised form
text       free text, or what is nested: set aside
id         another value in nearly every row: set aside
constant   the same value in every row, or none at all: set aside
"""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from culpa.errors import DataError, OptionError, unknown_name

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "ENCODED",
    "KINDS",
    "PAIRS",
    "Judgement",
    "Kind",
    "date_form",
    "judge",
    "needs_names",
    "refuse_mixed",
    "said_kind",
    "shown",
]

Kind = Literal["number", "category", "yes/no", "date", "text", "id", "constant"]
KINDS: tuple[Kind, ...] = get_args(Kind)
ENCODED: tuple[Kind, ...] = ("number", "category", "yes/no", "date")
"""The kinds that a network gets to see; the others are set aside."""

PAIRS = (("no", "yes"), ("n", "y"), ("false", "true"), ("f", "t"))
"""The words that are taken for no and yes, in any case."""

FORMS = (
    "%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.fZ", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y", "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S",
    "%d/%m/%Y", "%d/%m/%Y %H:%M", "%m/%d/%Y", "%m/%d/%Y %H:%M", "%d-%m-%Y", "%m-%d-%Y", "%d %b %Y", "%d-%b-%Y",
    "%b %d, %Y",
)  # fmt: skip
"""The written forms of dates that are recognised; where two fit and differ, the reader is asked."""

FEWEST_FOR_ID = 10
"""With fewer rows, values that are all different prove nothing."""
MOST_LEVELS = 50
"""Texts with more different values than this, and more than half as many as there are rows, name rows."""
MOSTLY = 0.9
"""A text column with this share of numbers is a number column with something wrong in it."""
ID_NAME = re.compile(
    r"(?i:^(id|idx|index|key|uuid|guid|rownames|row_?(id|nr|number))$|[_ .-](id|key|uuid)$)|[a-z]I[dD]$"
)
THOUSANDS = r"^\s*[+-]?\d{1,3}(,\d{3})+(\.\d+)?\s*$|^\s*[+-]?\d{1,3}(\.\d{3})+,\d+\s*$"


class Judgement(NamedTuple):
    """What a column is taken for.

    Args:
        kind: One of `KINDS`.
        why: A few words, as evidence.
        form: How its dates are written; None where they are typed, or there are none.
    """

    kind: Kind
    why: str
    form: str | None = None


def said_kind(word: str) -> Judgement:
    """A kind as the reader says it: "category", or "date:%d/%m/%Y" with the form that the dates have.

    Raises:
        OptionError: If it is none.

    Example:
        >>> said_kind("date:%d/%m/%Y").form
        '%d/%m/%Y'
    """
    kind, _, form = word.partition(":")
    for known in KINDS:
        if known == kind and (not form or kind == "date"):
            return Judgement(known, "as said", form or None)
    raise unknown_name("kind", word, KINDS)


def judge(column: "pl.Series", given: str | None = None) -> Judgement:
    """Say what a column holds.

    Args:
        column: Its values as they were found.
        given: The kind as the reader says it, which is then not judged.

    Raises:
        DataError: If numbers are mixed with texts, or dates may be read in two ways; says where and what to do.

    Example:
        >>> import polars as pl
        >>> judge(pl.Series("city", ["Rome", "Oslo"] * 10)).kind
        'category'
    """
    import polars as pl

    if given is not None:
        said = said_kind(given)
        if said.kind == "date" and said.form is None and column.dtype == pl.String:
            return said._replace(form=date_form(column))
        return said
    known = column.drop_nulls()
    known = known.drop_nans() if column.dtype.is_float() else known
    if column.dtype.is_nested() or column.dtype in (pl.Binary, pl.Object):
        return Judgement("text", f"it holds values of the type {column.dtype}")
    if len(known) == 0:
        return Judgement("constant", "it holds no value at all")
    distinct = known.n_unique()
    if distinct == 1 and len(known) == len(column):
        return Judgement("constant", f"every row holds {shown(known[0])}")
    if column.dtype == pl.Boolean:
        return Judgement("yes/no", "booleans")
    if column.dtype in (pl.Date, pl.Datetime):
        return Judgement("date", "dates")
    if column.dtype.is_numeric() or column.dtype in (pl.Duration, pl.Time):
        return judge_numbers(column, known, distinct)
    return judge_texts(column, known.cast(pl.String), distinct)


def judge_numbers(column: "pl.Series", known: "pl.Series", distinct: int) -> Judgement:
    """Numbers, 0 and 1, or numbers that count or name the rows."""
    if distinct == 2 and set(known.unique().to_list()) == {0, 1}:
        return Judgement("yes/no", "0 and 1")
    if column.dtype.is_integer() and distinct == len(column) >= FEWEST_FOR_ID:
        if int(known.max()) - int(known.min()) == distinct - 1:  # type: ignore[arg-type]
            return Judgement("id", f"it counts the rows, from {known.min()!r} to {known.max()!r}")
        if ID_NAME.search(column.name):
            return Judgement("id", f"{distinct:,} different whole numbers in as many rows, by its name an id")
    return Judgement("number", "numbers")


def judge_texts(column: "pl.Series", known: "pl.Series", distinct: int) -> Judgement:
    """Texts: a pair of words, dates, categories, names of rows, or prose; numbers with something wrong are refused."""
    import polars as pl

    known = known.filter(known.str.strip_chars() != "")
    if len(known) == 0:
        return Judgement("constant", "it holds no value at all")
    words = set(known.str.to_lowercase().unique().to_list()) if distinct <= 2 * 4 else set()
    if any(words == set(pair) for pair in PAIRS):
        return Judgement("yes/no", " and ".join(sorted(words)))
    form = date_form(column)
    if form is not None:
        return Judgement("date", f"dates written as {form}", form)
    refuse_mixed(column, int(known.str.strip_chars().cast(pl.Float64, strict=False).is_not_null().sum()) / len(known))
    names_rows = distinct > MOST_LEVELS and 2 * distinct > len(known)
    if names_rows or distinct == len(known) >= FEWEST_FOR_ID:
        long = (known.str.count_matches(r"\s+") >= 2).mean() or 0.0
        which = f"{distinct:,} different texts in {len(known):,} rows"
        return Judgement("text" if long > 0.5 else "id", which)  # type: ignore[operator]
    return Judgement("category", f"{distinct:,} different texts")


def refuse_mixed(column: "pl.Series", share: float) -> None:
    """Refuse a column of numbers with texts in between, by the first row that is none."""
    import polars as pl

    texts = column.cast(pl.String)
    separated = texts.str.contains(THOUSANDS).fill_null(False)
    if separated.any() and share + int(separated.sum()) / len(texts) >= MOSTLY:
        row = int(separated.arg_max() or 0)
        separator = "," if "," in texts[row][:5] and texts[row].rfind(".") >= texts[row].rfind(",") - 4 else "."
        raise DataError(
            f"Row {row:,} of the column {column.name!r} holds {texts[row]!r}, a number with separators of thousands.",
            hint=f"--thousands '{separator}' takes them out.",
        )
    if MOSTLY <= share < 1:
        numbers = texts.str.strip_chars().cast(pl.Float64, strict=False).is_not_null()
        wrong = texts.is_not_null() & (texts.str.strip_chars() != "") & ~numbers
        row = int(wrong.arg_max() or 0)
        raise DataError(
            f"Row {row:,} of the column {column.name!r} holds {texts[row]!r}, where {share:.1%} of the rows "
            "hold numbers.",
            hint=f"mend it; or --missing {texts[row]!r} reads it as missing; or --kind {column.name!r}=category.",
        )


def date_form(column: "pl.Series") -> str | None:
    """The one form in which all entries of a text column are dates, or None.

    Raises:
        DataError: If two forms fit all of them and say different days.
    """
    known = column.drop_nulls()
    head = known.head(100)
    fits = [form for form in FORMS if reads_as(head, form)] if len(known) else []
    if fits and len(known) > len(head):
        fits = [form for form in fits if reads_as(known, form)]
    if not fits:
        return None
    first = known.str.to_datetime(fits[0])
    for other in fits[1:]:
        differs = first != known.str.to_datetime(other)
        if differs.any():
            row = int(differs.arg_max() or 0)
            raise DataError(
                f"The column {column.name!r} holds dates such as {known[row]!r}, whose day and month cannot be told "
                "apart.",
                hint=f"--kind '{column.name}=date:{fits[0]}' or --kind '{column.name}=date:{other}'",
            )
    return fits[0]


def reads_as(texts: "pl.Series", form: str) -> bool:
    """Whether every text is a date in this form."""
    import polars as pl

    if form == "%Y%m%d" and not (texts.str.len_chars() == 8).all():
        return False
    try:
        return texts.str.to_datetime(form, strict=False).null_count() == 0
    except pl.exceptions.PolarsError:
        return False


def shown(value: object) -> str:
    """A value as a reader may be shown it, cut where it is long."""
    text = repr(value)
    return text if len(text) <= 40 else text[:39] + "…"


def needs_names(names: Iterable[str], known: Iterable[str], what: str) -> None:
    """Refuse a name that no column has.

    Raises:
        OptionError: If one is unknown; it lists the known ones and guesses.
    """
    columns = list(known)
    for name in names:
        if name not in columns:
            from difflib import get_close_matches

            close = get_close_matches(name, columns, n=1)
            listed = ", ".join(columns[:12]) + (", …" if len(columns) > 12 else "")
            raise OptionError(
                f"{what} {name!r} is no column of the table; it has {listed}.",
                hint=f"did you mean {close[0]!r}?" if close else None,
            )
