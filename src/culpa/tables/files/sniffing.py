# SPDX-License-Identifier: MIT
"""Sniffing: what separates the columns of a text, whether it has names, and which; from its first records alone."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import NamedTuple

from culpa.errors import DataError, FileError, OptionError
from culpa.tables.files.opening import LOOK, Opened
from culpa.tables.roles import Form

__all__ = ["Layout", "is_number", "large_fields", "sniff"]

SEPARATORS = ("\t", ";", "|", ",")
"""Those that are recognised; where several split all records alike, the first: a comma may be a decimal sign."""
OTHERS = (*SEPARATORS, " ", ":", "^", "~")
WORDS = {"tab": "\t", "\\t": "\t", "space": " ", "comma": ",", "semicolon": ";", "pipe": "|"}
"""Separators that are hard to type, by name."""
RECORDS = 50
"""So many records are looked at."""
MOSTLY = 0.8
"""With this share of the records alike a separator is the one, and the others are at fault."""


class Layout(NamedTuple):
    """How a text is laid out.

    Args:
        sep: What separates the columns.
        names: One for each of them.
        header: Whether the first record held them.
        spaced: Whether a space follows every separator.
        notes: What was recognised, in sentences.
    """

    sep: str
    names: tuple[str, ...]
    header: bool
    spaced: bool
    notes: tuple[str, ...]


def sniff(opened: Opened, form: Form) -> Layout:
    """Recognise how a text is laid out, where the reader does not say.

    Raises:
        FileError: If what separates the columns cannot be recognised.
        DataError: If two columns have one name.
        OptionError: If what the reader says cannot be.
    """
    notes = []
    if form.sep is not None:
        sep = needs_separator(form.sep)
    else:
        sep = recognised(opened)
        if sep in ";|":
            notes.append(f"Its columns are separated by {sep!r}.")
    records = first_records(opened, sep)
    spaced = len(records[0]) > 1 and all(field.startswith(" ") for fields in records for field in fields[1:])
    spaced = spaced and sep in ",;|"
    if spaced:
        records = first_records(opened, sep, skips=True)
        notes.append("The space after each separator was left out.")
    refuse_one_column(records, sep)
    first = records[0]
    header, note = recognised_header(first) if form.header is None else (form.header, None)
    notes += [note] if note else []
    names = tuple(name.strip() or f"column_{j + 1}" for j, name in enumerate(first if header else [""] * len(first)))
    if len(set(names)) < len(names):
        twice = next(name for name, count in Counter(names).items() if count > 1)
        where = " and ".join(f"{j:,}" for j, name in enumerate(names) if name == twice)
        raise DataError(
            f"Two columns are called {twice!r}, the columns {where} (from 0).", hint="give each a name of its own."
        )
    return Layout(sep, names, header, spaced, tuple(notes))


def needs_separator(said: str) -> str:
    """What the reader says, as the one character it is."""
    sep = WORDS.get(said, said)
    if len(sep.encode()) != 1 or sep in '"\r\n\0':
        raise OptionError(f"--sep must be one plain character, or tab; got {said!r}.")
    return sep


def recognised(opened: Opened) -> str:
    """The separator that splits the first records most alike; a comma where none splits them."""
    best, share = ",", 0.0
    for sep in SEPARATORS:
        widths = Counter(len(fields) for fields in first_records(opened, sep, skips=True))
        width, count = max(widths.items(), key=lambda entry: (entry[1], entry[0]))
        alike = count / widths.total()
        if width > 1 and alike > max(share, MOSTLY if widths.total() > 5 else 0):
            best, share = sep, alike
    return best


def first_records(opened: Opened, sep: str, *, skips: bool = False, most: int = RECORDS + 1) -> list[list[str]]:
    """The first records that are not blank."""
    length = LOOK
    while True:
        head = opened.head(length)
        whole = len(head) == opened.size
        text = io.StringIO(head.decode("utf-8-sig", errors="surrogateescape"), newline="")
        with large_fields():
            records = list(islice(filled(csv.reader(text, delimiter=sep, skipinitialspace=skips)), most + 1))
        if whole or len(records) > most or length > LOOK << 10:
            break
        length *= 8
    if not records:
        raise FileError("It is empty.", hint="a table has a row of names and rows of values.")
    return records[:most]


def filled(records: Iterable[list[str]]) -> Iterator[list[str]]:
    """The records that are not blank."""
    return (fields for fields in records if any(map(str.strip, fields)) or len(fields) > 1)


@contextmanager
def large_fields() -> Iterator[None]:
    """Let the csv module read fields of any length for a while; its limit holds for the whole process."""
    before = csv.field_size_limit(2**31 - 1)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def refuse_one_column(records: Sequence[Sequence[str]], sep: str) -> None:
    """Refuse a text that comes out as one column, where another separator would split every record."""
    if any(len(fields) > 1 for fields in records):
        return
    lines = [fields[0] for fields in records]
    for other in OTHERS:
        if other != sep and all(other in line.strip() for line in lines):
            known = {"\t": "tab", " ": "space"}.get(other, f"'{other}'")
            several = other == " " and any("  " in line.strip() for line in lines)
            raise FileError(
                f"It comes out as one column, with {sep!r} between the columns; its first line is {lines[0][:60]!r}.",
                hint="write one comma, and no spaces, between the columns." if several else f"--sep {known}, perhaps?",
            )


def recognised_header(first: Sequence[str]) -> tuple[bool, str | None]:
    """Whether the first record holds names, and what the reader should hear of it."""
    known = [field.strip() for field in first if field.strip()]
    numbers = [field for field in known if is_number(field.replace(",", "."))]
    counts = len(numbers) > 1 and any(numbers == [str(j + start) for j in range(len(numbers))] for start in (0, 1))
    some = f"{', '.join(numbers[:3])}{', …' if len(numbers) > 3 else ''}"
    if not numbers or (counts and len(numbers) < len(known)):
        return True, None
    if counts:
        return True, f"The first row counts {some}, which are taken for names; --no-header takes it for data."
    if len(numbers) < len(known):
        return True, f"Some names are numbers ({some}); if the first row is data, --no-header says so."
    which = f"column_1 to column_{len(first)}" if len(first) > 1 else "column_1"
    return False, f"The first row holds numbers only and is taken for data; the columns are {which} (or --header)."


def is_number(text: str) -> bool:
    """Whether a text says a number, NaN among them."""
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text
