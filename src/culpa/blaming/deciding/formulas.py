# SPDX-License-Identifier: MIT
"""Formulas: texts that a spreadsheet would run, made harmless and made themselves again. Knows no table.

A quote goes in front of a text that begins like a formula, and of one that begins with quotes and then like a formula;
so reading takes one quote away from each of these and from no other, and every text comes back.
"""

import re

__all__ = ["harmless", "like_formula", "restored"]

SIGNS = "=+\\-@\t\r\n＝＋－＠"
DANGER = re.compile(f"'*[{SIGNS}]")
MADE_HARMLESS = re.compile(f"'+[{SIGNS}]")
"""The broad signs are formulas too in the places where they are typed."""
NUMBER = re.compile(r"[+-][\d.,]*\d[\d.,]*([eE][+-]?\d+)?")


def harmless(text: str) -> str:
    """A text that no spreadsheet runs.

    Example:
        >>> harmless("=1+1"), harmless("'=1+1"), harmless("plain")
        ("'=1+1", "''=1+1", 'plain')
    """
    return "'" + text if DANGER.match(text) else text


def restored(text: str) -> str:
    """The text that was made harmless.

    Example:
        >>> restored("'=1+1"), restored("''=1+1"), restored("'tis")
        ('=1+1', "'=1+1", "'tis")
    """
    return text[1:] if MADE_HARMLESS.match(text) else text


def like_formula(text: str) -> bool:
    """Whether a spreadsheet might run a text as it stands; a number with a sign is none."""
    return bool(DANGER.match(text)) and not text.startswith("'") and not NUMBER.fullmatch(text)
