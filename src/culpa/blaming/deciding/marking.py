# SPDX-License-Identifier: MIT
"""Marks: a few letters that say which table a list was made of. Knows no list."""

import hashlib
from typing import TYPE_CHECKING

from culpa.tables.canonical import as_text
from culpa.tables.frames import as_series
from culpa.tables.parting import target_of
from culpa.tables.raw import RawTable

if TYPE_CHECKING:
    import polars as pl

__all__ = ["mark_of"]

LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")
"""Letters alone, as a spreadsheet makes a number of 12345678, and of 1e234567 another one."""


def mark_of(table: RawTable) -> str:
    """Eight letters that change with the rows' numbers and with what the target holds in any of them.

    Columns that are left out or held to be of another kind leave it as it is, so that a list may go on being used. A
    corrected table has the mark of the table as it was.
    """
    if table.origin is not None:
        return table.origin
    texts: pl.Series = as_text(as_series("target", target_of(table)))
    digest = hashlib.sha256(table.rows.astype("<i8").tobytes())
    digest.update("\x1f".join(text or "" for text in texts.to_list()).encode())
    return digest.hexdigest()[:8].translate(LETTERS)
