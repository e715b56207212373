# SPDX-License-Identifier: MIT
"""The math font: it is whole and small, it can stretch brackets, and no formula has a glyph that it lacks."""

import base64
import io
import re
import runpy
import struct
import unicodedata
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from culpa.reporting.font import FAMILY, font_data, font_face
from culpa.reporting.mathematics.expressions import Equation, Letter, Number
from culpa.reporting.mathematics.mathml import mathml
from tests.reporting.mathematics.test_mathml import FORMS
from tests.reporting.mathematics.trees import house_formulas

ROOT = Path(__file__).parents[2]
SCRIPT = runpy.run_path(str(ROOT / "docs/font.py"))
TAGS = [
    "cmap", "head", "hhea", "hmtx", "maxp", "name", "OS/2", "post", "cvt ", "fpgm", "glyf", "loca", "prep", "CFF ",
    "VORG", "EBDT", "EBLC", "gasp", "hdmx", "kern", "LTSH", "PCLT", "VDMX", "vhea", "vmtx", "BASE", "GDEF", "GPOS",
    "GSUB", "EBSC", "JSTF", "MATH",
]  # fmt: skip
"""The tables that woff2 knows by number, up to the one that matters here (WOFF2, section 5.1)."""


def tables(data: bytes) -> set[str]:
    """The tables of a woff2 file, by its header and directory alone."""
    signature, _, length, count = struct.unpack(">4sIIH", data[:14])
    if signature != b"wOF2" or length != len(data):
        raise ValueError("no whole woff2 file")
    stream, found = io.BytesIO(data[48:]), set()
    for _ in range(count):
        flags = stream.read(1)[0]
        tag = TAGS[flags & 63] if flags & 63 != 63 else stream.read(4).decode("ascii")
        found.add(tag)
        skip_number(stream)
        transformed = (flags >> 6 == 0) if tag in ("glyf", "loca") else (flags >> 6 != 0)
        if transformed:
            skip_number(stream)
    return found


def skip_number(stream: io.BytesIO) -> None:
    """Pass over a number of seven bits a byte."""
    while stream.read(1)[0] & 128:
        pass


def drawn(text: str) -> str:
    """The characters that a browser draws for a formula: a single letter in `mi` is an italic one."""
    characters = ""
    for element in ET.fromstring(text).iter():
        own = element.text or ""
        is_italic = element.tag == "mi" and len(own) == 1 and element.get("mathvariant") is None
        characters += italic(own) if is_italic else own
    return characters


def italic(letter: str) -> str:
    """A letter in mathematical italics, of which Unicode has the Latin and the Greek ones; h is older than the rest."""
    if letter == "h":
        return "ℎ"
    names = {"∂": "PARTIAL DIFFERENTIAL"}
    name = names.get(letter) or re.sub("^(GREEK|LATIN) | LETTER", "", unicodedata.name(letter))
    try:
        return unicodedata.lookup(f"MATHEMATICAL ITALIC {name}")
    except KeyError:
        return letter


def emitted() -> set[str]:
    """Every character in the pinned forms and in the house's own formulas."""
    trees = [*(tree for tree, _ in FORMS.values()), *house_formulas()]
    return set().union(*(drawn(mathml(tree)) for tree in trees))


def test_the_font_is_whole_small_and_can_stretch_brackets():
    assert {"MATH", "cmap", "glyf", "head", "name", "OS/2"} <= tables(font_data())
    assert len(font_data()) <= 40_000


def test_a_broken_font_and_one_without_a_math_table_would_be_noticed():
    with pytest.raises(ValueError, match="whole"):
        tables(font_data()[:-1])
    with pytest.raises(ValueError, match="whole"):
        tables(b"wOFF" + font_data()[4:])
    renamed = bytearray(font_data())
    assert renamed[48] == TAGS.index("MATH")
    renamed[48] = TAGS.index("kern")
    assert "MATH" not in tables(bytes(renamed))


def test_the_rule_of_css_holds_the_whole_font_and_needs_no_other_file():
    face = font_face()
    assert base64.b64decode(re.search(r"base64,([^\"]*)\"", face).group(1)) == font_data()
    assert re.findall(r"url\(\"(.{5})", face) == ["data:"]
    assert face.count(f'font-family: "{FAMILY}"') == 2


def test_the_licence_lies_beside_the_font():
    folder = files("culpa.reporting") / "fonts"
    licence = (folder / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert licence.startswith("Copyright 2001-2021 The STIX Fonts Project Authors")
    assert "Reserved Font Name" not in licence.split("-----")[0]


def test_no_formula_has_a_character_that_the_font_was_not_made_with():
    assert {ord(character) for character in emitted()} - SCRIPT["CHARACTERS"] == set()
    assert {"ℎ", "𝛿", "𝑊", "𝜕", "∇", "⊙", "⊤", "∑", "⋱", "𝓛", "ℓ", "−", "×"} <= emitted()


def test_a_character_that_the_font_lacks_would_be_noticed():
    text = mathml(Equation((Letter("☃"), Number(1.5))))
    assert {c for c in drawn(text) if ord(c) not in SCRIPT["CHARACTERS"]} == {"☃"}


def test_the_file_has_every_glyph_it_was_made_with_and_the_pieces_of_brackets():
    fonts = pytest.importorskip("fontTools.ttLib", reason="fontTools reads the glyphs of the font")
    pytest.importorskip("brotli", reason="brotli unpacks woff2")
    font = fonts.TTFont(io.BytesIO(font_data()))
    glyphs = font.getBestCmap()
    assert SCRIPT["CHARACTERS"] - set(glyphs) <= {0x1D455}  # italic h has no place there: it is ℎ
    variants = font["MATH"].table.MathVariants
    grown = dict(zip(variants.VertGlyphCoverage.glyphs, variants.VertGlyphConstruction, strict=True))
    assert all(grown[glyphs[ord(sign)]].GlyphAssembly for sign in "()[]{}|")
    assert len(grown[glyphs[ord("∑")]].MathGlyphVariantRecord) > 1
    assert "☃" not in map(chr, glyphs)
    assert font["name"].getDebugName(1) == FAMILY
    assert "STIX Fonts Project Authors" in font["name"].getDebugName(0)
