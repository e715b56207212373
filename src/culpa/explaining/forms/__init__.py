# SPDX-License-Identifier: MIT
"""The forms of a derivation: text, Markdown, LaTeX, and the page with what lights up on it."""
