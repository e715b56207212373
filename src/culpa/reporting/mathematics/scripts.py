# SPDX-License-Identifier: MIT
"""Indices in plain text: Unicode's small signs where it has one for each letter, a_L or h_{L−1} where not.

    δ₂,₁ = δ₂      and, as there is no small d,      δ_{k,d} W_{k,dj} = 0

Signs of several parts are written in one way throughout an equation, or whatever a Style is made for.
"""

from typing import Any, NamedTuple

from culpa.reporting.mathematics.expressions import Letter, Listing, walk
from culpa.reporting.mathematics.numerals import DIGITS

__all__ = ["Style", "lowered", "raised"]

LOWER = dict(zip("0123456789+−=(),aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎,ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True))
"""A comma has no small form, and needs none: no space follows it, as one does between arguments."""
UPPER = dict(
    zip(
        "0123456789+−=(),abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾,ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ",
        strict=True,
    )
)


class Style(NamedTuple):
    """How an expression is written in text.

    Attributes:
        digits: How many significant digits of a number are shown.
        small: Whether an index of several parts is written in small letters.
    """

    digits: int = DIGITS
    small: bool = True

    @classmethod
    def of(cls, *expressions: Any, digits: int = DIGITS, small: "bool | None" = None) -> "Style":
        """The style for expressions: small letters where every index of several parts has them."""
        return cls(digits, all(map(is_small, expressions)) if small is None else small)


def is_small(expression: Any) -> bool:
    """Whether there are small letters for all its indices of several parts."""
    return all(
        set(part.glyph) <= set(LOWER) and part.lower is None and part.upper is None
        for letter in walk(expression)
        if isinstance(letter, Letter) and isinstance(letter.lower, Listing)
        for part in walk(letter.lower)
        if isinstance(part, Letter)
    )


def lowered(text: str, *, small: bool = True) -> str:
    """A text as a subscript.

    Example:
        >>> [lowered(text) for text in ("k−1", "L", "L−1")], lowered("k,i", small=False)
        (['ₖ₋₁', '_L', '_{L−1}'], '_{k,i}')
    """
    if small and set(text) <= set(LOWER):
        return "".join(map(LOWER.__getitem__, text))
    return f"_{text}" if len(text) == 1 else f"_{{{text}}}"


def raised(text: str) -> str:
    """A text as a superscript; one that begins and ends with a bracket needs no others.

    Example:
        >>> [raised(text) for text in ("l+1", "(m)", "[l]", "[l](i)", "q", "α+1")]
        ['ˡ⁺¹', '⁽ᵐ⁾', '^[l]', '^[l](i)', '^q', '^{α+1}']
    """
    if set(text) <= set(UPPER):
        return "".join(map(UPPER.__getitem__, text))
    return f"^{text}" if len(text) == 1 or (text[0] in "[(" and text[-1] in "])") else f"^{{{text}}}"
