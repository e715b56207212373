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
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from culpa.errors import DataError, unknown_name
from culpa.tables.disguises import numbers_in, refuse_mixed
from culpa.tables.naming import kind_option, shown

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
    "names_rows",
    "said_kind",
    "without_blanks",
]

Kind = Literal["number", "category", "yes/no", "date", "text", "id", "constant"]
KINDS: tuple[Kind, ...] = get_args(Kind)
ENCODED: tuple[Kind, ...] = ("number", "category", "yes/no", "date")
"""The kinds that a network gets to see; the others are set aside."""

PAIRS = (("no", "yes"), ("n", "y"), ("false", "true"), ("f", "t"))
"""The words that are taken for no and yes, in any case."""

FORMS = (
    "%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f%#z", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y", "%d.%m.%Y %H:%M",
    "%d.%m.%Y %H:%M:%S", "%d/%m/%Y", "%d/%m/%Y %H:%M", "%m/%d/%Y", "%m/%d/%Y %H:%M", "%d-%m-%Y", "%m-%d-%Y",
    "%d %b %Y", "%d-%b-%Y", "%b %d, %Y",
)  # fmt: skip
"""The written forms of dates that are recognised; where two fit and differ, the reader is asked."""

FEWEST_FOR_ID = 10
"""With fewer rows, values that are all different prove nothing."""
MOST_LEVELS = 50
"""Texts with more different values than this, and more than half as many as there are rows, name rows."""
MOST_SPELLINGS = 8
"""Yes and no, each as it is, in small letters, in capitals, with one capital."""
ID_NAME = re.compile(
    r"(?i:^(id|idx|index|key|uuid|guid|rownames|row[ _.-]?(id|nr|number))$|[_ .-](id|key|uuid)$)|[a-z]I[dD]$"
)


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
    kind = column.dtype
    if kind.is_nested() or kind in (pl.Binary, pl.Object):
        return Judgement("text", f"it holds values of the type {kind}")
    if kind in (pl.String, pl.Categorical, pl.Enum):
        column = without_blanks(column.cast(pl.String))
    known = column.drop_nulls()
    known = known.drop_nans() if kind.is_float() else known
    distinct = known.n_unique()
    if distinct == 0:
        return Judgement("constant", "it holds no value at all")
    if distinct == 1 and len(known) == len(column):
        return Judgement("constant", f"every row holds {shown(known[0])}")
    if kind == pl.Boolean:
        return Judgement("yes/no", "booleans")
    if kind in (pl.Date, pl.Datetime):
        return Judgement("date", "dates")
    return judge_texts(column, known, distinct) if column.dtype == pl.String else judge_numbers(column, known, distinct)


def judge_numbers(column: "pl.Series", known: "pl.Series", distinct: int) -> Judgement:
    """Numbers, 0 and 1, or numbers that count or name the rows."""
    if distinct == 2 and set(known.unique().to_list()) == {0, 1}:
        return Judgement("yes/no", "0 and 1")
    why = names_rows(column)
    return Judgement("id", why) if why else Judgement("number", "numbers")


def names_rows(column: "pl.Series") -> str | None:
    """Why whole numbers are taken for names of the rows; None where they are not."""
    if not column.dtype.is_integer() or not column.n_unique() == len(column) >= FEWEST_FOR_ID:
        return None
    low, high = int(column.min()), int(column.max())  # type: ignore[arg-type]
    if high - low == len(column) - 1:
        return f"it counts the rows, from {low} to {high}"
    if ID_NAME.search(column.name):
        return f"{len(column):,} different whole numbers in as many rows, by its name an id"
    return None


def judge_texts(column: "pl.Series", known: "pl.Series", distinct: int) -> Judgement:
    """Texts: a pair of words, dates, categories, names of rows, or prose; numbers with something wrong are refused."""
    if distinct <= MOST_SPELLINGS:
        words = set(known.str.strip_chars().str.to_lowercase().to_list())
        if any(words == set(pair) for pair in PAIRS):
            return Judgement("yes/no", " and ".join(sorted(words)))
    form = date_form(known)
    if form is not None:
        return Judgement("date", f"dates written as {form}", form)
    refuse_mixed(column)
    which = f"{distinct:,} different texts in {len(known):,} rows"
    if (distinct > MOST_LEVELS and 2 * distinct > len(known)) or distinct == len(known) >= FEWEST_FOR_ID:
        numbers = numbers_in(column)
        if numbers is not None:  # texts of a frame; a file's were numbers from the first
            return judge_numbers(numbers, numbers.drop_nulls(), distinct)
        prose = 2 * int((known.str.count_matches(r"\s+") >= 2).sum()) > len(known)
        return Judgement("text" if prose else "id", which)
    return Judgement("category", which)


def without_blanks(texts: "pl.Series") -> "pl.Series":
    """A text of blanks alone says nothing; a file of texts cannot tell it from a gap."""
    return texts.set((texts.str.strip_chars() == "").fill_null(False), None)


def date_form(column: "pl.Series") -> str | None:
    """The one form in which all entries of a text column are dates, or None.

    Raises:
        DataError: If two forms fit all of them and say different days.
    """
    known = without_blanks(column).drop_nulls()
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
                hint=" or ".join(kind_option(column.name, f"date:{form}") for form in (fits[0], other)),
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
