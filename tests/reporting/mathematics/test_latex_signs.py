# SPDX-License-Identifier: MIT
"""Signs in LaTeX: any text becomes harmless ASCII, and no letter of the formulas is lost."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from culpa.reporting.mathematics.latex_signs import ascii_code, escaped, glyph
from tests.explaining.rendering import faults_of, needs_web

LETTERS = "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩℓ𝓛∂∇⊙·×∞≤≥≠≈□ŷx̄"
COMMAND = re.compile(r"\\(?:text[a-z]+\{\}|[a-zA-Z]+\{|[&%$#_{}`'^\"~=.,]|ldots\{\}|[a-zA-Z]{1,2}\{\})")


def is_harmless(written: str) -> bool:
    """Whether no sign is left that TeX takes for more than itself."""
    rest = COMMAND.sub("", re.sub(r"\\ensuremath\{(\\[a-zA-Z]+(\{[^{}]*\})*|[^\\]*)\}", "", written))
    return written.isascii() and not re.search(r"[\\&%$#_^]", rest)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a_1 & 50 %", r"a\_1 \& 50 \%"),
        (r"\input{x}", r"\textbackslash{}input\{x\}"),
        ("café", r"caf\'{e}"),
        ("δ ≤ ½", r"\ensuremath{\delta} \ensuremath{\leq} \ensuremath{\tfrac{1}{2}}"),
        ("x₁²", r"x\textsubscript{1}\textsuperscript{2}"),
        ("--sizes", "-{}-sizes"),
        ("a – b", "a -- b"),
        ("中", "[U+4E2D]"),
        ("a\nb", "a b"),
        ("<script>$", r"\textless{}script\textgreater{}\$"),
    ],
)
def test_a_text_is_escaped(text: str, written: str) -> None:
    assert escaped(text) == written
    assert is_harmless(written)


@given(st.text(max_size=30))
def test_no_text_holds_a_command(text: str) -> None:
    assert is_harmless(escaped(text))


def test_a_text_that_was_not_escaped_is_found() -> None:
    for text in ("a_b", "50%", "$x$", r"\foo", "é", "a&b"):
        assert not is_harmless(text)


def test_each_letter_of_the_formulas_has_a_command_of_its_own() -> None:
    signs = [unicodedata.normalize("NFC", sign) for sign in re.findall(r".\u0304?", LETTERS)]
    commands = [glyph(sign) for sign in signs]
    assert all(command.startswith("\\") and "mathrm" not in command for command in commands)
    assert len(set(commands)) == len(commands)


@needs_web
def test_katex_and_mathjax_know_each_glyph() -> None:
    commands = [glyph(sign) for sign in LETTERS] + [glyph("a_b % #&$", upright=True), glyph("中"), glyph("a^b~c\\")]
    assert faults_of(commands) == [""] * len(commands)


def test_code_for_verbatim_is_ascii_and_reads_on() -> None:
    assert ascii_code("δ = h − y  # ∂ℓ/∂a") == "delta = h - y  # dloss/da"
