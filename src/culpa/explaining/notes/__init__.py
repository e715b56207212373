# SPDX-License-Identifier: MIT
"""A derivation in somebody's note, of which no other byte changes."""
