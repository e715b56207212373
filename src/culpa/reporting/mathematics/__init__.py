# SPDX-License-Identifier: MIT
"""Mathematics on a page: a neutral tree of expressions, and its printers for LaTeX, MathML, plain text and speech."""
