# SPDX-License-Identifier: MIT
r"""Unicode signs in LaTeX: δ is \delta in a formula, and \ensuremath{\delta} in a sentence; é is \'{e}.

What comes out is ASCII, so that every TeX takes it without a package for fonts or encodings. Knows no expression.
"""

import unicodedata

__all__ = ["ascii_code", "escaped", "glyph"]


def table(text: str) -> dict[str, str]:
    """Pairs of a sign and what it becomes, as they stand side by side in a text."""
    entries = text.split()
    return dict(zip(entries[::2], entries[1::2], strict=True))


COMMANDS = table(
    r"""
    α \alpha  β \beta  γ \gamma  δ \delta  ε \varepsilon  ϵ \epsilon  ζ \zeta  η \eta  θ \theta  ι \iota  κ \kappa
    λ \lambda  μ \mu  ν \nu  ξ \xi  π \pi  ρ \rho  σ \sigma  ς \varsigma  τ \tau  υ \upsilon  φ \varphi  ϕ \phi
    χ \chi  ψ \psi  ω \omega  Γ \Gamma  Δ \Delta  Θ \Theta  Λ \Lambda  Ξ \Xi  Π \Pi  Σ \Sigma  Υ \Upsilon  Φ \Phi
    Ψ \Psi  Ω \Omega  µ \mu
    ℓ \ell  𝓛 \mathcal{L}  ℒ \mathcal{L}  ℝ \mathbb{R}  𝔼 \mathbb{E}  ∂ \partial  ∇ \nabla  ∞ \infty  ∅ \emptyset
    ⊙ \odot  · \cdot  × \times  ÷ \div  ± \pm  − -  ‐ -  ∘ \circ  ⊗ \otimes  ∑ \sum  ∏ \prod  √ \surd  ½ \tfrac{1}{2}
    ≠ \neq  ≤ \leq  ≥ \geq  ≈ \approx  ≡ \equiv  ∼ \sim  ∝ \propto  ∈ \in  ∀ \forall  ∃ \exists  ‖ \Vert  □ \square
    → \to  ← \leftarrow  ↦ \mapsto  ⇒ \Rightarrow  ⋯ \cdots  ⋮ \vdots  ⋱ \ddots  ᵀ {}^{\top}  ⊤ \top  ′ '  ° {}^{\circ}
    """
)
"""What a sign is in a formula."""
WORDS = {"\u200b": "{}", "\u00a0": "~", "\u2009": r"\,", **dict.fromkeys("\n\t\r\v\f", " ")} | table(
    r"""
    \ \textbackslash{}  ~ \textasciitilde{}  ^ \textasciicircum{}  < \textless{}  > \textgreater{}  | \textbar{}
    & \&  % \%  $ \$  # \#  _ \_  { \{  } \}  " ''  ` \`{}  – --  — ---  … \ldots{}  ’ '  ‘ `  “ ``  ” ''  „ ,,
    • \textbullet{}  § \S{}  ✓ \ensuremath{\surd}  ✗ \ensuremath{\times}  ß \ss{}  ø \o{}  Ø \O{}  æ \ae{}  Æ \AE{}
    œ \oe{}  Œ \OE{}  ł \l{}  Ł \L{}  ı \i{}
    """
)
"""What a sign is in a sentence, where it is no formula."""
ACCENTS = dict(
    zip("\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0327\u0328", "`'^~=u.\"rHvck", strict=True)
)
HATS = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0307": "dot", "\u0308": "ddot"}
NAMES = {"ℓ": "loss", "𝓛": "Loss", "∂": "d", "−": "-", "·": "*", "×": "x", "–": "-", "—": "-", "…": "...", "′": "'"}


def glyph(sign: str, *, upright: bool = False) -> str:
    r"""A letter's glyph in a formula.

    Example:
        >>> glyph("δ"), glyph("ŷ"), glyph("dZ"), glyph("leaky relu", upright=True)
        ('\\delta', '\\hat{y}', 'dZ', '\\mathrm{leaky\\ relu}')
    """
    base, *marks = list(unicodedata.normalize("NFD", sign))
    if marks and all(mark in HATS for mark in marks):
        inner = glyph(base, upright=upright)
        for mark in marks:
            inner = f"\\{HATS[mark]}{{{inner}}}"
        return inner
    parts = [in_formula(char) for char in unicodedata.normalize("NFC", sign)]
    inside = "".join(f"{part} " if part[-1].isalpha() and part[0] == "\\" else part for part in parts).rstrip()
    return f"\\mathrm{{{inside}}}" if upright and sign not in COMMANDS else inside


def in_formula(char: str) -> str:
    """One character of a glyph."""
    if char in COMMANDS:
        return COMMANDS[char]
    if char.isascii():
        return {" ": "\\ ", "\\": r"\backslash", "~": r"\sim", "^": r"\wedge"}.get(
            char, f"\\{char}" if char in "&%$#_{}" else char
        )
    plain = unicodedata.normalize("NFKD", char)[0]
    return plain if plain.isascii() and plain.isalnum() else f"[\\mathrm{{U{ord(char):04X}}}]"


def escaped(text: str) -> str:
    r"""Any text as words in a LaTeX document: no sign in it is a command, and none is missing from TeX's fonts.

    Example:
        >>> escaped("a_1 & 50 % café δ")
        "a\\_1 \\& 50 \\% caf\\'{e} \\ensuremath{\\delta}"
    """
    # Two hyphens side by side would become one dash.
    return "".join(map(in_words, unicodedata.normalize("NFC", text).replace("--", "-\u200b-")))


def in_words(char: str) -> str:
    """One character of a text; one that TeX has no letter for is named by its number."""
    if char in WORDS:
        return WORDS[char]
    if char.isascii():
        return char if char.isprintable() else " "
    if char in COMMANDS:
        return f"\\ensuremath{{{COMMANDS[char]}}}"
    kind, plain = unicodedata.decomposition(char).split(" ")[0], unicodedata.normalize("NFKD", char)
    if kind in ("<sub>", "<super>") and plain.isascii():
        return f"\\text{'sub' if kind == '<sub>' else 'super'}script{{{plain}}}"
    base, *marks = list(unicodedata.normalize("NFD", char))
    if len(marks) == 1 and marks[0] in ACCENTS and base.isascii():
        return f"\\{ACCENTS[marks[0]]}{{{base}}}"
    return f"[U+{ord(char):04X}]"


def ascii_code(statement: str) -> str:
    """A line of code in ASCII, for verbatim: letters by their names."""
    known = {sign: command.lstrip("\\") for sign, command in COMMANDS.items() if command[1:].isalpha()} | NAMES
    return "".join(char if char.isascii() else known.get(char, "?") for char in statement)
