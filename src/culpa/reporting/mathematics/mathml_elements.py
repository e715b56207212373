# SPDX-License-Identifier: MIT
"""Elements of MathML Core: signs, brackets, scripts and names as today's browsers need them to look right.

    scripted(name_of("W"), index, None)     <msub><mi>W</mi>…</msub>
    fenced("(", inside, ")")                brackets that grow only with what is tall

Text is escaped when an element is written out; control characters go before. Knows no tree of expressions.
"""

import re
import unicodedata
from xml.etree.ElementTree import Element

__all__ = ["CLOSE", "MINUS", "THIN", "cleaned", "element", "fenced", "name_of", "one", "row", "scripted", "sign"]

MINUS = "−"
ACCENTS = {"\u0302": "^", "\u0303": "~", "\u0304": "¯", "\u0307": "˙"}
THIN = "0.1667em"
CLOSE = {"lspace": "0", "rspace": "0"}
TIGHT = {",": {"rspace": "0"}, "+": CLOSE, MINUS: CLOSE, "=": CLOSE}
"""Signs that browsers space as widely in an index as on the line, where TeX puts them close."""


def element(name: str, *inside: "Element | str", **attributes: str) -> Element:
    """An element with text or other elements in it."""
    made = Element(name, attributes)
    for thing in inside:
        if isinstance(thing, str):
            made.text = cleaned(thing)
        else:
            made.append(thing)
    return made


def cleaned(text: str) -> str:
    """Without the control characters that no document may have; brackets and ampersands are escaped on the way out."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", "\ufffd", text)


def row(*inside: Element) -> Element:
    """Several elements side by side."""
    return element("mrow", *inside)


def sign(text: str, **attributes: str) -> Element:
    """An operator."""
    return element("mo", text, **attributes)


def fenced(left: str, inside: Element, right: str) -> Element:
    """Something between brackets, which grow with what is tall."""
    grows = any(part.tag in ("mfrac", "mtable") or part.text == "∑" for part in inside.iter())
    tall = {} if grows else {"stretchy": "false"}
    return row(sign(left, **tall), inside, sign(right, **tall))


def scripted(base: Element, lower: "Element | None", upper: "Element | None") -> Element:
    """A base with what stands below and above it."""
    lower, upper = tightened(lower), tightened(upper)
    if lower is not None and upper is not None:
        return element("msubsup", base, lower, upper)
    if lower is not None:
        return element("msub", base, lower)
    return base if upper is None else element("msup", base, upper)


def tightened(script: "Element | None") -> "Element | None":
    """A script whose signs have no space around them."""
    for part in [] if script is None else script.iter("mo"):
        part.attrib.update(TIGHT.get(part.text or "", {}))
    return script


def name_of(glyph: str, upright: bool = False) -> Element:
    """A letter in italics, with its hat if it has one; the letters of a name like dZ each in italics."""
    parts = unicodedata.normalize("NFD", glyph)
    if len(parts) == 2 and parts[1] in ACCENTS:
        return element("mover", name_of(parts[0], upright), sign(ACCENTS[parts[1]], stretchy="false"), accent="true")
    if len(glyph) == 1:
        # NOTE: σ and φ are names of functions, and yet every book has them in italics; Φ it has not.
        is_italic = not upright or "α" <= glyph <= "ω"
        return element("mi", glyph, **({} if is_italic else {"mathvariant": "normal"}))
    return element("mi", glyph) if upright else row(*(element("mi", letter) for letter in glyph))


def one(glyphs: list[Element]) -> Element:
    """Several scripts in one place as one element."""
    return glyphs[0] if len(glyphs) == 1 else row(*glyphs)
