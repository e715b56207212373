# SPDX-License-Identifier: MIT
"""Make the math font of the pages: the part of STIX Two Math that formulas need, under a name of its own.

    pip install fonttools brotli
    npm pack @fontsource/stix-two-math@5.3.0 && tar xzf fontsource-stix-two-math-5.3.0.tgz
    python docs/font.py package/files/stix-two-math-latin-400-normal.woff2

Keeps the MATH table, by which browsers stretch brackets and place scripts and fractions. The font's licence (SIL Open
Font License 1.1, no reserved name) lies beside it; the same font gives the same file, to the byte.
"""

import string
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

FAMILY = "Culpa Math"
OUT = Path(__file__).parents[1] / "src/culpa/reporting/fonts/culpa-math.woff2"

ITALIC_LATIN = [*range(0x1D434, 0x1D468)]
ITALIC_GREEK = [*range(0x1D6E2, 0x1D71C)]
CAPITAL_GREEK = [*range(0x0391, 0x03A2), *range(0x03A3, 0x03AA)]
SIGNS = "ℎℓ𝓛∂∇⊤⊙·×−+=≈≠<>≤≥()[]{}|‖,.;:/%!′⋯⋮⋱…∞–^~¯˙ˆ˜∑∈ℝ√→ \u00a0\u2061\u2062\u2063\u2009"
CHARACTERS = {*map(ord, string.ascii_letters + string.digits + SIGNS), *ITALIC_LATIN, *ITALIC_GREEK, *CAPITAL_GREEK}
NAMES = {1: FAMILY, 3: "culpa; a part of STIX Two Math 2.12 b168a", 4: FAMILY, 6: "CulpaMath-Regular"}
PRIME = 1.35
KEPT = {0, 2, 5, 14}
"""Copyright, style, version and where the licence is."""


def subset(source: Path) -> "TTFont":
    """Only what formulas need, with the pieces and sizes of every sign that stretches."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    options = Options(
        layout_features=[],
        hinting=False,
        glyph_names=False,
        notdef_outline=True,
        name_IDs=[*KEPT, *NAMES],
        name_languages=[0x409],
        recalc_timestamp=False,
        drop_tables=["GDEF", "GPOS", "GSUB", "gasp"],
    )
    font = TTFont(source, recalcTimestamp=False)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=CHARACTERS)
    subsetter.subset(font)
    for entry in font["name"].names:
        entry.string = NAMES.get(entry.nameID, entry.toUnicode())
    return font


def enlarge_prime(font: "TTFont") -> None:
    """Make the prime larger and lower: it stands in superscripts only, and was drawn to stand on the line."""
    name = font.getBestCmap()[ord("′")]
    glyph, (advance, _) = font["glyf"][name], font["hmtx"][name]
    glyph.coordinates.scale((PRIME, PRIME))
    glyph.coordinates.translate((0, 120 - round(PRIME * glyph.yMin)))
    glyph.coordinates.toInt()
    glyph.recalcBounds(font["glyf"])
    font["hmtx"][name] = (round(PRIME * advance), glyph.xMin)


if __name__ == "__main__":
    font = subset(Path(sys.argv[1]))
    enlarge_prime(font)
    font.flavor = "woff2"
    font.save(OUT)
    print(OUT.name, OUT.stat().st_size, "bytes,", len(font.getGlyphOrder()), "glyphs")
